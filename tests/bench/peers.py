# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that are compared, and how each is made to send one message."""
import os
import shutil
import subprocess

SENDER, USER, PASSWORD = 'joe@example.org', 'joe', 'secret'

# Debian packages that hold peers; unpacked, never installed.
PACKAGES = ['msmtp', 'swaks', 'dma', 'nullmailer', 'opensmtpd', 'libio-socket-ssl-perl']


class Command:
    """argv, what is standard input (or descriptor 3), the environment to add, what is run before the clock starts."""

    def __init__(self, argv, input=None, third=None, env=None, before=None):
        self.argv, self.input, self.third, self.env, self.before = argv, input, third, env or {}, before or []

    def wrapped(self, wrapper):
        return Command(wrapper + self.argv, self.input, self.third, self.env, self.before)


class Job:
    """One submission: to where, how, what."""

    def __init__(self, host, port, tls='implicit', message='small', recipients=1):
        self.host, self.port, self.tls, self.message, self.recipients = host, port, tls, message, recipients

    def addresses(self):
        return [f'friend{i}@example.org' for i in range(self.recipients)]


class Peer:
    verifies = True
    starttls_only = False
    needs_installation = False
    needs_real_link = False
    ours = False

    def __init__(self, lab, program, root=None):
        self.lab, self.program, self.root = lab, program, root
        self.config = lab.path('conf-' + self.name)


class Limit(Peer):
    name = 'limit'

    def command(self, job):
        argv = [self.program, '--host', job.host, '--port', str(job.port),
                '--bundle', self.lab.trust or '/etc/ssl/certs/ca-certificates.crt',
                '--recipients', str(job.recipients)]
        return Command(argv + (['--starttls'] if job.tls == 'starttls' else []), self.lab.path(job.message + '.crlf'))


class Posthaste(Peer):
    name = 'posthaste'
    ours = True
    extra = ''

    def command(self, job, *arguments):
        trust = f'tls_trust_file {self.lab.trust}\n' if self.lab.trust else ''
        starttls = 'on' if job.tls == 'starttls' else 'off'
        self.lab.write('conf-' + self.name, f'account default\nhost {job.host}\nport {job.port}\nfrom {SENDER}\n'
                       f'auth on\nuser {USER}\npassword {PASSWORD}\ntls_starttls {starttls}\n{trust}{self.extra}')
        return Command([self.program, '-C', self.config, *arguments, *job.addresses()], self.lab.path(job.message))


class PosthasteEarly(Posthaste):
    name = 'posthaste-early'
    extra = 'early_pipelining on\n'


class PosthasteKept(Posthaste):
    """Leaves its session to the next process."""
    name = 'posthaste-persist'
    extra = 'persist 60s\n'

    def command(self, job, *arguments):
        folder = self.lab.path('run')
        os.makedirs(folder, 0o700, exist_ok=True)
        command = super().command(job, *arguments)
        command.env['XDG_RUNTIME_DIR'] = folder
        return command

    def end_session(self):
        subprocess.run(['pkill', '-TERM', '-f', '--', '--keeper=' + self.lab.path('run')], check=False)


class Msmtp(Peer):
    name = 'msmtp'
    package_path = 'usr/bin/msmtp'

    def command(self, job):
        trust = f'tls_trust_file {self.lab.trust}\n' if self.lab.trust else ''
        starttls = 'on' if job.tls == 'starttls' else 'off'
        self.lab.write('conf-msmtp', f'account default\nhost {job.host}\nport {job.port}\nfrom {SENDER}\n'
                       f'auth on\nuser {USER}\npassword {PASSWORD}\ntls on\ntls_starttls {starttls}\n{trust}')
        return Command([self.program, '-C', self.config, *job.addresses()], self.lab.path(job.message))


class Curl(Peer):
    name = 'curl'
    package_path = None

    def command(self, job):
        # the recipients in a file: there may be a thousand
        text = ''.join(f'mail-rcpt = "{a}"\n' for a in job.addresses())
        self.lab.write('conf-curl', f'user = "{USER}:{PASSWORD}"\nmail-from = "{SENDER}"\n{text}')
        url = f'smtp{"" if job.tls == "starttls" else "s"}://{job.host}:{job.port}/client'
        argv = [self.program, '-sS', '-K', self.config, '--ssl-reqd', '--url', url,
                '-T', self.lab.path(job.message + '.crlf')]
        return Command(argv + (['--cacert', self.lab.trust] if self.lab.trust else []))


class Swaks(Peer):
    name = 'swaks'
    package_path = 'usr/bin/swaks'

    def command(self, job):
        env = {'PERL5LIB': os.path.join(self.root, 'usr/share/perl5')} if self.root else {}
        to = self.lab.write('swaks-to', '\n'.join(job.addresses()) + '\n')
        argv = [self.program, '--silent', '2', '--server', job.host, '--port', str(job.port), '--from', SENDER,
                '--to', '@' + to if job.recipients > 50 else ','.join(job.addresses()),
                '--auth', 'PLAIN', '--auth-user', USER, '--auth-password', PASSWORD,
                '--tls' if job.tls == 'starttls' else '--tlsc',
                '--tls-verify', '--pipeline', '--data', '@' + self.lab.path(job.message)]
        if self.lab.trust:
            argv += ['--tls-ca-path', self.lab.trust]
        return Command(argv, env=env)


class Nullmailer(Peer):
    name = 'nullmailer'
    package_path = 'usr/lib/nullmailer/smtp'

    def command(self, job):
        message = open(self.lab.path(job.message), encoding='utf-8').read()
        text = SENDER + '\n' + '\n'.join(job.addresses()) + '\n\n' + message
        mail = self.lab.write('nullmailer-mail', text)
        argv = [self.program, '--host=' + job.host, f'--port={job.port}', '--user=' + USER, '--pass=' + PASSWORD,
                '--starttls' if job.tls == 'starttls' else '--ssl']
        if self.lab.trust:
            argv.append('--x509cafile=' + self.lab.trust)
        return Command(argv, third=mail, env={'HELOHOST': 'localhost'})


class Opensmtpd(Peer):
    name = 'opensmtpd'
    package_path = 'usr/bin/smtp'

    def command(self, job):
        url = f'{"smtp+tls" if job.tls == "starttls" else "smtps"}://{USER}:{PASSWORD}@{job.host}:{job.port}'
        return Command([self.program, '-F', SENDER, '-s', url, *job.addresses()], self.lab.path(job.message))


class Esmtp(Peer):
    """Its library finds what it logs in with only in the system's folder."""
    name = 'esmtp'
    needs_installation = True
    package_path = 'usr/bin/esmtp'
    starttls_only = True

    def command(self, job):
        self.lab.write('home/.esmtprc', f'hostname {job.host}:{job.port}\nusername "{USER}"\npassword "{PASSWORD}"\n'
                       'starttls required\n')
        return Command([self.program, '-f', SENDER, *job.addresses()], self.lab.path(job.message))


class Dma(Peer):
    """Reads /etc/dma and keeps its queue in /var/spool/dma: each run gets a mount name space with both of its own."""
    name = 'dma'
    package_path = 'usr/sbin/dma'
    verifies = False
    needs_real_link = True
    SCRIPT = ('mount -t overlay none -o "lowerdir=$0:/etc" /etc && mount -t tmpfs none /var/spool && '
              'mkdir /var/spool/dma && '
              'chgrp mail /var/spool/dma && chmod 2770 /var/spool/dma && exec "$@"')

    def command(self, job):
        etc = self.lab.path('dma-etc')
        os.makedirs(os.path.join(etc, 'dma'), exist_ok=True)
        os.chmod(self.lab.dir, 0o755)  # it drops its rights
        starttls = 'STARTTLS\n' if job.tls == 'starttls' else ''
        self.lab.write('dma-etc/dma/dma.conf',
                       f'SMARTHOST {job.host}\nPORT {job.port}\nAUTHPATH /etc/dma/auth.conf\n'
                       f'SECURETRANSFER\n{starttls}', 0o644)
        self.lab.write('dma-etc/dma/auth.conf', f'{USER}|{job.host}:{PASSWORD}\n', 0o644)
        self.lab.write('dma-etc/hosts', self.lab.hosts, 0o644)
        return Command([self.program, '-D', '-f', SENDER, *job.addresses()], self.lab.path(job.message),
                       before=['unshare', '-m', 'sh', '-c', self.SCRIPT, etc])


PEERS = [Msmtp, Curl, Swaks, Nullmailer, Opensmtpd, Esmtp, Dma]


def fetch(cache):
    """Unpacks the peers that are not installed; without network or apt there are just fewer."""
    root, debs = os.path.join(cache, 'root'), os.path.join(cache, 'debs')
    if not os.path.isdir(root) and shutil.which('apt-get') and shutil.which('dpkg'):
        os.makedirs(debs, exist_ok=True)
        for package in PACKAGES:
            subprocess.run(['apt-get', '-q', '-o', 'APT::Sandbox::User=root', 'download', package], cwd=debs,
                           check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.makedirs(root)
        for deb in os.listdir(debs):
            subprocess.run(['dpkg', '-x', os.path.join(debs, deb), root], check=False)
    return root


def find(lab, root):
    """Those that are there."""
    found = []
    for kind in PEERS:
        if kind.needs_real_link and not (lab.real_link and os.getuid() == 0):
            continue
        installed = shutil.which(kind.name) if kind is not Opensmtpd else None
        unpacked = os.path.join(root, kind.package_path) if kind.package_path else ''
        if installed:
            found.append(kind(lab, installed))
        elif unpacked and not kind.needs_installation and os.access(unpacked, os.X_OK):
            found.append(kind(lab, unpacked, root))
    return found
