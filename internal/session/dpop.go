package session

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"time"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// dpop returns the proof that a request to url comes from the user who signed in: a
// token (JWT) signed with the login's key. See RFC 9449, section 4.2, and for the
// form of key and signature RFC 7518, sections 6.2.1 and 3.4.
func dpop(key, method, url string, now time.Time) (string, error) {
	private, err := loginKey(key)
	if err != nil {
		return "", err
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		return "", err
	}
	const size = 32                         // bytes of a number on the curve
	x, y := point[1:1+size], point[1+size:] // the first byte says that both follow
	number := base64.RawURLEncoding.EncodeToString
	header, err := json.Marshal(map[string]any{
		"typ": "dpop+jwt",
		"alg": "ES256",
		"jwk": map[string]string{"kty": "EC", "crv": "P-256", "x": number(x), "y": number(y)},
	})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{"jti": rand.Text(), "htm": method, "htu": url, "iat": now.Unix()})
	if err != nil {
		return "", err
	}
	signed := number(header) + "." + number(claims)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, private, digest[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 2*size)
	r.FillBytes(signature[:size])
	s.FillBytes(signature[size:])
	return signed + "." + number(signature), nil
}

// loginKey parses the private key of a login: SEC 1 or PKCS #8, in PEM. The AWS CLI
// writes SEC 1 and reads both.
func loginKey(text string) (*ecdsa.PrivateKey, error) {
	damaged := &LoginError{Problem: "the key of the stored login is damaged"}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, damaged
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		var other any
		if other, err = x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			key, _ = other.(*ecdsa.PrivateKey)
		}
	}
	if key == nil || key.Curve != elliptic.P256() {
		return nil, damaged
	}
	return key, nil
}

// addProof adds the DPoP header to each attempt of a call.
func addProof(key string, now func() time.Time) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("DPoP", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
			out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
		) {
			r, ok := in.Request.(*smithyhttp.Request)
			if !ok {
				return out, metadata, errors.New("not an HTTP request")
			}
			proof, err := dpop(key, r.Method, r.URL.String(), now())
			if err != nil {
				return out, metadata, err
			}
			r.Header.Set("DPoP", proof)
			return next.HandleFinalize(ctx, in)
		}), middleware.After)
	}
}
