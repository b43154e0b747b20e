//go:build !unix

// Package permission determines what other users may do with files.
package permission

// WritableBy returns "": access lists are not checked.
func WritableBy(string) (who, what string) { return "", "" }
