//go:build unix

package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// terminal is the terminal in whose foreground this process runs.
type terminal struct {
	file  *os.File
	group int // this process's group
}

// openTerminal opens the terminal; nil if there is none, or this process runs in
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

// runInGroup runs the command in a process group of its own, so that its children
// end with it. With a terminal, the group has the foreground while it runs, so
// that it may ask and Ctrl-C is for it.
func runInGroup(cmd *exec.Cmd, t *terminal) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	defer endWithThisProcess(cmd.SysProcAttr)()
	if t != nil {
		fd := int(t.file.Fd())
		cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, fd
		// A process that takes the terminal, or takes it back, is in the background:
		// the signal would stop it. It stays ignored, for another command may be
		// running beside this one.
		signal.Ignore(syscall.SIGTTOU)
		defer func() { _ = unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, t.group) }()
	}
	return cmd.Run()
}

// interrupted reports whether Ctrl-C ended a program.
func interrupted(s *os.ProcessState) bool {
	status, ok := s.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGINT
}

// checkOwner refuses to run, as root, the program that another user's file names:
// everyone who can write to the file would become root. The user who ran sudo is
// allowed.
// File is the AWS file as the user would type it.
func checkOwner(w *walk, file string) error {
	if os.Geteuid() != 0 || file == "" {
		return nil
	}
	paths := []string{file}
	if rest, ok := strings.CutPrefix(file, "~/"); ok {
		paths = []string{w.Home, filepath.Join(w.Home, rest)}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || stat.Uid == 0 {
			continue
		}
		if owner := strconv.FormatUint(uint64(stat.Uid), 10); owner != w.SudoUID {
			return cli.WithHints(fmt.Errorf("not run as root: %s belongs to another user", cli.Quote(path)),
				cli.Run("sudo -u '#"+owner+"' git …").When("to run git as that user"),
				cli.Run("chown root "+shell.Path(path)).When("if only root needs the file"))
		}
	}
	return nil
}
