package iampolicy

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Purpose says who shall do what with which repositories.
type Purpose struct {
	// Repositories are those to be reached, one at least, all of one account.
	Repositories []Repository
	// Role is the role to be made in the repositories' account.
	Role Entity
	// Trusted may assume the role: a whole account (Root), a role or a user.
	Trusted Entity
	// Instance says that Trusted is a role to be made for EC2 instances.
	Instance bool
	// ExternalID is what callers must show; empty means nothing.
	ExternalID string
	// RequireMFA asks callers for a second factor.
	RequireMFA bool
	// ReadOnly allows no change.
	ReadOnly bool
	// GitOnly allows nothing but git: no console, no API.
	GitOnly bool
	// MaxSession is how long a session may last at most; 0 means IAM's
	// default, one hour.
	MaxSession time.Duration
	// Profile is what the user's profile is called; empty means like the role.
	Profile string
}

// normal returns the purpose with its defaults filled in, or says what is wrong
// with it.
func (p Purpose) normal() (Purpose, error) {
	if p.MaxSession == 0 {
		p.MaxSession = minMaxSession
	}
	if p.Profile == "" {
		p.Profile = p.Role.Name
	}
	return p, p.check()
}

func (p Purpose) check() error {
	if len(p.Repositories) == 0 {
		return errors.New("no repository given")
	}
	for _, r := range p.Repositories {
		if r.Partition != p.Role.Partition || r.Account != p.Role.Account {
			return fmt.Errorf("the role %s cannot give access to %s: they are of two accounts", p.Role, r)
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
		return errors.New(`profile name "default" is taken: the role is assumed with its credentials`)
	}
	return p.checkTrusted()
}

func (p Purpose) checkTrusted() error {
	switch {
	case p.Trusted.Partition != p.Role.Partition:
		return fmt.Errorf("%s and %s are of two partitions, and no trust reaches across", p.Role, p.Trusted)
	case p.Trusted == p.Role:
		return fmt.Errorf("the role %s cannot be the one that is trusted to assume it", p.Role)
	case p.Instance && p.RequireMFA:
		return errors.New("an EC2 instance has no MFA device: a role that requires MFA would lock it out")
	case p.Trusted.Kind == Role && p.MaxSession > chainedSession:
		return fmt.Errorf("a session of %v cannot be had by the role %s: AWS ends the sessions of roles assumed by roles after 1h", p.MaxSession, p.Trusted.Name)
	case p.Trusted.Kind == Role && strings.HasPrefix(p.Trusted.Path, "/aws-reserved/"):
		return fmt.Errorf("the role %s belongs to IAM Identity Center, which replaces it at will: trust its account, and put the assume-role policy into the permission set", p.Trusted.Name)
	}
	return nil
}

// chainedSession is how long a session of a role lasts at most that was assumed
// by another role's session, whatever the role allows:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
const chainedSession = time.Hour
