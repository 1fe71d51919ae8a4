#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Access tokens in the place of passwords: kept, renewed, refused; what token servers answer; that no token shows.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
. "$top_srcdir/tests/cli/tokens.sh" || exit 99
POSTHASTE=$top_builddir/tests/cli/posthaste
[ -x "$top_builddir/src/helper/posthaste-http" ] || skip_all "the helper for OAuth2 is not built"
ca_need good expired notyet wronghost unknown
token_server good

# ---- the first message, the next ones ----
answers "$good"
logged_in refresh-token-1
mail_server access-token-1
oauth_conf
sends 0 "a refresh" bob@example.org
is "$(stored)" 1 "a refresh: the message arrives"
is "$(requests)" 1 "a refresh: one request"
is "$(sent 1 grant_type) $(sent 1 refresh_token) $(sent 1 client_id) $(sent 1 client_secret) $(sent 1 scope)" \
	"refresh_token refresh-token-1 the-client None None" "a refresh: what is asked"
is "$(kept_token)" access-token-1 "a refresh: the token is kept"
is "$(stat -c %a "$kept/default" "$kept" "$tokens/default" | tr '\n' ' ')" "600 700 600 " \
	"a refresh: nobody else can read it"
is "$(login_token)" refresh-token-1 "a refresh: the login stays"
is "$(sed -n 's/.*AUTH \(OAUTHBEARER\).*/\1/p' "$T/transcript" | head -n 1)" OAUTHBEARER "a refresh: the mechanism"
no_violation "a refresh: the dialogue was correct"

answers "$good"
mail_server access-token-1
oauth_conf
sends 0 "a kept token" bob@example.org
is "$(requests)" 0 "a kept token: no request"

mail_server access-token-1 --auth XOAUTH2
oauth_conf
sends 0 "XOAUTH2" bob@example.org
is "$(requests)" 0 "XOAUTH2: no request"

mail_server access-token-1 --auth "PLAIN LOGIN"
oauth_conf
sends 69 "a server without OAuth" bob@example.org
said 'the server offers PLAIN, LOGIN' "a server without OAuth: what it offers"
never_sent AUTH "a server without OAuth: no token leaves"

# ---- the server refuses the kept token ----
answers '{"body": {"access_token": "fresh-token", "expires_in": "3599"}}'
mail_server fresh-token
oauth_conf
sends 0 "a refused token" bob@example.org
is "$(requests)" 1 "a refused token: one refresh"
is "$(grep -c '[Cc]: AUTH OAUTHBEARER' "$T/transcript")" 2 "a refused token: two AUTH on one connection"
is "$(kept_token)" fresh-token "a refused token: the new one is kept"

answers "$good"
mail_server another-token
oauth_conf
sends 77 "a token refused twice" bob@example.org
is "$(requests)" 1 "a token refused twice: one refresh"
is "$(grep -c '[Cc]: AUTH OAUTHBEARER' "$T/transcript")" 2 "a token refused twice: two AUTH in all"
said '^posthaste: AUTH OAUTHBEARER: the server refused the token of joe' "a token refused twice: the message"
said '^hint: Check that joe is the account that logged in.*--login=default' "a token refused twice: the hint"
unsaid 'password' "a token refused twice: no word of a password"

answers "$good"
mail_server another-token --reply 'auth=535 5.7.139 SmtpClientAuthentication is disabled for the Tenant.'
oauth_conf
sends 77 "switched off" bob@example.org
is "$(requests)" 0 "switched off: no refresh"
is "$(grep -c '[Cc]: AUTH OAUTHBEARER' "$T/transcript")" 1 "switched off: one AUTH"
said '^hint: The administrator has to enable authenticated SMTP' "switched off: the hint"

# ---- rotation ----
answers '{"body": {"access_token": "a-#", "expires_in": 3, "refresh_token": "refresh-token-2"}}'
logged_in refresh-token-1
mail_server a-none
oauth_conf
sends 77 "rotation" bob@example.org
is "$(login_token)" refresh-token-2 "rotation: the new refresh token is stored"
is "$(sent 2 refresh_token)" refresh-token-2 "rotation: and used for the second refresh"
is "$(sed -n 's/^login //p' "$tokens/default")" 1 "rotation: the time of the login stays"

# ---- many at once: one asks, the others wait for it ----
# The first refresh token is valid once, and the answer comes when all have begun.
crowd=50
body='"body": {"access_token": "crowd-token", "expires_in": 3600}'
answers "{\"rotate\": \"$T/valid\", \"wait\": \"$T/all\", $body}"
logged_in refresh.0
echo refresh.0 >"$T/valid"
mkdir -p "$kept"
sed -e 's/^secret .*/secret expired-token/' -e 's/^life .*/life 3600000/' "$tokens/default" >"$kept/default"
mail_server crowd-token --once $crowd
oauth_conf 'timeout 60'
pids=()
for ((i = 0; i < crowd; i++)); do
	"$POSTHASTE" -C "$T/rc" "bob$i@example.org" <"$T/mail" 2>>"$T/crowd" 7>&- &
	pids+=($!)
done
track "${pids[@]}"
runs() { tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -q '^[^ ]*posthaste -C '; }
for i in "${pids[@]}"; do wait_until 20 runs "$i" || not_ok "many at once: process $i runs"; done
touch "$T/all"
failed=0
for i in "${pids[@]}"; do wait "$i" || failed=$((failed + 1)); done
smarthost_stop
is "$failed $(stored) $(requests)" "0 $crowd 1" "many at once: all are sent, by one request"
is "$(login_token) $(kept_token)" "refresh.1 crowd-token" "many at once: the new tokens are kept"
is "$(cat "$T/crowd")" "" "many at once: nothing is said"

# ---- tokens of any length: by the helper, the file and SMTP ----
for length in 1 330 340 2048 9000; do # in base64 at most the 12,288 octets of RFC 4954
	token=$(printf "%${length}s" '' | tr ' ' t)
	answers "{\"body\": {\"access_token\": \"$token\", \"expires_in\": 3600, \"refresh_token\": \"r$token\"}}"
	logged_in refresh-token-1
	mail_server "$token"
	oauth_conf
	sends 0 "a token of $length octets" bob@example.org
	is "$(login_token)" "r$token" "a token of $length octets: the refresh token is stored"
	no_violation "a token of $length octets: the dialogue was correct"
done
token=$(printf '%40960s' '' | tr ' ' r)
answers "{\"body\": {\"access_token\": \"access-token-x\", \"expires_in\": 1, \"refresh_token\": \"$token\"}}" "$good"
logged_in refresh-token-1
port=1
oauth_conf
post bob@example.org
rm -rf "$kept"
post bob@example.org
is "$(sent 2 refresh_token)" "$token" "a refresh token of 40960 octets is kept and sent"

# ---- a token that sings ----
access='Aq9+canary/W7xk&v2=Tm~' refresh='Rq9+canary/W7xk&v2=Tm~' secret='Sq9+canary/W7xk&v2=Tm~'
"$PYTHON" "$top_srcdir/tests/lib/forms.py" "$access" "$refresh" "$secret" >"$T/forms"
# quiet NAME FILE...: none of the forms is in these files
quiet() {
	local name=$1
	shift
	is "$(grep -aFof "$T/forms" -- "$@" /dev/null | head -n 1)" "" "$name: no token in any form"
}
sung() { # NAME ANSWER SINK-OPTION...
	local name=$1 answer=$2
	shift 2
	answers "$answer"
	logged_in "$refresh"
	mail_server "$access" "$@"
	oauth_conf "oauth_client_secret $secret" "logfile $T/log"
	chmod 600 "$T/rc"
	post --debug bob@example.org
	smarthost_stop
	quiet "$name" "$out" "$err" "$T/log"
	answers "$answer"
	rm -rf "$kept"
	mail_server "$access" "$@"
	oauth_conf "oauth_client_secret $secret" "logfile $T/log"
	chmod 600 "$T/rc"
	post --json bob@example.org
	smarthost_stop
	quiet "$name, --json" "$out" "$err" "$T/log"
}
: >"$T/log"
token_answer="{\"body\": {\"access_token\": \"$access\", \"expires_in\": 3600, \"refresh_token\": \"$refresh\"}}"
sung "sent" "$token_answer"
status_is 0 "sent: exit status 0"
sung "the server repeats the token" "$token_answer" --reply "auth=535 5.7.8 bad token $access"
status_is 77 "the server repeats the token: exit status 77"
sung "the server repeats it in base64" "$token_answer" \
	--reply "auth=535 5.7.8 bad $(printf 'user=joe\001auth=Bearer %s\001\001' "$access" | base64 -w 0)"
words="$secret $(printf %s "$refresh" | base64) $refresh"
sung "the token server repeats all" \
	"{\"code\": 400, \"body\": {\"error\": \"invalid_client\", \"error_description\": \"$words\"}}"
status_is 78 "the token server repeats all: exit status 78"
fold -w 8 <<<"$secret $refresh" | grep -E '.{6}' >>"$T/forms"
sung "the token server folds all" "{\"code\": 400, \"body\": {\"error\": \"invalid_client\", \"error_description\": \"$(
	fold -w 8 <<<"$secret $refresh" | sed ':a;N;$!ba;s/\n/\\n/g')\"}}"
said 'invalid_client' "the token server folds all: its answer is understood"
sung "the token is in a web page" \
	"{\"body\": \"<html>$access $refresh</html>\", \"headers\": {\"Content-Type\": \"text/html\"}}"
sung "the token is in broken JSON" "{\"body\": \"{ $access $refresh\"}"

# ---- what the token server answers ----

# refuses STATUS TEXT NAME ANSWER...
refuses() {
	local want=$1 text=$2 name=$3
	shift 3
	answers "$@"
	logged_in refresh-canary-1
	smarthost_stop
	port=1
	oauth_conf "${more[@]}"
	post bob@example.org
	status_is "$want" "$name: exit status $want"
	said "$text" "$name: the message"
	unsaid 'canary' "$name: no token is shown"
	is "$(login_token)" refresh-canary-1 "$name: the login stays"
	is "$(grep -c . "$T/err")" "${lines:-2}" "$name: one message, one hint with its place"
}
more=()
while IFS='|' read -ru 9 want name text answer; do
	refuses "$want" "$text" "$name" "$answer"
done 9<<'ROWS'
77|invalid_grant|did not renew the login of account default: invalid_grant: gone|{"code": 400, "body": {"error": "invalid_grant", "error_description": "gone"}}
77|with 200|renew the login .*invalid_grant|{"body": {"error": "invalid_grant"}}
77|with 401|^hint: Log in again with: posthaste --login=default|{"code": 401, "body": {"error": "interaction_required"}}
77|repeats the token|did not renew|{"code": 400, "body": {"error": "invalid_grant", "error_description": "refresh-canary-1 is dead"}}
78|invalid_request|^hint: Log in again|{"code": 400, "body": {"error": "invalid_request"}}
78|invalid_client|^hint: Check the client id|{"code": 401, "body": {"error": "invalid_client"}}
78|invalid_scope|^hint: Check oauth_scope, which is "mail.send offline_access"|{"code": 400, "body": {"error": "invalid_scope"}}
77|unknown error|renew the login.*: odd|{"code": 400, "body": {"error": "odd"}}
77|a number as error|renew the login.*: 5|{"code": 400, "body": {"error": 5}}
75|busy|temporarily_unavailable|{"code": 400, "body": {"error": "temporarily_unavailable"}}
75|503|HTTP status 503|{"code": 503}
75|429|HTTP status 429|{"code": 429, "headers": {"Retry-After": "7200"}}
77|403|HTTP status 403|{"code": 403, "body": {}}
75|a web page|web page, perhaps of a proxy or a sign-in portal|{"body": "<html>canary</html>", "headers": {"Content-Type": "text/html"}}
75|a web page with 403|web page|{"code": 403, "body": "<html>canary</html>", "headers": {"Content-Type": "text/html"}}
75|204|its answer is empty|{"code": 204}
76|a redirection|it redirects to other.example|{"code": 307, "headers": {"Location": "https://other.example/token"}}
76|too long|longer than 64 KiB|{"body": {"access_token": "canary"}, "padding": 65536}
76|duplicate member|not a JSON object|{"body": "{\"access_token\": \"canary\", \"access_token\": \"canary\"}"}
76|trailing data|not a JSON object|{"body": "{\"access_token\": \"canary\"} x"}
76|a list|not a JSON object|{"body": "[\"canary\"]"}
76|gzip|not a JSON object|{"body": "\u001f\u008b\b", "headers": {"Content-Encoding": "gzip"}}
76|no token|no usable token|{"body": {"token": "canary"}}
76|another type|not of the type Bearer|{"body": {"access_token": "canary", "token_type": "mac"}}
75|cut|was lost|{"body": {"access_token": "canary"}, "act": "cut"}
75|reset|was lost|{"act": "reset"}
ROWS
answers '{"code": 400, "body": {"error": "invalid_grant", "error_description": "\u001b[31mred\u0007"}}'
post bob@example.org
unsaid "$(printf '\033|\007')" "terminal escapes are removed"

more=('timeout 1')
refuses 75 'did not answer in time' "silence" '{"act": "silent"}'
more=()

# ---- after all that ----
answers "$good"
mail_server access-token-1
token_number=$(requests)
oauth_conf
post bob@example.org
smarthost_stop
is "$(requests) $(login_token)" "$((token_number + 2)) refresh-canary-1" \
	"a server that works again is asked, without a login"

# ---- no way to it ----
refuses_at() {
	local want=$1 text=$2 name=$3 url=$4
	logged_in refresh-canary-1
	sed -i "s|^server .*|server $url|" "$tokens/default"
	oauth_conf "oauth_token_url $url"
	post bob@example.org
	status_is "$want" "$name: exit status $want"
	said "$text" "$name: the message"
	unsaid 'login=' "$name: no word of a login"
}
refuses_at 75 'nowhere.invalid could not be resolved' "no such host" https://nowhere.invalid/token
refuses_at 75 'cannot connect to the OAuth2 server localhost' "nothing listens" https://localhost:1/token
oauth_conf 'oauth_token_url http://localhost/token'
post bob@example.org
status_is 78 "not https: exit status 78"
said 'an address that begins with https://' "not https: the message"
logged_in refresh-canary-1
oauth_conf 'oauth_trust_file system'
post bob@example.org
status_is 77 "an unknown authority: exit status 77"
said 'is not trusted; issuer: ' "an unknown authority: the message names it"
oauth_conf "oauth_trust_file $T/none"
post bob@example.org
status_is 78 "no trust file: exit status 78"

# ---- by a proxy, and with certificates that are not right ----
# proxy CODE: $proxy_port
proxy() {
	rm -f "$T/proxy.ready"
	mkfifo "$T/proxy.ready"
	: >"$T/proxy"
	"$PYTHON" "$top_srcdir/tests/cli/connect_proxy.py" "$T/proxy.ready" "$T/proxy" "$1" "$token_port" 7>&- &
	track $!
	read -r proxy_port <"$T/proxy.ready"
}
# through STATUS NAME VARIABLE=VALUE...: the token server is mail.test, which nobody can resolve
through() {
	local want=$1 name=$2
	shift 2
	logged_in refresh-canary-1
	sed -i "s|^server .*|server https://mail.test/token|" "$tokens/default"
	oauth_conf 'oauth_token_url https://mail.test/token'
	answers "$good"
	run env "$@" timeout -k 5 60 "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail"
	status_is "$want" "$name: exit status $want"
	unsaid 'canary' "$name: nothing secret is shown"
}
port=1
proxy 200
through 75 "a proxy" "https_proxy=http://127.0.0.1:$proxy_port"
is "$(cat "$T/proxy") $(requests)" "CONNECT mail.test:443 HTTP/1.1 - 1" "a proxy: the request goes by CONNECT"
through 75 "a proxy with a login" "HTTPS_PROXY=http://me:pass-canary@127.0.0.1:$proxy_port"
is "$(tail -n 1 "$T/proxy")" "CONNECT mail.test:443 HTTP/1.1 me:pass-canary" "a proxy with a login: it gets it"
through 75 "no proxy for this host" "https_proxy=http://127.0.0.1:$proxy_port" no_proxy=mail.test
said 'mail.test could not be resolved' "no proxy for this host: the message"
: >"$T/proxy"
logged_in refresh-canary-1
oauth_conf
answers "$good"
run env "https_proxy=http://127.0.0.1:$proxy_port" timeout 60 "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail"
is "$(cat "$T/proxy") $(requests)" " 1" "this machine is never asked through a proxy"
proxy 403
through 75 "a proxy that refuses" "https_proxy=http://127.0.0.1:$proxy_port"
said 'the proxy does not connect to the OAuth2 server mail.test: HTTP 403' "a proxy that refuses: the message"
proxy 407
through 78 "a proxy that wants a login" "https_proxy=http://me:pass-canary@127.0.0.1:$proxy_port"
said 'the proxy on the way to the OAuth2 server mail.test refused its login: HTTP 407' \
	"a proxy that wants a login: the message"

# with_certificate NAME-OF-CERTIFICATE WHAT HINT
with_certificate() {
	kill "$server_pid"
	token_server "$1"
	logged_in refresh-canary-1
	oauth_conf
	post bob@example.org
	status_is 77 "the certificate $1: exit status 77"
	said "certificate of the OAuth2 server localhost $2" "the certificate $1: the message"
	said "^hint: $3" "the certificate $1: the hint"
	unsaid 'canary|login=' "the certificate $1: no token, and no word of a login"
}
with_certificate expired 'has expired' 'Check the clock of this computer; if it is right'
with_certificate notyet 'is not valid yet' 'Check the clock of this computer'
with_certificate wronghost 'is for another name' 'Check the address'
with_certificate unknown 'is not trusted; issuer: ' 'If that authority is right .*oauth_trust_file'
kill "$server_pid"
token_server good

# ---- no login, another configuration ----
rm -rf "$tokens" "$kept"
oauth_conf
post bob@example.org
status_is 77 "no login: exit status 77"
said '^posthaste: OAuth2: account default is not logged in' "no login: the message"
said '^hint: Log in with: posthaste --login=default' "no login: the hint"
for change in 'user ann' 'oauth_client_id another' 'oauth_scope mail.send' 'oauth_token_url https://localhost:1/t'; do
	answers "$good"
	logged_in refresh-canary-1
	oauth_conf "$change"
	post bob@example.org
	status_is 77 "$change: exit status 77"
	is "$(requests)" 0 "$change: the token goes nowhere"
done

# ---- the file ----
logged_in refresh-canary-1
oauth_conf
chmod 644 "$tokens/default"
post bob@example.org
status_is 78 "readable for others: exit status 78"
said 'other users have access to' "readable for others: the message"
logged_in refresh-canary-1
sed -i '$d' "$tokens/default"
post bob@example.org
status_is 77 "torn: exit status 77"
said 'is damaged' "torn: the message"
logged_in refresh-canary-1
mv "$tokens/default" "$tokens/elsewhere"
ln -s elsewhere "$tokens/default"
post bob@example.org
status_is 78 "a link: exit status 78"
unsaid canary "a link: no token is shown"

# ---- the client's secret, and the flow without a login ----
answers "$good"
logged_in refresh-token-1
oauth_conf 'oauth_client_secret sec-canary+/='
chmod 600 "$T/rc"
post bob@example.org
is "$(sent 1 client_secret)" 'sec-canary+/=' "a secret of the client is sent as it is"
unsaid canary "a secret of the client is not shown"
answers '{"code": 401, "body": {"error": "invalid_client", "error_description": "sec-canary+/= is wrong"}}'
rm -rf "$kept"
post --debug bob@example.org
status_is 78 "a wrong secret: exit status 78"
unsaid canary "a wrong secret is not shown"
rm -rf "$tokens" "$kept"
answers "$good"
mail_server access-token-x
oauth_conf 'oauth_flow client' 'oauth_client_secret sec-canary+/='
chmod 600 "$T/rc"
sends 77 "client credentials" bob@example.org
is "$(sent 1 grant_type) $(sent 1 scope)" "client_credentials mail.send offline_access" \
	"client credentials: what is asked"

# ---- metadata ----
url=https://localhost:$token_port
meta="{\"body\": {\"issuer\": \"$url\", \"token_endpoint\": \"$url/t\", \"authorization_endpoint\": \"$url/a\"}}"
answers "$meta" "$good"
conf 'auth on' 'tls on' "oauth_issuer $url" "oauth_client_id $client" "oauth_scope $scope" \
	'oauth_client_secret s:ecret' "oauth_trust_file $CA/ca.crt" 'keyring off'
chmod 600 "$T/rc"
logged_in refresh-token-1
sed -i "s|^server .*|server $url|" "$tokens/default"
post bob@example.org
is "$(sent 1 path) $(sent 2 path)" "/.well-known/oauth-authorization-server /t" "an issuer: metadata, then the token"
is "$(sent 2 authorization)" "Basic $(printf 'the-client:s%%3Aecret' | base64)" \
	"an issuer: basic unless it says otherwise"
answers "${meta/\"issuer\": \"https/\"issuer\": \"HTTPS}" "$good"
rm -rf "$kept"
post bob@example.org
status_is 76 "another issuer: exit status 76"
is "$(requests)" 1 "another issuer: no token is asked for"

# ---- the queue keeps what a login that is over stops, says so once, and goes on after the next login ----
queue='auto\nqueue_autostart off'
answers '{"code": 400, "body": {"error": "invalid_grant", "error_description": "refresh-canary-1 is gone"}}'
logged_in refresh-canary-1
mail_server queue-token
smarthost_stop
oauth_conf
post bob@example.org
status_is 77 "the login is over: the message is kept, exit status 77"
said 'queued as [0-9a-z]{13} for bob@example.org: .*did not renew the login of account default: invalid_grant' \
	"the login is over: the message is shown"
said '^hint: Log in again with: posthaste --login=default' "the login is over: the command is shown"
unsaid canary "the login is over: no token is shown"
asks() { run timeout -k 5 60 "$POSTHASTE" "$@" </dev/null; }
# A runner stays while a message is held for the user.  The first one asks for itself, and the next one must not.
"$POSTHASTE" --queue-runner </dev/null >"$T/runner.out" 2>&1 7>&- &
runner=$!
has_asked() { [ "$(requests)" = 2 ]; }
check "held: the runner asks once" wait_until 10 has_asked
kill "$runner"
wait "$runner"
asked=$(requests)
run timeout -k 5 3 "$POSTHASTE" --queue-runner </dev/null
is "$(requests)" "$asked" "held: the token server is not asked again and again"
asks -bp
like "$(cat "$out")" 'did not renew the login of account default' "held: mailq says why"
unlike "$(cat "$out" "$HOME"/.local/state/posthaste/queue/new/*)" canary "held: no token is in the queue"
answers '{"body": {"access_token": "queue-token", "expires_in": 3600}}'
logged_in refresh-token-1
echo >"$tokens/.default.login" # --login changes it
sed -i 's/^login 1/login 2/' "$tokens/default"
mail_server queue-token --listen "127.0.0.1:$port"
asks --queue-runner
smarthost_end
is "$(stored)" 1 "after the login: the message leaves"
queue='off\nqueue_autostart off'

# ---- logging out: the server revokes, and whatever it says, nothing is kept ----
# has_token TOKEN: an access token beside the login
has_token() {
	mkdir -p "$kept"
	chmod 700 "$HOME/.cache" "$HOME/.cache/posthaste" "$kept"
	sed "s/^issued .*/issued $(date +%s)000/;s/^life .*/life 3600000/;s/^secret .*/secret $1/" "$tokens/default" \
		>"$kept/default"
	chmod 600 "$kept/default"
}
# logs_out REGEX NAME [VARIABLE=VALUE...] [-- ARGUMENT...]: one of the lines it prints
logs_out() {
	local regex=$1 name=$2 variables=()
	shift 2
	while [ $# != 0 ] && [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	run env "${variables[@]}" timeout -k 5 60 "$POSTHASTE" -C "$T/rc" --logout=default "${@:2}" </dev/null
	status_is 0 "$name: exit status 0"
	like "$(cat "$out")" "$regex" "$name: what it says"
	unlike "$(cat "$out" "$err")" canary "$name: no token is shown"
	check "$name: nothing is kept" test ! -e "$tokens/default" -a ! -e "$kept/default"
}
lists='The provider may still list this login. Remove it there'
# by_issuer ANSWER...: an account whose metadata name the address
by_issuer() {
	answers "${meta/%\}\}/, \"revocation_endpoint\": \"$url/revoke\"\}\}}" "$@"
	conf 'auth on' 'tls on' "oauth_issuer $url" "oauth_client_id $client" "oauth_scope $scope" \
		"oauth_trust_file $CA/ca.crt" 'keyring off'
	logged_in refresh-canary-1
	sed -i "s|^server .*|server $url|" "$tokens/default"
	has_token access-canary-1
}
by_issuer '{"code": 200}'
logs_out '^Account default is logged out\. The server has revoked its tokens\.$' "--logout"
is "$(sent 1 path) $(sent 2 path) $(sent 3 path)" "/.well-known/oauth-authorization-server /revoke /revoke" \
	"--logout: metadata, then both tokens"
is "$(sent 2 token) $(sent 2 token_type_hint) $(sent 2 client_id)" "refresh-canary-1 refresh_token the-client" \
	"--logout: the refresh token comes first"
is "$(sent 3 token) $(sent 3 token_type_hint)" "access-canary-1 access_token" "--logout: then the access token"
post bob@example.org
status_is 77 "--logout: a message after it"
run "$POSTHASTE" -C "$T/rc" --logout=default
like "$(cat "$out")" 'was not logged in' "--logout twice"

while IFS='|' read -ru 9 name regex answer; do
	by_issuer "$answer"
	logs_out "not revoked: .*$regex" "--logout, $name"
	like "$(cat "$out")" "$lists, among the programs" "--logout, $name: what is left to do"
	is "$(requests)" 2 "--logout, $name: the access token is not tried"
done 9<<'ROWS'
503|the OAuth2 server localhost did not end the login of account default: HTTP status 503|{"code": 503}
a web page|web page|{"body": "<html>canary</html>", "headers": {"Content-Type": "text/html"}}
the client is not known|invalid_client|{"code": 401, "body": {"error": "invalid_client"}}
the token is repeated|invalid_request|{"code": 400, "body": {"error": "invalid_request", "error_description": "refresh-canary-1"}}
a redirection|redirects to other.example|{"code": 307, "headers": {"Location": "https://other.example/revoke"}}
reset|was lost|{"act": "reset"}
ROWS
by_issuer '{"code": 200}' '{"code": 400, "body": {"error": "unsupported_token_type"}}'
logs_out 'has revoked the login, but not the last access token.*: .*unsupported_token_type\.$' \
	"--logout, a server that revokes logins only"
by_issuer '{"code": 503}'
logs_out '"changed": ?true' "--logout --json" -- --json
like "$(cat "$out")" "\"notes\": ?\\[\"[^\"]*not revoked[^\"]*\", ?\"$lists" "--logout --json: what is left to do"
by_issuer '{"act": "silent"}'
echo 'timeout 1' >>"$T/rc"
logs_out 'not revoked: .*in time' "--logout, a silent server"
kill "$server_pid" # and nothing listens any more
by_issuer '{}'
logs_out 'not revoked: cannot connect to the OAuth2 server localhost' "--logout, no server"

# by the entries of the providers
ca_issue google ca "$ca_server
dns_name = \"oauth2.googleapis.com\"" || bail "no certificate for google: $(tail -n 3 "$CA/log")"
token_server google
proxy 200
# at_provider NAME TOKEN-ADDRESS SCOPE LINE...
at_provider() {
	oauth_conf "oauth_provider $1" 'oauth_client_secret sec-canary' "${@:4}"
	chmod 600 "$T/rc"
	sed -i '/^oauth_token_url\|^oauth_authorize_url\|^oauth_scope/d' "$T/rc"
	logged_in refresh-canary-1
	sed -i "s|^server .*|server $2|;s|^scope .*|scope $3|" "$tokens/default"
	has_token access-canary-1
	: >"$T/proxy"
}
google=(google https://oauth2.googleapis.com/token https://mail.google.com/)
answers '{"code": 200}' '{"code": 400, "body": {"error": "invalid_token"}}'
at_provider "${google[@]}"
logs_out 'The server has revoked its tokens' "--logout, google" "https_proxy=http://127.0.0.1:$proxy_port"
is "$(sort -u "$T/proxy")" "CONNECT oauth2.googleapis.com:443 HTTP/1.1 -" "--logout, google: no other server is asked"
is "$(sent 1 path) $(sent 1 token) $(sent 2 path) $(sent 2 token)" \
	"/revoke refresh-canary-1 /revoke access-canary-1" "--logout, google: the address of its entry"
answers '{"code": 503}'
at_provider "${google[@]}"
logs_out $'\n'"$lists: https://myaccount.google.com/connections" "--logout, google away" \
	"https_proxy=http://127.0.0.1:$proxy_port"
answers '{"code": 200}'
oauth_conf 'oauth_provider google' 'oauth_client_secret sec-canary'
chmod 600 "$T/rc"
logged_in refresh-canary-1
logs_out $'\n'"$lists, among the programs" "--logout, google with addresses of your own" \
	"https_proxy=http://127.0.0.1:$proxy_port"
is "$(requests)" 0 "--logout, google with addresses of your own: no server is asked"
at_provider microsoft https://login.microsoftonline.com/common/oauth2/v2.0/token \
	'https://outlook.office.com/SMTP.Send offline_access'
logs_out $'\n'"$lists: https://myapps.microsoft.com/" "--logout, microsoft" "https_proxy=http://127.0.0.1:$proxy_port"
is "$(cat "$T/proxy") $(requests)" " 0" "--logout, microsoft: no server is asked"
at_provider "${google[@]}" 'user ann'
logs_out 'not revoked: they are from another server' "--logout, another user" "https_proxy=http://127.0.0.1:$proxy_port"
is "$(cat "$T/proxy") $(requests)" " 0" "--logout, another user: the token goes nowhere"
kill "$server_pid"
token_server good

# ---- what --explain shows, and where the token may not be ----
oauth_conf
run "$POSTHASTE" -C "$T/rc" --explain
like "$(cat "$out")" "oauth_token_url https://localhost:$token_port/token  \\($T/rc, line" \
	"--explain shows where an address is from"
unlike "$(cat "$out")" 'login\.microsoftonline|google' "--explain shows no other server"
is "$(grep -rlE 'canary' "$HOME" "$T" --include='*.log' --include=out --include=err 2>/dev/null | wc -l)" 0 \
	"no token is in a log"
is "$(find "$HOME" -type f -perm /077 -exec grep -lE 'canary|refresh-token|access-token' {} + | wc -l)" 0 \
	"no token is in a file that others can read"
done_testing
