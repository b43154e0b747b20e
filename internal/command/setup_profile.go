package command

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"git-credential-codecommit/awsprofile"
)

// addition is what adds the new profile to the AWS config file, as a shell
// would take it; "" when it is there.
func addition(p Process, s *setupFlags) (string, error) {
	env := p.awsEnvironment()
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
		b.WriteString("umask 077 && mkdir -p " + shellWord(filepath.Dir(path)) + "\n")
	case err == nil && info.Size() > 0:
		separator = "\n"
	}
	b.WriteString("cat >>" + shellWord(path) + " <<'EOF'\n" + separator + s.newProfile().Text() + "EOF\n")
	return b.String(), nil
}

// addProfile adds the new profile, if the flags describe one and it is not there.
func addProfile(p Process, s *setupFlags) (added bool, err error) {
	if !s.addsProfile() {
		return false, nil
	}
	return awsprofile.AddProfile(p.awsEnvironment(), s.newProfile())
}

// profileError tells what keeps a profile from being added or removed.
func profileError(err error, s *setupFlags) error {
	var exists *awsprofile.ProfileExistsError
	var locked *awsprofile.LockedError
	switch {
	case errors.As(err, &exists):
		hints := []string{"give the new profile another name with --profile"}
		if exists.HasSource {
			hints = append(hints, "or use the one that is there: "+s.withProfile())
		}
		return &failure{err: err, hints: hints}
	case errors.As(err, &locked):
		return &failure{err: err, hints: []string{"if no other setup is running, run: rm " + shellWord(locked.Lock)}}
	}
	return err
}
