package helper

import "io"

// Capability writes which optional parts of the protocol this helper supports, in
// the format of git-credential(1), CAPABILITY INPUT/OUTPUT FORMAT.
func (Helper) Capability(out io.Writer) error {
	_, err := io.WriteString(out, "version 0\ncapability authtype\n")
	return err
}
