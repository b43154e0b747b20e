package identitycenter

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"git-credential-codecommit/test/awsfake"
)

// A 401 that is not from AWS, but a proxy's, neither ends a sign-in nor asks for
// another one.
func TestProxysPageIsNoAnswerOfThePortal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token, err := s.client.SignIn(t.Context(), Request{Session: session, Show: s.decide(t, awsfake.Allow)})
	if err != nil {
		t.Fatal(err)
	}
	s.Fail(awsfake.SSO, awsfake.Fault{Status: http.StatusUnauthorized, Body: "<html>", Times: 2})
	var none *NotSignedInError
	if _, err := s.client.Accounts(t.Context(), token); err == nil || errors.As(err, &none) {
		t.Errorf("accounts: %v", err)
	}
	if err := s.client.Logout(t.Context(), token); err == nil {
		t.Error("logout: no error")
	}
	if _, err := s.client.Accounts(t.Context(), token); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// The host of a vanity start URL is not AWS: its time does not correct the clock.
func TestVanityURLSetsNoClock(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const host = "sso.example.com"
	s.AddVanityURL(host)
	date := time.Now().Add(3 * time.Hour).UTC().Format(http.TimeFormat)
	s.Fail(awsfake.SSOVanity, awsfake.Fault{Status: http.StatusFound, Header: http.Header{"Date": {date}, "Location": {awsfake.SSOStartURL}}})
	if to, err := s.client.follow(t.Context(), "https://"+host); err != nil || to != awsfake.SSOStartURL {
		t.Errorf("%q, %v", to, err)
	}
	if skew := s.client.AWS.Clock.Skew(); skew != 0 {
		t.Errorf("the clock is off by %s", skew)
	}
}
