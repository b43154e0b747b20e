package awsfake

import (
	"strings"
	"testing"
)

func TestPolicyVerdicts(t *testing.T) {
	t.Parallel()
	const repo = "arn:aws:codecommit:us-east-2:111122223333:SharedDemoRepo"
	developer := asker{arn: DeveloperARN, account: AccountB}
	session := asker{arn: "arn:aws:sts::888888888888:assumed-role/MyInstanceRole/i-1", roleARN: InstanceRole, account: AccountB}
	trust := func(principal, condition string) string { return trusting(principal, "sts:AssumeRole", condition) }
	for name, c := range map[string]struct {
		document string
		q        question
		want     verdict
	}{
		"action and resource": {allowing("codecommit:GitPull", `"`+repo+`"`), question{action: "codecommit:GitPull", resource: repo}, allowed},
		"other action":        {allowing("codecommit:GitPull", `"`+repo+`"`), question{action: "codecommit:GitPush", resource: repo}, silent},
		"other resource":      {allowing("codecommit:GitPull", `"`+repo+`"`), question{action: "codecommit:GitPull", resource: repo + "2"}, silent},
		"resources are case sensitive": {
			allowing("codecommit:GitPull", `"`+repo+`"`), question{action: "codecommit:GitPull", resource: strings.ToLower(repo)}, silent,
		},
		"actions are not":         {allowing("CodeCommit:gitpull", `"*"`), question{action: "codecommit:GitPull", resource: repo}, allowed},
		"wildcard in the action":  {allowing("codecommit:Git*", `"*"`), question{action: "codecommit:GitPush", resource: repo}, allowed},
		"wildcard in the middle":  {allowing("*", `"arn:aws:codecommit:*:111122223333:Shared????Repo"`), question{action: "codecommit:GitPush", resource: repo}, allowed},
		"question mark is one":    {allowing("*", `"arn:aws:codecommit:*:111122223333:Shared???Repo"`), question{action: "codecommit:GitPush", resource: repo}, silent},
		"deny wins":               {`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"codecommit:GitPush","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]}`, question{action: "codecommit:GitPush", resource: repo}, denied},
		"deny of something else":  {`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"codecommit:GitPush","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]}`, question{action: "codecommit:GitPull", resource: repo}, allowed},
		"account root":            {trust(`{"AWS":"arn:aws:iam::888888888888:root"}`, ""), question{action: "sts:AssumeRole", asker: developer}, allowedAccount},
		"account id":              {trust(`{"AWS":"888888888888"}`, ""), question{action: "sts:AssumeRole", asker: session}, allowedAccount},
		"other account":           {trust(`{"AWS":"444455556666"}`, ""), question{action: "sts:AssumeRole", asker: session}, silent},
		"one of several":          {trust(`{"AWS":["444455556666","`+DeveloperARN+`"]}`, ""), question{action: "sts:AssumeRole", asker: developer}, allowed},
		"user":                    {trust(`{"AWS":"`+DeveloperARN+`"}`, ""), question{action: "sts:AssumeRole", asker: developer}, allowed},
		"other user":              {trust(`{"AWS":"`+MaintainerARN+`"}`, ""), question{action: "sts:AssumeRole", asker: developer}, silent},
		"role":                    {trust(`{"AWS":"`+InstanceRole+`"}`, ""), question{action: "sts:AssumeRole", asker: session}, allowed},
		"role session":            {trust(`{"AWS":"`+session.arn+`"}`, ""), question{action: "sts:AssumeRole", asker: session}, allowed},
		"everyone":                {trust(`"*"`, ""), question{action: "sts:AssumeRole", asker: session}, allowed},
		"everyone in AWS":         {trust(`{"AWS":"*"}`, ""), question{action: "sts:AssumeRole", asker: session}, allowed},
		"service":                 {trust(`{"Service":"ec2.amazonaws.com"}`, ""), question{action: "sts:AssumeRole", asker: asker{service: "ec2.amazonaws.com"}}, allowed},
		"a service is no account": {trust(`{"Service":"ec2.amazonaws.com"}`, ""), question{action: "sts:AssumeRole", asker: session}, silent},
		"other service":           {trust(`{"Service":"ec2.amazonaws.com"}`, ""), question{action: "sts:AssumeRole", asker: asker{service: "ecs-tasks.amazonaws.com"}}, silent},

		"external id":            {trust(`"*"`, `{"StringEquals":{"sts:ExternalId":"a"}}`), question{action: "sts:AssumeRole", asker: developer, context: map[string]string{"sts:externalid": "a"}}, allowed},
		"wrong external id":      {trust(`"*"`, `{"StringEquals":{"sts:ExternalId":"a"}}`), question{action: "sts:AssumeRole", asker: developer, context: map[string]string{"sts:externalid": "A"}}, silent},
		"no external id":         {trust(`"*"`, `{"StringEquals":{"sts:ExternalId":"a"}}`), question{action: "sts:AssumeRole", asker: developer}, silent},
		"one of two values":      {trust(`"*"`, `{"StringEquals":{"sts:ExternalId":["b","a"]}}`), question{action: "sts:AssumeRole", asker: developer, context: map[string]string{"sts:externalid": "a"}}, allowed},
		"both of two conditions": {trust(`"*"`, `{"StringEquals":{"sts:ExternalId":"a"},"Bool":{"aws:MultiFactorAuthPresent":true}}`), question{action: "sts:AssumeRole", asker: developer, context: map[string]string{"sts:externalid": "a"}}, silent},
		"mfa":                    {trust(`"*"`, `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`), question{action: "sts:AssumeRole", asker: developer, context: map[string]string{"aws:multifactorauthpresent": "true"}}, allowed},
		"mfa age":                {trust(`"*"`, `{"NumericLessThan":{"aws:MultiFactorAuthAge":3600}}`), question{action: "sts:AssumeRole", asker: developer, context: map[string]string{"aws:multifactorauthage": "3599"}}, allowed},
		"mfa too old":            {trust(`"*"`, `{"NumericLessThan":{"aws:MultiFactorAuthAge":3600}}`), question{action: "sts:AssumeRole", asker: developer, context: map[string]string{"aws:multifactorauthage": "3600"}}, silent},
		"if exists":              {trust(`"*"`, `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`), question{action: "sts:AssumeRole", asker: developer}, allowed},
		"if exists and is not":   {trust(`"*"`, `{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}`), question{action: "sts:AssumeRole", asker: developer, context: map[string]string{"aws:multifactorauthpresent": "false"}}, silent},
		"claim":                  {trust(`"*"`, `{"StringLike":{"gitlab.example.com:sub":"project_path:a/*:ref"}}`), question{action: "sts:AssumeRole", asker: developer, context: map[string]string{"gitlab.example.com:sub": "project_path:a/b:ref"}}, allowed},
	} {
		p, err := parsePolicy(c.document)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := decide([]*policy{p}, c.q); got != c.want {
			t.Errorf("%s: verdict %d, want %d", name, got, c.want)
		}
	}
}

func TestPolicyThatCannotBeEvaluatedIsRefused(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]string{
		"not json":            `{`,
		"no statement":        `{"Version":"2012-10-17"}`,
		"old version":         `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`,
		"unknown element":     `{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"sts:*","Resource":"*"}}`,
		"misspelt effect":     `{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`,
		"no resource":         `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*"}}`,
		"resource not an arn": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"SharedDemoRepo"}}`,
		"policy variable":     `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iam::1:user/${aws:username}"}}`,
		"unknown operator":    `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}}`,
		"unknown key":         `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"codecommit:References":"refs/heads/main"}}}}`,
		"a principal":         `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}`,
		"two documents":       allowing("*", `"*"`) + "{}",
	} {
		if err := newCloudless().AddUser(User{ARN: DeveloperARN, Policies: []string{document}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for name, document := range map[string]string{
		"resource":           `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Resource":"*"}}`,
		"no principal":       `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}`,
		"wildcard principal": trusting(`{"AWS":"arn:aws:iam::888888888888:role/*"}`, "sts:AssumeRole", ""),
		"unknown principal":  trusting(`{"CanonicalUser":"79a59d"}`, "sts:AssumeRole", ""),
	} {
		if err := newCloudless().AddRole(Role{ARN: ContributorRole, Trust: document}); err == nil {
			t.Errorf("trust policy with %s: accepted", name)
		}
	}
}

// newCloudless returns a cloud that only holds data, without servers.
func newCloudless() *Cloud {
	return &Cloud{users: map[string]*user{}, roles: map[string]*role{}, credentials: map[string]*credential{}}
}
