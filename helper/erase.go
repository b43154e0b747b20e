package helper

import (
	"encoding/base64"
	"io"
	"strings"
)

// Erase removes the stored session whose credentials the service rejected, if they
// are this helper's. It reports no errors, because git expects no answer.
func (h Helper) Erase(in io.Reader) error {
	req, err := Read(in)
	if err != nil || req.Protocol != "https" {
		return nil
	}
	if _, ours := h.isOurs(req); !ours {
		return nil
	}
	username := req.Username
	if plain, err := base64.StdEncoding.DecodeString(req.Credential); err == nil && len(plain) > 0 {
		username, _, _ = strings.Cut(string(plain), ":")
	}
	if accessKeyID, sessionToken, ok := strings.Cut(username, "%"); ok {
		h.Forget(accessKeyID, sessionToken)
	}
	return nil
}
