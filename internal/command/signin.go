package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"

	"git-credential-codecommit/internal/browser"
	"git-credential-codecommit/internal/cli"
	"git-credential-codecommit/internal/identitycenter"
	"git-credential-codecommit/internal/session"
)

// A signInWay is how a person at this process signs in.
type signInWay struct {
	deviceCode bool
	browser    browser.Browser
	open       bool // open the page with browser
}

// signInWayOf decides how a person signs in. The browser of another machine does not
// reach 127.0.0.1 of this one: over SSH, and without a browser, it is the device code.
// With a device code that was asked for, only a browser in BROWSER is opened.
func signInWayOf(p cli.Process, useDeviceCode, noBrowser bool) signInWay {
	b := browser.Find(p.LookupEnv, runtime.GOOS)
	return signInWay{
		browser:    b,
		deviceCode: useDeviceCode || noBrowser || b.Remote || !b.Available(),
		open:       b.Available() && !noBrowser && (!useDeviceCode || b.Chosen),
	}
}

// show returns the function that shows a person on w where to sign in for what, and
// opens the browser.
func (s signInWay) show(w io.Writer, what string) func(identitycenter.Page) {
	return func(page identitycenter.Page) {
		opened := false
		if s.open {
			opened = s.browser.Open(page.ToOpen(), func() { cli.Say(w, "the browser failed; open the page yourself") }) == nil
		}
		how := "open "
		if opened {
			how = "continue in the browser, or open "
		}
		if page.Code == "" {
			cli.Say(w, "to sign in for "+what+", "+how+page.URL)
		} else {
			cli.Say(w, "to sign in for "+what+", "+how+page.URL+" and compare the code: "+page.Code)
		}
		cli.Say(w, "waiting for the sign-in (Ctrl-C cancels it)")
	}
}

// interruptible returns a context that a signal to end this process ends. Its cause
// is then identitycenter.ErrInterrupted.
func interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endingSignals...)
	go func() {
		select {
		case <-signals:
			cancel(identitycenter.ErrInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// signInPrompt returns session.Options.SignIn: the function that asks the person at
// the terminal that git runs in to sign in; nil if there is no terminal, or
// GIT_TERMINAL_PROMPT forbids prompts. Host is that of the request, for
// credential.interactive.
func signInPrompt(p cli.Process, profile, host string) func(context.Context, *identitycenter.Client, identitycenter.Request) (identitycenter.Token, error) {
	if ask, set := p.LookupEnv("GIT_TERMINAL_PROMPT"); set && !gitTrue(ask) {
		return nil
	}
	in, out, err := openTerminal()
	if err != nil {
		return nil
	}
	_, _ = in.Close(), out.Close()
	return func(ctx context.Context, c *identitycenter.Client, r identitycenter.Request) (identitycenter.Token, error) {
		in, out, err := openTerminal()
		if err != nil {
			return identitycenter.Token{}, session.ErrNoPrompt
		}
		_ = in.Close()
		defer out.Close()
		if err := promptAllowed(ctx, p, host); err != nil {
			return identitycenter.Token{}, session.ErrNoPrompt
		}
		ctx, stop := interruptible(ctx)
		defer stop()
		way := signInWayOf(p, false, false)
		shown := false
		show := way.show(out, signInName(profile, r.Session.Name))
		r.DeviceCode = way.deviceCode
		r.Show = func(page identitycenter.Page) {
			shown = true
			show(page)
		}
		token, err := c.SignInOnce(ctx, r)
		if err == nil && shown {
			cli.Say(out, "signed in until "+token.ExpiresAt)
		}
		return token, err
	}
}

// signInName names what a person signs in for.
func signInName(profile, session string) string {
	if profile != "" {
		return fmt.Sprintf("profile %q", profile)
	}
	return fmt.Sprintf("sso-session %q", session)
}
