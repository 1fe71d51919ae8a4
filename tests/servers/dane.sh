#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# DANE (RFC 7672) with signed zones: which answers of the DNS decide about the
# certificates of a real server, and what is sent when they cannot be had.
#
# Outside: starts itself again in a network and mount namespace, where
# /etc/resolv.conf names the name server of this test.
own_mounts=${top_srcdir:-$(dirname "$0")/../..}/tests/lib/own-mounts
if [ "${TEST_INSIDE_NAMESPACE:-}" != 1 ] && "$own_mounts" -n true 2>/dev/null; then
	TEST_INSIDE_NAMESPACE=1 exec "$own_mounts" -n bash "$0" "$@"
fi
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99
POSTHASTE=$top_builddir/tests/cli/posthaste

[ "${TEST_INSIDE_NAMESPACE:-}" = 1 ] || skip_all "a name server of our own: $("$own_mounts" -n true 2>&1)"
[ -e /etc/resolv.conf ] || skip_all "there is no /etc/resolv.conf that could be replaced"
if [ ! -x "$top_builddir/src/helper/posthaste-dns" ]; then
	reason="this build has no posthaste-dns; on Debian or Ubuntu: apt install libunbound-dev"
	if bed_required; then bail "$reason"; else skip_all "$reason"; fi
fi
bed_need unbound postfix dovecot
"$BED_PYTHON" -c 'import sys; sys.path.insert(0, sys.argv[1]); import dns; dns.loopback_up()' "$top_srcdir/tests/lib"
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$T/resolv.conf"
chmod 644 "$T/resolv.conf"
mount --bind "$T/resolv.conf" /etc/resolv.conf || bail "/etc/resolv.conf cannot be replaced"
# Unbound does not follow an alias from one of these zones into another for the system's resolver.
printf '127.0.0.1 localhost out.test\n' >"$T/hosts"
chmod 644 "$T/hosts"
mount --bind "$T/hosts" /etc/hosts || bail "/etc/hosts cannot be replaced"

post_mail
# Postfix writes down every command it reads, inside TLS too.
POSTFIX_DEBUG=1
postfix_start rsa expired wronghost unknown selfsigned chain wildcard

# One server that writes down which name it was asked for.
mkdir "$T/spool"
mkfifo "$T/ports"
"$top_builddir/tests/lib/sink" --listen 127.0.0.1:0 --port-file - --once 1 --parent-death --timeout 60 \
	--spool "$T/spool" --tls implicit --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key" \
	>"$T/ports" 2>"$T/sink.err" 7>&- &
track $!
read -r _ named <"$T/ports" || bail "the sink did not start: $(cat "$T/sink.err")"

# ---- the zones ----

# key CERTIFICATE, whole CERTIFICATE [BITS]: the data of a record with selector 1, and 0.  All certificates but "rsa"
# have the same key.
key() { openssl x509 -in "$CA/$1.crt" -noout -pubkey | openssl pkey -pubin -outform DER | digest 256; }
whole() { openssl x509 -in "$CA/$1.crt" -outform DER | digest "${2:-256}"; }
digest() { "sha$1sum" | cut -d' ' -f1; }
# at PORT HOST RECORD: a line of a zone
at() { printf '_%s._tcp.%s TLSA %s\n' "$1" "$2" "$3"; }

good=$POSTFIX_SMTPS submission=$POSTFIX_SUBMISSION rsa=$POSTFIX_CERT_rsa expired=$POSTFIX_CERT_expired
wronghost=$POSTFIX_CERT_wronghost unknown=$POSTFIX_CERT_unknown selfsigned=$POSTFIX_CERT_selfsigned
chain=$POSTFIX_CERT_chain wildcard=$POSTFIX_CERT_wildcard
wrong="3 1 1 $(key rsa)"

zone_unsigned open.test <<-END
mail A 127.0.0.1
$(at "$good" mail "$wrong")
$(at "$selfsigned" mail "3 1 1 $(key selfsigned)")
_submissions._tcp SRV 0 0 $expired mail.test.
END
zone_signed dead.test -i 20200101000000 -e 20200201000000 <<-END
mail A 127.0.0.1
$(at "$good" mail "3 1 1 $(key good)")
END
zone_signed test <<-END
mail A 127.0.0.1
$(at "$expired" mail "3 1 1 $(key expired)")
$(at "$wronghost" mail "3 0 1 $(whole wronghost)")
$(at "$unknown" mail "$wrong")
$(at "$unknown" mail "3 0 2 $(whole unknown 512)")
$(at "$rsa" mail "3 1 1 $(key good)")
$(at "$chain" mail "2 0 1 $(whole intermediate)")
$(at "$submission" mail "3 1 1 $(key good)")
other A 127.0.0.1
$(at "$chain" other "2 0 1 $(whole intermediate)")
$(at "$expired" other "2 0 1 $(whole ca)")
$(at "$submission" other "$wrong")
$(at "$good" other "$wrong")
pkix A 127.0.0.1
$(at "$good" pkix "1 1 1 $(key rsa)")
$(at "$selfsigned" pkix "1 1 1 $(key selfsigned)")
a.mail CNAME other.test.
$(at "$wildcard" other "2 0 1 $(whole ca)")
$(at "$named" mail "3 1 1 $(key selfsigned)")
alias CNAME mail.test.
$(at "$expired" alias "$wrong")
$(at "$selfsigned" alias "3 1 1 $(key selfsigned)")
out CNAME mail.open.test.
$(at "$selfsigned" out "3 1 1 $(key selfsigned)")
shared A 127.0.0.1
_$expired._tcp.shared CNAME _$expired._tcp.mail.test.
forged A 127.0.0.1
$(at "$good" forged "3 1 1 $(printf 'forge%.0s' {1..4} | digest 256)")
$(at "$unknown" forged "3 1 1 $(key good)")
faked A 127.0.0.66
$(at "$good" faked "3 1 1 $(key good)")
_submissions._tcp.provider SRV 0 0 $expired mail.test.
_submissions._tcp.signed SRV 0 0 $good mail.test.
_submissions._tcp.broken SRV 7 7 $good mail.test.
$(at "$wronghost" other "2 0 1 $(whole ca)")
_submissions._tcp.chain SRV 0 0 $chain mail.test.
_submissions._tcp.another SRV 0 0 $wronghost other.test.
_submissions._tcp.third SRV 0 0 $wronghost other.test.
_submissions._tcp.long SRV 0 0 $wildcard a.mail.test.
_submissions._tcp.moved CNAME _submissions._tcp.provider.test.
_submissions._tcp.lost CNAME _submissions._tcp.open.test.
_submissions._tcp.two SRV 0 0 $good forged.test.
_submissions._tcp.two SRV 9 0 $expired mail.test.
_submissions._tcp.mail SRV 0 0 $good mail.open.test.
_submissions._tcp.half SRV 0 0 $selfsigned mail.open.test.
open NS ns.test.
dead NS ns.test.
dead $(zone_ds dead.test)
END
zone_forge test "$(printf 'forge%.0s' {1..4} | digest 256)" "$(key good)"
zone_forge test '127\.0\.0\.66' 127.0.0.1
zone_forge test "SRV	7 7" "SRV	0 0"
UNBOUND_ANCHOR='test'
unbound_start

# ---- the program ----

printf '%s\n' "$BED_PASSWORD" >"$T/secret"

# sends HOST PORT [OPTION...]; with srv: the port is "-"
sends() {
	local mode=(--port="$2" --tls-starttls=off)
	case $2 in
	-) mode=() ;;
	"$submission") mode[1]=--tls-starttls=on ;;
	esac
	delivered_clear "$POSTFIX_BOX"
	run timeout -k 5 60 "$POSTHASTE" --json --queue=off --host="$1" "${mode[@]}" --domain=client.test \
		--from="$POST_SENDER" --tls=on --tls-trust-file="$CA/ca.crt" --auth=plain --user="$BED_USER" \
		--password-file="$T/secret" --dns-trust-anchor="$UNBOUND_ANCHOR_FILE" --tls-dane=auto "${@:3}" a@mail.test \
		<"$T/mail"
}

# refused STATUS REGEX NAME HOST PORT [OPTION...]
refused() {
	sends "${@:4}"
	is "$status" "$1" "$3: status $1"
	said "$2.*"$'\n''hint: ' "$3: the reason, and what to do"
	nothing_arrived "$POSTFIX_BOX" "$3"
}

# taken BY NAME HOST PORT [OPTION...]: BY is what accepted the server, for --json
taken() {
	sends "${@:3}"
	is "$status" 0 "$2: taken"
	told "\"verified_by\":\"$1\"" "$2: what accepted the server"
	is "$(delivered_count "$POSTFIX_BOX")" 1 "$2: delivered"
}

# ---- what must not be sent ----

refused 77 'no signed TLSA records \(_[0-9]+\._tcp\.mail\.test\): the DNS has none' "require, and no record" \
	mail.test "$good" --tls-dane=require
refused 77 'they are not signed|address records are not signed' "require, and an unsigned zone" \
	mail.open.test "$good" --tls-dane=require
refused 77 'it is an address, not a name' "require, and an address" 127.0.0.1 "$good" --tls-dane=require
refused 75 '_tcp\.forged\.test \(TLSA\) is not valid: ' "a forged record" forged.test "$good"
refused 75 '_tcp\.forged\.test \(TLSA\) is not valid: ' "a forged record, and require" forged.test "$good" \
	--tls-dane=require
refused 75 'faked\.test \(A\) is not valid: ' "a forged address" faked.test "$good"
refused 75 'mail\.dead\.test \(A\) is not valid: .*expired' "signatures that have expired" mail.dead.test "$good"
refused 75 '^posthaste: DNS: .*_submissions\._tcp\.broken\.test\.? \(SRV\) is not valid: ' "forged service records" \
	srv:broken.test -
refused 77 'SRV records that name this server are not signed' "require, and unsigned service records" \
	srv:open.test - --tls-dane=require
refused 75 '^posthaste: DNS: .*(not valid|in time|could not answer)' "no name server" mail.test "$good" \
	--dns-resolver=127.0.0.1@1 --timeout=2
refused 78 'trust anchor .*/none\.key' "no such trust anchor" mail.test "$good" --dns-trust-anchor="$T/none.key"
refused 78 'trust anchor .*no usable keys' "a trust anchor that is none" mail.test "$good" \
	--dns-trust-anchor="$T/mail"

# Name servers that do not pass on signatures, say nothing, or fail
cat >"$T/zone" <<-END
mail.test A 127.0.0.1

silent.test silent
failing.test servfail
END
mkfifo "$T/dns"
"$BED_PYTHON" "$top_srcdir/tests/lib/dns.py" "$T/zone" 5300 >"$T/dns" 2>"$T/dns.err" 7>&- &
track $!
read -r line <"$T/dns" || bail "the name server did not start: $(cat "$T/dns.err")"
refused 75 'mail\.test \(A+\) is not valid: |could not answer for mail\.test' "a name server without signatures" \
	mail.test "$expired" --dns-resolver=127.0.0.1@5300
printf 'test silent\nmail.test silent\n' >"$T/zone"
refused 75 'no name server answered|is not valid' "a silent name server" mail.test "$expired" \
	--dns-resolver=127.0.0.1@5300 --timeout=2
printf 'test servfail\nmail.test servfail\n' >"$T/zone"
refused 75 'could not answer for mail\.test|is not valid' "a name server that fails" mail.test "$expired" \
	--dns-resolver=127.0.0.1@5300 --timeout=5
is "$(postfix_dialogue)" '' "not one command was sent to any of them, not even EHLO"

# ---- where the DNS says nothing, the authorities decide ----

taken ca "no record" mail.test "$good"
taken ca "an unsigned zone, whose record is passed over" mail.open.test "$good" --tls-host-override=mail.test
taken ca "an address" 127.0.0.1 "$good"
taken ca "tls_dane off" other.test "$good" --tls-dane=off --tls-host-override=mail.test
refused 77 'it is self-signed' "no record, and a certificate that no authority issued" mail.test "$selfsigned"
refused 77 'it is self-signed' "an unsigned zone that would accept it" mail.open.test "$selfsigned"

# ---- where there are signed records, they alone decide ----

refused 77 'does not match the TLSA records' "a key that no record names, though an authority vouches for it" \
	mail.test "$rsa"
refused 77 'does not match the TLSA records' "another key after STARTTLS" other.test "$submission"
refused 77 'not for other\.test' "an authority of the records, and another name" other.test "$chain"
refused 77 'not for other\.test; it expired' "an authority of the records, another name and old dates" \
	other.test "$expired"
refused 77 'not for other\.test' "a name that only an alias has" other.test "$wildcard"
refused 77 'no TLSA record that can be used' "require, and only records for other uses" pkix.test "$good" \
	--tls-dane=require --tls-host-override=mail.test
is "$(postfix_dialogue | tr -d '\r' | sed -n '/STARTTLS/,$p' | paste -sd,)" 'STARTTLS' \
	"none of them got a command within TLS"
taken dane "a record for the server's key, and a certificate that has expired" mail.test "$expired"
taken dane "the same, required" mail.test "$expired" --tls-dane=require
taken dane "the same, and the name server is named" mail.test "$expired" --dns-resolver="127.0.0.1@53"
taken dane "a record for the certificate, which has another name" mail.test "$wronghost"
taken dane "a stale record and a good one, and an unknown authority" mail.test "$unknown"
taken dane "a record for an authority that the server sends" mail.test "$chain"
taken dane "a record for the server's key, after STARTTLS" mail.test "$submission"
taken dane "the record at the end of the alias, not the other one of the alias" alias.test "$expired"
taken dane "a certificate for the alias, and an authority at its end" a.mail.test "$wildcard"
taken dane "no record at the end of the alias: the one of the alias" alias.test "$selfsigned"
taken dane "an alias that leads to an unsigned zone has its own record" out.test "$selfsigned"
taken dane "a record found by an alias of its own" shared.test "$expired"
taken ca "only records for other uses: the authorities decide" pkix.test "$good" --tls-host-override=mail.test
refused 77 'self-signed' "only records for other uses do not accept" pkix.test "$selfsigned" \
	--tls-host-override=mail.test

sends alias.test "$named" --auth=off
is "$status" 0 "a server that sees which name it is asked for"
like "$(cat "$T/spool"/*.json)" '"sni": ?"mail\.test"' "it is asked for the name at which the records were found"

sends mail.test "$unknown" --debug
like "$(cat "$out" "$err")" "signed TLSA records at _$unknown\._tcp\.mail\.test: 2" "--debug shows what was found"
sends mail.test "$good" --debug
like "$(cat "$out" "$err")" "no signed TLSA records at _$good\._tcp\.mail\.test: the DNS has none" "--debug: nothing"

# ---- service records (RFC 7673) ----

taken dane "signed service records, and records of the target" srv:provider.test -
taken dane "the service's name is an alias" srv:moved.test -
taken dane "a target whose records are forged: the next one" srv:two.test -
told "\"port\":$expired" "a target whose records are forged: it was the next one"
taken dane "an authority of the records, and the target's name" srv:chain.test -
taken dane "an authority of the records, and the domain's name" srv:another.test -
taken dane "an authority of the records, and a target that is an alias" srv:long.test -
refused 77 'issued for another\.test, not for other\.test or third\.test' \
	"an authority of the records, and a name that is neither" srv:third.test -
taken ca "signed service records: the target's name counts" srv:signed.test - --tls-dane=off
taken ca "signed service records: the domain's name counts, too" srv:another.test - --tls-dane=off
refused 77 'issued for another\.test, not for other\.test or third\.test' "signed service records: no other name does" \
	srv:third.test - --tls-dane=off
refused 77 'not for signed\.test' "without a validator the target's name does not" \
	srv:signed.test - --tls-dane=off --dns-trust-anchor=
taken ca "a target in an unsigned zone: the authorities decide" srv:mail.test -
refused 77 'self-signed' "a target in an unsigned zone: its records do not count" srv:half.test -
taken ca "without a validator the domain's name does" srv:another.test - --tls-dane=off --dns-trust-anchor=
refused 77 'not for open\.test' "unsigned service records: neither the name counts nor TLSA records" \
	srv:open.test -
refused 77 'not for lost\.test' "an alias that leads to unsigned service records: the same" srv:lost.test -
done_testing
