#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail server at the end of the line that writes down exactly what it got.

usage: capture.py FOLDER NAME...

Listens once per NAME on a loopback port of the kernel's choice and writes that
port to FOLDER/NAME/port. Speaks SMTP and LMTP (after LHLO). Each message
becomes two files there, N.env and N.msg (N is 0001, 0002, ...; the .msg is
renamed into place last, so a reader who sees it sees both):

  N.env   the MAIL and RCPT commands it accepted, octet for octet, one a line
  N.msg   the content between DATA and the dot, dots unstuffed, CRLF as it came

It checks nothing but the order of commands: the real server in front of it is
the one under test.
"""
import os
import socketserver
import sys
import threading

EXTENSIONS = ("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES")


class Box:
    """The folder of one listener."""

    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.Lock()
        self.number = 0
        os.makedirs(folder, exist_ok=True)

    def write(self, name, octets):
        path = os.path.join(self.folder, name)
        with open(path + ".tmp", "wb") as file:
            file.write(octets)
        os.rename(path + ".tmp", path)

    def keep(self, envelope, content):
        with self.lock:
            self.number += 1
            name = f"{self.number:04d}"
            self.write(name + ".env", b"".join(line + b"\r\n" for line in envelope))
            self.write(name + ".msg", content)
        return name


class Session(socketserver.StreamRequestHandler):
    # Replies to pipelined commands leave in one piece each: no Nagle delay.
    disable_nagle_algorithm = True

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.lmtp = False
        self.envelope = []
        self.say("220 capture.test ESMTP and LMTP")
        try:
            for line in iter(self.rfile.readline, b""):
                if not self.command(line.rstrip(b"\r\n")):
                    return
        except ConnectionError:
            return

    def command(self, line):
        """Answers one command; false ends the session."""
        verb = line.split(b" ", 1)[0].upper()
        if verb in (b"EHLO", b"LHLO"):
            self.lmtp = verb == b"LHLO"
            self.envelope = []
            names = ("capture.test",) + EXTENSIONS
            for name in names[:-1]:
                self.say("250-" + name)
            self.say("250 " + names[-1])
        elif verb == b"MAIL":
            self.envelope = [line]
            self.say("250 2.1.0 sender ok")
        elif verb == b"RCPT" and self.envelope:
            self.envelope.append(line)
            self.say("250 2.1.5 recipient ok")
        elif verb == b"DATA" and len(self.envelope) > 1:
            self.say("354 go ahead")
            return self.data()
        elif verb in (b"RSET", b"HELO", b"NOOP"):
            if verb != b"NOOP":
                self.envelope = []
            self.say("250 2.0.0 ok")
        elif verb == b"QUIT":
            self.say("221 2.0.0 bye")
            return False
        else:
            self.say("503 5.5.1 not now")
        return True

    def data(self):
        lines = []
        for line in iter(self.rfile.readline, b""):
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        else:
            return False  # the connection went away: nothing was delivered
        name = self.server.box.keep(self.envelope, b"".join(lines))
        for _ in self.envelope[1:] if self.lmtp else [None]:
            self.say("250 2.0.0 captured as " + name)
        self.envelope = []
        return True


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    folder, names = sys.argv[1], sys.argv[2:]
    servers = []
    for name in names:
        server = Server(("127.0.0.1", 0), Session)
        server.box = Box(os.path.join(folder, name))
        servers.append((name, server))
    for name, server in servers:
        server.box.write("port", b"%d\n" % server.server_address[1])
        threading.Thread(target=server.serve_forever).start()


main()
