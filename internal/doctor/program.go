package doctor

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

// checkProgram checks that git runs this program.
func (x *examination) checkProgram(ctx context.Context) {
	if x.line.isCode {
		x.skip(isShellCode, CheckProgram)
		return
	}
	found := x.find(ctx, x.line.Program, x.line.ByGit)
	fixes, notes := x.overriding(x.line.flags(), x.line.entry)
	switch {
	case found == "":
		x.add(Check{
			Name:    CheckProgram,
			Status:  Failed,
			Summary: fmt.Sprintf("git cannot run %s: there is no such program", x.line.Program),
			Run:     fixes,
			Notes:   notes,
		})
	case !sameProgram(found, x.Program):
		x.add(Check{
			Name:    CheckProgram,
			Status:  Failed,
			Summary: fmt.Sprintf("git runs %s, a different program or version from this one (%s)", found, x.Program),
			Run:     fixes,
			Notes:   notes,
		})
	default:
		x.ok(CheckProgram, "git runs "+found)
	}
}

// checkRemoteHelper checks that git runs this program for codecommit:// URLs.
func (x *examination) checkRemoteHelper(ctx context.Context) {
	found := x.find(ctx, cli.RemoteName, true)
	switch {
	case found == "" && sameProgram(x.besides(cli.RemoteName), x.Program):
		folder := x.Word(filepath.Dir(x.Program))
		x.add(Check{
			Name:    CheckProgram,
			Status:  Failed,
			Summary: "git cannot run " + cli.RemoteName + ": its folder is not on PATH",
			Run:     []Command{Shown(shell.AddToPath(filepath.Dir(x.Program)))},
			Notes:   []string{"in a crontab, whose PATH is short, write PATH=" + folder + ":/usr/bin:/bin before the jobs"},
		})
	case found == "":
		fixes := x.linking(x.besides(cli.RemoteName))
		if _, err := os.Lstat(x.besides(cli.RemoteName)); err == nil { // another program's file
			fixes = x.replacing(x.besides(cli.RemoteName))
		}
		x.add(Check{Name: CheckProgram, Status: Failed, Summary: "git cannot run " + cli.RemoteName + ": it is not on PATH", Run: fixes})
	case !sameProgram(found, x.Program):
		x.add(Check{
			Name:    CheckProgram,
			Status:  Failed,
			Summary: fmt.Sprintf("git runs %s, a different program or version from this one (%s)", found, x.Program),
			Run:     x.replacing(found),
			Notes:   []string{"or put the folder of this program before that one on PATH"},
		})
	default:
		x.ok(CheckProgram, "git runs "+found)
	}
}

// checkOtherRemoteHelper warns if another program would handle codecommit:// URLs,
// for example those of submodules.
func (x *examination) checkOtherRemoteHelper(ctx context.Context) {
	found := x.find(ctx, cli.RemoteName, true)
	if found == "" || sameProgram(found, x.Program) {
		return
	}
	x.add(Check{
		Name:    CheckProgram,
		Status:  Warning,
		Summary: fmt.Sprintf("for codecommit: URLs, git runs %s, a different program or version from this one (%s)", found, x.Program),
		Run:     x.replacing(found),
		Notes:   []string{"or put the folder of this program before that one on PATH"},
	})
}

// besides returns the path of a program in the same folder as this one.
func (x *examination) besides(name string) string {
	return filepath.Join(filepath.Dir(x.Program), name+filepath.Ext(x.Program)) // .exe on Windows
}

// replacing returns the commands that replace another git-remote-codecommit with
// this program. AWS's is uninstalled with the tool that installed it.
func (x *examination) replacing(found string) []Command {
	if target, err := os.Readlink(found); err == nil && strings.Contains(target, "pipx") {
		return []Command{Shown("pipx uninstall " + cli.RemoteName)}
	}
	// pip and pyenv scripts name their interpreter in the first lines.
	const most = 512 // bytes
	head := make([]byte, most)
	if f, err := os.Open(found); err == nil {
		n, _ := io.ReadFull(f, head)
		f.Close()
		head = head[:n]
	}
	if bytes.HasPrefix(head, []byte("#!")) && (bytes.Contains(head, []byte("python")) || bytes.Contains(head, []byte("PYENV"))) {
		return []Command{Shown("pip uninstall " + cli.RemoteName)}
	}
	return []Command{Shown(x.linking(found)[0].text)} // only shown: it replaces another program
}

// linking returns the command that makes a path a symbolic link to this program, or
// a copy on Windows, where only administrators can create links.
func (x *examination) linking(path string) []Command {
	if runtime.GOOS == "windows" {
		return []Command{x.configure("cmd", "cmd", "/c", "copy", "/y", x.Program, path)}
	}
	return []Command{x.configure("ln", "ln", "-sf", x.Program, path)}
}

// find returns the path of a program, as git (asGit) or a shell finds it; "" if
// there is none. Git searches its own folder before PATH.
func (x *examination) find(ctx context.Context, program string, asGit bool) string {
	if asGit && !strings.ContainsAny(program, `/\`) {
		if dir, err := x.Git.Output(ctx, "--exec-path"); err == nil {
			if path, err := exec.LookPath(filepath.Join(strings.TrimSpace(dir), program)); err == nil {
				return path
			}
		}
	}
	path, err := exec.LookPath(filepath.FromSlash(program))
	if err != nil {
		return ""
	}
	return path
}

// sameProgram reports whether two paths are the same file, or copies of it.
func sameProgram(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	if err != nil {
		return false
	}
	return os.SameFile(x, y) || x.Size() == y.Size() && sameContents(a, b)
}

func sameContents(a, b string) bool {
	x, err := os.Open(a)
	if err != nil {
		return false
	}
	defer x.Close()
	y, err := os.Open(b)
	if err != nil {
		return false
	}
	defer y.Close()
	for bufX, bufY := make([]byte, 64<<10), make([]byte, 64<<10); ; {
		n, errX := io.ReadFull(x, bufX)
		m, errY := io.ReadFull(y, bufY)
		if !bytes.Equal(bufX[:n], bufY[:m]) {
			return false
		}
		if errX != nil || errY != nil {
			return errX == errY //nolint:errorlint // both are from io.ReadFull
		}
	}
}
