#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --import: the configurations of other programs become accounts that work, and the queue of msmtpq becomes ours.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good
secret='Canary $x "y" z'
printf '%s\n' "$secret" >"$T/password"
passwords=$XDG_CONFIG_HOME/posthaste

# imports FILE LINE...: has these lines, and no other settings than these
imports() {
	local name=${1##*/}
	run "$POSTHASTE" --import="$1"
	status_is 0 "$name: is imported"
	is "$(grep -v '^#' "$out" | grep . | paste -sd'|')" "$(printf '%s\n' "${@:2}" | paste -sd'|')" "$name: the accounts"
	unlike "$(cat "$out" "$err")" Canary "$name: no password is printed"
	is "$(find "$passwords" -type f ! -perm 600)" "" "$name: what is in a file only the user can read"
}
# sends_with NAME: the result sends a message by a login over TLS
sends_with() {
	{ echo "defaults"; echo "queue off"; cat "$out"; } >"$T/rc"
	chmod 600 "$T/rc"
	run "$POSTHASTE" -C "$T/rc" -a "$1" --from=alice@example.org --tls-trust-file="$CA/ca.crt" bob@example.org <"$T/mail"
	smarthost_end
	is "$status $(stored)" "0 1" "$1: a message is sent"
	like "$(cat "$T/transcript")" 'AUTH' "$1: after a login"
}
server() {
	smarthost --tls "$1" --cert "$CA/good.pem" --key "$CA/good.key" --auth 'PLAIN LOGIN CRAM-MD5' --user joe \
		--password-file "$T/password"
}

# ---- ssmtp ----
mkdir "$T/ssmtp"
server starttls
cat >"$T/ssmtp/ssmtp.conf" <<END
# a comment
root=postmaster
MailHub=localhost:$port
AuthUser=joe
AuthPass=$secret
UseTLS=YES
UseSTARTTLS=yes
rewriteDomain=example.org
hostname=host.example.org
FromLineOverride=YES
Colour=red
END
printf '# users\nroot:joe@example.org:other.example.org:2525\nbob:bob@example.org\n' >"$T/ssmtp/revaliases"
imports "$T/ssmtp/ssmtp.conf" 'account ssmtp' 'host localhost' "port $port" 'tls on' 'tls_starttls on' 'auth on' \
	'user joe' "password_file $passwords/password-ssmtp" 'from %U@example.org' 'domain host.example.org' \
	'account root : ssmtp' 'from joe@example.org' 'host other.example.org' 'port 2525' 'account bob : ssmtp' \
	'from bob@example.org'
for word in root FromLineOverride Colour; do
	like "$(cat "$out")" "# Not taken over: $word \(line [0-9]+\)" "ssmtp: what becomes of $word"
done
sends_with ssmtp
printf 'mailhub=mail.example.org\nAuthUser=joe\nAuthMethod=CRAM-MD5\n' >"$T/plain.conf"
imports "$T/plain.conf" 'account ssmtp' 'host mail.example.org' 'port 25' 'tls off' 'auth cram-md5' 'user joe' \
	'auth_without_tls on'
like "$(cat "$out")" '# Without TLS everybody' "ssmtp without TLS: a warning"

# ---- nullmailer ----
mkdir "$T/nullmailer"
server implicit
cat >"$T/nullmailer/remotes" <<END
# servers
localhost smtp --port=$port tls user=joe pass='$secret' x509cafile=$CA/ca.crt auth-login

second.example.org smtp starttls insecure source=192.0.2.1 x509fmtder
third.example.org qmqp
END
echo host.example.org >"$T/nullmailer/me"
echo root@example.org >"$T/nullmailer/adminaddr"
echo 3600 >"$T/nullmailer/queuelifetime"
imports "$T/nullmailer/remotes" 'account nullmailer' 'host localhost' "port $port" 'tls on' 'tls_starttls off' \
	"tls_trust_file $CA/ca.crt" 'auth login' 'user joe' "password_file $passwords/password-nullmailer" \
	'from %U@host.example.org' 'domain host.example.org' 'queue_lifetime 3600' 'fallback nullmailer2' \
	'account nullmailer2' 'host second.example.org' 'port 25' 'tls on' 'tls_starttls on' 'tls_certcheck off' \
	'source_ip 192.0.2.1' 'auth off' 'from %U@host.example.org' 'domain host.example.org' 'queue_lifetime 3600'
like "$(cat "$out")" '# Not taken over: third.example.org .*qmqp' "nullmailer: a protocol we do not speak"
like "$(cat "$out")" '# Not taken over: x509fmtder' "nullmailer: a format we do not read"
like "$(cat "$out")" '# adminaddr root@example.org: write "root: root@example.org"' "nullmailer: adminaddr"
sends_with nullmailer

# ---- dma ----
mkdir "$T/dma"
server starttls
cat >"$T/dma/dma.conf" <<END
# PORT 1
SMARTHOST localhost
PORT $port
AUTHPATH $T/dma/auth.conf
SECURETRANSFER
STARTTLS
MASQUERADE joe@example.org
MAILNAME $T/dma/mailname
SPOOLDIR /var/spool/dma
FULLBOUNCE
DEFER
END
printf '# logins\nother|other.example.org:no\njoe|localhost:%s\n' "$secret" >"$T/dma/auth.conf"
echo host.example.org >"$T/dma/mailname"
imports "$T/dma/dma.conf" 'account dma' 'host localhost' "port $port" 'tls on' 'tls_starttls on' 'auth on' 'user joe' \
	"password_file $passwords/password-dma" 'from joe@example.org' 'domain host.example.org' 'queue always' \
	'dsn_return full'
like "$(cat "$out")" '# Not taken over: SPOOLDIR' "dma: what is not needed"
sed -i '/^queue always/d' "$out"
sends_with dma
printf 'PORT 25\n' >"$T/dma/dma.conf"
run "$POSTHASTE" --import="$T/dma/dma.conf"
status_is 78 "dma without a server"
said 'names no SMARTHOST' "dma without a server: what is missing"

# ---- esmtp ----
server starttls
cat >"$T/esmtprc" <<END
hostname = localhost:$port
username "joe"
password = "$(sed 's/["\\]/\\&/g' <<<"$secret")"   # a comment
starttls = required
helo=host.example.org
force reverse_path = joe@example.org
mda = "procmail -d %T"
identity = work@example.com
	hostname smtp.example.com
	starttls = enabled
	preconnect = "ssh -f x"
END
imports "$T/esmtprc" 'account esmtp' 'host localhost' "port $port" 'tls on' 'tls_starttls on' 'auth on' 'user joe' \
	"password_file $passwords/password-esmtp" 'from joe@example.org' 'domain host.example.org' \
	'account work@example.com' 'host smtp.example.com' 'port 587' 'tls on' 'tls_starttls on' 'auth off' \
	'from work@example.com'
like "$(cat "$out")" '# Not taken over: mda' "esmtp: what is not possible"
like "$(cat "$out")" '# Not taken over: preconnect .*proxy_command' "esmtp: what takes its place"
sends_with esmtp
printf 'hostname = "mail.example.org\n' >"$T/esmtprc"
run "$POSTHASTE" --import="$T/esmtprc"
status_is 78 "esmtp: a quotation mark is missing"
said 'line 1' "esmtp: where"

# ---- others ----
printf 'hello\n' >"$T/unknown"
run "$POSTHASTE" --import="$T/unknown"
status_is 78 "a file that is no configuration"
said '^hint: Known are ssmtp\.conf' "what can be imported"
run "$POSTHASTE" --import="$T/dma/mailname" --json
status_is 78 "JSON: a file that is no configuration"
in_schema import "JSON: a file that is no configuration"
run "$POSTHASTE" --import="$T/nullmailer/remotes" --json
in_schema import "JSON: accounts"
run "$POSTHASTE" --import="$T/missing"
status_is 66 "a file that is missing"

# ---- msmtpq ----
printf '%s\n' 'host 127.0.0.1' 'port 1' 'from alice@example.org' 'tls off' 'auth off' 'queue_autostart off' >"$T/rc"
mkdir -p "$XDG_CONFIG_HOME/posthaste" "$T/msmtpq"
cp "$T/rc" "$XDG_CONFIG_HOME/posthaste/config"
chmod 600 "$XDG_CONFIG_HOME/posthaste/config"
for i in 1 2 3; do
	printf 'From: alice@example.org\nTo: bob@example.org\nSubject: number %s\n\ntext\n' $i >"$T/msmtpq/2026-11-30-$i.mail"
	echo "-oi -f alice@example.org -- bob$i@example.org" >"$T/msmtpq/2026-11-30-$i.msmtp"
done
mv "$T/msmtpq/2026-11-30-2.msmtp" "$T/msmtpq/2026-11-30-2.msmtp.importing"
run timeout 60 "$POSTHASTE" --import="$T/msmtpq"
status_is 75 "a message whose import was interrupted: it may be in the queue"
said 'an import ended while this message was submitted' "it is named"
is "$(cat "$out")" "imported into the queue: 2 messages" "the others are imported"
is "$("$POSTHASTE" -bp --json | "$PYTHON" -c 'import json,sys
print([r["address"] for m in json.load(sys.stdin) for r in m["recipients"]])')" \
	"['bob1@example.org', 'bob3@example.org']" "each is in the queue, with its recipients, in order"
run timeout 60 "$POSTHASTE" --import="$T/msmtpq"
is "$(cat "$out")" "imported into the queue: 0 messages" "once more: nothing is imported twice"
mv "$T/msmtpq/2026-11-30-2.msmtp.importing" "$T/msmtpq/2026-11-30-2.msmtp"
run timeout 60 "$POSTHASTE" --import="$T/msmtpq"
is "$status $(cat "$out")" "0 imported into the queue: 1 message" "renamed by the user, it is imported"
printf -- '--no-such-option bob@example.org\n' >"$T/msmtpq/4.msmtp"
cp "$T/mail" "$T/msmtpq/4.mail"
run timeout 60 "$POSTHASTE" --import="$T/msmtpq"
isnt "$status" 0 "a message that is refused"
check "it stays as it was" [ -e "$T/msmtpq/4.msmtp" ]
done_testing
