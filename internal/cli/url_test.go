package cli

import (
	"strings"
	"testing"
)

func TestRedactURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://example.com/x":                               "https://example.com/x",
		"https://example.com:8443/x":                          "https://example.com:8443/x",
		"https://alice@example.com/x":                         "https://***@example.com/x",
		"https://alice:hunter2@example.com/x":                 "https://***@example.com/x",
		"https://alice:hun@ter2@example.com/x":                "https://***@example.com/x",
		"https://alice:hun/ter?2@example.com/x":               "https://***@example.com/x",
		"https://ASIAIOSFODNN7EXAMPLE%IQoJ/b3JpZ2lu@host/x":   "https://***@host/x",
		"https://ghp_16C7e42F292c6912E7710c838347Ae178B4a@h/": "https://***@h/",
		"https://:hunter2@h/":                                 "https://***@h/",
		"https://@h/":                                         "https://***@h/",
		"alice:hunter2@example.com/x":                         "***@example.com/x",
		"git@github.com:a/b":                                  "git@github.com:a/b",
		"ssh://git@example.com/x":                             "ssh://git@example.com/x",
		"ssh://APKAEIBAERJR2EXAMPLE@example.com/x":            "ssh://***@example.com/x",
		"codecommit://dev@MyDemoRepo":                         "codecommit://dev@MyDemoRepo",
		"codecommit::us-east-2://dev@MyDemoRepo":              "codecommit::us-east-2://dev@MyDemoRepo",
		"codecommit://dev:hunter2@MyDemoRepo":                 "codecommit://dev@MyDemoRepo",
		"codecommit://ASIAX%token@MyDemoRepo":                 "codecommit://ASIAX@MyDemoRepo",
		"codecommit://:hunter2@MyDemoRepo":                    "codecommit://***@MyDemoRepo",
		"codecommit::https://ASIAX%token@host/v1/repos/x":     "codecommit::https://***@host/v1/repos/x",
		"codecommit://https://ghp_x@host/v1/repos/x":          "codecommit://***@host/v1/repos/x",
		"credential.https://ghp_x@github.com.helper":          "credential.https://***@github.com.helper",
		"nothing": "nothing",
		"":        "",
	} {
		if got := RedactURL(url); got != want {
			t.Errorf("%s: %s", url, got)
		}
	}
}

func TestRedactText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`cannot use "https://ghp_x@host/a": see mail@example.com`:             `cannot use "https://***@host/a": see mail@example.com`,
		"git remote set-url origin codecommit://dev@Repo https://a:b@h":       "git remote set-url origin codecommit://dev@Repo https://***@h",
		"git config --unset-all 'credential.https://AKID%tok/en@host.helper'": "git config --unset-all 'credential.https://***@host.helper'",
		`'https://a:b'c@h/': no "https://a:d"e@h"`:                            `'https://***@h/': no "https://***@h"`,
		"see <https://a:b@h> or 'https://a:b<c>d@h/'":                         "see <https://***@h> or 'https://***@h/'",
		"no URL, alice@example.com":                                           "no URL, alice@example.com",
		"https://host/a b@c":                                                  "https://host/a b@c",
		"":                                                                    "",
	} {
		if got := RedactText(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func FuzzRedactURL(f *testing.F) {
	f.Add("https", "alice", "se/cr@et", "host/path")
	f.Add("https", "", "AKID%token", "host")
	f.Add("codecommit", "dev", "token", "Repo")
	f.Add("codecommit::us-east-2", "", "x", "Repo")
	f.Add("", "u", "p", "host:path")
	f.Fuzz(func(t *testing.T, scheme, user, secret, rest string) {
		const canary = "CANARY"
		if strings.Contains(scheme+user+rest, canary) || strings.Contains(scheme+rest, "@") || strings.Contains(scheme, "://") {
			return
		}
		if scheme != "" {
			scheme += "://"
		}
		for _, userPart := range []string{user + ":" + canary + secret, user + "%" + canary + secret} {
			url := scheme + userPart + "@" + rest
			if got := RedactURL(url); strings.Contains(got, canary) {
				t.Errorf("%q is shown as %q", url, got)
			} else if again := RedactURL(got); again != got {
				t.Errorf("%q is shown as %q, and that as %q", url, got, again)
			}
		}
		// A token in place of a username.
		if url := "https://" + canary + secret + "@" + rest; strings.Contains(RedactURL(url), canary) {
			t.Errorf("%q is shown as %q", url, RedactURL(url))
		}
	})
}
