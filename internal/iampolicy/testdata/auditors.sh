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
try aws iam put-user-policy \
  --user-name Nikki \
  --policy-name Assume-111122223333-Audit \
  --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "sts:AssumeRole"
      ],
      "Resource": [
        "arn:aws-us-gov:iam::111122223333:role/third-party/Audit"
      ]
    }
  ]
}'
else
echo 'these are not credentials of account 888888888888: its part is left out' >&2
fi

# For the administrator of the repository's account 111122223333, after the other account.
if [ "$account" = 111122223333 ]; then
ran=yes
try aws iam create-role \
  --role-name Audit \
  --path /third-party/ \
  --max-session-duration 14400 \
  --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws-us-gov:iam::888888888888:user/auditors/Nikki"
      },
      "Action": [
        "sts:AssumeRole"
      ],
      "Condition": {
        "Bool": {
          "aws:MultiFactorAuthPresent": "true"
        },
        "StringEquals": {
          "sts:ExternalId": "Example+Corp=42,x.y@z:a/b-c_d"
        }
      }
    }
  ]
}'
try aws iam put-role-policy \
  --role-name Audit \
  --policy-name CodeCommitAccess \
  --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "codecommit:GitPull",
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
        "codecommit:ListPullRequests"
      ],
      "Resource": [
        "arn:aws-us-gov:codecommit:us-gov-west-1:111122223333:First",
        "arn:aws-us-gov:codecommit:us-gov-east-1:111122223333:Second"
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
# [profile audit]
# role_arn = arn:aws-us-gov:iam::111122223333:role/third-party/Audit
# source_profile = default
# external_id = Example+Corp=42,x.y@z:a/b-c_d
# mfa_serial = arn:aws-us-gov:iam::888888888888:mfa/DEVICE
# duration_seconds = 14400
# region = us-gov-west-1
#
# Replace DEVICE with the end of the ARN that this prints: aws iam list-mfa-devices
#
# git-credential-codecommit setup --profile audit --role-arn arn:aws-us-gov:iam::111122223333:role/third-party/Audit --source-profile default --external-id Example+Corp=42,x.y@z:a/b-c_d --mfa-serial arn:aws-us-gov:iam::888888888888:mfa/DEVICE --duration 14400 --region us-gov-west-1 --account 111122223333
