package command

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"git-credential-codecommit/internal/iampolicy"
)

// writePolicy writes one file per account to dir, or only the file of part. It
// returns the text to print: the names of the files, and the user's part. An
// existing file with other content is an error.
func writePolicy(access iampolicy.Access, dir, format string, part iampolicy.Part) ([]byte, error) {
	parts := access.Accounts()
	if part != iampolicy.ForAll {
		parts = []iampolicy.Part{part}
	}
	var printed strings.Builder
	for _, part := range parts {
		path := filepath.Join(dir, policyFile(format, part))
		if err := writeNew(path, printPolicy(access, format, part)); err != nil {
			return nil, err
		}
		fmt.Fprintf(&printed, "# %s is for the administrator of account %s\n", path, access.Account(part))
	}
	return append([]byte(printed.String()+"\n"), access.User()...), nil
}

// policyFile returns the name of an account's file. Each account has its own
// folder, because Terraform reads all files of a folder as one configuration.
func policyFile(format string, part iampolicy.Part) string {
	switch format {
	case formatCommands:
		return string(part) + ".sh"
	case formatCloudFormation:
		return string(part) + ".yaml"
	case formatTerraform:
		return filepath.Join(string(part), "main.tf")
	default:
		return string(part) + ".json"
	}
}

// writeNew writes a file that does not exist yet, and creates its folder. It does
// nothing if the file exists with the same content.
func writeNew(path string, contents []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, contents) {
			return nil
		}
		return fmt.Errorf("--output: %s exists with other contents", path)
	}
	if err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	_, err = file.Write(contents)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}
