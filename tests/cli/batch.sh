#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Many messages over one session, from an mbox, a Maildir and batch SMTP: which of them are sent, what becomes of the
# others, and what is remembered in a Maildir for the next run.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# message ID RECIPIENT: a message
message() {
	printf '%s\n' 'From: alice@example.org' "To: $2" "Subject: $1" 'Date: Sun, 1 Mar 2026 10:00:00 +0000' \
		"Message-ID: <$1@example.org>" '' "Text of $1." 'From here on it is text.'
}
# make KIND RECIPIENT...: a batch with messages one, two ... to them; its argument is $batch
make_batch() {
	local kind=$1 n=0 rcpt
	shift
	rm -rf "$T/batch" "$T/box"
	case $kind in
	mbox | smtp) : >"$T/box" ;;
	maildir) mkdir -p "$T/batch/new" "$T/batch/cur" "$T/batch/tmp" ;;
	esac
	for rcpt; do
		n=$((n + 1))
		case $kind in
		mbox)
			{
				printf 'From alice@example.org Sun Mar  1 10:00:00 2026\n'
				message "m$n" "$rcpt"
				printf '\n'
			} >>"$T/box"
			;;
		maildir) message "m$n" "$rcpt" >"$T/batch/new/170000000$n.M${n}P1.host" ;;
		smtp)
			printf 'MAIL FROM:<alice@example.org>\nRCPT TO:<%s>\nDATA\n' "$rcpt" >>"$T/box"
			message "m$n" "$rcpt" >>"$T/box"
			printf '.\n' >>"$T/box"
			;;
		esac
	done
	case $kind in
	mbox) batch=mbox:$T/box ;;
	maildir) batch=maildir:$T/batch ;;
	smtp) batch=smtp ;;
	esac
}
send_batch() {
	if [ -e "$T/box" ]; then
		post_stdin --batch="$batch" "$@" <"$T/box"
	else
		post_stdin --batch="$batch" "$@" </dev/null
	fi
}
sessions() { grep -c '^C: EHLO' "$T/transcript"; }
# the subjects of what the server has, in order
arrived() { sed -n 's/^Subject: \([^\r]*\)\r*$/\1/p' "$T"/spool/*.eml 2>/dev/null | tr '\n' ' '; }
flagged() { find "$T/batch/cur" -name '*:2,*S*' | wc -l | tr -d ' '; }
queued() { find "$XDG_STATE_HOME/posthaste/queue/new" -type f 2>/dev/null | wc -l | tr -d ' '; }
outcomes() { "$PYTHON" -c 'import json, sys
print(" ".join(json.loads(line)["outcome"] for line in sys.stdin))' <"$out"; }

# ---- outcomes: KIND|QUEUE|REPLIES|STATUS|SESSIONS|ARRIVED|OUTCOMES|FLAGGED ----
while IFS='|' read -ru 9 kind queue_is replies want count got said_is flags; do
	name="$kind, queue $queue_is, ${replies:-all accepted}"
	# shellcheck disable=SC2086 # words
	smarthost --once 0 ${replies:+--reply "$replies"}
	queue="$queue_is\nqueue_autostart off"
	rm -rf "$XDG_STATE_HOME/posthaste"
	conf "logfile $T/log"
	: >"$T/log"
	make_batch "$kind" a@example.org b@example.org c@example.org
	send_batch --json
	status_is "$want" "$name: exit status $want"
	is "$(sessions)" "$count" "$name: $count sessions"
	is "$(arrived)" "$got" "$name: what arrived"
	is "$(outcomes)" "$said_is" "$name: a line of JSON for each"
	in_schema batch "$name"
	is "$(wc -l <"$T/log")" 3 "$name: a line each in the log"
	[ "$kind" != maildir ] || is "$(flagged)" "$flags" "$name: flagged as seen"
	smarthost_stop
done 9<<'ROWS'
mbox|off||0|1|m1 m2 m3 |accepted accepted accepted|
maildir|off||0|1|m1 m2 m3 |accepted accepted accepted|3
smtp|off||0|1|m1 m2 m3 |accepted accepted accepted|
mbox|off|rcpt:b@example.org=550 5.1.1 who|65|1|m1 m3 |accepted refused accepted|
maildir|off|rcpt:b@example.org=550 5.1.1 who|65|1|m1 m3 |accepted refused accepted|2
smtp|off|rcpt:b@example.org=550 5.1.1 who|65|1|m1 m3 |accepted refused accepted|
mbox|off|rcpt:b@example.org=450 4.2.1 later|75|1|m1 m3 |accepted retry accepted|
maildir|off|rcpt:b@example.org=450 4.2.1 later|75|1|m1 m3 |accepted retry accepted|2
smtp|off|rcpt:b@example.org=450 4.2.1 later|75|1|m1 m3 |accepted retry accepted|
mbox|auto|rcpt:b@example.org=450 4.2.1 later|0|1|m1 m3 |accepted queued accepted|
maildir|auto|rcpt:b@example.org=450 4.2.1 later|0|1|m1 m3 |accepted queued accepted|3
smtp|auto|rcpt:b@example.org=450 4.2.1 later|0|1|m1 m3 |accepted queued accepted|
mbox|always||0|0||queued queued queued|
maildir|always||0|0||queued queued queued|3
smtp|always||0|0||queued queued queued|
ROWS
queue='off\nqueue_autostart off'

# ---- what concerns all messages stops the batch ----
for kind in mbox maildir smtp; do
	smarthost --once 0 --reply 'greeting=554 5.3.2 not here'
	conf
	make_batch "$kind" a@example.org b@example.org c@example.org
	send_batch
	is "$status" 69 "$kind, a server that refuses all: exit status 69"
	[ "$kind" = smtp ] || said 'messages sent: 0, failed: 1, left: 2' "$kind: what is left is said"
	[ "$kind" != smtp ] || said 'messages sent: 0, failed: 1; what follows was not sent' "$kind: that something is left"
	smarthost_stop
	queue='auto\nqueue_autostart off'
	rm -rf "$XDG_STATE_HOME/posthaste"
	conf # nobody listens at that port any more
	make_batch "$kind" a@example.org b@example.org c@example.org
	send_batch --json
	is "$status" 0 "$kind, no server, queue auto: exit status 0"
	is "$(outcomes)" 'queued queued queued' "$kind, no server, queue auto: all are queued"
	is "$(find "$XDG_STATE_HOME/posthaste/queue/new" -type f | wc -l | tr -d ' ')" 3 "$kind: three are in the queue"
	queue='off\nqueue_autostart off'
done

# ---- mbox ----
smarthost --once 0
conf
printf '%s\n' 'From alice Sun Mar  1 10:00:00 2026' 'To: a@example.org' 'Subject: one' '' \
	'From me to you, in 2026.' '' 'From time to time' '' '>From a quoted line' '>>From another' 'Content-Length: 3' \
	'From bob Sun Mar  1 10:00:00 2026' '' 'From carol Sun Mar  1 11:00:00 2026' 'To: b@example.org' \
	'X-Envelope-To: c@example.org, d@example.org' 'Subject: two' '' 'text' '' >"$T/box"
post_stdin --batch=mbox:"$T/box" </dev/null
status_is 0 "mbox: exit status 0"
is "$(arrived)" 'one two ' "mbox: two messages, and no line of text begins one"
check "mbox: one > is removed" grep -q '^From a quoted line' "$T/spool/0001.eml"
check "mbox: of two one is left" grep -q '^>From another' "$T/spool/0001.eml"
check "mbox: without an empty line before it, it is text" grep -q '^From bob Sun' "$T/spool/0001.eml"
is "$(envelope rcpt 0002)" 'c@example.org d@example.org' "X-Envelope-To names the recipients"
is "$(grep -ci x-envelope-to "$T"/spool/0002.eml)" 0 "X-Envelope-To is removed"
smarthost_stop
printf 'To: a@example.org\n\ntext\n' >"$T/box"
post_stdin --batch=mbox:"$T/box" </dev/null
status_is 74 "a file that is no mbox: exit status 74"
said 'is not an mbox: its first line is not "From ADDRESS DATE"' "a file that is no mbox: it is said"
post_stdin --batch=mbox:"$T/none" </dev/null
status_is 66 "no such file: exit status 66"
: >"$T/box"
post_stdin --batch=mbox:"$T/box" </dev/null
status_is 0 "an empty mbox: exit status 0"

# ---- batch SMTP ----
smarthost --once 0
conf
printf '%s\r\n' 'HELO me' 'MAIL FROM:<alice@example.org> BODY=8BITMIME' 'RCPT TO:<a@example.org>' \
	'RCPT TO:<bad address>' DATA 'Subject: one' '' '..dot' '.' NONSENSE \
	'MAIL FROM:<alice@@example.org>' 'RCPT TO:<a@example.org>' DATA \
	'Subject: two' '' 'MAIL FROM:<alice@example.org>' 'RCPT TO:<evil@example.org>' DATA . 'MAIL FROM:<>' \
	'RCPT TO:<a@example.org>' RSET 'MAIL FROM:<>' 'RCPT TO:<b@example.org>' DATA 'Subject: three' '' . QUIT \
	'MAIL FROM:<alice@example.org>' 'RCPT TO:<c@example.org>' DATA 'Subject: four' '' . \
	'MAIL FROM:<alice@example.org>' 'RCPT TO:<c@example.org>' DATA 'Subject: five' >"$T/box"
post_stdin -bS <"$T/box"
status_is 65 "-bS with faults: exit status 65"
is "$(arrived)" 'one three four ' "-bS: the messages without faults, and those after them"
silent "-bS: no replies on standard output"
said '^posthaste: line 2: line 4, recipient <bad address>: 501 ' "-bS: the line of a recipient's fault"
said '^posthaste: line 10: 500 ' "-bS: the line of an unknown command"
said '^posthaste: line 11: 501 ' "-bS: the line of a sender's fault"
said '^posthaste: line 36: the input ended before the message was complete' "-bS: a message that is cut short"
is "$(grep -c evil "$T/transcript")" 0 "-bS: the text of a message that was refused is not read as commands"
is "$(sed -n 's/^C: RCPT TO:<\([^>]*\)>.*/\1/p' "$T/transcript" | tr '\n' ' ')" \
	'a@example.org b@example.org c@example.org ' "-bS: no recipient of one message gets another"
smarthost_stop

# ---- Maildir: what is sent ----
smarthost --once 0
conf
make_batch maildir a@example.org
for flags in S T D FS ''; do message "flag$flags" b@example.org >"$T/batch/cur/1700000005.F$flags.host:2,$flags"; done
message replied b@example.org >"$T/batch/cur/1700000006.x.host:2,FR"
message hidden b@example.org >"$T/batch/new/.hidden"
send_batch
status_is 0 "Maildir: exit status 0"
is "$(arrived)" 'm1 flag replied ' "Maildir: what is not seen, trashed or a draft, in the order of arrival"
check "Maildir: other flags stay, in order" test -e "$T/batch/cur/1700000006.x.host:2,FRS"
is "$(find "$T/batch" -name 'posthaste-batch*')" '' "Maildir: nothing is left to be remembered"
send_batch
status_is 0 "Maildir, again: exit status 0"
is "$(arrived)" 'm1 flag replied ' "Maildir, again: nothing is sent twice"
smarthost_stop
post_stdin --batch=maildir:"$T/none" </dev/null
status_is 66 "no such Maildir: exit status 66"
post_stdin --batch=maildir:"$T/spool" </dev/null
status_is 66 "a folder that is no Maildir: exit status 66"
make_batch maildir a@example.org
message m1 a@example.org >"$T/batch/cur/1700000001.M1P1.host:2,"
send_batch
status_is 74 "two files of one name: exit status 74"
said 'two messages in .* have the same name, 1700000001.M1P1.host' "two files of one name: it is said"
make_batch maildir a@example.org
exec 8<"$T/batch"
flock 8
send_batch
status_is 75 "another process is at work: exit status 75"
said 'another process is sending the messages of ' "another process is at work: it is said"
exec 8<&-

# ---- Maildir: recipients who have it ----
smarthost --once 0 --reply 'rcpt:b@example.org=450 4.2.1 later' --reply 'rcpt:b@example.org='
conf
make_batch maildir 'a@example.org, b@example.org'
send_batch
status_is 75 "one of two recipients: exit status 75"
is "$(flagged)" 0 "one of two recipients: it is not flagged"
like "$(cat "$T/batch/posthaste-batch")" '^open 1700000001.M1P1.host a@example.org' "who has it is remembered"
send_batch
status_is 0 "the other one: exit status 0"
is "$(envelope rcpt 0002) $(grep -c '^C: RCPT TO:<a@' "$T/transcript")" 'b@example.org 1' "each gets it once"
is "$(flagged)" 1 "now it is flagged"
is "$(find "$T/batch" -name 'posthaste-batch*')" '' "and nothing is left to be remembered"
smarthost_stop

# ---- Maildir: perhaps delivered ----
smarthost --once 0 --close eod
conf
make_batch maildir a@example.org b@example.org
send_batch --json
status_is 75 "the connection breaks: exit status 75"
is "$(outcomes)" 'unknown unknown' "the connection breaks: perhaps delivered"
smarthost_stop
smarthost --once 0
conf
send_batch --json
status_is 75 "the next run: exit status 75"
is "$(outcomes)" 'unknown unknown' "the next run: it is reported once more"
said 'new/1700000001.M1P1.host: .*an earlier run was interrupted while it sent' "the next run: with the reason"
is "$(arrived)" '' "the next run: it is not sent again"
cp "$T"/batch/new/1700000001.* "$T/batch/new/1700000009.x"
rm "$T"/batch/new/1700000001.*
send_batch
is "$(arrived)" 'm1 ' "under another name it is sent"
smarthost_stop

# ---- several under way at once ----
for kind in mbox maildir smtp; do
	smarthost --once 0 --reply 'rcpt:c@example.org=550 5.1.1 who'
	conf 'pipeline_messages 3' "logfile $T/log"
	: >"$T/log"
	make_batch "$kind" a@example.org b@example.org c@example.org d@example.org e@example.org f@example.org
	send_batch --json
	status_is 65 "$kind, pipeline_messages: exit status 65"
	is "$(arrived)" 'm1 m2 m4 m5 m6 ' "$kind, pipeline_messages: what arrived, in order"
	is "$(outcomes)" 'accepted accepted refused accepted accepted accepted' "$kind, pipeline_messages: each outcome"
	is "$(grep -o 'recipients=[^ ]*' "$T/log" | tr '\n' ' ')" \
		"$(printf 'recipients=%s@example.org ' a b c d e f)" "$kind, pipeline_messages: the log"
	is "$(sessions)" 1 "$kind, pipeline_messages: one session"
	[ "$kind" != maildir ] || is "$(flagged)" 5 "$kind, pipeline_messages: flagged as seen"
	smarthost_stop
done
smarthost --once 0 --close eod
conf 'pipeline_messages 3'
make_batch maildir a@example.org b@example.org c@example.org
send_batch --json
status_is 75 "pipeline_messages, the connection breaks: exit status 75"
lost=$(outcomes | tr ' ' '\n' | grep -c unknown)
smarthost_stop
smarthost --once 0
conf
send_batch --json
is "$(outcomes | tr ' ' '\n' | grep -c unknown)" "$lost" \
	"pipeline_messages: what may have been delivered stays"
is "$(arrived | wc -w | tr -d ' ')" "$((3 - lost))" "pipeline_messages: the rest is"
smarthost_stop

# ---- several sessions ----
for kind in mbox maildir smtp; do
	smarthost --once 0 --reply 'rcpt:c@example.org=550 5.1.1 who'
	conf 'queue_sessions 3' "logfile $T/log"
	: >"$T/log"
	make_batch "$kind" a@example.org b@example.org c@example.org d@example.org e@example.org f@example.org
	send_batch --json
	status_is 65 "$kind, queue_sessions: exit status 65"
	is "$(stored)" 5 "$kind, queue_sessions: so many arrived"
	is "$(outcomes | tr ' ' '\n' | sort | uniq -c | tr -s ' \n' ' ')" ' 5 accepted 1 refused ' \
		"$kind, queue_sessions: each outcome"
	is "$(wc -l <"$T/log")" 6 "$kind, queue_sessions: the log"
	said 'recipient c@example.org: .*550|c@example.org.*550' "$kind, queue_sessions: what failed is said"
	said 'messages sent: 5, failed: 1$' "$kind, queue_sessions: how many"
	case $kind in
	smtp) is "$(sessions)" 1 "$kind: one session, since the input cannot be divided" ;;
	*) [ "$(sessions)" -ge 3 ] && [ "$(sessions)" -le 4 ] && ok "$kind: one session, then up to three" ||
		not_ok "$kind: one session, then up to three" "sessions: $(sessions)" ;;
	esac
	[ "$kind" != maildir ] || is "$(flagged)" 5 "$kind, queue_sessions: flagged as seen"
	smarthost_stop
done

# ---- the server wants fewer sessions: what one of them could not send goes over the others ----
# STATUS|ARRIVED|STANDARD ERROR ENDS|SINK'S OPTIONS
busy='421 4.7.0 too many connections'
while IFS='|' read -ru 9 name want count summary options; do
	for how in mbox,off,1 maildir,off,4 maildir,auto,1; do
		IFS=, read -r kind queue_is several <<<"$how"
		label="$name: $kind, queue $queue_is, pipeline_messages $several"
		eval "smarthost --once 1000 $options"
		queue="$queue_is\nqueue_autostart off"
		rm -rf "$XDG_STATE_HOME/posthaste"
		conf 'queue_sessions 3' "pipeline_messages $several" "logfile $T/log"
		: >"$T/log"
		make_batch "$kind" {a,b,c,d,e,f}@example.org
		send_batch --json
		is "$(arrived | tr ' ' '\n' | sort | uniq -c | awk '$1 == 1' | wc -l)" "$count" "$label: what arrived, once"
		if [ "$queue_is" = off ] || [ "$want" = 0 ]; then
			is "$status $(tail -n 1 "$err")" "$want $summary" "$label: exit status $want, and what is said"
			is "$(wc -l <"$out") $(wc -l <"$T/log")" "$((count + (want != 0))) $((count + (want != 0)))" \
				"$label: a line of JSON and of the log for each that was tried"
		else
			is "$status $(queued)" "0 $((6 - count))" "$label: the rest waits in the queue"
		fi
		smarthost_stop
		[ "$how$want" = maildir,off,475 ] || continue
		smarthost --once 1000
		conf
		send_batch
		is "$(arrived | wc -w | tr -d ' ')" "$((6 - count))" "$label: the next run sends the rest"
		smarthost_stop
	done
done 9<<'ROWS'
two connections are refused|0|6||--reply greeting= --reply "greeting=$busy" --reply "greeting=$busy" --reply greeting=
EHLO is refused for now|0|6||--reply ehlo= --reply ehlo=421\ 4.3.2\ later --reply ehlo=
MAIL is refused for now|0|6||--reply mail= --reply mail=432\ 4.3.2\ concurrent\ connections --reply mail=
a session ends at MAIL|0|6||--reply mail= --reply "mail=$busy" --reply mail=
a message is refused by 454|0|6||--reply eod= --reply eod=454\ 4.7.0\ Throttling\ failure --reply eod=
all but the first are refused|75|1|posthaste: messages sent: 1, failed: 1, left: 4|--reply greeting= --reply "greeting=$busy"
ROWS
queue='off\nqueue_autostart off'

# ---- what each recipient of batch SMTP wants ----
cat >"$T/box" <<'END'
MAIL FROM:<alice@example.org> RET=HDRS ENVID=a+2Bb
RCPT TO:<a@example.org> NOTIFY=NEVER
RCPT TO:<b@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old+2Bb@example.org
RCPT TO:<c@example.org>
RCPT TO:<d@example.org> ORCPT=rfc822;old.d@example.org
RCPT TO:<e@example.org> notify=failure,success orcpt=RFC822;e@example.org
DATA
Subject: x

text
.
END
wanted='a@example.org NOTIFY=NEVER ORCPT=rfc822;a@example.org
b@example.org NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old+2Bb@example.org
c@example.org ORCPT=rfc822;c@example.org
d@example.org ORCPT=rfc822;old.d@example.org
e@example.org NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;e@example.org'
# NAME|ARGUMENTS|SINK'S OPTIONS|LINES OF THE CONFIGURATION
while IFS='|' read -ru 9 name args options lines; do
	rm -rf "$XDG_STATE_HOME/posthaste" "$T/socket"
	eval "smarthost --once 2 $options"
	eval "conf $lines"
	# shellcheck disable=SC2086 # words
	post_stdin $args <"$T/box"
	status_is 0 "NOTIFY for each, $name"
	[ "$name" != 'the queue' ] || run timeout 60 "$POSTHASTE" -C "$T/rc" -q
	is "$(envelope rcpt | sed 's/ \([a-e]@\)/\n\1/g')" "$wanted" "NOTIFY for each, $name: each has its own"
	like "$(envelope mail_params)" 'RET=HDRS ENVID=a\+2Bb$' "NOTIFY for each, $name: and MAIL has the message's"
	smarthost_stop
done 9<<'ROWS'
-bS|-bS||
--batch=smtp|--batch=smtp||
with dsn_notify|-bS||'dsn_notify off'
the queue|-bS --queue=always||
service_socket|-bS|--listen unix:$T/socket|"service_socket $T/socket"
ROWS

# ---- interrupted ----
for kind in mbox maildir smtp; do
	smarthost --once 0 --hang rcpt:b@example.org
	conf 'timeout 3'
	make_batch "$kind" a@example.org b@example.org c@example.org
	input=/dev/null
	[ ! -e "$T/box" ] || input=$T/box
	"$POSTHASTE" -C "$T/rc" --batch="$batch" <"$input" >"$T/out" 2>"$T/err" 7>&- &
	pid=$!
	hangs() { grep -q '^C: RCPT TO:<b@' "$T/transcript"; }
	wait_until 20 hangs
	kill -TERM "$pid"
	wait "$pid"
	is "$?" 75 "$kind, interrupted: exit status 75"
	said 'messages sent: 1, failed: 1(, left: 1|; what follows was not sent); interrupted' \
		"$kind, interrupted: the message at hand ends, and what is left is said"
	smarthost_stop
done

# ---- asked for in a wrong way ----
while IFS='|' read -ru 9 want words args; do
	# shellcheck disable=SC2086 # words
	run "$POSTHASTE" $args </dev/null
	is "$status" "$want" "$args: exit status $want"
	said "$words" "$args: what is wrong"
done 9<<ROWS
64|expected mbox:FILE, maildir:FOLDER or smtp, got x|--batch=x
64|expected mbox:FILE, maildir:FOLDER or smtp, got mbox:|--batch=mbox:
64|a batch takes no recipients|-C $T/rc --batch=smtp a@example.org
64|a batch takes no recipients|-C $T/rc -bS a@example.org
ROWS
done_testing
