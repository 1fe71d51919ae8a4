# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The configuration of Dovecot 2.4 (Debian 13). Sourced by dovecot.sh, which describes it.

# shellcheck disable=SC2034 # for dovecot.sh and the tests
{
	DOVECOT_MECHANISMS='PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256'
	DOVECOT_MECHANISMS+=' SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER'
	DOVECOT_BEST=SCRAM-SHA-256-PLUS
	DOVECOT_TEN_OCTETS='userdb_quota_storage_size=10B'
}

dovecot_conf() {
	local dir=$BED/dovecot tree=$BED_TREES/main introspection kerberos=
	introspection="introspection_mode = get
	  introspection_url = http://127.0.0.1:$TOKENINFO_PORT/introspect?token="
	if [ -n "${OAUTH_PLAIN:-}" ]; then
		introspection="introspection_mode = post
	  introspection_url = http://dovecot:dovecot-asks@127.0.0.1:$OAUTH_PLAIN/token/introspection
	  scope {
	    mail = yes
	  }"
	fi
	if [ -n "${KDC_REALM:-}" ]; then
		# The quotes are part of the value, lest Dovecot look for a variable.
		kerberos="auth_krb5_keytab = $KDC_KEYTAB"$'\n''auth_gssapi_hostname = "$ALL"'
	fi
	cat <<-END
	dovecot_config_version = 2.4.1
	dovecot_storage_version = 2.4.1
	base_dir = $dir/run
	state_dir = $dir/state
	libexec_dir = $tree/usr/lib/dovecot
	mail_plugin_dir = $tree/usr/lib/dovecot/modules
	import_environment {
	  LD_LIBRARY_PATH = %{env:LD_LIBRARY_PATH}
	  LD_PRELOAD = %{env:LD_PRELOAD}
	  BED_ROOT = %{env:BED_ROOT}
	  KRB5_CONFIG = %{env:KRB5_CONFIG | default('')}
	}
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
	ssl_server_cert_file = $CA_PUBLIC/good.crt
	ssl_server_key_file = $CA_PUBLIC/good.key
	ssl_server_ca_file = $CA_PUBLIC/ca.crt
	ssl_server_request_client_cert = yes
	ssl_server_require_crl = no
	auth_ssl_username_from_cert = yes

	auth_mechanisms = ${DOVECOT_MECHANISMS,,} external${KDC_REALM:+ gssapi}
	auth_failure_delay = 0
	auth_username_format = %{user | username}
	$kerberos
	oauth2 {
	  $introspection
	  active_attribute = active
	  active_value = true
	  username_attribute = username
	}
	passdb static {
	  mechanisms_filter = external
	  fields {
	    nopassword = yes
	  }
	}
	passdb oauth2 {
	  mechanisms_filter = xoauth2 oauthbearer
	}
	passdb passwd-file {
	  passwd_file_path = $dir/users
	}
	userdb passwd-file {
	  passwd_file_path = $dir/overquota
	}
	userdb static {
	  static_allow_all_users = yes
	  fields {
	    uid = $DOVECOT_MAIL
	    gid = $DOVECOT_MAIL
	    home = $dir/mail/%{user | username}
	  }
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

	mail_driver = maildir
	mail_path = ~/mail
	quota "User quota" {
	  storage_grace = 0
	}
	protocol lmtp {
	  mail_plugins = quota
	}
	END
}

# It is part of the configuration.
dovecot_oauth2_conf() { :; }
