package remote

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// An lfsRemote is a remote with a codecommit:// URL, for git-lfs.
type lfsRemote struct {
	name    string // of the remote
	address string // the URL as git passes it to the remote helper
	host    string
	profile string // "" for none
	repo    string
	line    string // the value of credential.helper for this profile
}

// configureLFS writes to the repository's configuration what git-lfs needs for a
// remote with a codecommit:// URL, if git-lfs is installed for this user and the
// remote is configured. git-lfs is a program apart from git's transports: git
// starts it (as a filter and as a hook) with git's environment, not with the one
// that the remote helper gives to its transport, and it knows no remote helpers.
// So it takes an https URL and the credential helper from the configuration. It
// reads both when it starts, which is after the remote helper ran for the same
// git command.
func configureLFS(ctx context.Context, git gitconfig.Git, entries []gitconfig.Entry, r lfsRemote) error {
	for _, args := range r.commands(entries) {
		if _, err := git.Output(ctx, append([]string{"config", "--local"}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// commands returns the arguments of git config --local that bring the
// configuration to what git-lfs needs; none if it is there, if git-lfs or the
// remote is not configured, or if the user chose a server elsewhere.
//
// The URL names the profile as its user: two remotes can have the same repository
// name in different accounts, and git finds the credential helper by the URL
// alone. The user never chooses the credentials, the helper line does.
func (r lfsRemote) commands(entries []gitconfig.Entry) [][]string {
	values := func(key gitconfig.Key) (all []string) {
		for _, e := range entries {
			if e.Is(key) {
				all = append(all, e.Value)
			}
		}
		return all
	}
	last := func(key gitconfig.Key) string {
		all := values(key)
		if len(all) == 0 {
			return ""
		}
		return all[len(all)-1]
	}
	filter := func(name string) string { return last(gitconfig.Key{Section: "filter", Subsection: "lfs", Name: name}) }
	remote := func(name string) gitconfig.Key {
		return gitconfig.Key{Section: "remote", Subsection: r.name, Name: name}
	}
	if filter("process") == "" && filter("smudge") == "" || last(remote("url")) == "" {
		return nil
	}
	urlKey := remote("lfsurl")
	if push := last(remote("pushurl")); push != "" && strings.TrimPrefix(push, "codecommit::") == r.address && last(remote("url")) != push {
		urlKey = remote("lfspushurl")
	}
	if !isOurLFSURL(last(urlKey)) {
		return nil
	}
	var commands [][]string
	set := func(key gitconfig.Key, value string) {
		if last(key) != value {
			commands = append(commands, []string{"--replace-all", key.String(), value})
		}
	}
	// The helper comes before the URL: if this is interrupted, git-lfs has no URL.
	helperKey := r.helperKey()
	if !slices.Equal(values(helperKey), []string{"", r.line}) {
		commands = append(commands,
			[]string{"--replace-all", helperKey.String(), ""},
			[]string{"--add", helperKey.String(), r.line})
	}
	// git-lfs reads useHttpPath itself, but only for a host: it takes the path of
	// the key for lower case.
	set(gitconfig.Key{Section: "credential", Subsection: "https://" + r.host, Name: "useHttpPath"}, "true")
	// Without it the first request has the user of the URL and an empty password,
	// which CodeCommit refuses with 403 instead of 401. git-lfs leaves out the
	// user in this key.
	set(gitconfig.Key{Section: "lfs", Subsection: "https://" + r.path(), Name: "access"}, "basic")
	set(urlKey, r.url())
	return commands
}

// path is the path of git-lfs's server, with its host.
func (r lfsRemote) path() string { return r.host + "/v1/repos/" + r.repo + ".git/info/lfs" }

// url is the URL for git-lfs, with its mark of the profile.
func (r lfsRemote) url() string {
	return "https://" + url.User(lfsUser(r.profile)).String() + "@" + r.path()
}

func (r lfsRemote) helperKey() gitconfig.Key {
	return gitconfig.Key{Section: "credential", Subsection: r.url(), Name: "helper"}
}

// LFSReady reports whether git-lfs finds what it needs for a remote with the
// codecommit:// URL address, whose plain URL is https, in git's configuration. It
// also does if git-lfs is not installed.
func LFSReady(entries []gitconfig.Entry, name, address, https string) bool {
	u, err := Parse(address)
	if err != nil {
		return false
	}
	plain, err := url.Parse(https)
	if err != nil {
		return false
	}
	r := lfsRemote{name: name, address: strings.TrimPrefix(address, "codecommit::"), host: plain.Host, profile: u.Profile, repo: u.Repository}
	for _, e := range entries {
		if e.Is(r.helperKey()) && e.Value != "" && (u.Profile == "" || helper.LineProfile(e.Value) == u.Profile) {
			r.line = e.Value
		}
	}
	return len(r.commands(entries)) == 0
}

// isOurLFSURL reports whether a remote's lfsurl is one that this program sets:
// none at all, or a CodeCommit URL.
func isOurLFSURL(s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" {
		return false
	}
	ep, ok := codecommit.ParseEndpoint(u.Host)
	return ok && !ep.Connections
}

// lfsUser is the user that marks a profile's URLs. It is not empty and does not
// look like the username of a static Git credential, which this program leaves
// to other helpers.
func lfsUser(profile string) string {
	if codecommit.IsGitCredential(profile) {
		return profile + "-"
	}
	return cmp.Or(profile, "-")
}
