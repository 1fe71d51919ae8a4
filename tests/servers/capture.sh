# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The end of the line: capture.py after Postfix and Dovecot. Sourced by lib.sh.
#
#   capture_start      CAPTURE_POSTFIX CAPTURE_QUEUE CAPTURE_OPENSMTPD
#                      CAPTURE_DOVECOT: ports;
#                      boxes are $BED/capture/{postfix,queue,opensmtpd,dovecot}

capture_boxes=(postfix queue opensmtpd dovecot)

capture_start() {
	[ -z "${CAPTURE_POSTFIX:-}" ] || return 0
	bed_launch capture
}

capture_configure() { :; }

capture_spawn() {
	"$BED_PYTHON" "$BED_LIB/capture.py" "$BED/capture" "${capture_boxes[@]}" >"$BED/capture/capture.log" 2>&1 7>&- &
	bed_pid=$!
	CAPTURE_PID=$bed_pid
}

capture_ready() {
	bed_wait "$CAPTURE_PID" test -s "$BED/capture/${capture_boxes[-1]}/port" || return 1
	CAPTURE_POSTFIX=$(cat "$BED/capture/postfix/port") &&
		CAPTURE_QUEUE=$(cat "$BED/capture/queue/port") &&
		CAPTURE_OPENSMTPD=$(cat "$BED/capture/opensmtpd/port") &&
		CAPTURE_DOVECOT=$(cat "$BED/capture/dovecot/port")
}

capture_stop() {
	bed_end "$CAPTURE_PID"
	CAPTURE_POSTFIX=
}
