package iampolicy

import (
	"fmt"
	"slices"
	"strings"

	"git-credential-codecommit/internal/arn"
	"git-credential-codecommit/internal/codecommit"
)

// A Repository is the ARN that git gets access to: a CodeCommit repository, or a
// CodeConnections connection to repositories of another provider.
type Repository struct {
	Partition string // aws, aws-cn, …
	Region    string
	Account   string
	Name      string // "" for a connection
	// Connection is the ID of a connection; "" for a CodeCommit repository.
	Connection string
}

// NewRepository returns the CodeCommit repository with a name. The region
// determines the partition.
func NewRepository(region, account, name string) (Repository, error) {
	r, err := newRepository(region, account)
	if err != nil {
		return Repository{}, err
	}
	r.Name = name
	return r, codecommit.CheckRepository(name)
}

// newRepository returns a Repository without name and connection.
func newRepository(region, account string) (Repository, error) {
	if !codecommit.ValidRegion(region) || region != strings.ToLower(region) {
		return Repository{}, fmt.Errorf("region %q is not a region, such as us-east-2", region)
	}
	return Repository{Partition: codecommit.PartitionOf(region).ID, Region: region, Account: account}, checkAccount(account)
}

// ParseRepository reads the ARN of a CodeCommit repository,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodecommit.html#awscodecommit-resources-for-iam-policies,
// or of a connection, by either name of the service,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeconnections.html#awscodeconnections-resources-for-iam-policies.
func ParseRepository(s string) (Repository, error) {
	a, err := arn.Parse(s)
	id, isConnection := strings.CutPrefix(a.Resource, "connection/")
	isConnection = isConnection && slices.Contains(connectionServices, a.Service)
	if err != nil || a.Service != "codecommit" && !isConnection || strings.Contains(a.Resource, ":") {
		return Repository{}, fmt.Errorf("%q is not the ARN of a repository such as arn:aws:codecommit:us-east-2:111122223333:NAME, or of a connection", s)
	}
	var r Repository
	if isConnection {
		r, err = newConnection(a.Region, a.AccountID, id)
	} else {
		r, err = NewRepository(a.Region, a.AccountID, a.Resource)
	}
	if err != nil {
		return Repository{}, fmt.Errorf("ARN %q: %w", s, err)
	}
	if a.Partition != r.Partition {
		return Repository{}, fmt.Errorf("ARN %q: the region %s is in the partition %s, not in %q", s, r.Region, r.Partition, a.Partition)
	}
	return r, nil
}

// connectionServices are the names of CodeConnections in ARNs and actions. The
// second one is the former name, which existing connections keep:
// https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html.
var connectionServices = []string{"codeconnections", "codestar-connections"}

func newConnection(region, account, id string) (Repository, error) {
	r, err := newRepository(region, account)
	if err == nil && !connectionPattern.matches(id) {
		err = fmt.Errorf("connection %q is not an ID of letters, digits and hyphens", id)
	}
	r.Connection = id
	return r, err
}

func (r Repository) String() string {
	if r.Connection != "" {
		return r.connectionARN(connectionServices[0])
	}
	return "arn:" + r.Partition + ":codecommit:" + r.Region + ":" + r.Account + ":" + r.Name
}

// connectionARN returns the ARN of the connection with one of the service's names.
func (r Repository) connectionARN(service string) string {
	return "arn:" + r.Partition + ":" + service + ":" + r.Region + ":" + r.Account + ":connection/" + r.Connection
}

// A Kind is the kind of an Entity, as in ARNs.
type Kind string

// The kinds of entities. Root represents the whole account.
const (
	Root  Kind = "root"
	Role  Kind = "role"
	User  Kind = "user"
	group Kind = "group"
)

// An Entity is the ARN of an IAM identity:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns.
type Entity struct {
	Partition string
	Account   string
	Kind      Kind
	Path      string // starts and ends with a slash; "" for Root
	Name      string // "" for Root
}

// AccountRoot returns the principal that represents a whole account in a trust
// policy: every identity that the account's administrator allows to assume the
// role.
func AccountRoot(partition, account string) (Entity, error) {
	return Entity{Partition: partition, Account: account, Kind: Root}, checkAccount(account)
}

// ParseEntity parses s: the ARN of a role or user, or its name with or without a
// path (NAME, team/NAME) in the given partition and account. If account is empty, s
// must be an ARN; otherwise an ARN must belong to that account.
func ParseEntity(kind Kind, partition, account, s string) (Entity, error) {
	rest := s
	if strings.HasPrefix(s, "arn:") {
		a, err := arn.Parse(s)
		if err != nil || a.Service != "iam" || a.Region != "" || !strings.HasPrefix(a.Resource, string(kind)+"/") {
			return Entity{}, fmt.Errorf("%q is not the ARN of a %[2]s such as arn:%[3]s:iam::888888888888:%[2]s/NAME", s, kind, partition)
		}
		if a.Partition != partition {
			return Entity{}, fmt.Errorf("ARN %q: the repository is in the partition %s, and a role cannot be trusted across partitions", s, partition)
		}
		if account != "" && a.AccountID != account {
			return Entity{}, fmt.Errorf("ARN %q belongs to another account, not to %s", s, account)
		}
		account, rest = a.AccountID, a.Resource[len(kind)+1:]
	}
	if err := checkAccount(account); err != nil {
		return Entity{}, err
	}
	i := strings.LastIndexByte(rest, '/') + 1
	e := Entity{Partition: partition, Account: account, Kind: kind, Path: "/" + strings.TrimPrefix(rest[:i], "/"), Name: rest[i:]}
	if err := checkName(string(kind)+" name", e.Name); err != nil {
		return Entity{}, err
	}
	return e, checkPath(e.Path)
}

func (e Entity) String() string {
	return "arn:" + e.Partition + ":iam::" + e.Account + ":" + string(e.Kind) + e.Path + e.Name
}

// MarshalText returns the ARN.
func (e Entity) MarshalText() ([]byte, error) { return []byte(e.String()), nil }
