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

// An lfsRemote is a remote with a codecommit:// URL, as git-lfs needs it.
type lfsRemote struct {
	name    string // name of the remote
	address string // URL as git passes it to the remote helper
	host    string
	profile string // "" for none
	repo    string
	line    string // the value of credential.helper for this profile
}

// configureLFS adds to the repository's configuration what git-lfs needs for a
// remote with a codecommit:// URL. It does nothing unless git-lfs is installed for
// this user and the remote is configured.
//
// git-lfs does not use git's transports or remote helpers. Git starts it as a
// filter and as a hook, without the environment that the remote helper sets for its
// transport. So git-lfs needs an https URL and a credential helper in the
// configuration, which it reads when it starts, after the remote helper has run for
// the same git command.
func configureLFS(ctx context.Context, git gitconfig.Git, entries []gitconfig.Entry, r lfsRemote) error {
	for _, args := range r.commands(entries) {
		if _, err := git.Output(ctx, append([]string{"config", "--local"}, args...)...); err != nil {
			return err
		}
	}
	return nil
}

// commands returns arguments for git config --local that configure git-lfs. It
// returns none if the configuration is complete, if git-lfs or the remote is not
// configured, or if the user chose another LFS server.
//
// The username in the URL identifies the profile: two remotes can have the same
// repository name in different accounts, and git selects the helper by URL. The
// username never selects credentials; the helper line does.
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
	// The helper comes first, so that an interruption never leaves a URL without a
	// helper.
	helperKey := r.helperKey()
	if !slices.Equal(values(helperKey), []string{"", r.line}) {
		commands = append(commands,
			[]string{"--replace-all", helperKey.String(), ""},
			[]string{"--add", helperKey.String(), r.line})
	}
	// git-lfs reads useHttpPath itself, but only from a key for the whole host: it
	// would look up a path in lower case.
	set(gitconfig.Key{Section: "credential", Subsection: "https://" + r.host, Name: "useHttpPath"}, "true")
	// Without this, the first request has the URL's username and an empty password,
	// and CodeCommit rejects it with a 403 instead of a 401. git-lfs omits the
	// username from this key.
	set(gitconfig.Key{Section: "lfs", Subsection: "https://" + r.path(), Name: "access"}, "basic")
	set(urlKey, r.url())
	return commands
}

// path returns the host and path of the LFS server.
func (r lfsRemote) path() string { return r.host + "/v1/repos/" + r.repo + ".git/info/lfs" }

// url returns the URL for git-lfs, with the username that identifies the profile.
func (r lfsRemote) url() string {
	return "https://" + url.User(lfsUser(r.profile)).String() + "@" + r.path()
}

func (r lfsRemote) helperKey() gitconfig.Key {
	return gitconfig.Key{Section: "credential", Subsection: r.url(), Name: "helper"}
}

// LFSReady reports whether git's configuration has what git-lfs needs for a remote.
// Address is its codecommit:// URL, and https the corresponding https URL. It also
// returns true if git-lfs is not installed.
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

// isOurLFSURL reports whether this program may set a remote's lfsurl: it is empty
// or a CodeCommit URL.
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

// lfsUser returns the username in a profile's LFS URLs. It is never empty, and
// never has the form of a static Git credential's username, which this program
// leaves to other helpers.
func lfsUser(profile string) string {
	if codecommit.IsGitCredential(profile) {
		return profile + "-"
	}
	return cmp.Or(profile, "-")
}
