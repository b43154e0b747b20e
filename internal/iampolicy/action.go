package iampolicy

import "slices"

// The AWS guide to cross-account access gives contributors codecommit:BatchGet*,
// Create*, DeleteBranch, Get*, List*, Describe*, Put*, Post*, Merge*, Test*,
// Update*, GitPull and GitPush:
// https://docs.aws.amazon.com/codecommit/latest/userguide/cross-account-administrator-a.html.
// Those wildcards include the owner's tasks: creating and renaming the
// repository, its default branch, its encryption key and its triggers. So the
// actions are listed here one by one, without wildcards. What each does:
// https://docs.aws.amazon.com/codecommit/latest/userguide/auth-and-access-control-permissions-reference.html.
//
// These actions of the guide's set are left out on purpose:
//
//   - the repository itself: CreateRepository, UpdateRepositoryName,
//     UpdateRepositoryDescription, UpdateRepositoryEncryptionKey,
//     UpdateDefaultBranch;
//   - its settings: GetRepositoryTriggers, PutRepositoryTriggers (which report
//     its events to another service), TestRepositoryTriggers,
//     ListTagsForResource, ListAssociatedApprovalRuleTemplatesForRepository;
//   - an action of CodePipeline: GetUploadArchiveStatus;
//   - GetBlobDifferences, which is so new that linters warn about it;
//   - approval rule templates, which belong to the account: on a repository's
//     ARN those actions allow nothing.

// The actions that git needs. A git push requires only GitPush, even to delete a
// branch; CreateBranch and similar actions are for the API and the console.
const (
	gitPull = "codecommit:GitPull"
	gitPush = "codecommit:GitPush"
)

// readActions are for reading code, history, pull requests and comments in the
// console and through the API. BatchDescribeMergeConflicts and
// EvaluatePullRequestApprovalRules are not in the guide's set, but in the managed
// policy AWSCodeCommitReadOnly, because a pull request's page shows whether it can
// be merged.
var readActions = []string{
	"codecommit:BatchDescribeMergeConflicts",
	"codecommit:BatchGetCommits",
	"codecommit:BatchGetPullRequests",
	"codecommit:BatchGetRepositories",
	"codecommit:DescribeMergeConflicts",
	"codecommit:DescribePullRequestEvents",
	"codecommit:EvaluatePullRequestApprovalRules",
	"codecommit:GetBlob",
	"codecommit:GetBranch",
	"codecommit:GetComment",
	"codecommit:GetCommentReactions",
	"codecommit:GetCommentsForComparedCommit",
	"codecommit:GetCommentsForPullRequest",
	"codecommit:GetCommit",
	"codecommit:GetCommitHistory",
	"codecommit:GetCommitsFromMergeBase",
	"codecommit:GetDifferences",
	"codecommit:GetFile",
	"codecommit:GetFolder",
	"codecommit:GetMergeCommit",
	"codecommit:GetMergeConflicts",
	"codecommit:GetMergeOptions",
	"codecommit:GetObjectIdentifier",
	"codecommit:GetPullRequest",
	"codecommit:GetPullRequestApprovalStates",
	"codecommit:GetPullRequestOverrideState",
	"codecommit:GetReferences",
	"codecommit:GetRepository",
	"codecommit:GetTree",
	"codecommit:ListBranches",
	"codecommit:ListFileCommitHistory",
	"codecommit:ListPullRequests",
}

// writeActions are for contributors: branches, commits, pull requests, merges
// and comments.
var writeActions = []string{
	"codecommit:CreateBranch",
	"codecommit:CreateCommit",
	"codecommit:CreatePullRequest",
	"codecommit:CreatePullRequestApprovalRule",
	"codecommit:CreateUnreferencedMergeCommit",
	"codecommit:DeleteBranch",
	"codecommit:MergeBranchesByFastForward",
	"codecommit:MergeBranchesBySquash",
	"codecommit:MergeBranchesByThreeWay",
	"codecommit:MergePullRequestByFastForward",
	"codecommit:MergePullRequestBySquash",
	"codecommit:MergePullRequestByThreeWay",
	"codecommit:PostCommentForComparedCommit",
	"codecommit:PostCommentForPullRequest",
	"codecommit:PostCommentReply",
	"codecommit:PutCommentReaction",
	"codecommit:PutFile",
	"codecommit:UpdateComment",
	"codecommit:UpdatePullRequestApprovalRuleContent",
	"codecommit:UpdatePullRequestApprovalState",
	"codecommit:UpdatePullRequestDescription",
	"codecommit:UpdatePullRequestStatus",
	"codecommit:UpdatePullRequestTitle",
}

// repositoryActions returns the actions that the purpose needs on its
// repositories.
func (p Purpose) repositoryActions() []string {
	actions := []string{gitPull}
	if !p.ReadOnly {
		actions = append(actions, gitPush)
	}
	if !p.GitOnly {
		actions = append(actions, readActions...)
	}
	if !p.GitOnly && !p.ReadOnly {
		actions = append(actions, writeActions...)
	}
	return actions
}

// listRepositories lets users find a repository in the console. The action supports
// no resources, so its statement has the only wildcard in all documents. It reveals
// only the names of the account's other repositories.
const listRepositories = "codecommit:ListRepositories"

// usesConsole reports whether someone will use CodeCommit's console. Instances and
// CI jobs do not, and callers that need an external ID cannot, because the console
// has no field for it. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user.html.
func (p Purpose) usesConsole() bool {
	inCodeCommit := slices.ContainsFunc(p.Repositories, func(r Repository) bool { return r.Connection == "" })
	return inCodeCommit && !p.GitOnly && !p.forMachines() && p.ExternalID == ""
}
