#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
#	mistakes.sh [--table FILE]
#
# What users do wrong, or what goes wrong around them: each text must say what happened, where (file and line, server
# and account, address, option), and what to do next, and the exit status must fit.  --table writes the texts as a table
# in Markdown; POSTHASTE_TEST_TABLE may name the file, too.
#
# Name server, network and full disk are of the test's own namespaces: outside, it starts itself again inside.
own_mounts=${top_srcdir:-$(dirname "$0")/../..}/tests/lib/own-mounts
if [ "${TEST_INSIDE_NAMESPACE:-}" != 1 ] && "$own_mounts" -n true 2>/dev/null; then
	TEST_INSIDE_NAMESPACE=1 exec "$own_mounts" -n bash "$0" "$@"
fi
table=${POSTHASTE_TEST_TABLE:-}
[ "${1:-}" != --table ] || table=$(realpath -m "${2:?--table needs a file}")
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
. "$top_srcdir/tests/cli/tokens.sh" || exit 99
[ "${TEST_INSIDE_NAMESPACE:-}" = 1 ] || skip_all "a name server of our own: $("$own_mounts" -n true 2>&1)"
[ -e /etc/resolv.conf ] || skip_all "there is no /etc/resolv.conf that could be replaced"
ca_need good expired notyet wronghost unknown selfsigned smallrsa client otherkey

# The one that knows the helpers of the build tree.
POSTHASTE=$top_builddir/tests/cli/posthaste
[ -x "$POSTHASTE" ] || skip_all "tests/cli/posthaste is not built: make check builds it"
[ -z "$table" ] || printf '| Mistake | What is said | The hint | Status |\n|---|---|---|---|\n' >"$table"

# the link's target says whose syntax the file has
: >"$T/posthasterc"
ln -s posthasterc "$T/rc"

# ---- what is asked of a text ----

# The text of a cell: no folder and no port of this run.
cell() {
	printf '%s' "$1" | sed -e "s;$T/home;~;g; s;$T/;;g; s;\([Pp]ort\) [0-9]\{5\};\1 PORT;g" \
		-e 's/^posthaste: //; s/^hint: //; s/|/\\|/g; s/[<*_]/\\&/g; $!s/$/<br>/' | tr -d '\n'
}

# mistake NAME STATUS WHAT WHERE CURE: of the last run; patterns for what it says, and for its hint
mistake() {
	local text hint missing=
	text=$(grep -v '^hint: ' "$T/err")
	hint=$(grep '^hint: ' "$T/err")
	[ "$status" = "$2" ] || missing="exit status $status instead of $2"
	grep -Eqe "$3" <<<"$text" || missing="$missing; WHAT: $3"
	grep -Eqe "$4" "$T/err" || missing="$missing; WHERE: $4"
	grep -Eqe "$5" <<<"$hint" || missing="$missing; CURE: $5"
	is "$missing" '' "$1"
	[ -z "$missing" ] || note "$(cat "$T/err")"
	[ -z "$table" ] || printf '| %s | %s | %s | %s |\n' "$1" "$(cell "$text")" "$(cell "$hint")" "$status" >>"$table"
	names=$names$1$'\n'
}
names=

# has LINE...: a message, a configuration with these lines, and a port where nobody listens
recipients=(bob@example.org)
has() {
	port=1
	conf "$@"
	post "${recipients[@]}"
}
# raw LINE...: with no other lines
raw() {
	printf '%s\n' "$@" >"$T/rc"
	post bob@example.org
}
# meets SINK-OPTION... -- LINE...: with a server of these options; $server: the place that the text must name
meets() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	smarthost --once 9 "${options[@]}"
	server="^hint: .* \(server 127\.0\.0\.1 port $port, account default, .*/rc, line 1\)$"
	conf "${@:2}"
	post "${recipients[@]}"
	smarthost_stop
}
with_host() {
	conf
	sed -i --follow-symlinks "s;^host .*;host $1;" "$T/rc"
	post bob@example.org
}

printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$T/resolv.conf"
chmod 644 "$T/resolv.conf"
mount --bind "$T/resolv.conf" /etc/resolv.conf || bail "/etc/resolv.conf cannot be replaced"
: >"$T/zone"

# ---- the network is missing ----
has
mistake "no network" 75 'Network is unreachable' '127.0.0.1 port 1' 'connection \(cable, Wi-Fi'
with_host mail.test
mistake "no name server answers" 75 'cannot be looked up now' 'mail.test' 'online and has a working resolver'
mkfifo "$T/dns"
"$PYTHON" "$top_srcdir/tests/lib/dns.py" "$T/zone" >"$T/dns" 2>"$T/dns.err" 7>&- &
track $!
read -r line <"$T/dns" || bail "the name server did not start: $(cat "$T/dns.err")"
with_host mail.test
mistake "a host that does not exist" 68 'does not exist' 'mail.test' 'spelling'
printf 'mail.test servfail\n' >"$T/zone"
with_host mail.test
mistake "the name server fails" 75 'cannot be looked up now' 'mail.test' 'resolver'
printf 'mail.test AAAA 2001:db8::1\n' >"$T/zone"
with_host mail.test
mistake "a host with IPv6 only, and no IPv6 here" 75 'unreachable' 'mail.test: 2001:db8::1' 'no way to that network'
with_host mail.test:587
mistake "a port in host" 68 'neither a host name nor an address' 'mail.test:587' 'port NUMBER'
with_host https://mail.test
mistake "a URL as host" 68 'neither a host name nor an address' 'https://mail.test' 'name or the address alone'
has
mistake "a port that nobody listens on" 75 'refused' '127.0.0.1 port 1' 'the host and the port'
meets --hang greeting -- 'timeout 1'
mistake "a server that says nothing" 75 'did not answer in time' "$server" 'host and port'
tls=(--cert "$CA/good.pem" --key "$CA/good.key")
trust="tls_trust_file $CA/ca.crt"
meets --tls implicit "${tls[@]}" -- 'timeout 1'
mistake "a port that begins with TLS, and tls off" 75 'did not answer' "$server" 'needs tls on and tls_starttls off'
meets -- 'tls on' 'tls_starttls off' "$trust"
mistake "a port that begins in plain text, and tls_starttls off" 76 'does not speak TLS' "$server" 'Set tls_starttls on'
meets --reply 'greeting=HTTP/1.1 400 Bad Request' --
mistake "a server that does not speak SMTP" 76 'not an SMTP reply' "$server" 'host and port'
has "socket $T/no-socket"
mistake "the socket does not exist" 75 'No such file' 'no-socket' 'path.*server is running'
has 'source_ip 192.0.2.1'
mistake "a source_ip of another machine" 71 '192.0.2.1' '^hint: .*, account default' 'Set source_ip'
rm "$T/resolv.conf"
umount /etc/resolv.conf
: >"$T/resolv.conf"
mount --bind "$T/resolv.conf" /etc/resolv.conf
with_host nowhere.test
mistake "resolv.conf is empty, and nowhere.test does not exist" 68 'does not exist' 'nowhere.test' 'resolver'

# ---- the proxy ----
has 'proxy_host 127.0.0.1' 'proxy_port 2'
mistake "no proxy listens" 75 'Connection refused' 'through proxy 127.0.0.1 port 2' 'proxy_host and proxy_port'
smarthost
proxy=$port
has 'proxy_host 127.0.0.1' "proxy_port $proxy"
smarthost_stop
mistake "a proxy of another kind" 76 'does not speak SOCKS5' "proxy 127.0.0.1 port $proxy" 'proxy_type'
mkfifo "$T/proxy"
# by_proxy CODE LOGIN: an HTTP proxy that answers so
by_proxy() {
	"$PYTHON" "$top_srcdir/tests/cli/connect_proxy.py" "$T/proxy" "$T/log" "$1" 1 ${2:+"$2"} 7>&- &
	track $!
	read -r proxy <"$T/proxy"
	has 'proxy_host 127.0.0.1' 'proxy_type http' "proxy_port $proxy"
}
by_proxy 403
mistake "a proxy that does not allow it" 69 'HTTP 403' "proxy 127.0.0.1 port $proxy" 'administrator of the proxy'
by_proxy 200 joe:secret
mistake "a proxy that wants a login" 77 'requires a login' "proxy 127.0.0.1 port $proxy" 'proxy_user'

# ---- the configuration file ----
run "$POSTHASTE" bob@example.org <"$T/mail"
mistake "no configuration at all" 78 'no configuration file' 'command line' 'Write ~/.config/posthaste/config'
run "$POSTHASTE" -C "$T/missing" bob@example.org <"$T/mail"
mistake "the configuration file does not exist" 66 'No such file' "$T/missing" 'name for a typing error'
run "$POSTHASTE" -C "$T" bob@example.org <"$T/mail"
mistake "the configuration file is a folder" 66 'is not a file' "$T" 'It is a folder'
open_place
install -m 600 "$T/rc" "$OPEN/rc"
run unprivileged "$OPEN/posthaste" -C "$OPEN/rc" bob@example.org <"$T/mail"
mistake "the configuration file of another user" 66 'Permission denied' "$OPEN/rc" 'whether this user may read'
port=1
conf 'password secret'
chmod 644 "$T/rc"
post bob@example.org
mistake "others can read the configuration, and it has a password" 78 'other users have access' "$T/rc" 'chmod'
chmod 600 "$T/rc"
place='/rc, line 9'
has 'hostt mail.example.org'
mistake "an option mistyped" 78 'got hostt' "$place" 'Did you mean host\?'
has 'nonsense on'
mistake "an option that does not exist" 78 'got nonsense' "$place" 'says what it takes'
has 'tls onn'
mistake "a value mistyped" 78 'expected on or off, got onn' "$place" 'Correct the setting'
has 'port smtps'
mistake "a port that is no number" 78 'from 1 to 65535, got smtps' "$place" 'Correct the setting'
has 'timeout soon'
mistake "a time that is none" 78 'such as 30.*got soon' "$place" 'Correct the setting'
has 'password "secret'
mistake "a quotation mark is missing" 78 'closing double quote' "$place" 'Correct the setting'
# shellcheck disable=SC2016 # a variable of the configuration
has 'user ${NOT_SET}'
mistake "a variable that is not set" 78 'NOT_SET is not set' "$place" 'Set it where posthaste is started'
has 'account default' 'host 127.0.0.1'
mistake "two accounts of one name" 78 'defined twice .first at: .*line 1' "$place" 'Correct the setting'
has 'account work : home'
mistake "an account based on one that does not exist" 78 'defined above, got home' "$place" 'Correct the setting'
raw 'account default' 'from alice@example.org'
mistake "no host" 78 'no server is set' 'account default.*rc, line 1' 'Add a line "host'
raw 'account default' 'host 127.0.0.1' 'port 1' 'from'
mistake "no sender" 78 'from: expected an address' 'rc, line 4' 'Correct the setting'
recipients=(-a work bob@example.org)
has
mistake "an account that does not exist" 78 'account work is not defined' '/rc$' 'The accounts are: default'
recipients=(bob@example.org)
has "include $T/missing"
mistake "an included file does not exist" 66 'No such file' "$place.*$T/missing" 'name for a typing error'
printf 'include %s\n' "$T/rc" >"$T/loop"
has "include $T/loop"
mistake "files that include each other" 78 'includes itself' "loop, line 1" 'Correct the setting'
mkdir "$T/folder"
has "include $T/folder"
mistake "an included folder" 66 'is not a file' "$place" 'It is a folder'
has 'eval exit 3'
mistake "a command of eval fails" 75 'failed with exit status 3' "$place" 'Run the eval command yourself'

# ---- the command line ----
conf
post --hots=mail.example.org bob@example.org
mistake "an option of the command line mistyped" 64 'there is no such option' 'command line: --hots' '--h'
post --port=x bob@example.org
mistake "a value of the command line mistyped" 64 'from 1 to 65535, got x' '--port' '--help'
post
mistake "no recipient" 64 'no recipients' 'no recipients' 'as an argument|-t'
post 'bob@@example.org'
mistake "a recipient that is no address" 65 'address' 'bob@@example.org' 'name@example.org'
post -f 'alice@' bob@example.org
mistake "a sender of the command line that is no address" 65 'no domain' 'sender.*alice@' 'name@example.org'
printf 'Subject: x\n\nhello\n' >"$T/without"
post_stdin -t <"$T/without"
mistake "-t, and the message names no recipient" 64 'no recipients' 'no recipients' 'To, Cc or Bcc'
printf 'To: bob@@example.org\n\nhello\n' >"$T/without"
post_stdin -t <"$T/without"
mistake "-t, and a recipient in the message is no address" 65 'bob@@example.org' 'To' 'name@example.org'
post_stdin --read-envelope-from bob@example.org <"$T/without"
mistake "the sender is to be read from a message that has none" 64 'does not name a sender' 'From' 'Add a From field'
post --account=default --host=mail.example.org bob@example.org
mistake "an account and a server" 64 'exclude each other' '--account and --host' '--help'
post --queue-show nothing
mistake "a message that is not in the queue" 66 'there is no message' '"nothing" in the queue' 'mailq lists'

# ---- the password ----
login() { has 'auth plain' 'auth_without_tls on' "$@"; }
printf 'wrong\n' >"$T/wrong"
: >"$T/nothing"
install -m 644 "$T/password" "$T/open"
login "password_file $T/open"
mistake "others can read the file with the password" 78 'all users can read it' "account default: $T/open" 'chmod'
login "password_file $T/missing"
mistake "the file with the password does not exist" 66 'No such file' "account default: .*$T/missing" 'chmod 600'
login "password_file $T/nothing"
mistake "the file with the password is empty" 78 'empty' "account default: .*$T/nothing" 'on one line'
login 'passwordeval exit 5'
mistake "passwordeval fails" 75 'exit status 5' 'account default: .*passwordeval' 'command yourself'
login 'passwordeval no-such-command'
mistake "passwordeval names a command that does not exist" 75 '127' 'account default: .*passwordeval' 'command yourself'
login 'passwordeval true'
mistake "passwordeval prints nothing" 75 'empty' 'account default: .*passwordeval' 'password on one line'
login 'secret_timeout 1' 'passwordeval sleep 1000'
mistake "passwordeval does not end" 75 'in time' 'account default: .*passwordeval' 'yourself'
login 'passwordeval secret-tool-is-absent lookup user joe'
mistake "secret-tool is not installed" 75 '127|not found' 'passwordeval' 'command yourself'
printf 'machine 127.0.0.1 login joe password x\n' >"$HOME/.netrc"
chmod 644 "$HOME/.netrc"
login
mistake "others can read the netrc" 78 'other users' "$HOME/.netrc" 'chmod 600'
rm "$HOME/.netrc"
login "netrc $T/missing"
mistake "the netrc does not exist" 66 'No such file' "$T/missing" 'typing error'
login
mistake "no password is set" 78 'no password' 'joe at 127.0.0.1' '--login'
login 'user'
mistake "no user is set" 78 'needs a user name' 'account default.*rc, line 9' 'a line with the user name'
DBUS_SESSION_BUS_ADDRESS=unix:path=$T/no-bus login
mistake "no keyring answers" 75 'keyring cannot be used' 'account default' 'another source'
post --login=default <"$T/password"
mistake "--login without a desktop session" 75 'no session bus' 'session bus' 'desktop session'
login 'password_fd 77'
mistake "the descriptor of the password is not open" 78 'descriptor 77' 'password_fd' '77<'
login 'credential mail'
mistake "a credential, and systemd gave none" 78 'CREDENTIALS_DIRECTORY' 'credential mail' 'LoadCredential=mail'

# ---- TLS ----
# inside CERTIFICATE LINE...: TLS from the first octet
inside() {
	meets --tls implicit --cert "$CA/$1.pem" --key "$CA/$1.key" -- 'tls on' 'tls_starttls off' "${@:2}"
}
inside good "tls_trust_file $T/missing"
mistake "the file of CAs does not exist" 66 'No such file' "$T/missing" 'tls_trust_file'
inside good "tls_trust_file $T/nothing"
mistake "the file of CAs is empty" 66 'no CA certificate' "$T/nothing" "the system's CAs"
inside unknown "$trust"
mistake "a certificate of a CA that is not trusted" 77 'its issuer' "$server" 'tls_trust_file'
inside selfsigned "$trust"
mistake "a self-signed certificate" 77 'self-signed' "$server" 'tls_fingerprint'
inside expired "$trust"
mistake "a certificate that has expired" 77 'expired' "$server" 'clock'
inside notyet "$trust"
mistake "a certificate that is not valid yet, or a clock that is slow" 77 'not valid before' "$server" 'clock'
inside wronghost "$trust"
mistake "a certificate for another name" 77 'issued for another.test' "$server" 'another.test'
inside smallrsa "$trust"
mistake "a certificate with a weak key" 77 '1024 bits' "$server" 'administrator'
inside good "$trust" 'tls_trust pin' "tls_pin $(ca_pin otherkey)"
mistake "another key than the pinned one" 77 'tls_pin' "$server" 'set tls_pin'
inside good 'tls_pin nonsense'
mistake "a pin that is none" 78 'got nonsense' 'rc, line 11' 'Correct the setting'
inside good "tls_fingerprint $(ca_fingerprint otherkey)"
mistake "another fingerprint" 77 'tls_fingerprint' "$server" 'set tls_fingerprint'
inside good "$trust" "tls_cert_file $CA/client.crt"
mistake "a client certificate without its key" 78 'no private key' 'account default.*line 12' 'key file and the cert'
inside good "$trust" "tls_cert_file $CA/client.crt" "tls_key_file $CA/otherkey.key"
mistake "a client certificate with another key" 78 'does not belong' 'otherkey.key' 'Correct the setting'
openssl pkey -in "$CA/client.key" -aes256 -passout pass:secret -out "$CA/locked.key"
inside good "$trust" "tls_cert_file $CA/client.crt" "tls_key_file $CA/locked.key"
mistake "a key with a pass phrase" 78 'is protected' 'locked.key' 'Set passwordeval'
inside good "$trust" "tls_cert_file $T/missing" "tls_key_file $CA/client.key"
mistake "the client certificate does not exist" 66 'No such file' "$T/missing" 'typing error'
inside good "$trust" 'tls_priorities NONSENSE'
mistake "tls_priorities mistyped" 78 'not understood' 'tls_priorities "NONSENSE"' 'Correct the setting'
# offers PRIORITY: a server that has these versions and ciphers
offers() {
	meets --tls implicit "${tls[@]}" --tls-priority "$1" -- 'tls on' 'tls_starttls off' "$trust"
}
offers 'NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1:%COMPAT'
mistake "a server that knows old TLS only" 76 'version' "$server" 'ask its administrator'
offers 'NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA'
mistake "a server with other ciphers only" 76 'Handshake failed' "$server" 'administrator'
meets -- 'tls on' 'tls_starttls on' "$trust"
mistake "STARTTLS is not offered" 69 'does not offer STARTTLS' "$server" 'tls_starttls off and port 465'
meets --tls implicit "${tls[@]}" --client-ca "$CA/ca.crt" --require-client-cert -- 'tls on' 'tls_starttls off' "$trust"
mistake "the server wants a client certificate" 76 'requires a client certificate' "$server" 'Set tls_cert_file'

# ---- the login ----
# with REPLY LINE...: a server that answers so to a login inside TLS
with() {
	meets --tls implicit "${tls[@]}" --auth PLAIN --user joe --password-file "$T/password" ${1:+--reply "auth=$1"} -- \
		'tls on' 'tls_starttls off' "$trust" 'auth on' "${@:2}"
}
good_one="password_file $T/password"
with '' "password_file $T/wrong"
mistake "a wrong password" 77 'refused user name or password' "$server" 'Check user and password'
with '' "$good_one" 'user eve'
mistake "a wrong user" 77 'refused user name or password' "$server" 'Check user and password'
with '535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 https://example.org/ - gsmtp' "$good_one"
mistake "Gmail: the password of the mailbox" 77 'gsmtp' "$server" 'application password'
with '534-5.7.9 Application-specific password required.\r\n534 5.7.9 https://example.org/ - gsmtp' "$good_one"
mistake "Gmail: an application password is wanted" 77 'gsmtp' "$server" 'application password'
with '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.' "$good_one"
mistake "Outlook: passwords are switched off" 77 'a rule of the server' "$server" 'oauth_provider.*--login'
with '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.' "$good_one"
mistake "Outlook: SMTP is switched off" 77 'a rule of the server' "$server" 'administrator has to enable'
with '454 4.7.0 Temporary authentication failure' "$good_one"
mistake "the server cannot check the password now" 75 'cannot check the password now' "$server" 'later'
with '' 'auth cram-md5' "$good_one"
mistake "a mechanism that is not offered" 69 'CRAM-MD5: not offered' "$server" 'auth on'
meets -- 'auth on' "$good_one"
mistake "the server offers no login" 69 'does not offer authentication' "$server" 'port 465 or 587'
meets --tls starttls "${tls[@]}" -- 'auth on' "$good_one"
mistake "a login only after STARTTLS" 69 'no authentication before it' "$server" 'Set tls on and tls_starttls on'
meets --auth PLAIN --user joe --password-file "$T/password" --require-auth --
mistake "the server wants a login, and auth is off" 77 'requires authentication' "$server" 'Set auth on'
meets --tls implicit "${tls[@]}" --auth GSSAPI -- 'tls on' 'tls_starttls off' "$trust" 'auth on' "$good_one"
mistake "no mechanism that suits" 69 'no authentication mechanism' "$server" '--serverinfo'
port=1 token_port=2
oauth_conf
post bob@example.org
mistake "OAuth: not logged in" 77 'logged in' 'account default' '--login=default'
token_server good
answers '{"code": 400, "body": {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}}'
logged_in refresh-1
oauth_conf
post bob@example.org
mistake "OAuth: the login has expired" 77 'expired or revoked' 'account default' '--login=default'
meets --tls implicit "${tls[@]}" --auth XOAUTH2 --user joe --token good -- 'tls on' 'tls_starttls off' "$trust" \
	'auth xoauth2' 'password bad'
mistake "OAuth: a token that is not good" 77 'refused the token' "$server" 'new one'
has 'auth on' 'oauth_provider gogle'
mistake "OAuth: a provider mistyped" 78 'gogle' 'oauth_provider|account default' 'Known are: .*google'

# ---- what the server refuses ----
while IFS='|' read -ru 9 want name what cure reply; do
	meets --reply "$reply" --reply 'helo=550 5.7.1 no' --
	mistake "$name" "$want" "$what" "$server" "$cure"
done 9<<'ROWS'
69|the server takes no mail from here|does not accept connections|port 465 or 587|greeting=554 5.7.1 listed
75|too many connections|421 4.7.0 too many|later|greeting=421 4.7.0 too many
69|the name of this machine is refused|refused our greeting|set domain|ehlo=550 5.7.1 no
77|a sender that is not allowed|MAIL FROM:<alice@example.org>: .*553|address that belongs|mail=553 5.7.1 not yours
75|a rate limit|450 4.7.1 too fast|later|mail=450 4.7.1 too fast
75|greylisting|RCPT TO:<bob@example.org>: .*451|later|rcpt=451 4.7.1 greylisted
67|relaying is denied|RCPT TO:<bob@example.org>: .*relay|auth on|rcpt=554 5.7.1 relay access denied
67|there is no such recipient|RCPT TO:<bob@example.org>: .*refused|Check the address|rcpt=550 5.1.1 no such user
67|the mailbox of a recipient is full|RCPT TO:<bob@example.org>: .*full|may be full|rcpt=552 5.2.2 mailbox full
65|the quota is exceeded|a mailbox is full: 552|must make room|eod=552 5.2.2 quota exceeded
65|the message is taken for spam|refused the message: 554|say why|eod=554 5.7.1 spam
65|DATA is refused|refused the message: 554|say why|data=554 5.5.1 no
69|a command is refused|does not accept this command|administrator|mail=502 5.5.1 no
ROWS
meets --close mail --
mistake "the connection breaks" 75 'closed the connection' "$server" 'later'
meets --close eod --
mistake "the connection breaks after the message" 75 'may have been delivered' "$server" 'before you send it again'

# ---- the message ----
meets --extensions 'SIZE 100' --
mistake "a message too big for the server" 65 '150 bytes.*at most 100' "$server" 'Make the message smaller'
meets -- 'size_limit 100'
mistake "a message too big for size_limit" 65 '150 bytes.*limit' "$server" 'Raise size_limit'
printf 'From: alice@example.org\nTo: bob@example.org\n\ngr\303\274\303\237e\n' >"$T/eight"
smarthost --extensions PIPELINING
conf 'eightbit refuse'
post_stdin bob@example.org <"$T/eight"
smarthost_stop
mistake "8-bit text, and the server has no 8BITMIME" 65 '8-bit content' "server 127.0.0.1 port $port" 'eightbit convert'
recipients=($'gr\303\274\303\237e@example.org')
meets --extensions PIPELINING --
mistake "an address that is not ASCII" 65 'needs SMTPUTF8' 'RCPT TO:<.*@example.org>' 'ASCII local part'
recipients=(-N success bob@example.org)
meets --extensions PIPELINING --
mistake "delivery reports are not offered" 69 'does not offer DSN' "$server" 'dsn_required off'
recipients=(bob@example.org)
has 'filter no-such-filter'
mistake "the filter does not exist" 75 'cannot start' 'filter.*no-such-filter' 'installed, executable and in PATH'
has 'filter sh -c "exit 3"'
mistake "the filter refuses the message" 65 'exit status 3' 'filter: .*command sh' 'run the command yourself'

# ---- local names ----
recipients=(joe)
printf 'joe: ann\nann: joe\n' >"$T/aliases"
has "aliases $T/aliases"
mistake "aliases that go in a circle" 67 'leads back to itself' 'recipient joe: .*aliases, line 1' 'Correct the line'
has "aliases $T/missing"
mistake "the file of aliases does not exist" 66 'No such file' "$T/missing" 'setting aliases'
has
mistake "a recipient without a domain" 67 'a local name is not handed' 'recipient joe' 'in full'
printf 'joe\n' >"$T/aliases"
post -bi --aliases="$T/aliases"
cat "$out" >>"$err"
mistake "a line of the file of aliases is wrong" 78 'expected "name: address"' 'aliases, line 1' 'Correct the line'
recipients=(bob@example.org)

# ---- files and folders ----
queue=auto
HOME=$T/wrong has
mistake "HOME is no folder" 75 'could not be queued: .*is not a folder' "$T/wrong/" 'Move it away'
HOME=/proc has
mistake "HOME cannot be written" 75 'could not be queued: cannot create' '/proc/' 'writable for you'
queue='auto\nqueue_autostart off'
has
folder=$HOME/.local/state/posthaste/queue
[ -d "$folder" ] || bail "there is no queue"
chmod 755 "$folder"
has
mistake "others can enter the queue" 75 'could not be queued: .*used by others' "$folder" 'chmod 700'
chmod 700 "$folder"
chown 12345 "$folder"
has
mistake "the queue belongs to another user" 75 'could not be queued: .*user id 12345' "$folder" 'Move it away'
chown 0 "$folder"
mkdir "$T/full"
mount -t tmpfs -o size=32k,mode=700 none "$T/full" || bail "a file system of a limited size cannot be mounted"
head -c 100000 /dev/zero >"$T/full/x" 2>/dev/null
XDG_STATE_HOME=$T/full has
umount -l "$T/full"
mistake "the disk is full" 75 'could not be queued: .*No space left' "$T/full" 'Free some space'
queue='off\nqueue_autostart off'
has "logfile $T/nowhere/log"
mistake "the log cannot be written" 75 'No such file' "$T/nowhere/log" 'folder exists'

is "$(printf %s "$names" | sort | uniq -d)" '' "each mistake has a name of its own"
ok "$(printf %s "$names" | wc -l) mistakes"

# ---- what is no mistake ----
# works NAME ARGUMENT...
works() {
	smarthost
	conf
	run "${without[@]}" timeout -k 5 60 "$POSTHASTE" -C "$T/rc" "${@:2}" <"$T/mail"
	smarthost_end
	status_is 0 "$1 is no mistake"
	is "$(stored)" 1 "$1: the message arrives"
}
without=(env)
works "an option of sendmail that we do not know" -o nonsense=1 bob@example.org
without=(env LC_ALL=xx_YY)
works "a language that is not installed" bob@example.org
without=(env "HOME=$T/no-home")
works "a HOME that does not exist" bob@example.org
without=(env -u HOME)
works "a HOME that is not set" bob@example.org
smarthost
conf
post_stdin bob@example.org </dev/null
smarthost_end
status_is 0 "an empty message is no mistake"
done_testing
