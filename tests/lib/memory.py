#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for secrets in the memory of a process, as a debugger that root started could.

    memory.py PID FILE

Each line of FILE is a text to look for (forms.py).  Where one is, a line says "kept PLACE TEXT" if the place is in
pages that the process has excluded from core files (MADV_DONTDUMP), else "open PLACE TEXT".  PLACE is the name of the
mapping.
"""
import re
import sys


def mappings(pid):
    """(start, end, name, flags) of what can be read."""
    with open(f'/proc/{pid}/smaps', encoding='utf-8') as file:
        text = file.read()
    for entry in re.split(r'\n(?=[0-9a-f]+-[0-9a-f]+ )', text):
        head = entry.splitlines()[0].split(None, 5)
        start, end = (int(number, 16) for number in head[0].split('-'))
        flags = re.search(r'^VmFlags:(.*)', entry, re.M)[1].split()
        name = head[5] if len(head) > 5 else 'anonymous'
        if head[1].startswith('r') and not name.startswith('[v'):
            yield start, end, name, flags


def content(memory, start, end):
    """What is mapped there; pages that cannot be read (beyond the end of a file) are left out."""
    parts, at = [], start
    while at < end:
        memory.seek(at)
        try:
            part = memory.read(end - at)
        except OSError:
            part = b''
        parts.append(part)
        at += len(part) or 4096 - at % 4096
    return b''.join(parts)


def main():
    pid, forms = sys.argv[1:]
    with open(forms, 'rb') as file:
        texts = [line for line in file.read().split(b'\n') if line]
    found = set()
    with open(f'/proc/{pid}/mem', 'rb', 0) as memory:
        for start, end, name, flags in mappings(pid):
            octets = content(memory, start, end)
            kind = 'kept' if 'dd' in flags else 'open'
            found |= {f'{kind} {name} {text.decode()}' for text in texts if text in octets}
    print(*sorted(found), sep='\n')


main()
