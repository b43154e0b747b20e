package main

import (
	"errors"
	"fmt"
	"strings"

	"git-credential-codecommit/test/awsfake"
)

// A user is a person with access keys in the cloud, which are in a profile.
type user struct {
	arn, profile, accessKeyID, secretKey string
}

var (
	people = []user{
		{awsfake.DeveloperARN, "default", awsfake.DeveloperAccessKeyID, awsfake.DeveloperSecretKey},
		{awsfake.AuditorARN, "auditor", awsfake.AuditorAccessKeyID, awsfake.AuditorSecretKey},
	}
	maintainer = user{awsfake.MaintainerARN, "maintainer", awsfake.MaintainerAccessKeyID, awsfake.MaintainerSecretKey}
	// An administrator has every permission of the cloud's IAM in an account.
	administrators = []user{
		{awsfake.AdminAARN, "admin-a", awsfake.AdminAAccessKeyID, awsfake.AdminASecretKey},
		{awsfake.AdminBARN, "admin-b", awsfake.AdminBAccessKeyID, awsfake.AdminBSecretKey},
		{awsfake.AdminAuditorARN, "admin-auditor", awsfake.AdminAuditorAccessKeyID, awsfake.AdminAuditorSecretKey},
	}
)

// contents describes the cloud: the purpose of each account, the users with keys,
// the roles and the repositories.
type contents struct {
	users        []user
	roles        []string // ARNs
	repositories []string // ARNs
}

const repositoryPrefix = "arn:aws:codecommit:" + awsfake.Region + ":"

var (
	// scenarioContents describes the cloud of awsfake.StartScenarios.
	scenarioContents = contents{
		users: append(append(people[:len(people):len(people)], maintainer), administrators...),
		roles: []string{
			awsfake.ContributorRole, awsfake.RepoAccessRole, awsfake.AuditorRole, awsfake.MFARole, awsfake.ChainedRole,
			awsfake.GitHubRole, awsfake.TeamRole, awsfake.InstanceRole, awsfake.ContainerRole,
		},
		repositories: []string{
			repositoryPrefix + awsfake.AccountA + ":" + awsfake.SharedDemoRepo,
			repositoryPrefix + awsfake.AccountA + ":" + awsfake.MySharedDemoRepo,
			repositoryPrefix + awsfake.AccountA + ":" + awsfake.EmptyRepo,
			repositoryPrefix + awsfake.AccountB + ":" + awsfake.SharedDemoRepo,
			"arn:aws:codeconnections:" + awsfake.Region + ":" + awsfake.AccountA + ":connection/" + awsfake.ConnectionID + "/" + awsfake.ConnectedRepo,
		},
	}
	// guideContents describes the cloud of awsfake.StartAccounts.
	guideContents = contents{
		users: append(people[:len(people):len(people)], administrators...),
		repositories: []string{
			repositoryPrefix + awsfake.AccountA + ":" + awsfake.SharedDemoRepo,
			repositoryPrefix + awsfake.AccountA + ":" + awsfake.MySharedDemoRepo,
			repositoryPrefix + awsfake.AccountB + ":" + awsfake.SharedDemoRepo,
		},
	}
)

// String lists the contents, one line each.
func (c contents) String() string {
	var b strings.Builder
	for _, u := range c.users {
		fmt.Fprintf(&b, "  user        %s (profile %s)\n", u.arn, u.profile)
	}
	for _, arn := range c.roles {
		fmt.Fprintf(&b, "  role        %s\n", arn)
	}
	for _, arn := range c.repositories {
		fmt.Fprintf(&b, "  repository  %s\n", arn)
	}
	return b.String()
}

// credentialsFile returns the content of ~/.aws/credentials, with the keys of all
// users.
func (c contents) credentialsFile() string {
	var b strings.Builder
	for _, u := range c.users {
		fmt.Fprintf(&b, "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", u.profile, u.accessKeyID, u.secretKey)
	}
	return b.String()
}

// options are the parsed arguments of a run.
type options struct {
	help    bool
	guide   bool
	fleet   []int    // numbers of jobs to measure
	command []string // empty to show the scenarios
}

// parse parses the sandbox's arguments.
func parse(args []string) (o options, err error) {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		switch arg {
		case "-h", "--help":
			return options{help: true}, nil
		case "--guide":
			o.guide = true
		case "--fleet":
			o.fleet = fleetSizes
		default:
			return options{}, fmt.Errorf("unknown flag %q", arg)
		}
	}
	o.command = args
	if o.guide && len(o.command) == 0 {
		return options{}, errors.New("--guide requires a command, for example: --guide -- sh")
	}
	if o.fleet != nil && (o.guide || len(o.command) > 0) {
		return options{}, errors.New("--fleet cannot be used with --guide or a command")
	}
	return o, nil
}

// fleetSizes are the numbers of jobs that --fleet measures.
var fleetSizes = []int{1, 10, 100}

// usage is the text of --help.
func usage() string {
	return `usage: go run ./test/sandbox                              show three scenarios, live
       go run ./test/sandbox [--guide] -- COMMAND [ARG…]  run a command inside the cloud
       go run ./test/sandbox --fleet                      count the requests of CI jobs

Builds git-credential-codecommit, starts a simulated AWS on this machine, and removes
both at the end. It requires Go and git, but no AWS account, and no network once Go
has downloaded the modules. Run it in the root of the checkout or, from another
folder, as: go -C CHECKOUT run ./test/sandbox

  --guide  start with accounts in which no one has access yet, to follow
           doc/cross-account.md (the administrators' scripts need the AWS CLI)
  --fleet  print the table of doc/ci.md: the requests of 1, 10 and 100 CI jobs
  --help   print this text

COMMAND runs in the current folder, with the program first on PATH and a temporary
HOME. Without --guide, git is configured for the first profile below. For a shell:

  go run ./test/sandbox -- sh

The cloud has an account A, ` + awsfake.AccountA + `, with repositories, an account B,
` + awsfake.AccountB + `, with their users, and the auditors' account ` + awsfake.AccountAuditor + `.
The machine is an EC2 instance in account B. A repository's URL is
https://git-codecommit.` + awsfake.Region + `.amazonaws.com/v1/repos/NAME

  profile     ` + awsfake.DeveloperProfile + `: the developer with the role of scenario 1
  profile     ` + awsfake.InstanceProfile + `: the instance with the role of scenario 2
  start URL   ` + awsfake.SSOStartURL + ` (` + awsfake.Region + `): IAM Identity Center, whose
              browser allows every sign-in; ` + awsfake.SSODeveloperRole + ` in account B
` + scenarioContents.String() + `
With --guide there are neither these two profiles nor a role of the instance, and:

` + guideContents.String()
}
