# For the administrator of the users' account 888888888888.
# terraform init && terraform apply
# If the group exists already, add: -var create_group=false

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

variable "create_group" {
  type        = bool
  default     = true
  description = "false if the group exists already"
}

resource "aws_iam_group" "users" {
  count = var.create_group ? 1 : 0
  name  = "MyCrossAccountRepositoryContributorRole"
}

resource "aws_iam_group_policy" "assume_role" {
  name  = "Assume-111122223333-MyCrossAccountRepositoryContributorRole"
  group = var.create_group ? aws_iam_group.users[0].name : "MyCrossAccountRepositoryContributorRole"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = ["arn:aws:iam::111122223333:role/MyCrossAccountRepositoryContributorRole"]
    }]
  })
}

# For each user: aws iam add-user-to-group --group-name MyCrossAccountRepositoryContributorRole --user-name NAME
