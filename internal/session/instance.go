package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/awstime"
	"git-credential-codecommit/internal/exactjson"
)

// securityCredentials is the path at which the metadata service lists the
// instance's role; the role's credentials are below it:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html.
const securityCredentials = "latest/meta-data/iam/security-credentials/"

// instance is the EC2 instance metadata service. It takes three requests: a session
// token (IMDSv2), the role's name, and its credentials. If the role is replaced
// between the last two, both are repeated once.
type instance struct{ awsprofile.EC2 }

func (instance) key() string  { return "" }
func (instance) kind() string { return "EC2 instance metadata" }

// timeout allows for the role's name and credentials twice, and for the session
// tokens.
func (instance) timeout(w *walk) time.Duration {
	set := w.chain.Settings.Metadata
	return time.Duration(4*set.Attempts+max(maxTokens, set.Attempts)) * set.Timeout
}

func (instance) credentials(ctx context.Context, w *walk) (Credentials, error) {
	if w.chain.Settings.Metadata.Disabled {
		return Credentials{}, ErrMetadataDisabled
	}
	service := newMetadata(w.chain.Settings.Metadata)
	for renamed := false; ; renamed = true {
		list, err := service.get(ctx, securityCredentials, notEmpty, noFinal)
		if service.status == http.StatusNotFound {
			return Credentials{}, ErrNoInstanceRole
		}
		const asked = "list the instance's role"
		if err != nil && !errors.Is(err, errEmpty) {
			return Credentials{}, service.explain(err, asked)
		}
		name, _, _ := strings.Cut(string(list), "\n")
		role := strings.TrimSpace(name)
		if role == "" {
			return Credentials{}, ErrNoInstanceRole
		}
		if !validInstanceRole(role) {
			return Credentials{}, &MetadataError{Asked: asked, Answered: true, Err: errors.New("its response is not a role name")}
		}
		w.Trace("instance role %s", role)
		body, err := service.get(ctx, securityCredentials+role, isCredentials, http.StatusNotFound)
		if service.status == http.StatusNotFound {
			if !renamed {
				continue
			}
			return Credentials{}, &InstanceRoleError{Role: role, Gone: true}
		}
		if err != nil && service.status != http.StatusOK {
			return Credentials{}, service.explain(err, "read the credentials of instance role "+role)
		}
		creds, err := fromMetadata(body)
		var code *metadataCodeError
		if errors.As(err, &code) && code.code == "AssumeRoleUnauthorizedAccess" {
			return Credentials{}, &InstanceRoleError{Role: role}
		}
		if err == nil && !creds.Expires.After(w.aws.Clock.Now()) {
			// If EC2 cannot renew the credentials, it keeps serving the last ones,
			// and AWS keeps accepting them:
			// https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
			w.Trace("instance credentials expired at %s, but are still used", creds.Expires.UTC().Format(time.RFC3339))
			creds.Expires = time.Time{}
		}
		return creds, err
	}
}

// validInstanceRole reports whether s may be the metadata service's answer: the
// name of a role, possibly with a path or as an ARN (from a proxy in place of the
// service). It is appended to securityCredentials.
func validInstanceRole(s string) bool {
	const longest = 2048 // characters of an ARN
	if len(s) > longest || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-/:") != "" {
		return false
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == "." || part == ".." || part == "" {
			return false
		}
	}
	return arn.ValidRoleName(roleNameIn(s))
}

// roleNameIn returns the name of a role without path or ARN.
func roleNameIn(s string) string { return s[strings.LastIndex(s, "/")+1:] }

// fromMetadata parses the credentials in a response of the metadata service or of a
// container endpoint.
func fromMetadata(body []byte) (Credentials, error) {
	answer, err := exactjson.Parse(body)
	if err != nil {
		return Credentials{}, errors.New("the response is not JSON")
	}
	if code := answer.Text("Code"); code != "" && !strings.EqualFold(code, "Success") {
		return Credentials{}, &metadataCodeError{awsclient.Code(code)}
	}
	creds := Credentials{
		AccessKeyID:     answer.Text("AccessKeyId"),
		SecretAccessKey: answer.Text("SecretAccessKey"),
		SessionToken:    answer.Text("Token"),
	}
	if creds.AccessKeyID == "" || creds.SecretAccessKey == "" {
		return Credentials{}, errors.New("the response contains no credentials")
	}
	if creds.Expires, err = awstime.Parse(answer.Text("Expiration")); err != nil {
		return Credentials{}, errors.New("the response has no expiry time")
	}
	return creds, nil
}

// metadataCodeError is returned for a response that states why it has no
// credentials.
type metadataCodeError struct{ code string }

func (e *metadataCodeError) Error() string {
	return fmt.Sprintf("the response has the code %q instead of Success", e.code)
}
