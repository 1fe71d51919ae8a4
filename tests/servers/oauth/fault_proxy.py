#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands before the authorization server and breaks what it is told to.

usage: fault_proxy.py DIRECTORY TARGET-PORT PORT=CERTIFICATE...

Each PORT is on loopback, with TLS and the certificate (key and chain in one file).
Requests go to TARGET-PORT (no TLS), the answers back, unless a rule says otherwise. A
rule is a file in DIRECTORY/rules: the first line is "PATH ACTION ARGUMENT..." for the
next request whose path contains PATH; of several the one whose name sorts first. It is
removed when it is used, unless its name begins with "always". DIRECTORY/log gets a line
"METHOD PATH ACTION" for each request, DIRECTORY/secrets (mode 0600) a line for each secret
that went by, DIRECTORY/ready appears when the ports are open.

  delay SECONDS            passes it on later
  silence                  reads the request, passes nothing on, answers nothing
  reset-before             ends the connection with a reset; the request is not passed on
  reset-after              the same after the server has answered
  cut                      half of the answer, then the end
  big OCTETS               a JSON object of this size
  answer CODE TYPE TEXT    this answer; the request is not passed on
  status CODE [RETRY]      an empty object with this code, and Retry-After: RETRY
  redirect CODE ADDRESS    to there
  gzip                     the server's answer compressed
  set NAME=JSON...         the server's answer with these members changed
  unset NAME...            without these members
  raw                      the other lines of the file as the answer's octets
"""
import gzip
import http.client
import http.server
import json
import os
import socket
import socketserver
import ssl
import struct
import sys
import threading
import urllib.parse

DIRECTORY, TARGET, *PORTS = sys.argv[1:]
RULES = os.path.join(DIRECTORY, "rules")
LOCK = threading.Lock()
SECRET = ("code", "code_verifier", "device_code", "client_secret", "refresh_token", "access_token")


def rule_for(path):
    """The action for this request as a list of words, and the text below it."""
    with LOCK:
        for name in sorted(os.listdir(RULES)):
            if name.endswith(".tmp"):
                continue
            with open(os.path.join(RULES, name), encoding="utf-8", newline="") as file:
                first, _, rest = file.read().partition("\n")
            where, *action = first.split(" ")
            if where in path:
                if not name.startswith("always"):
                    os.unlink(os.path.join(RULES, name))
                return action, rest
    return ["pass"], ""


def log(line):
    with LOCK, open(os.path.join(DIRECTORY, "log"), "a", encoding="utf-8") as file:
        file.write(line + "\n")


def remember(pairs):
    with LOCK, open(os.path.join(DIRECTORY, "secrets"), "a", encoding="utf-8") as file:
        for name, value in pairs:
            if name in SECRET and isinstance(value, str) and value:
                file.write(value + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.urlsplit(self.path).path
        (name, *arguments), rest = rule_for(path)
        log(f"{self.command} {path} {name}")
        self.close_connection = True
        getattr(self, "rule_" + name.replace("-", "_"))(body, arguments, rest)

    do_POST = do_HEAD = do_OPTIONS = do_GET

    def forward(self, body):
        connection = http.client.HTTPConnection("127.0.0.1", int(TARGET), timeout=60)
        skipped = ("connection", "content-length", "accept-encoding")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in skipped}
        headers["X-Forwarded-Proto"] = "https"
        if body or self.command == "POST":
            headers["Content-Length"] = str(len(body))
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        skipped = ("connection", "keep-alive", "content-length", "transfer-encoding", "date")
        text = answer.read()
        remember(urllib.parse.parse_qsl(body.decode("latin-1")))
        if "json" in answer.getheader("Content-Type", ""):
            remember(json.loads(text).items())
        return answer.status, [pair for pair in answer.getheaders() if pair[0].lower() not in skipped], text

    def reply(self, status, headers, body, length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def reply_json(self, status, value, headers=()):
        self.reply(status, [("Content-Type", "application/json"), *headers], json.dumps(value).encode())

    def rule_pass(self, body, *_):
        self.reply(*self.forward(body))

    def rule_delay(self, body, arguments, _):
        threading.Event().wait(float(arguments[0]))
        self.reply(*self.forward(body))

    def rule_silence(self, *_):
        # Until the client gives up.
        self.connection.settimeout(600)
        try:
            self.connection.recv(1)
        except OSError:
            pass

    def rule_reset_before(self, *_):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def rule_reset_after(self, body, *_):
        self.forward(body)
        self.rule_reset_before()

    def rule_cut(self, body, *_):
        status, headers, answer = self.forward(body)
        self.reply(status, headers, answer[: len(answer) // 2], len(answer))

    def rule_big(self, body, arguments, _):
        start, end = b'{"filler":"', b'"}'
        filler = b"x" * (int(arguments[0]) - len(start) - len(end))
        self.reply(200, [("Content-Type", "application/json")], start + filler + end)

    def rule_answer(self, body, arguments, rest):
        code, kind, *words = arguments
        self.reply(int(code), [("Content-Type", kind)], (" ".join(words) + rest).encode())

    def rule_status(self, body, arguments, _):
        self.reply_json(int(arguments[0]), {}, [("Retry-After", value) for value in arguments[1:]])

    def rule_redirect(self, body, arguments, _):
        self.reply(int(arguments[0]), [("Location", arguments[1])], b"")

    def rule_gzip(self, body, *_):
        status, headers, answer = self.forward(body)
        self.reply(status, [*headers, ("Content-Encoding", "gzip")], gzip.compress(answer))

    def rule_set(self, body, arguments, _):
        status, headers, answer = self.forward(body)
        value = json.loads(answer)
        for change in arguments:
            name, _, new = change.partition("=")
            value[name] = json.loads(new)
        self.reply(status, headers, json.dumps(value).encode())

    def rule_unset(self, body, arguments, _):
        status, headers, answer = self.forward(body)
        value = {name: member for name, member in json.loads(answer).items() if name not in arguments}
        self.reply(status, headers, json.dumps(value).encode())

    def rule_raw(self, body, arguments, rest):
        self.connection.sendall(rest.encode())

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, certificate):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        super().__init__(("127.0.0.1", int(port)), Handler)

    def finish_request(self, request, client_address):
        # The handshake belongs in the connection's own thread.
        request.settimeout(60)
        try:
            with self.context.wrap_socket(request, server_side=True) as tls:
                super().finish_request(tls, client_address)
        except OSError:
            pass

    def handle_error(self, *_):
        if isinstance(sys.exc_info()[1], (OSError, ValueError)):
            return
        super().handle_error(*_)


os.umask(0o077)
os.makedirs(RULES, exist_ok=True)
servers = [Server(*port.split("=", 1)) for port in PORTS]
for server in servers[1:]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
with open(os.path.join(DIRECTORY, "ready"), "w", encoding="utf-8") as ready:
    ready.write("yes\n")
servers[0].serve_forever()
