package main

import (
	_ "embed"
	"encoding/json"
	"io"
	"text/template"
)

//go:embed formula.rb.tmpl
var formulaText string

// formula writes the Homebrew formula: https://docs.brew.sh/Formula-Cookbook.
func (r *release) formula() error {
	type download struct{ On, CPU, URL, SHA256 string }
	downloads := map[string][]download{}
	for _, t := range r.targets {
		on := map[string]string{"darwin": "on_macos", "linux": "on_linux"}[t.os]
		cpu := map[string]string{"amd64": "on_intel", "arm64": "on_arm"}[t.arch]
		if on != "" && cpu != "" {
			downloads[on] = append(downloads[on], download{on, cpu, r.url(t), r.sums[r.archiveFile(t)]})
		}
	}
	if len(downloads) == 0 {
		return nil
	}
	tmpl, err := template.New("").Parse(formulaText)
	if err != nil {
		return err
	}
	return r.write(helperName+".rb", func(w io.Writer) error {
		return tmpl.Execute(w, map[string]any{
			"Summary": summary, "Homepage": r.homepage, "Version": r.version,
			"Helper": helperName, "Remote": remoteName, "Downloads": downloads,
		})
	})
}

// manifest writes the Scoop manifest:
// https://github.com/ScoopInstaller/Scoop/wiki/App-Manifests.
func (r *release) manifest() error {
	type download struct {
		URL        string `json:"url"`
		Hash       string `json:"hash"`
		ExtractDir string `json:"extract_dir"`
	}
	downloads := map[string]download{}
	for _, t := range r.targets {
		if t.os == "windows" {
			bits := map[string]string{"amd64": "64bit", "arm64": "arm64"}[t.arch]
			downloads[bits] = download{r.url(t), r.sums[r.archiveFile(t)], r.archiveName(t)}
		}
	}
	if len(downloads) == 0 {
		return nil
	}
	return r.write(helperName+".json", func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "    ")
		return e.Encode(struct {
			Version      string              `json:"version"`
			Description  string              `json:"description"`
			Homepage     string              `json:"homepage"`
			License      string              `json:"license"`
			Depends      string              `json:"depends"`
			Architecture map[string]download `json:"architecture"`
			Bin          []string            `json:"bin"`
		}{
			r.version, summary, r.homepage, "Unknown", "git", downloads,
			[]string{helperName + ".exe", remoteName + ".exe"},
		})
	})
}

// url is where an archive will be downloaded from.
func (r *release) url(t target) string { return r.baseURL + "/" + r.archiveFile(t) }
