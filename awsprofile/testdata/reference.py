"""Tells what botocore makes of AWS files and environments.

Reads cases as JSON lines on standard input, each
  {"config": text or null, "credentials": text or null, "env": {}, "profile": name}
and answers each with one line: the source and the roles that botocore's own
provider chain comes to, or its error. Where that is that a file cannot be
parsed, "tolerant" tells what a more lenient parser leads to. Nothing is called: what would do I/O is
replaced by what records its arguments.
"""
import configparser
import json
import os
import sys
import tempfile

import botocore.credentials as c
import botocore.exceptions as x
import botocore.session
import botocore.utils
from botocore.configprovider import ConfiguredEndpointProvider


class Quiet:
    def __init__(self, *args, **kwargs):
        pass


botocore.httpsession.URLLib3Session = Quiet


class Recorded:
    def __init__(self, **kwargs):
        self.kwargs = kwargs
        self.feature_ids = set()

    def fetch_credentials(self):
        raise AssertionError('nothing may be called')


class Role(Recorded):
    pass


class WebIdentity(Recorded):
    pass


class SSO(Recorded):
    pass


class Found:
    """Credentials that a call would have brought."""

    def __init__(self, **what):
        self.what = what


c.AssumeRoleCredentialFetcher = Role
c.AssumeRoleWithWebIdentityCredentialFetcher = WebIdentity
c.SSOCredentialFetcher = SSO
c.FileWebIdentityTokenLoader = lambda path: path


def load_process(self):
    command = self._credential_process
    if command is None:
        return None
    words = c.compat_shell_split(command)
    words[0]  # as Popen does
    return Found(
        kind='process',
        command=words,
        profile=self._profile_name,
    )


def load_login(self):
    profile = self._load_config().get('profiles', {}).get(self._profile_name, {})
    if 'login_session' not in profile:
        return None
    return Found(kind='login', session=profile['login_session'], profile=self._profile_name)


def load_container(self):
    return Found(
        kind='container',
        relative=self._environ.get(self.ENV_VAR, ''),
        full='' if self.ENV_VAR in self._environ else self._environ.get(self.ENV_VAR_FULL, ''),
    )


c.ProcessProvider.load = load_process
c.LoginProvider.load = load_login
c.ContainerProvider._retrieve_or_fail = load_container
c.InstanceMetadataProvider.load = lambda self: Found(kind='ec2')


def describe(creds, roles):
    if isinstance(creds, Found):
        return creds.what
    if isinstance(creds, c.DeferredRefreshableCredentials):
        refresh = creds._refresh_using
        fetcher = getattr(refresh, '_refresh', refresh).__self__
        k = fetcher.kwargs
        if isinstance(fetcher, Role):
            source = describe(k['source_credentials'], roles)
            roles.append({'RoleArn': k['role_arn'], **k['extra_args']})
            return source
        if isinstance(fetcher, WebIdentity):
            return {
                'kind': 'web identity',
                'token': k['web_identity_token_loader'],
                'role': k['role_arn'],
                'session': k['extra_args'].get('RoleSessionName', ''),
            }
        if k.get('token_provider'):
            k['token_provider'].load_token()
        return {
            'kind': 'sso',
            'session': k.get('sso_session_name') or '',
            'start': k['start_url'],
            'region': k['sso_region'],
            'role': k['role_name'],
            'account': k['account_id'],
        }
    return {
        'kind': creds.method,
        'key': creds.access_key,
        'secret': creds.secret_key,
        'token': creds.token or '',
    }


def settings(session):
    get = session.get_config_variable
    answer = {
        'ca_bundle': (get('ca_bundle') or os.environ.get('REQUESTS_CA_BUNDLE') or '').strip(),
        'fips': bool(get('use_fips_endpoint')),
        'dualstack': bool(get('use_dualstack_endpoint')),
        'v1_disabled': bool(get('ec2_metadata_v1_disabled')),
        'mode': botocore.utils.resolve_imds_endpoint_mode(session),
        'timeout': get('metadata_service_timeout'),
        'attempts': get('metadata_service_num_attempts'),
        'endpoints': {},
    }
    if not get('ignore_configured_endpoint_urls'):
        for service in ['sts', 'sso', 'sso-oidc', 'signin']:
            url = ConfiguredEndpointProvider(
                full_config=session.full_config,
                scoped_config=session.get_scoped_config(),
                client_name=service,
            ).provide()
            if url:
                url.strip()  # fails for nested settings, as a client would
                answer['endpoints'][service.replace('-', '_')] = url
    return answer


class Tolerant(configparser.RawConfigParser):
    """Passes over lines that are amiss; of doubles the later wins."""

    def __init__(self):
        super().__init__(strict=False)

    def _read(self, fp, fpname):
        lines = list(fp)
        while lines and not lines[0].lstrip('\ufeff').strip().startswith('['):
            lines.pop(0)
        if lines:
            lines[0] = lines[0].lstrip('\ufeff')
        try:
            super()._read(lines, fpname)
        except configparser.ParsingError:
            pass


strict_nested = botocore.configloader._parse_nested


def tolerant_nested(value):
    return strict_nested('\n'.join(line for line in value.splitlines() if '=' in line))


class Parsers:
    """Stands for the configparser module within botocore."""

    Error = configparser.Error
    RawConfigParser = configparser.RawConfigParser


botocore.configloader.configparser = Parsers


def answer(case, folder):
    env = dict(case['env'] or {})
    for name, variable in [('config', 'AWS_CONFIG_FILE'), ('credentials', 'AWS_SHARED_CREDENTIALS_FILE')]:
        path = os.path.join(folder, name)
        env[variable] = path
        if os.path.exists(path):
            os.remove(path)
        if case[name] is not None:
            with open(path, 'wb') as f:
                f.write(case[name].encode('utf-8', 'surrogateescape'))
    env['HOME'] = folder
    env['BOTO_CONFIG'] = '/nonexistent'
    os.environ.clear()
    os.environ.update(env)
    found = resolve(case)
    if found.get('error', '').startswith('ConfigParseError'):
        Parsers.RawConfigParser = Tolerant
        botocore.configloader._parse_nested = tolerant_nested
        found['tolerant'] = resolve(case)
        Parsers.RawConfigParser = configparser.RawConfigParser
        botocore.configloader._parse_nested = strict_nested
    return found


def resolve(case):
    try:
        session = botocore.session.Session(include_builtin_handlers=False)
        if case['profile']:
            session.set_config_variable('profile', case['profile'])
        creds = session.get_component('credential_provider').load_credentials()
        roles = []
        source = describe(creds, roles)
        return {'source': source, 'roles': roles, 'settings': settings(session)}
    except Exception as e:
        return {'error': type(e).__name__ + ': ' + str(e)}


def main():
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line), folder)), flush=True)


main()
