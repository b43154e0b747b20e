package command

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

func TestIsRemote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want bool
	}{
		{[]string{"git-remote-codecommit"}, true},
		{[]string{"/usr/bin/git-remote-codecommit", "origin", "codecommit://Repo"}, true},
		{[]string{"git-remote-codecommit.exe", "get", "codecommit://Repo"}, true},
		{[]string{"GIT-REMOTE-CODECOMMIT.EXE", "--help"}, true},
		{[]string{"git-remote-codecommit", "--profile=p", "get"}, false},
		{[]string{"git-remote-codecommit", "store"}, false},
		{[]string{"git-remote-codecommit", "erase"}, false},
		{[]string{"git-credential-codecommit", "origin", "codecommit://Repo"}, false},
		{[]string{"/git-remote-codecommit/git-credential-codecommit"}, false},
	} {
		if got := isRemote(test.args); got != test.want {
			t.Errorf("%q: got %v", test.args, got)
		}
	}
}

func TestRemoteHost(t *testing.T) {
	t.Parallel()
	const vpce = "vpce-0b47ea360adebf88a-jkl88hez.git-codecommit.us-east-2.vpce.amazonaws.com"
	for _, test := range []struct {
		config remoteConfig
		region string
		want   string // "" for an error
	}{
		{remoteConfig{}, "us-east-2", "git-codecommit.us-east-2.amazonaws.com"},
		{remoteConfig{}, "us-gov-west-1", "git-codecommit.us-gov-west-1.amazonaws.com"},
		{remoteConfig{}, "cn-north-1", "git-codecommit.cn-north-1.amazonaws.com.cn"},
		{remoteConfig{}, "eusc-de-east-1", "git-codecommit.eusc-de-east-1.amazonaws.eu"},
		{remoteConfig{}, "us-iso-east-1", "git-codecommit.us-iso-east-1.c2s.ic.gov"},
		{remoteConfig{}, "us-isob-east-1", "git-codecommit.us-isob-east-1.sc2s.sgov.gov"},
		{remoteConfig{}, "eu-isoe-west-1", "git-codecommit.eu-isoe-west-1.cloud.adc-e.uk"},
		{remoteConfig{}, "us-isof-south-1", "git-codecommit.us-isof-south-1.csp.hci.ic.gov"},
		{remoteConfig{fips: true}, "us-gov-west-1", "git-codecommit-fips.us-gov-west-1.amazonaws.com"},
		{remoteConfig{endpoint: vpce}, "us-east-2", vpce},
		{remoteConfig{endpoint: vpce + ":443"}, "us-east-2", vpce},
		{remoteConfig{endpoint: vpce}, "us-east-1", ""},
		{remoteConfig{endpoint: vpce, fips: true}, "us-east-2", ""},
		{remoteConfig{endpoint: strings.Replace(vpce, "git-codecommit", "git-codecommit-fips", 1), fips: true}, "us-east-2", strings.Replace(vpce, "git-codecommit", "git-codecommit-fips", 1)},
	} {
		got, err := test.config.host(test.region)
		if got != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%+v in %s: got %q, %v", test.config, test.region, got, err)
		}
		if ep, ok := codecommit.ParseEndpoint(got); err == nil && (!ok || ep.Region != test.region) {
			t.Errorf("%+v in %s: %q is not CodeCommit's", test.config, test.region, got)
		}
	}
}

func TestParseRemoteConfig(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]remoteConfig{
		"":                         {},
		"codecommit.fips\x00":      {fips: true},
		"codecommit.fips\n\x00":    {},
		"codecommit.fips\nYes\x00": {fips: true},
		"codecommit.fips\noff\x00": {},
		"codecommit.account\n\x00": {},
		"codecommit.other\nx\x00":  {},
		"codecommit.account\n012345678901\x00codecommit.endpoint\ngit-codecommit.us-east-2.amazonaws.com\x00codecommit.fips\n1\x00": {account: "012345678901", endpoint: "git-codecommit.us-east-2.amazonaws.com", fips: true},
	} {
		if got, err := parseRemoteConfig(out); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", out, got, err, want)
		}
	}
	for _, out := range []string{
		"codecommit.fips\nmaybe\x00",
		"codecommit.account\n1234\x00",
		"codecommit.account\n111122223333 --profile=x\x00",
		"codecommit.endpoint\ngit-codecommit.us-east-2.amazonaws.com.evil.example\x00",
		"codecommit.endpoint\nhttps://git-codecommit.us-east-2.amazonaws.com\x00",
		"codecommit.endpoint\ngit-codecommit.us-east-2.amazonaws.com:8443\x00",
		"codecommit.endpoint\x00codecommit.account\nx\x00",
	} {
		if got, err := parseRemoteConfig(out); err == nil {
			t.Errorf("%q: got %+v", out, got)
		}
	}
}

// Whoever asks for it says how long git may take.
func TestReadRemoteConfigEnds(t *testing.T) {
	t.Parallel()
	git, err := gitconfig.Find()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if config, err := readRemoteConfig(ctx, git, "https://git-codecommit.us-east-2.amazonaws.com"); err == nil {
		t.Errorf("%+v", config)
	}
}

// TestHelperLine has a shell take the line apart, as git does.
func TestHelperLine(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("git brings a shell of its own there")
	}
	for _, profile := range []string{"", "p", "a b", "--evil", "-x", "x; touch owned", "$(touch owned)", "`touch owned`", `it's "so"`, `back\slash`, "*", "~", "#", "!x", "zoë", "a=b"} {
		p := cli.Process{Executable: func() (string, error) { return "/a folder/it's/git-remote-codecommit", nil }}
		line, err := helperLine(p, profile, "111122223333")
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"/a folder/it's/git-remote-codecommit"}
		if profile != "" {
			want = append(want, "--profile="+profile)
		}
		want = append(want, "--account=111122223333", "get")
		out, err := exec.Command("sh", "-c", `printf '%s\n' `+strings.TrimPrefix(line, "!")+" get").Output()
		if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", line, got, err, want)
		}
	}
	if _, err := helperLine(cli.Process{Executable: func() (string, error) { return "", errors.New("gone") }}, "", ""); err == nil {
		t.Error("no error without a path")
	}
}

func FuzzParseRemote(f *testing.F) {
	f.Add("codecommit://profile@Repo")
	f.Add("US-EAST-2://profile@Repo/")
	f.Add("codecommit://https://git-codecommit.us-east-2.amazonaws.com/v1/repos/Repo")
	f.Add("us-east-1://--evil@repo")
	f.Fuzz(func(t *testing.T, url string) {
		target, err := parseRemote(url)
		if err != nil {
			var told *cli.Error
			if !errors.As(err, &told) || len(told.Fix) == 0 || !strings.Contains(told.Fix[len(told.Fix)-1].Text(cli.Name), remoteForms) {
				t.Fatalf("%q: the error %v does not tell the two forms", url, err)
			}
			return
		}
		region := target.Region
		if region == "" {
			region = "us-east-2"
		}
		plain := httpsURL(codecommit.Host(region, false), target)
		host, path, _ := strings.Cut(strings.TrimPrefix(plain, "https://"), "/")
		ep, ours := codecommit.ParseEndpoint(host)
		repository, ok := codecommit.ParsePath(path)
		if !ours || !ok || ep.Region != region || repository != target.Repository {
			t.Fatalf("%q: %s", url, plain)
		}
		// What an error would propose parses to the same again.
		proposed := strings.TrimPrefix(remoteURL(target), "codecommit::")
		if again, err := helper.ParseRemoteURL(proposed); err != nil || again != target {
			t.Fatalf("%q: %+v, and %q is %+v, %v", url, target, proposed, again, err)
		}
	})
}
