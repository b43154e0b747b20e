package awsprofile

// Files are the AWS files as they were at their first use: each is read at most
// once, and only if needed.
type Files struct {
	env  Environment
	read *files
}

// Open returns the files that env names.
func Open(env Environment) *Files { return &Files{env: env} }

func (f *Files) files() *files {
	if f.read == nil {
		f.read = openFiles(f.env)
	}
	return f.read
}

// ConfigPath returns the path of the config file; "" if there is no home folder.
func (f *Files) ConfigPath() string { return f.files().config.path }

// Resolve is like the function Resolve, for these files.
func (f *Files) Resolve(q Query) (Chain, error) {
	chain, err := f.resolve(q)
	if err != nil {
		return Chain{}, err
	}
	if q.Role != nil {
		chain.Roles = append(chain.Roles, *q.Role)
	}
	return chain, nil
}
