package e2e

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/canary"
	"git-credential-codecommit/test/program"
)

var update = flag.Bool("update", false, "write what the scripts' cmp commands found into test/script")

func TestMain(m *testing.M) {
	program.Main(m, map[string]func(){"click": clickMain, "relay": relayMain})
}

// TestScripts runs test/script/*.txtar, each in a separate HOME and cloud.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.RunT(watched(t), testscript.Params{
		Dir:                 filepath.Join("..", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Setup:               setUpScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"cloud":     cloudCommand,
			"requests":  requestsCommand,
			"nosecrets": noSecretsCommand,
			"chmod":     chmodCommand,
			"cause":     causeCommand,
			"fix":       fixCommand,
			"clicked":   clickedCommand,
		},
		Condition: func(name string) (bool, error) {
			if version, ok := strings.CutPrefix(name, "git:"); ok {
				return gitAtLeast(version)
			}
			switch name {
			case "root":
				return os.Geteuid() == 0, nil
			}
			return false, nil
		},
	})
}

// traceFile is the program's trace in a script; it is printed if the script fails.
const traceFile = ".trace"

// setUpScript gives a script the scenarios' cloud (see awsfake.StartScenarios), the
// environment for it, and a HOME that contains only git's settings.
func setUpScript(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	if err := os.MkdirAll(filepath.Join(home, ".aws"), 0o700); err != nil {
		return err
	}
	const gitconfig = "[user]\n\tname = Alice\n\temail = alice@example.com\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(gitconfig), 0o600); err != nil {
		return err
	}
	cloud, err := awsfake.StartScenarios(awsfake.Config{Dir: filepath.Join(env.WorkDir, ".cloud")})
	if err != nil {
		return err
	}
	env.Defer(cloud.Close)
	env.Values["cloud"] = cloud
	guard(env, cloud)
	for _, v := range program.Env(cloud.Cloud) {
		name, value, _ := strings.Cut(v, "=")
		env.Setenv(name, value)
	}
	env.Setenv("HOME", home)
	if runtime.GOOS == "windows" {
		env.Setenv("USERPROFILE", home)
	}
	env.Setenv("CONTAINER_URL", cloud.ContainerURL())
	env.Setenv("GIT_TRACE_CODECOMMIT", filepath.Join(env.WorkDir, traceFile))
	return nil
}

func cloudOf(ts *testscript.TestScript) *awsfake.Scenarios {
	return ts.Value("cloud").(*awsfake.Scenarios)
}

// cloudCommand changes the cloud:
//
//	cloud clock DURATION                   move its clock away from this machine's
//	cloud age                              make all earlier git signatures too old
//	cloud instance [v2only] [nov2] [norole] [expired] [code=C] [renamedfrom=R]
//	cloud noinstance                       this machine is none of EC2's
//	cloud container [token=T]              what the container endpoint asks for
//	cloud mfa SERIAL CODE...               the codes that the device shows now
//	cloud allowhost NAME REGION            a private name for CodeCommit
//	cloud revoke                           end the sessions that were handed out
//	cloud webidentity FILE [SUBJECT]       write a token of the GitHub provider
//	cloud ssotoken FILE DURATION           sign in to SSO; FILE as the AWS CLI writes it
//	cloud vanity HOST URL                  move the portal to URL, to which HOST redirects
//	cloud endsso                           end every SSO sign-in
//	cloud login FILE DURATION              sign in with `aws login` as the developer
//	cloud endlogins CODE                   refuse to renew logins with the code
//	cloud role FILE                        make or change a role: JSON of policy --only repository-account
//	cloud user developer|maintainer FILE   allow the user what the JSON of policy --only user-account says
//	cloud fail SERVICE WORD...             a fault; WORD is one of
//	    times=N skip=N action=A delay=D age hang reset drop serve status=N body=TEXT
//	    size=N code=C [message=M] (an STS error of that code)
//	cloud reset                            forget the record of requests and the faults
func cloudCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: cloud VERB ...")
	}
	c := cloudOf(ts)
	verb, args := args[0], args[1:]
	switch verb {
	case "clock":
		c.SetClock(durationArg(ts, args[0]))
	case "age":
		c.AgeSignatures()
	case "instance":
		i := &awsfake.Instance{Role: awsfake.InstanceRole, Region: awsfake.Region}
		for _, word := range args {
			name, value, _ := strings.Cut(word, "=")
			switch name {
			case "v2only":
				i.V2Only = true
			case "nov2":
				i.NoV2 = true
			case "norole":
				i.Role = ""
			case "expired":
				i.Expired = true
			case "code":
				i.Code = value
			case "renamedfrom":
				i.RenamedFrom = value
			case "length":
				i.SessionLength = durationArg(ts, value)
			default:
				ts.Fatalf("unknown word %q", word)
			}
		}
		c.SetInstance(i)
	case "noinstance":
		c.SetInstance(nil)
	case "container":
		task := &awsfake.ContainerTask{Role: awsfake.ContainerRole, Path: awsfake.ContainerPath}
		for _, word := range args {
			if token, ok := strings.CutPrefix(word, "token="); ok {
				task.Authorization = token
			}
		}
		c.SetContainer(task)
	case "mfa":
		c.SetMFACodes(args[0], args[1:]...)
	case "allowhost":
		c.AllowHost(args[0], args[1])
	case "revoke":
		for _, r := range c.Requests("") {
			if strings.HasPrefix(r.AccessKeyID, "ASIA") {
				c.Revoke(r.AccessKeyID)
			}
		}
	case "webidentity":
		subject := awsfake.GitHubSubject
		if len(args) > 1 {
			subject = args[1]
		}
		token, err := c.WebIdentityToken(awsfake.GitHubIssuer, subject, awsfake.GitHubAudience, time.Hour)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(token), 0o600))
	case "ssotoken":
		writeJSON(ts, args[0], c.NewSSOToken(durationArg(ts, args[1])))
	case "vanity":
		ts.Check(c.SetPortal(args[1], awsfake.Region, awsfake.Assignment{Account: awsfake.AccountA, RoleName: awsfake.SSOContributorRole}))
		c.AddVanityURL(args[0])
	case "ssouser":
		c.SetSSOUser(args[0])
	case "endsso":
		c.EndSSOTokens()
	case "login":
		login, err := c.NewLogin(awsfake.DeveloperARN, durationArg(ts, args[1]))
		ts.Check(err)
		writeJSON(ts, args[0], login)
	case "endlogins":
		c.EndLogins(args[0])
	case "role":
		applyRole(ts, c, ts.ReadFile(args[0]))
	case "user":
		applyUser(ts, c, args[0], args[1:])
	case "fail":
		c.Fail(args[0], faultOf(ts, args[1:]))
	case "reset":
		c.Reset()
	default:
		ts.Fatalf("unknown verb %q", verb)
	}
}

// applyRole applies policy's output for the repository's account, like an
// administrator.
func applyRole(ts *testscript.TestScript, c *awsfake.Scenarios, printed string) {
	var p struct {
		Role                      string
		TrustPolicy, AccessPolicy json.RawMessage
	}
	ts.Check(json.Unmarshal([]byte(printed), &p))
	ts.Check(c.AddRole(awsfake.Role{ARN: p.Role, Trust: string(p.TrustPolicy), Policies: []string{string(p.AccessPolicy)}}))
}

// applyUser applies policy's output for the user's account, like an administrator.
func applyUser(ts *testscript.TestScript, c *awsfake.Scenarios, who string, files []string) {
	users := map[string]awsfake.User{
		"developer":  {ARN: awsfake.DeveloperARN, AccessKeys: []awsfake.AccessKey{{ID: awsfake.DeveloperAccessKeyID, Secret: awsfake.DeveloperSecretKey}}},
		"maintainer": {ARN: awsfake.MaintainerARN, AccessKeys: []awsfake.AccessKey{{ID: awsfake.MaintainerAccessKeyID, Secret: awsfake.MaintainerSecretKey}}},
	}
	u, ok := users[who]
	if !ok {
		ts.Fatalf("unknown user %q", who)
	}
	for _, file := range files {
		var p struct{ AssumeRolePolicy json.RawMessage }
		ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &p))
		u.Policies = append(u.Policies, string(p.AssumeRolePolicy))
	}
	ts.Check(c.AddUser(u))
}

func faultOf(ts *testscript.TestScript, words []string) awsfake.Fault {
	var f awsfake.Fault
	code, message := "", "a message with the canary "+awsfake.DeveloperSecretKey
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "times":
			f.Times = intArg(ts, value)
		case "skip":
			f.Skip = intArg(ts, value)
		case "action":
			f.Action = value
		case "delay":
			f.Delay = durationArg(ts, value)
		case "age":
			f.Age = true
		case "hang":
			f.Hang = true
		case "reset":
			f.Reset = true
		case "drop":
			f.Drop = true
		case "serve":
			f.Serve = true
		case "echo":
			f.Echo = true
		case "status":
			f.Status = intArg(ts, value)
		case "body":
			f.Body = value
		case "size":
			f.Size = int64(intArg(ts, value))
		case "code":
			code = value
		case "message":
			message = value
		default:
			ts.Fatalf("unknown word %q", word)
		}
	}
	if code != "" {
		sts := awsfake.STSError(f.Status, code, message)
		f.Header, f.Body = sts.Header, sts.Body
	}
	return f
}

// requestsCommand checks how many requests a service received: requests SERVICE N
// [ACTION].
func requestsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: requests SERVICE N [ACTION]")
	}
	got := 0
	var log strings.Builder
	for _, r := range cloudOf(ts).Requests(args[0]) {
		if len(args) < 3 || r.Action == args[2] {
			got++
		}
		log.WriteString(r.Service + " " + r.Method + " " + r.Host + r.Path + " " + r.Action + " " + strconv.Itoa(r.Status) + "\n")
	}
	if got != intArg(ts, args[1]) {
		ts.Fatalf("%d requests to %s:\n%s", got, args[0], log.String())
	}
}

// noSecretsCommand searches for all secrets of the cloud, in every encoding:
// nosecrets stdout|stderr|FILE...
func noSecretsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: nosecrets stdout|stderr|FILE ...")
	}
	for _, name := range args {
		if canary.Found(ts.ReadFile(name), cloudOf(ts).Secrets()) {
			ts.Fatalf("%s contains a secret", name)
		}
	}
}

// chmodCommand changes a file's mode: chmod 0600 FILE.
func chmodCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: chmod MODE FILE")
	}
	mode, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	ts.Check(os.Chmod(ts.MkAbs(args[1]), os.FileMode(mode)))
}

func writeJSON(ts *testscript.TestScript, path string, value any) {
	path = ts.MkAbs(path)
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o700))
	ts.Check(writeJSONFile(path, value))
}

func writeJSONFile(path string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

func intArg(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}

func durationArg(ts *testscript.TestScript, s string) time.Duration {
	d, err := time.ParseDuration(s)
	ts.Check(err)
	return d
}
