package awsfake

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A caller signs and sends STS requests. It has a separate signer, because the code
// under test must not verify itself.
type caller struct {
	t      *testing.T
	client *http.Client
	now    func() time.Time
	host   string
	Credentials
}

func newCaller(t *testing.T, c *Cloud, k Credentials) *caller {
	return &caller{t: t, client: client(t, c), now: time.Now, host: "sts.us-east-2.amazonaws.com", Credentials: k}
}

var developerKey = Credentials{AccessKeyID: DeveloperAccessKeyID, SecretAccessKey: DeveloperSecretKey}

// An stsAnswer is the response to any of the calls.
type stsAnswer struct {
	status      int
	Code        string     `xml:"Error>Code"`
	Message     string     `xml:"Error>Message"`
	Arn         string     `xml:"GetCallerIdentityResult>Arn"`
	Account     string     `xml:"GetCallerIdentityResult>Account"`
	Role        stsSession `xml:"AssumeRoleResult"`
	WebIdentity stsSession `xml:"AssumeRoleWithWebIdentityResult"`
	Session     stsSession `xml:"GetSessionTokenResult"`
}

type stsSession struct {
	AccessKeyID string    `xml:"Credentials>AccessKeyId"`
	Secret      string    `xml:"Credentials>SecretAccessKey"`
	Token       string    `xml:"Credentials>SessionToken"`
	Expiration  time.Time `xml:"Credentials>Expiration"`
	Arn         string    `xml:"AssumedRoleUser>Arn"`
	ID          string    `xml:"AssumedRoleUser>AssumedRoleId"`
}

func (s stsSession) credentials() Credentials {
	return Credentials{AccessKeyID: s.AccessKeyID, SecretAccessKey: s.Secret, SessionToken: s.Token, Expiration: s.Expiration}
}

func (c *caller) call(action string, params ...string) (answer stsAnswer) {
	c.t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2011-06-15"}}
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		form.Set(name, value)
	}
	body := form.Encode()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if c.AccessKeyID != "" {
		c.sign(header, body)
	}
	status, text := fetch(c.t, c.client, http.MethodPost, "https://"+c.host+"/", header, body)
	if err := xml.Unmarshal([]byte(text), &answer); err != nil {
		c.t.Fatalf("%s: %v: %s", action, err, text)
	}
	answer.status = status
	return answer
}

func (c *caller) sign(header http.Header, body string) {
	stamp := c.now().UTC().Format("20060102T150405Z")
	region := "us-east-1"
	if parts := strings.Split(c.host, "."); len(parts) > 3 {
		region = parts[1]
	}
	header.Set("X-Amz-Date", stamp)
	names, lines := "content-type;host;x-amz-date", "content-type:"+header.Get("Content-Type")+"\nhost:"+c.host+"\nx-amz-date:"+stamp+"\n"
	if c.SessionToken != "" {
		header.Set("X-Amz-Security-Token", c.SessionToken)
		names += ";x-amz-security-token"
		lines += "x-amz-security-token:" + c.SessionToken + "\n"
	}
	canonical := "POST\n/\n\n" + lines + "\n" + names + "\n" + sha256Hex([]byte(body))
	service, _, _ := strings.Cut(c.host, ".")
	scope := stamp[:8] + "/" + region + "/" + service + "/aws4_request"
	toSign := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + sha256Hex([]byte(canonical))
	key := hmacSHA256(hmacSHA256(hmacSHA256(hmacSHA256([]byte("AWS4"+c.SecretAccessKey), stamp[:8]), region), service), "aws4_request")
	header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x", c.AccessKeyID, scope, names, hmacSHA256(key, toSign)))
}

func TestGetCallerIdentity(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	c := newCaller(t, s.Cloud, developerKey)
	for _, host := range []string{"sts.us-east-2.amazonaws.com", "sts.amazonaws.com", "sts.eu-central-1.amazonaws.com"} {
		c.host = host
		if got := c.call("GetCallerIdentity"); got.Arn != DeveloperARN || got.Account != AccountB {
			t.Errorf("%s: %+v", host, got)
		}
	}
	session, err := s.NewSession(TeamRole, "alice", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	c.Credentials = session
	if got := c.call("GetCallerIdentity"); got.Arn != "arn:aws:sts::888888888888:assumed-role/DeveloperTeamRole/alice" {
		t.Errorf("role session: %+v", got)
	}
	if got := s.Requests(STS); len(got) != 4 || got[3].AccessKeyID != session.AccessKeyID || got[3].Action != "GetCallerIdentity" || got[3].Status != 200 {
		t.Errorf("recorded: %+v", got)
	}
}

func TestSTSRejectsUnknownCallers(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	session, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	revoked, err := s.NewSession(ContributorRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	s.Revoke(revoked.AccessKeyID)
	over, err := s.NewSession(ContributorRole, "test", -time.Second)
	if err != nil {
		t.Fatal(err)
	}
	noToken, otherToken := session, session
	noToken.SessionToken = ""
	otherToken.SessionToken = revoked.SessionToken
	for name, c := range map[string]struct {
		change func(*caller)
		code   string
	}{
		"no signature":     {func(c *caller) { c.AccessKeyID = "" }, "MissingAuthenticationToken"},
		"unknown key":      {func(c *caller) { c.AccessKeyID = "AKIAIOSFODNN7EXAMPLF" }, "InvalidClientTokenId"},
		"wrong secret":     {func(c *caller) { c.SecretAccessKey = "wrong" }, "SignatureDoesNotMatch"},
		"old signature":    {func(c *caller) { c.now = func() time.Time { return time.Now().Add(-16 * time.Minute) } }, "SignatureDoesNotMatch"},
		"early signature":  {func(c *caller) { c.now = func() time.Time { return time.Now().Add(16 * time.Minute) } }, "SignatureDoesNotMatch"},
		"no session token": {func(c *caller) { c.Credentials = noToken }, "InvalidClientTokenId"},
		"foreign token":    {func(c *caller) { c.Credentials = otherToken }, "InvalidClientTokenId"},
		"revoked session":  {func(c *caller) { c.Credentials = revoked }, "ExpiredToken"},
		"ended session":    {func(c *caller) { c.Credentials = over }, "ExpiredToken"},
		"other partition":  {func(c *caller) { c.host = "sts.cn-north-1.amazonaws.com.cn" }, "InvalidClientTokenId"},
	} {
		caller := newCaller(t, s.Cloud, developerKey)
		c.change(caller)
		if got := caller.call("GetCallerIdentity"); got.status != http.StatusForbidden || got.Code != c.code || got.Message == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	caller := newCaller(t, s.Cloud, developerKey)
	if got := caller.call("DoSomething"); got.status != 400 || got.Code != "InvalidAction" {
		t.Errorf("unknown action: %+v", got)
	}
}

func TestSTSRequiresTheRegionOfTheHostInTheScope(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	c := newCaller(t, s.Cloud, developerKey)
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	const body = "Action=GetCallerIdentity&Version=2011-06-15"
	c.sign(header, body) // for us-east-2
	if status, text := fetch(t, c.client, http.MethodPost, "https://sts.us-west-2.amazonaws.com/", header, body); status != 403 || !strings.Contains(text, "valid region") {
		t.Errorf("status %d: %s", status, text)
	}
}

func TestAssumeRoleRequiresBothAccounts(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	instance, err := s.NewSession(InstanceRole, "i-1", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	team, err := s.NewSession(TeamRole, "alice", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	maintainer := Credentials{AccessKeyID: MaintainerAccessKeyID, SecretAccessKey: MaintainerSecretKey}
	auditor := Credentials{AccessKeyID: AuditorAccessKeyID, SecretAccessKey: AuditorSecretKey}
	for name, c := range map[string]struct {
		who    Credentials
		params []string
		ok     bool
	}{
		"developer": {developerKey, []string{"RoleArn=" + ContributorRole}, true},
		"of the trusted account, without permission": {maintainer, []string{"RoleArn=" + ContributorRole}, false},
		"with permission, not trusted":               {instance, []string{"RoleArn=" + ContributorRole}, false},
		"instance":                                   {instance, []string{"RoleArn=" + RepoAccessRole}, true},
		"not the role it trusts":                     {developerKey, []string{"RoleArn=" + RepoAccessRole}, false},
		"external id":                                {auditor, []string{"RoleArn=" + AuditorRole, "ExternalId=" + AuditorExternalID}, true},
		"wrong external id":                          {auditor, []string{"RoleArn=" + AuditorRole, "ExternalId=Example43"}, false},
		"no external id":                             {auditor, []string{"RoleArn=" + AuditorRole}, false},
		"first of a chain, named in its account":     {developerKey, []string{"RoleArn=" + TeamRole}, true},
		"not named in its account":                   {maintainer, []string{"RoleArn=" + TeamRole}, false},
		"second of a chain":                          {team, []string{"RoleArn=" + ChainedRole}, true},
		"chain left out":                             {developerKey, []string{"RoleArn=" + ChainedRole}, false},
		"role that is not there":                     {developerKey, []string{"RoleArn=" + ContributorRole + "2"}, false},
	} {
		got := newCaller(t, s.Cloud, c.who).call("AssumeRole", append(c.params, "RoleSessionName=test")...)
		switch {
		case c.ok && (got.status != 200 || !strings.HasPrefix(got.Role.AccessKeyID, "ASIA") || !strings.HasSuffix(got.Role.Arn, "/test")):
			t.Errorf("%s: %+v", name, got)
		case !c.ok && (got.status != 403 || got.Code != "AccessDenied" || !strings.Contains(got.Message, "is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::")):
			t.Errorf("%s: %+v", name, got)
		case c.ok:
			left := time.Until(got.Role.Expiration)
			if left < 59*time.Minute || left > time.Hour {
				t.Errorf("%s: lasts %v", name, left)
			}
			if who := newCaller(t, s.Cloud, got.Role.credentials()).call("GetCallerIdentity"); who.Arn != got.Role.Arn {
				t.Errorf("%s: the session is %+v", name, who)
			}
		}
	}
}

func TestAssumeRoleWithinAnAccount(t *testing.T) {
	t.Parallel()
	const inside = "arn:aws:iam::888888888888:role/Inside"
	for name, c := range map[string]struct {
		trust  string
		policy string
		want   int
	}{
		"account trusted, caller allowed": {`{"AWS":"888888888888"}`, allowing("sts:AssumeRole", `"*"`), 200},
		"account trusted, caller silent":  {`{"AWS":"888888888888"}`, allowing("codecommit:*", `"*"`), 403},
		"caller trusted by name, silent":  {`{"AWS":"` + DeveloperARN + `"}`, allowing("codecommit:*", `"*"`), 200},
		"caller trusted by name, denied":  {`{"AWS":"` + DeveloperARN + `"}`, `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:*","Resource":"*"}}`, 403},
		"another user trusted, allowed":   {`{"AWS":"` + MaintainerARN + `"}`, allowing("sts:AssumeRole", `"*"`), 403},
		"service trusted, caller allowed": {`{"Service":"ec2.amazonaws.com"}`, allowing("sts:AssumeRole", `"*"`), 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t)
			if err := cloud.AddRole(Role{ARN: inside, Trust: trusting(c.trust, "sts:AssumeRole", "")}); err != nil {
				t.Fatal(err)
			}
			if err := cloud.AddUser(User{ARN: DeveloperARN, AccessKeys: []AccessKey{{DeveloperAccessKeyID, DeveloperSecretKey}}, Policies: []string{c.policy}}); err != nil {
				t.Fatal(err)
			}
			if got := newCaller(t, cloud, developerKey).call("AssumeRole", "RoleArn="+inside, "RoleSessionName=test"); got.status != c.want {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestAssumeRoleChecksItsParameters(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	team, err := s.NewSession(TeamRole, "alice", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who    Credentials
		params string
		want   string // in the message; empty: it works
	}{
		"shortest":              {developerKey, "DurationSeconds=900", ""},
		"too short":             {developerKey, "DurationSeconds=899", "greater than or equal to 900"},
		"longest of the role":   {developerKey, "DurationSeconds=14400", ""},
		"longer than the role":  {developerKey, "DurationSeconds=14401", "MaxSessionDuration"},
		"longer than any role":  {developerKey, "DurationSeconds=43201", "less than or equal to 43200"},
		"no number":             {developerKey, "DurationSeconds=1h", "Invalid Integer"},
		"no session name":       {developerKey, "RoleSessionName=", "roleSessionName"},
		"session name too long": {developerKey, "RoleSessionName=" + strings.Repeat("a", 65), "roleSessionName"},
		"bad session name":      {developerKey, "RoleSessionName=a b", "roleSessionName"},
		"good session name":     {developerKey, "RoleSessionName=a@b.c,d=e+f-g_h", ""},
		"no role":               {developerKey, "RoleArn=MyRole", "is invalid"},
		"not supported":         {developerKey, "SourceIdentity=alice", "does not support the parameter SourceIdentity"},
		"chained, one hour":     {team, "DurationSeconds=3600", ""},
		"chained, longer":       {team, "DurationSeconds=3601", "role chaining"},
	} {
		role := ContributorRole
		if c.who == team {
			role = ChainedRole
		}
		got := newCaller(t, s.Cloud, c.who).call("AssumeRole", "RoleArn="+role, "RoleSessionName=test", c.params)
		if c.want == "" && got.status != 200 || c.want != "" && (got.status != 400 || !strings.Contains(got.Message, c.want)) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestMFACodeWorksOnce(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	c := newCaller(t, s.Cloud, developerKey)
	assume := func(params ...string) stsAnswer {
		return c.call("AssumeRole", append(params, "RoleArn="+MFARole, "RoleSessionName=test")...)
	}
	if got := assume(); got.Code != "AccessDenied" {
		t.Errorf("without a code: %+v", got)
	}
	if got := assume("SerialNumber=" + DeveloperMFASerial); !strings.Contains(got.Message, "must provide both") {
		t.Errorf("without a code, with the serial: %+v", got)
	}
	if got := assume("SerialNumber="+DeveloperMFASerial, "TokenCode=000000"); !strings.Contains(got.Message, "invalid MFA one time pass code") {
		t.Errorf("wrong code: %+v", got)
	}
	if got := assume("SerialNumber=arn:aws:iam::888888888888:mfa/other", "TokenCode="+DeveloperMFACode); !strings.Contains(got.Message, "unable to validate") {
		t.Errorf("other device: %+v", got)
	}
	if got := assume("SerialNumber="+DeveloperMFASerial, "TokenCode="+DeveloperMFACode); got.status != 200 {
		t.Errorf("right code: %+v", got)
	}
	if got := assume("SerialNumber="+DeveloperMFASerial, "TokenCode="+DeveloperMFACode); got.status != 403 {
		t.Errorf("same code again: %+v", got)
	}
	s.SetMFACodes(DeveloperMFASerial, "111111")
	if got := assume("SerialNumber="+DeveloperMFASerial, "TokenCode="+DeveloperNextMFACode); got.status != 403 {
		t.Errorf("code of the past: %+v", got)
	}
	got := c.call("GetSessionToken", "SerialNumber="+DeveloperMFASerial, "TokenCode=111111")
	if got.status != 200 {
		t.Fatalf("session token: %+v", got)
	}
	c.Credentials = got.Session.credentials()
	if got := assume(); got.status != 200 {
		t.Errorf("with a session that remembers the code: %+v", got)
	}
	for _, r := range s.Requests("") {
		if strings.Contains(fmt.Sprintf("%+v", r), DeveloperMFACode) {
			t.Errorf("the record holds a code: %+v", r)
		}
	}
}

func TestChangedTrustPolicyAppliesImmediately(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	c := newCaller(t, s.Cloud, developerKey)
	if err := s.AddRole(Role{ARN: ContributorRole, Trust: trusting(`{"AWS":"444455556666"}`, "sts:AssumeRole", "")}); err != nil {
		t.Fatal(err)
	}
	if got := c.call("AssumeRole", "RoleArn="+ContributorRole, "RoleSessionName=test"); got.status != 403 {
		t.Errorf("%+v", got)
	}
}

// This is how the IAM console revokes a role's sessions.
func TestSessionsOlderThanADenyAreRejected(t *testing.T) {
	t.Parallel()
	s := newScenarios(t)
	old, err := s.NewSession(TeamRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	s.SetClock(time.Minute)
	revoke := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"` +
		s.Now().UTC().Format(time.RFC3339) + `"}}}]}`
	if err := s.AddRole(Role{
		ARN:      TeamRole,
		Trust:    trusting(`{"AWS":"888888888888"}`, "sts:AssumeRole", ""),
		Policies: []string{allowing("sts:AssumeRole", `"*"`), revoke},
	}); err != nil {
		t.Fatal(err)
	}
	s.SetClock(2 * time.Minute)
	young, err := s.NewSession(TeamRole, "test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who  Credentials
		want int
	}{{old, 403}, {young, 200}} {
		if got := newCaller(t, s.Cloud, c.who).call("AssumeRole", "RoleArn="+ChainedRole, "RoleSessionName=test"); got.status != c.want {
			t.Errorf("status %d, want %d: %+v", got.status, c.want, got)
		}
	}
}

func TestSigV4SuiteVector(t *testing.T) {
	t.Parallel()
	// From AWS's Signature Version 4 test suite, case get-vanilla.
	got := signature("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "service", "20150830T123600Z",
		"GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	if want := "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
