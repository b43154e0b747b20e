// Package arn parses Amazon Resource Names and account IDs:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
package arn

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// An ARN is a parsed Amazon Resource Name.
type ARN = arn.ARN

// Parse splits an ARN into its parts. It checks the number of parts and the prefix,
// but not the parts.
func Parse(s string) (ARN, error) { return arn.Parse(s) }

// Parts is Parse for ARNs from AWS: it returns the zero ARN instead of an error.
func Parts(s string) ARN {
	a, _ := Parse(s)
	return a
}

// Account returns the account ID in an ARN; "" if s is not an ARN, or has none.
func Account(s string) string {
	if a, err := Parse(s); err == nil && ValidAccount(a.AccountID) {
		return a.AccountID
	}
	return ""
}

// ValidAccount reports whether s is an account ID: twelve digits.
func ValidAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

// maxRole is the maximum length of a role ARN in characters:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
const maxRole = 2048

// ValidRole reports whether s is the ARN of a role:
// arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME.
func ValidRole(s string) bool {
	a, err := Parse(s)
	if err != nil || len(s) > maxRole || strings.ContainsFunc(s, notPrintable) {
		return false
	}
	path, isRole := strings.CutPrefix(a.Resource, "role/")
	return isRole && strings.HasPrefix(a.Partition, "aws") && a.Service == "iam" &&
		ValidAccount(a.AccountID) && ValidRoleName(path[strings.LastIndex(path, "/")+1:])
}

// maxName is the maximum length of a role or user name in characters:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html.
const maxName = 64

// ValidRoleName reports whether s can be the name of a role or a user, without a
// path.
func ValidRoleName(s string) bool {
	return s != "" && len(s) <= maxName &&
		strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-") == ""
}

func notPrintable(r rune) bool { return r <= ' ' || r > '~' }
