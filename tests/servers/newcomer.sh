#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A newcomer's way from an address and a password to the first message, without a manual: --configure on a terminal
# with an empty home directory, answers typed at its questions, then a message.  The provider is Postfix with the
# logins of Dovecot, or Dovecot itself; its file is fetched by HTTPS, its records from Unbound; once the login
# is by OAuth2.
#
# Outside: starts itself again in a network and mount namespace, where /etc/resolv.conf names the name server of this
# test, and port 443 is free.  With NEWCOMER_SYSTEM, a folder with another system, it is the posthaste installed there
# that is run, in it (scripts/check-newcomer).
own_mounts=${top_srcdir:-$(dirname "$0")/../..}/tests/lib/own-mounts
if [ "${TEST_INSIDE_NAMESPACE:-}" != 1 ] && "$own_mounts" -n true 2>/dev/null; then
	TEST_INSIDE_NAMESPACE=1 exec "$own_mounts" -n bash "$0" "$@"
fi
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
POSTHASTE=$top_builddir/tests/cli/posthaste

[ "${TEST_INSIDE_NAMESPACE:-}" = 1 ] || skip_all "a name server of our own: $("$own_mounts" -n true 2>&1)"
[ -e /etc/resolv.conf ] || skip_all "there is no /etc/resolv.conf that could be replaced"
[ -n "${NEWCOMER_SYSTEM:-}" ] || [ -x "$top_builddir/src/helper/posthaste-http" ] ||
	skip_all "this build has no posthaste-http"
bed_need unbound postfix dovecot
"$BED_PYTHON" -c 'import sys; sys.path.insert(0, sys.argv[1]); import dns; dns.loopback_up()' "$top_srcdir/tests/lib"
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$T/resolv.conf"
chmod 644 "$T/resolv.conf"
mount --bind "$T/resolv.conf" /etc/resolv.conf || bail "/etc/resolv.conf cannot be replaced"
printf '127.0.0.1 localhost\n' >"$T/hosts"
chmod 644 "$T/hosts"
mount --bind "$T/hosts" /etc/hosts || bail "/etc/hosts cannot be replaced"

# in_system: runs the posthaste of that system, with the files of the test at the same place
in_system() {
	local system=$NEWCOMER_SYSTEM
	mkdir -p "$system$T"
	mount --rbind "$T" "$system$T" && mount --rbind /dev "$system/dev" && mount --rbind /proc "$system/proc" &&
		touch "$system/etc/resolv.conf" && mount --bind "$T/resolv.conf" "$system/etc/resolv.conf" &&
		mount --bind "$T/hosts" "$system/etc/hosts" || bail "$system cannot be used"
	printf '#!/bin/sh\nexec chroot %s posthaste "$@"\n' "$system" >"$T/posthaste"
	chmod +x "$T/posthaste"
	POSTHASTE=$T/posthaste
}
[ -z "${NEWCOMER_SYSTEM:-}" ] || in_system

oauth=no
if bed_have oauth; then
	oauth=yes
	oauth_start
fi
bed_certificates wildcard
postfix_start
zone_unsigned test <<-END
mail A 127.0.0.1
mail MX 10 mail.test.
autoconfig.mail A 127.0.0.1
_submissions._tcp.provider SRV 0 0 $DOVECOT_SMTPS mail.test.
_submissions._tcp.login SRV 0 0 $DOVECOT_SMTPS mail.test.
END
UNBOUND_ANCHOR=
unbound_start

mkdir -p "$T/web/autoconfig.mail.test/mail"
cat >"$T/web/autoconfig.mail.test/mail/config-v1.1.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="mail.test">
    <domain>mail.test</domain>
    <displayName>The mail of mail.test</displayName>
    <outgoingServer type="smtp">
      <hostname>mail.test</hostname>
      <port>$POSTFIX_SMTPS</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </outgoingServer>
  </emailProvider>
</clientConfig>
END
mkfifo "$T/https"
"$BED_PYTHON" "$top_srcdir/tests/lib/https_files.py" "$T/web" 443 mail.test="$CA/good.pem" \
	autoconfig.mail.test="$CA/wildcard.pem" >"$T/https" 2>"$T/https.err" 7>&- &
track $!
read -r line <"$T/https" || bail "the server of HTTPS did not start: $(cat "$T/https.err")"
is "$line" ready "the server of HTTPS answers"

# newcomer NAME ADDRESS "WORDS|TEXT"...: sets up an account, typing TEXT when WORDS are shown, and sends a message
newcomer() {
	local name=$1 address=$2 began=$SECONDS
	shift 2
	printf '%s\n' "${@/|/$'\t'}" >"$T/typed"
	run "$BED_PYTHON" "$top_srcdir/tests/lib/on_terminal.py" --dialogue="$T/typed" "$POSTHASTE" \
		--configure="$address" --tls-trust-file="$CA/ca.crt"
	is "$status" 0 "$name: exit status 0"
	[ "$status" = 0 ] || note "$(cat "$out" "$err")"
	is "$(cat "$err")" '' "$name: all questions came"
	like "$(cat "$out")" 'PASS[^ ]* AUTH.*PASS[^ ]* sender' "$name: the check at the end passes"
	cat "$out" >>"$T/shown"
	delivered_clear "$box"
	run "$POSTHASTE" "$address" <<<"hello"
	is "$status" 0 "$name: the first message: exit status 0"
	is "$(cat "$out" "$err")" '' "$name: the first message: nothing is said"
	is "$(delivered_count "$box")" 1 "$name: it is delivered"
	like "$(delivered_envelope "$box" latest)" "MAIL FROM:<$address>.*RCPT TO:<$address>" "$name: its envelope"
	like "$(delivered_message "$box" latest)" hello "$name: its text"
	note "$name: $((SECONDS - began)) seconds from the command to the delivered message"
}
fresh() { rm -rf "$HOME" && mkdir -m 700 "$HOME"; }
secrets_are_ours() {
	is "$(find "$HOME" -type f ! -perm 600)$(find "$HOME" -mindepth 1 -type d -perm /022)" '' \
		"$1: all files are ours alone"
}

fresh
box=$POSTFIX_BOX
newcomer "a file by HTTPS, Postfix" "$BED_USER@mail.test" 'Use mail.test|' 'User name|' "Password of|$BED_PASSWORD"
is "$(postfix_last_login | cut -d' ' -f2)" "$BED_USER" "a file by HTTPS: the login name that works was found"
secrets_are_ours "a file by HTTPS"

fresh
box=$DOVECOT_BOX
newcomer "records in the DNS, Dovecot" "$BED_USER@provider.test" 'Use mail.test|yes' "User name|$BED_USER" \
	"Password of|$BED_PASSWORD"
dovecot_login "$DOVECOT_BEST $BED_USER" "records in the DNS: the login"
secrets_are_ours "records in the DNS"

if [ "$oauth" = yes ]; then
	fresh
	mkdir -p "$XDG_CONFIG_HOME/posthaste" "$T/bin"
	cat >"$XDG_CONFIG_HOME/posthaste/config" <<-END
	defaults
	oauth_trust_file $CA/ca.crt
	oauth_client_id public
	oauth_scope mail offline_access
	oauth_authorize_url $OAUTH_URL/auth
	oauth_token_url $OAUTH_URL/token
	END
	mkfifo "$T/pages"
	printf '#!/bin/sh\nprintf "%%s\\n" "$1" >"%s"\n' "$T/pages" >"$T/bin/xdg-open"
	chmod +x "$T/bin/xdg-open"
	{
		read -r page <"$T/pages"
		exec "$BED_PYTHON" "$BED_LIB/oauth/browser.py" code "$page" --ca="$CA/ca.crt" --page --steps=get
	} >"$T/browser" 2>&1 7>&- &
	track $!
	PATH=$T/bin:$PATH DISPLAY=:none newcomer "OAuth2" "$BED_USER@login.test" 'Use mail.test|yes' "User name|$BED_USER"
	dovecot_login "OAUTHBEARER $BED_USER" "OAuth2: the login"
	like "$(cat "$XDG_CONFIG_HOME/posthaste/config")" '^defaults' "OAuth2: what was in the file is still there"
fi

check "something was shown" test -s "$T/shown"
printf '%s\n' "$BED_PASSWORD" | "$BED_PYTHON" "$top_srcdir/tests/lib/forms.py" >"$T/forms"
is "$(grep -aoFf "$T/forms" "$T/shown" | head -3)" '' "the password is nowhere in what was shown"
done_testing
