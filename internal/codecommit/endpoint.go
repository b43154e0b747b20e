// Package codecommit defines the hosts and paths of CodeCommit and of
// CodeConnections' git proxy, and the signature that both require. Its functions
// are pure.
package codecommit

import "strings"

// An Endpoint is a host that serves git repositories and accepts CodeCommit's
// signature.
type Endpoint struct {
	// Host is the name to sign, as git sent it but without a port.
	Host string
	// Region is the region to sign for, in lower case: us-east-2.
	Region string
	// Connections is true for CodeConnections' git proxy, whose paths differ from
	// CodeCommit's.
	Connections bool
}

// First labels of host names.
const (
	labelCodeCommit      = "git-codecommit"
	labelCodeCommitFIPS  = "git-codecommit-fips"
	labelConnections     = "codeconnections"
	labelStarConnections = "codestar-connections" // former name of the service
)

// ParseEndpoint reads host as git sends it in a credential request (a name,
// with ":port" if the URL has one) and reports whether CodeCommit's signature
// belongs there. These forms are accepted, without a port or with :443, in any
// case of ASCII letters:
//
//	git-codecommit.REGION.SUFFIX
//	git-codecommit-fips.REGION.SUFFIX
//	vpce-ID.git-codecommit.REGION.vpce.SUFFIX
//	vpce-ID.git-codecommit-fips.REGION.vpce.SUFFIX
//	codeconnections.REGION.SUFFIX
//	codestar-connections.REGION.SUFFIX
//
// SUFFIX is the DNS suffix of the region's partition. There is no list of
// regions: ParseEndpoint checks the shape of a region only.
//
// The first four are CodeCommit's, from
// https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html and
// https://docs.aws.amazon.com/codecommit/latest/userguide/codecommit-and-interface-VPC.html.
// The last two are the git proxy of CodeConnections, see
// https://docs.aws.amazon.com/codepipeline/latest/userguide/connections-git-clone.html
// and parseConnectionsPath.
func ParseEndpoint(host string) (ep Endpoint, ok bool) {
	name := strings.TrimSuffix(host, ":443")
	if len(name) > maxHostLen {
		return Endpoint{}, false
	}
	rest := asciiLower(name)
	vpc := strings.HasPrefix(rest, "vpce-")
	if vpc {
		var id string
		id, rest, ok = strings.Cut(rest, ".")
		if !ok || !isEndpointID(id) {
			return Endpoint{}, false
		}
	}
	label, rest, ok := strings.Cut(rest, ".")
	if !ok {
		return Endpoint{}, false
	}
	connections := false
	switch label {
	case labelCodeCommit, labelCodeCommitFIPS:
	case labelConnections, labelStarConnections:
		connections = true
	default:
		return Endpoint{}, false
	}
	region, suffix, ok := strings.Cut(rest, ".")
	if !ok || !isRegion(region) || vpc && connections {
		return Endpoint{}, false
	}
	if vpc {
		if suffix, ok = strings.CutPrefix(suffix, "vpce."); !ok {
			return Endpoint{}, false
		}
	}
	if suffix != PartitionOf(region).Suffix {
		return Endpoint{}, false
	}
	return Endpoint{Host: name, Region: region, Connections: connections}, true
}

// URLForm returns the form of repository URLs on ep, for error messages.
func (ep Endpoint) URLForm() string {
	if ep.Connections {
		return "https://" + ep.Host + "/" + connectionsPrefix + "ACCOUNT/" + ep.Region + "/CONNECTION-ID/OWNER/REPOSITORY.git"
	}
	return "https://" + ep.Host + "/" + repositoryPrefix + "NAME"
}

// Host returns the CodeCommit host name for a region in lower case: the FIPS or the
// standard endpoint.
func Host(region string, fips bool) string {
	label := labelCodeCommit
	if fips {
		label = labelCodeCommitFIPS
	}
	return label + "." + region + "." + PartitionOf(region).Suffix
}

// Hosts returns the host names for a region in lower case, in all of
// ParseEndpoint's forms except VPC endpoints.
func Hosts(region string) []string {
	var hosts []string
	for _, label := range []string{labelCodeCommit, labelCodeCommitFIPS, labelConnections, labelStarConnections} {
		hosts = append(hosts, label+"."+region+"."+PartitionOf(region).Suffix)
	}
	return hosts
}

// HostPatterns returns the patterns that match every host name of ParseEndpoint's
// forms, in every partition.
func HostPatterns() []string {
	var patterns []string
	for _, suffix := range suffixes() {
		patterns = append(patterns, hostPatterns(suffix)...)
	}
	return patterns
}

// HostPatterns lists the patterns that cover every host of ParseEndpoint's
// forms in the partition (and in others with the same DNS suffix). A "*" in
// them matches one label, as in git's configuration: git-config(1),
// http.<url>.*.
func (p Partition) HostPatterns() []string { return hostPatterns(p.Suffix) }

func hostPatterns(suffix string) []string {
	var patterns []string
	for _, label := range []string{labelCodeCommit, labelCodeCommitFIPS} {
		patterns = append(patterns, label+".*."+suffix, "*."+label+".*.vpce."+suffix)
	}
	return append(patterns, labelConnections+".*."+suffix, labelStarConnections+".*."+suffix)
}

// AllowedEndpoint is ParseEndpoint for a private DNS name of CodeCommit that the
// user trusts (--allow-host). Ok is true if host equals name, ignoring the case of
// ASCII letters, without a port or with :443. The user also provides the region.
func AllowedEndpoint(host, name, region string) (ep Endpoint, ok bool) {
	bare := strings.TrimSuffix(host, ":443")
	if !ValidHostName(name) || asciiLower(bare) != asciiLower(name) {
		return Endpoint{}, false
	}
	return Endpoint{Host: bare, Region: asciiLower(region)}, true
}

// maxHostLen is the maximum length of a DNS name in text form: RFC 1035 section
// 2.3.4.
const maxHostLen = 253

// ValidHostName reports whether name is a DNS name of at least two labels of
// letters, digits and hyphens (RFC 1123 section 2.1), without a port or a trailing
// dot.
func ValidHostName(name string) bool {
	if len(name) > maxHostLen {
		return false
	}
	labels := strings.Split(asciiLower(name), ".")
	for _, label := range labels {
		if !isLabel(label) {
			return false
		}
	}
	return len(labels) > 1
}

// isLabel reports whether s, in lower case, is one label of a DNS name.
func isLabel(s string) bool {
	return len(s) > 0 && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-' && only(s, isHostByte)
}

// isEndpointID reports whether s is the first label of a VPC endpoint's name, with
// or without an availability zone: vpce-0b47ea360adebf88a-jkl88hez.
func isEndpointID(s string) bool {
	return isLabel(s) && len(s) > len("vpce-")
}

// asciiLower converts only A to Z to lower case: strings.ToLower would convert the
// Kelvin sign to a k.
func asciiLower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				if 'A' <= b[j] && b[j] <= 'Z' {
					b[j] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// only reports whether ok accepts every byte of s.
func only(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isLower(b byte) bool    { return 'a' <= b && b <= 'z' }
func isDigit(b byte) bool    { return '0' <= b && b <= '9' }
func isHostByte(b byte) bool { return isLower(b) || isDigit(b) || b == '-' }
