# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# OpenSMTPD 6.8 of Debian 12, in clear text (its TLS does not work with that
# OpenSSL). A plain old server: no PIPELINING, CHUNKING, SMTPUTF8. Sourced by
# lib.sh. Starts capture as well.
#
#   opensmtpd_start    OPENSMTPD_PLAIN: takes mail from anyone, without AUTH
#
# The fates of addresses: 550 (without an enhanced code) to RCPT, also for the
# sender that is refused; no recipient is "busy".
#
# It relays to capture.py after its 250: use delivered_wait "$OPENSMTPD_BOX" N.
# Its relaying is part of what is captured: MAIL and RCPT are its own.
#
# Its spool, its chroot folder and its control socket are compiled in. It runs in
# a mount namespace where those are private; where that is not allowed (a
# container without CAP_SYS_ADMIN) it is missing.

opensmtpd_start() {
	capture_start
	bed_launch opensmtpd
}

opensmtpd_configure() {
	local dir=$BED/opensmtpd
	bed_ports OPENSMTPD_PLAIN
	# shellcheck disable=SC2034
	OPENSMTPD_BOX=$BED/capture/opensmtpd
	bed_users "$dir" "opensmtpd uucp" "opensmtpq news"
	(
		umask 022
		mkdir "$dir/libexec"
		cat >"$dir/smtpd.conf" <<-END
		listen on 127.0.0.1 port $OPENSMTPD_PLAIN hostname smtpd.bed.test
		table spammers { "spammer@mail.test" }
		table refused { "refused@mail.test" }
		action "capture" relay host "smtp://127.0.0.1:$CAPTURE_OPENSMTPD" helo smtpd.bed.test
		match from any mail-from <spammers> for any reject
		match from any for any rcpt-to <refused> reject
		match from any for any action "capture"
		END
	)
}

opensmtpd_spawn() {
	bed_wrap_users "$BED/opensmtpd"
	# shellcheck disable=SC2016
	bed_exec opensmtpd "$OWN_MOUNTS" setsid sh -eu -c '
		for folder in /var/spool /var/lib /run; do
			mount -t tmpfs -o mode=755 none "$folder"
		done
		mkdir -m 711 /var/spool/smtpd
		mkdir -p -m 755 /var/lib/opensmtpd/empty
		exec "$1" -d -f "$2"' sh "$BED_TREES/opensmtpd/usr/sbin/smtpd" "$BED/opensmtpd/smtpd.conf" \
		>"$BED/opensmtpd/smtpd.log" 2>&1 </dev/null &
	bed_pid=$!
	bed_environment=()
	OPENSMTPD_PID=$bed_pid
}

opensmtpd_ready() {
	bed_wait "$OPENSMTPD_PID" bed_greets "$OPENSMTPD_PLAIN" smtpd
}

opensmtpd_stop() {
	bed_end_group "$OPENSMTPD_PID"
	OPENSMTPD_PID=
}
