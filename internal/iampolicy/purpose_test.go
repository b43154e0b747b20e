package iampolicy

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestPurposeRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(p *Purpose)
		want   string
	}{
		{"no repository", func(p *Purpose) { p.Repositories = nil }, "no repository"},
		{"two accounts", func(p *Purpose) {
			p.Repositories = append(p.Repositories, must(NewRepository("us-east-2", "222233334444", "A")))
		}, "belongs to another account"},
		{"two partitions of repositories", func(p *Purpose) {
			p.Repositories = append(p.Repositories, must(NewRepository("cn-north-1", "111122223333", "A")))
		}, "belongs to another account"},
		{"two partitions", func(p *Purpose) { p.Trusted.Partition = "aws-cn" }, "cannot be trusted across partitions"},
		{"the role trusts itself", func(p *Purpose) { p.Trusted = p.Role }, "cannot be trusted to assume itself"},
		{"MFA for instances", func(p *Purpose) { *p = instances(); p.RequireMFA = true }, "has no MFA device"},
		{"two hours for instances", func(p *Purpose) { *p = instances(); p.MaxSession = 2 * time.Hour }, "limits sessions to 1h"},
		{"an Identity Center role", func(p *Purpose) {
			p.Trusted = must(ParseEntity(Role, "aws", "888888888888", "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0123456789abcdef"))
		}, "permission set"},
		{"session under an hour", func(p *Purpose) { p.MaxSession = time.Hour - time.Second }, "not between 1h and 12h"},
		{"session over twelve hours", func(p *Purpose) { p.MaxSession = 12*time.Hour + time.Second }, "not between 1h and 12h"},
		{"half a second", func(p *Purpose) { p.MaxSession = time.Hour + time.Second/2 }, "whole seconds"},
		{"external id of one character", func(p *Purpose) { p.ExternalID = "1" }, "external ID"},
		{"external id with a space", func(p *Purpose) { p.ExternalID = "a b" }, "external ID"},
		{"external id with a letter that is not ASCII", func(p *Purpose) { p.ExternalID = "aé" }, "external ID"},
		{"external id too long", func(p *Purpose) { p.ExternalID = strings.Repeat("a", 1225) }, "external ID"},
		{"external id with a newline", func(p *Purpose) { p.ExternalID = "ab\n" }, "external ID"},
		{"profile name", func(p *Purpose) { p.Profile = "a]b" }, "profile name"},
		{"the default profile", func(p *Purpose) { p.Profile = "default" }, "is in use"},
		{"a group for a role", func(p *Purpose) { *p = instances(); p.Group = "G" }, "a group requires a trusted account"},
		{"a group's name", func(p *Purpose) { p.Group = "a/b" }, "group name"},
		{"MFA for jobs", func(p *Purpose) { *p = workflows(); p.RequireMFA = true }, "have no MFA device"},
		{"MFA for jobs of the role", func(p *Purpose) { *p = pipelines(); p.RequireMFA = true }, "have no MFA device"},
		{"an external id for jobs of the role", func(p *Purpose) { *p = pipelines(); p.ExternalID = "12345" }, "has no external ID"},
		{"tags for jobs of the role", func(p *Purpose) { *p = pipelines(); p.PrincipalTags = map[string]string{"a": "b"} }, "no principal tags"},
		{"jobs of an account", func(p *Purpose) { jobs := workflows().Jobs; p.Jobs = jobs }, "need a separate role"},
		{"two hours for jobs of another account", func(p *Purpose) { *p = workflows(); p.MaxSession = 2 * time.Hour }, "limits sessions to 1h"},
		{"a VPC and addresses", func(p *Purpose) { *p = guardedGroup(); p.SourceVPC = "vpc-0123456789abcdef0" }, "cannot be required together"},
		{"a VPC's ID", func(p *Purpose) { p.SourceVPC = "vpc-*" }, "is not a VPC's ID"},
		{"a wildcard in a tag", func(p *Purpose) { p.PrincipalTags = map[string]string{"team": "*"} }, "value \"*\" of the tag"},
		{"a variable in a tag's key", func(p *Purpose) { p.PrincipalTags = map[string]string{"${a}": "b"} }, "tag key"},
		{"trust policy too long", func(p *Purpose) {
			*p = workflows()
			for i := range 40 {
				*p.Jobs = must(p.Jobs.Join(must(ParseGitHub(fmt.Sprintf("example/app:ref:refs/heads/release-%040d", i)))))
			}
		}, "the trust policy of the CI jobs' role has"},
		{"access policy too long", func(p *Purpose) {
			for range 80 {
				p.Repositories = append(p.Repositories, must(NewRepository("us-east-2", "111122223333", strings.Repeat("r", 100))))
			}
		}, "the access policy for 81 repositories has"},
	}
	for _, tt := range tests {
		p := contributors()
		tt.change(&p)
		if _, err := New(p); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

func TestPurposeAtTheLimits(t *testing.T) {
	t.Parallel()
	for _, change := range []func(p *Purpose){
		func(p *Purpose) { p.MaxSession = time.Hour },
		func(p *Purpose) { p.MaxSession = 12 * time.Hour },
		func(p *Purpose) { p.ExternalID = "12" },
		func(p *Purpose) { p.ExternalID = strings.Repeat("a", 1224) },
		func(p *Purpose) { p.Trusted.Account = p.Role.Account }, // one account alone
	} {
		p := contributors()
		change(&p)
		if _, err := New(p); err != nil {
			t.Error(err)
		}
	}
}
