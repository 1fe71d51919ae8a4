# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Logins decided by Cyrus SASL's library alone, which has channel binding where
# Postfix does not pass it on. Sourced by lib.sh.
#
#   cyrus_start     CYRUS_SMTPS: TLS 1.2 from the first byte, SCRAM-SHA-1,
#                   SCRAM-SHA-256 and SCRAM-SHA-512 with and without -PLUS, PLAIN
#                   CYRUS_PLAIN: the same without TLS, so without -PLUS
#   cyrus_logins    "MECHANISM USER" of every login, "refused MECHANISM" of others

cyrus_start() {
	bed_certificates good
	bed_launch cyrus
}

cyrus_configure() {
	local dir=$BED/cyrus
	cat >"$dir/bed.conf" <<-END
	pwcheck_method: auxprop
	auxprop_plugin: sasldb
	sasldb_path: $dir/sasldb2
	mech_list: PLAIN SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512
	END
	bed_environment=("SASL_PATH=$(echo "$BED_TREES"/main/usr/lib/*/sasl2)")
	printf %s "$BED_PASSWORD" | bed_run main "$BED_TREES/main/usr/sbin/saslpasswd2" \
		-p -c -f "$dir/sasldb2" -u mail.test "$BED_USER" >>"$dir/cyrus.log" 2>&1
	local status=$?
	bed_environment=()
	return "$status"
}

# shellcheck disable=SC2034 # for bed_exec
# cyrus_begin NAME CERTIFICATE KEY
cyrus_begin() {
	bed_environment=("SASL_PATH=$(echo "$BED_TREES"/main/usr/lib/*/sasl2)")
	bed_exec main "$BED_PYTHON" "$BED_LIB/cyrus_smtp.py" libsasl2.so.2 "$BED/cyrus" "$2" "$3" "$BED/cyrus/$1" \
		>>"$BED/cyrus/cyrus.log" 2>&1 </dev/null &
	bed_pid=$!
	bed_environment=()
}

cyrus_spawn() {
	cyrus_begin plain plain -
	CYRUS_PIDS=$bed_pid
	cyrus_begin smtps "$CA_PUBLIC/good.crt" "$CA_PUBLIC/good.key"
	CYRUS_PIDS+=" $bed_pid"
}

# shellcheck disable=SC2034 # for the tests
cyrus_ready() {
	bed_wait "${CYRUS_PIDS% *}" test -s "$BED/cyrus/plain" && bed_wait "${CYRUS_PIDS#* }" test -s "$BED/cyrus/smtps" &&
		CYRUS_PLAIN=$(cat "$BED/cyrus/plain") && CYRUS_SMTPS=$(cat "$BED/cyrus/smtps")
}

cyrus_stop() {
	local pid
	for pid in $CYRUS_PIDS; do bed_end "$pid"; done
	CYRUS_PIDS=
}

cyrus_logins() { sed -n 's/^\(\(refused \)\{0,1\}[A-Z0-9-]*\( [a-z]*\)\{0,1\}\)$/\1/p' "$BED/cyrus/cyrus.log"; }
