#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The programs that posthaste starts, passwordeval and on_failure: what they find open, and that nothing is left of
# them. (The keyring's helper has a fixed place; test_secret_source looks at what it finds open.)
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
: >"$T/held"
# look.py FILE [WORD]: writes what it finds open into FILE; WORD goes to standard output
cat >"$T/look.py" <<'END'
import os, sys
found = []
for fd in range(1024):
    try:
        found.append("%d %s" % (fd, os.readlink("/proc/self/fd/%d" % fd)))
    except OSError:
        pass
with open(sys.argv[1] + ".tmp", "w") as file:
    print("\n".join(found), file=file)
os.rename(sys.argv[1] + ".tmp", sys.argv[1])
print(*sys.argv[2:])
END
# finds NAME FILE STDIN: what the helper found open; STDIN is a pattern
finds() {
	is "$(cut -d' ' -f1 "$2" | paste -sd' ')" "0 1 2" "$1: nothing but its standard files is open"
	like "$(sed -n 's/^0 //p' "$2")" "^$3\$" "$1: standard input"
	like "$(sed -n 's/^1 //p' "$2")" '^pipe:' "$1: standard output"
	like "$(sed -n 's/^2 //p' "$2")" '^/(memfd:errors|dev/shm/posthaste-errors\.[0-9.]+) ' "$1: standard error is kept"
}
# children PID: its children, zombies too
children() {
	awk -v parent="$1" '{ pid = $1; sub(/^.*\) /, "") } $2 == parent { print pid }' /proc/[0-9]*/stat 2>/dev/null |
		paste -sd' '
}
with_much_open() { exec "$@" 8<"$T/held" 9</dev/null 50>>"$T/other" 250<&8; }

# ---- passwordeval, for a message from the command line ----
smarthost --auth PLAIN --user joe --password-file "$T/password" --hang mail
conf 'auth plain' 'tls off' "passwordeval exec $PYTHON $T/look.py $T/eval correct-horse"
with_much_open "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail" >"$T/out" 2>"$T/err" &
sender=$!
check "the command line: the password is the right one" wait_until 20 grep -q '^C: MAIL' "$T/transcript"
finds "the command line" "$T/eval" /dev/null
is "$(children "$sender")" "" "the command line: nothing is left of the command"
smarthost_stop
wait "$sender"

# ---- passwordeval and on_failure, for the queue ----
# The runner has its lock, a connection and the queue's files open, and stays for a message that is for later.
smarthost --once 1000 --auth PLAIN --user joe --password-file "$T/password" \
	--reply 'rcpt:bob@example.org=550 5.1.1 unknown'
rm -f "$T/eval"
conf 'auth plain' 'tls off' "passwordeval exec $PYTHON $T/look.py $T/eval correct-horse" \
	"on_failure $PYTHON $T/look.py $T/told" 'queue_autostart off'
put() { "$PUT" account=default config="$T/rc" "$@" <"$T/mail" >/dev/null; }
put sender= bob@example.org
put due=3600 carol@example.org
with_much_open "$POSTHASTE" --queue-runner </dev/null >"$T/out" 2>"$T/err" &
runner=$!
check "the queue: on_failure is run" wait_until 20 test -s "$T/told"
finds "on_failure" "$T/told" 'socket:.*'
finds "passwordeval for the queue" "$T/eval" /dev/null
put dave@example.org
check "the queue: the runner goes on" wait_until 20 test -s "$T/spool/0001.json"
worker=$(children "$runner")
like "$worker" '^[0-9]+$' "the queue: the runner has one child, which works"
is "$(children "$worker")" "" "the queue: nothing is left of the commands"
kill "$runner"
wait "$runner"
smarthost_stop
done_testing
