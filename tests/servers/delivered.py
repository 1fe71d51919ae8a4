#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what the servers of the testbed delivered.

usage: delivered.py ids FOLDER              the messages, oldest first
       delivered.py envelope FOLDER ID      the MAIL and RCPT commands, LF ends
       delivered.py message FOLDER ID       the content as the client sent it:
                                            without the trace fields the server
                                            put in front, nothing else changed
       delivered.py raw FOLDER ID           the content as it was delivered

FOLDER holds one of three kinds:
  N.env and N.msg   from capture.py
  ID.exim           one file: envelope, empty line, content, end mark (the end
                    mark shows that Exim has finished writing)
  new/              a maildir; no envelope but the Return-Path. Dovecot 2.4
                    stores LF line ends there: they are read as CRLF
ID may be "latest". Nothing there is status 1.
"""
import os
import re
import sys

END_MARK = b"posthaste-testbed-end\r\n"

# The hosts of the testbed name themselves so; a client's own Received field
# does not, hence stays.
TRACE = re.compile(
    rb"(?:Return-Path|Delivered-To|Envelope-to|Delivery-date):[^\r\n]*\r\n"
    rb"|Received: (?:[^\r\n]|\r\n[ \t])*by [a-z]+\.bed\.test(?:[^\r\n]|\r\n[ \t])*\r\n",
    re.IGNORECASE)


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def in_order(folder, names):
    return sorted(names, key=lambda name: (os.stat(os.path.join(folder, name)).st_mtime_ns, name))


def ids(folder):
    if os.path.isdir(os.path.join(folder, "new")):
        new = os.path.join(folder, "new")
        return in_order(new, os.listdir(new))
    names = os.listdir(folder) if os.path.isdir(folder) else []
    captured = sorted(name[:-4] for name in names if name.endswith(".msg"))
    if captured:
        return captured
    written = [name for name in names if name.endswith(".exim") and read(folder, name).endswith(END_MARK)]
    return [name[:-5] for name in in_order(folder, written)]


def parts(folder, name):
    """The envelope and the delivered content of one message."""
    if os.path.exists(os.path.join(folder, name + ".msg")):
        return read(folder, name + ".env"), read(folder, name + ".msg")
    if os.path.exists(os.path.join(folder, name + ".exim")):
        envelope, content = read(folder, name + ".exim").split(b"\r\n\r\n", 1)
        return envelope + b"\r\n", content[:-len(END_MARK)]
    content = read(folder, "new", name)
    if b"\r" not in content:
        content = content.replace(b"\n", b"\r\n")
    sender = re.match(rb"Return-Path: (<[^\r\n]*>)", content)
    return b"MAIL FROM:%s\r\n" % sender[1] if sender else b"", content


def without_trace(content):
    field = TRACE.match(content)
    while field:
        content = content[field.end():]
        field = TRACE.match(content)
    return content


def main():
    action, folder = sys.argv[1], sys.argv[2]
    known = ids(folder)
    if action == "ids":
        for name in known:
            print(name)
        return
    name = sys.argv[3]
    if name == "latest" and known:
        name = known[-1]
    if name not in known:
        sys.exit(1)
    envelope, content = parts(folder, name)
    if action == "envelope":
        content = envelope.replace(b"\r\n", b"\n")
    elif action == "message":
        content = without_trace(content)
    sys.stdout.buffer.write(content)


main()
