package command

import (
	"context"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/session"
)

// awsEnvironment is what the process edge knows, as awsprofile wants it.
func awsEnvironment(p cli.Process) awsprofile.Environment {
	return awsprofile.Environment{LookupEnv: p.LookupEnv, Home: p.Home}
}

// sessionOptions is what the process edge and the flags say, as session wants
// it. A process that was told of no home folder, as a boot script's, keeps no
// sessions in the one that the system knows of.
func sessionOptions(p cli.Process, f *flags) session.Options {
	return session.Options{
		Home:       p.Home(),
		SudoUID:    p.Getenv("SUDO_UID"),
		LoginCache: awsEnvironment(p).ExpandPath(p.Getenv("AWS_LOGIN_CACHE_DIRECTORY")),
		NoStore:    f.noCache || p.Getenv("HOME") == "" && p.Getenv("USERPROFILE") == "",
		Now:        p.Now,
		Prompt:     func(ctx context.Context, serial string) (string, error) { return mfaCode(ctx, p, serial) },
		Trace:      p.Trace(),
	}
}
