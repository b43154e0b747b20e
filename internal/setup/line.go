package setup

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// A helperLine is a value of credential.helper that answers for CodeCommit.
type helperLine struct {
	program string // a path or a name
	aws     bool   // it is the helper of the AWS CLI
	profile string // "" if the line names none
	args    []string
}

// parseLine recognises this program and the AWS CLI's helper, by name or path, in
// quotes, after variables, and within a shell function.
func parseLine(value string) (line helperLine, ok bool) {
	command, isShell := strings.CutPrefix(value, "!")
	words, err := shell.Split(command)
	if err != nil || len(words) == 0 || isShell && strings.ContainsAny(command, "(){};|&") {
		words = strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" \t\n(){};|&'\"", r) })
	}
	for i, word := range words {
		name := strings.TrimSuffix(path.Base(filepath.ToSlash(word)), ".exe")
		switch {
		case name == cli.Name, word == "codecommit" && !isShell && i == 0,
			word == "credential-codecommit" && i > 0 && path.Base(words[i-1]) == "git":
			line.program = word
		case word == "credential-helper" && strings.Contains(value, "codecommit"):
			line.program, line.aws = "aws", true
		default:
			continue
		}
		ok = true
		line.args = words[i+1:]
		break
	}
	for i, word := range words {
		if profile, is := strings.CutPrefix(word, "--profile="); is {
			line.profile = profile
		} else if profile, is := strings.CutPrefix(word, "AWS_PROFILE="); is && line.profile == "" {
			line.profile = profile
		} else if word == "--profile" && i+1 < len(words) {
			line.profile = words[i+1]
		}
	}
	return line, ok
}

// oursRegexp matches the helper lines that setup writes: an absolute path that
// ends in the program's name, in quotes or not.
var oursRegexp = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(!.)?([A-Za-z]:)?/(.*/)?` + cli.Name + `(\.exe)?.?( |$)`)
})

// isOurs reports whether setup could have written a helper line.
func isOurs(value string) bool { return oursRegexp().MatchString(value) }

// programOf is the program that a line of setup runs.
func programOf(value string) string {
	words, err := shell.Split(strings.TrimPrefix(value, "!"))
	if err != nil || len(words) == 0 {
		return ""
	}
	return words[0]
}

// isOf reports whether a line of setup runs this program, or one that no longer
// exists.
func isOf(value, program string) bool {
	named := programOf(value)
	if named == filepath.ToSlash(program) || cli.SameFile(named, program) {
		return true
	}
	_, err := os.Stat(named)
	return os.IsNotExist(err)
}
