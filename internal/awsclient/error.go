package awsclient

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/cli"
)

// RefusedError is returned if AWS answered a call with an error.
type RefusedError struct {
	Service  string // for example "STS"
	Code     string // AWS's error code, for example AccessDenied
	Caller   string // ARN of the caller in AWS's message; "" if absent
	MFA      bool   // AWS rejected the MFA code
	Attempts int    // number of attempts; 0 if a retry is pointless
	Denial   Denial // why access was denied
	Token    TokenProblem
}

func (e *RefusedError) Error() string {
	switch {
	case e.MFA:
		return e.Service + " refused the MFA code"
	case e.AccessDenied():
		return e.Service + " refused access"
	}
	if problem := e.failure(); problem != "" {
		if e.Attempts > 1 {
			problem += fmt.Sprintf(" (tried %d times)", e.Attempts)
		}
		return e.Service + ": " + problem
	}
	if problem := e.refusal(); problem != "" {
		return e.Service + ": " + problem
	}
	return fmt.Sprintf("%s refused the call (%s)", e.Service, e.Code)
}

// AccessDenied reports whether the call was valid but is not allowed.
func (e *RefusedError) AccessDenied() bool {
	return !e.MFA && (e.Code == "AccessDenied" || e.Code == "AccessDeniedException")
}

// Temporary reports whether the same call may succeed a little later.
func (e *RefusedError) Temporary() bool { return e.failure() != "" }

// refusal returns the meaning of AWS's error codes:
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html.
func (e *RefusedError) refusal() string {
	switch e.Code {
	case "ExpiredToken", "ExpiredTokenException":
		return "the session token has expired"
	case "InvalidClientTokenId", "UnrecognizedClientException":
		return "the access key does not exist or is inactive"
	case "SignatureDoesNotMatch":
		return "the secret access key does not belong to the access key ID, or the clock is wrong"
	case "RequestExpired":
		return "the clock is wrong"
	case "ValidationError":
		return "a setting of the role is invalid: its ARN, session name, external ID or duration"
	case invalidToken:
		if e.Token == TokenNoProvider {
			return "the role's account has no OpenID Connect provider for the issuer of the web identity token"
		}
		return "the web identity token has a wrong issuer, audience or signature"
	case "IDPRejectedClaim":
		return "the identity provider's token was rejected"
	case "IDPCommunicationError":
		return "AWS could not reach the identity provider"
	case "RegionDisabledException":
		return "STS is not activated in this region for the account"
	case "MalformedPolicyDocument":
		return "the session policy is malformed"
	case "PackedPolicyTooLarge":
		return "the session policy and tags are too large"
	case "OptInRequired":
		return "the account has not opted in to the service"
	}
	return ""
}

// failure returns the meaning of error codes for failures on AWS's side; "" for
// other codes.
func (e *RefusedError) failure() string {
	switch e.Code {
	case invalidToken:
		if e.Token == TokenUnverified {
			return "AWS could not retrieve the keys of the web identity token's issuer"
		}
	case "ServiceUnavailable":
		return "the service is not available"
	case "InternalFailure", "InternalError", "InternalServerException":
		return "the service reported an internal error"
	case "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDownException":
		return "too many requests"
	}
	return ""
}

// CallError converts an error of the SDK to a RefusedError or a NetworkError; a
// CABundleError is returned unchanged. Text from the SDK or the response is
// dropped, except the error code and, for AccessDenied, the caller's ARN.
func CallError(service string, err error) error {
	var bundle *CABundleError
	if errors.As(err, &bundle) {
		return err // AWS was not called
	}
	var api smithy.APIError
	const notAWS = "UnknownError" // the SDK's code for a response without one
	if errors.As(err, &api) && api.ErrorCode() != notAWS {
		refused := &RefusedError{
			Service: service,
			Code:    Code(api.ErrorCode()),
			Caller:  callerIn(api.ErrorMessage()),
			MFA:     strings.Contains(api.ErrorMessage(), "MultiFactorAuthentication"),
			Denial:  denialIn(api.ErrorMessage()),
			Token:   tokenProblemIn(api.ErrorMessage()),
		}
		var spent *retry.MaxAttemptsError
		if errors.As(err, &spent) {
			refused.Attempts = spent.Attempt
		}
		return refused
	}
	return &NetworkError{Service: service, Err: NetworkCause(err)}
}

// Hints returns nothing unless the failure is temporary: how to fix a refused call
// depends on its purpose.
func (e *RefusedError) Hints() []cli.Hint {
	if e.Temporary() {
		return []cli.Hint{cli.Advice("the problem is not on this machine: run the git command again in a minute")}
	}
	return nil
}

// IsSkewRefusal reports whether a wrong clock could be the reason why AWS
// rejected a call.
func IsSkewRefusal(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed", "InvalidSignatureException", "AuthFailure", "RequestInTheFuture":
		return true
	}
	return false
}

// StatusOf returns the HTTP status of a refused call; 0 if there was no response.
func StatusOf(err error) int {
	var resp *smithyhttp.ResponseError
	if errors.As(err, &resp) {
		return resp.HTTPStatusCode()
	}
	return 0
}

// callerIn returns the ARN in "User: ARN is not authorized to perform …".
func callerIn(message string) string {
	_, rest, ok := strings.Cut(message, "User: ")
	if !ok {
		return ""
	}
	caller, _, ok := strings.Cut(rest, " is not authorized")
	if !ok || arn.Account(caller) == "" || len(caller) > 2048 || strings.ContainsFunc(caller, notPrintable) {
		return ""
	}
	return caller
}

func notPrintable(r rune) bool { return r <= ' ' || r > '~' }

// Code returns an error code if it is a single word, as AWS's are. Other text is
// not shown: it may come from a server other than AWS, and repeat secrets.
func Code(s string) string {
	const most = 64 // bytes
	if s == "" || len(s) > most || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
		return "an unknown code"
	}
	return s
}
