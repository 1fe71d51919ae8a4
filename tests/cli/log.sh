#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The log: one line for each message somebody tried to send, in msmtp's form;
# what is in it after each fate; and that a log which cannot be written
# changes neither the mail nor the exit status.
# shellcheck disable=SC2154 # $out and $err are tap.sh's
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good wronghost

log=$T/log
two='bob@example.org carol@example.org'
: "$two"
month='[A-Z][a-z][a-z] [0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-6][0-9]'
from='from=alice@example.org'
id='id=test@example.org'
: "$id"

# logs STATUS|NAME|LINE|SINK OPTIONS|ARGUMENTS: LINE is a pattern for all of the
# one line but the time; the last two are words for the shell.
logs() {
	local want name line sink args
	IFS='|' read -r want name line sink args <<<"$1"
	eval "smarthost $sink"
	conf "logfile $log"
	rm -f "$log"
	case $args in
	*' <'*) eval "post_stdin $args" ;;
	*) eval "post $args" ;;
	esac
	smarthost_stop
	status_is "$want" "$name: exit status $want"
	is "$(wc -l <"$log" 2>/dev/null)" 1 "$name: one line"
	eval "line=\"$line\""
	like "$(cat "$log" 2>/dev/null)" "^$month $line\$" "$name: the line"
}

printf 'wrong\n' >"$T/wrong"
# Below, H stands for what begins a line without authentication.
H='host=127.0.0.1 tls=off auth=off'
: "$H"
while IFS= read -ru 9 row; do
	case $row in '' | '#'*) continue ;; esac
	logs "$row"
done 9<<'ROWS'
# accepted
0|accepted|$H $from recipients=bob@example.org mailsize=150 smtpstatus=250 smtpmsg='250 2.0.0 Ok[^']*' $id ms=[0-9]+ exitcode=EX_OK|--reply 'eod=250 2.0.0 Ok: queued as 4D1F'|bob@example.org
0|accepted for two|$H $from recipients=bob@example.org,carol@example.org mailsize=150 smtpstatus=250 smtpmsg='250 [^']*' $id ms=[0-9]+ exitcode=EX_OK||$two
0|a reply of several lines|$H $from recipients=bob@example.org mailsize=150 smtpstatus=250 smtpmsg='250-it\?s[\\\\]n250 2.0.0 Ok' $id ms=[0-9]+ exitcode=EX_OK|--reply $'eod=250-it\'s\r\n250 2.0.0 Ok'|bob@example.org
0|the null sender|$H from= recipients=bob@example.org mailsize=150 .* exitcode=EX_OK||-f '<>' bob@example.org
0|with authentication|host=127.0.0.1 tls=off auth=on user=joe $from recipients=bob@example.org mailsize=150 .* $id auth_mech=PLAIN ms=[0-9]+ exitcode=EX_OK|--auth PLAIN --user joe --password-file "$T/password"|--auth=plain --password-file="$T/password" bob@example.org
0|with TLS|host=127.0.0.1 tls=on auth=off $from recipients=bob@example.org mailsize=150 .* $id tls_version=TLS1.[23] ms=[0-9]+ exitcode=EX_OK|--tls implicit --cert "$CA/good.pem" --key "$CA/good.key"|--tls --tls-starttls=off --tls-trust-file="$CA/ca.crt" bob@example.org
0|LMTP|$H $from recipients=bob@example.org,carol@example.org mailsize=150 .*$id ms=[0-9]+ exitcode=EX_OK|--lmtp|--protocol=lmtp $two
# some of several
67|one of two is refused|$H $from recipients=bob@example.org,carol@example.org mailsize=150 smtpstatus=550 smtpmsg='550 5.1.1 who' errormsg='RCPT TO:<bob@example.org>: [^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_NOUSER|--reply 'rcpt:bob@example.org=550 5.1.1 who'|$two
75|one of two is put off|$H $from recipients=bob@example.org,carol@example.org mailsize=150 smtpstatus=450 smtpmsg='450 4.2.1 busy' errormsg='RCPT [^']*' $id ms=[0-9]+ rcpt_failed=carol@example.org exitcode=EX_TEMPFAIL|--reply 'rcpt:carol@example.org=450 4.2.1 busy'|$two
67|LMTP refuses one after the data|$H $from recipients=bob@example.org,carol@example.org mailsize=150 smtpstatus=552 smtpmsg='552 5.2.2 full' errormsg='[^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_NOUSER|--lmtp --reply 'eod:bob@example.org=552 5.2.2 full'|--protocol=lmtp $two
# nobody
67|all recipients are refused|$H $from recipients=bob@example.org,carol@example.org smtpstatus=550 smtpmsg='550 5.1.1 who' errormsg='RCPT TO:<bob@example.org>: [^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org,carol@example.org exitcode=EX_NOUSER|--reply 'rcpt=550 5.1.1 who'|$two
65|the message is refused|$H $from recipients=bob@example.org smtpstatus=550 smtpmsg='550 5.7.1 spam' errormsg='end of data: [^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_DATAERR|--reply 'eod=550 5.7.1 spam'|bob@example.org
75|the greeting puts off|$H $from recipients=bob@example.org smtpstatus=450 smtpmsg='450 4.3.2 busy' errormsg='greeting: [^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_TEMPFAIL|--reply 'greeting=450 4.3.2 busy'|bob@example.org
75|no server listens|$H $from recipients=bob@example.org errormsg='connecting: [^']*127.0.0.1[^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_TEMPFAIL||--port=1 bob@example.org
75|the connection is lost|$H $from recipients=bob@example.org errormsg='RCPT: [^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_TEMPFAIL|--close rcpt|bob@example.org
75|the fate is unknown|$H $from recipients=bob@example.org errormsg='end of data: [^']*may have been[^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_TEMPFAIL|--close eod|bob@example.org
76|a greeting that is no SMTP|$H $from recipients=bob@example.org errormsg='greeting: [^']*: SSH-2.0-OpenSSH' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_PROTOCOL|--reply 'greeting=SSH-2.0-OpenSSH'|bob@example.org
77|the password is refused|host=127.0.0.1 tls=off auth=on user=joe $from recipients=bob@example.org smtpstatus=535 smtpmsg='535 [^']*' errormsg='AUTH PLAIN: [^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_NOPERM|--auth PLAIN --user joe --password-file "$T/password"|--auth=plain --password-file="$T/wrong" bob@example.org
77|the certificate is not trusted|host=127.0.0.1 tls=on auth=off $from recipients=bob@example.org errormsg='TLS: [^']*' $id( tls_version=[^ ]*)? ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_NOPERM|--tls implicit --cert "$CA/wronghost.pem" --key "$CA/wronghost.key"|--tls --tls-starttls=off --tls-trust-file="$CA/ca.crt" bob@example.org
# before a session
64|no recipients|$H $from recipients= errormsg='no recipients' exitcode=EX_USAGE||
64|no recipients in the header|$H $from recipients= errormsg='no recipients' exitcode=EX_USAGE||-t </dev/null
78|a configuration that is wrong|$H $from recipients=bob@example.org errormsg='account default: a private key is set[^']*' exitcode=EX_CONFIG||--tls-key-file=x bob@example.org
66|a password file that is missing|host=127.0.0.1 tls=off auth=on user=joe $from recipients=bob@example.org errormsg='password for account default: [^']*' $id ms=[0-9]+ rcpt_failed=bob@example.org exitcode=EX_NOINPUT||--auth=plain --password-file="$T/missing" bob@example.org
65|a recipient that is none|$H from=alice@example.org recipients=bob@example.org[\\\\]x0d[\\\\]x0aexitcode=EX_OK errormsg='recipient [^']*' exitcode=EX_DATAERR||$'bob@example.org\r\nexitcode=EX_OK'
65|a sender that is none|$H from=eve@example.org[\\\\]x20exitcode=EX_OK recipients=bob@example.org errormsg='envelope sender: [^']*' exitcode=EX_DATAERR||-f 'eve@example.org exitcode=EX_OK' bob@example.org
# quoted local parts
0|quotes, blanks and commas in addresses|$H from=[\\\\]x22al[\\\\]x20ice[\\\\]x22@example.org recipients=[\\\\]x22b[\\\\]x2cob[\\\\]x22@example.org mailsize=[0-9]+ .* exitcode=EX_OK||-f '"al ice"@example.org' '"b,ob"@example.org'
ROWS

# ---- the Message-ID ----
# Without its brackets when it has both; else as it stands, to the last character.
port=1
conf "logfile $log" 'log_format json'
while IFS='|' read -ru 9 value want; do
	rm -f "$log"
	post_stdin bob@example.org < <(printf 'Message-ID: %s\nFrom: alice@example.org\n\nx\n' "$value")
	got=$("$PYTHON" -c 'import json, sys; print(json.loads(open(sys.argv[1]).read())["id"])' "$log")
	is "$got" "$want" "Message-ID: $value"
done 9<<'ROWS'
<one@example.org>|one@example.org
<two@example.org|<two@example.org
three@example.org>|three@example.org>
four@example.org|four@example.org
<|<
>|>
x|x
ROWS

# ---- accounts that cannot be used ----
port=1
printf 'logfile %s\nfrom alice@example.org\n' "$log" >"$T/rc"
rm -f "$log"
post bob@example.org
status_is 78 "no host: exit status 78"
line="$month host= tls=on auth=off $from recipients=bob@example.org"
line+=" errormsg='account default: no server is set \(.*/rc, line 1\)' exitcode=EX_CONFIG"
like "$(cat "$log")" "^$line\$" "no host: the line"

printf 'host x\nnonsense\n' >"$T/rc"
rm -f "$log"
post -X "$log" bob@example.org
status_is 78 "a file with a fault: exit status 78"
like "$(cat "$log")" "recipients=bob@example.org errormsg='.*rc, line 2, column 1: [^']*' exitcode=EX_CONFIG\$" \
	"a file with a fault: -X names a log all the same"

smarthost
run timeout 60 "$POSTHASTE" --host=127.0.0.1 --port="$port" -f alice@example.org -X "$log.host" bob@example.org \
	<"$T/mail"
smarthost_end
like "$(cat "$log.host")" "^$month host=127.0.0.1 .* exitcode=EX_OK\$" "--host and -X need no file"

rm -f "$log"
conf "logfile $log"
post --dry-run bob@example.org
post --pretend bob@example.org
post --version
check "nothing is logged where nothing is sent" test ! -e "$log"

# ---- forms ----
form() { # NAME PATTERN ARGUMENT...
	local name=$1 pattern=$2
	shift 2
	smarthost
	conf "logfile $log"
	rm -f "$log"
	sends 0 "$name" "$@" bob@example.org
	like "$(cat "$log")" "$pattern" "$name: the line"
}
form "a time format" '^[0-9]{4}-[01][0-9]-[0-3][0-9] host=' --logfile-time-format=%Y-%m-%d
form "no time" '^host=' --logfile-time-format=none
form "a time format with a line end" '^a\?b host=' --logfile-time-format='a%nb'
form "an empty time format is the default" "^$month host=" --logfile-time-format=
json='"time":"[0-9-]+T[0-9:]+Z","level":"info","host":"127.0.0.1","tls":false,"auth":false'
json+=',"from":"alice@example.org","recipients":\["bob@example.org"\],"mailsize":150,"smtpstatus":250,'
form "JSON" "^\\{$json" --log-format=json
check "JSON is JSON, on one line" "$PYTHON" -c 'import json, sys
lines = open(sys.argv[1]).read().splitlines()
v = json.loads(lines[0])
assert len(lines) == 1 and v["exitcode"] == "EX_OK" and v["id"] == "test@example.org" and v["ms"] >= 0' "$log"
LC_ALL=C.UTF-8 form "UTF-8 in an address" "from=j$(printf '\303\266')rg@example.org " \
	-f "$(printf 'j\303\266rg@example.org')"

smarthost
conf
sends 0 "-X -" -X - bob@example.org
like "$(cat "$out")" "^$month host=.* exitcode=EX_OK\$" "-X -: the line is on standard output"
smarthost
conf
sends 0 "/dev/stdout" -X /dev/stdout bob@example.org
like "$(cat "$out")" "^$month host=.* exitcode=EX_OK\$" "/dev/stdout: the line is on standard output"
smarthost
conf
sends 0 "/dev/stderr" -X /dev/stderr bob@example.org
like "$(cat "$err")" "^$month host=.* exitcode=EX_OK\$" "/dev/stderr: the line is on standard error"

smarthost
conf 'logfile ~/mail.log'
sends 0 "~ in a name" bob@example.org
like "$(cat "$HOME/mail.log")" "exitcode=EX_OK\$" "~ in a name is the home directory"
is "$(stat -c %a "$HOME/mail.log")" 600 "a new log is ours alone"

smarthost
conf "logfile $log.unset"
sends 0 "an empty name" -X '' bob@example.org
check "an empty name unsets the log" test ! -e "$log.unset"

mkdir "$T/bin"
ln -s "$POSTHASTE" "$T/bin/sendmail"
mkdir -p "$HOME/.config/posthaste"
smarthost
conf "logfile $log.sendmail"
cp "$T/rc" "$HOME/.config/posthaste/config"
run timeout 60 "$T/bin/sendmail" -X "$T/evil" bob@example.org <"$T/mail"
status_is 64 "-X under the name sendmail is refused"
check "-X under the name sendmail makes no file" test ! -e "$T/evil"
run timeout 60 "$T/bin/sendmail" -L web bob@example.org <"$T/mail"
smarthost_end
status_is 0 "-L under the name sendmail is taken"
like "$(cat "$log.sendmail")" "exitcode=EX_OK\$" "the account's log is written under the name sendmail"
rm -rf "$HOME/.config/posthaste"

# ---- logs that cannot be written ----
# broken NAME FILE WHY: the message is sent, and one line reports the failure
broken() {
	smarthost
	conf "logfile $2"
	sends 0 "$1" -d bob@example.org
	is "$(stored)" 1 "$1: the message went out"
	said "^posthaste: cannot log to $2: $3; log info was: host=127.0.0.1 .* exitcode=EX_OK\$" \
		"$1: one line says which, why and what"
	is "$(wc -l <"$err")" 2 "$1: one hint, and nothing else"
}
mkfifo "$T/pipe"
broken "a full device" /dev/full 'No space left on device'
broken "a folder" "$T/home" 'Is a directory'
broken "a folder that is missing" "$T/missing/log" 'No such file or directory'
broken "a pipe without a reader" "$T/pipe" 'No such device or address'
ln -s "$T/loop" "$T/loop"
broken "a link to itself" "$T/loop" 'Too many levels of symbolic links'
open_place
: >"$OPEN/readonly"
chmod 444 "$OPEN/readonly"
smarthost
conf "logfile $OPEN/readonly"
install -m 644 "$T/rc" "$OPEN/rc"
run unprivileged timeout 60 "$OPEN/posthaste" -C "$OPEN/rc" -d bob@example.org <"$T/mail"
smarthost_end
status_is 0 "a file we may not write: exit status 0"
is "$(stored)" 1 "a file we may not write: the message went out"
said "^posthaste: cannot log to $OPEN/readonly: Permission denied; log info was: .*EX_OK\$" \
	"a file we may not write: one line reports it"
is "$(wc -l <"$err")" 2 "a file we may not write: one hint, and nothing else"

# A limit on the size of files: the line is taken back whole, and no signal ends us.
smarthost
conf "logfile $T/limited"
head -c 1000 /dev/zero | tr '\0' 'x' >"$T/limited"
cp "$T/limited" "$T/limited.before"
limited() { (ulimit -f 1 && exec timeout -k 5 60 "$POSTHASTE" "$@"); }
run limited -C "$T/rc" -d bob@example.org <"$T/mail"
smarthost_end
status_is 0 "a log at its limit: exit status 0"
said "cannot log to $T/limited: File too large; log info was: " "a log at its limit: one line reports it"
same_file "$T/limited" "$T/limited.before" "a log at its limit: no half line stays"

smarthost --reply 'rcpt=550 5.1.1 who'
conf "logfile /dev/full"
sends 67 "a failure and a full device" bob@example.org
said '^posthaste: cannot log to /dev/full: .*; log info was: .* exitcode=EX_NOUSER' \
	"a failure and a full device: both are reported"

# ---- many writers ----
rm -f "$log"
conf "logfile $log" "logfile_time_format none"
printf 'port 1\n' >>"$T/rc"
long=$(printf 'a%.0s' $(seq 60))
many=
for i in $(seq 100); do many="$many $long$i@example.org"; done
pids=
for i in $(seq 50); do
	# shellcheck disable=SC2086
	timeout 60 "$POSTHASTE" -C "$T/rc" -f "writer$i@example.org" $many <"$T/mail" >/dev/null 2>&1 7>&- &
	pids="$pids $!"
done
# shellcheck disable=SC2086
wait $pids
is "$(wc -l <"$log")" 50 "fifty writers: fifty lines"
is "$(grep -cE '^host=127\.0\.0\.1 .* from=writer[0-9]+@example\.org recipients=a+1@.* exitcode=EX_TEMPFAIL$' "$log")" \
	50 "fifty writers: each line is whole"
is "$(grep -oE 'from=writer[0-9]+@' "$log" | sort -u | wc -l)" 50 "fifty writers: each wrote one"

# ---- no secret, no content ----
canary='C4n4ry-t0p-s3cret'
printf '%s\n' "$canary" >"$T/canary"
printf 'From: alice@example.org\nTo: bob@example.org\nSubject: %s-subject\n\n%s-body\n' "$canary" "$canary" \
	>"$T/mail.canary"
rm -f "$log"
for reply in '' 'auth=535 5.7.8 no' 'eod=550 5.7.1 no'; do
	for form in text json; do
		smarthost --auth 'PLAIN LOGIN' --user joe --password-file "$T/canary" ${reply:+--reply "$reply"}
		conf "logfile $log" "log_format $form" 'auth plain' "password $canary"
		chmod 600 "$T/rc"
		run timeout 60 "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail.canary"
		smarthost_end
	done
done
is "$(wc -l <"$log")" 6 "six messages are logged"
# sings_not FILE NAME
sings_not() {
	check "$2" "$PYTHON" -c 'import base64, sys, urllib.parse
log, canary = open(sys.argv[1], "rb").read(), sys.argv[2].encode()
forms = [canary, canary.hex().encode(), canary.hex().upper().encode(), urllib.parse.quote(canary).encode()]
for i in range(3):
    forms.append(base64.b64encode(b"x" * i + canary)[4 if i else 0:-4])
for prefix in (b"\0joe\0",):
    forms.append(base64.b64encode(prefix + canary)[:-4])
sys.exit(any(f in log for f in forms))' "$1" "$canary"
}
sings_not "$log" "the canary is in no line, in no coding"

# ---- the system log, in a mount namespace of its own ----
system_log_listener() {
	"$PYTHON" - "$1" "$2" 7>&- <<'PY' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(60)
open(sys.argv[2] + ".ready", "w").close()
data = s.recv(1 << 20)
with open(sys.argv[2] + ".tmp", "wb") as f:
    f.write(data)
os.rename(sys.argv[2] + ".tmp", sys.argv[2])
PY
	track $!
	wait_until 10 test -e "$2.ready" || bail "no listener for the system log"
}

# within SOCKET PLACE COMMAND...: the command sees the socket at /dev/log or as journald's
cat >"$T/within" <<'SH'
#!/bin/sh
set -e
socket=$1 place=$2 room=$3
shift 3
mkdir -p "$room"
case $place in
journal)
	mount -t tmpfs none /run
	mkdir -p /run/systemd/journal
	: >/run/systemd/journal/socket
	mount --bind "$socket" /run/systemd/journal/socket
	;;
syslog | nothing)
	mount -t tmpfs none /run
	mount -t tmpfs none "$room"
	for node in null zero full random urandom; do
		: >"$room/$node"
		mount --bind "/dev/$node" "$room/$node"
	done
	ln -s /proc/self/fd "$room/fd"
	if [ "$place" = syslog ]; then
		: >"$room/log"
		mount --bind "$socket" "$room/log"
	fi
	mount --rbind "$room" /dev
	;;
esac
exec "$@"
SH
chmod 700 "$T/within"
system_log() { # PLACE ARGUMENT...: the program, and what the socket heard in $T/heard
	local place=$1
	shift
	rm -f "$T/syslog.socket" "$T/heard" "$T/heard.ready"
	system_log_listener "$T/syslog.socket" "$T/heard"
	run timeout 60 "$OWN_MOUNTS" "$T/within" "$T/syslog.socket" "$place" "$T/room" \
		"$POSTHASTE" -C "$T/rc" "$@" <"$T/mail"
	smarthost_end
	[ "$place" = nothing ] || wait_until 10 test -e "$T/heard" || note "the system log heard nothing"
}

if ! why=$("$OWN_MOUNTS" true 2>&1); then
	skip "$why" "the system log"
else
	smarthost
	conf 'syslog on'
	system_log syslog bob@example.org
	status_is 0 "syslog: exit status 0"
	silent "syslog: standard output stays silent"
	time='[A-Z][a-z][a-z] [ 123][0-9] [0-9:]{8}'
	like "$(cat "$T/heard")" "^<14>$time posthaste\[[0-9]+\]: host=127.0.0.1 .* exitcode=EX_OK\$" "syslog: the line"

	smarthost --reply 'rcpt=550 5.1.1 who'
	conf 'syslog LOG_MAIL' "logfile $log.both"
	system_log syslog -L 'web app' bob@example.org
	status_is 67 "syslog of a failure: exit status 67"
	like "$(cat "$T/heard")" "^<19>.* web_app\[[0-9]+\]: host=.* smtpstatus=550 .* exitcode=EX_NOUSER\$" \
		"syslog of a failure: facility, level and tag"
	like "$(cat "$log.both")" "exitcode=EX_NOUSER\$" "syslog and a file together"

	smarthost
	conf 'syslog LOG_LOCAL0' 'syslog_tag backup'
	system_log journal bob@example.org
	status_is 0 "journald: exit status 0"
	like "$(cat "$T/heard")" '^MESSAGE=host=127.0.0.1 [^'$'\n'']* exitcode=EX_OK'$'\n' "journald: the line"
	for field in SYSLOG_IDENTIFIER=backup PRIORITY=6 SYSLOG_FACILITY=16 POSTHASTE_HOST=127.0.0.1 POSTHASTE_TLS=off \
		POSTHASTE_FROM=alice@example.org POSTHASTE_RECIPIENTS=bob@example.org POSTHASTE_ID=test@example.org \
		POSTHASTE_MAILSIZE=150 POSTHASTE_EXITCODE=EX_OK; do
		check "journald: $field" grep -qx "$field" "$T/heard"
	done

	for place in syslog journal; do
		smarthost --auth PLAIN --user joe --password-file "$T/canary" \
			--reply "eod=250-2.0.0 $canary\r\n250 2.0.0 $(printf %s "$canary" | base64)"
		conf 'syslog on' 'auth plain' "password $canary"
		chmod 600 "$T/rc"
		system_log $place bob@example.org
		status_is 0 "$place, and a server that repeats the password: exit status 0"
		like "$(tr -d '\0' <"$T/heard")" 'exitcode=EX_OK' "$place, and a server that repeats the password: the line"
		sings_not "$T/heard" "$place, and a server that repeats the password: nothing leaks"
	done

	smarthost
	conf 'syslog'
	system_log nothing -d bob@example.org
	status_is 0 "no system log: exit status 0"
	is "$(stored)" 1 "no system log: the message went out"
	why='cannot log to the system log \(/dev/log\): No such file or directory'
	said "^posthaste: $why; log info was: host=.* exitcode=EX_OK\$" "no system log: one line reports it"
fi

done_testing
