package command

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/iampolicy"
)

// policyFlags are the flags of policy: the repositories, the callers that get
// access, and the output.
type policyFlags struct {
	repositories []string
	region       string
	account      string
	role         string
	maxSession   maxSession

	trustAccount string
	group        string
	trustRole    string
	trustUser    string
	ec2Role      string
	trustGitHub  []string
	trustGitLab  []string
	trustEKS     []string

	externalID    string
	requireMFA    bool
	sourceIPs     []string
	sourceVPC     string
	principalTags []string

	readOnly bool
	gitOnly  bool

	profile  string
	format   string
	only     string
	document string
	output   string
}

// define defines the flags. A flag with the name of one of the root command's flags
// replaces it.
func (f *policyFlags) define(set *pflag.FlagSet) {
	set.SortFlags = false
	set.StringArrayVar(&f.repositories, "repository", nil, "grant access to the repository `NAME`, instead of an ARN (repeatable; requires --region and --account)")
	set.StringVar(&f.region, "region", "", "`REGION` of --repository")
	set.StringVar(&f.account, "account", "", "account `ID` of --repository")
	set.StringVar(&f.role, "role", "", "create the role `NAME` (a path is allowed) in the repository's account")
	set.Var(&f.maxSession, "max-session", "set the maximum session `DURATION` of the role: 3600 (seconds) or 1h, the default; up to 12h")
	set.StringVar(&f.trustAccount, "trust-account", "", "trust the account `ID`, whose administrator decides who may use the role")
	set.StringVar(&f.group, "group", "", "let members of the group `NAME` in --trust-account use the role; created unless it exists (default: the role's name)")
	set.StringVar(&f.trustRole, "trust-role", "", "trust only this role: its `ARN`, or its name in --trust-account")
	set.StringVar(&f.trustUser, "trust-user", "", "trust only this IAM user: its `ARN`, or its name in --trust-account")
	set.StringVar(&f.ec2Role, "ec2-role", "", "trust only EC2 instances with the role `NAME`, created in --trust-account with an instance profile")
	set.StringArrayVar(&f.trustGitHub, "trust-github", nil, "trust only GitHub workflows of `OWNER/REPO`[:ref:refs/heads/BRANCH|:environment:NAME] (repeatable; default: the branch main); they assume a role created in --trust-account or, without that flag, the role itself")
	set.StringArrayVar(&f.trustGitLab, "trust-gitlab", nil, "like --trust-github, for GitLab jobs of `GROUP/PROJECT`[:ref_type:branch:ref:BRANCH]")
	set.StringArrayVar(&f.trustEKS, "trust-eks", nil, "like --trust-github, for a Kubernetes service account in EKS: `ISSUER`:system:serviceaccount:NAMESPACE:NAME")
	set.StringVar(&f.externalID, "external-id", "", "trust only callers that send the external `ID`")
	set.BoolVar(&f.requireMFA, "require-mfa", false, "trust only callers that signed in with MFA")
	set.StringArrayVar(&f.sourceIPs, "source-ip", nil, "trust only callers in the network `CIDR` (repeatable)")
	set.StringVar(&f.sourceVPC, "source-vpc", "", "trust only callers in the VPC `ID` that use its STS endpoint")
	set.StringArrayVar(&f.principalTags, "principal-tag", nil, "trust only callers with the tag `KEY=VALUE` (repeatable)")
	set.BoolVar(&f.readOnly, "read-only", false, "allow reading only")
	set.BoolVar(&f.gitOnly, "git-only", false, "allow only git, not the console or the API (default for EC2 instances and CI jobs)")
	set.StringVar(&f.profile, "profile", "", "print the profile `NAME` for the user's AWS config file (default: the role's name)")
	set.StringVar(&f.format, "format", formatJSON, "print in `FORMAT`: "+strings.Join(policyFormats, ", "))
	set.StringVar(&f.only, "only", "", "print only one `PART`: "+strings.Join(policyParts, ", "))
	set.StringVar(&f.document, "document", "", "print only one `DOCUMENT`: "+strings.Join(policyDocuments, ", "))
	set.StringVar(&f.output, "output", "", "write one file per account to the folder `DIR`")
}

// purpose returns what the flags and arguments request.
func (f *policyFlags) purpose(args []string) (iampolicy.Purpose, error) {
	repositories, err := f.parseRepositories(args)
	if err != nil {
		return iampolicy.Purpose{}, err
	}
	partition, account := repositories[0].Partition, repositories[0].Account
	role, err := iampolicy.ParseEntity(iampolicy.Role, partition, account, f.role)
	if err != nil {
		return iampolicy.Purpose{}, fmt.Errorf("--role: %w", err)
	}
	p := iampolicy.Purpose{
		Repositories: repositories,
		Role:         role,
		Group:        f.group,
		Instance:     f.ec2Role != "",
		ExternalID:   f.externalID,
		RequireMFA:   f.requireMFA,
		SourceVPC:    f.sourceVPC,
		ReadOnly:     f.readOnly,
		GitOnly:      f.gitOnly,
		MaxSession:   time.Duration(f.maxSession.duration),
		Profile:      f.profile,
	}
	if p.SourceIPs, err = f.networks(); err != nil {
		return p, err
	}
	if p.PrincipalTags, err = f.tags(); err != nil {
		return p, err
	}
	if p.Jobs, err = f.jobs(); err != nil {
		return p, err
	}
	if p.Jobs != nil && f.trustRole == "" && f.trustUser == "" && f.ec2Role == "" {
		p.Trusted, err = f.jobsRole(role)
		return p, err
	}
	p.Trusted, err = f.trusted(partition)
	return p, err
}

// parseRepositories returns the repositories: from ARNs, or from names in one
// region and account.
func (f *policyFlags) parseRepositories(args []string) ([]iampolicy.Repository, error) {
	parse, names := iampolicy.ParseRepository, args
	switch {
	case len(args) == 0 && len(f.repositories) == 0:
		return nil, errors.New("no repository given: pass its ARN, or --repository with --region and --account")
	case len(args) > 0 && (len(f.repositories) > 0 || f.region != "" || f.account != ""):
		return nil, errors.New("--repository, --region and --account cannot be combined with an ARN")
	case len(args) == 0 && (f.region == "" || f.account == ""):
		return nil, errors.New("--repository requires --region and --account")
	case len(args) == 0:
		names = f.repositories
		parse = func(name string) (iampolicy.Repository, error) {
			return iampolicy.NewRepository(f.region, f.account, name)
		}
	}
	var repositories []iampolicy.Repository
	for _, name := range names {
		r, err := parse(name)
		if err != nil {
			return nil, err
		}
		repositories = append(repositories, r)
	}
	return repositories, nil
}

// trusted returns who may assume the role: one role or user, or else the account.
func (f *policyFlags) trusted(partition string) (iampolicy.Entity, error) {
	identities := []struct {
		flag  string
		kind  iampolicy.Kind
		value string
	}{
		{"trust-role", iampolicy.Role, f.trustRole},
		{"trust-user", iampolicy.User, f.trustUser},
		{"ec2-role", iampolicy.Role, f.ec2Role},
	}
	one := identities[0]
	for _, other := range identities[1:] {
		if one.value != "" && other.value != "" {
			return iampolicy.Entity{}, fmt.Errorf("--%s and --%s cannot be used together", one.flag, other.flag)
		}
		if other.value != "" {
			one = other
		}
	}
	switch {
	case one.value == "" && f.trustAccount == "":
		return iampolicy.Entity{}, errors.New("no trusted caller given: pass --trust-account, --trust-role, --trust-user, --ec2-role, --trust-github, --trust-gitlab or --trust-eks")
	case one.value == "":
		trusted, err := iampolicy.AccountRoot(partition, f.trustAccount)
		if err != nil {
			err = fmt.Errorf("--trust-account: %w", err)
		}
		return trusted, err
	case f.group != "":
		return iampolicy.Entity{}, fmt.Errorf("--group and --%s cannot be used together", one.flag)
	case f.trustAccount == "" && !strings.HasPrefix(one.value, "arn:"):
		return iampolicy.Entity{}, fmt.Errorf("--%s %s requires --trust-account, or the whole ARN", one.flag, cli.Quote(one.value))
	}
	trusted, err := iampolicy.ParseEntity(one.kind, partition, f.trustAccount, one.value)
	if err != nil {
		err = fmt.Errorf("--%s: %w", one.flag, err)
	}
	return trusted, err
}

// jobs returns the CI jobs to trust; nil if no flag names any.
func (f *policyFlags) jobs() (*iampolicy.WebIdentity, error) {
	var all *iampolicy.WebIdentity
	for _, service := range []struct {
		flag   string
		values []string
		parse  func(string) (iampolicy.WebIdentity, error)
	}{
		{"trust-github", f.trustGitHub, iampolicy.ParseGitHub},
		{"trust-gitlab", f.trustGitLab, iampolicy.ParseGitLab},
		{"trust-eks", f.trustEKS, iampolicy.ParseEKS},
	} {
		for _, value := range service.values {
			jobs, err := service.parse(value)
			if err == nil && all != nil {
				jobs, err = all.Join(jobs)
			}
			if err != nil {
				return nil, fmt.Errorf("--%s: %w", service.flag, err)
			}
			all = &jobs
		}
	}
	return all, nil
}

// jobsRole returns the role to create for CI jobs in another account, named like
// the access role. It returns the zero Entity if there is no other account; the
// jobs then assume the access role directly.
func (f *policyFlags) jobsRole(access iampolicy.Entity) (iampolicy.Entity, error) {
	if f.group != "" {
		return iampolicy.Entity{}, errors.New("--group cannot be used with CI jobs, which are in no group")
	}
	if f.trustAccount == "" || f.trustAccount == access.Account {
		return iampolicy.Entity{}, nil
	}
	role, err := iampolicy.ParseEntity(iampolicy.Role, access.Partition, f.trustAccount, access.Name)
	if err != nil {
		err = fmt.Errorf("--trust-account: %w", err)
	}
	return role, err
}

// networks parses --source-ip: networks, or single addresses.
func (f *policyFlags) networks() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, s := range f.sourceIPs {
		network, err := netip.ParsePrefix(s)
		if address, e := netip.ParseAddr(s); e == nil && address.Zone() == "" {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil || network != network.Masked() {
			return nil, fmt.Errorf("--source-ip %s is not a network such as 203.0.113.0/24", cli.Quote(s))
		}
		networks = append(networks, network)
	}
	return networks, nil
}

// tags parses --principal-tag.
func (f *policyFlags) tags() (map[string]string, error) {
	tags := map[string]string{}
	for _, s := range f.principalTags {
		key, value, ok := strings.Cut(s, "=")
		if _, repeated := tags[key]; !ok || repeated {
			return nil, fmt.Errorf("--principal-tag %s is not KEY=VALUE, or repeats a key", cli.Quote(s))
		}
		tags[key] = value
	}
	return tags, nil
}

// A maxSession is a duration within the limits of a role's maximum session
// duration.
type maxSession struct{ duration }

func (m *maxSession) Set(s string) error {
	if err := m.duration.Set(s); err != nil || time.Duration(m.duration) < time.Hour {
		return errors.New("not between 3600 (1h) and 43200 (12h) seconds")
	}
	return nil
}
