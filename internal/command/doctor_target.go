package command

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/doctor"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/remote"
	"git-credential-codecommit/internal/setup"
)

// doctorTargets returns the repositories to check: the URL's, a remote's, or those
// of all remotes. Remotes that are not CodeCommit's are skipped, unless args names
// one that has no CodeCommit URL.
func doctorTargets(ctx context.Context, p cli.Process, d *doctor.Doctor, args []string) ([]doctor.Target, error) {
	remotes, err := remoteURLs(ctx, d, args)
	var run *gitconfig.RunError
	if errors.As(err, &run) && run.Unsafe() != "" && (len(args) == 0 || !strings.Contains(args[0], ":")) {
		return nil, &cli.Error{Err: err, Fix: []cli.Hint{setup.TrustRepository(run)}}
	}
	if errors.As(err, &run) && !run.NoRepository() && len(args) == 0 {
		return nil, cli.WithHints(fmt.Errorf("git cannot use the repository in this folder: %w", err), cli.Run("git status"))
	}
	if err != nil && run == nil {
		return nil, err
	}
	ours := func(t doctor.Target) bool { return looksOurs(d, t.URL) || t.Typed != "" && looksOurs(d, t.Typed) }
	if len(args) == 1 {
		remotes = slices.DeleteFunc(remotes, func(t doctor.Target) bool { return t.Remote != args[0] && t.URL != args[0] && t.Typed != args[0] })
	}
	if len(args) == 0 || slices.ContainsFunc(remotes, ours) {
		remotes = slices.DeleteFunc(remotes, func(t doctor.Target) bool { return !ours(t) })
	}
	switch {
	case len(remotes) > 0:
		return targets(ctx, p, d, remotes), nil
	case len(args) == 1 && strings.Contains(args[0], ":"):
		t := doctor.Target{URL: args[0]}
		if used, by := gitconfig.Rewrite(d.Entries, args[0], false); by.Name != "" {
			t.URL, t.Typed, t.By = used, args[0], by
		}
		return targets(ctx, p, d, []doctor.Target{t}), nil
	case len(args) == 1:
		return nil, &cli.Error{
			Err:  fmt.Errorf("%s is neither a URL nor the name of a remote", cli.Quote(cli.RedactURL(args[0]))),
			Fix:  []cli.Hint{cli.Advice("the form is https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME")},
			Exit: cli.ExitUsage,
		}
	}
	// After setup and before the first clone, check everything except the
	// repository.
	if host := usualHost(p, d); host != "" {
		return []doctor.Target{{URL: "https://" + host}}, nil
	}
	return nil, &cli.Error{
		Err:  errors.New("no CodeCommit remote in this repository, and no region configured"),
		Fix:  []cli.Hint{cli.RunThis("doctor URL")},
		Exit: cli.ExitUsage,
	}
}

// maxRemotes limits the remotes whose URLs are looked up, with two git processes
// each.
const maxRemotes = 100

// remoteURLs returns the URLs of the current repository's remotes, as git uses
// them: of the one that args names, or else of all. If there are more than
// maxRemotes, it returns none for a URL in args, or else an error. A RunError says
// why git cannot use the repository.
func remoteURLs(ctx context.Context, d *doctor.Doctor, args []string) ([]doctor.Target, error) {
	output, err := d.Git.Output(ctx, "remote")
	if err != nil {
		return nil, err
	}
	names := strings.FieldsFunc(output, func(r rune) bool { return r == '\n' })
	switch {
	case len(args) == 1 && slices.Contains(names, args[0]):
		names = args
	case len(names) > maxRemotes && len(args) == 1:
		return nil, nil
	case len(names) > maxRemotes:
		return nil, cli.WithHints(fmt.Errorf("this repository has more than %d remotes", maxRemotes), cli.RunThis("doctor REMOTE").When("to check one of them"))
	}
	var remotes []doctor.Target
	for _, name := range names {
		// Fetch and push can have different URLs.
		for _, push := range [][]string{nil, {"--push"}} {
			urls, err := d.Git.Output(ctx, slices.Concat([]string{"remote", "get-url"}, push, []string{"--all", "--", name})...)
			if err != nil {
				continue
			}
			for u := range strings.Lines(urls) {
				t := doctor.Target{URL: strings.TrimSuffix(u, "\n"), Remote: name, Push: push != nil}
				t.Typed, t.By = typed(d.Entries, t)
				if !slices.ContainsFunc(remotes, func(r doctor.Target) bool { return r.URL == t.URL && r.Remote == name }) {
					remotes = append(remotes, t)
				}
			}
		}
	}
	return remotes, nil
}

// typed returns the URL in a remote's configuration that git rewrites to the
// target's URL, and the entry that makes git do so; "" if there is none.
func typed(entries []gitconfig.Entry, t doctor.Target) (string, gitconfig.Entry) {
	for _, e := range entries {
		if e.Section != "remote" || e.Subsection != t.Remote || e.Name != "url" && e.Name != "pushurl" {
			continue
		}
		if used, by := gitconfig.Rewrite(entries, e.Value, t.Push && e.Name == "url"); by.Name != "" && used == t.URL {
			return e.Value, by
		}
	}
	return "", gitconfig.Entry{}
}

// looksOurs reports whether a remote is meant for CodeCommit, even if its URL is
// wrong.
func looksOurs(d *doctor.Doctor, address string) bool {
	if remote.IsURL(address) || doctor.SuggestURL(address) != "" {
		return true
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if _, ours := codecommit.ParseEndpoint(u.Host); ours {
		return true
	}
	selection, err := d.SelectionFor(address)
	if err != nil {
		return false
	}
	_, ours := selection.Endpoint(u.Host)
	return ours
}

// targets replaces codecommit:// URLs with the https URLs that
// git-remote-codecommit uses. URLs that cannot be resolved become failed checks in
// the report.
func targets(ctx context.Context, p cli.Process, d *doctor.Doctor, all []doctor.Target) []doctor.Target {
	for i, t := range all {
		if !remote.IsURL(t.URL) {
			continue
		}
		all[i].CodeCommitURL = t.URL
		all[i].URL, all[i].Selection, all[i].Err = remoteTarget(ctx, p, d, t.URL)
	}
	return all
}

// remoteTarget returns the https URL for a codecommit:// URL, and the selection of
// its credentials. A suffix .git is kept, so that doctor can say how to fix it.
func remoteTarget(ctx context.Context, p cli.Process, d *doctor.Doctor, address string) (string, *doctor.Selection, error) {
	bare, dotGit := strings.CutSuffix(address, codecommit.DotGit)
	u, err := remote.Parse(bare)
	if err != nil {
		return "", nil, err
	}
	target, err := remote.Resolver{Process: p, Git: d.Git, ParseFlags: parseQuery}.Resolve(ctx, u)
	if err != nil {
		return "", nil, err
	}
	selection, err := selectionOf(p, target.Args, nil)
	if err != nil {
		return "", nil, err
	}
	if dotGit {
		target.HTTPS += codecommit.DotGit
	}
	return target.HTTPS, &selection, nil
}

// usualHost returns CodeCommit's host name in the configured region; "" if there is
// no region.
func usualHost(p cli.Process, d *doctor.Doctor) string {
	region := p.Getenv("AWS_REGION")
	if region == "" {
		region = p.Getenv("AWS_DEFAULT_REGION")
	}
	// Setup writes the same helper line for all hosts.
	if selection, err := d.SelectionFor("https://" + codecommit.Host("us-east-1", false)); err == nil {
		if chain, err := selection.Chain(); err == nil {
			region = chain.Settings.Region
		}
	}
	if !codecommit.ValidRegion(region) {
		return ""
	}
	return codecommit.Host(strings.ToLower(region), false)
}
