package guide

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/canary"
	"git-credential-codecommit/test/program"
)

const packagesFile = "doc/packages.md"

// packageFiles are the files of SharedDemoRepo, which is a module or package for
// each of the programs.
var packageFiles = map[string]string{
	"go.mod":       "module git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo.git\n\ngo 1.21\n",
	"shared.go":    "package shared\n",
	"package.json": `{"name": "shared-demo", "version": "1.0.0"}` + "\n",
	"Cargo.toml":   "[package]\nname = \"shared-demo\"\nversion = \"1.0.0\"\nedition = \"2021\"\n",
	"src/lib.rs":   "",
	"main.tf":      "output \"shared\" {\n  value = 1\n}\n",
	// A build backend in the repository itself, so that pip downloads nothing else.
	"pyproject.toml": "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n",
	"backend.py": `import zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "shared_demo-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(directory + "/" + name, "w") as wheel:
        wheel.writestr("shared_demo.py", "")
        info = "shared_demo-1.0.0.dist-info/"
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: shared-demo\nVersion: 1.0.0\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(info + "RECORD", "")
    return name
`,
}

// otherAccountProfile is the maintainer's profile, in account B.
const otherAccountProfile = `[profile OtherAccountProfile]
region = us-east-2
aws_access_key_id = ` + awsfake.MaintainerAccessKeyID + `
aws_secret_access_key = ` + awsfake.MaintainerSecretKey + `
`

// dockerStandIn does what docker build does with the page's Dockerfile, without a
// daemon: it runs the command in its RUN line with the secret.
const dockerStandIn = `#!/bin/sh -eu
test "$*" = "build --secret id=codecommit,env=CODECOMMIT ."
mkdir secrets
printenv CODECOMMIT >secrets/codecommit
sed -n 's,^RUN --mount=type=secret\,id=codecommit ,,p' Dockerfile | sed "s,/run/secrets,$PWD/secrets," >command
env -u CODECOMMIT GIT_CONFIG_GLOBAL=/dev/null sh -eu command
rm -r secrets
`

// Every command of the page whose program is installed runs, in one HOME.
func TestPackages(t *testing.T) {
	t.Parallel()
	needShell(t)
	data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(packagesFile)))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	blocks, err := guideBlocks(packagesFile, text)
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := awsfake.StartScenarios(awsfake.Config{Dir: filepath.Join(t.TempDir(), "cloud")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	other, err := cloud.CreateRepository(awsfake.AccountB, awsfake.Region, "OtherDemoRepo")
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Commit(other, map[string]string{"README.md": "Another repository of account B.\n"}); err != nil {
		t.Fatal(err)
	}
	err = cloud.AddUser(awsfake.User{
		ARN:        awsfake.MaintainerARN,
		AccessKeys: []awsfake.AccessKey{{ID: awsfake.MaintainerAccessKeyID, Secret: awsfake.MaintainerSecretKey}},
		Policies:   []string{`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "codecommit:Git*", "Resource": ["` + cloud.Namesake.ARN + `", "` + other.ARN + `"]}]}`},
	})
	if err != nil {
		t.Fatal(err)
	}
	home := packagesHome(t, text)
	p := &persona{home: home, env: append(program.Env(cloud.Cloud),
		"PATH="+filepath.Join(home, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+home,
		// The programs' caches, which some of them keep elsewhere.
		"GOPATH="+filepath.Join(home, "go"), "GOMODCACHE=", "GOFLAGS=-modcacherw", "GOPROXY=off", "GOTOOLCHAIN=local",
		"CARGO_HOME="+filepath.Join(home, "cargo"), "PIP_CACHE_DIR="+filepath.Join(home, "pip"), "PIP_DISABLE_PIP_VERSION_CHECK=1",
		"npm_config_cache="+filepath.Join(home, "npm"), "npm_config_update_notifier=false",
		"CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE=", "TF_PLUGIN_CACHE_DIR=",
	)}
	if user, err := os.UserHomeDir(); err == nil && os.Getenv("RUSTUP_HOME") == "" { // where rustup finds cargo
		p.env = append(p.env, "RUSTUP_HOME="+filepath.Join(user, ".rustup"))
	}
	installed := map[string]bool{"docker": true} // the stand-in
	for _, tool := range []string{"git", "go", "npm", "pip", "cargo", "terraform", "git-lfs"} {
		version := " --version"
		if tool == "go" {
			version = " version"
		}
		_, err := p.sh(t, tool+version)
		installed[tool] = err == nil
	}
	var printed strings.Builder
	for i, b := range blocks {
		if b.persona == "" {
			continue
		}
		if !installed[b.persona] {
			t.Logf("%s:%d: %s is not installed", packagesFile, b.line, b.persona)
			continue
		}
		out, err := p.sh(t, b.script)
		printed.WriteString(out)
		if (err != nil) != b.fails {
			t.Fatalf("%s:%d: %s: %v\n%s\n%s", packagesFile, b.line, b.persona, err, b.script, out)
		}
		t.Logf("%s:%d:\n%s%s", packagesFile, b.line, b.script, out)
		if i == 0 {
			pushPackage(t, p)
		}
	}
	for file, tool := range map[string]string{
		"goapp/go.mod": "go",
		"npmapp/node_modules/shared-demo/package.json": "npm",
		"pipapp/shared_demo.py":                        "pip",
		"cargoapp/Cargo.lock":                          "cargo",
		"tfapp/.terraform/modules/shared/main.tf":      "terraform",
		"SharedDemoRepo/go.mod":                        "docker",
		"app/other/README.md":                          "git",
		"twins/namesake/README.md":                     "git",
		"large/data.bin":                               "git-lfs",
	} {
		if _, err := os.Stat(filepath.Join(home, filepath.FromSlash(file))); installed[tool] && err != nil {
			t.Error(err)
		}
	}
	if readme, _ := os.ReadFile(filepath.Join(home, "twins", "namesake", "README.md")); !strings.HasPrefix(string(readme), "Not the shared repository") {
		t.Errorf("the namesake is %q", readme)
	}
	if refused := cloud.Requests(awsfake.ProxyRefused); len(refused) > 0 {
		t.Errorf("a request left the cloud, for %s", refused[0].Host)
	}
	if canary.Found(printed.String(), cloud.Secrets()) {
		t.Error("a secret was printed")
	}
}

// packagesHome creates a HOME with the AWS files that the page assumes, its
// Dockerfile, and the replacement of docker.
func packagesHome(t *testing.T, text string) string {
	t.Helper()
	home := t.TempDir()
	dockerfile := ""
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "RUN ") {
			dockerfile += line
		}
	}
	for name, content := range map[string]string{
		".gitconfig":       guideGitConfig,
		".aws/credentials": awsfake.DeveloperCredentialsFile,
		".aws/config":      awsfake.DeveloperConfigFile + otherAccountProfile,
		"bin/docker":       dockerStandIn,
		"Dockerfile":       dockerfile,
	} {
		name = filepath.Join(home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// pushPackage makes SharedDemoRepo a package for every program.
func pushPackage(t *testing.T, p *persona) {
	t.Helper()
	p.must(t, "git clone --quiet https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo package")
	for name, content := range packageFiles {
		name = filepath.Join(p.home, "package", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.must(t, "cd package && git add . && git commit --quiet -m 'a package' && git push --quiet")
}

// The page shows how to use each program in its table.
func TestPackagesPageHasTheToolsOfItsTable(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(packagesFile)))
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := guideBlocks(packagesFile, strings.ReplaceAll(string(data), "\r\n", "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"go", "npm", "pip", "cargo", "terraform", "docker", "git", "git-lfs"} {
		if !slices.ContainsFunc(blocks, func(b guideBlock) bool { return b.persona == tool }) {
			t.Errorf("no block is for %s", tool)
		}
	}
}
