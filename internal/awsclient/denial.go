package awsclient

import "strings"

// A Denial is the reason why AWS denied a call, as far as its message states it:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
type Denial struct {
	Policy   string // the kind of policy that denied the call, for example "service control policy"; "" if AWS does not name it
	Explicit bool   // true if a policy denies the call; false if none of that kind allows it
	Root     bool   // the caller is an account's root user, which cannot assume roles
}

// The kinds of policies in AWS's messages.
const (
	IdentityPolicy  = "identity-based policy"
	ResourcePolicy  = "resource-based policy" // for a role, its trust policy
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

// TokenProblem is AWS's reason for rejecting a web identity token.
type TokenProblem int

// Reasons for rejecting a web identity token.
const (
	TokenUnfit      TokenProblem = iota // wrong issuer or audience, or not a token
	TokenUnverified                     // AWS could not retrieve the issuer's keys; a retry may succeed
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

// invalidToken is AWS's error code for a rejected web identity token.
const invalidToken = "InvalidIdentityToken"
