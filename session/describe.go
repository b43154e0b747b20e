package session

import (
	"fmt"

	"git-credential-codecommit/awsprofile"
)

// DescribeSource names a source for people: `profile "ci" (~/.aws/credentials:3)`.
func DescribeSource(s awsprofile.Source) string {
	in := func(what, profile string, at awsprofile.Position) string {
		name := what
		if profile != "" {
			name = fmt.Sprintf("profile %q: %s", profile, what)
		}
		if pos := at.String(); pos != "" {
			name += " (" + pos + ")"
		}
		return name
	}
	switch s := s.(type) {
	case awsprofile.StaticKeys:
		return in("access key", s.Profile, s.At)
	case awsprofile.EnvironmentKeys:
		return "AWS_ACCESS_KEY_ID"
	case awsprofile.WebIdentity:
		return in("web identity", s.Profile, s.At)
	case awsprofile.SSO:
		return in("SSO", s.Profile, s.At)
	case awsprofile.Login:
		return in("login_session", s.Profile, s.At)
	case awsprofile.Process:
		return in("credential_process", s.Profile, s.At)
	case awsprofile.Container:
		return "container credentials"
	case awsprofile.EC2:
		return "EC2 instance metadata"
	}
	return fmt.Sprintf("%T", s)
}
