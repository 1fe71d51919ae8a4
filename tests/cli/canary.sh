#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A password that sings when it is seen: neither it nor its base64 (at any of
# the three offsets), hex or URL form appears in what the program prints, in its
# arguments, environment or core, whatever the server does.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

canary='Zq9+canary/W7xk&v2=Tm'
printf '%s\n' "$canary" >"$T/canary"
"$PYTHON" "$top_srcdir/tests/lib/forms.py" "$canary" >"$T/forms"
# quiet NAME FILE...: none of the forms is in these files
quiet() {
	local name=$1 hit
	shift
	if hit=$(grep -aFof "$T/forms" -- "$@" | head -1) && [ -n "$hit" ]; then
		not_ok "$name" "it sang: $hit"
	else
		ok "$name"
	fi
}
# The net has no holes: each form is found where it is.
for form in "x$canary" "$(printf 'ab\0%s' "$canary" | base64)" "$(printf 'abcd%s' "$canary" | base64)" \
	"$(printf 'abcde\0%s' "$canary" | base64)" "$(printf %s "$canary" | od -An -tx1 | tr -d ' \n')"; do
	printf '%s\n' "$form" >"$T/sung"
	check "the test hears ${form:0:12}..." grep -qaFf "$T/forms" "$T/sung"
done
printf 'correct-horse' | base64 >"$T/sung"
check "the test hears nothing else" test "$(grep -caFf "$T/forms" "$T/sung")" = 0

# begin MECHANISMS SINK-OPTION...
begin() {
	local mechanisms=$1
	shift
	smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth "$mechanisms" --user joe \
		--password-file "$T/canary" \
		--token "$canary" --require-auth "$@"
}
settings() {
	conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" 'timeout 5' "$@"
}
# sings NAME STATUS-PATTERN: the run that was prepared, with everything printed that can be
sings() {
	post --debug --json bob@example.org
	smarthost_end
	like "$status" "^($2)$" "$1: exit status"
	check "$1: the dialogue was shown" grep -q '^<-- ' "$out"
	quiet "$1: nothing leaks" "$out" "$err"
}

for mechanism in plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 scram-sha-256-plus oauthbearer xoauth2; do
	upper=$(tr a-z A-Z <<<"$mechanism")
	begin "$upper"
	settings "auth $mechanism" "password $canary"
	sings "$mechanism" 0
	begin "$upper" --reply 'auth-final=535 5.7.8 no'
	settings "auth $mechanism" "password $canary"
	sings "$mechanism refused" '0|77'
	begin "$upper" --reply 'auth=334 ***'
	settings "auth $mechanism" "password $canary"
	sings "$mechanism answered with garbage" '69|76|77'
	begin "$upper" --reply 'auth=454 4.7.0 later'
	settings "auth $mechanism" "password $canary"
	sings "$mechanism put off" 75
	begin "$upper" --close auth
	settings "auth $mechanism" "password $canary"
	sings "$mechanism and a lost connection" 75
done

# ---- a server that says what it heard ----
plain=$(printf '\0joe\0%s' "$canary" | base64)
for words in "$canary" "$plain" "$(printf %s "$canary" | base64)"; do
	begin PLAIN --reply "auth=535 5.7.8 bad: AUTH PLAIN $words"
	settings 'auth plain' "password $canary"
	sings "the server repeats ${words:0:6}... in its refusal" 77
	begin PLAIN --reply "mail=250-so you are\r\n250 $words"
	settings 'auth plain' "password $canary"
	sings "the server repeats ${words:0:6}... later" 0
	begin PLAIN --reply "rcpt=550 5.1.1 $words"
	settings 'auth plain' "password $canary"
	sings "the server repeats ${words:0:6}... about a recipient" 67
	begin LOGIN --reply "auth=334 $(printf %s "$words" | base64 -w0)"
	settings 'auth login' "password $canary"
	sings "the server repeats ${words:0:6}... in a challenge" '.*'
done
begin OAUTHBEARER --reply "auth=334 $(printf '{"status":"%s"}' "$canary" | base64 -w0)" --reply 'auth=535 5.7.8 no'
settings 'auth oauthbearer' "password $canary"
sings "the server repeats the token in its error" 77

# ---- and the log, which holds more of the server's words than anybody is shown ----
# Both forms at once would need two accounts: each is tried alone.
hex=$(printf %s "$canary" | od -An -tx1 | tr -d ' \n')
url=$("$PYTHON" -c 'import sys, urllib.parse; print(urllib.parse.quote(sys.argv[1], safe=""))' "$canary")
encoded=$(printf %s "$canary" | base64)
# logs FORM STATUS-PATTERN NAME SINK-OPTION...
logs() {
	local form=$1 want=$2 name="$3, in the log as $1"
	shift 3
	begin PLAIN "$@"
	settings 'auth plain' "password $canary" "logfile $T/log" "log_format $form"
	rm -f "$T/log"
	post bob@example.org
	smarthost_end
	like "$status" "^($want)$" "$name: exit status"
	is "$(wc -l <"$T/log" 2>/dev/null)" 1 "$name: one line"
	quiet "$name: nothing leaks" "$T/log" "$err"
}
for form in text json; do
	for words in "$canary" "$plain" "$encoded" "$hex" "$url"; do
		short="${words:0:6}..."
		logs $form 77 "$short in the refusal of AUTH" --reply "auth=535-5.7.8 no\r\n535 5.7.8 $words is not it"
		logs $form 77 "$short in the answer to MAIL" --reply "mail=550-5.7.1 you said\r\n550-5.7.1 $words\r\n550 5.7.1 no"
		logs $form 67 "$short about a recipient" --reply "rcpt=550-5.1.1 $words\r\n550 5.1.1 who"
		logs $form 65 "$short in the answer to DATA" --reply "data=554-5.3.0 no\r\n554 5.3.0 $words"
		logs $form 65 "$short in the refusal of the message" --reply "eod=554-5.7.1 $words\r\n554 5.7.1 no"
		logs $form 0 "$short in the taking of the message" --reply "eod=250-2.0.0 taken from\r\n250 2.0.0 $words"
		logs $form 0 "$short first in the taking of the message" --reply "eod=250-2.0.0 $words\r\n250 2.0.0 taken"
		logs $form 75 "$short when the server leaves" --reply "mail=421-4.3.2 $words\r\n421 4.3.2 going"
		logs $form 76 "$short in what is no reply" --reply "mail=$words"
	done
done
begin OAUTHBEARER --reply "eod=250 2.0.0 Bearer $canary"
settings 'auth oauthbearer' "password $canary" "logfile $T/log" 'log_format text'
rm -f "$T/log"
post bob@example.org
smarthost_end
is "$(wc -l <"$T/log")" 1 "the token in the taking of the message: one line"
quiet "the token in the taking of the message: nothing leaks" "$T/log" "$err"

# ---- a server that folds them: no line, and no part of one, is of the secret ----
# folded WIDTH CODE ENHANCED WORDS: a reply; $T/pieces are its parts that are long enough to be of the secret
folded() {
	local pieces last
	mapfile -t pieces < <(fold -w "$1" <<<"$4")
	last=$((${#pieces[@]} - 1))
	printf '%s\n' "${pieces[@]}" | grep -E '.{6}' >"$T/pieces"
	printf '%s-%s you said' "$2" "$3"
	printf "\\\\r\\\\n$2-$3 %s" "${pieces[@]:0:last}"
	printf "\\\\r\\\\n$2 $3 %s" "${pieces[last]}"
}
# The pieces of PLAIN's base64 that hold nothing but the user's name are no secret.
for words in "$canary" "$encoded" "$hex" "$url"; do
	for width in $(((${#words} + 1) / 2)) 8; do
		for stage in 'auth 535 5.7.8 77' 'mail 550 5.7.1 77' 'rcpt 550 5.1.1 67' 'eod 250 2.0.0 0'; do
			read -r stage code enhanced want <<<"$stage"
			name="${words:0:6}..., folded at $width in the answer to $stage"
			reply=$(folded "$width" "$code" "$enhanced" "$words")
			begin PLAIN --reply "$stage=$reply"
			settings 'auth plain' "password $canary" "logfile $T/log" 'log_format json'
			rm -f "$T/log"
			post --debug --json bob@example.org
			smarthost_end
			is "$status" "$want" "$name: exit status $want"
			is "$(cat "$out" "$err" "$T/log" | grep -aFf "$T/pieces")" "" "$name: nothing leaks"
			check "$name: the words are there" grep -aq 'you said' "$out"
		done
	done
done

# ---- where the server's words are cut, the secret's beginning could be left ----
# cut_at LIMIT STEP STATUS: as many octets of it are left as are dangerous, or all but one
cut_at() {
	local limit=$1 step=$2 left name
	for left in 4 9 $((${#canary} - 1)); do
		name="${step%%=*} cut after $left octets of the secret"
		begin PLAIN --reply "$step $(printf '%*s' $((limit - 6 - left)) '' | tr ' ' x)$canary"
		settings 'auth plain' "password $canary" "logfile $T/log" 'log_format json'
		rm -f "$T/log"
		post --json bob@example.org
		smarthost_end
		is "$status" "$3" "$name: exit status"
		check "$name: that is where it was cut" grep -qF 'xxx***...' "$out"
		is "$(cat "$T/log" "$out" "$err" | grep -cF "x${canary:0:4}")" 0 "$name: nothing leaks"
	done
}
cut_at 2000 'eod=250 2.0.0' 0
cut_at 2000 'mail=550 5.7.1' 77
cut_at 2000 'rcpt=550 5.1.1' 67
cut_at 196 'mail=no reply:' 76 # what is no reply is cut at 200, and has 4 octets more in front

# ---- the queue: what is kept, listed, reported and handed to a command ----
QUEUE=$XDG_STATE_HOME/posthaste/queue
printf '#!/bin/sh\ncat >>"%s"\ntr "\\0" "\\n" </proc/self/environ >>"%s"\n' "$T/told" "$T/told" >"$T/tell"
chmod +x "$T/tell"
# keeps NAME MESSAGES-LEFT SINK-OPTION...: sent by way of the queue; everything that is left of it
keeps() {
	local name=$1 left=$2
	shift 2
	rm -rf "$QUEUE" "$T/told" "$T/log"
	begin PLAIN --once 9 "$@"
	queue='auto\nqueue_autostart off' settings 'auth plain' 'from me@example.org' "passwordeval cat $T/canary" \
		"on_failure $T/tell" "logfile $T/log"
	cp "$T/rc" "$HOME/.posthasterc"
	post bob@example.org
	cat "$out" "$err" >"$T/shown"
	post --queue=always bob@example.org
	run "$POSTHASTE" -q </dev/null
	cat "$out" "$err" >>"$T/shown"
	run "$POSTHASTE" --queue=always carol@example.org <"$T/mail"
	for mode in -q -q -bp '-bp --json' '-bp --verbose'; do
		# shellcheck disable=SC2086
		run "$POSTHASTE" $mode </dev/null
		cat "$out" "$err" >>"$T/shown"
	done
	smarthost_stop
	find "$QUEUE" -type f >"$T/kept"
	xargs cat <"$T/kept" >"$T/spooled"
	like "$(grep -c '/new/\|/failed/' "$T/kept")" "^($left)$" "queue, $name: messages are left"
	quiet "queue, $name: nothing leaks into the queue" "$T/spooled"
	[ "$left" = '[0-9]' ] || check "queue, $name: the words were kept" grep -qaF '***' "$T/spooled"
	touch "$T/told"
	quiet "queue, $name: nor into what is shown, logged and reported, nor the report" "$T/shown" "$T/told" "$T/log" \
		"$T"/spool/*
	rm -f "$HOME/.posthasterc"
}
for words in "$canary" "$plain" "$encoded"; do
	short="${words:0:6}..."
	keeps "$short about a recipient, who is put off" '[1-9]' --reply "rcpt=450-4.2.1 $words\r\n450 4.2.1 $words"
	keeps "$short about a message put off" '[1-9]' --reply "eod=451 4.3.0 $words"
	keeps "$short in a refusal of AUTH" '[1-9]' --reply "auth=535 5.7.8 $words"
	keeps "$short about a recipient, who is refused" '[0-9]' --reply "rcpt=550-5.1.1 $words\r\n550 5.1.1 $words"
	keeps "$short in what is no reply" '[0-9]' --reply "mail=$words"
done

# ---- looking at settings ----
begin PLAIN
settings 'auth plain' "password $canary"
for mode in '--pretend' '--pretend --json' '--pretend --debug' '--dry-run' '--dry-run --debug --json' '--version' \
	'--help' '--account=none' '--port=x'; do
	# shellcheck disable=SC2086
	post $mode bob@example.org
	quiet "$mode: nothing leaks" "$out" "$err"
done
post --serverinfo --debug
smarthost_end
quiet "--serverinfo: nothing leaks" "$out" "$err"
# A mistake in the line itself
port=1
for line in "password \"$canary" "password \"$canary\" x" "passwrod $canary" "port $canary"; do
	settings "$line"
	post --pretend
	is "$status" 78 "${line%% *} in a wrong line: exit status 78"
	case $line in
	passwrod* | port*) ;; # what is no password is shown
	*) quiet "${line%% *} in a wrong line: nothing leaks" "$out" "$err" ;;
	esac
done

# ---- what other users of the machine can see ----
begin PLAIN --hang mail
lines="tr '\\\\0' '\\\\n'"
eval="cat $T/canary; $lines </proc/self/environ >$T/helper.environ; $lines </proc/\$PPID/cmdline >$T/parent.cmdline"
settings 'auth plain' "passwordeval $eval" 'timeout 50'
run_background() {
	ulimit -c unlimited
	exec "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail" >"$T/bg.out" 2>"$T/bg.err" 7>&-
}
mkdir "$T/cores"
(cd "$T/cores" && run_background) &
pid=$!
track "$pid"
reached() { grep -q '^C: MAIL' "$T/transcript"; }
check "the program waits, logged in" wait_until 20 reached
cat "/proc/$pid/cmdline" "/proc/$pid/environ" >"$T/proc" 2>/dev/null
check "its arguments can be seen" grep -qa bob@example.org "$T/proc"
quiet "arguments and environment hold no secret" "$T/proc" "$T/helper.environ" "$T/parent.cmdline"
if sanitized; then
	skip "a sanitized program may be dumped: the leak checker must look at it" "no core"
	kill "$pid"
else
	kill -ABRT "$pid"
fi
wait "$pid" 2>/dev/null
smarthost_stop
sanitized || is "$(find "$T/cores" -type f | wc -l | tr -d ' ')" 0 "a crash leaves no core"
quiet "what it said" "$T/bg.out" "$T/bg.err"
done_testing
