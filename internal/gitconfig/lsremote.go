package gitconfig

import "context"

// LsRemote has git read the branches of a repository, a URL or the name of a
// remote, as git does in the current folder with its effective configuration. It
// asks no person for anything. Extra holds settings that apply to this command
// only, in the form of git's -c. The error is a RunError with git's own message.
func (g Git) LsRemote(ctx context.Context, repository string, extra ...string) error {
	// An empty GIT_ASKPASS means that there is none, whatever core.askPass and
	// SSH_ASKPASS are: git_prompt in git's prompt.c.
	quiet := g.with("GIT_TERMINAL_PROMPT=0").with("GIT_ASKPASS=")
	var args []string
	for _, setting := range extra {
		args = append(args, "-c", setting)
	}
	_, err := quiet.Output(ctx, append(args, "ls-remote", "--heads", "--quiet", "--", repository)...)
	return err
}
