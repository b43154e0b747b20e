package helper

import "io"

// Store does nothing. Every command gets a new password; a stored one would be
// rejected after 15 minutes.
func (Helper) Store(io.Reader) error { return nil }
