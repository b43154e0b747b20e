package awsfake

import (
	"regexp"
	"strings"
)

// The services of a Cloud, as named in [Request] and [Cloud.Fail].
const (
	STS        = "sts"
	Metadata   = "metadata"
	Container  = "container"
	SSO        = "sso"
	SSOOIDC    = "sso-oidc"
	SSODevice  = "sso-device" // the page for device codes
	SSOVanity  = "sso-vanity" // a start URL on a company's own host
	Signin     = "signin"
	CodeCommit = "codecommit"
	// CodeConnections is the git proxy of CodeConnections.
	CodeConnections = "codeconnections"
	IAM             = "iam"
	EC2             = "ec2"

	// Proxy is for CONNECT requests that the proxy accepted.
	Proxy = "proxy"
	// ProxyRefused is for requests to hosts outside the cloud.
	ProxyRefused = "proxy-refused"
)

// An endpoint is the service and region of a host name.
type endpoint struct {
	service   string
	region    string
	partition string
}

// partitions are the partitions with the suffixes of their host names. A region
// belongs to the first one whose pattern matches.
// See https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var partitions = []struct{ name, regions, suffix string }{
	{"aws-cn", "cn-", "amazonaws.com.cn"},
	{"aws-us-gov", "us-gov-", "amazonaws.com"},
	{"aws-eusc", "eusc-", "amazonaws.eu"},
	{"aws-iso", "us-iso-", "c2s.ic.gov"},
	{"aws-iso-b", "us-isob-", "sc2s.sgov.gov"},
	{"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk"},
	{"aws-iso-f", "us-isof-", "csp.hci.ic.gov"},
	{"aws", "", "amazonaws.com"},
}

// partitionOf returns the partition of a region and the suffix of its host names.
func partitionOf(region string) (name, suffix string) {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.regions) {
			return p.name, p.suffix
		}
	}
	return "", ""
}

const regionPattern = `[a-z]{2,4}(?:-[a-z]+)+-[0-9]+`

// hostPatterns are the forms of each service's host names: the region, then the
// suffix, which must be that of the region's partition.
var hostPatterns = []struct {
	service string
	pattern *regexp.Regexp
}{
	{CodeCommit, regexp.MustCompile(`^git-codecommit(?:-fips)?\.(` + regionPattern + `)\.(.+)$`)},
	{CodeCommit, regexp.MustCompile(`^vpce-[a-z0-9-]+\.git-codecommit(?:-fips)?\.(` + regionPattern + `)\.vpce\.(.+)$`)},
	{CodeConnections, regexp.MustCompile(`^(?:codeconnections|codestar-connections)\.(` + regionPattern + `)\.(.+)$`)},
	{STS, regexp.MustCompile(`^sts(?:-fips)?\.(` + regionPattern + `)\.(.+)$`)},
	{EC2, regexp.MustCompile(`^ec2\.(` + regionPattern + `)\.(.+)$`)},
	{SSO, regexp.MustCompile(`^portal\.sso\.(` + regionPattern + `)\.(.+)$`)},
	{SSOOIDC, regexp.MustCompile(`^oidc\.(` + regionPattern + `)\.(.+)$`)},
	{SSODevice, regexp.MustCompile(`^device\.sso\.(` + regionPattern + `)\.(.+)$`)},
	{Signin, regexp.MustCompile(`^signin\.(` + regionPattern + `)\.(.+)$`)},
}

// signinHost is the second form of the sign-in service's host names.
var signinHost = regexp.MustCompile(`^(` + regionPattern + `)\.signin\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$`)

// endpointOf returns the AWS endpoint with a host name (without port); ok is false
// if this package does not provide it.
func endpointOf(host string) (endpoint, bool) {
	host = strings.ToLower(host)
	if host == "sts.amazonaws.com" { // the global endpoint is signed for us-east-1
		return endpoint{service: STS, region: "us-east-1", partition: "aws"}, true
	}
	if host == "iam.amazonaws.com" { // a global service
		return endpoint{service: IAM, region: "us-east-1", partition: "aws"}, true
	}
	for _, h := range hostPatterns {
		if m := h.pattern.FindStringSubmatch(host); m != nil {
			partition, suffix := partitionOf(m[1])
			return endpoint{service: h.service, region: m[1], partition: partition}, suffix == m[2]
		}
	}
	if m := signinHost.FindStringSubmatch(host); m != nil {
		partition, _ := partitionOf(m[1])
		return endpoint{service: Signin, region: m[1], partition: partition}, true
	}
	return endpoint{}, false
}
