package iampolicy

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// hclEvaluation contains what the configurations refer to, as known to Terraform
// after a first plan.
func hclEvaluation() *hcl.EvalContext {
	named := func(name string) cty.Value {
		return cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(name), "arn": cty.StringVal("arn")})
	}
	return &hcl.EvalContext{
		Functions: map[string]function.Function{"jsonencode": stdlib.JSONEncodeFunc},
		Variables: map[string]cty.Value{
			"var":           cty.ObjectVal(map[string]cty.Value{"create_group": cty.True, "create_provider": cty.True}),
			"aws_iam_group": cty.ObjectVal(map[string]cty.Value{"users": cty.TupleVal([]cty.Value{named("from the resource")})}),
			"aws_iam_role":  cty.ObjectVal(map[string]cty.Value{"users": named("from the resource"), "codecommit": named("from the resource")}),
			"aws_iam_openid_connect_provider": cty.ObjectVal(map[string]cty.Value{
				"jobs": cty.TupleVal([]cty.Value{cty.StringVal("provider")}),
			}),
			"bool": cty.StringVal("bool"),
		},
	}
}

// The configurations are valid HCL, have the layout of terraform fmt, refer only to
// what they declare, and contain the same documents as the other formats.
func TestTerraform(t *testing.T) {
	t.Parallel()
	trustRole := contributors()
	trustRole.Trusted = must(ParseEntity(Role, "aws", "888888888888", "ci/Runner"))
	for name, tt := range map[string]struct {
		p     Purpose
		users []string // resources
		owner []string
	}{
		"contributors": {contributors(), []string{"aws_iam_group.users", "aws_iam_group_policy.assume_role"}, nil},
		"a group":      {guardedGroup(), []string{"aws_iam_group.users", "aws_iam_group_policy.assume_role"}, nil},
		"instances":    {instances(), []string{"aws_iam_instance_profile.users", "aws_iam_role.users", "aws_iam_role_policy.assume_role"}, nil},
		"auditors":     {auditors(), []string{"aws_iam_user_policy.assume_role"}, nil},
		"a role":       {trustRole, []string{"aws_iam_role_policy.assume_role"}, nil},
		"workflows":    {workflows(), []string{"aws_iam_openid_connect_provider.jobs", "aws_iam_role.users", "aws_iam_role_policy.assume_role"}, nil},
		"pipelines":    {pipelines(), nil, []string{"aws_iam_openid_connect_provider.jobs"}},
	} {
		a := must(New(tt.p))
		for i, part := range []Part{ForUserAccount, ForRepositoryAccount} {
			if !slices.Contains(a.Accounts(), part) {
				continue
			}
			source := a.Terraform(part)
			if formatted := hclwrite.Format(source); string(formatted) != string(source) {
				t.Errorf("%s: terraform fmt would change it to\n%s", name, formatted)
			}
			resources, documents := readTerraform(t, name, source)
			want := tt.users
			if part == ForRepositoryAccount {
				want = append(slices.Clone(tt.owner), "aws_iam_role.codecommit", "aws_iam_role_policy.codecommit")
			}
			if got := slices.Sorted(maps.Keys(resources)); !slices.Equal(got, want) {
				t.Errorf("%s: resources %v, want %v", name, got, want)
			}
			for _, d := range a.documents()[i] {
				want := facts(t, must(json.Marshal(d)))
				if !slices.ContainsFunc(documents, func(s string) bool { return reflect.DeepEqual(facts(t, []byte(s)), want) }) {
					t.Errorf("%s: the configuration lacks\n%s", name, d.indented())
				}
			}
		}
	}
}

// readTerraform parses a configuration and evaluates all its expressions. It
// returns the arguments of each resource, and the strings that are JSON objects.
func readTerraform(t *testing.T, name string, source []byte) (resources map[string]map[string]cty.Value, documents []string) {
	t.Helper()
	file, problems := hclparse.NewParser().ParseHCL(source, name)
	if problems.HasErrors() {
		t.Fatalf("%s: %v in\n%s", name, problems, source)
	}
	resources = map[string]map[string]cty.Value{}
	declared := map[string]bool{"bool": true}
	used := map[string]bool{}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		values := map[string]cty.Value{}
		for _, inner := range append(hclsyntax.Blocks{b}, b.Body.Blocks...) {
			for _, argument := range inner.Body.Attributes {
				value, problems := argument.Expr.Value(hclEvaluation())
				if problems.HasErrors() {
					t.Fatalf("%s: %v", name, problems)
				}
				values[argument.Name] = value
				if value.Type() == cty.String && strings.HasPrefix(value.AsString(), "{") {
					documents = append(documents, value.AsString())
				}
				for _, traversal := range argument.Expr.Variables() {
					if traversal.RootName() == "bool" {
						continue
					}
					used[traversal.RootName()+"."+traversal[1].(hcl.TraverseAttr).Name] = true
				}
			}
		}
		switch b.Type {
		case "resource":
			resources[strings.Join(b.Labels, ".")] = values
			declared[strings.Join(b.Labels, ".")] = true
		case "variable":
			declared["var."+b.Labels[0]] = true
		}
	}
	for reference := range used {
		if !declared[reference] {
			t.Errorf("%s: %s is not declared", name, reference)
		}
	}
	return resources, documents
}

// Strings are literal, whatever they contain.
func TestHCLString(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "a b", `"quoted"`, `back\slash`, "${var.x}", "%{if true}", "$${", "a\nb", "<&>", "é"} {
		expression, problems := hclsyntax.ParseExpression([]byte(hclString(s)), s, hcl.InitialPos)
		if problems.HasErrors() {
			t.Errorf("%q: %v", s, problems)
			continue
		}
		if value, _ := expression.Value(nil); value.AsString() != s {
			t.Errorf("%q is read as %q", s, value.AsString())
		}
	}
}
