package command

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/identitycenter"
	"git-credential-codecommit/internal/session"
)

func newLogout(p cli.Process, f *flags) *cobra.Command {
	s := signInFlags{flags: f}
	cmd := &cobra.Command{
		Use:   "logout [--profile NAME | --sso-session NAME]",
		Short: "end sign-ins to IAM Identity Center",
		Long: `Ends the sign-in of a profile or an sso-session, at AWS and on this machine.
Without either, ends all sign-ins of this user. Also removes the stored role
credentials that came from these sign-ins. The AWS CLI and the SDKs are then
signed out too.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.check(cmd.Flags()); err != nil {
				return cli.UsageError(cmd.CommandPath(), err)
			}
			return logout(cmd.Context(), p, s)
		},
	}
	s.define(cmd.Flags())
	return cmd
}

// maxMemory makes the garbage collector run often if the AWS files or git's
// configuration are huge, in commands that keep most of them in memory: 48 MiB, three
// times the largest file.
const maxMemory = 48 << 20

// logout ends the selected sign-in, or all of them. If AWS cannot end one, it is
// still removed from this machine.
func logout(ctx context.Context, p cli.Process, s signInFlags) error {
	debug.SetMemoryLimit(maxMemory)
	files := awsprofile.Open(awsEnvironment(p))
	all := s.session == "" && s.profile == ""
	var signIns []identitycenter.Stored
	var center *identitycenter.Client
	var selected *awsprofile.SSOSession
	if all {
		set, err := files.SettingsWithoutProfile()
		if err != nil {
			return err
		}
		center = identityCenter(p, set)
		if signIns, err = center.Stored(files.SignIns()); err != nil {
			return err
		}
	} else {
		where, c, err := s.selected(p)
		if err != nil {
			return err
		}
		stored, ok, err := c.StoredFor(where)
		if err != nil {
			return err
		}
		if ok {
			signIns = append(signIns, stored)
		}
		center, selected = c, &where
	}
	var errs []error
	for _, signIn := range signIns {
		signIn = center.Current(ctx, signIn)
		if err := center.Logout(ctx, signIn.Token); err != nil {
			errs = append(errs, fmt.Errorf("the sign-in to %s was removed from this machine, but AWS did not end it: %w", cli.RedactURL(signIn.StartURL), err))
		}
		if err := center.Remove(signIn); err != nil {
			errs = append(errs, err)
		}
	}
	credentials, err := session.ForgetSignIn(files, selected, sessionOptions(p, &flags{}, ""))
	errs = append(errs, err)
	switch len(signIns) {
	case 0:
		_, _ = fmt.Fprintln(p.Stdout, "not signed in")
	case 1:
		_, _ = fmt.Fprintf(p.Stdout, "signed out of %s\n", cli.OneLine(cli.RedactURL(signIns[0].StartURL)))
	default:
		_, _ = fmt.Fprintf(p.Stdout, "ended %d sign-ins\n", len(signIns))
	}
	if credentials > 0 {
		_, _ = fmt.Fprintf(p.Stdout, "removed the stored credentials of %d %s\n", credentials, plural(credentials, "role", "roles"))
	}
	return cli.Join(errs...)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
