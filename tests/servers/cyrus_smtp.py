# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP server whose logins Cyrus SASL's library decides, with channel binding to TLS 1.2 (tls-unique).

	cyrus_smtp.py LIBRARY CONF-FOLDER CERTIFICATE KEY PORT-FILE

TLS from the first octet, or with the word "plain" as CERTIFICATE none.  Writes "MECHANISM USER" of each login, and
"refused MECHANISM", to standard output; takes any message and forgets it.  CONF-FOLDER has bed.conf.
"""
import base64
import ctypes
import os
import socket
import ssl
import sys
import threading

LIBRARY, CONF, CERT, KEY, PORT_FILE = sys.argv[1:6]
SASL_OK, SASL_CONTINUE = 0, 1
SASL_USERNAME, SASL_CHANNEL_BINDING = 0, 21
SASL_PATH_TYPE_CONFIG = 1


class ChannelBinding(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("critical", ctypes.c_int), ("len", ctypes.c_ulong),
                ("data", ctypes.c_char_p)]


sasl = ctypes.CDLL(LIBRARY)
P = ctypes.POINTER
for name, arguments in {
        "sasl_set_path": [ctypes.c_int, ctypes.c_char_p],
        "sasl_server_init": [ctypes.c_void_p, ctypes.c_char_p],
        "sasl_server_new": [ctypes.c_char_p] * 5 + [ctypes.c_void_p, ctypes.c_uint, P(ctypes.c_void_p)],
        "sasl_setprop": [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p],
        "sasl_getprop": [ctypes.c_void_p, ctypes.c_int, P(ctypes.c_char_p)],
        "sasl_listmech": [ctypes.c_void_p] + [ctypes.c_char_p] * 4
        + [P(ctypes.c_char_p), P(ctypes.c_uint), P(ctypes.c_int)],
        "sasl_server_start": [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint, P(ctypes.c_void_p),
                              P(ctypes.c_uint)],
        "sasl_server_step": [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint, P(ctypes.c_void_p), P(ctypes.c_uint)],
        "sasl_dispose": [P(ctypes.c_void_p)],
}.items():
    getattr(sasl, name).argtypes = arguments


def must(result, what):
    if result != SASL_OK:
        raise SystemExit("%s: %d" % (what, result))


class Login:
    """One exchange, with the binding of the connection if it has one."""

    def __init__(self, binding):
        self.conn = ctypes.c_void_p()
        must(sasl.sasl_server_new(b"smtp", b"localhost", b"mail.test", None, None, None, 0, ctypes.byref(self.conn)),
             "sasl_server_new")
        if binding:
            self.binding = ChannelBinding(b"tls-unique", 0, len(binding), binding)
            must(sasl.sasl_setprop(self.conn, SASL_CHANNEL_BINDING, ctypes.byref(self.binding)), "sasl_setprop")

    def mechanisms(self):
        text, length, count = ctypes.c_char_p(), ctypes.c_uint(), ctypes.c_int()
        must(sasl.sasl_listmech(self.conn, None, b"", b" ", b"", ctypes.byref(text), ctypes.byref(length),
                                ctypes.byref(count)), "sasl_listmech")
        return text.value.decode()

    def step(self, call, *arguments):
        out, length = ctypes.c_void_p(), ctypes.c_uint()
        result = call(self.conn, *arguments, ctypes.byref(out), ctypes.byref(length))
        return result, ctypes.string_at(out, length.value) if out else b""

    def user(self):
        value = ctypes.c_char_p()
        must(sasl.sasl_getprop(self.conn, SASL_USERNAME, ctypes.byref(value)), "sasl_getprop")
        return value.value.decode().split("@")[0]

    def end(self):
        sasl.sasl_dispose(ctypes.byref(self.conn))


def log(line):
    print(line, flush=True)


def authenticate(words, login, ask):
    mechanism = words[1].upper()
    initial = None if len(words) < 3 else b"" if words[2] == "=" else base64.b64decode(words[2])
    result, out = login.step(sasl.sasl_server_start, mechanism.encode(), initial, len(initial or b""))
    while result == SASL_CONTINUE:
        answer = ask(out)
        if answer == "*":
            return "501 5.7.0 cancelled"
        octets = base64.b64decode(answer)
        result, out = login.step(sasl.sasl_server_step, octets, len(octets))
    if result != SASL_OK:
        log("refused %s" % mechanism)
        return "535 5.7.8 authentication failed"
    log("%s %s" % (mechanism, login.user()))
    return "235 2.7.0 welcome"


def converse(stream, binding):
    def say(line):
        stream.write(line.encode() + b"\r\n")
        stream.flush()

    def ask(challenge):
        say("334 " + base64.b64encode(challenge).decode())
        return stream.readline().decode().strip()

    login = Login(binding)
    say("220 cyrus.bed.test")
    while line := stream.readline().decode("latin-1").strip():
        words = line.split()
        verb = words[0].upper()
        if verb == "EHLO":
            say("250-cyrus.bed.test\r\n250 AUTH " + login.mechanisms())
        elif verb == "AUTH":
            say(authenticate(words, login, ask))
            login.end()
            login = Login(binding)
        elif verb == "DATA":
            say("354 go ahead")
            while stream.readline() not in (b".\r\n", b""):
                pass
            say("250 2.0.0 taken")
        elif verb == "QUIT":
            say("221 2.0.0 bye")
            break
        else:
            say("250 2.0.0 fine")
    login.end()


def serve(client, context):
    try:
        if context:
            client = context.wrap_socket(client, server_side=True)
        binding = client.get_channel_binding("tls-unique") if context else None
        with client, client.makefile("rwb") as stream:
            converse(stream, binding)
    except OSError as problem:
        log("lost: %s" % problem)


def main():
    must(sasl.sasl_set_path(SASL_PATH_TYPE_CONFIG, CONF.encode()), "sasl_set_path")
    must(sasl.sasl_server_init(None, b"bed"), "sasl_server_init")
    context = None
    if CERT != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(CERT, KEY)
    listener = socket.create_server(("127.0.0.1", 0))
    with open(PORT_FILE + ".new", "w", encoding="ascii") as file:
        file.write(str(listener.getsockname()[1]))
    os.rename(PORT_FILE + ".new", PORT_FILE)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], context), daemon=True).start()


main()
