package arn

import (
	"strings"
	"testing"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"arn:aws:iam::111122223333:role/a":           "111122223333",
		"arn:aws:sts::111122223333:assumed-role/a/b": "111122223333",
		"arn:aws:iam::aws:policy/a":                  "",
		"arn:aws:iam::11112222333:role/a":            "",
		"arn:aws:iam::1111222233334:role/a":          "",
		"arn:aws:s3:::bucket":                        "",
		"111122223333":                               "",
		"":                                           "",
	} {
		if got := Account(s); got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

func TestValidRole(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"arn:aws:iam::111122223333:role/Name":                                   true,
		"arn:aws-cn:iam::111122223333:role/team/path/Na-me_+=,.@":               true,
		"arn:aws:iam::111122223333:role/" + strings.Repeat("n", 64):             true,
		"arn:aws:iam::111122223333:role/" + strings.Repeat("n", 65):             false,
		"arn:aws:iam::111122223333:role/" + strings.Repeat("p/", 1100) + "Name": false,
		"arn:aws:iam::111122223333:role/":                                       false,
		"arn:aws:iam::111122223333:role/path/":                                  false,
		"arn:aws:iam::111122223333:user/Name":                                   false,
		"arn:aws:sts::111122223333:role/Name":                                   false,
		"arn:other:iam::111122223333:role/Name":                                 false,
		"arn:aws:iam::1111:role/Name":                                           false,
		"arn:aws:iam::111122223333:role/a b/Name":                               false,
		"arn:aws:iam::111122223333:role/Na\nme":                                 false,
		"Name":                                                                  false,
	} {
		if got := ValidRole(s); got != want {
			t.Errorf("%q: got %v", s, got)
		}
	}
}
