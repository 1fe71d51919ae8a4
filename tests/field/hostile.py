# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers that mean harm: hostile.py POSTHASTE FOLDER CERTIFICATE TRUST [NAME...]

The program meets every row below as a server on a port of 127.0.0.1: floods and silly answers in each state of a
session, in clear and within TLS, and to each mechanism of AUTH.  Whatever the server does, the program must end with
a status that says failure, not by a signal, after a few answers in AUTH, and without keeping what it is sent.

Prints "STATUS ROUNDS KIB NAME" for each.  A flood goes on until the program has closed the connection, so that it can
only end if the program ends it.
"""
import base64
import json
import os
import socket
import ssl
import sys
import threading

FLOOD = 64 << 20  # more than any program that keeps what it reads may have
LINE = b"x" * 900


def lines(prefix):
    """Lines without end."""
    return b"%s%s\r\n" % (prefix, LINE)


def b64(octets):
    return base64.b64encode(octets)


class Gone(Exception):
    """The program has closed the connection."""


class Peer:
    def __init__(self, sock):
        self.sock, self.rest = sock, b""

    def say(self, octets):
        try:
            self.sock.sendall(octets)
        except OSError:
            raise Gone from None

    def flood(self, octets):
        octets *= max(1, 65536 // len(octets))
        for _ in range(FLOOD // len(octets)):
            self.say(octets)
        raise Gone

    def hear(self):
        while b"\n" not in self.rest:
            try:
                more = self.sock.recv(65536)
            except OSError:
                more = b""
            if not more:
                raise Gone
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line.rstrip(b"\r")

    def tls(self, context):
        try:
            self.sock = context.wrap_socket(self.sock, server_side=True)
        except (OSError, ValueError):
            raise Gone from None


EHLO = b"250-mail.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE\r\n"

# What a server answers at some point, by name: octets, or a function of the peer.
ANSWERS = {
    "lines without end": lambda peer, code: peer.flood(lines(code + b"-")),
    "one line without end": lambda peer, code: (peer.say(code + b" "), peer.flood(LINE)),
    "NUL without end": lambda peer, code: peer.flood(b"\0" * 1000),
    "blank lines without end": lambda peer, code: peer.flood(b"\r\n"),
    "nothing but an end": lambda peer, code: None,
    "a cut line": lambda peer, code: peer.say(code + b"-cut"),
    "another code in the second line": lambda peer, code: peer.say(code + b"-one\r\n599 two\r\n"),
    "no code": lambda peer, code: peer.say(b"hello there\r\n"),
    "terminal controls": lambda peer, code: peer.say(b"5%s \x1b]0;x\x07\x9b31m\r\n" % code[1:]),
}

# What it answers to AUTH and to every line after that.
CHALLENGES = {
    "empty ones": b"334 \r\n",
    "bare ones": b"334\r\n",
    "= as challenge": b"334 =\r\n",
    "no base64": b"334 %%%%\r\n",
    "an octet": b"334 AA==\r\n",
    "NULs": b"334 " + b64(b"\0" * 64) + b"\r\n",
    "8-bit octets": b"334 " + b64(b"\xff\xfe" * 100) + b"\r\n",
    "commas": b"334 " + b64(b"," * 500) + b"\r\n",
    "equal signs": b"334 " + b64(b"=" * 500) + b"\r\n",
    "quotes": b"334 " + b64(b'realm="' * 80) + b"\r\n",
    "SCRAM with a large count": b"334 " + b64(b"r=%s,s=QUJD,i=2147483647") + b"\r\n",
    "SCRAM without salt": b"334 " + b64(b"r=x,s=,i=4096") + b"\r\n",
    "a DIGEST-MD5 challenge each time": b"334 "
    + b64(b'realm="x",nonce="y",qop="auth",charset=utf-8,algorithm=md5-sess') + b"\r\n",
    "a CRAM-MD5 challenge each time": b"334 " + b64(b"<1.2@mail.example.org>") + b"\r\n",
    "an NTLM challenge each time": b"334 " + b64(b"NTLMSSP\0\2\0\0\0" + b"\xff" * 60) + b"\r\n",
    "JSON each time": b"334 " + b64(b'{"status":"400","schemes":"bearer"}') + b"\r\n",
    "8 KiB": b"334 " + b64(b"y" * 8192) + b"\r\n",
    "1 MiB": b"334 " + b64(b"y" * (1 << 20)) + b"\r\n",
    "lines without end": None,
}

MECHANISMS = ("PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS "
              "XOAUTH2 OAUTHBEARER EXTERNAL GSSAPI").split()
STATES = {"greeting": b"220", "EHLO": b"250", "STARTTLS": b"220", "the greeting in TLS": b"220", "EHLO in TLS": b"250",
          "AUTH": b"235", "MAIL": b"250", "RCPT": b"250", "DATA": b"354", "the message": b"250", "QUIT": b"221"}
TLS_GARBAGE = {
    "zeros": b"\0" * 16384,
    "records without end": b"\x16\x03\x03\x40\x00" + b"\0" * 16384,
    "empty records": b"\x16\x03\x03\x00\x00",
    "warnings without end": b"\x15\x03\x03\x00\x02\x01\x00",
    "records of an unknown kind": b"\x99\x03\x03\x00\x01x",
    "change of ciphers without end": b"\x14\x03\x03\x00\x01\x01",
}


class Server:
    """One row: answers as a usual server does, until its point."""

    def __init__(self, context, tls, point, act, mechanism="PLAIN"):
        self.context, self.begins_in_tls, self.point, self.act, self.mechanism = context, tls, point, act, mechanism
        self.rounds = 0

    def reaches(self, peer, point, code, usual):
        if self.point == point:
            self.act(peer, code)
            raise Gone
        peer.say(usual)

    def challenge(self, peer):
        """AUTH and its challenges without end."""
        while True:
            self.rounds += 1
            self.act(peer, b"334")
            if peer.hear() == b"*":
                peer.say(b"501 5.7.0 cancelled\r\n")
                return

    def session(self, peer):
        within = "" if not self.begins_in_tls else " in TLS"
        if self.begins_in_tls:
            if self.point == "handshake":
                peer.sock.recv(4096)
                peer.flood(self.act)
            peer.tls(self.context)
        greeting = "the greeting in TLS" if within else "greeting"
        self.reaches(peer, greeting, b"220", b"220 mail.example.org ESMTP\r\n")
        while True:
            line = peer.hear().upper()
            verb = line.split(b" ")[0].split(b":")[0]
            if verb in (b"EHLO", b"HELO"):
                extra = b"" if within else b"250-STARTTLS\r\n" if self.point == "STARTTLS" else b""
                last = b"250 AUTH " + self.mechanism.encode() + b"\r\n"
                self.reaches(peer, "EHLO" + within, b"250", EHLO + extra + last)
            elif verb == b"STARTTLS":
                self.reaches(peer, "STARTTLS", b"220", b"454 no\r\n")
            elif verb == b"AUTH":
                if self.point == "challenge":
                    self.challenge(peer)
                else:
                    self.reaches(peer, "AUTH", b"235", b"235 2.7.0 welcome\r\n")
            elif verb == b"MAIL":
                self.reaches(peer, "MAIL", b"250", b"250 2.1.0 ok\r\n")
            elif verb == b"RCPT":
                self.reaches(peer, "RCPT", b"250", b"250 2.1.5 ok\r\n")
            elif verb == b"DATA":
                self.reaches(peer, "DATA", b"354", b"354 go\r\n")
                while peer.hear() != b".":
                    pass
                self.reaches(peer, "the message", b"250", b"250 2.0.0 taken\r\n")
            elif verb == b"QUIT":
                self.reaches(peer, "QUIT", b"221", b"221 2.0.0 bye\r\n")
                raise Gone
            else:
                peer.say(b"500 5.5.1 what?\r\n")

    def serve(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            peer = Peer(sock)
            try:
                self.session(peer)
            except (Gone, OSError):
                pass
            try:
                peer.sock.close()
            except OSError:
                pass


def rows(context):
    for tls in (False, True):
        for state, code in STATES.items():
            if state.endswith("in TLS") if not tls else state in ("greeting", "EHLO", "STARTTLS"):
                continue
            for name, act in ANSWERS.items():
                yield f"{state}{'' if not tls or state.endswith('TLS') else ' in TLS'}: {name}", \
                    Server(context, tls, state, act), []
    for name, octets in TLS_GARBAGE.items():
        yield f"handshake: {name}", Server(context, True, "handshake", octets), []
    for tls in (False, True):
        for mechanism in MECHANISMS:
            if mechanism.endswith("-PLUS") and not tls:
                continue
            for name, octets in CHALLENGES.items():
                act = (lambda peer, code, octets=octets: peer.say(octets)) if octets else ANSWERS["lines without end"]
                yield f"{mechanism}{' in TLS' if tls else ''}: {name}", \
                    Server(context, tls, "challenge", act, mechanism), [f"--auth={mechanism.lower()}"]


class Launcher:
    """Runs programs from a process that was forked while this one was small: a process begins with the most memory
    that its parent ever had."""

    def __init__(self, folder):
        self.ours, theirs = socket.socketpair()
        if os.fork() == 0:
            self.ours.close()
            with theirs.makefile("rw") as lines:
                for line in lines:
                    lines.write(json.dumps(self.launch(json.loads(line), folder)) + "\n")
                    lines.flush()
            os._exit(0)
        theirs.close()
        self.lines = self.ours.makefile("rw")

    @staticmethod
    def launch(command, folder):
        pid = os.fork()
        if pid == 0:
            for number, (path, flags) in enumerate(((f"{folder}/mail", os.O_RDONLY), ("/dev/null", os.O_WRONLY),
                                                    (f"{folder}/said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC))):
                os.dup2(os.open(path, flags, 0o600), number)
            os.execv(command[0], command)
        _, status, usage = os.wait4(pid, 0)
        return os.waitstatus_to_exitcode(status) % 256, usage.ru_maxrss

    def run(self, command):
        self.lines.write(json.dumps(command) + "\n")
        self.lines.flush()
        return json.loads(self.lines.readline())


def meet(launcher, program, folder, trust, server, arguments):
    """Runs the program against the server; its status (above 128: a signal) and the most memory it had, in KiB."""
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
    port = listener.getsockname()[1]
    tls = ["--tls=off"]
    if server.begins_in_tls or server.point == "STARTTLS":
        starttls = "off" if server.begins_in_tls else "on"
        tls = ["--tls=on", f"--tls-trust-file={trust}", f"--tls-starttls={starttls}"]
    result = launcher.run([program, "-C", f"{folder}/rc", f"--port={port}", *tls, *(arguments or ["--auth=plain"]),
                           "bob@example.org"])
    listener.close()
    return result


def main():
    program, folder, certificate, trust, *only = sys.argv[1:]
    launcher = Launcher(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    for name, server, arguments in rows(context):
        if not only or name in only:
            status, memory = meet(launcher, program, folder, trust, server, arguments)
            print(status, server.rounds, memory, name, flush=True)


main()
