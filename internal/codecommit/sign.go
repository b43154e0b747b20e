package codecommit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// service is the service name in the scope of the signature.
const service = "codecommit"

// Validity is how long after its signing time the service accepts a password.
const Validity = 15 * time.Minute

// timeLayout is ISO 8601 basic format without its final Z, which is part of the
// password but not of the string to sign.
const timeLayout = "20060102T150405"

// Sign returns the password for a request to path on ep: the signing time, "Z" and
// the signature in hexadecimal, 80 bytes of ASCII in total. Path is as git sends
// it, without a leading slash. The signing time is t in UTC, truncated to seconds.
//
// This is Signature Version 4 except for canonicalRequest. The steps are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
func Sign(secretAccessKey string, ep Endpoint, path string, t time.Time) string {
	t = t.UTC()
	return t.Format(timeLayout) + "Z" +
		signature(secretAccessKey, ep.Region, t, stringToSign(canonicalRequest(ep.Host, path), ep.Region, t))
}

// Username returns the username for the password: the access key ID, followed
// by a percent sign and the session token if there is one. The token is not
// escaped.
func Username(accessKeyID, sessionToken string) string {
	if sessionToken == "" {
		return accessKeyID
	}
	return accessKeyID + "%" + sessionToken
}

// canonicalRequest returns CodeCommit's variant of the canonical request: the
// method GIT, the unescaped path, no query, host as the only header, and an empty
// line instead of the payload hash.
func canonicalRequest(host, path string) string {
	return "GIT\n/" + path + "\n\nhost:" + host + "\n\nhost\n"
}

func stringToSign(canonicalRequest, region string, t time.Time) string {
	sum := sha256.Sum256([]byte(canonicalRequest))
	return "AWS4-HMAC-SHA256\n" + t.Format(timeLayout) + "\n" +
		t.Format("20060102") + "/" + region + "/" + service + "/aws4_request\n" +
		hex.EncodeToString(sum[:])
}

func signature(secretAccessKey, region string, t time.Time, stringToSign string) string {
	key := mac([]byte("AWS4"+secretAccessKey), t.Format("20060102"))
	key = mac(key, region)
	key = mac(key, service)
	key = mac(key, "aws4_request")
	return hex.EncodeToString(mac(key, stringToSign))
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}
