package gitconfig

import (
	"context"
	"slices"
)

// Grep searches the repository of the current folder with git grep. It ignores
// settings that change the output, and fetches nothing: in a partial clone, git
// would request missing files from any of the remotes.
func (g Git) Grep(ctx context.Context, args ...string) (string, error) {
	plain := []string{"grep", "--no-color", "--no-line-number", "--no-column"}
	return g.with("GIT_ALLOW_PROTOCOL=none").Output(ctx, slices.Concat(plain, args)...)
}
