package session

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/signin"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/ssooidc"
)

// The SDK's clients are not in the program (restjson.go); their rules decide.
func TestHostsAreTheSDKs(t *testing.T) {
	t.Parallel()
	for _, region := range []string{
		"us-east-1", "us-east-2", "ap-southeast-7", "xx-newarea-1",
		"cn-north-1", "us-gov-west-1", "us-gov-east-1", "eusc-de-east-1",
		"us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1",
	} {
		for _, dualStack := range []bool{false, true} {
			ctx := context.Background()
			toSSO, err1 := sso.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sso.EndpointParameters{Region: &region, UseDualStack: &dualStack})
			toOIDC, err2 := ssooidc.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, ssooidc.EndpointParameters{Region: &region, UseDualStack: &dualStack})
			toSignIn, err3 := signin.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, signin.EndpointParameters{Region: &region, UseDualStack: &dualStack})
			if err1 != nil || err2 != nil || err3 != nil {
				t.Fatal(region, err1, err2, err3)
			}
			for service, want := range map[string]string{"sso": toSSO.URI.Host, "sso_oidc": toOIDC.URI.Host, "signin": toSignIn.URI.Host} {
				for _, name := range []string{region, strings.ToUpper(region)} {
					if got := serviceHost(service, name, dualStack); got != want {
						t.Errorf("%s in %s (dual-stack %t) is at %s; want %s", service, name, dualStack, got, want)
					}
				}
			}
		}
	}
}
