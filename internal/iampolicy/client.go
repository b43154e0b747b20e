package iampolicy

import (
	"strconv"
	"strings"
)

// A Client is what the user, the instance or the CI job needs.
type Client struct {
	// Profile is the profile for the AWS config file.
	Profile string `json:"profile"`
	// Setup is the shell command that configures git. For users it also writes the
	// profile, which instances and CI jobs do not need.
	Setup string `json:"setup"`
	// Environment has the variables (NAME=value) that provide a CI job's first
	// credentials.
	Environment []string `json:"environment,omitempty"`
	// SwitchRole is the link for users of the console; "" if the console cannot
	// assume the role.
	SwitchRole string `json:"switchRole,omitempty"`

	instance    bool
	needsDevice bool   // the user must replace DEVICE in the profile
	region      string // region of the first repository
}

const program = "git-credential-codecommit"

// Placeholders that the user replaces.
const (
	device    = "DEVICE"     // the name of the MFA device
	tokenFile = "TOKEN_FILE" // the file with the web identity token
)

// A setting is one line of a profile and the flag of setup with the same
// meaning.
type setting struct{ key, flag, value string }

// client returns the profile and the setup command, both from the same settings so
// that they always agree.
func (p Purpose) client() Client {
	mfa := p.RequireMFA && p.Trusted.Kind != Role // a role has no device; its caller uses one
	settings := []setting{{"role_arn", "--role-arn", p.Role.String()}}
	switch {
	case p.Instance:
		settings = append(settings, setting{"credential_source", "--credential-source", "Ec2InstanceMetadata"})
	case p.Jobs == nil:
		settings = append(settings, setting{"source_profile", "--source-profile", "default"})
	}
	if p.ExternalID != "" {
		settings = append(settings, setting{"external_id", "--external-id", p.ExternalID})
	}
	if mfa {
		serial := "arn:" + p.Trusted.Partition + ":iam::" + p.Trusted.Account + ":mfa/" + device
		settings = append(settings, setting{"mfa_serial", "--mfa-serial", serial})
	}
	if p.MaxSession > minMaxSession {
		settings = append(settings, setting{"duration_seconds", "--duration", strconv.Itoa(int(p.MaxSession.Seconds()))})
	}

	region := p.Repositories[0].Region
	c := Client{SwitchRole: p.switchRoleURL(), instance: p.Instance, needsDevice: mfa, region: region}
	c.Profile = "[profile " + p.Profile + "]\n"
	setup := []string{program, "setup"}
	switch {
	case p.Instance:
		setup = append(setup, "--scope", "system")
	case p.Jobs == nil:
		setup = append(setup, "--profile", p.Profile)
	}
	for _, s := range settings {
		c.Profile += s.key + " = " + s.value + "\n"
		if !p.direct() { // the job's environment contains the role
			setup = append(setup, s.flag, s.value)
		}
	}
	if p.Jobs != nil {
		c.Environment = []string{"AWS_ROLE_ARN=" + p.jobsRole().String(), "AWS_WEB_IDENTITY_TOKEN_FILE=" + tokenFile}
		token := "web_identity_token_file = " + tokenFile + "\n"
		if p.direct() {
			c.Profile += token + "region = " + region + "\n"
		} else {
			source := p.Profile + "-job"
			c.Profile += "source_profile = " + source + "\nregion = " + region +
				"\n\n[profile " + source + "]\nrole_arn = " + p.Trusted.String() + "\n" + token
		}
	} else {
		c.Profile += "region = " + region + "\n"
	}
	if !p.Instance {
		// A profile or an environment may later belong to another account; the
		// role's ARN in an instance's setup cannot.
		setup = append(setup, "--region", region, "--account", p.Role.Account)
	}
	c.Setup = shellLine(setup...)
	return c
}

// jobsRole returns the role that a CI job assumes with its web identity token.
func (p Purpose) jobsRole() Entity {
	if p.direct() {
		return p.Role
	}
	return p.Trusted
}

// notes returns the text before the setup command.
func (c Client) notes() string {
	switch {
	case c.instance:
		return "For the instance. No AWS config file is needed; for other programs, the profile would be\n\n" + c.Profile +
			"\nThis command configures git for all users of the instance:\n\n"
	case c.Environment != nil:
		return "For the CI job. Set these variables, with the file that contains the job's token:\n\n" +
			strings.Join(c.Environment, "\n") +
			"\n\nNo AWS config file is needed; for other programs, the profile would be\n\n" + c.Profile +
			"\nThis command configures git:\n\n"
	}
	text := "For the user. The command below configures git and writes this profile into the AWS config file:\n\n" + c.Profile + "\n"
	if c.needsDevice {
		text += "Replace " + device + " with the end of the ARN that this prints: aws iam list-mfa-devices\n\n"
	}
	if c.SwitchRole != "" {
		text += "In the console, switch to the role with\n" + c.SwitchRole + "\n\n"
	}
	return text
}
