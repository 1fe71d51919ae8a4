#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# --accept-key and tls_trust first_use: before, once, when the key changes, what is stored and how.  And what
# --serverinfo, --check, --debug and --json say of the rule that accepted a server.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
command -v openssl >/dev/null || skip_all "openssl was not found; on Debian or Ubuntu: apt install openssl"
ca_need good otherkey selfsigned wronghost expired
export XDG_STATE_HOME=$T/state
file=$T/state/posthaste/known_hosts
colons() { ca_fingerprint "$@" | tr a-f A-F | sed 's/../&:/g; s/:$//'; }

# serves CERTIFICATE: the next connection.  Each has another port, so the file is made to name that one.
serves() {
	smarthost --tls implicit --cert "$CA/$1.pem" --key "$CA/$1.key"
	[ ! -f "$file" ] || sed -i "s/^127\.0\.0\.1 [0-9]* /127.0.0.1 $port /" "$file"
	conf 'tls on' 'tls_starttls off' 'tls_trust first_use'
}
key_line() { printf '127.0.0.1 %s %s %s\n' "$port" "$(ca_pin "$1")" "$(colons "$1")"; }

# ---- before a key was accepted ----
serves selfsigned
sends 77 "no key was accepted" bob@example.org
said "^posthaste: TLS: .*you have not accepted the server's key yet.* $(colons selfsigned)" \
	"no key was accepted: with the fingerprint"
said '^hint: .*posthaste --accept-key=default' "no key was accepted: what to do"
never_sent 'AUTH|MAIL|RCPT|DATA|EHLO' "no key was accepted: nothing was sent"
check "no key was accepted: nothing was stored" [ ! -e "$file" ]

# ---- accepting it ----
serves selfsigned
post --accept-key=default </dev/null
smarthost_end
status_is 0 "--accept-key: exit status 0"
is "$(cat "$err")" "" "--accept-key: no complaint"
said_out() { if grep -Eq -- "$1" "$out"; then ok "$2"; else not_ok "$2" "$(cat "$out")"; fi; }
said_out "127\.0\.0\.1, port $port" "--accept-key: host and port"
said_out 'names: DNS:localhost, DNS:mail.test' "--accept-key: the names"
said_out 'valid until: 2098-01-01' "--accept-key: the dates"
said_out "SHA-256: $(colons selfsigned)" "--accept-key: the fingerprint"
said_out "SHA-1: $(colons selfsigned sha1)" "--accept-key: the other fingerprint"
check "--accept-key: the pin" grep -qF "pin: $(ca_pin selfsigned)" "$out"
said_out 'The key is accepted' "--accept-key: what was done"
is "$(cat "$file")" "$(key_line selfsigned)" "--accept-key: the line of the file"
is "$(stat -c %a "$file") $(stat -c %a "$T/state/posthaste")" "600 700" "--accept-key: nobody else can read it"
never_sent 'AUTH|MAIL|RCPT|DATA' "--accept-key: no mail and no login"

serves selfsigned
sends 0 "accepted" bob@example.org
is "$(stored)" 1 "accepted: the message arrived"
serves selfsigned
post --accept-key=default
smarthost_end
status_is 0 "once more: exit status 0"
said_out 'was accepted before' "once more: that is reported"
is "$(cat "$file")" "$(key_line selfsigned)" "once more: the file is as it was"

# ---- another key ----
serves otherkey
sends 77 "a changed key" bob@example.org
said "^posthaste: TLS: .*the server's key has changed.*$(colons selfsigned).*$(colons otherkey)" \
	"a changed key: both fingerprints"
said '^hint: .*posthaste --accept-key=default' "a changed key: how to accept it"
never_sent 'AUTH|MAIL|RCPT|DATA|EHLO' "a changed key: nothing was sent"
serves otherkey
post --json --accept-key=default
in_schema accept_key "--accept-key"
smarthost_end
status_is 0 "accepting the changed key: exit status 0"
is "$("$PYTHON" -c 'import json, sys
o = json.load(open(sys.argv[1]))
print(o["changed"], o["certificates"][0]["pin"])' "$out")" \
	"True $(ca_pin otherkey)" "accepting the changed key: JSON"
is "$(cat "$file")" "$(key_line otherkey)" "accepting the changed key: it replaces the one before"
serves otherkey
sends 0 "the new key" bob@example.org
serves selfsigned
sends 77 "the key before is not accepted any more" bob@example.org

# ---- what cannot be accepted ----
for certificate in wronghost expired; do
	serves $certificate
	before=$(cat "$file")
	post --accept-key=default
	smarthost_end
	status_is 77 "a certificate with another fault ($certificate): exit status 77"
	is "$(cat "$file")" "$before" "a certificate with another fault ($certificate): it is not stored"
done
conf 'tls off'
post --accept-key=default
status_is 78 "an account without TLS: exit status 78"
post --accept-key=nobody
status_is 78 "no such account: exit status 78"
post --accept-key=default bob@example.org
status_is 64 "no recipients beside it: exit status 64"

# ---- the file ----
serves otherkey
printf 'nonsense\n' >>"$file"
sends 78 "a damaged file" bob@example.org
said "^posthaste: TLS: .*/known_hosts: line 2 is not" "a damaged file: file and line"
serves otherkey
sed -i '$d' "$file"
chmod 644 "$file"
sends 78 "a file that others can read" bob@example.org
chmod 600 "$file"
serves otherkey
mv "$file" "$file.real"
ln -s "$file.real" "$file"
post bob@example.org
smarthost_end
check "a link is not followed" [ "$status" != 0 ]
rm "$file"
mv "$file.real" "$file"

# ---- on a terminal it asks first ----
# answering TEXT ARGUMENT...: TEXT is typed
answering() { on_terminal --type="$1" --at='(yes/no)' "${@:2}"; }
rm -f "$file"
serves otherkey
answering no "$POSTHASTE" -C "$T/rc" --accept-key=default
smarthost_end
status_is 77 "no: exit status 77"
said_out "SHA-256: $(colons otherkey)" "no: the key was shown before the question"
check "no: nothing was stored" [ ! -e "$file" ]
serves otherkey
answering yes "$POSTHASTE" -C "$T/rc" --accept-key=default
smarthost_end
status_is 0 "yes: exit status 0"
is "$(cat "$file")" "$(key_line otherkey)" "yes: it was stored"

# ---- STARTTLS, and an account that has another rule so far ----
smarthost --tls starttls --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
conf 'tls on' 'tls_starttls on'
post --accept-key=default
smarthost_end
status_is 0 "STARTTLS: exit status 0"
check "STARTTLS: it was stored" grep -qxF "$(key_line selfsigned)" "$file"
is "$(wc -l <"$file")" 2 "STARTTLS: the other line is still there"

# ---- a queued message that waits for the key ----
PUT=$top_builddir/tests/lib/queue_put
state_of() { "$POSTHASTE" --queue-show "$1" 2>/dev/null | sed -n 's/^State: //p'; }
is_held() { [ "$(state_of "$1")" = "held until something is fixed" ]; }
is_stored() { [ "$(stored)" = "$1" ]; }
rm -rf "$T/state"
mkdir -p "$XDG_CONFIG_HOME/posthaste"
smarthost --tls implicit --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key" --once 1000
printf '%s\n' "account default" "host 127.0.0.1" "port $port" "from alice@example.org" "tls on" "tls_starttls off" \
	"tls_trust first_use" "queue_autostart off" >"$XDG_CONFIG_HOME/posthaste/config"
id=$("$PUT" account=default bob@example.org <"$T/mail")
"$POSTHASTE" --queue-runner </dev/null >"$T/runner.out" 2>&1 7>&- &
runner=$!
check "a queued message: held" wait_until 6 is_held "$id"
run timeout 20 "$POSTHASTE" --accept-key=default </dev/null
status_is 0 "a queued message: the key is accepted"
check "a queued message: it goes as soon as the key is accepted" wait_until 10 is_stored 1
kill "$runner" 2>/dev/null
wait "$runner"
smarthost_stop
rm -rf "$XDG_CONFIG_HOME/posthaste"

# ---- which rule accepted the server ----
serves_for() {
	smarthost --tls implicit --cert "$CA/$1.pem" --key "$CA/$1.key" --once 9
	conf 'tls on' 'tls_starttls off' "${@:2}"
}
while IFS='|' read -ru 9 rule certificate line; do
	also=()
	[ "$rule" != pin ] || also=("tls_pin $(ca_pin "$certificate")")
	serves_for "$certificate" "$line" "${also[@]}"
	[ "$rule" != first_use ] || key_line "$certificate" >"$file"
	post --serverinfo
	said_out "verified by: $rule\$" "$rule: --serverinfo"
	post --check
	said_out "^PASS TLS: .*verified by: $rule\$" "$rule: --check"
	post --json bob@example.org
	said_out "\"verified_by\":\"$rule\"" "$rule: --json"
	post --debug bob@example.org
	check "$rule: --debug" grep -q "verified by: $rule" "$out" "$err"
	smarthost_stop
done 9<<ROWS
ca|good|tls_trust_file $CA/ca.crt
pin|selfsigned|tls_trust pin
first_use|selfsigned|tls_trust first_use
fingerprint|selfsigned|tls_fingerprint $(ca_fingerprint selfsigned)
none|selfsigned|tls_certcheck off
ROWS

# ---- a certificate that expires soon ----
for days in 5 13 20; do
	rm -f "$CA"/soon.*
	ca_issue soon ca "$ca_server
$ca_names" "2020-01-01 00:00:00 UTC" "$(date -u -d "+$days days" '+%Y-%m-%d %H:%M:%S') UTC"
	serves_for soon "tls_trust_file $CA/ca.crt"
	post --serverinfo
	grep -q 'warning: it expires soon' "$out" && shown=1 || shown=0
	is "$shown" $((days < 14)) "$days days left: --serverinfo warns, or not"
	post --json --serverinfo
	in_schema serverinfo "$days days left"
	grep -q '"notes":\["the certificate of 127.0.0.1 expires in less than 14 days"\]' "$out" && shown=1 || shown=0
	is "$shown" $((days < 14)) "$days days left: a note of --json, or not"
	post --check
	grep -q '^PASS certificate dates: .*warning: it expires soon' "$out" && shown=1 || shown=0
	is "$shown" $((days < 14)) "$days days left: --check warns, or not"
	smarthost_stop
done
done_testing
