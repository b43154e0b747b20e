package shell

import (
	"slices"
	"testing"
)

func TestTypedCommands(t *testing.T) {
	t.Parallel()
	on := func(programs ...string) func(string) bool {
		return func(program string) bool { return slices.Contains(programs, program) }
	}
	for _, c := range [][2]string{ // what it returns, and what is expected
		{typed(`C:\Users\al\.aws\config`, true), `C:\Users\al\.aws\config`},
		{typed(`C:\Program Files\git.exe`, true), `"C:\Program Files\git.exe"`},
		{typed(`C:\a`, false), `'C:\a'`},
		{typedPath("~/.aws/config", true), `"%USERPROFILE%\.aws\config"`},
		{typedPath("~/.aws/my config", false), `~/'.aws/my config'`},
		{unset("AWS_PROFILE", true), "set AWS_PROFILE="},
		{unset("AWS_PROFILE", false), "unset AWS_PROFILE"},
		{export("AWS_PROFILE", "my team", true), "set AWS_PROFILE=my team"},
		{export("AWS_PROFILE", "my team", false), "export AWS_PROFILE='my team'"},
		{addToPath(`C:\Program Files\git`, true), `set PATH=C:\Program Files\git;%PATH%`},
		{addToPath("/opt/my bin", false), `export PATH='/opt/my bin':"$PATH"`},
		{with("git fetch", []string{"A=1", "B=1"}, true), `set "A=1" && set "B=1" && git fetch`},
		{with("git fetch", []string{"A=1", "B=1"}, false), "A=1 B=1 git fetch"},
		{inShell("ls -l ", "dir ", "~/.aws/config", true), `dir "%USERPROFILE%\.aws\config"`},
		{inShell("rm ", "del ", "C:/Users/al/.gitconfig", true), `del C:\Users\al\.gitconfig`},
		{inShell("rm ", "del ", "~/my file", false), "rm ~/'my file'"},
		{edit("~/.aws/config", 3, true, on("nano")), `notepad "%USERPROFILE%\.aws\config"`},
		{edit("~/.aws/config", 3, false, on("sensible-editor")), "${EDITOR:-sensible-editor} +3 ~/.aws/config"},
		{edit("~/.aws/config", 3, false, on("nano", "vi")), "${EDITOR:-nano} +3 ~/.aws/config"},
		{edit("~/.aws/config", 0, false, on()), "${EDITOR:-vi} ~/.aws/config"},
		{edit(`D:\aws\config`, 7, true, on()), `notepad D:\aws\config`},
	} {
		if c[0] != c[1] {
			t.Errorf("%s, expected %s", c[0], c[1])
		}
	}
}
