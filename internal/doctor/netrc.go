package doctor

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// maxNetrc limits the size of the netrc file that is read.
const maxNetrc = 1 << 20 // 1 MiB

// checkNetrc checks that ~/.netrc has no entry for the host. With one, curl answers
// the first 401 itself, as with a username in the URL (see checkUser).
func (x *examination) checkNetrc() {
	if x.authenticatesFirst() {
		return
	}
	name, text := x.netrc()
	line := netrcLine(text, x.endpoint.Host)
	if line == 0 {
		return
	}
	notes := []string{"remove the entry: git then uses this helper", "or install git " + gitconfig.Proactive.String() + " or later, which uses this helper first"}
	if x.Version.AtLeast(gitconfig.Proactive) {
		notes[1] = "or make this git use the helper first: " + x.transport("proactiveAuth", "basic").text
	}
	x.add(Check{
		Name:    CheckAuthorization,
		Status:  Failed,
		Summary: fmt.Sprintf("git uses the password in %s:%d instead of this helper, and CodeCommit refuses it with 403", name, line),
		Run:     []Command{Shown(shell.Edit(name, line))},
		Notes:   notes,
	})
}

// netrc returns the name and text of the file that curl reads; "" if there is none.
// On Windows, git sets its own HOME.
func (x *examination) netrc() (name, text string) {
	home, _ := x.LookupEnv("HOME")
	names := []string{".netrc"}
	if runtime.GOOS == "windows" {
		profile, _ := x.LookupEnv("USERPROFILE")
		home, names = cmp.Or(home, profile), []string{".netrc", "_netrc"}
	}
	if home == "" {
		return "", ""
	}
	for _, name := range names {
		file := filepath.Join(home, name)
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > maxNetrc {
			continue
		}
		if data, err := os.ReadFile(file); err == nil {
			return "~/" + name, string(data)
		}
	}
	return "", ""
}

// netrcLine returns the line number of the entry that curl uses for a host: the
// first one for this host, or for all hosts, that has a login or a password; 0 if
// there is none.
//
// See parsenetrc in curl's lib/netrc.c.
func netrcLine(text, host string) (line int) {
	named := false
	n := 0
	for l := range strings.Lines(text) {
		n++
		if strings.HasPrefix(strings.TrimSpace(l), "#") {
			continue
		}
		for _, word := range strings.Fields(l) {
			switch {
			case named:
				named, line = false, 0
				if strings.EqualFold(word, host) {
					line = n
				}
			case word == "machine":
				named = true
			case word == "default":
				line = n
			case line > 0 && (word == "login" || word == "password"):
				return line
			}
		}
	}
	return 0
}
