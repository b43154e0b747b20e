package setup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// targets are the URL patterns that the request is for: those of one repository,
// or of one partition with the literal hosts of the region, or of all partitions.
func (s *Setup) targets(effective []gitconfig.Entry, value string) []Target {
	var targets []Target
	add := func(url string, literal bool) {
		noEmptyAuth := gitconfig.EmptyAuth(effective, strings.ReplaceAll(url, "*", "any"))
		targets = append(targets, Target{URL: url, Helper: value, Literal: literal, NoEmptyAuth: noEmptyAuth && !literal})
	}
	if s.Repository != "" {
		add(s.Repository, false)
		return targets
	}
	partition, region := s.place()
	patterns := partition.HostPatterns()
	if s.AllPartitions {
		patterns = codecommit.HostPatterns()
	}
	for _, host := range patterns {
		add("https://"+host, false)
	}
	if region != "" {
		for _, host := range codecommit.Hosts(region) {
			add("https://"+host, true)
		}
	}
	for _, host := range s.AllowHosts {
		add("https://"+strings.ToLower(host), false)
	}
	return targets
}

// place is the partition of the last role, or else of the region, and the region
// if it is one of that partition. Credentials are valid in one partition only.
func (s *Setup) place() (codecommit.Partition, string) {
	role, region := "", strings.ToLower(s.Region)
	if s.NewProfile != nil {
		role = s.NewProfile.Role.ARN
	} else if s.Query.Role != nil {
		role = s.Query.Role.ARN
	}
	chain, err := s.AWS.Resolve(s.Query) // an error is reported later
	if err == nil {
		if n := len(chain.Roles); n > 0 && role == "" {
			role = chain.Roles[n-1].ARN
		}
		if region == "" {
			region = chain.Settings.Region
		}
	}
	for _, variable := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if region == "" {
			region = strings.ToLower(s.Process.Getenv(variable))
		}
	}
	if !codecommit.ValidRegion(region) {
		region = ""
	}
	partition := codecommit.PartitionOf(region)
	if name, err := arn.Parse(role); err == nil {
		if p, ok := codecommit.PartitionByID(name.Partition); ok && p.ID != partition.ID {
			return p, ""
		}
	}
	return partition, region
}

// keepEarlier takes the credential flags of an earlier setup, or the profile of
// another helper for CodeCommit, for a request that names no credentials. It
// returns the entry that they come from.
func (s *Setup) keepEarlier(config gitconfig.Configuration, earlier []Target) (from string, kept []string) {
	if s.Query.Profile != "" || s.Query.Role != nil || s.Query.CredentialSource != "" || s.NewProfile != nil {
		return "", nil
	}
	for _, t := range earlier {
		if s.Repository != t.URL && (s.Repository != "" || hasPath(t.URL)) {
			continue
		}
		if line, ok := helper.ParseLine(t.Helper); ok && len(s.Args) == 0 && len(line.Args) > 0 {
			return s.file, line.Args
		}
		if profile := profileOf(t.Helper); profile != "" {
			return s.file, []string{"--profile", profile}
		}
		return "", nil
	}
	if len(earlier) > 0 || s.Scope != gitconfig.Global {
		return "", nil
	}
	url := s.Repository
	if url == "" {
		partition, _ := s.place()
		url = "https://" + strings.ReplaceAll(partition.HostPatterns()[0], "*", "any") + "/v1/repos/any"
	}
	for _, e := range gitconfig.CredentialOf(config.Under(func(string) bool { return false }), url, gitconfig.Proactive).Helpers {
		if e.Scope != gitconfig.Global && e.Scope != gitconfig.System {
			continue
		}
		if profile := profileOf(e.Value); profile != "" {
			return shownKey(e) + place(e), []string{"--profile", profile}
		}
	}
	return "", nil
}

// folder is how the request's folder is written to git's configuration: git
// compares with real paths.
// See gitdir in git-config(1), Conditional includes.
func (s *Setup) folder() (Folder, error) {
	path, err := filepath.Abs(s.Folder)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return Folder{}, cli.WithHints(fmt.Errorf("--folder %s does not exist", cli.Quote(s.Folder)), cli.Advice("create the folder first"))
	}
	path = strings.TrimRight(filepath.ToSlash(path), "/") + "/"
	pattern := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
	sum := sha256.Sum256([]byte(path))
	name := strings.Map(func(r rune) rune {
		if r < '~' && (r == '-' || r == '_' || r == '.' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z') {
			return r
		}
		return '_'
	}, filepath.Base(path))
	absolute, err := filepath.Abs(s.file)
	if err != nil {
		return Folder{}, err
	}
	return Folder{
		Condition: "gitdir:" + pattern,
		File:      filepath.ToSlash(absolute) + folderFileInfix + name[:min(len(name), 32)] + "-" + hex.EncodeToString(sum[:4]),
	}, nil
}

// place names the file of an entry.
func place(e gitconfig.Entry) string {
	if path := e.File(); path != "" {
		return " (" + path + ")"
	}
	if e.Scope == "command" {
		return " (command line or environment)"
	}
	return ""
}

// profilesOf are the profiles that targets name.
func profilesOf(targets []Target) (names []string) {
	for _, t := range targets {
		if name := helper.LineProfile(t.Helper); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
