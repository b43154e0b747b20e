package e2e

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/command"
	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/canary"
)

// The cloud's dummy secrets are canaries: they must appear only in answers to git.

func jsonString(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func sha1Hex(s string) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

var coreOff = regexp.MustCompile(`(?m)^Max core file size +0 `)

// A canaryT is the test of a script. After the script, everything that it printed
// and wrote is searched for its cloud's secrets.
type canaryT struct {
	*testing.T
	log   strings.Builder
	cloud *awsfake.Scenarios
	leaks []string // files in which there was a secret
}

// watched makes testscript report everything that the scripts of t print.
func watched(t *testing.T) testscript.T { return &canaryT{T: t} }

func (t *canaryT) Run(name string, script func(testscript.T)) {
	t.T.Run(name, func(sub *testing.T) {
		c := &canaryT{T: sub}
		defer c.search()
		script(c)
	})
}

func (t *canaryT) Verbose() bool { return true }

func (t *canaryT) Log(args ...any) {
	for _, a := range args {
		if s, ok := a.(string); ok {
			t.log.WriteString(s)
		}
	}
	if testing.Verbose() || t.Failed() {
		t.T.Log(args...)
	}
}

// answerLine matches lines that may contain a secret: lines of the protocol, or of
// the script itself.
var answerLine = regexp.MustCompile(`(?m)^\s*((username|password|credential)=|> ).*$`)

func (t *canaryT) search() {
	if t.cloud == nil {
		return // the script was skipped
	}
	if canary.Found(answerLine.ReplaceAllString(t.log.String(), ""), t.cloud.Secrets()) {
		t.Errorf("the output contains a secret")
	}
	for _, name := range t.leaks {
		t.Errorf("%s contains a secret", name)
	}
}

// curlLog is the file to which scripts make git write GIT_TRACE_CURL. Git before
// 2.46 shows the username there, including the session token, which this program
// cannot prevent.
const curlLog = "curl.log"

// guard searches the files that remain after a script, except the script's own
// files and those in the AWS folder, where secrets belong.
func guard(env *testscript.Env, cloud *awsfake.Scenarios) {
	t, ok := env.T().(*canaryT)
	if !ok {
		return
	}
	t.cloud = cloud
	before := map[string]bool{}
	_ = filepath.WalkDir(env.WorkDir, func(path string, _ fs.DirEntry, _ error) error {
		before[path] = true
		return nil
	})
	env.Defer(func() {
		if trace, err := os.ReadFile(filepath.Join(env.WorkDir, traceFile)); err == nil && t.Failed() {
			t.Log("trace:\n" + string(trace))
		}
		secrets := cloud.Secrets()
		_ = filepath.WalkDir(env.WorkDir, func(path string, d fs.DirEntry, err error) error {
			switch name := d.Name(); {
			case err != nil:
				return nil
			case d.IsDir() && (name == ".aws" || name == ".cloud"):
				return filepath.SkipDir
			case canary.Found(name, secrets):
				t.leaks = append(t.leaks, path+" by its name")
			case !d.Type().IsRegular() || before[path] || name == curlLog:
				return nil
			}
			if data, err := os.ReadFile(path); err == nil && canary.Found(string(data), secrets) {
				t.leaks = append(t.leaks, path)
			}
			return nil
		})
	})
}

// panicking runs the program with a clock that panics.
func panicking(value any) outcome {
	var out, errs bytes.Buffer
	exit := command.Run(cli.Process{
		Args: []string{"git-credential-codecommit", "get"}, Stdin: strings.NewReader(request), Stdout: &out, Stderr: &errs,
		StdinIsTerminal: func() bool { return false },
		LookupEnv: func(name string) (string, bool) {
			value, ok := map[string]string{"AWS_ACCESS_KEY_ID": awsfake.DeveloperAccessKeyID, "AWS_SECRET_ACCESS_KEY": awsfake.DeveloperSecretKey}[name]
			return value, ok
		},
		Environ: func() []string { return nil },
		Home:    func() string { return "" },
		Now:     func() time.Time { panic(value) },
	})
	return outcome{stdout: out.String(), stderr: errs.String(), exit: exit}
}

// For every kind of failure and success, with all traces on, neither the output nor
// the traces contain a secret.
func TestTracesHoldNoSecret(t *testing.T) {
	t.Parallel()
	const config = `
[profile instance]
role_arn = ` + awsfake.RepoAccessRole + `
credential_source = Ec2InstanceMetadata
[profile untrusted]
role_arn = ` + awsfake.AuditorRole + `
external_id = wrong
source_profile = default
[profile chain]
role_arn = ` + awsfake.ChainedRole + `
source_profile = team
[profile team]
role_arn = ` + awsfake.TeamRole + `
source_profile = default
[profile mfa]
role_arn = ` + awsfake.MFARole + `
mfa_serial = ` + awsfake.DeveloperMFASerial + `
source_profile = default
[profile loud]
credential_process = sh -c "cat HOME/secret; cat HOME/secret >&2; exit 1"
[profile junk]
credential_process = cat HOME/secret
[profile secret-name-` + awsfake.MaintainerAccessKeyID + `]
aws_access_key_id = ` + awsfake.MaintainerAccessKeyID + `
aws_secret_access_key = ` + awsfake.MaintainerSecretKey + ` # a comment
[profile broken]
aws_access_key_id = ` + awsfake.DeveloperSecretKey + `
aws_secret_access_key
` + awsfake.DeveloperSecretKey + `
`
	faults := map[string]awsfake.Fault{
		"none":       {},
		"503":        {Status: 503, Body: awsfake.DeveloperSecretKey},
		"HTML":       {Body: "<html>" + awsfake.DeveloperSecretKey},
		"a refusal":  awsfake.STSError(403, "AccessDenied", "User: arn:aws:iam::1:user/"+awsfake.DeveloperSecretKey+" is not authorized: "+awsfake.DeveloperSecretKey),
		"a bad code": awsfake.STSError(400, awsfake.DeveloperSecretKey, "x"),
	}
	each(t, faults, func(name string, fault awsfake.Fault) {
		m := newMachine(t, "")
		writeFile(t, m.home+"/secret", awsfake.DeveloperSecretKey)
		writeFile(t, m.home+"/.aws/config", awsfake.DeveloperConfigFile+strings.ReplaceAll(config, "HOME", m.home))
		if name != "none" {
			fault.Times = -1
			for _, service := range []string{awsfake.STS, awsfake.Metadata, awsfake.Container} {
				m.cloud.Fail(service, fault)
			}
		}
		trace := filepath.Join(m.home, "trace")
		profiles := []string{awsfake.DeveloperProfile, "instance"}
		if name == "none" {
			profiles = append(profiles, "default", "untrusted", "chain", "mfa", "loud", "junk", "secret-name-"+awsfake.MaintainerAccessKeyID, "broken", "nosuch")
		}
		for _, profile := range profiles {
			for _, to := range []string{trace, "1"} {
				o := m.run(t, request, []string{"GIT_TRACE_CODECOMMIT=" + to, "GODEBUG=http2debug=2", "AWS_SDK_LOG_MODE=ClientLogMode", "GOTRACEBACK=all"}, "--profile", profile, "get")
				if canary.Found(answerLine.ReplaceAllString(o.stdout, "")+o.stderr, m.cloud.Secrets()) {
					t.Errorf("%s, profile %s: %s", name, profile, o)
				}
				if name == "none" && !o.answered() && !o.failedLoudly() {
					t.Errorf("%s, profile %s: %s", name, profile, o)
				}
			}
		}
		data, err := os.ReadFile(trace)
		if err != nil || len(data) == 0 || canary.Found(string(data), m.cloud.Secrets()) {
			t.Errorf("%s: the trace (%d bytes) contains a secret or is empty: %v", name, len(data), err)
		}
		info, err := os.Stat(trace)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: the trace: %v, %v", name, info, err)
		}
	})
}

// failedLoudly is failed with trace lines in between.
func (o outcome) failedLoudly() bool {
	return o.stdout == "quit=1\n" && o.exit == 1 && strings.Contains(o.stderr, "git-credential-codecommit: error: ")
}
