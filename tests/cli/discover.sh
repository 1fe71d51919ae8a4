#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# host srv:DOMAIN and --configure against a name server of our own, in a network and
# mount namespace where /etc/resolv.conf names it.
#
# Outside: starts itself again inside. top_builddir and the like are kept.
own_mounts=${top_srcdir:-$(dirname "$0")/../..}/tests/lib/own-mounts
if [ "${TEST_INSIDE_NAMESPACE:-}" != 1 ] && "$own_mounts" -n true 2>/dev/null; then
	TEST_INSIDE_NAMESPACE=1 exec "$own_mounts" -n bash "$0" "$@"
fi
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
[ "${TEST_INSIDE_NAMESPACE:-}" = 1 ] || skip_all "a name server of our own: $("$own_mounts" -n true 2>&1)"
[ -e /etc/resolv.conf ] || skip_all "there is no /etc/resolv.conf that could be replaced"
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need rsa wildcard wronghost

resolver() {
	printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1 %s\n' "$1" >"$T/resolv.conf"
	chmod 644 "$T/resolv.conf"
}
resolver ''
: >"$T/zone"
mount --bind "$T/resolv.conf" /etc/resolv.conf || bail "/etc/resolv.conf cannot be replaced"
mkfifo "$T/dns"
"$PYTHON" "$top_srcdir/tests/lib/dns.py" "$T/zone" >"$T/dns" 2>"$T/dns.err" 7>&- &
track $!
read -r line <"$T/dns" || bail "the name server did not start: $(cat "$T/dns.err")"
is "$line" ready "the name server answers"

# zone LINE...: what it says; "PORT" stands for the smarthost's
zone() { printf '%s\n' "${@//PORT/$port}" >"$T/zone"; }
submissions=_submissions._tcp.mail.test
submission=_submission._tcp.mail.test

account() {
	printf 'queue off\nhost %s\nfrom alice@example.org\ntimeout 20\ntls_trust_file %s\n' "$1" "$CA/ca.crt" >"$T/rc"
	[ $# = 1 ] || printf '%s\n' "${@:2}" >>"$T/rc"
}

# finds STATUS STORED NAME SINK-OPTIONS ZONE-LINE...
finds() {
	local want=$1 kept=$2 name=$3
	eval "smarthost $4"
	shift 4
	zone "$@"
	post bob@example.org
	smarthost_end 2
	status_is "$want" "$name: exit status $want"
	is "$(stored)" "$kept" "$name: messages taken"
}
cert() { printf -- '--cert %s.pem --key %s.key' "$CA/$1" "$CA/$1"; }
here='a.mail.test A 127.0.0.1'
there='another.test A 127.0.0.1'

account srv:mail.test
finds 0 1 "TLS from the first octet" "--tls implicit $(cert wildcard)" "$submissions SRV 0 0 PORT a.mail.test" \
	"$submission SRV 0 0 1 a.mail.test" "$here"
no_violation "TLS from the first octet: the dialogue was correct"
finds 0 1 "STARTTLS" "--tls starttls $(cert wildcard)" "$submission SRV 0 0 PORT a.mail.test" "$here"
like "$(cat "$T/transcript")" 'STARTTLS' "STARTTLS: it is used"
finds 69 0 "STARTTLS is required" "" "$submission SRV 0 0 PORT a.mail.test" "$here"
said 'TLS is required, and the server does not offer STARTTLS' "STARTTLS is required: the message"
finds 0 1 "the first service is declined" "--tls starttls $(cert wildcard)" "$submissions SRV 0 0 0 ." \
	"$submission SRV 0 0 PORT a.mail.test" "$here"
finds 0 1 "an answer too long for UDP" "--tls implicit $(cert wildcard)" "$submissions tc" \
	"$submissions SRV 0 0 PORT a.mail.test" "$here"
finds 76 0 "STARTTLS, and the server begins with TLS" "--once 9 --tls implicit $(cert wildcard)" \
	"$submission SRV 0 0 PORT a.mail.test" "$here"
said "port $port of a.mail.test begins with TLS, and the SRV record that names it says that it begins in plain text" \
	"STARTTLS, and the server begins with TLS: it is named"
said "^hint: .*_submission\._tcp.*set host a.mail.test, port $port and tls_starttls off" \
	"STARTTLS, and the server begins with TLS: what to do meanwhile"
finds 0 1 "the next server when the first is not there" "--tls implicit $(cert wildcard)" \
	"$submissions SRV 0 0 1 a.mail.test" "$submissions SRV 9 0 PORT b.mail.test" "$here" "b.mail.test A 127.0.0.1"

# ---- whose name the certificate must carry ----
finds 77 0 "another domain's server with its own certificate" "--tls implicit $(cert wronghost)" \
	"$submissions SRV 0 0 PORT another.test" "$there"
said 'issued for another.test, not for mail.test' "another domain's server: the domain's name is checked"
finds 0 1 "a server of the domain with the domain's certificate" "--tls implicit $(cert rsa)" \
	"$submissions SRV 0 0 PORT a.mail.test" "$here"
finds 77 0 "a server of the domain with another name" "--tls implicit $(cert wronghost)" \
	"$submissions SRV 0 0 PORT a.mail.test" "$here"
said 'issued for another.test, not for a.mail.test or mail.test' "a server of the domain: both names are shown"
finds 0 1 "another domain's server with the domain's certificate" "--tls implicit $(cert rsa)" \
	"$submissions SRV 0 0 PORT another.test" "$there"
finds 77 0 "a secure answer that is not trusted" "--tls implicit $(cert wronghost)" "$submissions ad" \
	"$submissions SRV 0 0 PORT another.test" "$there"
resolver trust-ad
finds 0 1 "a secure answer" "--tls implicit $(cert wronghost)" "$submissions ad" \
	"$submissions SRV 0 0 PORT another.test" "$there"
finds 0 1 "a secure answer, and the domain's certificate" "--tls implicit $(cert rsa)" "$submissions ad" \
	"$submissions SRV 0 0 PORT another.test" "$there"
finds 77 0 "an answer that is not secure" "--tls implicit $(cert wronghost)" "$submissions SRV 0 0 PORT another.test" \
	"$there"
resolver ''
account srv:mail.test "tls_host_override another.test"
finds 0 1 "tls_host_override decides" "--tls implicit $(cert wronghost)" "$submissions SRV 0 0 PORT another.test" \
	"$there"

# ---- no servers ----
# refuses STATUS REGEX NAME ZONE-LINE...
refuses() {
	local want=$1 regex=$2 name=$3
	shift 3
	zone "$@"
	post bob@example.org
	status_is "$want" "$name: exit status $want"
	said "^posthaste: DNS: $regex" "$name: the message"
	said '^hint: ' "$name: a hint"
}
account srv:mail.test
refuses 68 'the DNS has no submission server .* for mail.test' "no records" 'mail.test A 127.0.0.1'
refuses 68 'the DNS says that mail.test does not offer mail submission' "both services are declined" \
	"$submissions SRV 0 0 0 ." "$submission SRV 0 0 0 ."
refuses 75 'looking up the servers of _submissions._tcp.mail.test' "the name server fails" "$submissions servfail" \
	"$submission SRV 0 0 587 a.mail.test"
refuses 75 'looking up the servers of _submissions._tcp.mail.test' "the name server is silent" "$submissions silent" \
	"$submission SRV 0 0 587 a.mail.test"

# shellcheck disable=SC2046 # options
smarthost --tls starttls $(cert wildcard)
zone "$here"
account "srv:mail.test a.mail.test" "port $port"
post bob@example.org
smarthost_end
status_is 0 "a host after srv: serves when the domain names none: exit status 0"

# ---- what does not go together ----
wrong() {
	account "$1" "${@:3}"
	post bob@example.org
	status_is 78 "$2: exit status 78"
}
wrong srv:mail.test "srv: without TLS" "tls off"
said 'srv: finds servers that use TLS, and TLS is off' "srv: without TLS: the message"
wrong srv: "srv: without a domain"
wrong srv:mail.test "srv: with LMTP" "protocol lmtp" "port 24"

# ---- --check and --configure ----
# shellcheck disable=SC2046 # options
smarthost --tls implicit $(cert wildcard) --auth PLAIN --user joe@mail.test --password-file "$T/password"
zone "$submissions SRV 0 0 PORT a.mail.test" "$here"
account srv:mail.test
run "$POSTHASTE" -C "$T/rc" --check
smarthost_end
status_is 0 "--check: exit status 0"
like "$(cat "$out")" "PASS DNS: srv:mail.test stands for a.mail.test port $port" "--check says what srv: stands for"
like "$(cat "$out")" 'asked for a.mail.test or mail.test, issued for DNS:\*.mail.test' "--check names both names"

# shellcheck disable=SC2046 # options
smarthost --tls implicit $(cert wildcard) --auth PLAIN --user joe@mail.test --password-file "$T/password"
zone "$submissions SRV 0 0 PORT a.mail.test" "$here"
run "$POSTHASTE" --configure=joe@mail.test
status_is 0 "--configure: exit status 0"
unlike "$(cat "$out")" 'not within' "--configure: no doubt about a server of the domain"
{ cat "$out" && printf 'password_file %s\ntls_trust_file %s\n' "$T/password" "$CA/ca.crt"; } >"$T/rc"
post bob@example.org # the only account needs no name
smarthost_end
status_is 0 "--configure: what it printed works"
is "$(envelope mail_from)" joe@mail.test "--configure: the sender is the address"
run "$POSTHASTE" --configure=joe@mail.test --json
in_schema configure "--configure"
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
print(o["domain"], o["starttls"], o["secure"], o["servers"][0]["host"], o["servers"][0]["name_counts"])' <"$out")" \
	"mail.test False False a.mail.test True" "--configure: JSON says the same"
zone "$submission SRV 0 0 587 another.test"
run "$POSTHASTE" --configure=joe@mail.test
like "$(cat "$out")" 'another.test is not in the domain mail.test' "--configure: a server elsewhere is doubted"
like "$(cat "$out")" 'tls_starttls on' "--configure: STARTTLS"
while read -r want address; do
	run "$POSTHASTE" --configure="$address"
	status_is "$want" "--configure=$address: exit status $want"
	said '^posthaste: ' "--configure=$address: the message"
done <<'END'
65 joe
65 joe@
65 @mail.test
65 joe@mail.test>
68 joe@nowhere.test
END
run "$POSTHASTE" --configure=joe@mail.test bob@example.org
status_is 64 "--configure with recipients: exit status 64"
done_testing
