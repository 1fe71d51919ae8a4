#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The test smarthost itself, against clients that are not ours: a script that
# says exactly what its script says (talk.py), gsasl(1) and openssl(1).
set -u
# shellcheck disable=SC2154 # the harness of make check sets both
here=$top_srcdir/tests/lib
# shellcheck disable=SC2154
sink=$top_builddir/tests/lib/sink
python=/usr/bin/python3
[ -x "$python" ] || { echo "1..0 # SKIP $python is missing"; exit 0; }
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
number=0
listen=127.0.0.1:0

result() {	# STATUS NAME
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then echo "ok $number - $2"; return; fi
	echo "not ok $number - $2"
	sed 's/^/# violation: /' "$dir/violations"
	sed 's/^/# /' "$dir/transcript"
}
skip() {	# NAME REASON
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}
# A sink for one connection; sets address, port and pid.
start() {	# OPTION...
	rm -rf "$dir/spool" "$dir/violations" "$dir/transcript" "$dir/ports"
	mkdir "$dir/spool"
	mkfifo "$dir/ports"
	"$sink" --listen "$listen" --port-file - --once 1 --parent-death --timeout 30 --spool "$dir/spool" \
		--violations "$dir/violations" --transcript "$dir/transcript" "$@" >"$dir/ports" &
	pid=$!
	read -r address port <"$dir/ports"
}
talk() {	# STEP...
	"$python" "$here/talk.py" "${address#unix:}" "$port" "$@" 2>"$dir/why" && wait "$pid" && return
	sed 's/^/# /' "$dir/why"
	return 1
}
blames() {	# REGEX: some violation matches
	grep -Eq -- "$1" "$dir/violations"
}
clean() {	# no violation at all
	[ ! -s "$dir/violations" ]
}
# The usual beginning and end of a dialogue.
hello='>EHLO client.example.net\r\n'
mail='>MAIL FROM:<a@example.org>\r\n'
rcpt='>RCPT TO:<b@example.org>\r\n'
good() {	# NAME STEP...: with the sink that was started, every reply as wanted and no violation
	name=$1
	shift
	talk '<220' "$@" '>QUIT\r\n' '<221' eof && clean
	result $? "$name"
}
bad() {		# NAME REGEX STEP...: a violation is recorded
	name=$1 regex=$2
	shift 2
	talk '<220' "$@" && blames "$regex"
	result $? "$name"
}

# ---- mail ----
start
talk '<220' "$hello" '<250.*250[ -]DSN' '>MAIL FROM:<a@example.org> SIZE=37 BODY=8BITMIME\r\n' '<250 2.1.0' \
	'>RCPT TO:<b@example.org> NOTIFY=NEVER\r\nRCPT TO:<c@example.org>\r\nDATA\r\n' '<250' '<250' '<354' \
	'>Subject: x\r\n\r\n..dot\r\n.' '>.\r\n\xc3\xa9t\xc3\xa9\r\n\r\n.\r' '>\nQUIT\r\n' '<250' '<221' eof
status=$?
[ "$(od -An -c "$dir/spool/0001.eml" | tr -d ' \n')" = 'Subject:x\r\n\r\n.dot\r\n.\r\n303251t303251\r\n\r\n' ] ||
	status=1
"$python" -c 'import json, sys
e = json.load(open(sys.argv[1]))
assert e["mail_from"] == "a@example.org" and e["mail_params"] == "SIZE=37 BODY=8BITMIME", e
assert [r["address"] for r in e["rcpt"]] == ["b@example.org", "c@example.org"], e
assert e["rcpt"][0]["params"] == "NOTIFY=NEVER" and e["ehlo"] == "client.example.net", e
assert e["transfer"] == "DATA" and e["body"] == "8BITMIME" and e["tls"] is None and e["auth"] is None, e
' "$dir/spool/0001.json" || status=1
blames 'SIZE=37 was declared, 3. octets' || status=1
result $status "a pipelined message is stored as it was meant, with its envelope, and its wrong SIZE is noticed"

start
good "BDAT in two chunks that split a CRLF needs no dots" "$hello" '<250' "$mail" '<250' "$rcpt" '<250' \
	'>BDAT 6\r\n.\r\nab\r' '<250' '>BDAT 4 LAST\r\n\n.\r\n' '<250'
[ "$(od -An -c "$dir/spool/0001.eml" | tr -d ' \n')" = '.\r\nab\r\n.\r\n' ]
result $? "the chunks are joined octet by octet"

start --lmtp --reply 'eod:c@example.org=552 5.2.2 full'
good "LMTP answers for each recipient" '>LHLO client.example.net\r\n' '<250' "$mail" '<250' "$rcpt" '<250' \
	'>RCPT TO:<c@example.org>\r\n' '<250' '>DATA\r\n' '<354' '>\r\nx\r\n.\r\n' '<250' '<552 5.2.2'

listen=unix:$dir/socket
start
good "a Unix socket serves too" "$hello" '<250'
listen='[::1]:0'
if "$python" -c 'import socket; socket.socket(socket.AF_INET6).bind(("::1", 0))' 2>/dev/null; then
	start
	good "IPv6 serves too" '>EHLO [IPv6:::1]\r\n' '<250'
else
	skip "IPv6 serves too" "this machine has no ::1"
fi
listen=127.0.0.1:0

# ---- what a strict server notices ----
while IFS='|' read -r name regex text; do
	start --extensions "PIPELINING,SIZE 1000,8BITMIME,DSN"
	bad "$name" "$regex" "$hello" '<250' ">$text" '<?' '>QUIT\r\n'
done <<'CASES'
input after EHLO|pipelined after EHLO|EHLO x.org\r\nMAIL FROM:<a@x.org>\r\n
MAIL with a blank after the colon|blank after the colon|MAIL FROM: <a@x.org>\r\n
a parameter of an extension that was not shown|keyword was not advertised|MAIL FROM:<a@x.org> SMTPUTF8\r\n
a body type that was not shown|not offered|MAIL FROM:<a@x.org> BODY=BINARYMIME\r\n
an unknown parameter|unknown parameter|MAIL FROM:<a@x.org> FOO=1\r\n
a parameter twice|repeated|MAIL FROM:<a@x.org> RET=FULL RET=FULL\r\n
a bad ENVID|xtext|MAIL FROM:<a@x.org> ENVID=a+zz\r\n
SIZE beyond the limit|message too big|MAIL FROM:<a@x.org> SIZE=1001\r\n
a bare LF|bare LF|MAIL FROM:<a@x.org>\n
a bare CR|bare CR|MAIL FROM:<a@x.org>\rRCPT\r\n
a non-ASCII address|non-ASCII|MAIL FROM:<\xc3\xa9@x.org>\r\n
an empty label|empty label|MAIL FROM:<a@x..org>\r\n
a local part in the wrong form|bad local part|MAIL FROM:<a..b@x.org>\r\n
RCPT without MAIL|RCPT without MAIL|RCPT TO:<a@x.org>\r\n
DATA without MAIL|no transaction|DATA\r\n
BDAT that was not shown|BDAT was not advertised|BDAT 2 LAST\r\nxx
AUTH that was not shown|AUTH was not advertised|AUTH PLAIN\r\n
STARTTLS that was not shown|STARTTLS was not advertised|STARTTLS\r\n
an unknown command|unknown command|XYZZY\r\n
CASES

start
bad "a line that is too long" "longer than 512" "$hello" '<250' ">NOOP $(printf '%0600d' 0)\\r\\n" '<500' '>QUIT\r\n'
start
bad "a client that ends without QUIT" "without QUIT" "$hello" '<250'
start --extensions SIZE
bad "pipelining without PIPELINING" "pipelined after MAIL" "$hello" '<250' "${mail}RCPT TO:<b@example.org>\\r\\n" \
	'<250' '<250'
# The sink sleeps until the client has spoken.
start
kill -STOP "$pid"
talk "$hello" "cont:$pid" '<220' '<250' '>QUIT\r\n' '<221' && blames 'before the greeting'
result $? "a client that speaks first"
start --extensions PIPELINING,PIPECONNECT --auth PLAIN --user u
kill -STOP "$pid"
talk "${hello}AUTH PLAIN AHUA\\r\\n" "cont:$pid" '<220' '<250' '<235' '>QUIT\r\n' '<221' && clean
result $? "but not where PIPECONNECT allows it"
start --extensions PIPELINING,PIPECONNECT
kill -STOP "$pid"
talk "${hello}MAIL FROM:<>\\r\\nRCPT TO:<a@x.org>\\r\\nDATA\\r\\n" "cont:$pid" '<220' '<250' '<250' '<250' '<354' \
	'>x: y\r\n\r\n.\r\n' '<250' '>QUIT\r\n' '<221' && clean
result $? "with a pipelined group as well"
start --extensions PIPELINING,PIPECONNECT --auth PLAIN --user u
kill -STOP "$pid"
talk "${hello}AUTH PLAIN AHUA\\r\\nMAIL FROM:<>\\r\\n" "cont:$pid" '<220' '<250' '<235' '<250' '>QUIT\r\n' '<221' &&
	blames 'after AUTH'
result $? "AUTH ends a group there, too"
start --extensions PIPECONNECT
kill -STOP "$pid"
talk "${hello}MAIL FROM:<>\\r\\nRCPT TO:<a@x.org>\\r\\n" "cont:$pid" '<220' '<250' '<250' '<250' '>QUIT\r\n' '<221' &&
	blames 'after MAIL'
result $? "and without PIPELINING one command rides"

while IFS='|' read -r name regex text; do
	start
	bad "$name" "$regex" "$hello" '<250' '>MAIL FROM:<a@x.org> BODY=7BIT\r\n' '<250' "$rcpt" '<250' '>DATA\r\n' '<354' \
		">$text\\r\\n.\\r\\n" '<250' '>QUIT\r\n' '<221' eof
	[ "$(ls "$dir/spool")" = "0001.eml
0001.json" ]
	result $? "$name: one message"
done <<'CASES'
8-bit octets declared as 7-bit|declared BODY=7BIT|\r\n\xe4
a bare LF in a message|bare LF|\r\na\nb
a smuggled end LF . LF|bare LF|\r\na\n.\nMAIL FROM:<evil@x.org>
a smuggled end LF . CRLF|bare LF|\r\na\n.\r\nMAIL FROM:<evil@x.org>
a smuggled end CR . CR|bare CR|\r\na\r.\rb
a bare CR before CRLF|bare CR|\r\na\r
a dot that was not stuffed|leading dot|\r\n.a
a NUL|NUL|\r\na\x00b
CASES
start
bad "a message that breaks off" "ended inside the message, after 3" "$hello" '<250' "$mail" '<250' "$rcpt" '<250' \
	'>DATA\r\n' '<354' '>x\r\n'
[ -z "$(ls -A "$dir/spool")" ]
result $? "nothing of it is stored"


# ---- extensions ----
from='>MAIL FROM:<\xc3\xa9@\xc3\xa9.org> SMTPUTF8'
many='SIZE 1000,8BITMIME,DSN,SMTPUTF8,DELIVERBY 10,FUTURERELEASE 1000 2030-01-01T00:00:00Z,MT-PRIORITY MIXER'
start --extensions "$many,REQUIRETLS,ETRN,CHUNKING,BINARYMIME"
good "every parameter in its right form" "$hello" '<250' \
	"$from BODY=BINARYMIME BY=120;RT HOLDFOR=10 MT-PRIORITY=-3 RET=HDRS ENVID=a+2Bb\\r\\n" '<250' \
	'>RCPT TO:<"a b"@[192.0.2.1]> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+2B@x.org\r\n' '<250' \
	'>RCPT TO:<Postmaster> ORCPT=utf-8;\\x{E9}@x.org\r\n' '<250' '>BDAT 3 LAST\r\n\n\x00\xff' '<250' \
	'>MAIL FROM:<> HOLDUNTIL=2029-01-01T00:00:00Z\r\n' '<250' '>ETRN example.org\r\n' '<250'
while IFS='|' read -r name regex text; do
	start --extensions 'DELIVERBY 10,FUTURERELEASE 1000 2030-01-01T00:00:00Z,MT-PRIORITY,REQUIRETLS,8BITMIME,DSN'
	bad "$name" "$regex" "$hello" '<250' ">MAIL FROM:<a@x.org> $text\\r\\n" '<5' '>QUIT\r\n' '<221'
done <<'CASES'
a time to deliver below the minimum|minimum|BY=9;R
a time to deliver without a mode|a mode|BY=60
a hold beyond the maximum|maximum|HOLDFOR=1001
a hold until too late a time|maximum|HOLDUNTIL=2031-01-01T00:00:00Z
a hold of no time|greater than 0|HOLDFOR=0
a hold that is no number|a number|HOLDFOR=soon
two holds at once|exclude each other|HOLDFOR=10 HOLDUNTIL=2029-01-01T00:00:00Z
a hold until a time without a zone|time zone|HOLDUNTIL=2029-01-01T00:00:00
a time to deliver that may not have passed|positive|BY=-1;R
a time to deliver with something after it|only T|BY=60;RX
a priority out of range|-9 to 9|MT-PRIORITY=10
a priority with a sign for nothing|-9 to 9|MT-PRIORITY=-0
a submitter to a server without AUTH|not advertised|AUTH=<>
REQUIRETLS in clear|without TLS|REQUIRETLS
a parameter without its value|wants a value|RET
two blanks between parameters|two blanks|RET=FULL  ENVID=x
CASES
while IFS='|' read -r name regex text; do
	start --auth PLAIN --user u
	bad "$name" "$regex" "$hello" '<250' ">MAIL FROM:<a@x.org> AUTH=$text\\r\\n" '<5' '>QUIT\r\n' '<221'
done <<'CASES'
a submitter without a domain|without a domain|joe
a submitter with a bad escape|bad hexadecimal|a+2@x.org
a submitter in brackets|bad local part|<a@x.org>
a submitter with a line break in xtext|without a domain|a+0D+0A@x.org
CASES
start --auth PLAIN --user u
good "submitters in their right form" "$hello" '<250' '>MAIL FROM:<a@x.org> AUTH=<>\r\n' '<250' '>RSET\r\n' '<250' \
	'>MAIL FROM:<a@x.org> AUTH="a+20b"@x.org\r\n' '<250' '>RSET\r\n' '<250' '>MAIL FROM:<a@x.org> AUTH=a+2Bb@x.org\r\n' \
	'<250'
start --reply 'rcpt=550 5.1.1 no'
good "a chunk after refused recipients is swallowed without blame" "$hello" '<250' "$mail" "$rcpt" \
	'>BDAT 6 LAST\r\nQUIT\r\nRSET\r\n' '<250' '<550' '<503' '<250'
start --reply 'rcpt=550 5.1.1 no'
bad "MAIL after a failed BDAT" "failed BDAT without RSET" "$hello" '<250' "$mail" "$rcpt" '>BDAT 2 LAST\r\n\r\n' \
	'<250' '<550' '<503' \
	"$mail" '<503' '>QUIT\r\n' '<221'
start --extensions 'LIMITS RCPTMAX=2 RCPTDOMAINMAX=1'
bad "more domains than announced" "RCPTDOMAINMAX" "$hello" '<250' "$mail" '<250' "$rcpt" '<250' \
	'>RCPT TO:<c@other.org>\r\n' '<452' '>QUIT\r\n' '<221'
start --extensions 'LIMITS RCPTDOMAINMAX=1'
bad "more domains than announced, in another transaction" "RCPTDOMAINMAX" "$hello" '<250' "$mail" '<250' "$rcpt" \
	'<250' '>RSET\r\n' '<250' "$mail" '<250' "$rcpt" '<250' '>RCPT TO:<c@other.org>\r\n' '<452' '>QUIT\r\n' '<221'
start --extensions 'LIMITS MAILMAX=1'
bad "more messages than announced" "MAILMAX" "$hello" '<250' "$mail" '<250' '>RSET\r\n' '<250' "$mail" '<451' \
	'>QUIT\r\n' '<221'
start --extensions PIPELINING --extensions-after-auth DSN --auth PLAIN --user u --reply ehlo:auth= \
	--reply 'ehlo:auth=503 5.5.1 already'
good "an EHLO after AUTH shows other extensions, a second one is refused" "$hello" '<(?!.*DSN)250' \
	'>AUTH PLAIN AHUA\r\n' '<235' \
	"$hello" '<250.*250 DSN' "$hello" '<503'

# ---- misbehaviour on request ----
start --reply 'rcpt:b@example.org=550 5.1.1 no such user' --reply 'mail=451 4.3.0 later' --reply mail= \
	--reply 'ehlo=250-x\r\n250-DSN\r\n250 PIPELINING'
good "replies by stage, by address and in turn" "$hello" '<250-x\r\n250-DSN\r\n' "$mail" '<451 4.3.0' "$mail" '<250' \
	"${rcpt}RCPT TO:<c@example.org> NOTIFY=NEVER\\r\\n" '<550 5.1.1' '<250'
start --close eod
talk '<220' "$hello" '<250' "$mail" '<250' "$rcpt" '<250' '>DATA\r\n' '<354' '>\r\n.\r\n' eof &&
	[ -f "$dir/spool/0001.eml" ]
result $? "a connection lost before the last reply, with the message taken"
start --close body:100000
talk '<220' "$hello" '<250' "$mail" '<250' "$rcpt" '<250' '>DATA\r\n' '<354' fill:100000 eof &&
	[ -z "$(ls -A "$dir/spool")" ]
result $? "a connection lost in the middle of a message"
start --early-reply 'body:10=552 5.3.4 too big'
talk '<220' "$hello" '<250' "$mail" '<250' "$rcpt" '<250' '>DATA\r\n' '<354' '>0123456789' '<552' '>\r\n.\r\nQUIT\r\n' \
	'<221' eof
result $? "an early reply"
start --drip greeting --hang ehlo
talk '<220 sink.example.org' "$hello" && grep -q 'hanging at ehlo' "$dir/transcript"
result $? "a slow greeting and a server that falls silent"
start --rcpt-limit 1
good "a limit of recipients that was not announced" "$hello" '<250' "$mail" '<250' "$rcpt" '<250' "$rcpt" '<452 4.5.3'

# ---- TLS and SASL ----
if ! command -v openssl >/dev/null; then
	skip "TLS and SASL" "openssl is missing; Debian: apt install openssl"
	echo "1..$number"
	exit 0
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$dir/key" -out "$dir/cert" 2>/dev/null
printf 'secret\n' >"$dir/password"
tls() { start --cert "$dir/cert" --key "$dir/key" "$@"; }

tls --tls implicit --client-ca "$dir/cert" --require-client-cert --auth EXTERNAL
printf 'EHLO x.org\r\nAUTH EXTERNAL =\r\nMAIL FROM:<>\r\nQUIT\r\n' |
	openssl s_client -quiet -connect "$address:$port" -servername localhost -cert "$dir/cert" -key "$dir/key" \
		-CAfile "$dir/cert" -verify_return_error -tls1_3 >"$dir/out" 2>/dev/null
wait "$pid"
grep -q '^235' "$dir/out" && grep -q 'TLS1.3.*SNI "localhost", client certificate "CN=localhost"' "$dir/transcript"
result $? "openssl speaks implicit TLS 1.3 and is known by its certificate"

tls --tls starttls --auth PLAIN --user joe --password-file "$dir/password" --require-auth
good "STARTTLS hides AUTH before and shows it after" "$hello" '<(?!.*AUTH).*250-STARTTLS' '>STARTTLS\r\n' '<220' tls \
	"$hello" '<(?!.*STARTTLS).*250-AUTH PLAIN' "$mail" '<530' '>AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n' '<235' "$mail" '<250'
tls --tls starttls
bad "data in clear after STARTTLS" "data after STARTTLS in clear" "$hello" '<250' '>STARTTLS\r\nEHLO x.org\r\n' \
	'<220' tls '>QUIT\r\n' '<221'
tls --tls starttls --inject 'starttls=250 evil\r\n'
talk '<220' "$hello" '<250' '>STARTTLS\r\n' '!220 [^\r]*\r\n250 evil\r\n'
result $? "injection after the reply to STARTTLS"
tls --tls implicit --garbage-tls
talk '!220 .*ESMTP'
result $? "plain text where TLS is due"

bearer=$(printf 'n,a=joe,\001host=h\001port=25\001auth=Bearer wrong\001\001' | base64 | tr -d '\n')
xoauth=$(printf 'user=joe\001auth=Bearer token\001\001' | base64 | tr -d '\n')
start --auth 'XOAUTH2 OAUTHBEARER' --user joe --token token
good "OAuth: an error to acknowledge, then success" "$hello" '<250' ">AUTH OAUTHBEARER $bearer\\r\\n" '<334 ey' \
	'>AQ==\r\n' '<535' \
	">AUTH XOAUTH2 $xoauth\\r\\n" '<235'
start --auth 'LOGIN PLAIN' --user joe --password-file "$dir/password"
good "LOGIN takes the name at once; a wrong password and a cancelled exchange fail" "$hello" '<250' \
	'>AUTH PLAIN AGpvZQBzZWNyZXU=\r\n' '<535' '>AUTH PLAIN\r\n' '<334' '>*\r\n' '<501' \
	'>AUTH LOGIN am9l\r\n' '<334' '>c2VjcmV0\r\n' '<235'

for mechanism in PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS; do
	if ! command -v gsasl >/dev/null; then
		skip "gsasl authenticates by $mechanism" "gsasl is missing; Debian: apt install gsasl"
		continue
	fi
	priority=NORMAL binding=--no-cb
	case $mechanism in
	*-1-PLUS) priority=NORMAL:-VERS-TLS1.3 binding= ;;
	*-PLUS) binding= ;;
	esac
	tls --tls starttls --tls-priority "$priority" --auth "$mechanism" --user joe --password-file "$dir/password"
	# shellcheck disable=SC2086 # no word at all when binding is empty
	gsasl --smtp --client --connect="$address:$port" --mechanism="$mechanism" --authentication-id=joe --password=secret \
		--x509-ca-file="$dir/cert" --realm=sink.example.org --service=smtp --hostname=localhost \
		--quality-of-protection=qop-auth \
		$binding </dev/null >"$dir/out" 2>&1
	wait "$pid"
	grep -q '^235' "$dir/out" && clean
	result $? "gsasl authenticates by $mechanism"
done
echo "1..$number"
