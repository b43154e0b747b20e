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

// appID is the application name in the User-Agent of AWS calls, which CloudTrail
// records. The user can configure another one.
const appID = "git-credential-codecommit"

// A Client creates the SDK's clients for the AWS calls of one chain. They share the
// HTTP connections, the clock and the retry rules.
//
// The SDK is configured only with values: it reads no files, and no environment
// variable changes what it calls. config.LoadDefaultConfig would read both with a
// grammar that differs from the AWS CLI's, and fails if AWS_PROFILE is set and
// there are no files (as of config v1.33.15).
type Client struct {
	Clock *Clock
	Trace Trace

	settings awsprofile.Settings
	http     *http.Client // created on first use
}

// New returns a client with the settings of a chain. Region is used if the settings
// have none. Now returns this machine's time.
func New(settings awsprofile.Settings, region string, now func() time.Time, trace Trace) *Client {
	var fips bool
	settings.Region, fips = awsprofile.PlainRegion(cmp.Or(settings.Region, region))
	settings.UseFIPS = settings.UseFIPS || fips
	return &Client{Clock: NewClock(now), Trace: trace, settings: settings}
}

// Region returns the region of STS and of the sign-in service.
func (c *Client) Region() string { return c.settings.Region }

// Keys of services in Settings.Endpoints.
const (
	serviceSTS    = "sts"
	serviceSSO    = "sso"
	serviceOIDC   = "sso_oidc"
	serviceSignIn = "signin"
)

// STS returns a client for AWS STS that signs with creds; without credentials it
// does not sign. The error is ErrProxyURL or a CABundleError.
func (c *Client) STS(creds aws.Credentials) (*sts.Client, error) {
	cfg, err := c.config(serviceSTS, c.settings.Region, c.settings.UseFIPS)
	if err != nil {
		return nil, err
	}
	if creds.AccessKeyID != "" {
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return creds, nil })
	}
	// The global endpoint needs a signing region even if an endpoint URL is
	// configured.
	if cfg.BaseEndpoint != nil && cfg.Region == "aws-global" {
		cfg.Region = "us-east-1"
	}
	return sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.HTTPSignerV4 = signer{v4.NewSigner(), c.Clock}
	}), nil
}

// SSO returns a client for the IAM Identity Center portal in a region. It never
// uses FIPS endpoints: they do not exist, and in us-gov the standard endpoints are
// FIPS endpoints (https://github.com/aws/aws-cli/issues/9026). The error is
// ErrProxyURL or a CABundleError.
func (c *Client) SSO(region string) (*sso.Client, error) {
	region, _ = awsprofile.PlainRegion(region)
	cfg, err := c.config(serviceSSO, region, false)
	if err != nil {
		return nil, err
	}
	return sso.NewFromConfig(cfg), nil
}

// OIDC returns a client for IAM Identity Center's OIDC service in a region. Like
// SSO, it never uses FIPS endpoints. The error is ErrProxyURL or a CABundleError.
func (c *Client) OIDC(region string) (*ssooidc.Client, error) {
	region, _ = awsprofile.PlainRegion(region)
	cfg, err := c.config(serviceOIDC, region, false)
	if err != nil {
		return nil, err
	}
	return ssooidc.NewFromConfig(cfg), nil
}

// OIDCEndpoint returns the URL of IAM Identity Center's OIDC service in a region.
// The SDK has no call for its authorization page.
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

// SignIn returns a client for the sign-in service that `aws login` uses. The error
// is ErrProxyURL or a CABundleError.
func (c *Client) SignIn() (*signin.Client, error) {
	cfg, err := c.config(serviceSignIn, c.settings.Region, c.settings.UseFIPS)
	if err != nil {
		return nil, err
	}
	return signin.NewFromConfig(cfg), nil
}

// checkRegion returns an error for a region that cannot be part of a host name. The
// settings' region was checked before, but not the region of a stored token.
func checkRegion(region string) error {
	if region != "" && !awsprofile.ValidRegionName(region) {
		return errors.New(cli.Quote(region) + " is not a region name")
	}
	return nil
}

// config returns the SDK's configuration for a service in a region.
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
		Logger:                     logging.Nop{}, // the SDK must not log
		AppID:                      cmp.Or(c.settings.AppID, appID),
		DefaultsMode:               aws.DefaultsMode(c.settings.DefaultsMode),
		DisableClockSkewCorrection: true, // Clock also corrects CodeCommit's signature
	}
	// Set the endpoint URL directly: the SDK would read AWS_ENDPOINT_URL before it
	// checked ConfigSources.
	if url := c.settings.Endpoints[service]; url != "" {
		cfg.BaseEndpoint = &url
		useFIPS, useDualStack = false, false // the SDK rejects the combination; in the AWS CLI, the URL takes precedence
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

// HTTP returns the HTTP client for AWS's public endpoints. All calls share it, so
// that connections are reused. The error is ErrProxyURL or a CABundleError.
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
