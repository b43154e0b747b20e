package session

import (
	"os"
	"os/exec"

	"golang.org/x/sys/windows"
)

// terminal is the console that this process is attached to.
type terminal struct{ file *os.File }

// openTerminal opens the console; nil if there is none.
func openTerminal() *terminal {
	file, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	return &terminal{file}
}

func (t *terminal) close() { _ = t.file.Close() }

// interrupted reports whether Ctrl-C ended a program.
func interrupted(s *os.ProcessState) bool {
	const controlCExit = 0xC000013A // STATUS_CONTROL_C_EXIT
	return uint32(s.ExitCode()) == controlCExit
}

// checkOwner does nothing: Windows has no root.
func checkOwner(sudoUID, path string) error { return nil }

// runInGroup runs the command in a separate job, so that its children end with it
// at the time limit:
// https://learn.microsoft.com/windows/win32/procthread/job-objects.
func runInGroup(cmd *exec.Cmd, t *terminal) error {
	if t != nil {
		input, err := os.OpenFile("CONIN$", os.O_RDWR, 0)
		if err == nil {
			defer input.Close()
			cmd.Stdin = input
		}
	}
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return cmd.Run() // without a job, canceling kills only the command, not its children
	}
	defer func() { _ = windows.CloseHandle(job) }()
	cmd.Cancel = func() error {
		if windows.TerminateJobObject(job, 1) == nil {
			return nil
		}
		return cmd.Process.Kill()
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid))
	if err == nil {
		_ = windows.AssignProcessToJobObject(job, process)
		_ = windows.CloseHandle(process)
	}
	return cmd.Wait()
}
