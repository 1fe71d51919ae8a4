#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A batch that is killed at its system calls (kill.sh) and started again on the same Maildir: nothing is lost, and
# nothing is sent twice.  What is not sent again was said to be perhaps delivered.  With several sessions or several
# messages under way, the batch or one of its processes is killed; then it is all calls that send, and fifteen others,
# for each case.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/kill.sh" || exit 99
export XDG_STATE_HOME=$T/state
box=$T/box

# fill ID: two messages, the first for two recipients
fill() {
	rm -rf "$box" "$T/state"
	mkdir -p "$box/new" "$box/cur"
	sed "s/<test@example.org>/<a$1@example.org>/; s/^To: .*/To: bob@example.org, carol@example.org/" "$T/mail" \
		>"$box/new/1.a"
	sed "s/<test@example.org>/<b$1@example.org>/" "$T/mail" >"$box/cur/2.b:2,F"
}
again() { timeout 60 "$POSTHASTE" -C "$T/rc" --batch=maildir:"$box" >"$T/out" 2>"$T/err" </dev/null; }
# named JSON ADDRESS: how often it is among the recipients of a message
named() {
	"$PYTHON" -c 'import json, sys
print(sum(r["address"] == sys.argv[2] for r in json.load(open(sys.argv[1]))["rcpt"]))' "$@"
}
# copies ID RECIPIENT: how many copies of a message were accepted for a recipient
copies() {
	local file n=0
	for file in $(grep -l -a -F "<$1@example.org>" "$T"/spool/*.eml 2>/dev/null); do
		n=$((n + $(named "${file%.eml}.json" "$2@example.org")))
	done
	echo "$n"
}
uncertain() { sed -n 's/^posthaste: \([^ ]*\): .*may have been delivered.*/\1/p' "$1"; }

# kill_all NAME
kill_all() {
	local name=$1 n total from killed=0 rounds=0 lost='' twice='' forgotten='' who
	fill counted
	calls_of "$POSTHASTE" -C "$T/rc" --batch=maildir:"$box" </dev/null
	total=$(wc -l <"$T/calls")
	from=$(first_call)
	for n in $(kill_points "$from"); do
		rounds=$((rounds + 1))
		fill "$n"
		killed_at "$n" "$POSTHASTE" -C "$T/rc" --batch=maildir:"$box" </dev/null
		[ "$?" = 137 ] && killed=$((killed + 1))
		again
		cp "$T/err" "$T/first"
		again
		for who in "a$n bob" "a$n carol" "b$n bob"; do
			# shellcheck disable=SC2086 # words
			case $(copies $who) in
			0) uncertain "$T/err" | grep -q "/[0-9].${who:0:1}" || lost="$lost $n" ;;
			1) ;;
			*) twice="$twice $n" ;;
			esac
		done
		[ "$(uncertain "$T/first")" = "$(uncertain "$T/err")" ] || forgotten="$forgotten $n"
	done
	[ "$killed" -gt $((rounds * 8 / 10)) ]
	is "$?" 0 "$name: it is killed at $killed of its $((total - from)) calls"
	is "$lost" '' "$name: nothing is lost silently"
	is "$twice" '' "$name: nothing is sent twice"
	is "$forgotten" '' "$name: what may have been delivered is said in each run"
}

queue='off\nqueue_autostart off'
smarthost --extensions "$EXTENSIONS,CHUNKING" --once 0
conf
kill_all "all accepted"
smarthost_stop
queue='auto\nqueue_autostart off'
smarthost --extensions "$EXTENSIONS,CHUNKING" --once 0
conf
kill_all "queue auto"
smarthost_stop

# ---- several sessions, several messages under way ----
fill_many() {
	local i
	rm -rf "$box" "$T/state" "$T/mbox"
	mkdir -p "$box/new" "$box/cur"
	for i in 1 2 3 4 5 6; do
		sed "s/<test@example.org>/<m$i.$1@example.org>/" "$T/mail" >"$box/new/$i.m"
		{ echo 'From alice@example.org Sun Mar  1 10:00:00 2026' && cat "$box/new/$i.m" && echo; } >>"$T/mbox"
	done
}
# many_copies ID: how many copies of each message were accepted, a line each
many_copies() {
	local i
	for i in 1 2 3 4 5 6; do cat "$T"/spool/*.eml 2>/dev/null | grep -c -a -F "<m$i.$1@example.org>"; done
}
# The calls that any of the processes makes, each once: "KIND NUMBER", the number being that of its kind in its process.
# Those before the configuration is read are left out.
calls_of_all() {
	awk -v rc="$T/rc" 'NR == 1 { first = $1 }
		index($0, rc) && $1 == first { begun++ }
		$2 ~ /^[a-z0-9_]+\(/ { call = substr($2, 1, index($2, "(") - 1); n = ++seen[$1, call]
			if (begun > 1 || $1 != first) print call, n }' "$T/trace" | sort -u -k 1,1 -k 2,2n
}
# What was said of how many messages: "SENT FAILED LEFT"
tally() {
	sed -n 's/, left: / 0/;s/^posthaste: messages sent: \([0-9]*\), failed: \([0-9]*\)\( 0[0-9]*\)*$/\1 \2 \3/p' "$T/err"
}

# kill_several BATCH OFFSET LINE...
kill_several() {
	local batch=$1 round=0 killed=0 lost='' twice='' untrue='' call number status sent failed left arrived i
	shift
	smarthost --extensions "$EXTENSIONS,CHUNKING" --once 0
	conf "${@:2}"
	fill_many counted
	strace -f -qq -o "$T/trace" -e trace=all "$POSTHASTE" -C "$T/rc" --batch="$batch" >"$T/out" 2>"$T/err" </dev/null
	calls_of_all >"$T/calls"
	total=$(wc -l <"$T/calls")
	every=$(((total + 14) / 15))
	[ "${POSTHASTE_TEST_FULL:-}" = 1 ] && every=1
	while read -ru 9 call number; do
		round=$((round + 1))
		fill_many $round
		strace -f -qq -o /dev/null -e trace=all -e inject="$call:signal=SIGKILL:when=$number" \
			"$POSTHASTE" -C "$T/rc" --batch="$batch" >"$T/out" 2>"$T/err" </dev/null
		status=$?
		mapfile -t before < <(many_copies $round)
		arrived=$(printf '%s\n' "${before[@]}" | awk '$1 { n++ } END { print n + 0 }')
		read -r sent failed left < <(tally)
		[ "$status" = 137 ] || grep -q 'posthaste crashed' "$T/err" && killed=$((killed + 1))
		if [ "$status" != 137 ] && [ "$status" != 0 ]; then # it has said what became of them
			[ "$((sent + failed + left))" = 6 ] && [ "$arrived" -ge "$sent" ] && [ "$arrived" -le $((sent + failed)) ] ||
				untrue="$untrue $call:$number"
		fi
		timeout 60 "$POSTHASTE" -C "$T/rc" --batch="$batch" >"$T/out" 2>"$T/err" </dev/null
		mapfile -t after < <(many_copies $round)
		for i in 0 1 2 3 4 5; do
			[ "${before[i]}" -le 1 ] || twice="$twice $call:$number"
			case $batch,${after[i]} in
			mbox*,[12]) ;; # it remembers nothing, so the next run sends all
			mbox*,0) lost="$lost $call:$number" ;;
			*,0) uncertain "$T/err" | grep -q "/$((i + 1)).m" || lost="$lost $call:$number" ;;
			*,1) ;;
			*) twice="$twice $call:$number" ;;
			esac
		done
	done 9< <(awk -v every="$every" -v offset="$1" '$1 == "sendto" || NR % every == offset % every' "$T/calls")
	[ "$killed" -gt $((round * 6 / 10)) ]
	is "$?" 0 "${batch%%:*}, ${*:2}: in $round rounds a process is killed $killed times"
	is "$lost" '' "${batch%%:*}, ${*:2}: nothing is lost silently"
	is "$twice" '' "${batch%%:*}, ${*:2}: nothing is sent twice"
	is "$untrue" '' "${batch%%:*}, ${*:2}: what is said of all messages is true"
	smarthost_stop
}
queue='off\nqueue_autostart off'
offset=0
for batch in "maildir:$box" "mbox:$T/mbox"; do
	kill_several "$batch" $((offset += 1)) 'queue_sessions 3'
	kill_several "$batch" $((offset += 1)) 'pipeline_messages 8'
	kill_several "$batch" $((offset += 1)) 'queue_sessions 3' 'pipeline_messages 8'
done
done_testing
