#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The command line: every option of the table; how options and recipients mix; what a caller may not smuggle in; the
# closed set under the name sendmail; and the modes that only look.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# A line for each row of the table: id flag letter type bare value.  The value is one that its type allows: the
# smallest number, the last word.
table() {
	"$PYTHON" - "$top_srcdir/src/config/options.def" <<'END'
import re, sys
text = open(sys.argv[1]).read()
text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
for row in re.findall(r"^OPTION\((.*?)\)\)$", text, flags=re.S | re.M) :
    parts = re.split(r',\s*(?![^()]*\))', row.strip())
    ident, group, command, flag, letter, kind = [p.strip() for p in parts[:6]]
    kind = kind.replace("VALUE_", "")
    lowest = re.search(r"OPTION_RANGE\((-?\d+),", row)
    words = re.search(r"OPTION_WORDS\((.*?)\)", row, flags=re.S)
    words = [w for w in re.sub(r'"\s*"', "", words.group(1)).strip('"').split("\\0") if w and w[0] != "="] \
        if words else []
    value = {"INT": lowest and lowest.group(1), "DURATION": "10", "SIZE": "10M", "WORD": words and words[-1]}.get(kind)
    print(ident, flag.strip('"'), letter.strip("'"), kind, int("OPTION_BARE" in row), value or "on",
          sep="\t")
END
}
table >"$T/table"
check "the table of options was read" test "$(wc -l <"$T/table")" -gt 100

# value_for ID VALUE: another value where not every text will do
value_for() {
	case $1 in
	HOST | SOCKET) echo localhost ;;
	PROTOCOL) echo smtp ;; # LMTP needs another port
	DOMAIN | MAILDOMAIN) echo example.org ;;
	TLS_FINGERPRINT) printf '%064d' 0 ;;
	TLS_PIN) echo sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ;;
	DNS_RESOLVER) echo 192.0.2.53@5353 ;;
	FROM | FROM_R | MAIL_AUTH) echo a@example.org ;;
	DSN_NOTIFY) echo failure ;;
	BMODE) echo m ;;
	BATCH) echo smtp ;;
	FILE) echo "$T/rc" ;;
	ACCOUNT) echo default ;;
	DELIVER_BY) echo 60 ;;
	HOLD_UNTIL) echo 2999-01-01T00:00:00Z ;;
	*) echo "$2" ;;
	esac
}
port=25
conf
# ---- every option ----
while IFS=$'\t' read -ru 9 id flag letter kind bare value; do
	value=$(value_for "$id" "$value")
	words=()
	if [ "$flag" != NULL ]; then
		if [ "$kind" = NONE ]; then words=("--$flag"); else words=("--$flag=$value"); fi
	elif [ "$letter" != 0 ]; then
		if [ "$kind" = NONE ]; then words=("-$letter"); else words=("-$letter$value"); fi
	else
		continue
	fi
	case $id in
	QUEUE_SHOW | QUEUE_HOLD | QUEUE_RELEASE | QUEUE_REMOVE | QUEUE_STATUS | RAW) continue ;; # queue_list.sh
	# Modes that need the network or the keyring: below, check.sh, rmqs.sh, discover.sh, import.sh ...
	SERVERINFO | CHECK | ACCEPT_KEY | RMQS | CONFIGURE | IMPORT | LOGIN | LOGOUT) continue ;;
	ACCOUNT) run timeout 20 "$POSTHASTE" -C "$T/rc" "${words[@]}" --pretend </dev/null ;;
	HOST) run timeout 20 "$POSTHASTE" "${words[@]}" --pretend </dev/null ;;
	TLS_DANE) run timeout 20 "$POSTHASTE" -C "$T/rc" "${words[@]}" --tls=on --pretend </dev/null ;;
	PROXY_USER) # its password has no flag
		conf 'proxy_password x'
		run timeout 20 "$POSTHASTE" -C "$T/rc" "${words[@]}" --pretend </dev/null
		conf
		;;
	REQUIRE_TLS) # wants TLS, and conf has none
		conf 'tls on'
		run timeout 20 "$POSTHASTE" -C "$T/rc" "${words[@]}" --pretend <"$T/mail"
		;;
	TLS_CERT_FILE | TLS_KEY_FILE)
		run timeout 20 "$POSTHASTE" -C "$T/rc" --tls-cert-file=x --tls-key-file=y --pretend </dev/null
		;;
	TLS_CRL_FILE) run timeout 20 "$POSTHASTE" -C "$T/rc" --tls-trust-file=x "${words[@]}" --pretend </dev/null ;;
	*) run timeout 20 "$POSTHASTE" -C "$T/rc" "${words[@]}" --pretend <"$T/mail" ;;
	esac
	status_is 0 "${words[*]} is taken"
	is "$(cat "$err")" "" "${words[*]}: without a word"
	if [ "$bare" = 1 ] && [ "$flag" != NULL ]; then
		run timeout 20 "$POSTHASTE" -C "$T/rc" "--$flag" --pretend </dev/null
		status_is 0 "--$flag alone is taken"
	fi
	[ "$id" != REQUIRE_TLS ] || conf
done 9<"$T/table"

# ---- mixing, bundling, cutting short ----
# parsed NAME RECIPIENTS ARGUMENT...: what --dry-run makes of it
parsed() {
	local name=$1 wanted=$2
	shift 2
	post --dry-run "$@"
	is "$(sed -n '/^$/q; s/^To: <\(.*\)>$/\1/p' "$out" | tr '\n' ' ' | sed 's/ $//')" "$wanted" "$name"
}
parsed "options after recipients" 'a@example.org b@example.org' a@example.org -i b@example.org -f c@example.org
is "$(sed -n 's/^From: <\(.*\)>$/\1/p;/^$/q' "$out" | head -1)" c@example.org "options after recipients: they count"
parsed "-- ends options" '-x@example.org' -- -x@example.org
parsed "everything after -- is a recipient" '-t@example.org b@example.org' -i -- -t@example.org b@example.org
parsed "letters in clusters" 'a@example.org bob@example.org' -ti a@example.org
parsed "a cluster that ends in an argument" 'a@example.org' -ifc@example.org a@example.org
parsed "-oi -odb -oem and -O are taken" 'a@example.org' -oi -odb -oem -O DeliveryMode=b -B8BITMIME -G -U -m -n \
	-h 3 -A c -L tag -p smtp -x a@example.org
parsed "an option cut short" 'a@example.org bob@example.org' --read-r a@example.org
parsed "an argument of its own word" 'a@example.org' --from c@example.org a@example.org
while IFS='|' read -ru 9 words regex; do
	eval "run timeout 20 \"\$POSTHASTE\" -C '$T/rc' --dry-run $words bob@example.org <'$T/mail'"
	status_is 64 "$words: exit status 64"
	said "^posthaste: command line: $regex" "$words: what is wrong"
done 9<<'ROWS'
--nonsense|--nonsense: there is no such option
--set|--set: several options begin with this
-Z|-Z: there is no such option
-iZ|-Z: there is no such option
--json=yes|--json: this option takes no argument
--port=0|--port: expected .*, got 0
--port=|--port: expected .*, got nothing
--port=25x|--port: expected .*, got 25x
--tls=maybe|--tls: expected .*, got maybe
--timeout=soon|--timeout: expected .*, got soon
--auth=magic|--auth: expected .*, got magic
--tls-fingerprint=xyz|--tls-fingerprint: expected .*, got xyz
--tls-dane=maybe|--tls-dane: expected .*, got maybe
--dns-resolver=ns.example.org|--dns-resolver: expected .*, got ns.example.org
--dns-resolver=::1@0|--dns-resolver: expected .*, got ::1@0
--dns-resolver=@53|--dns-resolver: expected .*, got @53
--dns-resolver=127.0.0.1@|--dns-resolver: expected .*, got 127.0.0.1@
-N sometimes|-N: expected .*, got sometimes
-R half|-R: expected .*, got half
-B 9BIT|-B: expected .*, got 9BIT
-bx|-bx: expected m, S, s, d, D, p, i or v, got x
-V $'a\tb'|-V: expected .*
--from a@example.org --read-envelope-from|.*exclude each other
-a x --host=y|.*exclude each other
--serverinfo|.*takes no recipients
ROWS
for words in '--tsl|Did you mean --tls\?' '--nonsense|posthaste --help lists' \
	'--queue-retry=1m|queue_retry can be set in the configuration file only'; do
	run timeout 20 "$POSTHASTE" -C "$T/rc" "${words%%|*}" bob@example.org <"$T/mail"
	said "^hint: ${words#*|}" "${words%%|*}: what may have been meant"
done
for words in '-f' '--from' '--port' '-X'; do
	run timeout 20 "$POSTHASTE" $words
	status_is 64 "$words at the end: exit status 64"
	said "^posthaste: command line: $words: this option needs an argument" "$words at the end: what is wrong"
done

# ---- who looks for help finds it ----
run timeout 20 "$POSTHASTE" --help
cp "$out" "$T/help"
for words in '-h' '-?' '-? bob@example.org'; do
	# shellcheck disable=SC2086
	run timeout 20 "$POSTHASTE" $words </dev/null
	status_is 0 "$words: exit status 0"
	same_file "$out" "$T/help" "$words: the options"
done
parsed "-h with an argument is sendmail's" 'a@example.org' -h 5 a@example.org
mkdir -p "$T/bin"
cp "$POSTHASTE" "$T/bin/sendmail"
for words in '-h' '-?'; do
	run timeout 20 "$T/bin/sendmail" $words </dev/null
	status_is 64 "sendmail $words: exit status 64, as sendmail"
done

# ---- nothing is smuggled into the dialogue ----
while IFS='|' read -ru 9 words; do
	eval "words=($words)"
	smarthost
	conf
	post "${words[@]}" bob@example.org
	smarthost_stop
	shown=$(printf '%q ' "${words[@]}")
	like "$status" '^6[45]$' "$shown: exit status 64 or 65"
	never_sent '.*' "$shown: nothing was sent"
	is "$(LC_ALL=C tr -d '\n' <"$err" | LC_ALL=C grep -c '[[:cntrl:]]')" 0 "$shown: said without control characters"
	said '^posthaste: ' "$shown: something was said"
done 9<<'ROWS'
-f $'a@example.org>\r\nRCPT TO:<eve@example.org'
-f $'a@example.org\nRCPT TO:<eve@example.org>'
-f $'a@example.org\rx'
-f $'a@example.org> BODY=8BITMIME x:<'
-f '<<>>'
-f $'a\x7f@example.org'
-f $'a@ex\xffample.org'
-f $'\xc2\x85@example.org'
-r $'a@example.org>\r\nRCPT TO:<eve@example.org'
--from=$'a@example.org>\r\nDATA'
-F $'Al\r\nBcc: eve@example.org'
-F $'Al\nBcc: eve@example.org'
-N $'never\r\nRSET'
-R $'hdrs\r\nRSET'
-V $'id\r\nRSET'
-V $'id\nRSET'
-B $'8BITMIME\r\nRSET'
--domain=$'x\r\nRSET'
--host=$'127.0.0.1\r\nx'
$'eve@example.org>\r\nRSET\r\nMAIL FROM:<x@example.org'
$'eve@example.org\nRSET'
$'eve\x01@example.org'
$'eve@example.org\x7f'
ROWS
# The same through the header of the message.
for header in 'To: "a\\rb"@example.org' 'To: a\001@example.org' 'To: <a@example.org' 'To: a@[1\001]'; do
	smarthost
	conf
	post_stdin -t < <(printf "$header\n\nx\n")
	smarthost_stop
	case $status in
	64 | 65) ok "-t, $header: exit status 64 or 65" ;;
	0) is "$(stored)" 1 "-t, $header: harmless" ;;
	*) not_ok "-t, $header: exit status $status" ;;
	esac
done
post_stdin --dry-run -t < <(printf 'To: =?utf-8?q?x=0D=0ARCPT?= <a@example.org>\n\nx\n')
is "$(grep -c '^To: <' "$out")" 1 "an encoded word with a line end in it makes no recipient"
# By way of a configuration and the environment.
printf 'host 127.0.0.1\nport 1\nfrom a@example.org\nuser x\001y\nauth plain\npassword p\n' >"$T/rc"
post bob@example.org
isnt "$status" 0 "a control character in a configuration"

# ---- the name that decides ----
# file|argv[0]|-C is taken
mkdir "$T/names"
for name in sendmail mailq newaliases send-mail msmtp Sendmail; do ln -s "$POSTHASTE" "$T/names/$name"; done
ln -s "$POSTHASTE" "$T/names/posthaste"
while IFS='|' read -r file name taken; do
	if ! linux_features && [ "$file" != "$name" ]; then
		skip "nothing but argv[0] says what was started" "$file called as $name: exit status $taken"
		continue
	fi
	# shellcheck disable=SC2016 # for the shell that is started
	run bash -c 'exec -a "$1" "$2" -C "$3" --version' bash "$name" "$T/names/$file" "$T/rc"
	is "$status" "$taken" "$file called as $name: exit status $taken"
done <<'ROWS'
posthaste|posthaste|0
posthaste|sendmail|0
posthaste|/usr/sbin/sendmail|0
posthaste|mailq|0
posthaste||0
msmtp|sendmail|0
send-mail|sendmail|0
Sendmail|sendmail|0
sendmail|send-mail|64
sendmail|posthaste|64
sendmail|msmtp|64
sendmail||64
mailq|posthaste|64
newaliases|posthaste|64
ROWS
# fexecve() tells no name: argv[0] decides
for name in posthaste sendmail; do
	run "$PYTHON" -c 'import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
os.set_inheritable(fd, True)
os.execve(fd, sys.argv[2:], dict(os.environ))' "$POSTHASTE" "$name" -C "$T/rc" --version
	case $name in sendmail) want=64 ;; *) want=0 ;; esac
	status_is $want "a descriptor executed as $name"
done

# ---- the name sendmail ----
mkdir "$T/bin"
for name in sendmail mailq newaliases; do ln -s "$POSTHASTE" "$T/bin/$name"; done
mkdir -p "$XDG_CONFIG_HOME/posthaste"
printf 'queue off\nhost 127.0.0.1\nport 1\nfrom alice@example.org\ntimeout 5\n' >"$XDG_CONFIG_HOME/posthaste/config"
printf 'host evil.example.org\n' >"$T/evil"
mkdir "$T/witness"
while IFS=$'\t' read -ru 9 id flag letter kind _; do
	value="$T/witness/made"
	for words in "--$flag" "--$flag=$value" "--$flag $value" "-$letter" "-$letter$value" "-$letter $value"; do
		case $words in --NULL* | -0* | -t | -i | -v | -n | -G | -m | -U | -x | '--help'* | '--version'*) continue ;; esac
		case $id,$words in
		# these name nothing but mail
		FROM,-f* | FROM_R,-r* | FROM_FULL_NAME,-F* | DSN_NOTIFY,-N* | DSN_RETURN,-R* | ENVID,-V* | BODY,-B* | BMODE,-b*)
			continue
			;;
		SYSLOG_TAG,-L* | SM_A,-A* | SM_H,-h* | SM_O_SHORT,-o* | SM_O_LONG,-O* | SM_P,-p* | QUEUE_WORK,-q*) continue ;;
		READ_RECIPIENTS,-t* | DOTS,-i* | VERBOSE,-v* | NO_ALIASES,-n* | SM_G,-G* | SM_M,-m* | SM_U,-U* | SM_X,-x*) continue ;;
		esac
		# shellcheck disable=SC2086
		run timeout 20 "$T/bin/sendmail" $words bob@example.org <"$T/mail"
		[ "$status" = 64 ] || { not_ok "sendmail $id: $words is refused" "exit status $status"; show_err; }
	done
done 9<"$T/table"
ok "every option that is not one of sendmail's letters was tried under its name"
is "$(find "$T/witness" | wc -l | tr -d ' ')" 1 "no file was made"
# The letters that stay take no file, host or command, whatever is put there.
trace=no
if ! sanitized && command -v strace >/dev/null && strace -qq -o "$T/strace" true 2>/dev/null; then trace=yes; fi
[ "$trace" = yes ] || note "the files it opens are not watched here (no strace, or sanitizers)"
rm -f "$T/strace"
for letter in f r F N R V B b L A h o O p q; do
	for value in "$T/evil" "C$T/evil" "QueueDirectory=$T/witness/q"; do
		if [ "$trace" = yes ]; then
			run timeout 20 strace -qq -f -e trace=openat,open,execve,connect -o "$T/strace" \
				"$T/bin/sendmail" "-$letter$value" bob@example.org <"$T/mail"
		else
			run timeout 20 "$T/bin/sendmail" "-$letter$value" bob@example.org <"$T/mail"
		fi
		like "$status" '^(64|65|75)$' "sendmail -$letter $value: exit status"
		if [ -s "$T/strace" ]; then
			is "$(sed 1d "$T/strace" | grep -c "evil\|witness\|touch")" 0 \
				"sendmail -$letter $value: no such file is opened"
		fi
		unsaid 'evil.example.org' "sendmail -$letter $value: no other host is asked"
	done
done
is "$(find "$T/witness" "$T/made" 2>/dev/null | wc -l | tr -d ' ')" 1 "still no file was made"
smarthost
printf 'queue off\nhost 127.0.0.1\nport %s\nfrom alice@example.org\n' "$port" >"$XDG_CONFIG_HOME/posthaste/config"
run timeout 60 "$T/bin/sendmail" -t -oi -oem -odb -f carol@example.org -F 'Carol C' -L tag <"$T/mail"
smarthost_end
status_is 0 "sendmail -t -oi -oem -odb -f -F -L: exit status 0"
is "$(envelope mail_from) $(envelope rcpt)" 'carol@example.org bob@example.org' "sendmail: sender and recipient"
for words in --help --version; do
	run "$T/bin/sendmail" $words
	status_is 0 "sendmail $words: exit status 0"
done
run timeout 20 "$T/bin/newaliases" </dev/null
status_is 0 "newaliases without an aliases file: exit status 0"
rm -r "$XDG_CONFIG_HOME/posthaste"

# ---- --json ----
json() { "$PYTHON" -c '
import json, sys
o = json.load(open(sys.argv[1]))
for path in sys.argv[2:]:
    v = o
    for key in path.split("."):
        v = v[int(key)] if isinstance(v, list) else v[key]
    print(v, end=" ")
' "$T/out" "$@" 2>&1; }
smarthost
conf
post --json bob@example.org carol@example.org
smarthost_end
is "$(json outcome status account host recipients.0.address recipients.0.outcome recipients.0.code \
	recipients.1.enhanced tls.active auth size)" \
	"accepted 0 default 127.0.0.1 bob@example.org accepted 250 2.0.0 False None 150 " "--json: success"
is "$(grep -c . "$out")" 1 "--json: one line"
while IFS='|' read -ru 9 want outcome kind sink args; do
	eval "smarthost $sink"
	conf
	eval "post --json $args"
	smarthost_stop
	status_is "$want" "--json, $kind: exit status $want"
	is "$(json status outcome)" "$want $outcome " "--json, $kind: valid, with status and outcome"
	case $outcome in
	partial) is "$(json error recipients.0.error recipients.0.code recipients.0.server)" "$kind $kind 550 no " \
		"--json, $kind: the recipient's error" ;;
	*) like "$(json error stage text)" "^$kind " "--json, $kind: the error" ;;
	esac
done 9<<'ROWS'
64|failed|usage||
65|failed|address||$'a\001@example.org'
66|failed|file_missing||-C "$T/missing" bob@example.org
67|partial|recipient_refused|--reply 'rcpt:bob@example.org=550 no'|bob@example.org carol@example.org
65|refused|message_refused|--reply 'eod=550 5.7.1 "quoted" \\ \x01\xff'|bob@example.org
69|refused|server_refuses|--reply 'greeting=554 no'|bob@example.org
69|failed|not_offered||--tls --tls-starttls bob@example.org
75|retry|server_temporary|--reply 'mail=450 no'|bob@example.org
75|unknown|uncertain|--close eod|bob@example.org
75|retry|connection_lost|--close mail|bob@example.org
76|refused|protocol|--reply 'mail=354 no'|bob@example.org
77|refused|sender_refused|--reply 'mail=550 no'|bob@example.org
78|failed|config||-a none bob@example.org
64|failed|usage||--nonsense bob@example.org
64|failed|usage||--port=x bob@example.org
ROWS

# ---- --dry-run: no network, no password ----
port=1
conf 'auth plain' 'passwordeval touch '"$T/asked"
post --dry-run bob@example.org
status_is 0 "--dry-run: exit status 0"
check "--dry-run: no password is fetched" test ! -e "$T/asked"
sed '1,/^$/d' "$out" >"$T/dry"
sed 's/$/\r/' "$T/mail" >"$T/wanted"
same_file "$T/dry" "$T/wanted" "--dry-run: the octets"
is "$(sed '/^$/q' "$out" | tr '\n' '|')" \
	'Account: default|From: <alice@example.org>|To: <bob@example.org>|Size: 150||' "--dry-run: the envelope"
post --dry-run
status_is 64 "--dry-run without a recipient: exit status 64"
without_network=(unshare -n)
[ "$(id -u)" = 0 ] || without_network+=(--user --map-root-user)
if why=$("${without_network[@]}" true 2>&1); then
	run timeout 20 "${without_network[@]}" "$POSTHASTE" --host=mail.example.org -f a@example.org --dry-run \
		bob@example.org <"$T/mail"
	status_is 0 "--dry-run without any network: exit status 0"
else
	skip "the network cannot be taken away here: $why" "--dry-run without any network"
fi

# ---- --pretend, --help, --version ----
post --pretend </dev/null
status_is 0 "--pretend without recipients: exit status 0"
like "$(cat "$out")" "host +: *|host += 127.0.0.1 +\(.*rc, line 2\)" "--pretend: where the host comes from"
check "--pretend: no password is fetched" test ! -e "$T/asked"
run "$POSTHASTE" --version
status_is 0 "--version: exit status 0"
like "$(head -1 "$out")" '^posthaste [0-9]' "--version: the name first"
run "$POSTHASTE" --help
status_is 0 "--help: exit status 0"
check "--help: no line is wider than 80 columns" test "$(awk 'length > 80' "$out" | wc -l)" = 0
run "$POSTHASTE" --help --version --nonsense
status_is 64 "--help with a mistake: exit status 64"

# ---- closed and full descriptors ----
smarthost
conf
run timeout 20 bash -c '"$0" -C "$1" bob@example.org <"$2" >&-' "$POSTHASTE" "$T/rc" "$T/mail"
smarthost_end
status_is 0 "standard output closed: exit status 0"
is "$(stored)" 1 "standard output closed: sent"
if [ -w /dev/full ]; then
	smarthost
	conf
	status=0
	timeout 20 "$POSTHASTE" -C "$T/rc" --json bob@example.org <"$T/mail" >/dev/full 2>"$err" 7>&- || status=$?
	smarthost_end
	is "$(stored)" 1 "standard output full: sent"
	status_is 0 "standard output full: exit status of the delivery"
	status=0
	timeout 20 "$POSTHASTE" -C "$T/rc" --dry-run bob@example.org <"$T/mail" >/dev/full 2>"$err" 7>&- || status=$?
	status_is 74 "--dry-run into a full disk: exit status 74"
fi
port=1
conf
run timeout 20 bash -c '"$0" -C "$1" bob@example.org <&-' "$POSTHASTE" "$T/rc"
status_is 74 "standard input closed: exit status 74"
said '^posthaste: .*standard input' "standard input closed: said so"
smarthost
conf
run timeout 20 bash -c '"$0" -C "$1" bob@example.org <"$2" 2>&-' "$POSTHASTE" "$T/rc" "$T/mail"
smarthost_end
is "$status,$(stored)" 0,1 "standard error closed: sent"
run timeout 20 bash -c '"$0" -C "$1" --nonsense <&- >&- 2>&-' "$POSTHASTE" "$T/rc"
status_is 64 "everything closed: exit status 64"

# ---- --serverinfo ----
smarthost --extensions 'SIZE 1000,8BITMIME,XYZZY'
conf
post --serverinfo
smarthost_end
status_is 0 "--serverinfo: exit status 0"
like "$(cat "$out")" 'SIZE 1000.*8BITMIME.*XYZZY' "--serverinfo: what the server offers"
never_sent 'AUTH|MAIL' "--serverinfo: nothing was sent"
done_testing
