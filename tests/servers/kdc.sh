# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# A Kerberos realm, so that Postfix (by Dovecot and by Cyrus), Dovecot and Exim
# offer GSSAPI. Sourced by lib.sh.
#
#   kdc_start    before the servers that shall use it. Sets KDC_REALM, and for
#                the programs of the test KRB5_CONFIG and KRB5CCNAME (empty yet)
#   kdc_login    gets $BED_USER's ticket into KRB5CCNAME
#   kdc_logout   takes it away
#
# The services are smtp/localhost and smtp/mail.test.

kdc_start() {
	bed_launch kdc
}

kdc_run() {
	bed_environment=("KRB5_CONFIG=$KDC_CONFIG" "KRB5_KDC_PROFILE=$BED/kdc/kdc.conf")
	bed_run main "$@"
	local status=$?
	bed_environment=()
	return "$status"
}

kdc_configure() {
	local dir=$BED/kdc sbin=$BED_TREES/main/usr/sbin name
	bed_ports KDC_PORT
	KDC_REALM=MAIL.TEST
	KDC_CONFIG=$dir/krb5.conf
	KDC_KEYTAB=$dir/keytab
	(
		umask 022
		kdc_conf
		kdc_run "$sbin/kdb5_util" -r "$KDC_REALM" create -s -W -P master || exit 1
		{
			printf 'addprinc -pw "%s" %s\n' "$BED_PASSWORD" "$BED_USER"
			for name in localhost mail.test; do
				printf 'addprinc -randkey smtp/%s\nktadd -k %s smtp/%s\n' "$name" "$KDC_KEYTAB" "$name"
			done
		} | kdc_run "$sbin/kadmin.local" -r "$KDC_REALM" || exit 1
		chmod 644 "$KDC_KEYTAB"
	) >"$dir/setup.log" 2>&1 || return 1
	KRB5_CONFIG=$KDC_CONFIG
	KRB5CCNAME=FILE:$T/ccache
	export KRB5_CONFIG KRB5CCNAME
}

kdc_conf() {
	cat >"$dir/krb5.conf" <<-END
	[libdefaults]
	  default_realm = $KDC_REALM
	  dns_lookup_kdc = false
	  dns_lookup_realm = false
	  dns_canonicalize_hostname = false
	  rdns = false
	  udp_preference_limit = 1
	  ignore_acceptor_hostname = true
	[realms]
	  $KDC_REALM = {
	    kdc = 127.0.0.1:$KDC_PORT
	  }
	[domain_realm]
	  localhost = $KDC_REALM
	  .test = $KDC_REALM
	[plugins]
	  # Mail users have no home on this machine to keep a .k5login in.
	  kuserok = {
	    disable = k5login
	  }
	[dbmodules]
	  db_module_dir = $(echo "$BED_TREES"/main/usr/lib/*/krb5/plugins/kdb)
	END
	cat >"$dir/kdc.conf" <<-END
	[kdcdefaults]
	  kdc_listen = 127.0.0.1:$KDC_PORT
	  kdc_tcp_listen = 127.0.0.1:$KDC_PORT
	[realms]
	  $KDC_REALM = {
	    database_name = $dir/principal
	    key_stash_file = $dir/stash
	    acl_file = $dir/acl
	  }
	[logging]
	  kdc = FILE:$dir/kdc.log
	END
}

kdc_spawn() {
	bed_environment=("KRB5_CONFIG=$KDC_CONFIG" "KRB5_KDC_PROFILE=$BED/kdc/kdc.conf")
	bed_exec main setsid "$BED_TREES/main/usr/sbin/krb5kdc" -n >"$BED/kdc/start.log" 2>&1 </dev/null &
	bed_pid=$!
	bed_environment=()
	KDC_PID=$bed_pid
}

kdc_ready() {
	bed_wait "$KDC_PID" bed_connects "$KDC_PORT"
}

kdc_stop() {
	bed_end_group "$KDC_PID"
	KDC_PID=
	KDC_REALM=
}

kdc_login() {
	# Debian 13 has it under the name that the alternatives system links to.
	local kinit=$BED_TREES/main/usr/bin/kinit
	[ -e "$kinit" ] || kinit=$kinit.mit
	printf '%s\n' "$BED_PASSWORD" | env LD_LIBRARY_PATH="$(bed_library_path main)" \
		"$kinit" "$BED_USER" >"$BED/kdc/kinit.log" 2>&1
}

kdc_logout() {
	rm -f -- "${KRB5CCNAME#FILE:}"
}
