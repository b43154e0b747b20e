// Package iampolicy makes the IAM documents that both accounts of a
// cross-account access to CodeCommit need: what the role in the repository's
// account may do and who may assume it, and, for the users' account, the right
// to assume it. Everything in it is a pure function: the same purpose gives the
// same bytes.
package iampolicy

import "encoding/json"

// A Document is an IAM policy:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
type Document struct {
	Version   string
	Statement []Statement
}

// version is the current version of the policy language, not the document's:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html.
const version = "2012-10-17"

// A Statement allows something; nothing here needs a denial. A trust policy's
// statement has a Principal and no Resource, any other the reverse.
type Statement struct {
	Effect    string
	Principal *Principal `json:",omitempty"`
	Action    []string
	Resource  []string  `json:",omitempty"`
	Condition Condition `json:",omitempty"`
}

// A Principal is who a trust policy speaks of: one of the two.
type Principal struct {
	AWS     string `json:",omitempty"` // an account's root, a role or a user
	Service string `json:",omitempty"` // a part of AWS
}

// A Condition holds, by operator and by condition key, the value that a request
// must have. All of them must be met.
type Condition map[string]map[string]string

// allow is a document of the statements given.
func allow(statements ...Statement) Document {
	for i := range statements {
		statements[i].Effect = "Allow"
	}
	return Document{Version: version, Statement: statements}
}

// size is what IAM counts against its quotas: the characters that are not white
// space.
func (d Document) size() int { return len(mustJSON(json.Marshal(d))) }

// mustJSON returns what json.Marshal did: it cannot fail on the types of this
// package.
func mustJSON(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
