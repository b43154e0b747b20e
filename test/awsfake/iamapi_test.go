package awsfake

import (
	"strings"
	"testing"
)

// The control plane rejects what IAM rejects, so that a guide that works here is
// complete.
func TestControlRefuses(t *testing.T) {
	t.Parallel()
	cloud, err := StartAccounts(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	const trust = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::888888888888:role/X"}, "Action": "sts:AssumeRole"}]}`
	const ec2 = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`
	const policy = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}`
	for _, step := range []struct {
		by     string // access key
		secret string
		call   string // action and parameters, in pairs
		want   string // error code; empty: it works
	}{
		{DeveloperAccessKeyID, DeveloperSecretKey, "CreateGroup GroupName=G", "AccessDenied"},
		{AdminAAccessKeyID, AdminBSecretKey, "CreateGroup GroupName=G", "SignatureDoesNotMatch"},
		{AdminAAccessKeyID, AdminASecretKey, "CreateRole RoleName=R AssumeRolePolicyDocument=" + trust, "MalformedPolicyDocument"},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateRole RoleName=X AssumeRolePolicyDocument=" + ec2, ""},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateRole RoleName=X Path=/p/ AssumeRolePolicyDocument=" + ec2, "EntityAlreadyExists"},
		{AdminAAccessKeyID, AdminASecretKey, "CreateRole RoleName=R AssumeRolePolicyDocument=" + trust, ""},
		{AdminBAccessKeyID, AdminBSecretKey, "DeleteRole RoleName=R", "NoSuchEntity"},
		{AdminAAccessKeyID, AdminASecretKey, "CreateRole RoleName=S MaxSessionDuration=60 AssumeRolePolicyDocument=" + ec2, "ValidationError"},
		{AdminAAccessKeyID, AdminASecretKey, "PutRolePolicy RoleName=R PolicyName=P PolicyDocument=" + trust, "MalformedPolicyDocument"},
		{AdminAAccessKeyID, AdminASecretKey, "PutRolePolicy RoleName=R PolicyName=P PolicyDocument=" + policy, ""},
		{AdminAAccessKeyID, AdminASecretKey, "DeleteRole RoleName=R", "DeleteConflict"},
		{AdminAAccessKeyID, AdminASecretKey, "DeleteRolePolicy RoleName=R PolicyName=Q", "NoSuchEntity"},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateInstanceProfile InstanceProfileName=I", ""},
		{AdminBAccessKeyID, AdminBSecretKey, "AddRoleToInstanceProfile InstanceProfileName=I RoleName=X", ""},
		{AdminBAccessKeyID, AdminBSecretKey, "AddRoleToInstanceProfile InstanceProfileName=I RoleName=X", "LimitExceeded"},
		{AdminBAccessKeyID, AdminBSecretKey, "GetInstanceProfile InstanceProfileName=I", ""},
		{AdminBAccessKeyID, AdminBSecretKey, "GetInstanceProfile InstanceProfileName=J", "NoSuchEntity"},
		{AdminBAccessKeyID, AdminBSecretKey, "DeleteRole RoleName=X", "DeleteConflict"},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateOpenIDConnectProvider Url=" + GitHubIssuer + " ClientIDList.member.1=a", ""},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateOpenIDConnectProvider Url=" + GitHubIssuer + " ClientIDList.member.1=b", "EntityAlreadyExists"},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateOpenIDConnectProvider Url=https://nowhere.example ClientIDList.member.1=b", "OpenIdIdpCommunicationError"},
		{AdminBAccessKeyID, AdminBSecretKey, "AddClientIDToOpenIDConnectProvider OpenIDConnectProviderArn=" + providerARN(AccountB, GitHubIssuer) + " ClientID=a", ""},
		{AdminBAccessKeyID, AdminBSecretKey, "DeleteOpenIDConnectProvider OpenIDConnectProviderArn=" + providerARN(AccountA, GitHubIssuer), "NoSuchEntity"},
		{AdminBAccessKeyID, AdminBSecretKey, "DeleteOpenIDConnectProvider OpenIDConnectProviderArn=" + providerARN(AccountB, GitHubIssuer), ""},
		{AdminBAccessKeyID, AdminBSecretKey, "DeleteInstanceProfile InstanceProfileName=I", "DeleteConflict"},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateGroup GroupName=G", ""},
		{AdminBAccessKeyID, AdminBSecretKey, "AddUserToGroup GroupName=G UserName=nobody", "NoSuchEntity"},
		{AdminBAccessKeyID, AdminBSecretKey, "AddUserToGroup GroupName=G UserName=developer", ""},
		{AdminBAccessKeyID, AdminBSecretKey, "DeleteGroup GroupName=G", "DeleteConflict"},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateGroup", "ValidationError"},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateGroup GroupName=H Color=red", "InvalidParameterValue"},
		{AdminBAccessKeyID, AdminBSecretKey, "CreateUser UserName=H", "InvalidAction"},
	} {
		words := strings.Fields(step.call)
		if i := strings.Index(step.call, "={"); i > 0 { // a document is the last one
			words = strings.Fields(step.call[:i])
			words[len(words)-1] += step.call[i:]
		}
		c := newCaller(t, cloud.Cloud, Credentials{AccessKeyID: step.by, SecretAccessKey: step.secret})
		c.host = "iam.amazonaws.com"
		if got := c.call(words[0], append(words[1:], "Version="+iamVersion)...); got.Code != step.want {
			t.Errorf("%s: %q (%s), want %q", step.call, got.Code, got.Message, step.want)
		}
	}
}
