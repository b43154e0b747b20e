// Package setup configures git to use only this helper for CodeCommit, and undoes
// that.
//
// It writes one block between two comments to a file. Each file is replaced
// atomically, and every other byte is unchanged.
package setup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/atomicfile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// A Request describes what setup must do.
type Request struct {
	Scope         gitconfig.Scope
	Repository    string // URL of one repository; "" for all hosts
	Folder        string // limits the setup to repositories below it; "" for no limit
	AllPartitions bool
	Query         awsprofile.Query       // the credentials that the helper will use
	Args          []string               // flags for the helper line
	Flags         []string               // flags as typed, from which Args and NewProfile come
	NewProfile    *awsprofile.NewProfile // profile to add to the AWS config file; nil for none
	Region        string                 // --region; "" for none
	AllowHosts    []string               // private DNS names
	DryRun, Undo  bool
}

// typed returns the setup command for this request in a scope, with these flags.
func (r Request) typed(scope gitconfig.Scope, flags []string) string {
	words := []string{"setup"}
	if scope != gitconfig.Global {
		words = append(words, "--scope", string(scope))
	}
	words = append(words, flags...)
	for _, flag := range []struct{ name, value string }{{"--repo", r.Repository}, {"--folder", r.Folder}} {
		if flag.value != "" {
			words = append(words, flag.name, flag.value)
		}
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"--all-partitions", r.AllPartitions}, {"--dry-run", r.DryRun}, {"--undo", r.Undo}} {
		if flag.set {
			words = append(words, flag.name)
		}
	}
	for i, word := range words {
		words[i] = shell.Typed(word)
	}
	return strings.Join(words, " ")
}

// forAllUsers returns the hint to run the same request for all users of the
// machine.
func (r Request) forAllUsers() cli.Hint { return cli.RunThis(r.typed(gitconfig.System, r.Flags)) }

// A Setup carries out one request.
type Setup struct {
	Request
	Process cli.Process
	Git     gitconfig.Git
	AWS     *awsprofile.Files
	// Hints returns how to fix an error of awsprofile.
	Hints func(error) []cli.Hint

	file    string // configuration file of the scope
	program string // path of this program
}

// Run carries out the request, or prints the change if DryRun is set.
func Run(ctx context.Context, s Setup) error {
	if err := s.find(ctx); err != nil {
		return err
	}
	var err error
	if s.program, err = ProgramPath(s.Process); err != nil {
		return err
	}
	if s.Undo {
		return s.undo(ctx)
	}
	if err := s.checkProgram(); err != nil {
		return err
	}
	if err := s.checkGit(ctx); err != nil {
		return err
	}
	config, err := s.Git.Configuration(ctx, s.Process.Home())
	if err != nil {
		return s.configError(err)
	}
	return s.install(ctx, config)
}

// find sets the file to write. It refuses a file that must not be replaced: a
// device (CI systems set GIT_CONFIG_GLOBAL=/dev/null) or, for root, a file in
// another user's folder.
func (s *Setup) find(ctx context.Context) error {
	if err := s.checkHome(); err != nil {
		return err
	}
	var err error
	if s.file, err = s.Git.File(ctx, s.Scope, s.Process.Getenv); err != nil {
		return s.configError(err)
	}
	if dir := filepath.Dir(s.file); s.Scope == gitconfig.Global && awsprofile.OwnedByAnotherUser(dir) {
		return cli.WithHints(fmt.Errorf("%s is in another user's folder (%s), and setup is running as root", cli.Quote(s.file), dir),
			s.forAllUsers().When("run this as that user or, to write for all users of this machine"))
	}
	info, err := os.Stat(s.file)
	if err != nil || info.Mode().IsRegular() {
		return nil
	}
	variable := map[gitconfig.Scope]string{gitconfig.Global: "GIT_CONFIG_GLOBAL", gitconfig.System: "GIT_CONFIG_SYSTEM"}[s.Scope]
	if variable != "" && s.Process.Getenv(variable) == s.file {
		return cli.WithHints(fmt.Errorf("%s is set to %s, which is not a regular file", variable, cli.Quote(s.file)), cli.Run(shell.Unset(variable)))
	}
	return cli.WithHints(fmt.Errorf("git's %s configuration is %s, which is not a regular file", s.Scope, cli.Quote(s.file)), cli.Run(shell.List(s.file)))
}

// checkHome refuses a HOME that cannot contain this user's git configuration.
func (s *Setup) checkHome() error {
	home, set := s.Process.LookupEnv("HOME")
	if s.Scope != gitconfig.Global || !set || s.Process.Getenv("GIT_CONFIG_GLOBAL") != "" {
		return nil
	}
	_, err := os.Stat(home)
	switch {
	case home == "":
		return s.homeError(errors.New("HOME is empty")) // git would write to the root folder
	case filepath.Clean(home) == "/":
		return s.homeError(errors.New("HOME is /, which is not a user's home folder"))
	case errors.Is(err, fs.ErrNotExist):
		return s.homeError(fmt.Errorf("HOME is set to %s, which does not exist", cli.Quote(home)))
	}
	return nil
}

func (s *Setup) homeError(err error) error {
	return cli.WithHints(err, s.forAllUsers().When("set HOME or, to write for all users of this machine"))
}

// checkGit refuses to write URL patterns if git does not support them.
func (s *Setup) checkGit(ctx context.Context) error {
	if s.Repository != "" && s.Folder == "" {
		return nil
	}
	version, err := s.Git.Version(ctx)
	if err != nil {
		return err
	}
	if !version.AtLeast(gitconfig.Wildcards) {
		return cli.WithHints(
			fmt.Errorf("git %s does not support patterns in credential.<url>, which require git %s", version, gitconfig.Wildcards),
			cli.RunThis("setup --repo URL").When("install a newer git, or name each repository"))
	}
	return nil
}

// configError adds hints to an error from reading or writing git's configuration.
func (s *Setup) configError(err error) error {
	message := ""
	var run *gitconfig.RunError
	if errors.As(err, &run) {
		message = run.Message
	}
	var locked *atomicfile.LockedError
	var precedence *PrecedenceError
	switch {
	case errors.As(err, &precedence):
		return cli.WithHints(err, precedence.hints(s)...)
	case strings.Contains(message, "expand user dir"):
		return s.homeError(errors.New("HOME is not set"))
	case s.Scope == gitconfig.System && (errors.Is(err, fs.ErrPermission) || strings.Contains(message, "Permission denied")):
		if runtime.GOOS == "windows" {
			return cli.WithHints(err, s.forAllUsers().When("in an administrator's command prompt"))
		}
		return cli.WithHints(err, cli.Run("sudo \"$(command -v "+cli.Name+")\" "+s.typed(gitconfig.System, s.Flags)).When("as root"))
	case run != nil && run.Unsafe() != "":
		return cli.WithHints(err, TrustRepository(run))
	case strings.Contains(message, "not a git repository"):
		return cli.WithHints(err, cli.Advice("run it in the repository's folder, or leave out --scope local"))
	case errors.As(err, &locked):
		return cli.WithHints(err, cli.Run(shell.Remove(locked.Lock)).When("if no git is running there"))
	}
	return err
}

// TrustRepository returns the hint that lets git work in another user's repository.
func TrustRepository(e *gitconfig.RunError) cli.Hint {
	return cli.Run("git config --global --add safe.directory " + shell.Typed(e.Unsafe())).When("if you trust its owner")
}
