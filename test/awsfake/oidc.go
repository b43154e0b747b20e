package awsfake

import (
	"encoding/json"
	"net/http"
	"time"
)

// accessTokenLength is how long a renewed access token holds: one hour.
const accessTokenLength = time.Hour

// The grants of the OIDC service that this one knows.
const (
	grantRefresh = "refresh_token"
	grantDevice  = "urn:ietf:params:oauth:grant-type:device_code"
)

// serveOIDC is the OIDC service's CreateToken.
// See https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
func (c *Cloud) serveOIDC(w http.ResponseWriter, r *http.Request, e endpoint) {
	entry := c.record(r, SSOOIDC)
	c.note(entry, func(entry *Request) {
		if r.URL.Path == "/token" {
			entry.Action = "CreateToken"
		}
	})
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		refuse := func(status int, exception, code, description string) {
			w.Header().Set("x-amzn-ErrorType", exception)
			writeJSON(w, status, map[string]string{"error": code, "error_description": description})
		}
		var asked struct{ ClientID, ClientSecret, GrantType, RefreshToken, DeviceCode string }
		body, err := readBody(r)
		if err != nil {
			panic(http.ErrAbortHandler) // the client went away
		}
		if r.Method != http.MethodPost || r.URL.Path != "/token" || json.Unmarshal(body, &asked) != nil {
			refuse(http.StatusBadRequest, "InvalidRequestException", "invalid_request", "Invalid request")
			return
		}
		now := c.Now()
		c.mu.Lock()
		defer c.mu.Unlock()
		secret, known := c.portal.clients[asked.ClientID]
		if !known || secret != asked.ClientSecret || e.region != c.portal.region {
			refuse(http.StatusUnauthorized, "InvalidClientException", "invalid_client", "Invalid client")
			return
		}
		var granted bool
		switch asked.GrantType {
		case grantRefresh:
			granted = c.portal.refresh[asked.RefreshToken] == asked.ClientID
			delete(c.portal.refresh, asked.RefreshToken)
		case grantDevice:
			granted = c.portal.devices[asked.DeviceCode] == asked.ClientID
			delete(c.portal.devices, asked.DeviceCode)
		default:
			refuse(http.StatusBadRequest, "UnsupportedGrantTypeException", "unsupported_grant_type", "Unsupported grant type")
			return
		}
		if !granted {
			refuse(http.StatusBadRequest, "InvalidGrantException", "invalid_grant", "Invalid refresh token provided")
			return
		}
		access, refresh := c.newAccessToken(asked.ClientID, now.Add(accessTokenLength))
		writeJSON(w, http.StatusOK, map[string]any{
			"accessToken":  access,
			"expiresIn":    int(accessTokenLength.Seconds()),
			"refreshToken": refresh,
			"tokenType":    "Bearer",
		})
	})
}
