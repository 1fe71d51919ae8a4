#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# OAuth2 from the first login to the mail, with an authorization server, Dovecot,
# Postfix and Exim that are not ours: the three flows, both mechanisms, expiry, refresh,
# rotation, revocation, and everything that goes wrong between us and the authorization
# server.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99

# The program with the helpers of the build tree.
POSTHASTE=$top_builddir/tests/cli/posthaste
bed_need oauth postfix dovecot
oauth_start
postfix_start

umask 077
: >"$T/secrets"
printf 'From: sender@mail.test\nTo: a@mail.test\nSubject: token\n\ntext\n' >"$T/mail"
scope='mail offline_access'

# account CLIENT [LINE...]: the configuration. The servers are asked through the proxy.
account() {
	local client=$1
	shift
	{
		printf 'account default\nhost localhost\nport %s\nfrom sender@mail.test\nuser %s\n' "$port" "$BED_USER"
		printf 'tls on\ntls_starttls off\ntls_trust_file %s\nauth on\nkeyring off\nqueue off\n' "$CA/ca.crt"
		printf 'oauth_trust_file %s\noauth_client_id "%s"\noauth_scope "%s"\n' "$CA/ca.crt" "$client" "$scope"
		printf 'oauth_device_url %s\noauth_authorize_url %s\n' "$OAUTH_FAULTY/device/auth" "$OAUTH_URL/auth"
		printf 'oauth_token_url %s\n' "$OAUTH_FAULTY/token"
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$T/rc"
}
port=$DOVECOT_SMTPS

# posthaste ARGUMENT...: with the configuration; output is kept for the search for secrets
posthaste() {
	run timeout -k 5 120 "$POSTHASTE" -C "$T/rc" "$@"
	cat "$out" "$err" >>"$T/everything"
}
status_is() {
	is "$status" "$1" "$2"
	[ "$status" = "$1" ] || note "$(cat "$out" "$err")"
}
# said REGEX NAME: on standard error
said() {
	if grep -Eq -- "$1" "$err"; then ok "$2"; else not_ok "$2" "no line matches: $1" "$(cat "$err")"; fi
}
sends() { # STATUS NAME ARGUMENT...
	local want=$1 name=$2
	shift 2
	posthaste a@mail.test "$@" <"$T/mail"
	status_is "$want" "$name: exit status $want"
}
requests() { oauth_log '{path} {grant} {status}' | grep -c "^$1" || true; }


state=$XDG_STATE_HOME/posthaste/tokens/default
cache=$XDG_CACHE_HOME/posthaste/tokens/default
forget() { rm -f -- "$state" "$cache"; }
# The kept access token, and the refresh token
kept() { sed -n 's/^secret //p' "$1" 2>/dev/null; }
# As if the kept access token were hours old
age() { sed -i 's/^issued .*/issued 1000/' "$cache"; }

# ---- logging in ----

# device_login STATUS NAME ALLOW [ARGUMENT...]: --login by a device code, and the user answers ALLOW, or nothing. The
# server sends no interval, and five seconds are long.
device_login() {
	local want=$1 name=$2 allow=$3 code pid
	shift 3
	oauth_fault 1 '/device/auth set interval=1'
	rm -f "$T/login.out" "$T/login.err"
	timeout -k 5 120 "$POSTHASTE" -C "$T/rc" --login=default --oauth-flow=device "$@" \
		>"$T/login.out" 2>"$T/login.err" </dev/null 7>&- &
	pid=$!
	shown() { cat "$T/login.out" "$T/login.err" 2>/dev/null | grep -Eo "$1"; }
	device_code_shown() { [ -n "$(shown '^[A-Z]{4}-[A-Z]{4}$')" ] || ! kill -0 $pid 2>/dev/null; }
	wait_until 20 device_code_shown
	code=$(shown '^[A-Z]{4}-[A-Z]{4}$')
	if [ "$allow" != nothing ] && [ -n "$code" ]; then
		oauth_browser device "$(shown '^https://localhost:[0-9]*/device$')" "$code" \
			--allow="$allow" --user="${login_user:-$BED_USER}" >"$T/browser" 2>&1 || note "$(cat "$T/browser")"
	fi
	status=0
	wait $pid || status=$?
	out=$T/login.out err=$T/login.err
	cat "$out" "$err" >>"$T/everything"
	status_is "$want" "$name: exit status $want"
	oauth_faults_clear
}

# code_login STATUS NAME STEPS [ARGUMENT...]: --login with a browser that does STEPS (browser.py), started by xdg-open
mkdir "$T/bin"
cat >"$T/bin/xdg-open" <<END
#!/bin/sh
{ printf '%s\n' "\$@"; env; } >"$T/xdg-open.seen"
"$BED_PYTHON" "$BED_LIB/oauth/browser.py" code "\$1" --ca="$CA/ca.crt" --page \$BROWSER_OPTIONS >"$T/browser.tmp" 2>&1
mv "$T/browser.tmp" "$T/browser"
END
chmod +x "$T/bin/xdg-open"
code_login() {
	local want=$1 name=$2 steps=$3
	shift 3
	rm -f "$T/browser"
	PATH=$T/bin:$PATH DISPLAY=:none BROWSER_OPTIONS="--steps=$steps ${browser_options:-}" \
		posthaste --login=default --oauth-flow=code "$@" </dev/null
	status_is "$want" "$name: exit status $want"
	check "$name: the browser came to an end" wait_until 20 test -e "$T/browser"
	cat "$T/browser" "$T/xdg-open.seen" >>"$T/everything"
}
# steps_are "STEP STATUS,..." NAME: what the browser got for each step
steps_are() { is "$(grep -E '^[a-z0-9-]+ [A-Za-z0-9]+$' "$T/browser" | paste -sd,)" "$1" "$2"; }
nothing_kept() { check "$1: nothing is kept" test ! -e "$state" -a ! -e "$cache"; }

test_device() {
	account public
	device_login 0 "device code" yes
	like "$(cat "$out")" 'Account default is logged in' "device code: says so"
	is "$(stat -c %a "$state") $(stat -c %a "$cache")" '600 600' "device code: the tokens are ours alone"
	sends 0 "device code, then mail"
	dovecot_login "OAUTHBEARER $BED_USER" "Dovecot takes the token by OAUTHBEARER"
	account public 'auth xoauth2'
	sends 0 "the same token by XOAUTH2"
	dovecot_login "XOAUTH2 $BED_USER" "Dovecot takes the token by XOAUTH2"
	port=$POSTFIX_SMTPS
	account public 'auth xoauth2'
	sends 0 "XOAUTH2 to Postfix"
	is "$(postfix_last_login)" "XOAUTH2 $BED_USER" "Postfix takes the token by XOAUTH2"
	account public
	sends 0 "OAUTHBEARER to Postfix"
	is "$(postfix_last_login)" "OAUTHBEARER $BED_USER" "Postfix takes the token by OAUTHBEARER"
	port=$DOVECOT_SMTPS
	is "$(requests '/token refresh_token')" 0 "one token serves them all"

	forget
	account public
	device_login 77 "the user refuses the device" no
	said 'access_denied' "the user refuses the device: the message"
	nothing_kept "the user refuses the device"
	scope='mail calendar offline_access' account public
	device_login 77 "the user leaves the permission out" partly
	said 'did not grant mail' "the user leaves the permission out: the message names it"
	nothing_kept "the user leaves the permission out"
	account once
	device_login 77 "a server that gives no refresh token" yes
	said 'refresh token' "a server that gives no refresh token: the message"
	nothing_kept "a server that gives no refresh token"
	account hasty
	device_login 77 "a code that expires" nothing
	said '^hint: .*--login=default' "a code that expires: the hint"

	account public
	oauth_fault 2 '/token answer 400 application/json {"error":"slow_down"}'
	oauth_fault 3 '/token status 503'
	device_login 0 "slow_down, then 503" yes
	forget
	oauth_fault 0 '/device/auth set interval=1 verification_uri="http://localhost/device"'
	posthaste --login=default --oauth-flow=device </dev/null
	status_is 76 "an address without https: exit status 76"
	oauth_faults_clear
	oauth_fault 0 '/device/auth set interval=1 user_code="\u001b[2JAB"'
	oauth_fault 1 '/token answer 400 application/json {"error":"access_denied","error_description":"no \u001b[31mred"}'
	posthaste --login=default --oauth-flow=device </dev/null
	status_is 77 "control characters: exit status 77"
	unlike "$(cat "$out" "$err")" $'\033' "control characters of the server are not shown"
	oauth_faults_clear
}

test_code() {
	local address
	account public
	code_login 0 "code" get
	steps_are 'get 200' "code: the browser sees a page"
	unlike "$(cat "$T/browser")" 'code=|state=' "code: the page has nothing of the answer"
	like "$(sed -n 1p "$T/xdg-open.seen")" 'code_challenge_method=S256' "code: the address has a challenge"
	sends 0 "code, then mail"
	forget

	code_login 0 "other requests first" \
		favicon,options,head,post,idle,many,tls,big,wrong-state,no-state,no-code,wrong-path,wrong-host,wrong-error,get,again
	steps_are 'favicon 404,options 405,head 405,post 405,tls 400,big 431,wrong-state 400,no-state 400,no-code 400,'\
'wrong-path 404,wrong-host 400,wrong-error 400,get 200,again 200' "other requests first: each gets its answer"
	is "$(oauth_log '{path} {grant} {status}' | grep -c '^/token authorization_code 200')" 2 \
		"the code is exchanged once a login"
	forget

	browser_options=--allow=no
	code_login 77 "the user refuses" get
	said 'access_denied' "the user refuses: the message"
	nothing_kept "the user refuses"
	browser_options=--allow=partly
	scope='mail calendar offline_access' account public
	code_login 77 "the user leaves the box empty" get
	said 'did not grant mail' "the user leaves the box empty: the message names the permission"
	account public
	nothing_kept "the user leaves the box empty"
	browser_options=
	oauth_fault 1 '/token status 503'
	code_login 75 "the server fails at the end" get
	nothing_kept "the server fails at the end"

	posthaste --login=default --oauth-flow=code </dev/null
	status_is 78 "no display and no terminal: exit status 78"
	said '^hint: .*--oauth-flow=device' "no display and no terminal: the hint"

	for client in post 'basic:+/ id'; do
		printf '{"token_endpoint_auth_methods_supported":["client_secret_%s"]}' "${client%%:*}" >"$BED/oauth/metadata"
		account "$client" "oauth_client_secret $OAUTH_SECRET" "oauth_issuer $OAUTH_URL"
		sed -i '/^oauth_.*_url/d' "$T/rc"
		oauth_log_clear
		code_login 0 "a client with a secret ($client)" get
		age
		sends 0 "a client with a secret ($client): refresh"
		is "$(oauth_log '{path} {grant} {status} {auth}' | grep '^/token ' | paste -sd,)" \
			"/token authorization_code 200 ${client%%:*},/token refresh_token 200 ${client%%:*}" \
			"a client with a secret ($client): sent in the same way each time"
		forget
	done
	rm "$BED/oauth/metadata"
	account public "oauth_issuer $OAUTH_URL"
	sed -i '/^oauth_.*_url/d' "$T/rc"
	forget
	code_login 77 "another issuer in the answer" forged-iss
	said 'https://evil.test' "another issuer in the answer: the message names it"
	code_login 77 "no issuer in the answer" no-iss
	nothing_kept "no issuer in the answer"
	code_login 0 "the right issuer" get

	# On a terminal the address may be pasted.
	rm -f "$T/typed" "$state" "$cache"
	account public
	"$BED_PYTHON" "$top_srcdir/tests/lib/on_terminal.py" --columns=60 --type-file="$T/typed" "$POSTHASTE" -C "$T/rc" \
		--login=default --oauth-flow=code >"$T/terminal" 2>&1 7>&- &
	asked() { grep -aq 'paste it here' "$T/terminal"; }
	wait_until 20 asked
	address=$(grep -aEo '^https://.*' "$T/terminal")
	printf 'nonsense\n"%s"\n' "$(oauth_browser code "$address" --steps=print)" >"$T/typed.tmp"
	mv "$T/typed.tmp" "$T/typed"
	status=0
	wait $! || status=$?
	is "$status" 0 "the address is pasted: exit status 0"
	like "$(cat "$T/terminal")" 'ssh -L' "without a display: the ways to a browser elsewhere"
	like "$(cat "$T/terminal")" 'That is not the address' "what is not the address is refused"
	sends 0 "the address is pasted, then mail"
	forget
}

test_json() {
	account public
	forget
	device_login 0 "--json" yes --json
	account_json() { "$BED_PYTHON" -c 'import json, sys; o = json.load(sys.stdin); print(o["account"], o["changed"])'; }
	is "$(account_json <"$out")" 'default True' "--json: one object"
}

# A QR code on a terminal that is wide enough for it
test_qr() {
	local columns wanted
	account public
	for columns in 120 30; do
		oauth_fault 1 '/device/auth set interval=1'
		oauth_fault 2 '/token answer 400 application/json {"error":"access_denied"}'
		wanted=0
		[ "$columns" = 30 ] || wanted=1
		LC_ALL=C.UTF-8 TERM=xterm "$BED_PYTHON" "$top_srcdir/tests/lib/on_terminal.py" --columns="$columns" "$POSTHASTE" \
			-C "$T/rc" --login=default --oauth-flow=device >"$T/terminal" 2>&1 7>&-
		if grep -q $'\033\[30;47m' "$T/terminal"; then is 1 "$wanted" "$columns columns: a QR code"
		else is 0 "$wanted" "$columns columns: no QR code"; fi
	done
	oauth_faults_clear
}

test_settings() {
	account public
	sed -i '/^oauth_client_id/d' "$T/rc"
	oauth_log_clear
	posthaste --login=default </dev/null
	status_is 78 "no client id: exit status 78"
	said 'oauth_client_id' "no client id: the message"
	{
		printf 'account default\nhost localhost\nport %s\nuser %s\nfrom a@mail.test\nauth on\n' "$port" "$BED_USER"
		printf 'oauth_provider google\noauth_client_id x\noauth_client_secret y\n'
	} >"$T/rc"
	posthaste --login=default --oauth-flow=device </dev/null
	status_is 78 "google by device code: exit status 78"
	said '^hint: .*--oauth-flow=code' "google by device code: the hint names the flow that works"
	is "$(oauth_log '{path}')" '' "neither asks a server"

	account service "oauth_client_secret $OAUTH_SECRET" 'oauth_flow client'
	sed -i 's/ offline_access//' "$T/rc"
	sends 0 "client credentials need no login"
	dovecot_login "OAUTHBEARER $BED_USER" "client credentials: Dovecot takes the token"
	posthaste --login=default </dev/null
	status_is 0 "client credentials: --login says that they work"
	forget
}

# ---- a login grows old ----

test_life() {
	local first i pids=() failures=0
	account short
	device_login 0 "tokens that live three seconds" yes
	first=$(kept "$cache")
	token_is_dead() { [ "$(oauth_active "$first")" = False ]; }
	wait_until 30 token_is_dead
	oauth_log_clear
	sends 0 "after its end"
	isnt "$(kept "$cache")" "$first" "after its end: another access token is kept"
	is "$(requests '/token refresh_token 200')" 1 "after its end: one refresh"

	account public
	forget
	device_login 0 "rotation" yes
	first=$(kept "$state")
	age
	sends 0 "rotation: a refresh"
	isnt "$(kept "$state")" "$first" "rotation: the new refresh token is kept"
	first=$(kept "$cache")
	sends 0 "rotation: no refresh while the token is fresh"
	is "$(kept "$cache")" "$first" "rotation: the same access token"

	# The server forgets a token that is not due.
	oauth_post /token/revocation client_id=public token="$first" >"$T/revoked"
	oauth_log_clear
	sends 0 "a token that the mail server refuses"
	is "$(requests '/token refresh_token 200')" 1 "a token that the mail server refuses: one refresh"

	age
	oauth_log_clear
	delivered_clear "$DOVECOT_BOX"
	for i in $(seq 50); do
		timeout -k 5 120 "$POSTHASTE" -C "$T/rc" a@mail.test <"$T/mail" >"$T/crowd.$i" 2>&1 7>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || failures=$((failures + 1)); done
	is "$failures" 0 "fifty at once: all are sent"
	[ "$failures" = 0 ] || note "$(sort "$T"/crowd.* | uniq -c | sort -rn | head -n 5)"
	is "$(delivered_count "$DOVECOT_BOX")" 50 "fifty at once: fifty mails"
	is "$(requests '/token refresh_token')" 1 "fifty at once: one request to the token server"
	cat "$T"/crowd.* >>"$T/everything"
}

# ---- the login is over, and the queue waits ----

empty_queue() { [ -z "$(find "$XDG_STATE_HOME/posthaste/queue" -type f -name '*.msg' 2>/dev/null)" ]; }
test_queue() {
	local old
	account public
	forget
	device_login 0 "a family of tokens" yes
	old=$(kept "$state")
	age
	sends 0 "a family of tokens: the second refresh token"
	is "$(oauth_post /token client_id=public grant_type=refresh_token refresh_token="$old" | oauth_member error)" \
		invalid_grant "an old refresh token ends the login"
	age
	sends 77 "the login is over"
	said 'invalid_grant' "the login is over: the server's word"
	said '^hint: .*--login=default' "the login is over: the hint"
	check "the login is over: the refresh token stays until the user does something" test -s "$state"
	sed -i 's/^queue off/queue auto/' "$T/rc"
	printf 'on_failure %s\n' "$T/bin/report" >>"$T/rc"
	printf '#!/bin/sh\n{ tr -d "\\n"; echo; } >>"%s"\n' "$T/failures" >"$T/bin/report"
	chmod +x "$T/bin/report"
	delivered_clear "$DOVECOT_BOX"
	posthaste --queue=always a@mail.test <"$T/mail"
	status_is 0 "the queue takes a mail"
	# The runner that this has started has it first.
	says_why() { posthaste -bp && grep -q 'invalid_grant' "$out"; }
	check "the queue says what the mail waits for" wait_until 20 says_why
	check "and reports it" wait_until 20 test -s "$T/failures"
	posthaste -q
	posthaste -q
	is "$(wc -l <"$T/failures")" 1 "and reports it once"
	is "$(delivered_count "$DOVECOT_BOX")" 0 "it has not left"
	device_login 0 "a new login" yes
	check "the mail leaves after the new login" delivered_wait "$DOVECOT_BOX" 1
	forget
}

test_lost_token() {
	account public
	forget
	device_login 0 "before a new refresh token is lost" yes
	age
	oauth_fault 1 '/token reset-after'
	oauth_log_clear
	sends 77 "a new refresh token was lost on its way"
	said '^hint: .*--login=default' "a new refresh token was lost on its way: the hint"
	is "$(requests '/token refresh_token')" 2 "a new refresh token was lost on its way: asked once more at most"
}

test_other_user() {
	account fixed
	forget
	login_user=somebody
	device_login 0 "another user logs in" yes
	login_user=
	oauth_log_clear
	sends 77 "the token of another user"
	is "$(requests '/token refresh_token 200')" 1 "the token of another user: one refresh"
	note "$(cat "$err")"
	forget
}

# ---- Exim, which asks the authorization server itself ----

# exim_refusals: how often Exim has refused a token since the last call
exim_refusals() {
	grep -c 'authenticator failed .* 535 ' "$BED/exim/log/main.log" || true
	: >"$BED/exim/log/main.log"
}
test_exim() {
	local mechanism
	bed_have exim || return 0
	exim_start
	port=$EXIM_SMTPS
	account public
	forget
	device_login 0 "a login for Exim" yes
	oauth_log_clear
	for mechanism in OAUTHBEARER XOAUTH2; do
		delivered_clear "$EXIM_BOX"
		account public "auth ${mechanism,,}"
		sends 0 "$mechanism to Exim"
		check "$mechanism to Exim: delivered" delivered_wait "$EXIM_BOX" 1
		is "$(exim_last_login)" "$mechanism $BED_USER" "Exim takes the token by $mechanism"
	done
	port=$EXIM_SUBMISSION
	account public 'tls_starttls on'
	sends 0 "OAUTHBEARER to Exim after STARTTLS"
	port=$EXIM_SMTPS
	is "$(oauth_log '{path} {client} {status}' | uniq -c | sed 's/^ *//')" '3 /token/introspection exim 200' \
		"Exim asks the authorization server each time"

	exim_refusals >"$T/refusals"
	oauth_post /token/revocation client_id=public token="$(kept "$cache")" >"$T/revoked"
	oauth_log_clear
	account public
	sends 0 "a token that was revoked"
	is "$(exim_refusals) $(requests '/token refresh_token 200')" '1 1' "a token that was revoked: one refusal, one refresh"
	account public 'auth xoauth2'
	oauth_post /token/revocation client_id=public token="$(kept "$cache")" >"$T/revoked"
	sends 0 "a token that was revoked, by XOAUTH2"
	is "$(exim_refusals)" 1 "a token that was revoked, by XOAUTH2: one refusal"

	account short
	forget
	device_login 0 "a token that lives three seconds" yes
	token_is_over() { [ "$(oauth_active "$(kept "$cache")")" = False ]; }
	wait_until 30 token_is_over
	sed -i "s/^issued .*/issued $(date +%s)000/;s/^life .*/life 3600000/" "$cache" # the clock was wrong
	oauth_fault always '/token status 503'
	sends 75 "a token that has expired, and the token server is away"
	oauth_faults_clear
	is "$(exim_refusals)" 1 "a token that has expired: Exim refuses it"
	sends 0 "a token that has expired"
	is "$(exim_refusals)" 1 "a token that has expired: refused once more, and then renewed"

	scope='calendar offline_access' account public
	forget
	device_login 0 "a login without the permission to send" yes
	refused_by_exim "a token without the permission to send" '^hint: .*oauth_scope'
	account fixed
	forget
	login_user=somebody
	device_login 0 "a login of another user" yes
	login_user=
	refused_by_exim "a token of another user" '^hint: Check that tester is the account that logged in'

	account public
	forget
	device_login 0 "before the authorization server hangs" yes
	kill -STOP "$OAUTH_PID"
	sends 75 "the authorization server does not answer Exim"
	kill -CONT "$OAUTH_PID"
	like "$(cat "$err")" '435 Unable to authenticate at present' "the authorization server does not answer Exim: the reply"
	unlike "$(cat "$err")" '--login' "the authorization server does not answer Exim: no new login is asked for"
	sends 0 "when it answers again"
	is "$(exim_refusals)" 0 "none of that was a refusal"
	forget
	exim_stop
	port=$DOVECOT_SMTPS
}
# refused_by_exim NAME HINT: twice, before and after a refresh
refused_by_exim() {
	oauth_log_clear
	sends 77 "$1"
	said '^posthaste: AUTH OAUTHBEARER: the server refused the token of tester: 535 Incorrect authentication data' \
		"$1: the message"
	said "$2" "$1: the hint"
	is "$(exim_refusals) $(requests '/token refresh_token 200')" '2 1' "$1: refused twice, with one refresh between"
}

# ---- the token server has trouble ----

test_faults() {
	local rule want words
	while IFS='|' read -r rule want words; do
		account fixed 'timeout 3'
		[ -e "$state" ] || device_login 0 "a login that survives" yes
		age
		oauth_fault always "/token $rule"
		sends "$want" "$rule"
		said "$words" "$rule: the message"
		unlike "$(cat "$err")" '<p>|--login' "$rule: no page, and no new login is asked for"
		check "$rule: the login is kept" test -s "$state"
		oauth_faults_clear
	done <<-'END'
	silence|75|localhost
	reset-before|75|localhost
	reset-after|75|localhost
	cut|75|localhost
	big 65537|76|localhost
	answer 200 text/html <p>hello|75|web page
	answer 502 text/html <p>hello|75|web page
	answer 200 application/json [1]|76|localhost
	answer 200 application/json {"access_token":"a","access_token":"b"}|76|localhost
	answer 200 application/json {}|76|localhost
	status 204|75|localhost
	status 500|75|localhost
	status 503|75|localhost
	status 429 1|75|localhost
	redirect 302 https://evil.test/|76|evil.test
	redirect 307 https://localhost:1/|76|localhost
	answer 400 application/json {"error":"temporarily_unavailable"}|75|temporarily_unavailable
	answer 401 application/json {"error":"invalid_client","error_description":"who"}|78|invalid_client
	answer 400 application/json {"error":"invalid_scope"}|78|invalid_scope
	set token_type="mac"|76|Bearer
	END
	account fixed
	sends 0 "when the trouble is over, the login works"

	age
	oauth_fault 1 '/token delay 1'
	sends 0 "a slow token server"
	age
	oauth_fault 1 '/token reset-after'
	sends 0 "an answer lost once"
	age
	oauth_fault 1 '/token status 503 1'
	sends 0 "busy for a second"
	for rule in 'set expires_in="3599"' 'unset expires_in' 'set expires_in=0' 'set token_type="bearer"' \
		'unset token_type' 'set scope="offline_access\u0020mail"' 'unset scope' \
		'set refresh_token=null' 'set refresh_token=""'; do
		age
		oauth_fault 1 "/token $rule"
		sends 0 "an answer with another form: $rule"
		is "$(oauth_faults_left)" '' "an answer with another form: $rule: was used"
		[ -e "$cache" ] || sends 0 "$rule: used once"
	done

	age
	account fixed "oauth_token_url https://localhost:1/token"
	sed -i '0,/^oauth_token_url/{/^oauth_token_url/d}' "$T/rc"
	sends 77 "another token server is another login"
	account fixed
	oauth_proxy_stop
	sends 75 "no token server"
	unlike "$(cat "$err")" '--login|log in' "no token server: no word of logging in"
	cat "$BED/oauth_proxy/secrets" >>"$T/secrets"
	bed_launch oauth_proxy
}

# ---- logging out ----

test_logout() {
	local access refresh
	account public "oauth_issuer $OAUTH_URL"
	sed -i '/^oauth_.*_url/d' "$T/rc"
	forget
	code_login 0 "before the logout" get
	access=$(kept "$cache") refresh=$(kept "$state")
	is "$(oauth_active "$access") $(oauth_active "$refresh")" 'True True' "before the logout: both tokens work"
	posthaste --logout=default
	status_is 0 "--logout: exit status 0"
	like "$(cat "$out")" 'revoked' "--logout: says that the server revoked it"
	is "$(oauth_active "$access") $(oauth_active "$refresh")" 'False False' "--logout: both tokens are dead"
	is "$(oauth_post /token client_id=public grant_type=refresh_token refresh_token="$refresh" | oauth_member error)" \
		invalid_grant "--logout: no token comes from the login any more"
	nothing_kept "--logout"
	posthaste --logout=default
	status_is 0 "a second --logout: exit status 0"
	like "$(cat "$out")" 'was not logged in' "a second --logout: says so"
	sends 77 "a mail after the logout"

	printf '{"revocation_endpoint":"%s/token/revocation"}' "$OAUTH_FAULTY" >"$BED/oauth/metadata"
	account public "oauth_issuer $OAUTH_URL"
	sed -i '/^oauth_.*_url/d' "$T/rc"
	code_login 0 "before a logout that fails" get
	access=$(kept "$cache")
	oauth_fault always '/token/revocation status 503'
	posthaste --logout=default
	oauth_faults_clear
	status_is 0 "a logout that fails: exit status 0"
	like "$(cat "$out")" 'not revoked: .*503.*may still list this login' "a logout that fails: says so"
	is "$(oauth_active "$access")" True "a logout that fails: the token lives on"
	nothing_kept "a logout that fails"
	rm "$BED/oauth/metadata"

	account public
	device_login 0 "a server that cannot revoke" yes
	posthaste --logout=default
	status_is 0 "--logout without an address for it: exit status 0"
	like "$(cat "$out")" 'not revoked' "--logout without an address for it: says so"
	nothing_kept "--logout without an address for it"
}

# ---- no secret anywhere ----

test_canary() {
	account post "oauth_client_secret_file $T/client-secret" "logfile $T/log"
	printf '%s\n' "$OAUTH_SECRET" >"$T/client-secret"
	forget
	code_login 0 "the search for secrets: login" get --debug
	age
	if command -v strace >/dev/null 2>&1; then
		# the sanitizer that looks for leaks cannot work where strace does
		run env ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
			strace -f -qq -s 100000 -v -e trace=execve -o "$T/execve" \
			"$POSTHASTE" -C "$T/rc" --debug a@mail.test <"$T/mail"
	else
		sends 0 "the search for secrets" --debug
	fi
	is "$status" 0 "the search for secrets: a mail"
	cat "$out" "$err" "$T/execve" "$T/log" >>"$T/everything" 2>/dev/null
	sort -u "$BED/oauth_proxy/secrets" "$T/secrets" -o "$T/secrets"
	check "there are secrets to look for" test "$(wc -l <"$T/secrets")" -gt 30
	is "$(no_secret_in "$T/everything")" '' "no secret in any output, log, argument or environment"
	find "$HOME" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" -type f ! -perm 600 -print >"$T/open"
	xargs -r -d '\n' cat <"$T/open" >"$T/opened"
	is "$(no_secret_in "$T/opened")" '' "no secret in a file of another mode"
}
# no_secret_in FILE: what it has of them, in any form
no_secret_in() {
	grep -E '.{9}' "$T/secrets" | xargs -d '\n' "$BED_PYTHON" "$top_srcdir/tests/lib/forms.py" >"$T/forms"
	grep -aoFf "$T/forms" "$1" | sort -u
}

for test in ${OAUTH_TESTS:-device code qr json settings life queue lost_token other_user exim faults logout canary}; do
	"test_$test"
done
done_testing
