package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/codecommit"
	"git-credential-codecommit/gitconfig"
)

// setupTimeout is far above what some hundred runs of git take.
const setupTimeout = 2 * time.Minute

// setupFlags say where to write, beside those flags that say whose credentials
// are wanted.
type setupFlags struct {
	*flags
	scope         string
	repository    string
	sourceProfile string
	dryRun        bool
	undo          bool
}

func newSetup(p Process, f *flags) *cobra.Command {
	s := setupFlags{flags: f}
	cmd := &cobra.Command{
		Use:   "setup [flags]",
		Short: "have git use this helper, and it alone, for CodeCommit",
		Long: `Writes git's configuration so that git asks this helper, and no other, for
every host of CodeCommit. What git does for other hosts stays as it is.

  ` + Name + ` setup --profile NAME
  ` + Name + ` setup --scope system --role-arn ARN --credential-source Ec2InstanceMetadata

The flags that say whose credentials are wanted become part of the helper line.
With --source-profile or --credential-source beside it, --profile is the name of
a new profile, which is added to the AWS config file:

  ` + Name + ` setup --profile NAME --role-arn ARN --source-profile default`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags()); err != nil {
				return usageError(cmd.CommandPath(), err)
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

var setupScopes = []string{string(gitconfig.Global), string(gitconfig.System), string(gitconfig.Local)}

func (s *setupFlags) define(set *pflag.FlagSet) {
	set.SortFlags = false
	set.StringVar(&s.scope, "scope", setupScopes[0], "write for this user (`SCOPE` global), everybody on this machine (system), or the repository it stands in (local)")
	set.StringVar(&s.repository, "repo", "", "only for the repository at `URL`")
	set.StringVar(&s.sourceProfile, "source-profile", "", "add a new profile to the AWS config file, whose role the profile `NAME` assumes")
	set.BoolVar(&s.dryRun, "dry-run", false, "print the commands and lines instead of running and writing them")
	set.BoolVar(&s.undo, "undo", false, "take back what setup wrote, and nothing else")
}

// check refuses flags that contradict each other or cannot be right.
func (s *setupFlags) check(set *pflag.FlagSet) error {
	for _, name := range []string{"repo", "source-profile"} {
		if flag := set.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return fmt.Errorf("--%s needs a value", name)
		}
	}
	common := *s.flags
	if s.addsProfile() {
		common.profile = "" // it is the new one's name, and goes with a source
	}
	if err := common.check(set); err != nil {
		return err
	}
	switch s.scope {
	default:
		return fmt.Errorf("--scope %s is not one of %s", quote(s.scope), strings.Join(setupScopes, ", "))
	case setupScopes[0], setupScopes[1], setupScopes[2]:
	}
	switch {
	case s.sourceProfile != "" && s.credentialSource != "":
		return errors.New("--source-profile and --credential-source exclude each other")
	case s.sourceProfile != "" && s.roleARN == "":
		return errors.New("--source-profile goes with --role-arn")
	case s.sourceProfile != "" && s.profile == "":
		return errors.New("--source-profile goes with --profile, the new profile's name")
	case s.sourceProfile != "" && s.sourceProfile == s.profile:
		return errors.New("--source-profile is the new profile itself")
	case s.credentialSource != "" && !awsprofile.ValidCredentialSource(s.credentialSource):
		return fmt.Errorf("--credential-source %s is not one of Environment, EcsContainer and Ec2InstanceMetadata", quote(s.credentialSource))
	}
	for _, word := range s.helperArgs() {
		if oneLine(word) != word {
			return fmt.Errorf("%s holds a control character", quote(word))
		}
	}
	_, err := s.urls()
	return err
}

// addsProfile says whether the flags describe a new profile.
func (s *setupFlags) addsProfile() bool {
	return s.profile != "" && (s.sourceProfile != "" || s.credentialSource != "")
}

// newProfile is the profile that the flags describe.
func (s *setupFlags) newProfile() awsprofile.NewProfile {
	return awsprofile.NewProfile{
		Name:             s.profile,
		Role:             *s.query().Role,
		SourceProfile:    s.sourceProfile,
		CredentialSource: s.credentialSource,
		Region:           s.region,
	}
}

// urls are the patterns that git's configuration is written for: all hosts of
// CodeCommit and those that the user vouches for, or one repository.
func (s *setupFlags) urls() ([]string, error) {
	if s.repository != "" {
		url, err := s.repositoryURL()
		return []string{url}, err
	}
	var urls []string
	for _, host := range codecommit.HostPatterns() {
		urls = append(urls, "https://"+host)
	}
	for _, host := range s.allowHosts {
		urls = append(urls, "https://"+strings.ToLower(host))
	}
	return urls, nil
}

// repositoryURL is --repo as git's configuration wants it: without user name
// and port.
func (s *setupFlags) repositoryURL() (string, error) {
	u, err := url.Parse(s.repository)
	if err != nil || u.Scheme != "https" {
		return "", fmt.Errorf("--repo %s is not an https URL", quote(gitconfig.WithoutPassword(s.repository)))
	}
	ep, ours := s.endpoint(u.Host)
	_, ok := codecommit.ParsePath(strings.Trim(u.Path, "/"))
	if !ours || !ok || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("--repo %s is not the URL of a CodeCommit repository, such as https://git-codecommit.us-east-2.amazonaws.com/v1/repos/NAME", quote(gitconfig.WithoutPassword(s.repository)))
	}
	return "https://" + strings.ToLower(ep.Host) + "/" + strings.Trim(u.Path, "/"), nil
}

// setup does, shows or takes back.
func setup(ctx context.Context, p Process, s *setupFlags) error {
	git, err := findGit(p)
	if err != nil {
		return err
	}
	scope := gitconfig.Scope(s.scope)
	if home, set := p.LookupEnv("HOME"); scope == gitconfig.Global && set && home == "" {
		// Git would write to the root folder.
		return homeMissing(errors.New("HOME is empty"), s)
	}
	file, err := git.File(ctx, scope, p.getenv)
	if err != nil {
		return configError(err, s)
	}
	if err := checkFile(p, scope, file); err != nil {
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
		return setupUndo(ctx, p, s, git, scope, file, urls)
	}
	if err := s.checkGit(ctx, git); err != nil {
		return err
	}
	helper, err := s.helperValue(p)
	if err != nil {
		return err
	}
	effective, err := git.Effective(ctx)
	if err != nil {
		return err
	}
	var targets []gitconfig.Target
	for _, url := range urls {
		targets = append(targets, gitconfig.Target{URL: url, Helper: helper, NoEmptyAuth: gitconfig.EmptyAuth(effective, url)})
	}
	plan := func(entries []gitconfig.Entry) []gitconfig.Command {
		return gitconfig.Setup(scope, entries, targets)
	}
	if s.dryRun {
		if err := setupDryRun(ctx, p, s, git, scope, plan); err != nil {
			return err
		}
		s.warnOfDisplaced(p, gitconfig.Foresee(scope, effective, targets), targets)
		return nil
	}
	defer ignoreInterrupts()()
	added, err := addProfile(p, s)
	if err != nil {
		return profileError(err)
	}
	changed, err := git.Edit(ctx, file, plan)
	if err != nil {
		if added {
			_, _ = awsprofile.RemoveProfile(p.awsEnvironment(), s.profile)
		}
		return configError(err, s)
	}
	effective, err = git.Effective(ctx)
	if err != nil {
		return err
	}
	s.report(p, added, changed, targets, overruledBy(effective, scope, targets))
	s.warnOfProfile(p)
	s.warnOfDisplaced(p, effective, targets)
	return nil
}

// report says what setup did, and what overrules it, if anything does. Added
// tells of the profile, changed of git's configuration.
func (s *setupFlags) report(p Process, added, changed bool, targets []gitconfig.Target, overruled error) {
	what, url := "CodeCommit", "URL"
	if s.repository != "" {
		what, url = targets[0].URL, shellWord(targets[0].URL)
	}
	helper, nothing := targets[0].Helper, "nothing to do: "
	if added {
		fmt.Fprintf(p.Stdout, "added profile %s to %s\n", quote(s.profile), awsprofile.ConfigFile(p.awsEnvironment()))
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
		warn(p.Stderr, overruled, "run: "+Name+" doctor "+url)
	}
}

// checkFile refuses to write to what is no file, such as the null device that CI
// names: git renames a file over it.
func checkFile(p Process, scope gitconfig.Scope, file string) error {
	info, err := os.Stat(file)
	if err != nil || info.Mode().IsRegular() {
		return nil
	}
	variable := map[gitconfig.Scope]string{gitconfig.Global: "GIT_CONFIG_GLOBAL", gitconfig.System: "GIT_CONFIG_SYSTEM"}[scope]
	if variable != "" && p.getenv(variable) == file {
		return &failure{err: fmt.Errorf("%s is %s, which is no file", variable, quote(file)), hints: []string{"run: unset " + variable}}
	}
	return &failure{err: fmt.Errorf("git's %s configuration is %s, which is no file", scope, quote(file)), hints: []string{"run: ls -l " + shellWord(file)}}
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
		return &failure{
			err:   fmt.Errorf("git %s knows no patterns in credential.<url>, which came with git %s", version, gitconfig.Wildcards),
			hints: []string{"install a newer git, or name each repository: " + Name + " setup --repo URL"},
		}
	}
	return nil
}

// warnOfProfile tells what would keep the helper from answering. It is no
// error: the profile may come later. Of whoever else uses this machine nothing
// is known.
func (s *setupFlags) warnOfProfile(p Process) {
	if s.scope == string(gitconfig.System) {
		if s.addsProfile() {
			warn(p.Stderr, errors.New("git asks for profile "+quote(s.profile)+" for everybody on this machine, and other users do not have it"),
				"leave out --profile: then the role stands in git's configuration")
		}
		return
	}
	q := s.query()
	if s.addsProfile() {
		q = awsprofile.Query{Profile: s.profile}
	}
	if _, err := awsprofile.Resolve(p.awsEnvironment(), q); err != nil {
		warn(p.Stderr, err, p.hints(err)...)
	}
}

// setupDryRun prints what setup would run and write, as a shell would take it.
func setupDryRun(ctx context.Context, p Process, s *setupFlags, git gitconfig.Git, scope gitconfig.Scope, plan func([]gitconfig.Entry) []gitconfig.Command) error {
	var out strings.Builder
	if s.addsProfile() {
		text, err := addition(p, s)
		if err != nil {
			return err
		}
		out.WriteString(text)
	}
	entries, err := git.In(ctx, scope)
	if err != nil {
		return configError(err, s)
	}
	out.WriteString(commandLines(plan(entries)))
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
			b.WriteString(" " + shellWord(word))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func homeMissing(err error, s *setupFlags) error {
	return &failure{err: err, hints: []string{"set HOME, or write for everybody on this machine: " + s.forEverybody()}}
}

// forEverybody is the command with the same flags, and for everybody on the
// machine.
func (s *setupFlags) forEverybody() string {
	line := Name + " setup --scope " + string(gitconfig.System)
	for _, arg := range s.args() {
		line += " " + shellWord(arg)
	}
	if s.repository != "" {
		url, _ := s.repositoryURL() // check has looked
		line += " --repo " + shellWord(url)
	}
	if s.sourceProfile != "" {
		line += " --source-profile " + shellWord(s.sourceProfile)
	}
	if s.dryRun {
		line += " --dry-run"
	}
	if s.undo {
		line += " --undo"
	}
	return line
}

// configError tells what kept git's configuration from being written.
func configError(err error, s *setupFlags) error {
	message := ""
	var run *gitconfig.RunError
	if errors.As(err, &run) {
		message = run.Message
	}
	var locked *gitconfig.LockedError
	f := &failure{err: err}
	switch {
	case strings.Contains(message, "expand user dir"):
		return homeMissing(errors.New("HOME is not set"), s)
	case s.scope == string(gitconfig.System) && (errors.Is(err, fs.ErrPermission) || strings.Contains(message, "Permission denied")):
		f.hints = []string{"run the same command as root: sudo " + s.forEverybody()}
	case strings.Contains(message, "inside a git repository"):
		f.hints = []string{"run it in the repository's folder, or leave out --scope local"}
	case errors.As(err, &locked):
		f.hints = []string{"if no git is at work there, run: rm " + shellWord(locked.Lock)}
	}
	return f
}
