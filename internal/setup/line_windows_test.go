package setup

import "testing"

// Git runs a POSIX shell on Windows too, so the helper line must not contain
// backslashes.
func TestHelperLineOfAWindowsPath(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		`C:\tools\git-credential-codecommit.exe`:         "C:/tools/git-credential-codecommit.exe --profile p",
		`C:\Program Files\git-credential-codecommit.exe`: "!'C:/Program Files/git-credential-codecommit.exe' --profile p",
	} {
		got, err := helperLine(program, []string{"--profile", "p"})
		if err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", program, got, err, want)
		}
		if !isOurs(got) || !runsProgram(got, program) {
			t.Errorf("%s: setup does not recognize its line %s", program, got)
		}
	}
}
