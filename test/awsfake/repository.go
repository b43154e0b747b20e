package awsfake

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// A Repository is a git repository at CodeCommit, or one that CodeConnections
// reaches.
type Repository struct {
	Account, Region, Name string

	// Connection is the ID of the connection; "" for CodeCommit.
	Connection string

	ARN string // ARN of the repository, or of the connection
	URL string // for git, under the region's host name
	Dir string // the bare repository
}

// key returns the repository's key in the cloud.
func (r Repository) key() string {
	if r.Connection == "" {
		return r.ARN
	}
	return r.ARN + "/" + r.Name
}

// path returns the repository's path in the folder of the cloud's repositories.
func (r Repository) path() string {
	if r.Connection == "" {
		return r.Account + "/" + r.Region + "/" + r.Name
	}
	return r.Account + "/" + r.Region + "/connection/" + r.Connection + "/" + r.Name
}

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// CreateRepository creates an empty CodeCommit repository whose default branch is
// main.
func (c *Cloud) CreateRepository(account, region, name string) (Repository, error) {
	partition, suffix := partitionOf(region)
	if !isAccount(account) || !repositoryName.MatchString(name) || name == "." || name == ".." {
		return Repository{}, fmt.Errorf("awsfake: repository %q in account %q", name, account)
	}
	r := Repository{
		Account: account, Region: region, Name: name,
		ARN: fmt.Sprintf("arn:%s:codecommit:%s:%s:%s", partition, region, account, name),
		URL: fmt.Sprintf("https://git-codecommit.%s.%s/v1/repos/%s", region, suffix, name),
	}
	return c.addRepository(r)
}

// addRepository makes the bare repository.
func (c *Cloud) addRepository(r Repository) (Repository, error) {
	r.Dir = filepath.Join(c.repositoriesDir(), filepath.FromSlash(r.path()))
	if _, err := os.Stat(r.Dir); err == nil {
		return Repository{}, fmt.Errorf("awsfake: repository %s: exists already", r.key())
	}
	if err := makeBare(r.Dir); err != nil {
		return Repository{}, fmt.Errorf("awsfake: repository %s: %w", r.key(), err)
	}
	c.mu.Lock()
	c.repositories[r.key()] = r
	c.mu.Unlock()
	return r, nil
}

// DeleteRepository removes a repository from the cloud but keeps its files.
func (c *Cloud) DeleteRepository(r Repository) {
	c.mu.Lock()
	delete(c.repositories, r.key())
	c.mu.Unlock()
}

// Commit adds a first commit with these files (name → content), all in the root
// folder, to the branch main. The same files always produce the same commit.
func (c *Cloud) Commit(r Repository, files map[string]string) error {
	if err := commit(r.Dir, files); err != nil {
		return fmt.Errorf("awsfake: repository %s: %w", r.key(), err)
	}
	return nil
}

func (c *Cloud) repositoriesDir() string { return filepath.Join(c.dir, "repositories") }
