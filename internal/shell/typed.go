package shell

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
)

// The functions in this file return commands for people to type in a POSIX shell
// or, on Windows, at the command prompt (cmd.exe).

const onWindows = runtime.GOOS == "windows"

// Typed returns s as one word of a command line, quoted for the system's shell if
// necessary.
func Typed(s string) string { return typed(s, onWindows) }

func typed(s string, windows bool) string {
	if !windows {
		return Word(s)
	}
	// Backslashes separate the parts of a path there.
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

// AddToPath returns the command that puts a folder first on PATH.
func AddToPath(folder string) string { return addToPath(folder, onWindows) }

func addToPath(folder string, windows bool) string {
	if windows {
		return "set PATH=" + folder + ";%PATH%"
	}
	return "export PATH=" + Word(folder) + `:"$PATH"`
}

// With returns a command line that runs a command with environment variables
// (NAME=VALUE).
func With(command string, variables ...string) string { return with(command, variables, onWindows) }

func with(command string, variables []string, windows bool) string {
	before := ""
	for _, assignment := range variables {
		if windows {
			before += `set "` + assignment + `" && ` // without the quotation marks, the space would be part of the value
		} else {
			before += assignment + " "
		}
	}
	return before + command
}

// List returns the command that shows a file, with owner and mode where they exist.
// A path that starts with "~/" is in the home folder.
func List(path string) string { return inShell("ls -l ", "dir ", path, onWindows) }

// ListFolder is List for all files of a folder.
func ListFolder(path string) string { return inShell("ls -la ", "dir /a ", path, onWindows) }

// Remove returns the command that removes a file.
func Remove(path string) string { return inShell("rm ", "del ", path, onWindows) }

func inShell(posix, prompt, path string, windows bool) string {
	if windows { // a slash would start an option
		return prompt + strings.ReplaceAll(typedPath(path, windows), "/", `\`)
	}
	return posix + typedPath(path, windows)
}

// Link returns the command that links path to a program.
func Link(program, path string) string {
	if onWindows { // only administrators can create links
		return inShell("", "copy ", program, onWindows) + " " + inShell("", "", path, onWindows)
	}
	return "ln -s " + Word(program) + " " + Word(path)
}

// Time returns the command that shows the machine's time.
func Time() string {
	if onWindows {
		return "time /t"
	}
	return "date -u"
}

// Edit returns the command that opens a file in an editor, at a line; 0 for none. A
// path that starts with "~/" is in the home folder.
func Edit(path string, line int) string {
	onPath := func(program string) bool { _, err := exec.LookPath(program); return err == nil }
	return edit(path, line, onWindows, onPath)
}

func edit(path string, line int, windows bool, onPath func(program string) bool) string {
	if windows {
		return "notepad " + typedPath(path, windows)
	}
	editor := "vi"
	for _, program := range []string{"sensible-editor", "nano"} { // Debian's default, else one that is easy to quit
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
