package remote

import (
	"slices"
	"strings"

	"git-credential-codecommit/internal/gitconfig"
)

// A setting is one setting of git's configuration.
type setting struct{ key, value string }

// settingsFor returns the configuration with which git reaches url with line, a
// value of credential.helper, as its only helper. It must follow all other
// configuration: git collects the credential.* entries of every pattern that
// matches the URL in the order in which it reads them, whatever their pattern.
func settingsFor(url, line string) []setting {
	settings := []setting{
		{"credential." + url + ".helper", ""}, // makes git forget the helpers before it
		{"credential." + url + ".helper", line},
		{"credential." + url + ".useHttpPath", "true"},
		// A username that is configured for the plain URL, such as that of an IAM
		// user's static Git credentials, does not apply here.
		{"credential." + url + ".username", ""},
		// CodeCommit rejects an empty username with a 403, after which git asks no
		// helper.
		{"http." + url + ".emptyAuth", "false"},
	}
	for _, s := range gitconfig.Transport {
		settings = append(settings, setting{"http." + url + "." + s.Name, s.Value})
	}
	return settings
}

// configParameters is the variable in which git passes what "git -c" sets. Every
// version of git reads it, and reads it last. (GIT_CONFIG_COUNT, the documented
// way, is ignored before git 2.31.)
const configParameters = "GIT_CONFIG_PARAMETERS"

// addSettings returns an environment (NAME=value, as from os.Environ) that also has
// settings, after all other configuration, which stays.
//
// Each is quoted as a whole ('key=value'), the only form before git 2.31 and still
// accepted. It requires a key without "=". See git_config_from_parameters in git's
// config.c.
func addSettings(environ []string, settings []setting) []string {
	value := ""
	for _, variable := range environ {
		if v, ok := strings.CutPrefix(variable, configParameters+"="); ok {
			value = v
		}
	}
	for _, s := range settings {
		value += " " + singleQuote(s.key+"="+s.value)
	}
	kept := slices.DeleteFunc(slices.Clone(environ), func(variable string) bool { return strings.HasPrefix(variable, configParameters+"=") })
	return append(kept, configParameters+"="+strings.TrimPrefix(value, " "))
}

// singleQuote quotes s as git quotes the parts of GIT_CONFIG_PARAMETERS.
func singleQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
