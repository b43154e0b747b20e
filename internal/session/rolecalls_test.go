package session

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// A session of another account than the role's is rejected, because the credentials
// select the account of the repository.
func TestSessionOfAnotherAccountIsRefused(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::111122223333:role/team/R"
	for user, good := range map[string]bool{
		"arn:aws:sts::111122223333:assumed-role/R/s": true,
		"arn:aws:sts::111122223333:assumed-role/r/s": true, // STS spells the name as in IAM
		"": true, // there is no account to compare
		"arn:aws:sts::888888888888:assumed-role/R/s": false,
	} {
		calls := roleCalls{answered: true, user: &types.AssumedRoleUser{Arn: &user}, credentials: &types.Credentials{
			AccessKeyId: aws.String("ASIAIOSFODNN7EXAMPLE"), SecretAccessKey: aws.String("s/EXAMPLE"), SessionToken: aws.String("t/EXAMPLE"), Expiration: aws.Time(testNow),
		}}
		if _, err := calls.session(role, nil); (err == nil) != good {
			t.Errorf("%s: %v", user, err)
		}
	}
}
