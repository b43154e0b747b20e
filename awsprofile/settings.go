package awsprofile

import (
	"cmp"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Settings are what a chain's AWS calls need besides credentials: the selected
// profile's settings and the standard AWS_* variables. As in AWS CLI version 2,
// variables take precedence over the file.
type Settings struct {
	// Region is AWS_REGION, else AWS_DEFAULT_REGION, else the profile's region,
	// else "". It is in lower case, and a FIPS pseudo-region is replaced by its
	// region (see PlainRegion).
	Region string
	// ProfileRegion is the profile's region as written in the file, regardless of
	// the environment; "" if there is none. AWS's git-remote-codecommit prefers it
	// to AWS_REGION.
	ProfileRegion string
	// CABundle is the path of a PEM file to trust instead of the system's
	// (AWS_CA_BUNDLE, ca_bundle, REQUESTS_CA_BUNDLE); "" for the system's.
	CABundle     string
	CABundleFrom string // the variable or setting that CABundle comes from
	// MalformedProxy is true if HTTPS_PROXY, or else https_proxy, has a value that
	// Go's net/http silently ignores, so that calls would bypass the proxy.
	MalformedProxy bool
	// UseFIPS is AWS_USE_FIPS_ENDPOINT or use_fips_endpoint; a FIPS pseudo-region
	// also turns it on.
	UseFIPS      bool
	UseDualStack bool // AWS_USE_DUALSTACK_ENDPOINT, use_dualstack_endpoint
	// Endpoints are the configured endpoint URLs, by the service's key in a
	// [services] section: "sts", "sso", "sso_oidc", "signin". It is empty if
	// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true.
	Endpoints map[string]string
	// RetryMode is AWS_RETRY_MODE or retry_mode: "standard", "adaptive", or "" if
	// it is not set. "legacy" means standard here, because the AWS CLI's older
	// rules retry fewer calls.
	RetryMode string
	// MaxAttempts is AWS_MAX_ATTEMPTS or max_attempts, the maximum number of
	// attempts per call; 0 if it is not set.
	MaxAttempts int
	// AppID is the user's application name in the User-Agent of AWS calls
	// (AWS_SDK_UA_APP_ID, sdk_ua_app_id); "" for this program's name.
	AppID string
	// DefaultsMode is AWS_DEFAULTS_MODE or defaults_mode in lower case; "" if it is
	// not set.
	DefaultsMode string
	Metadata     MetadataSettings
}

// MetadataSettings describe how to reach the EC2 instance metadata service.
type MetadataSettings struct {
	Disabled   bool          // AWS_EC2_METADATA_DISABLED
	V1Disabled bool          // AWS_EC2_METADATA_V1_DISABLED, ec2_metadata_v1_disabled
	Endpoint   string        // AWS_EC2_METADATA_SERVICE_ENDPOINT; "" for the standard address of the mode
	IPv6       bool          // AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE = ipv6 (or AWS_IMDS_USE_IPV6)
	Timeout    time.Duration // per attempt; AWS_METADATA_SERVICE_TIMEOUT, 1 s by default
	Attempts   int           // AWS_METADATA_SERVICE_NUM_ATTEMPTS, 1 by default
}

// maxNumber limits numbers of attempts and seconds, so that durations do not
// overflow. Larger values make no sense.
const maxNumber = 1000

// settings returns the settings of the selected profile and the environment.
func (r *resolver) settings() (s Settings, err error) {
	get := func(variable, name string) (value string) {
		if err == nil {
			value, err = r.setting(variable, name)
		}
		return value
	}
	yes := func(variable, name string) bool {
		return strings.EqualFold(get(variable, name), "true")
	}
	number := func(variable, name string, usual int) int {
		text := get(variable, name)
		if err != nil || text == "" && !r.profile.has(name) {
			return usual
		}
		n, syntax := parseInteger(strings.TrimSpace(text))
		if syntax != nil || n < 1 {
			err = r.fault(variable, name, "is not a whole number above 0")
		}
		return min(n, maxNumber)
	}
	// word parses one of the words, in upper or lower case.
	word := func(variable, name string, words ...string) string {
		value := strings.ToLower(get(variable, name))
		if err == nil && value != "" && !slices.Contains(words, value) {
			last := len(words) - 1
			err = r.fault(variable, name, "is not "+strings.Join(words[:last], ", ")+" or "+words[last])
		}
		return value
	}
	bundleFrom, bundle := r.env.first("AWS_CA_BUNDLE")
	if bundle == "" {
		bundleFrom, bundle = "ca_bundle", get("", "ca_bundle")
	}
	if bundle == "" {
		bundleFrom, bundle = r.env.first("REQUESTS_CA_BUNDLE")
	}
	_, proxy := r.env.first("HTTPS_PROXY", "https_proxy")
	s = Settings{
		MalformedProxy: proxy != "" && !isProxy(proxy),
		CABundle:       cmp.Or(r.env.expandHome(bundle), bundle),
		CABundleFrom:   bundleFrom,
		UseFIPS:        yes("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
		UseDualStack:   yes("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
		RetryMode:      word("AWS_RETRY_MODE", "retry_mode", "standard", "adaptive", "legacy"),
		MaxAttempts:    number("AWS_MAX_ATTEMPTS", "max_attempts", 0),
		AppID:          get("AWS_SDK_UA_APP_ID", "sdk_ua_app_id"),
		DefaultsMode:   word("AWS_DEFAULTS_MODE", "defaults_mode", "standard", "in-region", "cross-region", "mobile", "auto", "legacy"),
		Metadata: MetadataSettings{
			Disabled:   strings.EqualFold(r.env.get("AWS_EC2_METADATA_DISABLED"), "true"),
			V1Disabled: yes("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled"),
			Endpoint:   get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint"),
			IPv6:       word("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode", "ipv4", "ipv6") == "ipv6",
			Timeout:    time.Duration(number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1)) * time.Second,
			Attempts:   number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", 1),
		},
	}
	if s.RetryMode == "legacy" {
		s.RetryMode = "standard"
	}
	if get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode") == "" {
		s.Metadata.IPv6 = yes("AWS_IMDS_USE_IPV6", "imds_use_ipv6")
	}
	if s.Metadata.Endpoint != "" && !isURL(s.Metadata.Endpoint) {
		err = cmp.Or(err, r.fault("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint", notURL))
	}
	if err != nil {
		return Settings{}, err
	}
	region, err := r.region()
	if err != nil {
		return Settings{}, err
	}
	var fips bool
	s.Region, fips = PlainRegion(region)
	s.UseFIPS = s.UseFIPS || fips
	s.ProfileRegion = r.profile.settings["region"].value
	return s, err
}

// isProxy reports whether net/http accepts value as the URL of a proxy, with or
// without a scheme.
func isProxy(value string) bool {
	if u, err := url.Parse(value); err == nil && u.Scheme != "" && u.Host != "" {
		return true
	}
	u, err := url.Parse("http://" + value)
	return err == nil && !strings.HasPrefix(u.Path, "//") // http://http://…
}

// setting returns the variable's value, else the profile's setting, else "".
func (r *resolver) setting(variable, name string) (string, error) {
	if value := r.env.get(variable); value != "" {
		return value, nil
	}
	return r.profile.optional(name)
}

// fault returns the error for a value that comes from the variable, or else from
// the profile's setting.
func (r *resolver) fault(variable, name, problem string) error {
	if r.env.get(variable) != "" {
		return &VariableError{Variable: variable, Problem: problem}
	}
	return r.profile.fault(name, name+" "+problem)
}

// region returns the configured region as written.
func (r *resolver) region() (string, error) {
	const problem = "is not a region name"
	variable, region := r.env.first("AWS_REGION", "AWS_DEFAULT_REGION")
	if region != "" {
		if !ValidRegionName(region) {
			return "", &VariableError{Variable: variable, Problem: problem}
		}
		return region, nil
	}
	region, err := r.profile.optional("region")
	if err == nil && region != "" && !ValidRegionName(region) {
		err = r.profile.fault("region", "region "+problem)
	}
	return region, err
}

// PlainRegion returns the name of a region in lower case, and whether it was a FIPS
// pseudo-region: fips-us-east-1 and us-east-1-fips mean us-east-1 with FIPS
// endpoints, as in botocore's _normalize_fips_region.
func PlainRegion(name string) (region string, fips bool) {
	name = strings.ToLower(name)
	region = strings.ReplaceAll(strings.ReplaceAll(name, "fips-", ""), "-fips", "")
	return region, region != name
}

// ValidRegionName reports whether the name is a valid label of a host name, because
// it becomes one. It is like botocore's validate_region_name.
func ValidRegionName(name string) bool {
	const longest = 63 // characters of a label, RFC 1035
	digits := 0
	for i := range len(name) {
		switch c := name[i]; {
		case '0' <= c && c <= '9':
			digits++
		case c == '-' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		default:
			return false
		}
	}
	return 0 < len(name) && len(name) <= longest && digits < len(name) &&
		name[0] != '-' && name[len(name)-1] != '-'
}

// services are the keys of the services that a chain may call.
var services = [...]string{"sts", "sso", "sso_oidc", "signin"}

// endpoints returns the endpoint URLs from the environment, the profile's
// [services] section and the profile, in this order of precedence. As in the AWS
// CLI, a missing section is an error only for a chain that calls AWS.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func (r *resolver) endpoints(callsAWS bool) (map[string]string, error) {
	ignored, err := r.setting("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")
	if err != nil || strings.EqualFold(ignored, "true") {
		return nil, err
	}
	section, err := r.services()
	if err != nil {
		return nil, err
	}
	if section == nil {
		if callsAWS {
			return nil, r.profile.fault("services", "services section "+quote(r.profile.settings["services"].value)+" not found")
		}
		section = &profile{}
	}
	endpoints := map[string]string{}
	for _, service := range services {
		url := ""
		if variable, value := r.env.first("AWS_ENDPOINT_URL_"+strings.ToUpper(service), "AWS_ENDPOINT_URL"); value != "" {
			if !isURL(value) {
				return nil, &VariableError{Variable: variable, Problem: notURL}
			}
			url = value
		} else if block := section.settings[service].value; section.has(service) && !strings.HasPrefix(block, "\n") {
			return nil, section.fault(service, service+" is not followed by nested settings")
		} else if url = nestedValue(block, "endpoint_url"); url != "" {
			if !isURL(url) {
				return nil, section.fault(service, "endpoint_url of "+service+" "+notURL)
			}
		} else {
			if url, err = r.profile.optional("endpoint_url"); err != nil {
				return nil, err
			}
			if url != "" && !isURL(url) {
				return nil, r.profile.fault("endpoint_url", "endpoint_url "+notURL)
			}
		}
		if url != "" {
			endpoints[service] = url
		}
	}
	return endpoints, nil
}

// services returns the [services] section that the profile refers to; without
// settings if it refers to none, nil if the section does not exist.
func (r *resolver) services() (*profile, error) {
	section := &profile{name: r.profile.name}
	name, err := r.profile.value("services")
	if err != nil || name == "" {
		return section, err
	}
	var d defect
	section.settings, d = r.files.config.settings(r.files.config.find(servicesSection, name))
	if section.settings == nil {
		return nil, nil
	}
	if d != (defect{}) {
		return nil, d.asError(r.profile.name)
	}
	return section, nil
}

// nestedValue returns a setting in a block of nested settings; "" if it is absent.
// Nested names are case-sensitive.
func nestedValue(block, name string) (value string) {
	for line := range strings.Lines(block) {
		if n, v, ok := strings.Cut(line, "="); ok && strings.TrimSpace(n) == name {
			value = strings.TrimSpace(v)
		}
	}
	return value
}

const notURL = "is not a valid http or https URL"

// isURL reports whether a value can be an endpoint URL: http or https, a host,
// optionally a port and a path, and nothing else.
func isURL(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return false
	}
	host := u.Hostname()
	if strings.Contains(host, ":") {
		_, err := netip.ParseAddr(host)
		return err == nil
	}
	for i := range len(host) {
		if c := host[i]; c != '.' && c != '-' && !isWordByte(c) {
			return false
		}
	}
	return host != ""
}
