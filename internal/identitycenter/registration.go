package identitycenter

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/exactjson"
	"git-credential-codecommit/internal/session/store"
)

// Values of a registration, as in the AWS CLI: SSOTokenFetcherAuth in
// https://github.com/aws/aws-cli/blob/v2/awscli/botocore/utils.py.
const (
	clientType         = "public"
	clientNamePrefix   = "botocore-client-"
	defaultScope       = "sso:account:access"
	redirectURI        = "http://127.0.0.1" + callbackPath // AWS accepts any port
	grantAuthCode      = "authorization_code"
	grantRefresh       = "refresh_token"
	grantDevice        = "urn:ietf:params:oauth:grant-type:device_code"
	registrationWindow = 15 * time.Minute // minimum remaining time of a stored registration
)

// A registration identifies this program to IAM Identity Center. Its JSON is the
// AWS CLI's file format.
type registration struct {
	ClientID     string   `json:"clientId"`
	ClientSecret string   `json:"clientSecret"`
	ExpiresAt    string   `json:"expiresAt"`
	Scopes       []string `json:"scopes,omitempty"`
	GrantTypes   []string `json:"grantTypes,omitempty"` // empty for the device code grant
}

// forAuthCode reports whether the registration is for the authorization code grant
// with PKCE.
func (r registration) forAuthCode() bool { return slices.Contains(r.GrantTypes, grantAuthCode) }

// register returns the stored registration for a grant, or a new one. Again is true
// if AWS no longer knows the stored one.
func (c *Client) register(ctx context.Context, s awsprofile.SSOSession, issuer string, deviceCode, again bool) (registration, error) {
	key := store.RegistrationKey(s.Region, s.Scopes, s.Name, s.StartURL)
	if r, ok := c.readRegistration(key); ok && !again && r.forAuthCode() == !deviceCode {
		c.Trace("client registration %s: stored until %s", key, r.ExpiresAt)
		return r, nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c.Trace("sso-oidc:RegisterClient in %s", s.Region)
	name := s.Name
	if name == "" {
		name = strconv.FormatInt(c.now().Unix(), 10)
	}
	in := ssooidc.RegisterClientInput{ClientName: aws.String(clientNamePrefix + name), ClientType: aws.String(clientType), Scopes: s.Scopes}
	if !deviceCode {
		if len(in.Scopes) == 0 {
			in.Scopes = []string{defaultScope}
		}
		in.GrantTypes = []string{grantAuthCode, grantRefresh}
		in.RedirectUris = []string{redirectURI}
		in.IssuerUrl = &issuer
	}
	client, err := c.AWS.OIDC(s.Region)
	if err != nil {
		return registration{}, err
	}
	answer, err := client.RegisterClient(ctx, &in)
	if err != nil {
		return registration{}, awsclient.CallError("SSO", err)
	}
	r := registration{
		ClientID: aws.ToString(answer.ClientId), ClientSecret: aws.ToString(answer.ClientSecret),
		ExpiresAt: time.Unix(answer.ClientSecretExpiresAt, 0).UTC().Format(time.RFC3339),
		Scopes:    in.Scopes, GrantTypes: in.GrantTypes,
	}
	data, err := json.Marshal(r)
	if err == nil {
		err = c.tokens.Write(key, data)
	}
	if err != nil {
		c.Trace("client registration %s is not stored: %s", key, err)
	}
	return r, nil
}

// readRegistration returns the registration that is stored under key; ok is false
// if it cannot be used.
func (c *Client) readRegistration(key string) (r registration, ok bool) {
	data, err := c.tokens.Read(key)
	if err != nil {
		return registration{}, false
	}
	file, err := exactjson.Parse(data)
	r = registration{
		ClientID: file.Text("clientId"), ClientSecret: file.Text("clientSecret"), ExpiresAt: file.Text("expiresAt"),
		Scopes: file.Texts("scopes"), GrantTypes: file.Texts("grantTypes"),
	}
	return r, err == nil && r.ClientID != "" && r.ClientSecret != "" && expiry(r.ExpiresAt).Sub(c.now()) >= registrationWindow
}
