#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Servers that mean harm, in each state of a session, in clear and within TLS, and to each mechanism of AUTH: floods,
# nonsense and challenges without end. The program ends by itself, never by a signal, says why, answers a few
# challenges at most, and does not keep what it was flooded with.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

ROUNDS=11 # AUTH and ten answers
MEMORY=32768 # KiB
sanitized && MEMORY=1048576 # the sanitizers' own
mkdir "$T/hostile"
cp "$T/mail" "$T/hostile/mail"
cat >"$T/hostile/rc" <<END
account default
host 127.0.0.1
from alice@example.org
user joe
password correct-horse
auth_without_tls on
queue off
timeout 20
END
chmod 600 "$T/hostile/rc"

while read -r status rounds memory name; do
	kind=failure
	case $name in QUIT*) kind=success ;; esac # the message has arrived by then
	if [ "$status" -gt 78 ] || { [ "$status" = 0 ] && [ $kind = failure ]; }; then
		not_ok "$name" "status $status"
	elif [ $kind = success ] && [ "$status" != 0 ]; then
		not_ok "$name" "status $status"
	elif [ "$rounds" -gt $ROUNDS ]; then
		not_ok "$name" "$rounds rounds"
	elif [ "$memory" -gt "$MEMORY" ]; then
		not_ok "$name" "$memory KiB of memory"
	else
		ok "$name"
	fi
done < <(timeout -k 5 500 "$PYTHON" "$top_srcdir/tests/field/hostile.py" "$POSTHASTE" "$T/hostile" "$CA/good.pem" \
	"$CA/ca.crt" 2>"$T/hostile/errors" || echo "999 0 0 the servers: $?")
is "$(cat "$T/hostile/errors")" '' "the servers had no trouble of their own"
done_testing
