package session

import (
	"context"
	"errors"
	"strings"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/cli"
)

var (
	// ErrNoPrompt is returned if a role requires an MFA code and no prompt is
	// possible.
	ErrNoPrompt = cli.WithHints(errors.New("an MFA code is required, but no prompt is possible (no terminal, or GIT_TERMINAL_PROMPT=0)"),
		cli.Advice("run the same git command once in a terminal, to store the role session"))
	// ErrMFACode is returned if the answer cannot be an MFA code.
	ErrMFACode = errors.New("an MFA code has 6 digits")
	// ErrNoDigits is returned if the configured MFA device does not show codes.
	ErrNoDigits = cli.WithHints(errors.New("its MFA device is a passkey or a security key, which shows no codes that AWS STS accepts"),
		cli.Advice("use an authenticator app as the MFA device, or sign in with IAM Identity Center or aws login"))
)

// mfaCode prompts for the current code of the MFA device with a serial number.
func (w *walk) mfaCode(ctx context.Context, serial string) (string, error) {
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html
	if device, err := arn.Parse(serial); err == nil && (strings.HasPrefix(device.Resource, "u2f/") || strings.HasPrefix(device.Resource, "passkey/")) {
		return "", ErrNoDigits
	}
	if w.Prompt == nil {
		return "", ErrNoPrompt
	}
	ctx, cancel := context.WithTimeout(ctx, promptTimeout)
	defer cancel()
	code, err := w.Prompt(ctx, serial)
	if err != nil {
		return "", err
	}
	if !ValidMFACode(code) {
		return "", ErrMFACode
	}
	return code, nil
}

// ValidMFACode reports whether s has the form of an MFA code: six digits.
func ValidMFACode(s string) bool { return len(s) == 6 && strings.Trim(s, "0123456789") == "" }
