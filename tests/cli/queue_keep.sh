#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How messages come into the queue: what is kept and what is not, in which words
# and with which status, what is written down, and what happens when it cannot be.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

SPOOL=$XDG_STATE_HOME/posthaste/queue
LOG=$T/log
ID='[0-9a-z]{13}'
queue='auto\nqueue_autostart off'
away=1 # where no server listens

waiting() { find "$SPOOL/new" -type f 2>/dev/null | wc -l | tr -d ' '; }
empty_queue() { rm -rf "$XDG_STATE_HOME/posthaste"; }
# field NAME: its value in the one message that is kept
field() { sed -n "/^end 0:/q;s/^$1 [0-9]*://p" "$SPOOL"/new/*; }
rcpts() { sed -n '/^end 0:/q;s/^rcpt [0-9]*:address [0-9]*://p' "$SPOOL"/new/* | paste -sd' '; }
json() { "$PYTHON" -c 'import json, sys
v = json.load(open(sys.argv[1]))
for key in sys.argv[2].split("."):
    v = v[int(key)] if isinstance(v, list) else v[key]
print(v)' "$out" "$1"; }

# kept RECIPIENTS NAME: one message is kept, for these; and nothing half-kept
kept() {
	is "$(waiting) $(rcpts)" "1 $1" "$2: kept for $1"
	is "$(find "$SPOOL/tmp" "$SPOOL/state" "$SPOOL/failed" -type f | wc -l | tr -d ' ')" 0 \
		"$2: and nothing else lies there"
}
# unkept NAME
unkept() { is "$(waiting)" 0 "$1: nothing is kept"; }

# ---- auto: the server is away ----
port=$away
conf "logfile $LOG"
post bob@example.org carol@example.org
is "$(cat "$err")" "" "the server is away: success is silent"
silent "standard output stays silent"
empty_queue
conf "logfile $LOG"
post -d bob@example.org carol@example.org
status_is 0 "the server is away: exit status 0"
said "^posthaste: queued as $ID for bob@example\.org, carol@example\.org: connecting: cannot connect to 127\.0\.0\.1" \
	"the server is away: the line"
is "$(grep -c '^posthaste: ' "$err") $(grep -c '^hint: ' "$err") $(wc -l <"$err" | tr -d ' ')" "1 1 2" \
	"one line for both, and the hint"
kept "bob@example.org carol@example.org" "the server is away"
is "$(field message_id) $(field date)" "<test@example.org> Sun, 1 Mar 2026 10:00:00 +0000" \
	"Message-ID and Date as they are in the header"
is "$(field account) $(field config_file) $(field sender) $(field attempts)" "default $T/rc alice@example.org 1" \
	"account, file, sender and the attempt"
check "the next attempt is a minute away, a fifth of it at most added" [ $(($(field due) - $(field arrival))) -ge 60 ]
like "$(cat "$LOG")" " rcpt_queued=bob@example\.org,carol@example\.org queue_id=$ID exitcode=EX_OK\$" \
	"the log line names them"
unlike "$(cat "$LOG")" 'rcpt_failed' "and no recipient that failed"
is "$(stat -c %a "$SPOOL" "$SPOOL"/* "$SPOOL"/new/* | sort | paste -sd' ')" "600 600 700 700 700 700 700" \
	"folders are 0700 and files 0600"
tail -c "$(sed -n '1,/^$/d;p' "$T/mail" | wc -c)" "$SPOOL"/new/* >"$T/body"
same_file "$T/body" <(sed '1,/^$/d' "$T/mail") "the body as it was read"

# What is made is made once: the same in the log's id, in the item and in the header.
empty_queue
printf 'Subject: bare\n\nx\n' >"$T/bare"
post_stdin bob@example.org <"$T/bare"
made=$(field message_id)
like "$made" '^<.+@.+>$' "a message without Message-ID gets one"
isnt "$(field date)" "" "and a Date"
check "the header that is kept has that Message-ID" grep -qF "Message-ID: $made" "$SPOOL"/new/*
check "the header that is kept has that Date" grep -qF "Date: $(field date)" "$SPOOL"/new/*

# ---- auto: some of them ----
# keeps STATUS WHOM NAME SINK-OPTIONS ARGUMENT...; WHOM "-": no recipient
keeps() {
	local want=$1 whom=$2 name=$3
	empty_queue
	eval "smarthost $4"
	shift 4
	conf "${rows[@]}"
	post "$@"
	smarthost_end
	status_is "$want" "$name: exit status $want"
	if [ "$whom" = - ]; then unkept "$name"; else kept "$whom" "$name"; fi
}
rows=()
keeps 0 b@example.org "one of two is put off" "--reply 'rcpt:b@example.org=451 4.7.1 Greylisted, come back'" \
	-d a@example.org b@example.org
said "^posthaste: queued as $ID for b@example\.org: RCPT TO: .*: 451 4\.7\.1 Greylisted" \
	"one of two is put off: the line"
unlike "$(cat "$err")" 'Try again later' "put off: no advice to send once more what the queue sends"
said "accepted for 1 of 2 recipients: a@example\.org" "and that the other was served"
is "$(stored)" 1 "the other has it"
keeps 67 c@example.org "accepted, refused, put off" \
	"--reply 'rcpt:b@example.org=550 5.1.1 Nobody' --reply 'rcpt:c@example.org=450 4.2.0 Later'" \
	--json a@example.org b@example.org c@example.org
is "$(json outcome) $(json recipients.0.outcome) $(json recipients.1.outcome) $(json recipients.2.outcome)" \
	"partial accepted refused queued" "JSON: each one's fate"
like "$(json queue_id)" "^$ID\$" "JSON: the queue's name for it"
keeps 0 "a@example.org b@example.org" "421 to MAIL" "--reply 'mail=421 4.3.2 Going down'" --json a@example.org \
	b@example.org
is "$(json outcome) $(json code)" "queued 421" "421: JSON says queued, and why"
keeps 0 "a@example.org b@example.org" "4xx to the message" "--reply 'eod=452 4.3.1 Full'" -d a@example.org b@example.org
said "^posthaste: queued as $ID for a@example\.org, b@example\.org: .*452 4\.3\.1 Full" "4xx to the message: the line"
keeps 0 a@example.org "lost before MAIL is answered" "--close mail" -d a@example.org
said '^hint: Try again later; if it happens again, look at the dialogue' "lost: the hint is more than to send once more"
keeps 0 a@example.org "421 with a cause" "--reply 'mail=421 4.7.0 No client certificate'" -d a@example.org
said '^hint: Set tls_cert_file' "421 with a cause: its hint"
for reply in greeting=421 greeting=450 ehlo=421 mail=451 rcpt=451 data=451 eod=451; do
	keeps 0 a@example.org "$reply" "--reply '$reply 4.3.0 Later'" -d a@example.org
	unsaid '^hint: ' "$reply: no hint to send once more"
	for look in -bp '-bp --json' "--queue-show $ID" "--queue-show $ID --json" "--queue-run $ID"; do
		# shellcheck disable=SC2086 # words
		post $look
		unlike "$(cat "$out" "$err")" 'Try again later' "$reply: nor from $look"
	done
done
keeps 0 a@example.org "lost before the verdict" "--close eod" --json a@example.org
check "it may have been delivered, and that is written down" grep -q '^state 9:uncertain$' "$SPOOL"/new/*
is "$(json outcome) $(json recipients.0.error)" "queued uncertain" "JSON says so, too"
rows=('set_msgid_header off')
empty_queue
smarthost --close eod
conf "${rows[@]}"
post_stdin a@example.org <"$T/bare"
smarthost_end
status_is 75 "lost before the verdict, and no Message-ID to recognise a second copy: exit status 75"
unkept "no Message-ID"

# ---- auto: what waits for the user, and what is over ----
rows=()
printf 'wrong\n' >"$T/wrong"
keeps 67 - "all refused" "--reply 'rcpt=550 5.1.1 Nobody'" a@example.org b@example.org
keeps 65 - "the message is refused" "--reply 'eod=554 5.6.0 Spam'" a@example.org
keeps 77 - "a wrong password" "--auth PLAIN --user joe --password-file '$T/password'" --auth=plain \
	--auth-without-tls --password-file="$T/wrong" a@example.org
keeps 69 - "the server lacks DSN" "--extensions PIPELINING" --dsn-notify=failure a@example.org
rows=('partial abort')
keeps 75 - "all or none, one refused and one put off" \
	"--reply 'rcpt:b@example.org=550 5.1.1 Nobody' --reply 'rcpt:c@example.org=450 4.2.0 Later'" \
	a@example.org b@example.org c@example.org
keeps 0 "a@example.org c@example.org" "all or none, one put off" "--reply 'rcpt:c@example.org=450 4.2.0 Later'" \
	a@example.org c@example.org
rows=()

# ---- off ----
port=$away
empty_queue
queue='off\nqueue_autostart off'
conf
post bob@example.org
status_is 75 "queue off: exit status 75"
said '^posthaste: connecting: cannot connect' "queue off: the message"
check "queue off: not even a folder" [ ! -e "$XDG_STATE_HOME/posthaste" ]
post -odq bob@example.org
status_is 75 "a letter does not switch on what is off"
post --queue=auto bob@example.org
status_is 0 "--queue=auto does"
printf 'account default\nhost 127.0.0.1\nport %s\nfrom alice@example.org\n' "$away" >"$T/msmtprc"
empty_queue
run timeout 60 "$POSTHASTE" -C "$T/msmtprc" -odq bob@example.org <"$T/mail"
is "$status $(waiting)" "75 0" "an msmtprc has no queue unless it says so"
printf 'queue auto\nqueue_autostart off\n' >>"$T/msmtprc"
run timeout 60 "$POSTHASTE" -C "$T/msmtprc" bob@example.org <"$T/mail"
is "$status $(waiting)" "0 1" "and has one if it does"

# ---- always ----
# first NAME ROWS ARGUMENT...: kept without a word, a password or the network
first() {
	local name=$1 lines=$2
	shift 2
	empty_queue
	smarthost
	queue=$lines
	conf 'auth plain' 'tls off' 'auth_without_tls on' 'passwordeval false' "logfile $T/first.log"
	post "$@"
	is "$status $(cat "$out" "$err")" "0 " "$name: status 0, and not a word"
	kept bob@example.org "$name"
	is "$(wc -c <"$T/transcript") $(field attempts)" "0 " "$name: no server was contacted"
	smarthost_stop
}
first "queue always" 'always\nqueue_autostart off' bob@example.org
like "$(cat "$T/first.log")" "rcpt_queued=bob@example\.org queue_id=$ID exitcode=EX_OK\$" "queue always: the log line"
first "--queue=always" 'auto\nqueue_autostart off' --queue=always bob@example.org
for letter in -odq -odb -odd '-O DeliveryMode=background' '-ODeliveryMode=q' '-O deliverymode=b'; do
	# shellcheck disable=SC2086
	first "$letter" 'auto\nqueue_autostart off' $letter bob@example.org
done
port=$away
conf
empty_queue
post -odq --json bob@example.org
is "$(json outcome) $(json status) $(json recipients.0.outcome) $(json host)" "queued 0 queued None" "always: JSON"
like "$(json queue_id)" "^$ID\$" "always: JSON names it"
empty_queue
post -v -odq bob@example.org
like "$(cat "$out")" "^queued as $ID\$" "always, with -v: one line"
queue='always\nqueue_autostart off'
conf
empty_queue
post -odi bob@example.org
is "$status $(field attempts)" "0 1" "-odi tries first, and keeps what did not go"
empty_queue
post bob@example.org root
status_is 67 "a local name is refused at once"
kept bob@example.org "a local name beside another"
mkdir "$T/bin"
ln -s "$POSTHASTE" "$T/bin/sendmail"
mkdir -p "$XDG_CONFIG_HOME/posthaste"
sed 's/^queue always/queue auto/' "$T/rc" >"$XDG_CONFIG_HOME/posthaste/config"
empty_queue
run timeout 60 "$T/bin/sendmail" -oi -odb -f carol@example.org bob@example.org <"$T/mail"
is "$status $(waiting) $(field sender) $(field config_file)" "0 1 carol@example.org " "under the name sendmail"

# ---- settings that are needed again ----
queue='always\nqueue_autostart off'
conf
empty_queue
(cd "$T/home" && post --timeout=7s --tls-trust-file=ca.pem --user= --tls-certcheck=off --domain=me.example.org \
	--partial=abort --logfile="$LOG" \
	--password-file=secret --eightbit=pass --dsn-notify=failure -V envid --priority=3 -F 'Alice A' -B8BITMIME \
		--set-to-header=off bob@example.org)
settings="domain me.example.org,eightbit pass,logfile $LOG,partial abort,password_file $T/home/secret,timeout 7s"
settings+=",tls_certcheck off,tls_trust_file $T/home/ca.pem,user"
is "$(field setting | sort | paste -sd,)" "$settings" \
	"settings of the command line that are needed again, as lines of a configuration with absolute names"
is "$(field envid)" envid "what belongs to the envelope stands there"
(echo 'host h'; field setting) >"$T/lines"
run "$POSTHASTE" -C "$T/lines" --pretend
status_is 0 "which a configuration file can hold as they are"
empty_queue
run timeout 60 "$POSTHASTE" --host=127.0.0.1 --port="$away" --tls=off --queue=always --queue-autostart=off -f \
	alice@example.org bob@example.org <"$T/mail"
is "$status $(field account)$(field config_file) $(field setting | paste -sd,)" \
	"0  host 127.0.0.1,port $away,tls off" "an account of the command line alone is kept as its settings"
rm "$XDG_CONFIG_HOME/posthaste/config"
empty_queue
POSTHASTE_HOST=127.0.0.1 POSTHASTE_PORT=$away POSTHASTE_FROM=alice@example.org POSTHASTE_QUEUE=always \
	POSTHASTE_QUEUE_AUTOSTART=off \
	run timeout 60 "$POSTHASTE" bob@example.org <"$T/mail"
is "$status $(field account) $(field environment | paste -sd,)" "0  host 127.0.0.1,port $away" \
	"and so is one of the environment"

# ---- a configuration file named from where the user stands ----
# The runner's folder is another one.
smarthost --once 1000
queue='always\nqueue_autostart off'
conf
mkdir -p "$T/home/etc/sub"
cp "$T/rc" "$T/home/etc/my rc"
while IFS='|' read -ru 9 folder file; do
	empty_queue
	(cd "$T/$folder" && run timeout 60 "$POSTHASTE" -C "$file" bob@example.org <"$T/mail" && exit "$status")
	is "$? $(realpath "$(field config_file)")" "0 $T/home/etc/my rc" "-C $file: the name that is kept is that file's"
	like "$(field config_file)" '^/' "-C $file: and absolute"
	(cd / && run timeout 60 "$POSTHASTE" -q </dev/null && exit "$status")
	is "$? $(waiting)" "0 0" "-C $file: sent from another folder"
done 9<<'ROWS'
home/etc|my rc
home|etc/my rc
home/etc/sub|../my rc
ROWS
is "$(stored)" 3 "-C: all arrive"
smarthost_stop
port=$away

# ---- secrets ----
secret='Xq7-singing-4711'
empty_queue
printf '%s\n' "$secret" >"$T/secret"
port=$away
queue='auto\nqueue_autostart off'
conf 'auth plain' 'tls off' 'auth_without_tls on' "password $secret" 'proxy_user p' "proxy_password $secret"
chmod 600 "$T/rc"
post bob@example.org
post --queue=always --password-file="$T/secret" bob@example.org
isnt "$(waiting)" 0 "messages with a password are kept"
"$PYTHON" - "$secret" >"$T/forms" <<'END'
import base64, sys
c = sys.argv[1].encode()
forms = {c, c.hex().encode(), c.hex().upper().encode()}
for offset in range(3):
    whole = base64.b64encode(b"\0" * offset + c)
    forms.add(whole[(offset * 8 + 5) // 6:(offset + len(c)) * 8 // 6])
sys.stdout.buffer.write(b"\n".join(sorted(forms)) + b"\n")
END
check "the net has no holes" grep -qaFf "$T/forms" <(printf 'ab\0%s' "$secret" | base64)
check "no password in the spool, in no encoding" [ -z "$(grep -raFlf "$T/forms" "$SPOOL")" ]

# ---- later ----
queue='auto\nqueue_autostart off'
port=$away
conf 'undo_window 90s'
empty_queue
post bob@example.org
is "$status $(($(field not_before) - $(field arrival))) $(($(field due) - $(field arrival))) $(field attempts)" \
	"0 90 90 " "undo_window: kept first, and not tried before"
silent "undo_window: silent"
queue='off\nqueue_autostart off'
conf 'undo_window 90s'
empty_queue
post bob@example.org
is "$status $(waiting)" "75 0" "undo_window does nothing where the queue is off"
queue='auto\nqueue_autostart off'
empty_queue
smarthost
conf
post -d --hold-for=2h bob@example.org
smarthost_end
is "$status $(stored) $(($(field not_before) - $(field arrival))) $(field hold_for)$(field attempts)" "0 0 7200 " \
	"--hold-for: held here when the server cannot"
said "^posthaste: queued as $ID for bob@example\.org: .*FUTURERELEASE" "--hold-for: the message"
empty_queue
smarthost --extensions 'PIPELINING,FUTURERELEASE 3600 2030-01-01T00:00:00Z'
conf
post --hold-until=2998-01-01T00:00:00Z bob@example.org
smarthost_end
is "$status $(stored) $(field not_before)" "0 0 $(date -u -d 2998-01-01 +%s)" \
	"--hold-until: held here when it is later than the server's limit"
empty_queue
smarthost --extensions 'PIPELINING,FUTURERELEASE 86400 2030-01-01T00:00:00Z'
conf
post --hold-for=2h bob@example.org
smarthost_end
is "$status $(stored) $(waiting)" "0 1 0" "--hold-for: the server's affair when it can"
port=$away
conf
empty_queue
post --queue=always --hold-for=2h bob@example.org
is "$status $(($(field not_before) - $(field arrival)))" "0 7200" "--hold-for with queue always: held here"

# ---- when it cannot be kept ----
# fails NAME [POST]: auto ends as without a queue, always with 73, and both say why
fails() {
	local post=${2:-post}
	queue='auto\nqueue_autostart off'
	port=$away
	conf
	[ -z "${OPEN:-}" ] || install -m 644 "$T/rc" "$OPEN/rc"
	"$post" bob@example.org
	status_is 75 "$1: queue auto ends as without a queue"
	said '^posthaste: queue: the message could not be queued: ' "$1: auto says so"
	said '^posthaste: connecting: cannot connect' "$1: and what was wrong before"
	"$post" -odq bob@example.org
	status_is 73 "$1: queue always ends with 73"
	said '^posthaste: queue: the message could not be queued: ' "$1: always says so"
}
empty_queue
: >"$XDG_STATE_HOME/posthaste"
fails "a file stands where the folder belongs"
rm "$XDG_STATE_HOME/posthaste"
mkdir "$T/elsewhere"
mkdir "$XDG_STATE_HOME/posthaste"
ln -s "$T/elsewhere" "$SPOOL"
fails "the folder is a link"
is "$(ls "$T/elsewhere")" "" "and nothing was written through it"
empty_queue
open_place
unprivileged mkdir -p "$OPEN/home/.local/state"
unprivileged chmod 500 "$OPEN/home/.local/state"
without_rights() { run unprivileged timeout -k 5 60 "$OPEN/posthaste" -C "$OPEN/rc" "$@" <"$T/mail"; }
fails "no right to write there" without_rights

# The disk is full: a message that does not fit under the limit for files.
empty_queue
post -odq bob@example.org
first_id=$(ls "$SPOOL/new")
{ cat "$T/mail"; head -c 300000 /dev/zero | tr '\0' 'x' | fold -w 70; } >"$T/large"
for mode in auto always; do
	(
		ulimit -f 100
		trap '' XFSZ
		timeout 60 "$POSTHASTE" -C "$T/rc" --queue=$mode bob@example.org <"$T/large" >"$T/out" 2>"$T/err"
	)
	status=$?
	if [ $mode = auto ]; then want=75; else want=73; fi
	status_is $want "no room, queue $mode: exit status $want"
	said '^posthaste: queue: the message could not be queued: ' "no room, queue $mode: the message"
	is "$(ls "$SPOOL/new")" "$first_id" "no room, queue $mode: nothing new, and the older one is unharmed"
	is "$(ls "$SPOOL/tmp")" "" "no room, queue $mode: nothing half-kept"
done

done_testing
