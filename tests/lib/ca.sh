# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A throwaway certificate authority for tests (certtool of gnutls-bin, elliptic
# keys, nothing is kept). Source it after tap.sh, then ask for what is needed;
# each thing is made once per test and lies in $CA:
#
#	. "$top_srcdir/tests/lib/ca.sh"
#	ca_need good expired               # skips the script without certtool
#	... --tls-trust-file="$CA/ca.crt"; server uses $CA/good.pem
#
#   $CA/ca.crt, $CA/ca.key       the root to trust
#   $CA/NAME.crt, $CA/NAME.key   certificate and key
#   $CA/NAME.pem                 what a server takes: key, certificate, and the
#                                chain that belongs with it
#
# NAME is one of
#   good         localhost, mail.test, 127.0.0.1, ::1; issued by ca
#   rsa          the same with a 2048-bit RSA key
#   wildcard     *.mail.test only
#   wronghost    another.test only
#   cnonly       common name localhost, no subjectAltName at all
#   expired      good's names; ended in 2020
#   notyet       good's names; begins in 2098
#   unknown      good's names; issued by another root, $CA/other.crt
#   selfsigned   good's names; issued by its own key
#   chain        good's names; issued by an intermediate, which is in chain.pem
#   missing      the same, but missing.pem lacks the intermediate
#   revoked      good's names; listed in $CA/ca.crl
#   nul          mail.test, then NUL and another name, in one dNSName
#   partial      ma*.test only
#   ipasname     127.0.0.1 as dNSName, no iPAddress
#   purpose      good's names; for clients only (extended key usage)
#   smallrsa     good's names; a 1024-bit RSA key
#   sha1         good's names; signed with SHA-1
#   muststaple   good's names; demands an OCSP staple (TLS feature 5)
#   otherkey     good's names; a key of its own (all others but rsa share one)
#   client       a client certificate for tester@mail.test (not a server's)
# "crl" is the list alone, $CA/ca.crl (it lists "revoked").
# ca_fingerprint NAME [sha256|sha1] prints it in hex without colons, ca_pin NAME
# the pin of its key.

CA=$T/ca

ca_names='dns_name = "localhost"
dns_name = "mail.test"
ip_address = "127.0.0.1"
ip_address = "::1"'

ca_need() {
	command -v certtool >/dev/null 2>&1 ||
		skip_all "certtool was not found; on Debian or Ubuntu: apt install gnutls-bin"
	local name
	mkdir -p "$CA"
	for name in ca "$@"; do
		[ -e "$CA/$name.crt" ] || [ -e "$CA/ca.$name" ] || "ca_make_$name" ||
			bail "certtool could not make the certificate \"$name\": $(cat "$CA/log")"
	done
}

ca_fingerprint() {
	certtool --fingerprint --hash="${2:-sha256}" --infile "$CA/$1.crt" | tr -d ':\n'
}

# ca_staple NAME good|revoked|old: an OCSP response about it in $CA/NAME.STATE.ocsp
ca_staple() {
	local mark=V since='' days=30 at=()
	[ "$2" != revoked ] || mark=R since=200101000000Z
	[ "$2" != old ] || days=1 at=(faketime '2021-01-01')
	printf '%s\t980101000000Z\t%s\t%s\tunknown\t/CN=x\n' "$mark" "$since" \
		"$(openssl x509 -in "$CA/$1.crt" -noout -serial | sed 's/serial=//')" >"$CA/index"
	{
		openssl ocsp -sha1 -issuer "$CA/ca.crt" -cert "$CA/$1.crt" -no_nonce -reqout "$CA/request" &&
			"${at[@]}" openssl ocsp -index "$CA/index" -CA "$CA/ca.crt" -rsigner "$CA/ca.crt" -rkey "$CA/ca.key" \
				-reqin "$CA/request" -respout "$CA/$1.$2.ocsp" -ndays "$days"
	} >>"$CA/log" 2>&1 || bail "openssl could not make an OCSP response: $(cat "$CA/log")"
}

# ca_pin NAME: the SHA-256 of its public key, as tls_pin takes it
ca_pin() {
	printf 'sha256//%s' "$(openssl x509 -in "$CA/$1.crt" -noout -pubkey | openssl pkey -pubin -outform DER |
		openssl dgst -sha256 -binary | openssl base64 -A)"
}

# One elliptic key serves all certificates: making keys is what takes time.
ca_key() {
	case $1 in
	rsa) certtool --generate-privkey --key-type=rsa --bits=2048 --outfile "$CA/rsa.key" ;;
	smallrsa) certtool --generate-privkey --key-type=rsa --bits=1024 --outfile "$CA/smallrsa.key" ;;
	otherkey) certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --outfile "$CA/otherkey.key" ;;
	*)
		[ -e "$CA/shared.key" ] ||
			certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --outfile "$CA/shared.key"
		cp "$CA/shared.key" "$CA/$1.key"
		;;
	esac >>"$CA/log" 2>&1
}

# ca_root NAME TITLE: a root of its own
ca_root() {
	certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --outfile "$CA/$1.key" >>"$CA/log" 2>&1 &&
		printf '%s\n' "cn = \"$2\"" ca cert_signing_key crl_signing_key 'activation_date = "2020-01-01 00:00:00 UTC"' \
			'expiration_date = "2099-01-01 00:00:00 UTC"' >"$CA/$1.cfg" &&
		certtool --generate-self-signed --load-privkey "$CA/$1.key" --template "$CA/$1.cfg" --outfile "$CA/$1.crt" \
			>>"$CA/log" 2>&1
}

# ca_issue NAME ISSUER TEMPLATE-LINES [BEGIN END]
ca_issue() {
	ca_key "$1" || return 1
	{
		printf 'cn = "%s"\n' "${ca_cn:-posthaste test server $1}"
		printf '%s\n' "$3"
		printf 'activation_date = "%s"\nexpiration_date = "%s"\n' \
			"${4:-2020-01-01 00:00:00 UTC}" "${5:-2098-01-01 00:00:00 UTC}"
	} >"$CA/$1.cfg"
	if [ "$2" = self ]; then
		certtool --generate-self-signed --load-privkey "$CA/$1.key" --template "$CA/$1.cfg" --outfile "$CA/$1.crt"
	else
		certtool --generate-certificate --load-privkey "$CA/$1.key" --template "$CA/$1.cfg" \
			--load-ca-certificate "$CA/$2.crt" --load-ca-privkey "$CA/$2.key" ${ca_hash:+--hash "$ca_hash"} \
			--outfile "$CA/$1.crt"
	fi >>"$CA/log" 2>&1 || return 1
	cat "$CA/$1.key" "$CA/$1.crt" >"$CA/$1.pem"
}

ca_server='tls_www_server
signing_key'

ca_make_ca() { ca_root ca "posthaste test root"; }
ca_make_good() { ca_issue good ca "$ca_server
$ca_names"; }
ca_make_rsa() { ca_issue rsa ca "$ca_server
encryption_key
$ca_names"; }
ca_make_wildcard() { ca_issue wildcard ca "$ca_server
dns_name = \"*.mail.test\""; }
ca_make_wronghost() { ca_issue wronghost ca "$ca_server
dns_name = \"another.test\""; }
ca_make_cnonly() { local ca_cn=localhost; ca_issue cnonly ca "$ca_server"; }
ca_make_expired() { ca_issue expired ca "$ca_server
$ca_names" "2019-01-01 00:00:00 UTC" "2020-01-01 00:00:00 UTC"; }
ca_make_notyet() { ca_issue notyet ca "$ca_server
$ca_names" "2098-01-01 00:00:00 UTC" "2098-12-01 00:00:00 UTC"; }
ca_make_unknown() { ca_root other "posthaste other root" && ca_issue unknown other "$ca_server
$ca_names"; }
ca_make_selfsigned() { ca_issue selfsigned self "$ca_server
$ca_names"; }
# SEQUENCE { dNSName "mail.test NUL .evil.test" }; certtool has no text for that
ca_make_nul() { ca_issue nul ca "$ca_server
add_extension = \"2.5.29.17 0x30168214$(printf 'mail.test\0.evil.test' | od -An -tx1 | tr -d ' \n')\""; }
ca_make_partial() { ca_issue partial ca "$ca_server
dns_name = \"ma*.test\""; }
ca_make_ipasname() { ca_issue ipasname ca "$ca_server
dns_name = \"127.0.0.1\""; }
ca_make_purpose() { ca_issue purpose ca "tls_www_client
signing_key
$ca_names"; }
ca_make_smallrsa() { ca_issue smallrsa ca "$ca_server
encryption_key
$ca_names"; }
ca_make_sha1() { local ca_hash=SHA1; ca_issue sha1 ca "$ca_server
$ca_names"; }
ca_make_muststaple() { ca_issue muststaple ca "$ca_server
tls_feature = 5
$ca_names"; }
ca_make_otherkey() { ca_issue otherkey ca "$ca_server
$ca_names"; }
ca_make_client() { local ca_cn=tester; ca_issue client ca 'tls_www_client
signing_key
email = "tester@mail.test"'; }

ca_make_intermediate() { local ca_cn="posthaste test intermediate"; ca_issue intermediate ca 'ca
cert_signing_key'; }
ca_make_missing() {
	[ -e "$CA/intermediate.crt" ] || ca_make_intermediate || return 1
	ca_issue missing intermediate "$ca_server
$ca_names"
}
ca_make_chain() {
	[ -e "$CA/intermediate.crt" ] || ca_make_intermediate || return 1
	ca_issue chain intermediate "$ca_server
$ca_names" && cat "$CA/intermediate.crt" >>"$CA/chain.pem"
}

ca_make_revoked() {
	ca_issue revoked ca "$ca_server
$ca_names" && ca_make_crl
}
ca_make_crl() {
	[ -e "$CA/revoked.crt" ] || { ca_make_revoked; return; }
	printf 'crl_next_update = 3650\ncrl_number = 1\n' >"$CA/crl.cfg"
	certtool --generate-crl --load-ca-certificate "$CA/ca.crt" --load-ca-privkey "$CA/ca.key" \
		--load-certificate "$CA/revoked.crt" --template "$CA/crl.cfg" --outfile "$CA/ca.crl" >>"$CA/log" 2>&1
}
