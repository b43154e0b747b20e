//go:build !linux

package e2e

import "testing"

// watch reports nothing: only Linux has inotify.
func watch(*testing.T, string) func() []string { return func() []string { return nil } }
