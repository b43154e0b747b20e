package awsfake

import (
	"net/http"
	"time"
)

// A ContainerTask is the task, job or pod (in ECS, CodeBuild or EKS) for which the
// container credentials endpoint issues credentials.
type ContainerTask struct {
	Role string // ARN
	Path string // for example /v2/credentials/7a1c3e9b, with the leading slash
	// Authorization is the value of that header that the client must send; "" for
	// none.
	Authorization string
	// SessionLength is how long the credentials are valid; zero means six hours.
	SessionLength time.Duration
}

// containerServices are the services that may assume the role of a container.
var containerServices = []string{"ecs-tasks.amazonaws.com", "codebuild.amazonaws.com", "pods.eks.amazonaws.com"}

// SetContainer sets the task that the container credentials endpoint serves; nil
// for none.
func (c *Cloud) SetContainer(t *ContainerTask) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.containerKey = nil
	c.containerDef = nil
	if t != nil {
		copied := *t
		c.containerDef = &copied
		if t.Authorization != "" {
			c.secrets = append(c.secrets, t.Authorization)
		}
	}
}

// serveContainer is the container credentials endpoint.
// See https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
func (c *Cloud) serveContainer(w http.ResponseWriter, r *http.Request) {
	entry := c.record(r, Container)
	c.note(entry, func(entry *Request) {
		entry.Action = "GetCredentials"
		entry.Proxied = r.URL.IsAbs()
	})
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		now := c.Now()
		c.mu.Lock()
		defer c.mu.Unlock()
		refuse := func(status int, code, message string) {
			writeJSON(w, status, map[string]string{"code": code, "message": message})
		}
		t := c.containerDef
		if t == nil || r.Method != http.MethodGet || r.URL.Path != t.Path {
			refuse(http.StatusBadRequest, "InvalidIdInRequest", "CredentialsV2Request: Credentials not found")
			return
		}
		if t.Authorization != "" && r.Header.Get("Authorization") != t.Authorization {
			refuse(http.StatusUnauthorized, "AccessDeniedException", "Unauthorized: the authorization token is missing or not the right one")
			return
		}
		role := c.roles[t.Role]
		if role == nil || !trustsContainers(role) {
			refuse(http.StatusBadRequest, "AccessDeniedException", "Unauthorized Exception! EKS does not have permissions to assume the associated role.")
			return
		}
		length := t.SessionLength
		if length == 0 {
			length = 6 * time.Hour
		}
		if c.containerKey == nil || c.containerKey.Expiration.Sub(now) < 5*time.Minute && t.SessionLength == 0 {
			c.containerKey = c.newSession(&role.identity, true, "container-session", now, length)
		}
		writeJSON(w, http.StatusOK, map[string]string{
			"RoleArn":         t.Role,
			"AccountId":       role.arn.account,
			"AccessKeyId":     c.containerKey.AccessKeyID,
			"SecretAccessKey": c.containerKey.SecretAccessKey,
			"Token":           c.containerKey.SessionToken,
			"Expiration":      c.containerKey.Expiration.Format(time.RFC3339),
		})
	})
}

func trustsContainers(r *role) bool {
	for _, service := range containerServices {
		if decide([]*policy{r.trust}, question{action: "sts:AssumeRole", asker: asker{service: service}}) == allowed {
			return true
		}
	}
	return false
}
