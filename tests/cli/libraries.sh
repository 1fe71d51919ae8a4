#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Libraries that are loaded when they are needed: what happens if one cannot be
# loaded, as while a distribution replaces it, and what packagers read.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
sanitized && skip_all "the sanitizers need the libraries before the program does"
if ! grep -q '^#define LAZY_LIBRARIES 1' "$top_builddir/config.h"; then
	! "$top_builddir/config.status" --config | grep -qE -- '--(disable-lazy-libraries|enable-lazy-libraries=no)' ||
		skip_all "configured with --disable-lazy-libraries"
	grep -q '^READELF = .' "$top_builddir/Makefile" || skip_all "configure found no readelf, and linked the libraries"
	bail "configure did not find out the names of the libraries' files: see config.log"
fi
ca_need good

soname() { sed -n "s/^#define $1_SONAME \"\\(.*\\)\"$/\\1/p" "$top_builddir/config.h"; }

# without LIBRARY NAME RECIPIENT: the library's file is damaged
without() {
	local file
	file=$(soname "$1")
	mkdir -p "$T/$1"
	: >"$T/$1/$file"
	run env LD_LIBRARY_PATH="$T/$1" timeout -k 5 60 "$POSTHASTE" -C "$T/rc" "$3" <"$T/mail"
	status_is 71 "without $2: its exit status"
	like "$(cat "$T/err")" "$2 cannot be loaded: .*$file" "without $2: it says which file cannot be loaded, and why"
	like "$(cat "$T/err")" "Install the package that contains $file" "without $2: it says what to do"
	is "$(stored)" 0 "without $2: nothing was sent"
	smarthost_stop
}

safe() {
	smarthost_chunking --once "${connections:-1}" --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" \
		--auth PLAIN --user joe --password-file "$T/password"
	conf 'auth on' 'password correct-horse' 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" "$@"
	chmod 600 "$T/rc"
}
safe
without GNUTLS GnuTLS bob@example.org
safe
without GSASL libgsasl bob@example.org
smarthost_chunking
conf 'tls off' 'auth off'
without IDN2 libidn2 bob@bücher.example

# what may be queued is, until the library is there again
queue='auto\nqueue_autostart off'
connections=2 # the first is made before the library is needed
safe "queue_dir $T/queue"
run env LD_LIBRARY_PATH="$T/GNUTLS" timeout -k 5 60 "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail"
status_is 0 "without GnuTLS, with a queue: the message is queued"
is "$(stored)" 0 "without GnuTLS, with a queue: nothing was sent"
run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" --queue-run
status_is 0 "with GnuTLS again: the queue is worked through"
is "$(stored)" 1 "with GnuTLS again: the message is sent"
smarthost_stop

like "$(readelf -x .note.dlopen "$POSTHASTE" 2>&1)" 'libgnut' "the program says which libraries it loads"
done_testing
