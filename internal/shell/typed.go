package shell

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
)

// The commands in this file are for people to type: in a POSIX shell or, on Windows,
// at the command prompt (cmd.exe).

const onWindows = runtime.GOOS == "windows"

// Typed returns s as one word of a command line that a person types.
func Typed(s string) string { return typed(s, onWindows) }

func typed(s string, windows bool) string {
	if !windows {
		return Word(s)
	}
	// A backslash separates the parts of a path there.
	if plain := strings.ReplaceAll(s, `\`, "/"); Word(plain) == plain {
		return s
	}
	return `"` + s + `"`
}

// Path is Typed for a path whose leading "~/" the shell must expand.
func Path(path string) string { return typedPath(path, onWindows) }

func typedPath(path string, windows bool) string {
	rest, inHome := strings.CutPrefix(path, "~/")
	switch {
	case !inHome:
		return typed(path, windows)
	case windows:
		return typed(`%USERPROFILE%\`+strings.ReplaceAll(rest, "/", `\`), windows)
	}
	return "~/" + Word(rest)
}

// Unset returns the command that removes an environment variable.
func Unset(name string) string { return unset(name, onWindows) }

func unset(name string, windows bool) string {
	if windows {
		return "set " + name + "="
	}
	return "unset " + name
}

// Export returns the command that sets an environment variable.
func Export(name, value string) string { return export(name, value, onWindows) }

func export(name, value string, windows bool) string {
	if windows {
		return "set " + name + "=" + value // quotation marks would be part of the value
	}
	return "export " + name + "=" + Word(value)
}

// Edit returns the command that opens a file in an editor, at a line; 0 for none. A
// path that begins with "~/" is in the home folder.
func Edit(path string, line int) string {
	onPath := func(program string) bool { _, err := exec.LookPath(program); return err == nil }
	return edit(path, line, onWindows, onPath)
}

func edit(path string, line int, windows bool, onPath func(program string) bool) string {
	if windows {
		return "notepad " + typedPath(path, windows)
	}
	editor := "vi"
	for _, program := range []string{"sensible-editor", "nano"} { // Debian's choice, then what is easy to leave
		if onPath(program) {
			editor = program
			break
		}
	}
	at := ""
	if line > 0 {
		at = fmt.Sprintf("+%d ", line)
	}
	return "${EDITOR:-" + editor + "} " + at + typedPath(path, windows)
}
