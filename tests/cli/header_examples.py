#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The usage examples in comments of headers, as C files that a compiler can check.

    header_examples.py TREE FOLDER    writes a C file per example into FOLDER; prints its name and the example's place
    header_examples.py TREE unused    prints headers named in TAKEN that have no example

An example is a run of comment lines that begin with a tab, the first or last of which ends like a C statement.  Each
becomes the body of a function that returns bool where the example returns a value; what it takes for granted are the
function's parameters, from TAKEN.
"""
import os
import re
import sys

COMMENT = re.compile(r'/\*.*?\*/', re.S)
EXAMPLE = re.compile(r'(?:^ \*\t.*\n)+', re.M)
RETURNS = re.compile(r'\breturn [^;]')
STATEMENT = re.compile(r';[ \t]*(?://.*)?$')

BASE = ('base/error.h', 'base/runtime.h', 'base/strbuf.h', 'fcntl.h', 'stdlib.h')

# Header: the parameters of its example, and further headers that it needs.
TAKEN = {
    'auth/login_users.h': ('bool ok, struct span text, struct error err',),
    'auth/sasl_server.h': ('struct login_users users, enum sasl_verdict verdict, struct span initial, '
                           'struct strbuf challenge, struct span (*ask)(struct strbuf *)',),
    'base/checksum.h': ('const void *data, size_t len',),
    'base/cleanup.h': ('const char *path, const char *s', 'base/xalloc.h'),
    'base/json.h': ('struct strbuf out',),
    'base/log.h': ('const struct clock *clock, const char *path, struct error err',),
    'base/sandbox.h': ('const struct runtime *runtime',),
    'base/self_start.h': ('const struct runtime *runtime',),
    'base/signal_watch.h': ('bool ok, int number',),
    'base/status.h': ('struct span words, struct strbuf out', 'base/xalloc.h'),
    'codec/fold.h': ('struct strbuf *out, struct span words',),
    'header/header_lookahead.h': ('struct span before',),
    'oauth/loopback.h': ('struct oauth_expected expected, struct oauth_wait wait, struct oauth_redirect answer, '
                         'struct error *err, void (*start_browser)(const char *)',),
    'oauth/settings.h': ('struct oauth_wishes wishes, const struct runtime *runtime, struct oauth_network network, '
                         'struct error *err, void (*use)(const char *)', 'oauth/metadata.h'),
    'queue/account_wait.h': ('bool ok, struct spool *spool, int64_t now, const struct queue_item *item, '
                             'struct spool_stat where, struct error err', 'queue/queue_view.h'),
    'queue/item.h': ('struct envelope env', 'base/xalloc.h'),
    'queue/retry.h': ('struct queue_item *item, bool in_transaction, const struct retry_policy *policy, int64_t now, '
                      'const struct rng *rng, const char *fingerprint, const struct status *reason, '
                      'struct retry_account account',),
    'runner/attempt.h': ('struct attempt_request request, struct spool_entry *entry, struct attempt_result result, '
                         'void (*done)(void *), void *arg, struct transport *transport',),
    'runner/crew.h': ('size_t n, bool (*send_one)(void *, struct crew_worker *, size_t), '
                      'void (*note_record)(void *, struct span), void (*note_crash)(void *, size_t, int)',),
    'runner/notify.h': ('bool ok, struct spool *spool, struct spool_entry *entry, const struct queue_item *item, '
                        'struct submission *p, const struct runtime *runtime, int64_t now, struct error err',
                        'queue/spool.h', 'submit/submission.h'),
    'runner/schedule.h': ('bool ok, struct spool *spool, struct schedule_ops ops, const struct runtime *runtime, '
                          'struct error err',),
    'cli/print_json.h': ('const char *path, struct strvec notes, int exit_status, struct error err',),
    'runner/send.h': ('int status, const struct request *request, const struct runtime *runtime, '
                      'struct settings settings, struct submission p',),
    'runner/supervisor.h': ('struct spool *spool, const struct runtime *runtime, '
                            'void (*work)(struct supervisor *s, struct spool *spool)',),
    'setup/import.h': ('const char *path, const struct runtime *runtime, struct error err', 'stdio.h'),
    'setup/import_private.h': ('struct importing *im, const char *host',),
    'smtp/server/server_session.h': ('struct server_options options, char buf[512], struct strbuf message, ssize_t n',
                                     'stdio.h'),
    'serve/client_login.h': ('bool ok, const struct runtime *runtime, int fd, struct settings settings, '
                             'struct serve_request req, struct error err',),
    'serve/listen.h': ('const struct account *account, bool ok, struct error err', 'config/account.h'),
    'serve/outlet.h': ('const struct runtime *runtime, const struct submission *p, struct send_request how',
                       'runner/send.h'),
    'serve/serve_message.h': ('bool ok, struct serve_message m, struct serve_verdict verdict, '
                              'struct server_step step',),
    'serve/serve_session.h': ('const struct request *request, const struct runtime *runtime, '
                              'struct settings settings, struct stream *stream, enum server_end how_it_ended',),
    'serve/serve_message.h': ('bool ok, struct serve_message m, struct serve_verdict verdict, '
                              'struct server_step step',),
    'serve/serve_session.h': ('const struct request *request, const struct runtime *runtime, struct settings settings, '
                              'struct stream *stream, enum server_end how_it_ended',),
    'serve/service.h': ('int status, const struct request *request, const struct runtime *runtime',),
    'submit/settings.h': ('bool ok, const struct request *request, const struct runtime *runtime, struct error err',),
    'submit/submission_read.h': ('struct settings settings, const struct request *request, '
                                 'const struct runtime *runtime, struct delivery_message message, struct error err',
                                 'submit/settings.h', 'submit/submission.h'),
    'tls/tls_kept.h': ('struct stream *tls, struct error err',),
    'tls/tls_server.h': ('const char *cert_file, const char *key_file, struct stream *lower, '
                         'const struct clock *clock, msec_t deadline, struct error err',),
    'transport/delivery_request.h': ('const struct runtime *runtime, const struct account *account, '
                                     'struct delivery_message message, struct delivery_result result',
                                     'transport/deliver.h'),
    'transport/transport.h': ('struct transport *t, size_t n, const struct delivery_task *tasks, '
                              'struct delivery_result *results, void **messages, void (*done)(void *)',),
}


def headers(tree):
    top = os.path.join(tree, 'src')
    for path, _, files in sorted(os.walk(top)):
        for name in sorted(files):
            if name.endswith('.h'):
                yield os.path.relpath(os.path.join(path, name), top)


def examples(tree, header):
    """The line of each example of the header, and its text."""
    with open(os.path.join(tree, 'src', header), encoding='utf-8') as file:
        text = file.read()
    for comment in COMMENT.finditer(text):
        for run in EXAMPLE.finditer(comment.group()):
            code = re.sub(r'^ \*\t', '\t', run.group(), flags=re.M)
            lines = code.splitlines()
            if STATEMENT.search(lines[0]) or STATEMENT.search(lines[-1]):
                yield text.count('\n', 0, comment.start() + run.start()) + 1, code


def program(tree, header, line, code):
    parameters, *more = TAKEN.get(header, ('void',))
    includes = ''.join(f'#include "{name}"\n' if '/' in name else f'#include <{name}>\n'
                       for name in (*BASE, header, *more))
    place = os.path.join(tree, 'src', header)
    kind = 'bool' if RETURNS.search(code) else 'void'
    head = f'{kind} example({parameters})'
    return f'{includes}\n{head};\n{head}\n{{\n#line {line} "{place}"\n{code}}}\n'


def main(tree, what):
    if what == 'unused':
        for header in sorted(TAKEN):
            if not os.path.exists(os.path.join(tree, 'src', header)) or not list(examples(tree, header)):
                print(header)
        return
    for header in headers(tree):
        for line, code in examples(tree, header):
            name = os.path.join(what, f'{header.replace("/", "_")[:-2]}_{line}.c')
            with open(name, 'w', encoding='utf-8') as file:
                file.write(program(tree, header, line, code))
            print(name, f'src/{header}:{line}')


main(*sys.argv[1:])
