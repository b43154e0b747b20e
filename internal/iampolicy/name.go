package iampolicy

import (
	"fmt"
	"regexp"
	"time"

	"git-credential-codecommit/internal/arn"
)

// Patterns and lengths from the API references of IAM, STS and EC2, in which \w is
// ASCII.
const (
	groupPattern      pattern = `^[A-Za-z0-9_+=,.@-]{1,128}$`
	externalIDPattern pattern = `^[A-Za-z0-9_+=,.@:/-]+$`
	connectionPattern pattern = `^[A-Za-z0-9][A-Za-z0-9-]{0,63}$`
	vpcPattern        pattern = `^vpc-[0-9a-f]{8,17}$`

	// In the path of a role or user, IAM allows all printable characters, but in a
	// policy some of them would be wildcards (*, ?) or variables ($). This is the
	// pattern for paths of managed policies, which excludes them:
	// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html.
	pathPattern pattern = `^(/[A-Za-z0-9.,+@=_-]+)*/$`

	// Tags allow more
	// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html), but in a
	// policy, only spaces are harmless; wildcards and variables are not.
	tagKeyPattern   pattern = `^[A-Za-z0-9_.:/=+@-]{1,128}$`
	tagValuePattern pattern = `^[A-Za-z0-9_.:/=+@ -]{1,256}$`
)

// A pattern is a regular expression. It is compiled when used: compiling all of
// them at start took a sixth of the time of every get, which uses none.
type pattern string

func (p pattern) matches(s string) bool { return regexp.MustCompile(string(p)).MatchString(s) }

const maxPath = 512 // characters, https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html

func checkAccount(id string) error {
	if !arn.ValidAccount(id) {
		return fmt.Errorf("account ID %q is not 12 digits", id)
	}
	return nil
}

// checkName checks the name of a role or a user:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html and
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html.
func checkName(what, name string) error {
	if !arn.ValidRoleName(name) {
		return fmt.Errorf("%s %q is not 1 to 64 letters, digits and '_+=,.@-'", what, name)
	}
	return nil
}

// checkGroupName checks the name of a group:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html.
func checkGroupName(name string) error {
	if !groupPattern.matches(name) {
		return fmt.Errorf("group name %q is not 1 to 128 letters, digits and '_+=,.@-'", name)
	}
	return nil
}

func checkPath(path string) error {
	if len(path) > maxPath || !pathPattern.matches(path) {
		return fmt.Errorf("path %q is not at most %d letters, digits and '.,+@=_-' between slashes", path, maxPath)
	}
	return nil
}

// checkTag checks a tag that callers must have.
func checkTag(key, value string) error {
	switch {
	case !tagKeyPattern.matches(key):
		return fmt.Errorf("tag key %q is not 1 to 128 letters, digits and '_.:/=+@-'", key)
	case !tagValuePattern.matches(value):
		return fmt.Errorf("value %q of the tag %q is not 1 to 256 letters, digits, spaces and '_.:/=+@-'", value, key)
	}
	return nil
}

// Limits on the length of an external ID, in characters:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
const (
	minExternalID = 2
	maxExternalID = 1224
)

func checkExternalID(id string) error {
	if len(id) < minExternalID || len(id) > maxExternalID || !externalIDPattern.matches(id) {
		return fmt.Errorf("external ID %q is not %d to %d letters, digits and '_+=,.@:/-'", id, minExternalID, maxExternalID)
	}
	return nil
}

// Limits on MaxSessionDuration:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html.
// The lower one is also IAM's default.
const (
	minMaxSession = time.Hour
	maxMaxSession = 12 * time.Hour
)

func checkMaxSession(d time.Duration) error {
	if d < minMaxSession || d > maxMaxSession || d%time.Second != 0 {
		return fmt.Errorf("a maximum session of %v is not between 1h and 12h, in whole seconds", d)
	}
	return nil
}
