# SPDX-License-Identifier: GPL-3.0-or-later
"""A SOCKS5 proxy for one connection (RFC 1928, RFC 1929).

socks.py READY LOG TARGET-PORT [USER PASSWORD]: writes its own port to READY (a
FIFO), what it was asked to LOG, and passes octets to 127.0.0.1:TARGET-PORT
whatever name it was given.
"""
import select
import socket
import sys


def take(s, n):
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data


ready, log, port = sys.argv[1:4]
login = sys.argv[4:6]
listener = socket.socket()
listener.settimeout(60)
listener.bind(("127.0.0.1", 0))
listener.listen(1)
with open(ready, "w") as f:
    f.write("%d\n" % listener.getsockname()[1])
s, _ = listener.accept()
s.settimeout(60)
out = open(log, "w")
methods = take(s, take(s, 2)[1])
out.write("methods %s\n" % methods.hex())
method = 2 if login else 0
if method not in methods:
    s.sendall(b"\x05\xff")
    sys.exit(0)
s.sendall(bytes([5, method]))
if login:
    user = take(s, take(s, 2)[1]).decode()
    password = take(s, take(s, 1)[0]).decode()
    good = [user, password] == login
    out.write("login %s\n" % ("right" if good else "wrong"))
    s.sendall(b"\x01" + (b"\x00" if good else b"\x01"))
    if not good:
        sys.exit(0)
kind = take(s, 4)[3]
name = take(s, take(s, 1)[0]).decode() if kind == 3 else take(s, 4 if kind == 1 else 16).hex()
out.write("connect %d %s %d\n" % (kind, name, int.from_bytes(take(s, 2), "big")))
out.close()
target = socket.create_connection(("127.0.0.1", int(port)), 60)
s.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01" + int(port).to_bytes(2, "big"))
while True:
    readable, _, _ = select.select([s, target], [], [], 60)
    if not readable:
        break
    for a in readable:
        data = a.recv(65536)
        if not data:
            sys.exit(0)
        (target if a is s else s).sendall(data)
