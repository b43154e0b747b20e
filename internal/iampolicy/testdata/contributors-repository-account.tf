# For the administrator of the repository's account 111122223333, after the other account.
# terraform init && terraform apply

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

provider "aws" {
  region              = "us-east-2"
  allowed_account_ids = ["111122223333"]
}

resource "aws_iam_role" "codecommit" {
  name                 = "MyCrossAccountRepositoryContributorRole"
  path                 = "/"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        AWS = "arn:aws:iam::888888888888:root"
      }
      Action = ["sts:AssumeRole"]
    }]
  })
}

resource "aws_iam_role_policy" "codecommit" {
  name = "CodeCommitAccess"
  role = aws_iam_role.codecommit.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
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
        ]
        Resource = ["arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo"]
      },
      {
        Effect   = "Allow"
        Action   = ["codecommit:ListRepositories"]
        Resource = ["*"]
      }
    ]
  })
}

output "role_arn" {
  value = aws_iam_role.codecommit.arn
}
