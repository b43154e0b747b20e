// Person simulates a person with a browser, for sandboxes that have neither: it
// opens the sign-in page of test/awsfake in its last argument and allows access.
// HTTPS_PROXY and AWS_CA_BUNDLE connect it to the cloud.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"git-credential-codecommit/test/awsfake"
)

// timeout is much longer than two pages take.
const timeout = time.Minute

func main() {
	if err := run(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, "person: error:", err)
		os.Exit(1)
	}
}

func run(page string) error {
	person, err := awsfake.NewPerson(os.Getenv("HTTPS_PROXY"), os.Getenv("AWS_CA_BUNDLE"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	_, _, err = person.Decide(ctx, page, awsfake.Allow)
	return err
}
