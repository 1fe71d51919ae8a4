# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that says exactly what its script says, to test the test smarthost.

talk.py ADDRESS PORT STEP...

  >TEXT   send TEXT (escapes \\r \\n \\xHH; nothing is added)
  <REGEX  read one complete reply; it must match REGEX from its start
  <?      read one complete reply, whatever it is
  !REGEX  read all that comes in clear with one read; it must match
  tls     start TLS, with no verification
  eof     the server must close now
  cont:N  wake the stopped process N
  fill:N  send N octets in lines of 76
A PORT of 0 means a Unix socket at ADDRESS.  Ends with 1 and the reason on
standard error when the server does otherwise.
"""
import os
import re
import signal
import socket
import ssl
import sys


class Peer:
    def __init__(self, address, port):
        if port:
            self.sock = socket.create_connection((address, port), timeout=20)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(20)
            self.sock.connect(address)
        self.data = b""

    def reply(self):
        while True:
            end = re.search(rb"^\d{3}(?: [^\n]*)?\r\n", self.data, re.M)
            if end:
                text, self.data = self.data[:end.end()], self.data[end.end():]
                return text
            more = self.sock.recv(65536)
            if not more:
                raise SystemExit("closed in the middle of a reply: %r" % self.data)
            self.data += more

    def tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.sock = context.wrap_socket(self.sock, server_hostname="localhost")

    def eof(self):
        try:
            more = self.data + self.sock.recv(65536)
        except (ConnectionResetError, ssl.SSLError):
            return
        if more:
            raise SystemExit("the end was expected, %r came" % more)


def expect(pattern, got):
    if not re.match(pattern.encode(), got, re.S):
        raise SystemExit("expected %s, got %r" % (pattern, got))


def main():
    peer = Peer(sys.argv[1], int(sys.argv[2]))
    for step in sys.argv[3:]:
        if step[0] == ">":
            peer.sock.sendall(step[1:].encode("latin-1").decode("unicode_escape").encode("latin-1"))
        elif step == "<?":
            peer.reply()
        elif step[0] == "<":
            expect(step[1:], peer.reply())
        elif step[0] == "!":
            expect(step[1:], peer.sock.recv(65536))
        elif step == "tls":
            peer.tls()
        elif step == "eof":
            peer.eof()
        elif step.startswith("cont:"):
            os.kill(int(step[5:]), signal.SIGCONT)
        elif step.startswith("fill:"):
            size = int(step[5:])
            line = b"x" * 74 + b"\r\n"
            peer.sock.sendall((line * (size // 76 + 1))[:size - 2] + b"\r\n")
        else:
            raise SystemExit("unknown step " + step)


main()
