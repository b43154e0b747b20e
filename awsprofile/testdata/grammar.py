"""Tells which profiles the AWS CLI sees in a config file.

Reads texts as JSON strings, one a line, and answers each with the profiles and
their settings, or null when the AWS CLI refuses the file.
"""
import configparser
import json
import sys
import tempfile

import botocore.configloader
import botocore.exceptions

with tempfile.NamedTemporaryFile() as f:
    for line in sys.stdin:
        f.seek(0)
        f.truncate()
        f.write(json.loads(line).encode())
        f.flush()
        try:
            parsed = botocore.configloader.raw_config_parse(f.name, parse_subsections=False)
            print(json.dumps(botocore.configloader.build_profile_map(parsed)['profiles']))
        except botocore.exceptions.ConfigParseError:
            print('null')
