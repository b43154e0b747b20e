package awsprofile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"git-credential-codecommit/internal/atomicfile"
	"git-credential-codecommit/internal/regularfile"
)

// A NewProfile is a profile to add to the config file: a role, and where its
// caller comes from.
type NewProfile struct {
	Name string
	Role Role
	// One of these is set.
	SourceProfile    string
	CredentialSource string
	Region           string // "" writes none
}

// marker stands above a profile that AddProfile wrote, so that RemoveProfile
// knows it again.
const marker = "# added by git-credential-codecommit setup"

// addedSettings are the settings that AddProfile writes, in this order.
var addedSettings = []string{
	"role_arn", "source_profile", "credential_source",
	"external_id", "mfa_serial", "role_session_name", "duration_seconds", "region",
}

// value is that of one of addedSettings; "" when it is not to be written.
func (p NewProfile) value(name string) string {
	switch name {
	case "role_arn":
		return p.Role.ARN
	case "source_profile":
		return p.SourceProfile
	case "credential_source":
		return p.CredentialSource
	case "external_id":
		return p.Role.ExternalID
	case "mfa_serial":
		return p.Role.MFASerial
	case "role_session_name":
		return p.Role.SessionName
	case "duration_seconds":
		if p.Role.Duration != 0 {
			return strconv.Itoa(int(p.Role.Duration / time.Second))
		}
	case "region":
		return p.Region
	}
	return ""
}

// Text is what is added to the config file.
func (p NewProfile) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", marker, headerOf(p.Name))
	for _, name := range addedSettings {
		if value := p.value(name); value != "" {
			fmt.Fprintf(&b, "%s = %s\n", name, value)
		}
	}
	return b.String()
}

// headerOf is the section header of a profile in the config file.
func headerOf(name string) string {
	switch {
	case name == "default":
		return "[default]"
	case strings.Contains(name, " "):
		return `[profile "` + name + `"]`
	}
	return "[profile " + name + "]"
}

// check refuses what the config file's grammar cannot hold.
func (p NewProfile) check() error {
	if p.Name == "" || strings.TrimSpace(p.Name) != p.Name || strings.ContainsAny(p.Name, `[]"'\`) ||
		strings.ContainsFunc(p.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fmt.Errorf("%q cannot be a profile's name", p.Name)
	}
	if p.CredentialSource != "" && !ValidCredentialSource(p.CredentialSource) {
		return fmt.Errorf("credential source %q is not one of %s", p.CredentialSource, credentialSources)
	}
	for _, name := range addedSettings {
		value := p.value(name)
		if problem := lineProblem(value); problem != "" {
			return fmt.Errorf("the value for %s %s", name, problem)
		}
		if strings.TrimSpace(value) != value {
			return fmt.Errorf("the value for %s begins or ends with a space", name)
		}
	}
	return nil
}

// ProfileExistsError is returned when another profile has the name already.
type ProfileExistsError struct {
	Profile   string
	Setting   string   // the first that differs
	Missing   bool     // the other profile does not have it
	At        Position // where it, or else the profile, stands
	HasSource bool     // the other profile says where its credentials come from
}

func (e *ProfileExistsError) Error() string {
	with := "with another"
	if e.Missing {
		with = "without"
	}
	return fmt.Sprintf("profile %q is there already, %s %s (%s)", e.Profile, with, e.Setting, e.At)
}

// ConfigFile is the path of the config file; "" when there is no home folder
// to have it in.
func ConfigFile(env Environment) string { return openFiles(env).config.path }

// HasProfile says whether the profile is there already as AddProfile would
// write it. What it says beside credentials (output, say) does not matter.
// ProfileExistsError is returned when it says something else.
func HasProfile(env Environment, p NewProfile) (bool, error) {
	if err := p.check(); err != nil {
		return false, err
	}
	if _, err := configTarget(env); err != nil {
		return false, err
	}
	files := openFiles(env)
	for _, f := range []*file{files.config, files.credentials} {
		if f.exists {
			return false, f.unread
		}
	}
	found, err := files.profile(p.Name)
	if err != nil || found == nil {
		return false, err
	}
	others := maps.Clone(found.settings)
	for _, name := range addedSettings {
		want := p.value(name)
		if want == "" && name == "region" {
			continue
		}
		if have, ok := found.settings[name]; ok != (want != "") || have.value != want {
			return false, found.differs(env, files, name)
		}
		delete(others, name)
	}
	if name, ok := others.namesCredentials(); ok {
		return false, found.differs(env, files, name)
	}
	return true, nil
}

// differs is the error for a profile that has another setting than the wanted
// one, or lacks it.
func (p *profile) differs(env Environment, files *files, name string) error {
	_, says := p.namesCredentials()
	_, err := Resolve(env, Query{Profile: p.name})
	e := &ProfileExistsError{Profile: p.name, Setting: name, Missing: !p.has(name), At: p.settings[name].at, HasSource: says && err == nil}
	if e.Missing {
		e.At = files.position(p.name)
	}
	return e
}

// AddProfile adds a profile at the end of the config file, and leaves every
// byte that was there. Added is false when HasProfile says that it is there.
// The file keeps its mode and owner, and stays a symbolic link if it is one; a
// file that was not there is made for this user alone. It is whole at any
// moment: the old one or the new one.
func AddProfile(env Environment, p NewProfile) (added bool, err error) {
	if there, err := HasProfile(env, p); there || err != nil {
		return false, err
	}
	err = editConfig(env, func(text []byte) ([]byte, error) {
		there, err := HasProfile(env, p)
		if there || err != nil {
			return nil, err
		}
		added = true
		// One line feed, no more and no less, so that RemoveProfile can bring
		// back every byte: it parts the profile from what stands above, or
		// ends a last line that had no end.
		if len(text) > 0 {
			text = append(text, '\n')
		}
		return append(text, p.Text()...), nil
	})
	return added && err == nil, err
}

// RemoveProfile removes a profile that AddProfile wrote, if nobody has changed
// it since.
func RemoveProfile(env Environment, name string) (removed bool, err error) {
	err = editConfig(env, func(text []byte) ([]byte, error) {
		start, end, ok := findAdded(text, name)
		if !ok {
			return nil, nil
		}
		removed = true
		// The line feed above, unless it ends a line that something follows by now.
		if start > 0 && (end == len(text) || text[end] == '\n' || start > 1 && text[start-2] == '\n') {
			start--
		}
		return bytes.Join([][]byte{text[:start], text[end:]}, nil), nil
	})
	return removed && err == nil, err
}

// HasAddedProfile says whether RemoveProfile would remove the profile.
func HasAddedProfile(env Environment, name string) bool {
	path := ConfigFile(env)
	if path == "" {
		return false
	}
	text, err := readRegular(path)
	if err != nil {
		return false
	}
	_, _, ok := findAdded(text, name)
	return ok
}

// UsersOf lists the other profiles that name this one as their source_profile,
// in either file, sorted.
func UsersOf(env Environment, name string) []string {
	files := openFiles(env)
	return slices.DeleteFunc(files.names(), func(other string) bool {
		inConfig, _ := files.config.settings(files.config.profile(other))
		inCredentials, _ := files.credentials.settings(files.credentials.profile(other))
		const key = "source_profile"
		return other == name || inConfig[key].value != name && inCredentials[key].value != name
	})
}

// findAdded finds the text of a profile that AddProfile wrote, from its marker
// to its last setting. What follows must be somebody else's section, or
// nothing.
func findAdded(text []byte, name string) (start, end int, ok bool) {
	head := []byte(marker + "\n" + headerOf(name) + "\n")
	start = bytes.Index(text, head)
	if start < 0 || start > 0 && text[start-1] != '\n' {
		return 0, 0, false
	}
	end = start + len(head)
	for left := addedSettings; ; {
		line, _, _ := bytes.Cut(text[end:], []byte("\n"))
		setting, _, _ := strings.Cut(string(line), " = ")
		i := slices.Index(left, setting)
		if i < 0 {
			break
		}
		left = left[i+1:] // each stands once, and in this order
		end = min(end+len(line)+1, len(text))
	}
	rest := bytes.TrimLeft(text[end:], "\n")
	theirs := bytes.HasPrefix(rest, []byte("[")) || bytes.HasPrefix(rest, []byte(marker))
	return start, end, len(rest) == 0 || theirs
}

// editConfig changes the config file. Edit receives its content, nothing if it does
// not exist, and returns the new content, or nil for no change.
func editConfig(env Environment, edit func(text []byte) ([]byte, error)) error {
	path, err := configTarget(env)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("cannot write %s: its folder cannot be made: %w", path, regularfile.Cause(err))
	}
	lock, err := atomicfile.Acquire(context.Background(), path, 0o600)
	if err != nil {
		return err
	}
	defer lock.Release()
	text, err := readRegular(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &FileError{File: path, Err: err}
	}
	changed, err := edit(text)
	if changed == nil || err != nil {
		return err
	}
	return lock.Replace(changed)
}

// configTarget is the path of the config file to write, behind symbolic links.
// Only a regular file, or none, can be replaced: not the null device. And root
// writes nothing where another user could have put a link, or could not read it
// afterwards.
func configTarget(env Environment) (string, error) {
	path := ConfigFile(env)
	if path == "" {
		return "", errors.New("there is no home folder to have a config file in")
	}
	if dir := nearestFolder(path); IsAnothers(dir) {
		return "", fmt.Errorf("cannot write %s: it lies in the folder of another user (%s): run this as that user", path, dir)
	}
	target, err := filepath.EvalSymlinks(path)
	switch {
	case isSymlink(path) && err != nil:
		return "", fmt.Errorf("cannot write %s: it is a symbolic link that leads nowhere", path)
	case err != nil:
		return path, nil
	}
	info, err := os.Stat(target)
	if err == nil && !info.Mode().IsRegular() {
		err = regularfile.ErrNotRegular
	}
	if err != nil {
		return "", fmt.Errorf("cannot write %s: %w", path, regularfile.Cause(err))
	}
	return target, nil
}

// nearestFolder is the folder that path lies in or, if that has to be made
// first, the nearest one above it.
func nearestFolder(path string) string {
	for {
		above := filepath.Dir(path)
		if _, err := os.Stat(above); err == nil || above == path {
			return above
		}
		path = above
	}
}

func isSymlink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}
