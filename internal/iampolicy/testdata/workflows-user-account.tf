# For the administrator of the users' account 888888888888.
# terraform init && terraform apply
# If the identity provider exists already, add: -var create_provider=false

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

provider "aws" {
  region              = "us-east-2"
  allowed_account_ids = ["888888888888"]
}

variable "create_provider" {
  type        = bool
  default     = true
  description = "false if the account has the identity provider already"
}

resource "aws_iam_openid_connect_provider" "jobs" {
  count          = var.create_provider ? 1 : 0
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "users" {
  name = "ci-runner"
  path = "/"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Federated = "arn:aws:iam::888888888888:oidc-provider/token.actions.githubusercontent.com"
      }
      Action = ["sts:AssumeRoleWithWebIdentity"]
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = [
            "repo:example/app:environment:production",
            "repo:example@1234567/app@987654321:ref:refs/heads/main"
          ]
        }
      }
    }]
  })
  depends_on = [aws_iam_openid_connect_provider.jobs]
}

resource "aws_iam_role_policy" "assume_role" {
  name = "Assume-111122223333-CIRepoAccessRole"
  role = aws_iam_role.users.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = ["arn:aws:iam::111122223333:role/CIRepoAccessRole"]
    }]
  })
}

output "role_arn" {
  value = aws_iam_role.users.arn
}
