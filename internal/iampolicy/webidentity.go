package iampolicy

import (
	"fmt"
	"slices"
	"strings"
)

// A WebIdentity describes CI jobs with a web identity token (OpenID Connect): the
// provider that signs it, and the allowed subjects.
type WebIdentity struct {
	// Provider is the issuer's URL without https://, as in IAM's ARNs and condition
	// keys.
	Provider string
	// Audience is the token's aud claim.
	Audience string
	// Subjects are the allowed sub claims, which are compared exactly.
	Subjects []string
}

// An IdentityProvider is an OpenID Connect provider to create in an account:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html.
type IdentityProvider struct {
	ARN      string `json:"arn"`
	URL      string `json:"url"`
	Audience string `json:"audience"`
}

// provider returns w's identity provider in an account.
func (w WebIdentity) provider(partition, account string) *IdentityProvider {
	return &IdentityProvider{
		ARN:      "arn:" + partition + ":iam::" + account + ":oidc-provider/" + w.Provider,
		URL:      "https://" + w.Provider,
		Audience: w.Audience,
	}
}

// trustPolicy returns the policy that lets the jobs assume a role in the account.
// The audience alone would allow every customer of the CI service, so the subject
// is compared too:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html.
func (w WebIdentity) trustPolicy(partition, account string, more Condition) Document {
	condition := Condition{}
	for operator, keys := range more {
		for key, values := range keys {
			condition.require(operator, key, values...)
		}
	}
	condition.require("StringEquals", w.Provider+":aud", w.Audience)
	condition.require("StringEquals", w.Provider+":sub", w.Subjects...)
	return allow(Statement{
		Principal: &Principal{Federated: w.provider(partition, account).ARN},
		Action:    []string{"sts:AssumeRoleWithWebIdentity"},
		Condition: condition,
	})
}

// awsAudience is the audience of GitHub's and EKS's tokens for AWS.
const awsAudience = "sts.amazonaws.com"

// defaultBranch is the branch whose jobs are trusted by default.
const defaultBranch = "main"

// Characters in the parts of a subject. Wildcards are excluded, because a
// StringEquals condition would compare them literally and never match. GitHub
// encodes a colon in a name as %3A.
const (
	ownerPattern     pattern = `^[A-Za-z0-9][A-Za-z0-9._-]*$`
	immutablePattern pattern = `^[A-Za-z0-9._-]+@[0-9]+$`
	refPattern       pattern = `^` + refCharacters + `$`
	gitHubRef        pattern = `^refs/(heads|tags)/` + refCharacters + `$`
	eksPattern       pattern = `^oidc[.-]eks\.[a-z0-9-]+\.[a-z0-9.-]+/id/[0-9A-Za-z]+$`
	kubernetesName   pattern = `^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`
)

// ParseGitHub parses OWNER/REPO, optionally followed by :ref:refs/heads/BRANCH,
// :ref:refs/tags/TAG, :environment:NAME or :pull_request, in GitHub's syntax. The
// default is the branch main. Repositories with immutable subjects (all that were
// created, renamed or transferred since July 2026) are written OWNER@ID/REPO@ID.
// See
// https://docs.github.com/en/actions/reference/security/oidc and
// https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/.
func ParseGitHub(s string) (WebIdentity, error) {
	repository, rest, _ := strings.Cut(strings.TrimPrefix(s, "repo:"), ":")
	owner, name, ok := strings.Cut(repository, "/")
	byName := ownerPattern.matches(owner) && ownerPattern.matches(strings.TrimLeft(name, "._-"))
	byID := immutablePattern.matches(owner) && immutablePattern.matches(name)
	if !ok || !byName && !byID {
		return WebIdentity{}, fmt.Errorf("%q does not name one GitHub repository: use OWNER/REPO, or OWNER@ID/REPO@ID for immutable subjects", s)
	}
	kind, value, _ := strings.Cut(rest, ":")
	switch {
	case rest == "":
		rest = "ref:refs/heads/" + defaultBranch
	case rest == "pull_request":
	case kind == "ref" && gitHubRef.matches(value):
	case kind == "environment" && environmentPattern.matches(value):
	default:
		return WebIdentity{}, fmt.Errorf("%q: %q is not ref:refs/heads/BRANCH, ref:refs/tags/TAG, environment:NAME or pull_request, without wildcards", s, rest)
	}
	return WebIdentity{"token.actions.githubusercontent.com", awsAudience, []string{"repo:" + repository + ":" + rest}}, nil
}

// refCharacters are the characters that git allows in a ref, without $:
// https://git-scm.com/docs/git-check-ref-format.
const refCharacters = `[^\x00-\x20\x7f~^:?*\[\\$]+`

// environmentPattern matches the name of a GitHub environment as it appears in a
// subject. Names may contain spaces.
const environmentPattern pattern = `^[^\x00-\x1f\x7f:?*$"\\]+$`

// ParseGitLab parses GROUP/PROJECT, where GROUP may have subgroups, optionally
// followed by :ref_type:branch:ref:BRANCH or :ref_type:tag:ref:TAG, in GitLab's
// syntax. The default is the branch main. See
// https://docs.gitlab.com/ci/secrets/id_token_authentication/ and
// https://docs.gitlab.com/ci/cloud_services/aws/.
func ParseGitLab(s string) (WebIdentity, error) {
	project, rest, _ := strings.Cut(strings.TrimPrefix(s, "project_path:"), ":")
	parts := strings.Split(project, "/")
	if len(parts) < 2 || slices.ContainsFunc(parts, func(part string) bool { return !ownerPattern.matches(strings.TrimLeft(part, "_")) }) {
		return WebIdentity{}, fmt.Errorf("%q does not name one GitLab project: use GROUP/PROJECT", s)
	}
	branch, isBranch := strings.CutPrefix(rest, "ref_type:branch:ref:")
	tag, isTag := strings.CutPrefix(rest, "ref_type:tag:ref:")
	switch {
	case rest == "":
		rest = "ref_type:branch:ref:" + defaultBranch
	case isBranch && refPattern.matches(branch), isTag && refPattern.matches(tag):
	default:
		return WebIdentity{}, fmt.Errorf("%q: %q is not ref_type:branch:ref:BRANCH or ref_type:tag:ref:TAG, without wildcards", s, rest)
	}
	const provider = "gitlab.com"
	return WebIdentity{provider, "https://" + provider, []string{"project_path:" + project + ":" + rest}}, nil
}

// ParseEKS parses ISSUER:system:serviceaccount:NAMESPACE:NAME: a cluster's issuer
// URL, as aws eks describe-cluster prints it, and a service account in Kubernetes'
// syntax. See
// https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html.
func ParseEKS(s string) (WebIdentity, error) {
	issuer, account, ok := strings.Cut(strings.TrimPrefix(s, "https://"), ":system:serviceaccount:")
	namespace, name, both := strings.Cut(account, ":")
	switch {
	case !ok || !both || !eksPattern.matches(issuer):
		return WebIdentity{}, fmt.Errorf("%q is not ISSUER:system:serviceaccount:NAMESPACE:NAME, where ISSUER is oidc.eks.REGION.amazonaws.com/id/ID", s)
	case !kubernetesName.matches(namespace) || !kubernetesName.matches(name):
		return WebIdentity{}, fmt.Errorf("%q does not name one Kubernetes service account, without wildcards", s)
	}
	return WebIdentity{issuer, awsAudience, []string{"system:serviceaccount:" + account}}, nil
}

// Join returns w with the subjects of other. It returns an error if they have
// different providers.
func (w WebIdentity) Join(other WebIdentity) (WebIdentity, error) {
	if w.Provider != other.Provider {
		return WebIdentity{}, fmt.Errorf("jobs of %s and of %s cannot share a role: create one for each", w.Provider, other.Provider)
	}
	for _, s := range other.Subjects {
		if !slices.Contains(w.Subjects, s) {
			w.Subjects = append(w.Subjects, s)
		}
	}
	return w, nil
}
