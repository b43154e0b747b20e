package identitycenter

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/awsclient"
	"git-credential-codecommit/test/awsfake"
)

// A 401 from a proxy instead of AWS neither ends a sign-in nor prompts for another
// one.
func TestProxyPageIsNotAPortalResponse(t *testing.T) {
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

// The host of a vanity start URL is not AWS, so its time does not correct the
// clock.
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

// Two config files may have sessions with the same name: a sign-in to one of them
// by another process is not used for the other.
func TestSignInOfASessionOfTheSameName(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	other := s.newClient(t, s.home)
	unlock, _, err := s.client.lockSignIn(t.Context(), Request{Session: session}, func() bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	token := Token{StartURL: "https://other.awsapps.com/start", Region: session.Region, AccessToken: "other", ExpiresAt: "2999-01-01T00:00:00Z"}
	ended := make(chan error, 1)
	go func() {
		got, err := other.SignIn(t.Context(), Request{Session: session, Show: s.decide(t, awsfake.Allow)})
		if err == nil && got.StartURL != session.StartURL {
			err = errors.New("signed in for " + got.StartURL)
		}
		ended <- err
	}()
	time.Sleep(100 * time.Millisecond) // until SignIn waits
	data, err := json.Marshal(token)
	if err == nil {
		err = s.client.tokens.Write(key(session), data)
	}
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A sign-in in another terminal may never be completed: the user learns what this
// process waits for.
func TestWaitingForAnotherSignInIsSaid(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	newClient := func() *Client {
		return New(awsclient.New(awsprofile.Settings{}, "", time.Now, func(string, ...any) {}), home, nil)
	}
	unlock, _, err := newClient().lockSignIn(t.Context(), Request{Session: session}, func() bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(unlock)
	for name, signIn := range map[string]func(context.Context, Request) (Token, error){
		"login": newClient().SignIn, "get": newClient().SignInOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("no message was printed"))
			defer cancel()
			if _, err := signIn(ctx, Request{Session: session, Waiting: cancel}); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}
