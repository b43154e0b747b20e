package awsfake

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
)

// A Repository is a git repository at CodeCommit, or one that CodeConnections
// reaches.
type Repository struct {
	Account, Region, Name string

	// Connection is the ID of the connection; "" at CodeCommit.
	Connection string

	ARN string // of the repository, or of the connection
	URL string // for git, under the region's host name
	Dir string // the bare repository
}

// key is the repository's key in the cloud.
func (r Repository) key() string {
	if r.Connection == "" {
		return r.ARN
	}
	return r.ARN + "/" + r.Name
}

// path is where the repository is in the folder of the cloud's repositories.
func (r Repository) path() string {
	if r.Connection == "" {
		return r.Account + "/" + r.Region + "/" + r.Name
	}
	return r.Account + "/" + r.Region + "/connection/" + r.Connection + "/" + r.Name
}

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// CreateRepository makes an empty CodeCommit repository, whose default branch is main.
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
	if err := c.runGit(nil, "-c", "init.defaultBranch=main", "init", "--quiet", "--bare", r.Dir); err != nil {
		return Repository{}, err
	}
	if err := c.runGit(nil, "-C", r.Dir, "config", "http.receivepack", "true"); err != nil {
		return Repository{}, err
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

// Commit puts a first commit with these files (name → content) on the branch main.
// The same files always make the same commit.
func (c *Cloud) Commit(r Repository, files map[string]string) error {
	const author = "AWS CodeCommit <codecommit@example.com> 1767225600 +0000" // 2026-01-01
	var b bytes.Buffer
	const message = "Initial commit\n"
	fmt.Fprintf(&b, "commit refs/heads/main\nauthor %[1]s\ncommitter %[1]s\ndata %[2]d\n%[3]s", author, len(message), message)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "M 100644 inline %s\ndata %d\n%s\n", name, len(files[name]), files[name])
	}
	return c.runGit(&b, "-C", r.Dir, "fast-import", "--quiet")
}

func (c *Cloud) repositoriesDir() string { return filepath.Join(c.dir, "repositories") }

// runGit runs the cloud's own git, outside of all requests.
func (c *Cloud) runGit(input *bytes.Buffer, args ...string) error {
	cmd := exec.Command(c.git, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}, c.gitEnv()...)
	if input != nil {
		cmd.Stdin = input
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("awsfake: git %q: %w: %s", args, err, out)
	}
	return nil
}
