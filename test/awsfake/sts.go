package awsfake

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// Limits on the duration of role sessions.
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const (
	minSession     = 15 * time.Minute
	maxSession     = 12 * time.Hour
	maxChained     = time.Hour
	defaultSession = time.Hour
	maxUserSession = 36 * time.Hour // of GetSessionToken
)

var sessionNamePattern = regexp.MustCompile(`^[\w+=,.@-]*$`)

func stsErrorBody(code, message string) string {
	return fmt.Sprintf(`<ErrorResponse xmlns="%s">
  <Error>
    <Type>Sender</Type>
    <Code>%s</Code>
    <Message>%s</Message>
  </Error>
  <RequestId>%s</RequestId>
</ErrorResponse>
`, stsNamespace, escapeXML(code), escapeXML(message), requestID())
}

// serveSTS is STS's query API, with form parameters and XML responses.
func (c *Cloud) serveSTS(w http.ResponseWriter, r *http.Request, e endpoint) {
	body, err := readBody(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client disconnected
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form) == 0 {
		form = r.URL.Query()
	}
	entry := c.record(r, STS)
	c.note(entry, func(entry *Request) {
		entry.Action = form.Get("Action")
		entry.Params = publicParams(form)
		if a, refusal := parseAuthorization(r.Header.Get("Authorization")); refusal == nil {
			entry.AccessKeyID = a.accessKeyID
		}
	})
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		result, refusal := c.callSTS(r, body, form, e)
		w.Header().Set("Content-Type", "text/xml")
		id := requestID()
		w.Header().Set("x-amzn-RequestId", id)
		if refusal != nil {
			w.WriteHeader(refusal.status)
			fmt.Fprint(w, stsErrorBody(refusal.code, refusal.message))
			return
		}
		action := form.Get("Action")
		fmt.Fprintf(w, "<%[1]sResponse xmlns=%[2]q>\n  <%[1]sResult>\n%[3]s  </%[1]sResult>\n  <ResponseMetadata>\n    <RequestId>%[4]s</RequestId>\n  </ResponseMetadata>\n</%[1]sResponse>\n",
			action, stsNamespace, result, id)
	})
}

// knownParams are the supported parameters. Others are errors, so that tests cannot
// assume that they had an effect.
var knownParams = []string{
	"Action", "Version", "RoleArn", "RoleSessionName", "DurationSeconds",
	"ExternalId", "SerialNumber", "TokenCode", "WebIdentityToken",
}

// callSTS performs an operation and returns the content of its Result element.
func (c *Cloud) callSTS(r *http.Request, body []byte, form url.Values, e endpoint) (string, *apiError) {
	action := form.Get("Action")
	if form.Get("Version") != "2011-06-15" {
		return "", &apiError{400, "NoSuchVersion", fmt.Sprintf("The requested version (%s) is not valid", form.Get("Version"))}
	}
	for name := range form {
		if !slices.Contains(knownParams, name) {
			return "", &apiError{400, "InvalidParameterValue", "awsfake does not support the parameter " + name}
		}
	}
	if action == "AssumeRoleWithWebIdentity" { // the only unsigned operation
		return c.assumeRoleWithWebIdentity(form, e)
	}
	operation := map[string]func(*credential, url.Values, endpoint) (string, *apiError){
		"AssumeRole":        c.assumeRole,
		"GetCallerIdentity": c.getCallerIdentity,
		"GetSessionToken":   c.getSessionToken,
	}[action]
	if operation == nil {
		return "", &apiError{400, "InvalidAction", fmt.Sprintf("Could not find operation %s for version 2011-06-15", action)}
	}
	caller, refusal := c.authenticate(r, body, e)
	if refusal != nil {
		return "", refusal
	}
	return operation(caller, form, e)
}

// getCallerIdentity needs no permission.
func (c *Cloud) getCallerIdentity(caller *credential, _ url.Values, _ endpoint) (string, *apiError) {
	return fmt.Sprintf("    <Arn>%s</Arn>\n    <UserId>%s</UserId>\n    <Account>%s</Account>\n",
		escapeXML(caller.arn()), escapeXML(caller.userID()), caller.of.arn.account), nil
}

// assumeRole follows https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
func (c *Cloud) assumeRole(caller *credential, form url.Values, e endpoint) (string, *apiError) {
	length, refusal := sessionLength(form, defaultSession, maxSession)
	if refusal != nil {
		return "", refusal
	}
	target, refusal := checkRoleParams(form)
	if refusal != nil {
		return "", refusal
	}
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	context := caller.context(now)
	context["sts:rolesessionname"] = form.Get("RoleSessionName")
	c.network.addTo(context)
	if id := form.Get("ExternalId"); id != "" {
		context["sts:externalid"] = id
	}
	withMFA, refusal := c.checkMFA(caller, form)
	if refusal != nil {
		return "", refusal
	}
	if withMFA {
		context["aws:multifactorauthpresent"] = "true"
		context["aws:multifactorauthage"] = "0"
	}
	r := c.roles[target]
	if r == nil || r.arn.partition != e.partition || !mayAssume(caller, r, context) {
		return "", &apiError{403, "AccessDenied", fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", caller.arn(), target)}
	}
	if caller.isRole && length > maxChained {
		return "", &apiError{400, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."}
	}
	if length > r.maxSession {
		return "", errTooLong
	}
	return assumedRole(c.newSession(&r.identity, true, form.Get("RoleSessionName"), now, length)), nil
}

var errTooLong = &apiError{400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."}

// mayAssume evaluates the role's trust policy and the caller's policies. Within one
// account, a trust policy that names the caller is sufficient. If it names the
// account, or in another account, the caller's policies must allow it too.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
func mayAssume(caller *credential, r *role, context map[string]string) bool {
	q := question{action: "sts:AssumeRole", resource: r.text, context: context, asker: caller.asker()}
	trust := decide([]*policy{r.trust}, q)
	own := decide(caller.of.policies, q)
	switch {
	case trust == denied || own == denied || trust == silent:
		return false
	case caller.of.arn.account == r.arn.account && trust == allowed:
		return true
	default:
		return own == allowed
	}
}

// checkRoleParams checks the parameters of all AssumeRole operations, and returns
// the role's ARN.
func checkRoleParams(form url.Values) (string, *apiError) {
	name := form.Get("RoleSessionName")
	switch {
	case name == "":
		return "", validationError("null", "roleSessionName", "Member must not be null")
	case len(name) < 2:
		return "", validationError(name, "roleSessionName", "Member must have length greater than or equal to 2")
	case len(name) > 64:
		return "", validationError(name, "roleSessionName", "Member must have length less than or equal to 64")
	case !sessionNamePattern.MatchString(name):
		return "", validationError(name, "roleSessionName", `Member must satisfy regular expression pattern: [\w+=,.@-]*`)
	}
	target := form.Get("RoleArn")
	a, err := parseARN(target)
	if err != nil || a.service != "iam" || !strings.HasPrefix(a.resource, "role/") {
		return "", &apiError{400, "ValidationError", target + " is invalid"}
	}
	return target, nil
}

func sessionLength(form url.Values, unset, longest time.Duration) (time.Duration, *apiError) {
	text := form.Get("DurationSeconds")
	if text == "" {
		return unset, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, &apiError{400, "MalformedInput", "Invalid Integer"}
	}
	switch length := time.Duration(n) * time.Second; {
	case length < minSession:
		return 0, validationError(text, "durationSeconds", fmt.Sprintf("Member must have value greater than or equal to %d", int(minSession.Seconds())))
	case length > longest:
		return 0, validationError(text, "durationSeconds", fmt.Sprintf("Member must have value less than or equal to %d", int(longest.Seconds())))
	default:
		return length, nil
	}
}

func validationError(value, parameter, constraint string) *apiError {
	if value != "null" {
		value = "'" + value + "'"
	}
	return &apiError{400, "ValidationError", fmt.Sprintf("1 validation error detected: Value %s at '%s' failed to satisfy constraint: %s", value, parameter, constraint)}
}

// checkMFA checks the MFA code of a call, if there is one. A code works once. The
// caller holds c.mu.
func (c *Cloud) checkMFA(caller *credential, form url.Values) (bool, *apiError) {
	serial, code := form.Get("SerialNumber"), form.Get("TokenCode")
	denied := func(message string) (bool, *apiError) { return false, &apiError{403, "AccessDenied", message} }
	switch {
	case serial == "" && code == "":
		return false, nil
	case serial == "" || code == "":
		return denied("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	}
	u := c.users[caller.of.text]
	if u == nil || u.mfa[serial] == nil {
		return denied("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	}
	if !u.mfa[serial][code] {
		return denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	delete(u.mfa[serial], code)
	return true, nil
}

// getSessionToken returns a user's temporary credentials, which record the MFA.
// See https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func (c *Cloud) getSessionToken(caller *credential, form url.Values, _ endpoint) (string, *apiError) {
	if caller.SessionToken != "" {
		return "", &apiError{403, "AccessDenied", "Cannot call GetSessionToken with session credentials"}
	}
	length, refusal := sessionLength(form, defaultSession*12, maxUserSession)
	if refusal != nil {
		return "", refusal
	}
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	withMFA, refusal := c.checkMFA(caller, form)
	if refusal != nil {
		return "", refusal
	}
	k := c.newSession(caller.of, false, "", now, length)
	if withMFA {
		k.mfa = now
	}
	return xmlCredentials(k), nil
}

// assumedRole is the result of operations that create role sessions.
func assumedRole(k *credential) string {
	return fmt.Sprintf("    <AssumedRoleUser>\n      <AssumedRoleId>%s</AssumedRoleId>\n      <Arn>%s</Arn>\n    </AssumedRoleUser>\n",
		escapeXML(k.userID()), escapeXML(k.arn())) + xmlCredentials(k)
}

func xmlCredentials(k *credential) string {
	return fmt.Sprintf("    <Credentials>\n      <AccessKeyId>%s</AccessKeyId>\n      <SecretAccessKey>%s</SecretAccessKey>\n      <SessionToken>%s</SessionToken>\n      <Expiration>%s</Expiration>\n    </Credentials>\n",
		k.AccessKeyID, k.SecretAccessKey, k.SessionToken, k.Expiration.Format(time.RFC3339))
}
