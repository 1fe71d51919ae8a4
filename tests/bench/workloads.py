# SPDX-License-Identifier: GPL-3.0-or-later
"""W1 to W8 of the performance goals.  Each takes (lab, clients, quick) and returns {client: {quantity: number}}."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from lab import calm
from peers import Command, Job, Posthaste, PosthasteEarly, PosthasteKept

FULL = 'PIPELINING,CHUNKING,SIZE,8BITMIME'


def measure(lab, client, server, job, times=1, seconds=60):
    """One run and what the server saw; None if the message did not arrive."""
    server.connections()
    before = lab.link.counters()
    r = lab.run(client.command(job), times, seconds)
    seen = [c for c in server.wait_connections(times) if c['commands']]
    r['packets'] = {k: v - before[k] for k, v in lab.link.counters().items()}
    r['seen'] = seen
    r['good'] = r['status'] == 0 and sum(c['messages'] for c in seen) == times and not r['packets']['lost']
    r['faults'] = sorted({f for c in seen for f in c['faults']})
    if not r['good']:
        print(f'  {client.name}: failed (status {r["status"]}): {r["said"][-300:]} {seen}', file=sys.stderr, flush=True)
    return r


def rounds(lab, clients, server, job_at, rtt, n, **more):
    """n interleaved rounds of all clients: {client name: [results]}; who fails is left out from then on."""
    host, port = lab.far(server, rtt, more.pop('rate', 0))
    results, out = {}, set()
    for i in range(n):
        for client in clients:
            if client.name in out:
                continue
            r = measure(lab, client, server, job_at(host, port), **more)
            if r['good']:
                results.setdefault(client.name, []).append(r)
            else:
                out.add(client.name)
    return results


def wall(results):
    return calm([r['wall'] / 1000 for r in results])


def cpu(results):
    return calm([(r['user'] + r['sys']) / 1000 for r in results])


def best(results):
    """On a far link the rest of the machine can only add."""
    return min(r['wall'] / 1000 for r in results)


def between(slow, fast):
    return (best(slow) - best(fast)) / 150


def round_trips(lab, clients, server, job_at, n):
    """{client: figures}: walls at 50 and 200 ms, and the round trips between.  Who comes to no whole number was
    disturbed, and is asked again."""
    slow, fast, again = {}, {}, clients
    for _ in range(4):
        for results, rtt in (slow, 200), (fast, 50):
            for name, more in rounds(lab, again, server, job_at, rtt, n).items():
                results.setdefault(name, []).extend(more)
        both = [c for c in again if c.name in slow and c.name in fast]
        again = [c for c in both
                 if abs(between(slow[c.name], fast[c.name]) - round(between(slow[c.name], fast[c.name]))) > 0.2]
        if not again:
            break
    figures = {}
    for name in (n for n in slow if n in fast):
        last = slow[name][-1]
        figures[name] = {'rtts': between(slow[name], fast[name]), 'wall200': best(slow[name]),
                         'wall50': best(fast[name]), 'turns': last['seen'][0]['turns'],
                         'packets_up': last['packets']['packets_up'], 'packets_down': last['packets']['packets_down'],
                         'octets_up': last['packets']['octets_up'], 'body_reads': last['seen'][0]['body_reads'],
                         'faults': last['faults']}
    return figures


def one_message(lab, clients, quick, tls):
    clients = [c for c in clients if tls == 'starttls' or not c.starttls_only]
    server = lab.server(tls=tls, extensions=FULL)

    def job_at(host, port):
        return Job(host, port, tls)

    figures = round_trips(lab, clients, server, job_at, 1 if quick else 3)
    near = rounds(lab, clients, server, job_at, 0, 7 if quick else 21)
    host, port = lab.far(server, 0)
    for client in clients:
        if client.name not in figures or client.name not in near:
            continue
        f = figures[client.name]
        f['wall0'], f['cpu'] = wall(near[client.name]), cpu(near[client.name])
        f['rss'] = max(r['rss'] for r in near[client.name])
        f['verifies'] = client.verifies
        if not quick or client.ours or client.name == 'limit':
            command = client.command(job_at(host, port))
            f['minstr'] = lab.instructions(command)
            f['calls'], f['objects'] = lab.calls(command)
    return figures


def w1(lab, clients, quick):
    return one_message(lab, clients, quick, 'implicit')


def w1s(lab, clients, quick):
    return one_message(lab, clients, quick, 'starttls')


def rtt(lab, clients, quick):
    """Round trips of posthaste alone with other servers."""
    figures = {}
    ours = [c for c in clients if c.ours]
    cases = {'no CHUNKING': ('implicit', 'PIPELINING,SIZE,8BITMIME'),
             'no PIPELINING': ('implicit', 'CHUNKING,SIZE,8BITMIME'),
             'neither': ('implicit', 'SIZE,8BITMIME'), 'STARTTLS': ('starttls', FULL),
             'STARTTLS, no CHUNKING': ('starttls', 'PIPELINING,SIZE,8BITMIME')}
    for name, (tls, extensions) in cases.items():
        server = lab.server(tls=tls, extensions=extensions)
        trips = round_trips(lab, ours, server, lambda h, p, t=tls: Job(h, p, t), 2 if quick else 4)
        figures[name] = trips.get('posthaste', {})
    for name, tls in ('PIPECONNECT', 'implicit'), ('PIPECONNECT, STARTTLS', 'starttls'):
        early, server = early_clients(lab, clients, tls)
        if early:
            trips = round_trips(lab, early, server, lambda h, p, t=tls: Job(h, p, t), 2 if quick else 4)
            figures[name] = trips.get(early[0].name, {})
    return figures


def early_clients(lab, clients, tls):
    """posthaste with early pipelining, if it has that, when it has met the server before."""
    server, taught = lab.server(tls=tls, extensions=FULL + ',PIPECONNECT'), []
    for client in [PosthasteEarly(lab, c.program) for c in clients if c.ours]:
        # the link may bear another port: each place is met once
        if all(measure(lab, client, server, Job(*lab.far(server, far), tls))['good'] for far in (0, 1)):
            taught.append(client)
    return taught, server


def kept(lab, clients, server, rtt, n):
    """n processes one after another over one session that stays open: {name: [result]}."""
    got = {}
    for client in [PosthasteKept(lab, c.program) for c in clients if c.ours]:
        server.connections()
        r = lab.run(client.command(Job(*lab.far(server, rtt))), n, 90)
        client.end_session()
        seen = [c for c in server.wait_connections(1) if c['commands']]
        if r['status'] == 0 and [c['messages'] for c in seen] == [n]:
            got[client.name] = [r]
        else:
            print(f'  {client.name}: failed (status {r["status"]}): {r["said"][-300:]} {seen}', file=sys.stderr,
                  flush=True)
    return got


def w2(lab, clients, quick):
    server = lab.server(extensions=FULL)
    n = 10 if quick else 30
    if quick:
        clients = [c for c in clients if c.ours or c.name == 'limit']
    clients = [c for c in clients if not c.starttls_only]
    got = rounds(lab, clients, server, lambda h, p: Job(h, p), 50, 1, times=n, seconds=90)
    got.update(kept(lab, clients, server, 50, n))
    early, server = early_clients(lab, clients, 'implicit')
    got.update(rounds(lab, early, server, lambda h, p: Job(h, p), 50, 1, times=n, seconds=90))
    return {name: {'wall': r[0]['wall'] / 1e6 * 30 / n, 'cpu': (r[0]['user'] + r[0]['sys']) / 1000 / n}
            for name, r in got.items()}


def w3(lab, clients, quick):
    server = lab.server(extensions=FULL, lax=True)
    clients = [c for c in clients if not c.starttls_only and c.name != 'swaks']

    def job_at(host, port):
        return Job(host, port, message='large')

    figures = {}
    near = rounds(lab, clients, server, job_at, 0, 3 if quick else 5)
    far = rounds(lab, clients, server, job_at, 50, 1 if quick else 2, rate=100_000_000)
    size = os.path.getsize(lab.path('large.crlf'))
    for name, results in near.items():
        body = results[-1]['seen'][0]
        figures[name] = {'wall0': wall(results), 'cpu': cpu(results), 'rss': max(r['rss'] for r in results),
                         'record': body['body_octets'] / max(1, body['body_reads'])}
        if name in far:
            figures[name]['far'] = best(far[name]) / 1000
            figures[name]['overhead'] = far[name][-1]['packets']['octets_up'] / size
    return figures


def w4(lab, clients, quick):
    server = lab.server(extensions=FULL)
    clients = [c for c in clients if not c.starttls_only and c.name in ('limit', 'posthaste', 'msmtp', 'swaks')]
    got = rounds(lab, clients, server, lambda h, p: Job(h, p, recipients=1000), 50, 2 if quick else 5, seconds=20)
    return {name: {'wall': best(r) / 1000, 'turns': r[-1]['seen'][0]['turns']} for name, r in got.items()}


def w5(lab, clients, quick):
    ours = next(c for c in clients if isinstance(c, Posthaste))
    commands = {'posthaste --version': Command([ours.program, '--version']),
                'posthaste --dry-run': ours.command(Job('127.0.0.1', 1), '--dry-run')}
    commands['an empty program'] = Command([lab.tool('empty')])
    commands['... with GnuTLS'] = Command([lab.tool('limit')])  # shows its usage, status 64
    for c in clients:
        if c.name in ('msmtp', 'curl'):
            commands[c.name + ' --version'] = Command([c.program, '--version'])
    results = {name: [] for name in commands}
    for _ in range(11 if quick else 41):
        for name, command in commands.items():
            results[name].append(lab.run(command))
    figures = {}
    for name, command in commands.items():
        figures[name] = {'wall': wall(results[name]), 'cpu': cpu(results[name]),
                         'rss': max(r['rss'] for r in results[name])}
        status = 64 if name == '... with GnuTLS' else 0
        figures[name]['calls'], figures[name]['objects'] = lab.calls(command, status)
        figures[name]['minstr'] = lab.instructions(command, status)
    return figures


BATCHES = (('--batch', ''), ('--batch, pipelined', 'pipeline_messages 50\n'),
           ('--batch, 4 sessions', 'queue_sessions 4\n'))


def mbox_command(lab, clients, host, port, n, name, lines):
    """An mbox of n messages, sent by --batch."""
    ours = Posthaste(lab, next(c for c in clients if isinstance(c, Posthaste)).program)
    ours.config = lab.path('conf-' + name.replace(' ', ''))
    ours.name, ours.extra = name.replace(' ', ''), f'queue off\nmax_messages_per_connection 1000000\n{lines}'
    job = Job(host, port)
    argv = ours.command(job).argv[:3]
    with open(lab.path('small'), encoding='ascii') as message:
        text = f'From someone Mon Jan  1 00:00:00 2029\nX-Envelope-To: {job.addresses()[0]}\n{message.read()}\n'
    return Command(argv + ['--batch=mbox:' + lab.write('mbox', text.replace('\r\n', '\n') * n)])


def batch_commands(lab, clients, server, rtt, n):
    """Who can hand over n messages on one connection: [(name, messages, Command)]."""
    host, port = lab.far(server, rtt)
    bundle = lab.trust or 'system'
    limit = next(c for c in clients if c.name == 'limit').command(Job(host, port))
    commands = [('limit', n, Command(limit.argv + ['--messages', str(n)], limit.input)),
                ('limit, pipelined', n, Command(limit.argv + ['--messages', str(n), '--window', '50'], limit.input))]
    for name, under_way in ('posthaste', '1'), ('posthaste, pipelined', '50'):
        commands.append((name, n, Command([lab.tool('batch'), host, str(port), bundle, str(n), under_way],
                                          lab.path('small'))))
    commands += ((name, n, mbox_command(lab, clients, host, port, n, name, lines)) for name, lines in BATCHES)
    for c in clients:
        if c.name == 'curl':
            one = c.command(Job(host, port)).argv
            commands.append(('curl', n, Command(one + ['--next', *one[1:]] * (n - 1))))
    return commands


def run_batch(lab, clients, server, rtt, n, only=None):
    results = {}
    for name, count, command in batch_commands(lab, clients, server, rtt, n):
        if only and name not in only:
            continue
        server.connections()
        r = lab.run(command, seconds=120)
        seen = server.wait_connections(5 if name == '--batch, 4 sessions' else 1)
        if r['status'] == 0 and sum(c['messages'] for c in seen) == count:
            results[name] = dict(r, turns=seen[0]['turns'], connections=len(seen), messages=count)
        else:
            print(f'  {name}: failed (status {r["status"]}): {r["said"][-300:]} {seen[:2]}', file=sys.stderr,
                  flush=True)
    return results


def w6(lab, clients, quick):
    """The program's own transport, driven by tests/bench/batch, and --batch with an mbox; pipelined: with 50 messages
    under way."""
    server, data_server = lab.server(extensions=FULL), lab.server(extensions='PIPELINING,SIZE,8BITMIME')
    figures = {}
    runs = [run_batch(lab, clients, server, 0, 1000) for _ in range(1 if quick else 5)]
    far = run_batch(lab, clients, server, 20, 300, ('limit', 'posthaste'))
    far.update(run_batch(lab, clients, server, 20, 300, ('--batch',)))
    far.update(run_batch(lab, clients, server, 20, 1000, ('limit, pipelined', 'posthaste, pipelined',
                                                          '--batch, pipelined', '--batch, 4 sessions')))
    far.update(run_batch(lab, clients, server, 20, 100, ('curl',)))
    for name in runs[0]:
        good = [r[name] for r in runs if name in r]
        figures[name] = {'near': 1e6 * 1000 / calm([r['wall'] for r in good]), 'cpu': cpu(good) / 1000,
                         'rss': max(r['rss'] for r in good)}
        if name in far:
            figures[name]['far'] = 1e6 * far[name]['messages'] / far[name]['wall']
    for name, with_server in ('rtts', server), ('rtts_data', data_server):
        few = run_batch(lab, clients, with_server, 50, 10, ('posthaste', 'curl') if name == 'rtts' else ('posthaste',))
        many = run_batch(lab, clients, with_server, 50, 40, few)
        for client in many:
            figures[client][name] = (many[client]['wall'] - few[client]['wall']) / 30 / 50000
    return figures


def make_patches(lab, n):
    repository = lab.path('repository')
    if not os.path.exists(repository):
        git = ['git', '-C', repository, '-c', 'user.name=Joe', '-c', 'user.email=joe@example.org']
        subprocess.run(['git', 'init', '-q', repository], env=lab.env, check=True)
        for i in range(41):
            lab.write('repository/file', f'{i}\n')
            subprocess.run([*git, 'add', 'file'], env=lab.env, check=True)
            subprocess.run([*git, 'commit', '-q', '-m', f'change {i}'], env=lab.env, check=True)
    return ['git', '-C', repository, '-c', 'user.name=Joe', '-c', 'user.email=joe@example.org', 'send-email', '--quiet',
            '--to=friend0@example.org', '--suppress-cc=all', '--confirm=never', '--from=joe@example.org', f'-{n}']


def w8(lab, clients, quick):
    """A series of patches by git send-email, which starts the program once for each."""
    server, n, figures = lab.server(extensions=FULL), 10 if quick else 40, {}
    ours = next(c for c in clients if c.ours)
    for client in [ours, PosthasteKept(lab, ours.program)] + [c for c in clients if c.name == 'msmtp']:
        one = client.command(Job(*lab.far(server, 50)))
        program = lab.write('series-' + client.name, f'#!/bin/sh\nexec {" ".join(one.argv[:3])} "$@"\n', 0o700)
        server.connections()
        r = lab.run(Command(make_patches(lab, n) + ['--smtp-server=' + program], env=one.env), seconds=120)
        if client.name != ours.name and client.ours:
            client.end_session()
        seen = [c for c in server.wait_connections(1 if isinstance(client, PosthasteKept) else n) if c['commands']]
        if r['status'] == 0 and sum(c['messages'] for c in seen) == n:
            figures[client.name] = {'wall': r['wall'] / 1e6 * 40 / n, 'logins': len(seen)}
        else:
            print(f'  {client.name}: failed (status {r["status"]}): {r["said"][-300:]} {len(seen)}', file=sys.stderr,
                  flush=True)
    return figures


def fsyncs_alone(folder, n):
    """Messages a second if each costs what a drain does on disk, and nothing else (doc/design/queue.md)."""
    for name in 'new', 'state':
        os.mkdir(os.path.join(folder, name))
    new, state = (os.open(os.path.join(folder, name), os.O_RDONLY) for name in ('new', 'state'))
    for i in range(n):
        with open(os.path.join(folder, 'new', str(i)), 'wb') as f:
            f.write(bytes(2600))
    os.sync()
    started = time.monotonic()
    for i in range(n):
        os.close(os.open(f'{i}', os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, dir_fd=state))
        os.fsync(state)
        os.unlink(f'{i}', dir_fd=new)
        os.fsync(new)
        os.unlink(f'{i}', dir_fd=state)
    seconds = time.monotonic() - started
    for fd in new, state:
        os.close(fd)
    return n / seconds


def drain(lab, ours, server, rtt, n, sessions, lines, folder):
    """Messages a second that leave a queue in that folder; None if not all arrived."""
    host, port = lab.far(server, rtt)
    ours.extra = f'queue_autostart off\nmax_messages_per_connection 1000000\n{lines}\n'
    ours.command(Job(host, port))
    env = {'XDG_STATE_HOME': folder}
    with open(lab.path('small'), 'rb') as message:
        subprocess.run([os.path.join(lab.builddir, 'tests', 'lib', 'queue_put'), f'count={n}', 'account=default',
                        'config=' + ours.config, *Job(host, port).addresses()], check=True, stdin=message,
                       stdout=subprocess.DEVNULL, env=dict(lab.env, **env))
    os.sync()
    server.connections()
    r = lab.run(Command([ours.program, '-q'], env=env), seconds=300)
    arrived = sum(c['messages'] for c in server.wait_connections(1 if sessions == 1 else sessions + 1))
    shutil.rmtree(folder)
    if r['status'] == 0 and arrived == n:
        return {'rate': 1e6 * n / r['wall'], 'cpu': (r['user'] + r['sys']) / 1000 / n}
    print(f'  the queue: failed (status {r["status"]}): {arrived} of {n}: {r["said"][-300:]}', file=sys.stderr,
          flush=True)
    return None


def w7(lab, clients, quick):
    """Near: the queue in memory.  On disk: in the folder of the build."""
    server = lab.server(extensions=FULL)
    ours = Posthaste(lab, next(c for c in clients if isinstance(c, Posthaste)).program)
    ours.name, ours.config = 'queue', lab.path('conf-queue')
    memory = '/dev/shm' if os.access('/dev/shm', os.W_OK) else lab.dir
    figures, times, n = {}, 1 if quick else 3, 300 if quick else 1000

    def rate(rtt, count, sessions, lines, place):
        got = [drain(lab, ours, server, rtt, count, sessions, lines,
                     tempfile.mkdtemp(prefix='posthaste-bench.', dir=place)) for _ in range(times)]
        return max((g for g in got if g), key=lambda g: g['rate'], default={})

    limit = [run_batch(lab, clients, server, 0, n, ('limit',)).get('limit') for _ in range(times)]
    far = run_batch(lab, clients, server, 20, 300, ('limit',)).get('limit')
    figures['limit'] = {'near': max((1e6 * n / r['wall'] for r in limit if r), default=None),
                        'far': 1e6 * 300 / far['wall'] if far else None}
    for lines, sessions, far_n in (('queue_sessions 1', 1, 300), ('queue_sessions 4', 4, 1000),
                                   ('pipeline_messages 50', 1, 1000)):
        near = rate(0, n, sessions, lines, memory)
        figures[lines] = {'near': near.get('rate'), 'cpu': near.get('cpu'),
                          'disk': rate(0, n // 2, sessions, lines, lab.builddir).get('rate'),
                          'far': rate(20, far_n, sessions, lines, memory).get('rate')}
    folder = tempfile.mkdtemp(prefix='posthaste-bench.', dir=lab.builddir)
    figures['its fsyncs alone'] = {'disk': fsyncs_alone(folder, n // 2)}
    shutil.rmtree(folder)
    return figures


ALL = {'w1': w1, 'w1s': w1s, 'rtt': rtt, 'w2': w2, 'w3': w3, 'w4': w4, 'w5': w5, 'w6': w6, 'w7': w7, 'w8': w8}
