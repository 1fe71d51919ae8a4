#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Which certificates of a real server are trusted, under each trust setting; and
# that a server that is not trusted learns nothing.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need postfix dovecot
post_mail
ca_need crl
# Postfix writes down every command it reads, inside TLS too.
POSTFIX_DEBUG=1
postfix_start rsa wildcard wronghost cnonly expired notyet unknown selfsigned chain missing revoked

# tries CERTIFICATE [OPTION...]: a login and a message at the port with it
tries() {
	local port=POSTFIX_CERT_$1
	[ "$1" != good ] || port=POSTFIX_SMTPS
	post_login first "${!port}" PLAIN "${@:2}" a@mail.test <"$T/mail"
}

# refused REGEX NAME: of the last try
refused() {
	is "$status" 77 "$2: status 77"
	said "^posthaste: TLS: the certificate is not trusted: .*$1.*"$'\n''hint: ' "$2: the reason in words, and what to do"
}

tries expired
refused 'it expired on 2020-01-01' "expired"
tries notyet
refused 'it is not valid before 2098-01-01' "not yet valid"
tries wronghost
refused 'it was issued for another\.test, not for localhost' "another host's"
tries wildcard
refused 'it was issued for \*\.mail\.test, not for localhost' "a wildcard for others"
tries wildcard --tls-host-override=mail.test
refused 'not for mail\.test' "a wildcard for the bare domain"
tries wildcard --tls-host-override=a.b.mail.test
refused 'not for a\.b\.mail\.test' "a wildcard for two labels"
tries cnonly
refused 'no alternative name \(SAN\)' "no name but the common name"
tries unknown
refused 'its issuer .* is not in .*/ca\.crt' "another root's"
tries selfsigned
refused 'it is self-signed and is not in ' "self-signed"
tries missing
refused 'its issuer .* is not in ' "an intermediate is missing"
tries revoked --tls-crl-file="$CA/ca.crl"
refused 'it was revoked by its issuer' "revoked"
tries good --tls-fingerprint="$(ca_fingerprint rsa)"
refused 'its fingerprint is not the one in tls_fingerprint' "another fingerprint"
like "$(tr -d : <"$err" | tr A-F a-f)" "$(ca_fingerprint good)" "another fingerprint: the hint shows what came"
tries good --tls-trust-file=system
refused "its issuer .* is not in the system's CA store" "the system's store does not know our root"
tries good --tls-host-override=mail.example
refused 'not for mail\.example' "not the name that was configured"
nothing_arrived "$POSTFIX_BOX" "none of them"
is "$(postfix_dialogue)" '' "not one command was sent to any of them, not even EHLO"

post_login starttls "$POSTFIX_SUBMISSION" PLAIN --tls-host-override=mail.example a@mail.test <"$T/mail"
refused 'not for mail\.example' "not the name, after STARTTLS"
is "$(postfix_dialogue | tr -d '\r' | paste -sd,)" 'EHLO client.test,STARTTLS' "after STARTTLS not one command was sent"
post_login starttls "$POSTFIX_PLAIN" PLAIN a@mail.test <"$T/mail"
is "$status" 69 "STARTTLS is hidden: status 69"
said '^posthaste: STARTTLS: .*does not offer STARTTLS; nothing was sent unencrypted'$'\n''hint: ' \
	"STARTTLS is hidden: the reason in words"
post_login first "$POSTFIX_PLAIN" PLAIN a@mail.test <"$T/mail"
is "$status" 76 "no TLS at this port: status 76"
said '^posthaste: TLS: the server does not speak TLS here.*'$'\n''hint: Set tls_starttls on' \
	"no TLS at this port: what to do"
unlike "$(postfix_dialogue)" 'AUTH|MAIL|RCPT|DATA' "no login and no mail to any of these"
tries good --tls-trust-file="$T/none.crt"
is "$status" 66 "no such trust file: status 66"
said "$T/none\.crt" "no such trust file: which"
tries good --tls-crl-file="$T/none.crl"
is "$status" 66 "no such revocation list: status 66"

# works CERTIFICATE VERIFIED-BY NAME [OPTION...]
works() {
	delivered_clear "$POSTFIX_BOX"
	tries "$1" "${@:4}"
	is "$status" 0 "$3: taken"
	told '"active":true,"version":"TLS1\.[23]",.*"verified_by":"'"$2"'"' "$3: --json says who verified"
	is "$(delivered_count "$POSTFIX_BOX")" 1 "$3: delivered"
}
works good ca "the root in a file"
works rsa ca "an RSA key"
works chain ca "an intermediate that is sent"
works wildcard ca "a wildcard for one label" --tls-host-override=a.mail.test
works good ca "the name of tls_host_override" --tls-host-override=mail.test
works good ca "not revoked" --tls-crl-file="$CA/ca.crl"
works good ca "TLS 1.2" --tls-priorities=NORMAL:-VERS-ALL:+VERS-TLS1.2
works selfsigned fingerprint "a pin instead of an issuer" --tls-fingerprint="$(ca_fingerprint selfsigned)"
works good fingerprint "a pin in SHA-1" --tls-fingerprint="$(ca_fingerprint good sha1)"
works selfsigned none "no check on the user's word" --tls-certcheck=off
done_testing
