package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/setup"
)

// chooseRole completes the new profile of a request: with the sso-session of its
// start URL and, in a terminal, with an account and role that the user chooses
// after signing in.
func (s *setupFlags) chooseRole(ctx context.Context, p cli.Process, files *awsprofile.Files, r *setup.Request) error {
	sso := r.NewProfile.SSO
	where := files.SessionFor(sso.StartURL, sso.Region)
	sso.Session = where.Name
	if r.Undo || sso.AccountID != "" && sso.RoleName != "" {
		return nil
	}
	if r.DryRun {
		return cli.UsageError(cli.Name+" setup", errors.New("--dry-run requires --sso-account and --sso-role: choosing them requires a sign-in"))
	}
	in, out, err := openTerminal()
	if err != nil {
		return cli.UsageError(cli.Name+" setup", errors.New("--sso-start-url requires --sso-account and --sso-role if there is no terminal"))
	}
	defer in.Close()
	defer out.Close()
	set, err := files.SettingsWithoutProfile()
	if err != nil {
		return err
	}
	center := identityCenter(p, set)
	where.Profile = r.NewProfile.Name
	token, err := signIn(ctx, p, center, where, chooseSignInMethod(p, false, false))
	if err != nil {
		return err
	}
	ask := chooser{in: bufio.NewReader(in), out: out}
	if sso.AccountID == "" {
		accounts, err := center.Accounts(ctx, token)
		if err != nil {
			return err
		}
		names := make([]string, len(accounts))
		for i, a := range accounts {
			names[i] = a.ID + "  " + a.Name
		}
		i, err := ask.choose("account", names)
		if err != nil {
			return err
		}
		sso.AccountID = accounts[i].ID
	}
	if sso.RoleName == "" {
		roles, err := center.Roles(ctx, token, sso.AccountID)
		if err != nil {
			return err
		}
		i, err := ask.choose("role in account "+sso.AccountID, roles)
		if err != nil {
			return err
		}
		sso.RoleName = roles[i]
	}
	return nil
}

// A chooser lets the user choose from a list in the terminal.
type chooser struct {
	in  *bufio.Reader
	out io.Writer
}

// maxAnswers is how many invalid answers are allowed.
const maxAnswers = 5

// choose returns the index of the chosen name. It does not ask if there is only
// one.
func (c chooser) choose(what string, names []string) (int, error) {
	switch len(names) {
	case 0:
		return 0, fmt.Errorf("IAM Identity Center assigns you no %s", what)
	case 1:
		_, _ = fmt.Fprintf(c.out, "%s: %s\n", what, cli.OneLine(names[0]))
		return 0, nil
	}
	for i, name := range names {
		_, _ = fmt.Fprintf(c.out, "%3d  %s\n", i+1, cli.OneLine(name))
	}
	for range maxAnswers {
		_, _ = fmt.Fprintf(c.out, "%s (1-%d): ", what, len(names))
		line, err := c.in.ReadString('\n')
		if n, e := strconv.Atoi(strings.TrimSpace(line)); e == nil && n >= 1 && n <= len(names) {
			return n - 1, nil
		}
		if err != nil {
			break
		}
	}
	return 0, fmt.Errorf("no %s was chosen", what)
}
