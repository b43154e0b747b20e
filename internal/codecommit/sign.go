package codecommit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// service is the name of the service in the signature's scope.
const service = "codecommit"

// Validity is how long the service accepts a password after its signing time.
const Validity = 15 * time.Minute

// timeLayout is ISO 8601 basic format without its final Z, which is part of the
// password but not of the string to sign.
const timeLayout = "20060102T150405"

// Sign returns the password for a request to path on ep: the time, "Z" and
// the signature in hex, 80 bytes of ASCII. Path is as git sends it, without
// a leading slash; t is taken to the second, in UTC.
//
// This is Signature Version 4 except for the canonical request, see
// canonicalRequest. The steps are those of
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

// canonicalRequest is CodeCommit's own: the method GIT, the path unescaped,
// no query, the host as the only header, and an empty line in place of the hash
// of the payload.
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
