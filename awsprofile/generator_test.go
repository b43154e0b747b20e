package awsprofile

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// A differentialCase is the input of testdata/reference.py.
type differentialCase struct {
	Config      *string           `json:"config"`
	Credentials *string           `json:"credentials"`
	Env         map[string]string `json:"env"`
	Profile     string            `json:"profile"`
}

// A generator creates random cases: mostly valid profiles in all forms of the
// grammar, with an occasional mistake.
type generator struct {
	*rand.Rand
	tidy bool // nothing is amiss in this case
}

func (g *generator) pick(options ...string) string { return options[g.IntN(len(options))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// odd is a probability that is zero in tidy cases.
func (g *generator) odd(percent int) bool { return !g.tidy && g.chance(percent) }

func (g *generator) next() differentialCase {
	g.tidy = g.chance(60)
	c := differentialCase{Env: g.environment()}
	if g.chance(95) {
		text := g.file(true)
		c.Config = &text
	}
	if g.chance(60) {
		text := g.file(false)
		c.Credentials = &text
	}
	if g.chance(60) {
		c.Profile = g.name()
	}
	return c
}

func (g *generator) environment() map[string]string {
	env := map[string]string{}
	set := func(percent int, name string, values ...string) {
		if g.chance(percent) {
			env[name] = g.pick(values...)
		}
	}
	set(20, "AWS_PROFILE", "a", "b", "c", "d e", "default", "")
	set(3, "AWS_DEFAULT_PROFILE", "a", "b")
	if g.chance(15) {
		env["AWS_ACCESS_KEY_ID"] = "AKIDENV"
		set(90, "AWS_SECRET_ACCESS_KEY", "envsecret")
		set(30, "AWS_SESSION_TOKEN", "envtoken")
		set(5, "AWS_SECURITY_TOKEN", "envsecurity", "")
		set(10, "AWS_ACCOUNT_ID", "444455556666")
	}
	if g.chance(12) {
		set(85, "AWS_WEB_IDENTITY_TOKEN_FILE", "/env/token")
		set(85, "AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/env")
		set(30, "AWS_ROLE_SESSION_NAME", "envsession")
	}
	set(8, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x")
	set(4, "AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/x")
	set(3, "AWS_CA_BUNDLE", "/env/ca.pem")
	set(3, "REQUESTS_CA_BUNDLE", "/env/requests.pem")
	set(3, "AWS_USE_FIPS_ENDPOINT", "true", "TRUE", "false", "1")
	set(3, "AWS_ENDPOINT_URL", "http://localhost:1")
	set(3, "AWS_ENDPOINT_URL_SSO_OIDC", "http://localhost:2")
	set(3, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", "false")
	set(2, "AWS_METADATA_SERVICE_TIMEOUT", "5", "x", " 7 ")
	set(2, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6", "ipv4", "ipv5")
	return env
}

func (g *generator) name() string {
	return g.pick("a", "a", "b", "b", "c", "d e", "default", "default")
}

func (g *generator) file(config bool) string {
	var b strings.Builder
	if g.odd(3) {
		b.WriteString(g.pick("# comment\n", "\n\n", "garbage = 1\n", "\uFEFF"))
	}
	seen := map[string]bool{}
	// Duplicate sections, or different spellings of one profile, but not both,
	// because the meaning of both is our decision.
	doubles := g.chance(50)
	names := []string{"a", "b", "c", "d e", "default"}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for i := range 2 + g.IntN(10) {
		name := names[i%len(names)]
		if g.odd(30) {
			name = g.name()
		}
		header, kind := g.header(config, name, doubles)
		if seen[header] && !(doubles && g.odd(10)) {
			continue
		}
		seen[header] = true
		if g.odd(3) {
			b.WriteString(g.pick(" ", "\t", "    "))
		}
		b.WriteString("[" + header + "]" + g.pick("", "", "", "", " # comment", " ", "x") + "\n")
		g.body(&b, kind)
	}
	text := b.String()
	if g.odd(5) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if g.chance(10) {
		text = strings.TrimRight(text, "\r\n")
	}
	return text
}

func (g *generator) header(config bool, name string, plain bool) (header, kind string) {
	if g.odd(4) {
		return "DEFAULT", "defaults"
	}
	if !config {
		if g.odd(3) {
			return "profile " + name, "profile"
		}
		return name, "profile"
	}
	if g.chance(15) {
		if plain {
			return g.pick("sso-session s", "sso-session s", "sso-session t"), "sso"
		}
		return g.pick("sso-session s", "sso-session s", `sso-session "s"`, "sso-session t", "sso-sessions s"), "sso"
	}
	if g.chance(10) {
		if plain {
			return g.pick("services v", "services w"), "services"
		}
		return g.pick("services v", `services "v"`, "services w"), "services"
	}
	switch {
	case !plain && g.odd(30):
	case name == "default":
		return "default", "profile"
	case strings.Contains(name, " "):
		return fmt.Sprintf("profile %q", name), "profile"
	default:
		return "profile " + name, "profile"
	}
	return g.pick("profile "+name, "profile "+name, "profile "+name, "profile "+name, "profile  "+name, "profile\t"+name,
		"profile '"+name+"'", "profile "+name+" ", "profiles "+name, name, "profile", " profile "+name, `profile "`+name), "profile"
}

// body writes a section's settings.
func (g *generator) body(b *strings.Builder, kind string) {
	var settings [][2]string
	add := func(name string, values ...string) {
		settings = append(settings, [2]string{name, g.pick(values...)})
	}
	keys := func() {
		add("aws_access_key_id", "AKID"+strconv.Itoa(g.IntN(1000)))
		add("aws_secret_access_key", "secret"+strconv.Itoa(g.IntN(1000)))
		if g.chance(30) {
			add("aws_session_token", "token/+=")
		}
		if g.odd(5) {
			add("aws_security_token", "securitytoken")
		}
		if g.chance(10) {
			add("aws_account_id", "999988887777")
		}
	}
	switch kind {
	case "defaults":
		add(g.pick("region", "output", "sso_region", "ca_bundle"), "eu-west-1", "x")
	case "sso":
		add("sso_start_url", "https://portal.example/start")
		add("sso_region", "eu-central-1")
		if g.chance(50) {
			add("sso_registration_scopes", "sso:account:access")
		}
	case "services":
		for _, name := range []string{"sts", "sso_oidc", "dynamodb"} {
			if g.chance(60) {
				add(name, "\n  endpoint_url = http://localhost:"+strconv.Itoa(1000+g.IntN(9))+"\n  other=1")
			}
		}
	default:
		for first := true; first || g.chance(15); first = false {
			switch g.IntN(9) {
			case 0, 1, 2, 3:
				add("role_arn", "arn:aws:iam::111122223333:role/R"+strconv.Itoa(g.IntN(1000)))
				if g.chance(75) {
					add("source_profile", g.name())
				} else {
					add("credential_source", "Ec2InstanceMetadata", "Ec2InstanceMetadata", "EcsContainer", "Environment", "environment")
				}
				if g.chance(20) {
					add("external_id", "Example42", "a b # c")
				}
				if g.chance(20) {
					add("mfa_serial", "arn:aws:iam::111122223333:mfa/alice")
				}
				if g.chance(20) {
					add("duration_seconds", "3600", "900", "1_800", "+1800", "43200", " 3600 ", "abc", "60", "36e2", "-900", "")
				}
				if g.chance(20) {
					add("role_session_name", "alice")
				}
			case 4:
				keys()
			case 5:
				add("web_identity_token_file", "/token")
				add("role_arn", "arn:aws:iam::111122223333:role/W")
			case 6:
				add("sso_account_id", "123456789011")
				add("sso_role_name", "ReadOnly")
				if g.chance(70) {
					add("sso_session", "s", "s", "t", "absent")
				} else {
					add("sso_start_url", "https://legacy.example/start")
					add("sso_region", "us-east-1")
				}
			case 7:
				add("login_session", "arn:aws:iam::111122223333:user/alice")
			case 8:
				add("credential_process", "/bin/keys --x 1", `"/bin/my keys" 'a b' c\ d "e\"f" # g`, `/bin/x "unclosed`, "''", `a""b ""`)
			}
		}
		for _, extra := range []struct{ name, value string }{
			{"region", "us-east-2"},
			{"output", "json"},
			{"s3", "\n  max_queue_size = 1000\n  addressing_style = path"},
			{"ca_bundle", "/ca.pem"},
			{"use_fips_endpoint", "true"},
			{"use_dualstack_endpoint", "True"},
			{"services", g.pick("v", "w", "absent")},
			{"endpoint_url", "https://proxy.example/path"},
			{"ec2_metadata_v1_disabled", "true"},
			{"imds_use_ipv6", "true"},
			{"metadata_service_timeout", g.pick("3", "x")},
			{"sso_session", "s"},
			{"web_identity_token_file", ""},
			{"aws_session_token", "stray"},
		} {
			if g.odd(6) {
				add(extra.name, extra.value)
			}
		}
	}
	g.Shuffle(len(settings), func(i, j int) { settings[i], settings[j] = settings[j], settings[i] })
	indent := ""
	if g.odd(8) {
		indent = g.pick("  ", "\t", "\u00a0")
	}
	seen := map[string]bool{}
	for _, s := range settings {
		if seen[s[0]] && !g.odd(2) || g.odd(4) {
			continue
		}
		seen[s[0]] = true
		g.setting(b, indent, s[0], s[1])
	}
}

func (g *generator) setting(b *strings.Builder, indent, name, value string) {
	if g.odd(3) {
		b.WriteString(g.pick("# comment = 1\n", "; comment\n", "   # indented\n", "\n", "  \n", "\n\n"))
	}
	if g.odd(2) {
		value = ""
	}
	if g.odd(2) {
		value = g.pick(`"`+value+`"`, "`"+value+"`", `"""`+value+`"""`, `"""`+value, "`"+value, value+`\`, value+" # c", value+"; c", "%("+value+")s")
	}
	if g.odd(3) {
		name = g.pick(strings.ToUpper(name), strings.ToUpper(name[:1])+name[1:], `"`+name+`"`, name+" x", "-", name+"é")
	}
	if g.odd(2) {
		indent += g.pick(" ", "    ", "\t")
	}
	b.WriteString(indent + name + g.pick(" = ", " = ", "=", " =", "= ", " : ", ":", "\t=\t", " == ") + value)
	b.WriteString(g.pick("", "", "", "", " ", "\t", "\u3000") + "\n")
	if g.odd(2) {
		b.WriteString(indent + g.pick("  continued\n", "    [profile b]\n", "  role_arn = x\n", "  # comment\n", "\n", "stray line\n", "= stray\n", "[unclosed\n", "[]\n"))
	}
}
