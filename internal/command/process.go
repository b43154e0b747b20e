package command

import (
	"context"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/session"
)

// awsEnvironment returns the parts of the process that awsprofile needs.
func awsEnvironment(p cli.Process) awsprofile.Environment {
	return awsprofile.Environment{LookupEnv: p.LookupEnv, Home: p.Home}
}

// sessionOptions returns the options for session. Host is the request's host, ""
// for none. Without HOME (as in boot scripts) sessions are not stored, not even in
// the home folder from the user database.
func sessionOptions(p cli.Process, f *flags, host string) session.Options {
	return session.Options{
		Home:       p.Home(),
		SudoUID:    p.Getenv("SUDO_UID"),
		LoginCache: awsEnvironment(p).ExpandPath(p.Getenv("AWS_LOGIN_CACHE_DIRECTORY")),
		NoStore:    f.noCache || p.Getenv("HOME") == "" && p.Getenv("USERPROFILE") == "",
		Now:        p.Now,
		Prompt:     func(ctx context.Context, serial string) (string, error) { return mfaCode(ctx, p, serial, host) },
		Trace:      p.Trace(),
	}
}
