package iampolicy

import (
	"strings"
	"testing"
)

func TestParseRepository(t *testing.T) {
	t.Parallel()
	for _, arn := range []string{
		"arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo",
		"arn:aws-cn:codecommit:cn-north-1:111122223333:a.b_c-d",
		"arn:aws-us-gov:codecommit:us-gov-west-1:111122223333:A",
		"arn:aws-eusc:codecommit:eusc-de-east-1:111122223333:A",
		"arn:aws-iso-b:codecommit:us-isob-east-1:111122223333:" + strings.Repeat("a", 100),
		"arn:aws:codeconnections:us-east-2:111122223333:connection/a1b2c3d4-5678-90ab-cdef-111122223333",
	} {
		r, err := ParseRepository(arn)
		if err != nil || r.String() != arn {
			t.Errorf("%s: %v, %v", arn, r, err)
		}
	}
	for _, tt := range []struct{ arn, want string }{
		{"", "is not the ARN of a repository"},
		{"MySharedDemoRepo", "is not the ARN of a repository"},
		{"arn:aws:s3:us-east-2:111122223333:A", "is not the ARN of a repository"},
		{"arn:aws:codecommit:us-east-2:111122223333", "is not the ARN of a repository"},
		{"arn:aws:codecommit:us-east-2:111122223333:A:B", "is not the ARN of a repository"},
		{"arn:aws:codecommit::111122223333:A", "region"},
		{"arn:aws:codecommit:*:111122223333:A", "region"},
		{"arn:aws:codecommit:US-EAST-2:111122223333:A", "region"},
		{"arn:aws:codecommit:us-east-2:11112222333:A", "account ID"},
		{"arn:aws:codecommit:us-east-2:1111222233334:A", "account ID"},
		{"arn:aws:codecommit:us-east-2:11112222333x:A", "account ID"},
		{"arn:aws:codecommit:us-east-2:111122223333:", "is not a repository name"},
		{"arn:aws:codecommit:us-east-2:111122223333:A.git", `ends in .git, which CodeCommit does not allow in repository names: write "A"`},
		{"arn:aws:codecommit:us-east-2:111122223333:*", "is not a repository name"},
		{"arn:aws:codecommit:us-east-2:111122223333:a/b", "is not a repository name"},
		{"arn:aws:codecommit:us-east-2:111122223333:a\n", "is not a repository name"},
		{"arn:aws:codecommit:us-east-2:111122223333:" + strings.Repeat("a", 101), "is not a repository name"},
		{"arn:aws:codeconnections:us-east-2:111122223333:connection/", "connection \"\" is not an ID"},
		{"arn:aws:codeconnections:us-east-2:111122223333:connection/*", "is not an ID"},
		{"arn:aws:codeconnections:us-east-2:111122223333:host/a1b2", "is not the ARN of a repository"},
		{"arn:aws:codecommit:us-east-2:111122223333:connection/a1b2", "is not a repository name"},
		{"arn:aws-cn:codestar-connections:us-east-2:111122223333:connection/a1b2", "in the partition aws,"},
		{"arn:aws:codecommit:cn-north-1:111122223333:A", "in the partition aws-cn"},
		{"arn:aws-cn:codecommit:us-east-2:111122223333:A", "in the partition aws,"},
	} {
		if r, err := ParseRepository(tt.arn); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, error %v, want one with %q", tt.arn, r, err, tt.want)
		}
	}
}

func TestParseEntity(t *testing.T) {
	t.Parallel()
	const b = "888888888888"
	for _, tt := range []struct {
		kind    Kind
		account string
		s, want string
	}{
		{Role, b, "R", "arn:aws:iam::888888888888:role/R"},
		{Role, b, "team/ci/R", "arn:aws:iam::888888888888:role/team/ci/R"},
		{Role, b, "/team/R", "arn:aws:iam::888888888888:role/team/R"},
		{User, b, "a_b+c=d,e.f@g-h", "arn:aws:iam::888888888888:user/a_b+c=d,e.f@g-h"},
		{Role, "", "arn:aws:iam::888888888888:role/team/R", "arn:aws:iam::888888888888:role/team/R"},
		{User, b, "arn:aws:iam::888888888888:user/U", "arn:aws:iam::888888888888:user/U"},
		{Role, b, strings.Repeat("a", 64), "arn:aws:iam::888888888888:role/" + strings.Repeat("a", 64)},
	} {
		e, err := ParseEntity(tt.kind, "aws", tt.account, tt.s)
		if err != nil || e.String() != tt.want {
			t.Errorf("%s: %v, %v, want %s", tt.s, e, err, tt.want)
		}
	}
	for _, tt := range []struct {
		kind    Kind
		account string
		s, want string
	}{
		{Role, b, "", "role name"},
		{Role, b, "a b", "role name"},
		{Role, b, "a*", "role name"},
		{Role, b, "a'b", "role name"},
		{Role, b, "team/", "role name"},
		{User, b, "a\n", "user name"},
		{Role, b, strings.Repeat("a", 65), "role name"},
		{Role, b, "te*m/R", "path"},
		{Role, b, "${aws:username}/R", "path"},
		{Role, b, "//R", "path"},
		{Role, b, strings.Repeat("a", 511) + "/R", "path"},
		{Role, "", "R", "account ID"},
		{Role, "", "arn:aws:iam::8888:role/R", "account ID"},
		{Role, b, "arn:aws:iam::888888888888:user/R", "is not the ARN of a role"},
		{Role, b, "arn:aws:sts::888888888888:assumed-role/R/session", "is not the ARN of a role"},
		{Role, b, "arn:aws:iam:us-east-2:888888888888:role/R", "is not the ARN of a role"},
		{User, b, "arn:aws:iam::888888888888:root", "is not the ARN of a user"},
		{Role, b, "arn:aws:iam::111122223333:role/R", "belongs to another account, not to 888888888888"},
		{Role, b, "arn:aws-cn:iam::888888888888:role/R", "cannot be trusted across partitions"},
	} {
		if e, err := ParseEntity(tt.kind, "aws", tt.account, tt.s); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, error %v, want one with %q", tt.s, e, err, tt.want)
		}
	}
}
