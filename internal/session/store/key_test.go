package store

import (
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
)

// The keys are botocore's 1.43.11, made by
//
//	python3 -c 'import json,hashlib; print(hashlib.sha1(json.dumps(ARGS, sort_keys=True).encode()).hexdigest())'
//
// with ARGS as in the comment, and separators=(",", ":") for SSO.
func TestKeysAreTheAWSCLIs(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		// {"RoleArn": "arn:aws:iam::123456789012:role/CodeCommitCrossAccount"}
		"9b4d7c1d5aa06716d93e87df353044ee1b212b59": RoleKey(awsprofile.Role{ARN: "arn:aws:iam::123456789012:role/CodeCommitCrossAccount"}),
		// {"DurationSeconds": 3600, "ExternalId": "Example42", "RoleArn": …, "RoleSessionName": "alice", "SerialNumber": "arn:aws:iam::111122223333:mfa/alice"}
		"3af103ef19c6a5831e09d2f4e2dca03e7368c367": RoleKey(awsprofile.Role{
			ARN: "arn:aws:iam::123456789012:role/CodeCommitCrossAccount", ExternalID: "Example42", SessionName: "alice",
			MFASerial: "arn:aws:iam::111122223333:mfa/alice", Duration: time.Hour, Profile: "ignored",
		}),
		// {"RoleArn": "a", "ExternalId": "\"\\/<>& é\U0001f511\t\x7f"}
		"4c6206b3f34f95aa0e0a3b9b32ecadd4f8458117": RoleKey(awsprofile.Role{ARN: "a", ExternalID: "\"\\/<>& é\U0001f511\t\x7f"}),
		// {"RoleArn": "arn:aws:iam::123456789012:role/CodeCommitCrossAccount", "RoleSessionName": "ci"}
		"fd294fb1bf2b000b6281848cb66aad82492774c3": WebIdentityKey(awsprofile.WebIdentity{
			RoleARN: "arn:aws:iam::123456789012:role/CodeCommitCrossAccount", SessionName: "ci", TokenFile: "ignored",
		}),
		// {"accountId":"123456789011","roleName":"ReadOnly","sessionName":"my-sso"}
		"7cf4e2174d7ed20d472d2ce031094d0e528196c0": SSOKey(awsprofile.SSO{
			AccountID: "123456789011", RoleName: "ReadOnly", Session: "my-sso", StartURL: "ignored", Region: "us-east-1",
		}),
		// {"accountId":"123456789011","roleName":"ReadOnly","startUrl":"https://my-sso-portal.awsapps.com/start"}
		"8c286cf4a37e9501a5c5d198d9d7e1d95d8ced95": SSOKey(awsprofile.SSO{
			AccountID: "123456789011", RoleName: "ReadOnly", StartURL: "https://my-sso-portal.awsapps.com/start",
		}),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// From Python: hashlib.sha1(json.dumps({…, "tool": "botocore"}, sort_keys=True).encode()).hexdigest().
func TestRegistrationKey(t *testing.T) {
	t.Parallel()
	const startURL = "https://my-sso-portal.awsapps.com/start"
	for want, got := range map[string]string{
		"5d2ad48f7ce068c072924f44a42fb81ca0fd6b99": RegistrationKey("us-east-1", nil, "my-sso", startURL),
		"b77aa3b5b944f30b6610548ed10b51228fa9d2fa": RegistrationKey("us-east-1", []string{"sso:account:access", "codewhisperer:completions"}, "my-sso", startURL),
		"0e093f10f65cee6c5c1898a8e240f5726875bf08": RegistrationKey("us-east-1", nil, "", startURL),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
