#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Size: a message of 500 MB needs no more memory than one of 2 KB, and the work
# for recipients grows with their number, not with its square.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# A message of N octets or a little more, and a run of the program: peak of the
# resident memory of the child, in KiB, by getrusage.
cat >"$T/measure.py" <<'END'
import os, resource, subprocess, sys
size, line, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=sys.stderr)
block = line.encode("latin-1") * 1000
child.stdin.write(b"From: a@example.org\nSubject: large\n\n")
while size > 0:
    child.stdin.write(block[:size] if size < len(block) else block)
    size -= len(block)
child.stdin.close()
pid, status, used = os.wait4(child.pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss)
END
plain=$'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-----.\n'
# peak SIZE [LINE [OPTION OF THE SERVER...]]
peak() {
	smarthost --discard "${@:3}"
	conf 'timeout 300' 'deadline off'
	"$PYTHON" "$T/measure.py" "$1" "${2:-$plain}" "$POSTHASTE" -C "$T/rc" bob@example.org 2>"$err" >"$T/peak"
	smarthost_end 60
	read -r status kilobytes <"$T/peak"
	status_is 0 "a message of $1 octets: exit status 0"
}
room=$(df -Pk /var/tmp "$TMPDIR" | awk 'NR > 1 && (!m || $4 < m) { m = $4 } END { print m }')
if sanitized; then
	skip "sanitizers have a memory of their own" "memory does not grow with the message"
elif [ "${room:-0}" -lt 1000000 ]; then
	skip "there is less than 1 GB of room for temporary files" "memory does not grow with the message"
else
	peak 2048
	small=$kilobytes
	peak 500000000
	check "500 MB need at most 1 MiB more than 2 KB ($small KiB, $kilobytes KiB)" test "$kilobytes" -le $((small + 1024))
	check "all of it arrived" grep -q '^# 50[0-9]\{7\} octets' "$T/transcript"
	# 8-bit text that is converted: read twice, written once more
	eightbit=$'in every line there is a \u00e9, which becomes three octets\n'
	peak 2048 "$eightbit" --extensions SIZE
	small=$kilobytes
	peak 120000000 "$eightbit" --extensions SIZE
	check "120 MB to convert need at most 1 MiB more than 2 KB ($small KiB, $kilobytes KiB)" test "$kilobytes" \
		-le $((small + 1024))
	check "all of it arrived converted" grep -q '^# 12[0-9]\{7\} octets' "$T/transcript"
fi

# ---- accounts ----
# accounts N FILE: with defaults, parents and settings of their own
accounts() {
	"$PYTHON" -c 'import sys
print("defaults\ntls on\nport 465\ntimeout 30s\nlogfile /nowhere")
for i in range(int(sys.argv[1])):
    parent = " : a%d" % (i - 1) if i % 3 == 2 else ""
    print("account a%d%s\nhost mail%d.example.org\nfrom me%d@example.org" % (i, parent, i, i))' \
		"$1" >"$2"
}
# used N: peak of the resident memory with so many accounts, and the host of the last one
used() {
	accounts "$1" "$T/accounts"
	"$PYTHON" - "$POSTHASTE" -C "$T/accounts" -a "a$(($1 - 1))" --pretend >"$T/used" <<'END'
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
host = [line.split()[2] for line in child.stdout if line.startswith("host ")]
pid, status, used = os.wait4(child.pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss, *host)
END
	read -r status kilobytes host <"$T/used"
}
if sanitized; then
	skip "sanitizers have a memory of their own" "the memory for an account"
else
	used 10000
	small=$kilobytes
	is "$status $host" "0 mail9999.example.org" "10,000 accounts: the last is found"
	used 100000
	is "$status $host" "0 mail99999.example.org" "100,000 accounts: the last is found"
	# their text, of about 70 bytes, is in memory, too
	check "an account takes less than 2 KiB ($small KiB, $kilobytes KiB)" test $((kilobytes - small)) -lt $((2 * 90000))
fi
# the system's accounts that one of the user's hides are in tests/unit/test_config_load.c

# ---- recipients ----
recipients() {
	"$PYTHON" -c 'import sys
n = int(sys.argv[1])
to = ",\n ".join("user%d@example.org" % i for i in range(n))
sys.stdout.write("From: a@example.org\nTo: " + to + "\n\nx\n")' "$1"
}
smarthost
conf 'timeout 300'
recipients 100000 >"$T/many"
run timeout 300 "$POSTHASTE" -C "$T/rc" -t <"$T/many"
smarthost_end 60
status_is 0 "100,000 recipients: exit status 0"
is "$("$PYTHON" -c 'import json, sys
got = [r["address"] for r in json.load(open(sys.argv[1]))["rcpt"]]
print(len(got), len(set(got)), set(got) == {"user%d@example.org" % i for i in range(100000)})' "$T/spool/0001.json")" \
	'100000 100000 True' "100,000 recipients: each once"
no_violation "100,000 recipients: the dialogue was correct"

# instructions N: how many the program executes with so many recipients, each named twice
if sanitized; then
	skip "valgrind cannot run a sanitized program" "the work grows with the number of recipients"
elif ! command -v valgrind >/dev/null; then
	skip "valgrind is missing; on Debian or Ubuntu: apt install valgrind" "the work grows with the number of recipients"
else
	instructions() {
		recipients "$1" >"$T/many"
		smarthost $3
		conf 'timeout 300'
		run timeout 300 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$POSTHASTE" -C "$T/rc" $2 <"$T/many"
		smarthost_end 60
		count=$(sed -n 's/^==[0-9]*== *Collected *: *\([0-9]*\).*/\1/p' "$err")
	}
	account_instructions() {
		accounts "$1" "$T/accounts"
		run timeout 300 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$POSTHASTE" -C "$T/accounts" -a a0 \
			--pretend </dev/null
		count=$(sed -n 's/^==[0-9]*== *Collected *: *\([0-9]*\).*/\1/p' "$err")
	}
	account_instructions 2000
	few=$count
	account_instructions 8000
	check "four times the accounts, less than five times the work ($few, $count instructions)" \
		test "$count" -gt 0 -a "$count" -lt $((few * 5))
	while IFS='|' read -ru 9 name args sink; do
		instructions 2000 "$args" "$sink"
		few=$count
		instructions 8000 "$args" "$sink"
		check "$name: four times the recipients, less than five times the work ($few, $count instructions)" \
			test "$count" -gt 0 -a "$count" -lt $((few * 5))
	done 9<<-'ROWS'
		accepted|-t|
		refused|-t|--reply rcpt=550
		shown as JSON|-t --json|
	ROWS
fi
done_testing
