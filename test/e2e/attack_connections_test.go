package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const (
	connectionsHost = "codeconnections.us-east-2.amazonaws.com"
	connectionsPath = "git-http/111122223333/us-east-2/a1b2c3d4-5678-90ab-cdef-111122223333/"
)

func TestHostsSimilarToCodeConnectionsGetNoAnswer(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	touched := watch(t, filepath.Join(m.home, ".aws"))
	table := map[string]string{}
	for _, host := range []string{
		connectionsHost + ".evil.example", "evil." + connectionsHost, "evil-" + connectionsHost, connectionsHost + ".", connectionsHost + ":8443", "user@" + connectionsHost,
		"codeconnections.amazonaws.com", "codeconnections.evil.us-east-2.amazonaws.com", "codeconnections.us-east-2.amazonaws.com.cn", "codeconnections.cn-north-1.amazonaws.com",
		"codeconnections-fips.us-east-2.amazonaws.com", "codestarconnections.us-east-2.amazonaws.com", "vpce-0b47-jkl.codeconnections.us-east-2.vpce.amazonaws.com", "codeconnections.us-east-2.api.aws",
	} {
		table[host] = host
	}
	each(t, table, func(name, host string) {
		if o := m.run(t, asked("https", host, connectionsPath+"acme/app.git"), nil, "get"); !o.silent() {
			t.Errorf("%s: %s", name, o)
		}
	})
	if files := touched(); len(files) > 0 {
		t.Errorf("touched: %s", files)
	}
}

func TestPathsOfCodeConnectionsAreRefused(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	touched := watch(t, filepath.Join(m.home, ".aws"))
	table := map[string]string{}
	for _, path := range []string{
		"v1/repos/R", "git-http", "git-http/", connectionsPath, connectionsPath + "app.git", connectionsPath + "/app.git", connectionsPath + "acme//app.git", connectionsPath + "acme/app.git//",
		connectionsPath + "acme/../app.git", connectionsPath + "../../../../x/y", connectionsPath + "acme/.", connectionsPath + "acme/..", connectionsPath + "acme/app.git?x=y", connectionsPath + "acme/app#x",
		strings.Replace(connectionsPath, "111122223333", "11112222333", 1) + "acme/app.git", strings.Replace(connectionsPath, "111122223333", "١١١١٢٢٢٢٣٣٣٣", 1) + "acme/app.git",
		strings.Replace(connectionsPath, "us-east-2", "us-west-2", 1) + "acme/app.git", strings.Replace(connectionsPath, "us-east-2", "evil.example", 1) + "acme/app.git",
		connectionsPath + "acme/app\xff.git", connectionsPath + "acme/app\u0085.git",
		connectionsPath + strings.Repeat("a/", 20_000) + "app.git", "x/" + connectionsPath + "acme/app.git", "/" + connectionsPath + "acme/app.git", strings.ToUpper(connectionsPath) + "acme/app.git",
	} {
		table[fmt.Sprintf("%.90q", path)] = path
	}
	each(t, table, func(name, path string) {
		o := m.run(t, asked("https", connectionsHost, path), nil, "get")
		if !o.failed() || len(o.stderr) > 2000 {
			t.Errorf("%s: %s", name, o)
		}
	})
	if files := touched(); len(files) > 0 {
		t.Errorf("touched: %s", files)
	}
}

func TestPathsOfCodeConnectionsAreAnswered(t *testing.T) {
	t.Parallel()
	m := staticMachine(t)
	table := map[string]string{}
	for _, name := range []string{
		"acme/app", "acme/app.git", "acme/app.git/", "group/sub/deep/app.git", "contoso/My Project/_git/My Repo", "A.b_c-d~e/F.g_h-i~j.git", "~alice/app", "größe/日本.git",
		"acme/app.git/info/lfs", "acme/app.git/info/lfs/objects/batch", "acme/a=b&c;d@e.git",
	} {
		table[name] = connectionsPath + name
	}
	each(t, table, func(name, path string) {
		if o := m.run(t, asked("https", connectionsHost, path), nil, "get"); !o.answered() || o.stderr != "" {
			t.Errorf("%s: %s", name, o)
		}
	})
}
