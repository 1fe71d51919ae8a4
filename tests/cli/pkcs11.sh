#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The key of a client certificate that is protected: in an encrypted file, and in a token (SoftHSM).  Where the PIN
# comes from, and that a wrong one is tried once only.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good client
PIN=correct-horse
WRONG=wrong-pony-17

# by NAME STATUS LINE...: a session with a server that demands the certificate
by() {
	local name=$1 want=$2 version
	shift 2
	for version in 1.2 1.3; do
		smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --client-ca "$CA/ca.crt" \
			--require-client-cert --auth EXTERNAL --require-auth --tls-priority "NORMAL:-VERS-ALL:+VERS-TLS$version"
		conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" 'auth external' 'timeout 20' "$@"
		chmod 600 "$T/rc"
		post --debug bob@example.org
		if [ "$want" = 0 ]; then smarthost_end; else smarthost_stop; fi
		status_is "$want" "$name, TLS $version: exit status $want"
		if grep -aqF -e "$PIN" -e "$WRONG" "$out" "$err"; then
			not_ok "$name, TLS $version: no PIN is shown"
		else
			ok "$name, TLS $version: no PIN is shown"
		fi
	done
}

# The sources, for a key FILE that is protected with $PIN
sources() {
	local kind=$1 key=$2
	by "$kind, password" 0 "$key" "password $PIN"
	by "$kind, password_file" 0 "$key" "password_file $T/pin"
	check "$kind, password_file: --debug names the source" \
		grep -q 'PIN or pass phrase of the key from: password_file' "$out" "$err"
	by "$kind, passwordeval" 0 "$key" "passwordeval cat $T/pin; echo >>$T/asked"
	is "$(wc -l <"$T/asked")" 2 "$kind, passwordeval: asked once for each session"
	rm "$T/asked"
	by "$kind, a wrong one" 78 "$key" "password $WRONG"
	said '^posthaste: TLS: the key in .* is protected and cannot be opened' "$kind, a wrong one: said so"
	said '^hint: The pass phrase or PIN is wrong; it was tried only once' "$kind, a wrong one: and how often"
	# GnuTLS asks for a PIN again until it gets none
	by "$kind, a wrong one from a command" 78 "$key" "passwordeval cat $T/wrong; echo >>$T/asked"
	is "$(wc -l <"$T/asked")" 2 "$kind, a wrong one from a command: asked once for each session"
	rm "$T/asked"
	by "$kind, none" 78 "$key" "keyring off" "netrc off"
	said "^posthaste: TLS: the key in .* is protected: no PIN or pass phrase for the key .* is configured" \
		"$kind, none: said so"
	by "$kind, a helper that fails" 75 "$key" "passwordeval false"
}
printf '%s\n' "$PIN" >"$T/pin"
printf '%s\n' "$WRONG" >"$T/wrong"
chmod 600 "$T/pin" "$T/wrong"

# ---- a file ----
command -v openssl >/dev/null || skip_all "openssl was not found; on Debian or Ubuntu: apt install openssl"
openssl pkcs8 -topk8 -in "$CA/client.key" -out "$T/locked.key" -passout "pass:$PIN" -v2 aes-256-cbc >"$T/log" 2>&1 ||
	bail "the key could not be encrypted: $(cat "$T/log")"
sources "an encrypted file" "tls_cert_file $CA/client.crt"$'\n'"tls_key_file $T/locked.key"
by "a key that needs no pass phrase" 0 "tls_cert_file $CA/client.crt" "tls_key_file $CA/client.key" "passwordeval false"

# ---- at a terminal, before the server is called ----
smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --client-ca "$CA/ca.crt" --require-client-cert \
	--auth EXTERNAL --require-auth
conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" 'auth external' "tls_cert_file $CA/client.crt" \
	"tls_key_file $T/locked.key"
on_terminal --input="$T/mail" --type="$PIN" --at='PIN or pass phrase of the key' \
	--before="wc -c <$T/transcript >$T/before" "$POSTHASTE" -C "$T/rc" bob@example.org
smarthost_end
status_is 0 "a terminal: exit status 0"
is "$(stored)" 1 "a terminal: the message arrived"
is "$(cat "$T/before")" 0 "a terminal: the server was not called before"

# ---- a token ----
lib=
for at in /usr/lib/softhsm /usr/lib/x86_64-linux-gnu/softhsm /usr/lib/*/softhsm /usr/lib64/pkcs11; do
	[ ! -e "$at/libsofthsm2.so" ] || lib=$at/libsofthsm2.so
done
if ! command -v softhsm2-util >/dev/null || ! command -v p11tool >/dev/null || [ -z "$lib" ]; then
	skip "softhsm2-util is missing; on Debian or Ubuntu: apt install softhsm2 gnutls-bin" "keys in a token"
	done_testing
	exit
fi
mkdir "$T/tokens"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$T/tokens" >"$T/softhsm.conf"
export SOFTHSM2_CONF=$T/softhsm.conf
{
	softhsm2-util --init-token --free --label posthaste --so-pin 87654321 --pin "$PIN" &&
		openssl pkcs8 -topk8 -nocrypt -in "$CA/client.key" -out "$T/plain.key" &&
		softhsm2-util --import "$T/plain.key" --token posthaste --label client --id 01 --pin "$PIN" &&
		p11tool --provider "$lib" --login --set-pin "$PIN" --write --load-certificate "$CA/client.crt" \
			--label client --id 01 'pkcs11:token=posthaste'
} >"$T/log" 2>&1 </dev/null || bail "the token could not be made: $(head -c 500 "$T/log")"
uri='pkcs11:token=posthaste;object=client'
cert="tls_cert_file $uri;type=cert"
if ! p11tool --list-tokens 2>/dev/null | grep -q 'token=posthaste'; then
	skip "p11-kit does not load SoftHSM here" "keys in a token"
	done_testing
	exit
fi
sources "a token" "$cert"$'\n'"tls_key_file $uri;type=private"
by "a token, the certificate from a file" 0 "tls_cert_file $CA/client.crt" \
	"tls_key_file $uri;type=private" "password $PIN"
printf '%s' "$PIN" >"$T/bare" # p11-kit would take a line end for a part of the PIN
by "a token, the PIN in a file that its address names" 0 "$cert" \
	"tls_key_file $uri;type=private?pin-source=$T/bare" "passwordeval false"
by "no such token" 78 "$cert" "tls_key_file pkcs11:token=nobody;object=client;type=private" "password $PIN"
by "a token, after all of them" 0 "$cert" "tls_key_file $uri;type=private" "password $PIN"
done_testing
