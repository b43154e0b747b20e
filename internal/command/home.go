package command

import (
	"os"
	"os/user"
	"runtime"
)

// home returns the home folder as the AWS CLI finds it: HOME (USERPROFILE on
// Windows), else the one in the system's user database, else "". Boot scripts often
// run as root without HOME.
func home() string {
	variable := "HOME"
	if runtime.GOOS == "windows" {
		variable = "USERPROFILE"
	}
	if dir := os.Getenv(variable); dir != "" {
		return dir
	}
	if u, err := user.Current(); err == nil {
		return u.HomeDir
	}
	return ""
}
