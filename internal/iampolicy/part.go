package iampolicy

import "fmt"

// A Part is what one of the people involved needs.
type Part string

// The parts, by the people who need them.
const (
	ForAll               Part = ""
	ForUserAccount       Part = "user-account"
	ForRepositoryAccount Part = "repository-account"
	ForUser              Part = "user"
)

// Accounts returns the parts for administrators, in the order in which they must be
// applied.
func (a Access) Accounts() []Part {
	if a.UserAccount == nil {
		return []Part{ForRepositoryAccount}
	}
	return []Part{ForUserAccount, ForRepositoryAccount}
}

// Account returns the ID of the account of a part, which must be one of Accounts.
func (a Access) Account(part Part) string {
	if part == ForUserAccount {
		return a.UserAccount.Account
	}
	return a.RepositoryAccount.Account
}

// heading returns the comment above the part of one account.
func (a Access) heading(part Part) string {
	switch {
	case part == ForUserAccount:
		return comment("For the administrator of the users' account " + a.UserAccount.Account + ".\n")
	case a.UserAccount == nil:
		return comment("For the administrator of the repository's account " + a.RepositoryAccount.Account + ".\n")
	}
	return comment("For the administrator of the repository's account " + a.RepositoryAccount.Account + ", after the other account.\n")
}

// User returns the text for the user: comments, and the setup command.
func (a Access) User() []byte {
	return []byte(comment(a.Client.notes()) + a.Client.Setup + "\n")
}

// A DocumentKind is the kind of a single document.
type DocumentKind string

// The kinds of documents. WebIdentityTrust is the trust policy of the role that CI
// jobs assume in their account.
const (
	TrustDocument            DocumentKind = "trust"
	AccessDocument           DocumentKind = "access"
	AssumeRoleDocument       DocumentKind = "assume-role"
	InstanceTrustDocument    DocumentKind = "instance-trust"
	WebIdentityTrustDocument DocumentKind = "web-identity-trust"
	ProfileDocument          DocumentKind = "profile"
)

// Document returns a single document in the form that the console, the AWS CLI's
// file:// and the AWS config file accept. It returns an error if this access has no
// such document.
func (a Access) Document(kind DocumentKind) ([]byte, error) {
	var d *Document
	switch kind {
	case ProfileDocument:
		return []byte(a.Client.Profile), nil
	case TrustDocument:
		d = &a.RepositoryAccount.TrustPolicy
	case AccessDocument:
		d = &a.RepositoryAccount.AccessPolicy
	case AssumeRoleDocument:
		if a.UserAccount != nil {
			d = &a.UserAccount.AssumeRolePolicy
		}
	case InstanceTrustDocument:
		if a.UserAccount != nil {
			d = a.UserAccount.InstanceTrustPolicy
		}
	case WebIdentityTrustDocument:
		d = a.webIdentityTrust()
	}
	if d == nil {
		return nil, fmt.Errorf("these flags produce no document %q", kind)
	}
	return []byte(d.indented() + "\n"), nil
}
