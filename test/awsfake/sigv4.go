package awsfake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"
)

// maxSkew is the maximum difference between a signature's time and the cloud's.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
const maxSkew = 15 * time.Minute

// An apiError is an error response of an AWS API.
type apiError struct {
	status  int
	code    string
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// Errors that every STS operation can return.
var (
	errMissingToken   = &apiError{403, "MissingAuthenticationToken", "Request is missing Authentication Token"}
	errInvalidToken   = &apiError{403, "InvalidClientTokenId", "The security token included in the request is invalid."}
	errExpiredToken   = &apiError{403, "ExpiredToken", "The security token included in the request is expired"}
	errBadSignature   = &apiError{403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
	errScopedRegion   = &apiError{403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region. "}
	errNoDate         = &apiError{403, "IncompleteSignature", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."}
	errUnsignedHeader = &apiError{403, "SignatureDoesNotMatch", "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."}
)

// An authorization is the Authorization header of Signature Version 4.
type authorization struct {
	accessKeyID           string
	date, region, service string
	signedHeaders         []string
	signature             string
}

const sigV4 = "AWS4-HMAC-SHA256"

func parseAuthorization(header string) (a authorization, err *apiError) {
	if header == "" {
		return a, errMissingToken
	}
	incomplete := func(what string) *apiError {
		return &apiError{403, "IncompleteSignature", "Authorization header requires '" + what + "' parameter."}
	}
	algorithm, rest, _ := strings.Cut(header, " ")
	if algorithm != sigV4 {
		return a, &apiError{403, "IncompleteSignature", fmt.Sprintf("Unsupported AWS 'algorithm': '%s'.", algorithm)}
	}
	fields := map[string]string{}
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		fields[name] = value
	}
	for _, name := range []string{"Credential", "SignedHeaders", "Signature"} {
		if fields[name] == "" {
			return a, incomplete(name)
		}
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" {
		return a, &apiError{403, "IncompleteSignature", "Credential must have exactly 5 slash-delimited elements."}
	}
	return authorization{
		accessKeyID:   scope[0],
		date:          scope[1],
		region:        scope[2],
		service:       scope[3],
		signedHeaders: strings.Split(fields["SignedHeaders"], ";"),
		signature:     fields["Signature"],
	}, nil
}

// authenticate determines who signed a request to an API.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func (c *Cloud) authenticate(r *http.Request, body []byte, e endpoint) (*credential, *apiError) {
	a, refusal := parseAuthorization(r.Header.Get("Authorization"))
	if refusal != nil {
		return nil, refusal
	}
	if a.service != e.service {
		return nil, &apiError{403, "SignatureDoesNotMatch", fmt.Sprintf("Credential should be scoped to correct service: '%s'. ", e.service)}
	}
	if a.region != e.region {
		return nil, errScopedRegion
	}
	if !slices.Contains(a.signedHeaders, "host") {
		return nil, errUnsignedHeader
	}
	stamp := r.Header.Get("X-Amz-Date")
	signed, err := time.Parse("20060102T150405Z", stamp)
	if err != nil {
		return nil, errNoDate
	}
	key, refusal := c.key(a.accessKeyID, r.Header.Get("X-Amz-Security-Token"))
	if refusal != nil {
		return nil, refusal
	}
	if key.of.arn.partition != e.partition {
		return nil, errInvalidToken
	}
	want := signature(key.SecretAccessKey, a.date, a.region, a.service, stamp, canonicalRequest(r, body, a.signedHeaders))
	if !hmac.Equal([]byte(want), []byte(a.signature)) || a.date != stamp[:8] {
		return nil, errBadSignature
	}
	if refusal := checkSigned(signed, c.Now()); refusal != nil {
		return nil, refusal
	}
	return key, nil
}

// checkSigned rejects a signature that is too old, or too far in the future, with
// STS's message.
func checkSigned(signed, now time.Time) *apiError {
	stamp := func(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
	switch {
	case signed.Before(now.Add(-maxSkew)):
		return &apiError{403, "SignatureDoesNotMatch", fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 15 min.)", stamp(signed), stamp(now.Add(-maxSkew)), stamp(now))}
	case signed.After(now.Add(maxSkew)):
		return &apiError{403, "SignatureDoesNotMatch", fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 15 min.)", stamp(signed), stamp(now.Add(maxSkew)), stamp(now))}
	}
	return nil
}

// key returns the valid credential with an ID and session token.
func (c *Cloud) key(id, token string) (*credential, *apiError) {
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.credentials[id]
	switch {
	case k == nil || k.SessionToken != token:
		return nil, errInvalidToken
	case k.revoked || !k.Expiration.IsZero() && !now.Before(k.Expiration):
		return nil, errExpiredToken
	}
	return k, nil
}

func canonicalRequest(r *http.Request, body []byte, signedHeaders []string) string {
	var b strings.Builder
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	fmt.Fprintf(&b, "%s\n%s\n%s\n", r.Method, path, canonicalQuery(r.URL.RawQuery))
	for _, name := range signedHeaders {
		var values []string
		switch name {
		case "host": // Go removes these two from the header
			values = []string{r.Host}
		case "content-length":
			values = []string{fmt.Sprint(r.ContentLength)}
		default:
			values = slices.Clone(r.Header.Values(name))
		}
		for i, v := range values {
			values[i] = strings.Join(strings.Fields(v), " ")
		}
		fmt.Fprintf(&b, "%s:%s\n", name, strings.Join(values, ","))
	}
	fmt.Fprintf(&b, "\n%s\n%s", strings.Join(signedHeaders, ";"), sha256Hex(body))
	return b.String()
}

// canonicalQuery sorts a query. Clients that sign have already encoded it.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	pairs := strings.Split(raw, "&")
	for i, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		if decoded, err := url.QueryUnescape(value); err == nil {
			value = strings.ReplaceAll(url.QueryEscape(decoded), "+", "%20")
		}
		pairs[i] = name + "=" + value
	}
	sort.Strings(pairs)
	return strings.Join(pairs, "&")
}

// signature signs a canonical request. The stamp is the signing time in the string
// to sign.
func signature(secret, date, region, service, stamp, canonical string) string {
	scope := strings.Join([]string{date, region, service, "aws4_request"}, "/")
	toSign := strings.Join([]string{sigV4, stamp, scope, sha256Hex([]byte(canonical))}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range []string{date, region, service, "aws4_request"} {
		key = hmacSHA256(key, part)
	}
	return hex.EncodeToString(hmacSHA256(key, toSign))
}

func hmacSHA256(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
