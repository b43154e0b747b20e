package command

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/atomicfile"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// addition is what adds the new profile to the AWS config file, as a shell
// would take it; "" when it is there.
func addition(p cli.Process, s *setupFlags) (string, error) {
	env := awsEnvironment(p)
	there, err := awsprofile.HasProfile(env, s.newProfile())
	if there || err != nil {
		return "", profileError(err, s)
	}
	path := awsprofile.ConfigFile(env)
	if path == "" {
		return "", errors.New("there is no home folder to have an AWS config file in")
	}
	var b strings.Builder
	separator := ""
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		b.WriteString("umask 077 && mkdir -p " + shell.Word(filepath.Dir(path)) + "\n")
	case err == nil && info.Size() > 0:
		separator = "\n"
	}
	b.WriteString("cat >>" + shell.Word(path) + " <<'EOF'\n" + separator + s.newProfile().Text() + "EOF\n")
	return b.String(), nil
}

// addProfile adds the new profile, if the flags describe one and it is not there.
func addProfile(p cli.Process, s *setupFlags) (added bool, err error) {
	if !s.addsProfile() {
		return false, nil
	}
	return awsprofile.AddProfile(awsEnvironment(p), s.newProfile())
}

// profileError tells what keeps a profile from being added or removed.
func profileError(err error, s *setupFlags) error {
	var exists *awsprofile.ProfileExistsError
	var locked *atomicfile.LockedError
	switch {
	case errors.As(err, &exists):
		hints := []cli.Hint{cli.Advice("give the new profile another name with --profile")}
		if exists.HasSource {
			hints = append(hints, cli.Advice("or use the one that is there: "+s.withProfile()))
		}
		return &cli.Error{Err: err, Fix: hints}
	case errors.As(err, &locked):
		return &cli.Error{Err: err, Fix: []cli.Hint{cli.Run("rm " + shell.Word(locked.Lock)).When("if no other setup is running")}}
	}
	return err
}
