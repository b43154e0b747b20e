package helper

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// A Line is a value of credential.helper that runs this program.
type Line struct {
	Program string   // a path, or a name to look up on PATH
	ByGit   bool     // git looks up Program, in its own folder before PATH
	Env     []string // NAME=value, set by a shell command line; usually empty
	Args    []string // arguments before the action, which git appends
}

// ParseLine parses a value of credential.helper as git and its shell do. A value
// that starts with "!" is a command, an absolute path is run with its arguments,
// and any other value is prefixed with "git credential-". Ok is false if the
// command is not a simple one or does not run this program.
//
// A line that tries to run this program but cannot (helper =
// git-credential-codecommit) is also returned; its Program does not exist.
//
// See credential_do in git's credential.c.
func ParseLine(value string) (line Line, ok bool) {
	words := commandOf(value)
	for len(words) > 0 && isAssignment(words[0]) {
		line.Env = append(line.Env, words[0])
		words = words[1:]
	}
	if len(words) == 0 {
		return Line{}, false
	}
	line.Program, line.Args = words[0], words[1:]
	if words[0] == "git" && len(words) > 1 && strings.HasPrefix(words[1], "credential-") {
		line.Program, line.ByGit, line.Args = "git-"+words[1], true, words[2:]
	}
	switch strings.TrimSuffix(path.Base(line.Program), ".exe") {
	case cli.Name, "git-credential-" + cli.Name:
	default:
		return Line{}, false
	}
	line.Args = slices.DeleteFunc(line.Args, func(arg string) bool { return arg == "$@" }) // represents the action, which git appends anyway
	return line, true
}

// String returns the value of credential.helper that runs Program with Args. It
// ignores ByGit: Program must be an absolute path, which git runs without
// searching. A path that a shell would split is quoted; that, like Env, requires
// the form with "!". Git runs a POSIX shell on Windows too.
func (l Line) String() string {
	program := filepath.ToSlash(l.Program)
	value := shell.Word(program)
	for _, variable := range slices.Backward(l.Env) {
		name, set, _ := strings.Cut(variable, "=")
		value = name + "=" + shell.Word(set) + " " + value
	}
	if value != program {
		value = "!" + value
	}
	for _, arg := range l.Args {
		value += " " + shell.Word(arg)
	}
	return value
}

// IsCode reports whether a value of credential.helper is shell code, such as a
// function, that appears to run this program. Use it if ParseLine cannot parse the
// value.
func IsCode(value string) bool {
	return strings.HasPrefix(value, "!") && strings.Contains(value, strings.TrimPrefix(cli.Name, "git-"))
}

// LineProfile returns the value of --profile in a value of credential.helper,
// whichever program it runs; "" if there is none.
func LineProfile(value string) string { return profileFlag(commandOf(value)) }

// RunsAWSHelper reports whether a value of credential.helper runs the AWS CLI's
// credential helper, which serves CodeCommit's hosts and stores nothing. See
// https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html.
func RunsAWSHelper(value string) bool {
	words := commandOf(value)
	return slices.Contains(words, "credential-helper") && strings.TrimSuffix(path.Base(filepath.ToSlash(words[0])), ".exe") == "aws"
}

// AWSProfile returns the value of --profile, which may precede or follow the
// command's name, if a value of credential.helper runs the AWS CLI's credential
// helper; otherwise "".
func AWSProfile(value string) string {
	if !RunsAWSHelper(value) {
		return ""
	}
	return profileFlag(commandOf(value))
}

// profileFlag returns the value of --profile in a command line.
func profileFlag(words []string) string {
	const flag = "--profile"
	for i, word := range words {
		if value, ok := strings.CutPrefix(word, flag+"="); ok {
			return value
		}
		if word == flag && i+1 < len(words) {
			return words[i+1]
		}
	}
	return ""
}

// commandOf returns the words of the command that git runs for a value of
// credential.helper; nil if there are none or a quote is not closed.
func commandOf(value string) []string {
	if value == "" {
		return nil // resets the list of helpers
	}
	command, isShell := strings.CutPrefix(value, "!")
	if !isShell && !isAbsolute(value) {
		command = "git credential-" + value
	}
	words, err := shell.Split(command)
	if err != nil {
		return nil
	}
	return words
}

// isAbsolute reports whether git treats a value as an absolute path. On Windows it
// may start with a drive letter.
func isAbsolute(value string) bool {
	return strings.HasPrefix(value, "/") || filepath.IsAbs(filepath.FromSlash(value))
}

// isAssignment reports whether a shell treats the first word of a command as a
// variable assignment.
func isAssignment(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	if !ok || name == "" || '0' <= name[0] && name[0] <= '9' {
		return false
	}
	return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
