# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Dovecot 2.3: submission, LMTP, and the SASL of Postfix and Exim. Sourced by
# lib.sh. Starts capture and tokeninfo.py as well.
#
#   dovecot_start
#
#   DOVECOT_SUBMISSION  STARTTLS. Shows AUTH before TLS as well, because it takes
#                       a client on its own address for safe: PLAIN LOGIN CRAM-MD5
#                       DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 OAUTHBEARER XOAUTH2
#                       (GSSAPI after kdc_start). Shows DSN only after AUTH.
#                       EXTERNAL with the certificate "client" (user tester)
#   DOVECOT_SMTPS       the same with TLS from the first byte
#                       both pass mail on at once: when the client has its 250
#                       it is in $DOVECOT_BOX
#   DOVECOT_LMTP        a Unix socket: LMTP into maildirs; every user exists,
#                       full@mail.test is over quota after DATA (552 5.2.2)
#   dovecot_maildir USER   the box of a user for delivered_message & co
#   dovecot_logins      "MECHANISM USER" of every login at the submission ports
#
# Failed logins are neither delayed nor counted.

DOVECOT_OWNER=daemon
DOVECOT_LOGIN=nobody
DOVECOT_MAIL='mail'

dovecot_start() {
	[ -z "${DOVECOT_PID:-}" ] || return 0
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
		printf 'full:::::%s::userdb_quota_rule=*:bytes=10 userdb_uid=%s userdb_gid=%s\n' \
			"$dir/mail/full" "$DOVECOT_MAIL" "$DOVECOT_MAIL" >"$dir/overquota"
		dovecot_conf >"$dir/dovecot.conf"
		dovecot_oauth2_conf >"$dir/oauth2.conf"
	)
}


dovecot_conf() {
	local dir=$BED/dovecot tree=$BED_TREES/main kerberos=
	if [ -n "${KDC_REALM:-}" ]; then
		# The quotes are part of the value, lest Dovecot look for a variable.
		kerberos="auth_krb5_keytab = $KDC_KEYTAB"$'\n''auth_gssapi_hostname = "$ALL"'
	fi
	cat <<-END
	base_dir = $dir/run
	state_dir = $dir/state
	libexec_dir = $tree/usr/lib/dovecot
	mail_plugin_dir = $tree/usr/lib/dovecot/modules
	import_environment = LD_LIBRARY_PATH LD_PRELOAD BED_ROOT KRB5_CONFIG
	log_path = $dir/dovecot.log
	auth_verbose = yes
	default_internal_user = $DOVECOT_OWNER
	default_internal_group = $DOVECOT_OWNER
	default_login_user = $DOVECOT_LOGIN
	first_valid_uid = 1
	first_valid_gid = 1
	hostname = dovecot.bed.test
	protocols = submission lmtp
	listen = 127.0.0.1

	ssl = required
	ssl_cert = <$CA_PUBLIC/good.crt
	ssl_key = <$CA_PUBLIC/good.key
	ssl_ca = <$CA_PUBLIC/ca.crt
	ssl_verify_client_cert = yes
	ssl_require_crl = no
	auth_ssl_username_from_cert = yes

	auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2 external${KDC_REALM:+ gssapi}
	auth_failure_delay = 0
	auth_username_format = %n
	disable_plaintext_auth = yes
	$kerberos
	passdb {
	  driver = static
	  mechanisms = external
	  args = nopassword=yes
	}
	passdb {
	  driver = oauth2
	  mechanisms = xoauth2 oauthbearer
	  args = $dir/oauth2.conf
	}
	passdb {
	  driver = passwd-file
	  args = $dir/users
	}
	userdb {
	  driver = passwd-file
	  args = $dir/overquota
	}
	userdb {
	  driver = static
	  args = uid=$DOVECOT_MAIL gid=$DOVECOT_MAIL home=$dir/mail/%n allow_all_users=yes
	}

	submission_relay_host = 127.0.0.1
	submission_relay_port = $CAPTURE_DOVECOT
	submission_relay_ssl = no
	service submission-login {
	  inet_listener submission {
	    port = $DOVECOT_SUBMISSION
	  }
	  inet_listener submissions {
	    port = $DOVECOT_SMTPS
	    ssl = yes
	  }
	}
	service lmtp {
	  user = $DOVECOT_MAIL
	  unix_listener lmtp {
	    mode = 0666
	  }
	}
	service auth {
	  unix_listener postfix-auth {
	    mode = 0666
	  }
	}
	service anvil {
	  # Without this socket nobody counts the failed logins of an address.
	  unix_listener anvil-auth-penalty {
	    mode = 0
	  }
	}

	mail_location = maildir:~/mail
	mail_save_crlf = yes
	protocol lmtp {
	  mail_plugins = quota
	}
	plugin {
	  quota = count:User quota
	  quota_vsizes = yes
	}
	END
}

dovecot_oauth2_conf() {
	cat <<-END
	tokeninfo_url = http://127.0.0.1:$TOKENINFO_PORT/tokeninfo?access_token=
	username_attribute = username
	END
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

dovecot_logins() {
	sed -n 's/.*submission-login: Info: Login: user=<\([^>]*\)>, method=\([^,]*\),.*/\2 \1/p' "$BED/dovecot/dovecot.log"
}
