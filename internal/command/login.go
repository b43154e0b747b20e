package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/identitycenter"
	"git-credential-codecommit/internal/session"
	"git-credential-codecommit/internal/shell"
)

// signInFlags select a sign-in to IAM Identity Center.
type signInFlags struct {
	*flags
	session string
}

func (s *signInFlags) define(set *pflag.FlagSet) {
	set.StringVar(&s.session, "sso-session", "", "use the [sso-session `NAME`] section instead of a profile")
}

// check returns an error for flags that do not apply to sign-ins.
func (s *signInFlags) check(set *pflag.FlagSet) error {
	if err := s.flags.check(set); err != nil {
		return err
	}
	for _, flag := range s.args() {
		if strings.HasPrefix(flag, "--") && flag != "--profile" {
			return fmt.Errorf("%s cannot be used here", flag)
		}
	}
	switch {
	case set.Changed("sso-session") && s.session == "":
		return errors.New("--sso-session requires a value")
	case s.session != "" && s.profile != "":
		return errors.New("--sso-session and --profile cannot be used together")
	}
	return nil
}

// selected returns the sign-in that the flags select, and a client configured like
// its profile. The error has hints.
func (s *signInFlags) selected(p cli.Process) (awsprofile.SSOSession, *identitycenter.Client, error) {
	files := awsprofile.Open(awsEnvironment(p))
	var found awsprofile.SSOSession
	var set awsprofile.Settings
	var err error
	if s.session != "" {
		found, set, err = files.SSOSession(s.session)
	} else {
		found, set, err = files.SSOSessionOf(awsprofile.Query{Profile: s.profile})
	}
	var none *awsprofile.NoSSOError
	if errors.As(err, &none) {
		err = cli.WithHints(err, cli.RunThis("setup --sso-start-url URL --sso-region REGION --profile NAME").When("to add a profile that does"))
	}
	return found, identityCenter(p, set), err
}

// identityCenter returns a client for IAM Identity Center.
func identityCenter(p cli.Process, set awsprofile.Settings) *identitycenter.Client {
	trace := p.Trace()
	if trace == nil {
		trace = func(string, ...any) {}
	}
	return identitycenter.New(awsclient.New(set, "", p.Now, trace), p.Home(), trace)
}

func newLogin(p cli.Process, f *flags) *cobra.Command {
	s := signInFlags{flags: f}
	var deviceCode, noBrowser, status bool
	cmd := &cobra.Command{
		Use:   "login [--profile NAME | --sso-session NAME]",
		Short: "sign in to IAM Identity Center",
		Long: `Signs in to the IAM Identity Center of a profile or an sso-session, in the browser.
The sign-in is stored where the AWS CLI and the SDKs look for it, so they can use
it too. If a sign-in has expired, git commands in a terminal sign in again.

Over SSH, without a browser, or with --use-device-code, login shows a URL to open
on any machine and a code to compare.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags()); err != nil {
				return cli.UsageError(cmd.CommandPath(), err)
			}
			if status {
				return signInStatus(p, s)
			}
			return login(cmd.Context(), p, s, chooseSignInMethod(p, deviceCode, noBrowser))
		},
	}
	s.define(cmd.Flags())
	cmd.Flags().BoolVar(&deviceCode, "use-device-code", false, "show a URL to open on any machine and a code to compare")
	cmd.Flags().BoolVar(&noBrowser, "no-browser", false, "do not open a browser; show a URL and a code to compare")
	cmd.Flags().BoolVar(&status, "status", false, "list the sign-ins on this machine instead")
	return cmd
}

// login signs in, and prints who is signed in and until when.
func login(ctx context.Context, p cli.Process, s signInFlags, method signInMethod) error {
	where, center, err := s.selected(p)
	if err != nil {
		return err
	}
	token, err := signIn(ctx, p, center, where, method)
	if err != nil {
		return err
	}
	if token.Region != where.Region {
		if err := awsprofile.Open(awsEnvironment(p)).SetSSORegion(where, token.Region); err != nil {
			return err
		}
		cli.Say(p.Stderr, "added sso_region = "+token.Region+" to "+where.At.File)
	}
	who, err := signedInAs(ctx, p, center, where, token)
	if err != nil {
		p.Warn(err, cli.HintsOf(err)...)
	}
	_, err = fmt.Fprintf(p.Stdout, "signed in%s until %s\n", who, token.ExpiresAt)
	return err
}

// signIn signs in and returns the new token.
func signIn(ctx context.Context, p cli.Process, center *identitycenter.Client, where awsprofile.SSOSession, method signInMethod) (identitycenter.Token, error) {
	ctx, stop := interruptible(ctx)
	defer stop()
	token, err := center.SignIn(ctx, identitycenter.Request{
		Session: where, DeviceCode: method.deviceCode, Show: method.show(p.Stderr, signInName(where.Profile, where.Name)),
		Waiting: waiting(p.Stderr),
	})
	var noRegion *identitycenter.NoRegionError
	switch {
	case errors.As(err, &noRegion):
		return token, cli.WithHints(err, where.At.Edit()...)
	case err != nil && len(cli.HintsOf(err)) == 0 && !errors.Is(err, awsclient.ErrInterrupted):
		hints := []cli.Hint{cli.RunThis(loginCommand(where)).When("to try again")}
		if errors.Is(err, identitycenter.ErrExpired) && !method.deviceCode {
			// AWS may not know the stored registration any more: only the browser
			// shows that. With a device code, this program registers again.
			hints = append(hints, cli.RunThis(loginCommand(where)+" --use-device-code").When("if the browser showed an error"))
		}
		return token, cli.WithHints(err, hints...)
	}
	return token, err
}

// loginCommand returns the command that signs in.
func loginCommand(where awsprofile.SSOSession) string {
	if where.Profile != "" {
		return "login --profile " + shell.Typed(where.Profile)
	}
	return "login --sso-session " + shell.Typed(where.Name)
}

// signedInAs describes who has signed in: the person's name in a new role session
// of the profile, or else the number of accounts. The error is for a warning only.
func signedInAs(ctx context.Context, p cli.Process, center *identitycenter.Client, where awsprofile.SSOSession, token identitycenter.Token) (string, error) {
	if where.Profile != "" {
		chain, err := awsprofile.Resolve(awsEnvironment(p), awsprofile.Query{Profile: where.Profile})
		if err != nil {
			return "", err
		}
		o := sessionOptions(p, &flags{}, "")
		o.Region = token.Region
		who := session.Renew(ctx, chain, o)
		if i := strings.LastIndexByte(who.ARN, '/'); i >= 0 {
			return " as " + cli.OneLine(who.ARN[i+1:]), who.Err
		}
		return "", who.Err
	}
	accounts, err := center.Accounts(ctx, token)
	switch {
	case err != nil:
		return "", err
	case len(accounts) == 1:
		return " with access to 1 account", nil
	}
	return fmt.Sprintf(" with access to %d accounts", len(accounts)), nil
}

// signInStatus lists sign-ins. It returns an error if the selected one is not
// usable.
func signInStatus(p cli.Process, s signInFlags) error {
	files := awsprofile.Open(awsEnvironment(p))
	if s.session == "" && s.profile == "" {
		debug.SetMemoryLimit(maxMemory)
		all, err := identityCenter(p, awsprofile.Settings{}).Stored(files.SignIns())
		if err != nil {
			return err
		}
		if len(all) == 0 {
			_, err = fmt.Fprintln(p.Stdout, "no sign-ins")
			return err
		}
		return writeSignIns(p, all)
	}
	where, center, err := s.selected(p)
	if err != nil {
		return err
	}
	stored, ok, err := center.StoredFor(where)
	if err != nil {
		return err
	}
	if !ok {
		return cli.WithHints(fmt.Errorf("not signed in for %s", signInName(where.Profile, where.Name)), cli.RunThis(loginCommand(where)))
	}
	if err := writeSignIns(p, []identitycenter.Stored{stored}); err != nil {
		return err
	}
	if !stored.Expires().After(p.Now()) && !stored.Renewable(p.Now()) {
		return cli.WithHints(fmt.Errorf("the sign-in for %s has expired", signInName(where.Profile, where.Name)), cli.RunThis(loginCommand(where)))
	}
	return nil
}

// writeSignIns writes a table of sign-ins to standard output.
func writeSignIns(p cli.Process, all []identitycenter.Stored) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = io.WriteString(table, "SESSION\tSTART URL\tREGION\tSIGN-IN\n")
	for _, s := range all {
		state := "until " + s.Expires().UTC().Format(time.RFC3339)
		switch {
		case s.Expires().After(p.Now()):
		case s.Renewable(p.Now()):
			state = "renewed when next used"
		default:
			state = "expired " + s.Expires().UTC().Format(time.RFC3339)
		}
		name := s.Session
		if name == "" {
			name = "-"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", cli.OneLine(name), cli.OneLine(cli.RedactURL(s.StartURL)), cli.OneLine(s.Region), state)
	}
	_ = table.Flush()
	_, err := io.WriteString(p.Stdout, b.String())
	return err
}
