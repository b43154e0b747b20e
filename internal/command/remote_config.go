package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
)

// remoteConfig is what git's configuration says to the remote helper:
// codecommit.account, codecommit.endpoint and codecommit.fips, or the same per
// URL, as with http.<url>.*. No variable of the environment says it instead: a
// host that could be moved from there would be handed the signatures.
type remoteConfig struct {
	account  string // "" for any
	endpoint string // a host's name; "" for the standard one
	fips     bool
}

// readRemoteConfig asks git for its configuration for the standard URL of the
// repository.
func readRemoteConfig(ctx context.Context, git gitconfig.Git, url string) (remoteConfig, error) {
	out, err := git.Output(ctx, "config", "--null", "--includes", "--get-urlmatch", "codecommit", url)
	var run *gitconfig.RunError
	if errors.As(err, &run) && run.Exit == 1 {
		return remoteConfig{}, nil // nothing configured
	}
	if err != nil {
		return remoteConfig{}, err
	}
	return parseRemoteConfig(out)
}

// parseRemoteConfig reads what git config --null printed. Keys are in lower
// case; one without a value has no line feed behind it and is true.
func parseRemoteConfig(out string) (c remoteConfig, err error) {
	for entry := range strings.SplitSeq(out, "\x00") {
		key, value, assigned := strings.Cut(entry, "\n")
		problem := ""
		switch key {
		case "codecommit.account":
			if c.account = value; value != "" && !arn.ValidAccount(value) {
				problem = "an account id of 12 digits"
			}
		case "codecommit.endpoint":
			if _, ok := codecommit.ParseEndpoint(value); value != "" && !ok {
				problem = "the host name of a CodeCommit endpoint, such as vpce-ID.git-codecommit.us-east-2.vpce.amazonaws.com"
			}
			c.endpoint = value
		case "codecommit.fips":
			switch strings.ToLower(value) {
			case "true", "yes", "on", "1":
				c.fips = true
			case "":
				c.fips = !assigned
			case "false", "no", "off", "0":
				c.fips = false
			default:
				problem = "true or false"
			}
		}
		if problem != "" {
			return remoteConfig{}, &cli.Error{
				Err: fmt.Errorf("git's configuration: %s is %s, which is not %s", key, cli.Quote(value), problem),
				Fix: []cli.Hint{cli.Run("git config --show-origin --get-regexp '^codecommit\\.'")},
			}
		}
	}
	return c, nil
}

// host is the host to ask in a region.
func (c remoteConfig) host(region string) (string, error) {
	if c.endpoint == "" {
		return codecommit.Host(region, c.fips), nil
	}
	ep, _ := codecommit.ParseEndpoint(c.endpoint)
	if ep.Region != region {
		return "", &cli.Error{
			Err: fmt.Errorf("git's configuration: codecommit.endpoint is %s, and the repository is in %s", cli.Quote(c.endpoint), region),
			Fix: []cli.Hint{
				cli.Run("git config --global codecommit.https://" + codecommit.Host(ep.Region, false) + ".endpoint " + ep.Host).When("for one region alone"),
			},
		}
	}
	if c.fips && !strings.Contains(strings.ToLower(ep.Host), "git-codecommit-fips.") {
		return "", &cli.Error{
			Err: fmt.Errorf("git's configuration: codecommit.fips is true, and codecommit.endpoint is %s, which is no FIPS endpoint", cli.Quote(c.endpoint)),
			Fix: []cli.Hint{cli.Run("git config --show-origin --get-regexp '^codecommit\\.'")},
		}
	}
	return ep.Host, nil
}
