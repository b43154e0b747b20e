# For the administrator of the users' account 888888888888.
if [ "$(aws sts get-caller-identity --query Account --output text)" = 888888888888 ]; then
aws iam create-role \
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
aws iam put-role-policy \
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
aws iam create-instance-profile \
  --instance-profile-name Builders
aws iam add-role-to-instance-profile \
  --instance-profile-name Builders \
  --role-name Builders
else
echo 'these are not credentials of account 888888888888: its part is left out' >&2
fi
# For each instance: aws ec2 associate-iam-instance-profile --instance-id ID --iam-instance-profile Name=Builders

# For the administrator of the repository's account 111122223333, after the other account.
if [ "$(aws sts get-caller-identity --query Account --output text)" = 111122223333 ]; then
aws iam create-role \
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
aws iam put-role-policy \
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

# For the instance. No AWS config file is needed; a profile for other programs would be
#
# [profile CrossAccountRepoAccessRole]
# role_arn = arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole
# credential_source = Ec2InstanceMetadata
# region = us-east-2
#
# and git is configured for all users of the instance by
#
# git-credential-codecommit setup --scope system --role-arn arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole --credential-source Ec2InstanceMetadata
