package doctor

import (
	"strings"
	"testing"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// A command that repeats the flags of a conditional include's line changes the
// include's file, because setup would use these credentials in all other folders
// too.
func TestCommandsOfAnIncludedLineStayInItsFile(t *testing.T) {
	t.Parallel()
	const file = "/home/alice/work.inc"
	line := gitconfig.Entry{
		Key: gitconfig.Key{Section: "credential", Name: "helper"}, Value: "codecommit --profile work",
		Scope: gitconfig.Global, Origin: "file:" + file,
	}
	include := gitconfig.Entry{
		Key: gitconfig.Key{Section: "includeif", Subsection: "gitdir:~/work/", Name: "path"}, Value: file,
		Scope: gitconfig.Global, Origin: "file:/home/alice/.gitconfig", IncludedFile: file, Included: []gitconfig.Entry{line},
	}
	x := &examination{
		Doctor: &Doctor{
			Entries: []gitconfig.Entry{include, line},
			Configuration: func() gitconfig.Configuration {
				return gitconfig.Configuration{Roots: []gitconfig.Root{{Scope: gitconfig.Global, Entries: []gitconfig.Entry{include}}}}
			},
			FolderOf: func(gitconfig.ConditionalInclude) (string, bool) { return "", false },
			Overlap:  func(gitconfig.ConditionalInclude, gitconfig.ConditionalInclude) bool { return false },
			Word:     func(s string) string { return s },
		},
		target:   Target{URL: "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/X"},
		line:     helperLine{entry: line, Line: helper.Line{Program: "git-credential-codecommit", Args: []string{"--profile", "work"}}},
		endpoint: codecommit.Endpoint{Host: "git-codecommit.us-east-2.amazonaws.com", Region: "us-east-2"},
	}
	const host = "http.https://git-codecommit.us-east-2.amazonaws.com."
	for command, want := range map[string]string{
		x.literal().text:                           "git config --file " + file + " --replace-all credential.https://git-codecommit.us-east-2.amazonaws.com.helper ",
		x.forRepository(x.line.flags()).text:       "git config --file " + file + " --replace-all credential.https://git-codecommit.us-east-2.amazonaws.com/v1/repos/X.helper ",
		x.transport("emptyAuth", "false").text:     "git config --global " + host + "emptyAuth false",
		x.transport("proactiveAuth", "basic").text: "git config --global " + host + "proactiveAuth basic",
	} {
		if !strings.HasPrefix(command, want) || strings.Contains(command, " setup ") {
			t.Errorf("%s", command)
		}
	}
}
