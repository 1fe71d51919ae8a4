#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a submission may cost, counted where counting is exact: the shared objects
# that are mapped, the system calls of our own, the instructions, and that nothing
# is started.  Times and memory are not checked here.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
linux_features || skip_all "the counts are those of a build that uses what only Linux has"
sanitized && skip_all "sanitizers bring libraries, threads and system calls of their own"
ca_need good unknown
queue=auto # as it is where nothing is said; there is no queue yet
# From our first system call to the last, but those that depend on others; 58 or 59 here.  Two are for the name in EHLO
# (domain auto): uname, and getsockname where that is not a full name.
OWN_CALLS=60
INSTRUCTIONS=21000000 # 16 million here
PLAIN_INSTRUCTIONS=3200000 # without TLS: 1.5 million here
lazy=$(grep '^#define LAZY_LIBRARIES 1' "$top_builddir/config.h")
others='poll\(|recvfrom\(|brk\(|futex\(|resumed|\+\+\+'

# A bundle of the usual size: whatever is smaller is loaded whole.
for _ in $(seq 200); do cat "$CA/other.crt"; done >"$T/bundle"
cat "$CA/ca.crt" >>"$T/bundle"

begin() {
	smarthost_chunking --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth "$1" --user joe \
		--password-file "$T/password"
	conf 'auth on' 'password correct-horse' 'tls on' 'tls_starttls off' "tls_trust_file $T/bundle"
	chmod 600 "$T/rc"
}

# loading ARGUMENT...: post; in $T/objects the names of all objects mapped, in $T/asked of those we are linked with or
# load ourselves
loading() {
	rm -f "$T"/ld.*
	LD_DEBUG=files LD_DEBUG_OUTPUT=$T/ld post "$@"
	cat "$T"/ld.* 2>/dev/null >"$T/linker"
	sed -n 's/.*file=\([^ ]*\) .*generating link map.*/\1/p' "$T/linker" | sed 's,.*/,,' | sort -u >"$T/objects"
	grep -E '(needed|dynamically loaded) by [^ ]*/posthaste ' "$T/linker" | sed 's/.*file=//; s/ .*//; s,.*/,,' |
		sort -u >"$T/asked"
}
# light NAME: it loads what it is linked with, and nothing when it runs
light() {
	loading bob@example.org
	status_is 0 "$1"
	[ -z "$lazy" ] || is "$(grep -vE '^(libnettle|libintl|libdl|libpthread|libresolv|libc|ld-)' "$T/objects")" '' \
		"$1: it maps nettle and the C library only"
	note "$1: shared objects: $(grep -vcE '^ld-' "$T/objects")"
}

# ---- shared objects ----
begin PLAIN
loading bob@example.org
smarthost_end
status_is 0 "the common path: one message over TLS, with AUTH PLAIN and CHUNKING"
no_violation "the dialogue was correct"
if [ -s "$T/objects" ]; then
	is "$(grep -vE '^(libgnutls|libgsasl|libidn2|libnettle|libintl|libdl|libpthread|libresolv|libc|ld-)' "$T/asked")" \
		"" "it maps GnuTLS, libgsasl, libidn2, nettle and what they need, and nothing else"
	unlike "$(cat "$T/objects")" 'libglib|libsecret|libdbus|libcurl|libunbound|libkrb5|libgssapi|libnss_' \
		"no libraries of the desktop, of the helpers, of Kerberos or of name services"
	note "shared objects: $(grep -vcE '^ld-' "$T/objects")"
	begin SCRAM-SHA-256
	loading bob@example.org
	smarthost_end
	status_is 0 "SCRAM-SHA-256"
	unlike "$(cat "$T/objects")" 'libkrb5|libgssapi' "SCRAM does not load Kerberos"
	smarthost_chunking
	conf 'tls off' 'auth off'
	light "a session without TLS and login"
	smarthost_end
	begin PLAIN
	printf 'persist 60s\n' >>"$T/rc"
	[ -d "$T/run" ] || mkdir -m 700 "$T/run"
	export XDG_RUNTIME_DIR=$T/run
	post bob@example.org
	light "a session that is open already, with TLS and login"
	keeper=$(pgrep -f -- "--keeper=$T/")
	[ -z "$keeper" ] || kill "$keeper"
	smarthost_stop
	unset XDG_RUNTIME_DIR
else
	skip "the dynamic linker does not say what it maps" "shared objects"
fi
case "$(getconf GNU_LIBC_VERSION 2>/dev/null)" in
'glibc 2.'[0-2]* | 'glibc 2.3' | 'glibc 2.3'[0-3] | '')
	skip "the resolver's functions are not in this libc" "libresolv"
	;;
*) unlike "$(ldd "$POSTHASTE")" 'libresolv' "libresolv is not linked" ;;
esac

# ---- system calls ----
if ! command -v strace >/dev/null; then
	skip "strace is missing (Debian: apt install strace)" "system calls"
elif ! strace -o "$T/probe" true 2>/dev/null; then
	skip "this system forbids strace" "system calls"
else
	begin PLAIN
	# libraries that are there already cost no system calls when they are asked for
	preload=$(sed -n 's/^#define [A-Z0-9]*_SONAME "\(.*\)"$/\1/p' "$top_builddir/config.h" | paste -sd:)
	run timeout -k 5 60 strace -f -E LD_PRELOAD="$preload" -o "$T/calls" "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail"
	smarthost_end
	status_is 0 "the common path, traced"
	is "$(grep -cE ' (clone|clone3|fork|vfork)\(' "$T/calls")" 0 "it starts neither thread nor process"
	is "$(grep -cE 'connect\(|socket\(' "$T/calls")" 2 "it makes one socket and one connection"
	like "$(grep -nE 'connect\(|bundle' "$T/calls" | head -n 1)" 'connect\(' "it connects before it opens the CAs"
	own=$(sed -n '/PR_SET_DUMPABLE/,$p' "$T/calls" | grep -cvE "$others")
	note "system calls: $own of our own, $(grep -cvE 'resumed|\+\+\+' "$T/calls") in all"
	check "its own system calls are at most $OWN_CALLS" [ "$own" -le "$OWN_CALLS" ]
fi

# ---- instructions ----
if ! command -v valgrind >/dev/null; then
	skip "valgrind is missing (Debian: apt install valgrind)" "instructions"
else
	# counted NAME LIMIT: a message, and what it costs
	counted() {
		run timeout -k 5 300 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$POSTHASTE" -C "$T/rc" \
			bob@example.org <"$T/mail"
		smarthost_end
		status_is 0 "$1, counted"
		count=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$T/err")
		note "$1: instructions: ${count:-unknown}"
		check "$1: at most $2 instructions" [ "${count:-$(($2 + 1))}" -le "$2" ]
	}
	begin PLAIN
	counted "the common path" "$INSTRUCTIONS"
	smarthost_chunking
	conf 'tls off' 'auth off'
	[ -z "$lazy" ] || counted "a session without TLS and login" "$PLAIN_INSTRUCTIONS"
	smarthost_stop
fi
done_testing
