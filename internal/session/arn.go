package session

import "strings"

// ARNs have six parts with colons between them:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
const (
	arnPartition = 1
	arnService   = 2
	arnAccount   = 4
	arnResource  = 5
	arnParts     = 6
)

// splitARN returns the parts of an ARN; ok is false when s is none.
func splitARN(s string) (parts []string, ok bool) {
	parts = strings.SplitN(s, ":", arnParts)
	return parts, len(parts) == arnParts && parts[0] == "arn"
}

// accountOf returns the account id in an ARN, "" when there is none.
func accountOf(arn string) string {
	if parts, ok := splitARN(arn); ok && ValidAccount(parts[arnAccount]) {
		return parts[arnAccount]
	}
	return ""
}

// ValidAccount says whether s is an account id: twelve digits.
func ValidAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

// ValidRoleARN says whether s is the ARN of a role: arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME.
func ValidRoleARN(s string) bool {
	parts, ok := splitARN(s)
	if !ok || len(s) > 2048 || strings.ContainsFunc(s, notPrintable) {
		return false
	}
	path, isRole := strings.CutPrefix(parts[arnResource], "role/")
	return isRole && strings.HasPrefix(parts[arnPartition], "aws") && parts[arnService] == "iam" &&
		ValidAccount(parts[arnAccount]) && validRoleName(path[strings.LastIndex(path, "/")+1:])
}
