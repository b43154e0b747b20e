package awsfake

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// IAM's operations on OpenID Connect providers. An account has one provider per
// issuer, in issuer.accounts.

func (c *Cloud) createProvider(account string, form url.Values) (string, *apiError) {
	issuer := c.issuers[form.Get("Url")]
	switch {
	case !strings.HasPrefix(form.Get("Url"), "https://"):
		return "", &apiError{400, "InvalidInput", "Invalid Open ID Connect Provider URL"}
	case issuer == nil: // IAM fetches the certificate of the issuer
		return "", &apiError{400, "OpenIdIdpCommunicationError", "Unable to communicate with the OpenID Connect provider"}
	case issuer.accounts[account] != nil:
		return "", &apiError{409, "EntityAlreadyExists", "Provider with url " + form.Get("Url") + " already exists."}
	}
	issuer.accounts[account] = []string{form.Get("ClientIDList.member.1")}
	return fmt.Sprintf("<OpenIDConnectProviderArn>%s</OpenIDConnectProviderArn>", escapeXML(providerARN(account, form.Get("Url")))), nil
}

func providerARN(account, issuerURL string) string {
	return "arn:aws:iam::" + account + ":oidc-provider/" + strings.TrimPrefix(issuerURL, "https://")
}

// providerOf returns the issuer of an account's identity provider.
func (c *Cloud) providerOf(account string, form url.Values) (*issuer, *apiError) {
	name := form.Get("OpenIDConnectProviderArn")
	for issuerURL, i := range c.issuers {
		if i.accounts[account] != nil && name == providerARN(account, issuerURL) {
			return i, nil
		}
	}
	return nil, &apiError{404, "NoSuchEntity", "OpenIDConnect Provider not found for arn " + name}
}

// addClientID succeeds if the provider already has the audience:
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html.
func (c *Cloud) addClientID(account string, form url.Values) (string, *apiError) {
	i, refusal := c.providerOf(account, form)
	if refusal != nil {
		return "", refusal
	}
	if id := form.Get("ClientID"); !slices.Contains(i.accounts[account], id) {
		i.accounts[account] = append(i.accounts[account], id)
	}
	return "", nil
}

func (c *Cloud) deleteProvider(account string, form url.Values) (string, *apiError) {
	i, refusal := c.providerOf(account, form)
	if refusal != nil {
		return "", refusal
	}
	delete(i.accounts, account)
	return "", nil
}
