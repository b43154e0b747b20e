package command

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// helperArgs are the flags of the helper line, in the order of define. When
// they became a profile, the profile says the rest.
func (s *setupFlags) helperArgs() []string {
	f := *s.flags
	if s.addsProfile() {
		f = flags{profile: f.profile, account: f.account, allowHosts: f.allowHosts, noCache: f.noCache}
		if len(f.allowHosts) > 0 {
			f.region = s.region
		}
	}
	return f.args()
}

// args writes the flags as one would type them, in the order of define.
func (f *flags) args() []string {
	var args []string
	for _, flag := range []struct{ name, value string }{
		{"--profile", f.profile},
		{"--role-arn", f.roleARN},
		{"--external-id", f.externalID},
		{"--mfa-serial", f.mfaSerial},
		{"--role-session-name", f.roleSessionName},
		{"--duration", f.duration.String()},
		{"--credential-source", f.credentialSource},
		{"--region", f.region},
		{"--account", f.account},
	} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	for _, host := range f.allowHosts {
		args = append(args, "--allow-host", host)
	}
	if f.noCache {
		args = append(args, "--no-cache")
	}
	return args
}

// helperValue is the value of credential.helper that runs this program, by its
// absolute path.
func (s *setupFlags) helperValue(p cli.Process) (string, error) {
	path, err := programPath(p)
	if err != nil {
		return "", err
	}
	path = filepath.ToSlash(path)
	value := helper.Line{Program: path, Args: s.helperArgs()}.String()
	if !gitconfig.IsOurs(value) {
		named := filepath.ToSlash(filepath.Join(filepath.Dir(path), cli.Name))
		return "", &cli.Error{
			Err: fmt.Errorf("this program is called %s, and setup knows what it wrote by the name %s", cli.Quote(filepath.Base(path)), cli.Name),
			Fix: []cli.Hint{cli.Run("ln -s " + shell.Word(path) + " " + shell.Word(named)), cli.Advice("then run setup by that name: " + shell.Word(named) + " setup")},
		}
	}
	return value, nil
}

// programPath is where this program lies: by the name that it was started with
// if that leads here, so that a link which an update will turn to another
// version stays a link, else as the system tells it.
func programPath(p cli.Process) (string, error) {
	real, err := p.Executable()
	if err != nil {
		return "", errors.New("cannot tell where this program lies")
	}
	path, err := exec.LookPath(p.Args[0])
	if err == nil {
		path, err = filepath.Abs(path)
	}
	name := strings.TrimSuffix(filepath.Base(path), ".exe")
	if err == nil && name == cli.Name && cli.SameFile(path, real) {
		return path, nil
	}
	return real, nil
}
