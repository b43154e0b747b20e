// Package codecommit knows the service's side of a git request: which hosts
// and paths are CodeCommit's, and the signature that the service expects.
// Everything in it is a pure function.
package codecommit

import "strings"

// An Endpoint is a host that speaks git for CodeCommit.
type Endpoint struct {
	// Host is the name to sign: as git wrote it, without a port.
	Host string
	// Region is the region to sign for, in lower case: us-east-2.
	Region string
}

// ParseEndpoint reads host as git sends it in a credential request (a name,
// with ":port" if the URL has one) and says whether it is CodeCommit's. Four
// forms are, with no port or :443, in any case of ASCII letters:
//
//	git-codecommit.REGION.SUFFIX
//	git-codecommit-fips.REGION.SUFFIX
//	vpce-ID.git-codecommit.REGION.vpce.SUFFIX
//	vpce-ID.git-codecommit-fips.REGION.vpce.SUFFIX
//
// SUFFIX is the DNS suffix of the region's partition. No list of regions is
// built in: a region is told by its shape.
//
// The forms are those of
// https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html and
// https://docs.aws.amazon.com/codecommit/latest/userguide/codecommit-and-interface-VPC.html.
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
	service, rest, ok := strings.Cut(rest, ".")
	if !ok || service != "git-codecommit" && service != "git-codecommit-fips" {
		return Endpoint{}, false
	}
	region, suffix, ok := strings.Cut(rest, ".")
	if !ok || !isRegion(region) {
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
	return Endpoint{Host: name, Region: region}, true
}

// Host is the host of a region, which is in lower case: the FIPS endpoint's, or
// the usual one.
func Host(region string, fips bool) string {
	service := "git-codecommit."
	if fips {
		service = "git-codecommit-fips."
	}
	return service + region + "." + PartitionOf(region).Suffix
}

// HostPatterns lists patterns that between them cover every host of
// ParseEndpoint's forms. In them a "*" stands for one label of the name, as in
// git's configuration: git-config(1), http.<url>.*.
func HostPatterns() []string {
	var patterns []string
	for _, suffix := range suffixes() {
		for _, service := range []string{"git-codecommit", "git-codecommit-fips"} {
			patterns = append(patterns, service+".*."+suffix, "*."+service+".*.vpce."+suffix)
		}
	}
	return patterns
}

// AllowedEndpoint is ParseEndpoint for a name that the user vouches for
// (--allow-host): host is the endpoint if it equals name, in any case of ASCII
// letters, with no port or :443. The region is the user's to say.
func AllowedEndpoint(host, name, region string) (ep Endpoint, ok bool) {
	bare := strings.TrimSuffix(host, ":443")
	if !ValidHostName(name) || asciiLower(bare) != asciiLower(name) {
		return Endpoint{}, false
	}
	return Endpoint{Host: bare, Region: asciiLower(region)}, true
}

// maxHostLen is the longest DNS name in text form, RFC 1035 section 2.3.4.
const maxHostLen = 253

// ValidHostName says whether name is a DNS name of at least two labels of
// letters, digits and hyphens (RFC 1123 section 2.1), with neither a port nor
// a trailing dot.
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

// isLabel says whether s, in lower case, is one label of a DNS name.
func isLabel(s string) bool {
	return len(s) > 0 && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-' && only(s, isHostByte)
}

// isEndpointID says whether s is the first label of a VPC endpoint's name:
// vpce-0b47ea360adebf88a-jkl88hez, with or without an availability zone
// behind it.
func isEndpointID(s string) bool {
	return isLabel(s) && len(s) > len("vpce-")
}

// asciiLower lowers A to Z and nothing else: strings.ToLower would turn the
// Kelvin sign into a k.
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

// only says whether every byte of s is one that ok accepts.
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
