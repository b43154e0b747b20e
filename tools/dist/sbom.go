package main

import (
	"cmp"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// sbom writes what the programs are made of, as the build information that Go
// put into each of them tells: https://cyclonedx.org/docs/1.6/json/.
func (r *release) sbom() error {
	application := cdx.Component{
		Type: cdx.ComponentTypeApplication, BOMRef: helperName, Name: helperName, Version: r.version,
		Description: summary, PackageURL: "pkg:generic/" + helperName + "@" + strings.ReplaceAll(r.version, "+", "%2B"),
		Properties: &[]cdx.Property{{Name: "commit", Value: r.commit}},
	}
	var (
		programs, libraries []cdx.Component
		dependencies        []cdx.Dependency
		seen                = map[string]bool{}
		refs                []string
	)
	for _, t := range r.targets {
		program, modules, err := r.inventory(t)
		if err != nil {
			return err
		}
		programs, refs = append(programs, program), append(refs, program.BOMRef)
		var uses []string
		for _, m := range modules {
			uses = append(uses, m.BOMRef)
			if !seen[m.BOMRef] {
				seen[m.BOMRef] = true
				libraries = append(libraries, m)
			}
		}
		slices.Sort(uses)
		dependencies = append(dependencies, cdx.Dependency{Ref: program.BOMRef, Dependencies: &uses})
	}
	slices.SortFunc(libraries, func(a, b cdx.Component) int { return cmp.Compare(a.BOMRef, b.BOMRef) })
	dependencies = append([]cdx.Dependency{{Ref: application.BOMRef, Dependencies: &refs}}, dependencies...)

	bom := cdx.NewBOM()
	bom.SerialNumber = serialNumber(r.version, r.commit, programs)
	bom.Metadata = &cdx.Metadata{Timestamp: r.time.Format(time.RFC3339), Component: &application}
	components := append(programs, libraries...)
	bom.Components, bom.Dependencies = &components, &dependencies
	return r.write(helperName+"-"+r.version+".cdx.json", func(w io.Writer) error {
		return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6)
	})
}

// inventory is the program for a target and the modules in it, Go's own library
// among them.
func (r *release) inventory(t target) (program cdx.Component, modules []cdx.Component, err error) {
	content, err := os.ReadFile(r.binary(t))
	if err != nil {
		return program, nil, err
	}
	info, err := buildinfo.ReadFile(r.binary(t))
	if err != nil {
		return program, nil, err
	}
	sum := sha256.Sum256(content)
	properties := []cdx.Property{{Name: "go", Value: info.GoVersion}}
	for _, s := range info.Settings {
		properties = append(properties, cdx.Property{Name: s.Key, Value: s.Value})
	}
	name := t.os + "-" + t.archive + "/" + helperName + t.exe()
	program = cdx.Component{
		Type: cdx.ComponentTypeFile, BOMRef: name, Name: name, Version: r.version,
		Hashes:     &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}},
		Properties: &properties,
	}
	modules = append(modules, library(&debug.Module{Path: "stdlib", Version: strings.TrimPrefix(info.GoVersion, "go")}))
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		modules = append(modules, library(dep))
	}
	return program, modules, nil
}

// library is a Go module, named as https://github.com/package-url/purl-spec does.
func library(m *debug.Module) cdx.Component {
	purl := "pkg:golang/" + m.Path + "@" + strings.ReplaceAll(m.Version, "+", "%2B")
	c := cdx.Component{Type: cdx.ComponentTypeLibrary, BOMRef: purl, Name: m.Path, Version: m.Version, PackageURL: purl}
	if m.Sum != "" {
		// Not a hash of one file, and so none of CycloneDX's.
		c.Properties = &[]cdx.Property{{Name: "go.sum", Value: m.Sum}}
	}
	return c
}

// serialNumber is a UUID (RFC 9562, version 8) of what the release consists of:
// the same release has the same.
func serialNumber(version, commit string, programs []cdx.Component) string {
	h := sha256.New()
	fmt.Fprintln(h, version, commit)
	for _, p := range programs {
		fmt.Fprintln(h, p.Name, (*p.Hashes)[0].Value)
	}
	id := h.Sum(nil)[:16]
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:])
}
