#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Logging in: every mechanism with the right and the wrong password over TLS 1.2
# and 1.3, the order of choice, tokens, and every place a password comes from.
# All of this runs on 127.0.0.1, which counts as protected: that a password is
# kept from an unprotected line to another machine is tested in the unit tests
# of the choice of mechanisms, for want of another machine here.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

old_tls='NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH' # without the extended master secret

# begin WAY MECHANISMS SINK-OPTION...: WAY is plain, 1.2 or 1.3
begin() {
	local way=$1 mechanisms=$2
	shift 2
	tls=()
	[ "$way" = plain ] || tls=(--tls implicit --cert "$CA/good.pem" --key "$CA/good.key" \
		--tls-priority "NORMAL:-VERS-ALL:+VERS-TLS$way")
	smarthost "${tls[@]}" --auth "$mechanisms" --user joe --password-file "$T/password" --token good-token \
		--require-auth "$@"
	tls=()
	[ "$way" = plain ] || tls=('tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt")
}
about_auth() {
	"$PYTHON" -c 'import json, sys
a = json.load(open(sys.argv[1]))["auth"]
print(a["user"], a["mechanism"], a["channel_binding"])' "$T/spool/0001.json" 2>/dev/null
}

# ---- each mechanism ----
while IFS='|' read -ru 9 mechanism binding12 binding13 wrong; do
	upper=$(tr a-z A-Z <<<"$mechanism")
	for way in plain 1.2 1.3; do
		case $way,$mechanism in
		plain,*-plus) continue ;;
		1.2,*) binding=$binding12 ;;
		1.3,*) binding=$binding13 ;;
		plain,*) binding=None ;;
		esac
		begin $way "$upper"
		conf "auth $mechanism" 'password correct-horse' "${tls[@]}"
		sends 0 "$mechanism, $way" bob@example.org
		is "$(about_auth)" "joe $upper $binding" "$mechanism, $way: user, mechanism and channel binding"
		no_violation "$mechanism, $way: the dialogue was correct"
		begin $way "$upper"
		conf "auth $mechanism" 'password wrong-donkey' "${tls[@]}"
		sends 77 "$mechanism, wrong password, $way" bob@example.org
		said "^posthaste: AUTH $upper: $wrong" "$mechanism, wrong password, $way: the message"
		said '^hint: ' "$mechanism, wrong password, $way: the hint"
		never_sent 'MAIL' "$mechanism, wrong password, $way: no mail was tried"
		no_violation "$mechanism, wrong password, $way: the dialogue was correct"
	done
done 9<<'ROWS'
plain|None|None|the server refused user name or password: 535 5.7.8 authentication failed
login|None|None|the server refused user name or password: 535 5.7.8 authentication failed
cram-md5|None|None|the server refused user name or password: 535 5.7.8 authentication failed
digest-md5|None|None|the server refused user name or password: 535 5.7.8 authentication failed
scram-sha-1|None|None|the server refused user name or password: 535 5.7.8 authentication failed
scram-sha-256|None|None|the server refused user name or password: 535 5.7.8 authentication failed
scram-sha-1-plus|tls-unique|tls-exporter|the server refused user name or password: 535 5.7.8 authentication failed
scram-sha-256-plus|tls-unique|tls-exporter|the server refused user name or password: 535 5.7.8 authentication failed
ROWS
# NTLM and GSSAPI, which the test smarthost does not know, are tests/servers/matrix_postfix.sh's.

# ---- auth on: the documented order ----
while IFS='|' read -ru 9 way offered chosen; do
	begin "$way" "$offered"
	conf 'auth on' 'password correct-horse' "${tls[@]}"
	sends 0 "auth on, $way, of $offered" bob@example.org
	is "$(about_auth | cut -d' ' -f2)" "$chosen" "auth on, $way, of $offered: $chosen"
done 9<<'ROWS'
1.3|LOGIN CRAM-MD5 PLAIN DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS|SCRAM-SHA-256-PLUS
1.2|LOGIN CRAM-MD5 PLAIN DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS|SCRAM-SHA-1-PLUS
1.3|LOGIN CRAM-MD5 PLAIN DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256|SCRAM-SHA-256
1.3|LOGIN CRAM-MD5 PLAIN DIGEST-MD5 SCRAM-SHA-1|SCRAM-SHA-1
1.3|LOGIN DIGEST-MD5 CRAM-MD5 PLAIN|PLAIN
1.3|DIGEST-MD5 CRAM-MD5 LOGIN|LOGIN
plain|PLAIN SCRAM-SHA-1 SCRAM-SHA-256|SCRAM-SHA-256
ROWS

# A mechanism the server takes back (500 to 504) is followed by the next; a refused password is not.
begin 1.3 'SCRAM-SHA-256 PLAIN' --reply 'auth:SCRAM-SHA-256=504 5.5.4 not today'
conf 'auth on' 'password correct-horse' "${tls[@]}"
sends 0 "a mechanism taken back with 504" bob@example.org
is "$(about_auth | cut -d' ' -f2)" PLAIN "a mechanism taken back with 504: the next one"
begin 1.3 'SCRAM-SHA-256 PLAIN'
conf 'auth on' 'password wrong-donkey' "${tls[@]}"
sends 77 "no falling back after a wrong password" bob@example.org
never_sent 'AUTH PLAIN' "no falling back after a wrong password: PLAIN was not tried"

# A mechanism that fails before the server judged the password gives way, inside TLS with a checked certificate.
begin 1.3 'SCRAM-SHA-256 PLAIN' --scram-iterations 1
conf 'auth on' 'password correct-horse' "${tls[@]}"
sends 0 "too few iterations, and PLAIN is offered" bob@example.org
is "$(about_auth | cut -d' ' -f2)" PLAIN "too few iterations: PLAIN"
no_violation "too few iterations: the dialogue was correct"
begin 1.3 'SCRAM-SHA-256 PLAIN' --scram-iterations 1
conf 'auth on' 'password correct-horse' "${tls[@]}" 'tls_certcheck off'
sends 76 "too few iterations, the certificate unchecked" bob@example.org
said '^posthaste: AUTH SCRAM-SHA-256: the server asks for 1 SCRAM iterations' "certificate unchecked: the message"
never_sent 'AUTH PLAIN' "certificate unchecked: PLAIN was not tried"
begin 1.3 'SCRAM-SHA-256 PLAIN' --reply 'auth=235 2.7.0 welcome'
conf 'auth on' 'password correct-horse' "${tls[@]}"
sends 76 "success before the server proved itself, and PLAIN is offered" bob@example.org
said '^hint: Someone may be impersonating the server' "success before the proof: the hint"
never_sent 'AUTH PLAIN' "success before the proof: PLAIN was not tried"

# ---- Kerberos: only with a ticket and without a password; what there is may be no ticket ----
printf 'no ticket' >"$T/ccache"
kerberos() { KRB5CCNAME=FILE:$T/ccache KRB5_CONFIG=/dev/null "$@"; }
begin 1.3 'GSSAPI PLAIN'
conf 'auth on' 'password correct-horse' "${tls[@]}"
kerberos sends 0 "a ticket and a password" bob@example.org
is "$(about_auth | cut -d' ' -f2)" PLAIN "a ticket and a password: the password"
begin 1.3 'GSSAPI'
conf 'auth on' "${tls[@]}"
kerberos sends 77 "a ticket that is none" bob@example.org
said '^posthaste: AUTH GSSAPI: Kerberos did not issue a ticket for smtp/' "a ticket that is none: the message"
said '^hint: Check with klist' "a ticket that is none: the hint"
never_sent 'AUTH' "a ticket that is none: nothing was sent"
echo 'machine 127.0.0.1 login joe password correct-horse' >"$T/netrc"
chmod 600 "$T/netrc"
begin 1.3 'GSSAPI PLAIN'
conf 'auth on' "netrc $T/netrc" "${tls[@]}"
kerberos sends 0 "a ticket, and a password in netrc" bob@example.org
is "$(about_auth | cut -d' ' -f2)" PLAIN "a ticket, and a password in netrc: the password"

# ---- channel binding ----
# without_binding NAME STATUS REGEX: refused before anything of user or password was sent
without_binding() {
	sends "$2" "$1" bob@example.org
	said "$3" "$1: the message"
	never_sent 'AUTH|MAIL' "$1: nothing was sent"
}
for way in 1.2 1.3; do
	begin $way 'PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS'
	conf 'auth on' 'auth_channel_binding require' 'password correct-horse' "${tls[@]}"
	sends 0 "channel binding required, $way" bob@example.org
	is "$(about_auth | cut -d' ' -f2)" SCRAM-SHA-256-PLUS "channel binding required, $way: the mechanism"
done
begin 1.3 'PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS'
conf 'auth on' 'auth_channel_binding off' 'password correct-horse' "${tls[@]}"
sends 0 "channel binding off" bob@example.org
is "$(about_auth | cut -d' ' -f2)" SCRAM-SHA-256 "channel binding off: the mechanism"
begin 1.3 'PLAIN SCRAM-SHA-256'
conf 'auth on' 'auth_channel_binding require' 'password correct-horse' "${tls[@]}"
without_binding "channel binding not offered" 69 'SCRAM-SHA-256: has no channel binding'
said '^hint: If this server usually offers .* ends the TLS connection' "channel binding not offered: the cure"
begin 1.2 'SCRAM-SHA-256-PLUS GSSAPI'
conf 'auth on' 'auth_channel_binding require' 'password correct-horse' "${tls[@]}" "tls_priorities $old_tls"
without_binding "channel binding without the extended master secret" 69 'which this connection does not have'
said '^hint: auth_channel_binding require needs TLS 1.3' "without the extended master secret: the cure"
while IFS='|' read -ru 9 name auth binding more regex; do
	conf "auth $auth" "auth_channel_binding $binding" 'password correct-horse' "$more"
	post bob@example.org
	status_is 78 "$name: exit status 78"
	said "$regex" "$name: the message"
done 9<<'ROWS'
required without TLS|on|require|tls off|channel binding is required, but TLS is off
required, and another mechanism named|plain|require|tls on|channel binding is required, and the mechanism set has none
off, and named|scram-sha-1-plus|off|tls on|the mechanism needs channel binding, which is off
ROWS

# Something on the way ends TLS, with a certificate that the client trusts.
between() {
	coproc middle { exec "$PYTHON" "$top_srcdir/tests/lib/tls_middle.py" "$@" 2>"$T/middle.err"; }
	read -r between_port <&"${middle[0]}"
}
begin 1.3 'PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS'
between "$port" tls "$CA/good.pem" "$CA/good.key"
conf 'auth on' 'auth_channel_binding require' 'password correct-horse' "${tls[@]}" "port $between_port"
sends 77 "TLS ended and begun again in between" bob@example.org
said '^posthaste: AUTH SCRAM-SHA-256-PLUS: the server refused' "TLS ended in between: the message"
said '^hint: .*something on the way ends the TLS connection' "TLS ended in between: the hint"
never_sent 'AUTH (PLAIN|SCRAM-SHA-256) |MAIL' "TLS ended in between: no other mechanism was tried"
wait "${middle_PID:-0}" 2>/dev/null
begin plain 'PLAIN SCRAM-SHA-256'
between "$port" plain "$CA/good.pem" "$CA/good.key"
conf 'auth on' 'auth_channel_binding require' 'password correct-horse' 'tls on' 'tls_starttls off' \
	"tls_trust_file $CA/ca.crt" "port $between_port"
without_binding "TLS ended in between, the server in plain text" 69 'SCRAM-SHA-256: has no channel binding'
wait "${middle_PID:-0}" 2>/dev/null

# ---- which mechanism would be used, and why not the others ----
# looks NAME REGEX JSON LINE...: --serverinfo, as text and as JSON
looks() {
	local name=$1 regex=$2 want=$3 option
	shift 3
	for option in '' --json; do
		begin 1.3 'XYZZY PLAIN CRAM-MD5 SCRAM-SHA-256-PLUS SCRAM-SHA-256'
		conf "${tls[@]}" "$@"
		run "$POSTHASTE" -C "$T/rc" --serverinfo $option
		smarthost_end
		status_is 0 "--serverinfo $option, $name: exit status 0"
		if [ -z "$option" ]; then
			like "$(tail -n 2 "$out")" "$regex" "--serverinfo, $name: the choice"
		else
			is "$("$PYTHON" -c 'import json, sys
print("; ".join("%s %s" % (m["name"], m["why_not"]) for m in json.load(sys.stdin)["mechanisms"]
    if m["chosen"] == (m["why_not"] is None)))' <"$out")" "$want" "--serverinfo --json, $name: the choice"
		fi
		never_sent AUTH "--serverinfo $option, $name: no login"
	done
}
others='SCRAM-SHA-256 not needed; PLAIN not needed; CRAM-MD5 used only when set by name'
looks "auth on" 'Authentication: SCRAM-SHA-256-PLUS
  not by SCRAM-SHA-256: not needed; PLAIN: not needed; CRAM-MD5: used only when set by name$' \
	"SCRAM-SHA-256-PLUS None; $others" 'auth on'
named='a different mechanism is set'
looks "a mechanism that is not offered" 'Authentication: no mechanism can be used
  not by SCRAM-SHA-256-PLUS: ' \
	"SCRAM-SHA-256-PLUS $named; SCRAM-SHA-256 $named; PLAIN $named; CRAM-MD5 $named" 'auth scram-sha-1'
looks "auth off" '.' '' 'auth off'
unlike "$(cat "$out")" 'Authentication' "--serverinfo, auth off: no choice"
run "$POSTHASTE" --version
like "$(cat "$out")" 'TLS: GnuTLS [0-9].*
SASL: libgsasl [0-9].*
Keyring: (libsecret [0-9.]+|built without it)
Mechanisms: SCRAM-SHA' "--version names the libraries with their versions"

# ---- what is not offered ----
begin 1.3 'PLAIN LOGIN'
conf 'auth scram-sha-256' 'password correct-horse' "${tls[@]}"
sends 69 "a named mechanism that is not offered" bob@example.org
said '^posthaste: AUTH: .*SCRAM-SHA-256: not offered by the server\); the server offers PLAIN, LOGIN' \
	"not offered: the list"
never_sent 'AUTH|MAIL' "not offered: nothing was sent"
begin 1.3 'XYZZY GSSAPI'
conf 'auth on' 'password correct-horse' "${tls[@]}"
sends 69 "nothing we know is offered" bob@example.org
said 'the server offers XYZZY, GSSAPI' "nothing we know: the list"
begin plain 'SCRAM-SHA-256-PLUS SCRAM-SHA-256'
conf 'auth scram-sha-256-plus' 'password correct-horse'
sends 69 "channel binding without TLS" bob@example.org

# ---- tokens ----
for mechanism in oauthbearer xoauth2; do
	upper=$(tr a-z A-Z <<<"$mechanism")
	for way in 1.2 1.3; do
		begin $way "$upper"
		conf "auth $mechanism" 'password good-token' "${tls[@]}"
		sends 0 "$mechanism, $way" bob@example.org
		is "$(about_auth)" "joe $upper None" "$mechanism, $way: user and mechanism"
		no_violation "$mechanism, $way: the dialogue was correct"
		begin $way "$upper"
		conf "auth $mechanism" 'password stale-token' "${tls[@]}"
		sends 77 "$mechanism, wrong token, $way" bob@example.org
		said "^posthaste: AUTH $upper: the server refused the token \(.*(invalid_token|401)" \
			"$mechanism, wrong token, $way: the server's error decoded"
		said '^hint: The token has expired' "$mechanism, wrong token, $way: the hint"
		unsaid 'stale-token' "$mechanism, wrong token, $way: the token is not shown"
		no_violation "$mechanism, wrong token, $way: the dialogue was correct"
	done
done
begin 1.3 'PLAIN XOAUTH2 OAUTHBEARER'
conf 'auth on' 'password correct-horse' "${tls[@]}"
sends 0 "tokens are used only when named" bob@example.org
is "$(about_auth | cut -d' ' -f2)" PLAIN "tokens are used only when named: PLAIN"

# ---- servers that break the exchange ----
# broken NAME STATUS REGEX MECHANISM SINK-OPTION...
broken() {
	local name=$1 want=$2 regex=$3 mechanism=$4
	shift 4
	begin 1.3 "$(tr a-z A-Z <<<"$mechanism")" "$@"
	conf "auth $mechanism" 'password correct-horse' 'timeout 10' "${tls[@]}"
	sends "$want" "$name" bob@example.org
	said "^posthaste: AUTH.*: $regex" "$name: the message"
	never_sent 'MAIL' "$name: no mail was tried"
}
broken "success before the server proved itself" 76 . scram-sha-256 --reply 'auth=235 2.7.0 welcome'
broken "a challenge that is no base64" 76 'the server sent a challenge that is not base64' scram-sha-256 \
	--reply 'auth=334 ***'
broken "a challenge that is nonsense" 76 . scram-sha-256 --reply 'auth=334 bm9uc2Vuc2U='
broken "an empty challenge" 76 . scram-sha-256 --reply 'auth=334 '
broken "too few iterations" 76 . scram-sha-256 --scram-iterations 1
broken "a challenge where success was due" 76 . plain --reply 'auth=334 ' --reply 'auth=334 '

# ---- where the password comes from ----
# source STATUS NAME REGEX CONF-LINE...
source_is() {
	local want=$1 name=$2 regex=$3
	shift 3
	begin plain PLAIN
	conf 'auth plain' 'timeout 3' "$@"
	post bob@example.org
	if [ "$want" = 0 ]; then
		smarthost_end
		is "$(stored)" 1 "$name: accepted"
	else
		smarthost_stop
		said "^posthaste: $regex" "$name: the message"
		is "$(grep -c AUTH "$T/transcript")" 0 "$name: no password was sent"
	fi
	status_is "$want" "$name: exit status $want"
	unsaid 'correct-horse' "$name: the password is not shown"
}
printf 'correct-horse' >"$T/no-newline"
printf 'correct-horse\nsecond line\n' >"$T/two-lines"
cp "$T/password" "$T/readable"
chmod 644 "$T/readable" # of root's files, 640 is enough
ln -s readable "$T/link"
: >"$T/nothing"
stage='password for account default: '
run timeout -k 5 60 "$POSTHASTE" --host=127.0.0.1 --port=1 --tls=off --auth=plain --user=joe \
	--password-file="$T/missing" -f alice@example.org --queue=off bob@example.org <"$T/mail"
said '^posthaste: password for account of the command line: cannot open password_file' "--host: the account has no name"
source_is 0 "password_file" - "password_file $T/password"
source_is 0 "password_file without a line end" - "password_file $T/no-newline"
source_is 78 "password_file for all" "$stage.*readable.*" "password_file $T/readable"
said '^hint: .*chmod' "password_file for all: the cure"
source_is 78 "password_file through a link to such" "$stage.*link.*" "password_file $T/link"
source_is 66 "password_file missing" "${stage}cannot open password_file .*missing: No such file" \
	"password_file $T/missing"
source_is 78 "password_file empty" "${stage}the password from password_file $T/nothing is empty" \
	"password_file $T/nothing"
said '^hint: What is read there must be the password on one line' "password_file empty: the cure"
source_is 78 "password_file of two lines" "${stage}the password from password_file $T/two-lines .*line end" \
	"password_file $T/two-lines"
source_is 0 "passwordeval" - "passwordeval echo correct-horse"
source_is 0 "passwordeval without a line end" - "passwordeval printf correct-horse"
source_is 0 "passwordeval, first line only" - "passwordeval cat $T/two-lines"
source_is 75 "passwordeval fails" "${stage}the command of passwordeval failed with exit status 1$" \
	"passwordeval echo correct-horse; exit 1"
said '^hint: Run the passwordeval command yourself' "passwordeval fails: the cure"
source_is 75 "passwordeval prints nothing" "${stage}the password from passwordeval is empty" "passwordeval true"
said '^hint: What is read there must be the password on one line' "passwordeval prints nothing: the cure"
source_is 75 "passwordeval is no command" "${stage}the command of passwordeval failed with exit status 127$" \
	"passwordeval /nonexistent/command"
source_is 75 "passwordeval ends by a signal" "${stage}the command of passwordeval was terminated by signal 9" \
	'passwordeval kill -9 $$$$'
source_is 75 "passwordeval prints without end" "${stage}the command of passwordeval printed more than" \
	"passwordeval yes | tr -d '\\n'"
source_is 75 "passwordeval prints NULs" "${stage}.*" "passwordeval printf 'a\\000b'"
source_is 0 "passwordeval finds standard input empty" - 'passwordeval cat; echo correct-horse'
source_is 0 "password comes first" - 'password correct-horse' 'passwordeval echo wrong'
source_is 0 "password_file comes before passwordeval" - "password_file $T/password" 'passwordeval echo wrong'
source_is 78 "no password and no terminal" "${stage}no password for joe at 127.0.0.1 .*no terminal"
said '^hint: Set passwordeval .* or password_file' "no password and no terminal: the cure"

# A helper that hangs, and one whose child keeps the pipe open, are ended with the deadline.
for helper in 'sleep 1000' 'sleep 1000 & echo correct-horse; wait'; do
	begin plain PLAIN
	conf 'auth plain' "passwordeval echo \$\$ >$T/helper; $helper" 'deadline 1'
	post bob@example.org
	smarthost_stop
	status_is 75 "passwordeval hangs ($helper): exit status 75"
	said "^posthaste: ${stage}the command of passwordeval did not end in time" "passwordeval hangs ($helper): the message"
	helper_gone() { ! kill -0 "$(cat "$T/helper")" 2>/dev/null; }
	check "passwordeval hangs ($helper): the command is ended" wait_until 5 helper_gone
done

# ---- the terminal ----
# as_job PLACE COMMAND...: a job in the foreground or background of a terminal, where the password is typed as soon as
# something is asked.  $T/shown is what the terminal showed.
as_job() { on_terminal --job="$1" --shown="$T/shown" --type=correct-horse "${@:2}" <"$T/mail"; }
begin plain PLAIN
conf 'auth plain'
as_job foreground "$POSTHASTE" -C "$T/rc" bob@example.org
smarthost_end
status_is 0 "in the foreground of a terminal: exit status 0"
is "$(stored)" 1 "in the foreground of a terminal: accepted"
is "$(cat "$T/shown")" "Password for joe at 127.0.0.1 (account default): " \
	"in the foreground of a terminal: the password is asked for, and not shown"
begin plain PLAIN
conf 'auth plain'
as_job background "$POSTHASTE" -C "$T/rc" bob@example.org
smarthost_stop
status_is 78 "in the background of a terminal: exit status 78, and it is not stopped"
said "^posthaste: ${stage}no password for joe at 127.0.0.1 .*no terminal" \
	"in the background of a terminal: the message"
is "$(cat "$T/shown")" "" "in the background of a terminal: it is left alone"

# The configuration itself, once it holds a password.
begin plain PLAIN
conf 'auth plain' 'password correct-horse'
chmod 644 "$T/rc"
post bob@example.org
smarthost_stop
status_is 78 "a configuration with a password that others can read: exit status 78"
said '^posthaste: .*rc' "a configuration that others can read: it is named"
said '^hint: .*chmod' "a configuration that others can read: the cure"
begin plain PLAIN
conf 'auth plain' "password_file $T/password"
chmod 644 "$T/rc"
post bob@example.org
smarthost_end
status_is 0 "without a password everybody may read it: exit status 0"
done_testing
