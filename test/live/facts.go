package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"git-credential-codecommit/awsprofile"
	"git-credential-codecommit/internal/codecommit"
)

// A fact is a question to the service, the answer that the program assumes, and the
// source of the assumption.
type fact struct {
	question string
	assumed  string
	source   string
	requests int // maximum number of requests to CodeCommit
	ask      func(ctx context.Context, m *inputs) (finding, error)
}

// A finding is the answer to a question.
type finding struct {
	answer string
	// detail lists the statuses that led to the answer, if they are not the answer.
	detail string
	// untested is why there is no answer; "" if there is one.
	untested string
}

func found(format string, a ...any) finding { return finding{answer: fmt.Sprintf(format, a...)} }

func notTested(format string, a ...any) finding { return finding{untested: fmt.Sprintf(format, a...)} }

// inputs are the inputs of all questions.
type inputs struct {
	options
	service *service
	chain   awsprofile.Chain
}

// Sources of the program's assumptions.
const (
	guideHTTPS  = "https://docs.aws.amazon.com/codecommit/latest/userguide/setting-up-https-unixes.html"
	guideErrors = "https://docs.aws.amazon.com/codecommit/latest/userguide/troubleshooting-ch.html"
	sigV4       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html"
	awsCLI      = "https://github.com/aws/aws-cli/blob/develop/awscli/customizations/codecommit.py"
	botocore    = "https://github.com/boto/botocore/blob/develop/botocore/credentials.py"
	gitLFS      = "https://github.com/git-lfs/git-lfs/blob/main/docs/api/authentication.md"
	gitHTTP     = "https://git-scm.com/docs/http-protocol"
	endpoints   = "https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html"
	vpcGuide    = "https://docs.aws.amazon.com/codecommit/latest/userguide/codecommit-and-interface-VPC.html"
	proactive   = "https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpproactiveAuth"
)

// facts are the program's assumptions that this command can check.
var facts = []fact{
	{"a request without credentials", "401, challenge Basic", gitHTTP, 1, askUnauthenticated},
	{"a request with a wrong signature", "403", guideErrors, 2, askWrongSignature},
	{"a repository that does not exist", "404", guideErrors, 2, askMissing},
	{"credentials in the first request, before any 401 (proactive authentication)", "200", proactive, 2, askProactive},
	{"one signature for info/refs and for git-upload-pack", "200, 200", awsCLI, 4, askReuse},
	{"the age up to which a signature is accepted", "15 minutes", sigV4, 16, askOldest},
	{"how far in the future a signature may be dated", "15 minutes", sigV4, 16, askNewest},
	{"the path with .git, signed as requested and without .git", "accepted, refused", awsCLI, 4, askDotGit},
	{"the path, signed with a trailing slash", "403", awsCLI, 2, askTrailingSlash},
	{"Git LFS, signed for the repository, for info/lfs and for the whole path", "accepted, accepted, accepted", gitLFS, 6, askLFS},
	{"the session token, as it is and percent-encoded", "200, 403", awsCLI, 4, askToken},
	{"the region of the host in upper case, signed as requested and in lower case", "200, 403", awsCLI, 4, askRegionCase},
	{"the FIPS endpoint", "200", endpoints, 2, askFIPS},
	{"the VPC endpoint", "200", vpcGuide, 2, askVPC},
	{"username and password of the AWS CLI's helper in the same second", "equal", awsCLI, 0, askAWSCLI},
	{"a role session that this program stored, for the AWS CLI", "used", botocore, 0, askStoreOurs},
	{"a role session that the AWS CLI stored, for this program", "used", botocore, 0, askStoreTheirs},
	{"a stored sign-in (IAM Identity Center, aws login)", "used", botocore, 0, askSignIn},
	{"a push to a new branch, and its deletion", "pushed, deleted", guideHTTPS, 12, askWrite},
}

// factsFor returns the facts for these options, with their numbers of requests.
func factsFor(o options) []fact {
	list := append([]fact(nil), facts...)
	for i := range list {
		switch list[i].source {
		case endpoints:
			if !o.fips {
				list[i].requests = 0
			}
		case vpcGuide:
			list[i].requests *= len(o.vpcHosts)
		case guideHTTPS:
			if !o.write {
				list[i].requests = 0
			}
		}
	}
	return list
}

func askUnauthenticated(ctx context.Context, m *inputs) (finding, error) {
	x, err := m.service.send(ctx, request{name: "without credentials", keep: true, anonymous: true})
	if err != nil {
		return finding{}, err
	}
	scheme, _, _ := strings.Cut(x.header.Get("Www-Authenticate"), " ")
	return found("%d, challenge %s", x.status, scheme), nil
}

func askWrongSignature(ctx context.Context, m *inputs) (finding, error) {
	x, err := m.service.send(ctx, request{name: "with a wrong signature", keep: true, signedPath: m.service.path + "-"})
	return found("%d", x.status), err
}

// missingName is the name of a repository that does not exist.
const missingName = "git-credential-codecommit-live-no-such-repository"

func askMissing(ctx context.Context, m *inputs) (finding, error) {
	x, err := m.service.send(ctx, request{name: "for a repository that does not exist", keep: true, path: "v1/repos/" + missingName})
	if err == nil && x.status == http.StatusForbidden {
		return notTested("403: the profile may not read other repositories, so a 404 is not seen"), nil
	}
	return found("%d", x.status), err
}

func askProactive(ctx context.Context, m *inputs) (finding, error) {
	x, err := m.service.send(ctx, request{fresh: true})
	return found("%d", x.status), err
}

func askReuse(ctx context.Context, m *inputs) (finding, error) {
	at := m.service.now()
	first, err := m.service.send(ctx, request{at: at})
	if err != nil {
		return finding{}, err
	}
	// Protocol version 2: list the refs, https://git-scm.com/docs/protocol-v2.
	const lsRefs = "0014command=ls-refs\n0000"
	second, err := m.service.send(ctx, request{at: at, operation: "/git-upload-pack", body: lsRefs, contentType: "application/x-git-upload-pack-request"})
	return found("%d, %d", first.status, second.status), err
}

func askOldest(ctx context.Context, m *inputs) (finding, error) {
	return askLimit(ctx, m, func(d time.Duration) time.Time { return m.service.now().Add(-d) })
}

func askNewest(ctx context.Context, m *inputs) (finding, error) {
	return askLimit(ctx, m, func(d time.Duration) time.Time { return m.service.now().Add(d) })
}

// maxLimit is the largest limit that askLimit can find.
const maxLimit = 128 // minutes

// askLimit finds the number of minutes for which a signature is accepted: half a
// minute less is accepted, half a minute more is not. It does not wait or change a
// clock.
func askLimit(ctx context.Context, m *inputs, at func(time.Duration) time.Time) (finding, error) {
	accepted := func(minutes int) (bool, error) {
		x, err := m.service.send(ctx, request{at: at(time.Duration(minutes)*time.Minute - 30*time.Second)})
		return x.status == http.StatusOK, err
	}
	if ok, err := accepted(maxLimit); ok || err != nil {
		return found("more than %d minutes", maxLimit), err
	}
	low, high := 0, maxLimit // low is accepted, high is not
	for high-low > 1 {
		middle := (low + high) / 2
		ok, err := accepted(middle)
		if err != nil {
			return finding{}, err
		}
		if ok {
			low = middle
		} else {
			high = middle
		}
	}
	return found("%d minutes", low), nil
}

// askBoth sends two requests and returns their statuses.
func askBoth(ctx context.Context, m *inputs, requests ...request) (finding, error) {
	var statuses []string
	for _, r := range requests {
		x, err := m.service.send(ctx, r)
		if err != nil {
			return finding{}, err
		}
		statuses = append(statuses, fmt.Sprint(x.status))
	}
	return found("%s", strings.Join(statuses, ", ")), nil
}

// askSignatures is askBoth for requests that the service may not support: it
// reports whether each signature was accepted, whatever the response was.
func askSignatures(ctx context.Context, m *inputs, requests ...request) (finding, error) {
	got, err := askBoth(ctx, m, requests...)
	if err != nil {
		return got, err
	}
	var words []string
	accepted := false
	for status := range strings.SplitSeq(got.answer, ", ") {
		if status == "401" || status == "403" {
			words = append(words, "refused")
			continue
		}
		words, accepted = append(words, "accepted"), true
	}
	if !accepted {
		return notTested("%s: the profile may not request it, or the service does not serve it", got.answer), nil
	}
	return finding{answer: strings.Join(words, ", "), detail: got.answer}, nil
}

func askDotGit(ctx context.Context, m *inputs) (finding, error) {
	path := m.service.path + ".git"
	return askSignatures(ctx, m, request{path: path}, request{path: path, signedPath: m.service.path})
}

func askTrailingSlash(ctx context.Context, m *inputs) (finding, error) {
	return askBoth(ctx, m, request{signedPath: m.service.path + "/"})
}

func askLFS(ctx context.Context, m *inputs) (finding, error) {
	const batch = "/info/lfs/objects/batch"
	// A download of no objects: the response depends only on the signature.
	const body = `{"operation": "download", "transfers": ["basic"], "objects": []}`
	lfs := request{path: m.service.path + ".git", operation: batch, body: body, contentType: "application/vnd.git-lfs+json"}
	repository, root, whole := lfs, lfs, lfs
	repository.signedPath = m.service.path
	root.signedPath = lfs.path + "/info/lfs"
	whole.signedPath = lfs.path + batch
	return askSignatures(ctx, m, repository, root, whole)
}

func askToken(ctx context.Context, m *inputs) (finding, error) {
	token := m.service.credentials.SessionToken
	if token == "" || url.QueryEscape(token) == token {
		return notTested("the credentials have no session token, or one without special characters"), nil
	}
	return askBoth(ctx, m, request{}, request{token: url.QueryEscape(token)})
}

func askRegionCase(ctx context.Context, m *inputs) (finding, error) {
	lower := m.service.endpoint.Host
	upper := strings.Replace(lower, "."+m.repository.Region+".", "."+strings.ToUpper(m.repository.Region)+".", 1)
	return askBoth(ctx, m, request{host: upper}, request{host: upper, signedHost: lower})
}

func askFIPS(ctx context.Context, m *inputs) (finding, error) {
	if !m.fips {
		return notTested("needs --fips"), nil
	}
	return askBoth(ctx, m, request{host: codecommit.Host(m.repository.Region, true)})
}

func askVPC(ctx context.Context, m *inputs) (finding, error) {
	if len(m.vpcHosts) == 0 {
		return notTested("needs --vpc-host"), nil
	}
	for _, host := range m.vpcHosts {
		if got, err := askBoth(ctx, m, request{host: host}); err != nil || got.answer != "200" {
			return got, err
		}
	}
	return found("200"), nil
}

// askSignIn sends no request: without a sign-in, there would be no credentials.
func askSignIn(_ context.Context, m *inputs) (finding, error) {
	switch m.chain.Source.(type) {
	case awsprofile.SSO, awsprofile.Login:
		return found("used"), nil
	}
	return notTested("the profile has none"), nil
}
