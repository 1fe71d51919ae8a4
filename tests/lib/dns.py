#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server for tests: answers from a small file, over UDP and TCP.

    dns.py ZONE [PORT]

Listens on 127.0.0.1 (port 53), brings the loopback interface up first where it is
down (a new network namespace), and prints "ready". ZONE is read again for each
question; a line is

    NAME A ADDRESS                            NAME AAAA ADDRESS
    NAME SRV PRIORITY WEIGHT PORT TARGET      NAME MX PREFERENCE HOST
    NAME FLAG...          ad: the answer is secure   tc: cut over UDP
                          servfail: it fails         silent: nothing comes

A name without a line does not exist.
"""
import fcntl
import ipaddress
import socket
import socketserver
import struct
import sys
import threading

A, MX, AAAA, SRV = 1, 15, 28, 33
NUMBERS = {"A": A, "AAAA": AAAA, "MX": MX, "SRV": SRV}


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(s, 0x8913, request))[1]
        if not flags & 1:
            fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", flags | 1))


def wire_name(name):
    labels = [label.encode("ascii") for label in name.strip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def read_name(data, at):
    labels = []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode("ascii", "replace"))
        at += 1 + data[at]
    return ".".join(labels).lower(), at + 1


def record_data(number, words):
    if number == SRV:
        priority, weight, port, target = words
        return struct.pack("!HHH", int(priority), int(weight), int(port)) + wire_name(target)
    if number == MX:
        return struct.pack("!H", int(words[0])) + wire_name(words[1])
    return ipaddress.ip_address(words[0]).packed


class Zone:
    def __init__(self, path):
        self.path = path

    def look(self, name, number):
        """The records' data, the flags, and whether the name is known at all."""
        data, flags, known = [], set(), False
        with open(self.path, encoding="ascii") as lines:
            for line in lines:
                words = line.split()
                if not words or words[0].lower().rstrip(".") != name:
                    continue
                known = True
                if words[1] not in NUMBERS:
                    flags.update(words[1:])
                elif NUMBERS[words[1]] == number:
                    data.append(record_data(number, words[2:]))
        return data, flags, known

    def answer(self, question, over_udp):
        name, end = read_name(question, 12)
        number = struct.unpack("!H", question[end:end + 2])[0]
        data, flags, known = self.look(name, number)
        if "silent" in flags:
            return None
        bits = 0x8180 | (0x20 if "ad" in flags else 0) | (2 if "servfail" in flags else 0 if known else 3)
        if "tc" in flags and over_udp:
            bits, data = bits | 0x200, []
        if "servfail" in flags:
            data = []
        head = question[:2] + struct.pack("!HHHHH", bits, 1, len(data), 0, 0)
        records = [b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 60, len(d)) + d for d in data]
        return head + question[12:end + 4] + b"".join(records)


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        answer = self.server.zone.answer(self.request[0], True)
        if answer:
            self.request[1].sendto(answer, self.client_address)


class Tcp(socketserver.StreamRequestHandler):
    def handle(self):
        length = self.rfile.read(2)
        if len(length) < 2:
            return
        answer = self.server.zone.answer(self.rfile.read(struct.unpack("!H", length)[0]), False)
        if answer:
            self.wfile.write(struct.pack("!H", len(answer)) + answer)


class UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    zone, port = Zone(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 53
    loopback_up()
    servers = [UdpServer(("127.0.0.1", port), Udp), TcpServer(("127.0.0.1", port), Tcp)]
    for server in servers:
        server.zone = zone
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
