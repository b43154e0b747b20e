package remote

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitbool"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// showConfig is the command that lists the settings that parseConfig reads.
var showConfig = cli.Run(`git config --show-origin --get-regexp '^codecommit\.'`)

// A config holds the remote helper's git configuration for a URL:
// codecommit.account, codecommit.endpoint and codecommit.fips. Like http.*, these
// can also be set for one URL (codecommit.<url>.*).
type config struct {
	account  string // 12 digits; "" for any account
	endpoint string // a host name; "" for the standard one
	setBy    string // where endpoint comes from: endpointKey or endpointVariable
	fips     bool
}

// Keys of the settings that the remote helper reads.
const (
	accountKey      = "codecommit.account"
	endpointKey     = "codecommit.endpoint"
	fipsKey         = "codecommit.fips"
	allowProfileKey = "codecommit.allowProfile"
)

// parseConfig returns the configuration for a repository's standard https URL. The
// error names the key with an invalid value and has a hint.
func parseConfig(entries []gitconfig.Entry, url string) (c config, err error) {
	value := func(key string) string {
		section, name, _ := strings.Cut(key, ".")
		return gitconfig.ValueFor(entries, section, name, url)
	}
	c = config{account: value(accountKey), endpoint: value(endpointKey), setBy: endpointKey}
	if c.account != "" && !arn.ValidAccount(c.account) {
		return config{}, configError(accountKey, c.account, "an account ID of 12 digits")
	}
	if _, err := parseHost(c.endpoint); c.endpoint != "" && err != nil {
		return config{}, configError(endpointKey, c.endpoint, hostForm)
	}
	fips, ok := gitbool.Parse(value(fipsKey))
	if !ok {
		return config{}, configError(fipsKey, value(fipsKey), "true or false")
	}
	c.fips = fips
	return c, nil
}

func configError(key, value, want string) error {
	return cli.WithHints(fmt.Errorf("git's configuration: %s is %s, which is not %s", key, cli.Quote(value), want), showConfig)
}

const hostForm = "the host name of a CodeCommit endpoint, such as vpce-ID.git-codecommit.us-east-2.vpce.amazonaws.com"

// parseHost parses the host name of a CodeCommit endpoint.
func parseHost(host string) (codecommit.Endpoint, error) {
	ep, ok := codecommit.ParseEndpoint(host)
	if !ok || ep.Connections {
		return ep, errors.New("it is not " + hostForm)
	}
	return ep, nil
}

// endpointVariable sets the host name, as in AWS's git-remote-codecommit.
const endpointVariable = "CODE_COMMIT_ENDPOINT"

// withEnvironment adds the settings of the environment and the profile that git's
// configuration does not override. Only CodeCommit host names are accepted, so that
// signatures are never sent to other hosts.
func (c config) withEnvironment(endpoint string, fips bool) (config, error) {
	if c.endpoint != "" {
		return c, nil
	}
	if endpoint != "" {
		if _, err := parseHost(endpoint); err != nil {
			return config{}, cli.WithHints(
				fmt.Errorf("%s is %s, which is not %s", endpointVariable, cli.Quote(endpoint), hostForm), cli.Run(shell.Unset(endpointVariable)))
		}
		c.endpoint, c.setBy = endpoint, endpointVariable
		return c, nil
	}
	c.fips = c.fips || fips
	return c, nil
}

// host returns the host name for a region. The error says which settings conflict.
func (c config) host(region string) (string, error) {
	if c.endpoint == "" {
		return codecommit.Host(region, c.fips), nil
	}
	ep, err := parseHost(c.endpoint)
	if err != nil {
		return "", err // cannot happen: parseConfig has checked it
	}
	if ep.Region != region {
		return "", cli.WithHints(
			fmt.Errorf("%s is %s, but the repository is in %s", c.setBy, cli.Quote(c.endpoint), region),
			cli.Run("git config --global codecommit.https://"+codecommit.Host(ep.Region, false)+".endpoint "+ep.Host).When("to use it for its region only"))
	}
	if c.fips && !strings.Contains(strings.ToLower(ep.Host), "git-codecommit-fips.") {
		return "", cli.WithHints(
			fmt.Errorf("%s is true, but %s is %s, which is not a FIPS endpoint", fipsKey, c.setBy, cli.Quote(c.endpoint)), showConfig)
	}
	return ep.Host, nil
}

// fromUserVariable is a boolean variable that is false if the user did not type the
// URL, for example for a submodule: see GIT_PROTOCOL_FROM_USER in git(1).
const fromUserVariable = "GIT_PROTOCOL_FROM_USER"

// isFromUser parses fromUserVariable like git: true if it is not set. Git rejects
// values that are not booleans.
func isFromUser(lookupEnv func(string) (string, bool)) bool {
	value, set := lookupEnv(fromUserVariable)
	fromUser, _ := gitbool.Parse(value)
	return fromUser || !set
}

// checkProfileAllowed returns an error if a repository chose the profile (fromUser
// is false) and allowProfileKey does not list it. A profile can run a
// credential_process and selects an account.
func checkProfileAllowed(entries []gitconfig.Entry, profile string, fromUser bool) error {
	if fromUser || profile == "" {
		return nil
	}
	allowed := slices.ContainsFunc(entries, func(e gitconfig.Entry) bool {
		return strings.EqualFold(e.Key.String(), allowProfileKey) && e.Value == profile
	})
	if allowed {
		return nil
	}
	return cli.WithHints(
		fmt.Errorf("a submodule's URL names profile %s, which %s does not allow", cli.Quote(profile), allowProfileKey),
		cli.Run("git config --global --add "+allowProfileKey+" "+shell.Typed(profile)).When("if you trust the repository to use it"))
}
