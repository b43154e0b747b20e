package awsfake

import (
	"fmt"
	"net/http"
	"time"
)

// An Assignment lets everybody who signs in at the portal use a role in an account.
type Assignment struct {
	Account  string
	RoleName string   // as in sso_role_name
	Policies []string // IAM policy documents of the permission set
}

// An SSOToken is a sign-in at the portal. As JSON it is the file that
// "aws sso login" leaves in ~/.aws/sso/cache.
type SSOToken struct {
	StartURL              string    `json:"startUrl"`
	Region                string    `json:"region"`
	AccessToken           string    `json:"accessToken"`
	ExpiresAt             time.Time `json:"expiresAt"`
	ClientID              string    `json:"clientId"`
	ClientSecret          string    `json:"clientSecret"`
	RegistrationExpiresAt time.Time `json:"registrationExpiresAt"`
	RefreshToken          string    `json:"refreshToken,omitempty"`
}

// portal is the one IAM Identity Center of a cloud.
type portal struct {
	startURL, region string
	roles            map[string]*identity // ACCOUNT/ROLENAME
	access           map[string]time.Time // access tokens, to their end
	clients          map[string]string    // id → secret
	refresh          map[string]string    // refresh token → client id
	devices          map[string]string    // device code → client id
}

// SetPortal makes the cloud's IAM Identity Center. AssignmentARN names the roles
// that it makes in the accounts.
func (c *Cloud) SetPortal(startURL, region string, assignments ...Assignment) error {
	p := portal{
		startURL: startURL, region: region,
		roles:   map[string]*identity{},
		access:  map[string]time.Time{},
		clients: map[string]string{},
		refresh: map[string]string{},
		devices: map[string]string{},
	}
	for _, a := range assignments {
		id, err := newIdentity(AssignmentARN(region, a.Account, a.RoleName), "role/", "AROA", a.Policies)
		if err != nil {
			return fmt.Errorf("awsfake: assignment: %w", err)
		}
		p.roles[a.Account+"/"+a.RoleName] = &id
	}
	c.mu.Lock()
	c.portal = p
	c.mu.Unlock()
	return nil
}

// AssignmentARN is the ARN of the role that IAM Identity Center, living in a
// region, keeps in an account for a permission set.
func AssignmentARN(region, account, roleName string) string {
	partition, _ := partitionOf(region)
	return fmt.Sprintf("arn:%s:iam::%s:role/aws-reserved/sso.amazonaws.com/%s/AWSReservedSSO_%s_0123456789abcdef", partition, account, region, roleName)
}

// NewSSOToken signs in at the portal. The access token holds for length.
func (c *Cloud) NewSSOToken(length time.Duration) SSOToken {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	id, secret := "client-"+randomID(), randomSecret(33)
	c.portal.clients[id] = secret
	c.secrets = append(c.secrets, secret)
	access, refresh := c.newAccessToken(id, now.Add(length))
	return SSOToken{
		StartURL: c.portal.startURL, Region: c.portal.region,
		AccessToken: access, ExpiresAt: now.Add(length).UTC().Truncate(time.Second),
		ClientID: id, ClientSecret: secret,
		RegistrationExpiresAt: now.Add(90 * 24 * time.Hour).UTC().Truncate(time.Second),
		RefreshToken:          refresh,
	}
}

// NewDeviceCode makes a device code for a client as if the user had said yes in
// the browser already.
func (c *Cloud) NewDeviceCode(clientID string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	code := randomSecret(33)
	c.portal.devices[code] = clientID
	c.secrets = append(c.secrets, code)
	return code
}

// EndSSOTokens ends every sign-in, with its refresh token.
func (c *Cloud) EndSSOTokens() {
	c.mu.Lock()
	clear(c.portal.access)
	clear(c.portal.refresh)
	c.mu.Unlock()
}

// newAccessToken makes an access token and the token that renews it. The caller holds c.mu.
func (c *Cloud) newAccessToken(clientID string, end time.Time) (access, refresh string) {
	access, refresh = "aoaAAAAAEXAMPLE"+randomSecret(60), "aorAAAAAEXAMPLE"+randomSecret(60)
	c.portal.access[access] = end
	c.portal.refresh[refresh] = clientID
	c.secrets = append(c.secrets, access, refresh)
	return access, refresh
}

// servePortal is the portal's GetRoleCredentials.
// See https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
func (c *Cloud) servePortal(w http.ResponseWriter, r *http.Request, e endpoint) {
	entry := c.record(r, SSO)
	c.note(entry, func(entry *Request) {
		if r.URL.Path == "/federation/credentials" {
			entry.Action = "GetRoleCredentials"
		}
	})
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		now := c.Now()
		c.mu.Lock()
		defer c.mu.Unlock()
		query := r.URL.Query()
		account, name := query.Get("account_id"), query.Get("role_name")
		role := c.portal.roles[account+"/"+name]
		switch {
		case r.Method != http.MethodGet || r.URL.Path != "/federation/credentials":
			restError(w, http.StatusNotFound, "UnknownOperationException", "")
		case e.region != c.portal.region || !now.Before(c.portal.access[r.Header.Get("x-amz-sso_bearer_token")]):
			restError(w, http.StatusUnauthorized, "UnauthorizedException", "Session token not found or invalid")
		case account == "" || name == "":
			restError(w, http.StatusBadRequest, "InvalidRequestException", "Missing parameter")
		case role == nil:
			restError(w, http.StatusForbidden, "ForbiddenException", "No access")
		default:
			k := c.newSession(role, true, "user@example.com", now, time.Hour)
			writeJSON(w, http.StatusOK, map[string]any{"roleCredentials": map[string]any{
				"accessKeyId":     k.AccessKeyID,
				"secretAccessKey": k.SecretAccessKey,
				"sessionToken":    k.SessionToken,
				"expiration":      k.Expiration.UnixMilli(),
			}})
		}
	})
}

// restError is how the REST services with JSON bodies say no.
// See https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
func restError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("x-amzn-ErrorType", code)
	w.Header().Set("x-amzn-RequestId", requestID())
	writeJSON(w, status, map[string]string{"message": message, "__type": "com.amazonaws.switchboard.portal#" + code})
}
