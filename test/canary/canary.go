// Package canary finds secrets in text. The cloud's dummy secrets are canaries:
// they must appear only in answers to git.
package canary

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

// Found reports whether the text contains one of the secrets in any encoding.
func Found(text string, secrets []string) bool {
	for _, secret := range secrets {
		for _, form := range encodings(secret) {
			if strings.Contains(text, form) {
				return true
			}
		}
	}
	return false
}

// encodings returns the forms in which a secret could leak: plain, hex,
// URL-encoded, and base64 at each of the three offsets in a longer text.
func encodings(secret string) []string {
	hexadecimal := hex.EncodeToString([]byte(secret))
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), hexadecimal, strings.ToUpper(hexadecimal)}
	for shift := range 3 {
		padded := strings.Repeat("x", shift) + secret
		encoded := base64.RawStdEncoding.EncodeToString([]byte(padded))
		// The first and last characters also encode bits of adjacent bytes.
		forms = append(forms, encoded[shift*8/6+min(shift, 1):len(encoded)-1])
	}
	return forms
}
