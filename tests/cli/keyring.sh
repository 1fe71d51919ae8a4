#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A real keyring (gnome-keyring) on a session bus of its own: what --login,
# secret-tool and msmtp's users stored is found, and a locked one is distinguished.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

POSTHASTE=$top_builddir/tests/cli/posthaste
HELPER=$top_builddir/src/helper/posthaste-keyring
[ -x "$POSTHASTE" ] || skip_all "tests/cli/posthaste is not built: make check builds it"
[ -x "$HELPER" ] || skip_all "built without libsecret (Debian: libsecret-1-dev)"
for tool in dbus-daemon:dbus-daemon dbus-send:dbus-bin gnome-keyring-daemon:gnome-keyring secret-tool:libsecret-tools; \
	do
	command -v "${tool%:*}" >/dev/null || skip_all "${tool%:*} is missing; on Debian or Ubuntu: apt install ${tool#*:}"
done

# A bus that starts nothing automatically, so that the keyring is the one below.
cat >"$T/bus.conf" <<'END'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END
mkfifo "$T/address"
dbus-daemon --config-file="$T/bus.conf" --nofork --nopidfile --print-address >"$T/address" 2>"$T/bus.err" 7>&- &
track $!
read -r DBUS_SESSION_BUS_ADDRESS <"$T/address" || skip_all "no session bus can be started here: $(cat "$T/bus.err")"
export DBUS_SESSION_BUS_ADDRESS

secrets() { # METHOD ARGUMENT...: asks the Secret Service
	local method=$1
	shift
	dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
		"org.freedesktop.Secret.Service.$method" "$@"
}
keyring_answers() {
	secrets ReadAlias string:default 2>/dev/null | grep -q 'object path "/org/freedesktop/secrets/collection/'
}

canary=$(cat "$T/password")
everything=$T/everything
: >"$everything"
ask() { # HOST: what becomes of a message whose password only the keyring can have
	printf '%s\n' 'account default' 'queue off' "host $1" 'port 1' 'tls off' 'from alice@example.org' 'auth plain' \
		'user joe' 'timeout 20' >"$T/rc"
	post --debug bob@example.org
	cat "$out" "$err" >>"$everything"
}
noted() {
	if grep -Eq -- "$1" "$out"; then ok "$2"; else not_ok "$2" "no line of standard output matches: $1" \
		"$(tail -3 "$out")"; show_err; fi
}

# ---- a bus without a keyring ----
ask 127.0.0.1
status_is 78 "a bus without a keyring: the password is missing for good"
noted '^keyring: no keyring is running in this session' "--debug says that there is no keyring"
post_stdin --login default <"$T/password"
status_is 75 "--login on a bus without a keyring: exit status 75"
said '^posthaste: no keyring is running in this session' "--login on a bus without a keyring: the message"

# ---- a keyring, unlocked ----
printf 'master' >"$T/master"
gnome-keyring-daemon --foreground --unlock --components=secrets <"$T/master" >"$T/keyring.out" 2>&1 7>&- &
track $!
if ! wait_until 20 keyring_answers; then
	skip "gnome-keyring does not start here: $(tail -n 1 "$T/keyring.out")" "a real keyring"
	done_testing
fi

ask 127.0.0.1
status_is 78 "a keyring without our password: exit status 78"
noted '^keyring: the keyring has no password for joe at 127\.0\.0\.1' "--debug says that the keyring has none"

smarthost --auth PLAIN --user joe --password-file "$T/password"
conf 'auth plain'
post_stdin --login default <"$T/password"
status_is 0 "--login: exit status 0"
sends 0 "with the password of --login" --debug bob@example.org
is "$(stored)" 1 "the message was taken"
noted '^password from: keyring' "--debug names the keyring"
cat "$out" "$err" >>"$everything"
is "$(secret-tool lookup host 127.0.0.1 service smtp user joe)" "$canary" "secret-tool finds it by msmtp's attributes"
secret-tool search --all host 127.0.0.1 service smtp user joe >"$T/found" 2>&1
like "$(grep '^label' "$T/found")" '^label = posthaste: password for joe at 127\.0\.0\.1$' "its label says whose it is"
like "$(grep '^schema' "$T/found")" '^schema = de\.marlam\.msmtp\.password$' "its schema is msmtp's"
post --logout default
status_is 0 "--logout: exit status 0"
is "$(secret-tool lookup host 127.0.0.1 service smtp user joe)" "" "secret-tool finds it no more"

# ---- the dialogue of --configure puts it there ----
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good
smarthost --once 9 --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth PLAIN --user joe \
	--password-file "$T/password"
printf 'User name\tjoe\nPassword of\t%s\n' "$canary" >"$T/typed"
on_terminal --dialogue="$T/typed" "$POSTHASTE" --configure=joe@mail.test --host=localhost --port="$port" \
	--tls-starttls=off --tls-trust-file="$CA/ca.crt"
smarthost_stop
status_is 0 "--configure: exit status 0"
cat "$out" "$err" >>"$everything"
is "$(secret-tool lookup host localhost service smtp user joe)" "$canary" "--configure: the password is in the keyring"
like "$(cat "$XDG_CONFIG_HOME/posthaste/config")" '# The password is in the keyring' "--configure: the file says so"
is "$(ls "$XDG_CONFIG_HOME/posthaste")" config "--configure: the password is in no file"
secret-tool clear host localhost service smtp user joe
rm -r "$XDG_CONFIG_HOME/posthaste"

# found NAME: the message with the password just stored is taken
found() {
	smarthost --auth PLAIN --user joe --password-file "$T/password"
	conf 'auth plain'
	sends 0 "$1" --debug bob@example.org
	is "$(stored)" 1 "$1: the message was taken"
	cat "$out" "$err" >>"$everything"
}
printf %s "$canary" | secret-tool store --label=mail host 127.0.0.1 service smtp user joe
found "stored with secret-tool as msmtp's manual says"
secret-tool clear host 127.0.0.1 service smtp user joe
printf '%s\n' "$canary" | secret-tool store --label=mail host 127.0.0.1 service smtp user joe
found "stored with a line end"
secret-tool clear host 127.0.0.1 service smtp user joe
printf %s "$canary" | secret-tool store --label=mail xdg:schema org.gnome.keyring.NetworkPassword user joe protocol \
	smtp server 127.0.0.1
found "stored under the network schema"
post --logout default
is "$(secret-tool lookup user joe protocol smtp server 127.0.0.1)" "$canary" \
	"--logout leaves the network schema's entries alone"
printf wrong | secret-tool store --label=mail host 127.0.0.1 service imap user joe
found "another service's password is not taken"
secret-tool clear user joe protocol smtp server 127.0.0.1
secret-tool clear host 127.0.0.1 service imap user joe

# ---- what is held for want of the password goes with --login ----
# Each row: what the keyring has first, and why the message is held then.
PUT=$top_builddir/tests/lib/queue_put
[ -x "$PUT" ] || bail "queue_put is not built: make check builds it"
state_of() { "$POSTHASTE" --queue-show "$1" 2>/dev/null | sed -n 's/^State: //p'; }
while IFS='|' read -ru 9 name first why autostart; do
	rm -rf "$XDG_STATE_HOME/posthaste"
	smarthost --once 9 --auth PLAIN --user joe --password-file "$T/password"
	queue="auto\\nqueue_autostart $autostart" conf 'auth plain'
	[ -z "$first" ] || printf '%s\n' "$first" | "$POSTHASTE" -C "$T/rc" --login default >/dev/null
	id=$("$PUT" account=default config="$T/rc" bob@example.org <"$T/mail")
	other=$("$PUT" account=other config="$T/rc" hold=user bob@example.org <"$T/mail")
	post --queue-run "$id"
	is "$(state_of "$id")" "held until something is fixed" "$name: held"
	said "$why" "$name: why"
	post_stdin --login default <"$T/password"
	status_is 0 "$name: --login"
	if [ "$autostart" = on ]; then
		check "$name: it is sent" wait_until 10 eval '[ "$(stored)" = 1 ]'
	else
		is "$(state_of "$id") $(stored)" "waits 0" "$name: it is released, and no runner is started"
	fi
	is "$(state_of "$other")" "held by you" "$name: what the user holds stays"
	post --logout default
	smarthost_stop
done 9<<'ROWS'
no password||no password for joe|off
another password|wrong|535|off
no password, a runner||no password for joe|on
ROWS

# ---- locked ----
printf %s "$canary" | secret-tool store --label=mail host 127.0.0.1 service smtp user joe
collection=$(secrets ReadAlias string:default | sed -n 's/.*object path "\(.*\)"/\1/p')
secrets Lock "array:objpath:$collection" >/dev/null
ask 127.0.0.1
status_is 75 "a locked keyring: worth trying again"
said '^posthaste: password for account default: the keyring with the password for joe at 127\.0\.0\.1 is locked' \
	"a locked keyring: the message"
said '^hint: Unlock it' "a locked keyring: the hint"
post --logout default
status_is 75 "--logout with a locked keyring: exit status 75"
said '^posthaste: the keyring .* is locked' "--logout with a locked keyring: the message"
ask mail.example.org
status_is 78 "a locked keyring without our entry: the password is missing for good"
printf 'default login joe password %s\n' "$canary" >"$HOME/.netrc"
found "a locked keyring lets the netrc have its turn"

is "$(grep -aFc "$canary" "$everything")" 0 "the password appears in no output"
done_testing
