package awsfake

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// A User is an IAM user.
type User struct {
	ARN        string // arn:aws:iam::ACCOUNT:user/NAME
	AccessKeys []AccessKey
	MFADevices []MFADevice
	Policies   []string // IAM policy documents
	Tags       map[string]string
}

// An AccessKey is a user's long-term key.
type AccessKey struct{ ID, Secret string }

// An MFADevice is a user's second factor.
type MFADevice struct {
	Serial string   // ARN
	Codes  []string // currently valid codes; each works once
}

// A Role is an IAM role.
type Role struct {
	ARN        string        // arn:aws:iam::ACCOUNT:role/NAME
	Trust      string        // trust policy document
	Policies   []string      // IAM policy documents
	MaxSession time.Duration // zero means one hour, as in IAM
}

// Credentials are an access key that the cloud issued.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string    // empty for a user's key
	Expiration      time.Time // zero for a user's key
}

// An arn is a parsed Amazon Resource Name.
type arn struct{ partition, service, region, account, resource string }

func parseARN(s string) (arn, error) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[2] == "" || p[5] == "" {
		return arn{}, fmt.Errorf("%q is not an ARN", s)
	}
	return arn{p[1], p[2], p[3], p[4], p[5]}, nil
}

// baseName returns the last part of a resource's path: NAME of role/some/path/NAME.
func (a arn) baseName() string { return a.resource[strings.LastIndexByte(a.resource, '/')+1:] }

// An identity is a user or a role, with its policies.
type identity struct {
	arn      arn
	text     string             // the ARN
	id       string             // AIDA… or AROA…
	policies []*policy          // all policies: given, inline, and from groups
	given    []*policy          // from AddUser or AddRole
	inline   map[string]*policy // by name, added through the IAM API
	tags     map[string]string
}

type user struct {
	identity
	mfa map[string]map[string]bool // serial → codes that are still valid
}

type role struct {
	identity
	trust      *policy
	maxSession time.Duration
}

// A credential is an access key that the cloud accepts: a user's, or a session's.
type credential struct {
	Credentials
	of      *identity
	isRole  bool
	session string    // name of the role session
	issued  time.Time // zero for a user's own key
	mfa     time.Time // when MFA was used; zero if it was not
	revoked bool
}

// arn returns the caller's ARN as GetCallerIdentity does.
func (k *credential) arn() string {
	if !k.isRole {
		return k.of.text
	}
	return fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", k.of.arn.partition, k.of.arn.account, k.of.arn.baseName(), k.session)
}

// userID returns the caller's UserId as GetCallerIdentity does.
func (k *credential) userID() string {
	if !k.isRole {
		return k.of.id
	}
	return k.of.id + ":" + k.session
}

func (k *credential) asker() asker {
	a := asker{arn: k.arn(), account: k.of.arn.account}
	if k.isRole {
		a.roleARN = k.of.text
	}
	return a
}

// context returns the condition keys of the credential. Long-term keys have none
// about MFA, so a Bool condition does not match, but BoolIfExists does. Role
// sessions do not inherit their caller's MFA.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (k *credential) context(now time.Time) map[string]string {
	c := map[string]string{
		"aws:principalarn":     k.of.text,
		"aws:principalaccount": k.of.arn.account,
	}
	for key, value := range k.of.tags {
		c[principalTag+strings.ToLower(key)] = value
	}
	if k.issued.IsZero() {
		return c
	}
	c["aws:tokenissuetime"] = k.issued.UTC().Format(time.RFC3339)
	c["aws:multifactorauthpresent"] = fmt.Sprint(!k.mfa.IsZero())
	if !k.mfa.IsZero() {
		c["aws:multifactorauthage"] = fmt.Sprint(int(now.Sub(k.mfa).Seconds()))
	}
	return c
}

// AddUser adds an IAM user, or replaces the one with that ARN.
func (c *Cloud) AddUser(u User) error {
	id, err := newIdentity(u.ARN, "user/", "AIDA", u.Policies)
	if err != nil {
		return fmt.Errorf("awsfake: user: %w", err)
	}
	id.tags = u.Tags
	added := &user{identity: id, mfa: map[string]map[string]bool{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.users[u.ARN]; old != nil {
		for key, k := range c.credentials {
			if k.of == &old.identity {
				delete(c.credentials, key)
			}
		}
	}
	c.users[u.ARN] = added
	for _, k := range u.AccessKeys {
		c.credentials[k.ID] = &credential{
			Credentials: Credentials{AccessKeyID: k.ID, SecretAccessKey: k.Secret},
			of:          &added.identity,
		}
		c.secrets = append(c.secrets, k.Secret)
	}
	for _, d := range u.MFADevices {
		added.mfa[d.Serial] = codeSet(d.Codes)
	}
	return nil
}

// SetMFACodes replaces the valid codes of a user's device.
func (c *Cloud) SetMFACodes(serial string, codes ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.users {
		if u.mfa[serial] != nil {
			u.mfa[serial] = codeSet(codes)
		}
	}
}

func codeSet(codes []string) map[string]bool {
	set := map[string]bool{}
	for _, code := range codes {
		set[code] = true
	}
	return set
}

// AddRole adds an IAM role, or replaces the one with that ARN; its sessions remain
// valid.
func (c *Cloud) AddRole(r Role) error {
	id, err := newIdentity(r.ARN, "role/", "AROA", r.Policies)
	if err != nil {
		return fmt.Errorf("awsfake: role: %w", err)
	}
	trust, err := parseTrustPolicy(r.Trust)
	if err != nil {
		return fmt.Errorf("awsfake: role %s: %w", r.ARN, err)
	}
	if r.MaxSession == 0 {
		r.MaxSession = time.Hour
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.roles[r.ARN]; old != nil {
		old.policies, old.given, old.inline = id.policies, id.given, nil
		old.trust, old.maxSession = trust, r.MaxSession
		return nil
	}
	c.roles[r.ARN] = &role{identity: id, trust: trust, maxSession: r.MaxSession}
	return nil
}

func newIdentity(text, kind, prefix string, policies []string) (identity, error) {
	a, err := parseARN(text)
	if err != nil {
		return identity{}, err
	}
	if a.service != "iam" || !isAccount(a.account) || !strings.HasPrefix(a.resource, kind) {
		return identity{}, fmt.Errorf("%q is not the ARN of a %s", text, strings.TrimSuffix(kind, "/"))
	}
	id := identity{arn: a, text: text, id: prefix + randomID()}
	for _, document := range policies {
		p, err := parseIdentityPolicy(document)
		if err != nil {
			return identity{}, fmt.Errorf("%s: %w", text, err)
		}
		id.given = append(id.given, p)
	}
	id.policies = id.given
	return id, nil
}

// NewSession creates a session of a role without checking permissions, for tests
// that start with temporary credentials.
func (c *Cloud) NewSession(roleARN, name string, length time.Duration) (Credentials, error) {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.roles[roleARN]
	if r == nil {
		return Credentials{}, fmt.Errorf("awsfake: no role %q", roleARN)
	}
	return c.newSession(&r.identity, true, name, now, length).Credentials, nil
}

// newSession creates temporary credentials. The caller holds c.mu.
func (c *Cloud) newSession(of *identity, isRole bool, name string, now time.Time, length time.Duration) *credential {
	k := &credential{
		Credentials: Credentials{
			AccessKeyID:     "ASIA" + randomID(),
			SecretAccessKey: randomSecret(30),
			// Real tokens have this prefix, and are usually longer.
			SessionToken: "IQoJb3JpZ2luX2VjEXAMPLE//////////" + randomSecret(270) + "==",
			// STS uses whole seconds.
			Expiration: now.Add(length).UTC().Truncate(time.Second),
		},
		of:      of,
		isRole:  isRole,
		session: name,
		issued:  now,
	}
	c.credentials[k.AccessKeyID] = k
	c.secrets = append(c.secrets, k.SecretAccessKey, k.SessionToken)
	return k
}

// Revoke ends the session with an access key ID immediately.
func (c *Cloud) Revoke(accessKeyID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.credentials[accessKeyID]; k != nil {
		k.revoked = true
	}
}

// Secrets returns every secret of the cloud, configured or generated: keys, session
// tokens and bearer tokens. A program under test must not print them or leave them
// in unexpected files.
func (c *Cloud) Secrets() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.secrets...)
}

// randomID returns the part of an ID after its four-letter prefix.
func randomID() string {
	b := make([]byte, 10)
	rand.Read(b) //nolint:errcheck // it never fails
	return base32.StdEncoding.EncodeToString(b)
}

// randomSecret returns n random bytes in base64. n is a multiple of three.
func randomSecret(n int) string {
	b := make([]byte, n)
	rand.Read(b) //nolint:errcheck // it never fails
	return base64.StdEncoding.EncodeToString(b)
}

// requestID returns a random UUID: RFC 9562, section 5.4.
func requestID() string {
	b := make([]byte, 16)
	rand.Read(b) //nolint:errcheck // it never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
