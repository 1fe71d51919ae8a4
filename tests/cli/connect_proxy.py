# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTP proxy that knows CONNECT.

    connect_proxy.py READY LOG CODE PORT [LOGIN]

It writes its port to READY, answers every request with CODE, and after 200 connects to PORT of 127.0.0.1, whatever host
was asked for.  LOG gets the request line and the login of each.  With a LOGIN ("user:password") others get 407.  CODE
"greeting" is 200, sent together with the first words of the server; "NAME WORDS" is the whole status line "NAME WORDS".
"""
import base64
import socket
import sys
import threading

READY, LOG, CODE, PORT = sys.argv[1:5]
LOGIN = sys.argv[5:]


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client):
    head = b''
    while b'\r\n\r\n' not in head:
        data = client.recv(4096)
        if not data:
            return
        head += data
    lines = head.decode().split('\r\n')
    login = [line.split()[-1] for line in lines if line.lower().startswith('proxy-authorization: basic ')]
    login = [base64.b64decode(word).decode() for word in login]
    with open(LOG, 'a', encoding='utf-8') as log:
        log.write(f'{lines[0]} {login[0] if login else "-"}\n')
    code = '407' if LOGIN and login != LOGIN else CODE
    if code not in ('200', 'greeting'):
        line = code if ' ' in code else f'HTTP/1.1 {code} answer'
        client.sendall(f'{line}\r\nProxy-Authenticate: Basic realm="a b"\r\nContent-Length: 0\r\n\r\n'.encode())
        client.close()
        return
    server = socket.create_connection(('127.0.0.1', int(PORT)))
    words = server.recv(4096) if code == 'greeting' else b''
    client.sendall(b'HTTP/1.1 200 answer\r\n\r\n' + words)
    threading.Thread(target=copy, args=(server, client), daemon=True).start()
    copy(client, server)


listener = socket.create_server(('127.0.0.1', 0))
with open(READY, 'w', encoding='utf-8') as ready:
    ready.write(f'{listener.getsockname()[1]}\n')
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
