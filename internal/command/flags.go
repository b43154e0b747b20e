package command

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
)

// flags select credentials and hosts. They precede the action, which git appends.
type flags struct {
	profile          string
	roleARN          string
	externalID       string
	mfaSerial        string
	roleSessionName  string
	duration         duration
	credentialSource string
	region           string
	account          string
	allowHosts       []string
	noCache          bool
}

func (f *flags) define(set *pflag.FlagSet) {
	set.SortFlags = false
	set.StringVar(&f.profile, "profile", "", "use the AWS profile `NAME`")
	set.StringVar(&f.roleARN, "role-arn", "", "assume the role `ARN` with credentials of the profile, the credential source or the default chain")
	set.StringVar(&f.externalID, "external-id", "", "pass the external `ID` that the role requires")
	set.StringVar(&f.mfaSerial, "mfa-serial", "", "use the MFA device with this `ARN` or serial number")
	set.StringVar(&f.roleSessionName, "role-session-name", "", "name the role session `NAME`, as CloudTrail shows it")
	set.Var(&f.duration, "duration", "set the `DURATION` of the role session: 3600 (seconds) or 1h; from 15m to 12h")
	set.StringVar(&f.credentialSource, "credential-source", "", "assume the role with credentials from `SOURCE`: Ec2InstanceMetadata, EcsContainer or Environment")
	set.StringVar(&f.region, "region", "", "use `REGION` for STS, and as the region of the --allow-host hosts")
	set.StringVar(&f.account, "account", "", "refuse credentials of any account but `ID` (12 digits)")
	set.StringArrayVar(&f.allowHosts, "allow-host", nil, "also serve the private DNS name `NAME` (repeatable; requires --region)")
	set.BoolVar(&f.noCache, "no-cache", false, "do not read or write stored role sessions (~/.aws/cli/cache)")
}

// check returns an error for flags that contradict each other or have invalid
// values.
func (f *flags) check(set *pflag.FlagSet) error {
	for _, name := range []string{"profile", "role-arn", "external-id", "mfa-serial", "role-session-name", "credential-source", "region", "account"} {
		if flag := set.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return fmt.Errorf("--%s requires a value", name)
		}
	}
	if f.roleARN == "" {
		for _, name := range []string{"external-id", "mfa-serial", "role-session-name", "duration"} {
			if set.Changed(name) {
				return fmt.Errorf("--%s requires --role-arn", name)
			}
		}
	}
	switch {
	case f.roleARN != "" && !arn.ValidRole(f.roleARN):
		return fmt.Errorf("--role-arn %s is not a role's ARN, such as arn:aws:iam::111122223333:role/NAME", cli.Quote(f.roleARN))
	case f.credentialSource != "" && f.profile != "":
		return errors.New("--credential-source and --profile cannot be used together")
	case f.credentialSource != "" && !awsprofile.ValidCredentialSource(f.credentialSource):
		return fmt.Errorf("--credential-source %s is not one of Environment, EcsContainer and Ec2InstanceMetadata", cli.Quote(f.credentialSource))
	case f.credentialSource != "" && f.roleARN == "":
		return errors.New("--credential-source requires --role-arn")
	case f.account != "" && !arn.ValidAccount(f.account):
		return fmt.Errorf("--account %s is not an account ID of 12 digits", cli.Quote(f.account))
	case f.region != "" && !codecommit.ValidRegion(f.region):
		return fmt.Errorf("--region %s is not a region, such as us-east-2", cli.Quote(f.region))
	case len(f.allowHosts) > 0 && f.region == "":
		return errors.New("--allow-host requires --region: a private DNS name does not contain the region")
	}
	for _, name := range f.allowHosts {
		if !codecommit.ValidHostName(name) {
			return fmt.Errorf("--allow-host %s is not a host name", cli.Quote(name))
		}
	}
	return nil
}

// parseFlags parses and checks the flags of a helper line.
func parseFlags(args []string) (*flags, error) {
	var f flags
	set := pflag.NewFlagSet(cli.Name, pflag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	f.define(set)
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	if set.NArg() > 0 {
		return nil, strayWordError(set.Arg(0))
	}
	return &f, f.check(set)
}

// parseQuery parses the flags of a helper line and returns the query that they
// describe.
func parseQuery(args []string) (awsprofile.Query, error) {
	f, err := parseFlags(args)
	if err != nil {
		return awsprofile.Query{}, err
	}
	return f.query(), nil
}

// query returns the query for the credentials that the flags select.
func (f *flags) query() awsprofile.Query {
	q := awsprofile.Query{Profile: f.profile, CredentialSource: f.credentialSource}
	if f.roleARN != "" {
		q.Role = &awsprofile.Role{
			ARN:         f.roleARN,
			ExternalID:  f.externalID,
			MFASerial:   f.mfaSerial,
			SessionName: f.roleSessionName,
			Duration:    time.Duration(f.duration),
		}
	}
	return q
}

// endpoint returns the endpoint of a host name; ok is false unless it is a
// CodeCommit host or named by --allow-host.
func (f *flags) endpoint(host string) (codecommit.Endpoint, bool) {
	if ep, ok := codecommit.ParseEndpoint(host); ok {
		return ep, true
	}
	for _, name := range f.allowHosts {
		if ep, ok := codecommit.AllowedEndpoint(host, name, f.region); ok {
			return ep, true
		}
	}
	return codecommit.Endpoint{}, false
}

// A duration is the length of a role session: whole seconds, like duration_seconds
// in an AWS profile, or Go's 1h30m.
type duration time.Duration

func (d *duration) Set(s string) error {
	long, err := time.ParseDuration(s)
	if seconds, e := strconv.ParseInt(s, 10, 32); e == nil {
		long, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || long < awsprofile.MinDuration || long > awsprofile.MaxDuration || long%time.Second != 0 {
		return errors.New("not between 900 (15m) and 43200 (12h) seconds")
	}
	*d = duration(long)
	return nil
}

func (d *duration) Type() string { return "duration" }

func (d *duration) String() string {
	if *d == 0 {
		return ""
	}
	s := time.Duration(*d).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-len("0s")]
		}
	}
	return s
}
