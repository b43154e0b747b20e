package command

import (
	"context"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/session"
)

// awsEnvironment returns the process's values for awsprofile.
func awsEnvironment(p cli.Process) awsprofile.Environment {
	return awsprofile.Environment{LookupEnv: p.LookupEnv, Home: p.Home}
}

// sessionOptions returns the process's values and the flags for session. Host is
// that of the request, "" for none. A process without a HOME (a boot script) stores
// no sessions in the home folder that the system knows.
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
