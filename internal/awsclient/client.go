package awsclient

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/cli"
)

// appID is the name of the application in the User-Agent of AWS calls, which
// CloudTrail records, unless the user configured another one.
const appID = "git-credential-codecommit"

// A Client makes the SDK's clients for the AWS calls of one chain. They share the
// HTTP connections, the clock and the retry rules.
//
// The SDK is configured with values alone. It opens no file, and no environment
// variable changes what it calls: config.LoadDefaultConfig would read both with a
// grammar that differs from the AWS CLI's, and fails if AWS_PROFILE is set and
// there are no files (as of config v1.33.15).
type Client struct {
	Clock *Clock
	Trace Trace

	settings awsprofile.Settings
	http     *http.Client // made at first use
}

// New returns a client that follows the settings of a chain. Region is used if
// they name none; now is this machine's clock.
func New(settings awsprofile.Settings, region string, now func() time.Time, trace Trace) *Client {
	var fips bool
	settings.Region, fips = awsprofile.PlainRegion(cmp.Or(settings.Region, region))
	settings.UseFIPS = settings.UseFIPS || fips
	return &Client{Clock: NewClock(now), Trace: trace, settings: settings}
}

// Region is the region of STS and of the sign-in service.
func (c *Client) Region() string { return c.settings.Region }

// The keys of services in Settings.Endpoints.
const (
	serviceSTS    = "sts"
	serviceSSO    = "sso"
	serviceOIDC   = "sso_oidc"
	serviceSignIn = "signin"
)

// STS returns the client of AWS STS, which signs as creds; without credentials it
// signs nothing. Errors are ErrProxyURL and CABundleError.
func (c *Client) STS(creds aws.Credentials) (*sts.Client, error) {
	cfg, err := c.config(serviceSTS, c.settings.Region, c.settings.UseFIPS)
	if err != nil {
		return nil, err
	}
	if creds.AccessKeyID != "" {
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil })
	}
	// The global endpoint has a region to sign for even under a configured URL.
	if cfg.BaseEndpoint != nil && cfg.Region == "aws-global" {
		cfg.Region = "us-east-1"
	}
	return sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.HTTPSignerV4 = signer{v4.NewSigner(), c.Clock}
	}), nil
}

// SSO returns the client of IAM Identity Center's portal in a region. It does not
// use FIPS endpoints: the hosts do not exist, and in us-gov the usual ones are
// FIPS's already (https://github.com/aws/aws-cli/issues/9026). Errors are
// ErrProxyURL and CABundleError.
func (c *Client) SSO(region string) (*sso.Client, error) {
	region, _ = awsprofile.PlainRegion(region)
	cfg, err := c.config(serviceSSO, region, false)
	if err != nil {
		return nil, err
	}
	return sso.NewFromConfig(cfg), nil
}

// OIDC returns the client of IAM Identity Center's OIDC service in a region. Like
// SSO, it does not use FIPS endpoints. Errors are ErrProxyURL and CABundleError.
func (c *Client) OIDC(region string) (*ssooidc.Client, error) {
	region, _ = awsprofile.PlainRegion(region)
	cfg, err := c.config(serviceOIDC, region, false)
	if err != nil {
		return nil, err
	}
	return ssooidc.NewFromConfig(cfg), nil
}

// OIDCEndpoint returns the URL of IAM Identity Center's OIDC service in a region: its
// page for authorization codes is not part of the SDK.
func (c *Client) OIDCEndpoint(ctx context.Context, region string) (string, error) {
	region, _ = awsprofile.PlainRegion(region)
	if err := checkRegion(region); err != nil {
		return "", err
	}
	params := ssooidc.EndpointParameters{Region: &region, UseFIPS: aws.Bool(false), UseDualStack: &c.settings.UseDualStack}
	if url := c.settings.Endpoints[serviceOIDC]; url != "" {
		params.Endpoint, params.UseDualStack = &url, aws.Bool(false)
	}
	endpoint, err := ssooidc.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, params)
	return endpoint.URI.String(), err
}

// SignIn returns the client of the service with which `aws login` signs in. Errors
// are ErrProxyURL and CABundleError.
func (c *Client) SignIn() (*signin.Client, error) {
	cfg, err := c.config(serviceSignIn, c.settings.Region, c.settings.UseFIPS)
	if err != nil {
		return nil, err
	}
	return signin.NewFromConfig(cfg), nil
}

// checkRegion refuses a region that cannot be part of a host name. Settings have been
// checked before; a stored token's region has not.
func checkRegion(region string) error {
	if region != "" && !awsprofile.ValidRegionName(region) {
		return errors.New(cli.Quote(region) + " is not a region name")
	}
	return nil
}

// config is the SDK's configuration for a service in a region.
func (c *Client) config(service, region string, useFIPS bool) (aws.Config, error) {
	if err := checkRegion(region); err != nil {
		return aws.Config{}, err
	}
	httpClient, err := c.HTTP()
	if err != nil {
		return aws.Config{}, err
	}
	useDualStack := c.settings.UseDualStack
	cfg := aws.Config{
		Region:                     region,
		Credentials:                aws.AnonymousCredentials{},
		HTTPClient:                 httpClient,
		Retryer:                    c.retryer,
		Logger:                     logging.Nop{}, // the SDK writes nothing
		AppID:                      cmp.Or(c.settings.AppID, appID),
		DefaultsMode:               aws.DefaultsMode(c.settings.DefaultsMode),
		DisableClockSkewCorrection: true, // ours reaches CodeCommit's signature too
	}
	// The SDK resolves a configured URL from ConfigSources only after a look at
	// AWS_ENDPOINT_URL, which it must not read; from here it takes it as it is.
	if url := c.settings.Endpoints[service]; url != "" {
		cfg.BaseEndpoint = &url
		useFIPS, useDualStack = false, false // the SDK refuses the combination; to the AWS CLI, the URL wins
	}
	shared := config.SharedConfig{
		UseFIPSEndpoint:      aws.FIPSEndpointStateDisabled,
		UseDualStackEndpoint: aws.DualStackEndpointStateDisabled,
	}
	if useFIPS {
		shared.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	if useDualStack {
		shared.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
	}
	cfg.ConfigSources = []any{shared}
	return cfg, nil
}

// HTTP returns the HTTP client for the public endpoints of AWS. All calls share
// it, so that connections are used again. Errors are ErrProxyURL and CABundleError.
func (c *Client) HTTP() (*http.Client, error) {
	if c.http == nil {
		h, err := newHTTPClient(c.Clock, c.settings)
		if err != nil {
			return nil, err
		}
		c.http = h
	}
	return c.http, nil
}
