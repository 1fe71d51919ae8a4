#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Sessions that stay open (persist) with real servers: OpenSSL's and GnuTLS's
# TLS, whose session goes on in other processes; and a series of patches sent by
# git send-email over one login, in order.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need postfix exim dovecot
post_mail
postfix_start
exim_start
dovecot_start
post_secret PLAIN
[ -d "$T/run" ] || mkdir -m 700 "$T/run"
export XDG_RUNTIME_DIR=$T/run
settings=$XDG_CONFIG_HOME/posthaste
mkdir -p "$settings"

keepers() { pgrep -f -- "--keeper=$T/" | tr '\n' ' '; }
keeper_gone() { [ -z "$(keepers)" ]; }
# SIGTERM: they say goodbye
no_keeper() {
	local pids
	pids=$(keepers)
	# shellcheck disable=SC2086 # several
	[ -z "$pids" ] || kill $pids 2>/dev/null
	wait_until 5 keeper_gone
}
at_exit no_keeper

# account PORT on|off LINE...: the second is tls_starttls
account() {
	{
		printf 'account default\nhost localhost\nport %s\ndomain client.test\nfrom %s\nqueue off\npersist 60s\n' "$1" \
			"$POST_SENDER"
		printf 'tls on\ntls_starttls %s\ntls_trust_file %s\n' "$2" "$CA/ca.crt"
		printf 'auth plain\nuser %s\npassword_file %s\n' "$BED_USER" "$T/secret"
		[ $# -le 2 ] || printf '%s\n' "${@:3}"
	} >"$settings/config"
}

# keeps NAME BOX TRIPS MAIL-LINE: five messages, and all but the first need so many round trips
keeps() {
	local i name=$1 box=$2
	for i in 1 2 3 4 5; do
		delivered_clear "$box"
		run timeout -k 5 60 "$POSTHASTE" --json a@mail.test <"$T/mail"
		is "$status" 0 "$name, message $i"
		is "$(cat "$err")" '' "$name, message $i: nothing is said"
		[ "$i" = 1 ] || told '"round_trips":'"$3"'[,}]' "$name, message $i: $3 round trips"
		arrived "$box" "$T/mail.wire" "$4
RCPT TO:<a@mail.test>" "$name, message $i"
	done
	no_keeper
}
line=$(post_mail_line "$(post_size "$T/mail.wire")")
for version in '' ':-VERS-TLS1.3'; do
	tls=TLS1.3
	[ -z "$version" ] || tls=TLS1.2
	account "$POSTFIX_SMTPS" off "tls_priorities NORMAL$version"
	keeps "Postfix, $tls" "$POSTFIX_BOX" 1 "$line"
	account "$POSTFIX_SUBMISSION" on "tls_priorities NORMAL$version"
	keeps "Postfix, STARTTLS, $tls" "$POSTFIX_BOX" 1 "$line"
	account "$EXIM_SMTPS" off "tls_priorities NORMAL$version"
	keeps "Exim, $tls" "$EXIM_BOX" 1 "$line"
	account "$EXIM_SUBMISSION" on "tls_priorities NORMAL$version"
	keeps "Exim, STARTTLS, $tls" "$EXIM_BOX" 1 "$line"
	account "$DOVECOT_SMTPS" off "tls_priorities NORMAL$version"
	run timeout -k 5 60 "$POSTHASTE" --json a@mail.test <"$T/mail"
	run timeout -k 5 60 "$POSTHASTE" --json a@mail.test <"$T/mail"
	is "$status" 0 "Dovecot, $tls"
	told '"round_trips":1[,}]' "Dovecot, $tls: one round trip"
	no_keeper
done
unlike "$(bed_log exim)" 'synchronization error|protocol error|TLS error' "Exim saw no breach of protocol"
unlike "$(bed_log postfix)" 'TLS library problem|improper command pipelining' "neither did Postfix"

# ---- git send-email ----
if git send-email --dump-aliases >"$T/log" 2>&1 && perl -MMail::Address -e 1 >"$T/log" 2>&1; then
	mkdir -p "$T/bin"
	ln -s "$POSTHASTE" "$T/bin/sendmail"
	git init -q "$T/repo"
	cd "$T/repo" || bail "no repository"
	git config user.name 'Git User'
	git config user.email git@mail.test
	git config sendemail.smtpserver "$T/bin/sendmail"
	git config sendemail.confirm never
	for i in {0..40}; do
		echo "$i" >file
		git add file
		git commit -q -m "change $i"
	done
	logins() { bed_log postfix | grep -c ': connect from '; }
	# series NAME LOGINS
	series() {
		local before
		delivered_clear "$POSTFIX_BOX"
		before=$(logins)
		git send-email --to=a@mail.test --suppress-cc=all --envelope-sender=git@mail.test -40 >"$T/log" 2>&1 </dev/null
		is "$?" 0 "$1"
		is "$(delivered_count "$POSTFIX_BOX")" 40 "$1: forty messages"
		is "$(for id in $(delivered_ids "$POSTFIX_BOX"); do
			delivered_message "$POSTFIX_BOX" "$id" | sed -n 's/^Subject: .*change \([0-9]*\).*/\1/p' | tr -d '\r'
		done | xargs)" "$(echo {1..40})" "$1: in order"
		no_keeper
		is "$((($(logins) - before)))" "$2" "$1: connections"
	}
	account "$POSTFIX_SMTPS" off
	series "a series" 1
	account "$POSTFIX_SMTPS" off "max_messages_per_connection 10"
	series "a series with max_messages_per_connection" 4
else
	skip "git send-email is missing or incomplete; on Debian or Ubuntu: apt install git git-email libmailtools-perl" \
		"git send-email"
fi
done_testing
