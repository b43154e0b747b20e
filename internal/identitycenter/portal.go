package identitycenter

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sso"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awsclient"
)

// An Account is an AWS account that the signed-in user may use.
type Account struct {
	ID, Name string
}

// maxPages limits a list; AWS sends up to 1,000 entries per page.
const maxPages = 1000

// Accounts lists the signed-in user's accounts, sorted by name. It returns a
// NotSignedInError if AWS rejects the token.
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccounts.html
func (c *Client) Accounts(ctx context.Context, t Token) ([]Account, error) {
	client, err := c.AWS.SSO(t.Region)
	if err != nil {
		return nil, err
	}
	var all []Account
	err = c.pages(ctx, "ListAccounts", func(ctx context.Context, next *string) (*string, error) {
		answer, err := client.ListAccounts(ctx, &sso.ListAccountsInput{AccessToken: &t.AccessToken, NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, a := range answer.AccountList {
			if id := aws.ToString(a.AccountId); arn.ValidAccount(id) {
				all = append(all, Account{ID: id, Name: aws.ToString(a.AccountName)})
			}
		}
		return answer.NextToken, nil
	})
	slices.SortFunc(all, func(a, b Account) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// Roles lists the names of the roles that the signed-in user has in an account,
// sorted. It returns a NotSignedInError if AWS rejects the token.
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccountRoles.html
func (c *Client) Roles(ctx context.Context, t Token, account string) ([]string, error) {
	client, err := c.AWS.SSO(t.Region)
	if err != nil {
		return nil, err
	}
	var all []string
	err = c.pages(ctx, "ListAccountRoles", func(ctx context.Context, next *string) (*string, error) {
		answer, err := client.ListAccountRoles(ctx, &sso.ListAccountRolesInput{AccessToken: &t.AccessToken, AccountId: &account, NextToken: next})
		if err != nil {
			return nil, err
		}
		for _, r := range answer.RoleList {
			if name := aws.ToString(r.RoleName); name != "" {
				all = append(all, name)
			}
		}
		return answer.NextToken, nil
	})
	slices.Sort(all)
	return all, err
}

// pages runs call once for each page of a list.
func (c *Client) pages(ctx context.Context, action string, call func(ctx context.Context, next *string) (*string, error)) error {
	var next *string
	for range maxPages {
		c.Trace("sso:%s", action)
		then, err := func() (*string, error) {
			ctx, cancel := context.WithTimeout(ctx, callTimeout)
			defer cancel()
			return call(ctx, next)
		}()
		if isRejected(err) {
			return errRejected
		}
		if err != nil {
			return awsclient.CallError("SSO", err)
		}
		if next = then; aws.ToString(next) == "" {
			return nil
		}
	}
	return errors.New("SSO returned an endless list")
}

// isRejected reports whether AWS, rather than a proxy, rejected a token.
func isRejected(err error) bool {
	var refused *awsclient.RefusedError
	return awsclient.StatusOf(err) == http.StatusUnauthorized && errors.As(awsclient.CallError("SSO", err), &refused)
}

var errRejected = &NotSignedInError{Problem: "AWS no longer accepts the SSO token"}

// Logout ends a sign-in at AWS, including its refresh token. It is not an error if
// the sign-in has already ended.
// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Logout.html
func (c *Client) Logout(ctx context.Context, t Token) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	c.Trace("sso:Logout in %s", t.Region)
	client, err := c.AWS.SSO(t.Region)
	if err != nil {
		return err
	}
	_, err = client.Logout(awsclient.MayBeEmpty(ctx), &sso.LogoutInput{AccessToken: &t.AccessToken})
	if err == nil || isRejected(err) {
		return nil
	}
	return awsclient.CallError("SSO", err)
}
