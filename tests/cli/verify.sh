#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# -bv asks about recipients and sends nothing; -bp and mailq answer.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# verifies STATUS LINES NAME SINK-OPTIONS RECIPIENT...
verifies() {
	local want=$1 lines=$2 name=$3
	eval "smarthost $4"
	shift 4
	conf
	post -bv "$@"
	smarthost_end
	status_is "$want" "$name: exit status $want"
	is "$(cat "$out")" "$lines" "$name: a line for each"
	never_sent 'DATA|BDAT' "$name: nothing is sent"
	no_violation "$name: the dialogue was correct"
}

verifies 0 "bob@example.org: accepted: 250 2.1.5 recipient ok" "accepted" "--reply 'rcpt=250 2.1.5 recipient ok'" \
	bob@example.org
is "$(grep -a '^C: ' "$T/transcript" | tr -d '\r' | tr '\n' ' ')" \
	"C: EHLO [127.0.0.1] C: MAIL FROM:<alice@example.org> C: RCPT TO:<bob@example.org> C: RSET C: QUIT " "MAIL, RCPT, RSET"
verifies 67 "bob@example.org: refused: 550 5.1.1 who" "refused" "--reply 'rcpt=550 5.1.1 who'" bob@example.org
verifies 75 "bob@example.org: refused: 550 5.1.1 who
carol@example.org: not now: 450 4.2.1 busy" "different fates" \
	"--reply 'rcpt:bob@example.org=550 5.1.1 who' --reply 'rcpt:carol@example.org=450 4.2.1 busy'" bob@example.org \
	carol@example.org
verifies 67 "bob@example.org: accepted: 250 2.1.5 fine
carol@example.org: refused: 550 5.1.1 who" "one of two" \
	"--extensions SIZE --reply 'rcpt:bob@example.org=250 2.1.5 fine' --reply 'rcpt:carol@example.org=550 5.1.1 who'" \
	bob@example.org carol@example.org
verifies 77 "bob@example.org: refused: 553 5.7.1 not yours" "the sender is refused" \
	"--reply 'mail=553 5.7.1 not yours'" bob@example.org
said '^posthaste: MAIL FROM:<alice@example.org>: the server refused the sender' "the sender is refused: the message"
verifies 75 "bob@example.org: not now: 421 4.3.2 bye" "the server leaves" "--reply 'rcpt=421 4.3.2 bye'" bob@example.org

smarthost --reply 'rcpt=250 2.1.5 fine'
conf "dsn_notify success"
post -bv --json -f other@example.org bob@example.org
smarthost_end
status_is 0 "--json: exit status 0"
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
print(o["from"], o["recipients"][0]["address"], o["recipients"][0]["outcome"], o["recipients"][0]["code"])' <"$out")" \
	"other@example.org bob@example.org accepted 250" "--json: sender and recipient"
unlike "$(cat "$T/transcript")" NOTIFY "no report on delivery is asked for"

smarthost
conf
ln -s "$POSTHASTE" "$T/sendmail"
ln -s "$POSTHASTE" "$T/mailq"
export HOME=$T/home XDG_CONFIG_HOME=$T/home/.config
mkdir -p "$XDG_CONFIG_HOME/posthaste"
cp "$T/rc" "$XDG_CONFIG_HOME/posthaste/config"
run "$T/sendmail" -bv bob@example.org
smarthost_end
status_is 0 "sendmail -bv: exit status 0"
like "$(cat "$out")" '^bob@example.org: accepted: 250 ' "sendmail -bv: what is printed"
run "$POSTHASTE" -bv
status_is 64 "no recipient: exit status 64"
run "$POSTHASTE" -bv 'a@b> x'
status_is 65 "a recipient that is none: exit status 65"

# ---- the queue ----
run "$T/mailq"
status_is 0 "mailq: exit status 0"
is "$(cat "$out")" "Mail queue is empty" "mailq: what is printed"
run "$T/sendmail" -bp
is "$status $(cat "$out")" "0 Mail queue is empty" "sendmail -bp"
run "$POSTHASTE" -bp --json
is "$status $(cat "$out")" "0 []" "-bp --json"
done_testing
