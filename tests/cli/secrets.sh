#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Where passwords come from, in which order, and that they show up nowhere. The
# keyring here is libsecret's file back end; tests/cli/keyring.sh asks a real one.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# The one that knows the helper of the build tree.
INSTALLED=$POSTHASTE
POSTHASTE=$top_builddir/tests/cli/posthaste
[ -x "$POSTHASTE" ] || skip_all "tests/cli/posthaste is not built: make check builds it"
HELPER=$top_builddir/src/helper/posthaste-keyring
canary=$(cat "$T/password")

login_sink() { smarthost --auth PLAIN --user joe --password-file "$T/password"; }
everything=$T/everything
: >"$everything"

# sends_with NAME SOURCE LINE...: a message goes out with the password from SOURCE
sends_with() {
	local name=$1 source=$2
	shift 2
	login_sink
	conf 'auth plain' "$@"
	sends 0 "$name" --debug bob@example.org
	is "$(stored)" 1 "$name: the message was taken"
	is "$(grep -c "^password from: $source\$" "$out")" 1 "$name: --debug names the source"
	cat "$out" "$err" >>"$everything"
}

# fails_with STATUS REGEX NAME LINE...: no server is called; $port stays 1
fails_with() {
	local want=$1 text=$2 name=$3
	shift 3
	port=1
	conf 'auth plain' "$@"
	post --debug bob@example.org
	status_is "$want" "$name: exit status $want"
	said "$text" "$name: the message"
	cat "$out" "$err" >>"$everything"
}

# noted REGEX NAME: --debug says so
noted() {
	if grep -Eq -- "$1" "$out"; then ok "$2"; else not_ok "$2" "no line of standard output matches: $1" \
		"$(tail -5 "$out")"; fi
}

# ---- a descriptor ----
login_sink
conf 'auth plain' 'password wrong' "passwordeval ls /proc/self/fd >$T/inherited; echo wrong"
post_fd() {
	run timeout -k 5 60 "$POSTHASTE" -C "$T/rc" "$@" 5< <(printf '%s\nmore\n' "$canary") <"$T/mail"
	smarthost_end
}
post_fd --debug --password-fd=5 bob@example.org
status_is 0 "--password-fd: exit status 0"
is "$(grep -c '^password from: password_fd$' "$out")" 1 "--password-fd comes before the other sources"
cat "$out" "$err" >>"$everything"
login_sink
conf 'auth plain' 'password_fd 5' 'passwordeval echo no'
post_fd bob@example.org
status_is 0 "password_fd: exit status 0"
login_sink
conf 'auth plain' 'password_fd 5' "eval ls /proc/self/fd >$T/inherited; echo timeout 20"
post_fd bob@example.org
status_is 0 "password_fd with a command: exit status 0"
unlike "$(cat "$T/inherited")" '^5$' "no command inherits the descriptor"
fails_with 78 'password_fd: descriptor 77 is not open' "a descriptor that is not open" 'password_fd 77'
said '^hint: .*77<FILE' "a descriptor that is not open: the cure"
for number in 4 5 6 7 8; do # those that we open first
	fails_with 78 "password_fd: descriptor $number is not open" "descriptor $number is one of ours" "password_fd $number"
done
fails_with 78 'password_fd: expected a number from 3 to 65535, got 0' "standard input" 'password_fd 0'
login_sink
conf 'auth plain' 'password_fd 77' "password_file $T/password"
sends 0 "the next source, where it is not open" bob@example.org

# ---- netrc ----
printf 'machine other.example login joe password no\nmachine 127.0.0.1 login joe password %s\n' "$canary" \
	>"$HOME/.netrc"
sends_with "the netrc in the home directory" netrc
sends_with "a netrc that is named" netrc "netrc $HOME/.netrc"
printf 'default login joe password "%s"\n' "$canary" >"$T/netrc"
sends_with "a default entry of a netrc" netrc "netrc $T/netrc"
fails_with 78 'no password for joe at 127\.0\.0\.1' "netrc off" 'netrc off'
fails_with 78 'no password for joe at 127\.0\.0\.1' "an empty netrc line" 'netrc'
fails_with 66 'cannot open .*/missing: No such file' "a netrc that was named and is missing" "netrc $T/missing"
fails_with 78 'no password for eve at 127\.0\.0\.1' "another user's entry" 'user eve'
chmod 640 "$HOME/.netrc"
fails_with 78 '/home/\.netrc contains a secret, but other users have access to it \(mode 0640\)' \
	"a netrc that others may read"
said '^hint: .*chmod 600 ' "a netrc that others may read: the hint"
fails_with 78 'no password for eve' "a netrc that others may read, without our entry" 'user eve'
rm "$HOME/.netrc"

# ---- credentials ----
mkdir "$T/credentials"
cp "$T/password" "$T/credentials/mail"
chmod 400 "$T/credentials/mail"
export CREDENTIALS_DIRECTORY=$T/credentials
sends_with "a credential" credential 'credential mail' 'passwordeval echo wrong'
fails_with 66 'cannot open credential .*/credentials/other: No such file' "a credential that was not handed over" \
	'credential other'
said '^hint: .*LoadCredential=other:' "a credential that was not handed over: the hint"
fails_with 78 'expected the name of a credential, without a slash, got \.\./password' \
	"a credential outside its folder" 'credential ../password'
chmod 444 "$T/credentials/mail"
fails_with 78 '/credentials/mail contains a secret, but other users have access to it' \
	"a credential that others may read" 'credential mail'
unset CREDENTIALS_DIRECTORY
fails_with 78 'credential mail is not available: CREDENTIALS_DIRECTORY is not set' "no credentials at all" \
	'credential mail'
sends_with "no credentials, but a command" passwordeval 'credential mail' "passwordeval cat $T/password"

# ---- the plan ----
conf 'auth on'
post --pretend
is "$(tail -n 1 "$out")" "password from: keyring, netrc, terminal" "--pretend names the sources that would be asked"
conf 'auth on' 'keyring off' 'netrc off' "password_file $T/missing"
post --pretend
is "$(tail -n 1 "$out")" "password from: password_file" "--pretend fetches nothing"
conf
post --pretend
check "--pretend speaks of no password where none is needed" eval '! grep -q "password from" "$out"'

# ---- the program itself stays small ----
if command -v ldd >/dev/null; then
	is "$(ldd "$INSTALLED" | grep -cE 'libglib|libgio|libsecret|libdbus')" 0 "the program loads neither GLib nor libsecret"
else
	skip "there is no ldd" "the program loads neither GLib nor libsecret"
fi
POSTHASTE=$INSTALLED fails_with 78 'no password for joe at 127\.0\.0\.1' "the installed program"
if grep -q '^keyring: there is no session bus' "$out"; then
	skip "posthaste's helper is installed on this machine" "--debug says that the helper is not installed"
else
	noted '^keyring: the helper program for the keyring is not installed \(.*/posthaste-keyring\)' \
		"--debug says that the helper is not installed"
fi
POSTHASTE=$INSTALLED PATH=$top_builddir/src/helper:$PATH PKGLIBEXECDIR=$top_builddir/src/helper KEYRING_HELPER=$HELPER \
	post --debug bob@example.org
check "no variable sets where the helper is" eval '! grep -q "^keyring: .*$top_builddir/src/helper" "$out"'

# Group rights that the caller does not have must not reach a bus of his choice.
if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null || sanitized; then
	skip "needs root, setpriv and a program without sanitizers" "a set-group-id program does not ask the keyring"
else
	open=$(mktemp -d /tmp/posthaste-test.XXXXXX)
	at_exit rm -rf "$open"
	port=1
	conf 'auth plain'
	cp "$POSTHASTE" "$T/rc" "$T/mail" "$open"
	chmod -R a+rX "$open"
	chgrp mail "$open/posthaste" && chmod 2755 "$open/posthaste"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$open/posthaste" -C "$open/rc" --debug bob@example.org \
		<"$open/mail"
	noted '^keyring: the keyring is not used when running set-user-ID or set-group-ID' \
		"a set-group-id program does not ask the keyring"
fi

# ---- the keyring ----
if [ ! -x "$HELPER" ]; then
	skip "built without libsecret (Debian: libsecret-1-dev)" "the keyring"
	is "$(grep -aFc "$canary" "$everything")" 0 "the password appears nowhere"
	done_testing
fi

fails_with 78 'no password for joe at 127\.0\.0\.1' "no session bus"
noted '^keyring: there is no session bus' "--debug says that there is no session bus"
said '^hint: .*--login default' "no password: the hint names --login"
port=1
conf
post_stdin --login default <"$T/password"
status_is 75 "--login without a session bus: exit status 75"
said '^posthaste: there is no session bus' "--login without a session bus: the message"
DBUS_SESSION_BUS_ADDRESS=unix:path=$T/nobody fails_with 75 'the keyring cannot be used: ' "a bus that is gone"

# A bus that accepts and never answers.
cat >"$T/bus.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(8)
print("ready", flush=True)
kept = []
while True:
    kept.append(s.accept()[0])
PY
mkfifo "$T/ready"
"$PYTHON" "$T/bus.py" "$T/bus" >"$T/ready" 7>&- &
track $!
read -r _ <"$T/ready"
export DBUS_SESSION_BUS_ADDRESS=unix:path=$T/bus
fails_with 75 'the command of passwordeval did not end in time' "secret_timeout ends a command that hangs" \
	'secret_timeout 1' 'passwordeval sleep 1000'
fails_with 75 'the keyring cannot be used: .* did not end in time' "a bus that never answers" 'deadline 1'
printf 'machine 127.0.0.1 login joe password x\n' >"$T/netrc"
fails_with 75 '' "a bus that never answers, and a netrc" 'deadline 1' "netrc $T/netrc"
noted '^keyring: the keyring cannot be used' "--debug says what became of the keyring"
noted '^password from: netrc' "the netrc had its turn"

# While it hangs with the password in its hands: the password is not visible from outside.
children_of() { pgrep -P "$1" 2>/dev/null; }
helper_runs() { helper_pid=$(children_of "$program_pid") && [ "$(tr '\0' ' ' <"/proc/$helper_pid/cmdline")" = \
	"$HELPER " ]; }
gone() { [ ! -e "/proc/$helper_pid" ]; }
if command -v pgrep >/dev/null; then
	port=1
	conf
	"$POSTHASTE" -C "$T/rc" --login default <"$T/password" >"$out" 2>"$err" 7>&- &
	program_pid=$!
	disown "$program_pid"
	if wait_until 10 helper_runs; then
		ok "the helper is started without arguments"
		tr '\0' '\n' <"/proc/$program_pid/cmdline" >>"$everything"
		tr '\0' '\n' <"/proc/$helper_pid/cmdline" >>"$everything"
		for pid in "$program_pid" "$helper_pid"; do
			tr '\0' '\n' <"/proc/$pid/environ" >>"$everything" 2>/dev/null || note "the environment of $pid is hidden"
		done
		if cat "/proc/$program_pid/maps" >"$T/maps" 2>/dev/null && [ -s "$T/maps" ]; then
			is "$(grep -cE 'libglib|libgio|libsecret' "$T/maps")" 0 "while the keyring is asked the program has not mapped GLib"
		else
			skip "the program's memory map is hidden" "while the keyring is asked the program has not mapped GLib"
		fi
		kill -9 "$program_pid"
		if linux_features; then
			check "the helper does not outlive the program" wait_until 10 gone
		else
			skip "nothing ends a process with the one that made it" "the helper does not outlive the program"
			kill -9 "$helper_pid"
		fi
	else
		not_ok "the helper is started without arguments" "$(cat "$err")"
		kill -9 "$program_pid" 2>/dev/null
	fi
else
	skip "there is no pgrep (Debian: procps)" "the helper is started without arguments"
fi
unset DBUS_SESSION_BUS_ADDRESS

# libsecret's file back end needs no bus.
export SECRET_BACKEND=file SECRET_FILE_TEST_PASSWORD=master SECRET_FILE_TEST_PATH=$T/keyring
login_sink
conf
post_stdin --login default <"$T/password"
status_is 0 "--login: exit status 0"
is "$(cat "$out")" "The password for joe at 127.0.0.1 is now in the keyring." "--login says what it did"
cat "$out" "$err" >>"$everything"
smarthost_stop
is "$(grep -aFc "$canary" "$T/keyring")" 0 "the keyring's file does not show the password"
sends_with "the keyring" keyring
fails_with 78 'no password for eve' "another user's password is not taken" 'user eve'
noted '^keyring: the keyring has no password for eve at 127\.0\.0\.1' "--debug says that the keyring has nothing"
fails_with 78 'no password for joe' "keyring off" 'keyring off'
printf 'default login joe password x\n' >"$HOME/.netrc"
sends_with "the keyring comes before netrc" keyring
sends_with "passwordeval comes before the keyring" passwordeval "passwordeval cat $T/password"
rm "$HOME/.netrc"
port=1
conf
printf 'another' | post_stdin --login default
status_is 0 "--login takes a line without its end"
is "$(printf 'find\000127.0.0.1\000joe\000' | "$HELPER")" "found
another" "--login replaces what was there"
printf 'one\ntwo\n' | post_stdin --login default
status_is 0 "--login reads one line"
is "$(printf 'find\000127.0.0.1\000joe\000' | "$HELPER")" "found
one" "the second line is not the password's"
post --logout default
status_is 0 "--logout: exit status 0"
is "$(cat "$out")" "The password for joe at 127.0.0.1 was removed from the keyring." "--logout says what it did"
post --logout default
status_is 0 "--logout with nothing to remove: exit status 0"
is "$(cat "$out")" "The keyring had no password for joe at 127.0.0.1." "--logout says that there was nothing"
is "$(printf 'find\000127.0.0.1\000joe\000' | "$HELPER")" none "the password is gone"

# long ones (tokens) pass the pipe whole
"$PYTHON" -c 'print("t" * 60000)' >"$T/token"
post_stdin --login default <"$T/token"
status_is 0 "--login takes a long token"
printf 'find\000127.0.0.1\000joe\000' | "$HELPER" | tail -n +2 >"$T/got"
printf '\n' >>"$T/got"
same_file "$T/got" "$T/token" "a long token comes back whole"

# ---- the terminal ----
post_stdin --logout default </dev/null
on_terminal --type=typed-by-hand --at=": " "$POSTHASTE" -C "$T/rc" --login default </dev/null
is "$(cat "$out"; echo "status $status")" "Password for joe at 127.0.0.1 (account default): 
The password for joe at 127.0.0.1 is now in the keyring.
status 0" "--login asks on the terminal and shows nothing of the answer"
is "$(printf 'find\000127.0.0.1\000joe\000' | "$HELPER")" "found
typed-by-hand" "what was typed is in the keyring"

# ---- what --login refuses ----
post_stdin --login default </dev/null
status_is 64 "--login with an empty password: exit status 64"
said '^posthaste: the password from standard input is empty' "--login with an empty password: the message"
printf 'a\0b\n' | post_stdin --login default
status_is 64 "--login with a NUL in the password: exit status 64"
post --login nosuch
status_is 78 "--login for an account that is not defined: exit status 78"
post --login default bob@example.org
status_is 64 "--login with a recipient: exit status 64"
printf 'account default\nhost mail.example.org\nfrom a@example.org\n' >"$T/rc"
post --login default
status_is 78 "--login for an account without a user: exit status 78"
said '^posthaste: account default has no user' "--login for an account without a user: the message"
ln -s "$POSTHASTE" "$T/sendmail"
for option in --login=default --logout=default; do
	run "$T/sendmail" "$option" </dev/null
	status_is 64 "sendmail $option is refused"
done
run "$HELPER" </dev/null
status_is 64 "the helper alone says that it is of no use"

is "$(grep -aFc "$canary" "$everything")" 0 "the password appears in no output, argument or environment"
is "$(grep -aFc "$(printf '\0joe\0%s' "$canary" | base64)" "$everything")" 0 "nor does it in base64"
done_testing
