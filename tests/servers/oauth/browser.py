#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's browser at the authorization server provider.mjs.

usage: browser.py code URL [OPTION...]           follows the authorize address
       browser.py device ADDRESS CODE [OPTION...]  types the code in

  --ca=FILE              the root to trust
  --user=NAME            who logs in (tester)
  --allow=yes|no|partly  what the user answers on the consent page (yes)
  --steps=STEP,...       what happens at the loopback redirect, in this order (get):
     get            the request as the server's answer asks for it
     again          the same once more
     favicon options head post        requests that are not the answer
     wrong-state    the answer with another state      no-state   without one
     wrong-path     at another path                    no-code    without the code
     forged-iss     with another issuer                no-iss     without an issuer
     error          error=access_denied with our state
     wrong-error    the same with another state
     wrong-host     with a Host header that is not loopback
     idle           a connection that says nothing, kept open until the end
     big            16 KiB and more of header fields
     tls            the octets of a TLS handshake
     many           40 connections at once that say nothing, kept open until the end
     print          prints the redirect address instead of going there
     ipv6 ipv4      use that address for what follows, whatever the host name says
     none           nothing

Prints for each step "STEP STATUS", for print the address, and with --page the bodies of
the answers. Ends with 0 if the server led it to a redirect (code) or said that the device
may go on (device), else with 1 and the server's page.
"""
import argparse
import re
import socket
import ssl
import sys
import urllib.parse


class Browser:
    """Speaks HTTPS to the authorization server, keeping its cookies."""

    def __init__(self, ca):
        self.context = ssl.create_default_context(cafile=ca)
        self.cookies = {}

    def open(self, url, form=None):
        """One request; returns (status, headers as a list of pairs, body)."""
        parts = urllib.parse.urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        body = urllib.parse.urlencode(form).encode() if form is not None else b""
        lines = [f"{'GET' if form is None else 'POST'} {target} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        raw = socket.create_connection((parts.hostname, parts.port or 443), timeout=30)
        with self.context.wrap_socket(raw, server_hostname=parts.hostname) as tls:
            tls.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            status, headers, body = answer_of(read_all(tls))
        for name, value in headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        return status, headers, body

    def walk(self, url, user, allow):
        """Follows redirects and fills in forms until one leads off the server.
        Returns ("redirect", address) or ("page", text)."""
        server = urllib.parse.urlsplit(url).netloc
        status, headers, body = self.open(url)
        for _ in range(20):
            location = dict(headers).get("location")
            if location:
                url = urllib.parse.urljoin(url, location)
                if urllib.parse.urlsplit(url).netloc != server:
                    return "redirect", url
                status, headers, body = self.open(url)
            elif "/interaction/" in url:
                status, headers, body = self.open(url, {"user": user, "allow": allow})
            elif 'name="confirm"' in body or 'name="user_code"' in body:
                status, headers, body = self.open(url.split("?")[0], self.device_form(body, allow))
            else:
                return "page", f"{status} {body}"
        return "page", "the server led the browser in circles"

    def device_form(self, body, allow):
        form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body))
        if 'name="confirm"' in body:
            form["confirm"] = "yes"
        if 'type="text" name="user_code"' in body or "user_code" not in form:
            form["user_code"] = self.code
        return form


def read_all(stream):
    data = b""
    while True:
        try:
            part = stream.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            break
        if not part:
            break
        data += part
    return data


def answer_of(data):
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    match = re.match(r"HTTP/1\.[01] (\d+)", lines[0])
    headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
    if dict(headers).get("transfer-encoding") == "chunked":
        body = unchunk(body)
    return int(match.group(1)) if match else 0, headers, body.decode("utf-8", "replace")


def unchunk(body):
    out = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.split(b";")[0] or b"0", 16)
        if length == 0:
            break
        out, body = out + body[:length], body[length + 2:]
    return out


class Redirect:
    """What a browser does with the redirect to the loopback address."""

    def __init__(self, address, show):
        self.parts = urllib.parse.urlsplit(address)
        self.query = urllib.parse.parse_qsl(self.parts.query, keep_blank_values=True)
        self.show = show
        self.family = socket.AF_UNSPEC
        self.kept = []

    def connect(self):
        host = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}.get(self.family, self.parts.hostname)
        return socket.create_connection((host, self.parts.port), timeout=30)

    def ask(self, name, method="GET", path=None, query=None, headers=(), host=None, body=b""):
        path = self.parts.path if path is None else path
        query = urllib.parse.urlencode(self.query if query is None else query)
        lines = [f"{method} {path}{'?' + query if query else ''} HTTP/1.1", f"Host: {host or self.parts.netloc}",
                 "User-Agent: Mozilla/5.0 (scripted)", "Accept: text/html,*/*;q=0.8", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.exchange(name, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def exchange(self, name, octets):
        try:
            with self.connect() as connection:
                connection.sendall(octets)
                status, _, page = answer_of(read_all(connection))
        except OSError as problem:
            print(name, type(problem).__name__, flush=True)
            return
        print(name, status, flush=True)
        if self.show:
            print(page, flush=True)

    def without(self, *names):
        return [pair for pair in self.query if pair[0] not in names]

    def changed(self, name, value):
        return [(key, value if key == name else old) for key, old in self.query]

    def keep(self, count):
        for _ in range(count):
            try:
                self.kept.append(self.connect())
            except OSError:
                break

    def step(self, name):
        state = dict(self.query).get("state", "")
        refusal = [("error", "access_denied"), ("error_description", "the <b>user</b> refused"), ("state", state)]
        requests = {
            "get": {}, "again": {},
            "favicon": {"path": "/favicon.ico", "query": []},
            "options": {"method": "OPTIONS", "headers": ["Access-Control-Request-Method: GET"]},
            "head": {"method": "HEAD"},
            "post": {"method": "POST", "query": [], "body": urllib.parse.urlencode(self.query).encode()},
            "wrong-state": {"query": self.changed("state", state[::-1] + "x")},
            "no-state": {"query": self.without("state")},
            "no-code": {"query": self.without("code")},
            "wrong-path": {"path": "/other"},
            "forged-iss": {"query": self.changed("iss", "https://evil.test")},
            "no-iss": {"query": self.without("iss")},
            "error": {"query": refusal},
            "wrong-error": {"query": [*refusal[:2], ("state", "wrong")]},
            "wrong-host": {"host": "evil.test"},
            "big": {"headers": [f"X-Padding: {'x' * 17000}"]},
        }
        if name in requests:
            self.ask(name, **requests[name])
        elif name == "tls":
            self.exchange(name, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200)
        elif name in ("idle", "many"):
            self.keep(1 if name == "idle" else 40)
        elif name == "print":
            print(self.parts.geturl(), flush=True)
        elif name in ("ipv4", "ipv6"):
            self.family = socket.AF_INET if name == "ipv4" else socket.AF_INET6
        elif name != "none":
            sys.exit(f"browser.py knows no step {name}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flow", choices=("code", "device"))
    parser.add_argument("address")
    parser.add_argument("code", nargs="?")
    parser.add_argument("--ca", required=True)
    parser.add_argument("--user", default="tester")
    parser.add_argument("--allow", default="yes")
    parser.add_argument("--steps", default="get")
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    browser = Browser(options.ca)
    browser.code = options.code
    end, text = browser.walk(options.address, options.user, options.allow)
    if options.flow == "code" and end == "redirect":
        redirect = Redirect(text, options.page)
        for step in options.steps.split(","):
            redirect.step(step)
        return 0
    if options.flow == "device" and end == "page" and text.startswith("200 "):
        return 0
    print(text)
    return 1


sys.exit(main())
