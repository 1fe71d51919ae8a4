#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is asked of the server beyond delivery: each option from the command
# line and from the file, against a server that offers it, one that sets
# limits, and one that offers nothing.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good
export TZ=UTC0

OFFER="$EXTENSIONS,CHUNKING,AUTH PLAIN,DELIVERBY 60,FUTURERELEASE 86400 2999-01-01T00:00:00Z,MT-PRIORITY MIXER"

# asks PARAMETERS NAME CONFIG-LINE ARGUMENT...: MAIL has these parameters after SIZE and BODY
asks() {
	local wanted=$1 name=$2 line=$3
	shift 3
	smarthost --extensions "$OFFER"
	conf "$line"
	sends 0 "$name" "$@" bob@example.org
	is "$(envelope mail_params | sed 's/^SIZE=[0-9]* BODY=7BIT *//')" "$wanted" "$name: what MAIL says"
	no_violation "$name: the dialogue was correct"
	is "$(cat "$err")" "" "$name: without a word"
}
asks "" "nothing is asked" ""
asks "BY=120;R" "--deliver-by" "" --deliver-by=120
asks "BY=7200;NT" "--deliver-by=TIME,notify,trace" "" --deliver-by 2h,notify,trace
asks "BY=-10;N" "--deliver-by with a time that has passed" "" --deliver-by=-10,notify
asks "BY=120;R" "deliver_by" "deliver_by 120,return"
asks "" "deliver_by undone" "deliver_by 120" --deliver-by=off
asks "HOLDFOR=90" "--hold-for" "" --hold-for=90
asks "HOLDFOR=300" "hold_for" "hold_for 5m"
asks "" "hold_for undone" "hold_for 5m" --hold-for=off
asks "HOLDUNTIL=2998-12-24T17:00:00Z" "--hold-until with a zone" "hold_for 5m" --hold-until=2998-12-24T18:00:00+01:00
asks "HOLDUNTIL=2998-12-24T18:00:00Z" "--hold-until with a blank and the local zone" "" --hold-until '2998-12-24 18:00'
# A report must not be held (RFC 4865 section 5.3.1); what was asked for on purpose is noted.
asks "" "hold_for and the null sender" "hold_for 5m" -f '<>'
for hold in --hold-for=90 --hold-until=2998-12-24T18:00:00Z; do
	asks "" "$hold and the null sender" "" "$hold" -f '<>' --json
	like "$(cat "$out")" '"notes":\[".*must not be held' "$hold and the null sender: a note"
done
asks "MT-PRIORITY=-9" "--priority" "" --priority=-9
asks "MT-PRIORITY=9" "priority" "priority 9"
asks "AUTH=joe@example.org" "mail_auth" "mail_auth joe@example.org"
asks "AUTH=<>" "--mail-auth" "mail_auth joe@example.org" --mail-auth='<>'
asks "" "mail_auth undone" "mail_auth joe@example.org" --mail-auth=
asks 'AUTH="a+20b"@example.org' "--mail-auth with a blank between quotes" "" --mail-auth='"a b"@example.org'
asks "AUTH=joe@example.org BY=99999;R HOLDFOR=60 MT-PRIORITY=3" "several at once" "deliver_by 99999" --hold-for=60 \
	--priority=3 --mail-auth=joe@example.org

# The next such time of the day lies within a day; which one depends on now.
smarthost --extensions "$OFFER"
conf
sends 0 "--hold-until=HH:MM" --hold-until=12:34 bob@example.org
like "$(envelope mail_params)" 'HOLDUNTIL=2[0-9]{3}-[0-9]{2}-[0-9]{2}T12:34:00Z$' \
	"--hold-until=HH:MM: a time with a date"
no_violation "--hold-until=HH:MM: the dialogue was correct"

# refuses STATUS REGEX NAME EXTENSIONS CONFIG-LINE ARGUMENT...: nothing of the message is said
refuses() {
	local want=$1 regex=$2 name=$3 extensions=$4 line=$5
	shift 5
	smarthost --extensions "$extensions"
	conf "$line"
	sends "$want" "$name" "$@" bob@example.org
	said "^posthaste: MAIL: .*$regex" "$name: what is missing"
	said '^hint: ' "$name: what to do"
	is "$(grep -c '^posthaste' "$err")" 1 "$name: one line"
	never_sent 'MAIL|RCPT|DATA|BDAT' "$name: nothing was sent"
}
refuses 69 'deliver_by.*DELIVERBY' "DELIVERBY is not offered" "$EXTENSIONS" "" --deliver-by=120
refuses 69 'deliver_by.*DELIVERBY' "DELIVERBY is not offered, by the file" "$EXTENSIONS" "deliver_by 120"
refuses 69 '59 seconds.*60' "less than the server's minimum" "$OFFER" "" --deliver-by=59
refuses 69 'FUTURERELEASE' "FUTURERELEASE is not offered" "$EXTENSIONS" "hold_for 5m"
refuses 69 'FUTURERELEASE' "FUTURERELEASE is not offered for --hold-until" "$EXTENSIONS" "" \
	--hold-until=2998-01-01T00:00:00Z
refuses 69 '86401 seconds.*86400' "longer than the server holds" "$OFFER" "" --hold-for=86401
refuses 69 '2999-01-01T00:00:01Z.*2999-01-01T00:00:00Z' "later than the server holds" "$OFFER" "" \
	--hold-until=2999-01-01T00:00:01Z

smarthost
conf
sends 0 "MT-PRIORITY is not offered" -d --priority=3 bob@example.org
is "$(stored)" 1 "MT-PRIORITY is not offered: the message went"
like "$(cat "$err")" '^posthaste: a priority was asked for.*MT-PRIORITY' "MT-PRIORITY is not offered: that is reported"
unlike "$(cat "$T/transcript")" 'MT-PRIORITY=' "MT-PRIORITY is not offered: it is not written"
smarthost
conf "priority 3"
sends 0 "MT-PRIORITY is not offered, --json" --json bob@example.org
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
print(o["outcome"], len(o["notes"]), "MT-PRIORITY" in o["extensions"])' \
	<"$out")" "accepted 1 False" "--json: a warning"
smarthost --extensions "$OFFER"
conf "priority 3"
sends 0 "--json" --json --deliver-by=60 --hold-for=5 bob@example.org
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
print(len(o["notes"]), *[e for e in o["extensions"] if e in ("DELIVERBY", "FUTURERELEASE", "MT-PRIORITY")])' \
	<"$out")" \
	"0 DELIVERBY FUTURERELEASE MT-PRIORITY" "--json: the extensions used"

# ---- what makes no sense is said before anything is connected ----
while IFS='|' read -ru 9 status_wanted line words regex; do
	port=1
	conf "$line"
	eval "words=($words)"
	post "${words[@]}" bob@example.org
	status_is "$status_wanted" "$line ${words[*]}: exit status $status_wanted"
	said "^posthaste: .*$regex" "$line ${words[*]}: what is wrong"
done 9<<'ROWS'
64||--deliver-by=soon|--deliver-by: expected off, or seconds.*got soon
64||--deliver-by=0|--deliver-by: expected more than 0 seconds
78|deliver_by 120;R||line [0-9]*.*deliver_by.*expected off, or seconds.*got 120;R
64||--hold-for=-1|--hold-for: expected off or a time
64||--hold-for=1000000000|--hold-for: 1000000000 seconds is too long
78|hold_for soon||line [0-9]*.*hold_for.*expected off or a time.*got soon
78|hold_for 1000000000||line [0-9]*: hold_for: 1000000000 seconds is too long
64||--hold-until=tomorrow|--hold-until: expected a time such as 18:00.*got tomorrow
64||--hold-until=2026-02-30T10:00|--hold-until: expected a time such as
64||--hold-until=2001-02-03T04:05:06Z|--hold-until: 2001-02-03T04:05:06Z has passed
78|hold_until 18:00||line [0-9]*.*hold_until
64||--hold-for=5 --hold-until=18:00|--hold-for and --hold-until exclude each other
64||--deliver-by=60 --hold-for=60|--deliver-by: the message is to be delivered within
64||--priority=10|--priority: expected a number from -9 to 9, got 10
78|priority high||line [0-9]*.*priority.*a number from -9 to 9, got high
64||--mail-auth=joe|--mail-auth: 
64||'--mail-auth=a b@example.org'|--mail-auth: 
64||$'--mail-auth=a@example.org\r\nRSET'|--mail-auth: 
64||--mail-auth='a> REQUIRETLS<b'|--mail-auth: expected a mailbox
78|mail_auth joe@@example||line [0-9]*: mail_auth: 
64||--require-tls=maybe|--require-tls: expected on or off
77||--require-tls|TLS is required all the way
77|require_tls on||TLS is required all the way
ROWS

# ---- as they would be said ----
port=1
conf "deliver_by 60"
post --dry-run --priority=2 --mail-auth='<>' bob@example.org
status_is 0 "--dry-run: exit status 0"
is "$(sed -n '/^$/q; /^Requests/p' "$out")" 'Requests: AUTH=<> BY=60;R MT-PRIORITY=2' "--dry-run: what would be asked"
conf
post --dry-run bob@example.org
is "$(sed -n '/^$/q; /^Requests/p' "$out")" '' "--dry-run: nothing is asked"

# ---- under the name sendmail there are no long options ----
ln -s "$POSTHASTE" "$T/sendmail"
for words in --deliver-by=60 --hold-for=60 --hold-until=18:00 --priority=3 --require-tls --mail-auth=a@example.org; do
	run timeout 20 "$T/sendmail" "$words" bob@example.org <"$T/mail"
	status_is 64 "sendmail $words: exit status 64"
	said 'not accepted under the name sendmail' "sendmail $words: what is wrong"
done

# ---- nothing is asked where nothing is sent ----
smarthost --extensions "$OFFER"
conf "hold_for 5m" "deliver_by 600" "priority 3" "mail_auth a@example.org"
post -bv bob@example.org
smarthost_end
status_is 0 "-bv: exit status 0"
unlike "$(cat "$T/transcript")" 'HOLDFOR|BY=|MT-PRIORITY=|AUTH=' "-bv: nothing is asked"

# ---- the server explained ----
smarthost --extensions "$OFFER"
conf
post --serverinfo
smarthost_end
status_is 0 "--serverinfo: exit status 0"
like "$(cat "$out")" 'DELIVERBY 60 - .*--deliver-by.*at least 60 seconds' "--serverinfo: DELIVERBY and its minimum"
until=2999-01-01T00:00:00Z
like "$(cat "$out")" "FUTURERELEASE 86400 $until - .*--hold-for.*86400 seconds, until $until" \
	"--serverinfo: FUTURERELEASE and its limits"
like "$(cat "$out")" 'MT-PRIORITY MIXER - .*--priority.*MIXER' "--serverinfo: MT-PRIORITY and its profile"
smarthost --extensions "DELIVERBY,FUTURERELEASE,MT-PRIORITY,REQUIRETLS"
conf
post --serverinfo
smarthost_end
for keyword in DELIVERBY FUTURERELEASE MT-PRIORITY REQUIRETLS; do
	check "--serverinfo: $keyword without limits" grep -q "^  $keyword - .*--" "$out"
done

# ---- REQUIRETLS ----
# demands STATUS PARAMETERS NAME CONFIG-LINE ARGUMENT...: over TLS, to a server that offers it
demands() {
	local want=$1 wanted=$2 name=$3 line=$4
	shift 4
	smarthost --tls "$way" --cert "$CA/good.pem" --key "$CA/good.key" --extensions "$EXTENSIONS,CHUNKING$offer"
	conf "tls on" "tls_starttls $([ "$way" = starttls ] && echo on || echo off)" "tls_trust_file $CA/ca.crt" "$line"
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" "$@" bob@example.org <"$mail"
	if [ "$want" = 77 ]; then smarthost_stop; else smarthost_end; fi
	status_is "$want" "$way: $name: exit status $want"
	is "$(envelope mail_params | sed 's/^SIZE=[0-9]* BODY=7BIT *//')" "$wanted" "$way: $name: what MAIL says"
	no_violation "$way: $name: the dialogue was correct"
}
{
	printf 'TLS-Required: No\n'
	cat "$T/mail"
} >"$T/mail-no"
sha256=$(ca_fingerprint good)
for way in implicit starttls; do
	mail=$T/mail offer=,REQUIRETLS
	demands 0 "" "nothing is demanded" ""
	demands 0 REQUIRETLS "--require-tls" "" --require-tls
	demands 0 REQUIRETLS "require_tls on" "require_tls on"
	demands 0 "" "require_tls undone" "require_tls on" --require-tls=off
	demands 77 "" "a certificate accepted by its fingerprint" "tls_fingerprint $sha256" --tls-trust-file= --require-tls
	said '^posthaste: TLS is required all the way.*fingerprint' "$way: a certificate accepted by its fingerprint: why"
	said '^hint: .*tls_fingerprint.*tls_trust_file' "$way: a certificate accepted by its fingerprint: the cure"
	is "$(cat "$T/transcript")" "" "$way: a certificate accepted by its fingerprint: no server is called"
	demands 77 "" "its fingerprint and nothing else" "tls_fingerprint $sha256" --tls-fingerprint-only --require-tls
	demands 0 REQUIRETLS "a pinned key" "tls_trust pin" --tls-pin="$(ca_pin good)" --require-tls
	demands 77 "" "an unchecked certificate" "tls_certcheck off" --require-tls
	said '^posthaste: TLS is required all the way' "$way: an unchecked certificate: what is wrong"
	is "$(cat "$T/transcript")" "" "$way: an unchecked certificate: no server is called"
	mail=$T/mail-no
	demands 0 "" "TLS-Required: No" "require_tls on"
	is "$(cat "$err")" "" "$way: TLS-Required: No: without a word"
	check "$way: TLS-Required: No is handed on" grep -q '^TLS-Required: No' "$T/spool/0001.eml"
	demands 0 REQUIRETLS "TLS-Required: No and --require-tls" "" -d --require-tls
	said '^posthaste: .*--require-tls applies' "$way: TLS-Required: No and --require-tls: that is reported"
	check "$way: TLS-Required: No and --require-tls: the field is handed on" grep -q '^TLS-Required: No' \
		"$T/spool/0001.eml"
	offer=
	demands 0 "" "TLS-Required: No to a server without REQUIRETLS" "require_tls on"
	mail=$T/mail
	demands 69 "" "REQUIRETLS is not offered" "require_tls on"
	said '^posthaste: MAIL: .*REQUIRETLS' "$way: REQUIRETLS is not offered: what is missing"
	never_sent 'MAIL|RCPT|DATA|BDAT' "$way: REQUIRETLS is not offered: nothing was sent"
done
way=implicit mail=$T/mail offer=
smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --extensions "$EXTENSIONS"
conf "tls on" "tls_starttls off" "tls_trust_file $CA/ca.crt" "require_tls on"
post --check
smarthost_end
status_is 69 "--check of an account that demands it: exit status 69"
check "--check of an account that demands it: what fails" grep -q '^FAIL sender: .*REQUIRETLS' "$out"
done_testing
