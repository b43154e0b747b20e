package session

import (
	"strings"

	"git-credential-codecommit/internal/codecommit"
)

// serviceURL is the URL of one of the three services that are not asked through
// the SDK, by its key in Settings.Endpoints: what is configured for it, else
// AWS's in the region. UseFIPS changes nothing: the hosts of IAM Identity Center
// that the AWS CLI would ask then do not exist, and in us-gov the usual ones are
// FIPS's already (https://github.com/aws/aws-cli/issues/9026).
func (w *walk) serviceURL(service, region string) string {
	if configured := w.chain.Settings.Endpoints[service]; configured != "" {
		return strings.TrimSuffix(configured, "/")
	}
	return "https://" + serviceHost(service, region, w.chain.Settings.UseDualStack)
}

// serviceHost is AWS's host of such a service in a region:
// https://docs.aws.amazon.com/general/latest/gr/sso.html and
// https://docs.aws.amazon.com/general/latest/gr/signin-service.html.
func serviceHost(service, region string, dualStack bool) string {
	region = strings.ToLower(region) // who writes its name in upper case means the same
	partition := codecommit.PartitionOf(region)
	if service == "signin" && !dualStack {
		return region + "." + partition.SignInSuffix
	}
	name := map[string]string{"sso": "portal.sso", "sso_oidc": "oidc", "signin": "signin"}[service]
	if dualStack {
		return name + "." + region + "." + partition.DualStackSuffix
	}
	return name + "." + region + "." + partition.Suffix
}
