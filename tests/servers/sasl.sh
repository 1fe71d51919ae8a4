#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the matrices of the mail servers lack: channel binding as Cyrus SASL checks
# it (Dovecot 2.4 is in its own matrix), TLS that ends on the way, and GS2-KRB5,
# which Cyrus SASL 2.1.28 refuses from libgsasl (doc/interop.md).
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need cyrus
post_mail
cyrus_start

last_login() { cyrus_logins | tail -n 1; }

# ---- channel binding ----
for mechanism in SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-1 SCRAM-SHA-256 PLAIN; do
	post_login first "$CYRUS_SMTPS" "$mechanism" --debug a@mail.test <"$T/mail"
	is "$status" 0 "Cyrus, $mechanism: taken"
	hides "Cyrus, $mechanism"
	is "$(last_login)" "$mechanism $BED_USER" "Cyrus, $mechanism: the server knows the user"
	secret=Wrong+canary/9 post_login first "$CYRUS_SMTPS" "$mechanism" --debug a@mail.test <"$T/mail"
	is "$status" 77 "Cyrus, $mechanism, wrong password: status 77"
	hides "Cyrus, $mechanism, wrong password"
	is "$(last_login)" "refused $mechanism" "Cyrus, $mechanism, wrong password: refused"
done
best=SCRAM-SHA-256-PLUS
"$POSTHASTE" --version | grep -q SCRAM-SHA-512-PLUS && best=SCRAM-SHA-512-PLUS
for binding in auto require; do
	post_login first "$CYRUS_SMTPS" ON --auth-channel-binding=$binding a@mail.test <"$T/mail"
	told "\"auth\":\"$best\"" "auth on, auth_channel_binding $binding: $best"
done
post_login first "$CYRUS_SMTPS" ON --auth-channel-binding=off a@mail.test <"$T/mail"
told '"auth":"SCRAM-SHA-[0-9]+"' "auth_channel_binding off: without"
post_login plain "$CYRUS_PLAIN" ON a@mail.test <"$T/mail"
told '"auth":"SCRAM-SHA-[0-9]+"' "without TLS: without"

# ---- TLS that ends on the way, with a certificate the client trusts ----
# between PORT tls|plain: $between_port leads there by way of something that ends TLS
between() {
	rm -f "$T/between"
	"$BED_PYTHON" "$BED_LIB/../lib/tls_middle.py" "$1" "$2" "$CA/good.crt" "$CA/good.key" >"$T/between" 2>&1 7>&- &
	between_pid=$!
	bed_wait "$between_pid" test -s "$T/between" || bail "nothing stands between: $(cat "$T/between")"
	between_port=$(cat "$T/between")
}
# refused_between STATUS REGEX NAME: no login came of it
refused_between() {
	post_login first "$between_port" ON "${@:4}" a@mail.test <"$T/mail"
	wait "$between_pid" 2>/dev/null
	is "$status" "$1" "$3: status $1"
	said "$2" "$3: the message"
	said 'hint: .*something on the way ends the TLS connection' "$3: the hint"
	hides "$3"
}
for binding in auto require; do
	between "$CYRUS_SMTPS" tls
	before=$(cyrus_logins | wc -l)
	refused_between 77 "^posthaste: AUTH $best: .*535" "TLS on both sides of the one between, $binding" \
		--auth-channel-binding=$binding
	is "$(cyrus_logins | tail -n +$((before + 1)))" "refused $best" "TLS on both sides, $binding: nothing else was tried"
done
between "$CYRUS_PLAIN" plain
before=$(cyrus_logins | wc -l)
refused_between 69 'has no channel binding, which auth_channel_binding requires' "TLS only up to the one between" \
	--auth-channel-binding=require
is "$(cyrus_logins | wc -l)" "$before" "TLS only up to the one between: no login was tried"

# ---- GS2-KRB5 and GSSAPI, decided by libgsasl ----
kerberos() {
	local mechanism
	kdc_start
	for mechanism in GS2-KRB5 GSSAPI; do
		kdc_login || bail "the KDC gave no ticket: $(cat "$BED/kdc/kinit.log")"
		begin "$mechanism"
		post first "$sink_port" --auth="${mechanism,,}" a@mail.test <"$T/mail"
		end
		is "$status" 0 "libgsasl, $mechanism: taken"
		is "$(logged_in)" "$BED_USER@$KDC_REALM $mechanism" "libgsasl, $mechanism: the server knows whose ticket it is"
		begin "$mechanism"
		post first "$sink_port" --auth="${mechanism,,}" --authzid="$BED_USER" a@mail.test <"$T/mail"
		end
		is "$status" 0 "libgsasl, $mechanism, authzid: taken"
		is "$(logged_in)" "$BED_USER $mechanism" "libgsasl, $mechanism, authzid: the identity to act as was sent"
		begin "$mechanism"
		post first "$sink_port" --auth="${mechanism,,}" --authzid=somebody-else a@mail.test <"$T/mail"
		end
		is "$status" 77 "libgsasl, $mechanism, another identity: refused"
		said 'the server refused the Kerberos login: 535' "libgsasl, $mechanism, another identity: the message"
		kdc_logout
		begin "$mechanism"
		post first "$sink_port" --auth="${mechanism,,}" a@mail.test <"$T/mail"
		end
		is "$status" 77 "libgsasl, $mechanism, no ticket: status 77"
		said "^posthaste: AUTH $mechanism: Kerberos did not issue a ticket for smtp/localhost: .*"$'\n''hint: .*kinit' \
			"libgsasl, $mechanism, no ticket: the reason in words"
	done
	kdc_login
	begin 'GS2-KRB5 PLAIN'
	post first "$sink_port" --auth=on --user="$BED_USER" a@mail.test <"$T/mail"
	end
	told '"auth":"GS2-KRB5"' "auth on, with a ticket and without a password: GS2-KRB5"
}
# shellcheck disable=SC2154 # from the environment
SINK=$top_builddir/tests/lib/sink
begin() {
	rm -rf "$T/spool" "$T/port"
	mkdir "$T/spool"
	KRB5_KTNAME=$KDC_KEYTAB "$SINK" --listen 127.0.0.1:0 --port-file "$T/port" --once 1 --parent-death --timeout 60 \
		--spool "$T/spool" --hostname localhost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" \
		--require-auth --auth "$1" --user "$BED_USER" --password-file "$T/secret" >"$T/sink.err" 2>&1 7>&- &
	sink_pid=$!
	bed_wait "$sink_pid" test -s "$T/port" || bail "the smarthost did not start: $(cat "$T/sink.err")"
	read -r _ sink_port <"$T/port"
}
end() { bed_end "$sink_pid"; }
logged_in() {
	"$BED_PYTHON" -c 'import json, sys
a = json.load(open(sys.argv[1]))["auth"]
print(a["user"], a["mechanism"])' "$T/spool/0001.json"
}
bed_if kerberos kdc
done_testing
