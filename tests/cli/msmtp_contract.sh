#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# In msmtp's place: what its users, their scripts and their configurations rely
# on, row by row - command line, choice of account, configuration, exit status,
# what becomes of the message - and the faults of msmtp that must not come back.
# Where the exit status is ours and not msmtp's, the row has ours.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good wronghost

HOST=$(uname -n)
export USER=tester LOGNAME=tester HOSTNAME=$HOST

# rc LINE...: $T/msmtprc, an account default without a server, then the lines
rc() {
	printf '%s\n' 'account default' 'host 127.0.0.1' "port ${port:-1}" 'from alice@example.org' "$@" >"$T/msmtprc"
	chmod 600 "$T/msmtprc"
}
program() { run timeout -k 5 60 "$POSTHASTE" -C "$T/msmtprc" "$@"; }
shown() { sed -n "s/^$1 *= \(.*[^ ]\) *(.*/\1/p" "$T/out"; }

# ---- 1a: options and what they set ----
# ARGUMENTS|SETTING|VALUE: what --pretend shows. Everything is taken without
# recipients, and by every spelling.
rc
while IFS='|' read -ru 9 args setting value; do
	case $args in '' | '#'*) continue ;; esac
	eval "program --pretend $args </dev/null"
	is "$status,$(shown "$setting")" "0,$value" "$args: $setting"
done 9<<'ROWS'
-P|host|127.0.0.1
--port=587|port|587
--port 0x19|port|25
--source-ip=127.0.0.2|source_ip|127.0.0.2
--proxy-host=proxy.example --proxy-port=9050|proxy_port|9050
--proxy-host=proxy.example|proxy_port|1080
--socket=/run/mail|socket|/run/mail
--timeout=7|timeout|7s
--timeout=off|timeout|off
--connect-timeout=8|timeout|8s
--protocol=lmtp --port=24|protocol|lmtp
--domain=client.example|domain|client.example
--auth --user=joe|auth|on
--auth=on --user=joe|auth|on
--auth=off|auth|off
--auth=scram-sha-256-plus --user=joe|auth|scram-sha-256-plus
--auth=gssapi --user=joe|auth|gssapi
--user=joe|user|joe
--passwordeval='echo "x"'|passwordeval|echo "x"
--tls|tls|on
--tls=on|tls_starttls|on
--tls --tls-starttls=off|tls_starttls|off
--tls=off|tls|off
--tls-starttls=off|tls_starttls|off
--tls-starttls|tls_starttls|on
--tls-certcheck=off|tls_certcheck|off
--tls-trust-file=/etc/ca|tls_trust_file|/etc/ca
--tls-trust-file=/etc/ca --tls-crl-file=/etc/crl|tls_crl_file|/etc/crl
--tls-key-file=/k --tls-cert-file=/c|tls_key_file|/k
--tls-fingerprint=00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33|tls_fingerprint|00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33
--tls-min-dh-prime-bits=2048|tls_min_dh_prime_bits|2048
--tls-priorities=NORMAL|tls_priorities|NORMAL
--tls-host-override=mail.example|tls_host_override|mail.example
--tls-force-sslv3|tls|off
--tls-force-sslv3=on|tls|off
-f bob@example.org|from|bob@example.org
--from=bob@example.org|from|bob@example.org
--auto-from --maildomain=d.example a@example.org|from|tester@d.example
-N failure,delay|dsn_notify|failure,delay
--dsn-notify=success,delay,failure|dsn_notify|success,delay,failure
-N never|dsn_notify|never
-N off|dsn_notify|off
-R hdrs|dsn_return|headers
-R headers|dsn_return|headers
--dsn-return=full|dsn_return|full
-R off|dsn_return|off
--set-from-header|set_from_header|auto
--set-from-header=on|set_from_header|on
--set-date-header|set_date_header|auto
--set-date-header=off|set_date_header|off
--set-msgid-header|set_msgid_header|auto
--set-msgid-header=off|set_msgid_header|off
--set-to-header|set_to_header|on
--set-to-header=undisclosed_recipients|set_to_header|undisclosed_recipients
--remove-bcc-headers|remove_bcc_headers|on
--remove-bcc-headers=off|remove_bcc_headers|off
--add-missing-from-header=off|set_from_header|off
--add-missing-from-header|set_from_header|auto
--add-missing-date-header=off|set_date_header|off
--add-missing-date-header=on|set_date_header|auto
--undisclosed-recipients|set_to_header|undisclosed_recipients
--undisclosed-recipients=off|set_to_header|off
--keepbcc|remove_bcc_headers|off
--keepbcc=off|remove_bcc_headers|on
-F 'Full Name'|from_full_name|Full Name
# an option cut short, and one in two words
--tls-certc=off|tls_certcheck|off
--remove=off|remove_bcc_headers|off
--dsn-ret full|dsn_return|full
ROWS

# Empty arguments unset what the account has.
while read -ru 9 option setting value; do
	rc "$setting $value"
	program --pretend "--$option=" </dev/null
	is "$status" 0 "--$option= is taken"
	unlike "$(shown "$setting")" "^$value" "--$option= unsets"
done 9<<'ROWS'
source-ip source_ip 127.0.0.2
proxy-host proxy_host proxy.example
proxy-port proxy_port 9050
socket socket /run/mail
user user joe
passwordeval passwordeval false
tls-crl-file tls_crl_file /x
tls-priorities tls_priorities NORMAL
tls-min-dh-prime-bits tls_min_dh_prime_bits 2048
tls-host-override tls_host_override mail.example
ROWS

# STATUS|ARGUMENTS: what the rules between options make of a command line
rc
while IFS='|' read -ru 9 want args; do
	case $args in '' | '#'*) continue ;; esac
	eval "program $args </dev/null"
	status_is "$want" "$args: exit status $want"
done 9<<'ROWS'
64|
64|-t
64|--nonsense
64|--port
64|--port=0 a@b.example
64|--port=65536 a@b.example
64|--auth=PLAIN a@b.example
64|--tls=yes a@b.example
64|--protocol=uucp a@b.example
64|-N Success,never a@b.example
64|-R part a@b.example
64|--set-date-header=on a@b.example
64|--password=x a@b.example
64|--ntlmdomain=x a@b.example
64|--allow-from-override=on a@b.example
64|--from-full-name=x a@b.example
64|--file
64|-a x --host=y a@b.example
64|--host=y -a x a@b.example
64|-f a@b.example --read-envelope-from a@b.example
64|--read-envelope-from -f a@b.example a@b.example
64|--read-envelope-from a@b.example
64|-S a@b.example
64|-bx a@b.example
64|-x- -e a@b.example
64|-J a@b.example
64|-c a@b.example
64|-T a@b.example
64|-D a@b.example
64|--version=x
0|--version
0|--help
0|--version --help
0|-a default --version
0|-P
0|-P -t
66|-C /nonexistent/file -P
78|-a none -P
78|-a Default -P
ROWS
program --version --help </dev/null
is "$(grep -c '^posthaste [0-9]' "$out"),$(grep -c -- '--read-recipients' "$out")" 1,1 "--version --help prints both"
# The environment alone, where no account fits and no --host stands.
printf 'account work\nhost work.example\n' >"$T/msmtprc"
EMAIL=me@env.example SMTPSERVER=env.example program --pretend </dev/null
is "$(shown host) $(shown from)" 'env.example me@env.example' "EMAIL and SMTPSERVER, where no account is called default"
EMAIL=me@env.example SMTPSERVER=env.example program -a work --pretend </dev/null
is "$(shown host)" work.example "EMAIL and SMTPSERVER do not count with -a"

# ARGUMENTS|RECIPIENTS: who gets it, of $T/mail with -t
rc
printf 'From: h@example.org\nTo: a@example.org\nCc: B <b@example.org>\nBcc: c@example.org\n\nx\n' >"$T/mail"
while IFS='|' read -ru 9 args want; do
	eval "program --dry-run $args <'$T/mail'"
	is "$status,$(sed -n '/^$/q;s/^To: <\(.*\)>$/\1/p' "$out" | paste -sd' ')" "0,$want" "$args: recipients"
done 9<<'ROWS'
d@example.org|d@example.org
d@example.org -i e@example.org|d@example.org e@example.org
-t|a@example.org b@example.org c@example.org
-t d@example.org|d@example.org a@example.org b@example.org c@example.org
--read-recipients d@example.org|d@example.org a@example.org b@example.org c@example.org
-- d@example.org|d@example.org
'D (comment) <d@example.org>, e@example.org'|d@example.org e@example.org
'team: d@example.org, E <e@example.org>;'|d@example.org e@example.org
-oi -odb -oem -om -O k=v -B8BITMIME d@example.org|d@example.org
-o i d@example.org|d@example.org
-A x -B 8BITMIME -h 3 -L tag -G -i -m -n -bm d@example.org|d@example.org
-ti|a@example.org b@example.org c@example.org
ROWS

# ---- choice of account ----
cat >"$T/msmtprc" <<'END'
account exact
host exact
from exact@example.org
account twice
host twice
from exact@example.org
account glob
host glob
from *@Glob.example
account plus
host plus
from plus@example.org
account fixed
host fixed
from fixed@example.org
allow_from_override off
account named
host named
from user-%U@example.org
account default
host other
from default@example.org
END
printf 'From: Plus <plus+x@example.org>\nResent-From: r@example.org\nTo: a@example.org\n\nx\n' >"$T/mail"
# ARGUMENTS|HOST FROM
while IFS='|' read -ru 9 args want; do
	eval "program --dry-run a@example.org $args <'$T/mail'"
	is "$(sed -n 's/^Account: //p;s/^From: <\(.*\)>$/\1/p;/^$/q' "$out" | paste -sd' ')" "$want" \
		"account and sender: $args"
done 9<<'ROWS'
|default default@example.org
-a exact|exact exact@example.org
-f exact@example.org|exact exact@example.org
-f EXACT@EXAMPLE.ORG|exact EXACT@EXAMPLE.ORG
-f exact+detail@example.org|exact exact+detail@example.org
-f x@Glob.example|glob x@Glob.example
-f x@glob.example|default x@glob.example
-f x+y@Glob.example|glob x+y@Glob.example
--read-envelope-from|plus plus+x@example.org
-f fixed@example.org|fixed fixed@example.org
-a fixed -f x@example.org|fixed fixed@example.org
-a plus -f x@example.org|plus x@example.org
-a named|named user-tester@example.org
-f user-tester@example.org|default user-tester@example.org
-a glob -f x@example.net|glob x@example.net
ROWS

# ---- 1b: the configuration file ----
# SETTING|VALUE|LINES: -a x shows it
while IFS='|' read -ru 9 setting value lines; do
	case $setting in '' | '#'*) continue ;; esac
	printf "$lines" >"$T/msmtprc"
	program -a x --pretend </dev/null
	is "$status,$(shown "$setting")" "0,$value" "$lines: $setting"
done 9<<'ROWS'
# lines
host|h|account x\n\t host \t h \t \nfrom a@b\n
from_full_name|A B|account x\nhost h\nfrom_full_name "A B"\n
from_full_name|a "b" c|account x\nhost h\nfrom_full_name a "b" c\n
from_full_name|"\"a"|account x\nhost h\nfrom_full_name "a\n
from_full_name|a\\b|account x\nhost h\nfrom_full_name a\\\\b\n
from_full_name|a # b|account x\nhost h\nfrom_full_name a # b\n
host|h|# host g\naccount x\n  # host g\nhost h\n
host|h|account x\r\nhost h\r\n
host|h|account x\nhost h
# the port
port|25|account x\nhost h\n
port|25|account x\nhost h\ntls on\n
port|465|account x\nhost h\ntls on\ntls_starttls off\n
port|25|account x\nhost h\ntls_starttls off\n
port|24|account x\nhost h\nport 24\nprotocol lmtp\n
# inheritance
host|h|account y\nhost h\naccount x : y\n
host|h|account y\nhost h\naccount x:y\n
user|z|account y\nhost h\nuser y\naccount z\nhost h\nuser z\naccount x : y,z\n
user|y|account y\nhost h\nuser y\naccount z\nhost h\naccount x : y, z\n
timeout|5s|defaults\ntimeout 5\naccount x\nhost h\n
timeout|6s|defaults\ntimeout 5\naccount y\nhost y\ndefaults\ntimeout 6\naccount x\nhost h\n
timeout|5s|defaults\ntimeout 5\naccount x\nhost h\ndefaults\ntimeout 6\n
# an empty argument: on, unset, or the word of the contract
tls|on|account x\nhost h\ntls\n
tls_starttls|on|account x\nhost h\ntls_starttls\n
tls_certcheck|on|account x\nhost h\ntls_certcheck\n
auth|on|account x\nhost h\nuser u\nauth\n
set_from_header|auto|account x\nhost h\nset_from_header\n
set_date_header|auto|account x\nhost h\nset_date_header\n
set_msgid_header|auto|account x\nhost h\nset_msgid_header\n
set_to_header|on|account x\nhost h\nset_to_header\n
remove_bcc_headers|on|account x\nhost h\nremove_bcc_headers\n
ntlmdomain|D|account x\nhost h\nntlmdomain D\n
dsn_return|headers|account x\nhost h\ndsn_return headers\n
# the first commands of a file make the account default
timeout|off|host g\ntimeout 5\naccount x\nhost h\n
ROWS
printf 'timeout 5\nhost first\nfrom a@b\n' >"$T/msmtprc"
program -a default --pretend </dev/null
is "$(shown host) $(shown timeout)" 'first 5s' "commands before any account make the account default"
printf 'account default\nhost h\nfrom a@b.example\npassword %01000d\n' 7 >"$T/msmtprc"
program --pretend </dev/null
status_is 0 "DEFECT: a line of more than 500 characters loads"

# LINES that are wrong: 78, with the line
while IFS='|' read -ru 9 at lines; do
	printf "$lines" >"$T/msmtprc"
	program -a x --pretend </dev/null
	status_is 78 "$lines: exit status 78"
	said "^posthaste: $T/msmtprc, line $at," "$lines: the line is named"
done 9<<'ROWS'
2|account x\nhots h\n
2|account x\nHost h\n
2|account x\nhost\n
2|account x\ntls yes\n
2|account x\ntls true\n
2|account x\nport 0\n
2|account x\nport x\n
2|account x\ntimeout 0\n
2|account x\nprotocol uucp\n
2|account x\nauth PLAIN\n
2|account x\nallow_from_override\n
2|account x\ndsn_notify\n
2|account x\ndsn_return\n
2|account x\ndsn_return half\n
2|account x\nset_date_header on\n
2|account x\ntls_fingerprint 00:11\n
2|account x\naccount x\n
1|account x : y\n
1|account x,y\n
1|account\n
1|defaults x\n
2|account x\ntls_nocertcheck on\n
ROWS

# %-sequences, where the message is there
while IFS='|' read -ru 9 setting value lines; do
	rc "$(printf "$lines")"
	printf 'From: F <f@example.org>\nTo: a@example.org\n\nx\n' >"$T/input"
	program --pretend a@example.org <"$T/input"
	is "$status,$(shown "$setting")" "0,$value" "$lines"
done 9<<ROWS
from|tester@example.org|from %%U@example.org
from|x@$HOST|from x@%%H
from|f@example.org|from %%F
domain|$HOST|domain %%H
domain|x.$HOST|domain x.%%H
ROWS
[ -e /etc/mailname ] || [ -e /usr/local/etc/mailname ] || {
	rc 'domain %M'
	program --pretend a@example.org </dev/null
	status_is 78 "%M without a mailname: exit status 78"
}
# Who may read a password.
if [ "$(id -u)" != 0 ]; then
	runs() { run timeout 20 "$POSTHASTE" -C "$T/msmtprc" --pretend </dev/null; }
elif setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null; then
	# Another user's: the program and the file have to be where that one may go.
	chmod 711 "$T"
	install -m 755 "$POSTHASTE" "$T/program"
	runs() {
		chown "${owner:-65534}" "$T/msmtprc"
		run timeout 20 setpriv --reuid 65534 --regid 65534 --clear-groups "$T/program" -C "$T/msmtprc" --pretend </dev/null
	}
else
	runs() { false; }
fi
if runs || [ -s "$err" ]; then
	while read -ru 9 mode want secret; do
		rc "$secret"
		chmod "$mode" "$T/msmtprc"
		runs
		status_is "$want" "mode $mode, $secret: exit status $want"
	done 9<<-'ROWS'
	600 0 password secret
	400 0 password secret
	640 78 password secret
	604 78 password secret
	620 78 password secret
	644 0 passwordeval cat x
	644 0 user joe
	ROWS
fi
if [ "$(id -u)" = 0 ] && [ -e "$T/program" ]; then
	rc 'user joe'
	chmod 644 "$T/msmtprc"
	owner=0 runs
	status_is 0 "a file of another user without a password: exit status 0"
fi

# ---- 1c: exit status ----
# The rows that tests/cli/exit_status.sh has not: where msmtp says something
# else, and callers know the difference between now and never.
# STATUS|MSMTP'S|NAME|SINK|ARGUMENTS
printf 'From: alice@example.org\nTo: bob@example.org\nDate: d\nMessage-ID: <test@example.org>\n\nGood morning.\n' \
	>"$T/mail"
printf 'wrong\n' >"$T/wrong"
# where the server has to be asked with DATA
data='--extensions PIPELINING,SIZE,8BITMIME'
: "$data"
while IFS='|' read -ru 9 want msmtp name sink args; do
	eval "smarthost $sink"
	rc 'user joe' 'timeout 20'
	eval "program $args bob@example.org <'$T/mail'"
	smarthost_stop
	status_is "$want" "$name: exit status $want (msmtp: $msmtp)"
	[ "$want" = 0 ] || said '^posthaste: ' "$name: said"
	[ "$want" != 0 ] || is "$(cat "$err")" '' "$name: silent"
done 9<<'ROWS'
0|0|accepted||
0|0|251 to RCPT|--reply 'rcpt=251 2.1.5 will forward'|
77|65|5xx to MAIL|--reply 'mail=550 5.7.1 no'|
67|65|5xx to RCPT|--reply 'rcpt=550 5.1.1 no'|
65|65|5xx to DATA|$data --reply 'data=554 5.6.0 no'|
75|69|4xx to MAIL|--reply 'mail=451 4.3.0 wait'|
75|69|4xx to RCPT|--reply 'rcpt=451 4.3.0 wait'|
75|69|4xx to DATA|$data --reply 'data=451 4.3.0 wait'|
75|69|4xx to the end of data|--reply 'eod=451 4.3.0 wait'|
65|69|5xx to the end of data|--reply 'eod=554 5.6.0 no'|
69|69|STARTTLS not offered||--tls
69|69|AUTH not offered||--auth --password-file="$T/password"
69|69|DSN not offered|--extensions SIZE|-N success
69|69|the mechanism not offered|--auth LOGIN|--auth=scram-sha-1 --password-file="$T/password"
66|66|a trust file that is missing||--tls --tls-trust-file="$T/none.pem"
66|66|a certificate that is missing||--tls --tls-cert-file="$T/none.crt" --tls-key-file="$T/none.key"
77|69|a certificate that is not trusted|--tls starttls --cert "$CA/wronghost.pem" --key "$CA/wronghost.key"|--tls --tls-trust-file="$CA/ca.crt"
78|69|auth without a user||--auth --user=
78|69|auth without a password||--auth=plain
75|76|421 as a greeting|--reply 'greeting=421 4.3.2 later'|
69|76|554 as a greeting|--reply 'greeting=554 5.7.1 no'|
69|76|EHLO and HELO refused|--reply 'ehlo=502 5.5.1 no' --reply 'helo=502 5.5.1 no'|
75|76|STARTTLS put off|--tls starttls --cert "$CA/good.pem" --key "$CA/good.key" --reply 'starttls=454 4.7.0 wait'|--tls --tls-trust-file="$CA/ca.crt"
76|76|a reply that is none|$data --reply 'mail=hello'|
76|76|no TLS where there should be|--tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --garbage-tls|--tls --tls-starttls=off --tls-trust-file="$CA/ca.crt"
76|76|text after the reply to STARTTLS|--tls starttls --cert "$CA/good.pem" --key "$CA/good.key" --inject $'starttls=250 ok\r\n'|--tls --tls-trust-file="$CA/ca.crt"
77|77|AUTH refused|--auth PLAIN --user joe --password-file "$T/password"|--auth=plain --password-file="$T/wrong"
75|77|AUTH put off|--auth PLAIN --user joe --reply 'auth=454 4.7.0 wait'|--auth=plain --password-file="$T/password"
75|74|the connection lost|--close mail|
75|74|silence|--hang mail|--timeout=1
75|75|no server there|--once 1|--port=1
78|70|a priority string that is none|--tls implicit --cert "$CA/good.pem" --key "$CA/good.key"|--tls --tls-starttls=off --tls-priorities=NONSENSE
ROWS
rc 'auth plain' 'user joe' 'passwordeval true'
program bob@example.org <"$T/mail"
like "$status" '^7[58]$' "passwordeval that says nothing: exit status"
said 'passwordeval' "passwordeval that says nothing: it is named"

# ---- 1f: what becomes of the message ----
# wire ARGUMENT...: sends $T/input; $T/got is what arrived, as one line with "|" for CRLF
wire() {
	smarthost --max-line 0 ${sink[@]+"${sink[@]}"}
	rc ${lines[@]+"${lines[@]}"}
	program "$@" <"$T/input"
	# No connection may have been made.
	if grep -q '^# connection' "$T/transcript"; then smarthost_end; else smarthost_stop; fi
	find "$T/spool" -name 0001.eml -exec cat {} + | tr '\n' '|' | tr -d '\r' >"$T/got"
}
sink=() lines=()
date='[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} [-+][0-9]{4}'
full='Date: d\nMessage-ID: <e@f>\n'
rest='Date: d\|Message-ID: <e@f>'
# NAME;ARGUMENTS;INPUT;PATTERN, with $date, $full and $rest
while IFS=';' read -ru 9 name args input pattern; do
	case $name in '' | '#'*) continue ;; esac
	# shellcheck disable=SC2059
	printf "${input//FULL/$full}" >"$T/input"
	eval "wire $args bob@example.org"
	pattern=${pattern//DATE/$date} pattern=${pattern//REST/$rest}
	like "$status,$(cat "$T/got")" "^0,$pattern\$" "$name"
	no_violation "$name: nothing the server objects to"
done 9<<'ROWS'
# in front, in this order
all that is missing, in order;;Subject: s\n\nx\n;From: alice@example.org\|Date: DATE\|Message-ID: <[^@ ]+@example.org>\|Subject: s\|\|x\|
with To;--set-to-header;Subject: s\n\nx\n;From: alice@example.org\|To: bob@example.org\|Date: DATE\|Message-ID: <[^ ]+>\|Subject: s\|\|x\|
what is there is not added;;From: c@d.e\nFULL\nx\n;From: c@d.e\|REST\|\|x\|
names of fields in any case;;FROM: c@d.e\ndate: d\nMESSAGE-id: <e@f>\n\nx\n;FROM: c@d.e\|date: d\|MESSAGE-id: <e@f>\|\|x\|
set_from_header off;--set-from-header=off;FULL\nx\n;REST\|\|x\|
set_date_header off;--set-date-header=off;From: c@d.e\nMessage-ID: <e@f>\n\nx\n;From: c@d.e\|Message-ID: <e@f>\|\|x\|
set_msgid_header off;--set-msgid-header=off;From: c@d.e\nDate: d\n\nx\n;From: c@d.e\|Date: d\|\|x\|
set_from_header on removes each;--set-from-header=on;From: c@d.e\nFULLFrom: g@h.i\n j\n\nx\n;From: alice@example.org\|REST\|\|x\|
set_to_header on removes To, Cc, Bcc;--set-to-header --remove-bcc-headers=off;From: c@d.e\nTo: t@d.e\nCc: u@d.e,\n v@d.e\nBcc: w@d.e\nFULL\nx\n;To: bob@example.org\|From: c@d.e\|REST\|\|x\|
undisclosed_recipients too;--undisclosed-recipients --keepbcc;From: c@d.e\nTo: t@d.e\nBcc: w@d.e\nFULL\nx\n;To: undisclosed-recipients:\;\|From: c@d.e\|REST\|\|x\|
Bcc goes;;From: c@d.e\nBcc: t@d.e,\n u@d.e\nFULL\nx\n;From: c@d.e\|REST\|\|x\|
Bcc stays on request;--keepbcc;From: c@d.e\nBcc: t@d.e\nFULL\nx\n;From: c@d.e\|Bcc: t@d.e\|REST\|\|x\|
the domain of the Message-ID: domain;--domain=client.example;From: c@d.e\nDate: d\n\nx\n;Message-ID: <[^@ ]+@client.example>\|From: c@d.e\|Date: d\|\|x\|
the domain of the Message-ID: the host at last;-f '<>';From: c@d.e\nDate: d\n\nx\n;Message-ID: <[^@ ]+@\[?127.0.0.1\]?>\|From: c@d.e\|Date: d\|\|x\|
a full name;-F 'Alice Adams';FULL\nx\n;From: Alice Adams <alice@example.org>\|REST\|\|x\|
a full name beyond ASCII;-F $'J\303\266rg';FULL\nx\n;From: =\?[Uu][Tt][Ff]-8\?[BbQq]\?[^ ?]+\?= <alice@example.org>\|REST\|\|x\|
# line ends and dots
LF and CRLF;;From: c@d.e\r\nFULL\r\nx\r\ny\n;From: c@d.e\|REST\|\|x\|y\|
no CR in a header;;From: c@d.e\nDa\rte: d\nMessage-ID: <e@f>\n\nx\n;From: c@d.e\|REST\|\|x\|
the last line end;;From: c@d.e\nFULL\nx;From: c@d.e\|REST\|\|x\|
dots;;From: c@d.e\nFULL\n.\n..x\n.;From: c@d.e\|REST\|\|\.\|\.\.x\|\.\|
# DEFECT: msmtp sends this as broken header lines
DEFECT: a text without a header is a body;;Good morning\nfriend\n;From: alice@example.org\|Date: DATE\|Message-ID: <[^ ]+>\|\|Good morning\|friend\|
DEFECT: no empty From for the null sender;-f '<>';FULL\nx\n;(From: alice@example.org\|)?REST\|\|x\|
DEFECT: Resent-Bcc goes;;From: c@d.e\nResent-Bcc: t@d.e\nFULL\nx\n;From: c@d.e\|REST\|\|x\|
DEFECT: Bcc with a blank goes;;From: c@d.e\nBcc : t@d.e\nFULL\nx\n;From: c@d.e\|REST\|\|x\|
DEFECT: an mbox line is no header;;From bob Mon Mar  2 10:00:00 2026\nFrom: c@d.e\nFULL\nx\n;From: c@d.e\|REST\|\|x\|
DEFECT: From with a blank is seen;;From : c@d.e\nFULL\nx\n;From : c@d.e\|REST\|\|x\|
DEFECT: a name with a comma is quoted;-F 'Adams, Alice';FULL\nx\n;From: "Adams, Alice" <alice@example.org>\|REST\|\|x\|
ROWS
printf 'From: c@d.e\n\nab\rcd\n' >"$T/input"
wire bob@example.org
like "$(cat "$T/got")" '\|\|ab\|cd\|$' "DEFECT: a lone CR is not passed on"
printf 'From: c@d.e\n\na\0b\n' >"$T/input"
wire bob@example.org
is "$status,$(stored),$(tail -1 "$T/spool/0001.eml" | base64 -di | od -An -c | tr -d ' \n')" '0,1,a\0b\n' \
	"DEFECT: a NUL is not passed on as it is"
{ printf 'From: c@d.e\n\n' && head -c 100000 /dev/zero | tr '\0' x && echo; } >"$T/input"
wire bob@example.org
length=$("$PYTHON" -c 'import sys, email
print(len(email.message_from_binary_file(open(sys.argv[1], "rb")).get_payload(decode=True).rstrip()))' \
	"$T/spool/0001.eml")
is "$status,$length" 0,100000 "lines of any length pass, encoded"

# envelopes of the header: INPUT;ARGUMENTS;SENDER RECIPIENTS
while IFS=';' read -ru 9 input args want; do
	# shellcheck disable=SC2059
	printf "$input\n\nx\n" >"$T/input"
	eval "wire $args"
	is "$status,<$(envelope mail_from)> $(envelope rcpt)" "0,$want" "$args: $input"
done 9<<'ROWS'
To: a@d.e\nCc: b@d.e\nBcc: c@d.e;-t;<alice@example.org> a@d.e b@d.e c@d.e
To: a@d.e\nResent-To: b@d.e\nResent-Cc: c@d.e\nResent-Bcc: f@d.e;-t;<alice@example.org> b@d.e c@d.e f@d.e
Resent-To: a@d.e\nReceived: x\nResent-To: b@d.e;-t;<alice@example.org> a@d.e
From: F <f@d.e>, g@d.e\nFrom: h@d.e;--read-envelope-from a@d.e;<f@d.e> a@d.e
Resent-From: r@d.e\nFrom: f@d.e;--read-envelope-from a@d.e;<r@d.e> a@d.e
From: f@d.e\nResent-From: r@d.e;--read-envelope-from a@d.e;<f@d.e> a@d.e
To: a@d.e;-f MAILER-DAEMON a@d.e;<> a@d.e
To: a@d.e;-f mailer-daemon a@d.e;<> a@d.e
To: a@d.e;-f '<>' a@d.e;<> a@d.e
To: a@d.e;-f f@d.e a@d.e;<f@d.e> a@d.e
ROWS

# ---- faults that must not come back ----
printf 'From: c@d.e\nDate: d\nMessage-ID: <e@f>\n\nx\n' >"$T/input"
for option in -f --from= -r; do
	wire "$option"$'a@b>\r\nRCPT TO:<x@y' bob@example.org
	like "$status" '^6[45]$' "DEFECT: a line end in $option is refused"
	is "$(grep -c 'x@y' "$T/transcript")" 0 "DEFECT: a line end in $option gives no command"
done
for override in on off; do
	lines=('from *@wild.example' "allow_from_override $override")
	smarthost
	rc "${lines[@]}"
	program bob@example.org <"$T/input"
	smarthost_stop
	is "$status,$(stored)" 78,0 "DEFECT: a pattern is no sender, allow_from_override $override"
	is "$(grep -c 'MAIL FROM' "$T/transcript")" 0 "DEFECT: and is not reported, allow_from_override $override"
done
lines=()

# the password's helper: its status counts, its first line alone is the password
sink=(--auth PLAIN --user joe --password-file "$T/password")
lines=('auth plain' 'user joe' "passwordeval cat $T/password; exit 3")
wire bob@example.org
is "$status,$(stored)" 75,0 "DEFECT: a password from a helper that failed is not used"
lines=('auth plain' 'user joe' "passwordeval cat $T/password; echo more")
wire bob@example.org
is "$status,$(stored)" 0,1 "a password is the first line of its helper"
lines=('auth plain' 'user joe' "passwordeval touch $T/asked")
rc "${lines[@]}"
program --pretend bob@example.org <"$T/input"
check "DEFECT: --pretend asks for no password" test ! -e "$T/asked"
lines=('auth plain' 'user joe' "password correct-horse")
wire -d bob@example.org
is "$status,$(grep -c "correct-horse\|$(printf '\0joe\0correct-horse' | base64)" "$out" "$err" | paste -sd' ' |
	sed 's/[^ ]*://g')" '0,0 0' "DEFECT: --debug shows no secret"
like "$(cat "$out")" 'AUTH PLAIN' "and the command it was in"

# AUTH answered as no server should
sink=(--auth PLAIN --user joe --reply 'auth=334 ' --reply 'auth=334 ')
wire bob@example.org
like "$status" '^(76|77)$' "DEFECT: 334 to AUTH PLAIN is no success"
never_sent 'MAIL' "DEFECT: 334 to AUTH PLAIN: no mail follows"
json=$(printf '{"status":"401","schemes":"bearer"}' | base64 -w 0)
sink=(--auth XOAUTH2 --user joe --reply "auth=334 $json" --reply 'auth=535 5.7.8 no')
lines=('auth xoauth2' 'user joe' 'password token')
wire bob@example.org
status_is 77 "a token refused: exit status 77"
said '401' "DEFECT: the server's reason for refusing a token is shown"
sink=() lines=()

# replies and capabilities
long=$(head -c 1500 /dev/zero | tr '\0' y)
sink=(--reply "mail=250 2.1.0 $long")
wire bob@example.org
status_is 0 "DEFECT: a reply of 1,500 characters is one"
sink=(--reply "rcpt=550 5.1.1 $long")
wire bob@example.org
status_is 67 "DEFECT: an error of 1,500 characters is that error"
sink=(--extensions 'DSNX,SIZES')
wire -N success bob@example.org
status_is 69 "DEFECT: DSNX is not DSN"
sink=(--extensions 'SIZE 10')
wire bob@example.org
is "$status,$(grep -Ec '^C: (DATA|BDAT)' "$T/transcript")" 65,0 \
	"DEFECT: what is too big for the server is not sent to it"
sink=(--extensions 'SIZE,8BITMIME')
printf 'From: c@d.e\nDate: d\nMessage-ID: <e@f>\n\n\303\251\n' >"$T/input"
wire bob@example.org
like "$(envelope mail_params)" 'BODY=8BITMIME' "DEFECT: 8-bit text is declared"
wire $'j\303\266rg@example.org'
status_is 65 "DEFECT: an address that needs SMTPUTF8 is not sent to a server without it"
sink=()
wire $'j\303\266rg@example.org'
like "$status,$(envelope mail_params)" '^0,.*SMTPUTF8' "DEFECT: and is declared to one with it"

# some of the recipients
accepted() { sed -n 's/.*{"address": "\([^"]*\)",.*"code": 250.*/\1/p' "$T/spool/0001.json" | paste -sd' '; }
printf 'From: c@d.e\nDate: d\nMessage-ID: <e@f>\n\nx\n' >"$T/input"
for extensions in PIPELINING,SIZE SIZE; do
	sink=(--extensions "$extensions" --reply 'rcpt:no@example.org=550 5.1.1 no')
	wire bob@example.org no@example.org carol@example.org
	is "$status,$(accepted)" '67,bob@example.org carol@example.org' \
		"DEFECT: one refused recipient does not cost the others their mail, $extensions"
	said 'no@example.org' "DEFECT: who was refused is reported, $extensions"
	like "$(cat "$T/transcript")" $'\n''C: QUIT' "DEFECT: the session ends properly, $extensions"
	sink=(--extensions "$extensions" --reply 'rcpt=550 5.1.1 no')
	wire no@example.org
	is "$status,$(stored)" 67,0 "DEFECT: none accepted, $extensions: nothing is sent"
	like "$(cat "$T/transcript")" $'\n''C: QUIT' "DEFECT: none accepted, $extensions: the session ends properly"
done

# a message in large pieces
{ cat "$T/input" && for ((i = 0; i < 2000; i++)); do echo "line $i"; done; } >"$T/lines"
mv "$T/input" "$T/short"
mv "$T/lines" "$T/input"
sink=(--tls implicit --cert "$CA/good.pem" --key "$CA/good.key")
lines=('tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt")
wire bob@example.org
is "$status,$(stored)" 0,1 "2,000 lines inside TLS"
records=$(envelope tls_records)
check "DEFECT: 2,000 lines are not 2,000 TLS records, but $records" test "$records" -gt 0 -a "$records" -lt 100
mv "$T/short" "$T/input"

# time limits inside TLS, and at a Unix socket
for tls in implicit starttls; do
	sink=(--tls "$tls" --cert "$CA/good.pem" --key "$CA/good.key" --hang mail)
	lines=('tls on' "tls_starttls $([ "$tls" = starttls ] && echo on || echo off)" "tls_trust_file $CA/ca.crt" 'timeout 1')
	wire bob@example.org
	status_is 75 "DEFECT: a time limit counts inside TLS, $tls"
done
sink=(--tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --hang tls)
wire bob@example.org
status_is 75 "DEFECT: a time limit counts in the TLS handshake"
sink=(--listen "unix:$T/socket" --hang mail)
lines=("socket $T/socket" 'timeout 1')
wire bob@example.org
status_is 75 "DEFECT: a time limit counts at a Unix socket"
done_testing
