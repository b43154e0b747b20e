# For the administrator of the users' account 888888888888.
if [ "$(aws sts get-caller-identity --query Account --output text)" = 888888888888 ]; then
aws iam create-group \
  --group-name MyCrossAccountRepositoryContributorRole
aws iam put-group-policy \
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
if [ "$(aws sts get-caller-identity --query Account --output text)" = 111122223333 ]; then
aws iam create-role \
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
aws iam put-role-policy \
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

# For the user. The command below configures git and writes this profile into the AWS config file:
#
# [profile MyCrossAccountRepositoryContributorRole]
# role_arn = arn:aws:iam::111122223333:role/MyCrossAccountRepositoryContributorRole
# source_profile = default
# region = us-east-2
#
# git-credential-codecommit setup --profile MyCrossAccountRepositoryContributorRole --role-arn arn:aws:iam::111122223333:role/MyCrossAccountRepositoryContributorRole --source-profile default --region us-east-2 --account 111122223333
