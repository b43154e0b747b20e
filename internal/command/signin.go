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

// A signInMethod is how the user of this process signs in.
type signInMethod struct {
	deviceCode bool
	browser    browser.Browser
	open       bool // whether to open the page in browser
}

// chooseSignInMethod decides how to sign in. Over SSH, and without a browser, it is the
// device code, because a browser on another machine cannot reach 127.0.0.1 on this
// one. If the user requested the device code, only the browser in BROWSER is
// opened.
func chooseSignInMethod(p cli.Process, useDeviceCode, noBrowser bool) signInMethod {
	b := browser.Find(p.LookupEnv, runtime.GOOS)
	return signInMethod{
		browser:    b,
		deviceCode: useDeviceCode || noBrowser || b.Remote || !b.Available(),
		open:       b.Available() && !noBrowser && (!useDeviceCode || b.Chosen),
	}
}

// show returns a function that prints to w where to sign in, and for what, and opens
// the browser.
func (s signInMethod) show(w io.Writer, what string) func(identitycenter.Page) {
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

// waiting returns a function that prints to w what this process waits for.
func waiting(w io.Writer) func() {
	return func() {
		cli.Say(w, "another process has started this sign-in; waiting until it is completed there (press Ctrl-C to stop waiting)")
	}
}

// interruptible returns a context that ends with identitycenter.ErrInterrupted as
// its cause when this process receives a signal that would end it.
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

// signInPrompt returns session.Options.SignIn: a function that asks the user to
// sign in, at the terminal that git runs in. It returns nil if there is no terminal
// or if GIT_TERMINAL_PROMPT forbids prompts. Host is the request's host, for
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
		method := chooseSignInMethod(p, false, false)
		shown := false
		show := method.show(out, signInName(profile, r.Session.Name))
		r.DeviceCode, r.Waiting = method.deviceCode, waiting(out)
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

// signInName names what the user signs in for.
func signInName(profile, session string) string {
	if profile != "" {
		return fmt.Sprintf("profile %q", profile)
	}
	return fmt.Sprintf("sso-session %q", session)
}
