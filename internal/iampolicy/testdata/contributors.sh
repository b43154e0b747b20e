# Requires the AWS CLI, with credentials of the account that a part is for.
(
account=$(aws sts get-caller-identity --query Account --output text) || {
  echo 'error: aws sts get-caller-identity failed: nothing was changed' >&2
  exit 1
}
account=$(printf %s "$account" | tr -d '\r')
ran='' failed=''

# try runs a command. It accepts what exists already, and records other failures.
try() {
  if output=$("$@" 2>&1); then
    if [ -n "$output" ]; then printf '%s\n' "$output"; fi
    return 0
  fi
  case $output in
  (*EntityAlreadyExists*)
    echo "$1 $2 $3 $4 $5: exists already, unchanged" >&2
    return 0 ;;
  (*LimitExceeded*)
    # The instance profile has a role: is it this one?
    if [ "$3" = add-role-to-instance-profile ] &&
      [ "$(aws iam get-instance-profile "$4" "$5" --query 'InstanceProfile.Roles[].RoleName' --output text | tr -d '\r')" = "$7" ]; then
      echo "$1 $2 $3 $4 $5: has the role already, unchanged" >&2
      return 0
    fi ;;
  esac
  printf '%s\n' "$output" >&2
  failed="$failed
  $1 $2 $3 $4 $5"
}

# For the administrator of the users' account 888888888888.
if [ "$account" = 888888888888 ]; then
ran=yes
try aws iam create-group \
  --group-name MyCrossAccountRepositoryContributorRole
try aws iam put-group-policy \
  --group-name MyCrossAccountRepositoryContributorRole \
  --policy-name Assume-111122223333-MyCrossAccountRepositoryContributorRole \
  --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "sts:AssumeRole"
      ],
      "Resource": [
        "arn:aws:iam::111122223333:role/MyCrossAccountRepositoryContributorRole"
      ]
    }
  ]
}'
else
echo 'these are not credentials of account 888888888888: its part is left out' >&2
fi
# For each user: aws iam add-user-to-group --group-name MyCrossAccountRepositoryContributorRole --user-name NAME

# For the administrator of the repository's account 111122223333, after the other account.
if [ "$account" = 111122223333 ]; then
ran=yes
try aws iam create-role \
  --role-name MyCrossAccountRepositoryContributorRole \
  --path / \
  --max-session-duration 3600 \
  --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::888888888888:root"
      },
      "Action": [
        "sts:AssumeRole"
      ]
    }
  ]
}'
try aws iam put-role-policy \
  --role-name MyCrossAccountRepositoryContributorRole \
  --policy-name CodeCommitAccess \
  --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "codecommit:GitPull",
        "codecommit:GitPush",
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
        "codecommit:UpdatePullRequestTitle"
      ],
      "Resource": [
        "arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo"
      ]
    },
    {
      "Effect": "Allow",
      "Action": [
        "codecommit:ListRepositories"
      ],
      "Resource": [
        "*"
      ]
    }
  ]
}'
else
echo 'these are not credentials of account 111122223333: its part is left out' >&2
fi

if [ -n "$failed" ]; then
  echo "error: these calls failed:$failed" >&2
  exit 1
elif [ -z "$ran" ]; then
  echo "error: nothing was changed: the credentials belong to account $account" >&2
  exit 1
fi
)

# For the user. The command below configures git and writes this profile into the AWS config file:
#
# [profile MyCrossAccountRepositoryContributorRole]
# role_arn = arn:aws:iam::111122223333:role/MyCrossAccountRepositoryContributorRole
# source_profile = default
# region = us-east-2
#
# In the console, switch to the role with
# https://signin.aws.amazon.com/switchrole?roleName=MyCrossAccountRepositoryContributorRole&account=111122223333
#
# git-credential-codecommit setup --profile MyCrossAccountRepositoryContributorRole --role-arn arn:aws:iam::111122223333:role/MyCrossAccountRepositoryContributorRole --source-profile default --region us-east-2 --account 111122223333
