package iampolicy

import "net/url"

// signinURLs are the console's sign-in pages, by partition. Those of other
// partitions are not publicly documented.
var signinURLs = map[string]string{
	"aws":        "https://signin.aws.amazon.com",
	"aws-cn":     "https://signin.amazonaws.cn",
	"aws-us-gov": "https://signin.amazonaws-us-gov.com",
}

// maxSwitchRole is the maximum length of path and name together on the console's
// Switch Role page:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage.html.
const maxSwitchRole = 64 // characters

// switchRoleURL returns the link with which a console user switches to the role; ""
// if the console cannot. The path is part of roleName:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html.
func (p Purpose) switchRoleURL() string {
	signin, known := signinURLs[p.Role.Partition]
	name := p.Role.Path[1:] + p.Role.Name
	if !known || !p.usesConsole() || len(name) > maxSwitchRole {
		return ""
	}
	return signin + "/switchrole?roleName=" + url.QueryEscape(name) + "&account=" + p.Role.Account
}
