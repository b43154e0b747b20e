package awsclient

import "strings"

// A Denial says why AWS denied a call, as far as its message does:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
type Denial struct {
	Policy   string // the kind of policy that decided: "service control policy"; "" if AWS does not name it
	Explicit bool   // that policy denies the call; otherwise none of its kind allows it
	Root     bool   // the caller is an account's root user, which cannot assume roles
}

// The kinds of policies that AWS's messages name.
const (
	IdentityPolicy  = "identity-based policy"
	ResourcePolicy  = "resource-based policy" // of a role: its trust policy
	Boundary        = "permissions boundary"
	SessionPolicy   = "session policy"
	EndpointPolicy  = "VPC endpoint policy"
	ServiceControl  = "service control policy"
	ResourceControl = "resource control policy"
)

func denialIn(message string) (d Denial) {
	d.Root = strings.Contains(message, "may not be assumed by root accounts")
	_, by, explicit := strings.Cut(message, "with an explicit deny in ")
	if !explicit {
		if _, by, _ = strings.Cut(message, "because no "); by == "" {
			return d
		}
	}
	for _, kind := range []string{IdentityPolicy, ResourcePolicy, Boundary, SessionPolicy, EndpointPolicy, ServiceControl, ResourceControl} {
		for _, article := range []string{"", "a ", "an "} {
			if strings.HasPrefix(by, article+kind) {
				return Denial{Policy: kind, Explicit: explicit, Root: d.Root}
			}
		}
	}
	return d
}

// TokenProblem is what AWS finds wrong with a web identity token.
type TokenProblem int

// Problems with a web identity token.
const (
	TokenUnfit      TokenProblem = iota // its issuer or audience does not fit, or it is none
	TokenUnverified                     // AWS could not retrieve the issuer's keys; it may later
	TokenNoProvider                     // the account has no OpenID Connect provider for the issuer
)

func tokenProblemIn(message string) TokenProblem {
	switch {
	case strings.Contains(message, "retrieve verification key"):
		return TokenUnverified
	case strings.Contains(message, "No OpenIDConnect provider found"):
		return TokenNoProvider
	}
	return TokenUnfit
}

// invalidToken is AWS's code for a web identity token that it does not accept.
const invalidToken = "InvalidIdentityToken"
