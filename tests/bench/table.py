# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as text."""

COLUMNS = {
    'w1': [('verifies', 'verify'), ('rtts', 'RTTs'), ('wall0', 'wall 0'), ('wall50', 'wall 50'),
           ('wall200', 'wall 200'), ('cpu', 'CPU'), ('rss', 'RSS KB'),
           ('minstr', 'Minstr'), ('calls', 'calls'), ('objects', 'objects'), ('packets', 'packets'),
           ('body_reads', 'records')],
    'rtt': [('rtts', 'RTTs'), ('turns', 'turns'), ('wall50', 'wall 50'), ('faults', 'faults')],
    'w2': [('wall', 'wall s'), ('cpu', 'CPU ms each')],
    'w3': [('wall0', 'wall 0 ms'), ('cpu', 'CPU ms'), ('rss', 'RSS KB'), ('far', '50ms/100M s'),
           ('overhead', 'wire/message'), ('record', 'octets/record')],
    'w4': [('wall', 'wall s'), ('turns', 'turns')],
    'w5': [('wall', 'wall ms'), ('cpu', 'CPU ms'), ('rss', 'RSS KB'), ('calls', 'calls'), ('objects', 'objects'),
           ('minstr', 'Minstr')],
    'w6': [('near', 'near /s'), ('cpu', 'CPU ms each'), ('far', '20 ms /s'), ('rtts', 'RTTs each'),
           ('rtts_data', 'RTTs each, DATA')],
    'w7': [('near', 'near /s'), ('cpu', 'CPU ms each'), ('disk', 'on disk /s'), ('far', '20 ms /s')],
    'w8': [('wall', 'wall s'), ('logins', 'logins')],
}
COLUMNS['w1s'] = COLUMNS['w1']
TITLES = {'w1': 'W1: one message of 2 KB, TLS from the first octet, AUTH PLAIN (ms)', 'w1s': 'W1 with STARTTLS (ms)',
          'rtt': 'posthaste with other servers (round trips)', 'w2': 'W2: 30 processes one after another, 50 ms',
          'w3': 'W3: 50 MB',
          'w4': 'W4: 1,000 recipients, 50 ms', 'w5': 'W5: start-up', 'w6': 'W6: 1,000 messages on one connection',
          'w7': 'W7: 1,000 messages out of the queue',
          'w8': 'W8: 40 patches by git send-email, 50 ms'}
RATIOS = ('wall0', 'cpu', 'minstr', 'rss', 'wall', 'near')


def number(v):
    if v is None or v == []:
        return '-'
    if isinstance(v, bool):
        return 'y' if v else 'n'
    if isinstance(v, list):
        return '; '.join(v)
    if isinstance(v, str):
        return v
    return f'{v:.0f}' if abs(v) >= 1000 or v == int(v) else f'{v:.1f}' if abs(v) >= 20 else f'{v:.2f}'


def grid(rows):
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    return '\n'.join('  '.join((c.ljust if i == 0 else c.rjust)(w) for i, (c, w) in enumerate(zip(r, widths))).rstrip()
                     for r in rows)


def workload(name, figures):
    columns = COLUMNS[name]
    rows = [[''] + [title for _, title in columns]]
    for client, f in figures.items():
        if 'packets_up' in f:
            f = dict(f, packets=f'{f["packets_up"]}+{f["packets_down"]}')
        rows.append([client] + [number(f.get(key)) for key, _ in columns])
    text = f'\n{TITLES[name]}\n{grid(rows)}\n'
    return text + ratios(name, figures)


def ratios(name, figures):
    """posthaste = 1: how many times as much the others need."""
    ours = figures.get('posthaste')
    keys = [(k, t) for k, t in COLUMNS[name] if k in RATIOS and ours and ours.get(k)]
    if not keys or len(figures) < 2:
        return ''
    rows = [['x posthaste'] + [title for _, title in keys]]
    for client, f in figures.items():
        if client != 'posthaste':
            rows.append([client] + [number(f[k] / ours[k]) if f.get(k) else '-' for k, _ in keys])
    return grid(rows) + '\n'


# ---- the targets ----

# What "limit" needed, and a program that is only linked with GnuTLS, where the
# targets were set: a faster machine, and a server given by its address.
REFERENCE = {'wall0': 4.9, 'over': 5.6, 'recipients': 0.36, 'processes': 9.4, 'far': 4.70, 'near': 22000,
             'far_batch': 48,
             'gnutls': 1.75, 'rss': 5590, 'calls': 160}


def get(figures, *path):
    for key in path:
        figures = (figures or {}).get(key)
    return figures


def best_peer(figures, key):
    values = [f[key] for name, f in (figures or {}).items()
              if name not in ('posthaste', 'limit') and f.get(key) and f.get('verifies', True)]
    return min(values) if values else None


class Row:
    """A quantity: at most (or at least) the target, or the target scaled by how limit does here."""

    def __init__(self, name, what, target, got, here=None, reference=None, unit='', least=False, exact=False):
        self.cells = [name, what, f'{">=" if least else "=" if exact else "<="} {number(target)}{unit}'
                      if target is not None else '-']
        scaled = target * here / reference if here and reference and target else None
        self.cells.append(number(scaled) + unit if scaled else '')
        self.cells.append(number(got) + unit if got is not None else 'not measured')
        if got is None or target is None:
            self.cells.append('-')
        elif exact:
            self.cells.append('yes' if abs(got - target) < 0.3 else 'NO')
        else:
            good = [got >= t if least else got <= t for t in (target, scaled) if t is not None]
            self.cells.append('yes' if good[0] else 'yes, scaled' if any(good) else 'NO')


def rows(figures):
    g = lambda *path: get(figures, *path)
    w1, limit = g('w1', 'posthaste') or {}, g('w1', 'limit') or {}
    over = lambda f: f['wall50'] - 300 if f.get('wall50') else None
    peer = best_peer(figures.get('w1'), 'wall0')
    curl = g('w3', 'curl', 'wall0')
    gnutls = g('w5', '... with GnuTLS', 'wall')
    yield Row('T1', 'round trips, TLS, CHUNKING', 6, w1.get('rtts'), exact=True)
    yield Row('T2', '... without CHUNKING', 7, g('rtt', 'no CHUNKING', 'rtts'), exact=True)
    yield Row('', '... and without PIPELINING', 9, g('rtt', 'neither', 'rtts'), exact=True)
    yield Row('T3', 'round trips, STARTTLS', 8, g('w1s', 'posthaste', 'rtts') or g('rtt', 'STARTTLS', 'rtts'),
              exact=True)
    yield Row('', '... without CHUNKING', 9, g('rtt', 'STARTTLS, no CHUNKING', 'rtts'), exact=True)
    yield Row('T4', 'round trips, PIPECONNECT', 4, g('rtt', 'PIPECONNECT', 'rtts'), exact=True)
    yield Row('T5', 'further message, CHUNKING', 1, g('w6', 'posthaste', 'rtts'), exact=True)
    yield Row('', '... with DATA', 2, g('w6', 'posthaste', 'rtts_data'), exact=True)
    yield Row('T6', 'wall over 6 x 50 ms', 8, over(w1), over(limit), REFERENCE['over'], ' ms')
    yield Row('T7', 'wall near', 5.5, w1.get('wall0'), limit.get('wall0'), REFERENCE['wall0'], ' ms')
    yield Row('', '... of the best verifying peer', 0.25, w1['wall0'] / peer if w1.get('wall0') and peer else None)
    yield Row('T8', 'CPU, x limit', 1.15, w1['cpu'] / limit['cpu'] if w1.get('cpu') and limit.get('cpu') else None)
    yield Row('T9', 'instructions', 21, w1.get('minstr'), unit=' M')
    yield Row('T10', 'resident set, 2 KB', 6144, w1.get('rss'), limit.get('rss'), REFERENCE['rss'], ' KB')
    yield Row('', '... 50 MB', w1['rss'] + 512 if w1.get('rss') else None, g('w3', 'posthaste', 'rss'), unit=' KB')
    yield Row('T11', 'shared objects', 14, w1.get('objects'))
    yield Row('', 'system calls', 200, w1.get('calls'), limit.get('calls'), REFERENCE['calls'])
    yield Row('T12', '50 MB near, CPU x limit', 1.3, quotient(figures, 'w3', 'cpu', 'limit'))
    yield Row('', '... wall x curl', 0.6,
              g('w3', 'posthaste', 'wall0') / curl if curl and g('w3', 'posthaste') else None)
    yield Row('T13', '50 MB, 50 ms, 100 Mbit/s', 4.75, g('w3', 'posthaste', 'far'), g('w3', 'limit', 'far'),
              REFERENCE['far'], ' s')
    yield Row('', '... octets on the wire, x limit', 1.01, quotient(figures, 'w3', 'overhead', 'limit'))
    yield Row('T14', '1,000 recipients, 50 ms', 0.40, g('w4', 'posthaste', 'wall'), g('w4', 'limit', 'wall'),
              REFERENCE['recipients'], ' s')
    yield Row('T15', '30 processes, 50 ms', 9.3, g('w2', 'posthaste', 'wall'), g('w2', 'limit', 'wall'),
              REFERENCE['processes'], ' s')
    yield Row('', '... with PIPECONNECT', 6.3, g('w2', 'posthaste-early', 'wall'), unit=' s')
    yield Row('T16', '1,000 on a connection, near', 15000, g('w6', 'posthaste', 'near'), g('w6', 'limit', 'near'),
              REFERENCE['near'], '/s', least=True)
    yield Row('', '... at 20 ms', 48, g('w6', 'posthaste', 'far'), g('w6', 'limit', 'far'), REFERENCE['far_batch'],
              '/s', least=True)
    yield Row('', '... at 20 ms, pipelined', 1000, g('w6', 'posthaste, pipelined', 'far'), unit='/s', least=True)
    yield Row('', '--batch, near', 15000, g('w6', '--batch', 'near'), unit='/s', least=True)
    yield Row('', '... at 20 ms', 48, g('w6', '--batch', 'far'), unit='/s', least=True)
    yield Row('', '... at 20 ms, pipelined', 1000, g('w6', '--batch, pipelined', 'far'), unit='/s', least=True)
    yield Row('', '... at 20 ms, 4 sessions', 180, g('w6', '--batch, 4 sessions', 'far'), unit='/s', least=True)
    alone = g('w7', 'its fsyncs alone', 'disk')
    on_disk = g('w7', 'queue_sessions 1', 'disk')
    yield Row('', 'the queue, near', 2000, g('w7', 'queue_sessions 1', 'near'), g('w7', 'limit', 'near'),
              REFERENCE['near'], '/s', least=True)
    yield Row('', '... on disk, x its fsyncs alone', 0.5, on_disk / alone if on_disk and alone else None, least=True)
    yield Row('', '... at 20 ms, queue_sessions 4', 180, g('w7', 'queue_sessions 4', 'far'), g('w7', 'limit', 'far'),
              REFERENCE['far_batch'], '/s', least=True)
    yield Row('', '... at 20 ms, pipeline_messages 50', 700, g('w7', 'pipeline_messages 50', 'far'), unit='/s',
              least=True)
    yield Row('T17', '--version', 2.0, g('w5', 'posthaste --version', 'wall'), gnutls, REFERENCE['gnutls'], ' ms')
    yield Row('', '--dry-run', 2.0, g('w5', 'posthaste --dry-run', 'wall'), gnutls, REFERENCE['gnutls'], ' ms')


def quotient(figures, name, key, other):
    ours, theirs = get(figures, name, 'posthaste', key), get(figures, name, other, key)
    return ours / theirs if ours and theirs else None


def targets(figures):
    table = [['', 'quantity', 'target', 'scaled', 'here', 'reached']] + [r.cells for r in rows(figures)
                                                                         if r.cells[-1] != '-' or len(figures) > 6]
    if len(table) == 1:
        return ''
    title = 'Targets (scaled: by how much longer the limit takes here than on the machine the target was set on)'
    return f'\n{title}\n{grid(table)}\n'
