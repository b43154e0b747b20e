package awsprofile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var contributor = NewProfile{
	Name:          "contributor",
	Role:          Role{ARN: "arn:aws:iam::111122223333:role/Contributor"},
	SourceProfile: "default",
	Region:        "us-east-2",
}

const contributorText = `# added by git-credential-codecommit setup
[profile contributor]
role_arn = arn:aws:iam::111122223333:role/Contributor
source_profile = default
region = us-east-2
`

// homeOf returns an environment that has only a home folder.
func homeOf(home string) Environment {
	return Environment{
		LookupEnv: func(string) (string, bool) { return "", false },
		Home:      func() string { return home },
	}
}

func configOf(t *testing.T, text string) (env Environment, path string) {
	t.Helper()
	home := t.TempDir()
	path = filepath.Join(home, ".aws", "config")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return homeOf(home), path
}

func contents(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAddProfile(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{
		"an empty file":       "",
		"settings":            "[default]\nregion = us-east-1\n",
		"comments and spaces": "# mine\n\n[default]\n  region=us-east-1   \n\n\n",
		"no last line feed":   "[default]\nregion = us-east-1",
		"CRLF":                "[default]\r\nregion = us-east-1\r\n",
		"not UTF-8":           "[default]\n# \xff\xfe\nregion = us-east-1\n",
		"a name's beginning":  "[profile contributor2]\nregion = us-east-1\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, path := configOf(t, before)
			added, err := Open(env).AddProfile(contributor)
			if !added || err != nil {
				t.Fatal(added, err)
			}
			after := contents(t, path)
			want := before + "\n" + contributorText
			if before == "" {
				want = contributorText
			}
			if after != want {
				t.Errorf("%q", after)
			}
			if info, _ := os.Stat(path); runtime.GOOS != "windows" && info.Mode() != 0o640 {
				t.Errorf("mode %v", info.Mode())
			}
			if added, err := Open(env).AddProfile(contributor); added || err != nil || contents(t, path) != after {
				t.Errorf("a second time: %v, %v", added, err)
			}
			if removed, err := removeProfile(env, contributor.Name); !removed || err != nil || contents(t, path) != before {
				t.Errorf("removed: %v, %v: %q", removed, err, contents(t, path))
			}
			if left, _ := filepath.Glob(path + "?*"); len(left) > 0 {
				t.Errorf("not removed: %q", left)
			}
		})
	}
}

// Text that was added after the profile remains on separate lines.
func TestRemoveProfileJoinsNoLines(t *testing.T) {
	t.Parallel()
	const other = "[profile other]\nregion = eu-west-1\n"
	for before, want := range map[string]string{
		"[default]\nregion = us-east-2":   "[default]\nregion = us-east-2\n" + other,
		"[default]\nregion = us-east-2\n": "[default]\nregion = us-east-2\n" + other,
		"":                                other,
	} {
		env, path := configOf(t, before)
		if _, err := Open(env).AddProfile(contributor); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(contents(t, path)+other), 0o600); err != nil {
			t.Fatal(err)
		}
		if removed, err := removeProfile(env, contributor.Name); !removed || err != nil || contents(t, path) != want {
			t.Errorf("%v, %v: %q", removed, err, contents(t, path))
		}
	}
}

func TestAddProfileWithEverything(t *testing.T) {
	t.Parallel()
	env, path := configOf(t, "")
	p := NewProfile{
		Name: "two words",
		Role: Role{
			ARN: "arn:aws:iam::111122223333:role/Contributor", ExternalID: "Example42", MFASerial: "arn:aws:iam::888888888888:mfa/alice",
			SessionName: "alice", Duration: 2 * time.Hour,
		},
		CredentialSource: "Ec2InstanceMetadata",
	}
	if _, err := Open(env).AddProfile(p); err != nil {
		t.Fatal(err)
	}
	want := `# added by git-credential-codecommit setup
[profile "two words"]
role_arn = arn:aws:iam::111122223333:role/Contributor
credential_source = Ec2InstanceMetadata
external_id = Example42
mfa_serial = arn:aws:iam::888888888888:mfa/alice
role_session_name = alice
duration_seconds = 7200
`
	if got := contents(t, path); got != want {
		t.Errorf("%s", got)
	}
	chain, err := Resolve(env, Query{Profile: "two words"})
	if err != nil || len(chain.Roles) != 1 {
		t.Fatal(chain, err)
	}
	got := chain.Roles[0]
	got.Profile, got.At = "", Position{}
	if got != p.Role || chain.Source != (EC2{Profile: "two words", At: Position{"~/.aws/config", 4}}) {
		t.Errorf("%+v from %v", got, chain.Source)
	}
	if removed, err := removeProfile(env, p.Name); !removed || err != nil || contents(t, path) != "" {
		t.Errorf("removed: %v, %v: %q", removed, err, contents(t, path))
	}
}

// A different profile with that name is unchanged.
func TestAddProfileRefusesAnother(t *testing.T) {
	t.Parallel()
	for setting, text := range map[string]string{
		"role_arn":              "[profile contributor]\nrole_arn = arn:aws:iam::111122223333:role/Other\nsource_profile = default\nregion = us-east-2\n",
		"source_profile":        "[profile contributor]\nrole_arn = arn:aws:iam::111122223333:role/Contributor\ncredential_source = Environment\nregion = us-east-2\n",
		"external_id":           strings.Replace(contributorText, "region", "external_id = x\nregion", 1),
		"duration_seconds":      contributorText + "duration_seconds = 900\n",
		"region":                strings.Replace(contributorText, "us-east-2", "us-east-1", 1),
		"aws_access_key_id":     contributorText + "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n",
		"aws_secret_access_key": contributorText + "aws_secret_access_key = x\n",
	} {
		env, path := configOf(t, text)
		added, err := Open(env).AddProfile(contributor)
		var exists *ProfileExistsError
		if added || !errors.As(err, &exists) || exists.Setting != setting || exists.At.Line == 0 {
			t.Errorf("%s: %v, %v", setting, added, err)
		}
		if contents(t, path) != text {
			t.Errorf("%s: the file was changed", setting)
		}
	}
}

// The error for a missing setting has the position of the profile, and reports whether
// the profile has a source of credentials anyway.
func TestAddProfileRefusesAProfileWithMissingSettings(t *testing.T) {
	t.Parallel()
	for text, hasSource := range map[string]bool{
		"\n[profile contributor]\n# mine\nregion = us-east-2\n":                                               false,
		"\n[profile contributor]\noutput = json\n":                                                            false,
		"\n[profile contributor]\nmfa_serial = x\n":                                                           false,
		"\n[profile contributor]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n":                                 false,
		"\n[profile contributor]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n": true,
		"\n[profile contributor]\nregion = us-east-2\ncredential_process = keys\n":                            true,
	} {
		env, _ := configOf(t, text)
		_, err := Open(env).AddProfile(contributor)
		var exists *ProfileExistsError
		if !errors.As(err, &exists) || exists.HasSource != hasSource ||
			err.Error() != `profile "contributor" already exists, without role_arn (~/.aws/config:2)` {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Settings unrelated to credentials do not make it a different profile.
func TestAddProfileAcceptsItsProfileWithMoreSettings(t *testing.T) {
	t.Parallel()
	text := "[profile contributor]\noutput = json\nregion=us-east-2\nsource_profile= default\nrole_arn =arn:aws:iam::111122223333:role/Contributor\n"
	env, path := configOf(t, text)
	if added, err := Open(env).AddProfile(contributor); added || err != nil || contents(t, path) != text {
		t.Errorf("%v, %v", added, err)
	}
	// It is not ours, so it is kept.
	if removed, err := removeProfile(env, contributor.Name); removed || err != nil || contents(t, path) != text {
		t.Errorf("%v, %v", removed, err)
	}
}

func TestRemoveProfileLeavesWhatWasChanged(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a setting more":         contributorText + "output = json\n",
		"a comment":              contributorText + "# mine\n",
		"a nested setting":       contributorText + "  x\n",
		"a setting twice":        contributorText + "region = us-east-1\n",
		"no marker":              strings.TrimPrefix(contributorText, "# added by git-credential-codecommit setup\n"),
		"a marker within a line": "x" + contributorText,
	} {
		env, path := configOf(t, text)
		if removed, err := removeProfile(env, contributor.Name); removed || err != nil || contents(t, path) != text {
			t.Errorf("%s: %v, %v: %q", name, removed, err, contents(t, path))
		}
	}
}

func TestAddProfileWithoutFile(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if added, err := Open(homeOf(home)).AddProfile(contributor); !added || err != nil {
		t.Fatal(added, err)
	}
	for path, want := range map[string]fs.FileMode{".aws": 0o700 | fs.ModeDir, ".aws/config": 0o600} {
		if info, err := os.Stat(filepath.Join(home, path)); err != nil || runtime.GOOS != "windows" && info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if _, err := Open(homeOf("")).AddProfile(contributor); err == nil {
		t.Error("added without a home folder")
	}
}

func TestAddProfileThroughSymbolicLink(t *testing.T) {
	t.Parallel()
	env, path := configOf(t, "")
	target := filepath.Join(t.TempDir(), "dotfiles")
	if err := os.Rename(path, target); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Skip(err)
	}
	if _, err := Open(env).AddProfile(contributor); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 || contents(t, target) != contributorText {
		t.Errorf("%v, %v: %q", info, err, contents(t, target))
	}
}

func TestAddProfileRefusesNamesAndValues(t *testing.T) {
	t.Parallel()
	env, path := configOf(t, "")
	for _, name := range []string{"", " x", "a]b", `a"b`, "a\nb", `a\b`} {
		p := contributor
		p.Name = name
		if _, err := Open(env).AddProfile(p); err == nil {
			t.Errorf("name %q", name)
		}
	}
	for _, value := range []string{"a\nb", " a", "a\x00b", "\xff"} {
		p := contributor
		p.Role.ExternalID = value
		if _, err := Open(env).AddProfile(p); err == nil {
			t.Errorf("value %q", value)
		}
	}
	if contents(t, path) != "" {
		t.Errorf("%q", contents(t, path))
	}
}

// If two processes add a profile at the same time, both profiles are written.
func TestAddProfileAtOnce(t *testing.T) {
	t.Parallel()
	env, path := configOf(t, "")
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		wg.Go(func() {
			p := contributor
			p.Name = name
			if added, err := Open(env).AddProfile(p); !added || err != nil {
				t.Error(added, err)
			}
		})
	}
	wg.Wait()
	if n := strings.Count(contents(t, path), "[profile "); n != 6 {
		t.Errorf("%d profiles", n)
	}
}

// removeProfile removes a profile, whatever its settings.
func removeProfile(env Environment, name string) (bool, error) {
	removed, err := Open(env).RemoveProfiles(map[string]string{name: ""})
	return len(removed) == 1, err
}

// A profile whose settings a person has edited is no longer the one that was
// added.
func TestRemoveProfilesLeavesEditedValues(t *testing.T) {
	t.Parallel()
	env, path := configOf(t, "")
	files := Open(env)
	if added, err := files.AddProfile(contributor); !added || err != nil {
		t.Fatal(added, err)
	}
	sum := files.AddedSum(contributor.Name)
	if sum == "" || sum != Open(env).AddedSum(contributor.Name) {
		t.Fatalf("sum %q", sum)
	}
	edited := strings.Replace(contents(t, path), "role/", "role/Other", 1)
	if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	if removed, err := files.RemoveProfiles(map[string]string{contributor.Name: sum}); len(removed) > 0 || err != nil || contents(t, path) != edited {
		t.Errorf("%v, %v: %s", removed, err, contents(t, path))
	}
}
