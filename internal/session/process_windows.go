package session

import (
	"os/exec"

	"golang.org/x/sys/windows"
)

// runInGroup runs the command in a job of its own, so that its children end
// with it when its time is up:
// https://learn.microsoft.com/windows/win32/procthread/job-objects.
func runInGroup(cmd *exec.Cmd) error {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return cmd.Run() // then the command ends alone
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
