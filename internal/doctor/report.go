package doctor

// A Report is what doctor finds. As JSON it is meant for scripts, and stable:
// within one Version members are only added. Nothing in it is secret: access
// keys are shortened.
//
//	{
//	  "version": 1,
//	  "ok": false,                     // no check failed
//	  "repositories": [{
//	    "url": "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/NAME",
//	    "remote": "origin",            // "" when a URL was given
//	    "ok": false,
//	    "checks": [{                   // in the order of the report for people
//	      "name": "helper",            // see the Check constants
//	      "status": "failed",          // ok, warning, failed or skipped
//	      "summary": "git runs no helper for this URL",
//	      "run": ["git-credential-codecommit setup"],  // what fixes it, the best first
//	      "notes": ["…"]               // what else helps
//	    }],
//	    "identities": [{               // the chain: its source, then each role
//	      "arn": "arn:aws:iam::888888888888:user/developer",
//	      "account": "888888888888",
//	      "access_key": "AKIA…MPLE",
//	      "expires": "2026-01-31T12:00:00Z"    // "" when it is not known to end
//	    }]
//	  }]
//	}
type Report struct {
	Version      int           `json:"version"`
	OK           bool          `json:"ok"`
	Repositories []Examination `json:"repositories"`
}

// reportVersion is that of the JSON's form.
const reportVersion = 1

// NewReport puts examinations together.
func NewReport(examinations []Examination) Report {
	r := Report{Version: reportVersion, OK: true, Repositories: examinations}
	for _, e := range examinations {
		r.OK = r.OK && e.OK
	}
	return r
}

// An Examination is of one repository.
type Examination struct {
	URL        string     `json:"url"`    // as in git's configuration, without a password
	Remote     string     `json:"remote"` // "" when a URL was given
	OK         bool       `json:"ok"`
	Checks     []Check    `json:"checks"`
	Identities []Identity `json:"identities"`
}

// A Check is one line of the report.
type Check struct {
	Name    string    `json:"name"`
	Status  Status    `json:"status"`
	Summary string    `json:"summary"`
	Run     []Command `json:"run,omitempty"`
	Notes   []string  `json:"notes,omitempty"`
}

// The names of the checks, in their order. A name may occur several times: a chain
// has an identity for each hop.
const (
	CheckGit           = "git"           // git's version
	CheckURL           = "url"           // the URL is one of CodeCommit's
	CheckHelper        = "helper"        // git runs this helper first
	CheckOthers        = "others"        // and no other one
	CheckUsername      = "username"      // and no username is configured for which another helper answers
	CheckPath          = "useHttpPath"   // git sends the path
	CheckProgram       = "program"       // git runs this program, not another one
	CheckAuthorization = "authorization" // git has no other credentials
	CheckFlags         = "flags"         // the flags on the helper line are right
	CheckFiles         = "files"         // only this user can change the AWS files
	CheckProfile       = "profile"       // the AWS configuration says where credentials come from
	CheckService       = "service"       // CodeCommit can be reached
	CheckClock         = "clock"         // this machine's clock is right
	CheckIdentity      = "identity"      // AWS knows the source, and each role can be assumed
	CheckAccount       = "account"       // the credentials belong to the requested account
	CheckExpiry        = "expiry"        // the session lasts a while
	CheckFetch         = "fetch"         // the repository exists and can be fetched from
	CheckPush          = "push"          // and pushed to
	CheckLFS           = "lfs"           // git-lfs uses the same profile
	CheckClients       = "clients"       // other programs than git can reach it
	CheckLsRemote      = "ls-remote"     // git itself can read it
)

// A Status is how a check ended.
type Status string

// How a check ends. Skipped is one that could not be made because of another
// that failed.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// An Identity is one hop of a chain.
type Identity struct {
	ARN       string `json:"arn"`
	Account   string `json:"account"`
	AccessKey string `json:"access_key"`
	Expires   string `json:"expires"`
}
