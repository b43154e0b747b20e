package iampolicy

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the files of testdata")

// published are the purposes whose complete output is in testdata.
var published = map[string]func() Purpose{
	"contributors": contributors,
	"instances":    instances,
	"auditors":     auditors,
	"workflows":    workflows,
	"pipelines":    pipelines,
	"group":        guardedGroup,
}

func TestOutput(t *testing.T) {
	t.Parallel()
	for name, purpose := range published {
		a := must(New(purpose()))
		files := map[string][]byte{
			name + ".json": a.JSON(ForAll),
			name + ".sh":   a.Commands(ForAll),
		}
		for _, part := range a.Accounts() {
			files[name+"-"+string(part)+".yaml"] = a.Template(part)
			files[name+"-"+string(part)+".tf"] = a.Terraform(part)
		}
		for file, got := range files {
			file = filepath.Join("testdata", file)
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := must(os.ReadFile(file)); !bytes.Equal(got, bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
				t.Errorf("%s differs; go test ./internal/iampolicy -update rewrites it", file)
			}
		}
	}
}

// The parts together are the whole output.
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
	}
	all := string(a.Commands(ForAll))
	for _, part := range a.Accounts() {
		for _, command := range a.commands(part) {
			if !strings.Contains(all, command) || !strings.Contains(string(a.Commands(part)), command) {
				t.Errorf("%s lacks\n%s", part, command)
			}
		}
	}
	for format, write := range map[string]func(Part) []byte{"commands": a.Commands, "templates": a.Template, "terraform": a.Terraform} {
		if got := string(write(ForUser)); !strings.HasSuffix(got, "\n"+a.Client.Setup+"\n") {
			t.Errorf("%s: the user's part does not end in the setup command:\n%s", format, got)
		}
	}
}

// Each single document equals the one in the other formats, and documents that an
// access does not have are errors.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for name, purpose := range published {
		a := must(New(purpose()))
		want := map[DocumentKind]*Document{TrustDocument: &a.RepositoryAccount.TrustPolicy, AccessDocument: &a.RepositoryAccount.AccessPolicy}
		if a.UserAccount != nil {
			want[AssumeRoleDocument] = &a.UserAccount.AssumeRolePolicy
			want[InstanceTrustDocument] = a.UserAccount.InstanceTrustPolicy
			want[WebIdentityTrustDocument] = a.UserAccount.WebIdentityTrustPolicy
		}
		for _, kind := range []DocumentKind{TrustDocument, AccessDocument, AssumeRoleDocument, InstanceTrustDocument, WebIdentityTrustDocument} {
			got, err := a.Document(kind)
			switch d := want[kind]; {
			case (err == nil) != (d != nil):
				t.Errorf("%s: %s: error %v", name, kind, err)
			case d != nil && !reflect.DeepEqual(facts(t, got), facts(t, must(json.Marshal(d)))):
				t.Errorf("%s: %s:\n%s", name, kind, got)
			}
		}
		if got := must(a.Document(ProfileDocument)); string(got) != a.Client.Profile {
			t.Errorf("%s: profile:\n%s", name, got)
		}
	}
}

// The setup command and the profile are complete.
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
		"workflows": "git-credential-codecommit setup" +
			" --role-arn arn:aws:iam::111122223333:role/CIRepoAccessRole --region us-east-2 --account 111122223333",
		"pipelines": "git-credential-codecommit setup --region us-east-2 --account 111122223333",
	} {
		if got := must(New(published[name]())).Client.Setup; got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	workflow := `[profile CIRepoAccessRole]
role_arn = arn:aws:iam::111122223333:role/CIRepoAccessRole
source_profile = CIRepoAccessRole-job
region = us-east-2

[profile CIRepoAccessRole-job]
role_arn = arn:aws:iam::888888888888:role/ci-runner
web_identity_token_file = TOKEN_FILE
`
	if got := must(New(workflows())).Client.Profile; got != workflow {
		t.Errorf("profile:\n%s\nwant\n%s", got, workflow)
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
	// A role has no MFA device.
	p := contributors()
	p.Trusted = must(ParseEntity(Role, "aws", "888888888888", "Developer"))
	p.RequireMFA = true
	if c := must(New(p)).Client; strings.Contains(c.Profile+c.Setup, "mfa") {
		t.Errorf("a role has an MFA device:\n%s%s", c.Profile, c.Setup)
	}
}

// TestTemplates reads the templates like CloudFormation: without comments, with
// references resolved.
func TestTemplates(t *testing.T) {
	t.Parallel()
	reference := regexp.MustCompile(`"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"|"Fn::If":\["(\w+)"`)
	trustRole := contributors()
	trustRole.Trusted = must(ParseEntity(Role, "aws", "888888888888", "ci/Runner"))
	group := map[string]string{"Group": "AWS::IAM::Group", "Policy": "AWS::IAM::GroupPolicy"}
	role := map[string]string{"Role": "AWS::IAM::Role"}
	for name, tt := range map[string]struct {
		p                 Purpose
		users, repository map[string]string // types, by name
	}{
		"contributors": {contributors(), group, role},
		"a group":      {guardedGroup(), group, role},
		"instances":    {instances(), map[string]string{"InstanceRole": "AWS::IAM::Role", "InstanceProfile": "AWS::IAM::InstanceProfile"}, role},
		"auditors":     {auditors(), map[string]string{"Policy": "AWS::IAM::UserPolicy"}, role},
		"a role":       {trustRole, map[string]string{"Policy": "AWS::IAM::RolePolicy"}, role},
		"workflows":    {workflows(), map[string]string{"Provider": "AWS::IAM::OIDCProvider", "JobsRole": "AWS::IAM::Role"}, role},
		"pipelines":    {pipelines(), nil, map[string]string{"Provider": "AWS::IAM::OIDCProvider", "Role": "AWS::IAM::Role"}},
	} {
		a := must(New(tt.p))
		for _, part := range a.Accounts() {
			i, want := 1, tt.repository
			if part == ForUserAccount {
				i, want = 0, tt.users
			}
			plain := regexp.MustCompile(`(?m)^#.*$`).ReplaceAll(a.Template(part), nil)
			var got struct {
				Parameters map[string]any
				Conditions map[string]any
				Resources  map[string]struct{ Type, Condition string }
			}
			var compact bytes.Buffer
			if err := json.Unmarshal(plain, &got); err != nil {
				t.Fatalf("%s: %v in\n%s", name, err, plain)
			}
			types := map[string]string{}
			for id, r := range got.Resources {
				types[id] = r.Type
				if r.Condition != "" && (got.Conditions[r.Condition] == nil || got.Parameters[r.Condition] == nil) {
					t.Errorf("%s: condition %s is not declared", name, r.Condition)
				}
			}
			if !reflect.DeepEqual(types, want) {
				t.Errorf("%s: resources %v, want %v", name, types, want)
			}
			if err := json.Compact(&compact, plain); err != nil {
				t.Fatal(err)
			}
			for _, m := range reference.FindAllStringSubmatch(compact.String(), -1) {
				if id := m[1] + m[2] + m[3]; types[id] == "" && got.Parameters[id] == nil {
					t.Errorf("%s: %s is not declared", name, m[0])
				}
			}
			for _, d := range a.documents()[i] {
				// A provider that the template creates is referenced by name.
				text := regexp.MustCompile(`{"Fn::If":\["CreateProvider",{"Ref":"Provider"},("[^"]+")\]}`).ReplaceAll(compact.Bytes(), []byte("$1"))
				if !bytes.Contains(text, must(json.Marshal(d))) {
					t.Errorf("%s: the template lacks\n%s", name, d.indented())
				}
			}
		}
	}
}

// documents returns the documents for the users' account, and those for the
// repositories' account.
func (a Access) documents() [2][]Document {
	var users []Document
	if a.UserAccount != nil {
		users = append(users, a.UserAccount.AssumeRolePolicy)
		if trust := a.UserAccount.newRole(); trust != nil {
			users = append(users, *trust)
		}
	}
	return [2][]Document{users, {a.RepositoryAccount.TrustPolicy, a.RepositoryAccount.AccessPolicy}}
}
