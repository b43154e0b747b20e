package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"git-credential-codecommit/test/awsfake"
)

// A bench is one run of the benchmark.
type bench struct {
	dir  string // contains everything
	runs int
	git  string // path
	aws  string // path of the AWS CLI; "" if there is none
	// remote is the path of AWS's git-remote-codecommit; "" if there is none.
	remote string

	cloud *awsfake.Scenarios
	// The programs that bench builds.
	program, empty, ready string

	withTests bool          // also time go test ./...
	get       time.Duration // the larger median of get
	slow      bool          // an empty program takes longer than quickEmpty

	rows []row
}

// Git's requests, as files.
const (
	ours    = "protocol=https\nhost=git-codecommit.us-east-2.amazonaws.com\npath=v1/repos/SharedDemoRepo\n\n"
	foreign = "protocol=https\nhost=github.com\npath=example/app.git\n\n"
)

// Programs to compare with.
const (
	emptySource = "package main\n\nfunc main() {}\n"
	// readySource prints a prepared answer, which is the minimum for any helper.
	readySource = `package main

import "os"

func main() {
	if answer, err := os.ReadFile(os.Args[1]); err == nil && os.Args[len(os.Args)-1] == "get" {
		os.Stdout.Write(answer)
	}
}
`
)

// Profiles in addition to awsfake's. In the long file, the last profile is used.
const keysProfile = "keys"

func configFile(profiles int) string {
	var b strings.Builder
	for i := range profiles - 1 {
		fmt.Fprintf(&b, "[profile team-%04d]\nrole_arn = arn:aws:iam::111122223333:role/Team%04dDeveloper\nsource_profile = default\nregion = us-east-2\n\n", i, i)
	}
	fmt.Fprintf(&b, "[profile %s]\nregion = us-east-2\naws_access_key_id = %s\naws_secret_access_key = %s\n", keysProfile, awsfake.DeveloperAccessKeyID, awsfake.DeveloperSecretKey)
	return b.String()
}

// start builds the programs, starts the cloud and writes the files.
func (b *bench) start() (err error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("not built as part of a module")
	}
	if b.program, err = b.build("git-credential-codecommit", info.Main.Path); err != nil {
		return err
	}
	for name, source := range map[string]string{"empty": emptySource, "ready": readySource} {
		if err := b.write(name+".go", source); err != nil {
			return err
		}
	}
	if b.empty, err = b.build("empty", b.path("empty.go")); err != nil {
		return err
	}
	if b.ready, err = b.build("ready", b.path("ready.go")); err != nil {
		return err
	}
	if b.cloud, err = awsfake.StartScenarios(awsfake.Config{Dir: b.path("cloud")}); err != nil {
		return err
	}
	for name, content := range map[string]string{
		"ours": ours, "foreign": foreign,
		"home/.aws/credentials": awsfake.DeveloperCredentialsFile,
		"home/.aws/config":      awsfake.DeveloperConfigFile + awsfake.InstanceConfigFile,
		"one/.aws/config":       configFile(1),
		"many/.aws/config":      configFile(2000),
		"nobody/.aws/config":    "",
	} {
		if err := b.write(name, content); err != nil {
			b.cloud.Close()
			return err
		}
	}
	return nil
}

// build builds a package or a file and installs a copy, like a release. The linker
// writes its output through a memory map, one page at a time, and such a file takes
// up to a sixth longer to start from the page cache.
func (b *bench) build(name, from string) (string, error) {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	built, path := b.path("built", name), b.path("bin", name)
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", built, from)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go build %s: %w", from, err)
	}
	program, err := os.ReadFile(built)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, program, 0o700)
}

func (b *bench) path(elem ...string) string {
	return filepath.Join(append([]string{b.dir}, elem...)...)
}

func (b *bench) write(name, content string) error {
	path := b.path(filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o600)
}

// env returns the environment of a machine in the cloud with that HOME. From this
// machine's environment it has only PATH.
func (b *bench) env(home string) []string {
	env := []string{
		"HOME=" + b.path(home), "USERPROFILE=" + b.path(home), "GIT_CONFIG_NOSYSTEM=1",
		"PATH=" + b.path("bin") + string(filepath.ListSeparator) + os.Getenv("PATH"), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"),
	}
	return append(env, b.cloud.Env()...)
}

// helper returns the process that git would start.
func (b *bench) helper(home, request string, args ...string) process {
	return process{Path: b.program, Args: args, Env: b.env(home), Dir: b.path(home), Stdin: b.path(request)}
}

// output runs a process once and returns its output.
func output(p process) (string, error) {
	cmd := exec.Command(p.Path, p.Args...)
	cmd.Env, cmd.Dir = p.Env, p.Dir
	if p.Stdin != "" {
		in, err := os.Open(p.Stdin)
		if err != nil {
			return "", err
		}
		defer in.Close()
		cmd.Stdin = in
	}
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w: %s", filepath.Base(p.Path), strings.Join(p.Args, " "), err, said.String())
	}
	return string(out), nil
}

// answers checks that a process answers with an access key ID that has a prefix
// before it is timed; with "", that it prints nothing.
func answers(p process, keyID string) error {
	out, err := output(p)
	if err != nil {
		return err
	}
	if keyID == "" && out != "" || keyID != "" && !strings.HasPrefix(out, "username="+keyID) {
		return fmt.Errorf("%s %s does not answer as it should", filepath.Base(p.Path), strings.Join(p.Args, " "))
	}
	return nil
}
