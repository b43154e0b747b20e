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
try aws iam create-open-id-connect-provider \
  --url https://token.actions.githubusercontent.com \
  --client-id-list '["sts.amazonaws.com"]'
try aws iam add-client-id-to-open-id-connect-provider \
  --open-id-connect-provider-arn arn:aws:iam::888888888888:oidc-provider/token.actions.githubusercontent.com \
  --cli-input-json '{"ClientID":"sts.amazonaws.com"}'
try aws iam create-role \
  --role-name ci-runner \
  --path / \
  --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:aws:iam::888888888888:oidc-provider/token.actions.githubusercontent.com"
      },
      "Action": [
        "sts:AssumeRoleWithWebIdentity"
      ],
      "Condition": {
        "StringEquals": {
          "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
          "token.actions.githubusercontent.com:sub": [
            "repo:example/app:environment:production",
            "repo:example@1234567/app@987654321:ref:refs/heads/main"
          ]
        }
      }
    }
  ]
}'
try aws iam put-role-policy \
  --role-name ci-runner \
  --policy-name Assume-111122223333-CIRepoAccessRole \
  --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "sts:AssumeRole"
      ],
      "Resource": [
        "arn:aws:iam::111122223333:role/CIRepoAccessRole"
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
  --role-name CIRepoAccessRole \
  --path / \
  --max-session-duration 3600 \
  --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::888888888888:role/ci-runner"
      },
      "Action": [
        "sts:AssumeRole"
      ]
    }
  ]
}'
try aws iam put-role-policy \
  --role-name CIRepoAccessRole \
  --policy-name CodeCommitAccess \
  --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "codecommit:GitPull"
      ],
      "Resource": [
        "arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo"
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

# For the CI job. Set these variables, with the file that contains the job's token:
#
# AWS_ROLE_ARN=arn:aws:iam::888888888888:role/ci-runner
# AWS_WEB_IDENTITY_TOKEN_FILE=TOKEN_FILE
#
# No AWS config file is needed; for other programs, the profile would be
#
# [profile CIRepoAccessRole]
# role_arn = arn:aws:iam::111122223333:role/CIRepoAccessRole
# source_profile = CIRepoAccessRole-job
# region = us-east-2
#
# [profile CIRepoAccessRole-job]
# role_arn = arn:aws:iam::888888888888:role/ci-runner
# web_identity_token_file = TOKEN_FILE
#
# This command configures git:
#
# git-credential-codecommit setup --role-arn arn:aws:iam::111122223333:role/CIRepoAccessRole --region us-east-2 --account 111122223333
