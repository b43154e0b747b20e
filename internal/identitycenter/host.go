package identitycenter

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/codecommit"
)

// Hosts of IAM Identity Center portals. Other hosts (vanity start URLs) redirect to
// one of these. Not all of *.amazonaws.com is included, because AWS's customers
// publish pages there.
// See https://github.com/aws/aws-cli/blob/v2/awscli/customizations/sso/resolve.py.
var (
	portalSuffixes = []string{
		"app.aws", "awsapps.com", "awsapps.cn",
		"portal.amazonaws.com", "portal.amazonaws.com.cn", "portal.amazonaws.eu",
		"app.amazonwebservices.com.cn", "api.amazonwebservices.eu",
	}
	portalHosts = []string{
		"identitycenter.amazonaws.com", "identitycenter.amazonaws.com.cn",
		"identitycenter.amazonaws.eu", "identitycenter.us-gov.amazonaws.com",
	}
)

// isPortal reports whether a host, in lower case, is an IAM Identity Center portal.
func isPortal(host string) bool {
	return slices.Contains(portalHosts, host) || slices.ContainsFunc(portalSuffixes, func(suffix string) bool {
		return host == suffix || strings.HasSuffix(host, "."+suffix)
	})
}

// portalRegion returns the region in a portal's host name; "" if there is none.
func portalRegion(host string) string {
	for _, form := range []struct {
		suffix string // follows the region
		before string // label before the region; "" if there is none
	}{
		{"app.aws", "portal"},
		{"app.amazonwebservices.com.cn", "portal"},
		{"api.amazonwebservices.eu", "portal"},
		{"portal.amazonaws.com", ""},
		{"portal.amazonaws.com.cn", ""},
		{"portal.amazonaws.eu", ""},
	} {
		head, ok := strings.CutSuffix(host, "."+form.suffix)
		if !ok {
			continue
		}
		labels := strings.Split(head, ".")
		if form.before != "" && len(labels) == 3 && labels[1] == form.before || form.before == "" && len(labels) == 2 {
			if region := labels[len(labels)-1]; codecommit.ValidRegion(region) {
				return region
			}
		}
	}
	return ""
}

// A startURLError is returned for an invalid start URL.
type startURLError struct{ url, problem string }

func (e *startURLError) Error() string {
	return "the start URL " + cli.Quote(cli.RedactURL(e.url)) + " " + e.problem
}

// startHost returns the host of a start URL, in lower case. The error is a
// startURLError.
func startHost(startURL string) (string, error) {
	u, err := url.Parse(startURL)
	switch {
	case err != nil || u.Scheme != "https" || u.Opaque != "" || !awsclient.ValidHeader(startURL) || strings.Contains(startURL, " "):
		return "", &startURLError{startURL, "is not an https URL"}
	case u.User != nil || u.Port() != "" || !isHostName(u.Hostname()):
		return "", &startURLError{startURL, "must contain a DNS name, without username and port"}
	}
	return strings.ToLower(u.Hostname()), nil
}

// isHostName reports whether a host is a DNS name with a dot, rather than an
// address.
func isHostName(host string) bool {
	_, err := netip.ParseAddr(host)
	return err != nil && strings.Contains(host, ".") && codecommit.ValidHostName(host)
}

// CheckStartURL returns an error if a start URL is invalid.
func CheckStartURL(startURL string) error {
	_, err := startHost(startURL)
	return err
}

var errPage = errors.New("AWS returned a sign-in page that is not IAM Identity Center's")

// maxPage is the maximum length of a page's URL that is shown, in bytes.
const maxPage = 2 << 10

// checkPage returns an error unless a page on which the user types a code is IAM
// Identity Center's: on device.sso.REGION.SUFFIX, a portal, or the start URL's
// host. The URL comes from the network.
func checkPage(page, region, startURL string) error {
	u, err := url.Parse(page)
	if err != nil || u.Scheme != "https" || u.Opaque != "" || u.User != nil || u.Port() != "" || len(page) > maxPage || !awsclient.ValidHeader(page) || strings.ContainsAny(page, " \"'<>\\`") {
		return fmt.Errorf("%w: %s", errPage, cli.Quote(page))
	}
	host := strings.ToLower(u.Hostname())
	start, err := startHost(startURL)
	if err == nil && host == start || isPortal(host) || host == "device.sso."+region+"."+codecommit.PartitionOf(region).Suffix {
		return nil
	}
	return fmt.Errorf("%w: %s", errPage, cli.Quote(page))
}
