#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --configure: what it finds by HTTPS and in the DNS, and what it prints without a terminal; the dialogue on one, with
# a mail server that takes the login or does not.
#
# Outside: starts itself again in a network and mount namespace, where /etc/resolv.conf names the name server of this
# test, and port 443 is free.
own_mounts=${top_srcdir:-$(dirname "$0")/../..}/tests/lib/own-mounts
if [ "${TEST_INSIDE_NAMESPACE:-}" != 1 ] && "$own_mounts" -n true 2>/dev/null; then
	TEST_INSIDE_NAMESPACE=1 exec "$own_mounts" -n bash "$0" "$@"
fi
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
POSTHASTE=$top_builddir/tests/cli/posthaste
[ -x "$POSTHASTE" ] || skip_all "tests/cli/posthaste is not built: make check builds it"
[ "${TEST_INSIDE_NAMESPACE:-}" = 1 ] || skip_all "a name server of our own: $("$own_mounts" -n true 2>&1)"
[ -e /etc/resolv.conf ] || skip_all "there is no /etc/resolv.conf that could be replaced"
[ -x "$top_builddir/src/helper/posthaste-http" ] || skip_all "this build has no posthaste-http"
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good wildcard expired
ca_issue others ca "$ca_server
dns_name = \"autoconfig.hoster.test\"
dns_name = \"autoconfig.thunderbird.net\"
dns_name = \"other.test\"
dns_name = \"smtp.other.test\"" || bail "no certificate: $(cat "$CA/log")"

printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$T/resolv.conf"
chmod 644 "$T/resolv.conf"
: >"$T/zone"
mount --bind "$T/resolv.conf" /etc/resolv.conf || bail "/etc/resolv.conf cannot be replaced"
mkfifo "$T/dns" "$T/https"
"$PYTHON" "$top_srcdir/tests/lib/dns.py" "$T/zone" >"$T/dns" 2>"$T/dns.err" 7>&- &
track $!
read -r line <"$T/dns" || bail "the name server did not start: $(cat "$T/dns.err")"
web=$T/web
mkdir -p "$web"
"$PYTHON" "$top_srcdir/tests/lib/https_files.py" "$web" 443 mail.test="$CA/good.pem" \
	autoconfig.mail.test="$CA/wildcard.pem" autoconfig.hoster.test="$CA/others.pem" other.test="$CA/others.pem" \
	autoconfig.thunderbird.net="$CA/others.pem" >"$T/https" 2>"$T/https.err" 7>&- &
track $!
read -r line <"$T/https" || bail "the server of HTTPS did not start: $(cat "$T/https.err")"

names='mail.test A 127.0.0.1
autoconfig.mail.test A 127.0.0.1
smtp.mail.test A 127.0.0.1
autoconfig.hoster.test A 127.0.0.1
other.test A 127.0.0.1
smtp.other.test A 127.0.0.1
autoconfig.thunderbird.net A 127.0.0.1'
# zone LINE...: what the name server says besides
zone() { printf '%s\n' "$names" "$@" >"$T/zone"; }
# file HOST PATH TEXT: what the server of HTTPS has
file() {
	mkdir -p "$web/$1/$(dirname "$2")"
	printf '%s' "$3" >"$web/$1/$2"
}
no_files() { rm -rf "$web"; mkdir "$web"; }
# config HOST PORT MODE [MORE]: an autoconfig file
config() {
	printf '<clientConfig version="1.1"><emailProvider id="x"><displayName>The provider</displayName>'
	printf '<outgoingServer type="smtp"><hostname>%s</hostname><port>%s</port><socketType>%s</socketType>' "$1" "$2" "$3"
	printf '<username>%%EMAILLOCALPART%%</username><authentication>password-cleartext</authentication></outgoingServer>'
	printf '%s</emailProvider></clientConfig>' "${4:-}"
}
own=mail/config-v1.1.xml well_known=.well-known/autoconfig/mail/config-v1.1.xml

configure() { run timeout -k 5 60 "$POSTHASTE" --configure="$1" --tls-trust-file="$CA/ca.crt" "${@:2}" </dev/null; }
# finds STATUS NAME ADDRESS [OPTION...]
finds() {
	configure "${@:3}"
	status_is "$1" "$2: exit status $1"
}
# account_is NAME LINE...: the lines of the account that was printed have these
account_is() {
	local name=$1
	shift
	is "$(grep -E '^(host|port|tls|tls_starttls|auth|user|from) ' "$out")" "$(printf '%s\n' "$@")" "$name: the account"
}
# has_line REGEX NAME: of the account that was printed
has_line() { like "$(grep -E "$1" "$out")" . "$2"; }
asked() { sort -u "$web/log" 2>/dev/null; }

# ---- files of the domain ----

no_files
zone
finds 68 "nothing anywhere" joe@mail.test --debug
said '^https://autoconfig\.mail\.test/.*: 404' "--debug shows what each question brought"
said '^SRV: the DNS has no submission server' "--debug shows what the DNS says"
: >"$web/log"
file autoconfig.mail.test "$own" "$(config smtp.mail.test 465 SSL \
	'<enable visiturl="https://mail.test/on"><instruction>Switch it on</instruction></enable>')"
finds 0 "a file of the domain" joe+x@mail.test
account_is "a file of the domain" 'host smtp.mail.test' 'port 465' 'tls on' 'tls_starttls off' 'auth on' 'user joe+x' \
	'from joe+x@mail.test'
like "$(cat "$out")" '# .*done on the web first: Switch it on \(https://mail\.test/on\)' \
	"a file of the domain: what to do first"
like "$(cat "$out")" '# A file at autoconfig\.mail\.test names the server' "a file of the domain: where it was"
has_line "^tls_trust_file $CA/ca\\.crt" "settings of the command line are part of the account"
is "$(asked)" "autoconfig.mail.test /mail/config-v1.1.xml?emailaddress=joe%2Bx%40mail.test
mail.test /.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=joe%2Bx%40mail.test" "what was asked for by HTTPS"
cat "$out" >"$T/rc"
run "$POSTHASTE" -C "$T/rc" --explain --from=joe+x@mail.test
status_is 0 "what is printed is a configuration"

no_files
file mail.test "$well_known" "$(config smtp.mail.test 587 STARTTLS)"
finds 0 "the well-known place" joe@mail.test
account_is "the well-known place" 'host smtp.mail.test' 'port 587' 'tls on' 'tls_starttls on' 'auth on' 'user joe' \
	'from joe@mail.test'

zone '_submissions._tcp.mail.test SRV 0 0 465 srv.mail.test'
finds 0 "a file and SRV records" joe@mail.test
has_line '^host smtp\.mail\.test$' "a file beats SRV records"
finds 0 "a file and SRV records, JSON" joe@mail.test --json
is "$("$PYTHON" -c 'import json, sys
servers = json.load(sys.stdin)["servers"]
print(*("%s:%d %s %s" % (s["host"], s["port"], s["source"], s["name_counts"]) for s in servers))' \
	<"$out")" "smtp.mail.test:587 autoconfig True srv.mail.test:465 srv True" "JSON has all, the best first"

file mail.test "$well_known" "$(config smtp.mail.test 25 plain)"
zone
finds 0 "a file that knows no encryption" joe@mail.test
account_is "a file that knows no encryption" 'host smtp.mail.test' 'port 465' 'tls on' 'tls_starttls off' 'auth on' \
	'user joe' 'from joe@mail.test'

# ---- what is no such file ----

while IFS='|' read -r name text; do
	no_files
	file mail.test "$well_known" "$text"
	finds 68 "$name" joe@mail.test
	silent "$name: no account is printed"
	said '^posthaste: the DNS has no submission server .* for mail\.test' "$name: what is missing"
done <<-END
a web page|<!DOCTYPE html><html><p>Log in</p></html>
an empty page|
a file with entities|<!DOCTYPE c [<!ENTITY e "smtp.mail.test">]>$(config '&e;' 465 SSL)
a file that is cut|<clientConfig><outgoingServer type="smtp"><hostname>smtp.mail.test</hostname>
an unknown kind of encryption|$(config smtp.mail.test 25 none)
a host that is none|$(config 'smtp.mail.test
tls off' 465 SSL)
END
no_files
file autoconfig.mail.test "$own" '<html>Log in</html>'
file mail.test "$well_known" '<html>Log in</html>'
zone '_submissions._tcp.mail.test SRV 0 0 465 smtp.mail.test'
finds 0 "web pages everywhere" joe@mail.test
like "$(cat "$out")" '# .*perhaps the network wants you to log in' "web pages everywhere: what that may mean"

# ---- redirections ----

no_files
zone
mkdir -p "$web/autoconfig.mail.test/mail"
file mail.test elsewhere.xml "$(config smtp.mail.test 465 SSL)"
echo 'https://mail.test/elsewhere.xml' >"$web/autoconfig.mail.test/$own.redirect"
finds 0 "a redirection within the domain" joe@mail.test
unlike "$(cat "$out")" 'make sure' "a redirection within the domain: no doubt"
file other.test config.xml "$(config smtp.other.test 465 SSL)"
echo 'https://other.test/config.xml' >"$web/autoconfig.mail.test/$own.redirect"
finds 0 "a redirection to another domain" joe@mail.test
like "$(cat "$out")" '# make sure that it is your mail provider' "a redirection to another domain is doubted"
like "$(cat "$out")" '# A file at other\.test names' "a redirection to another domain: its host is shown"
echo 'http://mail.test/elsewhere.xml' >"$web/autoconfig.mail.test/$own.redirect"
finds 68 "a redirection to http" joe@mail.test
echo "https://autoconfig.mail.test/$own" >"$web/autoconfig.mail.test/$own.redirect"
finds 68 "redirections without end" joe@mail.test
run timeout -k 5 60 "$POSTHASTE" --configure=joe@mail.test </dev/null
status_is 68 "a certificate that is not trusted: exit status 68"

# ---- the host that takes the mail ----

no_files
zone 'mail.test MX 20 mx.else.test' 'mail.test MX 10 mx1.kundenserver.de'
finds 0 "a provider that is known by its MX" joe@mail.test
account_is "a provider that is known by its MX" 'host smtp.1und1.de' 'port 465' 'tls on' 'tls_starttls off' 'auth on' \
	'user joe@mail.test' 'from joe@mail.test'
like "$(cat "$out")" '# The mail of mail\.test goes to mx1\.kundenserver\.de' "a provider that is known by its MX: why"
like "$(cat "$out")" '# make sure' "a provider that is known by its MX: the answer could be forged"
file mail.test "$well_known" "$(config smtp.mail.test 465 SSL)"
finds 0 "a file that contradicts the MX" joe@mail.test
has_line '^host smtp\.mail\.test$' "a file that contradicts the MX: the file decides"
like "$(cat "$out")" '# .*names other servers than those of IONOS' "a file that contradicts the MX: that is said"

no_files
zone 'mail.test MX 10 mx.hoster.test'
file autoconfig.hoster.test "$own" "$(config smtp.other.test 465 SSL)"
finds 0 "a file of the MX's domain" joe@mail.test
has_line '^host smtp\.other\.test$' "a file of the MX's domain: its server"
like "$(cat "$out")" '# make sure' "a file of the MX's domain is doubted"
zone 'mail.test MX 0 .'
finds 68 "a domain that takes no mail" joe@mail.test
zone 'mail.test MX 10 mx.co.uk'
: >"$web/log"
finds 68 "a public suffix" joe@mail.test
unlike "$(asked)" 'co\.uk' "nothing is asked of a public suffix"

# ---- the public database ----

no_files
zone
file autoconfig.thunderbird.net v1.1/mail.test "$(config smtp.other.test 465 SSL)"
finds 68 "the database is not asked" joe@mail.test
unlike "$(asked)" thunderbird "the database is not asked unless it is wanted"
finds 0 "the database is asked" joe@mail.test --ask-database
has_line '^host smtp\.other\.test$' "the database is asked: the server"
is "$(asked | grep thunderbird)" "autoconfig.thunderbird.net /v1.1/mail.test" "the database gets the domain alone"

# ---- what is silent or fails ends nothing ----

no_files
mkdir -p "$web/autoconfig.mail.test/mail"
: >"$web/autoconfig.mail.test/$own.silent"
zone 'mail.test silent' '_submission._tcp.mail.test SRV 0 0 587 smtp.mail.test'
finds 0 "a silent server and a silent name server" joe@mail.test
account_is "a silent server and a silent name server" 'host smtp.mail.test' 'port 587' 'tls on' 'tls_starttls on' \
	'auth on' 'user joe@mail.test' 'from joe@mail.test'

# ---- providers that are known, without any question ----

no_files
zone
finds 0 "a known provider" joe@gmail.com
account_is "a known provider" 'host smtp.gmail.com' 'port 465' 'tls on' 'tls_starttls off' 'auth on' \
	'user joe@gmail.com' 'from joe@gmail.com'
like "$(cat "$out")" '# Gmail wants an application password .*https://myaccount\.google\.com/apppasswords' \
	"a known provider: the application password"
finds 0 "a provider with OAuth2 only" joe@outlook.com
like "$(cat "$out")" '# oauth_provider microsoft' "a provider with OAuth2 only: how to log in"
finds 68 "a provider without a server" joe@proton.me
said '^hint: .*Bridge' "a provider without a server: why"
is "$(asked)" "" "nothing was asked by HTTPS"
finds 0 "a server that the user names" joe@mail.test --host=smtp.other.test --port=587
account_is "a server that the user names" 'host smtp.other.test' 'port 587' 'tls on' 'tls_starttls on' 'auth on' \
	'user joe@mail.test' 'from joe@mail.test'
finds 65 "an address without a domain" joe

# ---- the dialogue on a terminal ----

config_file=$XDG_CONFIG_HOME/posthaste/config
password_file=$XDG_CONFIG_HOME/posthaste/password-mail.test

# dialogue NAME LINE... -- OPTION...: what is typed ("WORDS|TEXT" waits for WORDS), and what it is started with
dialogue() {
	local name=$1
	shift
	: >"$T/typed"
	while [ "$1" != -- ]; do
		printf '%s\t%s\n' "${1%|*}" "${1##*|}" >>"$T/typed"
		shift
	done
	shift
	on_terminal --dialogue="$T/typed" "$POSTHASTE" --tls-trust-file="$CA/ca.crt" "$@"
	cat "$out" >>"$T/shown"
	is "$(cat "$err")" '' "$name: all questions came"
}
server() {
	# shellcheck disable=SC2046 # options
	smarthost --once 9 --tls implicit --cert "$CA/wildcard.pem" --key "$CA/wildcard.key" --auth PLAIN --user "$1" \
		--password-file "$T/password" "${@:2}"
	no_files
	file autoconfig.mail.test "$own" "$(config smtp.mail.test "$port" SSL)"
	zone
}
fresh() { rm -rf "$XDG_CONFIG_HOME/posthaste"; }
mode_of() { stat -c %a "$1" 2>/dev/null; }

fresh
server joe
dialogue usual 'Use smtp.mail.test|' 'User name [joe]|' 'Password of joe|correct-horse' -- --configure=joe@mail.test
smarthost_stop
status_is 0 "the dialogue: exit status 0"
like "$(cat "$out")" 'A file at autoconfig\.mail\.test names the server' "the dialogue: where the server is known from"
like "$(cat "$out")" 'PASS[^ ]* AUTH' "the dialogue ends with the check"
like "$(cat "$out")" 'echo hello \| posthaste joe@mail\.test' "the dialogue says what to do next"
unlike "$(cat "$out")" correct-horse "the dialogue: the password is not shown"
is "$(stored)" 0 "the dialogue: no message was sent"
no_violation "the dialogue: the sessions were correct"
is "$(cat "$config_file")" "# Mail of joe@mail.test; added by posthaste --configure.
# A file at autoconfig.mail.test names the server.
account mail.test
host smtp.mail.test
port $port
tls on
tls_starttls off
auth on
user joe
from joe@mail.test
tls_trust_file $CA/ca.crt
password_file $password_file" "the dialogue: the configuration"
is "$(mode_of "$config_file") $(mode_of "$password_file") $(mode_of "$XDG_CONFIG_HOME/posthaste")" '600 600 700' \
	"the dialogue: who can read it"
is "$(cat "$password_file")" correct-horse "the dialogue: the password is kept"

# A second account: what is there stays.
cp "$config_file" "$T/before"
server joe
dialogue second 'Use smtp.mail.test|' 'User name [jim]|joe' 'Password of joe|correct-horse' -- --configure=jim@mail.test
smarthost_stop
status_is 0 "a second account: exit status 0"
head -c "$(wc -c <"$T/before")" "$config_file" >"$T/kept"
same_file "$T/kept" "$T/before" "a second account: the first is as it was"
like "$(cat "$config_file")" 'account mail\.test-2' "a second account: its name"
like "$(cat "$config_file")" 'account default : mail\.test' "a second account: the first one stays the usual one"
run "$POSTHASTE" --explain --from=jim@mail.test
like "$(cat "$out")" 'user += joe' "a second account: it is used for its address"
is "$(mode_of "$config_file")" 600 "a second account: who can read it"

# A login that is refused, then the other form of the name.
fresh
server joe@mail.test
dialogue 'other form' 'Use smtp.mail.test|' 'User name [joe]|' 'Password of joe|correct-horse' -- \
	--configure=joe@mail.test
smarthost_stop
status_is 0 "the other form of the name: exit status 0"
like "$(cat "$out")" 'Trying the user name joe@mail\.test' "the other form of the name: it is tried"
like "$(cat "$config_file")" 'user joe@mail\.test' "the other form of the name: what worked is written"

# A wrong password, then the right one; and no end of wrong ones.
fresh
server joe
dialogue 'wrong password' 'Use smtp.mail.test|' 'User name [joe]|' 'Password of joe|wrong' 'User name [joe]|' \
	'Password of joe|correct-horse' -- --configure=joe@mail.test
smarthost_stop
status_is 0 "a wrong password: exit status 0"
is "$(cat "$password_file")" correct-horse "a wrong password: the right one is kept"
fresh
server joe
dialogue 'wrong passwords' 'Use smtp.mail.test|' 'User name [joe]|' 'Password of joe|wrong' 'User name [joe]|' \
	'Password of joe|wrong' 'User name [joe]|' 'Password of joe|wrong' -- --configure=joe@mail.test
smarthost_stop
status_is 77 "three wrong passwords: exit status 77"
like "$(cat "$out")" 'hint: ' "three wrong passwords: what to do"
check "three wrong passwords: nothing is written" test ! -e "$config_file" -a ! -e "$password_file"
is "$(grep -c '^C: AUTH' "$T/transcript")" 4 "three wrong passwords: three attempts, and one with the other name"

# What could have been forged is used after a complete "yes".
fresh
server joe
no_files
zone 'mail.test MX 10 mx.hoster.test'
file autoconfig.hoster.test "$own" "$(config smtp.mail.test "$port" SSL)"
dialogue 'a no' 'Use smtp.mail.test|y' 'answer yes or no|' -- --configure=joe@mail.test
status_is 68 "a doubtful server, and no yes: exit status 68"
like "$(cat "$out")" 'make sure that it is your mail provider' "a doubtful server: the user is warned"
check "a doubtful server, and no yes: nothing is written" test ! -e "$config_file"
dialogue 'a yes' 'Use smtp.mail.test|yes' 'User name|' 'Password|correct-horse' -- --configure=joe@mail.test
smarthost_stop
status_is 0 "a doubtful server, and yes: exit status 0"

# No encryption: the encrypted ways first, then only after a complete "yes".
fresh
smarthost --once 9 --auth PLAIN --user joe --password-file "$T/password"
no_files
zone
file autoconfig.mail.test "$own" "$(config smtp.mail.test "$port" plain)"
dialogue 'plain refused' 'Use smtp.mail.test|' 'User name|' 'Password|correct-horse' 'has no encryption|no' -- \
	--configure=joe@mail.test
isnt "$status" 0 "no encryption, and no yes: it fails"
never_sent AUTH "no encryption, and no yes: the password is not sent"
check "no encryption, and no yes: nothing is written" test ! -e "$config_file"
dialogue 'plain accepted' 'Use smtp.mail.test|' 'User name|' 'Password|correct-horse' 'has no encryption|yes' -- \
	--configure=joe@mail.test
smarthost_stop
status_is 0 "no encryption, and yes: exit status 0"
like "$(cat "$config_file")" 'tls off' "no encryption, and yes: the configuration says so"

# A certificate of an unknown authority: the key is shown, and used after a complete "yes".
ca_need unknown
fresh
smarthost --once 9 --tls implicit --cert "$CA/unknown.pem" --key "$CA/unknown.key" --auth PLAIN --user joe \
	--password-file "$T/password"
no_files
zone
file autoconfig.mail.test "$own" "$(config mail.test "$port" SSL)"
dialogue 'unknown key, no' 'Use mail.test|' 'User name|' 'Password|correct-horse' 'Trust this key|' -- \
	--configure=joe@mail.test
status_is 77 "an unknown authority, and no yes: exit status 77"
like "$(tr -d : <"$out" | tr A-F a-f)" "SHa-256 $(ca_fingerprint unknown)" \
	"an unknown authority: the fingerprint is shown"
never_sent AUTH "an unknown authority: the password is not sent"
check "an unknown authority, and no yes: nothing is written" test ! -e "$config_file"
dialogue 'unknown key, yes' 'Use mail.test|' 'User name|' 'Password|correct-horse' 'Trust this key|yes' -- \
	--configure=joe@mail.test
smarthost_stop
status_is 0 "an unknown authority, and yes: exit status 0"
like "$(cat "$config_file")" 'tls_trust first_use' "an unknown authority, and yes: the configuration says so"

# Nothing is found: the user is asked, and may give up.
fresh
no_files
zone
dialogue 'give up' 'Name of that server|' -- --configure=joe@mail.test
status_is 68 "nothing is found, and the user gives up: exit status 68"
check "nothing is found: nothing is written" test ! -e "$config_file"

# An error in the file that is there comes first.
mkdir -p "$XDG_CONFIG_HOME/posthaste"
printf 'hots mail.test\n' >"$config_file"
dialogue 'broken file' -- --configure=joe@mail.test
status_is 78 "a file with an error: exit status 78"
is "$(cat "$config_file")" 'hots mail.test' "a file with an error: it stays"

# An msmtprc gets what msmtp knows.
fresh
printf 'account old\nhost old.test\nfrom old@old.test\n' >"$HOME/.msmtprc"
server joe
dialogue msmtprc 'Use smtp.mail.test|' 'User name|' 'Password|correct-horse' -- --configure=joe@mail.test
smarthost_stop
status_is 0 "an msmtprc: exit status 0"
like "$(cat "$HOME/.msmtprc")" "passwordeval cat '$password_file'" "an msmtprc: the password comes by passwordeval"
unlike "$(cat "$HOME/.msmtprc")" 'password_file' "an msmtprc: no word that msmtp does not know"
check "an msmtprc: no other file is made" test ! -e "$config_file"
rm "$HOME/.msmtprc"

# What is hostile in an answer is shown as text.
fresh
server joe
file autoconfig.mail.test "$own" "$(config smtp.mail.test "$port" SSL \
	'<enable visiturl="https://x.test/&#x9b;"><instruction>&#x202e;a&#10;b</instruction></enable>')"
dialogue hostile 'Use smtp.mail.test|' 'User name|' 'Password|correct-horse' -- --configure=joe@mail.test
smarthost_stop
unlike "$(cat "$out")" $'\xe2\x80\xae|\xc2\x9b' "control characters of an answer are not shown"
no_forms=$(printf 'correct-horse\n' | "$PYTHON" "$top_srcdir/tests/lib/forms.py" | grep -aFf - "$T/shown" | head -3)
is "$no_forms" '' "the password is nowhere in what was shown"
done_testing
