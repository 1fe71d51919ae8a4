# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What checks access tokens: tokeninfo.py. Sourced by lib.sh, started by dovecot.
#
#   tokeninfo_start    TOKENINFO_PORT; $BED_TOKEN is $BED_USER's

tokeninfo_start() {
	[ -z "${TOKENINFO_PORT:-}" ] || return 0
	bed_launch tokeninfo
}

tokeninfo_configure() { :; }

tokeninfo_spawn() {
	"$BED_PYTHON" "$BED_LIB/tokeninfo.py" "$BED/tokeninfo/port" "$BED_USER" "$BED_TOKEN" \
		>"$BED/tokeninfo/tokeninfo.log" 2>&1 7>&- &
	bed_pid=$!
	TOKENINFO_PID=$bed_pid
}

tokeninfo_ready() {
	bed_wait "$TOKENINFO_PID" test -s "$BED/tokeninfo/port" && TOKENINFO_PORT=$(cat "$BED/tokeninfo/port")
}

tokeninfo_stop() {
	bed_end "$TOKENINFO_PID"
	TOKENINFO_PORT=
}
