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
try aws iam create-role \
  --role-name Builders \
  --path / \
  --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Service": "ec2.amazonaws.com"
      },
      "Action": [
        "sts:AssumeRole"
      ]
    }
  ]
}'
try aws iam put-role-policy \
  --role-name Builders \
  --policy-name Assume-111122223333-CrossAccountRepoAccessRole \
  --policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "sts:AssumeRole"
      ],
      "Resource": [
        "arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole"
      ]
    }
  ]
}'
try aws iam create-instance-profile \
  --instance-profile-name Builders
try aws iam add-role-to-instance-profile \
  --instance-profile-name Builders \
  --role-name Builders
else
echo 'these are not credentials of account 888888888888: its part is left out' >&2
fi
# For each instance: aws ec2 associate-iam-instance-profile --instance-id ID --iam-instance-profile Name=Builders

# For the administrator of the repository's account 111122223333, after the other account.
if [ "$account" = 111122223333 ]; then
ran=yes
try aws iam create-role \
  --role-name CrossAccountRepoAccessRole \
  --path / \
  --max-session-duration 3600 \
  --assume-role-policy-document '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::888888888888:role/Builders"
      },
      "Action": [
        "sts:AssumeRole"
      ]
    }
  ]
}'
try aws iam put-role-policy \
  --role-name CrossAccountRepoAccessRole \
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

# For the instance. No AWS config file is needed; for other programs, the profile would be
#
# [profile CrossAccountRepoAccessRole]
# role_arn = arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole
# credential_source = Ec2InstanceMetadata
# region = us-east-2
#
# This command configures git for all users of the instance:
#
# git-credential-codecommit setup --scope system --role-arn arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole --credential-source Ec2InstanceMetadata
