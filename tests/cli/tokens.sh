# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What the tests of OAuth2 share, on top of cli.sh and ca.sh: a token server, an account that has logged in, and a mail
# server that takes tokens.
#
#   token_server CERTIFICATE    starts it: $token_port, $server_pid
#   answers LINE...             what it answers from now on (token_server.py)
#   requests                    how many there were since; sent NUMBER MEMBER: of one of them
#   logged_in REFRESH-TOKEN     the account's login is kept, and no access token
#   login_token, kept_token     the refresh token and the access token that are kept
#   oauth_conf LINE...          writes $T/rc
#   mail_server TOKEN SINK-OPTION...   a smarthost that takes this token only

tokens=$HOME/.local/state/posthaste/tokens
kept=$HOME/.cache/posthaste/tokens
unset https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY XDG_STATE_HOME XDG_CACHE_HOME

# ---- the token server ----

token_server() {
	rm -f "$T/ready"
	mkfifo "$T/ready"
	: >"$T/requests"
	"$PYTHON" "$top_srcdir/tests/cli/token_server.py" "$T/ready" "$T/answers" "$T/requests" "$CA/$1.pem" "$CA/$1.key" \
		7>&- 2>"$T/server.err" &
	server_pid=$!
	track "$server_pid"
	read -r token_port <"$T/ready" || bail "the token server did not start: $(cat "$T/server.err")"
}
answers() {
	printf '%s\n' "$@" >"$T/answers"
	: >"$T/requests"
}
requests() { grep -c . "$T/requests"; }
sent() {
	"$PYTHON" -c 'import json, sys
r = json.loads(open(sys.argv[1]).read().splitlines()[int(sys.argv[2]) - 1])
print(r["form"].get(sys.argv[3], r.get(sys.argv[3])))' "$T/requests" "$1" "$2"
}
good='{"body": {"access_token": "access-token-#", "token_type": "bearer", "expires_in": 3600}}'

# ---- the account ----

client='the-client'
scope='mail.send offline_access'
logged_in() {
	rm -rf "$tokens" "$kept"
	mkdir -p "$tokens"
	chmod 700 "$HOME/.local" "$HOME/.local/state" "$HOME/.local/state/posthaste" "$tokens"
	printf '%s\n' 'posthaste token 1' "client_id $client" "server https://localhost:$token_port/token" "scope $scope" \
		'user joe' 'login 1' 'issued 1' 'life 0' 'place file' "secret $1" end >"$tokens/default"
	chmod 600 "$tokens/default"
}
kept_token() { sed -n 's/^secret //p' "$kept/default" 2>/dev/null; }
login_token() { sed -n 's/^secret //p' "$tokens/default" 2>/dev/null; }
oauth_conf() {
	conf 'auth on' 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" \
		"oauth_token_url https://localhost:$token_port/token" "oauth_authorize_url https://localhost:$token_port/auth" \
		"oauth_client_id $client" "oauth_scope $scope" "oauth_trust_file $CA/ca.crt" 'keyring off' "$@"
}
mail_server() {
	local token=$1
	shift
	smarthost --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth "OAUTHBEARER XOAUTH2 PLAIN" --user joe \
		--token "$token" --require-auth "$@"
}
