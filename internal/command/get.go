package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/doctor"
	"git-credential-codecommit/internal/remote"
	"git-credential-codecommit/internal/session"
	"git-credential-codecommit/internal/shell"
)

// newHelper returns the credential helper that the flags describe.
func newHelper(p cli.Process, f *flags) helper.Helper {
	return helper.Helper{
		Endpoint: f.endpoint,
		Credentials: func(ctx context.Context, ep codecommit.Endpoint, r codecommit.Repository) (helper.Credentials, error) {
			creds, err := credentials(ctx, p, f, ep, r)
			if err != nil {
				err = withDoctorHint(p, err, f, ep, r)
			}
			return creds, err
		},
		Forget: func(accessKeyID, sessionToken string) {
			if chain, err := awsprofile.Resolve(awsEnvironment(p), f.query()); err == nil {
				session.Reject(chain, sessionOptions(p, f, ""), accessKeyID, sessionToken)
			}
		},
		Report: func(err error) { p.Report(err) },
		Now:    p.Now,
		NoHome: p.NoHome,
	}
}

// credentials returns the credentials that the flags, the environment and the AWS
// files select. The error has hints.
func credentials(ctx context.Context, p cli.Process, f *flags, ep codecommit.Endpoint, r codecommit.Repository) (helper.Credentials, error) {
	if f.account != "" && r.Account != "" && r.Account != f.account {
		return helper.Credentials{}, fmt.Errorf("the repository's URL names account %s, but --account requires %s", r.Account, f.account)
	}
	chain, err := awsprofile.Resolve(awsEnvironment(p), f.query())
	if err != nil {
		return helper.Credentials{}, err
	}
	if f.region != "" {
		chain.Settings.Region = f.region
	}
	o := sessionOptions(p, f, ep.Host)
	o.Region = ep.Region
	o.Account = f.account
	if _, ok := chain.Source.(awsprofile.SSO); ok {
		profile, _ := chain.Source.Place()
		o.SignIn = signInPrompt(p, profile, ep.Host)
	}
	creds, err := session.Get(ctx, chain, o)
	if err != nil {
		return helper.Credentials{}, err
	}
	if creds.Skew != 0 {
		p.Warn(clockError(creds.Skew), cli.Run(doctor.SetClock()))
	}
	for _, writable := range awsprofile.CheckWritable(awsEnvironment(p)) {
		p.Warn(writable, cli.Run("chmod go-w "+shell.Path(writable.Path)))
	}
	if creds.Warning != nil {
		p.Warn(creds.Warning, cli.HintsOf(creds.Warning)...)
	}
	return helper.Credentials{
		AccessKeyID:     creds.AccessKeyID,
		SecretAccessKey: creds.SecretAccessKey,
		SessionToken:    creds.SessionToken,
		Expires:         creds.Expires,
		Skew:            creds.Skew,
	}, nil
}

// clockError says how far this machine's clock is off. Skew is AWS's time minus
// this machine's.
func clockError(skew time.Duration) error {
	direction := "behind"
	if skew < 0 {
		direction = "ahead of"
	}
	return fmt.Errorf("this machine's clock is %s %s AWS; using AWS's time", skew.Abs(), direction)
}

// withDoctorHint returns err with its hints or, if it has none, with the hint to
// run doctor for the repository.
func withDoctorHint(p cli.Process, err error, f *flags, ep codecommit.Endpoint, r codecommit.Repository) error {
	fix := cli.HintsOf(err)
	var account *session.AccountError
	if p.IsRemoteName() && errors.As(err, &account) && account.Err == nil {
		// In a codecommit:// URL, only the profile selects credentials.
		u := remote.URL{Region: ep.Region, Profile: "PROFILE", Repository: r.Name}
		fix = []cli.Hint{cli.Advice("use a profile of account " + account.Want + " in the URL: " + u.String())}
	}
	if len(fix) == 0 && !errors.Is(err, awsclient.ErrInterrupted) {
		url := "https://" + ep.Host + "/" + r.Path
		if p.IsRemoteName() { // git was given a codecommit:// URL
			url = remote.URL{Region: ep.Region, Profile: f.profile, Repository: r.Name}.String()
		}
		fix = []cli.Hint{cli.RunThis("doctor " + shell.Typed(url))}
	}
	return cli.WithHints(err, fix...)
}
