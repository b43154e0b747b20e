package remote

import (
	"slices"
	"strings"

	"git-credential-codecommit/internal/gitconfig"
)

type setting struct{ key, value string }

// settingsFor returns the settings that make git use line, a value of
// credential.helper, as the only helper for url. They must come after all other
// configuration, because git applies every credential.* entry that matches the URL
// in the order in which it reads them, however specific the pattern.
func settingsFor(url, line string) []setting {
	settings := []setting{
		{"credential." + url + ".helper", ""}, // resets the list of helpers
		{"credential." + url + ".helper", line},
		{"credential." + url + ".useHttpPath", "true"},
		// A username configured for the https URL, for example that of static Git
		// credentials, must not apply.
		{"credential." + url + ".username", ""},
		// CodeCommit rejects an empty username with a 403, and git then runs no
		// helper.
		{"http." + url + ".emptyAuth", "false"},
	}
	for _, s := range gitconfig.Transport {
		settings = append(settings, setting{"http." + url + "." + s.Name, s.Value})
	}
	return settings
}

// configParameters is the variable in which git passes the settings of git -c.
// Every version of git reads it, after all files. (GIT_CONFIG_COUNT, which is
// documented, is ignored before git 2.31.)
const configParameters = "GIT_CONFIG_PARAMETERS"

// addSettings returns the environment with settings added after all other
// configuration. Environ has the form of os.Environ.
//
// Each setting is quoted as a whole ('key=value'). Git before 2.31 accepts no other
// form, and later versions still accept this one if the key contains no "=". See
// git_config_from_parameters in git's config.c.
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
