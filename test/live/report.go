package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"git-credential-codecommit/internal/session"
)

// An answer is a fact with the service's answer.
type answer struct {
	fact
	finding
}

// differs reports whether the answer differs from the program's assumption.
func (a answer) differs() bool { return a.untested == "" && a.answer != a.assumed }

// A report is the result of a run, in Markdown.
type report struct {
	options
	answers   []answer
	exchanges []exchange
	requests  int
	scrub     scrubber
}

func (r report) differs() bool { return slices.ContainsFunc(r.answers, answer.differs) }

func (r report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Answers of CodeCommit in %s\n\n", r.repository.Region)
	fmt.Fprintf(&b, "`go run ./test/live` made this report with %d requests. It replaces account IDs, names, keys, times and request IDs.\n\n", r.requests)
	b.WriteString("| question | answer | the program assumes | |\n|---|---|---|---|\n")
	for _, a := range r.answers {
		got, mark := a.answer, "as assumed"
		if a.detail != "" {
			got += " (" + a.detail + ")"
		}
		switch {
		case a.untested != "":
			got, mark = "("+a.untested+")", "not tested"
		case a.differs():
			mark = "**differs**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s ([source](%s)) | %s |\n", a.question, cell(r.scrub.clean(got)), a.assumed, a.source, mark)
	}
	b.WriteString("\nIf an answer has several statuses, they are in the order of the question.\n")
	for _, x := range r.exchanges {
		fmt.Fprintf(&b, "\n## The answer to a request %s\n\n```text\n%d\n", x.name, x.status)
		for _, name := range slices.Sorted(maps.Keys(x.header)) {
			for _, value := range x.header[name] {
				if variable[name] {
					value = "(different each time)"
				}
				fmt.Fprintf(&b, "%s: %s\n", name, r.scrub.clean(value))
			}
		}
		fmt.Fprintf(&b, "\n%s\n```\n", strings.TrimRight(r.scrub.clean(x.body), "\n"))
	}
	return b.String()
}

// variable are the headers that differ between identical requests.
var variable = map[string]bool{"Date": true, "X-Amzn-Requestid": true, "X-Amz-Request-Id": true, "X-Amz-Id-2": true, "X-Amzn-Trace-Id": true, "X-Amz-Cf-Id": true}

// cell formats text for a table cell.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", "").Replace(s)
}

// A scrubber removes secrets, and everything that identifies the account or the
// repository.
type scrubber struct{ replacer *strings.Replacer }

// Times, request IDs, access keys, accounts, names and signatures.
var (
	times    = regexp.MustCompile(`\b[0-9]{8}T[0-9]{6}Z?`)
	ids      = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	keyIDs   = regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{12,}\b`)
	accounts = regexp.MustCompile(`\b[0-9]{12}\b`)
	roles    = regexp.MustCompile(`\b((?:assumed-role|role|user)/)[A-Za-z0-9_+=,.@/-]+`)
	hex64    = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
)

func newScrubber(o options, creds session.Result) scrubber {
	var pairs []string
	for secret, name := range map[string]string{
		creds.SecretAccessKey: "(secret)",
		creds.SessionToken:    "(token)",
		o.repository.Name:     "REPOSITORY",
	} {
		if secret != "" {
			pairs = append(pairs, secret, name)
		}
	}
	return scrubber{strings.NewReplacer(pairs...)}
}

func (s scrubber) clean(text string) string {
	text = s.replacer.Replace(text)
	for pattern, name := range map[*regexp.Regexp]string{times: "(time)", ids: "(id)", keyIDs: "(key)", accounts: "ACCOUNT", hex64: "(signature)"} {
		text = pattern.ReplaceAllString(text, name)
	}
	text = roles.ReplaceAllString(text, "${1}NAME")
	// Remove control characters, which could control the terminal, and the end of
	// the Markdown block.
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '`' {
			return '?'
		}
		return r
	}, text)
}
