#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is held until the user has corrected something goes as soon as that is done: the runner stays, and sees files
# that change, however they are changed.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || skip_all "queue_put is not built: make check builds it"
LOG=$T/log
is_stored() { [ "$(stored)" = "$1" ]; }
state_of() { "$POSTHASTE" --queue-show "$1" 2>/dev/null | sed -n 's/^State: //p'; }
is_held() { [ "$(state_of "$1")" = "held until something is fixed" ]; }
runs() { kill -0 "$runner" 2>/dev/null; }
config() { printf '%s\n' "account default" "host 127.0.0.1" "port $port" "from alice@example.org" "user joe" "tls off" \
	"logfile $LOG" "auth plain" "auth_without_tls on" "queue_autostart off" "keyring off" "$@"; }

# Each row: what is wrong, and what puts it right.  The file in question is $F.
while IFS='|' read -ru 9 name wrong right; do
	rm -rf "$XDG_STATE_HOME/posthaste" "$XDG_CONFIG_HOME" "$T/dir" "$T/secret" "$HOME/.netrc"
	mkdir -p "$XDG_CONFIG_HOME/posthaste" "$T/dir"
	F=$XDG_CONFIG_HOME/posthaste/config
	smarthost --once 1000 --auth PLAIN --require-auth --user joe --password-file "$T/password"
	config "password_file $T/secret" >"$F"
	cp "$T/password" "$T/secret"
	chmod 600 "$T/secret"
	eval "$wrong"
	id=$("$PUT" account=default bob@example.org <"$T/mail")
	"$PUT" account=default carol@example.org <"$T/mail" >/dev/null
	"$POSTHASTE" --queue-runner </dev/null >"$T/runner.out" 2>&1 7>&- &
	runner=$!
	check "$name: held" wait_until 6 is_held "$id"
	check "$name: the runner stays" runs
	eval "$right"
	check "$name: both go" wait_until 6 is_stored 2
	check "$name: and the runner ends" wait_until 6 eval '! runs'
	kill "$runner" 2>/dev/null
	wait "$runner" # asked to end, if it has not ended
	check "$name: at most one login more than needed" test "$(grep -c '^C: AUTH' "$T/transcript")" -le 3
	smarthost_stop
done 9<<'ROWS'
password file, written|echo wrong >"$T/secret"|cp "$T/password" "$T/secret"
password file, replaced|echo wrong >"$T/secret"|cp "$T/password" "$T/new" && chmod 600 "$T/new" && mv "$T/new" "$T/secret"
password file, missing|rm "$T/secret"|cp "$T/password" "$T/secret" && chmod 600 "$T/secret"
password file, readable for all|chmod 644 "$T/secret"|chmod 600 "$T/secret"
password file, behind a link|echo wrong >"$T/dir/secret"; chmod 600 "$T/dir/secret"; ln -sf dir/secret "$T/secret"|cp "$T/password" "$T/dir/secret"
password file, in a folder to come|rmdir "$T/dir"; config "password_file $T/dir/secret" >"$F"|mkdir "$T/dir.new" && cp -p "$T/secret" "$T/dir.new" && mv "$T/dir.new" "$T/dir"
configuration, a wrong line|echo nonsense >>"$F"|config "password_file $T/secret" >"$F"
configuration, an edit in place|echo nonsense >>"$F"|sed -i '/nonsense/d' "$F"
configuration, another password|config 'password wrong' >"$F"; chmod 600 "$F"|config "password_file $T/secret" >"$F"
configuration, included|config "include $T/dir/more" >"$F"; echo nonsense >"$T/dir/more"|echo "password_file $T/secret" >"$T/dir/more"
configuration, gone|mv "$F" "$T/away"|mv "$T/away" "$F"
configuration, gone with its folder|mv "$XDG_CONFIG_HOME" "$T/away"|mv "$T/away" "$XDG_CONFIG_HOME"
netrc, written|config >"$F"; echo 'machine 127.0.0.1 login joe password wrong' >"$HOME/.netrc"; chmod 600 "$HOME/.netrc"|sed -i "s/wrong/$(cat "$T/password")/" "$HOME/.netrc"
netrc, to come|config >"$F"|echo "machine 127.0.0.1 login joe password $(cat "$T/password")" >"$T/n" && chmod 600 "$T/n" && mv "$T/n" "$HOME/.netrc"
password, from elsewhere|echo wrong >"$T/secret"|config "passwordeval cat $T/password" >"$F"
ROWS

# ---- what waits for a file that was made for one message ----
# Each row: what became of the file named with -C.  The message expires like any other; the report goes all the same.
while IFS='|' read -ru 9 name became arrival wanted; do
	rm -rf "$XDG_STATE_HOME/posthaste" "$T/made"
	smarthost --once 1000
	F=$XDG_CONFIG_HOME/posthaste/config
	config 'auth off' | grep -v '^user\|^auth plain' >"$F"
	mkdir "$T/made"
	cp "$F" "$T/made/rc"
	id=$("$PUT" account=default config="$T/made/rc" arrival="$arrival" bob@example.org <"$T/mail")
	eval "$became"
	"$POSTHASTE" --queue-runner </dev/null >"$T/runner.out" 2>&1 7>&- &
	runner=$!
	if [ "$wanted" = held ]; then
		check "$name: it is held" wait_until 20 is_held "$id"
		is "$(stored)" 0 "$name: without a report"
	elif [ "$wanted" = failed ]; then
		check "$name: it is given up" wait_until 20 eval '[ "$(state_of "$id")" = "failed for good" ]'
	else
		check "$name: there is one report" wait_until 20 is_stored 1
		is "$(envelope rcpt)" alice@example.org "$name: to the sender"
		check "$name: the message has left the queue" wait_until 6 eval '! "$POSTHASTE" --queue-show "$id" >/dev/null 2>&1'
	fi
	kill "$runner" 2>/dev/null
	wait "$runner"
	smarthost_stop
done 9<<'ROWS'
the file is gone, five days ago|rm "$T/made/rc"|-432010|expired
its folder is gone, five days ago|rm -r "$T/made"|-432010|expired
the file is gone, a day ago|rm "$T/made/rc"|-86400|held
the file has an error, five days ago|echo nonsense >"$T/made/rc"|-432010|failed
the file is empty, a day ago|: >"$T/made/rc"|-86400|held
ROWS

# ---- nothing that the user holds keeps a runner ----
rm -rf "$XDG_STATE_HOME/posthaste"
"$PUT" account=default hold=user bob@example.org <"$T/mail" >/dev/null
timeout -k 5 60 "$POSTHASTE" --queue-runner </dev/null
is "$?" 0 "what the user holds keeps no runner"
done_testing
