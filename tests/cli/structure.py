#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the source tree that need more than grep.

    structure.py TREE circles    groups of files that include each other in a circle
    structure.py TREE names      functions and files named in comments and documents that do not exist
    structure.py TREE lists      source files that a local.mk lacks, and lists that are not sorted
    structure.py TREE sizes      functions, files and parameter lists that are too long
    structure.py TREE rooms      rooms with more than an eighth of all lines

Each prints one line per finding, and nothing if there are none.
"""
import os
import re
import subprocess
import sys

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
FUNCTION = re.compile(r'^(?!static inline|#|typedef|struct \w+ \{)[A-Za-z_][^;{}=]*?\b(\w+)\(([^;{}]*?)\)\s*\{',
                      re.M | re.S)
# "tls/verdict", "src/tls/verdict.c", "smtp/client/session"
FILE = re.compile(r'(?<![\w/.-])(?:src/)?([a-z]+)/([a-z]\w*(?:/[a-z]\w*)*)(?:\.[ch])?(?![\w/*-]|\.mk|\.sh|\.py)')


def sources(tree, *folders):
    for folder in folders:
        for path, _, files in os.walk(os.path.join(tree, folder)):
            for name in sorted(files):
                if name.endswith(('.c', '.h', '.def')):
                    yield os.path.relpath(os.path.join(path, name), tree)


def read(tree, name):
    with open(os.path.join(tree, name), encoding='utf-8') as file:
        return file.read()


def stem(name):
    return re.sub(r'\.[a-z]+$', '', name)


# ---- circles ---------------------------------------------------------------------


def include_graph(tree):
    graph = {}
    for name in sources(tree, 'src'):
        targets = re.findall(r'^#include "([^"]+)"', read(tree, name), re.M)
        graph.setdefault(stem(name), set()).update('src/' + stem(t) for t in targets)
    return {node: {t for t in targets if t in graph and t != node} for node, targets in graph.items()}


def circles_of(graph):
    """Tarjan's strongly connected components with more than one member."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        for target in sorted(graph[node]):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in on_stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            group = []
            while True:
                member = stack.pop()
                on_stack.discard(member)
                group.append(member)
                if member == node:
                    break
            if len(group) > 1:
                found.append(sorted(group))

    sys.setrecursionlimit(10000)
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def check_circles(tree):
    """A module of several files may have one header of its own; no other circle is allowed."""
    graph = include_graph(tree)
    private = {n for n in graph if n.endswith('_private')}
    for group in circles_of({n: t - private for n, t in graph.items() if n not in private}):
        print('these files include each other:', ' '.join(group))


# ---- names -------------------------------------------------------------------------


def comments_of(text):
    return '\n'.join(m.group(0) for m in COMMENT.finditer(text) if m.group(0)[0] == '/')


def known_names(tree):
    names = set()
    for name in sources(tree, 'src', 'tests'):
        code = COMMENT.sub(' ', read(tree, name))
        names.update(re.findall(r'\b(\w+)\s*\(', code))
        names.update(re.findall(r'\(\*(\w+)\)\(', code))
    for table in sources(tree, 'src'):
        if table.endswith('.def'):
            names.update(re.findall(r'\b[a-z]\w+', read(tree, table)))
    return names


def library_names():
    names = set()
    for library in ('libc.so.6', 'libgnutls.so.30', 'libidn2.so.0', 'libresolv.so.2'):
        for folder in ('/lib', '/usr/lib'):
            out = subprocess.run(['sh', '-c', f'nm -D {folder}/*/{library} 2>/dev/null'], capture_output=True,
                                 text=True, check=False).stdout
            names.update(re.findall(r' [TWi] (\w+)', out))
    return names


def check_names(tree):
    known, library = known_names(tree), library_names()
    built = ' '.join(read(path, n) for path, _, files in os.walk(tree + '/tests') for n in files if n.endswith('.mk'))
    documents = ['HACKING', 'tests/dialogues/README']
    documents += ['doc/' + n for n in ('interop.md',)] + ['doc/design/' + n for n in os.listdir(tree + '/doc/design')]
    texts = [(n, comments_of(read(tree, n))) for n in sources(tree, 'src', 'tests')]
    texts += [(n, read(tree, n)) for n in documents]
    rooms = {n.split('/')[1] for n in sources(tree, 'src') if n.count('/') > 1}
    for name, text in texts:
        for called in set(re.findall(r'\b([a-z]\w{2,})\(\)', text)):
            if called not in known and called not in library and not called.endswith('_'):
                print(f'{name}: {called}() does not exist')
        for room, rest in set(FILE.findall(text)):
            if room in rooms and rest == rest.lower() and not exists(tree, room, rest):
                print(f'{name}: {room}/{rest} does not exist')
        for path in set(re.findall(r'(?<![\w/.-])((?:tests|doc|scripts)/[\w/.-]*\w)', text)):
            if not re.search(r'[A-Z*]', path) and path not in built and not os.path.exists(os.path.join(tree, path)):
                if not any(os.path.exists(os.path.join(tree, path + e)) for e in ('.c', '.sh', '.py', '.h', '.in')):
                    print(f'{name}: {path} does not exist')


MEDIA = {'message': ('rfc822', 'global', 'partial', 'external', 'delivery', 'disposition', 'http', 'feedback', 'mixed'),
         'header': (), 'auth': ()}


def exists(tree, room, rest):
    if rest.startswith(MEDIA.get(room, ())) and room in MEDIA and MEDIA[room]:
        return True
    base = os.path.join(tree, 'src', room, rest)
    return os.path.isdir(base) or any(os.path.exists(base + e) for e in ('.c', '.h', '.def'))


# ---- lists ---------------------------------------------------------------------------


def check_lists(tree):
    listed = set()
    for path, _, files in os.walk(os.path.join(tree, 'src')):
        if 'local.mk' not in files:
            continue
        text = read(tree, os.path.relpath(os.path.join(path, 'local.mk'), tree))
        for block in re.findall(r'SOURCES \+?= \\\n((?:\t.*\n)+)', text):
            names = re.findall(r'src/\S+\.(?:c|h|def)\b', block)
            if names != sorted(names):
                print(f'{os.path.relpath(path, tree)}/local.mk: the list of sources is not sorted')
        listed.update(re.findall(r'src/\S+\.(?:c|h|def)\b', text))
    for name in sources(tree, 'src'):
        if name not in listed and name != 'src/main.c' and not name.endswith('.def'):
            print(f'{name} is in no local.mk')
    for name in listed:
        if not os.path.exists(os.path.join(tree, name)):
            print(f'{name} is listed and does not exist')


# ---- sizes ---------------------------------------------------------------------------


def functions_of(text):
    """(name, line, lines, parameters) of each function of a C file, comments and strings blanked."""
    code = COMMENT.sub(lambda m: re.sub(r'[^\n]', ' ', m.group(0)), text)
    for m in FUNCTION.finditer(code):
        start, depth, at = m.end(), 1, m.end()
        while depth and at < len(code):
            depth += {'{': 1, '}': -1}.get(code[at], 0)
            at += 1
        parameters = re.sub(r'\([^()]*\)', '', m.group(2))
        count = parameters.count(',') + 1 if parameters.strip() not in ('', 'void') else 0
        if re.search(r'struct error \*\w+$', parameters.strip()):
            count -= 1  # every function that can fail has it
        yield m.group(1), code.count('\n', 0, m.start()) + 1, code.count('\n', start, at) + 1, count


def check_sizes(tree):
    lengths = []
    for name in sources(tree, 'src'):
        text = read(tree, name)
        if text.count('\n') > 600 and not name.endswith('.def'):
            print(f'{name} has {text.count(chr(10))} lines')
        if not name.endswith('.c'):
            continue
        for function, line, lines, parameters in functions_of(text):
            lengths.append(lines)
            if lines > 60:
                print(f'{name}:{line}: {function}() has {lines} lines')
            if parameters > PARAMETERS_MAX and function not in FOREIGN:
                print(f'{name}:{line}: {function}() has {parameters} parameters')
    lengths.sort()
    if lengths[len(lengths) // 2] > 10:
        print(f'the median function has {lengths[len(lengths) // 2]} lines')


PARAMETERS_MAX = 6
FOREIGN = {'answer_pin'}  # what GnuTLS calls has the parameters that GnuTLS wants


def check_rooms(tree):
    lines = {}
    for name in sources(tree, 'src'):
        if name.count('/') > 1:
            room = name.split('/')[1]
            lines[room] = lines.get(room, 0) + read(tree, name).count('\n')
    total = sum(lines.values())
    for room, n in sorted(lines.items()):
        if n > total * 12 / 100:
            print(f'src/{room} has {n} of {total} lines ({100 * n / total:.1f} %)')
    if lines.get('cli', 0) >= 3500:
        print(f'src/cli has {lines["cli"]} lines')


def main():
    tree, what = sys.argv[1:3]
    {'circles': check_circles, 'names': check_names, 'lists': check_lists, 'sizes': check_sizes,
     'rooms': check_rooms}[what](tree)


main()
