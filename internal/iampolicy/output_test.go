package iampolicy

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the files of testdata anew")

// published are the purposes whose whole output is kept in testdata.
var published = map[string]func() Purpose{
	"contributors": contributors,
	"instances":    instances,
	"auditors":     auditors,
}

func TestOutput(t *testing.T) {
	t.Parallel()
	for name, purpose := range published {
		a := must(New(purpose()))
		for file, got := range map[string][]byte{
			name + ".json": a.JSON(ForAll),
			name + ".sh":   a.Commands(ForAll),
			name + ".yaml": a.Templates(ForAll),
		} {
			file = filepath.Join("testdata", file)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := must(os.ReadFile(file)); !bytes.Equal(got, bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
				t.Errorf("%s differs; go test -update ./iampolicy writes it anew", file)
			}
		}
	}
}

// The parts, put together, are the whole.
func TestParts(t *testing.T) {
	t.Parallel()
	a := must(New(auditors()))
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(a.JSON(ForAll), &whole); err != nil {
		t.Fatal(err)
	}
	for part, key := range map[Part]string{ForUserAccount: "userAccount", ForRepositoryAccount: "repositoryAccount", ForUser: "user"} {
		if !reflect.DeepEqual(facts(t, a.JSON(part)), facts(t, whole[key])) {
			t.Errorf("the part %s is not the whole's %s", part, key)
		}
		if part == ForUser {
			continue
		}
		for format, write := range map[string]func(Part) []byte{"commands": a.Commands, "templates": a.Templates} {
			if !bytes.Contains(write(ForAll), write(part)) {
				t.Errorf("%s: the part %s is not in the whole", format, part)
			}
		}
	}
	if got := string(a.Commands(ForUser)); !strings.HasSuffix(got, "\n"+a.Client.Setup+"\n") {
		t.Errorf("the user's part does not end in the setup command:\n%s", got)
	}
}

// TestCommands runs the commands in a shell, with an aws that writes down what
// it is told.
func TestCommands(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no POSIX shell here")
	}
	// Arguments end in a NUL and calls in two.
	const aws = `aws() { if [ "$1" = sts ]; then echo "$ACCOUNT"; else printf '%s\0' "$@" ''; fi; }` + "\n"
	for name, purpose := range published {
		a := must(New(purpose()))
		for _, account := range []string{"111122223333", "888888888888", "999999999999"} {
			t.Run(name+" "+account, func(t *testing.T) {
				t.Parallel()
				cmd := exec.CommandContext(t.Context(), sh, "-eu")
				cmd.Env = append(os.Environ(), "ACCOUNT="+account)
				cmd.Stdin = strings.NewReader(aws + string(a.Commands(ForAll)))
				out, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				var got []string // actions and documents
				for _, call := range strings.SplitAfter(string(out), "\x00\x00") {
					words := strings.Split(call, "\x00")
					for i, word := range words {
						if i == 1 || strings.HasPrefix(word, "{") {
							got = append(got, word)
						}
					}
				}
				var want []string
				switch {
				case account == a.RepositoryAccount.Account:
					want = []string{
						"create-role", indented(a.RepositoryAccount.TrustPolicy),
						"put-role-policy", indented(a.RepositoryAccount.AccessPolicy),
					}
				case account == a.UserAccount.Account && name == "contributors":
					want = []string{"create-group", "put-group-policy", indented(a.UserAccount.AssumeRolePolicy)}
				case account == a.UserAccount.Account && name == "auditors":
					want = []string{"put-user-policy", indented(a.UserAccount.AssumeRolePolicy)}
				case account == a.UserAccount.Account && name == "instances":
					want = []string{
						"create-role", indented(*a.UserAccount.InstanceTrustPolicy),
						"put-role-policy", indented(a.UserAccount.AssumeRolePolicy),
						"create-instance-profile", "add-role-to-instance-profile",
					}
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("ran\n%q\nwant\n%q", got, want)
				}
			})
		}
	}
}

// The setup command and the profile, read by a shell, are whole.
func TestSetup(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"contributors": "git-credential-codecommit setup --profile MyCrossAccountRepositoryContributorRole" +
			" --role-arn arn:aws:iam::111122223333:role/MyCrossAccountRepositoryContributorRole --source-profile default --region us-east-2 --account 111122223333",
		"instances": "git-credential-codecommit setup --scope system" +
			" --role-arn arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole --credential-source Ec2InstanceMetadata",
		"auditors": "git-credential-codecommit setup --profile audit" +
			" --role-arn arn:aws-us-gov:iam::111122223333:role/third-party/Audit --source-profile default --external-id Example+Corp=42,x.y@z:a/b-c_d" +
			" --mfa-serial arn:aws-us-gov:iam::888888888888:mfa/DEVICE --duration 14400 --region us-gov-west-1 --account 111122223333",
	} {
		if got := must(New(published[name]())).Client.Setup; got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	want := `[profile audit]
role_arn = arn:aws-us-gov:iam::111122223333:role/third-party/Audit
source_profile = default
external_id = Example+Corp=42,x.y@z:a/b-c_d
mfa_serial = arn:aws-us-gov:iam::888888888888:mfa/DEVICE
duration_seconds = 14400
region = us-gov-west-1
`
	if got := must(New(auditors())).Client.Profile; got != want {
		t.Errorf("profile:\n%s\nwant\n%s", got, want)
	}
	// A role has no MFA device of its own.
	p := contributors()
	p.Trusted = must(ParseEntity(Role, "aws", "888888888888", "Developer"))
	p.RequireMFA = true
	if c := must(New(p)).Client; strings.Contains(c.Profile+c.Setup, "mfa") {
		t.Errorf("a role is asked for its device:\n%s%s", c.Profile, c.Setup)
	}
}

// TestTemplates reads the templates as CloudFormation would: comments out,
// documents apart, references followed.
func TestTemplates(t *testing.T) {
	t.Parallel()
	reference := regexp.MustCompile(`"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"`)
	trustRole := contributors()
	trustRole.Trusted = must(ParseEntity(Role, "aws", "888888888888", "ci/Runner"))
	for name, tt := range map[string]struct {
		p     Purpose
		users map[string]string // by name, their types
	}{
		"contributors": {contributors(), map[string]string{"Group": "AWS::IAM::Group"}},
		"instances":    {instances(), map[string]string{"InstanceRole": "AWS::IAM::Role", "InstanceProfile": "AWS::IAM::InstanceProfile"}},
		"auditors":     {auditors(), map[string]string{"Policy": "AWS::IAM::UserPolicy"}},
		"a role":       {trustRole, map[string]string{"Policy": "AWS::IAM::RolePolicy"}},
	} {
		a := must(New(tt.p))
		documents := bytes.Split(a.Templates(ForAll), []byte("\n---\n"))
		if len(documents) != 2 {
			t.Fatalf("%s: %d templates", name, len(documents))
		}
		for i, want := range []map[string]string{tt.users, {"Role": "AWS::IAM::Role"}} {
			plain := regexp.MustCompile(`(?m)^#.*$`).ReplaceAll(documents[i], nil)
			var got struct {
				Resources map[string]struct{ Type string }
			}
			var compact bytes.Buffer
			if err := json.Unmarshal(plain, &got); err != nil {
				t.Fatalf("%s: %v in\n%s", name, err, plain)
			}
			types := map[string]string{}
			for id, r := range got.Resources {
				types[id] = r.Type
			}
			if !reflect.DeepEqual(types, want) {
				t.Errorf("%s: resources %v, want %v", name, types, want)
			}
			if err := json.Compact(&compact, plain); err != nil {
				t.Fatal(err)
			}
			for _, m := range reference.FindAllStringSubmatch(compact.String(), -1) {
				if types[m[1]+m[2]] == "" {
					t.Errorf("%s: %s leads nowhere", name, m[0])
				}
			}
			for _, d := range a.documents()[i] {
				if !bytes.Contains(compact.Bytes(), must(json.Marshal(d))) {
					t.Errorf("%s: the template lacks\n%s", name, indented(d))
				}
			}
		}
	}
}

// documents are those of the users' account and those of the repository's.
func (a Access) documents() [2][]Document {
	users := []Document{a.UserAccount.AssumeRolePolicy}
	if a.UserAccount.InstanceTrustPolicy != nil {
		users = append(users, *a.UserAccount.InstanceTrustPolicy)
	}
	return [2][]Document{users, {a.RepositoryAccount.TrustPolicy, a.RepositoryAccount.AccessPolicy}}
}

// TestCfnLint asks CloudFormation's linter, where there is one.
func TestCfnLint(t *testing.T) {
	t.Parallel()
	lint, err := exec.LookPath("cfn-lint")
	if err != nil || testing.Short() {
		t.Skip("cfn-lint is not on PATH, or the test is to be short")
	}
	dir := t.TempDir()
	var files []string
	trustRole := contributors()
	trustRole.Trusted = must(ParseEntity(Role, "aws", "888888888888", "ci/Runner"))
	for name, p := range map[string]Purpose{"contributors": contributors(), "instances": instances(), "auditors": auditors(), "role": trustRole} {
		a := must(New(p))
		for _, part := range []Part{ForUserAccount, ForRepositoryAccount} {
			file := filepath.Join(dir, name+"-"+string(part)+".yaml")
			if err := os.WriteFile(file, a.Templates(part), 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	if out, err := exec.CommandContext(t.Context(), lint, append([]string{"--"}, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":              "''",
		"plain-A_9./:@": "plain-A_9./:@",
		"a b":           "'a b'",
		"it's":          `'it'\''s'`,
		"$(id)":         "'$(id)'",
		"~":             "'~'",
		"é":             "'é'",
	} {
		if got := quote(in); got != want {
			t.Errorf("%q became %s, want %s", in, got, want)
		}
	}
}
