package awsfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// An Instance is the EC2 instance that the metadata service describes.
type Instance struct {
	Role   string // ARN of the role in the instance profile; empty for none
	Region string

	V2Only bool // requires a token (HttpTokens=required)
	NoV2   bool // supports no tokens, like some emulators of the service

	// SessionLength is how long the role's credentials are valid; zero means six
	// hours.
	SessionLength time.Duration
	// Expired makes the service return credentials that expired an hour ago.
	Expired bool
	// RenamedFrom is the role's former name. It is still listed, but requesting it
	// returns 404.
	RenamedFrom string
	// Code replaces the credentials document by one with this code, for example
	// AssumeRoleUnauthorizedAccess; "" for Success.
	Code string
}

// errorPage is the format of the metadata service's errors.
const errorPage = `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"
	"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>%[1]d - %[2]s</title>
 </head>
 <body>
  <h1>%[1]d - %[2]s</h1>
 </body>
</html>
`

// SetInstance sets the instance of the metadata service. Nil makes the service
// answer every request with 404, like outside EC2. Fail makes it unreachable.
func (c *Cloud) SetInstance(i *Instance) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instanceKey = nil
	c.instance = nil
	if i != nil {
		copied := *i
		c.instance = &copied
	}
}

const (
	tokenPath       = "/latest/api/token"
	credentialsPath = "/latest/meta-data/iam/security-credentials/"
	regionPath      = "/latest/meta-data/placement/region"
	documentPath    = "/latest/dynamic/instance-identity/document"

	maxTokenTTL = 21600 // seconds, six hours
)

// serveMetadata is the instance metadata service, versions 1 and 2.
// See https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
func (c *Cloud) serveMetadata(w http.ResponseWriter, r *http.Request) {
	entry := c.record(r, Metadata)
	c.note(entry, func(entry *Request) {
		entry.Action = metadataAction(r)
		entry.Proxied = r.URL.IsAbs()
	})
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "EC2ws")
		c.mu.Lock()
		var i Instance
		there := c.instance != nil
		if there {
			i = *c.instance
		}
		c.mu.Unlock()
		switch {
		case !there:
			metadataError(w, http.StatusNotFound)
		case r.URL.Path == tokenPath:
			c.putToken(w, r, i)
		case r.Method != http.MethodGet:
			metadataError(w, http.StatusMethodNotAllowed)
		case !c.tokenGood(r, i):
			metadataError(w, http.StatusUnauthorized)
		default:
			c.getMetadata(w, r, i)
		}
	})
}

func metadataAction(r *http.Request) string {
	path := r.URL.Path
	switch {
	case path == tokenPath:
		return "PutToken"
	case path == credentialsPath || path+"/" == credentialsPath:
		return "GetRoleName"
	case strings.HasPrefix(path, credentialsPath):
		return "GetCredentials"
	case path == regionPath:
		return "GetRegion"
	case path == documentPath:
		return "GetIdentityDocument"
	}
	return ""
}

func metadataError(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	fmt.Fprintf(w, errorPage, status, http.StatusText(status))
}

func (c *Cloud) putToken(w http.ResponseWriter, r *http.Request, i Instance) {
	if i.NoV2 {
		metadataError(w, http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPut {
		metadataError(w, http.StatusMethodNotAllowed)
		return
	}
	// A request through a proxy gets no token, which is one of the protections of
	// version 2.
	if r.Header.Get("X-Forwarded-For") != "" {
		metadataError(w, http.StatusForbidden)
		return
	}
	ttl, err := strconv.Atoi(r.Header.Get("X-aws-ec2-metadata-token-ttl-seconds"))
	if err != nil || ttl < 1 || ttl > maxTokenTTL {
		metadataError(w, http.StatusBadRequest)
		return
	}
	token := "AQAEA" + strings.NewReplacer("+", "-", "/", "_").Replace(randomSecret(36)) + "=="
	now := c.Now()
	c.mu.Lock()
	c.imdsTokens[token] = now.Add(time.Duration(ttl) * time.Second)
	c.secrets = append(c.secrets, token)
	c.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("X-aws-ec2-metadata-token-ttl-seconds", strconv.Itoa(ttl))
	fmt.Fprint(w, token)
}

// tokenGood reports whether a request has a valid token or needs none.
func (c *Cloud) tokenGood(r *http.Request, i Instance) bool {
	token := r.Header.Get("X-aws-ec2-metadata-token")
	if token == "" || i.NoV2 {
		return !i.V2Only
	}
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	return now.Before(c.imdsTokens[token])
}

func (c *Cloud) getMetadata(w http.ResponseWriter, r *http.Request, i Instance) {
	w.Header().Set("Content-Type", "text/plain")
	roleName := i.Role[strings.LastIndexByte(i.Role, '/')+1:]
	switch action := metadataAction(r); {
	case action == "GetRoleName" && i.RenamedFrom != "":
		fmt.Fprint(w, i.RenamedFrom)
	case action == "GetRoleName" && roleName != "":
		fmt.Fprint(w, roleName)
	case action == "GetCredentials" && roleName != "" && r.URL.Path == credentialsPath+roleName:
		writeJSON(w, http.StatusOK, c.instanceCredentials(i, roleName))
	case action == "GetRegion" && i.Region != "":
		fmt.Fprint(w, i.Region)
	case action == "GetIdentityDocument":
		account, _ := parseARN(i.Role) // without a role the document has no account
		writeJSON(w, http.StatusOK, map[string]string{
			"accountId":        account.account,
			"region":           i.Region,
			"availabilityZone": i.Region + "a",
			"instanceId":       "i-1234567890abcdef0",
			"instanceType":     "t3.micro",
			"architecture":     "x86_64",
			"privateIp":        "10.158.112.84",
			"version":          "2017-09-30",
		})
	default:
		metadataError(w, http.StatusNotFound)
	}
}

// instanceCredentials returns the document with the credentials of the instance's
// role. They change five minutes before they expire.
// See https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
func (c *Cloud) instanceCredentials(i Instance, roleName string) map[string]string {
	const layout = "2006-01-02T15:04:05Z"
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	failed := func(code, message string) map[string]string {
		return map[string]string{"Code": code, "Message": message, "LastUpdated": now.UTC().Format(layout)}
	}
	r := c.roles[i.Role]
	switch {
	case i.Code != "":
		return failed(i.Code, "The instance's credentials are not available.")
	case r == nil:
		return failed("InvalidInstanceProfile", "The role of the instance profile does not exist.")
	case decide([]*policy{r.trust}, question{action: "sts:AssumeRole", asker: asker{service: "ec2.amazonaws.com"}}) != allowed:
		return failed("AssumeRoleUnauthorizedAccess", "EC2 cannot assume the role "+roleName+". Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.")
	}
	length := i.SessionLength
	if length == 0 {
		length = 6 * time.Hour
	}
	if i.Expired {
		length = -time.Hour
	}
	if c.instanceKey == nil || c.instanceKey.Expiration.Sub(now) < 5*time.Minute && i.SessionLength == 0 {
		c.instanceKey = c.newSession(&r.identity, true, "i-1234567890abcdef0", now, length)
	}
	return map[string]string{
		"Code":            "Success",
		"LastUpdated":     c.instanceKey.issued.UTC().Format(layout),
		"Type":            "AWS-HMAC",
		"AccessKeyId":     c.instanceKey.AccessKeyID,
		"SecretAccessKey": c.instanceKey.SecretAccessKey,
		"Token":           c.instanceKey.SessionToken,
		"Expiration":      c.instanceKey.Expiration.Format(layout),
	}
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.Encode(value) //nolint:errcheck // the client may have disconnected
}
