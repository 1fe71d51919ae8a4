#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# STARTTLS and AUTH at the mail service (listen_cert_file, listen_users), and at -bs with an Internet socket.  Real
# clients are in tests/servers/listen_tls.sh, the exchanges themselves in tests/unit/test_sasl_server.c.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/listen_lib.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good otherkey

# A file of the service's user: give FILE MODE <CONTENT
give() {
	rm -f "$OPEN/$1"
	cat >"$OPEN/$1"
	chmod "$2" "$OPEN/$1"
	[ "$(id -u)" != 0 ] || chown 65534:65534 "$OPEN/$1"
}
# users NAME PASSWORD...: their lines, as "gsasl --mkpasswd --iteration-count 4096" and the like print them
users() {
	"$PYTHON" - "$@" <<'END_PYTHON'
import base64, hashlib, hmac, sys
def b(octets):
    return base64.b64encode(octets).decode()
for name, password in zip(sys.argv[1::2], sys.argv[2::2]):
    salt = hashlib.sha256(name.encode()).digest()[:12]
    for title, algorithm in ("SHA-256", "sha256"), ("SHA-1", "sha1"):
        salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), salt, 4096)
        stored = hashlib.new(algorithm, hmac.digest(salted, b"Client Key", algorithm)).digest()
        server = hmac.digest(salted, b"Server Key", algorithm)
        print(f"{name}:{{SCRAM-{title}}}4096,{b(salt)},{b(stored)},{b(server)}")
END_PYTHON
}
plain() { printf '\0%s\0%s' "$1" "$2" | base64 -w0; }

PASSWORD=Canary-b8d1-open-sesame
give cert 644 <"$CA/good.crt"
give key 600 <"$CA/good.key"
users alice "$PASSWORD" bob@example.com other | give users 600
tls=("listen_cert_file $OPEN/cert" "listen_key_file $OPEN/key")
login=("${tls[@]}" "listen_users $OPEN/users")

# ---- it does not start ----
port=1
# start_refused NAME REGEX LINE...
start_refused() {
	service_conf "${@:3}"
	refused "${want:-78}" "$1" "$2" -C "$OPEN/rc" -bD
}
addresses=0.0.0.0:0
start_refused "the network without login" 'can be reached from other machines' "${tls[@]}"
said 'set listen_cert_file and listen_users' "the network without login: the cure"
start_refused "users without a certificate" 'listen_users needs listen_cert_file' "listen_users $OPEN/users"
addresses=127.0.0.1:0
start_refused "a key without a certificate" 'listen_key_file needs listen_cert_file' "${login[@]:1:1}"
addresses=0.0.0.0:0
want=66 start_refused "no such certificate" "cannot read the certificate $OPEN/none" "listen_cert_file $OPEN/none" \
	"${login[@]:2}"
start_refused "no key in the certificate's file" "$OPEN/cert contains a secret, but other users have access" \
	"listen_cert_file $OPEN/cert" "${login[@]:2}"
give open 644 <"$CA/good.key"
start_refused "a key that all can read" "$OPEN/open contains a secret, but other users have access" \
	"listen_cert_file $OPEN/cert" "listen_key_file $OPEN/open" "${login[@]:2}"
give other 600 <"$CA/otherkey.key"
start_refused "the key of another certificate" 'does not belong to the certificate' \
	"listen_cert_file $OPEN/cert" "listen_key_file $OPEN/other" "${login[@]:2}"
users alice "$PASSWORD" | give open 644
start_refused "users that all can read" "$OPEN/open contains a secret" "${tls[@]}" "listen_users $OPEN/open"
printf '# users\nalice:%s\n' "$PASSWORD" | give open 600
start_refused "passwords in clear" "line 2 of $OPEN/open" "${tls[@]}" "listen_users $OPEN/open"
unlike "$(cat "$err")" Canary "passwords in clear: they are not repeated"

# ---- STARTTLS ----
addresses="$socket 0.0.0.0:0"
smarthost --once 100 --auth PLAIN
service "${login[@]}" "logfile $OPEN/home/log"
to_bob=('>RCPT TO:<bob@example.org>\r\n' '<250 ')
data=('>DATA\r\n' '<354' '>Subject: a test\r\n\r\nGood morning.\r\n.\r\n' '<250 ')
quit=('>QUIT\r\n' '<221 ' eof)
lists="<250-.*SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 "
talk 127.0.0.1 "$tcp" '<220 ' '>EHLO c\r\n' "${lists}STARTTLS\r\n$" '>MAIL FROM:<a@example.org>\r\n' \
	'<530 5\.7\.0 .*STARTTLS' ">AUTH PLAIN $(plain alice "$PASSWORD")\r\n" '<538 5\.7\.11 ' "${quit[@]}"
status_is 0 "before TLS there is neither MAIL nor AUTH"
talk "$socket" 0 '<220 ' '>EHLO c\r\n' '<250-.*\r\n250 ENHANCEDSTATUSCODES\r\n$' '>MAIL FROM:<u@example.org>\r\n' \
	'<250 ' "${to_bob[@]}" "${data[@]}" "${quit[@]}"
status_is 0 "a Unix socket: the kernel says who it is, so there is no login"
mail_evil='>MAIL FROM:<evil@example.org>\r\n'
hello 127.0.0.1 "$tcp" ">STARTTLS\r\nEHLO evil\r\n${mail_evil:1}" '<421 4\.7\.0 ' eof
status_is 0 "commands in one flight with STARTTLS end the session"
hello 127.0.0.1 "$tcp" '>STARTTLS\r\n' '<220 ' "$mail_evil" '!^(\x15|$)'
status_is 0 "plain text after the 220 is not taken for a command"
hello 127.0.0.1 "$tcp" '>STARTTLS\r\n' '<220 ' '>\x16\x03\x01\x02\x00'
status_is 0 "a client that goes away within the handshake"
within=('>STARTTLS\r\n' '<220 ' tls)
hello 127.0.0.1 "$tcp" "${within[@]}" '>MAIL FROM:<a@example.org>\r\n' '<503 ' '>EHLO c\r\n' \
	"${lists}AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 PLAIN LOGIN\r\n$" '>STARTTLS\r\n' \
	'<503 ' '>MAIL FROM:<a@example.org>\r\n' '<530 5\.7\.0 .*AUTH' "${quit[@]}"
status_is 0 "within TLS everything begins again, and a login is needed"

# ---- AUTH ----
within+=('>EHLO c\r\n' '<250-')
in_as() { # NAME PASSWORD STEP...
	hello 127.0.0.1 "$tcp" "${within[@]}" ">AUTH PLAIN $(plain "$1" "$2")\r\n" '<235 2\.7\.0 ' "${@:3}"
}
in_as alice "$PASSWORD" '>MAIL FROM:<carol@example.org> AUTH=someone@example.org\r\n' '<250 ' "${to_bob[@]}" \
	"${data[@]}" '>AUTH PLAIN\r\n' '<503 ' "${quit[@]}"
status_is 0 "a login, and a message"
is "$(stored) $(envelope mail_from 0002)" "2 carol@example.org" "it arrived"
like "$(cat "$T/transcript")" 'MAIL FROM:<carol@example\.org>[^>]* AUTH=<>' "no client says who has written a message"
like "$(tail -n 1 "$OPEN/home/log")" ' login=alice ' "the log has the name"
hello 127.0.0.1 "$tcp" "${within[@]}" '>AUTH LOGIN\r\n' '<334 VXNlcm5hbWU6\r\n' '>*\r\n' '<501 ' \
	'>AUTH LOGIN\r\n' '<334 ' \
	">$(printf alice | base64)\r\n" '<334 UGFzc3dvcmQ6\r\n' ">$(printf '%s' "$PASSWORD" | base64 -w0)\r\n" '<235 ' \
	"${quit[@]}"
status_is 0 "LOGIN, cancelled once"
hello 127.0.0.1 "$tcp" "${within[@]}" '>AUTH PLAIN =\r\n' '<501 5\.5\.2 ' '>AUTH PLAIN !\r\n' '<501 5\.5\.2 ' \
	'>AUTH CRAM-MD5\r\n' '<504 5\.5\.4 ' '>AUTH SCRAM-SHA-256 Z2FyYmFnZQ==\r\n' '<501 5\.5\.2 ' "${quit[@]}"
status_is 0 "responses that are none"
hello 127.0.0.1 "$tcp" "${within[@]}" ">AUTH PLAIN $(plain alice "$PASSWORD-2")\r\n" '<535 5\.7\.8 ' \
	">AUTH PLAIN $(plain "$PASSWORD" x)\r\n" '<535 5\.7\.8 ' '>MAIL FROM:<a@example.org>\r\n' '<530 ' "${quit[@]}"
status_is 0 "a wrong password, and a name that there is not"
sed 's/ errormsg/\n&/' "$OPEN/home/log" | grep -A1 'client=' | tail -n 4 >"$T/refusals"
like "$(sed -n 1p "$T/refusals")" 'client=127\.0\.0\.1\\x20port\\x20[0-9]+ login=alice$' "the log has who failed"
unlike "$(sed -n 3p "$T/refusals")" 'login=' "but no name that there is not: it may be a password"

# ---- the configuration of the next client ----
sed -i '$a service_sender user@users.example' "$OPEN/rc"
in_as alice "$PASSWORD" '>MAIL FROM:<carol@example.org>\r\n' '<250 ' "${to_bob[@]}" "${data[@]}" "${quit[@]}"
in_as bob@example.com other '>MAIL FROM:<carol@example.org>\r\n' '<250 ' "${to_bob[@]}" "${data[@]}" "${quit[@]}"
is "$(envelope mail_from 0003) $(envelope mail_from 0004)" "alice@users.example bob@example.com" \
	"service_sender user@DOMAIN: who has logged in"
users alice changed | give users 600
in_as alice changed "${quit[@]}"
status_is 0 "a changed password"
presented() {
	openssl s_client -starttls smtp -connect "127.0.0.1:$tcp" "$@" </dev/null 2>&1
}
serial_of() { openssl x509 -noout -serial; }
presented -tls1_3 >"$T/presented"
is "$(serial_of <"$T/presented")" "$(serial_of <"$CA/good.crt")" "TLS 1.3: the certificate"
unlike "$(cat "$T/presented")" '[Nn]ew [Ss]ession [Tt]icket' "no session ticket"
like "$(presented -tls1_2)" 'Protocol *: TLSv1\.2' "TLS 1.2"
unlike "$(presented -tls1_1 -cipher DEFAULT:@SECLEVEL=0)" 'Cipher *: [A-Z]+[-_][A-Z]' "not TLS 1.1"
give cert 644 <"$CA/otherkey.crt"
give key 600 <"$CA/otherkey.key"
is "$(presented | serial_of)" "$(serial_of <"$CA/otherkey.crt")" "a renewed certificate"
printf 'x\n' | give users 600
talk 127.0.0.1 "$tcp" '<421 4\.3\.5 .*line 1 of' eof
status_is 0 "a file of users with a fault is the greeting"
service_end "a service with TLS"
unlike "$(cat "$OPEN/home/log" "$T/service.err")" "Canary|$(printf '%s' "$PASSWORD" | base64 -w0 | cut -c2-12)" \
	"the password is nowhere in what was written"
users alice "$PASSWORD" | give users 600
like "$(cat "$T/service.err")" 'the client sent plain text instead of a TLS handshake' "a failed handshake is reported"
smarthost_stop

# ---- -bs with an Internet socket ----
CLIENT=$top_srcdir/tests/cli/serve_client.py
at_socket() { # STEP...
	run timeout -k 5 60 "$PYTHON" "$CLIENT" tcp "$@" -- "${become[@]}" "$program" -C "$OPEN/rc" -bs
}
smarthost
service_conf
at_socket '<220 ' '>EHLO c\r\n' '<250-' '>MAIL FROM:<a@example.org>\r\n' '<250 ' "${to_bob[@]}" "${data[@]}" \
	'>QUIT\r\n' '<221 ' end
is "$status $(tail -n 1 "$out")" '0 status 0' "-bs at an Internet socket: as at listen, from this machine"
smarthost_end
service_conf "${login[@]}"
at_socket '<220 ' '>EHLO c\r\n' "${lists}STARTTLS\r\n$" '>MAIL FROM:<a@example.org>\r\n' '<530 ' '>QUIT\r\n' '<221 ' end
is "$status $(tail -n 1 "$out")" '0 status 0' "-bs at an Internet socket: with listen_users a login is needed"
service_conf "listen_users $OPEN/users"
at_socket '<421 4\.3\.5 .*listen_cert_file' end
is "$status $(tail -n 1 "$out")" '0 status 78' "-bs at an Internet socket: an error in the configuration"
if [ "$(id -u)" = 0 ] && ! getent passwd posthaste >/dev/null; then
	become=()
	at_socket '<421[- ]4\.3\.5 .*does not run as root' end
	is "$status $(tail -n 1 "$out")" '0 status 78' "-bs at an Internet socket: not as root"
else
	skip "this is not root, or there is a user posthaste" "-bs at an Internet socket: not as root"
fi
done_testing
