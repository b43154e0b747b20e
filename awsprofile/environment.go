package awsprofile

import (
	"os/user"
	"runtime"
	"strings"
)

// Environment is what the process environment says.
type Environment struct {
	// LookupEnv tells a variable's value and whether it is set, as
	// os.LookupEnv does.
	LookupEnv func(name string) (string, bool)
	// Home tells the user's home folder; "" when there is none. It is called
	// only when a path needs it.
	Home func() string
}

// get is the value of a variable. An empty variable counts as unset: that is
// how shells and container systems take one away.
func (e Environment) get(name string) string {
	value, _ := e.LookupEnv(name)
	return value
}

// first is the first of the variables that is not empty.
func (e Environment) first(names ...string) (name, value string) {
	for _, name := range names {
		if value := e.get(name); value != "" {
			return name, value
		}
	}
	return "", ""
}

// ExpandPath replaces variables and a leading tilde as the AWS CLI does, that
// is as Python's os.path.expandvars and expanduser do: unknown variables and
// users stay as they are. It is "" when the home folder is needed and there
// is none.
func (e Environment) ExpandPath(path string) string {
	return e.expandHome(e.expandVariables(path))
}

// expandHome replaces a leading tilde as Python's os.path.expanduser does. It
// returns "" if the home folder is needed and there is none.
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

// expandVariables replaces $NAME and ${NAME} by the variables' values.
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

// cutVariable takes the variable's name, in braces or not, from the start of s.
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
