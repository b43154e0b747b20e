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
// CodeCommit: it runs this program or the AWS CLI's helper, possibly within a shell
// function.
func namesCodeCommit(value string) bool {
	if _, ok := helper.ParseLine(value); ok {
		return true
	}
	return strings.HasPrefix(value, "!") &&
		(strings.Contains(value, cli.Name) || strings.Contains(value, "credential-codecommit") ||
			strings.Contains(value, "credential-helper") && strings.Contains(value, "codecommit"))
}

// profileRegexp finds a profile within a line of shell.
var profileRegexp = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:AWS_PROFILE=|--profile[= ])["']?([^\s"';|&(){}]+)`)
})

// profileOf is the profile that a helper line for CodeCommit names; "" for none.
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

// isOurs reports whether setup could have written a helper line: it runs an
// absolute path that ends in this program's name, and sets no variables.
func isOurs(value string) bool {
	line, ok := helper.ParseLine(value)
	program := filepath.ToSlash(line.Program)
	return ok && !line.ByGit && len(line.Env) == 0 && strings.TrimSuffix(filepath.Base(program), ".exe") == cli.Name &&
		(strings.HasPrefix(program, "/") || len(program) > 2 && program[1:3] == ":/")
}

// isOf reports whether a line of setup runs this program, or one that no longer
// exists.
func isOf(value, program string) bool {
	line, _ := helper.ParseLine(value)
	if filepath.ToSlash(line.Program) == filepath.ToSlash(program) || cli.SameFile(line.Program, program) {
		return true
	}
	_, err := os.Stat(line.Program)
	return os.IsNotExist(err)
}

// helperLine is the value of credential.helper that runs this program with
// arguments.
func helperLine(program string, args []string) (string, error) {
	value := helper.Line{Program: filepath.ToSlash(program), Args: args}.String()
	if !isOurs(value) {
		named := filepath.ToSlash(filepath.Join(filepath.Dir(program), cli.Name))
		return "", cli.WithHints(
			fmt.Errorf("this program is called %s, and setup recognises its own settings by the name %s", cli.Quote(filepath.Base(program)), cli.Name),
			cli.Run("ln -s "+shell.Word(filepath.ToSlash(program))+" "+shell.Word(named)), cli.Run(shell.Word(named)+" setup").When("then"))
	}
	return value, nil
}

// ProgramPath is the path of this program: that by which it was started if it
// has the program's name, so that a link which an update points to another version
// remains a link, otherwise the path that the system reports.
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
