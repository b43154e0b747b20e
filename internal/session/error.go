package session

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/aws/smithy-go"

	"git-credential-codecommit/awsprofile"
)

// Errors without further facts.
var (
	// ErrNoPrompt is returned when a role wants an MFA code and there is
	// nobody to ask.
	ErrNoPrompt = errors.New("an MFA code is needed and nobody can be asked for it (no terminal, or GIT_TERMINAL_PROMPT=0)")
	// ErrInterrupted is returned when a signal or the caller's context ended the
	// wait.
	ErrInterrupted = errors.New("interrupted")
	// ErrMFACode is returned when what was typed cannot be an MFA code.
	ErrMFACode = errors.New("an MFA code has 6 digits")
	// ErrMetadataDisabled is returned when the instance metadata service is not
	// to be asked.
	ErrMetadataDisabled = errors.New("AWS_EC2_METADATA_DISABLED is set")
	// ErrMetadataV1Disabled is the cause when the metadata service gives no session
	// token, and is not to be asked without one.
	ErrMetadataV1Disabled = errors.New("IMDSv1 is switched off (AWS_EC2_METADATA_V1_DISABLED)")
	// ErrNoInstanceRole is returned when the metadata service answers and
	// knows no role for the instance.
	ErrNoInstanceRole = errors.New("the EC2 instance has no role: no instance profile is attached")
	// ErrLoginNotAllowed is returned when the user of an `aws login` may not
	// renew it: signing in again would help for minutes.
	ErrLoginNotAllowed = errors.New("the login cannot be renewed: its user may not use signin:CreateOAuth2Token")
	// ErrProxyURL is returned when the proxy's variable is no URL. The error of
	// net/http would show it, and with it the proxy's password.
	ErrProxyURL = errors.New("the proxy's URL (HTTPS_PROXY) is malformed")
	// ErrHopLimit is the cause when the metadata service wants a token and
	// none could be had: in a container behind a hop limit of 1 the answer
	// that holds the token is lost.
	ErrHopLimit = errors.New("it wants a session token and gave none (in a container: a hop limit of 1 loses it)")
)

// SourceError is returned when the source of a chain yields no credentials.
type SourceError struct {
	Source awsprofile.Source
	Err    error
}

func (e *SourceError) Error() string { return DescribeSource(e.Source) + ": " + e.Err.Error() }
func (e *SourceError) Unwrap() error { return e.Err }

// NoCredentialsError is returned when nothing says where credentials come
// from, and there is no instance to have them from either.
type NoCredentialsError struct {
	Profile string // the profile that was chosen and says nothing; "" for none
	Err     error  // why the instance metadata service gave none
}

func (e *NoCredentialsError) Error() string {
	where := "neither the environment nor the default profile holds any"
	if e.Profile != "" {
		where = fmt.Sprintf("profile %q holds none", e.Profile)
	}
	return fmt.Sprintf("no credentials: %s, and EC2 instance metadata: %s", where, e.Err)
}
func (e *NoCredentialsError) Unwrap() error { return e.Err }

// AssumeRoleError is returned when a role could not be assumed.
type AssumeRoleError struct {
	Role   awsprofile.Role
	Caller Credentials // who asked; none for a web identity
	// Source is where Caller's access key was read, StaticKeys or
	// EnvironmentKeys; nil if it was not read but handed out.
	Source awsprofile.Source
	Err    error
}

func (e *AssumeRoleError) Error() string {
	where := ""
	if e.Role.Profile != "" {
		where = fmt.Sprintf("profile %q: ", e.Role.Profile)
	}
	at := ""
	if s := e.Role.At.String(); s != "" {
		at = " (" + s + ")"
	}
	var refused *RefusedError
	if errors.As(e.Err, &refused) && refused.AccessDenied() {
		return fmt.Sprintf("%s%s may not assume %s%s", where, e.CallerName(), e.Role.ARN, at)
	}
	return fmt.Sprintf("%sassume role %s%s: %s", where, e.Role.ARN, at, e.Err)
}
func (e *AssumeRoleError) Unwrap() error { return e.Err }

// CallerName names who asked: its ARN where AWS told it, else the shortened
// access key id.
func (e *AssumeRoleError) CallerName() string {
	var refused *RefusedError
	if errors.As(e.Err, &refused) && refused.Caller != "" {
		return refused.Caller
	}
	switch {
	case e.Caller.ARN != "":
		return e.Caller.ARN
	case e.Caller.AccessKeyID == "":
		return "the bearer of the web identity token"
	}
	return "access key " + e.Caller.String()
}

// RefusedError is returned when AWS answered a call with an error.
type RefusedError struct {
	Service string // "STS"
	Code    string // AWS's error code: AccessDenied
	Caller  string // ARN of who AWS says called; "" when it does not say
	MFA     bool   // the MFA code was refused
}

func (e *RefusedError) Error() string {
	switch {
	case e.MFA:
		return e.Service + " refused the MFA code"
	case e.AccessDenied():
		return e.Service + " refused access"
	}
	if problem := cmp.Or(refusals[e.Code], failures[e.Code]); problem != "" {
		return e.Service + ": " + problem
	}
	return fmt.Sprintf("%s refused the call (%s)", e.Service, e.Code)
}

// AccessDenied says that the call was understood and is not allowed.
func (e *RefusedError) AccessDenied() bool {
	return !e.MFA && (e.Code == "AccessDenied" || e.Code == "AccessDeniedException")
}

// Temporary says that the same call may well be answered a little later.
func (e *RefusedError) Temporary() bool { return failures[e.Code] != "" }

// refusals explain AWS's codes:
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html.
var refusals = map[string]string{
	"ExpiredToken":                "the session token has expired",
	"ExpiredTokenException":       "the session token has expired",
	"InvalidClientTokenId":        "AWS does not know the access key, or it is inactive",
	"UnrecognizedClientException": "AWS does not know the access key, or it is inactive",
	"SignatureDoesNotMatch":       "the secret access key does not belong to the access key id, or the clock is wrong",
	"RequestExpired":              "the clock is wrong",
	"ValidationError":             "a setting of the role is not valid: its ARN, session name, external id or duration",
	"InvalidIdentityToken":        "the web identity token is not valid",
	"IDPRejectedClaim":            "the identity provider's token was refused",
	"IDPCommunicationError":       "AWS could not reach the identity provider",
	"RegionDisabledException":     "STS is not activated in this region for the account",
	"MalformedPolicyDocument":     "the session policy is malformed",
	"PackedPolicyTooLarge":        "the session policy and tags are too large",
	"OptInRequired":               "the account has not opted in to the service",
}

// failures are codes that say nothing about the call: AWS could not take it.
var failures = map[string]string{
	"ServiceUnavailable":       "the service is not available (tried 3 times)",
	"InternalFailure":          "the service failed",
	"InternalError":            "the service failed",
	"InternalServerException":  "the service failed",
	"SlowDownException":        "too many calls",
	"Throttling":               "too many calls (tried 3 times)",
	"ThrottlingException":      "too many calls (tried 3 times)",
	"TooManyRequestsException": "too many calls (tried 3 times)",
	"RequestLimitExceeded":     "too many calls (tried 3 times)",
}

// NetworkError is returned when AWS could not be reached, or what answered was
// not AWS.
type NetworkError struct {
	Service string
	Err     error
}

func (e *NetworkError) Error() string { return fmt.Sprintf("cannot ask %s: %s", e.Service, e.Err) }
func (e *NetworkError) Unwrap() error { return e.Err }

// MetadataError is returned when the EC2 metadata service could not answer.
type MetadataError struct {
	Asked    string // what it was asked to do: "list the instance's role"
	Answered bool   // something answers there
	Err      error
}

func (e *MetadataError) Error() string { return fmt.Sprintf("cannot %s: %s", e.Asked, e.Err) }
func (e *MetadataError) Unwrap() error { return e.Err }

// InstanceRoleError is returned when the role that is attached to the instance
// gives no credentials: it is gone, or EC2 may not assume it, which the metadata
// service tells as AssumeRoleUnauthorizedAccess:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html.
type InstanceRoleError struct {
	Role string // its name
	Gone bool
}

func (e *InstanceRoleError) Error() string {
	if e.Gone {
		return "instance role " + e.Role + " is listed and has no credentials: it was deleted or renamed"
	}
	return "EC2 may not assume the instance's role " + e.Role
}

// ExpiredError is returned when credentials had ended before they came.
type ExpiredError struct{ At time.Time }

func (e *ExpiredError) Error() string {
	return "the credentials expired at " + e.At.UTC().Format(time.RFC3339)
}

// CABundleError is returned when the file of trusted certificates cannot be
// used.
type CABundleError struct {
	Path string
	Err  error
}

func (e *CABundleError) Error() string {
	return fmt.Sprintf("CA bundle %q (AWS_CA_BUNDLE, ca_bundle or REQUESTS_CA_BUNDLE): %s", e.Path, e.Err)
}
func (e *CABundleError) Unwrap() error { return e.Err }

// ErrUntrustedCertificate is the cause when a server's certificate is signed
// by nobody that this machine trusts.
var ErrUntrustedCertificate = errors.New("its certificate is signed by an authority that is not trusted here")

// callError turns an SDK's error into ours. No text of the SDK or of the
// answer passes through but the error's code and, for AccessDenied, the ARN
// that AWS names as the caller.
func callError(service string, err error) error {
	var bundle *CABundleError
	var login *LoginError
	if errors.As(err, &bundle) || errors.As(err, &login) {
		return err // AWS was not even asked
	}
	var api smithy.APIError
	const notAWS = "UnknownError" // the SDK's for an answer without a code
	if errors.As(err, &api) && api.ErrorCode() != notAWS {
		return &RefusedError{
			Service: service,
			Code:    codeIn(api.ErrorCode()),
			Caller:  callerIn(api.ErrorMessage()),
			MFA:     strings.Contains(api.ErrorMessage(), "MultiFactorAuthentication"),
		}
	}
	return &NetworkError{Service: service, Err: NetworkCause(err)}
}

// isSkewRefusal says whether AWS refused a call in a way that a wrong clock
// explains.
func isSkewRefusal(err error) bool {
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

// callerIn finds the ARN in "User: ARN is not authorized to perform …".
func callerIn(message string) string {
	_, rest, ok := strings.Cut(message, "User: ")
	if !ok {
		return ""
	}
	arn, _, ok := strings.Cut(rest, " is not authorized")
	if !ok || accountOf(arn) == "" || len(arn) > 2048 || strings.ContainsFunc(arn, notPrintable) {
		return ""
	}
	return arn
}

// codeIn is an error code as AWS has them: a word. Whatever else stands there
// is not shown: who knows what answers in AWS's place, and what it repeats.
func codeIn(s string) string {
	const most = 64 // bytes
	if s == "" || len(s) > most || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
		return "an unknown code"
	}
	return s
}

// NetworkCause puts the cause of a failed exchange with AWS into words, without
// a proxy's password or any text of the far side. It is never nil.
func NetworkCause(err error) error {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		op        *net.OpError
		request   *url.Error
		timeout   interface{ Timeout() bool }
		refusal   *proxyError
		bad       *smithy.DeserializationError
	)
	host := ""
	if errors.As(err, &request) {
		if u, e := url.Parse(request.URL); e == nil {
			host = u.Host
		}
	}
	at := func(s string) error {
		if host == "" {
			return errors.New(s)
		}
		return fmt.Errorf("%s: %s", host, s)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return ErrInterrupted
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return at("the proxy (HTTPS_PROXY) cannot be reached or refuses")
	case errors.Is(err, ErrProxyURL):
		return ErrProxyURL
	case errors.As(err, &refusal):
		return at(refusal.Error())
	case errors.As(err, &dns):
		return fmt.Errorf("the name %q cannot be resolved", dns.Name)
	case errors.As(err, &authority):
		if host == "" {
			return ErrUntrustedCertificate
		}
		return fmt.Errorf("%s: %w", host, ErrUntrustedCertificate)
	case errors.As(err, &hostname):
		return at("its certificate is for another name")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return at("its certificate is not valid at the time that this machine's clock tells")
	case errors.As(err, &invalid):
		return at("its certificate is not valid")
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return at("what answers does not speak TLS")
	case errors.Is(err, errEmptyBody):
		return at(errEmptyBody.Error())
	case errors.Is(err, errBodyTooLong):
		return at(errBodyTooLong.Error())
	case errors.Is(err, syscall.ECONNREFUSED):
		return at("connection refused")
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return at("no route")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return at("the connection was closed before an answer came")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return at("no answer in time")
	case errors.As(err, &op): // even if it broke an answer, which is bad then, too
		return at("the connection failed")
	case errors.As(err, &bad):
		return at("what answered is not AWS")
	}
	if code := statusOf(err); code != 0 {
		return at(fmt.Sprintf("it answered %d and not as AWS does", code))
	}
	return at("the connection failed")
}

// pathCause is the cause of a failed file operation without the paths: the
// message around it names the one that counts.
func pathCause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link): // a rename's
		return link.Err
	}
	return err
}

// printableStart is the printable start of s, short enough for a message.
func printableStart(s string) string {
	const most = 64 // bytes
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), most)]
}
