// Live sends requests to the real CodeCommit with one of your profiles, and
// compares the responses with what this program assumes, especially where the
// service's behaviour is not publicly documented:
//
//	go run ./test/live --profile NAME --repository-arn ARN
//
// It needs the permission codecommit:GitPull on the repository, prints the planned
// requests first, and makes at most a few hundred. With --write it also pushes to a
// new branch, which it then deletes. The report contains no secrets, account IDs or
// names, so it can be attached to an issue of this project. It marks answers that
// differ from the program's assumptions (facts.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/codecommit"
	"git-credential-codecommit/internal/iampolicy"
	"git-credential-codecommit/internal/session"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are the parsed command line.
type options struct {
	profile    string
	repository iampolicy.Repository
	write      bool
	fips       bool
	vpcHosts   []string
}

func parseOptions(args []string, errs io.Writer) (options, error) {
	var o options
	set := flag.NewFlagSet("live", flag.ContinueOnError)
	set.SetOutput(errs)
	set.StringVar(&o.profile, "profile", "", "the AWS profile `NAME` to use")
	arn := set.String("repository-arn", "", "the `ARN` of a repository that the profile may read")
	set.BoolVar(&o.write, "write", false, "also push to a branch, and delete it")
	set.BoolVar(&o.fips, "fips", false, "also try the region's FIPS endpoint")
	set.Func("vpc-host", "also try this VPC endpoint's `HOST` (repeatable)", func(s string) error {
		if ep, ok := codecommit.ParseEndpoint(s); !ok || !strings.HasPrefix(ep.Host, "vpce-") {
			return errors.New("not the host of a VPC endpoint for CodeCommit")
		}
		o.vpcHosts = append(o.vpcHosts, s)
		return nil
	})
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if o.profile == "" || *arn == "" || set.NArg() > 0 {
		err := errors.New("--profile and --repository-arn are required, and there are no other arguments")
		fmt.Fprintln(errs, "live:", err)
		set.Usage()
		return o, err
	}
	repository, err := iampolicy.ParseRepository(*arn)
	if err == nil && repository.Connection != "" {
		err = errors.New("--repository-arn must be a CodeCommit repository, not a connection")
	}
	if err != nil {
		fmt.Fprintln(errs, "live:", err)
	}
	o.repository = repository
	return o, err
}

// Exit codes.
const (
	exitAsAssumed = 0
	exitDiffers   = 1 // an answer differs, or there are no answers
	exitUsage     = 2
)

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := parseOptions(args, errs)
	if err != nil {
		return exitUsage
	}
	env := awsprofile.Environment{LookupEnv: os.LookupEnv, Home: home}
	chain, err := awsprofile.Resolve(env, awsprofile.Query{Profile: o.profile})
	if err != nil {
		fmt.Fprintln(errs, "live:", err)
		return exitDiffers
	}
	all := factsFor(o)
	fmt.Fprint(errs, plan(o, all))
	creds, err := session.Get(ctx, chain, session.Options{
		Region: o.repository.Region, Home: home(), Now: time.Now, Account: o.repository.Account,
		Prompt: func(_ context.Context, serial string) (code string, err error) {
			fmt.Fprintf(errs, "MFA code for %s: ", serial)
			_, err = fmt.Fscanln(os.Stdin, &code)
			return code, err
		},
	})
	if err != nil {
		fmt.Fprintln(errs, "live: no credentials:", err)
		return exitDiffers
	}
	s, err := newService(o, creds)
	if err != nil {
		fmt.Fprintln(errs, "live:", err)
		return exitDiffers
	}
	m := &inputs{options: o, service: s, chain: chain}
	var answers []answer
	for _, f := range all {
		fmt.Fprintln(errs, "live:", f.question)
		got, err := f.ask(ctx, m)
		if err != nil {
			got = notTested("%v", err)
		}
		answers = append(answers, answer{f, got})
	}
	r := report{options: o, answers: answers, exchanges: s.exchanges, requests: s.requests, scrub: s.scrub}
	if _, err := io.WriteString(out, r.String()); err != nil {
		return exitDiffers
	}
	if r.differs() {
		return exitDiffers
	}
	return exitAsAssumed
}

func home() string {
	dir, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return dir
}

// plan returns a description of the planned requests.
func plan(o options, facts []fact) string {
	var b strings.Builder
	total := 0
	for _, f := range facts {
		total += f.requests
	}
	fmt.Fprintf(&b, "live: with the profile %q, the repository %s: at most %d requests to CodeCommit, for\n", o.profile, o.repository, total)
	for _, f := range facts {
		fmt.Fprintf(&b, "live:   %3d  %s\n", f.requests, f.question)
	}
	b.WriteString("live: and those that the profile needs for its credentials\n")
	if o.write {
		b.WriteString("live: --write pushes one commit to the new branch " + branch + ", and deletes the branch\n")
	}
	return b.String()
}
