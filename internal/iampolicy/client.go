package iampolicy

import "strconv"

// Client is what the user, or the instance, needs.
type Client struct {
	// Profile is for the AWS config file.
	Profile string `json:"profile"`
	// Setup is the shell command that configures git. A user's writes the
	// profile too; an instance's needs none.
	Setup string `json:"setup"`

	instance    bool
	needsDevice bool // the MFA device's name is still to be filled in
}

const program = "git-credential-codecommit"

// device is what the user puts the MFA device's name for.
const device = "DEVICE"

// setting is one line of a profile and the flag of setup that stands for it.
type setting struct{ key, flag, value string }

// client makes the profile and the setup command from the same settings, so
// that they cannot disagree.
func (p Purpose) client() Client {
	mfa := p.RequireMFA && p.Trusted.Kind != Role // a role has no device: whoever assumes it shows theirs
	settings := []setting{{"role_arn", "--role-arn", p.Role.String()}}
	if p.Instance {
		settings = append(settings, setting{"credential_source", "--credential-source", "Ec2InstanceMetadata"})
	} else {
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

	profile := "[profile " + p.Profile + "]\n"
	setup := []string{program, "setup"}
	if p.Instance {
		setup = append(setup, "--scope", "system")
	} else {
		setup = append(setup, "--profile", p.Profile)
	}
	for _, s := range settings {
		profile += s.key + " = " + s.value + "\n"
		setup = append(setup, s.flag, s.value)
	}
	region := p.Repositories[0].Region
	profile += "region = " + region + "\n"
	if !p.Instance {
		// A profile can come to mean another account; the role's ARN that an
		// instance's setup names cannot.
		setup = append(setup, "--region", region, "--account", p.Role.Account)
	}
	return Client{Profile: profile, Setup: shellLine(setup...), instance: p.Instance, needsDevice: mfa}
}

// notes is what the user reads before the setup command.
func (c Client) notes() string {
	if c.instance {
		return "For the instance. No AWS config file is needed; a profile for other programs would be\n\n" + c.Profile +
			"\nand git is configured for all users of the instance by\n\n"
	}
	text := "For the user. The command below configures git and writes this profile into the AWS config file:\n\n" + c.Profile + "\n"
	if c.needsDevice {
		text += device + " stands for the end of what this prints: aws iam list-mfa-devices\n\n"
	}
	return text
}
