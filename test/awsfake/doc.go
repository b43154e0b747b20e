// Package awsfake is an AWS cloud on loopback, for tests and for the sandbox.
//
// It provides the parts of AWS that a git credential helper for CodeCommit uses: STS,
// EC2 metadata, container credentials, IAM Identity Center (the SSO portal and its
// OIDC service), the sign-in service of "aws login", and CodeCommit itself, with real
// bare repositories served by "git http-backend"; and as much of IAM as administrators
// need to grant and revoke access.
//
// Clients need no test hook: they use AWS's real host names through a CONNECT proxy,
// which connects those names to one TLS server on 127.0.0.1 and rejects all others, and
// they trust a certificate authority created at start. [Cloud.Env] returns the
// environment variables that configure git, the AWS CLI and the AWS SDKs this way.
//
// Accounts, users, roles and policies are data (see [Cloud.AddUser] and
// [Cloud.AddRole]). Policies are IAM's JSON documents; adding one with an element that
// this package does not support is an error. Signatures are verified with this
// package's own code. Every request is recorded ([Cloud.Requests]), and every service
// can be made to fail ([Cloud.Fail]).
package awsfake
