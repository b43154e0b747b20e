# For the administrator of the repository's account 111122223333.
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
  allowed_account_ids = ["111122223333"]
}

variable "create_provider" {
  type        = bool
  default     = true
  description = "false if the account has the identity provider already"
}

resource "aws_iam_openid_connect_provider" "jobs" {
  count          = var.create_provider ? 1 : 0
  url            = "https://gitlab.com"
  client_id_list = ["https://gitlab.com"]
}

resource "aws_iam_role" "codecommit" {
  name                 = "PipelineRole"
  path                 = "/"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Federated = "arn:aws:iam::111122223333:oidc-provider/gitlab.com"
      }
      Action = ["sts:AssumeRoleWithWebIdentity"]
      Condition = {
        StringEquals = {
          "gitlab.com:aud" = "https://gitlab.com"
          "gitlab.com:sub" = "project_path:group/subgroup/project:ref_type:branch:ref:main"
        }
      }
    }]
  })
  depends_on = [aws_iam_openid_connect_provider.jobs]
}

resource "aws_iam_role_policy" "codecommit" {
  name = "CodeCommitAccess"
  role = aws_iam_role.codecommit.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "codecommit:GitPull",
        "codecommit:GitPush"
      ]
      Resource = ["arn:aws:codecommit:us-east-2:111122223333:MySharedDemoRepo"]
    }]
  })
}

output "role_arn" {
  value = aws_iam_role.codecommit.arn
}
