#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The exit status of every fate a message can meet, and what is said about it:
# the stage, what happened, the server's words, and the cure where there is one.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good wronghost

# fate STATUS|NAME|LINE|HINT|STORED|SINK OPTIONS|ARGUMENTS: LINE and HINT are
# patterns for standard error, "-" for none at all; the last two are words for
# the shell.
fate() {
	local want name line hint kept sink args
	IFS='|' read -r want name line hint kept sink args <<<"$1"
	eval "smarthost $sink"
	conf
	case $args in
	*' <'[/\ ]*) eval "post_stdin $args" ;;
	*) eval "post $args" ;;
	esac
	case $kept in
	none) smarthost_stop ;; # no server called
	*) smarthost_end ;;
	esac
	status_is "$want" "$name: exit status $want"
	if [ "$line" = - ]; then
		is "$(cat "$err")" "" "$name: nothing is said"
	else
		said "^posthaste: $line" "$name: the message"
		if [ "$hint" = - ]; then unsaid '^hint: ' "$name: no hint"; else said "^hint: .*$hint" "$name: the hint"; fi
	fi
	silent "$name: standard output stays silent"
	[ "$kept" != none ] || return 0
	is "$(stored)" "$kept" "$name: messages taken"
	[ "$want" = 76 ] || no_violation "$name: the dialogue was correct"
}

two='bob@example.org carol@example.org'
: "$two"
printf 'wrong\n' >"$T/wrong"
printf 'junk\n' >"$T/junk.pem"
while IFS= read -ru 9 row; do
	case $row in '' | '#'*) continue ;; esac
	fate "$row"
done 9<<'ROWS'
# 0
0|accepted|-|-|1||bob@example.org
0|accepted for two|-|-|1||$two
0|accepted for two, by BDAT|-|-|1|--extensions "$EXTENSIONS,CHUNKING"|$two
# 64
64|no recipient|no recipients|-t|none||
64|no recipient in the header|no recipients|header|none||-t </dev/null
64|an unknown option|command line: --nonsense: there is no such option|--help|none||--nonsense bob@example.org
64|an argument that is missing|command line: -f: this option needs an argument|--help|none||-f
64|a value that is wrong|command line: --port: expected .*got 70000|.|none||--port=70000 bob@example.org
# 65
65|an address with a line end|recipient .*: .*address|.|none||$'bob@example.org\r\nRCPT TO:<eve@example.org>'
65|a NUL in the header|MAIL: the message .text/plain. contains a NUL|header|0||bob@example.org < <(printf 'a: b\0\n\nc\n')
65|8-bit text that is signed, for a server without 8BITMIME|MAIL: the server does not offer 8BITMIME: part 1 .text/plain. has octets above 127|signed|0|--extensions SIZE|bob@example.org < <(printf 'Content-Type: multipart/signed; boundary=b\n\n--b\n\n\xc3\xa9\n--b--\n')
65|a long line with an encoding of its own|MAIL: the message has a line of 1200 bytes|long_lines|0||--long-lines=refuse bob@example.org < <(printf 'Content-Transfer-Encoding: x-own\n\n%01200d\n' 0)
0|8-bit text is converted|-|-|1|--extensions SIZE|bob@example.org < <(printf 'a: b\n\n\xc3\xa9\n')
65|a message too big for the server|MAIL: the message has 150 bytes, the server accepts at most 10|.|0|--extensions 'SIZE 10'|bob@example.org
65|a message too big for the account|MAIL: the message has 150 bytes, the limit set by size_limit is 10|.|0||--size-limit=10 bob@example.org
65|552 to MAIL|MAIL FROM:<alice@example.org>: the message is too big for this server: 552 5.3.4 too big|smaller|0|--reply 'mail=552 5.3.4 too big'|bob@example.org
65|5xx to DATA|DATA: the server refused the message: 554 5.6.0 no|.|0|--reply 'data=554 5.6.0 no'|bob@example.org
65|5xx to the end of data|end of data: the server refused the message: 550 5.7.1 spam|.|0|--reply 'eod=550 5.7.1 spam'|bob@example.org
65|5xx to the end of data for two|end of data: the server refused the message: 550 5.7.1 spam|.|0|--reply 'eod=550 5.7.1 spam'|$two
65|5xx to BDAT|end of data: the server refused the message: 550 5.7.1 spam|.|0|--extensions "$EXTENSIONS,CHUNKING" --reply 'eod=550 5.7.1 spam'|$two
65|a chunk of a large message is refused|end of data: .*: 552 5.3.4 big|smaller|0|--extensions "$EXTENSIONS,CHUNKING" --reply 'bdat=552 5.3.4 big'|bob@example.org < <(yes 'all work and no play' | head -c 4000000)
0|a large message in chunks|-|-|1|--extensions "$EXTENSIONS,CHUNKING"|bob@example.org < <(yes 'all work and no play' | head -c 4000000)
65|8-bit text for a server without 8BITMIME|MAIL: the message has 8-bit content, and the server does not offer 8BITMIME|.|0|--extensions SIZE|--eightbit=refuse bob@example.org < <(printf 'a: b\n\n\xc3\xa9\n')
65|a local part the server cannot take|RCPT TO:<j.*rg@example.org>: .*SMTPUTF8|.|0|--extensions SIZE|$'j\xc3\xb6rg@example.org'
# 66
66|a configuration file that is missing|cannot read the configuration file .*/missing: No such file|.|none||-C "$T/missing" bob@example.org
66|a trust file that is missing|TLS: cannot read the CA file .*/missing.pem: No such file|tls_trust_file|none||--tls --tls-starttls=off --tls-trust-file="$T/missing.pem" bob@example.org
66|a trust file with nothing in it|TLS: no CA certificate could be read from .*/junk.pem|.|none||--tls --tls-starttls=off --tls-trust-file="$T/junk.pem" bob@example.org
66|a client certificate that is missing|TLS: .*missing.crt|.|none||--tls --tls-starttls=off --tls-cert-file="$T/missing.crt" --tls-key-file="$T/missing.key" bob@example.org
66|a password file that is missing|password for account default: cannot open password_file .*missing|chmod 600|none||--auth=plain --password-file="$T/missing" bob@example.org
# 67
67|the recipient is refused|RCPT TO:<bob@example.org>: the server refused the recipient: 550 5.1.1 who|Check the address|0|--reply 'rcpt=550 5.1.1 who'|bob@example.org
67|all recipients are refused|RCPT TO:<carol@example.org>: the server refused the recipient: 550 5.1.1 who|Check|0|--reply 'rcpt=550 5.1.1 who'|$two
67|one of two is refused|the message was accepted for 1 of 2 recipients: carol@example.org|Check|1|--reply 'rcpt:bob@example.org=550 5.1.1 who'|$two
67|relaying denied|RCPT TO:<bob@example.org>: the server refused the recipient: 554 5.7.1 relay|auth on|0|--reply 'rcpt=554 5.7.1 relay'|bob@example.org
67|one of two is refused, by BDAT|the message was accepted for 1 of 2 recipients: carol@example.org|Check|1|--extensions "$EXTENSIONS,CHUNKING" --reply 'rcpt:bob@example.org=550 5.1.1 who'|$two
67|all are refused, by BDAT|RCPT TO:<carol@example.org>: the server refused the recipient: 550 5.1.1 who|Check|0|--extensions "$EXTENSIONS,CHUNKING" --reply 'rcpt=550 5.1.1 who'|$two
67|LMTP refuses one after the data|RCPT TO:<bob@example.org>: .*: 552 5.2.2 full|smaller|1|--lmtp --reply 'eod:bob@example.org=552 5.2.2 full'|--protocol=lmtp $two
# 68 is below: the name must not exist
# 69
69|the greeting refuses|greeting: the server does not accept connections from this machine: 554 5.7.1 blocked|port 465|0|--reply 'greeting=554 5.7.1 blocked'|bob@example.org
69|EHLO is refused|EHLO: the server refused our greeting: 554 5.0.0 no|domain|0|--reply 'ehlo=554 5.0.0 no'|bob@example.org
69|STARTTLS is missing|STARTTLS: TLS is required, and the server does not offer STARTTLS; nothing was sent unencrypted|tls_starttls off|0||--tls --tls-starttls bob@example.org
69|authentication is missing|AUTH: the server does not offer authentication|.|0||--auth=on --password-file="$T/password" bob@example.org
69|the mechanism is missing|AUTH: no authentication mechanism can be used .*the server offers PLAIN, LOGIN|auth on|0|--auth 'PLAIN LOGIN' --user joe|--auth=scram-sha-256 --password-file="$T/password" bob@example.org
69|delivery reports are missing|.*DSN|dsn_required|0|--extensions SIZE|-N success bob@example.org
# 75
75|no server listens|connecting: .*Connection refused|port|none|--once 1|--port=1 bob@example.org
75|the greeting puts off|greeting: the server is not available now: 450 4.3.2 busy|later|0|--reply 'greeting=450 4.3.2 busy'|bob@example.org
75|EHLO puts off|EHLO: the server is temporarily unavailable: 450 4.3.2 busy|later|0|--reply 'ehlo=450 4.3.2 busy'|bob@example.org
75|the server leaves|MAIL: the server closed the session: 421 4.3.2 shutting down|later|0|--reply 'mail=421 4.3.2 shutting down'|bob@example.org
75|MAIL puts off|MAIL FROM:<alice@example.org>: the server deferred the message: 451 4.3.0 wait|later|0|--reply 'mail=451 4.3.0 wait'|bob@example.org
75|the recipient is put off|RCPT TO:<bob@example.org>: the server deferred the recipient: 451 4.7.1 greylisted|later|0|--reply 'rcpt=451 4.7.1 greylisted'|bob@example.org
75|one of two is put off|the message was accepted for 1 of 2 recipients: carol@example.org|later|1|--reply 'rcpt:bob@example.org=450 4.2.1 busy'|$two
75|one is refused, one put off|RCPT TO:<carol@example.org>: the server deferred the recipient: 450 4.2.1 busy|Check|0|--reply 'rcpt:bob@example.org=550 5.1.1 who' --reply 'rcpt:carol@example.org=450 4.2.1 busy'|$two
75|DATA puts off|DATA: the server deferred the message: 451 4.3.0 wait|later|0|--reply 'data=451 4.3.0 wait'|bob@example.org
75|the end of data puts off|end of data: the server deferred the message: 452 4.3.1 full|later|0|--reply 'eod=452 4.3.1 full'|$two
75|BDAT puts off|end of data: the server deferred the message: 452 4.3.1 full|later|0|--extensions "$EXTENSIONS,CHUNKING" --reply 'eod=452 4.3.1 full'|$two
75|one is refused, the message put off|end of data: the server deferred the message: 452 4.3.1 full|.|0|--reply 'rcpt:bob@example.org=550 5.1.1 who' --reply 'eod=452 4.3.1 full'|$two
75|too many recipients for one message|RCPT TO:<bob@example.org>: .*452 4.5.3|.|0|--reply 'rcpt=452 4.5.3 too many'|bob@example.org
75|a temporary failure of AUTH|AUTH PLAIN: the server cannot check the password now: 454 4.7.0 wait|later|0|--auth PLAIN --user joe --reply 'auth=454 4.7.0 wait'|--auth=plain --password-file="$T/password" bob@example.org
75|the connection is lost|RCPT: the server closed the connection while we were naming the recipients|--debug|0|--close rcpt|bob@example.org
75|the fate is unknown|end of data: .*may have been delivered|Ask a recipient|1|--close eod|bob@example.org
75|the fate is unknown, by BDAT|end of data: .*may have been delivered|Ask a recipient|1|--extensions "$EXTENSIONS,CHUNKING" --close eod|bob@example.org
# 76
76|a greeting that is no SMTP|greeting: the server sent a line that is not an SMTP reply: SSH-2.0-OpenSSH|Check host and port|0|--reply 'greeting=SSH-2.0-OpenSSH'|bob@example.org
76|a reply that has no meaning|RCPT TO:<bob@example.org>: the server replied 354, which is not a valid reply here: 354 what|.|0|--reply 'rcpt=354 what'|bob@example.org
0|a code that changes within a reply|-|-|1|--reply $'ehlo=250-x\r\n251 y'|bob@example.org
76|TLS that is none|TLS: .*|.|0|--tls implicit --garbage-tls|--tls --tls-starttls=off --tls-trust-file="$CA/ca.crt" bob@example.org
# 77
77|the password is refused|AUTH PLAIN: the server refused user name or password: 535 5.7.8 |application password|0|--auth PLAIN --user joe --password-file "$T/password"|--auth=plain --password-file="$T/wrong" bob@example.org
77|the sender is refused|MAIL FROM:<alice@example.org>: the server refused the sender: 553 5.7.1 not yours|from|0|--reply 'mail=553 5.7.1 not yours'|$two
77|the server wants authentication|MAIL FROM:<alice@example.org>: .*: 530 5.7.0|auth on|0|--auth PLAIN --user joe --require-auth|bob@example.org
77|the certificate is not trusted|TLS: the certificate is not trusted: it was issued for another.test, not for 127.0.0.1|another.test|0|--tls implicit --cert "$CA/wronghost.pem" --key "$CA/wronghost.key"|--tls --tls-starttls=off --tls-trust-file="$CA/ca.crt" bob@example.org
# 78
78|an account that is not defined|account work is not defined in .*rc|default|none||-a work bob@example.org
78|a password that is missing|password for account default: no password for joe at 127.0.0.1|password_file|none||--auth=plain bob@example.org
78|a key without a certificate|account default: a private key is set, but no certificate .*--tls-key-file|both|none||--tls-key-file=x bob@example.org
ROWS

# 68: ".invalid" never exists (RFC 6761); without a name server that cannot be found out.
if "$PYTHON" -c 'import socket, sys
try: socket.getaddrinfo("posthaste.invalid", 25)
except socket.gaierror as e: sys.exit(0 if e.errno == socket.EAI_NONAME else 1)'; then
	run timeout 60 "$POSTHASTE" --queue=off --host=posthaste.invalid -f alice@example.org bob@example.org <"$T/mail"
	status_is 68 "a host that does not exist: exit status 68"
	said '^posthaste: DNS: .*posthaste.invalid' "a host that does not exist: the message"
	said '^hint: ' "a host that does not exist: the hint"
else
	skip "no name server answers here, so it cannot be known that a name does not exist" \
		"a host that does not exist: exit status 68"
fi

# 74: reading the message fails
port=1
conf
run "$POSTHASTE" -C "$T/rc" bob@example.org <"$T"
status_is 74 "standard input cannot be read: exit status 74"
said '^posthaste: cannot read the message from standard input: Is a directory' \
	"standard input cannot be read: the message"

# 74: a large file is read twice, and somebody writes into it in between (a command that is run just then)
echo correct-horse >"$T/secret"
for smarthost in smarthost smarthost_chunking; do
	printf 'From: alice@example.org\n\n' >"$T/large"
	head -c 600000 /dev/zero | tr '\0' x | fold -w 72 >>"$T/large"
	$smarthost --auth PLAIN --user joe --password-file "$T/secret"
	conf 'auth plain' 'user joe' "passwordeval printf y | dd of=$T/large bs=1 seek=500000 conv=notrunc 2>&-; cat $T/secret"
	run "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/large"
	smarthost_end
	status_is 74 "the file with the message changes, $smarthost: exit status 74"
	said '^posthaste: .*has changed since it was read' "the file with the message changes, $smarthost: the message"
	said '^hint: ' "the file with the message changes, $smarthost: the hint"
	is "$(stored)" 0 "the file with the message changes, $smarthost: no recipient gets it"
done

# 71: no local socket is to be had (an address of another machine: TEST-NET-1)
run "$POSTHASTE" -C "$T/rc" --source-ip=192.0.2.1 bob@example.org <"$T/mail"
like "$status" '^(71|75)$' "a source address that is not ours: a system error or worth trying again"
said '^posthaste: .*192\.0\.2\.1' "a source address that is not ours is named"
said '^hint: ' "a source address that is not ours: the hint"

# Where it was is said once, however many failures there are.
smarthost --reply 'rcpt:bob@example.org=550 5.1.1 who' --reply 'rcpt:carol@example.org=552 5.2.2 full'
conf
sends 67 "two are refused" bob@example.org carol@example.org
is "$(cut -d: -f1 "$err" | tr '\n' ' ')" 'posthaste hint posthaste hint ' "two are refused: a hint for each"
is "$(grep -n 'server 127' "$err")" \
	"2:hint: Check the address. (server 127.0.0.1 port $port, account default, $T/rc, line 1)" \
	"two are refused: server, account and line are named once"
run "$POSTHASTE" --host=127.0.0.1 --port=1 --tls=off --queue=off -f alice@example.org bob@example.org <"$T/mail"
said '^hint: .* \(server 127.0.0.1 port 1, account of the command line\)$' "no file: the account is of the command line"

done_testing
