//go:build !unix && !windows

package filelock

import (
	"errors"
	"os"
)

const flags = os.O_RDWR

func lock(*os.File) (bool, error) { return false, errors.ErrUnsupported }
