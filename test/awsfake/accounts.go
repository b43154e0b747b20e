package awsfake

// The administrators' users, who have every permission of this cloud's IAM in their
// account. The secrets are dummies.
const (
	AdminAARN               = "arn:aws:iam::" + AccountA + ":user/admin"
	AdminAAccessKeyID       = "AKIAIADMINA7EXAMPLE0"
	AdminASecretKey         = "aDm1nAsEcReT/K7MDENG/bPxRfiCYEXAMPLEKEY1"
	AdminBARN               = "arn:aws:iam::" + AccountB + ":user/admin"
	AdminBAccessKeyID       = "AKIAIADMINB7EXAMPLE0"
	AdminBSecretKey         = "aDm1nBsEcReT/K7MDENG/bPxRfiCYEXAMPLEKEY2"
	AdminAuditorARN         = "arn:aws:iam::" + AccountAuditor + ":user/admin"
	AdminAuditorAccessKeyID = "AKIAIADMINC7EXAMPLE0"
	AdminAuditorSecretKey   = "aDm1nCsEcReT/K7MDENG/bPxRfiCYEXAMPLEKEY3"
)

// Accounts are the accounts of the scenarios before any access was granted.
type Accounts struct {
	*Cloud
	Shared   Repository // SharedDemoRepo in account A
	MyShared Repository // MySharedDemoRepo in account A
	Namesake Repository // SharedDemoRepo in account B, with different contents
}

// StartAccounts starts a cloud with repositories in account A, users with keys but
// without permissions, an administrator in each account, and an instance in account
// B without a role. There are no roles.
func StartAccounts(config Config) (*Accounts, error) {
	c, err := Start(config)
	if err != nil {
		return nil, err
	}
	a := &Accounts{Cloud: c}
	if err := a.fill(); err != nil {
		c.Close()
		return nil, err
	}
	return a, nil
}

// addAdministrators adds a user with every permission of this cloud's IAM to each
// account.
func (c *Cloud) addAdministrators() error {
	const administrator = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["iam:*", "ec2:AssociateIamInstanceProfile"], "Resource": "*"}]}`
	for _, u := range []User{
		{ARN: AdminAARN, AccessKeys: []AccessKey{{AdminAAccessKeyID, AdminASecretKey}}},
		{ARN: AdminBARN, AccessKeys: []AccessKey{{AdminBAccessKeyID, AdminBSecretKey}}},
		{ARN: AdminAuditorARN, AccessKeys: []AccessKey{{AdminAuditorAccessKeyID, AdminAuditorSecretKey}}},
	} {
		u.Policies = []string{administrator}
		if err := c.AddUser(u); err != nil {
			return err
		}
	}
	return nil
}

func (a *Accounts) fill() error {
	for _, r := range []struct {
		at                    *Repository
		account, name, readme string
	}{
		{&a.Shared, AccountA, SharedDemoRepo, "The shared repository of account A.\n"},
		{&a.MyShared, AccountA, MySharedDemoRepo, "My shared repository of account A.\n"},
		{&a.Namesake, AccountB, SharedDemoRepo, "Not the shared repository: account B has one of the same name.\n"},
	} {
		made, err := a.CreateRepository(r.account, Region, r.name)
		if err != nil {
			return err
		}
		*r.at = made
		if err := a.Commit(made, map[string]string{"README.md": r.readme}); err != nil {
			return err
		}
	}
	if err := a.addAdministrators(); err != nil {
		return err
	}
	for _, u := range []User{
		{ARN: DeveloperARN, AccessKeys: []AccessKey{{DeveloperAccessKeyID, DeveloperSecretKey}}, MFADevices: []MFADevice{{DeveloperMFASerial, []string{DeveloperMFACode}}}},
		{ARN: AuditorARN, AccessKeys: []AccessKey{{AuditorAccessKeyID, AuditorSecretKey}}},
	} {
		if err := a.AddUser(u); err != nil {
			return err
		}
	}
	for _, issuer := range []string{GitHubIssuer, GitLabIssuer} {
		if err := a.AddIssuer(issuer); err != nil {
			return err
		}
	}
	a.SetInstance(&Instance{Region: Region})
	return nil
}
