package setup

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// namesCodeCommit reports whether a value of credential.helper is meant for
// CodeCommit: it runs this program or the AWS CLI's helper, possibly inside a shell
// function.
func namesCodeCommit(value string) bool {
	if _, ok := helper.ParseLine(value); ok {
		return true
	}
	return strings.HasPrefix(value, "!") &&
		(strings.Contains(value, cli.Name) || strings.Contains(value, "credential-codecommit") ||
			strings.Contains(value, "credential-helper") && strings.Contains(value, "codecommit"))
}

// profileRegexp matches a profile name in a shell command.
var profileRegexp = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:AWS_PROFILE=|--profile[= ])["']?([^\s"';|&(){}]+)`)
})

// profileOf returns the profile that a helper line for CodeCommit names, "" if
// none.
func profileOf(value string) string {
	if !namesCodeCommit(value) {
		return ""
	}
	if line, ok := helper.ParseLine(value); ok {
		if profile := helper.LineProfile(value); profile != "" {
			return profile
		}
		for _, variable := range line.Env {
			if profile, ok := strings.CutPrefix(variable, "AWS_PROFILE="); ok {
				return profile
			}
		}
		return ""
	}
	if found := profileRegexp().FindStringSubmatch(value); found != nil {
		return found[1]
	}
	return ""
}

// isOurs reports whether setup could have written a helper line: it runs this
// program's name by an absolute path, and sets no variables.
func isOurs(value string) bool {
	line, ok := helper.ParseLine(value)
	program := filepath.ToSlash(line.Program)
	return ok && !line.ByGit && len(line.Env) == 0 && strings.TrimSuffix(filepath.Base(program), ".exe") == cli.Name &&
		(strings.HasPrefix(program, "/") || len(program) > 2 && program[1:3] == ":/")
}

// runsProgram reports whether a helper line of setup runs the given program, or one
// that no longer exists.
func runsProgram(value, program string) bool {
	line, _ := helper.ParseLine(value)
	if filepath.ToSlash(line.Program) == filepath.ToSlash(program) || cli.SameFile(line.Program, program) {
		return true
	}
	_, err := os.Stat(line.Program)
	return os.IsNotExist(err)
}

// helperLine returns the value of credential.helper that runs this program with
// these arguments. It is an error if setup would not recognize the program's name.
func helperLine(program string, args []string) (string, error) {
	value := helper.Line{Program: filepath.ToSlash(program), Args: args}.String()
	if !isOurs(value) {
		named := filepath.ToSlash(filepath.Join(filepath.Dir(program), cli.Name))
		return "", cli.WithHints(
			fmt.Errorf("this program is called %s, and setup recognizes its own settings by the name %s", cli.Quote(filepath.Base(program)), cli.Name),
			cli.Run(shell.Link(filepath.ToSlash(program), named)), cli.Run(shell.Typed(named)+" setup").When("then"))
	}
	return value, nil
}

// ProgramPath returns the path of this program. If the program was started by its
// own name, that path is returned unresolved: an update may point the link to
// another version. Otherwise it is the path that the system reports.
func ProgramPath(p cli.Process) (string, error) {
	real, err := p.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot determine the path of this program")
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
