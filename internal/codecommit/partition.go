package codecommit

import (
	"slices"
	"strings"
)

// A Partition is a group of regions with separate accounts, credentials and DNS
// names.
type Partition struct {
	ID     string // as in ARNs: aws, aws-cn
	Suffix string // DNS suffix
	// DualStackSuffix is the suffix of names that also have IPv6 addresses.
	// SignInSuffix is the suffix of the sign-in service.
	DualStackSuffix string
	SignInSuffix    string

	regions string // prefix of the regions' names
}

// partitions are all partitions. A region belongs to the first one whose prefix
// matches; the last prefix is empty. The values are those of partitions.json and of
// sign-in's endpoint rules in every AWS SDK:
// https://github.com/boto/botocore/tree/develop/botocore/data.
var partitions = [...]Partition{
	{"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "signin.amazonaws.cn", "cn-"},
	{"aws-us-gov", "amazonaws.com", "api.aws", "signin.amazonaws-us-gov.com", "us-gov-"},
	{"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "signin.amazonaws-eusc.eu", "eusc-"},
	{"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "signin.c2shome.ic.gov", "us-iso-"},
	{"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "signin.sc2shome.sgov.gov", "us-isob-"},
	{"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "signin.csphome.adc-e.uk", "eu-isoe-"},
	{"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "signin.csphome.hci.ic.gov", "us-isof-"},
	{"aws", "amazonaws.com", "api.aws", "signin.aws.amazon.com", ""},
}

// PartitionOf returns the partition of a region in lower case. Regions that match
// no other prefix belong to aws.
func PartitionOf(region string) Partition {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.regions) {
			return p
		}
	}
	panic("unreachable: the last partition takes every region")
}

// suffixes returns the DNS suffixes of all partitions, without duplicates.
func suffixes() []string {
	var all []string
	for _, p := range partitions {
		if !slices.Contains(all, p.Suffix) {
			all = append(all, p.Suffix)
		}
	}
	slices.Sort(all)
	return all
}

// ValidRegion reports whether s has the form of a region's name: two to four
// letters, one or more words, and a number (us-east-2, us-gov-west-1,
// eusc-de-east-1), in upper or lower case.
func ValidRegion(s string) bool { return isRegion(asciiLower(s)) }

// maxRegionLen is in bytes. It leaves room for future regions; today the longest
// name, ap-southeast-N, has 14.
const maxRegionLen = 32

func isRegion(s string) bool {
	if len(s) > maxRegionLen {
		return false
	}
	words := strings.Split(s, "-")
	last := len(words) - 1
	if last < 2 || last <= strings.Count(PartitionOf(s).regions, "-") {
		return false // no word between the partition's prefix and the number
	}
	for _, w := range words[:last] {
		if w == "" || !only(w, isLower) {
			return false
		}
	}
	area, number := words[0], words[last]
	return len(area) >= 2 && len(area) <= 4 &&
		len(number) >= 1 && len(number) <= 2 && only(number, isDigit)
}

// PartitionByID returns the partition with an ID, as used in ARNs.
func PartitionByID(id string) (Partition, bool) {
	for _, p := range partitions {
		if p.ID == id {
			return p, true
		}
	}
	return Partition{}, false
}
