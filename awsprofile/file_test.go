package awsprofile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// resolveFile resolves the profile x with path as the only AWS file.
func resolveFile(path string, q Query) (Chain, error) {
	return Resolve(testEnvironment(map[string]string{"AWS_CONFIG_FILE": path, "AWS_SHARED_CREDENTIALS_FILE": ""}), q)
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	f, err := os.Create(large)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(maxFileSize+1), f.Close()); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Skip(err)
	}
	for path, problem := range map[string]string{
		dir:   "it is a folder",
		large: "it is larger than 16 MiB",
		loop:  "too many levels of symbolic links",
	} {
		_, err := resolveFile(path, Query{Profile: "x"})
		var notFound *ProfileNotFoundError
		if !errors.As(err, &notFound) || !strings.Contains(err.Error(), "cannot read "+path+": "+problem) {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		// Otherwise the container or the instance would be next, although the file
		// may have other settings.
		_, err = resolveFile(path, Query{})
		var unread *FileError
		if !errors.As(err, &unread) || unread.File != path {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

func TestAFileThatCannotBeReadDoesNotMatterToOtherProfiles(t *testing.T) {
	t.Parallel()
	w := world{credentials: "[x]\naws_access_key_id = A\naws_secret_access_key = s\n", env: map[string]string{"AWS_CONFIG_FILE": t.TempDir()}}
	if _, err := Resolve(w.environment(t), Query{Profile: "x"}); err != nil {
		t.Error(err)
	}
}

func TestNoFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", os.DevNull, filepath.Join(t.TempDir(), "absent"), filepath.Join(file, "below"), file} {
		chain, err := resolveFile(path, Query{})
		if err != nil || chain.Source != (EC2{Fallback: true}) {
			t.Errorf("%q: %+v, %v", path, chain, err)
		}
	}
}

func TestLargeFile(t *testing.T) {
	t.Parallel()
	const profile = "[profile x]\nlogin_session = l\n"
	for name, filler := range map[string]string{
		"comments":          "\n# comment",
		"profiles":          "\n[profile y]\nregion = us-east-1",
		"unknown settings":  "\nsetting = value",
		"a doubled setting": "\nregion = us-east-1",
		"continuation":      "\n continued",
		"indented headers":  "\n  [profile x]",
		"open headers":      "\n[",
		"blank lines":       "\n",
		"one value":         "x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const size = 10 << 20
			path := filepath.Join(t.TempDir(), "config")
			text := profile + "z = 1" + strings.Repeat(filler, size/len(filler))
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if _, err := resolveFile(path, Query{Profile: "x"}); err != nil {
				t.Error(err)
			}
			// The limit is one second; the race detector takes ten times as long.
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v", took)
			} else {
				t.Log(took)
			}
		})
	}
}

// The files of older AWS tools, which the AWS CLI still reads, are not read: the
// man page says so.
func TestOlderFilesAreNotRead(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	boto, older := filepath.Join(home, ".boto"), filepath.Join(home, "older")
	for name, text := range map[string]string{
		boto:  "[Credentials]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n",
		older: "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE\nAWSSecretKey=s\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := Environment{
		LookupEnv: func(name string) (string, bool) {
			value, ok := map[string]string{"AWS_CREDENTIAL_FILE": older, "BOTO_CONFIG": boto}[name]
			return value, ok
		},
		Home: func() string { return home },
	}
	if chain, err := Resolve(env, Query{}); err != nil || chain.Source != (EC2{Fallback: true}) {
		t.Errorf("%+v, %v", chain.Source, err)
	}
	man, err := os.ReadFile("../doc/git-credential-codecommit.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"~/.boto", "AWS_CREDENTIAL_FILE"} {
		if !strings.Contains(string(man), name) {
			t.Errorf("the man page does not mention %s", name)
		}
	}
}
