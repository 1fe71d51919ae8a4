#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --import: what other programs' configurations become.  The text that is printed is loaded, every setting is in it
# with what became of it, and no password is in anything that is printed.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

SECRET=canary-hunter2
keys=$HOME/.config/posthaste
setting() { sed -n "s/^$1 *= \([^ ]*\).*/\1/p" "$T/shown"; }
# imports STATUS NAME FILE: what is printed goes to $T/text
imports() {
	rm -rf "$keys"
	run timeout 20 "$POSTHASTE" --import "$3"
	status_is "$1" "$2: exit status $1"
	cp "$T/out" "$T/text"
	unlike "$(cat "$T/out" "$T/err")" "$SECRET" "$2: no password is printed"
}
# loads NAME [ARGUMENT...]: the text is a configuration; its settings go to $T/shown
loads() {
	local name=$1
	shift
	run timeout 20 "$POSTHASTE" -C "$T/text" --pretend "$@" </dev/null
	status_is 0 "$name: the text is loaded"
	is "$(cat "$T/err")" "" "$name: nothing is said about it"
	cp "$T/out" "$T/shown"
}
# has NAME WORD...: settings, as NAME=VALUE
has() {
	local name=$1 word
	shift
	for word; do is "$(setting "${word%%=*}")" "${word#*=}" "$name: $word"; done
}
# sends_as NAME SENDER ARGUMENT...: the sender of a message
sends_as() {
	run timeout 20 "$POSTHASTE" -C "$T/text" --dry-run --json "${@:3}" bob@example.org <"$T/mail"
	is "$("$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["from"])' <"$T/out")" "$2" "$1: the sender"
}
told() {
	if grep -qxF -- "# $2" "$T/text"; then ok "$1: $2"; else not_ok "$1: $2" "$(cat "$T/text")"; fi
}
kept() {
	is "$(cat "$keys/password-$2" 2>/dev/null)" "$3" "$1: the password is in a file"
	is "$(stat -c %a "$keys/password-$2" 2>/dev/null)" 600 "$1: of mode 600"
}

# ---- ssmtp ----
mkdir "$T/ssmtp"
cat >"$T/ssmtp/ssmtp.conf" <<END
# a comment
root=admin@example.org
mailhub=mail.example.org:587
rewriteDomain=example.org
hostname=box.example.org
FromLineOverride=YES
UseTLS=YES
UseSTARTTLS=YES
AuthUser=joe
AuthPass=$SECRET\${x}\$\$ = #
AddHeader="X-A: b"
Debug=YES
Bogus=$SECRET
END
printf '%s\n' '# a comment' 'root:boss@example.org:other.example.org:2587' 'www-data:web@example.org' \
	>"$T/ssmtp/revaliases"
imports 0 ssmtp "$T/ssmtp/ssmtp.conf"
told ssmtp 'mailhub=mail.example.org:587'
told ssmtp 'Debug=YES: not needed. --debug shows the dialogue.'
told ssmtp 'Bogus: not possible. It is not known.'
like "$(cat "$T/text")" '# root=admin@example.org: not possible\. .*"root: ADDRESS"' "ssmtp: the aliases are explained"
kept ssmtp default "$SECRET\${x}\$\$ = #"
loads ssmtp
has ssmtp host=mail.example.org port=587 tls=on tls_starttls=on auth=on user=joe domain=box.example.org \
	from="$(id -un)@example.org" sender=fix_local "password_file=$keys/password-default"
loads "ssmtp, a user" -f root
has "ssmtp, a user" host=other.example.org port=2587 sender=force user=joe
sends_as "ssmtp, a user" boss@example.org -f root
loads "ssmtp, another user" -f www-data@box.example.org
has "ssmtp, another user" host=mail.example.org
sends_as "ssmtp, another user" web@example.org -f www-data@box.example.org
run "$POSTHASTE" --import "$T/ssmtp/ssmtp.conf"
status_is 0 "ssmtp, again: exit status 0"
echo other >"$keys/password-default"
run "$POSTHASTE" --import "$T/ssmtp/ssmtp.conf"
status_is 73 "a password that is there already: exit status 73"
is "$(cat "$keys/password-default")" other "a password that is there already: it is not replaced"
said "password-default is there already" "a password that is there already: said so"
rm "$T/ssmtp/revaliases"
printf '%s\r\n' 'MAILHUB mail.example.org' 'usetls Yes' 'TLS_CA_FILE=/etc/ca' 'UseTLSCert=yes' 'TLSCert=/etc/c.pem' \
	'AuthUser=' 'AuthPass=x' >"$T/ssmtp/ssmtp.conf"
imports 0 "ssmtp, TLS" "$T/ssmtp/ssmtp.conf"
loads "ssmtp, TLS"
has "ssmtp, TLS" port=25 tls=on tls_starttls=off tls_trust_file=/etc/ca tls_cert_file=/etc/c.pem \
	tls_key_file=/etc/c.pem sender=force auth=off
unlike "$(cat "$T/text")" 'did not check' "ssmtp, TLS: nothing about a check that was made"
printf '%s\n' 'mailhub=mail.example.org' 'AuthUser=joe' "AuthPass=$SECRET" 'AuthMethod=CRAM-MD5' >"$T/ssmtp/ssmtp.conf"
imports 0 "ssmtp, plain" "$T/ssmtp/ssmtp.conf"
loads "ssmtp, plain"
has "ssmtp, plain" tls=off auth=cram-md5
like "$(cat "$T/text")" 'was sent without encryption, which posthaste refuses' "ssmtp, plain: the danger is named"

printf '%s\n' 'mailhub=[2001:db8::1]:587' >"$T/ssmtp/ssmtp.conf"
imports 0 "ssmtp, an address" "$T/ssmtp/ssmtp.conf"
loads "ssmtp, an address"
has "ssmtp, an address" host=2001:db8::1 port=587

# ---- nullmailer ----
mkdir "$T/nullmailer"
cat >"$T/nullmailer/remotes" <<END
# a comment
mail.example.org smtp --port=2587 starttls user=joe pass='$SECRET it'\''s' x509cafile=/etc/ca insecure
backup.example.org smtp tls --auth-login --user=me pass="$SECRET\\"" source=192.0.2.1
far.example.org qmqp
plain.example.org
END
cd "$T/nullmailer" || exit 99
echo box >me
echo example.net >defaultdomain
echo 300 >pausetime
echo 1000 >maxpause
echo 86400 >queuelifetime
echo 600 >sendtimeout
echo admin@example.org >adminaddr
echo bounces@example.org >doublebounceto
cd "$T" || exit 99
for file in "$T/nullmailer" "$T/nullmailer/remotes"; do
	imports 0 nullmailer "$file"
	told nullmailer 'far.example.org qmqp: not possible. Only SMTP and LMTP are spoken.'
	told nullmailer 'doublebounceto bounces@example.org: not needed. Failures are reported to the sender.'
	kept nullmailer default "$SECRET it's"
	kept "nullmailer, second" fallback-2 "$SECRET\""
done
loads nullmailer
has nullmailer host=mail.example.org port=2587 tls=on tls_starttls=on tls_certcheck=off tls_trust_file=/etc/ca auth=on \
	user=joe domain=box from="$(id -un)@box.example.net" sender=fix_local queue_lifetime=1d deadline=10m
is "$(sed -n 's/^queue_retry *= //p' "$T/shown" | sed 's/  .*//')" "300s 600s 1000s" "nullmailer: the times"
is "$(sed -n 's/^fallback *= //p' "$T/shown" | sed 's/  .*//')" "fallback-2 fallback-4" \
	"nullmailer: the other servers"
loads "nullmailer, second" -a fallback-2
has "nullmailer, second" host=backup.example.org port=465 tls=on tls_starttls=off auth=login user=me source_ip=192.0.2.1
loads "nullmailer, last" -a fallback-4
has "nullmailer, last" host=plain.example.org port=25 tls=off auth=off
printf 'x@example.org\n' >"$T/nullmailer/allmailfrom"
imports 0 "nullmailer, allmailfrom" "$T/nullmailer"
loads "nullmailer, allmailfrom"
has "nullmailer, allmailfrom" from=x@example.org sender=force
echo 0 >"$T/nullmailer/sendtimeout"
imports 0 "nullmailer, no limit" "$T/nullmailer"
loads "nullmailer, no limit"
has "nullmailer, no limit" deadline=off
printf 'far qmqp\n' >"$T/nullmailer/remotes"
imports 78 "nullmailer without SMTP" "$T/nullmailer"

# ---- dma ----
mkdir "$T/dma"
cat >"$T/dma/dma.conf" <<END
# SMARTHOST none
SMARTHOST mail.example.org
PORT 587
AUTHPATH auth.conf
SECURETRANSFER
STARTTLS
OPPORTUNISTIC_TLS
FINGERPRINT $(printf 'AB%.0s' {1..32})
MAILNAME $T/dma/mailname
MASQUERADE joe@
SPOOLDIR /var/spool/dma
ALIASES /etc/other
DEFER
END
echo box.example.org >"$T/dma/mailname"
printf '%s\n' '# x' "joe|other.example.org:no" "joe|mail.example.org:$SECRET:a|b" >"$T/dma/auth.conf"
imports 0 dma "$T/dma/dma.conf"
like "$(cat "$T/text")" '# OPPORTUNISTIC_TLS: not possible' "dma: TLS that may be left out"
told dma 'SPOOLDIR /var/spool/dma: not needed. What waits there is dma'"'"'s: send it with dma -q first.'
kept dma default "$SECRET:a|b"
loads dma
has dma host=mail.example.org port=587 tls=on tls_starttls=on tls_fingerprint_only=on auth=on user=joe \
	domain=box.example.org from=joe@box.example.org sender=force aliases=/etc/other queue=always queue_autostart=off
printf '%s\n' 'SMARTHOST mail.example.org' 'MASQUERADE example.com' 'NULLCLIENT' 'INSECURE' 'AUTHPATH auth.conf' \
	>"$T/dma/dma.conf"
imports 0 "dma, plain" "$T/dma/dma.conf"
loads "dma, plain"
has "dma, plain" port=25 tls=off auth_without_tls=on from="$(id -un)@example.com" sender=force local_recipients=pass
printf '%s\n' '#SMARTHOST x' 'MAILNAME /etc/mailname' >"$T/dma/dma.conf"
imports 78 "dma without a server" "$T/dma/dma.conf"
said '^hint: .*--configure' "dma without a server: what to do"
printf '%s\n' 'SMARTHOST x' 'AUTHPATH none' >"$T/dma/dma.conf"
imports 66 "dma without its passwords" "$T/dma/dma.conf"
said 'dma/none' "dma without its passwords: the file is named"

# ---- esmtp ----
cat >"$T/esmtprc" <<END
# a comment
hostname = localhost:smtp   # another
username "us\\"er"
password='$SECRET\\'x'
mda = "/usr/bin/procmail -d %T"
qualifydomain = example.org
identity = me@example.com
	hostname = mail.example.com
	username me
	password = $SECRET # x
	starttls = required
	helo = box.example.com
	message_id = disabled
	certificate_passphrase = $SECRET
identity = forced@example.net
	hostname = mail.example.net:2525
	force reverse_path = %u%%x@example.net
END
imports 0 esmtp "$T/esmtprc"
told esmtp 'certificate_passphrase: not possible. Name certificate and key with tls_cert_file and tls_key_file.'
kept esmtp default "$SECRET'x"
kept "esmtp, an identity" me@example.com "$SECRET"
loads esmtp
has esmtp host=localhost port=25 tls=off auth=on 'user=us"er' from="$(id -un)@example.org"
loads "esmtp, an identity" -f me@example.com
has "esmtp, an identity" host=mail.example.com port=587 tls=on tls_starttls=on user=me domain=box.example.com \
	from=me@example.com set_msgid_header=off
loads "esmtp, a forced sender" -f forced@example.net
has "esmtp, a forced sender" port=2525 sender=force
sends_as "esmtp, a forced sender" "$(id -un)%x@example.net" -f forced@example.net
printf '%s\n' 'identity a@example.org' 'hostname mail.example.org' >"$T/esmtprc"
imports 0 "esmtp, identities only" "$T/esmtprc"
loads "esmtp, identities only"
has "esmtp, identities only" host=mail.example.org from=a@example.org

# ---- a message is sent by what was imported, after a login over TLS ----
password="$SECRET \$x \"y\""
printf '%s\n' "$password" >"$T/password"
# sends_by NAME TLS FILE: the file is read from standard input, with @P@ for the port
sends_by() {
	smarthost --tls "$2" --cert "$CA/good.pem" --key "$CA/good.key" --auth 'PLAIN LOGIN' --user joe \
		--password-file "$T/password"
	mkdir -p "${3%/*}"
	sed "s/@P@/$port/" >"$3"
	imports 0 "$1, a server" "$3"
	printf 'queue off\ntls_trust_file %s\n' "$CA/ca.crt" >>"$T/text"
	chmod 600 "$T/text"
	run timeout 20 "$POSTHASTE" -C "$T/text" -a default bob@example.org <"$T/mail"
	smarthost_end
	is "$status $(stored)" "0 1" "$1: a message is sent"
	show_err
	like "$(cat "$T/transcript")" 'C: AUTH ' "$1: after a login"
}
sends_by ssmtp starttls "$T/a/ssmtp.conf" <<END
mailhub=localhost:@P@
UseSTARTTLS=YES
rewriteDomain=example.org
AuthUser=joe
AuthPass=$password
END
echo box.example.org >"$T/a/me"
sends_by nullmailer implicit "$T/a/remotes" <<END
localhost smtp port=@P@ tls user=joe pass='$password'
END
rm "$T/a/me"
printf 'joe|localhost:%s\n' "$password" >"$T/a/auth.conf"
sends_by dma starttls "$T/a/dma.conf" <<'END'
SMARTHOST localhost
PORT @P@
SECURETRANSFER
STARTTLS
MASQUERADE joe@example.org
AUTHPATH auth.conf
FULLBOUNCE
END
sends_by esmtp starttls "$T/a/esmtprc" <<END
hostname = localhost:@P@
username = joe
password = '$password'
starttls = required
qualifydomain = example.org
END

# ---- JSON, and what is none of these ----
printf '%s\n' 'mailhub=mail.example.org' 'AuthUser=joe' "AuthPass=$SECRET" >"$T/ssmtp/ssmtp.conf"
rm -r "$keys"
run "$POSTHASTE" --json --import "$T/ssmtp/ssmtp.conf"
in_schema import "JSON"
is "$("$PYTHON" -c 'import json, sys
o = json.load(sys.stdin)
print(o["program"], o["status"], [(s["name"], s["value"], s["fate"]) for s in o["settings"]][-2:])' <"$T/out")" \
	"ssmtp 0 [('AuthUser', 'joe', 'taken'), ('AuthPass', None, 'taken')]" "JSON: the settings"
unlike "$(cat "$T/out")" "$SECRET" "JSON: no password"
printf '%s\n' 'account a' 'host b' >"$T/msmtprc"
: >"$T/empty"
printf 'mailhub=a\0b\n' >"$T/nul"
while IFS='|' read -ru 9 file want; do
	imports "$want" "$file" "$T/$file"
	said '^hint: ' "$file: a next step"
done 9<<'ROWS'
msmtprc|78
empty|78
nul|78
ROWS
imports 66 "a file that is missing" "$T/none"
run "$POSTHASTE" --import "$T/msmtprc" bob@example.org
status_is 64 "with recipients: exit status 64"
printf '%s\n' 'mailhub=a b c' 'hostname=not a name' >"$T/ssmtp/ssmtp.conf"
imports 0 "values that cannot be" "$T/ssmtp/ssmtp.conf"
loads "values that cannot be"
like "$(cat "$T/text")" '# domain=not a name: not possible' "values that cannot be: said so"
done_testing
