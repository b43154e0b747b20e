# For the administrator of the users' account 888888888888.
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
  allowed_account_ids = ["888888888888"]
}

resource "aws_iam_role" "users" {
  name = "Builders"
  path = "/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Service = "ec2.amazonaws.com"
      }
      Action = ["sts:AssumeRole"]
    }]
  })
}

resource "aws_iam_role_policy" "assume_role" {
  name = "Assume-111122223333-CrossAccountRepoAccessRole"
  role = aws_iam_role.users.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = ["arn:aws:iam::111122223333:role/CrossAccountRepoAccessRole"]
    }]
  })
}

resource "aws_iam_instance_profile" "users" {
  name = "Builders"
  role = aws_iam_role.users.name
}

output "role_arn" {
  value = aws_iam_role.users.arn
}

# For each instance: aws ec2 associate-iam-instance-profile --instance-id ID --iam-instance-profile Name=Builders
