#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command on a terminal of its own, as a user would.

usage: terminal.py COLUMNS FILE COMMAND [ARGUMENT...]

What the command prints goes to standard output. When FILE appears its text is typed, once.
Ends with the command's status, or with 124 after a minute.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

columns, typed, *command = sys.argv[1:]
pid, leader = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(columns), 0, 0))
    os.execvp(command[0], command)
end = time.monotonic() + 60
while time.monotonic() < end:
    if typed and os.path.exists(typed):
        with open(typed, "rb") as file:
            os.write(leader, file.read())
        typed = None
    if not select.select([leader], [], [], 0.05)[0]:
        continue
    try:
        text = os.read(leader, 65536)
    except OSError:  # the command has ended
        text = b""
    if not text:
        break
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()
else:
    os.kill(pid, signal.SIGKILL)
    sys.exit(124)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
