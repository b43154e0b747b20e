package awsprofile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"git-credential-codecommit/internal/cli"
)

// A Query selects a chain.
type Query struct {
	Profile          string // --profile; "" lets the environment select the profile
	CredentialSource string // --credential-source, like credential_source in a profile; "" if Profile is set
	Role             *Role  // --role-arn and related flags, assumed last; nil for none
}

// Resolve reads the environment and the AWS files and returns the chain that they
// describe.
//
// Sources have the AWS CLI's order: the access key in the environment, unless
// --profile was given; the profile; the web identity in the environment; the
// container; the instance. Within a profile: a role, web identity, SSO, the access
// key in the credentials file, a login session, a process, the access key in the
// config file. Resolve differs from the AWS CLI in these points:
//
//   - Incomplete or empty credential settings of a profile are an error, never
//     ignored. So is an impossible value, for example a region that cannot be part
//     of a host name.
//   - The files of boto 2 (AWS_CREDENTIAL_FILE, BOTO_CONFIG, /etc/boto.cfg, ~/.boto),
//     which the AWS CLI tries before the container, are not read.
//   - A profile that AWS_PROFILE names takes precedence over the web identity in
//     the environment, unless the profile has no credential settings.
//   - Errors elsewhere in a file, and a byte order mark, are ignored.
//     Sections with the same header are merged; of a repeated setting, the last
//     value applies.
//
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-authentication.html#cli-chap-authentication-precedence
func Resolve(env Environment, q Query) (Chain, error) {
	return Open(env).Resolve(q)
}

func (f *Files) resolve(q Query) (chain Chain, err error) {
	if q.CredentialSource != "" {
		if q.Profile != "" {
			return Chain{}, errors.New("a profile and a credential source cannot be used together")
		}
		return resolveNamed(f.env, q.CredentialSource)
	}
	r := &resolver{env: f.env, files: f.files()}
	if err := r.choose(q.Profile); err != nil {
		return Chain{}, err
	}
	if chain.Settings, err = r.settings(); err != nil {
		return Chain{}, err
	}
	if chain.Profile, chain.Source, chain.Roles, err = r.chain(); err != nil {
		return Chain{}, err
	}
	chain.Settings.Endpoints, err = r.endpoints(q.Role != nil || chain.callsAWS())
	return chain, err
}

// resolveNamed returns the chain of --credential-source without a profile. It reads
// no files.
func resolveNamed(env Environment, name string) (chain Chain, err error) {
	if !ValidCredentialSource(name) {
		return Chain{}, errors.New("credential source " + quote(name) + " is not one of " + credentialSources)
	}
	r := &resolver{env: env, files: &files{config: &file{}, credentials: &file{}}, profile: &profile{}}
	if chain.Settings, err = r.settings(); err != nil {
		return Chain{}, err
	}
	if chain.Source, err = r.namedSource(name, "", Position{}); err != nil {
		return Chain{}, err
	}
	chain.Settings.Endpoints, err = r.endpoints(true)
	return chain, err
}

// A resolver resolves one query.
type resolver struct {
	env   Environment
	files *files

	profile  *profile // the selected profile; without settings if there is no default profile
	explicit bool     // --profile selected it
	variable string   // the variable that selected it; "" for none
}

// named reports whether the profile was selected explicitly.
func (r *resolver) named() bool { return r.explicit || r.variable != "" }

// choose selects the profile with that name, or the one that the environment names,
// or the default profile, which may not exist. As in the AWS CLI, a variable that
// is set but empty is an error, because it must not select the default profile by
// accident.
func (r *resolver) choose(name string) error {
	r.explicit = name != ""
	if !r.explicit {
		for _, variable := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} {
			value, set := r.env.LookupEnv(variable)
			if set && value == "" {
				return &VariableError{Variable: variable, Problem: "is set but empty"}
			}
			if set {
				name, r.variable = value, variable
				break
			}
		}
	}
	if !r.named() {
		name = "default"
	}
	p, err := r.files.profile(name)
	if err != nil {
		return err
	}
	if p == nil && r.named() {
		return r.files.notFound(name, r.variable)
	}
	if p == nil {
		p = &profile{name: name}
	}
	r.profile = p
	return nil
}

// chain returns the source and the roles. Profile is "" if the selected profile
// contributes nothing.
func (r *resolver) chain() (profile string, source Source, roles []Role, err error) {
	if !r.explicit {
		if keys, ok, err := r.environmentKeys(); ok || err != nil {
			return "", keys, nil, err
		}
	}
	p := r.profile
	if p.isRole() {
		source, roles, err := r.walk(p)
		return p.name, source, roles, err
	}
	said, says := p.namesCredentials()
	variables := !r.explicit && (r.variable == "" || !says)
	source, err = r.sourceOf(p, variables)
	switch {
	case err != nil:
		return "", nil, nil, err
	case source != nil:
		if w, ok := source.(WebIdentity); ok && w.Profile == "" {
			return "", source, nil, nil
		}
		return p.name, source, nil, nil
	case says:
		return "", nil, nil, p.incomplete(said)
	}
	// The profile has no credential settings, or does not exist.
	if err := r.files.doubt(p.name); err != nil {
		return "", nil, nil, err
	}
	if r.named() {
		profile = p.name
	}
	if container, ok := r.container(); ok {
		return profile, container, nil, nil
	}
	return profile, EC2{Fallback: true}, nil, nil
}

// isRole reports whether the profile requires AssumeRole. If there is a web
// identity token, role_arn is for AssumeRoleWithWebIdentity instead.
func (p *profile) isRole() bool {
	return p.has("role_arn") && !p.has("web_identity_token_file")
}

// hasKeys reports whether the profile has an access key, even an incomplete one. As
// a source, such a profile provides its access key, even if it has a role.
func (p *profile) hasKeys() bool {
	return p.has("aws_access_key_id", "aws_secret_access_key")
}

// maxChain is the maximum number of profiles in a chain. So many AssumeRole calls
// would take a minute or two.
const maxChain = 1000

// walk follows source_profile from a role profile to a source. It returns the roles
// in the order in which they are assumed.
func (r *resolver) walk(p *profile) (source Source, roles []Role, err error) {
	visited := map[string]bool{p.name: true}
	path := []string{p.name}
	for p.isRole() {
		role, err := p.role()
		if err != nil {
			return nil, nil, err
		}
		roles = append(roles, role)

		from, named := p.first("source_profile", "credential_source")
		switch {
		case !named:
			return nil, nil, p.fault("role_arn", "role_arn requires source_profile or credential_source")
		case p.has("source_profile") && p.has("credential_source"):
			return nil, nil, p.fault("credential_source", "source_profile and credential_source cannot be used together")
		}
		origin, err := p.value(from)
		if err != nil {
			return nil, nil, err
		}
		if from == "credential_source" {
			if !ValidCredentialSource(origin) {
				return nil, nil, p.fault(from, "credential_source is not one of "+credentialSources)
			}
			source, err = r.namedSource(origin, p.name, p.settings[from].at)
			if err != nil {
				return nil, nil, p.fault(from, "credential_source "+origin+": "+err.Error())
			}
			break
		}
		next, err := r.files.profile(origin)
		if err != nil {
			return nil, nil, err
		}
		if next == nil {
			err := error(&ConfigError{
				Profile: p.name, Setting: from, At: p.settings[from].at,
				Problem: "source_profile " + quote(origin) + " not found", Similar: similar(origin, r.files.names()),
			})
			if unread := r.files.unread(); unread != nil {
				err = cli.WithHints(fmt.Errorf("%w; %w", err, unread), cli.HintsOf(unread)...)
			}
			return nil, nil, err
		}
		itself := origin == p.name && next.hasKeys()
		if visited[origin] && !itself {
			return nil, nil, p.fault(from, "source_profile settings form a loop: "+loopAt(append(path, origin)))
		}
		if len(path) == maxChain {
			return nil, nil, p.fault(from, "the chain of source_profile settings is longer than "+strconv.Itoa(maxChain)+" profiles")
		}
		visited[origin] = true
		path = append(path, origin)
		if next.hasKeys() || !next.isRole() {
			source, err = r.sourceOf(next, false)
			if err != nil {
				return nil, nil, err
			}
			if source == nil {
				if said, says := next.namesCredentials(); says {
					return nil, nil, next.incomplete(said)
				}
				return nil, nil, p.fault(from, "source_profile "+quote(origin)+" has no credential settings")
			}
			break
		}
		p = next
	}
	slices.Reverse(roles)
	return source, roles, nil
}

// loopAt returns the loop at the end of the path, shortened if it is long.
func loopAt(path []string) string {
	const most = 8 // profiles shown
	path = path[slices.Index(path, path[len(path)-1]):]
	if len(path) > most {
		path = slices.Concat(path[:most/2], []string{"…"}, path[len(path)-most/2:])
	}
	return strings.Join(path, " → ")
}

// Limits on the duration of a role session, from
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const (
	MinDuration = 15 * time.Minute
	MaxDuration = 12 * time.Hour
)

// role returns the AssumeRole call that the profile describes.
func (p *profile) role() (role Role, err error) {
	role = Role{Profile: p.name, At: p.settings["role_arn"].at}
	if role.ARN, err = p.word("role_arn"); err != nil {
		return Role{}, err
	}
	if role.ExternalID, err = p.value("external_id"); err != nil {
		return Role{}, err
	}
	if role.MFASerial, err = p.value("mfa_serial"); err != nil {
		return Role{}, err
	}
	if role.SessionName, err = p.optional("role_session_name"); err != nil {
		return Role{}, err
	}
	if p.has("duration_seconds") {
		text, err := p.value("duration_seconds")
		if err != nil {
			return Role{}, err
		}
		seconds, err := parseInteger(text)
		if err != nil {
			return Role{}, p.fault("duration_seconds", "duration_seconds is not a whole number")
		}
		if seconds < int(MinDuration/time.Second) || seconds > int(MaxDuration/time.Second) {
			return Role{}, p.fault("duration_seconds", "duration_seconds is not between 900 and 43200")
		}
		role.Duration = time.Duration(seconds) * time.Second
	}
	return role, nil
}

// parseInteger accepts the same input as Python's int: a sign, and underscores
// between digits.
func parseInteger(s string) (int, error) {
	digits := strings.TrimLeft(s, "+-")
	if strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(strings.ReplaceAll(s, "_", ""))
}
