package awsprofile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// A NewProfile is a profile to add to the config file.
type NewProfile struct {
	Name string
	Role Role // zero with SSO
	// Exactly one of the next three is set.
	SourceProfile    string
	CredentialSource string
	SSO              *SSO   // its Session is from Files.SessionFor
	Region           string // "" writes none
}

// marker is the comment above each profile that AddProfile wrote. RemoveProfiles
// recognizes profiles by it.
const marker = "# added by git-credential-codecommit setup"

// addedSettings are the settings that AddProfile writes, in this order.
var addedSettings = []string{
	"sso_session", "sso_account_id", "sso_role_name",
	"role_arn", "source_profile", "credential_source",
	"external_id", "mfa_serial", "role_session_name", "duration_seconds", "region",
}

// value returns the value of one of addedSettings; "" if the setting is not
// written.
func (p NewProfile) value(name string) string {
	if p.SSO != nil {
		switch name {
		case "sso_session":
			return p.SSO.Session
		case "sso_account_id":
			return p.SSO.AccountID
		case "sso_role_name":
			return p.SSO.RoleName
		}
	}
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

// Text returns the text that AddProfile adds to the config file.
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

// headerOf returns the section header of a profile in the config file.
func headerOf(name string) string {
	switch {
	case name == "default":
		return "[default]"
	case strings.Contains(name, " "):
		return `[profile "` + name + `"]`
	}
	return "[profile " + name + "]"
}

// check returns an error if the config file's grammar cannot express the profile.
func (p NewProfile) check() error {
	if p.Name == "" || strings.TrimSpace(p.Name) != p.Name || strings.ContainsAny(p.Name, `[]"'\`) ||
		strings.ContainsFunc(p.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fmt.Errorf("%q is not a valid profile name", p.Name)
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

// ProfileExistsError is returned if a different profile already has the name.
type ProfileExistsError struct {
	Profile   string
	Setting   string   // the first that differs
	Missing   bool     // the existing profile does not have Setting
	At        Position // of Setting, or of the profile if Setting is missing
	HasSource bool     // the existing profile has a source of credentials
}

func (e *ProfileExistsError) Error() string {
	with := "with a different"
	if e.Missing {
		with = "without"
	}
	return fmt.Sprintf("profile %q already exists, %s %s (%s)", e.Profile, with, e.Setting, e.At)
}

// HasProfile reports whether the files already contain the profile as AddProfile
// would write it. Settings unrelated to credentials, such as output, are ignored.
// The error is a ProfileExistsError if the profile has different settings.
func (f *Files) HasProfile(p NewProfile) (bool, error) {
	if err := p.check(); err != nil {
		return false, err
	}
	files := f.files()
	if _, err := configTarget(files.config.path); err != nil {
		return false, err
	}
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
	if p.SSO != nil && len(files.config.session(p.SSO.Session)) == 0 {
		return false, nil
	}
	for _, name := range addedSettings {
		want := p.value(name)
		if want == "" && name == "region" {
			continue
		}
		if have, ok := found.settings[name]; ok != (want != "") || have.value != want {
			return false, f.differs(found, name)
		}
		delete(others, name)
	}
	if name, ok := others.namesCredentials(); ok {
		return false, f.differs(found, name)
	}
	return true, nil
}

// differs returns the error for an existing profile in which a setting is missing
// or has a different value than in the new profile.
func (f *Files) differs(p *profile, name string) error {
	_, says := p.namesCredentials()
	_, err := f.Resolve(Query{Profile: p.name})
	e := &ProfileExistsError{Profile: p.name, Setting: name, Missing: !p.has(name), At: p.settings[name].at, HasSource: says && err == nil}
	if e.Missing {
		e.At = f.files().position(p.name)
	}
	return e
}

// AddProfile adds a profile at the end of the config file and preserves every
// existing byte. It returns false if the profile already exists. The file keeps its
// mode and owner, and remains a symbolic link if it is one; a new file is readable
// by this user only. The file is replaced atomically.
func (f *Files) AddProfile(p NewProfile) (added bool, err error) {
	if there, err := f.HasProfile(p); there || err != nil {
		return false, err
	}
	err = f.edit(func(text []byte) ([]byte, error) {
		there, err := f.HasProfile(p)
		if there || err != nil {
			return nil, err
		}
		added = true
		// Add exactly one line feed, so that RemoveProfiles can restore every byte.
		// It is a blank line above the profile, or ends a last line without a line
		// ending.
		if len(text) > 0 {
			text = append(text, '\n')
		}
		return append(text, f.Addition(p)...), nil
	})
	return added && err == nil, err
}

// RemoveProfiles removes profiles that AddProfile wrote, and returns their names. A
// profile is kept if its checksum differs from the given one ("" for any), or if
// AddedSum finds other settings in it.
func (f *Files) RemoveProfiles(sums map[string]string) (removed []string, err error) {
	err = f.edit(func(text []byte) ([]byte, error) {
		removed = nil
		sessions := map[string]bool{} // of the removed profiles
		for _, name := range slices.Sorted(maps.Keys(sums)) {
			start, end, ok := findAdded(text, headerOf(name), addedSettings)
			if !ok || sums[name] != "" && sums[name] != sumOf(text[start:end]) {
				continue
			}
			removed = append(removed, name)
			if _, rest, ok := bytes.Cut(text[start:end], []byte("\nsso_session = ")); ok {
				session, _, _ := bytes.Cut(rest, []byte("\n"))
				sessions[string(session)] = true
			}
			text = cutAdded(text, start, end)
		}
		for _, name := range slices.Sorted(maps.Keys(sessions)) {
			if text, err = f.withoutSession(text, name); err != nil {
				return nil, err
			}
		}
		if len(removed) == 0 {
			return nil, nil
		}
		return append([]byte{}, text...), nil // nil would mean no change
	})
	if err != nil {
		return nil, err
	}
	return removed, nil
}

// AddedSum returns a checksum of the text of a profile that AddProfile wrote; "" if
// the config file has no such profile, or if settings were added to it.
func (f *Files) AddedSum(name string) string {
	if text := f.files().config.text; text != nil {
		if start, end, ok := findAdded(text, headerOf(name), addedSettings); ok {
			return sumOf(text[start:end])
		}
	}
	return ""
}

// sumOf returns a checksum that identifies the text of a profile.
func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// UsersOf returns the names of the profiles, in either file, that have this profile
// as source_profile, sorted.
func (f *Files) UsersOf(name string) []string {
	files := f.files()
	return slices.DeleteFunc(files.names(), func(other string) bool {
		inConfig, _ := files.config.settings(files.config.profile(other))
		inCredentials, _ := files.credentials.settings(files.credentials.profile(other))
		const key = "source_profile"
		return other == name || inConfig[key].value != name && inCredentials[key].value != name
	})
}

// findAdded finds the text of a profile that AddProfile wrote, from its marker to
// its last setting; ok is false unless it ends the file or another section follows.
func findAdded(text []byte, header string, settings []string) (start, end int, ok bool) {
	head := []byte(marker + "\n" + header + "\n")
	start = bytes.Index(text, head)
	if start < 0 || start > 0 && text[start-1] != '\n' {
		return 0, 0, false
	}
	end = start + len(head)
	for left := settings; ; {
		line, _, _ := bytes.Cut(text[end:], []byte("\n"))
		setting, _, _ := strings.Cut(string(line), " = ")
		i := slices.Index(left, setting)
		if i < 0 {
			break
		}
		left = left[i+1:] // each occurs once, in this order
		end = min(end+len(line)+1, len(text))
	}
	rest := bytes.TrimLeft(text[end:], "\n")
	nextSection := bytes.HasPrefix(rest, []byte("[")) || bytes.HasPrefix(rest, []byte(marker))
	return start, end, len(rest) == 0 || nextSection
}

// edit changes the config file. It calls change with the content (nil if the file
// does not exist); change returns the new content, or nil for no change.
func (f *Files) edit(change func(text []byte) ([]byte, error)) error {
	path, err := configTarget(f.files().config.path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("cannot write %s: cannot create its folder: %w", path, regularfile.Cause(err))
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
	if err := f.setConfig(text); err != nil {
		return err
	}
	changed, err := change(text)
	if changed == nil || err != nil {
		return err
	}
	// A file that exceeds the limits for reading would make every command fail.
	if err = f.setConfig(changed); err == nil && len(changed) > maxFileSize {
		err = &regularfile.TooLargeError{Limit: maxFileSize}
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return lock.Replace(changed)
}

// setConfig records the content of the config file, so that it is not read again.
func (f *Files) setConfig(text []byte) error {
	old := f.files().config
	f.read.config = &file{name: old.name, path: old.path, nameOf: old.nameOf}
	return f.read.config.set(bytes.Clone(text)) // set may change it
}

// configTarget returns the path of the config file to write, with symbolic links
// resolved. Only a regular or missing file can be replaced; the null device, for
// example, cannot. Root does not write to another user's folder: that user could
// have placed a link there, or could not read the result.
func configTarget(path string) (string, error) {
	if path == "" {
		return "", errors.New("no home folder for the AWS config file")
	}
	if dir := nearestFolder(path); OwnedByAnotherUser(dir) {
		return "", fmt.Errorf("cannot write %s: its folder %s belongs to another user; run this as that user", path, dir)
	}
	target, err := filepath.EvalSymlinks(path)
	switch {
	case isSymlink(path) && err != nil:
		return "", fmt.Errorf("cannot write %s: it is a dangling symbolic link", path)
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

// nearestFolder returns the closest existing folder above path.
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
