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
  name                 = "CIRepoAccessRole"
  path                 = "/"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        AWS = "arn:aws:iam::888888888888:role/ci-runner"
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
    Statement = [{
      Effect   = "Allow"
      Action   = ["codecommit:GitPull"]
      Resource = ["arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo"]
    }]
  })
}

output "role_arn" {
  value = aws_iam_role.codecommit.arn
}
