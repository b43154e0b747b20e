package e2e

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/command"
	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/program"
)

// Faults of machines, networks and services, and what the user gets: the cause,
// within a time limit.

// within fails the test if a run exceeded its time limit by more than a busy
// machine explains. With the race detector, with which processes take ten times as
// long, it only logs that.
func (o outcome) within(t *testing.T, name string, bound time.Duration) {
	t.Helper()
	const slow = 20 * time.Second
	if o.took > bound+slow && !program.Race() {
		t.Errorf("%s: took %s, want at most %s", name, o.took, bound)
	} else if o.took > bound {
		t.Logf("%s: took %s, want at most %s on an idle machine", name, o.took, bound)
	}
}

// noFiles makes the environment contain no credentials, so that the metadata
// service is used.
var noFiles = []string{"AWS_SHARED_CREDENTIALS_FILE=", "AWS_CONFIG_FILE="}

// silentServer accepts connections and never answers.
func silentServer(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
		}
	}()
	return l.Addr().String()
}

func TestMetadataFaults(t *testing.T) {
	t.Parallel()
	type row struct {
		endpoint string
		bound    time.Duration
		want     string
	}
	rows := map[string]row{
		"refused":         {"http://127.0.0.1:1", 2 * time.Second, "connection refused"},
		"accepts, silent": {"http://" + silentServer(t), 3 * time.Second, "timed out"},
	}
	if hole := blackHole(t); hole != "" {
		rows["black hole"] = row{"http://" + hole, 2 * time.Second, "timed out"}
	}
	m := newMachine(t, "")
	atOnce(t, rows, func(name string, row row) {
		for _, args := range [][]string{{"get"}, {"--role-arn", awsfake.RepoAccessRole, "--credential-source", "Ec2InstanceMetadata", "--no-cache", "get"}} {
			o := m.run(t, request, append(noFiles, "AWS_METADATA_SERVICE_TIMEOUT=", "AWS_EC2_METADATA_SERVICE_ENDPOINT="+row.endpoint), args...)
			if !o.failed() || !strings.Contains(o.stderr, row.want) || !strings.Contains(o.stderr, "EC2 instance metadata: cannot ") {
				t.Errorf("%s: %s", name, o)
			}
			o.within(t, name, row.bound)
		}
	})
}

// However the metadata service refuses, the number of requests is limited.
func TestMetadataRequestsAreLimited(t *testing.T) {
	t.Parallel()
	type row struct {
		fault awsfake.Fault
		want  string
	}
	atOnce(t, map[string]row{
		"the token's answer is lost": {awsfake.Fault{Action: "PutToken", Hang: true}, "check the hop limit"},
		"the token is forbidden":     {awsfake.Fault{Action: "PutToken", Status: 403}, "responded with 403 to the request for one"},
		"everything is unauthorized": {awsfake.Fault{Status: 401}, "responded with 401 to the request for one"},
		"the role is unauthorized":   {awsfake.Fault{Action: "GetRoleName", Status: 401}, "401"},
		"the keys are unauthorized":  {awsfake.Fault{Action: "GetCredentials", Status: 401}, "401"},
		"everything is broken":       {awsfake.Fault{Status: 500}, "it responded with 500"},
		"the keys are HTML":          {awsfake.Fault{Action: "GetCredentials", Body: "<html>"}, "not JSON"},
		"the keys are huge":          {awsfake.Fault{Action: "GetCredentials", Size: 300 << 20}, ""},
		"the keys are reset":         {awsfake.Fault{Action: "GetCredentials", Reset: true}, "closed before a response"},
		"the role does not exist":    {awsfake.Fault{Action: "GetCredentials", Status: 404}, "deleted or renamed"},
	}, func(name string, row row) {
		for _, attempts := range []string{"1", "3"} {
			m := newMachine(t, "")
			m.cloud.SetInstance(&awsfake.Instance{Role: awsfake.InstanceRole, Region: awsfake.Region, V2Only: true})
			row.fault.Times = -1
			m.cloud.Fail(awsfake.Metadata, row.fault)
			env, bound := append(noFiles, "AWS_METADATA_SERVICE_NUM_ATTEMPTS="+attempts), 5*time.Second
			if row.fault.Hang {
				env, bound = append(env, "AWS_METADATA_SERVICE_TIMEOUT=3"), 10*time.Second
			}
			o := m.run(t, request, env, "get")
			if !o.failed() || !strings.Contains(o.stderr, row.want) {
				t.Errorf("%s: %s", name, o)
			}
			count := map[string]int{}
			for _, r := range m.cloud.Requests(awsfake.Metadata) {
				count[r.Action]++
			}
			if n := count["PutToken"]; n > 2 && row.fault.Action != "" || n > 3 {
				t.Errorf("%s, %s attempts: %d tokens", name, attempts, n)
			}
			for action, n := range count {
				if n > 3 {
					t.Errorf("%s, %s attempts: %d × %s", name, attempts, n, action)
				}
			}
			o.within(t, name, bound)
		}
	})
}

func TestSTSFaults(t *testing.T) {
	t.Parallel()
	type row struct {
		fault awsfake.Fault
		calls int
		bound time.Duration
		want  string
	}
	rows := map[string]row{
		"503":           {awsfake.STSError(503, "ServiceUnavailable", "x"), 3, 10 * time.Second, "(tried 3 times)"},
		"throttling":    {awsfake.STSError(400, "Throttling", "Rate exceeded"), 3, 10 * time.Second, "too many requests (tried 3 times)"},
		"500 and HTML":  {awsfake.Fault{Status: 500, Body: "<html>"}, 3, 10 * time.Second, "500"},
		"a reset":       {awsfake.Fault{Reset: true}, 3, 10 * time.Second, "closed before a response"},
		"an early end":  {awsfake.Fault{Drop: true}, 3, 10 * time.Second, "closed before a response"},
		"HTML":          {awsfake.Fault{Body: "<html>"}, 3, 10 * time.Second, "the response is not from AWS"},
		"nothing":       {awsfake.Fault{}, 3, 10 * time.Second, "STS"},
		"300 MB":        {awsfake.Fault{Header: http.Header{"Content-Type": {"text/xml"}}, Size: 300 << 20}, 3, 10 * time.Second, "request to STS failed"},
		"access denied": {awsfake.STSError(403, "AccessDenied", "User: "+awsfake.DeveloperARN+" is not authorized"), 1, 2 * time.Second, awsfake.DeveloperARN + " is not allowed to assume " + awsfake.ContributorRole},
		"expired token": {awsfake.STSError(403, "ExpiredToken", "x"), 1, 2 * time.Second, "hint: get new credentials"},
		"unknown key":   {awsfake.STSError(403, "InvalidClientTokenId", "x"), 1, 2 * time.Second, "hint: run: aws configure --profile default"},
	}
	if !testing.Short() {
		rows["no answer"] = row{awsfake.Fault{Hang: true}, 3, 25 * time.Second, "timed out"}
	}
	atOnce(t, rows, func(name string, row row) {
		m := newMachine(t, "")
		row.fault.Times = -1
		m.cloud.Fail(awsfake.STS, row.fault)
		o := m.run(t, request, nil, "--profile", awsfake.DeveloperProfile, "get")
		if !o.failed() || !strings.Contains(o.stderr, row.want) || !strings.Contains(o.stderr, awsfake.ContributorRole) {
			t.Errorf("%s: %s", name, o)
		}
		// On a busy machine, the last attempt has no time left.
		if n := m.cloud.Count(awsfake.STS); n != row.calls && (!row.fault.Hang || n != row.calls-1) {
			t.Errorf("%s: %d calls", name, n)
		}
		o.within(t, name, row.bound)
	})
}

// The network to AWS: one line, which names what to fix and shows no password.
func TestNetworkFaults(t *testing.T) {
	t.Parallel()
	const password = "CANARYpassword"
	m := newMachine(t, "")
	junk, empty := m.home+"/junk.pem", m.home+"/empty.pem"
	writeFile(t, junk, "-----BEGIN CERTIFICATE-----\nCANARYpassword\n-----END CERTIFICATE-----\n")
	writeFile(t, empty, "")
	proxy := func(url string) []string { return []string{"https_proxy=" + url, "HTTPS_PROXY=" + url} }
	direct := append(proxy(""), "AWS_ENDPOINT_URL_STS=https://")
	at := func(endpoint string) []string {
		return append(direct[:len(direct)-1:len(direct)-1], "AWS_ENDPOINT_URL_STS="+endpoint)
	}
	type row struct {
		env  []string
		want string
	}
	rows := map[string]row{
		"a proxy that is not there":         {proxy("http://user:" + password + "@127.0.0.1:1"), "the proxy (HTTPS_PROXY) cannot be reached"},
		"a proxy that refuses":              {append(proxy(strings.Replace(m.cloud.ProxyURL(), "://", "://user:"+password+"@", 1)), "AWS_ENDPOINT_URL_STS=https://evil.example"), "the proxy (HTTPS_PROXY) refused the connection"},
		"a proxy that is no URL":            {proxy("http://user:" + password + "@[::1"), "HTTPS_PROXY) is malformed"},
		"a proxy that net/http drops":       {proxy("http://user:" + password + "%@127.0.0.1:1"), "HTTPS_PROXY) is malformed"},
		"a proxy with a bad port":           {proxy("http://user:" + password + "@127.0.0.1:port"), "HTTPS_PROXY) is malformed"},
		"a proxy that does not speak TLS":   {proxy(strings.Replace(m.cloud.ProxyURL(), "http://", "https://user:"+password+"@", 1)), "proxy"},
		"an unknown authority":              {[]string{"AWS_CA_BUNDLE="}, "hint: set AWS_CA_BUNDLE"},
		"another authority":                 {[]string{"AWS_CA_BUNDLE=" + otherAuthority(t)}, "hint: set AWS_CA_BUNDLE"},
		"an authority that is none":         {[]string{"AWS_CA_BUNDLE=" + junk}, "hint: run: unset AWS_CA_BUNDLE"},
		"an authority of nothing":           {[]string{"AWS_CA_BUNDLE=" + empty}, "hint: run: unset AWS_CA_BUNDLE"},
		"an authority that is a folder":     {[]string{"AWS_CA_BUNDLE=" + m.home}, "hint: run: unset AWS_CA_BUNDLE"},
		"an authority that is not there":    {[]string{"AWS_CA_BUNDLE=" + m.home + "/nowhere"}, "hint: run: unset AWS_CA_BUNDLE"},
		"a server that refuses":             {at("https://127.0.0.1:1"), "127.0.0.1:1: connection refused"},
		"a server that does not speak TLS":  {at(strings.Replace(m.cloud.MetadataURL(), "http://", "https://", 1)), "does not speak TLS"},
		"a server that speaks another HTTP": {at(m.cloud.MetadataURL()), "STS"},
	}
	if runtime.GOOS != "windows" {
		fifo := m.home + "/fifo"
		if err := exec.Command("mkfifo", fifo).Run(); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{fifo, "/dev/zero"} {
			rows["an authority that is "+filepath.Base(path)] = row{[]string{"AWS_CA_BUNDLE=" + path}, "it is not a regular file"}
		}
	}
	atOnce(t, rows, func(name string, row row) {
		// Without the store, they do not wait for each other.
		o := m.run(t, request, row.env, "--no-cache", "--profile", awsfake.DeveloperProfile, "get")
		if !o.failed() || !strings.Contains(o.stderr, row.want) {
			t.Errorf("%s: %s", name, o)
		}
		if strings.Contains(o.stderr, password) || strings.Contains(o.stderr, "user:") {
			t.Errorf("%s: the password is shown: %s", name, o)
		}
		o.within(t, name, 10*time.Second)
	})
}

// otherAuthority is the certificate of another cloud.
func otherAuthority(t *testing.T) string {
	t.Helper()
	cloud, err := awsfake.Start(awsfake.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cloud.Close)
	return cloud.CAFile()
}

// With a clock that is off by 20 minutes, the answer still works, for git too, and
// a warning shows the difference.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	for offset, want := range map[time.Duration]string{20 * time.Minute: "20m0s behind AWS;", -20 * time.Minute: "20m0s ahead of AWS;"} {
		m := newMachine(t, "")
		m.cloud.SetClock(offset)
		for range 2 { // the first run must not store a session: with one, the second would not learn AWS's time
			o := m.run(t, request, nil, "--profile", awsfake.DeveloperProfile, "get")
			if !o.answered() || !strings.Contains(strings.NewReplacer("19m59s", "20m0s", "20m1s", "20m0s").Replace(o.stderr), want) {
				t.Fatalf("%s: %s", offset, o)
			}
			var signed time.Time
			var expires int64
			for line := range strings.Lines(o.stdout) {
				if v, ok := strings.CutPrefix(line, "password="); ok {
					signed, _ = time.Parse("20060102T150405Z", v[:16])
				}
				if v, ok := strings.CutPrefix(line, "password_expiry_utc="); ok {
					_, _ = fmt.Sscan(v, &expires)
				}
			}
			if off := signed.Sub(m.cloud.Now()).Abs(); off > time.Minute {
				t.Errorf("%s: signed %s off AWS's time", offset, off)
			}
			// Git drops a password that has expired according to its clock.
			if left := time.Until(time.Unix(expires, 0)); left < 13*time.Minute || left > 16*time.Minute {
				t.Errorf("%s: the password ends in %s by this machine's clock", offset, left)
			}
		}
		git := exec.Command("git", "-c", "credential.helper=", "-c", "credential.helper=codecommit --profile "+awsfake.DeveloperProfile, "-c", "credential.useHttpPath=true",
			"ls-remote", "https://"+ourHost+"/v1/repos/"+awsfake.MySharedDemoRepo)
		git.Env = m.env
		if out, err := git.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("refs/heads/main")) {
			t.Errorf("%s: %v: %s", offset, err, out)
		}
	}
}

// A home folder that is missing, full of unexpected files or not writable: the
// answer works, at the cost of a call each time.
func TestHomeFaults(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs POSIX permissions")
	}
	const args = awsfake.DeveloperProfile
	for name, spoil := range map[string]func(aws string) error{
		"the cache folder is a file":   func(aws string) error { return os.WriteFile(aws+"/cli", nil, 0o600) },
		"the cache folder is a link":   func(aws string) error { return os.Symlink("/nowhere/at/all", aws+"/cli") },
		"the cache folder is a circle": func(aws string) error { return os.Symlink(aws+"/cli", aws+"/cli") },
		"the cache folder is closed": func(aws string) error {
			if err := os.Mkdir(aws+"/cli", 0o700); err != nil {
				return err
			}
			return os.Mkdir(aws+"/cli/cache", 0)
		},
		"the lock is a folder": func(aws string) error {
			return os.MkdirAll(aws+"/cli/cache/"+sha1Hex(`{"RoleArn": "`+awsfake.ContributorRole+`"}`)+".lock/x", 0o700)
		},
		"the session is a folder": func(aws string) error {
			return os.MkdirAll(aws+"/cli/cache/"+sha1Hex(`{"RoleArn": "`+awsfake.ContributorRole+`"}`)+".json/x", 0o700)
		},
	} {
		m := newMachine(t, "")
		if err := spoil(m.home + "/.aws"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			o := m.run(t, request, nil, "--profile", args, "get")
			if !o.answered() || o.stderr != "" {
				t.Errorf("%s: %s", name, o)
			}
			o.within(t, name, 2*time.Second)
		}
		left, _ := filepath.Glob(m.home + "/.aws/cli/cache/*.tmp")
		if len(left) > 0 {
			t.Errorf("%s: left %s", name, left)
		}
	}
}

// Malformed config files: an answer, or an error that names the file, within a
// second, and the line's text is never shown.
func TestConfigFileFaults(t *testing.T) {
	t.Parallel()
	const canary = "CANARYwJalrXUtnFEMI"
	good := "aws_access_key_id = " + awsfake.DeveloperAccessKeyID + "\naws_secret_access_key = " + awsfake.DeveloperSecretKey + "\n"
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	type row struct {
		config   string
		answered bool
		line     int // that the error names; 0 for none
	}
	rows := map[string]row{
		"a byte order mark":                {"\uFEFF[profile p]\n" + good, true, 0},
		"CRLF":                             {crlf("[profile p]\n" + good), true, 0},
		"a byte order mark and CRLF":       {"\uFEFF" + crlf("[profile p]\n"+good), true, 0},
		"tabs":                             {"[profile p]\naws_access_key_id\t=\t" + awsfake.DeveloperAccessKeyID + "\t\naws_secret_access_key\t=\t" + awsfake.DeveloperSecretKey, true, 0},
		"tabs in the header":               {"[profile\tp]\n" + good, true, 0},
		"no final line feed":               {"[profile p]\n" + strings.TrimSuffix(good, "\n"), true, 0},
		"10 MB of other profiles":          {"[profile p]\n" + good + strings.Repeat("[profile other]\nregion = us-east-1\n", 10<<20/35), true, 0},
		"10 MB of comments":                {strings.Repeat("# comment "+canary+"\n", 10<<20/30) + "[profile p]\n" + good, true, 0},
		"17 MB":                            {"[profile p]\n" + good + strings.Repeat("# "+canary+"\n", 17<<20/22), false, 0},
		"NUL in another profile":           {"[profile q]\nx = \x00\n[profile p]\n" + good, true, 0},
		"NUL in the secret":                {"[profile p]\naws_access_key_id = " + awsfake.DeveloperAccessKeyID + "\naws_secret_access_key = " + canary + "\x00\n", false, 3},
		"invalid UTF-8 in another profile": {"[profile q]\nx = \xff\xfe\n[profile p]\n" + good, true, 0},
		"invalid UTF-8 in the secret":      {"[profile p]\naws_access_key_id = " + awsfake.DeveloperAccessKeyID + "\naws_secret_access_key = " + canary + "\xff\n", false, 3},
		"UTF-16":                           {"\xff\xfe[\x00p\x00]\x00", false, 0},
		"a section twice":                  {"[profile p]\nregion = us-east-1\n[profile p]\n" + good, true, 0},
		"a line that is no setting":        {"[profile p]\n" + good + canary + "\n", false, 4},
		"a line that is none elsewhere":    {"[profile q]\n" + canary + "\n[profile p]\n" + good, true, 0},
		"an open header elsewhere":         {"[profile p]\n" + good + "[profile q\n", true, 0},
		"a circle":                         {"[profile p]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = q\n[profile q]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = p\n", false, 6},
		"a source that is missing":         {"[profile p]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = nowhere\n", false, 3},
		"both sources":                     {"[profile p]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = default\ncredential_source = Environment\n", false, 4},
		"an unknown source":                {"[profile p]\nrole_arn = arn:aws:iam::111122223333:role/R\ncredential_source = " + canary + "\n", false, 3},
		"a bad duration":                   {"[profile p]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = default\nduration_seconds = " + canary + "\n", false, 4},
		"half a key":                       {"[profile p]\naws_secret_access_key = " + canary + "\n", false, 2},
		"an empty key":                     {"[profile p]\naws_access_key_id =\naws_secret_access_key = " + canary + "\n", false, 2},
		"a secret with a comment":          {"[profile p]\naws_access_key_id = " + awsfake.DeveloperAccessKeyID + "\naws_secret_access_key = " + canary + " # mine\n", false, 3},
		"a key id that is none":            {"[profile p]\naws_access_key_id = " + canary + "\naws_secret_access_key = x\n", false, 2},
		"an unbalanced quote":              {"[profile p]\ncredential_process = x '" + canary + "\n", false, 2},
		"a bad endpoint":                   {"[profile p]\n" + good + "endpoint_url = ftp://" + canary + "\n", false, 4},
		"a bad region":                     {"[profile p]\n" + good + "region = " + canary + ".evil.example\n", false, 4},
	}
	m := newMachine(t, "")
	each(t, rows, func(name string, r row) {
		file := filepath.Join(t.TempDir(), "config")
		writeFile(t, file, r.config)
		for _, run := range m.ways(name) {
			o := run(t, request, []string{"AWS_CONFIG_FILE=" + file, "AWS_SHARED_CREDENTIALS_FILE="}, "--profile", "p", "get")
			if r.answered != o.answered() || !r.answered && !o.failed() {
				t.Errorf("%s: %s", name, o)
			}
			place := file
			if r.line > 0 {
				place += fmt.Sprintf(":%d)", r.line)
			}
			if !r.answered && !strings.Contains(o.stderr, place) {
				t.Errorf("%s: the error does not name %s: %s", name, place, o)
			}
			if strings.Contains(o.stderr, canary) || strings.Contains(o.stderr, awsfake.DeveloperSecretKey) {
				t.Errorf("%s: the error shows the line: %s", name, o)
			}
			o.within(t, name, time.Second)
		}
	})
	if n := m.cloud.Count(""); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// The same bytes in every locale and time zone, and after the end of 32-bit time.
func TestAnswerIsReproducible(t *testing.T) {
	t.Parallel()
	// Of the request, with the documented example key, by Python:
	//
	//	import functools, hashlib, hmac
	//	sign = lambda k, s: hmac.new(k, s.encode(), "sha256").digest()
	//	def password(t):
	//	    request = "GIT\n/v1/repos/SharedDemoRepo\n\nhost:git-codecommit.us-east-2.amazonaws.com\n\nhost\n"
	//	    scope = t[:8] + "/us-east-2/codecommit/aws4_request"
	//	    key = functools.reduce(sign, scope.split("/"), b"AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	//	    return t + "Z" + sign(key, "\n".join(["AWS4-HMAC-SHA256", t, scope, hashlib.sha256(request.encode()).hexdigest()])).hex()
	//	print(password("20260101T000000"))
	for at, password := range map[string]string{
		"2026-01-01T00:00:00Z": "20260101T000000Zc9582e6d138fc9bb46a8b92a675f8f37c1ea115747eed60a3f761d6fdb47eab3",
		"2038-01-19T03:14:08Z": "20380119T031408Z3cb2d6f38e8a0a4575f6b3988bc0ba1fb807badca28b745d2b922d1b414487fa",
		"2106-02-07T06:28:16Z": "21060207T062816Zdf65a8671f05ad2efe4de1341ef207b23b60b2cdcf20d21d2d322848fb1ea970",
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, zone := range []int{0, 14 * 3600, -12 * 3600, 20700} {
			var out, errs bytes.Buffer
			command.Run(cli.Process{
				Args: []string{"git-credential-codecommit", "get"}, Stdin: strings.NewReader(request), Stdout: &out, Stderr: &errs,
				StdinIsTerminal: func() bool { return false },
				LookupEnv: func(name string) (string, bool) {
					value, ok := map[string]string{
						"AWS_ACCESS_KEY_ID": awsfake.DeveloperAccessKeyID, "AWS_SECRET_ACCESS_KEY": awsfake.DeveloperSecretKey,
						"AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": "",
					}[name]
					return value, ok
				},
				Environ: func() []string { return nil },
				Home:    func() string { return "" },
				Now:     func() time.Time { return now.In(time.FixedZone("", zone)) },
			})
			want := fmt.Sprintf("username=%s\npassword=%s\npassword_expiry_utc=%d\n", awsfake.DeveloperAccessKeyID, password, now.Unix()+900)
			if out.String() != want {
				t.Errorf("%s, zone %d: got %q, want %q; %s", at, zone, &out, want, &errs)
			}
		}
	}
	m := staticMachine(t)
	for _, env := range [][]string{
		{"LC_ALL=tr_TR.UTF-8", "LANG=tr_TR.UTF-8"},
		{"LC_ALL=ar_EG.UTF-8", "TZ=Asia/Kathmandu"},
		{"LC_ALL=C", "TZ="},
		{"TZ=/nowhere"},
		{"TZ=:bad\x01", "LC_ALL=nonsense"},
		{"LC_ALL=th_TH.UTF-8", "TZ=Pacific/Kiritimati"},
	} {
		o := m.run(t, request, env, "get")
		if !o.answered() || o.stderr != "" {
			t.Errorf("%v: %s", env, o)
		}
		if want := "\npassword=" + time.Now().UTC().Format("20060102"); !strings.Contains(o.stdout, want) && !strings.Contains(o.stdout, time.Now().UTC().Add(-time.Minute).Format("20060102")) {
			t.Errorf("%v: the answer is not signed with today's date: %s", env, o)
		}
	}
}
