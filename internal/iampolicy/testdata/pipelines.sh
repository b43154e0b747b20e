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

# For the administrator of the repository's account 111122223333.
if [ "$account" = 111122223333 ]; then
ran=yes
try aws iam create-open-id-connect-provider \
  --url https://gitlab.com \
  --client-id-list '["https://gitlab.com"]'
try aws iam add-client-id-to-open-id-connect-provider \
  --open-id-connect-provider-arn arn:aws:iam::111122223333:oidc-provider/gitlab.com \
  --cli-input-json '{"ClientID":"https://gitlab.com"}'
try aws iam create-role \
  --role-name PipelineRole \
  --path / \
  --max-session-duration 3600 \
  --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:aws:iam::111122223333:oidc-provider/gitlab.com"
      },
      "Action": [
        "sts:AssumeRoleWithWebIdentity"
      ],
      "Condition": {
        "StringEquals": {
          "gitlab.com:aud": "https://gitlab.com",
          "gitlab.com:sub": "project_path:group/subgroup/project:ref_type:branch:ref:main"
        }
      }
    }
  ]
}'
try aws iam put-role-policy \
  --role-name PipelineRole \
  --policy-name CodeCommitAccess \
  --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "codecommit:GitPull",
        "codecommit:GitPush"
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
# AWS_ROLE_ARN=arn:aws:iam::111122223333:role/PipelineRole
# AWS_WEB_IDENTITY_TOKEN_FILE=TOKEN_FILE
#
# No AWS config file is needed; for other programs, the profile would be
#
# [profile PipelineRole]
# role_arn = arn:aws:iam::111122223333:role/PipelineRole
# web_identity_token_file = TOKEN_FILE
# region = us-east-2
#
# This command configures git:
#
# git-credential-codecommit setup --region us-east-2 --account 111122223333
