package remote

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]URL{
		"codecommit://Repo":                         {Repository: "Repo"},
		"codecommit://Repo/":                        {Repository: "Repo"},
		"codecommit://profile@Repo":                 {Profile: "profile", Repository: "Repo"},
		"us-east-2://Repo":                          {Region: "us-east-2", Repository: "Repo"},
		"us-east-2://profile@Repo":                  {Region: "us-east-2", Profile: "profile", Repository: "Repo"},
		"codecommit::us-east-2://profile@Repo":      {Region: "us-east-2", Profile: "profile", Repository: "Repo"},
		"us-gov-west-1://profile@my.repo_1-x/":      {Region: "us-gov-west-1", Profile: "profile", Repository: "my.repo_1-x"},
		"codecommit://alice@example.com@Repo":       {Profile: "alice@example.com", Repository: "Repo"},
		"codecommit://Account/Role@Repo":            {Profile: "Account/Role", Repository: "Repo"},
		"codecommit://a profile $(touch x)'\"@Repo": {Profile: "a profile $(touch x)'\"", Repository: "Repo"},
		"codecommit://%41@Repo":                     {Profile: "%41", Repository: "Repo"},
		"codecommit://zoë@Repo":                     {Profile: "zoë", Repository: "Repo"},
		"us-east-1://--evil@repo":                   {Region: "us-east-1", Profile: "--evil", Repository: "repo"},
		"https://host/path":                         {Region: "https", Repository: "host/path"},
	} {
		if got, err := parse(url); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", url, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                                `it has no "://"`,
		"Repo":                            `it has no "://"`,
		"codecommit:/Repo":                `it has no "://"`,
		"://Repo":                         `it has no region before "://"`,
		"codecommit://":                   "it names no repository",
		"codecommit:///":                  "it names no repository",
		"codecommit://profile@":           "it names no repository",
		"codecommit://profile@/":          "it names no repository",
		"codecommit://@Repo":              `it has no profile before "@"`,
		"codecommit://@":                  `it has no profile before "@"`,
		"codecommit://a\nb@Repo":          "its profile contains a non-printable character",
		"codecommit://a\x00b@Repo":        "its profile contains a non-printable character",
		"codecommit://a\x7f@Repo":         "its profile contains a non-printable character",
		"codecommit://a\xff@Repo":         "its profile contains a non-printable character",
		"codecommit://a\u2028b@Repo":      "its profile contains a non-printable character",
		"codecommit://a\u202eb@Repo":      "its profile contains a non-printable character",
		"us-east-2://profile\u0085x@Repo": "its profile contains a non-printable character",
	} {
		if got, err := parse(url); err == nil || err.Error() != want {
			t.Errorf("%q: got %+v, %v, want the error %q", url, got, err, want)
		}
	}
}

func FuzzGrammar(f *testing.F) {
	f.Add("codecommit://profile@Repo")
	f.Add("us-east-2://alice@example.com@Repo/")
	f.Add("https://git-codecommit.us-east-2.amazonaws.com/v1/repos/Repo")
	f.Fuzz(func(t *testing.T, url string) {
		u, err := parse(url)
		if err != nil {
			if u != (URL{}) {
				t.Fatalf("%q: an error and %+v", url, u)
			}
			return
		}
		if u.Repository == "" || strings.Contains(u.Repository, "@") || strings.ContainsAny(u.Profile, "\x00\r\n\x1b\x7f") {
			t.Fatalf("%q: %+v", url, u)
		}
		// String returns a URL with the same meaning.
		again := u.Repository
		if u.Profile != "" {
			again = u.Profile + "@" + again
		}
		if u.Region == "" {
			again = "codecommit://" + again
		} else {
			again = u.Region + "://" + again
		}
		if again != strings.TrimPrefix(strings.TrimSuffix(url, "/"), "codecommit::") {
			t.Fatalf("%q: %+v, which is %q", url, u, again)
		}
	})
}
