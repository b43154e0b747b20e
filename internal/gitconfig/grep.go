package gitconfig

import (
	"context"
	"slices"
)

// Grep searches the repository in the current folder with git grep. It ignores the
// settings of its output, and fetches nothing: in a partial clone, git would request
// missing files from any of the repository's remotes.
func (g Git) Grep(ctx context.Context, args ...string) (string, error) {
	plain := []string{"grep", "--no-color", "--no-line-number", "--no-column"}
	return g.with("GIT_ALLOW_PROTOCOL=none").Output(ctx, slices.Concat(plain, args)...)
}
