# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Exim 4.96 with GnuTLS. Sourced by lib.sh. Starts dovecot (for its SASL) as well.
#
#   exim_start
#
# Ports (variables), all on 127.0.0.1 with the certificate "good":
#   EXIM_SUBMISSION   STARTTLS; AUTH only inside TLS, mail only after AUTH.
#                     PLAIN LOGIN CRAM-MD5 by Exim itself, DIGEST-MD5
#                     SCRAM-SHA-1 SCRAM-SHA-256 OAUTHBEARER XOAUTH2 by Dovecot.
#                     After oauth_start Exim itself asks that server about
#                     tokens: it takes those with the scope "mail" of the user
#                     who logs in, and refuses others with 535 and no JSON
#   EXIM_SMTPS        the same with TLS from the first byte
#   EXIM_PLAIN        no TLS, no AUTH; takes mail from anyone
#   EXIM_PIPECONNECT  as PLAIN and shows PIPECONNECT: takes the first commands
#                     before its banner, where the others answer 554
#                     (SMTPS shows it too while exim_early is on)
#   EXIM_NOCHUNK      as PLAIN, lacks CHUNKING
# All of them: PIPELINING (and they insist on its rules), 8BITMIME, DSN,
# CHUNKING, SMTPUTF8, PRDR, SIZE; no ENHANCEDSTATUSCODES.
#
# Exim delivers after its 250: use delivered_wait "$EXIM_BOX" N. The envelope is
# MAIL and RCPT as they were received.
#
#   exim_early on|off  whether SMTPS shows PIPECONNECT (off)
#   exim_last_login   "MECHANISM USER" of the last message that came with AUTH
#
# Debian's Exim insists on a user Debian-exim: it sees one through nss_wrapper,
# with the ids of $EXIM_OWNER.

EXIM_OWNER='uucp'

exim_start() {
	bed_certificates good
	dovecot_start
	bed_launch exim
}

exim_configure() {
	local dir=$BED/exim
	bed_ports EXIM_SUBMISSION EXIM_SMTPS EXIM_PLAIN EXIM_PIPECONNECT EXIM_NOCHUNK
	EXIM_BOX=$dir/box
	install -d -o "$EXIM_OWNER" -m 755 "$dir/spool" "$dir/box" "$dir/log"
	bed_users "$dir" "Debian-exim $EXIM_OWNER"
	(
		umask 022
		{
			[ -z "${OAUTH_PLAIN:-}" ] || exim_token_macros
			exim_main_conf
			exim_routes_conf
			exim_authenticators_conf
		} >"$dir/exim.conf"
	)
}

# TOKEN_IS_GOOD: the authorization server says so (RFC 7662). Without an answer the expansion fails, which is 435.
# Tokens with characters that a form would have to encode are refused.
exim_token_macros() {
	printf 'TOKEN_SERVER = inet:127.0.0.1:%s\nTOKEN_CLIENT = %s\n' "$OAUTH_PLAIN" "$(printf exim:exim-asks | base64)"
	cat <<-'END'
	TOKEN_USER = ${if match{$auth1}{\N^(?:n,a=([^,]*),|user=([^\x01]*))\x01\N}{$1$2}}
	TOKEN_SENT = ${if match{$auth1}{\N\x01auth=Bearer ([A-Za-z0-9._~-]+)\x01\N}{$1}}
	TOKEN_FORM = token=TOKEN_SENT
	TOKEN_REQUEST = POST /token/introspection HTTP/1.0\r\nAuthorization: Basic TOKEN_CLIENT\r\n\
	  Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${strlen:TOKEN_FORM}\r\n\r\nTOKEN_FORM
	TOKEN_IS_GOOD = ${if match{${readsocket{TOKEN_SERVER}{TOKEN_REQUEST}{2s:shutdown=no}}}{\N(?s)\r\n\r\n(\{.*\})\N}\
	  {${if and{{eq{${extract json{active}{$1}}}{true}}\
	  {eq{${extract jsons{username}{$1}}}{TOKEN_USER}}\
	  {match{ ${extract jsons{scope}{$1}} }{ mail }}}}}{false}}
	END
}

exim_main_conf() {
	local dir=$BED/exim
	cat <<-END
	exim_path = $BED_TREES/exim/usr/sbin/exim4
	keep_environment = LD_LIBRARY_PATH : LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
	spool_directory = $dir/spool
	log_file_path = $dir/log/%s.log
	pid_file_path = $dir/exim.pid
	log_selector = +received_recipients +smtp_protocol_error +8bitmime +pipelining
	primary_hostname = exim.bed.test
	qualify_domain = mail.test
	# Without this a delivery would need a set-id program.
	deliver_drop_privilege = yes

	local_interfaces = 127.0.0.1
	daemon_smtp_ports = $EXIM_SUBMISSION : $EXIM_SMTPS : $EXIM_PLAIN : $EXIM_PIPECONNECT : $EXIM_NOCHUNK
	tls_on_connect_ports = $EXIM_SMTPS
	tls_certificate = $CA_PUBLIC/good.crt
	tls_privatekey = $CA_PUBLIC/good.key
	tls_advertise_hosts = \${if inlist{\$received_port}{$EXIM_SUBMISSION:$EXIM_SMTPS}{*}}
	auth_advertise_hosts = \${if def:tls_in_cipher{*}}
	pipelining_connect_advertise_hosts = \${if or{{={\$received_port}{$EXIM_PIPECONNECT}}{and{{={\$received_port}{$EXIM_SMTPS}}{exists{$dir/early}}}}}{*}}
	dsn_advertise_hosts = *
	smtputf8_advertise_hosts = *
	chunking_advertise_hosts = \${if ={\$received_port}{$EXIM_NOCHUNK}{}{*}}
	prdr_enable = yes
	accept_8bitmime = yes
	smtp_accept_max = 0
	smtp_accept_queue_per_connection = 0
	recipients_max = 0
	host_lookup =
	rfc1413_hosts =
	rfc1413_query_timeout = 0s
	queue_run_in_order = no
	delay_warning =

	acl_smtp_mail = acl_mail
	acl_smtp_rcpt = acl_rcpt
	acl_smtp_data = acl_data

	begin acl

	acl_mail:
	  deny    senders = spammer@mail.test
	          message = 550 5.7.1 we take no mail from you
	  accept  control = dkim_disable_verify
	          set acl_m_envelope = \$smtp_command

	acl_rcpt:
	  deny    condition = \${if inlist{\$received_port}{$EXIM_SUBMISSION:$EXIM_SMTPS}}
	          !authenticated = *
	          message = 550 5.7.1 log in first
	  deny    recipients = refused@mail.test
	          message = 550 5.1.1 no such user here
	  defer   recipients = busy@mail.test
	          message = 450 4.2.1 mailbox busy, come back later
	  accept  set acl_m_envelope = \$acl_m_envelope\\r\\n\$smtp_command

	acl_data:
	  accept

	END
}

exim_routes_conf() {
	cat <<-END
	begin routers

	everything:
	  driver = accept
	  transport = box

	begin transports

	box:
	  driver = appendfile
	  file = $EXIM_BOX/\$message_exim_id.exim
	  create_file = anywhere
	  batch_max = 100000
	  check_string =
	  escape_string =
	  use_crlf
	  mode = 0644
	  mode_fail_narrower = no
	  message_prefix = \$acl_m_envelope\\r\\n\\r\\n
	  message_suffix = posthaste-testbed-end\\r\\n

	END
}

exim_token_authenticators() {
	local mechanism
	for mechanism in OAUTHBEARER XOAUTH2; do
		cat <<-END
		$mechanism:
		  driver = plaintext
		  public_name = $mechanism
		  server_prompts = :
		  server_condition = TOKEN_IS_GOOD
		  server_set_id = TOKEN_USER

		END
	done
}

exim_authenticators_conf() {
	local mechanism mechanisms=
	cat <<-END
	begin authenticators

	PLAIN:
	  driver = plaintext
	  public_name = PLAIN
	  server_prompts = :
	  server_condition = \${if and{{eq{\$auth2}{$BED_USER}}{eq{\$auth3}{$BED_PASSWORD}}}}
	  server_set_id = \$auth2

	LOGIN:
	  driver = plaintext
	  public_name = LOGIN
	  server_prompts = User Name : Password
	  server_condition = \${if and{{eq{\$auth1}{$BED_USER}}{eq{\$auth2}{$BED_PASSWORD}}}}
	  server_set_id = \$auth1

	CRAM_MD5:
	  driver = cram_md5
	  public_name = CRAM-MD5
	  server_secret = \${if eq{\$auth1}{$BED_USER}{$BED_PASSWORD}fail}
	  server_set_id = \$auth1

	END
	if [ -n "${OAUTH_PLAIN:-}" ]; then exim_token_authenticators; else mechanisms='OAUTHBEARER XOAUTH2'; fi
	for mechanism in DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 $mechanisms ${KDC_REALM:+GSSAPI}; do
		cat <<-END
		${mechanism//-/_}:
		  driver = dovecot
		  public_name = $mechanism
		  server_socket = $BED/dovecot/run/postfix-auth
		  server_set_id = \$auth1

		END
	done
}

exim_spawn() {
	bed_wrap_users "$BED/exim"
	bed_exec exim setsid "$BED_TREES/exim/usr/sbin/exim4" -C "$BED/exim/exim.conf" -bdf \
		>"$BED/exim/start.log" 2>&1 </dev/null &
	bed_pid=$!
	bed_environment=()
	EXIM_PID=$bed_pid
}

exim_ready() {
	bed_wait "$EXIM_PID" bed_greets "$EXIM_SUBMISSION" exim
}

exim_stop() {
	bed_end_group "$EXIM_PID"
	EXIM_PID=
}

exim_last_login() {
	sed -n 's/.* <= .* A=\([^: ]*\):\([^ ]*\).*/\1 \2/p' "$BED/exim/log/main.log" | tail -n 1 | tr _ -
}

exim_early() {
	case $1 in
	on) : >"$BED/exim/early" ;;
	off) rm -f "$BED/exim/early" ;;
	esac
}
