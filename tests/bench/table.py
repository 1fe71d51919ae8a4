# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures as text."""

COLUMNS = {
    'w1': [('verifies', 'verify'), ('rtts', 'RTTs'), ('wall0', 'wall 0'), ('wall50', 'wall 50'), ('wall200', 'wall 200'), ('cpu', 'CPU'), ('rss', 'RSS KB'),
           ('minstr', 'Minstr'), ('calls', 'calls'), ('objects', 'objects'), ('packets', 'packets'), ('body_reads', 'records')],
    'rtt': [('rtts', 'RTTs'), ('turns', 'turns'), ('wall50', 'wall 50'), ('faults', 'faults')],
    'w2': [('wall', 'wall s'), ('cpu', 'CPU ms each')],
    'w3': [('wall0', 'wall 0 ms'), ('cpu', 'CPU ms'), ('rss', 'RSS KB'), ('far', '50ms/100M s'), ('overhead', 'wire/message'), ('record', 'octets/record')],
    'w4': [('wall', 'wall s'), ('turns', 'turns')],
    'w5': [('wall', 'wall ms'), ('cpu', 'CPU ms'), ('rss', 'RSS KB'), ('calls', 'calls'), ('objects', 'objects'), ('minstr', 'Minstr')],
    'w6': [('near', 'near /s'), ('cpu', 'CPU ms each'), ('far', '20 ms /s'), ('rtts', 'RTTs each'), ('rtts_data', 'RTTs each, DATA')],
}
COLUMNS['w1s'] = COLUMNS['w1']
TITLES = {'w1': 'W1: one message of 2 KB, TLS from the first octet, AUTH PLAIN (ms)', 'w1s': 'W1 with STARTTLS (ms)',
          'rtt': 'posthaste with other servers (round trips)', 'w2': 'W2: 30 processes one after another, 50 ms', 'w3': 'W3: 50 MB',
          'w4': 'W4: 1,000 recipients, 50 ms', 'w5': 'W5: start-up', 'w6': 'W6: 1,000 messages on one connection'}
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
    return '\n'.join('  '.join((c.ljust if i == 0 else c.rjust)(w) for i, (c, w) in enumerate(zip(r, widths))).rstrip() for r in rows)


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


def targets(figures):
    return ''
