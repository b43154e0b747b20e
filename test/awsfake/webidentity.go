package awsfake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"time"
)

// An IdentityProvider is an account's OIDC provider (GitHub, GitLab, an EKS
// cluster). Its tokens can be exchanged for role sessions.
type IdentityProvider struct {
	Account   string
	Issuer    string // URL, such as https://token.actions.githubusercontent.com
	Audiences []string
}

// An issuer signs the tokens of the identity providers with its URL.
type issuer struct {
	key      *ecdsa.PrivateKey
	accounts map[string][]string // account → audiences
}

// AddIssuer adds a token issuer. No account accepts its tokens yet.
func (c *Cloud) AddIssuer(issuerURL string) error {
	if !strings.HasPrefix(issuerURL, "https://") {
		return fmt.Errorf("awsfake: issuer %q", issuerURL)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("awsfake: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.issuers[issuerURL] == nil {
		c.issuers[issuerURL] = &issuer{key: key, accounts: map[string][]string{}}
	}
	return nil
}

// AddIdentityProvider makes an account accept an issuer's tokens.
func (c *Cloud) AddIdentityProvider(p IdentityProvider) error {
	if !isAccount(p.Account) {
		return fmt.Errorf("awsfake: identity provider %q in account %q", p.Issuer, p.Account)
	}
	if err := c.AddIssuer(p.Issuer); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.issuers[p.Issuer].accounts[p.Account] = p.Audiences
	return nil
}

// WebIdentityToken creates a token (JWT, ES256) of an issuer for a subject. It is
// valid for length, starting at the cloud's time.
func (c *Cloud) WebIdentityToken(issuerURL, subject, audience string, length time.Duration) (string, error) {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	from := c.issuers[issuerURL]
	if from == nil {
		return "", fmt.Errorf("awsfake: no identity provider %q", issuerURL)
	}
	token, err := signJWT(from.key, map[string]any{"typ": "JWT", "alg": "ES256", "kid": "1"}, map[string]any{
		"iss": issuerURL,
		"sub": subject,
		"aud": audience,
		"iat": now.Unix(),
		"nbf": now.Unix(),
		"exp": now.Add(length).Unix(),
		"jti": requestID(),
	})
	if err != nil {
		return "", fmt.Errorf("awsfake: %w", err)
	}
	c.secrets = append(c.secrets, token)
	return token, nil
}

// assumeRoleWithWebIdentity follows
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func (c *Cloud) assumeRoleWithWebIdentity(form url.Values, e endpoint) (string, *apiError) {
	length, refusal := sessionLength(form, defaultSession, maxSession)
	if refusal != nil {
		return "", refusal
	}
	target, refusal := checkRoleParams(form)
	if refusal != nil {
		return "", refusal
	}
	token := form.Get("WebIdentityToken")
	if len(token) < 4 {
		return "", validationError(token, "webIdentityToken", "Member must have length greater than or equal to 4")
	}
	var claims struct {
		Issuer   string            `json:"iss"`
		Subject  string            `json:"sub"`
		Audience oneOrMany[string] `json:"aud"`
		Expires  int64             `json:"exp"`
	}
	invalid := func(message string) (string, *apiError) {
		return "", &apiError{400, "InvalidIdentityToken", message}
	}
	parsed, err := parseJWT(token)
	if err != nil || json.Unmarshal(parsed.claims, &claims) != nil {
		return invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}

	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	account, err := parseARN(target)
	if err != nil {
		return "", &apiError{400, "ValidationError", target + " is invalid"}
	}
	from := c.issuers[claims.Issuer]
	if from == nil || from.accounts[account.account] == nil {
		return invalid("No OpenIDConnect provider found in your account for " + claims.Issuer)
	}
	if !parsed.signedBy(&from.key.PublicKey) {
		return invalid("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
	}
	if now.Unix() >= claims.Expires {
		return "", &apiError{400, "ExpiredTokenException", fmt.Sprintf("Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), claims.Expires)}
	}
	audience := ""
	for _, accepted := range from.accounts[account.account] {
		for _, a := range claims.Audience {
			if a == accepted {
				audience = a
			}
		}
	}
	if audience == "" {
		return invalid("Incorrect token audience")
	}

	provider := strings.TrimPrefix(claims.Issuer, "https://")
	context := map[string]string{
		"sts:rolesessionname":              form.Get("RoleSessionName"),
		strings.ToLower(provider) + ":aud": audience,
		strings.ToLower(provider) + ":sub": claims.Subject,
	}
	c.network.addTo(context)
	r := c.roles[target]
	if r == nil || r.arn.partition != e.partition || decide([]*policy{r.trust}, question{
		action:  "sts:AssumeRoleWithWebIdentity",
		context: context,
		asker:   asker{federated: fmt.Sprintf("arn:%s:iam::%s:oidc-provider/%s", account.partition, account.account, provider)},
	}) != allowed {
		return "", &apiError{403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
	}
	if length > r.maxSession {
		return "", errTooLong
	}
	k := c.newSession(&r.identity, true, form.Get("RoleSessionName"), now, length)
	return fmt.Sprintf("    <SubjectFromWebIdentityToken>%s</SubjectFromWebIdentityToken>\n    <Audience>%s</Audience>\n    <Provider>%s</Provider>\n",
		escapeXML(claims.Subject), escapeXML(audience), escapeXML(provider)) + assumedRole(k), nil
}

// A jwt is a parsed JSON Web Token whose signature has not been verified.
type jwt struct {
	header, claims []byte // JSON
	signed         string // the signed part
	signature      []byte
}

func parseJWT(token string) (jwt, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return jwt{}, fmt.Errorf("jwt: %d parts", len(parts))
	}
	var decoded [3][]byte
	for i, p := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(p); err != nil {
			return jwt{}, fmt.Errorf("jwt: %w", err)
		}
	}
	return jwt{header: decoded[0], claims: decoded[1], signed: parts[0] + "." + parts[1], signature: decoded[2]}, nil
}

// signedBy verifies an ES256 signature: RFC 7518, section 3.4.
func (j jwt) signedBy(key *ecdsa.PublicKey) bool {
	var header struct{ Alg string }
	if json.Unmarshal(j.header, &header) != nil || header.Alg != "ES256" || len(j.signature) != 64 {
		return false
	}
	sum := sha256.Sum256([]byte(j.signed))
	return ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(j.signature[:32]), new(big.Int).SetBytes(j.signature[32:]))
}

func signJWT(key *ecdsa.PrivateKey, header, claims map[string]any) (string, error) {
	var parts [2]string
	for i, part := range []map[string]any{header, claims} {
		data, err := json.Marshal(part)
		if err != nil {
			return "", fmt.Errorf("jwt: %w", err)
		}
		parts[i] = base64.RawURLEncoding.EncodeToString(data)
	}
	signed := parts[0] + "." + parts[1]
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", fmt.Errorf("jwt: %w", err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}
