#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OAuth 2 side that Dovecot asks whether an access token is good.

usage: tokeninfo.py PORTFILE USER TOKEN

GET /tokeninfo?access_token=TOKEN answers 200 with the user's name, any other
token 401. GET /introspect?token=TOKEN (RFC 7662) always answers 200 and says
whether the token is active. The port is the kernel's choice and is written to PORTFILE.
"""
import http.server
import json
import os
import sys
import urllib.parse

PORTFILE, USER, TOKEN = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        if url.path == "/introspect":
            active = query.get("token") == [TOKEN]
            self.answer(200, {"active": True, "username": USER, "scope": "mail"} if active else {"active": False})
        elif query.get("access_token") == [TOKEN]:
            self.answer(200, {"username": USER, "scope": "mail", "expires_in": 3600})
        else:
            self.answer(401, {"error": "invalid_token"})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(PORTFILE + ".tmp", "w") as file:
    file.write(f"{server.server_address[1]}\n")
os.rename(PORTFILE + ".tmp", PORTFILE)
server.serve_forever()
