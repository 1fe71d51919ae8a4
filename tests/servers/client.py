#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in client: proves that the testbed itself works, without posthaste.

usage: client.py PORT [OPTION...] <message

  --lmtp=SOCKET       LMTP on a Unix socket instead of PORT (give 0)
  --tls=MODE          starttls or first (implicit); default: none
  --ca=FILE           the root to trust; needed with --tls
  --user=NAME         AUTH PLAIN with the password in $BED_SECRET
  --mechanism=NAME    OAUTHBEARER or XOAUTH2 instead, with $BED_SECRET as the token
  --from=ADDRESS --mail-option=WORD... --to=ADDRESS[ WORD...]...
  --ehlo              print what EHLO shows (after TLS and AUTH), send nothing

The message is sent as it is read (it must have CRLF ends). Prints one line
"CODE TEXT" for each reply that decides something; status 0 when the message, or
with --ehlo the session, came through, 1 when not.
"""
import argparse
import base64
import os
import smtplib
import ssl
import sys


def show(reply):
    code, text = reply
    print(code, text.decode(errors="replace").replace("\n", " | "))
    return code


def transmit(smtp, options, message):
    if show(smtp.docmd("MAIL", " ".join([f"FROM:<{options.sender}>"] + options.mail_option))) != 250:
        return False
    accepted = 0
    for to in options.to:
        address, _, words = to.partition(" ")
        accepted += show(smtp.docmd("RCPT", f"TO:<{address}> {words}".rstrip())) == 250
    if not accepted:
        return False
    if smtp.docmd("DATA")[0] != 354:
        return False
    smtp.send(message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    codes = [show(smtp.getreply()) for _ in range(accepted if options.lmtp else 1)]
    return 250 in codes


def bearer(smtp, mechanism):
    start = f"n,a={smtp.user},\1" if mechanism == "OAUTHBEARER" else f"user={smtp.user}\1"
    response = base64.b64encode(f"{start}auth=Bearer {smtp.password}\1\1".encode()).decode()
    code, text = smtp.docmd("AUTH", f"{mechanism} {response}")
    if code == 334:
        print(334, base64.b64decode(text).decode(errors="replace"))
        code, text = smtp.docmd("AQ==" if mechanism == "OAUTHBEARER" else "")
    return code, text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    for name in ("lmtp", "tls", "ca", "user", "mechanism"):
        parser.add_argument("--" + name)
    parser.add_argument("--from", dest="sender", default="sender@mail.test")
    parser.add_argument("--mail-option", action="append", default=[])
    parser.add_argument("--to", action="append", default=[])
    parser.add_argument("--ehlo", action="store_true")
    options = parser.parse_args()

    context = None
    if options.tls:
        context = ssl.create_default_context(cafile=options.ca)
    if options.lmtp:
        smtp = smtplib.LMTP(options.lmtp)
    elif options.tls == "first":
        smtp = smtplib.SMTP_SSL("localhost", options.port, context=context, timeout=20)
    else:
        smtp = smtplib.SMTP("localhost", options.port, timeout=20)
    smtp.ehlo("client.test")
    if options.tls == "starttls":
        smtp.starttls(context=context)
        smtp.ehlo("client.test")
    if options.user:
        smtp.user, smtp.password = options.user, os.environ["BED_SECRET"]
        if options.mechanism:
            show(bearer(smtp, options.mechanism))
        else:
            show(smtp.auth("PLAIN", smtp.auth_plain))
        smtp.ehlo("client.test")
    if options.ehlo:
        print(smtp.ehlo_resp.decode())
        return 0
    done = transmit(smtp, options, sys.stdin.buffer.read())
    smtp.quit()
    return 0 if done else 1


try:
    sys.exit(main())
except (smtplib.SMTPException, OSError) as problem:
    print("failed:", problem)
    sys.exit(1)
