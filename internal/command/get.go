package command

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/doctor"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/session"
)

func newGet(p cli.Process, f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "get",
		Short: "answer git's question for a user name and a password",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return get(cmd.Context(), p, f, f.check(cmd.Flags()))
		},
	}
}

// get answers git's request. When the request is ours and cannot be answered
// git is told to quit, so that it does not ask a person for a user name.
// FlagErr is what is wrong with the flags: it matters only when the request is
// ours.
func get(ctx context.Context, p cli.Process, f *flags, flagErr error) error {
	req, err := helper.Read(p.Stdin)
	if err != nil && req.Host != "" {
		if _, ours := f.endpoint(req.Host); !ours || codecommit.IsGitCredential(req.Username) {
			return nil // what a foreign server put into its answer may have spoilt it
		}
	}
	if err == nil {
		ep, ours := addressee(p, f, req)
		switch {
		case !ours:
			return nil
		case flagErr != nil:
			err = cli.UsageError(cli.Name, flagErr)
		default:
			err = answer(ctx, p, f, req, ep)
		}
	}
	if err != nil {
		_ = helper.WriteQuit(p.Stdout)
	}
	return err
}

// addressee says whether a request is ours to answer, judging by the request
// alone: nothing of a foreign host's request touches file, network or child.
func addressee(p cli.Process, f *flags, req helper.Request) (ep codecommit.Endpoint, ours bool) {
	ep, ours = f.endpoint(req.Host)
	switch {
	case !ours:
		return ep, false
	case req.Protocol == "http":
		name := "NAME"
		if repository, ok := codecommit.ParsePath(req.Path); ok {
			name = repository
		}
		p.Report(&cli.Error{
			Err: fmt.Errorf("no answer for %s over http: anyone on the way could read the credentials", cli.Quote(req.Host)),
			Fix: []cli.Hint{cli.Advice("use https in the URL: git remote set-url origin https://" + ep.Host + "/v1/repos/" + name)},
		})
		return ep, false
	case req.Protocol != "https", codecommit.IsGitCredential(req.Username):
		return ep, false
	}
	return ep, true
}

// answer signs the request and writes the answer.
func answer(ctx context.Context, p cli.Process, f *flags, req helper.Request, ep codecommit.Endpoint) error {
	if req.Path == "" {
		scope := gitconfig.Global
		if p.NoHome() {
			scope = gitconfig.System
		}
		return &cli.Error{
			Err: fmt.Errorf("git did not say which repository of %s is wanted, and the signature needs it", ep.Host),
			Fix: []cli.Hint{
				cli.Run("git config --" + string(scope) + " credential.https://" + req.Host + ".useHttpPath true"),
				cli.RunThis("doctor https://" + req.Host).When("if that changes nothing"), // false may stand behind it
			},
		}
	}
	repository, ok := codecommit.ParsePath(req.Path)
	if !ok {
		return &cli.Error{
			Err: fmt.Errorf("%s is not the path of a CodeCommit repository", cli.Quote(req.Path)),
			Fix: []cli.Hint{cli.Advice("the URL's form is https://" + ep.Host + "/v1/repos/NAME")},
		}
	}
	creds, err := credentials(ctx, p, f, ep)
	if err != nil {
		return explained(p, err, f, ep, repository)
	}
	now := p.Now().Add(creds.Skew)
	err = helper.Answer{
		Username: codecommit.Username(creds.AccessKeyID, creds.SessionToken),
		Password: codecommit.Sign(creds.SecretAccessKey, ep, req.Path, now),
		// Git compares it with this machine's clock.
		Expires: expiry(now, creds.Expires).Add(-creds.Skew),
	}.Write(p.Stdout, req)
	if err == nil && creds.Skew != 0 {
		p.Warn(clockError(creds.Skew), cli.Run(doctor.SetClock()))
	}
	return err
}

// clockError says by how much this machine's clock is off. Skew is AWS's clock
// minus this machine's.
func clockError(skew time.Duration) error {
	direction := "behind"
	if skew < 0 {
		direction = "ahead of"
	}
	return fmt.Errorf("this machine's clock is %s %s AWS's, whose time was used", skew.Abs(), direction)
}

// credentials resolves whose credentials are wanted and gets them.
func credentials(ctx context.Context, p cli.Process, f *flags, ep codecommit.Endpoint) (session.Result, error) {
	chain, err := awsprofile.Resolve(awsEnvironment(p), f.query())
	if err != nil {
		return session.Result{}, err
	}
	if f.region != "" {
		chain.Settings.Region = f.region
	}
	o := sessionOptions(p, f)
	o.Region = ep.Region
	o.Account = f.account
	return session.Get(ctx, chain, o)
}

// expiry is when an answer stops working: when the service no longer takes the
// signature, or earlier when the session ends.
func expiry(signed, sessionEnd time.Time) time.Time {
	end := signed.Add(codecommit.Validity)
	if !sessionEnd.IsZero() && sessionEnd.Before(end) {
		return sessionEnd
	}
	return end
}
