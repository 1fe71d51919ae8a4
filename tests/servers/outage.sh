#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A server that comes and goes: what programs hand in meanwhile arrives, each
# message once, without anybody doing anything but waiting.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need postfix dovecot
postfix_start
post_secret PLAIN
export XDG_STATE_HOME=$T/state
mkdir -p "$T/bin" "$XDG_CONFIG_HOME/posthaste"
ln -s "$POSTHASTE" "$T/bin/sendmail"
ln -s "$POSTHASTE" "$T/bin/mailq"
cat >"$XDG_CONFIG_HOME/posthaste/config" <<END
account default
host localhost
port $POSTFIX_SMTPS
tls on
tls_starttls off
tls_trust_file $CA/ca.crt
auth on
user $BED_USER
password_file $T/secret
from home@mail.test
queue auto
queue_autostart on
queue_retry 1s 1s 2s
logfile $T/log
log_format json
END
PATH=$T/bin:$PATH
total=200

# What programs pass: a header of their own, dots, 8-bit text.
letter() {
	printf '%s\n' 'From: home@mail.test' 'To: a@mail.test' "Subject: $1" "Message-ID: <$1@outage.test>" '' \
		"text of $1" . $'gr\303\274n'
}
hand_in() {
	local n
	for ((n = $1; n <= $2; n++)); do
		letter "m$n" | sendmail -oi -t || echo "m$n $?" >>"$T/refused"
	done
}
by_mutt() {
	command -v mutt >/dev/null || return 0
	echo "text" | env LC_ALL=C.UTF-8 mutt -F "$T/muttrc" -s "mutt$1" -e "my_hdr Message-ID: <mutt$1@outage.test>" \
		-- a@mail.test || echo "mutt$1" >>"$T/refused"
}
printf 'set sendmail="%s/bin/sendmail -oem -oi" use_from=yes from=home@mail.test copy=no\n' "$T" >"$T/muttrc"
: >"$T/refused"

cycle=0
for ((first = 1; first <= total; first += 25)); do
	cycle=$((cycle + 1))
	hand_in "$first" $((first + 24)) &
	busy=$!
	by_mutt "$cycle"
	# In the middle of it, not after it: the server goes, and comes back.
	case $((cycle % 3)) in
	1) postfix_stop && wait "$busy" && postfix_spawn && wait_until 20 postfix_ready ;;
	2) wait "$busy" ;;
	0) postfix_stop && postfix_spawn && wait_until 20 postfix_ready && wait "$busy" ;;
	esac
done >"$T/noise" 2>&1
is "$(cat "$T/refused")" '' "every submission ended with 0"

nothing_waits() { [ "$(mailq)" = 'Mail queue is empty' ]; }
wait_until 90 nothing_waits || note "$(mailq)"
is "$(mailq)" 'Mail queue is empty' "nothing waits any more"
ids() {
	local file
	for file in "$POSTFIX_BOX"/*.env; do
		delivered_message "$POSTFIX_BOX" "$(basename "$file" .env)" | tr -d '\r' |
			sed -n 's/^Message-ID: <\(.*\)@outage.test>$/\1/ip;/^$/q'
	done | sort
}
ids >"$T/ids"
is "$(for ((n = 1; n <= total; n++)); do echo "m$n"; done | sort | comm -23 - <(sort -u "$T/ids"))" '' \
	"all $total arrived"
unexplained() {
	uniq -d "$T/ids" | while read -r id; do
		grep -F "$id@outage.test" "$T/log" | grep -q 'may have been delivered' || echo "$id"
	done
}
is "$(unexplained)" '' "none came twice unless that was said to be possible"
command -v mutt >/dev/null && is "$(grep -c '^mutt' "$T/ids")" "$cycle" "and those of mutt"
like "$(grep -c queue_id "$T/log")" '^[1-9]' "some of them had to wait"

# ---- a series of patches while the server is away ----
delivered_clear "$POSTFIX_BOX"
if git send-email --dump-aliases >"$T/noise" 2>&1 && perl -MMail::Address -e 1 >"$T/noise" 2>&1; then
	postfix_stop
	(
		git init -q "$T/repo" && cd "$T/repo" && git config user.name 'Git User' && git config user.email home@mail.test &&
			git config sendemail.sendmailcmd "$T/bin/sendmail" && git config sendemail.confirm never &&
			for n in 1 2 3; do echo $n >file && git add file && git commit -q -m "patch $n" || exit 1; done &&
			git send-email --to=a@mail.test --suppress-cc=all -3
	) >"$T/noise" 2>&1 </dev/null
	is "$?" 0 "git send-email with the server away"
	like "$(mailq | tail -1)" ' in 3 Requests\.$' "three patches wait"
	postfix_spawn
	wait_until 20 postfix_ready
	wait_until 90 nothing_waits || note "$(mailq)"
	is "$(for file in "$POSTFIX_BOX"/*.env; do
		delivered_message "$POSTFIX_BOX" "$(basename "$file" .env)" | tr -d '\r' |
			sed -n 's/^Subject: \[PATCH \(.*\)\] .*/\1/p'
	done | sort)" $'1/3\n2/3\n3/3' "each arrives once when it is back"
else
	skip "git send-email is missing or incomplete; on Debian or Ubuntu: apt install git git-email libmailtools-perl" \
		"git send-email"
fi

# ---- fates of their own: one served, one refused, one put off until he is not ----
delivered_clear "$POSTFIX_BOX"
sed -i 's/^queue_autostart on/queue_autostart off/' "$XDG_CONFIG_HOME/posthaste/config"
letter fates >"$T/letter"
run sendmail -oi a@mail.test refused@mail.test busy@mail.test <"$T/letter"
is "$status" 67 "one of three is refused: 67, though another is kept"
like "$(cat "$err")" 'queued as [0-9a-z]+ for busy@mail\.test: ' "and the one put off is kept"
like "$(mailq)" 'busy@mail\.test' "mailq shows him"
unlike "$(mailq)" '(^|
) +(a|refused)@mail\.test' "and no other recipient"
run sendmail -q
is "$status" 75 "he is still put off"
is "$(delivered_count "$POSTFIX_BOX")" 1 "the one who was served has it once"
rm -rf "$XDG_STATE_HOME/posthaste/queue"

# ---- another kind of server ----
exim_away() {
	local n
	exim_start
	delivered_clear "$EXIM_BOX"
	exim_stop
	{
		printf 'account default\nhost localhost\nport %s\ntls off\nfrom home@mail.test\n' "$EXIM_PLAIN"
		printf 'queue auto\nqueue_autostart on\nqueue_retry 1s\n'
	} >"$XDG_CONFIG_HOME/posthaste/config"
	for n in 1 2 3 4 5 6 7 8 9 10; do letter "exim$n" | sendmail -oi a@mail.test; done >"$T/noise" 2>&1
	like "$(mailq | tail -1)" ' in 10 Requests\.$' "Exim away: ten wait"
	exim_spawn
	wait_until 20 exim_ready
	wait_until 60 nothing_waits || note "$(mailq)"
	delivered_wait "$EXIM_BOX" 10 || true
	is "$(delivered_count "$EXIM_BOX")" 10 "Exim is back: each arrives once"
}
bed_if exim_away exim
done_testing
