# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue's locks, as another process sees them (base/file_lock.h).

    lock.py KIND free FILE   status 0: nobody has it.  It is not taken: a runner that finds it taken would leave
    lock.py KIND hold FILE   has it until the end of standard input; prints "locked" when it has

KIND: ofd for open file description locks, flock for flock(2).
"""
import fcntl
import struct
import sys

F_OFD_GETLK, F_OFD_SETLK = 36, 37
FORMAT = 'hhqqi4x'
WHOLE = struct.pack(FORMAT, fcntl.F_WRLCK, 0, 0, 0, 0)

kind, what, path = sys.argv[1:]
with open(path, 'r+b') as file:
    if what == 'free' and kind == 'ofd':
        sys.exit(struct.unpack(FORMAT, fcntl.fcntl(file, F_OFD_GETLK, WHOLE))[0] != fcntl.F_UNLCK)
    if what == 'free':
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(1)
        sys.exit(0)
    if kind == 'ofd':
        fcntl.fcntl(file, F_OFD_SETLK, WHOLE)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print('locked', flush=True)
    sys.stdin.read()
