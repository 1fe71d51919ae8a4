#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of HTTPS for tests, for several hosts.

    https_files.py FOLDER PORT HOST=CERTIFICATE...

Listens on 127.0.0.1, and prints "ready".  CERTIFICATE is a file with key and certificate; a host that is not named gets
the first one.  GET of /PATH at HOST is answered with the file FOLDER/HOST/PATH, or 404.  Two names are special:

    PATH.redirect    holds the address of a redirection
    PATH.silent      no answer comes until the client leaves

Each request is a line of FOLDER/log: HOST PATH?QUERY
"""
import http.server
import os
import ssl
import sys
import threading
import urllib.parse

FOLDER, PORT = sys.argv[1], int(sys.argv[2])
CONTEXTS = {}
LOCK = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        host = self.headers.get('Host', '').split(':')[0].lower()
        path = os.path.normpath(urllib.parse.urlsplit(self.path).path)
        with LOCK, open(os.path.join(FOLDER, 'log'), 'a', encoding='utf-8') as log:
            log.write(f'{host} {self.path}\n')
        file = os.path.join(FOLDER, host) + path
        self.close_connection = True
        if os.path.exists(file + '.silent'):
            self.rfile.read(1)
            return
        if os.path.exists(file + '.redirect'):
            with open(file + '.redirect', encoding='utf-8') as target:
                self.answer(302, b'', target.read().strip())
            return
        if not os.path.isfile(file):
            self.answer(404, b'<html>not here</html>')
            return
        with open(file, 'rb') as content:
            self.answer(200, content.read())

    def answer(self, code, body, location=None):
        self.send_response(code)
        self.send_header('Content-Length', str(len(body)))
        self.send_header('Connection', 'close')
        if location:
            self.send_header('Location', location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def finish_request(self, request, client_address):
        try:
            super().finish_request(FIRST.wrap_socket(request, server_side=True), client_address)
        except OSError:
            pass  # a client that does not trust the certificate, or has left


def choose(connection, name, context):
    connection.context = CONTEXTS.get((name or '').lower(), context)


for argument in sys.argv[3:]:
    name, _, certificate = argument.partition('=')
    CONTEXTS[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CONTEXTS[name].load_cert_chain(certificate)
FIRST = next(iter(CONTEXTS.values()))
FIRST.sni_callback = choose
server = Server(('127.0.0.1', PORT), Handler)
print('ready', flush=True)
server.serve_forever()
