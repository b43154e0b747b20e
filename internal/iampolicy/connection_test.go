package iampolicy

import (
	"slices"
	"strings"
	"testing"
)

const connectionARN = "arn:aws:codeconnections:us-east-2:111122223333:connection/a1b2c3d4-5678-90ab-cdef-111122223333"

// A connection is allowed by both names of its service; for readers only with
// the provider's read permissions.
func TestConnections(t *testing.T) {
	t.Parallel()
	former := strings.Replace(connectionARN, "codeconnections", "codestar-connections", 1)
	for _, arn := range []string{connectionARN, former} {
		for _, readOnly := range []bool{false, true} {
			p := contributors()
			p.Repositories = []Repository{must(ParseRepository(arn))}
			p.ReadOnly = readOnly
			a := must(New(p))
			statements := a.RepositoryAccount.AccessPolicy.Statement
			if len(statements) != 2 || a.Client.SwitchRole != "" {
				t.Fatalf("%d statements, link %q", len(statements), a.Client.SwitchRole)
			}
			for i, s := range statements {
				service := connectionServices[i]
				if !slices.Equal(s.Action, []string{service + ":UseConnection"}) || !slices.Equal(s.Resource, []string{connectionARN, former}) {
					t.Errorf("%v on %v", s.Action, s.Resource)
				}
				limit := s.Condition["StringEquals"][service+":ProviderPermissionsRequired"]
				if readOnly != slices.Equal(limit, []string{"read_only"}) || !readOnly && s.Condition != nil {
					t.Errorf("read-only %t: conditions %v", readOnly, s.Condition)
				}
			}
		}
	}
	// Together with a repository, each gets its own statements.
	p := contributors()
	p.Repositories = append(p.Repositories, must(ParseRepository(connectionARN)))
	p.GitOnly = true
	if statements := must(New(p)).RepositoryAccount.AccessPolicy.Statement; len(statements) != 3 || !slices.Equal(statements[0].Action, []string{gitPull, gitPush}) {
		t.Errorf("%v", statements)
	}
	p.Repositories[1].Account = "222233334444"
	if _, err := New(p); err == nil || !strings.Contains(err.Error(), "belongs to another account") {
		t.Errorf("a connection of another account: %v", err)
	}
}
