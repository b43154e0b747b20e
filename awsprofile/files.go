package awsprofile

import (
	"fmt"
	"maps"

	"git-credential-codecommit/internal/permission"
)

// files are the two AWS files.
type files struct {
	config, credentials *file
}

// An awsFile describes the location of one of the two files.
type awsFile struct {
	variable string // contains its path
	usual    string // default path
	nameOf   naming
}

// awsFiles are the config file and the credentials file.
var awsFiles = [...]awsFile{
	{"AWS_CONFIG_FILE", "~/.aws/config", configProfile},
	{"AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", credentialsProfile},
}

// locate returns the file's name as the user would type it, and its path; "" if
// there is none. As in the AWS CLI, a variable that is set but empty means that
// there is no file.
func (f awsFile) locate(env Environment) (name, path string) {
	name, set := env.LookupEnv(f.variable)
	if !set {
		name = f.usual
	}
	return name, env.ExpandPath(name)
}

// openFiles reads the two files.
func openFiles(env Environment) *files {
	open := func(f awsFile) *file {
		name, path := f.locate(env)
		return openFile(name, path, f.nameOf)
	}
	return &files{config: open(awsFiles[0]), credentials: open(awsFiles[1])}
}

// profile returns the settings of a profile in both files; nil if it is in neither.
func (fs *files) profile(name string) (*profile, error) {
	p := &profile{name: name, settings: settings{}}
	var defects [2]defect
	p.inConfig, defects[0] = fs.config.settings(fs.config.profile(name))
	p.inCredentials, defects[1] = fs.credentials.settings(fs.credentials.profile(name))
	if p.inConfig == nil && p.inCredentials == nil {
		return nil, nil
	}
	maps.Copy(p.settings, p.inConfig)
	maps.Copy(p.settings, p.inCredentials)
	for _, d := range defects {
		if d != (defect{}) {
			return nil, d.asError(name)
		}
	}
	return p, nil
}

// position returns the position of a profile's header: in the config file, else in
// the credentials file; zero if it is in neither.
func (fs *files) position(profile string) Position {
	for _, f := range []*file{fs.config, fs.credentials} {
		if sections := f.profile(profile); len(sections) > 0 {
			return f.position(int(sections[0].start))
		}
	}
	return Position{}
}

const malformedLine = "the line is neither a setting nor a comment"

// unread returns the error for the first file that exists but could not be read.
func (fs *files) unread() error {
	for _, f := range []*file{fs.config, fs.credentials} {
		if f.exists {
			return f.unread
		}
	}
	return nil
}

// doubt returns why a profile that appears to have no credential settings may still
// have some: a file cannot be read, or a line is outside of all sections. It
// returns nil if there is no doubt.
func (fs *files) doubt(profile string) error {
	if err := fs.unread(); err != nil {
		return err
	}
	for _, f := range []*file{fs.config, fs.credentials} {
		if at, problem := f.stray(); problem != "" {
			return &ConfigError{Profile: profile, At: at, Problem: problem}
		}
	}
	return nil
}

// stray returns the position of the first line that belongs to no section.
func (f *file) stray() (at Position, problem string) {
	head := lines{text: f.text}
	if len(f.sections) > 0 {
		head.text = f.text[:f.sections[0].start]
	}
	for head.next() {
		if head.kind != blank {
			return Position{File: f.name, Line: head.number}, "the line is not in a section"
		}
	}
	for _, s := range f.sections {
		if f.header(&s) == nil {
			return f.position(int(s.start)), "the section header has no closing bracket"
		}
	}
	return Position{}, ""
}

// A WritableError is returned for an AWS file that other users can change. They
// could choose the credentials and run programs as this user.
type WritableError struct {
	File string // as the user would type it
	Who  string // for example "every user"
	Path string // the file, or its folder if others can replace the file
}

func (e *WritableError) Error() string {
	return fmt.Sprintf("%s is writable by %s", e.File, e.Who)
}

// CheckWritable returns a WritableError for each AWS file that other users can
// change. It does not read the files.
func CheckWritable(env Environment) []*WritableError {
	var found []*WritableError
	for _, f := range awsFiles {
		name, path := f.locate(env)
		if path == "" {
			continue
		}
		if who, what := permission.WritableBy(path); who != "" {
			found = append(found, &WritableError{File: name, Who: who, Path: what})
		}
	}
	return found
}
