package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"git-credential-codecommit/test/awsfake"
)

// Targets.
const (
	maxGet        = 2.6 // times an empty Go program, if that takes up to quickEmpty
	maxGetSlow    = 3.2 // otherwise
	quickEmpty    = 1200 * time.Microsecond
	lessForeign   = 0.2 // of an empty program; the minimum difference to get
	maxFaults     = 580
	maxProfiles   = 1.2 // times the figure with one profile
	minFaster     = 30  // times faster than the AWS CLI
	maxBeside     = 5 * time.Millisecond
	maxBesideSlow = 1.5 // times one get for each of helperCalls, on slow machines
	helperCalls   = 2   // that git makes for one ls-remote: get and store
	maxSetupGits  = 20
	maxSetup      = 25 // times one git config
	maxNowhere    = 2 * time.Second
	maxBinary     = 12_000_000 // bytes
	maxPeak       = 14_000_000 // bytes
	maxTests      = 3 * time.Minute
)

// few returns the number of runs of slow measurements.
func (b *bench) few() int { return max(3, b.runs/40) }

// processes measures the most frequent commands.
func (b *bench) processes() error {
	static := b.helper("home", "ours", "--profile", "default", "get")
	stored := b.helper("home", "ours", "--profile", awsfake.DeveloperProfile, "get")
	others := []struct {
		what string
		process
	}{
		{"get, foreign host", b.helper("home", "foreign", "get")},
		{"store", b.helper("home", "ours", "store")},
		{"erase, foreign host", b.helper("home", "foreign", "erase")},
	}
	all := []process{{Path: b.empty}, static, stored}
	for _, o := range others {
		if err := answers(o.process, ""); err != nil {
			return err
		}
		all = append(all, o.process)
	}
	if err := answers(static, "AKIA"); err != nil {
		return err
	}
	if err := answers(stored, "ASIA"); err != nil { // also stores the session
		return err
	}
	calls := b.cloud.Count(awsfake.STS)
	figures, err := measure(b.runs, all...)
	if err != nil {
		return err
	}
	if b.cloud.Count(awsfake.STS) != calls {
		return fmt.Errorf("the stored session was not used")
	}
	empty, get := figures[0].Median, max(figures[1].Median, figures[2].Median)
	b.get, b.slow = get, empty > quickEmpty
	b.add("an empty static Go program", fmt.Sprintf("%s, %d minor faults", ms(empty), figures[0].Faults), "", true)
	compare := func(what string, took time.Duration, most float64) {
		times := ratio(took, empty)
		b.add(what, fmt.Sprintf("%s = %.2f × empty", ms(took), times), fmt.Sprintf("≤ %.1f ×", most), times <= most)
	}
	most := maxGet
	if b.slow {
		most = maxGetSlow
	}
	compare("get, static keys", figures[1].Median, most)
	compare("get, stored session", figures[2].Median, most)
	for i, o := range others {
		less := ratio(get-figures[i+3].Median, empty)
		b.add(o.what, fmt.Sprintf("%s = get − %.2f × empty", ms(figures[i+3].Median), less), fmt.Sprintf("≤ get − %.1f ×", lessForeign), less >= lessForeign)
	}
	if faults := max(figures[1].Faults, figures[2].Faults); faults > 0 {
		b.add("minor faults of get", fmt.Sprint(faults), fmt.Sprintf("≤ %d", maxFaults), faults <= maxFaults)
	}
	if peak := max(figures[1].Peak, figures[2].Peak); peak > 0 {
		b.add("peak memory of get", mb(peak), "≤ "+mb(maxPeak), peak <= maxPeak)
	}
	return nil
}

// profiles measures the effect of a long config file.
func (b *bench) profiles() error {
	one, many := b.helper("one", "ours", "--profile", keysProfile, "get"), b.helper("many", "ours", "--profile", keysProfile, "get")
	for _, p := range []process{one, many} {
		if err := answers(p, "AKIA"); err != nil {
			return err
		}
	}
	figures, err := measure(b.runs, one, many)
	if err != nil {
		return err
	}
	times := ratio(figures[1].Median, figures[0].Median)
	b.add("get, 2,000 profiles in the config file", fmt.Sprintf("%s = %.2f × one profile", ms(figures[1].Median), times), fmt.Sprintf("≤ %.1f ×", maxProfiles), times <= maxProfiles)
	return nil
}

// cli compares with the AWS CLI's helper.
func (b *bench) cli() error {
	if b.aws == "" {
		b.add("the AWS CLI's helper, static keys", "no AWS CLI on PATH", "", true)
		return nil
	}
	static := b.helper("home", "ours", "--profile", "default", "get")
	theirs := static
	theirs.Path, theirs.Args = b.aws, []string{"codecommit", "credential-helper", "--profile", "default", "get"}
	if err := answers(theirs, "AKIA"); err != nil {
		return err
	}
	figures, err := measure(b.few(), static, theirs)
	if err != nil {
		return err
	}
	times := ratio(figures[1].Median, figures[0].Median)
	b.add("the AWS CLI's helper, static keys", fmt.Sprintf("%s = %.0f × get", ms(figures[1].Median), times), fmt.Sprintf("≥ %d ×", minFaster), times >= minFaster)
	return nil
}

// instance counts the requests of a first get through EC2 metadata and one role.
func (b *bench) instance() error {
	b.cloud.SetInstance(&awsfake.Instance{Role: awsfake.InstanceRole, Region: awsfake.Region})
	p := b.helper("home", "ours", "--no-cache", "--profile", awsfake.InstanceProfile, "get")
	b.cloud.Reset()
	if err := answers(p, "ASIA"); err != nil {
		return err
	}
	metadata, sts := b.cloud.Count(awsfake.Metadata), b.cloud.Count(awsfake.STS)
	figures, err := measure(b.few(), p)
	if err != nil {
		return err
	}
	b.add("first get through EC2 metadata and a role", fmt.Sprintf("%d metadata + %d STS requests, %s", metadata, sts, ms(figures[0].Median)), "3 + 1", metadata == 3 && sts == 1)
	b.add("its peak memory", mb(figures[0].Peak), "≤ "+mb(maxPeak), figures[0].Peak <= maxPeak)
	return nil
}

// crowd starts a hundred helpers at once without a stored session.
func (b *bench) crowd() error {
	const crowd = 100
	if err := os.RemoveAll(b.path("home", ".aws", "cli")); err != nil {
		return err
	}
	b.cloud.Reset()
	p := b.helper("home", "ours", "--profile", awsfake.DeveloperProfile, "get")
	var wg sync.WaitGroup
	var mu sync.Mutex
	right := map[string]int{}
	began := time.Now()
	for range crowd {
		wg.Go(func() {
			out, err := output(p)
			if name, _, _ := strings.Cut(out, "\n"); err == nil && strings.HasPrefix(name, "username=ASIA") {
				mu.Lock()
				right[name]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	most := 0
	for _, n := range right {
		most = max(most, n)
	}
	calls := b.cloud.Count(awsfake.STS)
	b.add("100 at once, nothing stored", fmt.Sprintf("%d STS request, %d right answers, %s", calls, most, ms(took)), "1 + 100", calls == 1 && most == crowd)
	return nil
}

// nowhere measures the time until the error if there are no credentials and no
// metadata service: with an address that does not exist (RFC 5737), and with a server
// that accepts the connection and never responds.
func (b *bench) nowhere() error {
	b.cloud.Fail(awsfake.Metadata, awsfake.Fault{Hang: true, Times: -1})
	defer b.cloud.Reset()
	silent := b.helper("nobody", "ours", "get")
	silent.Fails = true
	unreachable := silent
	unreachable.Env = with(silent.Env, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://192.0.2.1")
	figures, err := measure(3, unreachable, silent)
	if err != nil {
		return err
	}
	b.add("no credentials, metadata unreachable: the error", ms(figures[0].Median), "≤ "+ms(maxNowhere), figures[0].Median <= maxNowhere)
	b.add("no credentials, metadata takes the connection and is silent", ms(figures[1].Median), "≤ "+ms(maxNowhere), figures[1].Median <= maxNowhere)
	return nil
}

// with returns env with a different value of a variable.
func with(env []string, name, value string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, name+"=") })
	return append(env, name+"="+value)
}

// lsRemote measures git ls-remote with this helper, with a helper that prints a
// prepared answer, and with the AWS CLI's.
func (b *bench) lsRemote() error {
	version, err := exec.Command(b.git, "version").Output()
	if err != nil {
		return err
	}
	proactive := atLeast(string(version), 2, 46)
	answer, err := output(b.helper("home", "ours", "--profile", awsfake.DeveloperProfile, "get"))
	if err != nil {
		return err
	}
	if err := b.write("answer", answer); err != nil {
		return err
	}
	helpers := []struct{ what, home, helper string }{
		{"with get", "git-ours", b.program + " --profile " + awsfake.DeveloperProfile},
		{"with a ready-made answer", "git-ready", b.ready + " " + b.path("answer")},
		{"with the AWS CLI's helper", "git-aws", "!" + b.aws + " codecommit credential-helper --profile " + awsfake.DeveloperProfile + " $@"},
	}
	if b.aws == "" {
		helpers = helpers[:2]
	}
	for _, auth := range []string{"none", "basic"} {
		if auth == "basic" && !proactive {
			b.add("git ls-remote after setup", "needs git 2.46: -git PATH; this is "+string(trimNewline(version)), "2 requests", false)
			continue
		}
		var all []process
		var requests []string
		for _, h := range helpers {
			config := "[credential]\n\thelper = " + h.helper + "\n\tuseHttpPath = true\n[http]\n\tproactiveAuth = " + auth + "\n"
			if err := b.write(h.home+"/.gitconfig", config); err != nil {
				return err
			}
			for name, content := range map[string]string{"config": awsfake.DeveloperConfigFile, "credentials": awsfake.DeveloperCredentialsFile} {
				if err := b.write(h.home+"/.aws/"+name, content); err != nil {
					return err
				}
			}
			p := process{Path: b.git, Args: []string{"ls-remote", "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/" + awsfake.SharedDemoRepo}, Env: b.env(h.home), Dir: b.path(h.home)}
			if h.home == "git-ours" && auth == "basic" {
				if err := b.setup(h.home); err != nil {
					return err
				}
			}
			if _, err := output(p); err != nil { // also stores the session
				return err
			}
			b.cloud.Reset()
			if _, err := output(p); err != nil {
				return err
			}
			requests = append(requests, countRequests(b.cloud.Requests(awsfake.CodeCommit)))
			all = append(all, p)
		}
		figures, err := measure(b.few()*2, all[:2]...)
		if err != nil {
			return err
		}
		beside := figures[0].Median - figures[1].Median
		what := "git ls-remote, no proactive authentication, "
		target, reached := "", true
		if auth == "basic" {
			what = "git ls-remote after setup, "
			most := maxBeside
			if b.slow {
				most = time.Duration(maxBesideSlow * helperCalls * float64(b.get))
			}
			target, reached = "2 requests, within "+ms(most), requests[0] == "2 requests" && beside <= most
		}
		b.add(what+helpers[0].what, fmt.Sprintf("%s, %s, %s beside the ready-made", requests[0], ms(figures[0].Median), ms(beside)), target, reached)
		b.add(what+helpers[1].what, requests[1]+", "+ms(figures[1].Median), "", true)
		if len(all) > 2 {
			theirs, err := measure(3, all[2])
			if err != nil {
				return err
			}
			b.add(what+helpers[2].what, requests[2]+", "+ms(theirs[0].Median), "", true)
		}
	}
	return nil
}

// setup runs the program's setup like a user.
func (b *bench) setup(home string) error {
	if err := b.write(home+"/.gitconfig", ""); err != nil {
		return err
	}
	p := b.helper(home, "ours", "setup", "--profile", awsfake.DeveloperProfile)
	p.Stdin = ""
	_, err := output(p)
	return err
}

// setups counts setup's git processes and compares its time with that of one git
// config.
func (b *bench) setups() error {
	const home = "git-setup"
	config := b.path(home, ".gitconfig")
	p := b.helper(home, "ours", "setup", "--profile", awsfake.DeveloperProfile)
	p.Stdin, p.Emptied = "", config
	for name, content := range map[string]string{".gitconfig": "", ".aws/config": awsfake.DeveloperConfigFile, ".aws/credentials": awsfake.DeveloperCredentialsFile} {
		if err := b.write(home+"/"+name, content); err != nil {
			return err
		}
	}
	calls := b.path("git-calls")
	counting := p
	script := "#!/bin/sh\necho >>'" + calls + "'\nexec '" + b.git + "' \"$@\"\n"
	if err := b.write("counting/git", script); err != nil {
		return err
	}
	if err := os.Chmod(b.path("counting", "git"), 0o700); err != nil {
		return err
	}
	counting.Env = with(p.Env, "PATH", b.path("counting")+string(os.PathListSeparator)+os.Getenv("PATH"))
	if _, err := output(counting); err != nil {
		return err
	}
	made, err := os.ReadFile(calls)
	if err != nil {
		return err
	}
	gits := strings.Count(string(made), "\n")

	one := process{Path: b.git, Args: []string{"config", "--global", "user.name", "Alice"}, Env: p.Env, Dir: p.Dir, Emptied: config}
	figures, err := measure(b.few(), p, one)
	if err != nil {
		return err
	}
	times := ratio(figures[0].Median, figures[1].Median)
	b.add("setup", fmt.Sprintf("%d git processes, %s = %.1f × git config", gits, ms(figures[0].Median), times),
		fmt.Sprintf("≤ %d, ≤ %d ×", maxSetupGits, maxSetup), gits <= maxSetupGits && times <= maxSetup)
	return nil
}

// tests measures the time of all tests, without cached results.
func (b *bench) tests() error {
	const what, target = "go test ./...", "≤ 3 min"
	if !b.withTests {
		b.add(what, "not measured: -tests", "", true)
		return nil
	}
	cmd := exec.Command("go", "test", "-count=1", "./...")
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", what, err, out)
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	b.add(what, fmt.Sprintf("%.0f s, %.0f s of processor time", took.Seconds(), cpu.Seconds()), target, took <= maxTests)
	return nil
}

func countRequests(requests []awsfake.Request) string {
	refused := 0
	for _, r := range requests {
		if r.Status == 401 {
			refused++
		}
	}
	if refused == 0 {
		return fmt.Sprintf("%d requests", len(requests))
	}
	return fmt.Sprintf("%d requests, %d of them 401", len(requests), refused)
}

// atLeast parses the output of `git version`.
func atLeast(version string, major, minor int) bool {
	var x, y int
	_, err := fmt.Sscanf(version, "git version %d.%d", &x, &y)
	return err == nil && (x > major || x == major && y >= minor)
}

// remoteHelper compares ls-remote of a codecommit:// URL with AWS's Python
// utility.
func (b *bench) remoteHelper() error {
	if err := os.Link(b.program, strings.Replace(b.program, "git-credential-", "git-remote-", 1)); err != nil {
		return err
	}
	p := process{Path: b.git, Args: []string{"ls-remote", "codecommit::us-east-2://" + awsfake.DeveloperProfile + "@" + awsfake.SharedDemoRepo}, Env: b.env("home"), Dir: b.path("home")}
	if _, err := output(p); err != nil {
		return err
	}
	figures, err := measure(b.few(), p)
	if err != nil {
		return err
	}
	b.add("git ls-remote codecommit://", ms(figures[0].Median), "", true)
	if b.remote == "" {
		b.add("the same with AWS's git-remote-codecommit", "not on PATH", "", true)
		return nil
	}
	theirs := p
	theirs.Env = with(p.Env, "PATH", filepath.Dir(b.remote)+string(os.PathListSeparator)+os.Getenv("PATH"))
	if _, err := output(theirs); err != nil {
		return err
	}
	if figures, err = measure(3, theirs); err != nil {
		return err
	}
	b.add("the same with AWS's git-remote-codecommit", ms(figures[0].Median), "", true)
	return nil
}

// size measures the size of the binary.
func (b *bench) size() error {
	info, err := os.Stat(b.program)
	if err != nil {
		return err
	}
	linked, static := "static", true
	if file, err := elf.Open(b.program); err == nil { // on Linux, it must not need a loader
		defer file.Close()
		if slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
			linked, static = "not static", false
		}
	}
	b.add("binary, stripped", mb(info.Size())+", "+linked, "≤ "+mb(maxBinary)+", static", info.Size() <= maxBinary && static)
	return nil
}
