package helper

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// A ConfigEntry is one entry of git's configuration.
type ConfigEntry struct{ Key, Value string }

// RemoteConfig is the configuration under which git reaches url with helper, a
// value of credential.helper, as the only one. It must stand behind all other
// configuration: git collects the credential.* entries of every pattern that
// matches the URL, in the order in which it reads them, and no pattern comes
// before another.
func RemoteConfig(url, helper string) []ConfigEntry {
	return []ConfigEntry{
		{"credential." + url + ".helper", ""}, // forgets all helpers named so far
		{"credential." + url + ".helper", helper},
		{"credential." + url + ".useHttpPath", "true"},
		// A name that is configured for the plain URL, such as that of an IAM
		// user's static Git credentials, is nobody's here.
		{"credential." + url + ".username", ""},
		// An empty user name would be refused with a 403, after which git asks
		// no helper.
		{"http." + url + ".emptyAuth", "false"},
		// Known from git 2.46 on: the first request brings the credentials,
		// not the second one after a 401.
		{"http." + url + ".proactiveAuth", "basic"},
		// From git 2.54 on, git repeats what CodeCommit refuses with 429 (too many
		// requests), after as long as CodeCommit says or else 2 seconds: three
		// requests in all, whose waits stay well below the 15 minutes of a
		// signature.
		{"http." + url + ".maxRetries", "3"},
		{"http." + url + ".retryAfter", "2"},
		{"http." + url + ".maxRetryTime", "120"},
	}
}

// The variables that hold configuration for git. See git-config(1),
// ENVIRONMENT, for the first one, which is counted; the second one holds what
// "git -c" was given, and git reads it last.
const (
	configCount      = "GIT_CONFIG_COUNT"
	configKey        = "GIT_CONFIG_KEY_"
	configValue      = "GIT_CONFIG_VALUE_"
	configParameters = "GIT_CONFIG_PARAMETERS"
)

// maxConfigCount is git's INT_MAX.
const maxConfigCount = 1<<31 - 1

// AddConfig returns an environment (NAME=value, as os.Environ tells it) with
// entries behind the configuration that it holds already, all of which stays.
//
// The entries stand in GIT_CONFIG_COUNT and its companions, and once more in
// GIT_CONFIG_PARAMETERS if that is in use: else "git -c credential.helper=…"
// would have the last word.
func AddConfig(environ []string, entries []ConfigEntry) ([]string, error) {
	count, parameters := 0, ""
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		switch name {
		case configCount:
			n, err := strconv.Atoi(value)
			if value != "" && (err != nil || n < 0 || n > maxConfigCount-len(entries)) {
				return nil, errors.New(configCount + " is not a number that git could use")
			}
			count = n
		case configParameters:
			parameters = value
		}
	}
	added := []string{configCount + "=" + strconv.Itoa(count+len(entries))}
	for i, e := range entries {
		n := strconv.Itoa(count + i)
		added = append(added, configKey+n+"="+e.Key, configValue+n+"="+e.Value)
	}
	if parameters != "" {
		for _, e := range entries {
			parameters += " " + singleQuote(e.Key) + "=" + singleQuote(e.Value)
		}
		added = append(added, configParameters+"="+parameters)
	}
	replaced := map[string]bool{}
	for _, variable := range added {
		replaced[nameOf(variable)] = true
	}
	kept := slices.DeleteFunc(slices.Clone(environ), func(variable string) bool { return replaced[nameOf(variable)] })
	return append(kept, added...), nil
}

// nameOf is the name in NAME=value.
func nameOf(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}

// singleQuote quotes s as git quotes what stands in GIT_CONFIG_PARAMETERS.
func singleQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
