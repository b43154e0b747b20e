package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"git-credential-codecommit/internal/shell"
	"git-credential-codecommit/test/awsfake"
)

// After setup, cargo fetches a dependency from CodeCommit with its git library,
// without net.git-fetch-with-cli. It runs no credential helper if a proxy or a
// certificate authority is configured, so the cloud must be reachable under its
// real names: in separate namespaces with different /etc/hosts and certificates.
func TestCargoFetchesFromCodeCommit(t *testing.T) {
	t.Parallel()
	cargo := newCargo(t)
	const refused = "failed to authenticate"
	if out, err := cargo.fetch(t); err == nil || !strings.Contains(out, refused) {
		t.Fatalf("before setup: %v:\n%s", err, out)
	}
	cargo.run(t, "git-credential-codecommit", "setup", "--profile", awsfake.DeveloperProfile)
	if out, err := cargo.fetch(t); err != nil || !strings.Contains(out, awsfake.EmptyRepo) {
		t.Fatalf("%v:\n%s", err, out)
	}
	// cargo needs the literal host name, because it does not support patterns.
	cargo.run(t, "git", "config", "--global", "--unset-all", "credential."+cargo.host+".helper")
	if out, err := cargo.fetch(t); err == nil || !strings.Contains(out, refused) {
		t.Errorf("without the literal name: %v:\n%s", err, out)
	}
}

// A cargoProject depends on a CodeCommit repository.
type cargoProject struct {
	*machine
	program string
	host    string   // https://git-codecommit.us-east-2.amazonaws.com
	env     []string // the environment of a machine without a proxy
	socket  string   // path of the socket that connects to the cloud
}

func newCargo(t *testing.T) *cargoProject {
	t.Helper()
	program, err := exec.LookPath("cargo")
	if err != nil {
		t.Skip("cargo is not installed")
	}
	for _, probe := range []string{"unshare -rnm ip link set lo up", "cargo --version"} {
		words := strings.Fields(probe)
		if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			t.Skipf("%s: %v: %s", probe, err, out)
		}
	}
	m := newMachine(t, "")
	dependency := map[string]string{"Cargo.toml": "[package]\nname = \"shared\"\nversion = \"0.1.0\"\n[lib]\npath = \"lib.rs\"\n", "lib.rs": ""}
	if err := m.cloud.Commit(m.cloud.Empty, dependency); err != nil {
		t.Fatal(err)
	}
	project := "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[lib]\npath = \"lib.rs\"\n[dependencies]\nshared = { git = \"" + m.cloud.Empty.URL + "\" }\n"
	for name, text := range map[string]string{"Cargo.toml": project, "lib.rs": ""} {
		if err := os.WriteFile(filepath.Join(m.home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := &cargoProject{machine: m, program: program, socket: filepath.Join(t.TempDir(), "cloud")}
	p.host, _, _ = strings.Cut(m.cloud.Empty.URL, "/v1/")
	// cargo treats even an empty variable as a proxy.
	for _, v := range m.env {
		if name, _, _ := strings.Cut(strings.ToLower(v), "="); !strings.HasSuffix(name, "_proxy") && name != "git_ssl_cainfo" {
			p.env = append(p.env, v)
		}
	}
	p.env = append(p.env, "CARGO_HOME="+filepath.Join(m.home, ".cargo"), "SSL_CERT_FILE="+m.cloud.CAFile(), "RUSTUP_HOME="+rustupHome())
	connectCloud(t, m.cloud, p.socket)
	return p
}

// rustupHome is where a cargo from rustup finds its files if HOME differs.
func rustupHome() string {
	if dir := os.Getenv("RUSTUP_HOME"); dir != "" {
		return dir
	}
	home, _ := os.UserHomeDir()
	return filepath.Join(home, ".rustup")
}

// run runs a command that needs no network.
func (p *cargoProject) run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir = p.env, p.home
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v: %s", name, args, err, out)
	}
}

// fetch runs cargo fetch, without anything from an earlier run.
func (p *cargoProject) fetch(t *testing.T) (string, error) {
	t.Helper()
	for _, name := range []string{".cargo", "Cargo.lock"} {
		if err := os.RemoveAll(filepath.Join(p.home, name)); err != nil {
			t.Fatal(err)
		}
	}
	hosts := filepath.Join(p.home, "hosts")
	if err := os.WriteFile(hosts, []byte("127.0.0.1 localhost "+strings.TrimPrefix(p.host, "https://")+" sts.us-east-2.amazonaws.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const certificates = "/etc/ssl/certs/ca-certificates.crt" // Debian's
	script := strings.Join([]string{
		"ip link set lo up",
		"mount --bind " + shell.Word(hosts) + " /etc/hosts",
		"[ ! -e " + certificates + " ] || mount --bind " + shell.Word(p.cloud.CAFile()) + " " + certificates,
		"exec relay " + shell.Word(p.socket) + " " + shell.Word(p.program) + " fetch",
	}, "\n")
	cmd := exec.Command("unshare", "-rnm", "sh", "-ec", script)
	cmd.Env, cmd.Dir = p.env, p.home
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// connectCloud listens on a socket for connections to the cloud, which can come
// from another network namespace.
func connectCloud(t *testing.T, cloud *awsfake.Scenarios, socket string) {
	t.Helper()
	proxy, err := url.Parse(cloud.ProxyURL())
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go relayTo(listener, func() (net.Conn, error) {
		conn, err := net.Dial("tcp", proxy.Host)
		if err != nil {
			return nil, err
		}
		const connect = "CONNECT git-codecommit.us-east-2.amazonaws.com:443 HTTP/1.1\r\nHost: git-codecommit.us-east-2.amazonaws.com:443\r\n\r\n"
		if _, err := io.WriteString(conn, connect); err != nil {
			return nil, err
		}
		return conn, skipHeader(conn)
	})
}

// skipHeader reads the proxy's response byte by byte, because the rest belongs to
// the client.
func skipHeader(conn net.Conn) error {
	header, b := "", make([]byte, 1)
	for !strings.HasSuffix(header, "\r\n\r\n") {
		if _, err := io.ReadFull(conn, b); err != nil {
			return err
		}
		header += string(b)
	}
	if !strings.HasPrefix(header, fmt.Sprintf("HTTP/1.1 %d ", http.StatusOK)) {
		return fmt.Errorf("the proxy responds %q", header)
	}
	return nil
}
