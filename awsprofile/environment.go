package awsprofile

import (
	"os/user"
	"runtime"
	"strings"
)

// An Environment provides the environment variables and the home folder.
type Environment struct {
	// LookupEnv is os.LookupEnv or a replacement.
	LookupEnv func(name string) (string, bool)
	// Home returns the user's home folder; "" if there is none. It is called only
	// if a path requires it.
	Home func() string
}

// get returns the value of a variable. An empty variable is treated as unset,
// because shells and container systems often cannot unset one.
func (e Environment) get(name string) string {
	value, _ := e.LookupEnv(name)
	return value
}

// first returns the name and value of the first variable that is not empty.
func (e Environment) first(names ...string) (name, value string) {
	for _, name := range names {
		if value := e.get(name); value != "" {
			return name, value
		}
	}
	return "", ""
}

// ExpandPath replaces variables and a leading tilde like the AWS CLI, which uses
// Python's os.path.expandvars and expanduser: unknown variables and users are left
// in place. It returns "" if the home folder is required and there is none.
func (e Environment) ExpandPath(path string) string {
	return e.expandHome(e.expandVariables(path))
}

// expandHome replaces a leading tilde like Python's os.path.expanduser. It returns
// "" if the home folder is required and there is none.
func (e Environment) expandHome(path string) string {
	if !strings.HasPrefix(path, "~") {
		return path
	}
	end := strings.IndexFunc(path, isSeparator)
	if end < 0 {
		end = len(path)
	}
	var home string
	if end == 1 {
		if home = e.Home(); home == "" {
			return ""
		}
	} else {
		account, err := user.Lookup(path[1:end])
		if err != nil {
			return path
		}
		home = account.HomeDir
	}
	return strings.TrimRightFunc(home, isSeparator) + path[end:]
}

func isSeparator(r rune) bool {
	return r == '/' || r == '\\' && runtime.GOOS == "windows"
}

// expandVariables replaces $NAME and ${NAME} with the values of the variables.
func (e Environment) expandVariables(path string) string {
	var expanded strings.Builder
	for {
		before, after, found := strings.Cut(path, "$")
		expanded.WriteString(before)
		if !found {
			return expanded.String()
		}
		name, rest := cutVariable(after)
		if value, ok := e.LookupEnv(name); ok && name != "" {
			expanded.WriteString(value)
		} else {
			expanded.WriteString("$" + after[:len(after)-len(rest)])
		}
		path = rest
	}
}

// cutVariable cuts a variable's name, with or without braces, from the start of s.
func cutVariable(s string) (name, rest string) {
	if strings.HasPrefix(s, "{") {
		if end := strings.IndexByte(s, '}'); end > 0 {
			return s[1:end], s[end+1:]
		}
		return "", s
	}
	end := 0
	for end < len(s) && isWordByte(s[end]) {
		end++
	}
	return s[:end], s[end:]
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
