package session

import (
	"fmt"

	"git-credential-codecommit/awsprofile"
)

// DescribeSource names a source for people: `profile "ci" (~/.aws/credentials:3)`.
func DescribeSource(s awsprofile.Source) string {
	description := kind(s)
	profile, at := s.Place()
	if profile != "" {
		description = fmt.Sprintf("profile %q: %s", profile, description)
	}
	if pos := at.String(); pos != "" {
		description += " (" + pos + ")"
	}
	return description
}

func kind(s awsprofile.Source) string {
	switch s.(type) {
	case awsprofile.StaticKeys:
		return "access key"
	case awsprofile.EnvironmentKeys:
		return "AWS_ACCESS_KEY_ID"
	case awsprofile.WebIdentity:
		return "web identity"
	case awsprofile.SSO:
		return "SSO"
	case awsprofile.Login:
		return "login_session"
	case awsprofile.Process:
		return "credential_process"
	case awsprofile.Container:
		return "container credentials"
	case awsprofile.EC2:
		return "EC2 instance metadata"
	}
	return fmt.Sprintf("%T", s)
}
