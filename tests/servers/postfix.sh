# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Postfix. Sourced by lib.sh. Starts capture and dovecot (its SASL) as well.
#
#   postfix_start [CERTIFICATE...]
#
# Ports (variables), all on 127.0.0.1 with the certificate "good":
#   POSTFIX_SUBMISSION  STARTTLS; AUTH only inside TLS, mail only after AUTH.
#                       SASL by Dovecot: PLAIN LOGIN CRAM-MD5 DIGEST-MD5
#                       SCRAM-SHA-1 SCRAM-SHA-256 OAUTHBEARER XOAUTH2 (GSSAPI
#                       after kdc_start)
#   POSTFIX_SMTPS       the same with TLS from the first byte
#   POSTFIX_CYRUS       as SUBMISSION, SASL by Cyrus: PLAIN LOGIN CRAM-MD5
#                       DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 NTLM (after
#                       kdc_start GSSAPI) and more
#   POSTFIX_ANONYMOUS   as CYRUS, ANONYMOUS, too
#   POSTFIX_PLAIN       no TLS; takes mail without AUTH, offers AUTH
#   POSTFIX_CCERT       STARTTLS, asks for a client certificate; mail only with
#                       the certificate "client"
#   POSTFIX_SMALL       as PLAIN; message_size_limit 10000; no CHUNKING, where
#                       Postfix does not count its own trace field
#   POSTFIX_FEW         as PLAIN; at most three recipients (452 4.5.3)
#   POSTFIX_NOPIPE _NO8BIT _NODSN _NOUTF8 _NOCHUNK   as PLAIN, lacks that extension
#   POSTFIX_BARE        as PLAIN, lacks all of them
#   POSTFIX_QUEUE       as PLAIN, but goes through Postfix's queue first
#   POSTFIX_CERT_x      as SMTPS with the certificate x, for each CERTIFICATE named
#
# What comes in goes through a before-queue filter to capture.py, which gets
# MAIL, RCPT and the octets as Postfix's server read them, before the final
# reply: when a client has its 250, the message is in $POSTFIX_BOX. Only what
# comes by POSTFIX_QUEUE is delivered later, to $POSTFIX_QUEUE_BOX (use
# delivered_wait), and by Postfix's own client, which adds SIZE=, BODY= and ORCPT=.
#
#   postfix_dialogue     every command that Postfix read since its start, as it
#                        was inside TLS (also AUTH and its responses): shows what
#                        was *not* sent. Only when postfix_start was called with
#                        POSTFIX_DEBUG=1
#   postfix_last_login   "MECHANISM USER" of the last message that came with AUTH
#                        (without the realm that Cyrus adds to the user)

POSTFIX_OWNER='mail'
POSTFIX_SETGID='uucp'

postfix_start() {
	postfix_certificates=("$@")
	bed_certificates good client "$@"
	capture_start
	dovecot_start
	bed_launch postfix
}

postfix_ports=(SUBMISSION SMTPS CYRUS ANONYMOUS PLAIN CCERT SMALL FEW NOPIPE NO8BIT NODSN NOUTF8 NOCHUNK BARE QUEUE)

postfix_configure() {
	local dir=$BED/postfix name
	bed_ports "${postfix_ports[@]/#/POSTFIX_}"
	for name in "${postfix_certificates[@]}"; do bed_ports "POSTFIX_CERT_$name"; done
	POSTFIX_BOX=$BED/capture/postfix
	POSTFIX_QUEUE_BOX=$BED/capture/queue
	(
		umask 022
		mkdir "$dir/etc" "$dir/queue" "$dir/etc/sasl"
		postfix_queue "$dir/queue"
		install -d -o "$POSTFIX_OWNER" -m 700 "$dir/data"
		postfix_main_cf >"$dir/etc/main.cf"
		postfix_master_cf >"$dir/etc/master.cf"
		# Postfix waits until its configuration is a second old, lest it be
		# read half written.
		touch -d '2 minutes ago' "$dir/etc/main.cf" "$dir/etc/master.cf"
		postfix_cyrus "$dir/etc/sasl"
	)
}

# What "postfix start" would make, without the two seconds it takes.
postfix_queue() {
	local name
	for name in active bounce corrupt defer deferred flush hold incoming private saved trace; do
		install -d -o "$POSTFIX_OWNER" -m 700 "$1/$name"
	done
	install -d -o "$POSTFIX_OWNER" -g "$POSTFIX_SETGID" -m 730 "$1/maildrop"
	install -d -o "$POSTFIX_OWNER" -g "$POSTFIX_SETGID" -m 710 "$1/public"
	mkdir -m 755 "$1/pid"
}

postfix_main_cf() {
	local tree=$BED_TREES/main dir=$BED/postfix
	cat <<-END
	compatibility_level = 3.6
	command_directory = $tree/usr/sbin
	daemon_directory = $tree/usr/lib/postfix/sbin
	shlib_directory = $tree/usr/lib/postfix
	meta_directory = $tree/etc/postfix
	queue_directory = $dir/queue
	data_directory = $dir/data
	import_environment = LD_LIBRARY_PATH SASL_PATH KRB5_KTNAME KRB5_CONFIG MAIL_CONFIG=$dir/etc
	maillog_file_prefixes = $dir
	maillog_file = $dir/postfix.log
	mail_owner = $POSTFIX_OWNER
	setgid_group = $POSTFIX_SETGID
	myhostname = postfix.bed.test
	mydestination =
	mynetworks = 127.0.0.0/8
	inet_interfaces = 127.0.0.1
	inet_protocols = ipv4
	disable_dns_lookups = yes
	smtpd_peername_lookup = no
	alias_maps =
	alias_database =
	local_recipient_maps =
	relay_domains = static:ALL
	local_header_rewrite_clients =
	relay_transport = smtp:[127.0.0.1]:$CAPTURE_QUEUE
	default_transport = smtp:[127.0.0.1]:$CAPTURE_QUEUE
	smtputf8_enable = yes
	strict_rfc821_envelopes = yes
	smtpd_proxy_filter = 127.0.0.1:$CAPTURE_POSTFIX
	smtpd_banner = \$myhostname ESMTP
	smtpd_error_sleep_time = 0
	message_size_limit = 50000000
	mailbox_size_limit = 0
	smtpd_client_connection_count_limit = 0
	smtpd_hard_error_limit = 1000
	smtpd_sender_restrictions = check_sender_access inline:{{spammer@mail.test = 550 5.7.1 we take no mail from you}}
	smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
	bed_fates = check_recipient_access inline:{{refused@mail.test = 550 5.1.1 no such user here}, {busy@mail.test = 450 4.2.1 mailbox busy, come back later}}
	bed_after_login = \$bed_fates, permit_sasl_authenticated, reject
	bed_with_certificate = \$bed_fates, permit_tls_all_clientcerts, reject
	smtpd_recipient_restrictions = \$bed_fates, permit_mynetworks, reject
	smtpd_sasl_auth_enable = yes
	smtpd_sasl_type = dovecot
	smtpd_sasl_path = $BED/dovecot/run/postfix-auth
	smtpd_sasl_security_options = noanonymous
	smtpd_sasl_authenticated_header = yes
	cyrus_sasl_config_path = $dir/etc/sasl
	smtpd_sasl_mechanism_filter = !external, static:rest
	smtpd_tls_security_level = none
	smtpd_tls_chain_files = $CA_PUBLIC/good.pem
	smtpd_tls_CAfile = $CA_PUBLIC/ca.crt
	smtpd_tls_loglevel = 1
	smtpd_tls_received_header = yes
	smtpd_tls_auth_only = no
	smtpd_tls_session_cache_database =
	debug_peer_list = ${POSTFIX_DEBUG:+127.0.0.1}
	debug_peer_level = 1
	END
}

# postfix_port NAME OPTION...: one line of master.cf
postfix_port() {
	local port=POSTFIX_$1
	shift
	printf '127.0.0.1:%s inet n - n - - smtpd' "${!port}"
	[ $# = 0 ] || printf ' -o %s' "$@"
	printf '\n'
}

postfix_master_cf() {
	local name keywords
	# Postfix expands this one, not the shell.
	# shellcheck disable=SC2016
	local after_login='smtpd_recipient_restrictions=$bed_after_login' \
		with_certificate='smtpd_recipient_restrictions=$bed_with_certificate'
	postfix_port SUBMISSION smtpd_tls_security_level=may smtpd_tls_auth_only=yes "$after_login"
	postfix_port SMTPS smtpd_tls_wrappermode=yes smtpd_tls_security_level=encrypt "$after_login"
	postfix_port CYRUS smtpd_tls_security_level=may smtpd_tls_auth_only=yes "$after_login" \
		smtpd_sasl_type=cyrus smtpd_sasl_path=smtpd \
		smtpd_sasl_local_domain=mail.test
	# permit_sasl_authenticated does not mean it.
	postfix_port ANONYMOUS smtpd_tls_security_level=may smtpd_tls_auth_only=yes \
		smtpd_sasl_type=cyrus smtpd_sasl_path=smtpd smtpd_sasl_local_domain=mail.test \
		smtpd_sasl_security_options=
	postfix_port CCERT smtpd_tls_security_level=may smtpd_tls_ask_ccert=yes smtpd_sasl_auth_enable=no \
		"$with_certificate" smtpd_relay_restrictions=permit_tls_all_clientcerts,reject
	postfix_port PLAIN
	postfix_port SMALL message_size_limit=10000 smtpd_discard_ehlo_keywords=chunking
	postfix_port FEW smtpd_recipient_limit=3
	postfix_port NOPIPE smtpd_discard_ehlo_keywords=pipelining
	postfix_port NO8BIT smtpd_discard_ehlo_keywords=8bitmime,smtputf8
	postfix_port NODSN smtpd_discard_ehlo_keywords=dsn
	postfix_port NOUTF8 smtpd_discard_ehlo_keywords=smtputf8
	postfix_port NOCHUNK smtpd_discard_ehlo_keywords=chunking
	keywords=pipelining,size,vrfy,etrn,auth,enhancedstatuscodes,8bitmime,dsn,smtputf8,chunking
	postfix_port BARE "smtpd_discard_ehlo_keywords=$keywords"
	postfix_port QUEUE smtpd_proxy_filter=
	for name in "${postfix_certificates[@]}"; do
		postfix_port "CERT_$name" smtpd_tls_wrappermode=yes smtpd_tls_security_level=encrypt \
			"smtpd_tls_chain_files=$CA_PUBLIC/$name.pem" "$after_login"
	done
	cat <<-'END'
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 300 1 qmgr
	tlsmgr unix - - n 1000? 1 tlsmgr
	rewrite unix - - n - - trivial-rewrite
	bounce unix - - n - 0 bounce
	defer unix - - n - 0 bounce
	trace unix - - n - 0 bounce
	verify unix - - n - 1 verify
	flush unix n - n 1000? 0 flush
	proxymap unix - - n - - proxymap
	smtp unix - - n - - smtp
	error unix - - n - - error
	retry unix - - n - - error
	discard unix - - n - - discard
	anvil unix - - n - 1 anvil
	scache unix - - n - 1 scache
	postlog unix-dgram n - n - 1 postlogd
	END
}

# Debian 12 has Cyrus read NAME.conf in this folder, whatever cyrus_sasl_config_path
# says. The passwords come from a database.
postfix_cyrus() {
	cat >"$1/smtpd.conf" <<-END
	pwcheck_method: auxprop
	auxprop_plugin: sasldb
	sasldb_path: $1/sasldb2
	mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512 NTLM ANONYMOUS${KDC_REALM:+ GSSAPI}
	END
	postfix_environment
	printf %s "$BED_PASSWORD" | bed_run main "$BED_TREES/main/usr/sbin/saslpasswd2" \
		-p -c -f "$1/sasldb2" -u mail.test "$BED_USER" >>"$BED/postfix/postfix.log" 2>&1 || return 1
	chown "$POSTFIX_OWNER" "$1/sasldb2"
	chmod 600 "$1/sasldb2"
}

postfix_environment() {
	bed_environment=("SASL_PATH=$(echo "$BED_TREES"/main/usr/lib/*/sasl2)"
		${KDC_REALM:+"KRB5_KTNAME=$KDC_KEYTAB" "KRB5_CONFIG=$KDC_CONFIG"})
}

# The master kills its process group when it ends: it gets one of its own.
postfix_spawn() {
	postfix_environment
	bed_exec main setsid "$BED_TREES/main/usr/lib/postfix/sbin/master" -d -c "$BED/postfix/etc" \
		>>"$BED/postfix/master.log" 2>&1 </dev/null &
	bed_pid=$!
	bed_environment=()
	POSTFIX_PID=$bed_pid
}

postfix_ready() {
	bed_wait "$POSTFIX_PID" bed_greets "$POSTFIX_SUBMISSION" postfix
}

postfix_stop() {
	bed_end "$POSTFIX_PID"
	POSTFIX_PID=
}

# The log goes through a daemon, so it may be a moment behind.
postfix_dialogue() {
	[ -n "${POSTFIX_DEBUG:-}" ] || bail "postfix_dialogue needs POSTFIX_DEBUG=1 at postfix_start"
	sed -n 's/.*smtpd\[[0-9]*\]: < [^:]*: //p' "$BED/postfix/postfix.log"
}

postfix_last_login() {
	sed -n 's/.*sasl_method=\([^,]*\), sasl_username=\([^,@]*\).*/\1 \2/p' "$BED/postfix/postfix.log" | tail -n 1
}
