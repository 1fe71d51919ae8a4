#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# SOCKS5: the proxy gets the server's name unresolved, and the login it wants.
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

for half in 'proxy_user joe' 'proxy_password x'; do
	printf '%s\n' 'host a.example' 'from a@example.org' 'proxy_host 127.0.0.1' "$half" >"$T/rc"
	post bob@example.org
	status_is 78 "half a login ($half): exit status 78"
	said '^posthaste: account default: the proxy login is incomplete' "half a login ($half): the message"
done
done_testing
