# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Real mail servers for tests, on loopback ports of their own, in a private
# folder, gone when the test ends. A test with them:
#
#	#!/usr/bin/env bash
#	# SPDX-License-Identifier: GPL-3.0-or-later
#	. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
#
#	bed_need postfix dovecot              # else skips the script (run by
#	                                      # scripts/test: fails), with the reason
#	postfix_start                         # returns when it answers
#	run "$POSTHASTE" --host=localhost --port="$POSTFIX_SUBMISSION" \
#		--tls-trust-file="$CA/ca.crt" --user="$BED_USER" ... <mail
#	is "$status" 0 "Postfix takes the mail"
#	delivered_message "$POSTFIX_BOX" latest >got
#	same_file got mail "octet for octet"
#	is "$(delivered_envelope "$POSTFIX_BOX" latest)" "MAIL FROM:<a@b> ..." "..."
#	done_testing
#
# bed_have SERVER... and bed_if FUNCTION SERVER... do the same for a part of a script.
#
# Starting this file sources tap.sh and ca.sh. Servers (each in NAME.sh, where
# its ports are described): capture, postfix, dovecot, exim, opensmtpd, kdc, cyrus, unbound, oauth.
# NAME_start and NAME_stop; a server starts what it leans on by itself.
#
# Who may log in: $BED_USER (tester) with $BED_PASSWORD, or with the access
# token $BED_TOKEN.
# Addresses with a fate, the same at every server:
#   refused@mail.test   550 5.1.1 to RCPT      busy@mail.test    450 4.2.1 to RCPT
#   spammer@mail.test   550 5.7.1 to MAIL      full@mail.test    552 5.2.2, LMTP only
# Anything else is taken.
#
# What was delivered (BOX is $POSTFIX_BOX, $EXIM_BOX, ...):
#   delivered_ids BOX                 the messages, oldest first, one a line
#   delivered_count BOX
#   delivered_wait BOX N              until N messages are there (10 s at most):
#                                     needed where the server queues, see there
#   delivered_message BOX ID|latest   what the client sent, CRLF: without the
#                                     trace fields the server put in front
#   delivered_raw BOX ID|latest       what the server passed on, as it is
#   delivered_envelope BOX ID|latest  MAIL and RCPT as the server received them
#   delivered_clear BOX               forget them
#   bed_log NAME                      the server's log on standard output
#
# Where the servers come from: scripts/install-deps unpacks them into a private
# root (see there); nothing is installed and no running mail server is touched.

. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99

BED_LIB=$top_srcdir/tests/servers
BED_PYTHON=/usr/bin/python3
BED_USER=tester
# Seldom characters: a search for it, or for its base64, finds it alone.
# shellcheck disable=SC2034
BED_PASSWORD='Canary+7f3a/x=Y&z'
# shellcheck disable=SC2034
BED_TOKEN='ya29.Canary-token_51c2/b+e=='

BED_TREES=${POSTHASTE_TESTBED:-/var/cache/posthaste-testbed}

# ---- what is here -----------------------------------------------------------------

# bed_missing NAME: prints why the server NAME cannot run; nothing when it can
bed_missing() {
	local program
	case $1 in
	postfix) program=main/usr/lib/postfix/sbin/master ;;
	cyrus) program=main/usr/sbin/saslpasswd2 ;;
	dovecot) program=main/usr/sbin/dovecot ;;
	exim) program=exim/usr/sbin/exim4 ;;
	opensmtpd) program=opensmtpd/usr/sbin/smtpd ;;
	kdc) program=main/usr/sbin/krb5kdc ;;
	cron) program=cron/usr/sbin/cron ;;
	unbound) program=main/usr/sbin/unbound ;;
	oauth) program=oauth/node_modules/oidc-provider/lib/index.js ;;
	nodemailer) program=nodemailer/node_modules/nodemailer/lib/nodemailer.js ;;
	symfony) program=php/usr/share/php/Symfony/Component/Mailer/autoload.php ;;
	capture) program= ;;
	*) echo "the testbed knows no server \"$1\"" && return ;;
	esac
	if [ ! -x "$BED_PYTHON" ]; then
		echo "$BED_PYTHON was not found; on Debian or Ubuntu: apt install python3"
	elif ! command -v certtool >/dev/null 2>&1; then
		echo "certtool was not found; on Debian or Ubuntu: apt install gnutls-bin"
	elif [[ $1 == oauth || $1 == nodemailer ]] && ! command -v node >/dev/null 2>&1; then
		echo "node was not found; on Debian or Ubuntu: apt install nodejs"
	elif [ "$1" = symfony ] && ! command -v php >/dev/null 2>&1; then
		echo "php was not found; on Debian or Ubuntu: apt install php-cli"
	elif [ -n "$program" ] && [ ! -e "$BED_TREES/$program" ]; then
		echo "$1 is not in $BED_TREES; scripts/install-deps servers puts it there"
	elif [ "$1" = dovecot ] && [ ! -e "$BED_TREES/redirect.so" ]; then
		echo "$BED_TREES/redirect.so is missing; scripts/install-deps servers makes it"
	elif [ "$1" = dovecot ] && [[ $(dovecot_series) != 2.[34] ]]; then
		echo "the testbed's configurations are for Dovecot 2.3 and 2.4, and $BED_TREES has another"
	elif [ -n "$program" ] && [[ $1 != oauth && $1 != nodemailer && $1 != symfony ]] && [ "$(id -u)" != 0 ]; then
		echo "$1 changes its user id, so it has to be started by root"
	elif [ "$1" = unbound ] && ! command -v ldns-signzone >/dev/null 2>&1; then
		echo "ldns-signzone was not found; on Debian or Ubuntu: apt install ldnsutils"
	elif [[ $1 == opensmtpd || $1 == cron ]] && ! "$OWN_MOUNTS" true 2>/dev/null; then
		echo "$1 needs mounts of its own, which this machine or container does not allow: $("$OWN_MOUNTS" true 2>&1)"
	fi
}

# scripts/test has brought the servers: there one that is missing is a failure.
bed_required() { [ "${POSTHASTE_TEST_SERVERS:-}" = required ]; }

bed_need() {
	local name reason
	for name in "$@"; do
		reason=$(bed_missing "$name")
		[ -n "$reason" ] || continue
		if bed_required; then bail "$reason"; else skip_all "$reason"; fi
	done
}

# bed_have SERVER...: can they run? If not, that is reported.
bed_have() {
	local name reason
	for name in "$@"; do
		reason=$(bed_missing "$name")
		[ -n "$reason" ] || continue
		if bed_required; then not_ok "what needs $name" "$reason"; else skip "$reason" "what needs $name"; fi
		return 1
	done
}

bed_if() {
	local function=$1
	shift
	if bed_have "$@"; then "$function"; fi
}

# bed_started NAME: scripts/test prints which servers a run has really started
bed_started() {
	local package=$1 title=$1 version
	case $1 in
	postfix) title=Postfix ;;
	dovecot) title=Dovecot package=dovecot-core ;;
	exim) title=Exim package=exim4-daemon-heavy ;;
	opensmtpd) title=OpenSMTPD ;;
	unbound) title=Unbound ;;
	cron) ;;
	*) return 0 ;; # a helper of these
	esac
	version=$(sed -n "s/^$package //p" "$BED_TREES/versions" 2>/dev/null)
	[ -z "${POSTHASTE_TEST_STARTED:-}" ] || printf '%s %s\n' "$title" "$version" >>"$POSTHASTE_TEST_STARTED"
}

# ---- the private folder ---------------------------------------------------------------

# The servers' unprivileged processes must reach it, and the names of Unix
# sockets are short: so it is not below $T, and 711.
bed_dir() {
	BED=$(mktemp -d /tmp/posthaste-bed.XXXXXX) || bail "no private folder could be made below /tmp"
	chmod 711 "$BED"
	at_exit bed_remove
}

bed_remove() {
	if [ -n "${KEEP:-}" ]; then note "kept: $BED"; else rm -rf -- "$BED"; fi
	rm -f -- "${BED_PORT_LOCKS[@]}"
}

# One library path for all: the trees hold only what this machine lacks.
bed_library_path() {
	local tree dir path=
	for tree in "$BED_TREES/${1:-main}" "$BED_TREES/main"; do
		for dir in "$tree"/usr/lib/{dovecot,dovecot/modules/old-stats,postfix} \
			"$tree"/usr/lib/*-linux-* "$tree"/lib/*-linux-* "$tree"/usr/lib; do
			if [ -d "$dir" ]; then path+=$dir:; fi
		done
	done
	echo "${path%:}"
}

# bed_run TREE CMD...: runs a program of a tree with that tree's libraries and
# an environment that is ours alone. Files it makes are for everyone to read.
bed_run() {
	( bed_exec "$@" )
}

# The same in place of the calling shell: "bed_exec main ... &" makes $! the
# server itself.
bed_exec() {
	local tree=$1
	shift
	umask 022
	exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		LD_LIBRARY_PATH="$(bed_library_path "$tree")" "${bed_environment[@]}" "$@" 7>&-
}
bed_environment=()

# bed_certificates NAME...: as ca_need, and copies that the servers can read:
# $CA itself lies in $T, which is closed to them.
bed_certificates() {
	ca_need "$@"
	CA_PUBLIC=$BED/ca
	[ -d "$CA_PUBLIC" ] || mkdir -m 755 "$CA_PUBLIC"
	install -m 644 "$CA"/*.crt "$CA"/*.key "$CA"/*.pem "$CA_PUBLIC"
}

# bed_users DIR "NAME LIKE"...: a passwd and a group file that know NAME too, with
# the ids of the existing user LIKE
bed_users() {
	local dir=$1 pair name like
	shift
	for pair in "$@"; do
		name=${pair% *} like=${pair#* }
		printf '%s:x:%d:%d::/nonexistent:/bin/false\n' "$name" "$(id -u "$like")" "$(id -g "$like")" >>"$dir/passwd"
		printf '%s:x:%d:\n' "$name" "$(id -g "$like")" >>"$dir/group"
	done
	cat /etc/passwd >>"$dir/passwd"
	cat /etc/group >>"$dir/group"
	chmod 644 "$dir/passwd" "$dir/group"
}

# bed_wrap_users DIR: the next bed_exec sees those
bed_wrap_users() {
	bed_environment=("LD_PRELOAD=$(echo "$BED_TREES"/main/usr/lib/*/libnss_wrapper.so)"
		"NSS_WRAPPER_PASSWD=$1/passwd" "NSS_WRAPPER_GROUP=$1/group")
}

# ---- ports ----------------------------------------------------------------------------

# Below the kernel's range for outgoing connections, so none of those takes one
# between the choice and the server's bind. A link naming this process keeps
# other tests off it; a dead process's link is void.
BED_PORT_LOCKS=()

# bed_ports NAME...: sets each variable to a port that nobody uses
bed_ports() {
	local name port lock owner locks=/tmp/posthaste-ports-$UID tries=0
	mkdir -m 700 "$locks" 2>/dev/null
	if [ ! -O "$locks" ] || [ -L "$locks" ]; then bail "$locks belongs to somebody else"; fi
	for name in "$@"; do
		while :; do
			tries=$((tries + 1))
			[ "$tries" -lt 1000 ] || bail "no free loopback port was found"
			port=$((12000 + (RANDOM * 32768 + RANDOM) % 19000))
			lock=$locks/$port
			owner=$(readlink "$lock") && ! kill -0 "$owner" 2>/dev/null && rm -f "$lock"
			ln -s $$ "$lock" 2>/dev/null || continue
			BED_PORT_LOCKS+=("$lock")
			bed_connects "$port" || break
		done
		printf -v "$name" %d "$port"
	done
}

# shellcheck disable=SC2188
bed_connects() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# bed_greets PORT NAME: the server there greets as NAME.bed.test. Whoever else
# might have taken the port does not.
bed_greets() {
	local line=
	{
		exec 3<>"/dev/tcp/127.0.0.1/$1" && read -r -t 5 -u 3 line
		exec 3>&-
	} 2>/dev/null
	[[ $line == 220*" $2.bed.test"* ]]
}

# bed_wait PID CMD...: until CMD succeeds; fails when PID has ended before
bed_wait() {
	bed_wait_step() {
		if "${@:2}"; then return 0; fi
		! kill -0 "$1" 2>/dev/null
	}
	wait_until 10 bed_wait_step "$@" && "${@:2}" && kill -0 "$1" 2>/dev/null
}

# bed_launch NAME: calls NAME_configure and NAME_spawn (which sets bed_pid) and
# NAME_ready; begins again with other ports when the server does not come up.
bed_launch() {
	local name=$1 try
	for try in 1 2 3; do
		rm -rf -- "${BED:?}/$name"
		mkdir -m 755 "$BED/$name"
		"${name}_configure" || bail "$name could not be configured"
		"${name}_spawn"
		if "${name}_ready"; then
			bed_started "$name"
			at_exit "${name}_stop"
			return 0
		fi
		kill "$bed_pid" 2>/dev/null
		wait "$bed_pid" 2>/dev/null
	done
	note "$(bed_log "$name" 2>&1 | tail -n 30)"
	bail "$name did not come up in $try tries"
}

# bed_end PID: ends a server and waits for it
bed_end() {
	[ -n "$1" ] || return 0
	kill "$1" 2>/dev/null
	wait_until 3 tap_all_gone "$1" || kill -9 "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# bed_end_group PID: ends a server and its children at once. For those with
# nothing to save that would take their time.
bed_end_group() {
	[ -n "$1" ] || return 0
	kill -9 -- "-$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

bed_log() {
	find "$BED/$1" -name '*.log' -exec cat {} +
}

# ---- what was delivered ------------------------------------------------------------------

delivered_ids() { "$BED_PYTHON" "$BED_LIB/delivered.py" ids "$1"; }
delivered_count() { delivered_ids "$1" | wc -l; }
delivered_message() { "$BED_PYTHON" "$BED_LIB/delivered.py" message "$1" "$2"; }
delivered_raw() { "$BED_PYTHON" "$BED_LIB/delivered.py" raw "$1" "$2"; }
delivered_envelope() { "$BED_PYTHON" "$BED_LIB/delivered.py" envelope "$1" "$2"; }
delivered_enough() { [ "$(delivered_count "$1")" -ge "$2" ]; }
delivered_wait() { wait_until 10 delivered_enough "$1" "$2"; }
delivered_clear() { rm -f -- "$1"/*.env "$1"/*.msg "$1"/*.exim "$1"/new/*; }

bed_dir
for bed_file in capture tokeninfo postfix dovecot exim opensmtpd kdc cyrus unbound oauth/servers; do
	. "$BED_LIB/$bed_file.sh" || exit 99
done
