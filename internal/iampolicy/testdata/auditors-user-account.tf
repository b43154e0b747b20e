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
  region              = "us-gov-west-1"
  allowed_account_ids = ["888888888888"]
}

resource "aws_iam_user_policy" "assume_role" {
  name = "Assume-111122223333-Audit"
  user = "Nikki"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = ["arn:aws-us-gov:iam::111122223333:role/third-party/Audit"]
    }]
  })
}
