#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs that call sendmail: a shell script, git send-email, mutt. They know
# nothing of posthaste but its link; the account is in its configuration.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need postfix dovecot
postfix_start
post_secret PLAIN
mkdir -p "$T/bin" "$XDG_CONFIG_HOME/posthaste"
ln -s "$POSTHASTE" "$T/bin/sendmail"
cat >"$XDG_CONFIG_HOME/posthaste/config" <<END
defaults
host localhost
tls on
tls_trust_file $CA/ca.crt
auth on
user $BED_USER
password_file $T/secret

account work
port $POSTFIX_SUBMISSION
tls_starttls on
from work@mail.test

account default
port $POSTFIX_SMTPS
tls_starttls off
from home@mail.test
END
PATH=$T/bin:$PATH

header() { sed -n '/^\r$/q;s/\r$//p' "$1"; }
got() { delivered_message "$POSTFIX_BOX" latest >"$T/got"; }
envelope() { delivered_envelope "$POSTFIX_BOX" latest | sed 's/ .*\(<.*>\).*/ \1/;s/ SIZE=.*//'; }
who() { delivered_envelope "$POSTFIX_BOX" latest | sed -n 's/^[A-Z ]*:\(<[^>]*>\).*/\1/p' | paste -sd' '; }
login() { postfix_last_login; }

# ---- a shell script ----
cat >"$T/script" <<'END'
#!/bin/sh
{
	echo "From: Cron <cron@mail.test>"
	echo "To: a@mail.test, \"B, b\" <b@mail.test>"
	echo "Bcc: hidden@mail.test"
	echo "Subject: report"
	echo
	echo "line"
	echo "."
	echo "after the dot"
} | sendmail -t -i -f cron@mail.test
END
run sh "$T/script"
is "$status" 0 "a script with sendmail -t -i -f"
is "$(cat "$out" "$err")" '' "and not a word, as it should be"
is "$(who)" '<cron@mail.test> <a@mail.test> <b@mail.test> <hidden@mail.test>' \
	"sender by -f, recipients of the header, Bcc too"
got
unlike "$(header "$T/got")" 'hidden' "the recipient does not see Bcc"
is "$(sed '1,/^\r$/d' "$T/got" | tr -d '\r' | paste -sd,)" 'line,.,after the dot' "a lone dot does not end the message"
is "$(login)" "SCRAM-SHA-256 $BED_USER" "with the account of the configuration, by the best mechanism"

delivered_clear "$POSTFIX_BOX"
run sendmail -oi -f work@mail.test -- a@mail.test refused@mail.test <<<$'Subject: x\n\ntext'
is "$status" 67 "under the name sendmail too, who was refused is in the status"
is "$(who)" '<work@mail.test> <a@mail.test>' "and the rest has it"
like "$(delivered_raw "$POSTFIX_BOX" latest | tr -d '\r')" 'by postfix\.bed\.test' \
	"through the account whose from matches"
run sendmail -C "$T/evil" -t <<<$'To: a@mail.test\n\ntext'
is "$status" 64 "sendmail names no file: status 64"

# ---- git send-email ----
# Its parts lie in three packages, and it begins without the last as well.
if git send-email --dump-aliases >"$T/log" 2>&1 && perl -MMail::Address -e 1 >"$T/log" 2>&1; then
	delivered_clear "$POSTFIX_BOX"
	(
		git init -q "$T/repo" && cd "$T/repo" && git config user.name 'Git User' && git config user.email git@mail.test &&
			git config sendemail.smtpserver "$T/bin/sendmail" && git config sendemail.confirm never &&
				git config sendemail.assume8bitEncoding UTF-8 &&
			echo one >file && git add file && git commit -q -m first &&
			printf 'one\n.\ngr\303\274n\n' >file && git commit -q -a -m $'second: dots and 8 bits\n\nBody of it.' &&
			git send-email --to=a@mail.test --cc=b@mail.test --suppress-cc=all --envelope-sender=git@mail.test -1
	) >"$T/log" 2>&1 </dev/null
	is "$?" 0 "git send-email"
	is "$(delivered_count "$POSTFIX_BOX")" 1 "git send-email: one message"
	is "$(who)" '<git@mail.test> <a@mail.test> <b@mail.test>' "git send-email: sender and recipients"
	got
	tr -d '\r' <"$T/got" >"$T/patch"
	like "$(header "$T/got")" 'Subject: \[PATCH\] second: dots and 8 bits' "git send-email: its header"
	check "git send-email: the patch applies" git -C "$T/repo" reset -q --hard HEAD~1
	git -C "$T/repo" am "$T/patch" >>"$T/log" 2>&1 || note "$(cat "$T/log")"
	is "$(cat "$T/repo/file")" $'one\n.\ngr\303\274n' "git send-email: and gives the file it was made from"
else
	skip "git send-email is missing or incomplete; on Debian or Ubuntu: apt install git git-email libmailtools-perl" \
		"git send-email"
fi

# ---- mutt ----
if command -v mutt >/dev/null; then
	delivered_clear "$POSTFIX_BOX"
	cat >"$T/muttrc" <<END
set sendmail="$T/bin/sendmail -oem -oi"
set use_from=yes use_envelope_from=yes from=mutt@mail.test realname="Mutt User"
set copy=no charset=utf-8 send_charset=utf-8 config_charset=utf-8
END
	printf 'one\n.\ngr\303\274n\n' >"$T/body"
	printf 'attached\0\1\2' >"$T/attached"
	run env LC_ALL=C.UTF-8 mutt -F "$T/muttrc" -s 'from mutt' -b hidden@mail.test -a "$T/attached" -- a@mail.test \
		<"$T/body"
	is "$status" 0 "mutt"
	is "$(delivered_count "$POSTFIX_BOX")" 1 "mutt: one message"
	is "$(who)" '<mutt@mail.test> <a@mail.test> <hidden@mail.test>' "mutt: sender and recipients"
	got
	unlike "$(header "$T/got")" 'hidden' "mutt: the recipient does not see Bcc"
	"$BED_PYTHON" -c 'import email, email.policy, sys
message = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default)
text, attachment = message.iter_parts()
assert text.get_content().replace("\r\n", "\n") == "one\n.\ngr\u00fcn\n", text.get_content()
assert attachment.get_content() == b"attached\0\1\2", attachment.get_content()' <"$T/got" 2>"$err"
	is "$?" 0 "mutt: text and attachment arrive whole"
else
	skip "mutt was not found; on Debian or Ubuntu: apt install mutt" "mutt"
fi
done_testing
