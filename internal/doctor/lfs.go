package doctor

import (
	"context"
	"strings"

	"git-credential-codecommit/internal/gitbool"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/remote"
)

// checkLFS checks that git-lfs can find a codecommit:// remote's repository and
// credentials, if the repository stores large files. The remote helper configures
// both, but not if git-lfs was installed later. With an https URL git-lfs needs no
// configuration, but it uses one password for all files, which expires after 15
// minutes.
func (x *examination) checkLFS(ctx context.Context) {
	if x.target.Remote == "" || x.target.CodeCommitURL != "" && remote.LFSReady(x.Entries, x.target.Remote, x.target.CodeCommitURL, x.target.URL) {
		return
	}
	if x.target.CodeCommitURL == "" && (!x.credential.UseHTTPPath || lfsSignsEachFile(x.Entries)) {
		return
	}
	if _, err := x.Git.Grep(ctx, "--quiet", "filter=lfs", "HEAD", "--", ":(glob)**/.gitattributes"); err != nil {
		return // no large files in the repository
	}
	if x.target.CodeCommitURL == "" {
		x.add(Check{
			Name:    CheckLFS,
			Status:  OK,
			Summary: "git-lfs uses the same credentials as git, one password for all files of a command",
			Notes:   []string{"for transfers of more than 15 minutes, run: git config --global lfs.cachecredentials false"},
		})
		return
	}
	x.add(Check{
		Name:    CheckLFS,
		Status:  Warning,
		Summary: "git-lfs is not configured for remote " + x.target.Remote + ": it transfers no large files, or uses credentials other than git's",
		Run:     []Command{Shown("git fetch " + x.Word(x.target.Remote))},
		Notes:   []string{"this configures git-lfs; then run: git lfs pull " + x.Word(x.target.Remote)},
	})
}

// lfsSignsEachFile reports whether git-lfs requests a password for each file.
func lfsSignsEachFile(entries []gitconfig.Entry) bool {
	signs := false
	for _, e := range entries {
		if e.Section == "lfs" && e.Subsection == "" && strings.EqualFold(e.Name, "cachecredentials") {
			on, ok := gitbool.Parse(e.Value)
			signs = ok && !on
		}
	}
	return signs
}
