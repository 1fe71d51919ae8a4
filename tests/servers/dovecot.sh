# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Dovecot 2.3 or 2.4: submission, LMTP, and the SASL of Postfix and Exim. Sourced
# by lib.sh. Starts capture and tokeninfo.py as well; after oauth_start that server
# says which access tokens are good. The two versions read
# different configurations: dovecot_23.sh and dovecot_24.sh.
#
#   dovecot_start
#
#   DOVECOT_VERSION     2.3 or 2.4
#   DOVECOT_MECHANISMS  those for the testbed's user by password or token, the
#                       best last but the OAuth ones
#   DOVECOT_BEST        what "auth on" must choose of them inside TLS
#   DOVECOT_SUBMISSION  STARTTLS. Shows AUTH before TLS as well, because it takes
#                       a client on its own address for safe: PLAIN LOGIN CRAM-MD5
#                       DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 OAUTHBEARER XOAUTH2
#                       (GSSAPI after kdc_start); 2.4 inside TLS also
#                       SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS. Shows DSN only after
#                       AUTH.
#                       EXTERNAL with the certificate "client" (user tester)
#   DOVECOT_SMTPS       the same with TLS from the first byte
#                       both pass mail on at once: when the client has its 250
#                       it is in $DOVECOT_BOX
#   DOVECOT_LMTP        a Unix socket: LMTP into maildirs; every user exists,
#                       full@mail.test is over quota after DATA (552 5.2.2)
#   dovecot_maildir USER   the box of a user for delivered_message & co
#   dovecot_logins      "MECHANISM USER" of every login at the submission ports
#   dovecot_login       checks the last of them
#
# Failed logins are neither delayed nor counted.

DOVECOT_OWNER=daemon
DOVECOT_LOGIN=nobody
DOVECOT_MAIL='mail'

# dovecot_series: the version of what is in the private root, as "2.4"
dovecot_series() {
	bed_run main "$BED_TREES/main/usr/sbin/dovecot" --version 2>/dev/null | sed -n 's/^\([0-9]*\.[0-9]*\)\..*/\1/p'
}

dovecot_start() {
	[ -z "${DOVECOT_PID:-}" ] || return 0
	DOVECOT_VERSION=$(dovecot_series)
	# shellcheck source=/dev/null
	. "$BED_LIB/dovecot_${DOVECOT_VERSION/./}.sh" || bail "Dovecot $DOVECOT_VERSION: no configuration"
	bed_certificates good client
	capture_start
	tokeninfo_start
	bed_launch dovecot
}

dovecot_configure() {
	local dir=$BED/dovecot
	bed_ports DOVECOT_SUBMISSION DOVECOT_SMTPS
	DOVECOT_BOX=$BED/capture/dovecot
	DOVECOT_LMTP=$dir/run/lmtp
	(
		umask 022
		mkdir "$dir/run" "$dir/state"
		install -d -o "$DOVECOT_MAIL" -m 755 "$dir/mail"

		# Fields of a passwd-file end at a colon; the password has none.
		printf '%s:{PLAIN}%s\n' "$BED_USER" "$BED_PASSWORD" >"$dir/users"
		printf 'full:::::%s::%s userdb_uid=%s userdb_gid=%s\n' \
			"$dir/mail/full" "$DOVECOT_TEN_OCTETS" "$DOVECOT_MAIL" "$DOVECOT_MAIL" >"$dir/overquota"
		dovecot_conf >"$dir/dovecot.conf"
		dovecot_oauth2_conf >"$dir/oauth2.conf"
	)
}


dovecot_spawn() {
	bed_environment=("LD_PRELOAD=$BED_TREES/redirect.so" "BED_ROOT=$BED_TREES/main"
		${KDC_CONFIG:+"KRB5_CONFIG=$KDC_CONFIG"})
	bed_exec main setsid "$BED_TREES/main/usr/sbin/dovecot" -F -c "$BED/dovecot/dovecot.conf" \
		>"$BED/dovecot/start.log" 2>&1 </dev/null &
	bed_pid=$!
	bed_environment=()
	DOVECOT_PID=$bed_pid
}

dovecot_ready() {
	bed_wait "$DOVECOT_PID" bed_greets "$DOVECOT_SUBMISSION" dovecot
}

dovecot_stop() {
	bed_end_group "$DOVECOT_PID"
	DOVECOT_PID=
}

dovecot_maildir() {
	printf '%s\n' "$BED/dovecot/mail/$1/mail"
}

dovecot_last_login() { dovecot_logins | tail -n 1; }
dovecot_last_is() { [ "$(dovecot_last_login)" = "$1" ]; }
# dovecot_login WANTED NAME: checks the last login, which Dovecot may log after its reply
dovecot_login() {
	wait_until 5 dovecot_last_is "$1"
	is "$(dovecot_last_login)" "$1" "$2"
}
dovecot_logins() {
	sed -n 's/.*submission-login: Info: Log[a-z ]*in: user=<\([^>]*\)>, method=\([^,]*\),.*/\2 \1/p' \
		"$BED/dovecot/dovecot.log"
}
