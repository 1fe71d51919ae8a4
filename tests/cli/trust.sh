#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Which servers the program trusts: every certificate, both ways into TLS.
# A server that is not trusted hears nothing but EHLO, STARTTLS and the
# handshake: no AUTH, no MAIL, no message; and the user is shown the reason.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good rsa wildcard wronghost cnonly expired notyet unknown selfsigned chain missing revoked client crl

# The 64 digits of the certificate, one of them changed for a wrong one.
pin() { ca_fingerprint "$@"; }
wrong_pin() { ca_fingerprint "$@" | tr 0123456789ABCDEFabcdef 123456789ABCDEF0bcdefa; }
: >"$T/empty.pem"
cat "$CA/ca.crt" "$CA/other.crt" >"$T/both.pem"

# judge WAY CERTIFICATE STATUS REASON ARGUMENT...: with a password to lose
judge() {
	local way=$1 certificate=$2 want=$3 reason=$4
	shift 4
	local name="$way, $certificate${*:+ ($*)}" begin=off
	name=${name//"$T"\//}
	[ "$way" = starttls ] && begin=on
	smarthost --tls "$way" --cert "$CA/$certificate.pem" --key "$CA/$certificate.key" \
		--auth PLAIN --user joe --password-file "$T/password"
	conf "tls on" "tls_starttls $begin" "auth plain" "password correct-horse"
	post "$@" bob@example.org
	smarthost_end
	status_is "$want" "$name: exit status $want"
	if [ "$want" = 0 ]; then
		is "$(stored)" 1 "$name: accepted"
	else
		said "^posthaste: TLS: $reason" "$name: the reason"
		never_sent 'AUTH|MAIL|RCPT|DATA' "$name: nothing was sent"
	fi
}

untrusted='the certificate is not trusted: '
ca=--tls-trust-file=$CA/ca.crt
localhost=--tls-host-override=localhost
for way in implicit starttls; do
	judge $way good 0 - "$ca"
	judge $way good 0 - "$ca" $localhost
	judge $way rsa 0 - "$ca"
	judge $way chain 0 - "$ca"
	judge $way wildcard 0 - "$ca" --tls-host-override=a.mail.test
	judge $way wildcard 77 "${untrusted}it was issued for \\*.mail.test, not for mail.test" "$ca" \
		--tls-host-override=mail.test
	judge $way wildcard 77 "${untrusted}it was issued for \\*.mail.test, not for a.b.mail.test" "$ca" \
		--tls-host-override=a.b.mail.test
	judge $way wronghost 77 "${untrusted}it was issued for another.test, not for localhost" "$ca" $localhost
	judge $way wronghost 77 "${untrusted}it was issued for another.test, not for 127.0.0.1" "$ca"
	judge $way expired 77 "${untrusted}it expired on 2020-01-01" "$ca"
	judge $way notyet 77 "${untrusted}it is not valid before 2098-01-01" "$ca"
	judge $way unknown 77 "${untrusted}its issuer .*posthaste other root.* is not in .*ca.crt" "$ca"
	judge $way unknown 77 "${untrusted}its issuer .*posthaste other root.* is not in the system's CA store"
	judge $way selfsigned 77 "${untrusted}it is self-signed and is not in .*ca.crt" "$ca"
	judge $way selfsigned 0 - --tls-trust-file="$CA/selfsigned.crt"
	judge $way cnonly 77 "${untrusted}it has no alternative name .* localhost" "$ca" $localhost
	judge $way missing 77 "${untrusted}its issuer .*posthaste test intermediate.* is not in " "$ca"
	judge $way revoked 0 - "$ca"
	judge $way revoked 77 "${untrusted}it was revoked by its issuer" "$ca" --tls-crl-file="$CA/ca.crl"
	judge $way good 0 - "$ca" --tls-crl-file="$CA/ca.crl"
	judge $way client 77 "$untrusted" "$ca"
	# both authorities, either order
	judge $way unknown 0 - --tls-trust-file="$T/both.pem"
done

# ---- the certificate's fingerprint, with name and dates, and alone ----
only=--tls-fingerprint-only
while IFS='|' read -ru 9 certificate want print argument reason; do
	judge implicit "$certificate" "$want" "${untrusted}${reason:-its fingerprint is not the one in tls_fingerprint}" \
		--tls-fingerprint="$(eval "$print")" ${argument:+"$argument"}
done 9<<ROWS
selfsigned|0|pin selfsigned||
unknown|0|pin unknown sha1||
wronghost|77|pin wronghost||it was issued for another.test, not for 127.0.0.1
expired|77|pin expired||it expired on 2020-01-01
wronghost|0|pin wronghost|$only|
expired|0|pin expired|$only|
good|77|wrong_pin good||
good|77|wrong_pin good sha1||
good|77|wrong_pin good|$only|
good|77|pin rsa|$only|
ROWS
judge starttls good 77 "${untrusted}its fingerprint is not the one" --tls-fingerprint="$(wrong_pin good)" "$ca"
shown=$(pin good | tr a-f A-F | sed 's/../&:/g; s/:$//')
said "^hint: The server sent a certificate with the SHA-256 fingerprint $shown" "the hint shows the other fingerprint"

# ---- the check switched off, by the user's own word only ----
for certificate in selfsigned expired wronghost unknown; do
	judge implicit $certificate 0 - --tls-certcheck=off
done

# ---- trust files ----
while IFS='|' read -ru 9 status file reason; do
	smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key"
	conf 'tls on' 'tls_starttls off'
	post --tls-trust-file="$T/$file" bob@example.org
	smarthost_stop
	status_is "$status" "trust file $file: exit status $status"
	said "^posthaste: TLS: $reason" "trust file $file: the reason"
	# a port that nothing listens on: --check says so before it asks for a connection
	post --check --tls-trust-file="$T/$file"
	status_is "$status" "trust file $file, --check: exit status $status"
	like "$(cat "$out")" "FAIL configuration: $reason" "trust file $file, --check: part of the configuration"
	like "$(cat "$out")" 'SKIP DNS: not reached' "trust file $file, --check: before any network"
done 9<<'ROWS'
66|empty.pem|no CA certificate could be read from .*/empty.pem
66|missing.pem|cannot read the CA file .*/missing.pem: No such file or directory
66|password|no CA certificate could be read from .*/password
ROWS
judge implicit good 66 'no list of revoked certificates|.*missing.crl' "$ca" --tls-crl-file="$T/missing.crl"

# ---- STARTTLS under attack ----
# attack NAME STATUS REASON HINT SINK-OPTION...
attack() {
	local name=$1 want=$2 reason=$3 hint=$4
	shift 4
	smarthost --tls starttls --cert "$CA/good.pem" --key "$CA/good.key" --auth PLAIN --auth-before-tls --user joe \
		--password-file "$T/password" "$@"
	conf 'tls on' 'tls_starttls on' "tls_trust_file $CA/ca.crt" 'auth plain' 'password correct-horse'
	post bob@example.org
	smarthost_end
	status_is "$want" "$name: exit status $want"
	said "^posthaste: $reason" "$name: the reason"
	said "^hint: .*$hint" "$name: the hint"
	never_sent 'AUTH|MAIL|RCPT|DATA' "$name: nothing was sent"
}
attack "STARTTLS stripped" 69 \
	'STARTTLS: TLS is required, and the server does not offer STARTTLS; nothing was sent unencrypted' 'tampering' \
	--reply $'ehlo=250-x\\r\\n250 AUTH PLAIN'
attack "STARTTLS refused" 69 'STARTTLS: the server refused to start TLS: 502' 'Nothing was sent unencrypted' --reply \
	'starttls=502 5.5.1 no'
attack "STARTTLS put off" 75 'STARTTLS: the server cannot start TLS now: 454' 'Nothing was sent unencrypted' --reply \
	'starttls=454 4.7.0 later'
attack "EHLO refused" 69 \
	'STARTTLS: TLS is required, and the server does not support EHLO; nothing was sent unencrypted' . --reply \
	'ehlo=502 5.5.1 no'
attack "injected after STARTTLS" 76 'STARTTLS: unencrypted data followed the reply to STARTTLS' 'Nothing was sent' \
	--inject 'starttls=250 evil\r\n'
attack "injected: a piece of a line" 76 'STARTTLS: unencrypted data followed the reply to STARTTLS' \
	'Nothing was sent' --inject 'starttls=2'
attack "injected: capabilities" 76 'STARTTLS: unencrypted data followed the reply to STARTTLS' 'Nothing was sent' \
	--inject 'starttls=250-sink\r\n250 AUTH PLAIN\r\n'
attack "closed instead of a handshake" 75 'TLS: ' . --close tls

# What was offered before TLS counts no longer inside.
smarthost --tls starttls --cert "$CA/good.pem" --key "$CA/good.key" --extensions-before-tls 'STARTTLS,DSN,8BITMIME' \
	--extensions 'SIZE'
conf 'tls on' 'tls_starttls on' "tls_trust_file $CA/ca.crt"
sends 69 "DSN offered in clear only" -N success bob@example.org
smarthost --tls starttls --cert "$CA/good.pem" --key "$CA/good.key" --auth-before-tls --auth PLAIN --user joe \
	--reply 'ehlo:tls=250 sink'
conf 'tls on' 'tls_starttls on' "tls_trust_file $CA/ca.crt" 'auth plain' 'password correct-horse'
sends 69 "AUTH offered in clear only" bob@example.org
never_sent 'AUTH|MAIL' "AUTH offered in clear only: nothing was sent"

# ---- protocol versions ----
tls_version() { "$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["tls"]["version"])' \
	"$T/spool/0001.json" 2>/dev/null; }
for version in 1.2 1.3; do
	smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --tls-priority "NORMAL:-VERS-ALL:+VERS-TLS$version"
	conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt"
	sends 0 "TLS $version" bob@example.org
	like "$(tls_version)" "$version" "TLS $version was spoken"
	no_violation "TLS $version: the dialogue was correct"
done
smarthost --tls implicit --cert "$CA/rsa.pem" --key "$CA/rsa.key" \
	--tls-priority "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1:%COMPAT"
conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt"
sends 76 "TLS 1.1 at most" bob@example.org
said '^posthaste: TLS: ' "TLS 1.1 at most: the stage"
said '^hint: ' "TLS 1.1 at most: the hint"
never_sent 'AUTH|MAIL' "TLS 1.1 at most: nothing was sent"

# ---- the client's certificate ----
for way in implicit starttls; do
	for version in 1.2 1.3; do
		smarthost --tls $way --cert "$CA/good.pem" --key "$CA/good.key" --client-ca "$CA/ca.crt" \
			--require-client-cert --auth EXTERNAL \
			--require-auth --tls-priority "NORMAL:-VERS-ALL:+VERS-TLS$version"
		conf 'tls on' "tls_starttls $([ $way = starttls ] && echo on || echo off)" "tls_trust_file $CA/ca.crt" \
			"tls_cert_file $CA/client.crt" "tls_key_file $CA/client.key" 'auth external' 'user'
		sends 0 "EXTERNAL with a client certificate, $way, TLS $version" bob@example.org
		is "$(stored)" 1 "EXTERNAL, $way, TLS $version: accepted"
		smarthost --tls $way --cert "$CA/good.pem" --key "$CA/good.key" --client-ca "$CA/ca.crt" --require-client-cert \
			--tls-priority "NORMAL:-VERS-ALL:+VERS-TLS$version"
		conf 'tls on' "tls_starttls $([ $way = starttls ] && echo on || echo off)" "tls_trust_file $CA/ca.crt"
		post bob@example.org
		smarthost_end
		like "$status" '^(75|76)$' "no client certificate where one is demanded, $way, TLS $version"
		said '^posthaste: [A-Za-z]+: ' "no client certificate, $way, TLS $version: the stage is named"
		never_sent 'MAIL' "no client certificate, $way, TLS $version: nothing was sent"
	done
done

# ---- files that are pipes or devices: nothing waits for them ----
mkfifo "$T/pipe"
for odd in "$T/pipe" /dev/zero "$T"; do
	for setting in aliases tls_trust_file tls_crl_file tls_cert_file tls_key_file; do
		case $setting,$odd in
		tls_trust_file,"$T") continue ;; # a folder of certificates
		tls_cert_file,*) also=("tls_key_file $CA/good.key") ;;
		tls_key_file,*) also=("tls_cert_file $CA/good.pem") ;;
		*) also=() ;;
		esac
		smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key"
		conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" 'local_recipients pass' "${also[@]}" "$setting $odd"
		sends 66 "$setting $odd" joe
		said "cannot read .*$odd: it is not a regular file" "$setting $odd: said so"
	done
done

# ---- silence and abrupt ends inside TLS ----
for way in implicit starttls; do
	smarthost --tls $way --cert "$CA/good.pem" --key "$CA/good.key" --hang tls
	conf 'tls on' "tls_starttls $([ $way = starttls ] && echo on || echo off)" "tls_trust_file $CA/ca.crt"
	sends 75 "a silent server in the handshake, $way" --timeout=1 bob@example.org
	said '^posthaste: TLS: the server did not finish the TLS handshake in time' \
		"a silent server in the handshake, $way: said so"
	smarthost --tls $way --cert "$CA/good.pem" --key "$CA/good.key" --no-close-notify
	conf 'tls on' "tls_starttls $([ $way = starttls ] && echo on || echo off)" "tls_trust_file $CA/ca.crt"
	sends 0 "no close_notify after the last reply, $way" bob@example.org
	smarthost --tls $way --cert "$CA/good.pem" --key "$CA/good.key" --no-close-notify --close eod
	conf 'tls on' "tls_starttls $([ $way = starttls ] && echo on || echo off)" "tls_trust_file $CA/ca.crt"
	sends 75 "the stream breaks off before the verdict, $way" bob@example.org
	said 'may have been delivered' "the stream breaks off before the verdict, $way: said so"
	smarthost --tls $way --cert "$CA/good.pem" --key "$CA/good.key" --close eod
	conf 'tls on' "tls_starttls $([ $way = starttls ] && echo on || echo off)" "tls_trust_file $CA/ca.crt"
	sends 75 "close_notify before the verdict, $way" bob@example.org
	said 'may have been delivered' "close_notify before the verdict, $way: said so"
done
done_testing
