# SPDX-License-Identifier: GPL-3.0-or-later
"""A token server that answers as it is told.

    token_server.py READY ANSWERS LOG CERTIFICATE KEY

It listens on a free port of 127.0.0.1 and writes the port to READY, by TLS.  ANSWERS has a JSON object per line: each
request takes the next line, and the last line stays.  Members, all optional:

    code     HTTP status (200)
    headers  object; Content-Type is application/json unless it is given
    body     text, or an object that is sent as JSON; "#" in a text member of an object is the number of the request
    rotate   the file of the one refresh token that is valid, NAME.N: another one gets "invalid_grant", this one
             is replaced by NAME.N+1, in the file and in the body
    wait     the answer comes when there is a file of this name
    act      reset: no answer; cut: half of it; silent: nothing until the client leaves

Each request is a line of LOG: method, path, the Authorization field, the form.
"""
import http.server
import json
import os
import ssl
import sys
import threading
import time
import urllib.parse

READY, ANSWERS, LOG, CERTIFICATE, KEY = sys.argv[1:]
LOCK = threading.Lock()
COUNT = 0


def next_answer():
    global COUNT
    with LOCK:
        COUNT += 1
        with open(ANSWERS, encoding='utf-8') as file:
            lines = file.read().splitlines()
        if len(lines) > 1:
            with open(ANSWERS + '.new', 'w', encoding='utf-8') as file:
                file.write('\n'.join(lines[1:]) + '\n')
            os.rename(ANSWERS + '.new', ANSWERS)
        return json.loads(lines[0]), COUNT


def rotate(rule, form):
    """The rule with the next refresh token, or what an old one gets."""
    with LOCK, open(rule['rotate'], 'r+', encoding='utf-8') as file:
        valid = file.read().strip()
        if form.get('refresh_token') != valid:
            return {'code': 400, 'body': {'error': 'invalid_grant'}}
        name, _, number = valid.rpartition('.')
        valid = f'{name}.{int(number) + 1}'
        file.seek(0)
        file.truncate()
        file.write(valid + '\n')
    return {**rule, 'body': {**rule['body'], 'refresh_token': valid}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        self.answer({})

    def do_POST(self):
        length = int(self.headers.get('Content-Length', 0))
        text = self.rfile.read(length).decode()
        self.answer({k: v[0] for k, v in urllib.parse.parse_qs(text, keep_blank_values=True).items()})

    def answer(self, form):
        rule, count = next_answer()
        with LOCK, open(LOG, 'a', encoding='utf-8') as file:
            file.write(json.dumps({'method': self.command, 'path': self.path, 'form': form,
                                   'authorization': self.headers.get('Authorization')}) + '\n')
        self.close_connection = True
        while 'wait' in rule and not os.path.exists(rule['wait']):
            time.sleep(0.02)
        if 'rotate' in rule:
            rule = rotate(rule, form)
        if rule.get('act') == 'reset':
            return
        if rule.get('act') == 'silent':
            self.rfile.read(1)
            return
        body = rule.get('body', '')
        if isinstance(body, dict):
            body = json.dumps({k: v.replace('#', str(count)) if isinstance(v, str) else v for k, v in body.items()})
        data = body.encode('utf-8', 'surrogateescape') + b' ' * rule.get('padding', 0)
        self.send_response(rule.get('code', 200))
        headers = {'Content-Type': 'application/json', 'Content-Length': str(len(data)), 'Connection': 'close'}
        headers.update(rule.get('headers', {}))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if rule.get('act') == 'cut' else data)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def finish_request(self, request, client_address):
        try:
            super().finish_request(CONTEXT.wrap_socket(request, server_side=True), client_address)
        except OSError:
            pass  # a client that does not trust the certificate


CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.load_cert_chain(CERTIFICATE, KEY)
server = Server(('127.0.0.1', 0), Handler)
with open(READY, 'w', encoding='utf-8') as ready:
    ready.write(f'{server.server_port}\n')
server.serve_forever()
