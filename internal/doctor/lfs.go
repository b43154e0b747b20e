package doctor

import (
	"context"

	"git-credential-codecommit/internal/remote"
)

// checkLFS checks that git-lfs finds the repository and the credentials of a
// codecommit:// remote, if large files are stored in the repository. The remote
// helper configures both, but not if git-lfs was installed later.
func (x *examination) checkLFS(ctx context.Context) {
	if x.target.CodeCommitURL == "" || x.target.Remote == "" || remote.LFSReady(x.Entries, x.target.Remote, x.target.CodeCommitURL, x.target.URL) {
		return
	}
	if _, err := x.Git.Output(ctx, "grep", "--quiet", "filter=lfs", "HEAD", "--", ":(glob)**/.gitattributes"); err != nil {
		return // no large files
	}
	x.add(Check{
		Name:    CheckLFS,
		Status:  Warning,
		Summary: "git-lfs is not configured for remote " + x.target.Remote + ": it transfers no large files, or uses other credentials than git",
		Run:     []Command{Shown("git fetch " + x.Word(x.target.Remote))},
		Notes:   []string{"it configures git-lfs; then run: git lfs pull " + x.Word(x.target.Remote)},
	})
}
