package permission

import (
	"io/fs"
	"os"
)

// RestoreOwn gives this user back the permissions of mode that the umask took from
// a file when it was created. A umask only takes away, so a file that this user
// can use as intended needs no chmod, which fails on some file systems without
// modes.
func RestoreOwn(f *os.File, mode fs.FileMode) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	const own = 0o700
	if info.Mode()&mode&own == mode&own {
		return nil
	}
	return f.Chmod(mode)
}
