package awsfake

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Repositories are written without git, because every test starts a cloud, and
// running git took longer than most tests.

// makeBare makes an empty bare repository whose default branch is main and to
// which git http-backend lets clients push. See
// https://git-scm.com/docs/gitrepository-layout
func makeBare(dir string) error {
	for _, folder := range []string{"objects", filepath.Join("refs", "heads"), "hooks"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			return err
		}
	}
	const config = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n[http]\n\treceivepack = true\n"
	for name, content := range map[string]string{"HEAD": "ref: refs/heads/main\n", "config": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// commit creates a commit without parents on the branch main of a bare repository.
// The files (name → content) are in its root folder.
func commit(dir string, files map[string]string) error {
	const author = "AWS CodeCommit <codecommit@example.com> 1767225600 +0000" // 2026-01-01
	var tree bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		blob, err := writeObject(dir, "blob", []byte(files[name]))
		if err != nil {
			return err
		}
		fmt.Fprintf(&tree, "100644 %s\x00%s", name, blob[:])
	}
	root, err := writeObject(dir, "tree", tree.Bytes())
	if err != nil {
		return err
	}
	text := fmt.Sprintf("tree %[1]x\nauthor %[2]s\ncommitter %[2]s\n\nInitial commit\n", root, author)
	made, err := writeObject(dir, "commit", []byte(text))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "refs", "heads", "main"), fmt.Appendf(nil, "%x\n", made), 0o644)
}

// writeObject writes a loose object and returns its ID. See
// https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
func writeObject(dir, kind string, content []byte) (id [sha1.Size]byte, err error) {
	object := append(fmt.Appendf(nil, "%s %d\x00", kind, len(content)), content...)
	id = sha1.Sum(object)
	name := fmt.Sprintf("%x", id)
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	if _, err := w.Write(object); err != nil {
		return id, err
	}
	if err := w.Close(); err != nil {
		return id, err
	}
	folder := filepath.Join(dir, "objects", name[:2])
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return id, err
	}
	return id, os.WriteFile(filepath.Join(folder, name[2:]), packed.Bytes(), 0o444)
}
