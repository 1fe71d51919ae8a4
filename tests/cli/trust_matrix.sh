#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every setting of trust against every bad certificate: refused with the right reason in words, and nothing was sent;
# and one good one accepted by each.  With STARTTLS and without, TLS 1.2 and 1.3.  The matrix of DANE is in
# tests/unit/test_tls_rules.c.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
for tool in openssl faketime; do
	command -v $tool >/dev/null || skip_all "$tool was not found; on Debian or Ubuntu: apt install $tool"
done
ca_need good rsa wildcard wronghost cnonly expired notyet unknown selfsigned missing revoked crl nul partial ipasname \
	purpose smallrsa sha1 muststaple otherkey
for name in good revoked muststaple; do ca_staple $name good; done
ca_staple good revoked
ca_staple good old

export XDG_STATE_HOME=$T/state
mkdir -m 700 "$T/state" "$T/state/posthaste"
colons() { ca_fingerprint "$1" | tr a-f A-F | sed 's/../&:/g; s/:$//'; }

# The settings, called by their names: each prints its lines for the certificate that the user means to trust.
rule_ca() { echo "tls_trust_file $CA/ca.crt"; }
rule_add() { printf '%s\n' "tls_trust_file system" "tls_trust_add $CA/ca.crt"; }
rule_narrow() { printf '%s\n' "tls_trust_file $CA/ca.crt" "tls_pin $(ca_pin "$1")"; }
rule_pin() { printf '%s\n' "tls_trust pin" "tls_pin $(ca_pin "$1")"; }
rule_fingerprint() { echo "tls_fingerprint $(ca_fingerprint "$1")"; }
rule_first_use() {
	printf '127.0.0.1 %s %s %s\n' "$port" "$(ca_pin "$1")" "$(colons "$1")" >"$T/state/posthaste/known_hosts"
	chmod 600 "$T/state/posthaste/known_hosts"
	echo "tls_trust first_use"
}
# What "verified_by" says then.
by_ca=ca by_add=ca by_narrow=ca by_pin=pin by_fingerprint=fingerprint by_first_use=first_use

verified_by() { "$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["tls"]["verified_by"])' "$out"; }

# meets RULE WAY VERSION CERTIFICATE TRUSTED REASON [SINK-OPTION...] [-- LINE...]: TRUSTED is the certificate that the
# rule names; without a REASON the server is accepted
meets() {
	local rule=$1 way=$2 version=$3 certificate=$4 trusted=$5 reason=$6 begin=off name sink=() lines=()
	shift 6
	name="$rule, $way, TLS $version, $certificate${*:+ ($*)}"
	name=${name//"$T"\//}
	while [ $# -gt 0 ] && [ "$1" != -- ]; do sink+=("$1"); shift; done
	[ $# = 0 ] || { shift; lines=("$@"); }
	[ "$way" = starttls ] && begin=on
	smarthost --tls "$way" --cert "$CA/$certificate.pem" --key "$CA/$certificate.key" --auth PLAIN --user joe \
		--password-file "$T/password" --tls-priority "NORMAL:-VERS-ALL:+VERS-TLS$version" "${sink[@]}"
	mapfile -t set < <("rule_$rule" "$trusted")
	conf "tls on" "tls_starttls $begin" "auth plain" "password correct-horse" "${set[@]}" "${lines[@]}"
	post --json bob@example.org
	smarthost_end
	if [ -z "$reason" ]; then
		status_is 0 "$name: accepted"
		by=by_$rule
		is "$(verified_by)" "${!by}" "$name: by which rule"
		return
	fi
	status_is 77 "$name: exit status 77"
	said "^posthaste: TLS: the certificate is not trusted: .*$reason" "$name: the reason"
	never_sent 'AUTH|MAIL|RCPT|DATA' "$name: nothing was sent"
}

name_of='tls_host_override'
rules='ca add narrow pin fingerprint first_use'
# The rows: certificate, the host to check, which rules refuse it (all, cas: those that ask an authority), the reason.
# Whatever refuses it also refuses it where the user trusts that very certificate or key.
while IFS='|' read -ru 9 certificate host refusing reason; do
	for rule in $rules; do
		why=$reason lines=()
		case $rule,$refusing in *,none | pin,cas | fingerprint,cas | first_use,cas) why= ;; esac
		[ -z "$host" ] || lines=(-- "$name_of $host")
		meets $rule implicit 1.3 "$certificate" "$certificate" "$why" "${lines[@]}"
		meets $rule starttls 1.2 "$certificate" "$certificate" "$why" "${lines[@]}"
		[ $rule = ca ] || continue
		meets $rule implicit 1.2 "$certificate" "$certificate" "$why" "${lines[@]}"
		meets $rule starttls 1.3 "$certificate" "$certificate" "$why" "${lines[@]}"
	done
done 9<<'ROWS'
good||none|
wildcard|a.mail.test|none|
wildcard|mail.test|all|it was issued for \*.mail.test, not for mail.test
partial|mail.test|all|it was issued for ma\*.test, not for mail.test
nul|mail.test|all|not for mail.test
wronghost||all|it was issued for another.test, not for 127.0.0.1
cnonly|localhost|all|it has no alternative name .SAN. to compare with localhost
ipasname||all|it has no alternative name .SAN. to compare with 127.0.0.1
expired||all|it expired on 2020-01-01
notyet||all|it is not valid before 2098-01-01
purpose||all|its purpose is not to identify servers .the key purpose serverAuth is missing
smallrsa||all|its RSA key has 1024 bits, and 2048 are needed
sha1||all|it is signed with ECDSA-SHA1, which can be forged
selfsigned||cas|it is self-signed and is not in
unknown||cas|its issuer .*posthaste other root.* is not in
missing||cas|its issuer .*posthaste test intermediate.* is not in
muststaple||cas|it requires an OCSP staple .must-staple., and the server sent none
ROWS

# ---- another key than the one that is trusted ----
for way in implicit starttls; do
	for version in 1.2 1.3; do
		meets narrow $way $version otherkey good 'no key of the chain that was verified is in tls_pin'
		meets pin $way $version otherkey good 'its key is not in tls_pin'
		meets fingerprint $way $version otherkey good 'its fingerprint is not the one in tls_fingerprint'
		meets first_use $way $version otherkey good \
			"the server's key has changed: .* had the SHA-256 fingerprint $(colons good), this one has $(colons otherkey)"
		: >"$T/state/posthaste/known_hosts"
	done
done

# ---- what authorities revoke: asked only where they are ----
for rule in ca add narrow; do
	for version in 1.2 1.3; do
		meets $rule implicit $version revoked revoked 'it was revoked by its issuer' -- "tls_crl_file $CA/ca.crl"
		meets $rule starttls $version good good 'it was revoked by its issuer, as the OCSP staple the server sent says' \
			--ocsp-response "$CA/good.revoked.ocsp"
		meets $rule implicit $version good good 'the OCSP staple the server sent with it is invalid or out of date' \
			--ocsp-response "$CA/good.old.ocsp"
		meets $rule starttls $version good good '' --ocsp-response "$CA/good.good.ocsp"
		meets $rule implicit $version muststaple muststaple '' --ocsp-response "$CA/muststaple.good.ocsp"
		meets $rule starttls $version good good 'tls_ocsp requires a valid OCSP staple, and the server sent none' \
			-- "tls_ocsp require"
		meets $rule implicit $version good good 'tls_ocsp requires a valid OCSP staple' \
			--ocsp-response "$CA/good.old.ocsp" -- "tls_ocsp require"
		meets $rule starttls $version good good '' --ocsp-response "$CA/good.good.ocsp" -- "tls_ocsp require"
		meets $rule implicit $version muststaple muststaple '' -- "tls_ocsp off"
		meets $rule starttls $version revoked revoked 'it was revoked by its issuer' -- "tls_ocsp off" \
			"tls_crl_file $CA/ca.crl"
	done
done

# ---- versions and priorities ----
# spoken VERSION STATUS LINE...: with a server that speaks nothing else
spoken() {
	local version=$1 want=$2
	shift 2
	smarthost --tls implicit --cert "$CA/rsa.pem" --key "$CA/rsa.key" \
		--tls-priority "NORMAL:-VERS-ALL:+VERS-TLS$version:%COMPAT"
	conf "tls on" "tls_starttls off" "tls_trust_file $CA/ca.crt" "$@"
	sends "$want" "TLS $version, $*" bob@example.org
	[ "$want" = 0 ] || never_sent 'MAIL' "TLS $version, $*: nothing was sent"
}
spoken 1.2 0 "tls_min_version 1.2"
spoken 1.2 76 "tls_min_version 1.3"
spoken 1.3 0 "tls_min_version 1.3"
spoken 1.2 76 "tls_min_version 1.3" "tls_priorities NORMAL"
spoken 1.2 0 "tls_priorities -AES-128-GCM"
spoken 1.1 76 "tls_min_version 1.2"
spoken 1.1 76 "tls_priorities -AES-256-GCM"
spoken 1.1 76 "tls_min_version 1.2" "tls_priorities NORMAL:+VERS-TLS1.1"
done_testing
