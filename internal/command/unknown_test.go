package command

import (
	"slices"
	"testing"

	"git-credential-codecommit/internal/cli"
)

func TestMisspeltCommands(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"stup": "setup", "seutp": "setup", "set-up": "setup", "doctr": "doctor", "dcotor": "doctor", "polcy": "policy", "versions": "version", "uri": "url",
		"list": "", "approve": "", "reject": "", "refresh": "", "fill": "", "s": "", "del": "", "put": "", "help!": "", "": "",
	} {
		if got := misspelt(word); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestCommandNamesAreTheCommandsForPeople(t *testing.T) {
	t.Parallel()
	var want []string
	for _, cmd := range newRoot(cli.Process{Args: []string{cli.Name}}).Commands() {
		if !isAction(cmd.Name()) {
			want = append(want, cmd.Name())
		}
	}
	got := slices.Sorted(slices.Values(commandNames))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
