package command

import "os"

// endingSignals end a prompt.
var endingSignals = []os.Signal{os.Interrupt}

// openTerminal opens the console of this process for reading and writing.
func openTerminal() (in, out *os.File, err error) {
	if in, err = os.OpenFile("CONIN$", os.O_RDWR, 0); err != nil {
		return nil, nil, err
	}
	if out, err = os.OpenFile("CONOUT$", os.O_RDWR, 0); err != nil {
		_ = in.Close()
		return nil, nil, err
	}
	return in, out, nil
}
