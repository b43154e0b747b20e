package awsfake

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Assignment allows everyone who signs in to the portal to use a role in an
// account.
type Assignment struct {
	Account  string
	RoleName string   // as in sso_role_name
	Policies []string // IAM policy documents of the permission set
}

// An SSOToken is a sign-in to the portal. Its JSON is the file that "aws sso login"
// stores in ~/.aws/sso/cache.
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

// portal is the cloud's IAM Identity Center.
type portal struct {
	startURL, region string
	user             string                  // signs in; "" for SSOUser
	roles            map[string]*identity    // ACCOUNT/ROLENAME
	access           map[string]*accessToken // by token
	clients          map[string]*oidcClient  // by ID
	refresh          map[string]string       // refresh token → client ID
	devices          map[string]*device      // by device code
	pages            map[string]*consent     // requests on open pages, by the page's ID
	codes            map[string]*consent     // allowed requests, by authorization code
	pageSize         int                     // page size of ListAccounts and ListAccountRoles; 0 for no limit
}

// An accessToken is the result of a sign-in.
type accessToken struct {
	end     time.Time
	refresh string // refresh token; "" for none
	user    string // who signed in
}

// SetPortal creates the cloud's IAM Identity Center. AssignmentARN returns the ARNs
// of the roles that it creates.
func (c *Cloud) SetPortal(startURL, region string, assignments ...Assignment) error {
	p := portal{
		startURL: startURL, region: region,
		roles:   map[string]*identity{},
		access:  map[string]*accessToken{},
		clients: map[string]*oidcClient{},
		refresh: map[string]string{},
		devices: map[string]*device{},
		pages:   map[string]*consent{},
		codes:   map[string]*consent{},
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

// AssignmentARN returns the ARN of the role that an IAM Identity Center in a region
// creates in an account for a permission set.
func AssignmentARN(region, account, roleName string) string {
	partition, _ := partitionOf(region)
	return fmt.Sprintf("arn:%s:iam::%s:role/aws-reserved/sso.amazonaws.com/%s/AWSReservedSSO_%s_0123456789abcdef", partition, account, region, roleName)
}

// NewSSOToken signs in to the portal. The access token is valid for length.
func (c *Cloud) NewSSOToken(length time.Duration) SSOToken {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	client := &oidcClient{scopes: []string{accountAccess}, expires: now.Add(registrationLength)}
	id, secret := c.addClient(client)
	access, refresh := c.newAccessToken(id, now.Add(length))
	return SSOToken{
		StartURL: c.portal.startURL, Region: c.portal.region,
		AccessToken: access, ExpiresAt: now.Add(length).UTC().Truncate(time.Second),
		ClientID: id, ClientSecret: secret,
		RegistrationExpiresAt: client.expires.UTC().Truncate(time.Second),
		RefreshToken:          refresh,
	}
}

// SetSSOUser sets the user who signs in to the portal from now on.
func (c *Cloud) SetSSOUser(name string) {
	c.mu.Lock()
	c.portal.user = name
	c.mu.Unlock()
}

// EndSSOTokens ends all sign-ins, including their refresh tokens.
func (c *Cloud) EndSSOTokens() {
	c.mu.Lock()
	clear(c.portal.access)
	clear(c.portal.refresh)
	c.mu.Unlock()
}

// SSOTokens returns the number of sign-ins that have not ended.
func (c *Cloud) SSOTokens() int {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, token := range c.portal.access {
		if now.Before(token.end) {
			n++
		}
	}
	return n
}

// SetPortalPages limits how many accounts or roles the portal lists per response.
func (c *Cloud) SetPortalPages(size int) {
	c.mu.Lock()
	c.portal.pageSize = size
	c.mu.Unlock()
}

// newAccessToken creates an access token and its refresh token, which is "" if the
// client did not register for one. The caller holds c.mu.
func (c *Cloud) newAccessToken(clientID string, end time.Time) (access, refresh string) {
	access = "aoaAAAAAEXAMPLE" + randomSecret(60)
	c.secrets = append(c.secrets, access)
	if slices.Contains(c.portal.clients[clientID].scopes, accountAccess) {
		refresh = "aorAAAAAEXAMPLE" + randomSecret(60)
		c.portal.refresh[refresh] = clientID
		c.secrets = append(c.secrets, refresh)
	}
	c.portal.access[access] = &accessToken{end, refresh, cmp.Or(c.portal.user, SSOUser)}
	return access, refresh
}

// portalActions are the portal's operations, by method and path.
// See https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Operations.html
var portalActions = map[string]string{
	"GET /federation/credentials": "GetRoleCredentials",
	"GET /assignment/accounts":    "ListAccounts",
	"GET /assignment/roles":       "ListAccountRoles",
	"POST /logout":                "Logout",
}

// servePortal is the portal.
func (c *Cloud) servePortal(w http.ResponseWriter, r *http.Request, e endpoint) {
	action := portalActions[r.Method+" "+r.URL.Path]
	entry := c.record(r, SSO)
	c.note(entry, func(entry *Request) { entry.Action = action })
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		now := c.Now()
		c.mu.Lock()
		defer c.mu.Unlock()
		query := r.URL.Query()
		bearer := r.Header.Get("x-amz-sso_bearer_token")
		token := c.portal.access[bearer]
		if action == "" {
			restError(w, http.StatusNotFound, "UnknownOperationException", "")
			return
		}
		if e.region != c.portal.region || token == nil || !now.Before(token.end) {
			restError(w, http.StatusUnauthorized, "UnauthorizedException", "Session token not found or invalid")
			return
		}
		switch action {
		case "GetRoleCredentials":
			c.getRoleCredentials(w, query.Get("account_id"), query.Get("role_name"), token.user, now)
		case "ListAccounts":
			c.list(w, query, "accountList", c.accountList())
		case "ListAccountRoles":
			c.list(w, query, "roleList", c.roleList(query.Get("account_id")))
		case "Logout":
			delete(c.portal.refresh, token.refresh)
			delete(c.portal.access, bearer)
			w.WriteHeader(http.StatusOK)
		}
	})
}

// getRoleCredentials answers GetRoleCredentials. The caller holds c.mu.
func (c *Cloud) getRoleCredentials(w http.ResponseWriter, account, name, user string, now time.Time) {
	role := c.portal.roles[account+"/"+name]
	switch {
	case account == "" || name == "":
		restError(w, http.StatusBadRequest, "InvalidRequestException", "Missing parameter")
	case role == nil:
		restError(w, http.StatusForbidden, "ForbiddenException", "No access")
	default:
		k := c.newSession(role, true, user, now, time.Hour)
		writeJSON(w, http.StatusOK, map[string]any{"roleCredentials": map[string]any{
			"accessKeyId":     k.AccessKeyID,
			"secretAccessKey": k.SecretAccessKey,
			"sessionToken":    k.SessionToken,
			"expiration":      k.Expiration.UnixMilli(),
		}})
	}
}

// accountList returns the accounts for ListAccounts. The caller holds c.mu.
func (c *Cloud) accountList() []any {
	var ids []string
	for key := range c.portal.roles {
		id, _, _ := strings.Cut(key, "/")
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var accounts []any
	for _, id := range slices.Compact(ids) {
		accounts = append(accounts, map[string]string{"accountId": id, "accountName": AccountNames[id], "emailAddress": "aws+" + id + "@example.com"})
	}
	return accounts
}

// roleList returns the roles for ListAccountRoles. The caller holds c.mu.
func (c *Cloud) roleList(account string) []any {
	var roles []any
	for _, key := range slices.Sorted(maps.Keys(c.portal.roles)) {
		if name, ok := strings.CutPrefix(key, account+"/"); ok {
			roles = append(roles, map[string]string{"accountId": account, "roleName": name})
		}
	}
	return roles
}

// list responds with one page of all. The next token is the page's number. The
// caller holds c.mu.
func (c *Cloud) list(w http.ResponseWriter, query url.Values, name string, all []any) {
	size := c.portal.pageSize
	if asked, err := strconv.Atoi(query.Get("max_result")); err == nil && (size == 0 || asked < size) {
		size = asked
	}
	if size == 0 {
		size = max(len(all), 1)
	}
	page, _ := strconv.Atoi(query.Get("next_token"))
	from := min(page*size, len(all))
	to := min(from+size, len(all))
	answer := map[string]any{name: all[from:to]}
	if to < len(all) {
		answer["nextToken"] = strconv.Itoa(page + 1)
	}
	writeJSON(w, http.StatusOK, answer)
}

// restError sends an error response of the REST services, with a JSON body.
// See https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
func restError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("x-amzn-ErrorType", code)
	w.Header().Set("x-amzn-RequestId", requestID())
	writeJSON(w, status, map[string]string{"message": message, "__type": "com.amazonaws.switchboard.portal#" + code})
}
