package permission

import (
	"io/fs"
	"os"
)

// RestoreOwn restores the owner's permissions in mode that the umask removed when a
// file was created. If none are missing, it does not call chmod, which fails on
// some file systems without modes.
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
