//go:build unix

package session

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/permission"
	"git-credential-codecommit/internal/regularfile"
	"git-credential-codecommit/internal/shell"
)

// terminal is this process's terminal. The process runs in its foreground.
type terminal struct {
	file  *os.File
	group int // this process's group
}

// openTerminal opens the terminal; nil if there is none, or if this process runs in
// its background.
func openTerminal() *terminal {
	file, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil
	}
	group, err := unix.IoctlGetInt(int(file.Fd()), unix.TIOCGPGRP)
	if err != nil || group != syscall.Getpgrp() {
		_ = file.Close()
		return nil
	}
	return &terminal{file, group}
}

func (t *terminal) close() { _ = t.file.Close() }

// runInGroup runs the command in a separate process group, so that its children end
// with it. With a terminal, the group is in the foreground while it runs, so that
// it can prompt and receives Ctrl-C.
func runInGroup(cmd *exec.Cmd, t *terminal) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	defer endWithThisProcess(cmd.SysProcAttr)()
	if t != nil {
		fd := int(t.file.Fd())
		cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, fd
		// Ignore SIGTTOU: it would stop a process that moves its group to the
		// foreground, or that takes the terminal back afterwards. Ignore SIGTSTP
		// here and in the command, which inherits this: Ctrl-Z would stop the
		// command but not git, so the shell would not return, and Ctrl-C would not
		// end the stopped command. Both signals stay ignored, because another
		// command may run concurrently.
		signal.Ignore(syscall.SIGTTOU, syscall.SIGTSTP)
		defer func() { _ = unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, t.group) }()
	}
	return cmd.Run()
}

// interrupted reports whether Ctrl-C ended a program.
func interrupted(s *os.ProcessState) bool {
	status, ok := s.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGINT
}

// checkOwner returns an error, for root, if another user controls the file at path:
// the file, or a folder or link on its path, belongs to that user, who could become
// root through the program that the file names. The user who ran sudo is allowed.
func checkOwner(sudoUID, path string) error {
	if os.Geteuid() != 0 || path == "" {
		return nil
	}
	var allowed []uint32
	if uid, err := strconv.ParseUint(sudoUID, 10, 32); err == nil {
		allowed = append(allowed, uint32(uid))
	}
	stranger, uid, err := permission.NotOwnedBy(path, allowed...)
	if err != nil {
		return fmt.Errorf("not run as root: cannot check the owner of %s: %w", cli.Quote(path), regularfile.Cause(err))
	}
	if stranger == "" {
		return nil
	}
	err = cli.WithHints(fmt.Errorf("not run as root: %s belongs to another user", cli.Quote(stranger)),
		cli.Run("sudo -u '#"+strconv.FormatUint(uint64(uid), 10)+"' git …").When("to run git as that user"),
		cli.Run("chown root "+shell.Path(stranger)).When("if only root needs the file"))
	if info, e := os.Lstat(stranger); e != nil || !info.Mode().IsRegular() {
		err = cli.WithHints(err, cli.HintsOf(err)[0]) // no hint to change the owner of a folder
	}
	return err
}
