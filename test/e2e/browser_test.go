package e2e

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"git-credential-codecommit/test/awsfake"
)

// ssoProfiles are profiles of IAM Identity Center, with one sso-session.
const ssoProfiles = `
[sso-session my-sso]
sso_start_url = ` + awsfake.SSOStartURL + `
sso_region = ` + awsfake.Region + `
[profile sso]
sso_session = my-sso
sso_account_id = ` + awsfake.AccountA + `
sso_role_name = ` + awsfake.SSOContributorRole + `
[profile chained]
role_arn = ` + awsfake.ContributorRole + `
source_profile = sso-developer
[profile sso-developer]
sso_session = my-sso
sso_account_id = ` + awsfake.AccountB + `
sso_role_name = ` + awsfake.SSODeveloperRole + `
`

// clickMain is the program "click", which simulates a person with a browser: it
// opens the page in its last argument and clicks the button named in CLICK
// (default: Allow). It adds a line to the file CLICKS for each page, and writes the
// text and the URL of the last page to the file CLICKED.
func clickMain() {
	if err := click(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func click(page string) error {
	if path := os.Getenv("CLICKS"); path != "" {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(f, "clicked"); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	person, err := awsfake.NewPerson(os.Getenv("HTTPS_PROXY"), os.Getenv("AWS_CA_BUNDLE"))
	if err != nil {
		return err
	}
	button := os.Getenv("CLICK")
	switch button {
	case "":
		button = awsfake.Allow
	case "nothing":
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	text, at, err := person.Decide(ctx, page, button)
	if path := os.Getenv("CLICKED"); err == nil && path != "" {
		if err = os.WriteFile(path+".tmp", []byte(at+"\n"+text), 0o600); err == nil {
			err = os.Rename(path+".tmp", path)
		}
	}
	return err
}

// clickedCommand waits until the browser shows a page whose URL or text matches:
// clicked REGEXP. The page may still be loading when the program exits.
func clickedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: clicked REGEXP")
	}
	want, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	var data []byte
	for range 3000 {
		if data, err = os.ReadFile(ts.Getenv("CLICKED")); err == nil && want.Match(data) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("the browser shows %s", data)
}
