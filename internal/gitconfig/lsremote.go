package gitconfig

import (
	"context"
	"errors"
	"os"
)

// LsRemote has git read the branches of a repository, a URL or the name of a
// remote, as git does in the current folder with its effective configuration. It
// asks no person for anything. Extra holds settings that apply to this command
// only, in the form of git's -c. The error is a RunError with git's own message.
//
// If answer is not empty, it is what a credential helper would answer, and no helper
// runs: git gets it through a pipe.
func (g Git) LsRemote(ctx context.Context, repository string, answer []byte, extra ...string) error {
	// An empty GIT_ASKPASS means that there is none, whatever core.askPass and
	// SSH_ASKPASS are: git_prompt in git's prompt.c.
	quiet := g.with("GIT_TERMINAL_PROMPT=0").with("GIT_ASKPASS=")
	var args []string
	for _, setting := range extra {
		args = append(args, "-c", setting)
	}
	if len(answer) > 0 {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = w.Write(answer) // far less than a pipe holds
		if err := errors.Join(err, w.Close()); err != nil {
			return err
		}
		quiet.files = []*os.File{r}
		args = append(args, "-c", "credential.helper=", "-c", "credential.helper=!f() { cat <&3; }; f") // 3 is the first of files
	}
	_, err := quiet.Output(ctx, append(args, "ls-remote", "--heads", "--quiet", "--", repository)...)
	return err
}
