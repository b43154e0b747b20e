package iampolicy

import (
	"strings"
	"testing"
	"time"
)

func TestSwitchRole(t *testing.T) {
	t.Parallel()
	const prefix = "https://signin.aws.amazon.com/switchrole?roleName="
	with := func(change func(p *Purpose)) Purpose {
		p := contributors()
		change(&p)
		return p
	}
	role := func(partition, name string) func(p *Purpose) {
		return func(p *Purpose) {
			region := map[string]string{"aws": "us-east-2", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1"}[partition]
			p.Repositories = []Repository{must(NewRepository(region, "111122223333", "A"))}
			p.Role = must(ParseEntity(Role, partition, "111122223333", name))
			p.Trusted.Partition = partition
			p.Profile = "p"
		}
	}
	for _, tt := range []struct {
		name string
		p    Purpose
		want string
	}{
		{"a role", contributors(), prefix + roleName + "&account=111122223333"},
		{"a path", with(role("aws", "a/b/R")), prefix + "a%2Fb%2FR&account=111122223333"},
		{"special characters", with(role("aws", "a+b=c,d@e")), prefix + "a%2Bb%3Dc%2Cd%40e&account=111122223333"},
		{"China", with(role("aws-cn", "R")), "https://signin.amazonaws.cn/switchrole?roleName=R&account=111122223333"},
		{"GovCloud", with(role("aws-us-gov", "R")), "https://signin.amazonaws-us-gov.com/switchrole?roleName=R&account=111122223333"},
		{"a partition whose page is unknown", with(role("aws-eusc", "R")), ""},
		{"64 characters", with(role("aws", "a/"+strings.Repeat("r", 62))), prefix + "a%2F" + strings.Repeat("r", 62) + "&account=111122223333"},
		{"65 characters", with(role("aws", "a/"+strings.Repeat("r", 63))), ""},
		{"MFA", with(func(p *Purpose) { p.RequireMFA, p.MaxSession = true, 2*time.Hour }), prefix + roleName + "&account=111122223333"},
		{"an external ID", with(func(p *Purpose) { p.ExternalID = "12345" }), ""},
		{"git only", with(func(p *Purpose) { p.GitOnly = true }), ""},
		{"instances", instances(), ""},
		{"CI jobs", workflows(), ""},
	} {
		a := must(New(tt.p))
		if got := a.Client.SwitchRole; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if shown := strings.Contains(string(a.Commands(ForAll)), "switchrole"); shown != (tt.want != "") {
			t.Errorf("%s: link in the script: %t", tt.name, shown)
		}
	}
}
