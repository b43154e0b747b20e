package setup

import (
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

// targets returns the URL patterns of the request: one repository, or the patterns
// of one partition with the literal hosts of the region, or all partitions.
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
	partition, region := s.partitionAndRegion()
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

// partitionAndRegion returns the partition of the last role, or else of the region,
// and the region if it belongs to that partition ("" otherwise). Credentials are
// valid in one partition only.
func (s *Setup) partitionAndRegion() (codecommit.Partition, string) {
	role, region := "", strings.ToLower(s.Region)
	if s.NewProfile != nil {
		role = s.NewProfile.Role.ARN
	} else if s.Query.Role != nil {
		role = s.Query.Role.ARN
	}
	chain, err := s.AWS.Resolve(s.Query) // report prints the error
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

// keepEarlier returns the credential flags of an earlier setup, or the profile of
// another helper for CodeCommit, if the request names no credentials, and where
// they come from.
func (s *Setup) keepEarlier(config gitconfig.Configuration, earlier []Target) (from string, kept []string) {
	if s.Query.Profile != "" || s.Query.Role != nil || s.Query.CredentialSource != "" || s.NewProfile != nil {
		return "", nil
	}
	for _, t := range earlier {
		if s.Repository != t.URL && (s.Repository != "" || hasPath(t.URL)) {
			continue
		}
		return s.keepFlags(t.Helper)
	}
	if value := helperFor(earlier, s.Repository); value != "" { // of the repository's host
		return s.keepFlags(value)
	}
	if s.Scope != gitconfig.Global {
		return "", nil
	}
	url := s.Repository
	if url == "" {
		partition, _ := s.partitionAndRegion()
		url = "https://" + strings.ReplaceAll(partition.HostPatterns()[0], "*", "any") + "/v1/repos/any"
	}
	for _, e := range gitconfig.CredentialOf(config.Under(func(string) bool { return false }), url, gitconfig.Proactive).Helpers {
		if e.Scope != gitconfig.Global && e.Scope != gitconfig.System {
			continue
		}
		if profile := profileOf(e.Value); profile != "" {
			return e.Redacted() + location(e), []string{"--profile", profile}
		}
	}
	return "", nil
}

// keepFlags returns the flags of a helper line that setup wrote, unless the request
// replaces them, and the file that contains it.
func (s *Setup) keepFlags(value string) (from string, kept []string) {
	line, ok := helper.ParseLine(value)
	if !ok {
		return "", nil
	}
	return s.file, missing(line.Args, s.Args)
}

// missing returns the flags of an earlier helper line that the new one does not
// have.
func missing(earlier, now []string) (kept []string) {
	for len(earlier) > 0 {
		n := min(2, len(earlier))
		if n == 2 && strings.HasPrefix(earlier[1], "--") || strings.Contains(earlier[0], "=") {
			n = 1
		}
		if name, _, _ := strings.Cut(earlier[0], "="); !slices.Contains(now, name) {
			kept = append(kept, earlier[:n]...)
		}
		earlier = earlier[n:]
	}
	return kept
}

// valueOf returns the value of a flag in arguments, "" if it is absent.
func valueOf(name string, args []string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, name+"="); ok {
			return value
		}
		if arg == name && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}

// folder returns the request's folder as git's configuration names it. Git compares
// paths with symbolic links resolved.
// See "Conditional includes" in git-config(1).
func (s *Setup) folder() (Folder, error) {
	named := s.Folder
	if rest, ok := strings.CutPrefix(named, "~/"); ok { // a shell does not expand --folder=~/dir
		named = filepath.Join(s.Process.Home(), rest)
	}
	path, err := filepath.Abs(named)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return Folder{}, cli.WithHints(fmt.Errorf("--folder %s does not exist", cli.Quote(s.Folder)), cli.Advice("create the folder first"))
	}
	path = strings.TrimRight(filepath.ToSlash(path), "/") + "/"
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
		Condition: folderCondition(path),
		File:      filepath.ToSlash(absolute) + folderFileInfix + name[:min(len(name), 32)] + "-" + shortSum(path),
	}, nil
}

// FolderOf returns the folder of an include that setup --folder wrote; ok is false
// for other includes.
func FolderOf(include gitconfig.ConditionalInclude) (folder string, ok bool) {
	if !isFolderFile(Folder{Condition: include.Subsection, File: include.IncludedFile}) {
		return "", false
	}
	path, _ := folderOf(include.Subsection)
	return strings.TrimSuffix(path, "/"), true
}

// location returns the file of an entry in parentheses, as the end of a message.
func location(e gitconfig.Entry) string {
	if path := e.File(); path != "" {
		return " (" + path + ")"
	}
	if e.Scope == "command" {
		return " (command line or environment)"
	}
	return ""
}

// profilesOf returns the profiles that targets use.
func profilesOf(targets []Target) (names []string) {
	for _, t := range targets {
		if name := helper.LineProfile(t.Helper); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
