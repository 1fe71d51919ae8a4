# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# The authorization server (provider.mjs) and the proxy that breaks its answers
# (fault_proxy.py). Sourced by lib.sh. Both show the certificate "good".
#
#   oauth_start           OAUTH_URL, the server itself, and OAUTH_FAULTY, the same
#                         server as the proxy passes it on: https://localhost:PORT.
#                         Below them: /device/auth, /auth, /token, /token/revocation.
#                         Called before dovecot_start, it makes Dovecot (and so
#                         Postfix) ask this server about access tokens, and take
#                         those with the scope "mail" alone; so does Exim itself.
#
#   Clients: public (no secret, PKCE, code and device; each refresh gives a new
#   refresh token, an old one that is used again revokes all), short (access tokens
#   live 3 seconds), fixed and fixed-short (always the same refresh token), once (no
#   refresh token), hasty (device codes live 2 seconds), post and "basic:+/ id"
#   (with $OAUTH_SECRET), service (client credentials, by post).
#   Scopes: mail, calendar, offline_access.
#
#   oauth_fault NAME "PATH ACTION..." [LINE...]   a rule for the proxy (see there)
#   oauth_faults_left     names of the rules that no request has used
#   oauth_faults_clear
#   oauth_log PYTHON      "METHOD PATH STATUS ..." of the requests the server got: for
#                         each the format string PYTHON, such as '{grant} {status}'
#   oauth_browser ARGUMENT...   browser.py
#   oauth_post PATH NAME=VALUE...   a request of our own; prints the answer's JSON
#   oauth_member NAME     that member of the JSON on standard input
#   oauth_active TOKEN    "true" or "false": what the server thinks of a token

OAUTH_SECRET='Canary+secret/7c=&1'

oauth_start() {
	[ -z "${OAUTH_PID:-}" ] || return 0
	bed_certificates good
	bed_launch oauth
	bed_launch oauth_proxy
}

oauth_configure() {
	bed_ports OAUTH_PORT OAUTH_PLAIN
	OAUTH_URL=https://localhost:$OAUTH_PORT
}

oauth_spawn() {
	env -i PATH="$PATH" LC_ALL=C node "$BED_LIB/oauth/provider.mjs" "$BED_TREES/oauth" "$BED/oauth" \
		"$OAUTH_PORT" "$OAUTH_PLAIN" "$CA_PUBLIC/good.pem" >"$BED/oauth/oauth.log" 2>&1 7>&- </dev/null &
	bed_pid=$!
	OAUTH_PID=$bed_pid
}

oauth_ready() { bed_wait "$OAUTH_PID" test -s "$BED/oauth/ready"; }

oauth_stop() {
	bed_end "$OAUTH_PID"
	OAUTH_PID=
}

oauth_proxy_configure() {
	mkdir "$BED/oauth_proxy/rules"
	bed_ports OAUTH_PROXY_PORT
	OAUTH_FAULTY=https://localhost:$OAUTH_PROXY_PORT
}

oauth_proxy_spawn() {
	"$BED_PYTHON" "$BED_LIB/oauth/fault_proxy.py" "$BED/oauth_proxy" "$OAUTH_PLAIN" \
		"$OAUTH_PROXY_PORT=$CA_PUBLIC/good.pem" >"$BED/oauth_proxy/oauth_proxy.log" 2>&1 7>&- </dev/null &
	bed_pid=$!
	OAUTH_PROXY_PID=$bed_pid
}

oauth_proxy_ready() { bed_wait "$OAUTH_PROXY_PID" test -s "$BED/oauth_proxy/ready"; }

oauth_proxy_stop() {
	bed_end "$OAUTH_PROXY_PID"
	OAUTH_PROXY_PID=
}

oauth_fault() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$BED/oauth_proxy/rules/$name.tmp"
	mv "$BED/oauth_proxy/rules/$name.tmp" "$BED/oauth_proxy/rules/$name"
}

oauth_faults_left() { ls "$BED/oauth_proxy/rules"; }
oauth_faults_clear() { rm -f -- "$BED/oauth_proxy/rules"/*; }

oauth_log() {
	[ -e "$BED/oauth/log" ] || return 0
	"$BED_PYTHON" -c '
import collections, json, sys
for line in open(sys.argv[1]):
    print(sys.argv[2].format_map(collections.defaultdict(str, json.loads(line))))' "$BED/oauth/log" "$1"
}
oauth_log_clear() { : >"$BED/oauth/log"; }

oauth_browser() { "$BED_PYTHON" "$BED_LIB/oauth/browser.py" "$@" --ca="$CA/ca.crt"; }

oauth_post() {
	"$BED_PYTHON" -c '
import sys, urllib.error, urllib.parse, urllib.request
url, *fields = sys.argv[1:]
form = urllib.parse.urlencode([tuple(field.split("=", 1)) for field in fields]).encode()
try:
    print(urllib.request.urlopen(urllib.request.Request(url, form)).read().decode())
except urllib.error.HTTPError as answer:
    print(answer.read().decode())' "http://127.0.0.1:$OAUTH_PLAIN$1" "${@:2}"
}

oauth_member() {
	"$BED_PYTHON" -c 'import json, sys; print(json.load(sys.stdin).get(sys.argv[1], ""))' "$1"
}

oauth_active() {
	oauth_post /token/introspection client_id=post "client_secret=$OAUTH_SECRET" "token=$1" | oauth_member active
}
