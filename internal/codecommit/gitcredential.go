package codecommit

import "strings"

// IsGitCredential says whether a user name is that of an IAM user's static Git
// credentials, NAME-at-111122223333: another helper holds their password. See
// https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-gc.html.
func IsGitCredential(username string) bool {
	const digits = 12 // of an account id
	at := strings.LastIndex(username, "-at-")
	if at < 1 {
		return false
	}
	account := username[at+len("-at-"):]
	return len(account) == digits && only(account, isDigit)
}
