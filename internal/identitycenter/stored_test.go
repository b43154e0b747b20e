package identitycenter

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/internal/session/store"
)

func TestStoredNamesSignIns(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	client := New(awsclient.New(awsprofile.Settings{}, "", time.Now, nil), home, nil)
	folder := filepath.Join(home, ".aws", "sso", "cache")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(key, startURL string) {
		t.Helper()
		text := fmt.Sprintf(`{"startUrl": %q, "accessToken": "x", "expiresAt": "2026-01-01T00:00:00Z"}`, startURL)
		if err := os.WriteFile(filepath.Join(folder, key+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const url = "https://example.awsapps.com/start"
	write(store.TokenKey("s", ""), url)
	write(store.TokenKey("removed", ""), url)
	write(store.TokenKey("", url), url)
	write(store.TokenKey("without-url", ""), "")
	write(store.TokenKey("another-program", ""), "")
	write("kiro-auth-token", url)
	signIns := slices.Values([]awsprofile.SSOSession{{Name: "absent"}, {Name: "s"}, {Name: "without-url"}, {StartURL: url}})
	all, err := client.Stored(signIns)
	var got []string
	for _, s := range all {
		got = append(got, s.Session+" "+s.StartURL)
	}
	slices.Sort(got)
	if want := []string{" " + url, " " + url, "s " + url, "without-url "}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}

	for i := range maxStored {
		write(store.TokenKey(fmt.Sprint(i), ""), url)
	}
	if all, err := client.Stored(signIns); err == nil || !strings.Contains(err.Error(), "it contains more than 500 sign-ins") {
		t.Errorf("%d, %v", len(all), err)
	}
}
