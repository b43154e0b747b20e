package iampolicy

// The AWS guide to cross-account access gives contributors codecommit:BatchGet*,
// Create*, DeleteBranch, Get*, List*, Describe*, Put*, Post*, Merge*, Test*,
// Update*, GitPull and GitPush:
// https://docs.aws.amazon.com/codecommit/latest/userguide/cross-account-administrator-a.html.
// Those wildcards hold the owner's work too: creating and renaming the
// repository, its default branch, its encryption key and its triggers. So the
// actions stand here one by one, and none of them is a wildcard. What each does:
// https://docs.aws.amazon.com/codecommit/latest/userguide/auth-and-access-control-permissions-reference.html.
//
// Left out of the guide's set on purpose:
//
//   - the repository itself: CreateRepository, UpdateRepositoryName,
//     UpdateRepositoryDescription, UpdateRepositoryEncryptionKey,
//     UpdateDefaultBranch;
//   - its settings: GetRepositoryTriggers, PutRepositoryTriggers (which send
//     what happens in it elsewhere), TestRepositoryTriggers,
//     ListTagsForResource, ListAssociatedApprovalRuleTemplatesForRepository;
//   - CodePipeline's own: GetUploadArchiveStatus;
//   - GetBlobDifferences, which is so new that linters warn of it;
//   - approval rule templates, which belong to the account: on a repository's
//     ARN those actions allow nothing.

// What git itself needs. Git's pushes are ruled by GitPush alone, deleting a
// branch included: CreateBranch and its like are about the API and the console.
const (
	gitPull = "codecommit:GitPull"
	gitPush = "codecommit:GitPush"
)

// readActions are for reading code, history, pull requests and comments in the
// console and through the API. BatchDescribeMergeConflicts and
// EvaluatePullRequestApprovalRules are not in the guide's set: the managed
// policy AWSCodeCommitReadOnly has them, since a pull request's page asks
// whether it can be merged.
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

// writeActions are a contributor's: branches, commits, pull requests, merges
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

// repositoryActions are what the purpose needs on its repositories.
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

// listRepositories is how the console lets people find a repository. It knows
// no resource, so that the only wildcard of all documents stands beside it: the
// names of the account's other repositories can be seen, and nothing else.
const listRepositories = "codecommit:ListRepositories"

// usesConsole says whether somebody will come through the console. Instances do
// not, and whoever needs an external id cannot: the console has no place for
// it. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user.html.
func (p Purpose) usesConsole() bool {
	return !p.GitOnly && !p.Instance && p.ExternalID == ""
}
