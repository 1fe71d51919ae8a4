#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms in which a secret can show up, one a line.

    forms.py SECRET...

As it is, backwards, in hexadecimal and percent-encoded, and in base64 of either alphabet at any offset within a longer
text, without the digits that depend on what stands before and after it.
"""
import base64
import re
import sys
import urllib.parse


def forms(secret):
    digits = secret.hex()
    escaped = urllib.parse.quote(secret, safe='')
    yield from (secret, secret[::-1], digits.encode(), digits.upper().encode(), escaped.encode())
    yield re.sub('%..', lambda escape: escape[0].lower(), escaped).encode()
    yield urllib.parse.quote_plus(secret).encode()
    for offset in range(3):
        text = base64.b64encode(b'\0' * offset + secret)
        text = text[(offset * 8 + 5) // 6:(offset + len(secret)) * 8 // 6]
        yield text
        yield text.replace(b'+', b'-').replace(b'/', b'_')


for line in sorted({form for word in sys.argv[1:] for form in forms(word.encode())}):
    sys.stdout.buffer.write(line + b'\n')
