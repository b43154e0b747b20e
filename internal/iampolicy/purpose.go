package iampolicy

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// A Purpose describes who gets which access to which repositories.
type Purpose struct {
	// Repositories must not be empty, and must belong to one account.
	Repositories []Repository
	// Role is the role to create in the repositories' account.
	Role Entity
	// Trusted may assume the role: a whole account (Root), a role or a user. It is
	// zero if Jobs assume the role directly.
	Trusted Entity
	// Group is the group in a trusted account whose members may assume the role; ""
	// means the role's name. It must be "" unless a whole account is trusted.
	Group string
	// Instance means that Trusted is a role to create for EC2 instances.
	Instance bool
	// Jobs are CI jobs with a web identity token; nil if there are none. Trusted is
	// then a role to create for them, or zero.
	Jobs *WebIdentity
	// ExternalID is the ID that callers must send; "" means none.
	ExternalID string
	// RequireMFA means that callers must have signed in with MFA.
	RequireMFA bool
	// SourceIPs are the networks from which callers must call STS; empty means any.
	SourceIPs []netip.Prefix
	// SourceVPC is the VPC from which callers must call STS; "" means any.
	SourceVPC string
	// PrincipalTags are the tags that callers must have, by key.
	PrincipalTags map[string]string
	// ReadOnly allows reading only.
	ReadOnly bool
	// GitOnly allows only git, not the console or the API.
	GitOnly bool
	// MaxSession is the maximum duration of a session; 0 means IAM's default, one
	// hour.
	MaxSession time.Duration
	// Profile is the name of the user's profile; "" means the role's name.
	Profile string
}

// normal returns the purpose with defaults filled in. The error says what is wrong
// with the purpose.
func (p Purpose) normal() (Purpose, error) {
	if p.MaxSession == 0 {
		p.MaxSession = minMaxSession
	}
	if p.Profile == "" {
		p.Profile = p.Role.Name
	}
	return p, p.check()
}

// direct reports whether CI jobs assume the access role directly, without a role in
// another account.
func (p Purpose) direct() bool { return p.Jobs != nil && p.Trusted == Entity{} }

// forMachines reports whether only machines will use the role.
func (p Purpose) forMachines() bool { return p.Instance || p.Jobs != nil }

func (p Purpose) check() error {
	if len(p.Repositories) == 0 {
		return errors.New("no repository given")
	}
	for _, r := range p.Repositories {
		if r.Partition != p.Role.Partition || r.Account != p.Role.Account {
			return fmt.Errorf("the role %s cannot give access to %s, which belongs to another account", p.Role, r)
		}
	}
	if err := checkMaxSession(p.MaxSession); err != nil {
		return err
	}
	if p.ExternalID != "" {
		if err := checkExternalID(p.ExternalID); err != nil {
			return err
		}
	}
	if err := checkName("profile name", p.Profile); err != nil {
		return err
	}
	if p.Profile == "default" {
		return errors.New(`profile name "default" is in use: the role is assumed with its credentials`)
	}
	if err := p.checkSource(); err != nil {
		return err
	}
	if err := p.checkGroup(); err != nil {
		return err
	}
	if p.direct() {
		return p.checkDirect()
	}
	return p.checkTrusted()
}

// checkSource checks the conditions on callers' networks and tags.
func (p Purpose) checkSource() error {
	if p.SourceVPC != "" && !vpcPattern.matches(p.SourceVPC) {
		return fmt.Errorf("VPC %q is not a VPC's ID such as vpc-0123456789abcdef0", p.SourceVPC)
	}
	if p.SourceVPC != "" && len(p.SourceIPs) > 0 {
		return errors.New("source IP addresses and a VPC cannot be required together: calls through a VPC endpoint have no public address")
	}
	for key, value := range p.PrincipalTags {
		if err := checkTag(key, value); err != nil {
			return err
		}
	}
	return nil
}

func (p Purpose) checkGroup() error {
	switch {
	case p.Group == "":
		return nil
	case p.Trusted.Kind != Root:
		return errors.New("a group requires a trusted account: a single trusted role or user needs no group")
	}
	return checkGroupName(p.Group)
}

// checkDirect returns an error for conditions that AssumeRoleWithWebIdentity cannot
// satisfy:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html.
func (p Purpose) checkDirect() error {
	switch {
	case p.Instance:
		return errors.New("EC2 instances have no web identity token")
	case p.ExternalID != "":
		return errors.New("a web identity token has no external ID: trust the account of the CI jobs instead")
	case p.RequireMFA:
		return errors.New("CI jobs have no MFA device: a role that requires MFA would lock them out")
	case len(p.PrincipalTags) > 0:
		return errors.New("a web identity token has no principal tags")
	}
	return nil
}

func (p Purpose) checkTrusted() error {
	switch {
	case p.Trusted.Partition != p.Role.Partition:
		return fmt.Errorf("%s and %s are in different partitions: a role cannot be trusted across partitions", p.Role, p.Trusted)
	case p.Trusted == p.Role:
		return fmt.Errorf("the role %s cannot be trusted to assume itself", p.Role)
	case p.Jobs != nil && (p.Instance || p.Trusted.Kind != Role):
		return errors.New("CI jobs need a separate role")
	case p.Instance && p.RequireMFA:
		return errors.New("an EC2 instance has no MFA device: a role that requires MFA would lock it out")
	case p.Jobs != nil && p.RequireMFA:
		return errors.New("CI jobs have no MFA device: a role that requires MFA would lock them out")
	case p.Trusted.Kind == Role && p.MaxSession > chainedSession:
		return fmt.Errorf("role %s cannot have sessions of %v: AWS limits sessions to 1h if one role assumes another (role chaining)", p.Trusted.Name, p.MaxSession)
	case p.Trusted.Kind == Role && strings.HasPrefix(p.Trusted.Path, "/aws-reserved/"):
		return fmt.Errorf("the role %s belongs to IAM Identity Center, which can replace it at any time: trust its account, and put the assume-role policy into the permission set", p.Trusted.Name)
	}
	return nil
}

// chainedSession is the maximum duration of a session that was assumed with another
// role's session, regardless of the role's setting:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
const chainedSession = time.Hour
