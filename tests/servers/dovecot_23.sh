# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The configuration of Dovecot 2.3 (Debian 12). Sourced by dovecot.sh, which describes it.

# shellcheck disable=SC2034 # for dovecot.sh and the tests
{
	DOVECOT_MECHANISMS='PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER'
	DOVECOT_BEST=SCRAM-SHA-256
	DOVECOT_TEN_OCTETS='userdb_quota_rule=*:bytes=10'
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

	auth_mechanisms = ${DOVECOT_MECHANISMS,,} external${KDC_REALM:+ gssapi}
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
	mail_max_userip_connections = 100
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
	  # Without this socket failed logins of an address are not counted.
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
	if [ -n "${OAUTH_PLAIN:-}" ]; then
		cat <<-END
		introspection_mode = post
		introspection_url = http://dovecot:dovecot-asks@127.0.0.1:$OAUTH_PLAIN/token/introspection
		active_attribute = active
		active_value = true
		scope = mail
		END
	else
		echo "tokeninfo_url = http://127.0.0.1:$TOKENINFO_PORT/tokeninfo?access_token="
	fi
	echo 'username_attribute = username'
}
