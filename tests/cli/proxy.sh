#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# SOCKS5 and HTTP: the proxy gets the server's name unresolved, and the login it wants.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

mkfifo "$T/ready"
server_options=()
# through NAME STATUS LOG-LINE PROXY-LOGIN... -- CONFIGURATION...
through() {
	local name=$1 want=$2 line=$3 login=()
	shift 3
	while [ "$1" != -- ]; do
		login+=("$1")
		shift
	done
	shift
	smarthost "${server_options[@]}"
	"$PYTHON" "$top_srcdir/tests/cli/socks.py" "$T/ready" "$T/log" "$port" "${login[@]}" 7>&- &
	socks=$!
	track "$socks"
	read -r proxy <"$T/ready"
	printf '%s\n' 'account default' 'host name.only.the.proxy.knows.invalid' 'port 2525' 'tls off' 'queue off' \
		'from alice@example.org' 'timeout 20' 'proxy_host 127.0.0.1' "proxy_port $proxy" "$@" >"$T/rc"
	post bob@example.org
	smarthost_stop
	# The proxy ends with its one connection; its log is complete after that.
	wait "$socks"
	status_is "$want" "$name: exit status $want"
	like "$(tr '\n' ' ' <"$T/log")" "$line" "$name: what the proxy was asked"
}
through "no login" 0 '^methods 00 connect 3 name.only.the.proxy.knows.invalid 2525 $' --
is "$(stored)" 1 "no login: one message arrives"
through "a login" 0 'login right connect 3 name.only' joe secret-1 -- 'proxy_user joe' 'proxy_password secret-1'
is "$(stored)" 1 "a login: one message arrives"
through "a login that is not wanted" 0 '^methods 0002 connect 3' -- 'proxy_user joe' 'proxy_password secret-1'
through "a wrong login" 77 'login wrong' joe secret-1 -- 'proxy_user joe' 'proxy_password secret-2'
said '^posthaste: .*the proxy refused the user name or the password' "a wrong login: the message"
unsaid 'secret-' "a wrong login: the password is not shown"
is "$(stored)" 0 "a wrong login: nothing arrives"
through "a login is wanted" 77 '^methods 00 $' joe secret-1 --

# The proxy runs on this machine, but the server behind it does not: a password must not go there in clear.
server_options=(--auth 'PLAIN LOGIN' --user joe --password-file "$T/password")
account=('user joe' 'password correct-horse')
for auth in on plain login; do
	through "no password in clear, auth $auth" 69 'connect 3 name.only' -- "${account[@]}" "auth $auth"
	never_sent 'AUTH|MAIL' "no password in clear, auth $auth: neither AUTH nor MAIL is sent"
done
through "a password in clear, allowed" 0 'connect 3 name.only' -- "${account[@]}" 'auth plain' 'auth_without_tls on'
is "$(stored)" 1 "a password in clear, allowed: one message arrives"
server_options=()

# ---- HTTP ----
# by_http NAME STATUS LOG CODE LOGIN CONFIGURATION...: LOGIN is what the proxy wants, or empty
by_http() {
	local name=$1 want=$2 line=$3 code=$4 wanted=$5
	shift 5
	smarthost "${server_options[@]}"
	: >"$T/log"
	"$PYTHON" "$top_srcdir/tests/cli/connect_proxy.py" "$T/ready" "$T/log" "$code" "$port" ${wanted:+"$wanted"} 7>&- &
	http=$!
	track "$http"
	read -r proxy <"$T/ready"
	printf '%s\n' 'account default' 'host name.only.the.proxy.knows.invalid' 'port 2525' 'tls off' 'queue off' \
		'from alice@example.org' 'timeout 20' 'proxy_host 127.0.0.1' "proxy_port $proxy" 'proxy_type http' "$@" >"$T/rc"
	post bob@example.org
	smarthost_stop
	kill "$http"
	wait "$http" 2>/dev/null
	status_is "$want" "$name: exit status $want"
	is "$(cat "$T/log")" "$line" "$name: what the proxy was asked"
}
asked='CONNECT name.only.the.proxy.knows.invalid:2525 HTTP/1.1'
login=('proxy_user joe' 'proxy_password secret-1')
by_http "http" 0 "$asked -" 200 ''
is "$(stored)" 1 "http: one message arrives"
by_http "http, the greeting with the response" 0 "$asked -" greeting ''
is "$(stored)" 1 "http, the greeting with the response: one message arrives"
by_http "http, a login" 0 "$asked joe:secret-1" 200 joe:secret-1 "${login[@]}"
is "$(stored)" 1 "http, a login: one message arrives"
by_http "http, a wrong login" 77 "$asked joe:secret-1" 200 joe:other "${login[@]}"
said '^posthaste: HTTP proxy: the proxy refused the user name or the password' "http, a wrong login: the message"
unsaid 'secret-1|am9lOnNlY3JldC0x' "http, a wrong login: it is not shown"
by_http "http, a login is wanted" 77 "$asked -" 200 joe:other
said 'the proxy requires a login, and no user name is set' "http, a login is wanted: the message"
said '^hint: .*proxy_user' "http, a login is wanted: what to set"
by_http "http, 403" 69 "$asked -" 403 ''
said 'does not connect to name.only.the.proxy.knows.invalid port 2525: HTTP 403 answer' "http, 403: the message"
said '^hint: .*443' "http, 403: the usual reason"
by_http "http, 502" 75 "$asked -" 502 ''
said 'HTTP 502 answer' "http, 502: the message"
by_http "http, no HTTP" 76 "$asked -" '220 mail.example.org ESMTP' ''
said '^posthaste: HTTP proxy: the proxy does not speak HTTP' "http, no HTTP: the message"
said '^hint: .*proxy_type' "http, no HTTP: the hint"

server_options=(--auth 'PLAIN LOGIN' --user joe --password-file "$T/password")
by_http "http, no password in clear" 69 "$asked -" 200 '' "${account[@]}" 'auth on'
never_sent 'AUTH|MAIL' "http, no password in clear: neither AUTH nor MAIL is sent"
server_options=()

printf '%s\n' 'host müller.example' 'from a@example.org' 'tls off' 'queue off' 'proxy_host 127.0.0.1' >"$T/rc"
for type in http:8080 socks5:1080; do
	run timeout 60 "$POSTHASTE" -C "$T/rc" "--proxy-type=${type%:*}" --pretend
	like "$(cat "$out")" "proxy_port *= *${type#*:}" "${type%:*}: the usual port is ${type#*:}"
done
run timeout 60 "$POSTHASTE" -C "$T/rc" --proxy-type=https --pretend
status_is 64 "a proxy of another type: exit status 64"

for half in 'proxy_user joe' 'proxy_password x'; do
	printf '%s\n' 'host a.example' 'from a@example.org' 'proxy_host 127.0.0.1' "$half" >"$T/rc"
	post bob@example.org
	status_is 78 "half a login ($half): exit status 78"
	said '^posthaste: account default: the proxy login is incomplete' "half a login ($half): the message"
done
done_testing
