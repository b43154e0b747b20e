package iampolicy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A scriptRun runs printed scripts with a function in place of the AWS CLI. The
// function writes each call to $LOG, with a NUL after every word and another one at
// the end, and then runs answer.
type scriptRun struct {
	command []string
	account string // of the credentials
	answer  string // shell commands; $1, $2, … are the call's words
}

// run returns the calls, what the script printed, and its exit code.
func (s scriptRun) run(t *testing.T, script []byte) (calls [][]string, printed string, exit int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "calls")
	const aws = `aws() {
  if [ "$1" = sts ]; then [ -n "$ACCOUNT" ] && echo "$ACCOUNT" && return; echo 'ExpiredToken' >&2; return 254; fi
  printf '%%s\0' "$@" '' >>"$LOG"
  %s
}
`
	cmd := exec.CommandContext(t.Context(), s.command[0], s.command[1:]...)
	cmd.Env = append(os.Environ(), "ACCOUNT="+s.account, "LOG="+file)
	answer := s.answer
	if answer == "" {
		answer = ":"
	}
	cmd.Stdin = strings.NewReader(fmt.Sprintf(aws, answer) + string(script))
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	log, _ := os.ReadFile(file)
	for call := range strings.SplitSeq(string(log), "\x00\x00") {
		if call != "" {
			calls = append(calls, strings.Split(call, "\x00"))
		}
	}
	return calls, string(out), cmd.ProcessState.ExitCode()
}

// shells are the POSIX shells on this machine.
func shells(t *testing.T) [][]string {
	t.Helper()
	var found [][]string
	for _, shell := range [][]string{{"sh", "-eu"}, {"dash"}, {"bash", "--posix"}, {"busybox", "sh"}, {"zsh", "--emulate", "sh"}, {"ksh"}} {
		if _, err := exec.LookPath(shell[0]); err == nil {
			found = append(found, shell)
		}
	}
	if found == nil {
		t.Skip("no POSIX shell here")
	}
	return found
}

// With each account's credentials, only that account's calls are made, in every
// shell.
func TestCommands(t *testing.T) {
	t.Parallel()
	for name, users := range map[string][]string{
		"contributors": {"create-group", "put-group-policy"},
		"group":        {"create-group", "put-group-policy"},
		"auditors":     {"put-user-policy"},
		"instances":    {"create-role", "put-role-policy", "create-instance-profile", "add-role-to-instance-profile"},
		"workflows":    {"create-open-id-connect-provider", "add-client-id-to-open-id-connect-provider", "create-role", "put-role-policy"},
		"pipelines":    nil,
	} {
		a := must(New(published[name]()))
		repository := []string{"create-role", "put-role-policy"}
		if name == "pipelines" {
			repository = slices.Concat([]string{"create-open-id-connect-provider", "add-client-id-to-open-id-connect-provider"}, repository)
		}
		for _, command := range shells(t) {
			for account, want := range map[string][]string{"111122223333": repository, "888888888888": users, "999999999999": nil} {
				t.Run(strings.Join([]string{name, command[0], account}, " "), func(t *testing.T) {
					t.Parallel()
					calls, printed, exit := scriptRun{command: command, account: account}.run(t, a.Commands(ForAll))
					var got, documents []string
					for _, words := range calls {
						got = append(got, words[1])
						for _, word := range words {
							if strings.HasPrefix(word, "{\n") {
								documents = append(documents, word)
							}
						}
					}
					if !slices.Equal(got, want) {
						t.Errorf("ran %q, want %q\n%s", got, want, printed)
					}
					var published []string
					for i, of := range a.documents() {
						if account == []string{"888888888888", "111122223333"}[i] {
							for _, d := range of {
								published = append(published, d.indented())
							}
						}
					}
					slices.Sort(published)
					slices.Sort(documents)
					if !reflect.DeepEqual(documents, published) {
						t.Errorf("documents\n%q\nwant\n%q", documents, published)
					}
					switch {
					case want == nil && (exit != 1 || !strings.Contains(printed, "error: nothing was changed: the credentials belong to account "+account)):
						t.Errorf("exit %d, printed\n%s", exit, printed)
					case want != nil && exit != 0:
						t.Errorf("exit %d, printed\n%s", exit, printed)
					}
				})
			}
		}
	}
}

// A script with failed calls lists them and exits with an error.
func TestFailedCommands(t *testing.T) {
	t.Parallel()
	const denied = `echo "An error occurred (AccessDenied) when calling the X operation: no" >&2; return 254`
	failing := func(code, operation string) string {
		return `if [ "$2" = ` + operation + ` ]; then echo "An error occurred (` + code + `) when calling the X operation: no" >&2; return 254; fi`
	}
	a := must(New(instances()))
	for _, command := range shells(t) {
		for _, tt := range []struct {
			name    string
			account string
			answer  string
			exit    int
			has     []string
			not     []string
		}{
			{
				"everything is denied", "888888888888", denied, 1,
				[]string{
					"(AccessDenied)", "error: these calls failed:\n",
					"\n  aws iam create-role --role-name Builders\n", "\n  aws iam put-role-policy --role-name Builders\n",
					"\n  aws iam create-instance-profile --instance-profile-name Builders\n", "\n  aws iam add-role-to-instance-profile --instance-profile-name Builders\n",
				},
				nil,
			},
			{
				"one call is denied", "111122223333", failing("AccessDenied", "put-role-policy"), 1,
				[]string{"\n  aws iam put-role-policy --role-name CrossAccountRepoAccessRole\n"},
				[]string{"\n  aws iam create-role"},
			},
			{"the role exists", "111122223333", failing("EntityAlreadyExists", "create-role"), 0, []string{"exists already, unchanged"}, []string{"error:"}},
			{
				"the profile has the role", "888888888888",
				failing("LimitExceeded", "add-role-to-instance-profile") + `; if [ "$2" = get-instance-profile ]; then echo Builders; fi`,
				0,
				[]string{"has the role already"},
				[]string{"error:"},
			},
			{
				"the profile has another role", "888888888888",
				failing("LimitExceeded", "add-role-to-instance-profile") + `; if [ "$2" = get-instance-profile ]; then echo Others; fi`,
				1,
				[]string{"(LimitExceeded)", "\n  aws iam add-role-to-instance-profile"},
				nil,
			},
			{
				"lines end in CR LF", "888888888888\r",
				failing("LimitExceeded", "add-role-to-instance-profile") + `; if [ "$2" = get-instance-profile ]; then printf 'Builders\r\n'; fi`,
				0,
				[]string{"has the role already"},
				[]string{"error:"},
			},
			{"too many roles", "111122223333", failing("LimitExceeded", "create-role"), 1, []string{"\n  aws iam create-role"}, nil},
			{"no credentials", "", "", 1, []string{"ExpiredToken", "error: aws sts get-caller-identity failed: nothing was changed"}, nil},
		} {
			t.Run(command[0]+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				_, printed, exit := scriptRun{command: command, account: tt.account, answer: tt.answer}.run(t, a.Commands(ForAll))
				if exit != tt.exit {
					t.Errorf("exit %d, want %d", exit, tt.exit)
				}
				for _, has := range tt.has {
					if !strings.Contains(printed, has) {
						t.Errorf("no %q in\n%s", has, printed)
					}
				}
				for _, not := range tt.not {
					if strings.Contains(printed, not) {
						t.Errorf("%q in\n%s", not, printed)
					}
				}
			})
		}
	}
}
