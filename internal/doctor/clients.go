package doctor

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/regularfile"
	"git-credential-codecommit/internal/shell"
)

// checkClients reports what programs other than git need to reach CodeCommit, if
// the repository in the current folder appears to use them.
func (x *examination) checkClients(ctx context.Context) {
	if x.target.Remote == "" {
		return
	}
	x.checkCargo(ctx)
	if top, err := x.Git.Output(ctx, "rev-parse", "--show-toplevel"); err == nil {
		if info, err := os.Stat(filepath.Join(strings.TrimSuffix(top, "\n"), jetBrainsFolder)); err == nil && info.IsDir() {
			x.add(Check{
				Name:    CheckClients,
				Status:  OK,
				Summary: "JetBrains IDEs (.idea) run git's credential helpers only if a setting enables them",
				Notes:   []string{"enable Settings > Version Control > Git > Use credential helper"},
			})
		}
	}
}

// jetBrainsFolder contains the project settings of JetBrains IDEs.
const jetBrainsFolder = ".idea"

// maxCargoConfig limits the size of the cargo configuration that is read, in bytes.
const maxCargoConfig = 1 << 20

// checkCargo checks that cargo can fetch a dependency from CodeCommit. Its git
// library, libgit2, does not support patterns in credential.<url>, and runs no
// helper if a proxy or a certificate authority is configured:
// https://doc.rust-lang.org/cargo/appendix/git-authentication.html.
func (x *examination) checkCargo(ctx context.Context) {
	found, err := x.Git.Grep(ctx, "-h", "-o", "-I", "-E", `https://git-codecommit[^"']*`, "--", ":(glob)**/Cargo.toml")
	if err != nil {
		return // no such dependency
	}
	first, _, _ := strings.Cut(found, "\n")
	u, err := url.Parse(first)
	if err != nil {
		return
	}
	if _, ours := x.selection.Endpoint(u.Host); !ours {
		return
	}
	c := Check{Name: CheckClients, Status: OK}
	proxied := x.gitProxy().address != "" || gitconfig.ValueFor(x.Entries, "http", "sslCAInfo", "https://"+u.Host) != ""
	switch {
	case x.cargoRunsGit(ctx):
		c.Summary = "cargo fetches dependencies from " + u.Host + " with git"
	case proxied:
		c.Status = Warning
		c.Summary = "cargo runs no credential helper for " + u.Host + " because a proxy or a certificate authority is configured"
		c.Notes = []string{"make cargo fetch with git: " + shell.Export(cargoVariable, "true") + ", or net.git-fetch-with-cli = true in ~/.cargo/config.toml"}
	case !x.hasLiteralHelper(u):
		c.Status = Warning
		c.Summary = "cargo finds no credential helper for " + u.Host + ": it does not support patterns in credential.<url>"
		c.Run = []Command{x.literal()}
		c.Notes = []string{"or make cargo fetch with git: " + shell.Export(cargoVariable, "true") + ", or net.git-fetch-with-cli = true in ~/.cargo/config.toml"}
	default:
		c.Summary = "cargo finds this helper for " + u.Host
	}
	x.add(c)
}

// literal returns the command that configures this helper for the literal host, in
// the place where git now configures it.
func (x *examination) literal() Command {
	flags := withRegion(x.line.flags(), x.endpoint.Region)
	include, ok := x.includeOf(x.line.entry)
	if !ok {
		return x.setup(x.line.entry, flags)
	}
	if _, ok := x.FolderOf(include); !ok {
		flags = x.line.flags()
	}
	return x.inIncluded(include, x.line.entry, flags)
}

// cargoVariable makes cargo fetch with git:
// https://doc.rust-lang.org/cargo/reference/config.html#netgit-fetch-with-cli.
const cargoVariable = "CARGO_NET_GIT_FETCH_WITH_CLI"

// cargoRunsGit reports whether cargo fetches with git instead of its git library.
func (x *examination) cargoRunsGit(ctx context.Context) bool {
	if value, set := x.LookupEnv(cargoVariable); set {
		return value == "true"
	}
	const setting = `git-fetch-with-cli *= *true`
	if _, err := x.Git.Grep(ctx, "--quiet", "-E", setting, "--", ":(glob)**/.cargo/config*"); err == nil {
		return true
	}
	home, _ := x.LookupEnv("HOME")
	file := filepath.Join(home, ".cargo", "config.toml")
	if folder, _ := x.LookupEnv("CARGO_HOME"); folder != "" {
		file = filepath.Join(folder, "config.toml")
	}
	text, err := regularfile.Read(file, maxCargoConfig)
	return err == nil && strings.Contains(strings.ReplaceAll(string(text), " ", ""), "git-fetch-with-cli=true")
}

// hasLiteralHelper reports whether git's configuration names this helper for the
// literal host or for all hosts. Programs that use libgit2 run the last such
// helper.
func (x *examination) hasLiteralHelper(u *url.URL) bool {
	var last gitconfig.Entry
	for _, e := range x.Entries {
		literal := e.Subsection == "" || strings.TrimSuffix(e.Subsection, "/") == "https://"+u.Host || e.Subsection == u.String()
		if e.Section == "credential" && strings.EqualFold(e.Name, "helper") && literal && e.Value != "" {
			last = e
		}
	}
	_, isOurs := parseLine(last)
	return isOurs
}

// withRegion returns flags with --region, so that setup writes the literal host
// names of that region.
func withRegion(flags []string, region string) []string {
	if slices.Contains(flags, "--region") {
		return flags
	}
	return slices.Concat(flags, []string{"--region", region})
}
