#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes messages that have to be converted, and checks what became of them.

usage: convert.py make NAME            the message, LF line ends
       convert.py same GOT NAME        status 0 if it says the same in 7 bits:
                                       the check uses Python's email package
"""
import email
import sys
from email import policy

HEAD = b"""From: sender@mail.test
To: a@mail.test
Date: Sun, 1 Nov 2026 00:00:00 +0000
Message-ID: <convert@client.test>
MIME-Version: 1.0
"""
TEXT = "Gr\u00fc\u00dfe =\n.\n..\nFrom here\n--\n \t\nthe end \u20ac\n".encode()
TREE = HEAD + b"""Content-Type: multipart/mixed; boundary="b"
Content-Transfer-Encoding: 8bit

preamble
--b
Content-Type: multipart/alternative; boundary="bb"

--bb
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

""" + TEXT + b"""
--bb
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

<p>\xe9\xe9\xe9\xe9</p>
--bb--
--b
Content-Type: message/rfc822
Content-Transfer-Encoding: 8bit

Subject: inside
Content-Type: text/plain; charset=utf-8

""" + TEXT + b"""
--b
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="x.bin"

AAECAwQ=
--b
Content-Type: application/octet-stream; name="y.bin"
Content-Transfer-Encoding: binary

""" + bytes(range(256)).replace(b"\r", b"") + b"""
--b--
epilogue
"""
MESSAGES = {
    "text": HEAD + b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + TEXT,
    "tree": TREE,
    "plain": HEAD.replace(b"MIME-Version: 1.0\n", b"") + b"\n" + TEXT,
    "long": HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + TEXT * 3 + b"word \xc3\xa4" * 500 + b"\nend\n",
}


def leaves(octets):
    found = []
    for part in email.message_from_bytes(octets, policy=policy.compat32).walk():
        if part.is_multipart():
            found.append((part.get_content_type(), part.preamble, part.epilogue))
            continue
        content = part.get_payload(decode=True)
        if part.get_content_maintype() == "text":
            content = content.replace(b"\r\n", b"\n").rstrip(b"\n")
        found.append((part.get_content_type(), part.get_filename(), content))
    return found


def clean(found):
    return [tuple(x.replace("\r\n", "\n") if isinstance(x, str) else x for x in leaf) for leaf in found]


def main():
    if sys.argv[1] == "make":
        sys.stdout.buffer.write(MESSAGES[sys.argv[2]])
        return 0
    with open(sys.argv[2], "rb") as file:
        got = file.read()
    wanted = MESSAGES[sys.argv[3]]
    problems = []
    if any(octet > 127 or not octet for octet in got):
        problems.append("it is not 7-bit text")
    if max(len(line) for line in got.split(b"\r\n")) > 998:
        problems.append("a line is too long")
    if clean(leaves(got)) != clean(leaves(wanted)):
        problems.append("it says something else:\n%r\n%r" % (clean(leaves(got)), clean(leaves(wanted))))
    for field in ("From", "To", "Date", "Message-ID"):
        if email.message_from_bytes(got)[field] != email.message_from_bytes(wanted)[field]:
            problems.append(field + " was changed")
    print("\n".join(problems))
    return bool(problems)


sys.exit(main())
