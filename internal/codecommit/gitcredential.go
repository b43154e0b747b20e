package codecommit

import "strings"

// IsGitCredential reports whether a username is that of an IAM user's static Git
// credentials (NAME-at-111122223333), which another helper provides. See
// https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-gc.html.
func IsGitCredential(username string) bool {
	at := strings.LastIndex(username, "-at-")
	if at < 1 {
		return false
	}
	return isAccount(username[at+len("-at-"):])
}
