package session

import (
	"strings"

	"git-credential-codecommit/codecommit"
)

// suffixes are those that AWS's hosts end in beside the one that
// codecommit.PartitionOf knows: of hosts that IPv6 reaches too (dual-stack), and
// of sign-in's. They stand in partitions.json and in the endpoint rules of
// sign-in, which every AWS SDK carries:
// https://github.com/boto/botocore/tree/develop/botocore/data.
var suffixes = map[string]struct{ dualStack, signIn string }{
	"aws":        {"api.aws", "signin.aws.amazon.com"},
	"aws-cn":     {"api.amazonwebservices.com.cn", "signin.amazonaws.cn"},
	"aws-us-gov": {"api.aws", "signin.amazonaws-us-gov.com"},
	"aws-eusc":   {"api.amazonwebservices.eu", "signin.amazonaws-eusc.eu"},
	"aws-iso":    {"api.aws.ic.gov", "signin.c2shome.ic.gov"},
	"aws-iso-b":  {"api.aws.scloud", "signin.sc2shome.sgov.gov"},
	"aws-iso-e":  {"api.cloud-aws.adc-e.uk", "signin.csphome.adc-e.uk"},
	"aws-iso-f":  {"api.aws.hci.ic.gov", "signin.csphome.hci.ic.gov"},
}

// endpoint is the URL of one of the three services that are not asked through
// the SDK, by its key in Settings.Endpoints: what is configured for it, else
// AWS's in the region. UseFIPS changes nothing: the hosts of IAM Identity Center
// that the AWS CLI would ask then do not exist, and in us-gov the usual ones are
// FIPS's already (https://github.com/aws/aws-cli/issues/9026).
func (w *walk) endpoint(service, region string) string {
	if configured := w.chain.Settings.Endpoints[service]; configured != "" {
		return strings.TrimSuffix(configured, "/")
	}
	return "https://" + host(service, region, w.chain.Settings.UseDualStack)
}

// host is AWS's host of a service in a region:
// https://docs.aws.amazon.com/general/latest/gr/sso.html and
// https://docs.aws.amazon.com/general/latest/gr/signin-service.html.
func host(service, region string, dualStack bool) string {
	partition := codecommit.PartitionOf(region)
	more := suffixes[partition.ID]
	name := map[string]string{"sso": "portal.sso", "sso_oidc": "oidc", "signin": "signin"}[service]
	switch {
	case dualStack:
		return name + "." + region + "." + more.dualStack
	case service == "signin":
		return region + "." + more.signIn
	}
	return name + "." + region + "." + partition.Suffix
}
