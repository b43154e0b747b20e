//go:build !linux

package e2e

import "testing"

// watch sees nothing here: only Linux has inotify.
func watch(*testing.T, string) func() []string { return func() []string { return nil } }
