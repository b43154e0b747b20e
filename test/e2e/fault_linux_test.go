package e2e

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"git-credential-codecommit/test/awsfake"
)

// blackHole is an address where connections are neither accepted nor refused: that
// of a listener with a full queue.
func blackHole(t *testing.T) (address string) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address = fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port)
	for range 8 {
		conn, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Log("no black hole here: the queue of a listener does not fill")
	return ""
}

// apart runs a command line in separate namespaces: without a network (net), or
// with separate mounts.
func apart(t *testing.T, m *machine, namespace, script string, extra ...string) outcome {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, for a namespace")
	}
	if out, err := exec.Command("unshare", namespace, "true").CombinedOutput(); err != nil {
		t.Skipf("no namespaces here: %v: %s", err, out)
	}
	cmd := exec.Command("unshare", namespace, "sh", "-ec", script)
	cmd.Env = append(m.env[:len(m.env):len(m.env)], extra...)
	cmd.Dir = m.home
	cmd.Stdin = strings.NewReader(request)
	return runCommand(t, cmd)
}

// A machine without any network.
func TestNoNetwork(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "")
	none := []string{"https_proxy=", "HTTPS_PROXY=", "AWS_EC2_METADATA_SERVICE_ENDPOINT="}
	o := apart(t, m, "-n", "exec git-credential-codecommit get", append(none, noFiles...)...)
	if !o.failed() || !strings.Contains(o.stderr, "169.254.169.254: no route") {
		t.Error(o)
	}
	o.within(t, "no route to the metadata service", 2*time.Second)
	o = apart(t, m, "-n", "exec git-credential-codecommit --profile "+awsfake.DeveloperProfile+" get", none...)
	if !o.failed() || !strings.Contains(o.stderr, `request to STS failed: the name "sts.us-east-2.amazonaws.com" cannot be resolved`) {
		t.Error(o)
	}
	o.within(t, "no DNS", 25*time.Second)
	o = apart(t, m, "-n", "exec git-credential-codecommit get")
	if !o.answered() {
		t.Errorf("static keys need no network: %s", o)
	}
}

// On disks that cannot be written to, get still answers.
func TestDiskFaults(t *testing.T) {
	t.Parallel()
	const get = "exec git-credential-codecommit --profile " + awsfake.DeveloperProfile + " get"
	for name, prepare := range map[string]string{
		"a full disk":              `cp -r .aws saved; mount -t tmpfs -o size=16k none .aws; cp saved/c* .aws/; dd if=/dev/zero of=.aws/full 2>/dev/null || :`,
		"a disk without files":     `cp -r .aws saved; mount -t tmpfs -o size=1m,nr_inodes=4 none .aws; cp saved/c* .aws/; touch .aws/x .aws/y 2>/dev/null || :`,
		"a disk that is read-only": `mount --bind . .; mount -o remount,ro,bind .`,
	} {
		m := newMachine(t, "")
		o := apart(t, m, "-m", prepare+"; cd "+m.home+"; "+get)
		if !o.answered() || o.stderr != "" {
			t.Errorf("%s: %s", name, o)
		}
		o.within(t, name, 2*time.Second)
	}
}

// publicMachine is a machine whose program and certificate every user can read.
func publicMachine(t *testing.T) (m *machine, dir string) {
	t.Helper()
	m = newMachine(t, "")
	dir, err := os.MkdirTemp("", "two-users")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	program, err := exec.LookPath("git-credential-codecommit")
	if err != nil {
		t.Fatal(err)
	}
	copyFile(t, program, dir+"/git-credential-codecommit", 0o755)
	for _, v := range m.env {
		if ca, ok := strings.CutPrefix(v, "AWS_CA_BUNDLE="); ok {
			copyFile(t, ca, dir+"/ca.pem", 0o644)
		}
	}
	home := dir + "/home"
	if err := os.MkdirAll(home+"/.aws", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"config", "credentials"} {
		copyFile(t, m.home+"/.aws/"+name, home+"/.aws/"+name, 0o644)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	m.home = home
	m.env = append(m.env, "HOME="+home, "AWS_CA_BUNDLE="+dir+"/ca.pem")
	return m, dir
}

// copyFile copies in a separate process. A child that is started in the meantime
// could keep a file open for writing that this process writes, and a program that
// is open for writing cannot be run.
func copyFile(t *testing.T, from, to string, mode fs.FileMode) {
	t.Helper()
	if out, err := exec.Command("cp", "--", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Chmod(to, mode); err != nil {
		t.Fatal(err)
	}
}

const nobody = 65534

// chown changes the owner of the folder and everything in it.
func chown(t *testing.T, dir string, user int) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, user, user)
	}); err != nil {
		t.Fatal(err)
	}
}

// as makes the command run as a user.
func as(cmd *exec.Cmd, user int) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(user), Gid: uint32(user)}}
	return cmd
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to be two users")
	}
}

// Regardless of the umask, folders have mode 0700 and files 0600, and they work.
func TestStoreModesWhateverTheUmask(t *testing.T) {
	t.Parallel()
	users := []int{os.Geteuid()}
	if os.Geteuid() == 0 {
		users = append(users, nobody)
	}
	for _, user := range users {
		for _, umask := range []string{"0000", "0002", "0022", "0077", "0177", "0777"} {
			m, dir := publicMachine(t)
			if user != os.Geteuid() {
				chown(t, m.home, user)
			}
			// The AWS files are elsewhere, so that even ~/.aws must be created.
			aws := dir + "/files"
			if err := os.Rename(m.home+"/.aws", aws); err != nil {
				t.Fatal(err)
			}
			m.env = append(m.env, "AWS_CONFIG_FILE="+aws+"/config", "AWS_SHARED_CREDENTIALS_FILE="+aws+"/credentials")
			for range 2 {
				cmd := exec.Command("sh", "-c", "umask "+umask+"; exec "+dir+"/git-credential-codecommit --profile "+awsfake.DeveloperProfile+" get")
				cmd.Env, cmd.Dir, cmd.Stdin = m.env, "/", strings.NewReader(request)
				if user != os.Geteuid() {
					as(cmd, user)
				}
				if o := runCommand(t, cmd); !o.answered() || o.stderr != "" {
					t.Errorf("user %d, umask %s: %s", user, umask, o)
				}
			}
			if n := m.cloud.Count(awsfake.STS); n != 1 {
				t.Errorf("user %d, umask %s: %d calls: the session was not stored", user, umask, n)
			}
			for path, want := range map[string]fs.FileMode{".aws": 0o700, ".aws/cli": 0o700, ".aws/cli/cache": 0o700} {
				if info, err := os.Stat(m.home + "/" + path); err != nil || info.Mode().Perm() != want {
					t.Errorf("user %d, umask %s: %s: %v, %v", user, umask, path, info, err)
				}
			}
			files, _ := filepath.Glob(m.home + "/.aws/cli/cache/*")
			if len(files) != 1 { // the session; its lock is removed
				t.Errorf("user %d, umask %s: files %s", user, umask, files)
			}
			for _, path := range files {
				if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
					t.Errorf("user %d, umask %s: %s: %v, %v", user, umask, path, info.Mode(), err)
				}
			}
		}
	}
}

// A root shell with another user's HOME writes nothing there, nor where links from
// there lead.
func TestRootWritesNothingThroughAnotherUsersHome(t *testing.T) {
	t.Parallel()
	needRoot(t)
	for name, lead := range map[string]func(home, target string) error{
		"no links":                   func(home, _ string) error { return nil },
		"the cache folder is a link": func(home, target string) error { return linkIn(home+"/.aws/cli", "cache", target) },
		"the cli folder is a link":   func(home, target string) error { return linkIn(home+"/.aws", "cli", target) },
		"the cache folder, to come":  func(home, target string) error { return linkIn(home+"/.aws/cli", "cache", target+"/new") },
		"the SSO folder is a link":   func(home, target string) error { return linkIn(home+"/.aws/sso", "cache", target) },
	} {
		for _, mode := range []fs.FileMode{0o755, 0o777 | fs.ModeSticky} {
			m, dir := publicMachine(t)
			target := dir + "/target"
			if err := os.MkdirAll(target+"/cache", 0o755); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{target, target + "/cache"} {
				if err := os.Chmod(path, mode); err != nil {
					t.Fatal(err)
				}
			}
			if err := lead(m.home, target); err != nil {
				t.Fatal(err)
			}
			chown(t, m.home, nobody)
			before := tree(t, dir)
			o := runCommand(t, m.command(request, nil, "--profile", awsfake.DeveloperProfile, "get"))
			if !o.answered() {
				t.Errorf("%s: %s", name, o)
			}
			if after := tree(t, dir); after != before {
				t.Errorf("%s, mode %v: before\n%safter\n%s", name, mode, before, after)
			}
		}
	}
}

func linkIn(dir, name, target string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.Symlink(target, dir+"/"+name)
}

// tree lists the names, modes and owners of everything in a folder.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %v %d\n", strings.TrimPrefix(path, dir), info.Mode(), info.Sys().(*syscall.Stat_t).Uid)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Files that another user planted are neither used nor waited for.
func TestSessionsThatAnotherUserPlanted(t *testing.T) {
	t.Parallel()
	needRoot(t)
	key := sha1Hex(`{"RoleArn": "` + awsfake.ContributorRole + `"}`)
	session := fmt.Sprintf(`{"Credentials": {"AccessKeyId": "ASIAPLANTEDEXAMPLE00", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": %q}, `+
		`"AssumedRoleUser": {"AssumedRoleId": "AROA:s", "Arn": "arn:aws:sts::111122223333:assumed-role/MyCrossAccountRepositoryContributorRole/s"}}`,
		time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	for name, owner := range map[string]int{"a victim that is root": 0, "a victim that is not root": 1} {
		m, dir := publicMachine(t)
		cache := m.home + "/.aws/cli/cache"
		if err := os.MkdirAll(cache, 0o777); err != nil {
			t.Fatal(err)
		}
		chown(t, m.home, owner)
		for path, mode := range map[string]fs.FileMode{m.home: 0o755, m.home + "/.aws": 0o755, m.home + "/.aws/cli": 0o755, cache: 0o777} { // an old cache that others can write to
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		writeFile(t, cache+"/"+key+".json", session)
		writeFile(t, cache+"/"+key+".lock", "")
		for _, file := range []string{".json", ".lock"} {
			if err := os.Chown(cache+"/"+key+file, nobody, nobody); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(cache+"/"+key+file, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		holder := as(exec.Command("flock", cache+"/"+key+".lock", "sleep", "100"), nobody)
		if err := holder.Start(); err != nil {
			t.Skipf("no flock(1) here: %v", err)
		}
		t.Cleanup(func() { _ = holder.Process.Kill(); _ = holder.Wait() })
		waitFor(t, func() bool { return exec.Command("flock", "-n", cache+"/"+key+".lock", "true").Run() != nil })

		cmd := m.command(request, nil, "--profile", awsfake.DeveloperProfile, "get")
		cmd.Path, cmd.Dir = dir+"/git-credential-codecommit", "/"
		o := runCommand(t, as(cmd, owner))
		if !o.answered() || username(t, o) == "ASIAPLANTEDEXAMPLE00" {
			t.Errorf("%s: %s", name, o)
		}
		o.within(t, name, 2*time.Second)
		if n := m.cloud.Count(awsfake.STS); n != 1 {
			t.Errorf("%s: %d calls", name, n)
		}
		info, err := os.Stat(cache)
		if err != nil || info.Mode().Perm()&0o022 != 0 {
			t.Errorf("%s: others can still write to the folder: %v, %v", name, info.Mode(), err)
		}
		if info, err := os.Lstat(cache + "/" + key + ".lock"); err != nil || info.Sys().(*syscall.Stat_t).Uid != nobody {
			t.Errorf("%s: another user's file is removed: %v", name, err)
		}
	}
}

// A trace to a FIFO or a full device does not block.
func TestTracesThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	fifo := m.home + "/fifo"
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, trace := range []string{fifo, "/dev/full", m.home, "/nowhere/at/all", "/dev/null", "/dev/tty"} {
		o := m.run(t, request, []string{"GIT_TRACE_CODECOMMIT=" + trace}, "get")
		if !o.answered() || o.stderr != "" {
			t.Errorf("%s: %s", trace, o)
		}
		o.within(t, trace, time.Second)
	}
}

// Config files that are not files.
func TestConfigFilesMustBeRegular(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	fifo, loop := m.home+"/fifo", m.home+"/loop"
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, loop, m.home, "/dev/zero", "/dev/stdin", "/proc/self/fd/0", "/dev/tty"} {
		for _, variable := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
			o := m.run(t, request, []string{variable + "=" + path}, "--profile", "p", "get")
			if !o.failed() || !strings.Contains(o.stderr, "cannot read "+path) {
				t.Errorf("%s=%s: %s", variable, path, o)
			}
			o.within(t, path, time.Second)
		}
	}
	needRoot(t)
	m, dir := publicMachine(t)
	chown(t, m.home, nobody)
	if err := os.Chmod(m.home+"/.aws/config", 0); err != nil {
		t.Fatal(err)
	}
	cmd := m.command(request, nil, "--profile", awsfake.DeveloperProfile, "get")
	cmd.Path, cmd.Dir = dir+"/git-credential-codecommit", "/"
	if o := runCommand(t, as(cmd, nobody)); !o.failed() || !strings.Contains(o.stderr, "cannot read ~/.aws/config: permission denied") {
		t.Errorf("no permission: %s", o)
	}
}
