#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Early pipelining with the server that invented it, which answers 554 to
# clients that speak too early without licence.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need exim dovecot
post_mail
exim_start
cache=$XDG_STATE_HOME/posthaste/capabilities
early=$XDG_CONFIG_HOME/posthaste
mkdir -p "$early"
envelope="$(post_mail_line "$(post_size "$T/mail.wire")")
RCPT TO:<a@mail.test>"

# settings TLS PORT MECHANISM|off
settings() {
	{
		printf 'account default\nhost localhost\nport %s\ndomain client.test\nfrom %s\nearly_pipelining on\nqueue off\n' \
			"$2" "$POST_SENDER"
		printf 'tls %s\ntls_starttls off\ntls_trust_file %s\n' "$1" "$CA/ca.crt"
		[ "$3" = off ] || printf 'auth %s\nuser %s\npassword_file %s\n' "$3" "$BED_USER" "$T/secret"
	} >"$early/config"
}
# goes NAME TRIPS
goes() {
	delivered_clear "$EXIM_BOX"
	run timeout -k 5 60 "$POSTHASTE" --json a@mail.test <"$T/mail"
	is "$status" 0 "$1: taken"
	is "$(cat "$err")" '' "$1: nothing is said"
	[ -z "$2" ] || told '"round_trips":'"$2"'[,}]' "$1: $2 round trips"
	arrived "$EXIM_BOX" "$T/mail.wire" "$envelope" "$1"
}
remembers() { grep -q "^server localhost $1 " "$cache"; }
forgot() { ! remembers "$1"; }

post_secret PLAIN
exim_early on
settings on "$EXIM_SMTPS" plain
goes "TLS and PLAIN, the first session" 6
check "TLS and PLAIN: the server is remembered" remembers "$EXIM_SMTPS"
goes "TLS and PLAIN, the second session" 4
goes "TLS and PLAIN, the third session" 4
unlike "$(bed_log exim)" 'synchronization error|protocol error' "Exim saw no breach of protocol"
like "$(grep ' <= ' "$BED/exim/log/main.log" | tail -n 1)" ' L\*' "Exim says that it was early pipelining"
exim_early off
goes "PIPECONNECT is switched off" ''
check "PIPECONNECT is switched off: the server is forgotten" forgot "$EXIM_SMTPS"
goes "PIPECONNECT stays off" 6
check "PIPECONNECT stays off: the server is not remembered" forgot "$EXIM_SMTPS"

exim_early on
settings on "$EXIM_SMTPS" scram-sha-256
goes "TLS and SCRAM, the first session" ''
usual=$(sed -n 's/.*"round_trips":\([0-9]*\).*/\1/p' "$out")
goes "TLS and SCRAM, the second session" $((usual - 2))

settings off "$EXIM_PIPECONNECT" off
goes "neither, the first session" 4
goes "neither: sender and recipient ride with EHLO" 3
sed -i "s/^server localhost $EXIM_PIPECONNECT /server localhost $EXIM_PLAIN /" "$cache"
settings off "$EXIM_PLAIN" off
goes "neither, and no licence" ''
check "neither, and no licence: the server is forgotten" forgot "$EXIM_PLAIN"
done_testing
