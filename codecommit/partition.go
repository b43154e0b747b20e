package codecommit

import (
	"slices"
	"strings"
)

// A Partition is one of AWS's separate worlds.
type Partition struct {
	ID     string // as in ARNs: aws, aws-cn
	Suffix string // of its DNS names

	regions string // how the names of its regions begin
}

// partitions are told apart by how their regions' names begin; the first
// match counts and the last entry takes the rest. The names and suffixes are
// those of partitions.json, which every AWS SDK carries.
var partitions = [...]Partition{
	{"aws-cn", "amazonaws.com.cn", "cn-"},
	{"aws-us-gov", "amazonaws.com", "us-gov-"},
	{"aws-eusc", "amazonaws.eu", "eusc-"},
	{"aws-iso", "c2s.ic.gov", "us-iso-"},
	{"aws-iso-b", "sc2s.sgov.gov", "us-isob-"},
	{"aws-iso-e", "cloud.adc-e.uk", "eu-isoe-"},
	{"aws-iso-f", "csp.hci.ic.gov", "us-isof-"},
	{"aws", "amazonaws.com", ""},
}

// PartitionOf returns the partition that region belongs to. Region is in lower
// case; a region that no partition claims belongs to aws.
func PartitionOf(region string) Partition {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.regions) {
			return p
		}
	}
	panic("unreachable: the last partition takes every region")
}

// suffixes lists the DNS suffixes of all partitions, each once.
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

// ValidRegion says whether s has the shape of a region's name: two to four
// letters, one or more words, a number (us-east-2, us-gov-west-1,
// eusc-de-east-1). It may be written in any case.
func ValidRegion(s string) bool { return isRegion(asciiLower(s)) }

// maxRegionLen leaves room for regions to come; the longest today,
// ap-southeast-N, has 14 bytes.
const maxRegionLen = 32

func isRegion(s string) bool {
	if len(s) > maxRegionLen {
		return false
	}
	words := strings.Split(s, "-")
	last := len(words) - 1
	if last < 2 || last <= strings.Count(PartitionOf(s).regions, "-") {
		return false // no word between the partition's own and the number
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
