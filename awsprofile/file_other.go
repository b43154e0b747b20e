//go:build !unix

package awsprofile

import "os"

const openFlags = os.O_RDONLY
