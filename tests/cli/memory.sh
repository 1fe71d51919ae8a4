#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a crash could show of secrets while the program and its helpers hold them and wait: no core file is made, and in
# the program's memory each secret is only in pages that it has excluded from core files.  And where secrets go: to the
# helpers, to the files of tokens, and nowhere else.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/as_root.sh" || exit 99
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
. "$top_srcdir/tests/cli/tokens.sh" || exit 99
sanitized && skip_all "a sanitized program may be dumped: the leak checker must look at it"
ca_need good client
POSTHASTE=$top_builddir/tests/cli/posthaste
HTTP=$top_builddir/src/helper/posthaste-http
KEYRING=$top_builddir/src/helper/posthaste-keyring

password='Zq9+canary/W7xk&v2=Tm' access='Aq9+canary/W7xk&v2=Tm' refresh='Rq9+canary/W7xk&v2=Tm'
secret='Sq9+canary/W7xk&v2=Tm' PIN='Pq9+canary/W7xk&v2=Tm'
renewed='Nq9+canary/W7xk&v2=Tm'
printf '%s\n' "$password" >"$T/canary"
printf '%s\n' "$PIN" >"$T/pin"
printf 'machine 127.0.0.1 login joe password "%s"\n' "$password" >"$T/netrc"

# ---- core files, and memory ----
# crash PID SIGNAL: the shell reports the death, and a core file
mkdir "$T/cores"
ulimit -c unlimited 2>/dev/null
crash() { { kill -s "$2" "$1"; wait "$1"; } 2>"$T/death"; }
# crashes NAME PID SIGNAL: the child dies of it, and the kernel makes no core file
crashes() {
	local name=$1 pid=$2 signal=$3
	crash "$pid" "$signal"
	is $? $((128 + $(kill -l "$signal"))) "$name: it dies of SIG$signal"
	[ "$cores" = no ] || is "$(grep -c 'core dumped' "$T/death") $(find "$T/cores" -type f | wc -l)" "0 0" \
		"$name: no core file"
}
look() { "$PYTHON" "$top_srcdir/tests/lib/memory.py" "$@"; }
may_look() {
	look "$1" /dev/null >/dev/null 2>&1 || ! skip "only root may look, and no user namespace helps" "$2: memory"
}
# gone NAME PID SECRET...: no form of any is there
gone() {
	local name=$1 pid=$2
	shift 2
	may_look "$pid" "$name" || return
	"$PYTHON" "$top_srcdir/tests/lib/forms.py" "$@" >"$T/forms"
	is "$(look "$pid" "$T/forms")" "" "$name: nothing is left in its memory"
}
# holds NAME PID SECRET...: each is kept somewhere, and no form of it is open anywhere
holds() {
	local name=$1 pid=$2
	shift 2
	may_look "$pid" "$name" || return
	for word in "$@"; do
		"$PYTHON" "$top_srcdir/tests/lib/forms.py" "$word" >"$T/forms"
		look "$pid" "$T/forms" >"$T/found"
		check "$name: ${word:0:1}... is held" grep -qaF "kept anonymous $word" "$T/found"
		is "$(grep -a '^open' "$T/found")" "" "$name: ${word:0:1}... is nowhere else"
	done
}
# A program that does nothing of the kind: the net has no holes.
(cd "$T/cores" && exec "$PYTHON" -c 'import sys, time
text = open(sys.argv[1]).read()
print("ready", flush=True)
time.sleep(60)' "$T/canary" >"$T/ready" 7>&-) &
pid=$!
track "$pid"
check "a process that reads it" wait_until 20 test -s "$T/ready"
printf '%s\n' "$password" >"$T/forms"
! may_look "$pid" "a process that reads it" ||
	like "$(look "$pid" "$T/forms")" '^open .*canary' "a process that reads it: it is found in its memory"
crash "$pid" ABRT
cores=no
if grep -q 'core dumped' "$T/death"; then cores=yes; else skip "no core files are made here" "core files"; fi
rm -f "$T"/cores/*

# begin LINE...: a smarthost that falls silent after the login, a program that waits for it: $pid
begin() {
	smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --user joe --password-file "$T/canary" \
		--token "$access" --require-auth --hang mail --client-ca "$CA/ca.crt" "${sink[@]}"
	conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" 'keyring off' 'timeout 50' "$@"
	chmod 600 "$T/rc"
	start -C "$T/rc" bob@example.org <"$T/mail"
}
# start ARGUMENT...: $pid
start() {
	(cd "$T/cores" && exec "$POSTHASTE" "$@" >"$T/out" 2>"$T/err" 7>&-) <&0 &
	pid=$!
	track "$pid"
}
waits() { grep -q '^C: MAIL' "$T/transcript"; }
# waiting NAME: the server has the login
waiting() {
	if wait_until 20 waits; then ok "$1: the program waits, logged in"
	else not_ok "$1: the program waits, logged in" "$(cat "$T/out" "$T/err")"; fi
}

signal=ABRT
while read -ru 9 mechanism line; do
	sink=(--auth "$(tr a-z A-Z <<<"$mechanism")" --token "$password")
	begin "auth $mechanism" "$line"
	name="$mechanism, ${line%% *}"
	waiting "$name"
	holds "$name" "$pid" "$password"
	crashes "$name" "$pid" "$signal"
	smarthost_stop
	[ "$signal" = ABRT ] && signal=SEGV || signal=ABRT
done 9<<ROWS
plain password $password
plain password_file $T/canary
plain passwordeval cat $T/canary
plain netrc $T/netrc
login password $password
cram-md5 password $password
digest-md5 password $password
scram-sha-1 password $password
scram-sha-256 password $password
scram-sha-256-plus password $password
oauthbearer password $password
xoauth2 passwordeval cat $T/canary
ROWS

# While the exchange lasts, the library has a copy of its own.
for mechanism in plain scram-sha-256; do
	sink=(--auth "$(tr a-z A-Z <<<"$mechanism")" --hang auth)
	begin "auth $mechanism" "password $password"
	logs_in() { grep -q '^C: AUTH' "$T/transcript"; }
	check "$mechanism, in the exchange: the program waits" wait_until 20 logs_in
	crashes "$mechanism, in the exchange" "$pid" SEGV
	smarthost_stop
done

# ---- what protects a key ----
sink=(--auth EXTERNAL --require-client-cert)
if openssl pkcs8 -topk8 -in "$CA/client.key" -out "$T/locked.key" -passout "pass:$PIN" -v2 aes-256-cbc 2>"$T/log"; then
	begin 'auth external' "tls_cert_file $CA/client.crt" "tls_key_file $T/locked.key" "password $PIN"
	waiting "a protected key"
	holds "a protected key" "$pid" "$PIN"
	crashes "a protected key" "$pid" SEGV
	smarthost_stop
else
	skip "openssl was not found; on Debian or Ubuntu: apt install openssl" "a protected key"
fi

# ---- OAuth2 ----
# helper_of PID: the program that it has started and waits for
helper_of() { tr -d ' ' <"/proc/$1/task/$1/children"; }
asks() { [ "$(requests)" = 1 ] && [ -n "$(helper_of "$pid")" ]; }
has_ended() { ! kill -0 "$1" 2>/dev/null; }
if [ -x "$HTTP" ]; then
	token_server good
	answers "{\"body\": {\"access_token\": \"$access\", \"expires_in\": 3600, \"refresh_token\": \"$renewed\"}}"
	logged_in "$refresh"
	mail_server "$access" --hang mail
	oauth_conf "oauth_client_secret $secret" 'timeout 50'
	chmod 600 "$T/rc"
	start -C "$T/rc" bob@example.org <"$T/mail"
	waiting "an access token"
	is "$(login_token)" "$renewed" "an access token: the refresh token was replaced"
	holds "an access token" "$pid" "$access" "$secret"
	gone "an access token" "$pid" "$refresh" "$renewed"
	crashes "an access token" "$pid" ABRT
	smarthost_stop

	port=1
	oauth_conf "oauth_client_secret $secret" 'timeout 50'
	chmod 600 "$T/rc"
	answers '{"act": "silent"}'
	for signal in ABRT SEGV; do
		logged_in "$refresh"
		: >"$T/requests"
		start -C "$T/rc" bob@example.org <"$T/mail"
		check "a silent token server: it is asked" wait_until 20 asks
		holds "a silent token server" "$pid" "$refresh" "$secret"
		helper=$(helper_of "$pid")
		crashes "a silent token server" "$pid" "$signal"
		if linux_features; then
			check "a silent token server: the helper ends with it" wait_until 20 has_ended "$helper"
		else
			skip "nothing ends a process with the one that made it" "a silent token server: the helper ends with it"
			kill -KILL "$helper"
		fi
		is "$(cat "$T/out" "$T/err")" "" "a silent token server: nothing is said"

		: >"$T/requests"
		start -C "$T/rc" bob@example.org <"$T/mail"
		check "a silent token server, once more: it is asked" wait_until 20 asks
		kill -s "$signal" "$(helper_of "$pid")"
		wait "$pid"
		is $? 75 "posthaste-http dies of SIG$signal: exit status 75"
		like "$(cat "$T/err")" 'posthaste-http was terminated by signal' "posthaste-http dies of SIG$signal: said so"
		"$PYTHON" "$top_srcdir/tests/lib/forms.py" "$refresh" "$secret" >"$T/forms"
		is "$(cat "$T/out" "$T/err" | grep -aFf "$T/forms")" "" "posthaste-http dies of SIG$signal: no secret is shown"
		is "$(find "$T/cores" -type f)" "" "posthaste-http dies of SIG$signal: no core file"

		: >"$T/requests"
		printf '%s\0' POST "https://localhost:$token_port/token" "$CA/ca.crt" 50000 '' '' '' client "$secret" >"$T/request"
		printf 'grant_type=refresh_token&refresh_token=%s' "$refresh" >>"$T/request"
		(cd "$T/cores" && exec "$HTTP" <"$T/request" >"$T/out" 2>&1 7>&-) &
		pid=$!
		track "$pid"
		has_come() { [ "$(requests)" = 1 ]; }
		check "posthaste-http alone: the server is asked" wait_until 20 has_come
		crashes "posthaste-http alone" "$pid" "$signal"
	done
else
	skip "the helper for OAuth2 is not built" "OAuth2"
fi

# ---- the keyring ----
if [ -x "$KEYRING" ]; then
	"$PYTHON" -c 'import socket, sys
bus = socket.socket(socket.AF_UNIX)
bus.bind(sys.argv[1])
bus.listen(5)
open(sys.argv[2], "w").close()
while True:
    caller = bus.accept()
    open(sys.argv[3], "w").close()' "$T/bus" "$T/bus.ready" "$T/bus.asked" 7>&- &
	track $!
	check "a session bus that says nothing" wait_until 20 test -e "$T/bus.ready"
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$T/bus
	for signal in ABRT SEGV; do
		printf 'store\000127.0.0.1\000joe\000%s' "$password" >"$T/request"
		rm -f "$T/bus.asked"
		(cd "$T/cores" && exec "$KEYRING" <"$T/request" >"$T/out" 2>&1 7>&-) &
		pid=$!
		track "$pid"
		check "posthaste-keyring: the bus is asked" wait_until 20 test -e "$T/bus.asked"
		crashes "posthaste-keyring" "$pid" "$signal"
	done
	port=1
	conf 'auth plain'
	start -C "$T/rc" --login default <"$T/canary"
	has_helper() { [ -n "$(helper_of "$pid")" ]; }
	check "--login: the bus is asked" wait_until 20 has_helper
	kill -STOP "$pid" # or it would give up after some seconds
	holds "--login" "$pid" "$password"
	kill -CONT "$pid"
	crashes "--login" "$pid" ABRT
else
	skip "built without libsecret" "the keyring"
fi

# ---- where they go ----
# strays NAME SECRET...: of each write of the trace that has one in any form, all but those to helpers and token files
strays() {
	local name=$1
	shift
	"$PYTHON" "$top_srcdir/tests/lib/forms.py" "$@" >"$T/forms"
	grep -aFf "$T/forms" "$T/trace" | grep -avE '^[0-9]+ +(<\.\.\. )?(read|recvfrom|pread64)[ (]' >"$T/written"
	is "$(grep -avE "^[0-9]+ +(write|sendto)\\([0-9]+<(UNIX-STREAM:|pipe:|$tokens/|$kept/)" "$T/written")" "" \
		"$name: no secret goes anywhere else"
}
goes() { check "$1: $2" grep -qE "^[0-9]+ +(write|sendto)\\([0-9]+<$3" "$T/written"; }
# talks NAME SINK-OPTION...: the debug output of the libraries is on, too
talks() {
	local name=$1
	chmod 600 "$T/rc"
	run env G_MESSAGES_DEBUG=all G_DBUS_DEBUG=all GNUTLS_DEBUG_LEVEL=99 P11_KIT_DEBUG=all timeout -k 5 60 \
		strace -f -qq -v -yy -s 300000 -o "$T/trace" "$POSTHASTE" -C "$T/rc" --debug bob@example.org <"$T/mail"
	smarthost_end
	is "$status $(stored)" "0 1" "$name: the message arrives"
	check "$name: the libraries talk" grep -q 'gnutls\[' "$T/err"
}
if ! strace_sees "$POSTHASTE"; then
	skip "strace is missing (Debian: apt install strace), or may not look into the program" "where secrets go"
else
	smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth PLAIN --user joe \
		--password-file "$T/canary" --require-auth
	conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" "passwordeval cat $T/canary" 'auth plain' \
		"logfile $T/log"
	talks "a password"
	strays "a password" "$password"
	goes "a password" "from the command" pipe:
	if [ -e "$T/locked.key" ]; then
		smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth EXTERNAL --client-ca "$CA/ca.crt" \
			--require-client-cert
		conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" "tls_cert_file $CA/client.crt" 'auth external' \
			"tls_key_file $T/locked.key" "passwordeval cat $T/pin" "logfile $T/log"
		talks "a PIN"
		strays "a PIN" "$PIN"
		goes "a PIN" "from the command" pipe:
	fi
	if [ -x "$HTTP" ]; then
		answers "{\"body\": {\"access_token\": \"$access\", \"expires_in\": 3600, \"refresh_token\": \"$renewed\"}}"
		logged_in "$refresh"
		mail_server "$access"
		oauth_conf "oauth_client_secret $secret" "logfile $T/log"
		talks "tokens"
		strays "tokens" "$access" "$refresh" "$renewed" "$secret"
		goes "tokens" "to the helper" UNIX-STREAM:
		goes "tokens" "from the helper" pipe:
		goes "tokens" "the refresh token to its file" "$tokens/"
		goes "tokens" "the access token to its file" "$kept/"
	fi
fi

# ---- a runner that stays ----
PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || bail "queue_put is not built: make check builds it"
smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth PLAIN --user joe \
	--password-file "$T/canary" --require-auth --once 1000
conf 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" "passwordeval cat $T/canary" 'auth plain' \
	'queue_autostart off'
sent=$("$PUT" account=default config="$T/rc" bob@example.org <"$T/mail")
"$PUT" account=default config="$T/rc" due=3600 carol@example.org <"$T/mail" >"$T/log"
start --queue-runner </dev/null
is_stored() { [ "$(stored)" = 1 ]; }
check "a runner: one message is sent, the other one waits" wait_until 20 is_stored
worker=$(helper_of "$pid")
finished() { "$POSTHASTE" --queue-show "$sent" >/dev/null 2>&1 || return 0; return 1; }
check "a runner: that message is done" wait_until 20 finished
gone "a runner" "$pid" "$password"
[ -z "$worker" ] || gone "the worker of a runner" "$worker" "$password"
kill "$pid"
smarthost_stop
done_testing
