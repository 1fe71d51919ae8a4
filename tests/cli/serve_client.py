#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients of "posthaste -bs", over pipes, as programs that start it use them.

serve_client.py MODE [MODE-ARGUMENT...] -- PROGRAM ARGUMENT...

  talk STEP...            >TEXT sends TEXT (escapes \\r \\n \\t \\\\ \\xHH; nothing is added); <REGEX reads one complete
                          reply, which must match from its start; "eof" closes our end; "end" waits for the end of the
                          output, which must be empty
  socket STEP...          the same over one socket pair for both, as under inetd
  tcp STEP...             the same over an Internet connection
  symfony RECIPIENT...    the dialogue of Symfony Mailer: HELO, exact codes, RSET after a failure, NOOP
  smtplib RECIPIENT...    Python's own client: sendmail() of a message on standard input, with options for DSN

Prints the replies, then "status N", the exit status of the program.  Ends with 1 and the reason on standard error when
the program does otherwise than the steps say.
"""
import io
import re
import smtplib
import socket
import subprocess
import sys


class Program:
    """The program, with its input and output."""

    def __init__(self, command, kind):
        self.peer = None
        if kind == 'pipes':
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self.reader, self.writer = self.process.stdout, self.process.stdin
            return
        if kind == 'tcp':
            listener = socket.create_server(('127.0.0.1', 0))
            self.peer = socket.create_connection(listener.getsockname())
            ours, _ = listener.accept()
            listener.close()
        else:
            self.peer, ours = socket.socketpair()
        self.process = subprocess.Popen(command, stdin=ours, stdout=ours)
        ours.close()
        self.reader, self.writer = self.peer.makefile('rb'), self.peer.makefile('wb')

    def send(self, octets):
        try:
            self.writer.write(octets)
            self.writer.flush()
        except BrokenPipeError:
            sys.exit('the program has closed its input')

    def reply(self):
        """One reply, read as Symfony reads it: up to a line whose fourth octet is a blank."""
        lines = []
        while True:
            line = self.reader.readline()
            if not line:
                sys.exit(f'the program ended within a reply: {lines}')
            if not line.endswith(b'\r\n'):
                sys.exit(f'not a line: {line}')
            lines.append(line)
            if line[3:4] == b' ':
                text = b''.join(lines).decode()
                print(text.replace('\r', ''), end='')
                return text

    def end_input(self):
        if self.peer:
            self.peer.shutdown(socket.SHUT_WR)
        else:
            self.writer.close()

    def finish(self):
        """Reads what is left, which must be nothing."""
        rest = self.reader.read()
        if rest:
            sys.exit(f'the program said more: {rest}')


def unescape(text):
    return re.sub(r'\\(r|n|t|\\|x..)',
                  lambda m: {'r': '\r', 'n': '\n', 't': '\t', '\\': '\\'}.get(m[1]) or chr(int(m[1][1:], 16)),
                  text).encode('latin-1')


def talk(program, steps):
    for step in steps:
        if step[0] == '>':
            program.send(unescape(step[1:]))
        elif step[0] == '<':
            reply = program.reply()
            if not re.match(step[1:], reply, re.S):
                sys.exit(f'expected {step[1:]}, got {reply}')
        elif step == 'eof':
            program.end_input()
        elif step == 'end':
            program.finish()
        else:
            sys.exit(f'not a step: {step}')


class Symfony:
    """Strict about codes, and a failure is answered with RSET."""

    def __init__(self, program):
        self.program = program
        self.expect(220)
        self.command('HELO [127.0.0.1]', 250)

    def expect(self, *codes):
        reply = self.program.reply()
        if int(reply[:3]) not in codes:
            raise ValueError(reply)
        return reply

    def command(self, line, *codes):
        self.program.send(line.encode() + b'\r\n')
        return self.expect(*codes)

    def send(self, recipient):
        try:
            self.command('MAIL FROM:<alice@example.org>', 250)
            self.command(f'RCPT TO:<{recipient}>', 250, 251, 252)
            self.command('DATA', 354)
            self.program.send(b'From: alice@example.org\r\nSubject: Symfony\r\n\r\nbody\r\n..\r\n')
            found = re.search(r'^250 Ok:? queued as (?P<id>[A-Z0-9]+)\r?$', self.command('\r\n.', 250), re.I | re.M)
            print(f'sent, id {found["id"] if found else "none"}')
        except ValueError as failure:
            print(f'failed: {str(failure).strip()}')
            self.command('RSET', 250)
        self.command('NOOP', 250)


def symfony(program, recipients):
    client = Symfony(program)
    for recipient in recipients:
        client.send(recipient)
    client.command('QUIT', 221)
    program.end_input()


class PipeSocket:
    """As much of a socket as smtplib uses."""

    def __init__(self, program):
        self.program = program

    def makefile(self, _mode):
        return io.BufferedReader(self.program.reader.raw if hasattr(self.program.reader, 'raw')
                                 else self.program.reader)

    def sendall(self, octets):
        self.program.send(octets)

    def close(self):
        self.program.end_input()


class PipeClient(smtplib.SMTP):
    program = None

    def _get_socket(self, host, port, timeout):
        return PipeSocket(self.program)


def python_client(program, recipients):
    PipeClient.program = program
    message = sys.stdin.buffer.read()
    client = PipeClient('posthaste', local_hostname='client.example')
    client.ehlo()
    try:
        refused = client.sendmail('alice@example.org', recipients, message, ['RET=HDRS', 'ENVID=a+2Bb'],
                                  ['NOTIFY=FAILURE'])
        print('sent', refused)
    except smtplib.SMTPException as failure:
        print('failed', failure)
    print('noop', client.noop()[0], 'vrfy', client.verify('bob')[0], 'rset', client.rset()[0])
    client.quit()


MODES = {'talk': ('pipes', talk), 'socket': ('socket', talk), 'tcp': ('tcp', talk), 'symfony': ('pipes', symfony),
         'smtplib': ('pipes', python_client)}


def main():
    mode, words = sys.argv[1], sys.argv[2:]
    cut = words.index('--')
    kind, play = MODES[mode]
    program = Program(words[cut + 1:], kind)
    play(program, words[:cut])
    if program.peer:
        program.peer.close()
    print('status', program.process.wait(timeout=30))


main()
