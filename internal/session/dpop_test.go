package session

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
)

// newLoginKey creates a key like `aws login`.
func newLoginKey(t *testing.T, curve elliptic.Curve) (private *ecdsa.PrivateKey, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return private, string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}))
}

// openDPoP returns the header and claims of a proof signed with key.
func openDPoP(t *testing.T, proof string, key *ecdsa.PublicKey) (header, claims map[string]any) {
	t.Helper()
	parts := strings.Split(proof, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts in %q", len(parts), proof)
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.Unmarshal(decoded[0], &header); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(decoded[1], &claims); err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature := decoded[2]
	if len(signature) != 64 || !ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Errorf("the signature of %q is not the key's", proof)
	}
	return header, claims
}

// RFC 7518, 6.2.1.2: a coordinate keeps its leading zeros. One key in 128 has some,
// and AWS would otherwise reject its login.
func TestDPoPKeepsLeadingZeros(t *testing.T) {
	t.Parallel()
	for range 500 {
		private, key := newLoginKey(t, elliptic.P256())
		proof, err := dpop(key, http.MethodPost, "https://us-east-2.signin.aws.amazon.com/v1/token", testNow)
		if err != nil {
			t.Fatal(err)
		}
		header, _ := openDPoP(t, proof, &private.PublicKey)
		jwk := header["jwk"].(map[string]any)
		if len(jwk["x"].(string)) != 43 || len(jwk["y"].(string)) != 43 {
			t.Fatalf("coordinates %v", jwk)
		}
	}
}

// Some programs write the key as PKCS #8, which the AWS CLI accepts as well.
func TestDPoPTakesBothFormsOfKeys(t *testing.T) {
	t.Parallel()
	private, sec1 := newLoginKey(t, elliptic.P256())
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8 := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, key := range []string{sec1, string(pkcs8), strings.TrimSpace(string(pkcs8))} {
		proof, err := dpop(key, http.MethodPost, "https://example.com", testNow)
		if err != nil {
			t.Errorf("%s: %v", strings.SplitN(key, "\n", 2)[0], err)
			continue
		}
		openDPoP(t, proof, &private.PublicKey)
	}
}

func TestDPoPTakesNoDamagedKey(t *testing.T) {
	t.Parallel()
	_, otherCurve := newLoginKey(t, elliptic.P384())
	_, edwards, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(edwards)
	if err != nil {
		t.Fatal(err)
	}
	otherKind := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	damaged := string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: []byte("x")}))
	for _, key := range []string{"", "not PEM", damaged, otherCurve, otherKind} {
		if _, err := dpop(key, http.MethodPost, "https://example.com", testNow); err == nil {
			t.Errorf("%q: taken", key)
		}
	}
}
