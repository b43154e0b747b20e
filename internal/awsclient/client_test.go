package awsclient

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/signin"
	signintypes "github.com/aws/aws-sdk-go-v2/service/signin/types"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"

	"git-credential-codecommit/awsprofile"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// newTestClient returns a client whose requests are answered by answer.
func newTestClient(set awsprofile.Settings, trace Trace, answer roundTrip) *Client {
	c := New(set, "us-east-2", time.Now, trace)
	c.http = &http.Client{Transport: &CappedTransport{Base: answer, Seen: c.Clock.See}, CheckRedirect: noRedirect}
	return c
}

func noTrace(string, ...any) {}

// calls makes one call to each service.
var calls = map[string]func(context.Context, *Client) error{
	"sts": func(ctx context.Context, c *Client) error {
		client, err := c.STS(aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "s"})
		if err == nil {
			_, err = client.GetCallerIdentity(ctx, nil)
		}
		return err
	},
	"sso": func(ctx context.Context, c *Client) error {
		client, err := c.SSO("fips-us-west-2")
		if err == nil {
			_, err = client.GetRoleCredentials(ctx, &sso.GetRoleCredentialsInput{AccessToken: aws.String("t"), AccountId: aws.String("a"), RoleName: aws.String("r")})
		}
		return err
	},
	"sso_oidc": func(ctx context.Context, c *Client) error {
		client, err := c.OIDC("US-West-2")
		if err == nil {
			_, err = client.CreateToken(ctx, &ssooidc.CreateTokenInput{ClientId: aws.String("i"), ClientSecret: aws.String("s"), GrantType: aws.String("refresh_token")})
		}
		return err
	},
	"signin": func(ctx context.Context, c *Client) error {
		client, err := c.SignIn()
		if err == nil {
			_, err = client.CreateOAuth2Token(ctx, &signin.CreateOAuth2TokenInput{TokenInput: &signintypes.CreateOAuth2TokenRequestBody{ClientId: aws.String("i"), GrantType: aws.String("refresh_token")}})
		}
		return err
	},
}

// The host of each service under the settings that determine it, and the region for
// which STS requests are signed.
func TestHosts(t *testing.T) {
	t.Parallel()
	url := map[string]string{"sts": "https://sts.example/base", "sso": "https://sso.example/", "sso_oidc": "http://oidc.example:8080", "signin": "https://signin.example"}
	for name, c := range map[string]struct {
		set    awsprofile.Settings
		want   map[string]string // by service; the usual host if it is absent
		region string            // of STS's signature
	}{
		"usual":          {awsprofile.Settings{}, nil, "us-east-2"},
		"a region":       {awsprofile.Settings{Region: "EU-Central-1"}, map[string]string{"sts": "sts.eu-central-1.amazonaws.com", "signin": "eu-central-1.signin.aws.amazon.com"}, "eu-central-1"},
		"FIPS":           {awsprofile.Settings{UseFIPS: true}, map[string]string{"sts": "sts-fips.us-east-2.amazonaws.com", "signin": "signin-fips.us-east-2.amazonaws.com"}, "us-east-2"},
		"FIPS by region": {awsprofile.Settings{Region: "us-west-1-fips"}, map[string]string{"sts": "sts-fips.us-west-1.amazonaws.com", "signin": "signin-fips.us-west-1.amazonaws.com"}, "us-west-1"},
		"dual-stack": {
			awsprofile.Settings{UseDualStack: true},
			map[string]string{"sts": "sts.us-east-2.api.aws", "sso": "portal.sso.us-west-2.api.aws", "sso_oidc": "oidc.us-west-2.api.aws", "signin": "signin.us-east-2.api.aws"},
			"us-east-2",
		},
		"the global region": {awsprofile.Settings{Region: "aws-global"}, map[string]string{"sts": "sts.amazonaws.com", "signin": "aws-global.signin.aws.amazon.com"}, "us-east-1"},
		"URLs":              {awsprofile.Settings{Endpoints: url}, hostsIn(url), "us-east-2"},
		"URLs before FIPS":  {awsprofile.Settings{Endpoints: url, UseFIPS: true, UseDualStack: true}, hostsIn(url), "us-east-2"},
		"a URL for the global region": {
			awsprofile.Settings{Endpoints: map[string]string{"sts": url["sts"]}, Region: "aws-global"},
			map[string]string{"sts": "sts.example", "signin": "aws-global.signin.aws.amazon.com"},
			"us-east-1",
		},
	} {
		usual := map[string]string{
			"sts": "sts.us-east-2.amazonaws.com", "sso": "portal.sso.us-west-2.amazonaws.com", "sso_oidc": "oidc.us-west-2.amazonaws.com",
			"signin": "us-east-2.signin.aws.amazon.com",
		}
		maps.Copy(usual, c.want)
		for service, call := range calls {
			var got []string
			client := newTestClient(c.set, noTrace, func(r *http.Request) (*http.Response, error) {
				got = append(got, r.URL.Host)
				if want := "/" + c.region + "/sts/aws4_request"; service == "sts" && !strings.Contains(r.Header.Get("Authorization"), want) {
					t.Errorf("%s: %s; want %s", name, r.Header.Get("Authorization"), want)
				}
				return answer(r, http.StatusForbidden, "", "{}"), nil
			})
			_ = call(t.Context(), client)
			if want := []string{usual[service]}; !slices.Equal(got, want) {
				t.Errorf("%s, %s: called %v; want %v", name, service, got, want)
			}
		}
	}
}

func hostsIn(urls map[string]string) map[string]string {
	hosts := map[string]string{}
	for service, url := range urls {
		_, rest, _ := strings.Cut(url, "://")
		hosts[service], _, _ = strings.Cut(rest, "/")
	}
	return hosts
}

func answer(r *http.Request, status int, errorType, body string) *http.Response {
	header := http.Header{"Location": {"https://elsewhere.example"}}
	if errorType != "" {
		header.Set("X-Amzn-Errortype", errorType)
	}
	return &http.Response{Request: r, StatusCode: status, Header: header, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}
}

// Temporary failures are retried as often as configured; refusals are not.
func TestOnlyTemporaryFailuresAreRetried(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		set    awsprofile.Settings
		status int
		header string
		body   string
		tries  int
		says   string
	}{
		{"unavailable", awsprofile.Settings{}, 503, "", "<html>", 3, "it responded with 503, but not in AWS's format"},
		{"unavailable, one attempt", awsprofile.Settings{MaxAttempts: 1}, 503, "", "<html>", 1, "it responded with 503, but not in AWS's format"},
		{"unavailable, five attempts", awsprofile.Settings{MaxAttempts: 5}, 503, "", "<html>", 5, "it responded with 503, but not in AWS's format"},
		{"throttled without a code", awsprofile.Settings{}, 429, "", "<html>", 3, "it responded with 429, but not in AWS's format"},
		{"throttled", awsprofile.Settings{}, 429, "TooManyRequestsException", "{}", 3, "too many requests (tried 3 times)"},
		{"throttled, five attempts", awsprofile.Settings{MaxAttempts: 5}, 429, "TooManyRequestsException", "{}", 5, "too many requests (tried 5 times)"},
		{"throttled, one attempt", awsprofile.Settings{MaxAttempts: 1}, 429, "TooManyRequestsException", "{}", 1, "too many requests"},
		{"throttled, in the body", awsprofile.Settings{}, 400, "", `{"__type": "com.amazonaws.sso#ThrottlingException"}`, 3, "too many requests (tried 3 times)"},
		{"not JSON", awsprofile.Settings{}, 200, "", "<html>", 3, "the response is not from AWS"},
		{"empty", awsprofile.Settings{}, 200, "", "", 3, "the response is empty"},
		{"refused", awsprofile.Settings{}, 403, "AccessDeniedException:http://internal.amazon.com/coral/", "{}", 1, "refused access"},
		{"refused by a proxy", awsprofile.Settings{}, 403, "", "<html>", 1, "it responded with 403, but not in AWS's format"},
		{"a redirect", awsprofile.Settings{}, 302, "", "", 1, "it responded with 302, but not in AWS's format"},
	} {
		for _, service := range []string{"sso", "sso_oidc", "signin"} {
			t.Run(c.name+", "+service, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { // the pauses take no time
					tries, traced := 0, 0
					client := newTestClient(c.set, func(string, ...any) { traced++ }, func(r *http.Request) (*http.Response, error) {
						tries++
						return answer(r, c.status, c.header, c.body), nil
					})
					err := CallError("SSO", calls[service](t.Context(), client))
					if tries != c.tries || traced != c.tries-1 || !strings.HasSuffix(err.Error(), c.says) {
						t.Errorf("%d attempts, %d traced, %v; want %d, %s", tries, traced, err, c.tries, c.says)
					}
				})
			})
		}
	}
}

// The adaptive mode also waits for its tokens, in steps that may be too small for
// the clock of a synctest bubble to advance.
func TestAdaptiveMode(t *testing.T) {
	t.Parallel()
	tries := 0
	client := newTestClient(awsprofile.Settings{RetryMode: "adaptive", MaxAttempts: 2}, noTrace, func(r *http.Request) (*http.Response, error) {
		tries++
		return answer(r, http.StatusTooManyRequests, "TooManyRequestsException", "{}"), nil
	})
	err := CallError("SSO", calls["sso"](t.Context(), client))
	if tries != 2 || !strings.HasSuffix(err.Error(), "too many requests (tried 2 times)") {
		t.Errorf("%d attempts, %v", tries, err)
	}
	if _, ok := client.retryer().(tracedRetryer).RetryerV2.(*retry.AdaptiveMode); !ok {
		t.Errorf("the retryer is a %T", client.retryer())
	}
}

func TestCallTimeout(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer server.Close()
	defer close(hold)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	client := New(awsprofile.Settings{Endpoints: map[string]string{"sso": server.URL}}, "", time.Now, noTrace)
	err := CallError("SSO", calls["sso"](ctx, client))
	if want := "request to SSO failed: timed out"; err.Error() != want {
		t.Errorf("%v; want %s", err, want)
	}
}

// The user's application ID replaces ours.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	for configured, want := range map[string]string{"": "app/git-credential-codecommit", "my-app": "app/my-app"} {
		for service, call := range calls {
			got := ""
			_ = call(t.Context(), newTestClient(awsprofile.Settings{AppID: configured}, noTrace, func(r *http.Request) (*http.Response, error) {
				got = r.Header.Get("User-Agent")
				return answer(r, http.StatusForbidden, "", "{}"), nil
			}))
			if !slices.Contains(strings.Fields(got), want) {
				t.Errorf("%s: User-Agent %q; want %s in it", service, got, want)
			}
		}
	}
}

// The SDK uses only the values that it is given, not variables and files that would
// change its calls.
func TestEnvironmentDoesNotReachTheSDK(t *testing.T) { //nolint:paralleltest // it sets variables
	requests := func() (all []string) {
		for _, service := range slices.Sorted(maps.Keys(calls)) {
			client := newTestClient(awsprofile.Settings{Endpoints: map[string]string{"sso": "https://sso.example"}}, noTrace, func(r *http.Request) (*http.Response, error) {
				all = append(all, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header.Get("User-Agent")))
				return answer(r, http.StatusTooManyRequests, "", "{}"), nil
			})
			client.settings.MaxAttempts = 2
			_ = calls[service](t.Context(), client)
		}
		return all
	}
	want := requests()
	if len(want) != 2*len(calls) {
		t.Fatalf("%d requests: %q", len(want), want)
	}
	trap := t.TempDir()
	for _, variable := range []string{
		"AWS_REGION=eu-west-3", "AWS_DEFAULT_REGION=eu-west-3", "AWS_PROFILE=trap", "AWS_DEFAULT_PROFILE=trap", "AWS_CONFIG_FILE=" + trap, "AWS_SHARED_CREDENTIALS_FILE=" + trap,
		"AWS_ENDPOINT_URL=https://trap.example", "AWS_ENDPOINT_URL_STS=https://trap.example", "AWS_ENDPOINT_URL_SSO=", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
		"AWS_USE_FIPS_ENDPOINT=true", "AWS_USE_DUALSTACK_ENDPOINT=true", "AWS_MAX_ATTEMPTS=7", "AWS_RETRY_MODE=trap", "AWS_DEFAULTS_MODE=trap", "AWS_SDK_UA_APP_ID=trap",
		"AWS_ACCESS_KEY_ID=AKIATRAPTRAPTRAPTRAP", "AWS_SECRET_ACCESS_KEY=trap", "AWS_CA_BUNDLE=" + trap, "AWS_STS_REGIONAL_ENDPOINTS=legacy", "AWS_NEW_RETRIES_2026=true",
	} {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	if got := requests(); !slices.Equal(got, want) {
		t.Errorf("with the variables:\n%q\nwithout:\n%q", got, want)
	}
}

// A region becomes part of a host name, wherever it comes from: for logout, it
// comes from a token's file.
func TestInvalidRegionIsRejectedBeforeCalls(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"us-east-1.evil.example", "x@evil.example", "evil.example/#", "us east 1"} {
		c := newTestClient(awsprofile.Settings{Region: region}, noTrace, func(r *http.Request) (*http.Response, error) {
			t.Errorf("%q: a request to %s", region, r.URL.Host)
			return nil, io.EOF
		})
		client, err := c.SSO(region)
		if err == nil {
			_, err = client.Logout(t.Context(), &sso.LogoutInput{AccessToken: aws.String("token")})
		}
		if err == nil || !strings.Contains(err.Error(), "is not a region name") {
			t.Errorf("%q: %v", region, err)
		}
		if url, err := c.OIDCEndpoint(t.Context(), region); err == nil {
			t.Errorf("%q: %s", region, url)
		}
	}
}
