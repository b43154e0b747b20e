package awsclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Errors of AWS, or of another server in its place, are reported in this program's
// words.
func TestErrorsDoNotRepeatResponseText(t *testing.T) {
	t.Parallel()
	const canary = "CANARY/secret"
	for _, err := range []error{
		errors.New(canary),
		&url.Error{Op: "Post", URL: "https://user:" + canary + "@sts.us-east-1.amazonaws.com/?x=" + canary, Err: errors.New(canary)},
		&url.Error{Op: "Post", URL: "https://" + canary, Err: ErrProxyURL},
		fmt.Errorf("%s: %w", canary, &proxyError{407}),
		fmt.Errorf("%s: %w", canary, context.DeadlineExceeded),
		fmt.Errorf("%s: %w", canary, http.ErrSchemeMismatch),
	} {
		if text := CallError("STS", err).Error(); strings.Contains(text, canary) {
			t.Errorf("%#v: %s", err, text)
		}
	}
	for _, code := range []string{canary, "", "a b", "a\nb", strings.Repeat("a", 65), "é", "\x1b[31m", "<html>"} {
		if got := Code(code); got != "an unknown code" {
			t.Errorf("%q: shown as %q", code, got)
		}
	}
	for _, message := range []string{
		"User: " + canary + " is not authorized", "User: arn:" + canary + " is not authorized", "User: arn:aws:iam::1:user/" + canary + " is not authorized",
		"User: arn:aws:sts::111122223333:assumed-role/a b is not authorized", "User: arn:aws:iam::111122223333:user/" + strings.Repeat("a", 3000) + " is not authorized",
	} {
		if got := callerIn(message); got != "" {
			t.Errorf("%q: the caller is %q", message, got)
		}
	}
}
