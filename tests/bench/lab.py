# SPDX-License-Identifier: GPL-3.0-or-later
"""The place measurements are made in: certificates, messages, link, servers, and how a command is measured."""
import json
import mmap
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time

HOST = 'smtp.example.org'
NEAR, FAR_SELF, FAR = '127.0.0.1', '10.77.0.1', '10.77.0.2'
SYSTEM_BUNDLE = '/etc/ssl/certs/ca-certificates.crt'


def certtool(folder, *arguments):
    subprocess.run(['certtool', '--no-text', *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


class Link:
    """The control file of tests/bench/link (link.h)."""
    FIELDS = ('rtt_us', 'rate_bps', 'packets_up', 'packets_down', 'octets_up', 'octets_down', 'flights_up',
              'flights_down', 'lost', 'ready')

    def __init__(self, path):
        with open(path, 'wb') as f:
            f.write(bytes(8 * len(self.FIELDS)))
        with open(path, 'r+b') as f:
            self.map = mmap.mmap(f.fileno(), 8 * len(self.FIELDS))

    def get(self, name):
        return struct.unpack_from('Q', self.map, 8 * self.FIELDS.index(name))[0]

    def set(self, name, value):
        struct.pack_into('Q', self.map, 8 * self.FIELDS.index(name), value)

    def counters(self):
        return {name: self.get(name) for name in self.FIELDS[2:9]}


class Server:
    """A fast_sink."""

    def __init__(self, lab, name, arguments):
        self.lab = lab
        self.log_path = os.path.join(lab.dir, 'sink-' + name + '.log')
        port_file = os.path.join(lab.dir, 'sink-' + name + '.port')
        self.process = lab.start([lab.tool('fast_sink'), '--listen', '0.0.0.0', '--port-file', port_file,
                                  '--log', self.log_path, '--cert', lab.path('server.crt'),
                                  '--key', lab.path('server.key'), '--parent-death', *arguments])
        lab.wait_for(port_file)
        self.port = int(open(port_file).read())
        self.proxied = None
        self.seen = 0

    def connections(self):
        """What the connections that ended since the last call left in the log."""
        if not os.path.exists(self.log_path):
            return []
        with open(self.log_path, encoding='utf-8') as f:
            f.seek(self.seen)
            text = f.read()
            self.seen += len(text)
        return [json.loads(line) for line in text.splitlines()]

    def wait_connections(self, n, seconds=5):
        got, end = [], time.monotonic() + seconds
        while len(got) < n and time.monotonic() < end:
            got += self.connections()
            if len(got) < n:
                time.sleep(0.005)
        return got


class Lab:
    def __init__(self, builddir, real_link):
        self.builddir, self.real_link = builddir, real_link
        self.dir = tempfile.mkdtemp(prefix='posthaste-bench.')
        self.children, self.servers = [], {}
        self.home = self.path('home')
        os.mkdir(self.home, 0o700)
        self.env = {'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'HOME': self.home, 'LC_ALL': 'C.UTF-8',
                    'USER': 'joe', 'LOGNAME': 'joe', 'XDG_CACHE_HOME': self.path('cache'),
                    'XDG_STATE_HOME': self.path('state'), 'XDG_CONFIG_HOME': self.path('config')}
        self.make_certificates()
        self.make_messages()
        self.trust = None  # the system's place, made ours
        self.link = Link(self.path('link'))
        if real_link:
            self.start([self.tool('link'), self.path('link'), 'tun', FAR_SELF, FAR])
            end = time.monotonic() + 5
            while not self.link.get('ready'):
                if time.monotonic() > end or self.children[-1].poll() is not None:
                    raise RuntimeError('the delaying link could not be made')
                time.sleep(0.01)
            self.cover(self.path('bundle.crt'), SYSTEM_BUNDLE)
            self.name_host(NEAR)
        else:
            self.trust = self.path('bundle.crt')
            self.env['SSL_CERT_FILE'] = self.trust

    # ---- files ----

    def path(self, name):
        return os.path.join(self.dir, name)

    def tool(self, name):
        return os.path.join(self.builddir, 'tests', 'bench', name)

    def write(self, name, text, mode=0o600):
        with open(os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), 'w', encoding='utf-8',
                  newline='') as f:
            f.write(text)
        return self.path(name)

    def make_certificates(self):
        self.write('ca.tmpl', 'cn = "bench root"\nca\ncert_signing_key\nexpiration_days = 30\n')
        self.write('server.tmpl', f'cn = "{HOST}"\ndns_name = "{HOST}"\nip_address = "{NEAR}"\n'
                   'tls_www_server\nsigning_key\nexpiration_days = 30\n')
        for name in 'ca', 'server':
            certtool(self.dir, '--generate-privkey', '--key-type=ecdsa', '--curve=secp256r1',
                     '--outfile', name + '.key')
        certtool(self.dir, '--generate-self-signed', '--load-privkey', 'ca.key', '--template', 'ca.tmpl', '--outfile',
                 'ca.crt')
        certtool(self.dir, '--generate-certificate', '--load-privkey', 'server.key', '--load-ca-certificate', 'ca.crt',
                 '--load-ca-privkey', 'ca.key', '--template', 'server.tmpl', '--outfile', 'server.crt')
        with open(self.path('bundle.crt'), 'wb') as bundle:
            if os.path.exists(SYSTEM_BUNDLE):
                bundle.write(open(SYSTEM_BUNDLE, 'rb').read())
            bundle.write(open(self.path('ca.crt'), 'rb').read())
        self.roots = open(self.path('bundle.crt'), encoding='ascii', errors='replace').read().count('BEGIN CERT')
        os.chmod(self.path('bundle.crt'), 0o644)

    def make_messages(self):
        header = ('From: Joe <joe@example.org>\nTo: friend0@example.org\nSubject: measuring\n'
                  'Date: Sun, 22 Nov 2026 10:00:00 +0000\nMessage-ID: <bench@example.org>\n\n')
        line = 'The quick brown fox jumps over the lazy dog, and then it does so once more.\n'
        for name, size in ('small', 2048), ('large', 50 * 1024 * 1024):
            text = header + line * ((size - len(header)) // len(line))
            self.write(name, text)
            self.write(name + '.crlf', text.replace('\n', '\r\n'))

    def cover(self, source, target):
        """Lays a file of ours over one of the system's, in our mount name space only."""
        if os.path.exists(target):
            subprocess.run(['mount', '--bind', source, target], check=True)

    def name_host(self, address):
        path = self.path('hosts')
        text = f'127.0.0.1 localhost\n{address} {HOST}\n'
        if not os.path.exists(path):
            self.write('hosts', text, 0o644)
            os.chmod(path, 0o644)
            self.cover(path, '/etc/hosts')
        else:
            with open(path, 'r+', encoding='ascii') as f:  # the same file: it is mounted
                f.truncate()
                f.write(text)
        self.hosts = text

    # ---- processes ----

    def start(self, argv):
        child = subprocess.Popen(argv, env=self.env, stdin=subprocess.DEVNULL)
        self.children.append(child)
        return child

    @staticmethod
    def wait_for(path, seconds=10):
        end = time.monotonic() + seconds
        while not os.path.exists(path):
            if time.monotonic() > end:
                raise RuntimeError(path + ' did not come')
            time.sleep(0.01)

    def close(self):
        for child in self.children:
            child.send_signal(signal.SIGTERM)
        for child in self.children:
            child.wait()
        if self.real_link:
            for target in '/etc/hosts', SYSTEM_BUNDLE:
                subprocess.run(['umount', target], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---- servers and the link ----

    def server(self, tls='implicit', extensions='PIPELINING,CHUNKING,SIZE,8BITMIME', auth='PLAIN,LOGIN', lax=False):
        key = (tls, extensions, auth, lax)
        if key not in self.servers:
            arguments = ['--tls', tls, '--extensions', extensions, '--auth', auth] + (['--lax'] if lax else [])
            self.servers[key] = Server(self, str(len(self.servers)), arguments)
        return self.servers[key]

    def far(self, server, rtt_ms, rate_bps=0):
        """Sets the link; returns host and port to use."""
        self.link.set('rtt_us', int(rtt_ms * 1000))
        self.link.set('rate_bps', rate_bps)
        if self.real_link:
            self.name_host(FAR if rtt_ms else NEAR)
            return HOST, server.port
        if not rtt_ms:
            return NEAR, server.port
        if not server.proxied:
            port_file = self.path(f'proxy-{server.port}')
            self.start([self.tool('link'), self.path('link'), 'proxy', str(server.port), port_file])
            self.wait_for(port_file)
            server.proxied = int(open(port_file).read())
        return NEAR, server.proxied

    # ---- measuring ----

    def run(self, command, times=1, seconds=60):
        """One measurement; a dictionary of run's numbers (microseconds, KB)."""
        argv = [self.tool('run'), '-n', str(times), '-t', str(seconds)]
        if command.input:
            argv += ['-i', command.input]
        if command.third:
            argv += ['-3', command.third]
        p = subprocess.run(command.before + argv + command.argv, env=dict(self.env, **command.env), capture_output=True)
        text = p.stderr.decode('utf-8', 'replace')
        at = text.rfind('\n@{')
        result = json.loads(text[at + 2:])
        result['said'] = (text[:at] + p.stdout.decode('utf-8', 'replace')).strip()
        return result

    def instructions(self, command, status=0):
        """In millions, by callgrind; None without it."""
        if not shutil.which('valgrind'):
            return None
        out = self.path('callgrind.out')
        wrapped = command.wrapped(['valgrind', '--tool=callgrind', '--callgrind-out-file=' + out])
        r = self.run(wrapped, seconds=120)
        m = re.search(r'Collected : (\d+)', r['said'])
        return int(m.group(1)) / 1e6 if m and r['status'] == status else None

    def calls(self, command, status=0):
        """System calls of all threads, and the shared objects that were opened, by strace."""
        if not shutil.which('strace'):
            return None, None
        out = self.path('strace.out')
        r = self.run(command.wrapped(['strace', '-f', '-o', out]), seconds=120)
        if r['status'] != status:
            return None, None
        text = open(out, encoding='utf-8', errors='replace').read()
        calls = len(re.findall(r'^\d+ +\w+\(', text, re.M))
        objects = set(re.findall(r'^\d+ +openat\([^"]*"([^"]*/[^"/]*\.so[.0-9]*)"[^\n]* = \d+$', text, re.M))
        return calls, len(objects)


def calm(values):
    """The mean of the lowest quarter: what else runs on the machine can only add."""
    lowest = sorted(values)[:max(1, len(values) // 4)]
    return sum(lowest) / len(lowest)
