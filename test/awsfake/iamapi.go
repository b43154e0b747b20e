package awsfake

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The control plane: the IAM operations with which administrators grant and revoke
// access, and the EC2 operation that attaches a role to an instance. Both are query
// APIs, with form parameters and XML responses. Other operations return errors.

const (
	iamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/"
	iamVersion   = "2010-05-08"
	ec2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"
	ec2Version   = "2016-11-15"

	instanceID = "i-1234567890abcdef0" // the only instance
)

// A group is an IAM group.
type group struct {
	name     string
	policies map[string]*policy
	members  map[string]bool // ARNs of users
}

// An instanceProfile attaches a role to instances.
type instanceProfile struct {
	name string
	role string // ARN
}

// A control is one operation of the control plane: its parameters, with a ? after
// optional ones, and the function that performs it. The caller of do holds c.mu;
// account is the administrator's account.
type control struct {
	params string
	// The ARN for the permission check: its kind, and the parameter with the name.
	// Without a kind, the parameter is an ARN.
	kind, name string
	do         func(c *Cloud, account string, form url.Values) (string, *apiError)
}

var iamOperations = map[string]control{
	"CreateRole": {"RoleName Path? MaxSessionDuration? AssumeRolePolicyDocument", "role", "RoleName", (*Cloud).createRole},
	"DeleteRole": {"RoleName", "role", "RoleName", (*Cloud).deleteRole},

	"UpdateAssumeRolePolicy": {"RoleName PolicyDocument", "role", "RoleName", (*Cloud).updateTrust},

	"PutRolePolicy":  {"RoleName PolicyName PolicyDocument", "role", "RoleName", onRole((*Cloud).putPolicy)},
	"PutUserPolicy":  {"UserName PolicyName PolicyDocument", "user", "UserName", onUser((*Cloud).putPolicy)},
	"PutGroupPolicy": {"GroupName PolicyName PolicyDocument", "group", "GroupName", onGroup((*Cloud).putGroupPolicy)},

	"DeleteRolePolicy":  {"RoleName PolicyName", "role", "RoleName", onRole((*Cloud).deletePolicy)},
	"DeleteUserPolicy":  {"UserName PolicyName", "user", "UserName", onUser((*Cloud).deletePolicy)},
	"DeleteGroupPolicy": {"GroupName PolicyName", "group", "GroupName", onGroup((*Cloud).deleteGroupPolicy)},

	"CreateGroup":         {"GroupName", "group", "GroupName", (*Cloud).createGroup},
	"DeleteGroup":         {"GroupName", "group", "GroupName", onGroup((*Cloud).deleteGroup)},
	"AddUserToGroup":      {"GroupName UserName", "group", "GroupName", onGroup((*Cloud).addToGroup)},
	"RemoveUserFromGroup": {"GroupName UserName", "group", "GroupName", onGroup((*Cloud).removeFromGroup)},

	"CreateInstanceProfile":         {"InstanceProfileName", "instance-profile", "InstanceProfileName", (*Cloud).createInstanceProfile},
	"DeleteInstanceProfile":         {"InstanceProfileName", "instance-profile", "InstanceProfileName", (*Cloud).deleteInstanceProfile},
	"AddRoleToInstanceProfile":      {"InstanceProfileName RoleName", "instance-profile", "InstanceProfileName", (*Cloud).addToInstanceProfile},
	"RemoveRoleFromInstanceProfile": {"InstanceProfileName RoleName", "instance-profile", "InstanceProfileName", (*Cloud).removeFromInstanceProfile},

	"GetInstanceProfile": {"InstanceProfileName", "instance-profile", "InstanceProfileName", (*Cloud).getInstanceProfile},

	"CreateOpenIDConnectProvider":        {"Url ClientIDList.member.1", "oidc-provider", "Url", (*Cloud).createProvider},
	"AddClientIDToOpenIDConnectProvider": {"OpenIDConnectProviderArn ClientID", "", "OpenIDConnectProviderArn", (*Cloud).addClientID},
	"DeleteOpenIDConnectProvider":        {"OpenIDConnectProviderArn", "", "OpenIDConnectProviderArn", (*Cloud).deleteProvider},

	"ListMFADevices": {"UserName", "user", "UserName", onUser((*Cloud).listMFADevices)},
}

var ec2Operations = map[string]control{
	"AssociateIamInstanceProfile": {"InstanceId IamInstanceProfile.Name", "instance", "InstanceId", (*Cloud).associate},
}

func (c *Cloud) serveIAM(w http.ResponseWriter, r *http.Request, e endpoint) {
	c.serveControl(w, r, e, iamVersion, iamOperations, func(w http.ResponseWriter, action, result string, refusal *apiError) {
		if refusal != nil {
			fmt.Fprintf(w, "<ErrorResponse xmlns=%q><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%s</RequestId></ErrorResponse>\n",
				iamNamespace, escapeXML(refusal.code), escapeXML(refusal.message), requestID())
			return
		}
		if result != "" {
			result = fmt.Sprintf("<%[1]sResult>%[2]s</%[1]sResult>", action, result)
		}
		fmt.Fprintf(w, "<%[1]sResponse xmlns=%[2]q>%[3]s<ResponseMetadata><RequestId>%[4]s</RequestId></ResponseMetadata></%[1]sResponse>\n",
			action, iamNamespace, result, requestID())
	})
}

func (c *Cloud) serveEC2(w http.ResponseWriter, r *http.Request, e endpoint) {
	c.serveControl(w, r, e, ec2Version, ec2Operations, func(w http.ResponseWriter, action, result string, refusal *apiError) {
		if refusal != nil {
			fmt.Fprintf(w, "<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>%s</RequestID></Response>\n",
				escapeXML(refusal.code), escapeXML(refusal.message), requestID())
			return
		}
		fmt.Fprintf(w, "<%[1]sResponse xmlns=%[2]q><requestId>%[4]s</requestId>%[3]s</%[1]sResponse>\n", action, ec2Namespace, result, requestID())
	})
}

func (c *Cloud) serveControl(w http.ResponseWriter, r *http.Request, e endpoint, version string, operations map[string]control,
	answer func(w http.ResponseWriter, action, result string, refusal *apiError),
) {
	body, err := readBody(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client disconnected
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		form = url.Values{}
	}
	entry := c.record(r, e.service)
	c.note(entry, func(entry *Request) { entry.Action = form.Get("Action") })
	c.serve(w, r, entry, func(w http.ResponseWriter, r *http.Request) {
		result, refusal := c.control(r, body, form, e, version, operations)
		w.Header().Set("Content-Type", "text/xml")
		if refusal != nil {
			w.WriteHeader(refusal.status)
		}
		answer(w, form.Get("Action"), result, refusal)
	})
}

// control authorizes and performs a call to the control plane.
func (c *Cloud) control(r *http.Request, body []byte, form url.Values, e endpoint, version string, operations map[string]control) (string, *apiError) {
	action := form.Get("Action")
	op, ok := operations[action]
	if !ok || form.Get("Version") != version {
		return "", &apiError{400, "InvalidAction", fmt.Sprintf("Could not find operation %s for version %s", action, form.Get("Version"))}
	}
	known := []string{"Action", "Version"}
	for name := range strings.FieldsSeq(op.params) {
		name, optional := strings.CutSuffix(name, "?")
		known = append(known, name)
		if form.Get(name) == "" && !optional {
			return "", validationError("null", name, "Member must not be null")
		}
	}
	for name := range form {
		if !slices.Contains(known, name) {
			return "", &apiError{400, "InvalidParameterValue", "awsfake does not support the parameter " + name}
		}
	}
	caller, refusal := c.authenticate(r, body, e)
	if refusal != nil {
		return "", refusal
	}
	account := caller.of.arn.account
	resource := fmt.Sprintf("arn:%s:iam::%s:%s/%s", e.partition, account, op.kind, strings.TrimPrefix(form.Get(op.name), "https://"))
	if op.kind == "" {
		resource = form.Get(op.name) // an ARN
	}
	if e.service == EC2 {
		resource = fmt.Sprintf("arn:%s:ec2:%s:%s:%s/%s", e.partition, e.region, account, op.kind, form.Get(op.name))
	}
	now := c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if decide(caller.of.policies, question{action: e.service + ":" + action, resource: resource, context: caller.context(now)}) != allowed {
		return "", &apiError{403, "AccessDenied", fmt.Sprintf("User: %s is not authorized to perform: %s:%s on resource: %s", caller.arn(), e.service, action, resource)}
	}
	return op.do(c, account, form)
}

func noSuchEntity(kind, name string) *apiError {
	return &apiError{404, "NoSuchEntity", fmt.Sprintf("The %s with name %s cannot be found.", kind, name)}
}

func alreadyExists(kind, name string) *apiError {
	return &apiError{409, "EntityAlreadyExists", fmt.Sprintf("%s with name %s already exists.", kind, name)}
}

func deleteConflict(what string) *apiError {
	return &apiError{409, "DeleteConflict", "Cannot delete entity, must " + what + " first."}
}

func malformed(err error) *apiError {
	return &apiError{400, "MalformedPolicyDocument", err.Error()}
}

// roleNamed returns a role in an account by its name, without its path.
func (c *Cloud) roleNamed(account, name string) *role {
	for _, r := range c.roles {
		if r.arn.account == account && r.arn.baseName() == name {
			return r
		}
	}
	return nil
}

func (c *Cloud) userNamed(account, name string) *user {
	for _, u := range c.users {
		if u.arn.account == account && u.arn.baseName() == name {
			return u
		}
	}
	return nil
}

// The first steps of operations on one role, user or group are the same.

func onRole(do func(*Cloud, *identity, url.Values) (string, *apiError)) func(*Cloud, string, url.Values) (string, *apiError) {
	return func(c *Cloud, account string, form url.Values) (string, *apiError) {
		r := c.roleNamed(account, form.Get("RoleName"))
		if r == nil {
			return "", noSuchEntity("role", form.Get("RoleName"))
		}
		return do(c, &r.identity, form)
	}
}

func onUser(do func(*Cloud, *identity, url.Values) (string, *apiError)) func(*Cloud, string, url.Values) (string, *apiError) {
	return func(c *Cloud, account string, form url.Values) (string, *apiError) {
		u := c.userNamed(account, form.Get("UserName"))
		if u == nil {
			return "", noSuchEntity("user", form.Get("UserName"))
		}
		return do(c, &u.identity, form)
	}
}

func onGroup(do func(*Cloud, string, *group, url.Values) (string, *apiError)) func(*Cloud, string, url.Values) (string, *apiError) {
	return func(c *Cloud, account string, form url.Values) (string, *apiError) {
		g := c.groups[account+"/"+form.Get("GroupName")]
		if g == nil {
			return "", noSuchEntity("group", form.Get("GroupName"))
		}
		return do(c, account, g, form)
	}
}

// Entities returns the ARNs of all roles, groups, instance profiles and identity
// providers, sorted.
func (c *Cloud) Entities() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	arns := slices.Collect(maps.Keys(c.roles))
	for kind, names := range map[string][]string{
		"group":            slices.Collect(maps.Keys(c.groups)),
		"instance-profile": slices.Collect(maps.Keys(c.profiles)),
	} {
		for _, n := range names {
			account, name, _ := strings.Cut(n, "/")
			arns = append(arns, "arn:aws:iam::"+account+":"+kind+"/"+name)
		}
	}
	for issuerURL, i := range c.issuers {
		for account := range i.accounts {
			arns = append(arns, providerARN(account, issuerURL))
		}
	}
	slices.Sort(arns)
	return arns
}

// gather collects all policies of an identity.
func (c *Cloud) gather(id *identity) {
	id.policies = slices.Clone(id.given)
	for _, name := range slices.Sorted(maps.Keys(id.inline)) {
		id.policies = append(id.policies, id.inline[name])
	}
	for _, g := range c.groups {
		if g.members[id.text] {
			for _, p := range g.policies {
				id.policies = append(id.policies, p)
			}
		}
	}
}

func (c *Cloud) gatherMembers(g *group) {
	for member := range g.members {
		if u := c.users[member]; u != nil {
			c.gather(&u.identity)
		}
	}
}

// trustPolicy parses a trust policy. A user or a role in it must exist:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html.
func (c *Cloud) trustPolicy(document string) (*policy, *apiError) {
	trust, err := parseTrustPolicy(document)
	if err != nil {
		return nil, malformed(err)
	}
	for _, s := range trust.statements {
		for _, p := range s.principals {
			a, err := parseARN(p.value)
			if p.kind == "AWS" && err == nil && a.resource != "root" && c.users[p.value] == nil && c.roles[p.value] == nil {
				return nil, &apiError{400, "MalformedPolicyDocument", fmt.Sprintf("Invalid principal in policy: %q:%q", p.kind, p.value)}
			}
		}
	}
	return trust, nil
}

func (c *Cloud) updateTrust(account string, form url.Values) (string, *apiError) {
	r := c.roleNamed(account, form.Get("RoleName"))
	if r == nil {
		return "", noSuchEntity("role", form.Get("RoleName"))
	}
	trust, refusal := c.trustPolicy(form.Get("PolicyDocument"))
	if refusal == nil {
		r.trust = trust
	}
	return "", refusal
}

func (c *Cloud) createRole(account string, form url.Values) (string, *apiError) {
	path, name := form.Get("Path"), form.Get("RoleName")
	if path == "" {
		path = "/"
	}
	if c.roleNamed(account, name) != nil {
		return "", alreadyExists("Role", name)
	}
	text := "arn:aws:iam::" + account + ":role" + path + name
	id, err := newIdentity(text, "role/", "AROA", nil)
	if err != nil {
		return "", &apiError{400, "ValidationError", err.Error()}
	}
	trust, refusal := c.trustPolicy(form.Get("AssumeRolePolicyDocument"))
	if refusal != nil {
		return "", refusal
	}
	longest := time.Hour
	if s := form.Get("MaxSessionDuration"); s != "" {
		n, err := strconv.Atoi(s)
		longest = time.Duration(n) * time.Second
		if err != nil || longest < time.Hour || longest > maxSession {
			return "", validationError(s, "maxSessionDuration", "Member must be between 3600 and 43200")
		}
	}
	c.roles[text] = &role{identity: id, trust: trust, maxSession: longest}
	return fmt.Sprintf("<Role><Path>%s</Path><RoleName>%s</RoleName><RoleId>%s</RoleId><Arn>%s</Arn><CreateDate>%s</CreateDate><AssumeRolePolicyDocument>%s</AssumeRolePolicyDocument></Role>",
		path, name, id.id, text, c.now().UTC().Format(time.RFC3339), url.PathEscape(form.Get("AssumeRolePolicyDocument"))), nil
}

func (c *Cloud) deleteRole(account string, form url.Values) (string, *apiError) {
	r := c.roleNamed(account, form.Get("RoleName"))
	if r == nil {
		return "", noSuchEntity("role", form.Get("RoleName"))
	}
	if len(r.inline) > 0 {
		return "", deleteConflict("delete policies")
	}
	for _, p := range c.profiles {
		if p.role == r.text {
			return "", deleteConflict("remove roles from instance profile")
		}
	}
	delete(c.roles, r.text)
	for key, k := range c.credentials {
		if k.of == &r.identity {
			delete(c.credentials, key)
		}
	}
	return "", nil
}

func (c *Cloud) putPolicy(id *identity, form url.Values) (string, *apiError) {
	p, err := parseIdentityPolicy(form.Get("PolicyDocument"))
	if err != nil {
		return "", malformed(err)
	}
	if id.inline == nil {
		id.inline = map[string]*policy{}
	}
	id.inline[form.Get("PolicyName")] = p
	c.gather(id)
	return "", nil
}

func (c *Cloud) deletePolicy(id *identity, form url.Values) (string, *apiError) {
	name := form.Get("PolicyName")
	if id.inline[name] == nil {
		return "", noSuchEntity("policy", name)
	}
	delete(id.inline, name)
	c.gather(id)
	return "", nil
}

func (c *Cloud) createGroup(account string, form url.Values) (string, *apiError) {
	name := form.Get("GroupName")
	if c.groups[account+"/"+name] != nil {
		return "", alreadyExists("Group", name)
	}
	c.groups[account+"/"+name] = &group{name: name, policies: map[string]*policy{}, members: map[string]bool{}}
	return fmt.Sprintf("<Group><Path>/</Path><GroupName>%s</GroupName><GroupId>AGPA%s</GroupId><Arn>arn:aws:iam::%s:group/%[1]s</Arn><CreateDate>%[4]s</CreateDate></Group>",
		name, randomID(), account, c.now().UTC().Format(time.RFC3339)), nil
}

func (c *Cloud) deleteGroup(account string, g *group, _ url.Values) (string, *apiError) {
	switch {
	case len(g.members) > 0:
		return "", deleteConflict("remove users from group")
	case len(g.policies) > 0:
		return "", deleteConflict("delete policies")
	}
	delete(c.groups, account+"/"+g.name)
	return "", nil
}

func (c *Cloud) putGroupPolicy(_ string, g *group, form url.Values) (string, *apiError) {
	p, err := parseIdentityPolicy(form.Get("PolicyDocument"))
	if err != nil {
		return "", malformed(err)
	}
	g.policies[form.Get("PolicyName")] = p
	c.gatherMembers(g)
	return "", nil
}

func (c *Cloud) deleteGroupPolicy(_ string, g *group, form url.Values) (string, *apiError) {
	name := form.Get("PolicyName")
	if g.policies[name] == nil {
		return "", noSuchEntity("policy", name)
	}
	delete(g.policies, name)
	c.gatherMembers(g)
	return "", nil
}

func (c *Cloud) addToGroup(account string, g *group, form url.Values) (string, *apiError) {
	u := c.userNamed(account, form.Get("UserName"))
	if u == nil {
		return "", noSuchEntity("user", form.Get("UserName"))
	}
	g.members[u.text] = true
	c.gather(&u.identity)
	return "", nil
}

func (c *Cloud) removeFromGroup(account string, g *group, form url.Values) (string, *apiError) {
	u := c.userNamed(account, form.Get("UserName"))
	if u == nil || !g.members[u.text] {
		return "", noSuchEntity("user", form.Get("UserName"))
	}
	delete(g.members, u.text)
	c.gather(&u.identity)
	return "", nil
}

func (c *Cloud) listMFADevices(id *identity, form url.Values) (string, *apiError) {
	var b strings.Builder
	for _, serial := range slices.Sorted(maps.Keys(c.users[id.text].mfa)) {
		fmt.Fprintf(&b, "<member><UserName>%s</UserName><SerialNumber>%s</SerialNumber><EnableDate>2026-01-01T00:00:00Z</EnableDate></member>", escapeXML(form.Get("UserName")), escapeXML(serial))
	}
	return "<MFADevices>" + b.String() + "</MFADevices><IsTruncated>false</IsTruncated>", nil
}

func (c *Cloud) createInstanceProfile(account string, form url.Values) (string, *apiError) {
	name := form.Get("InstanceProfileName")
	if c.profiles[account+"/"+name] != nil {
		return "", alreadyExists("Instance Profile", name)
	}
	c.profiles[account+"/"+name] = &instanceProfile{name: name}
	return fmt.Sprintf("<InstanceProfile><Path>/</Path><InstanceProfileName>%s</InstanceProfileName><InstanceProfileId>AIPA%s</InstanceProfileId><Arn>arn:aws:iam::%s:instance-profile/%[1]s</Arn><CreateDate>%[4]s</CreateDate><Roles/></InstanceProfile>",
		name, randomID(), account, c.now().UTC().Format(time.RFC3339)), nil
}

// profileAndRole returns the instance profile and the role that an operation names.
func (c *Cloud) profileAndRole(account string, form url.Values) (*instanceProfile, *role, *apiError) {
	p, r := c.profiles[account+"/"+form.Get("InstanceProfileName")], c.roleNamed(account, form.Get("RoleName"))
	switch {
	case p == nil:
		return nil, nil, noSuchEntity("instance profile", form.Get("InstanceProfileName"))
	case r == nil:
		return nil, nil, noSuchEntity("role", form.Get("RoleName"))
	}
	return p, r, nil
}

func (c *Cloud) addToInstanceProfile(account string, form url.Values) (string, *apiError) {
	p, r, refusal := c.profileAndRole(account, form)
	if refusal == nil && p.role != "" {
		refusal = &apiError{409, "LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"}
	}
	if refusal != nil {
		return "", refusal
	}
	p.role = r.text
	return "", nil
}

// removeFromInstanceProfile also removes the role from the instance. As in EC2, the
// instance keeps its current credentials until they expire.
func (c *Cloud) removeFromInstanceProfile(account string, form url.Values) (string, *apiError) {
	p, r, refusal := c.profileAndRole(account, form)
	if refusal != nil {
		return "", refusal
	}
	if p.role != r.text {
		return "", noSuchEntity("role", form.Get("RoleName"))
	}
	p.role = ""
	if c.instance != nil && c.instance.Role == r.text {
		c.instance.Role, c.instanceKey = "", nil
	}
	return "", nil
}

func (c *Cloud) getInstanceProfile(account string, form url.Values) (string, *apiError) {
	p := c.profiles[account+"/"+form.Get("InstanceProfileName")]
	if p == nil {
		return "", noSuchEntity("instance profile", form.Get("InstanceProfileName"))
	}
	roles := "<Roles/>"
	if r := c.roles[p.role]; r != nil {
		roles = fmt.Sprintf("<Roles><member><Path>/</Path><RoleName>%s</RoleName><RoleId>%s</RoleId><Arn>%s</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></member></Roles>",
			r.arn.baseName(), r.id, r.text)
	}
	return fmt.Sprintf("<InstanceProfile><Path>/</Path><InstanceProfileName>%s</InstanceProfileName><InstanceProfileId>AIPA%s</InstanceProfileId><Arn>arn:aws:iam::%s:instance-profile/%[1]s</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>%[4]s</InstanceProfile>",
		p.name, randomID(), account, roles), nil
}

func (c *Cloud) deleteInstanceProfile(account string, form url.Values) (string, *apiError) {
	p := c.profiles[account+"/"+form.Get("InstanceProfileName")]
	switch {
	case p == nil:
		return "", noSuchEntity("instance profile", form.Get("InstanceProfileName"))
	case p.role != "":
		return "", deleteConflict("remove roles from instance profile")
	}
	delete(c.profiles, account+"/"+p.name)
	return "", nil
}

// associate attaches the profile's role to the instance.
func (c *Cloud) associate(account string, form url.Values) (string, *apiError) {
	name := form.Get("IamInstanceProfile.Name")
	p := c.profiles[account+"/"+name]
	switch {
	case c.instance == nil || form.Get("InstanceId") != instanceID:
		return "", &apiError{400, "InvalidInstanceID.NotFound", fmt.Sprintf("The instance ID '%s' does not exist", form.Get("InstanceId"))}
	case p == nil:
		return "", &apiError{400, "InvalidParameterValue", "Invalid IAM Instance Profile name"}
	case c.instance.Role != "":
		return "", &apiError{400, "IncorrectState", "There is an existing association for instance " + instanceID}
	}
	c.instance.Role, c.instanceKey = p.role, nil
	return fmt.Sprintf("<iamInstanceProfileAssociation><associationId>iip-assoc-0123456789abcdef0</associationId><instanceId>%s</instanceId><iamInstanceProfile><arn>arn:aws:iam::%s:instance-profile/%s</arn><id>AIPA%s</id></iamInstanceProfile><state>associating</state></iamInstanceProfileAssociation>",
		instanceID, account, name, randomID()), nil
}
