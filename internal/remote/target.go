package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/helper"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/gitconfig"
	"git-credential-codecommit/internal/shell"
)

// A Resolver resolves codecommit:// URLs as git-remote-codecommit does.
type Resolver struct {
	Process cli.Process
	Git     gitconfig.Git
	// ParseFlags parses the flags of a helper line.
	ParseFlags func(args []string) (awsprofile.Query, error)
}

// A Target is what a codecommit:// URL refers to.
type Target struct {
	URL   URL    // with its region
	HTTPS string // URL that git uses
	// Args are the flags that select the credentials: from the URL, or from the
	// helper line in git's configuration for HTTPS.
	Args []string

	host    string
	entries []gitconfig.Entry // git's effective configuration in the current folder
}

// Resolve returns the target of a URL. Without a profile in the URL, AWS_PROFILE
// selects the credentials if it is set, else the helper line that applies to the
// https URL (from setup, or from a folder's include), else the default chain.
//
// It is an error if the credentials cannot be resolved: the credential helper would
// fail later, after a longer wait and with more output. The error has hints.
func (r Resolver) Resolve(ctx context.Context, u URL) (Target, error) {
	entries, err := r.Git.Effective(ctx)
	if err != nil {
		return Target{}, err
	}
	if err := checkProfileAllowed(entries, u.Profile, isFromUser(r.Process.LookupEnv)); err != nil {
		return Target{}, err
	}
	args, query, err := r.credentials(entries, u)
	if err != nil {
		return Target{}, err
	}
	settings, err := r.settings(u, query)
	if err != nil {
		return Target{}, err
	}
	if u.Region, err = r.region(u, settings); err != nil {
		return Target{}, err
	}
	c, err := parseConfig(entries, u.https(codecommit.Host(u.Region, false)))
	if err != nil {
		return Target{}, err
	}
	if c, err = c.withEnvironment(r.Process.Getenv(endpointVariable), settings.UseFIPS); err != nil {
		return Target{}, err
	}
	host, err := c.host(u.Region)
	if err != nil {
		return Target{}, err
	}
	if c.account != "" {
		args = append(args, "--account="+c.account)
	}
	return Target{URL: u, HTTPS: u.https(host), Args: args, host: host, entries: entries}, nil
}

// credentials returns the flags that select the credentials for a URL, and the
// query that they describe.
func (r Resolver) credentials(entries []gitconfig.Entry, u URL) (args []string, query awsprofile.Query, err error) {
	if u.Profile != "" {
		return []string{"--profile=" + u.Profile}, awsprofile.Query{Profile: u.Profile}, nil
	}
	if r.Process.Getenv("AWS_PROFILE") != "" || r.Process.Getenv("AWS_DEFAULT_PROFILE") != "" {
		return nil, awsprofile.Query{}, nil
	}
	// Setup writes the same helper line for every region, so any region will do to
	// find it.
	region := cmp.Or(u.Region, strings.ToLower(r.Process.Getenv("AWS_DEFAULT_REGION")), "us-east-1")
	address := u.https(codecommit.Host(region, false))
	for _, e := range gitconfig.CredentialOf(entries, address, gitconfig.Wildcards).Helpers {
		line, ok := helper.ParseLine(e.Value)
		switch {
		case !ok && helper.IsCode(e.Value), ok && setsMore(line):
			return nil, awsprofile.Query{}, unclearError(e, u)
		case !ok:
			continue
		}
		for _, assignment := range slices.Backward(line.Env) {
			if profile, ok := strings.CutPrefix(assignment, "AWS_PROFILE="); ok {
				if profile != "" { // prepended: a --profile in the line takes precedence over the variable
					line.Args = slices.Insert(line.Args, 0, "--profile="+profile)
				}
				break
			}
		}
		query, err := r.ParseFlags(line.Args)
		if err != nil {
			return nil, awsprofile.Query{}, cli.WithHints(
				fmt.Errorf("the flags of the helper line for %s are wrong: %w", cli.RedactURL(address), err),
				cli.RunThis("doctor "+shell.Typed(u.String())))
		}
		return line.Args, query, nil
	}
	return nil, awsprofile.Query{}, nil
}

// setsMore reports whether a helper line sets variables other than AWS_PROFILE that
// may select credentials.
func setsMore(line helper.Line) bool {
	return slices.ContainsFunc(line.Env, func(assignment string) bool {
		name, _, _ := strings.Cut(assignment, "=")
		return !slices.Contains([]string{"AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "GIT_TRACE_CODECOMMIT"}, name)
	})
}

// unclearError returns the error for a helper line whose credentials only a shell
// can determine. The default credentials could belong to another account.
func unclearError(e gitconfig.Entry, u URL) error {
	u.Profile = "PROFILE"
	return cli.WithHints(
		fmt.Errorf("the URL names no profile, and the helper line of %s sets variables or is shell code, which codecommit:// URLs cannot use", e.Redacted()),
		cli.Advice("name the profile in the URL, such as "+u.String()+", or set AWS_PROFILE"))
}

// settings returns the profile's settings for a URL.
func (r Resolver) settings(u URL, query awsprofile.Query) (awsprofile.Settings, error) {
	env := awsprofile.Environment{LookupEnv: r.Process.LookupEnv, Home: r.Process.Home}
	chain, err := awsprofile.Resolve(env, query)
	var notFound *awsprofile.ProfileNotFoundError
	if u.Profile != "" && errors.As(err, &notFound) {
		return awsprofile.Settings{}, notFoundError(u, notFound)
	}
	return chain.Settings, err
}

// notFoundError returns the error for a URL whose profile does not exist.
func notFoundError(u URL, err *awsprofile.ProfileNotFoundError) error {
	first, rest, colon := strings.Cut(u.Profile, ":")
	if u.Region == "" && codecommit.ValidRegion(first) && (rest != "") == colon {
		right := URL{Region: strings.ToLower(first), Profile: rest, Repository: u.Repository}
		return cli.WithHints(fmt.Errorf("the URL has a region where a profile belongs"), cli.Advice("use "+shell.Typed(right.String())), formsHint)
	}
	if colon {
		return cli.WithHints(fmt.Errorf("the URL contains a password after %s, but codecommit:// URLs have no password", cli.Quote(first)), formsHint)
	}
	hints := err.Hints()
	if err.Similar != "" {
		u.Profile = err.Similar
		hints = []cli.Hint{cli.Advice("if you meant profile " + cli.Quote(err.Similar) + ", use " + shell.Typed(u.String()))}
	} else if list := err.ProfileList(); list != "" {
		hints = []cli.Hint{cli.Advice("use one of these profiles: " + list)}
	}
	return cli.WithHints(err, append(hints, formsHint)...)
}

// region returns the region of the URL, else AWS_DEFAULT_REGION, else the profile's
// region (the order of AWS's git-remote-codecommit), else AWS_REGION.
func (r Resolver) region(u URL, settings awsprofile.Settings) (string, error) {
	region := strings.ToLower(cmp.Or(u.Region, r.Process.Getenv("AWS_DEFAULT_REGION"), settings.ProfileRegion, settings.Region))
	switch plain, _ := awsprofile.PlainRegion(region); {
	case region == "":
		u.Region = "us-east-2"
		return "", cli.WithHints(
			errors.New("no region: neither the URL nor the profile names one, and neither AWS_REGION nor AWS_DEFAULT_REGION is set"),
			cli.Advice("add it to the URL, as in "+shell.Typed(u.String())+", or run: "+setRegion(u.Profile)),
			formsHint)
	case !codecommit.ValidRegion(plain):
		return "", cli.WithHints(
			fmt.Errorf("the region %s, from the profile or the environment, is not a region, such as us-east-2", cli.Quote(region)),
			cli.Run(setRegion(u.Profile)), formsHint)
	default:
		return plain, nil
	}
}

// setRegion returns the command that sets a profile's region.
func setRegion(profile string) string {
	line := "aws configure set region us-east-2"
	if profile != "" {
		line += " --profile " + shell.Typed(profile)
	}
	return line
}
