package awsfake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A policy is a parsed IAM policy document. Documents that cannot be evaluated are
// rejected.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
type policy struct {
	statements []statement
}

type statement struct {
	allow      bool
	principals []principal // of a trust policy
	actions    []string    // lower case, with wildcards
	resources  []string    // with wildcards; empty in a trust policy
	conditions []condition
}

// A principal is one entry of a Principal element.
type principal struct {
	kind  string // AWS, Service or Federated; "*" for everyone
	value string
}

// A condition is met if the request's value for the key matches any of the values.
type condition struct {
	operator string
	ifExists bool   // the condition is also met if the request has no such key
	key      string // lower case
	values   []string
}

// A question is a request to authorize.
type question struct {
	action   string
	resource string            // ARN; ignored by trust policies
	context  map[string]string // condition keys in lower case
	asker    asker             // used by trust policies only
}

// An asker is the requesting principal. Exactly one of arn, service and federated
// is set.
type asker struct {
	arn       string // of the user, or of the role session
	roleARN   string // of the session's role
	account   string // account of either
	service   string // such as ec2.amazonaws.com
	federated string // ARN of the identity provider
}

// A verdict is the decision of one or more policies.
type verdict int

const (
	silent         verdict = iota
	allowedAccount         // through a principal that is a whole account, so the caller's policies must allow it too
	allowed
	denied
)

// parseIdentityPolicy parses the policy of a user or role, which has resources but
// no principals.
func parseIdentityPolicy(document string) (*policy, error) {
	p, err := parsePolicy(document)
	if err != nil {
		return nil, err
	}
	for _, s := range p.statements {
		if len(s.principals) > 0 || len(s.resources) == 0 {
			return nil, fmt.Errorf("policy: an identity's policy has Resource and no Principal")
		}
	}
	return p, nil
}

// parseTrustPolicy parses the trust policy of a role, which has principals but no
// resources.
func parseTrustPolicy(document string) (*policy, error) {
	p, err := parsePolicy(document)
	if err != nil {
		return nil, err
	}
	for _, s := range p.statements {
		if len(s.principals) == 0 || len(s.resources) > 0 {
			return nil, fmt.Errorf("policy: a trust policy has Principal and no Resource")
		}
	}
	return p, nil
}

func parsePolicy(document string) (*policy, error) {
	var raw struct {
		Version   string
		Id        string
		Statement oneOrMany[json.RawMessage]
	}
	if err := strictJSON(document, &raw); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if raw.Version != "2012-10-17" {
		return nil, fmt.Errorf("policy: version %q is not supported", raw.Version)
	}
	if len(raw.Statement) == 0 {
		return nil, fmt.Errorf("policy: no statement")
	}
	p := new(policy)
	for i, r := range raw.Statement {
		s, err := parseStatement(string(r))
		if err != nil {
			return nil, fmt.Errorf("policy: statement %d: %w", i+1, err)
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

func parseStatement(document string) (s statement, err error) {
	// NotPrincipal, NotAction and NotResource are unknown fields here, thus errors.
	var raw struct {
		Sid       string
		Effect    string
		Principal json.RawMessage
		Action    oneOrMany[string]
		Resource  oneOrMany[string]
		Condition map[string]map[string]oneOrMany[json.RawMessage]
	}
	if err := strictJSON(document, &raw); err != nil {
		return s, err
	}
	switch raw.Effect {
	case "Allow":
		s.allow = true
	case "Deny":
	default:
		return s, fmt.Errorf("effect %q", raw.Effect)
	}
	if len(raw.Action) == 0 {
		return s, fmt.Errorf("no action")
	}
	for _, a := range raw.Action {
		if a != "*" && !strings.Contains(a, ":") {
			return s, fmt.Errorf("action %q", a)
		}
		s.actions = append(s.actions, strings.ToLower(a))
	}
	for _, r := range raw.Resource {
		if r != "*" && !strings.HasPrefix(r, "arn:") || strings.Contains(r, "${") {
			return s, fmt.Errorf("resource %q is not supported", r)
		}
		s.resources = append(s.resources, r)
	}
	if s.principals, err = parsePrincipals(raw.Principal); err != nil {
		return s, err
	}
	for operator, keys := range raw.Condition {
		for key, values := range keys {
			c, err := parseCondition(operator, key, values)
			if err != nil {
				return s, err
			}
			s.conditions = append(s.conditions, c)
		}
	}
	return s, nil
}

func parsePrincipals(raw json.RawMessage) ([]principal, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	if string(raw) == `"*"` {
		return []principal{{kind: "*"}}, nil
	}
	var byKind map[string]oneOrMany[string]
	if err := json.Unmarshal(raw, &byKind); err != nil {
		return nil, fmt.Errorf("principal: %w", err)
	}
	var principals []principal
	for kind, values := range byKind {
		for _, v := range values {
			switch {
			case kind == "AWS" && v == "*":
				principals = append(principals, principal{kind: "*"})
			case kind == "AWS" && (isAccount(v) || strings.HasPrefix(v, "arn:") && !strings.Contains(v, "*")),
				kind == "Service" && strings.Contains(v, ".amazonaws.com"),
				kind == "Federated" && strings.Contains(v, ":oidc-provider/"):
				principals = append(principals, principal{kind: kind, value: v})
			default:
				return nil, fmt.Errorf("principal %s %q is not supported", kind, v)
			}
		}
	}
	return principals, nil
}

// operators are the supported condition operators. Each reports whether the
// request's value matches a value in the policy.
var operators = map[string]func(have, want string) bool{
	"StringEquals":    func(have, want string) bool { return have == want },
	"StringNotEquals": func(have, want string) bool { return have != want },
	"StringLike":      func(have, want string) bool { return wildcardMatch(want, have) },
	"ArnEquals":       func(have, want string) bool { return wildcardMatch(want, have) },
	"ArnLike":         func(have, want string) bool { return wildcardMatch(want, have) },
	"Bool":            strings.EqualFold,
	"IpAddress": func(have, want string) bool {
		address, err1 := netip.ParseAddr(have)
		network, err2 := netip.ParsePrefix(want)
		return err1 == nil && err2 == nil && network.Contains(address)
	},
	"NumericLessThan": func(have, want string) bool {
		h, err1 := strconv.ParseFloat(have, 64)
		w, err2 := strconv.ParseFloat(want, 64)
		return err1 == nil && err2 == nil && h < w
	},
	"DateLessThan": func(have, want string) bool {
		h, err1 := time.Parse(time.RFC3339, have)
		w, err2 := time.Parse(time.RFC3339, want)
		return err1 == nil && err2 == nil && h.Before(w)
	},
}

// contextKeys are the condition keys of requests to this cloud, in lower case.
var contextKeys = []string{
	"sts:externalid", "sts:rolesessionname",
	"aws:multifactorauthpresent", "aws:multifactorauthage",
	"aws:principalarn", "aws:principalaccount", "aws:tokenissuetime",
	"aws:sourceip", "aws:sourcevpc",
	"codeconnections:providerpermissionsrequired", "codeconnections:fullrepositoryid",
	"codestar-connections:providerpermissionsrequired", "codestar-connections:fullrepositoryid",
}

// principalTag is the prefix of condition keys for the caller's tags.
const principalTag = "aws:principaltag/"

func parseCondition(operator, key string, raw []json.RawMessage) (c condition, err error) {
	c.operator, c.ifExists = strings.CutSuffix(operator, "IfExists")
	if operators[c.operator] == nil {
		return c, fmt.Errorf("condition operator %q is not supported", operator)
	}
	c.key = strings.ToLower(key)
	// An OIDC claim is named ISSUER:CLAIM, where ISSUER is a host name.
	issuer, claim, _ := strings.Cut(c.key, ":")
	isClaim := strings.Contains(issuer, ".") && (strings.HasSuffix(claim, "aud") || strings.HasSuffix(claim, "sub"))
	isTag := strings.HasPrefix(c.key, principalTag)
	if !slices.Contains(contextKeys, c.key) && !isClaim && !isTag {
		return c, fmt.Errorf("condition key %q is not supported", key)
	}
	for _, r := range raw {
		// IAM accepts numbers and booleans with and without quotes.
		var s string
		if err := json.Unmarshal(r, &s); err != nil {
			s = string(r)
		}
		if s == "" || strings.Contains(s, "${") || strings.ContainsAny(s[:1], "{[") {
			return c, fmt.Errorf("condition value %s is not supported", r)
		}
		c.values = append(c.values, s)
	}
	if len(c.values) == 0 || c.operator == "StringNotEquals" && len(c.values) > 1 {
		return c, fmt.Errorf("condition %s on %q with %d values is not supported", operator, key, len(c.values))
	}
	return c, nil
}

// holds reports whether a condition is met. If the request does not have the key,
// only conditions with IfExists or a negated operator are met.
func (c condition) holds(context map[string]string) bool {
	have, ok := context[c.key]
	if !ok {
		return c.ifExists || c.operator == "StringNotEquals"
	}
	return slices.ContainsFunc(c.values, func(want string) bool { return operators[c.operator](have, want) })
}

// decide returns the verdict of several policies. A Deny overrides any Allow.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func decide(policies []*policy, q question) verdict {
	sum := silent
	for _, p := range policies {
		for _, s := range p.statements {
			sum = max(sum, s.decide(q))
		}
	}
	return sum
}

func (s statement) decide(q question) verdict {
	matches := func(pattern string) bool { return wildcardMatch(pattern, strings.ToLower(q.action)) }
	if !slices.ContainsFunc(s.actions, matches) {
		return silent
	}
	if len(s.resources) > 0 && !slices.ContainsFunc(s.resources, func(pattern string) bool { return wildcardMatch(pattern, q.resource) }) {
		return silent
	}
	for _, c := range s.conditions {
		if !c.holds(q.context) {
			return silent
		}
	}
	answer := allowed
	if len(s.principals) > 0 {
		answer = silent
		for _, p := range s.principals {
			answer = max(answer, p.admits(q.asker))
		}
	}
	if answer != silent && !s.allow {
		return denied
	}
	return answer
}

// admits returns the verdict of a principal element for the asker.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (p principal) admits(a asker) verdict {
	switch {
	case p.kind == "*" && a.arn != "":
		return allowed
	case p.kind == "Service" && p.value == a.service && a.service != "",
		p.kind == "Federated" && p.value == a.federated && a.federated != "":
		return allowed
	case p.kind != "AWS" || a.arn == "":
		return silent
	case p.value == a.arn || a.roleARN != "" && p.value == a.roleARN:
		return allowed
	case p.value == a.account || strings.HasSuffix(p.value, ":iam::"+a.account+":root"):
		return allowedAccount
	}
	return silent
}

// wildcardMatch matches a pattern in which * matches any characters and ? for
// one.
func wildcardMatch(pattern, s string) bool {
	for pattern != "" {
		switch pattern[0] {
		case '*':
			pattern = strings.TrimLeft(pattern, "*")
			for i := 0; i <= len(s); i++ {
				if wildcardMatch(pattern, s[i:]) {
					return true
				}
			}
			return false
		case '?':
			if s == "" {
				return false
			}
		default:
			if s == "" || s[0] != pattern[0] {
				return false
			}
		}
		pattern, s = pattern[1:], s[1:]
	}
	return s == ""
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// oneOrMany is an element that IAM accepts as a single value or as a list.
type oneOrMany[T any] []T

func (l *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		return json.Unmarshal(data, (*[]T)(l))
	}
	var one T
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*l = []T{one}
	return nil
}

// strictJSON rejects fields that the target does not have.
func strictJSON(document string, target any) error {
	d := json.NewDecoder(strings.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(target); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more than one document")
	}
	return nil
}
