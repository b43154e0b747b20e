package gitconfig

import (
	"context"
	"errors"
	"io"
	"os"
)

// LsRemote runs git ls-remote for a repository (a URL or the name of a remote) with
// the current folder's effective configuration. It never prompts. Extra are
// key=value settings for git -c. The error is a RunError with git's message.
//
// If answer is not empty, git runs no helper and reads this credential helper
// output instead, through a pipe.
func (g Git) LsRemote(ctx context.Context, repository string, answer []byte, extra ...string) error {
	// An empty GIT_ASKPASS disables core.askPass and SSH_ASKPASS: git_prompt in
	// git's prompt.c.
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
		_, err = w.Write(answer) // fits into a pipe's buffer
		if err := errors.Join(err, w.Close()); err != nil {
			return err
		}
		quiet.files = []*os.File{r}
		args = append(args, "-c", "credential.helper=", "-c", "credential.helper=!f() { cat <&3; }; f") // descriptor 3 is files[0]
	}
	return quiet.run(ctx, io.Discard, append(args, "ls-remote", "--heads", "--quiet", "--", repository))
}
