package session

import (
	"errors"
	"fmt"

	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/shell"
)

var (
	// ErrMetadataDisabled is returned if the configuration disables the instance
	// metadata service.
	ErrMetadataDisabled = cli.WithHints(errors.New("AWS_EC2_METADATA_DISABLED is set"), cli.Run(shell.Unset("AWS_EC2_METADATA_DISABLED")))
	// ErrMetadataV1Disabled is the cause if the metadata service returns no session
	// token, and the configuration disables requests without one.
	ErrMetadataV1Disabled = cli.WithHints(errors.New("IMDSv1 is disabled (AWS_EC2_METADATA_V1_DISABLED)"), cli.Run(shell.Unset("AWS_EC2_METADATA_V1_DISABLED")))
	// ErrNoInstanceRole is returned if the metadata service has no role for the
	// instance.
	ErrNoInstanceRole = cli.WithHints(errors.New("the EC2 instance has no role: no instance profile is attached"),
		cli.Run("aws ec2 associate-iam-instance-profile --instance-id ID --iam-instance-profile Name=NAME"))
	// ErrHopLimit is the cause if the metadata service requires a token but none
	// arrived. With a hop limit of 1, the response with the token does not reach a
	// container.
	ErrHopLimit = cli.WithHints(errors.New("it requires an IMDSv2 token but did not return one (in a container, check the hop limit)"),
		cli.Run("aws ec2 modify-instance-metadata-options --instance-id ID --http-put-response-hop-limit 2"))
)

// errMetadataOff is the cause if the metadata service rejects every request:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html.
var errMetadataOff = cli.WithHints(errors.New("it responded with 403: the service is disabled for the instance"), enableMetadata)

// enableMetadata enables the metadata service of an instance.
var enableMetadata = cli.Run("aws ec2 modify-instance-metadata-options --instance-id ID --http-endpoint enabled")

// MetadataError is returned if the EC2 metadata service did not return what was
// requested.
type MetadataError struct {
	Asked    string // the request, for example "list the instance's role"
	Answered bool   // something answered
	Err      error
}

func (e *MetadataError) Error() string { return fmt.Sprintf("cannot %s: %s", e.Asked, e.Err) }
func (e *MetadataError) Unwrap() error { return e.Err }

// InstanceRoleError is returned if the instance's role provides no credentials: it
// was deleted, or EC2 is not allowed to assume it, which the metadata service reports as
// AssumeRoleUnauthorizedAccess:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html.
type InstanceRoleError struct {
	Role string // name of the role
	Gone bool
}

func (e *InstanceRoleError) Error() string {
	if e.Gone {
		return "instance role " + e.Role + " has no credentials: it was deleted or renamed"
	}
	return "EC2 is not allowed to assume the instance role " + e.Role
}

// Hints returns how to attach the role again, or how to let EC2 assume it.
func (e *InstanceRoleError) Hints() []cli.Hint {
	if e.Gone {
		return []cli.Hint{cli.Run("aws ec2 replace-iam-instance-profile-association --association-id ID --iam-instance-profile Name=NAME")}
	}
	return []cli.Hint{cli.Advice("the role's trust policy must allow ec2.amazonaws.com; to print it, run: aws iam get-role --role-name " + shell.Typed(roleNameIn(e.Role)))}
}
