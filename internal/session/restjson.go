package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/protocol/restjson"
	"github.com/aws/smithy-go"
	smithytime "github.com/aws/smithy-go/time"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"git-credential-codecommit/internal/awsclient"
)

// STS, whose calls are signed, is asked through the SDK's client. The three
// calls that are not signed are made here: SSO's GetRoleCredentials, SSO OIDC's
// CreateToken and sign-in's CreateOAuth2Token. The SDK's clients for them would
// make their tables whenever the program starts, and took a quarter of the time
// of every get (doc/performance.md); restjson_test.go holds these calls against
// those clients.

// userAgent is what CloudTrail names as the program that called; STS's client
// puts it behind the SDK's own name.
const userAgent = "git-credential-codecommit"

// restJSON makes one call that is not signed, again where that helps, and reads
// the answer into output: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html.
// Input is sent by POST as JSON; nil is a GET. Once says that it holds what works
// once. Prove adds the header that says who calls, to every try anew; it may be
// nil. Errors are of the SDK's types, which callError puts into words, but for
// awsclient.CABundleError and what prove returns.
func (w *walk) restJSON(ctx context.Context, to string, once bool, prove func(*http.Request) error, input, output any) error {
	client, err := w.httpClient()
	if err != nil {
		return err
	}
	method, body := http.MethodGet, []byte(nil)
	if input != nil {
		method = http.MethodPost
		if body, err = json.Marshal(input); err != nil {
			return err
		}
	}
	retryer := awsclient.NewRetryer(w.Trace)
	if once {
		ctx, retryer = awsclient.NewOnceRetryer(ctx, w.Trace)
	}
	for attempt := 1; ; attempt++ {
		req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("User-Agent", userAgent)
		if input != nil {
			req.Header.Set("Content-Type", "application/json")
		}
		if prove != nil {
			if err := prove(req); err != nil {
				return err
			}
		}
		failed := exchangeJSON(client, req, output)
		if failed == nil || attempt == retryer.MaxAttempts() || !retryer.IsErrorRetryable(failed) {
			return failed
		}
		pause, err := retryer.RetryDelay(attempt, failed)
		if err != nil || smithytime.SleepWithContext(ctx, pause) != nil {
			return failed
		}
	}
}

// exchangeJSON sends req and reads the answer into output.
func exchangeJSON(client *http.Client, req *http.Request, output any) error {
	resp, err := client.Do(req)
	switch {
	case err != nil && req.Context().Err() != nil:
		return &aws.RequestCanceledError{Err: err}
	case err != nil:
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode == http.StatusOK {
		err = json.Unmarshal(body, output)
	}
	switch {
	case err != nil:
		return &smithy.DeserializationError{Err: err}
	case resp.StatusCode == http.StatusOK:
		return nil
	}
	cause := errors.New("not an answer of AWS")
	if code, message := refusalIn(resp.Header, body); code != "" {
		cause = &smithy.GenericAPIError{Code: code, Message: message}
	}
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: resp}, Err: cause}
}

// refusalIn finds AWS's error code and message where the protocol has them: the
// code in the header, else in the body. It is "" when it is not AWS that refuses.
// A service that speaks OAuth has its error in the message's place (RFC 6749, 5.2).
func refusalIn(header http.Header, body []byte) (code, message string) {
	code, message, _ = restjson.GetErrorInfo(json.NewDecoder(bytes.NewReader(body)))
	if inHeader := header.Get("X-Amzn-ErrorType"); inHeader != "" {
		code = restjson.SanitizeErrorCode(inHeader)
	}
	var oauth struct{ Error string }
	if json.Unmarshal(body, &oauth) == nil && oauth.Error != "" {
		message = oauth.Error
	}
	return code, message
}
