#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in client: proves that the testbed itself works, without posthaste.

usage: client.py PORT [OPTION...] <message

  --lmtp=SOCKET       LMTP on a Unix socket instead of PORT (give 0)
  --tls=MODE          starttls or first (implicit); default: none
  --ca=FILE           the root to trust; needed with --tls
  --cert=FILE         client certificate and key
  --auth=MECHANISM --user=NAME
                      the password or token is read from $BED_SECRET
  --from=ADDRESS --mail-option=WORD... --to=ADDRESS[ WORD...]...
  --bdat              CHUNKING instead of DATA
  --ehlo              print what EHLO shows (after TLS and AUTH), send nothing

The message is sent as it is read (it must have CRLF ends). Prints one line
"CODE TEXT" for each reply that decides something; status 0 when the message, or
with --ehlo the session, came through, 1 when not.
"""
import argparse
import base64
import hashlib
import hmac
import os
import smtplib
import ssl
import sys


def scram(digest, user, password):
    """The two answers of SCRAM (RFC 5802), and a check of the server's proof."""
    nonce = base64.b64encode(os.urandom(12)).decode()
    bare = f"n={user},r={nonce}"
    state = {}

    def answer(challenge=None):
        if challenge is None:
            return "n,," + bare
        text = challenge.decode()
        fields = dict(field.split("=", 1) for field in text.split(","))
        if "v" in fields:
            assert base64.b64decode(fields["v"]) == state["proof"], "the server cannot prove itself"
            return ""
        assert fields["r"].startswith(nonce), "the server changed the nonce"
        salted = hashlib.pbkdf2_hmac(digest, password.encode(), base64.b64decode(fields["s"]), int(fields["i"]))
        sign = lambda key, message: hmac.new(key, message.encode(), digest).digest()
        final = f"c=biws,r={fields['r']}"
        signed = f"{bare},{text},{final}"
        key = sign(salted, "Client Key")
        signature = sign(hashlib.new(digest, key).digest(), signed)
        state["proof"] = sign(sign(salted, "Server Key"), signed)
        return final + ",p=" + base64.b64encode(bytes(a ^ b for a, b in zip(key, signature))).decode()

    return answer


def digest_md5(user, password):
    """The answer of DIGEST-MD5 (RFC 2831), quality of protection auth."""
    md5 = lambda octets: hashlib.md5(octets).digest()

    def answer(challenge):
        if challenge.startswith(b"rspauth="):
            return ""
        text = challenge.decode()
        value = lambda name: text.split(name + '="', 1)[1].split('"', 1)[0] if name + '="' in text else ""
        realm, nonce, cnonce, uri = value("realm"), value("nonce"), os.urandom(8).hex(), "smtp/localhost"
        first = md5(f"{user}:{realm}:{password}".encode()) + f":{nonce}:{cnonce}".encode()
        middle = f":{nonce}:00000001:{cnonce}:auth:".encode()
        response = md5(md5(first).hex().encode() + middle + md5(f"AUTHENTICATE:{uri}".encode()).hex().encode()).hex()
        return (f'username="{user}",realm="{realm}",nonce="{nonce}",cnonce="{cnonce}",nc=00000001,'
                f'qop=auth,digest-uri="{uri}",response={response},charset=utf-8')

    return answer


def log_in(smtp, mechanism, user, secret):
    smtp.user, smtp.password = user, secret
    always = lambda text: lambda challenge=None: text
    first, answer = {
        "PLAIN": (True, smtp.auth_plain),
        "LOGIN": (False, smtp.auth_login),
        "CRAM-MD5": (False, smtp.auth_cram_md5),
        "DIGEST-MD5": (False, digest_md5(user, secret)),
        "SCRAM-SHA-1": (True, scram("sha1", user, secret)),
        "SCRAM-SHA-256": (True, scram("sha256", user, secret)),
        "EXTERNAL": (True, always("")),
        "XOAUTH2": (True, always(f"user={user}\x01auth=Bearer {secret}\x01\x01")),
        "OAUTHBEARER": (True, always(f"n,a={user},\x01auth=Bearer {secret}\x01\x01")),
    }[mechanism]
    if mechanism == "EXTERNAL":
        return smtp.docmd("AUTH", "EXTERNAL =")
    return smtp.auth(mechanism, answer, initial_response_ok=first)


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
    if options.bdat:
        smtp.putcmd(f"BDAT {len(message)} LAST")
        smtp.send(message)
    else:
        if smtp.docmd("DATA")[0] != 354:
            return False
        smtp.send(message.replace(b"\r\n.", b"\r\n..") + b".\r\n")
    codes = [show(smtp.getreply()) for _ in range(accepted if options.lmtp else 1)]
    return 250 in codes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    for name in ("lmtp", "tls", "ca", "cert", "auth", "user"):
        parser.add_argument("--" + name)
    parser.add_argument("--from", dest="sender", default="sender@mail.test")
    parser.add_argument("--mail-option", action="append", default=[])
    parser.add_argument("--to", action="append", default=[])
    parser.add_argument("--bdat", action="store_true")
    parser.add_argument("--ehlo", action="store_true")
    options = parser.parse_args()

    context = None
    if options.tls:
        context = ssl.create_default_context(cafile=options.ca)
        if options.cert:
            context.load_cert_chain(options.cert)
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
    if options.auth:
        show(log_in(smtp, options.auth, options.user, os.environ["BED_SECRET"]))
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
