package program

import "strings"

// FirstFailed returns the line of the first failed check in doctor's report, which
// names the cause ("" if no check failed), and the commands that fix it.
func FirstFailed(report string) (cause string, commands []string) {
	_, rest, found := strings.Cut("\n"+report, "\n✗ ")
	if !found {
		return "", nil
	}
	lines := strings.Split(rest, "\n")
	for _, line := range lines[1:] {
		if !strings.HasPrefix(line, "    ") {
			break
		}
		if command, ok := strings.CutPrefix(line, "    run: "); ok {
			commands = append(commands, command)
		}
	}
	return lines[0], commands
}
