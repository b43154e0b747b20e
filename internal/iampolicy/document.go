// Package iampolicy generates the IAM documents that give identities of one account
// access to the CodeCommit repositories of another, as JSON, as a shell script, as
// CloudFormation templates and as Terraform configurations. All its functions are
// pure: the same purpose yields the same bytes.
package iampolicy

import "encoding/json"

// A Document is an IAM policy:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
type Document struct {
	Version   string
	Statement []Statement
}

// version is the current version of the policy language:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html.
const version = "2012-10-17"

// A Statement allows actions; none of the documents needs a Deny. Statements of a
// trust policy have a Principal and no Resource, all others the reverse.
type Statement struct {
	Effect    string
	Principal *Principal `json:",omitempty"`
	Action    []string
	Resource  []string  `json:",omitempty"`
	Condition Condition `json:",omitempty"`
}

// A Principal is the identity that a trust policy names. Exactly one field is
// set.
type Principal struct {
	AWS       string `json:",omitempty"` // an account's root, a role or a user
	Service   string `json:",omitempty"` // an AWS service
	Federated string `json:",omitempty"` // the ARN of an identity provider
}

// A Condition contains the allowed values by operator and condition key. A request
// must match all keys, each with any of its values.
type Condition map[string]map[string]Values

// require adds one condition.
func (c Condition) require(operator, key string, values ...string) {
	if c[operator] == nil {
		c[operator] = map[string]Values{}
	}
	c[operator][key] = values
}

// Values are the values of one condition key.
type Values []string

// MarshalJSON writes a single value as a string, like AWS's documents.
func (v Values) MarshalJSON() ([]byte, error) {
	if len(v) == 1 {
		return json.Marshal(v[0])
	}
	return json.Marshal([]string(v))
}

// allow returns a document that allows the statements.
func allow(statements ...Statement) Document {
	for i := range statements {
		statements[i].Effect = "Allow"
		if len(statements[i].Condition) == 0 {
			statements[i].Condition = nil
		}
	}
	return Document{Version: version, Statement: statements}
}

// size returns the length that IAM compares with its quotas: the number of
// characters that are not white space.
func (d Document) size() int { return len(mustJSON(json.Marshal(d))) }

// indented returns the document as readable JSON.
func (d Document) indented() string { return string(mustJSON(json.MarshalIndent(d, "", "  "))) }

// mustJSON returns the result of json.Marshal, which cannot fail for the types in
// this package.
func mustJSON(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
