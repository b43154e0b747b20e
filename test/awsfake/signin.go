package awsfake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"time"
)

// loginLength is how long the credentials of "aws login" are valid: 15 minutes.
const loginLength = 15 * time.Minute

// A Login is what "aws login" stores on a machine. Its JSON is the file in
// ~/.aws/login/cache whose name is the SHA-256 of the profile's login_session.
type Login struct {
	AccessToken  LoginAccessToken `json:"accessToken"`
	TokenType    string           `json:"tokenType"`
	RefreshToken string           `json:"refreshToken"`
	ClientID     string           `json:"clientId"`
	DPoPKey      string           `json:"dpopKey"` // private key, SEC 1 in PEM
}

// LoginAccessToken contains the credentials of a Login.
type LoginAccessToken struct {
	AccessKeyID     string    `json:"accessKeyId"`
	SecretAccessKey string    `json:"secretAccessKey"`
	SessionToken    string    `json:"sessionToken"`
	AccountID       string    `json:"accountId"`
	ExpiresAt       time.Time `json:"expiresAt"`
}

// login is the service's state of a Login.
type login struct {
	of       *identity
	clientID string
	key      *ecdsa.PublicKey // verifies that a request comes from the same machine
	ended    string           // the error code for refreshing; "" while it is valid
}

// NewLogin signs in with "aws login" as an IAM user. The credentials are valid for
// length; if that is zero or less, they must be refreshed immediately.
func (c *Cloud) NewLogin(userARN string, length time.Duration) (Login, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Login{}, fmt.Errorf("awsfake: %w", err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return Login{}, fmt.Errorf("awsfake: %w", err)
	}
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	u := c.users[userARN]
	if u == nil {
		return Login{}, fmt.Errorf("awsfake: no user %q", userARN)
	}
	side := &login{of: &u.identity, clientID: "arn:aws:signin:::devtools/same-device", key: &key.PublicKey}
	k := c.newSession(side.of, false, "", now, length)
	private := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
	c.secrets = append(c.secrets, private)
	return Login{
		AccessToken: LoginAccessToken{
			AccessKeyID:     k.AccessKeyID,
			SecretAccessKey: k.SecretAccessKey,
			SessionToken:    k.SessionToken,
			AccountID:       u.arn.account,
			ExpiresAt:       k.Expiration,
		},
		TokenType:    "aws_sigv4",
		RefreshToken: c.newLoginToken(side),
		ClientID:     side.clientID,
		DPoPKey:      private,
	}, nil
}

// EndLogins makes refreshing fail with an error code for all existing logins:
// TOKEN_EXPIRED, USER_CREDENTIALS_CHANGED or INSUFFICIENT_PERMISSIONS.
func (c *Cloud) EndLogins(code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.logins {
		l.ended = code
	}
}

// newLoginToken creates a refresh token. The caller holds c.mu.
func (c *Cloud) newLoginToken(side *login) string {
	token := "refresh-EXAMPLE-" + randomSecret(90)
	c.logins[token] = side
	c.secrets = append(c.secrets, token)
	return token
}

// serveSignin is the refresh part of the sign-in service's CreateOAuth2Token. Its
// public description is the service model "signin" in botocore.
func (c *Cloud) serveSignin(w http.ResponseWriter, r *http.Request, _ endpoint) {
	entry := c.record(r, Signin)
	c.note(entry, func(entry *Request) {
		if r.URL.Path == "/v1/token" {
			entry.Action = "CreateOAuth2Token"
		}
	})
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		refuse := func(status int, exception, code, message string) {
			w.Header().Set("x-amzn-ErrorType", exception)
			writeJSON(w, status, map[string]string{"error": code, "message": message})
		}
		var asked struct{ ClientID, GrantType, RefreshToken string }
		body, err := readBody(r)
		if err != nil {
			panic(http.ErrAbortHandler) // the client disconnected
		}
		if r.Method != http.MethodPost || r.URL.Path != "/v1/token" || json.Unmarshal(body, &asked) != nil || asked.GrantType != grantRefresh {
			refuse(http.StatusBadRequest, "ValidationException", "INVALID_REQUEST", "invalid request")
			return
		}
		now := c.Now()
		c.mu.Lock()
		defer c.mu.Unlock()
		l := c.logins[asked.RefreshToken]
		switch {
		case l == nil || l.clientID != asked.ClientID:
			refuse(http.StatusUnauthorized, "AccessDeniedException", "TOKEN_EXPIRED", "the refresh token is not known")
			return
		case l.ended == "TOKEN_EXPIRED":
			refuse(http.StatusUnauthorized, "AccessDeniedException", l.ended, "the refresh token has expired")
			return
		case l.ended != "":
			refuse(http.StatusForbidden, "AccessDeniedException", l.ended, "the sign-in no longer holds")
			return
		}
		if err := checkDPoP(r, l.key, now); err != nil {
			refuse(http.StatusBadRequest, "ValidationException", "INVALID_REQUEST", err.Error())
			return
		}
		k := c.newSession(l.of, false, "", now, loginLength)
		writeJSON(w, http.StatusOK, map[string]any{
			"accessToken": map[string]string{
				"accessKeyId":     k.AccessKeyID,
				"secretAccessKey": k.SecretAccessKey,
				"sessionToken":    k.SessionToken,
			},
			"tokenType":    "aws_sigv4",
			"expiresIn":    int(loginLength.Seconds()),
			"refreshToken": c.newLoginToken(l),
		})
	})
}

// checkDPoP verifies a client's proof that it has the key of its login.
// See RFC 9449, section 4.3.
func checkDPoP(r *http.Request, key *ecdsa.PublicKey, now time.Time) error {
	proofs := r.Header.Values("DPoP")
	if len(proofs) != 1 {
		return fmt.Errorf("dpop: %d proofs", len(proofs))
	}
	proof, err := parseJWT(proofs[0])
	if err != nil {
		return fmt.Errorf("dpop: %w", err)
	}
	var header struct {
		Typ string
		JWK struct{ Kty, Crv, X, Y string }
	}
	var claims struct {
		Method string `json:"htm"`
		URL    string `json:"htu"`
		Issued int64  `json:"iat"`
		ID     string `json:"jti"`
	}
	if json.Unmarshal(proof.header, &header) != nil || json.Unmarshal(proof.claims, &claims) != nil {
		return fmt.Errorf("dpop: not json")
	}
	point, err := key.ECDH()
	if err != nil {
		return fmt.Errorf("dpop: %w", err)
	}
	xy := point.Bytes()[1:] // after the byte for the uncompressed form
	x, y := base64.RawURLEncoding.EncodeToString(xy[:32]), base64.RawURLEncoding.EncodeToString(xy[32:])
	switch issued := time.Unix(claims.Issued, 0); {
	case header.Typ != "dpop+jwt" || header.JWK.Kty != "EC" || header.JWK.Crv != "P-256":
		return fmt.Errorf("dpop: header")
	case header.JWK.X != x || header.JWK.Y != y || !proof.signedBy(key):
		return fmt.Errorf("dpop: not signed with the key of the login")
	case claims.Method != r.Method || claims.URL != "https://"+r.Host+r.URL.Path || claims.ID == "":
		return fmt.Errorf("dpop: made for another request")
	case issued.Before(now.Add(-maxSkew)) || issued.After(now.Add(maxSkew)):
		return fmt.Errorf("dpop: made at another time")
	}
	return nil
}
