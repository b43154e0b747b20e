package doctor

import (
	"encoding/json"
	"testing"
)

// Scripts depend on this format.
func TestReportJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(NewReport([]Examination{
		{
			URL: "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo", Remote: "origin", OK: true,
			Checks:     []Check{{Name: CheckGit, Status: OK, Summary: "git 2.46 at /usr/bin/git"}},
			Identities: []Identity{{ARN: "arn:aws:iam::888888888888:user/developer", Account: "888888888888", AccessKey: "AKIA…MPLE"}},
		},
		{
			URL:        "codecommit://dev@MyDemoRepo",
			Checks:     []Check{{Name: CheckProfile, Status: Failed, Summary: "no", Run: []Command{Shown("aws configure")}, Notes: []string{"or else"}}},
			Identities: []Identity{},
		},
	}))
	const want = `{"version":1,"ok":false,"repositories":[` +
		`{"url":"https://git-codecommit.us-east-2.amazonaws.com/v1/repos/MyDemoRepo","remote":"origin","ok":true,` +
		`"checks":[{"name":"git","status":"ok","summary":"git 2.46 at /usr/bin/git"}],` +
		`"identities":[{"arn":"arn:aws:iam::888888888888:user/developer","account":"888888888888","access_key":"AKIA…MPLE","expires":""}]},` +
		`{"url":"codecommit://dev@MyDemoRepo","remote":"","ok":false,` +
		`"checks":[{"name":"profile","status":"failed","summary":"no","run":["aws configure"],"notes":["or else"]}],` +
		`"identities":[]}]}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
