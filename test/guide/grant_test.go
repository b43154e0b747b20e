package guide

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"git-credential-codecommit/test/awsfake"
	"git-credential-codecommit/test/program"
)

// A grant is the output of policy --format json.
type grant struct {
	UserAccount struct {
		Account, PolicyHolder, InstanceProfile string
		InstanceTrustPolicy, AssumeRolePolicy  json.RawMessage
	}
	RepositoryAccount struct {
		Account, Role             string
		MaxSessionDuration        int
		TrustPolicy, AccessPolicy json.RawMessage
	}
	User struct{ Profile, Setup string }
}

// without returns the documents of a grant with one document, or one action in a
// document, removed. A role must have a trust policy, so a removed one is replaced
// by one that allows none of the callers.
func (g grant) without(what string) grant {
	const nobody = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}]}`
	const otherService = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`
	switch what {
	case "":
	case "trust policy":
		g.RepositoryAccount.TrustPolicy = json.RawMessage(nobody)
	case "access policy":
		g.RepositoryAccount.AccessPolicy = nil
	case "assume-role policy":
		g.UserAccount.AssumeRolePolicy = nil
	case "instance trust policy":
		g.UserAccount.InstanceTrustPolicy = json.RawMessage(otherService)
	case "instance profile":
		g.UserAccount.InstanceProfile = ""
	default: // an action
		g.RepositoryAccount.AccessPolicy = json.RawMessage(strings.ReplaceAll(string(g.RepositoryAccount.AccessPolicy), `"codecommit:`+what+`"`, `"codecommit:GetTree"`))
	}
	return g
}

// apply does what both administrators do.
func (g grant) apply(t *testing.T, cloud *awsfake.Accounts) {
	t.Helper()
	policies := func(documents ...json.RawMessage) (there []string) {
		for _, d := range documents {
			if d != nil {
				there = append(there, string(d))
			}
		}
		return there
	}
	a, b := g.RepositoryAccount, g.UserAccount
	var err error
	switch {
	case b.InstanceTrustPolicy != nil:
		err = cloud.AddRole(awsfake.Role{ARN: b.PolicyHolder, Trust: string(b.InstanceTrustPolicy), Policies: policies(b.AssumeRolePolicy)})
		instance := &awsfake.Instance{Region: awsfake.Region}
		if b.InstanceProfile != "" {
			instance.Role = b.PolicyHolder
		}
		cloud.SetInstance(instance)
	case b.Account == awsfake.AccountAuditor:
		err = cloud.AddUser(awsfake.User{
			ARN: awsfake.AuditorARN, AccessKeys: []awsfake.AccessKey{{ID: awsfake.AuditorAccessKeyID, Secret: awsfake.AuditorSecretKey}},
			Policies: policies(b.AssumeRolePolicy),
		})
	default: // the developer, in the group or by name
		err = cloud.AddUser(awsfake.User{
			ARN: awsfake.DeveloperARN, AccessKeys: []awsfake.AccessKey{{ID: awsfake.DeveloperAccessKeyID, Secret: awsfake.DeveloperSecretKey}},
			MFADevices: []awsfake.MFADevice{{Serial: awsfake.DeveloperMFASerial, Codes: []string{awsfake.DeveloperMFACode}}},
			Policies:   policies(b.AssumeRolePolicy),
		})
	}
	if err == nil {
		err = cloud.AddRole(awsfake.Role{
			ARN: a.Role, Trust: string(a.TrustPolicy), Policies: policies(a.AccessPolicy),
			MaxSession: time.Duration(a.MaxSessionDuration) * time.Second,
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// policy's documents are sufficient to clone and push between accounts without any
// earlier access. Without any one of them neither works, and doctor reports what
// the guide explains.
func TestGrant(t *testing.T) {
	t.Parallel()
	needShell(t)
	guide, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(guideFile)))
	if err != nil {
		t.Fatal(err)
	}
	const repository = "arn:aws:codecommit:us-east-2:111122223333:SharedDemoRepo"
	const url = "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/SharedDemoRepo"
	const (
		notAllowedToAssume = "is not allowed to assume"
		notAllowedToPull   = "is not allowed to use codecommit:GitPull"
		notAllowedToPush   = "is not allowed to use codecommit:GitPush"
	)
	people := map[string]string{"trust policy": notAllowedToAssume, "assume-role policy": notAllowedToAssume, "access policy": notAllowedToPull, "GitPull": notAllowedToPull, "GitPush": notAllowedToPush}
	// doctor does not prompt for a code, so it stops earlier.
	const wantsCode = "requires an MFA code, and no session is stored"
	withMFA := map[string]string{"trust policy": wantsCode, "assume-role policy": wantsCode, "access policy": notAllowedToPull, "GitPull": notAllowedToPull, "GitPush": notAllowedToPush}
	for name, tt := range map[string]struct {
		flags   string
		keyID   string
		secret  string
		scope   string            // of setup
		needs   map[string]string // what is required → doctor's message if it is missing
		reading bool
		// spoil is what the user omits from the setup command.
		spoil string
	}{
		"a group": {
			flags: "--role Contributors --trust-account 888888888888",
			keyID: awsfake.DeveloperAccessKeyID, secret: awsfake.DeveloperSecretKey, needs: people,
		},
		"one user, git only": {
			flags: "--role Contributor --trust-account 888888888888 --trust-user developer --git-only",
			keyID: awsfake.DeveloperAccessKeyID, secret: awsfake.DeveloperSecretKey, needs: people,
		},
		"MFA": {
			flags: "--role Careful --trust-account 888888888888 --require-mfa --max-session 2h",
			keyID: awsfake.DeveloperAccessKeyID, secret: awsfake.DeveloperSecretKey, needs: withMFA,
			spoil: " --mfa-serial arn:aws:iam::888888888888:mfa/developer",
		},
		"instances": {
			flags: "--role CrossAccountRepoAccessRole --trust-account 888888888888 --ec2-role MyInstanceRole",
			scope: " --scope system",
			needs: map[string]string{
				"trust policy": notAllowedToAssume, "assume-role policy": notAllowedToAssume, "access policy": notAllowedToPull, "GitPull": notAllowedToPull, "GitPush": notAllowedToPush,
				"instance trust policy": "EC2 is not allowed to assume the instance role", "instance profile": "the EC2 instance has no role",
			},
		},
		"auditors": {
			flags: "--role Auditors --trust-account 444455556666 --external-id Example42 --read-only",
			keyID: awsfake.AuditorAccessKeyID, secret: awsfake.AuditorSecretKey, reading: true,
			needs: map[string]string{"trust policy": notAllowedToAssume, "assume-role policy": notAllowedToAssume, "access policy": notAllowedToPull, "GitPull": notAllowedToPull},
			spoil: " --external-id Example42",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := accountsCloud(t)
			p := newPersona(t, cloud, tt.keyID, tt.secret)
			var g grant
			if err := json.Unmarshal([]byte(p.must(t, "git-credential-codecommit policy "+repository+" "+tt.flags)), &g); err != nil {
				t.Fatal(err)
			}
			setup := strings.ReplaceAll(g.User.Setup, ":mfa/DEVICE", ":mfa/developer")
			doctor, clone := "git-credential-codecommit doctor "+url, "git clone --quiet "+url+" "
			if tt.reading {
				doctor += " --read-only"
			}
			if strings.Contains(tt.flags, "--require-mfa") { // git asks for the code
				doctor = "git ls-remote --quiet " + url + " || :; " + doctor
			}
			// again starts over: no session is stored, and no code has been used.
			again := func(g grant) {
				if err := os.RemoveAll(filepath.Join(p.home, ".aws", "cli")); err != nil {
					t.Fatal(err)
				}
				g.apply(t, cloud)
			}
			mustFail := func(script, because string) {
				t.Helper()
				if out, err := p.sh(t, script); err == nil {
					t.Errorf("%s, %s: it works\n%s", script, because, out)
				}
			}
			p.must(t, setup)
			mustFail(clone+"before", "before any script was run")

			again(g)
			p.must(t, clone+"work")
			again(g)
			p.must(t, doctor)
			p.must(t, "git -C work commit --quiet --allow-empty -m first")
			const push = "git -C work push --quiet"
			if tt.reading {
				mustFail(push, "for a reader")
			} else {
				p.must(t, push)
				p.must(t, clone+"again; git -C again diff --exit-code $(git -C work rev-parse HEAD)")
			}

			for what, says := range tt.needs {
				because := "without the " + what
				lacking := g.without(what)
				again(lacking)
				report, err := p.sh(t, doctor)
				if line, _ := program.FirstFailed(report); err == nil || !strings.Contains(line, says) {
					t.Errorf("%s doctor reports (%v) %q, want %q", because, err, line, says)
				}
				if !strings.Contains(string(guide), says) {
					t.Errorf("the guide does not explain %q", says)
				}
				again(lacking)
				if what == "GitPush" {
					p.must(t, clone+"reader")
				} else {
					mustFail(clone+"none", because)
				}
				again(lacking)
				if what != "GitPull" { // git pushes without
					mustFail(push, because)
				}
			}

			if tt.spoil != "" {
				again(g)
				p.must(t, "git-credential-codecommit setup --undo")
				if !strings.Contains(setup, tt.spoil) {
					t.Fatalf("%s lacks %s", setup, tt.spoil)
				}
				p.must(t, strings.Replace(setup, tt.spoil, "", 1))
				mustFail(clone+"none", "without"+tt.spoil)
			}
			p.must(t, "git-credential-codecommit setup --undo"+tt.scope)
		})
	}
}
