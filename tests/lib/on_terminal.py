#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command on a terminal of its own, as a user would.

    on_terminal.py [OPTION...] COMMAND [ARGUMENT...]

  --columns=N     how wide the terminal is
  --input=FILE    the command's standard input; without it, the terminal
  --type=TEXT     types TEXT and the return key, once, as soon as something is shown
  --at=WORDS      ... as soon as WORDS are shown
  --before=LINE   runs LINE with the shell just before that
  --dialogue=F    for each line of F, "WORDS<TAB>TEXT": waits until WORDS are shown, after those of the line before, and
                  types TEXT and the return key; words that were not shown go to standard error
  --type-file=F   types the text of F, once, as soon as there is such a file
  --job=PLACE     the command is a job in the "foreground" or "background" of the terminal; its standard input, output
                  and error are those of this program, and what the terminal shows is written to the file of --shown
  --shown=FILE

What the terminal shows goes to standard output, with line ends of LF.  Ends with the command's status: 128 + N
if signal N ended it, 200 + N if signal N stopped a job, 124 if it has not ended after a minute.
"""
import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time


def options():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name in 'columns', 'input', 'type', 'at', 'before', 'dialogue', 'type-file', 'job', 'shown':
        parser.add_argument('--' + name)
    parser.add_argument('command', nargs=argparse.REMAINDER)
    return parser.parse_args()


def exit_status(status):
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def run_job(o, files):
    """In the leader of the terminal's session: what a shell does."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # or it could not give the terminal away
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        if o.job == 'foreground':
            os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.execvp(o.command[0], o.command)
    status = os.waitpid(job, os.WUNTRACED)[1]
    if not os.WIFSTOPPED(status):
        os._exit(exit_status(status))
    os.kill(job, signal.SIGKILL)
    os.waitpid(job, 0)
    os._exit(200 + os.WSTOPSIG(status))


def run_command(o, files):
    if o.columns:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 50, int(o.columns), 0, 0))
    if o.job:
        run_job(o, files)
    if o.input:
        os.dup2(os.open(o.input, os.O_RDONLY), 0)
    os.execvp(o.command[0], o.command)


def to_type(o, seen):
    """What is to be typed now, or nothing."""
    if o.type is not None and seen and (o.at or '').encode() in seen:
        text, o.type = o.type.encode() + b'\n', None
        if o.before:
            subprocess.run(o.before, shell=True, check=True)
        return text
    if o.dialogue:
        words, _, text = o.dialogue[0].partition('\t')
        at = seen.find(words.encode(), o.at_offset)
        if at >= 0:
            o.at_offset = at + len(words.encode())
            o.dialogue = o.dialogue[1:]
            return text.encode() + b'\n'
    if o.type_file and os.path.exists(o.type_file):
        with open(o.type_file, 'rb') as file:
            text = file.read()
        o.type_file = None
        return text
    return b''


def converse(o, terminal, show):
    """Shows and types until everybody has left the terminal; false after a minute."""
    seen, end = b'', time.monotonic() + 60
    while time.monotonic() < end:
        text = to_type(o, seen)
        if text:
            os.write(terminal, text)
        if not select.select([terminal], [], [], 0.05)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:
            part = b''
        if not part:
            return True
        seen += part
        show.write(part.replace(b'\r', b''))
        show.flush()
    return False


def main():
    o = options()
    o.at_offset = 0
    if o.dialogue:
        with open(o.dialogue, encoding='utf-8') as file:
            o.dialogue = file.read().splitlines()
    files = [os.dup(number) for number in range(3)]
    child, terminal = pty.fork()
    if child == 0:
        run_command(o, files)
    with open(o.shown, 'wb') if o.shown else sys.stdout.buffer as show:
        if not converse(o, terminal, show):
            os.kill(child, signal.SIGKILL)
            return 124
    for line in o.dialogue or []:
        print('was not shown: ' + line, file=sys.stderr)
    return exit_status(os.waitpid(child, 0)[1])


sys.exit(main())
