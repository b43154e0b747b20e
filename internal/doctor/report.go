package doctor

// A Report is doctor's result. Its JSON is for scripts, and stable: within one
// Version, members are only added. It contains no secrets: access keys are
// shortened.
//
//	{
//	  "version": 1,
//	  "ok": false,                     // no check failed
//	  "repositories": [{
//	    "url": "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/NAME",
//	    "remote": "origin",            // "" if a URL was given
//	    "ok": false,
//	    "checks": [{                   // in the order of the text report
//	      "name": "helper",            // see the Check constants
//	      "status": "failed",          // ok, warning, failed or skipped
//	      "summary": "git runs no helper for this URL",
//	      "run": ["git-credential-codecommit setup"],  // commands that fix it, the best first
//	      "notes": ["…"]               // other advice
//	    }],
//	    "identities": [{               // the chain: its source, then each role
//	      "arn": "arn:aws:iam::888888888888:user/developer",
//	      "account": "888888888888",
//	      "access_key": "AKIA…MPLE",
//	      "expires": "2026-01-31T12:00:00Z"    // "" if it does not expire, or is unknown
//	    }]
//	  }]
//	}
type Report struct {
	Version      int           `json:"version"`
	OK           bool          `json:"ok"`
	Repositories []Examination `json:"repositories"`
}

// reportVersion is the version of the JSON format.
const reportVersion = 1

// NewReport returns the report of several examinations.
func NewReport(examinations []Examination) Report {
	r := Report{Version: reportVersion, OK: true, Repositories: examinations}
	for _, e := range examinations {
		r.OK = r.OK && e.OK
	}
	return r
}

// An Examination is the result for one repository.
type Examination struct {
	URL        string     `json:"url"`    // as in git's configuration, but without a password
	Remote     string     `json:"remote"` // "" if a URL was given
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
	// NoteFirst is true if the first note names a likelier cause than the one that
	// the commands fix. The note is then printed above the commands.
	NoteFirst bool `json:"-"`
}

// The names of the checks, in order. A name may occur several times: each hop of a
// chain has an identity check.
const (
	CheckGit           = "git"           // git's version
	CheckURL           = "url"           // the URL is a CodeCommit URL
	CheckHelper        = "helper"        // git runs this helper first
	CheckOthers        = "others"        // git runs no other helper
	CheckUsername      = "username"      // no static Git credential's username is configured
	CheckPath          = "useHttpPath"   // git sends the path
	CheckProgram       = "program"       // git runs this program, not another one
	CheckAuthorization = "authorization" // git sends no other credentials
	CheckFlags         = "flags"         // the flags in the helper line are valid
	CheckFiles         = "files"         // only this user can change the AWS files
	CheckProfile       = "profile"       // the AWS configuration defines a source of credentials
	CheckService       = "service"       // CodeCommit can be reached
	CheckClock         = "clock"         // this machine's clock is correct
	CheckIdentity      = "identity"      // AWS knows the source, and each role can be assumed
	CheckAccount       = "account"       // the credentials belong to the requested account
	CheckExpiry        = "expiry"        // the session does not expire soon
	CheckFetch         = "fetch"         // the repository exists, and the credentials allow fetching
	CheckPush          = "push"          // the credentials allow pushing
	CheckLFS           = "lfs"           // git-lfs uses the same profile
	CheckClients       = "clients"       // programs other than git can reach the repository
	CheckLsRemote      = "ls-remote"     // git itself can read the repository
)

// A Status is the result of a check.
type Status string

// The results of a check. Skipped means that another failure prevented the check.
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
