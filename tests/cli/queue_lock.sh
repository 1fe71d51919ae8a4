#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The start of the runner: no process waits for it, it inherits nothing, and where it
# cannot be started, the user who sent the message is informed.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

QUEUE=$XDG_STATE_HOME/posthaste/queue
LOCK=$QUEUE/runner
gone() { [ -z "$(find "$QUEUE/new" -type f)" ]; }
keeps() { post --queue=always --json bob@example.org; }
# noted REGEX NAME: with status 0 nothing is said on standard error, but among the notes of --json
noted() {
	is "$(cat "$err")" '' "$2: not on standard error"
	like "$(cat "$out")" "\"notes\":\\[[^]]*$1" "$2"
}

smarthost --once 1000
queue='auto\nqueue_autostart on' conf
is "$("$POSTHASTE" -C "$T/rc" --queue=always bob@example.org <"$T/mail" 2>&1 9>&1)" "" \
	"a reader of all output is not kept waiting"
check "and it is sent" wait_until 20 gone

# A lock that others could hold would keep every runner from sending.
printf 'kept\n' >"$T/other"
while IFS='|' read -ru 9 name how; do
	rm -rf "$LOCK"
	eval "$how"
	keeps
	status_is 0 "$name: the message is kept"
	noted 'is not sent automatically: cannot open the lock' "$name: the user learns that it is not sent"
done 9<<'ROWS'
a lock with two names|ln "$T/other" "$LOCK"
a lock that is a link|ln -s "$T/other" "$LOCK"
a lock that others may open|: >"$LOCK"; chmod 644 "$LOCK"
a folder|mkdir "$LOCK"
a pipe|mkfifo -m 600 "$LOCK"
ROWS
is "$(cat "$T/other")" "kept" "nothing was written through it"
rm -rf "$LOCK"
keeps
check "without it all go out" wait_until 20 gone
smarthost_stop

# ---- nothing of its caller's stays open ----
# The runner waits for a message that is for later; meanwhile all its descriptors are looked at.
# $runner, and $worker, the child that does the work
runner_pid() {
	local file pid
	runner='' worker=''
	for file in /proc/[0-9]*/cmdline; do
		pid=${file%/cmdline}
		{
			tr '\0' '\n' <"$file" | grep -qx -e --queue-runner &&
				tr '\0' '\n' <"$pid/environ" | grep -qxF "XDG_STATE_HOME=$XDG_STATE_HOME"
		} 2>/dev/null || continue
		pid=${pid#/proc/}
		if grep -q . "/proc/$pid/task/$pid/children"; then runner=$pid; else worker=$pid; fi
	done
	[ -n "$runner" ] && [ -n "$worker" ]
}
runs_not() { ! kill -0 "$runner" 2>/dev/null; }
# ready: it has its lock and what it waits with
opened() { find "/proc/$worker/fd" -lname "$1" 2>/dev/null | grep -q .; }
waits_with='anon_inode:*timerfd*' own=anon_inode # and elsewhere a pipe, for signals
linux_features || { waits_with='pipe:*' own=pipe; }
is_ready() { opened "$waits_with" && opened "$LOCK"; }
# keeps_open NAME COMMAND...: what the runner that this starts has open that it should not have
keeps_open() {
	local name=$1 fd target strange=
	shift
	runner=
	rm -rf "$XDG_STATE_HOME/posthaste"
	: >"$T/held"
	UNRELATED=x BW_SESSION=secret GNUPGHOME=/g LC_TIME=C \
		run "$@" "$POSTHASTE" -C "$T/rc" --queue=always --hold-for=1h bob@example.org <"$T/mail" \
		8<"$T/held" 9</dev/null 50>"$T/other" 250<&8
	status_is 0 "$name: the message is kept"
	if ! wait_until 20 runner_pid || ! wait_until 20 is_ready; then
		not_ok "$name: a runner waits"
		[ -z "$runner" ] || kill "$runner"
		return
	fi
	is "$(cat "/proc/$runner/comm")" posthaste "$name: its name"
	is "$(tr '\0' '\n' <"/proc/$runner/environ" | grep -cE '^(UNRELATED|BW_SESSION)=')" 0 \
		"$name: what it does not need is not in its environment"
	is "$(tr '\0' '\n' <"/proc/$runner/environ" | grep -E '^(HOME|PATH|GNUPGHOME|LC_TIME)=' | sed 's/=.*//' | sort |
		paste -sd' ')" 'GNUPGHOME HOME LC_TIME PATH' "$name: what its commands need is"
	for fd in "/proc/$runner/fd"/* "/proc/$worker/fd"/*; do
		target=$(readlink "$fd") || continue
		case ${fd##*/}:$target in
		[012]:/dev/null | *:"$own":* | *":$QUEUE" | *":$QUEUE"/*) ;;
		*) strange="$strange ${fd##*/}:$target" ;;
		esac
	done
	is "$strange" "" "$name: the runner has nothing open but its own"
	is "$(readlink "/proc/$runner/cwd")" / "$name: nor does it keep a folder busy"
	kill "$runner"
	check "$name: asked to end, it ends" wait_until 20 runs_not
}
port=1 queue='auto\nqueue_autostart on' conf
keeps_open "a runner"
if ! linux_features; then
	skip "this build does not ask it to" "a kernel that cannot close a range"
elif sanitized || ! strace -qq -o /dev/null -e trace=none true 2>/dev/null; then
	skip "strace is missing, or may not trace here" "a kernel that cannot close a range"
else
	# strace waits for the runner, too: it is let go when the runner has ended
	no_range() {
		strace -f -qq -o /dev/null -e trace=close_range -e inject=close_range:error=ENOSYS "$@" <&0 &
		tracer=$!
		wait_until 20 runner_pid
	}
	keeps_open "a kernel that cannot close a range" no_range
	wait "$tracer"
fi

# ---- a mask that would lock us out ----
for mask in 000 777; do
	rm -rf "$XDG_STATE_HOME/posthaste"
	smarthost --once 1000
	queue='auto\nqueue_autostart off' conf
	run sh -c 'umask "$1" && shift && exec "$@"' sh "$mask" "$POSTHASTE" -C "$T/rc" --queue=always bob@example.org \
		<"$T/mail"
	status_is 0 "umask $mask: the message is kept"
	is "$(find "$XDG_STATE_HOME/posthaste" ! -perm 600 ! -perm 700)" "" "umask $mask: readable only for us"
	smarthost_stop
done

# ---- no way to start itself ----
hidden() { "$OWN_MOUNTS" sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$@"; }
smarthost --once 1000
queue='auto\nqueue_autostart on' conf
if sanitized; then
	skip "sanitizers themselves need /proc" "without /proc"
elif ! linux_features; then
	skip "this build finds itself without it" "without /proc"
elif why=$("$OWN_MOUNTS" true 2>&1); then
	run hidden "$POSTHASTE" -C "$T/rc" --queue=always --json bob@example.org <"$T/mail"
	status_is 0 "without /proc: the message is kept"
	noted "is not sent automatically: the queue's runner cannot be started" \
	"without /proc: the user learns that it is not sent"
else
	skip "$why" "without /proc"
fi
smarthost_stop
done_testing
