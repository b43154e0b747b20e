package helper

import "io"

// Capability writes the optional protocol features that this helper supports, in
// the format of "CAPABILITY INPUT/OUTPUT FORMAT" in git-credential(1).
func (Helper) Capability(out io.Writer) error {
	_, err := io.WriteString(out, "version 0\ncapability authtype\n")
	return err
}
