package awsfake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A lock is a git-lfs lock on a file.
// See https://github.com/git-lfs/git-lfs/blob/main/docs/api/locking.md
type lock struct {
	ID       string    `json:"id"`
	Path     string    `json:"path"`
	LockedAt time.Time `json:"locked_at"`
	Owner    struct {
		Name string `json:"name"`
	} `json:"owner"`
}

// serveLocks creates, lists, verifies and removes locks. A lock belongs to an IAM
// user or role, so that all sessions of a role share it.
func (c *Cloud) serveLocks(w http.ResponseWriter, r *http.Request, l lfsRequest) {
	operation := r.Method + " " + strings.TrimPrefix(l.operation, lfsRoot)
	action := "GitPush"
	if operation == "GET /locks" {
		action = "GitPull"
	}
	if !l.allowed(w, action) {
		return
	}
	var asked struct {
		Path  string
		Force bool
	}
	if body, err := readBody(r); err != nil || len(body) > 0 && json.Unmarshal(body, &asked) != nil {
		lfsError(w, http.StatusUnprocessableEntity, "the body is not a lock request")
		return
	}
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	key := l.repository.key()
	held := c.locks[key]
	mine := func(k lock) bool { return k.Owner.Name == l.key.of.text }
	switch {
	case operation == "POST /locks":
		if i := slices.IndexFunc(held, func(k lock) bool { return k.Path == asked.Path }); i >= 0 {
			writeLFS(w, http.StatusConflict, map[string]any{"lock": held[i], "message": "already created lock"})
			return
		}
		made := lock{ID: requestID(), Path: asked.Path, LockedAt: now.UTC().Truncate(time.Second)}
		made.Owner.Name = l.key.of.text
		c.locks[key] = append(held, made)
		writeLFS(w, http.StatusCreated, map[string]any{"lock": made})
	case operation == "GET /locks":
		query := r.URL.Query()
		found := []lock{}
		for _, k := range held {
			if (query.Get("path") == "" || query.Get("path") == k.Path) && (query.Get("id") == "" || query.Get("id") == k.ID) {
				found = append(found, k)
			}
		}
		writeLFS(w, http.StatusOK, map[string]any{"locks": found})
	case operation == "POST /locks/verify":
		ours, theirs := []lock{}, []lock{}
		for _, k := range held {
			if mine(k) {
				ours = append(ours, k)
			} else {
				theirs = append(theirs, k)
			}
		}
		writeLFS(w, http.StatusOK, map[string]any{"ours": ours, "theirs": theirs})
	case r.Method == http.MethodPost && strings.HasSuffix(operation, "/unlock"):
		id := strings.TrimSuffix(strings.TrimPrefix(operation, "POST /locks/"), "/unlock")
		i := slices.IndexFunc(held, func(k lock) bool { return k.ID == id })
		switch {
		case i < 0:
			lfsError(w, http.StatusNotFound, "no such lock")
		case !mine(held[i]) && !asked.Force:
			lfsError(w, http.StatusForbidden, "the lock belongs to "+held[i].Owner.Name)
		default:
			gone := held[i]
			c.locks[key] = slices.Delete(held, i, i+1)
			writeLFS(w, http.StatusOK, map[string]any{"lock": gone})
		}
	default:
		lfsError(w, http.StatusNotFound, "no such operation on locks")
	}
}
