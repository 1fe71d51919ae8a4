# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the TLS of one connection, and carries it on to a server: tls_middle.py PORT tls|plain CERTIFICATE KEY

Prints its own port first.  "tls": with TLS to the server as well, whose certificate it does not look at.
"""
import socket
import ssl
import sys
import threading


def carry(source, target):
    try:
        while octets := source.recv(4096):
            target.sendall(octets)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def main():
    port, inner_tls, cert, key = int(sys.argv[1]), sys.argv[2] == "tls", sys.argv[3], sys.argv[4]
    outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    outer.load_cert_chain(cert, key)
    inner = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    inner.check_hostname, inner.verify_mode = False, ssl.CERT_NONE
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    client = outer.wrap_socket(listener.accept()[0], server_side=True)
    server = socket.create_connection(("127.0.0.1", port))
    if inner_tls:
        server = inner.wrap_socket(server)
    back = threading.Thread(target=carry, args=(server, client), daemon=True)
    back.start()
    carry(client, server)
    back.join(10)


main()
