package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// setupTimeout is far above what some hundred runs of git take.
const setupTimeout = 2 * time.Minute

func newSetup(p cli.Process, f *flags) *cobra.Command {
	s := setupFlags{flags: f}
	cmd := &cobra.Command{
		Use:   "setup [flags]",
		Short: "have git use this helper, and it alone, for CodeCommit",
		Long: `Writes git's configuration so that git asks this helper, and no other, for
every host of CodeCommit. What git does for other hosts stays as it is.

  ` + cli.Name + ` setup --profile NAME
  ` + cli.Name + ` setup --scope system --role-arn ARN --credential-source Ec2InstanceMetadata

The flags that say whose credentials are wanted become part of the helper line.
With --source-profile or --credential-source beside it, --profile is the name of
a new profile, which is added to the AWS config file:

  ` + cli.Name + ` setup --profile NAME --role-arn ARN --source-profile default`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags()); err != nil {
				return cli.UsageError(cmd.CommandPath(), err)
			}
			ctx, cancel := context.WithTimeout(cmd.Context(), setupTimeout)
			defer cancel()
			return setup(ctx, p, &s)
		},
	}
	s.define(cmd.Flags())
	_ = cmd.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions(setupScopes, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// A configuration is a file of git's, and the git that reads and writes it.
type configuration struct {
	git   gitconfig.Git
	scope gitconfig.Scope
	file  string
}

// setup does, shows or takes back.
func setup(ctx context.Context, p cli.Process, s *setupFlags) error {
	c, err := findConfiguration(ctx, p, s)
	if err != nil {
		return err
	}
	urls, err := s.urls()
	if err != nil {
		return err // check has looked
	}
	if s.undo {
		if s.repository == "" {
			urls = nil // all that there are
		}
		return setupUndo(ctx, p, s, c, urls)
	}
	if err := s.checkGit(ctx, c.git); err != nil {
		return err
	}
	helper, err := s.helperValue(p)
	if err != nil {
		return err
	}
	effective, err := c.git.Effective(ctx)
	if err != nil {
		return err
	}
	var targets []gitconfig.Target
	for _, url := range urls {
		targets = append(targets, gitconfig.Target{URL: url, Helper: helper, NoEmptyAuth: gitconfig.EmptyAuth(effective, url)})
	}
	if !s.dryRun {
		return install(ctx, p, s, c, targets)
	}
	if err := setupDryRun(ctx, p, s, c, targets); err != nil {
		return err
	}
	s.warnOfDisplaced(p, gitconfig.Foresee(c.scope, effective, targets), targets)
	return nil
}

// findConfiguration finds what the flags want to be written.
func findConfiguration(ctx context.Context, p cli.Process, s *setupFlags) (configuration, error) {
	c := configuration{scope: gitconfig.Scope(s.scope)}
	var err error
	if c.git, err = findGit(p); err != nil {
		return c, err
	}
	if home, set := p.LookupEnv("HOME"); c.scope == gitconfig.Global && set && home == "" && p.Getenv("GIT_CONFIG_GLOBAL") == "" {
		// Git would write to the root folder.
		return c, homeMissing(errors.New("HOME is empty"), s)
	}
	if c.file, err = c.git.File(ctx, c.scope, p.Getenv); err != nil {
		return c, configError(err, s)
	}
	return c, c.check(p, s)
}

// install writes the new profile, if the flags describe one, and git's
// configuration: both or none.
func install(ctx context.Context, p cli.Process, s *setupFlags, c configuration, targets []gitconfig.Target) error {
	defer ignoreInterrupts()()
	added, err := addProfile(p, s)
	if err != nil {
		return profileError(err, s)
	}
	changed, err := c.git.Edit(ctx, c.file, func(entries []gitconfig.Entry) []gitconfig.Command {
		return gitconfig.Setup(c.scope, entries, targets)
	})
	if err != nil {
		if added {
			_, _ = awsprofile.RemoveProfile(awsEnvironment(p), s.profile)
		}
		return configError(err, s)
	}
	effective, err := c.git.Effective(ctx)
	if err != nil {
		return err
	}
	s.report(p, added, changed, targets, overruledBy(effective, c.scope, targets))
	s.warnOfProfile(p)
	s.warnOfDisplaced(p, effective, targets)
	return nil
}

// report says what setup did, and what overrules it, if anything does. Added
// tells of the profile, changed of git's configuration.
func (s *setupFlags) report(p cli.Process, added, changed bool, targets []gitconfig.Target, overruled error) {
	what, url := "CodeCommit", "URL"
	if s.repository != "" {
		what, url = targets[0].URL, shell.Word(targets[0].URL)
	}
	helper, nothing := targets[0].Helper, "nothing to do: "
	if added {
		fmt.Fprintf(p.Stdout, "added profile %s to %s\n", cli.Quote(s.profile), awsprofile.ConfigFile(awsEnvironment(p)))
		nothing = ""
	}
	switch {
	case overruled == nil && changed:
		fmt.Fprintf(p.Stdout, "git now asks this helper for %s (%s configuration): %s\n", what, s.scope, helper)
	case overruled == nil:
		fmt.Fprintf(p.Stdout, "%sgit asks this helper for %s already (%s configuration): %s\n", nothing, what, s.scope, helper)
	case changed:
		fmt.Fprintf(p.Stdout, "git's %s configuration now names this helper for %s: %s\n", s.scope, what, helper)
	default:
		fmt.Fprintf(p.Stdout, "%sgit's %s configuration names this helper for %s already: %s\n", nothing, s.scope, what, helper)
	}
	if overruled != nil {
		p.Warn(overruled, cli.RunThis("doctor "+url))
	}
}

// check refuses to write to what is no file, such as the null device that CI
// names: a file would take its place. And root writes no user's configuration but
// root's.
func (c configuration) check(p cli.Process, s *setupFlags) error {
	if dir := filepath.Dir(c.file); c.scope == gitconfig.Global && awsprofile.IsAnothers(dir) {
		return &cli.Error{
			Err: fmt.Errorf("%s lies in the folder of another user (%s), and this is root", cli.Quote(c.file), dir),
			Fix: []cli.Hint{cli.Advice("run this as that user, or write for everybody on this machine: " + s.forEverybody())},
		}
	}
	info, err := os.Stat(c.file)
	if err != nil || info.Mode().IsRegular() {
		return nil
	}
	variable := map[gitconfig.Scope]string{gitconfig.Global: "GIT_CONFIG_GLOBAL", gitconfig.System: "GIT_CONFIG_SYSTEM"}[c.scope]
	if variable != "" && p.Getenv(variable) == c.file {
		return &cli.Error{Err: fmt.Errorf("%s is %s, which is no file", variable, cli.Quote(c.file)), Fix: []cli.Hint{cli.Run("unset " + variable)}}
	}
	return &cli.Error{Err: fmt.Errorf("git's %s configuration is %s, which is no file", c.scope, cli.Quote(c.file)), Fix: []cli.Hint{cli.Run("ls -l " + shell.Word(c.file))}}
}

// checkGit refuses to write patterns that this git does not know.
func (s *setupFlags) checkGit(ctx context.Context, git gitconfig.Git) error {
	if s.repository != "" {
		return nil
	}
	version, err := git.Version(ctx)
	if err != nil {
		return err
	}
	if !version.AtLeast(gitconfig.Wildcards) {
		return &cli.Error{
			Err: fmt.Errorf("git %s knows no patterns in credential.<url>, which came with git %s", version, gitconfig.Wildcards),
			Fix: []cli.Hint{cli.Advice("install a newer git, or name each repository: " + cli.Name + " setup --repo URL")},
		}
	}
	return nil
}

// setupDryRun prints what setup would run and write, as a shell would take it.
func setupDryRun(ctx context.Context, p cli.Process, s *setupFlags, c configuration, targets []gitconfig.Target) error {
	var out strings.Builder
	if s.addsProfile() {
		text, err := addition(p, s)
		if err != nil {
			return err
		}
		out.WriteString(text)
	}
	entries, err := c.git.In(ctx, c.scope)
	if err != nil {
		return configError(err, s)
	}
	out.WriteString(commandLines(gitconfig.Setup(c.scope, entries, targets)))
	if out.Len() == 0 {
		out.WriteString("# nothing to do\n")
	}
	_, err = fmt.Fprint(p.Stdout, out.String())
	return err
}

// commandLines writes git commands as one would type them.
func commandLines(commands []gitconfig.Command) string {
	var b strings.Builder
	for _, c := range commands {
		b.WriteString("git")
		for _, word := range c {
			b.WriteString(" " + shell.Word(word))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func homeMissing(err error, s *setupFlags) error {
	return &cli.Error{Err: err, Fix: []cli.Hint{cli.Advice("set HOME, or write for everybody on this machine: " + s.forEverybody())}}
}

// trustRepository has git work with a repository of another user's.
func trustRepository(e *gitconfig.RunError) cli.Hint {
	return cli.Run("git config --global --add safe.directory " + shell.Word(e.Unsafe())).When("if you trust its owner")
}

// configError tells what kept git's configuration from being written.
func configError(err error, s *setupFlags) error {
	message := ""
	var run *gitconfig.RunError
	if errors.As(err, &run) {
		message = run.Message
	}
	var locked *gitconfig.LockedError
	f := &cli.Error{Err: err}
	switch {
	case strings.Contains(message, "expand user dir"):
		return homeMissing(errors.New("HOME is not set"), s)
	case s.scope == string(gitconfig.System) && (errors.Is(err, fs.ErrPermission) || strings.Contains(message, "Permission denied")):
		f.Fix = []cli.Hint{cli.Advice("run the same command as root: sudo \"$(command -v " + cli.Name + ")\"" + strings.TrimPrefix(s.forEverybody(), cli.Name))}
	case run != nil && run.Unsafe() != "":
		f.Fix = []cli.Hint{trustRepository(run)}
	case strings.Contains(message, "not a git repository"):
		f.Fix = []cli.Hint{cli.Advice("run it in the repository's folder, or leave out --scope local")}
	case errors.As(err, &locked):
		f.Fix = []cli.Hint{cli.Run("rm " + shell.Word(locked.Lock)).When("if no git is at work there")}
	}
	return f
}
