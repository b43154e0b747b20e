// Package awsfake is an AWS cloud on loopback, for tests and for the sandbox.
//
// It stands for the parts of AWS that a git credential helper for CodeCommit
// meets: STS, EC2 metadata, container credentials, IAM Identity Center (the SSO
// portal and its OIDC service), the sign-in service of "aws login", and
// CodeCommit itself with real bare repositories behind "git http-backend"; and
// as much of IAM as administrators need to give access and to take it back.
//
// Clients are not told that it is a fake. They use AWS's real host names through
// a CONNECT proxy which leads those names to one TLS server on 127.0.0.1 and
// refuses every other, and they trust a certificate authority made at start.
// [Cloud.Env] returns the environment variables that bring this about for git,
// the AWS CLI and the AWS SDKs, so nothing in them needs a hook.
//
// Accounts, users, roles and policies are data (see [Cloud.AddUser] and
// [Cloud.AddRole]); policies are IAM's own JSON documents, and one that asks for
// something the evaluator does not know is refused when it is added. Signatures
// are verified with code of this package alone. Every request is on record
// ([Cloud.Requests]), and every service can be told to fail ([Cloud.Fail]).
package awsfake
