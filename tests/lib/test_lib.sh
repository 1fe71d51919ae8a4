#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The test library tested: a test that fails must be seen to fail.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99

# script NAME <LINES: writes a test of the library
script() {
	{
		echo '. "$top_srcdir/tests/lib/tap.sh" || exit 99'
		cat
	} >"$T/$1"
}

# gives NAME WANT-STATUS WANT-OUTPUT
gives() {
	run bash "$T/$1"
	is "$status" "$2" "$1: exit status"
	is "$(grep -v '^#' "$out")" "$3" "$1: results"
}

script passes <<'END'
ok one
is a a two
like abc '^a' three
run sh -c 'echo out; echo err >&2; exit 3'
is "$status,$(cat "$out"),$(cat "$err")" 3,out,err four
skip "no reason" five
done_testing
END
gives passes 0 'ok 1 - one
ok 2 - two
ok 3 - three
ok 4 - four
ok 5 - five # SKIP no reason
1..5'

script fails <<'END'
is a b one
isnt a a two
like abc '^b' three
unlike abc '^a' four
check five false
printf a >a; printf b >b
same_file a b six
ok 'a # in a name'
done_testing
END
gives fails 1 'not ok 1 - one
not ok 2 - two
not ok 3 - three
not ok 4 - four
not ok 5 - five
not ok 6 - six
ok 7 - a : in a name
1..7'

script ends_early <<'END'
ok one
exit 0
END
gives ends_early 1 'ok 1 - one
Bail out! the script ended early (status 0)'

script skips <<'END'
skip_all "nothing here"
END
gives skips 0 '1..0 # SKIP nothing here'

script leaves_things <<'END'
sleep 1000 &
echo "$! $T" >&7
[ "$HOME" = "$T/home" ] && [ "$(umask)" = 0077 ] && [ -z "${POSTHASTE_HOST:-}" ] && ok private
done_testing
END
POSTHASTE_HOST=x run bash "$T/leaves_things"
read -r child folder <"$out"
like "$(cat "$out")" 'ok 1 - private' "a test has a home of its own"
check "the test's folder is removed" test ! -e "$folder"
gone() { ! kill -0 "$child" 2>/dev/null; }
check "the test's children are ended" wait_until 5 gone

# verify WANT NAME OPTION...: what openssl says of a certificate
verify() {
	local want=$1 name=$2
	shift 2
	run openssl verify -x509_strict -CAfile "$CA/ca.crt" "$@" "$CA/$name.crt"
	if [ "$want" = OK ]; then
		is "$status" 0 "certificate $name is good"
	else
		like "$(cat "$err")" "$want" "certificate $name: $want"
	fi
}

certificates() {
	. "$top_srcdir/tests/lib/ca.sh" || exit 99
	ca_need good rsa wildcard wronghost cnonly expired notyet unknown selfsigned chain missing revoked client
	verify OK good -verify_hostname localhost
	verify OK good -verify_ip 127.0.0.1
	verify OK rsa -verify_hostname mail.test
	verify OK wildcard -verify_hostname a.mail.test
	verify 'hostname mismatch' wildcard -verify_hostname mail.test
	verify 'hostname mismatch' wronghost -verify_hostname localhost
	verify OK cnonly
	verify 'certificate has expired' expired
	verify 'not yet valid' notyet
	verify 'unable to get local issuer' unknown
	verify 'self-signed certificate' selfsigned
	verify OK chain -untrusted "$CA/chain.pem"
	verify 'unable to get local issuer' missing -untrusted "$CA/missing.pem"
	verify OK revoked
	verify 'certificate revoked' revoked -crl_check -CRLfile "$CA/ca.crl"
	verify OK good -crl_check -CRLfile "$CA/ca.crl"
	verify OK client -purpose sslclient
	is "$(ca_fingerprint good | wc -c)" 64 "a fingerprint is 32 octets in hex"
}
if command -v certtool >/dev/null && command -v openssl >/dev/null; then
	certificates
else
	skip "certtool or openssl is missing; on Debian or Ubuntu: apt install gnutls-bin openssl" certificates
fi
done_testing
