#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The testbed checked by a stand-in client: each server starts, speaks TLS, lets
# in who may, and what it delivered is found again octet for octet with its
# envelope. When this fails, look here before looking at posthaste; the other
# tests of this folder show the rest with the program itself.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99

# What goes wrong most: dots, 8-bit octets, empty lines at the end, a Received
# field of the sender's own, a line longer than any buffer.
write_message() {
	printf 'Received: from elsewhere.test by another.test; Sun, 1 Nov 2026 00:00:00 +0000\r\n'
	printf 'From: Sender <sender@mail.test>\r\nTo: a@mail.test\r\nDate: Sun, 1 Nov 2026 00:00:00 +0000\r\n'
	printf 'Message-ID: <bed@client.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n'
	printf 'Content-Transfer-Encoding: 8bit\r\nSubject: folded\r\n\tsubject \r\n\r\n'
	printf '.\r\n..\r\n...three\r\nFrom here\r\n>From there\r\ngr\303\274n\r\n \t\r\n'
	printf '%0900d\r\n\r\n\r\n' 7
}

# client ARGUMENT...: sends $T/message; its output is in $out
client() {
	run env BED_SECRET="$BED_PASSWORD" "$BED_PYTHON" "$BED_LIB/client.py" "$@" --ca="$CA/ca.crt" <"$T/message"
}

# delivered_same BOX NAME: the newest message is what was sent
delivered_same() {
	delivered_message "$1" latest >"$T/got"
	same_file "$T/got" "$T/message" "$2"
}

# fates SERVER BOX ARGUMENT...: a message to four, two of whom are refused
fates() {
	local server=$1 box=$2
	shift 2
	client "$@" --mail-option=BODY=8BITMIME --to='a@mail.test NOTIFY=DELAY' --to=refused@mail.test --to=busy@mail.test \
		--to=b@mail.test
	is "$status" 0 "$server takes mail"
	like "$(cat "$out")" '550 5.1.1.*'$'\n''450 4.2.1' "$server refuses one recipient for good, one for now"
	check "$server delivers" delivered_wait "$box" 1
	is "$(delivered_count "$box")" 1 "$server: exactly one message arrived"
	delivered_same "$box" "$server: the octets are those that were sent"
	is "$(delivered_envelope "$box" latest)" \
		'MAIL FROM:<sender@mail.test> BODY=8BITMIME
RCPT TO:<a@mail.test> NOTIFY=DELAY
RCPT TO:<b@mail.test>' "$server: the envelope is what was received"
}

test_postfix() {
	postfix_start expired
	client "$POSTFIX_SUBMISSION" --tls=starttls --to=a@mail.test
	like "$(cat "$out")" '554 5.7.1' "Postfix takes no mail without AUTH"
	fates Postfix "$POSTFIX_BOX" "$POSTFIX_SMTPS" --tls=first --user="$BED_USER"
	is "$(postfix_last_login)" "PLAIN $BED_USER" "Postfix knows who logged in"
	like "$(delivered_raw "$POSTFIX_BOX" latest)" '^Received: .*by postfix.bed.test.*Received: from elsewhere' \
		"Postfix: only its own trace field is taken away"
	client "${POSTFIX_CERT_expired:?}" --tls=first --to=a@mail.test
	like "$(cat "$out")" 'certificate has expired' "Postfix shows the certificate that was asked for"
	client "$POSTFIX_PLAIN" --ehlo
	like "$(cat "$out")" 'PIPELINING' "Postfix shows its extensions"
	client "$POSTFIX_BARE" --ehlo
	unlike "$(cat "$out")" 'PIPELINING|SIZE|8BITMIME|DSN|SMTPUTF8|CHUNKING|AUTH' "Postfix without any extension"
}

test_dovecot() {
	dovecot_start
	client "$DOVECOT_SUBMISSION" --tls=starttls --user="$BED_USER" --to=a@mail.test
	is "$status" 0 "Dovecot takes mail"
	dovecot_login "PLAIN $BED_USER" "Dovecot knows who logged in"
	delivered_same "$DOVECOT_BOX" "Dovecot: the octets are those that were sent"
	client 0 --lmtp="$DOVECOT_LMTP" --to=a@mail.test --to=full@mail.test
	is "$(sed -n 's/^\(... [0-9.]*\) .*/\1/p' "$out" | tail -n 2 | paste -sd,)" '250 2.0.0,552 5.2.2' \
		"Dovecot: by LMTP only the full mailbox is refused"
	delivered_same "$(dovecot_maildir a)" "Dovecot: the octets in a maildir are those that were sent"
}

test_exim() {
	exim_start
	fates Exim "$EXIM_BOX" "$EXIM_SMTPS" --tls=first --user="$BED_USER"
	is "$(exim_last_login)" "PLAIN $BED_USER" "Exim knows who logged in"
	client "$EXIM_PIPECONNECT" --ehlo
	like "$(cat "$out")" 'PIPECONNECT|PIPE_CONNECT' "Exim shows early pipelining on one port"
}

test_opensmtpd() {
	opensmtpd_start
	client "$OPENSMTPD_PLAIN" --to=a@mail.test
	is "$status" 0 "OpenSMTPD takes mail"
	check "OpenSMTPD delivers" delivered_wait "$OPENSMTPD_BOX" 1
	delivered_same "$OPENSMTPD_BOX" "OpenSMTPD: the octets are those that were sent"
	client "$OPENSMTPD_PLAIN" --ehlo
	unlike "$(cat "$out")" 'PIPELINING|CHUNKING|SMTPUTF8' "OpenSMTPD is a plain old server"
}

# oauth_device CLIENT SCOPE ALLOW: a login by the device flow; prints the token server's answer
oauth_device() {
	local answer
	answer=$(oauth_post /device/auth client_id="$1" scope="$2")
	oauth_browser device "$OAUTH_URL/device" "$(oauth_member user_code <<<"$answer")" --allow="$3" >"$T/browser"
	oauth_post /token client_id="$1" grant_type=urn:ietf:params:oauth:grant-type:device_code \
		device_code="$(oauth_member device_code <<<"$answer")"
}

# oauth_again CLIENT TOKEN: a refresh
oauth_again() { oauth_post /token client_id="$1" grant_type=refresh_token refresh_token="$2"; }

oauth_login_test() { # SERVER PORT MECHANISM TOKEN CODE
	run env BED_SECRET="$4" "$BED_PYTHON" "$BED_LIB/client.py" "$2" --tls=first --ca="$CA/ca.crt" \
		--user="$BED_USER" --mechanism="$3" --ehlo </dev/null
	like "$(cat "$out")" "(^|"$'\n'")$5 " "$1: $3 with this token is $5"
}

test_oauth() {
	local answer first second access name address
	# They take access tokens from another place now.
	postfix_stop
	dovecot_stop
	oauth_start
	postfix_start

	is "$(oauth_device public 'mail offline_access' no | oauth_member error)" access_denied "a user who refuses"
	answer=$(oauth_device public 'mail calendar offline_access' partly)
	is "$(oauth_member scope <<<"$answer")" 'calendar offline_access' "a user who leaves a box empty"
	second=$(oauth_member access_token <<<"$answer")
	answer=$(oauth_device public 'mail offline_access' yes)
	access=$(oauth_member access_token <<<"$answer") first=$(oauth_member refresh_token <<<"$answer")
	is "$(oauth_active "$access")" True "the device flow gives a token"
	for name in OAUTHBEARER XOAUTH2; do
		oauth_login_test Dovecot "$DOVECOT_SMTPS" $name "$access" 235
		oauth_login_test Postfix "$POSTFIX_SMTPS" $name "$access" 235
		oauth_login_test Dovecot "$DOVECOT_SMTPS" $name wrong 535
		oauth_login_test "Dovecot, another scope" "$DOVECOT_SMTPS" $name "$second" 535
	done
	is "$(oauth_device once mail yes | oauth_member refresh_token)" '' "a client that gets no refresh token"
	oauth_log_clear

	answer=$(oauth_again public "$first")
	second=$(oauth_member refresh_token <<<"$answer")
	isnt "$second" "$first" "a refresh gives another refresh token"
	is "$(oauth_again public "$first" | oauth_member error)" invalid_grant "an old refresh token is refused"
	is "$(oauth_again public "$second" | oauth_member error)" invalid_grant "and ends what followed from it"
	is "$(oauth_active "$(oauth_member access_token <<<"$answer")")" False "the access token too"
	is "$(oauth_log '{grant} {status} {auth}')" 'refresh_token 200 none
refresh_token 400 none
refresh_token 400 none
 200 post' "the log has the requests"

	first=$(oauth_device fixed 'mail offline_access' yes | oauth_member refresh_token)
	is "$(oauth_again fixed "$first" | oauth_member refresh_token)" "$first" "a client whose refresh token stays"
	oauth_post /token/revocation client_id=fixed token="$first" >"$T/revoked"
	is "$(oauth_again fixed "$first" | oauth_member error)" invalid_grant "a token that was revoked"
	access=$(oauth_post /token client_id=service client_secret="$OAUTH_SECRET" grant_type=client_credentials scope=mail |
		oauth_member access_token)
	oauth_login_test "Dovecot, client credentials" "$DOVECOT_SMTPS" XOAUTH2 "$access" 235

	address="$OAUTH_URL/auth?client_id=public&response_type=code&scope=mail&state=s1&redirect_uri=http://127.0.0.1:9/"
	address+="&code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	answer=$(oauth_browser code "$address" --steps=print)
	like "$answer" '^http://127.0.0.1:9/[?]code=[^&]*&state=s1&iss=https' "the code flow leads to the loopback address"
	answer=${answer#*code=} answer=${answer%%&*}
	answer=$(oauth_post /token client_id=public grant_type=authorization_code code="$answer" \
		redirect_uri=http://127.0.0.1:9/ code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk)
	isnt "$(oauth_member access_token <<<"$answer")" '' "its code is worth a token"
	like "$(oauth_browser code "$address" --steps=print --allow=no)" 'error=access_denied' "the code flow refused"
	oauth_fault_test
}

# oauth_through ARGUMENT...: a token request through the proxy; prints status and body, or what went wrong
oauth_through() {
	"$BED_PYTHON" -c '
import http.client, ssl, sys
connection = http.client.HTTPSConnection("localhost", int(sys.argv[1]), timeout=20,
    context=ssl.create_default_context(cafile=sys.argv[2]))
try:
    connection.request("POST", "/token", "client_id=public&grant_type=refresh_token&refresh_token=x",
        {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    print(answer.status, answer.getheader("Retry-After", ""), answer.getheader("Location", ""), answer.read().decode())
except Exception as problem:
    print(type(problem).__name__)' "$OAUTH_PROXY_PORT" "$CA/ca.crt"
}

oauth_fault_test() {
	local rule want
	while IFS='|' read -r rule want; do
		oauth_fault 1 "/token $rule"
		like "$(oauth_through | cut -c1-200)" "$want" "the proxy: $rule"
		is "$(oauth_faults_left)" '' "the proxy: $rule: once"
	done <<-'END'
	pass|^400 .*invalid_grant
	delay 0.1|^400 .*invalid_grant
	reset-before|^(ConnectionReset|RemoteDisconnected)
	reset-after|^(ConnectionReset|RemoteDisconnected)
	cut|^IncompleteRead
	big 65537|^200 .*filler
	answer 200 text/html <p>hello|^200 .*<p>hello
	status 204|^204
	status 503 7|^503 7
	redirect 302 https://evil.test/|^302 .*https://evil.test/
	set error="other" error_uri=7|^400 .*"other".*"error_uri": 7
	unset error|^400 .*[{]"error_desc
	gzip|^UnicodeDecodeError
	END
	oauth_fault always '/token status 500'
	is "$(oauth_through; oauth_through)" '500   {}
500   {}' "the proxy: a rule that stays"
	oauth_faults_clear
}

bed_need capture
ca_need good
write_message >"$T/message"
bed_if test_postfix postfix cyrus dovecot
bed_if test_dovecot dovecot
bed_if test_exim exim dovecot
bed_if test_opensmtpd opensmtpd
bed_if test_oauth oauth postfix dovecot
done_testing
