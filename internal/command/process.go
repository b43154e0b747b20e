package command

import (
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/session"
)

// A Process is what the process edge hands in: every effect of the outside
// world that a command may use beside files, network and children.
type Process struct {
	Args            []string // os.Args
	Stdin           io.Reader
	Stdout, Stderr  io.Writer
	StdinIsTerminal func() bool
	// StdoutIsTerminal says whether a person may see colours.
	StdoutIsTerminal func() bool
	LookupEnv        func(string) (string, bool)
	Environ          func() []string        // os.Environ
	Executable       func() (string, error) // os.Executable
	Home             func() string          // the user's home folder; "" when there is none
	Now              func() time.Time
}

// getenv is the value of a variable, "" when it is not set.
func (p Process) getenv(name string) string {
	value, _ := p.LookupEnv(name)
	return value
}

// awsEnvironment is what the process edge knows, as awsprofile wants it.
func (p Process) awsEnvironment() awsprofile.Environment {
	return awsprofile.Environment{LookupEnv: p.LookupEnv, Home: p.Home}
}

// sessionOptions is what the process edge and the flags say, as session wants
// it. A process that was told of no home folder, as a boot script's, keeps no
// sessions in the one that the system knows of.
func (p Process) sessionOptions(f *flags) session.Options {
	return session.Options{
		Home:       p.Home(),
		LoginCache: p.awsEnvironment().ExpandPath(p.getenv("AWS_LOGIN_CACHE_DIRECTORY")),
		NoStore:    f.noCache || p.getenv("HOME") == "" && p.getenv("USERPROFILE") == "",
		Now:        p.Now,
		Prompt:     p.mfaCode,
		Trace:      p.trace(),
	}
}

// noHome says that git finds no home folder to write to for this user alone. On
// Windows it makes one up.
func (p Process) noHome() bool { return p.getenv("HOME") == "" && runtime.GOOS != "windows" }

// findGit is the git that runs this program, which names the folder of its
// programs in GIT_EXEC_PATH; else the one on PATH.
func findGit(p Process) (gitconfig.Git, error) {
	if dir := p.getenv("GIT_EXEC_PATH"); filepath.IsAbs(dir) {
		if path, err := exec.LookPath(filepath.Join(dir, "git")); err == nil {
			return gitconfig.Git{Path: path}, nil
		}
	}
	git, err := gitconfig.Find()
	if err != nil {
		return git, &failure{err: err, hints: []string{"install git, or add its folder to PATH"}}
	}
	return git, nil
}
