package iampolicy

import (
	"slices"
	"strings"
	"testing"
)

func TestParseWebIdentity(t *testing.T) {
	t.Parallel()
	const cluster = "oidc.eks.us-east-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
	for _, tt := range []struct {
		parse   func(string) (WebIdentity, error)
		s       string
		subject string
	}{
		{ParseGitHub, "example/app", "repo:example/app:ref:refs/heads/main"},
		{ParseGitHub, "example/.github", "repo:example/.github:ref:refs/heads/main"},
		{ParseGitHub, "example/app:ref:refs/heads/release/1.0", "repo:example/app:ref:refs/heads/release/1.0"},
		{ParseGitHub, "example/app:ref:refs/tags/v1", "repo:example/app:ref:refs/tags/v1"},
		{ParseGitHub, "example/app:environment:Production EU", "repo:example/app:environment:Production EU"},
		{ParseGitHub, "example/app:pull_request", "repo:example/app:pull_request"},
		{ParseGitHub, "repo:example/app:pull_request", "repo:example/app:pull_request"},
		{ParseGitHub, "example@123456/app@456789:environment:prod", "repo:example@123456/app@456789:environment:prod"},
		{ParseGitLab, "group/project", "project_path:group/project:ref_type:branch:ref:main"},
		{ParseGitLab, "a/b/c/d:ref_type:tag:ref:v1.0", "project_path:a/b/c/d:ref_type:tag:ref:v1.0"},
		{ParseGitLab, "project_path:group/project:ref_type:branch:ref:topic/x", "project_path:group/project:ref_type:branch:ref:topic/x"},
		{ParseEKS, "https://" + cluster + ":system:serviceaccount:argocd:repo-server", "system:serviceaccount:argocd:repo-server"},
		{ParseEKS, cluster + ":system:serviceaccount:argocd:repo.server", "system:serviceaccount:argocd:repo.server"},
	} {
		if w, err := tt.parse(tt.s); err != nil || !slices.Equal(w.Subjects, []string{tt.subject}) {
			t.Errorf("%q: %v, %v", tt.s, w, err)
		}
	}
	for _, tt := range []struct {
		parse func(string) (WebIdentity, error)
		s     string
	}{
		{ParseGitHub, ""},
		{ParseGitHub, "example"},
		{ParseGitHub, "example/"},
		{ParseGitHub, "/app"},
		{ParseGitHub, "*/app"},
		{ParseGitHub, "example/*"},
		{ParseGitHub, "example/app*"},
		{ParseGitHub, "exam?le/app"},
		{ParseGitHub, "example/app/more"},
		{ParseGitHub, "example@123/app"}, // half immutable
		{ParseGitHub, "example/app@456"},
		{ParseGitHub, "example@*/app@*"},
		{ParseGitHub, "example@x/app@y"},
		{ParseGitHub, "example/app:*"},
		{ParseGitHub, "example/app:ref:*"},
		{ParseGitHub, "example/app:ref:refs/heads/*"},
		{ParseGitHub, "example/app:ref:refs/heads/"},
		{ParseGitHub, "example/app:ref:main"},
		{ParseGitHub, "example/app:ref:refs/heads/${aws:username}"},
		{ParseGitHub, "example/app:environment:"},
		{ParseGitHub, "example/app:environment:prod*"},
		{ParseGitHub, "example/app:environment:a:b"}, // GitHub sends a%3Ab
		{ParseGitHub, "example/app:main"},
		{ParseGitHub, "exa mple/app"},
		{ParseGitLab, "project"},
		{ParseGitLab, "group/*"},
		{ParseGitLab, "*/project"},
		{ParseGitLab, "group//project"},
		{ParseGitLab, "group/project:*"},
		{ParseGitLab, "group/project:ref_type:branch:ref:*"},
		{ParseGitLab, "group/project:ref_type:*:ref:main"},
		{ParseGitLab, "group/project:ref:refs/heads/main"},
		{ParseEKS, cluster},
		{ParseEKS, cluster + ":system:serviceaccount:default:*"},
		{ParseEKS, cluster + ":system:serviceaccount:*:app"},
		{ParseEKS, cluster + ":system:serviceaccount:default"},
		{ParseEKS, "example.com:system:serviceaccount:default:app"},
		{ParseEKS, "oidc.eks.us-east-2.amazonaws.com:system:serviceaccount:default:app"},
	} {
		if w, err := tt.parse(tt.s); err == nil {
			t.Errorf("%q became %v", tt.s, w)
		}
	}
}

// Subjects of one provider can share a role; those of different providers cannot.
func TestJoinWebIdentities(t *testing.T) {
	t.Parallel()
	w := must(ParseGitHub("example/app"))
	w = must(w.Join(must(ParseGitHub("example@1/app@2"))))
	w = must(w.Join(must(ParseGitHub("example/app"))))
	if want := []string{"repo:example/app:ref:refs/heads/main", "repo:example@1/app@2:ref:refs/heads/main"}; !slices.Equal(w.Subjects, want) {
		t.Errorf("%q, want %q", w.Subjects, want)
	}
	if _, err := w.Join(must(ParseGitLab("group/project"))); err == nil {
		t.Error("GitHub and GitLab shared a role")
	}
}

// No purpose for CI jobs has a trust policy without an exact subject.
func TestJobsAreNamedExactly(t *testing.T) {
	t.Parallel()
	for _, p := range []Purpose{workflows(), pipelines()} {
		a := must(New(p))
		trust := a.RepositoryAccount.TrustPolicy
		if a.UserAccount != nil {
			trust = *a.UserAccount.WebIdentityTrustPolicy
		}
		for _, s := range trust.Statement {
			equals := s.Condition["StringEquals"]
			if len(s.Condition) != 1 || len(equals[p.Jobs.Provider+":sub"]) == 0 || len(equals[p.Jobs.Provider+":aud"]) != 1 {
				t.Errorf("conditions %v", s.Condition)
			}
		}
		if strings.Contains(trust.indented(), "*") {
			t.Errorf("a wildcard in\n%s", trust.indented())
		}
	}
}
