package awsfake

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// How long the OIDC service's codes and tokens are valid.
const (
	accessTokenLength  = time.Hour
	registrationLength = 90 * 24 * time.Hour
	deviceCodeLength   = 10 * time.Minute
	authCodeLength     = 5 * time.Minute
)

// deviceInterval is the minimum interval between two requests with a device code.
const deviceInterval = time.Second

// accountAccess is the scope that the portal's API and refresh tokens require.
const accountAccess = "sso:account:access"

// The grants that the OIDC service supports.
const (
	grantRefresh  = "refresh_token"
	grantDevice   = "urn:ietf:params:oauth:grant-type:device_code"
	grantAuthCode = "authorization_code"
)

// An oidcClient is a registered program.
type oidcClient struct {
	secret       string
	scopes       []string
	grants       []string // empty for the device code grant
	redirectURIs []string
	expires      time.Time
}

// allows reports whether the client registered for a grant.
func (o *oidcClient) allows(grant string) bool {
	return len(o.grants) == 0 && grant != grantAuthCode || slices.Contains(o.grants, grant)
}

// A device is a program that waits until a person allows it in a browser.
type device struct {
	clientID string
	userCode string
	end      time.Time
	next     time.Time // earliest time of the next request
	decided  bool
	allowed  bool
}

// addClient registers a client. The caller holds c.mu.
func (c *Cloud) addClient(o *oidcClient) (id, secret string) {
	id, o.secret = "client-"+randomID(), randomSecret(33)
	c.portal.clients[id] = o
	c.secrets = append(c.secrets, o.secret)
	return id, o.secret
}

// oidcActions are the operations of the OIDC service, by method and path.
// See https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_Operations.html
var oidcActions = map[string]string{
	"POST /client/register":      "RegisterClient",
	"POST /device_authorization": "StartDeviceAuthorization",
	"POST /token":                "CreateToken",
	"GET /authorize":             "Authorize",
	"POST /authorize":            "Decide",
}

// An oidcRequest is the body of a request to the OIDC service.
type oidcRequest struct {
	ClientName, ClientType, IssuerURL string
	Scopes, GrantTypes, RedirectURIs  []string

	ClientID, ClientSecret, StartURL string

	GrantType, RefreshToken, DeviceCode string
	Code, CodeVerifier, RedirectURI     string
}

// An oidcError is an error response of the OIDC service.
type oidcError struct {
	status            int
	exception         string
	code, description string
}

// serveOIDC is the OIDC service.
func (c *Cloud) serveOIDC(w http.ResponseWriter, r *http.Request, e endpoint) {
	action := oidcActions[r.Method+" "+r.URL.Path]
	entry := c.record(r, SSOOIDC)
	c.note(entry, func(entry *Request) { entry.Action = action })
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		if action == "Authorize" || action == "Decide" {
			c.servePage(w, r, e)
			return
		}
		body, err := readBody(r)
		if err != nil {
			panic(http.ErrAbortHandler) // the client disconnected
		}
		var asked oidcRequest
		var answer map[string]any
		refused := &oidcError{http.StatusBadRequest, "InvalidRequestException", "invalid_request", "Invalid request"}
		if action != "" && json.Unmarshal(body, &asked) == nil {
			answer, refused = c.answerOIDC(action, asked, e)
		}
		if refused != nil {
			w.Header().Set("x-amzn-ErrorType", refused.exception)
			writeJSON(w, refused.status, map[string]string{"error": refused.code, "error_description": refused.description})
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

func (c *Cloud) answerOIDC(action string, asked oidcRequest, e endpoint) (map[string]any, *oidcError) {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if action == "RegisterClient" {
		return c.registerClient(asked, e, now)
	}
	client := c.portal.clients[asked.ClientID]
	if client == nil || client.secret != asked.ClientSecret || e.region != c.portal.region || !now.Before(client.expires) {
		return nil, &oidcError{http.StatusUnauthorized, "InvalidClientException", "invalid_client", "Invalid client"}
	}
	if action == "StartDeviceAuthorization" {
		return c.startDeviceAuthorization(asked, client, e, now)
	}
	if refused := c.checkGrant(asked, client, now); refused != nil {
		return nil, refused
	}
	access, refresh := c.newAccessToken(asked.ClientID, now.Add(accessTokenLength))
	answer := map[string]any{"accessToken": access, "expiresIn": int(accessTokenLength.Seconds()), "tokenType": "Bearer"}
	if refresh != "" {
		answer["refreshToken"] = refresh
	}
	return answer, nil
}

// loopbackRedirect is the redirect URI of a client on the person's machine.
const loopbackRedirect = "http://127.0.0.1/oauth/callback"

func (c *Cloud) registerClient(asked oidcRequest, e endpoint, now time.Time) (map[string]any, *oidcError) {
	switch {
	case e.region != c.portal.region || asked.ClientName == "":
		return nil, &oidcError{http.StatusBadRequest, "InvalidRequestException", "invalid_request", "Invalid request"}
	case asked.ClientType != "public":
		return nil, &oidcError{http.StatusBadRequest, "InvalidClientMetadataException", "invalid_client_metadata", "Invalid client type"}
	}
	client := &oidcClient{scopes: asked.Scopes, grants: asked.GrantTypes, redirectURIs: asked.RedirectURIs, expires: now.Add(registrationLength)}
	if client.allows(grantAuthCode) {
		switch {
		case asked.IssuerURL != c.portal.startURL:
			return nil, &oidcError{http.StatusBadRequest, "InvalidRequestException", "invalid_request", "Invalid issuer"}
		case !slices.Equal(asked.RedirectURIs, []string{loopbackRedirect}):
			return nil, &oidcError{http.StatusBadRequest, "InvalidRedirectUriException", "invalid_redirect_uri", "Invalid redirect URI"}
		case !slices.Contains(asked.Scopes, accountAccess):
			return nil, &oidcError{http.StatusBadRequest, "InvalidScopeException", "invalid_scope", "Invalid scope"}
		}
	}
	id, secret := c.addClient(client)
	return map[string]any{
		"clientId": id, "clientSecret": secret,
		"clientIdIssuedAt": now.Unix(), "clientSecretExpiresAt": client.expires.Unix(),
	}, nil
}

func (c *Cloud) startDeviceAuthorization(asked oidcRequest, client *oidcClient, e endpoint, now time.Time) (map[string]any, *oidcError) {
	switch {
	case asked.StartURL != c.portal.startURL:
		return nil, &oidcError{http.StatusBadRequest, "InvalidRequestException", "invalid_request", "Invalid start URL"}
	case !client.allows(grantDevice):
		return nil, &oidcError{http.StatusBadRequest, "UnauthorizedClientException", "unauthorized_client", "The client is not authorized for this grant"}
	}
	code, id := randomSecret(33), strings.ToUpper(randomID())
	d := &device{clientID: asked.ClientID, userCode: id[:4] + "-" + id[4:8], end: now.Add(deviceCodeLength)}
	c.portal.devices[code] = d
	c.secrets = append(c.secrets, code)
	_, suffix := partitionOf(e.region)
	page := "https://device.sso." + e.region + "." + suffix + "/"
	return map[string]any{
		"deviceCode": code, "userCode": d.userCode,
		"verificationUri": page, "verificationUriComplete": page + "?user_code=" + d.userCode,
		"expiresIn": int(deviceCodeLength.Seconds()), "interval": int(deviceInterval.Seconds()),
	}, nil
}

// checkGrant checks whether the client may have a token, and invalidates its code.
// The caller holds c.mu.
func (c *Cloud) checkGrant(asked oidcRequest, client *oidcClient, now time.Time) *oidcError {
	invalid := &oidcError{http.StatusBadRequest, "InvalidGrantException", "invalid_grant", "Invalid grant provided"}
	switch asked.GrantType {
	case grantRefresh, grantDevice, grantAuthCode:
	default:
		return &oidcError{http.StatusBadRequest, "UnsupportedGrantTypeException", "unsupported_grant_type", "Unsupported grant type"}
	}
	if !client.allows(asked.GrantType) {
		return &oidcError{http.StatusBadRequest, "UnauthorizedClientException", "unauthorized_client", "The client is not authorized for this grant"}
	}
	switch asked.GrantType {
	case grantRefresh:
		granted := c.portal.refresh[asked.RefreshToken] == asked.ClientID
		delete(c.portal.refresh, asked.RefreshToken)
		if !granted {
			return invalid
		}
	case grantAuthCode:
		a := c.portal.codes[asked.Code]
		delete(c.portal.codes, asked.Code) // a code works once: RFC 6749, section 4.1.2
		if a == nil || a.clientID != asked.ClientID || a.redirectURI != asked.RedirectURI || !now.Before(a.end) || !a.verified(asked.CodeVerifier) {
			return invalid
		}
	case grantDevice:
		d := c.portal.devices[asked.DeviceCode]
		if d == nil || d.clientID != asked.ClientID {
			return invalid
		}
		return c.checkDevice(asked.DeviceCode, d, now)
	}
	return nil
}

// checkDevice checks whether a person has allowed the device.
// See RFC 8628, section 3.5. The caller holds c.mu.
func (c *Cloud) checkDevice(code string, d *device, now time.Time) *oidcError {
	tooSoon := now.Before(d.next)
	d.next = now.Add(deviceInterval)
	switch {
	case !now.Before(d.end):
		return &oidcError{http.StatusBadRequest, "ExpiredTokenException", "expired_token", "The device code has expired"}
	case tooSoon:
		return &oidcError{http.StatusBadRequest, "SlowDownException", "slow_down", "Too many requests"}
	case !d.decided:
		return &oidcError{http.StatusBadRequest, "AuthorizationPendingException", "authorization_pending", "The user has not yet decided"}
	case !d.allowed:
		return &oidcError{http.StatusBadRequest, "AccessDeniedException", "access_denied", "The user refused"}
	}
	delete(c.portal.devices, code)
	return nil
}

// A consent is a request for an authorization code that a person allows or denies
// in a browser.
type consent struct {
	clientID, redirectURI, state, challenge string
	end                                     time.Time
}

// verified reports whether the verifier matches the challenge: RFC 7636, section
// 4.6.
func (a *consent) verified(verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return verifierForm.MatchString(verifier) && base64.RawURLEncoding.EncodeToString(sum[:]) == a.challenge
}

// The formats of RFC 7636, sections 4.1 and 4.2.
var (
	verifierForm  = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)
	challengeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
)

// loopbackForm is loopbackRedirect with the port that the system chose.
var loopbackForm = regexp.MustCompile(`^http://127\.0\.0\.1:[1-9][0-9]{0,4}/oauth/callback$`)

// newConsent checks the parameters of /authorize. The problem is shown to the
// person, because nothing may be sent to a redirect URI that the client did not
// register. The caller holds c.mu.
func (c *Cloud) newConsent(query url.Values, region string, now time.Time) (a *consent, problem string) {
	one := func(name string) string {
		if len(query[name]) != 1 {
			return ""
		}
		return query[name][0]
	}
	client := c.portal.clients[one("client_id")]
	switch {
	case region != c.portal.region || client == nil || !now.Before(client.expires) || !client.allows(grantAuthCode):
		return nil, "unknown client"
	case !loopbackForm.MatchString(one("redirect_uri")):
		return nil, "the redirect URI is not registered"
	case one("response_type") != "code":
		return nil, "unsupported response type"
	case one("state") == "":
		return nil, "no state"
	case one("code_challenge_method") != "S256" || !challengeForm.MatchString(one("code_challenge")):
		return nil, "no code challenge"
	}
	for _, scope := range strings.Fields(one("scopes")) {
		if !slices.Contains(client.scopes, scope) {
			return nil, "a scope that is not registered"
		}
	}
	return &consent{
		clientID: one("client_id"), redirectURI: one("redirect_uri"), state: one("state"), challenge: one("code_challenge"),
		end: now.Add(authCodeLength),
	}, ""
}
