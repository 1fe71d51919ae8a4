#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --explain: the account and the reason for it, the way, the mechanisms, the
# password's sources, without network and without a secret. eval, match_from
# and match_to as the program sees them.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

printf 'the-canary\n' >"$T/secret"
cat >"$T/rc" <<END
account work
host mail.work.example
from me@work.example
match_from *@work.example
auth on
user me
passwordeval cat $T/secret >$T/evaluated
account lists
host srv:lists.example
from me@lists.example
match_to *@lists.example
account plain
eval echo host plain.example
tls off
auth plain
user me
eval echo password the-canary
from me@plain.example
account default
host mail.example.org
from me@example.org
END

# explains NAME "ARGUMENT..." REGEX...: each a line of the output
explains() {
	local name=$1 regex
	# shellcheck disable=SC2086
	run "$POSTHASTE" -C "$T/rc" --explain $2 </dev/null
	status_is 0 "$name: exit status 0"
	shift 2
	for regex in "$@"; do
		if grep -Eq -- "$regex" "$out"; then ok "$name: $regex"; else not_ok "$name: $regex" "$(cat "$out")"; fi
	done
	unlike "$(cat "$out" "$err")" canary "$name: no secret"
}

explains default "" '^Account: default$' '^Because: .*named default' "^Files read: .*$T/rc" \
	'^Server: mail.example.org, port 465, TLS from the start$' '^Authentication: off$' \
		'^port += 465 .*\(derived from ' '^tls += on .*\(default\)'
explains "a sender" "-f joe@work.example bob@example.org" '^Account: work$' \
	'^Because: .*senders like \*@work.example, which joe@work.example matches' \
	'^Sender: <joe@work.example>' '^Recipient: <bob@example.org>' '^Authentication: on, as me' \
		'^  SCRAM-SHA-256: may be used' \
	'^  PLAIN: may be used' '^  XOAUTH2: used only when set by name' '^  passwordeval cat ' \
		'Certificate: must be issued for mail.work.example'
check "the password's command is not run" test ! -e "$T/evaluated"
explains "recipients" "a@lists.example b@lists.example" '^Account: lists$' \
	'^Because: .*recipients like \*@lists.example' \
	'^Server: srv:lists.example, TLS from the start or by STARTTLS, as the DNS says' 'issued for lists.example'
explains "recipients that do not all match" "a@lists.example b@example.org" '^Account: default$'
explains "an account by name" "-a plain" '^Account: plain$' '^Server: plain.example, port 25, without TLS' \
	'^  PLAIN: would reveal the password on an unprotected connection' '^  LOGIN: a different mechanism is set' \
		'^  password <hidden>'
explains "the command line" "--host=h.example --port=587" '^Account: of the command line' '^Files read: none' \
	'^Server: h.example, port 587, TLS by STARTTLS' 'port += 587 .*\(--port\)'

printf 'From: joe@work.example\nTo: bob@example.org\n\n' >"$T/letter"
run "$POSTHASTE" -C "$T/rc" --explain -t --read-envelope-from <"$T/letter"
like "$(cat "$out")" 'Account: work' "the header is read with -t"
run "$POSTHASTE" -C "$T/rc" --explain --json -f joe@work.example </dev/null
in_schema explain "--explain"
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
m = {x["name"]: x["usable"] for x in o["mechanisms"]}
print(o["account"], m["PLAIN"], m["NTLM"], o["password_from"][0], o["configuration"]["settings"]["port"]["value"])' \
	<"$out")" \
	"work True False passwordeval 465" "JSON says the same"
run "$POSTHASTE" -C "$T/rc" --explain -a nobody </dev/null
status_is 78 "an account that is not defined: exit status 78"

# ---- what was set comes before what was not, and is all that -v shows ----
printf 'host 127.0.0.1\nport 1\ntls off\nfrom me@example.org\nqueue off\n' >"$T/rc"
run "$POSTHASTE" -C "$T/rc" --explain </dev/null
is "$(grep -oE '\((default|derived|.*, line [0-9]+)' "$out" | sed 's/.*line.*/set/' | tr -d '(' | uniq |
	paste -sd' ')" "set derived set default" "--explain: the defaults come last"
run "$POSTHASTE" -C "$T/rc" -v bob@example.org <"$T/letter"
like "$(cat "$out")" 'port += 1 ' "-v shows what was set"
unlike "$(cat "$out")" '\(default\)' "-v does not list the defaults"
like "$(cat "$out")" '--explain shows' "-v says where they are"

# ---- eval ----
printf 'host a\neval exit 9\n' >"$T/rc"
run "$POSTHASTE" -C "$T/rc" --explain </dev/null
status_is 75 "eval's command fails: exit status 75"
said 'rc, line 2, column 6: eval: the command /bin/sh failed with exit status 9' "eval's command fails: the message"
printf 'host a\neval echo the-canary\n' >"$T/rc"
run "$POSTHASTE" -C "$T/rc" --explain </dev/null
status_is 78 "eval's command prints no setting: exit status 78"
unlike "$(cat "$out" "$err")" canary "what it printed is not shown"

# ---- the modes that need a resolver are in discover.sh ----
done_testing
