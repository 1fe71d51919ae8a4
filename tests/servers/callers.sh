#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs that hand mail to sendmail, as they are installed: neomutt, s-nail,
# GNU mail, git send-email with a series, cron, PHP, Python, and scripts as
# those of mdadm and smartd. What each of them handed over is written down by a
# shim in front of the program under test; those octets must arrive, with
# nothing but missing fields added and Bcc removed.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/servers/lib.sh" || exit 99
. "$top_srcdir/tests/servers/post.sh" || exit 99

bed_need postfix dovecot
postfix_start
mkdir -p "$T/bin" "$T/real" "$T/handed"
ln -s "$POSTHASTE" "$T/real/sendmail"
# An msmtprc, where nothing but what is missing is added to a header.
cat >"$HOME/.msmtprc" <<END
account default
host localhost
port $POSTFIX_PLAIN
domain client.test
from home@mail.test
END
# s-nail run by root makes HOME what the password file says, and so may others.
cat >"$T/bin/sendmail" <<END
#!/bin/sh
HOME='$HOME'
export HOME
number=\$((\$(ls '$T/handed' | wc -l) / 2 + 1))
printf '%s\n' "\$*" >"$T/handed/\$number.arguments"
tee "$T/handed/\$number.message" | '$T/real/sendmail' "\$@"
END
chmod 700 "$T/bin/sendmail"
PATH=$T/bin:$PATH
printf 'one\n.\n..\nFrom here\ngr\303\274n\n' >"$T/body"
printf 'attached\0\1\2\377' >"$T/attached"

begin() {
	delivered_clear "$POSTFIX_BOX"
	rm -f "$T/handed"/*
}
who() { delivered_envelope "$POSTFIX_BOX" "${1:-latest}" | sed -n 's/^[A-Z ]*:\(<[^>]*>\).*/\1/p' | paste -sd' '; }
handed() { ls "$T/handed"/*.message 2>/dev/null | wc -l; }

# took NAME ENVELOPE [ARGUMENTS]: after one call that succeeded, exactly one
# message arrived: what was handed over, to these. ARGUMENTS is a pattern for
# what the caller put on the command line.
took() {
	local name=$1
	[ "$status" = 0 ] || note "$(cat "$err" "$out")"
	is "$status,$(handed),$(delivered_count "$POSTFIX_BOX")" 0,1,1 "$name: succeeds with one message"
	is "$(who)" "$2" "$name: sender and recipients"
	[ -z "${3:-}" ] || like "$(cat "$T/handed/1.arguments")" "$3" "$name: how sendmail was called"
	delivered_message "$POSTFIX_BOX" latest >"$T/got"
	unchanged "$T/got" "$T/handed/1.message" "$name"
}

unchanged() {
	"$BED_PYTHON" - "$1" "$2" >"$T/difference" 2>&1 <<'END'
import re, sys
got, handed = (open(name, "rb").read() for name in sys.argv[1:])
wanted = re.sub(rb"\r?\n", b"\r\n", handed)
if not wanted.endswith(b"\r\n"):
    wanted += b"\r\n"
header, blank, body = wanted.partition(b"\r\n\r\n")
fields = re.findall(rb"(?:.+\r\n)(?:[ \t].*\r\n)*", header + b"\r\n")
names = [field.split(b":")[0].strip().lower() for field in fields]
kept = b"".join(field for field, name in zip(fields, names) if name not in (b"bcc", b"resent-bcc"))
if not {b"mime-version", b"content-type"} & set(names) and any(octet > 127 for octet in body): # RFC 5321 section 2.4
    kept += b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
wanted = kept + blank[2:] + body
added, found = got[: len(got) - len(wanted)], got[max(0, len(got) - len(wanted)) :]
if found != wanted:
    sys.exit("wanted %r\ngot    %r" % (wanted[:2000], got[:2000]))
for line in added.splitlines():
    name = line.split(b":")[0].lower()
    if name not in (b"from", b"date", b"message-id") or name in names:
        sys.exit("added: %r" % line)
END
	is "$(cat "$T/difference")" '' "$3: arrives as it was handed over"
}

# whole NAME: the text and the attachment of the last message, decoded, are those
# that were given to the caller
whole() {
	"$BED_PYTHON" -c 'import email, email.policy, sys
message = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
text, attachment = message.iter_parts()
got, wanted = text.get_content().replace("\r\n", "\n"), open(sys.argv[2], encoding="utf-8").read()
assert got.rstrip("\n") == wanted.rstrip("\n"), text.get_content()
assert attachment.get_content() == open(sys.argv[3], "rb").read(), attachment.get_content()' \
		"$T/got" "$T/body" "$T/attached" 2>"$err" || note "$(cat "$err")"
	is "$(wc -c <"$err")" 0 "$1: text and attachment are whole"
}

# text_of FILE: the text of a message without parts, decoded
text_of() {
	"$BED_PYTHON" -c 'import email, sys
message = email.message_from_binary_file(open(sys.argv[1], "rb"))
sys.stdout.buffer.write(message.get_payload(decode=True).replace(b"\r\n", b"\n"))' "$1"
}

header() { sed -n '/^\r$/q;s/\r$//p' "$T/got"; }
missing() { skip "$1 was not found; on Debian or Ubuntu: apt install $2" "$1"; }

# ---- neomutt ----
if command -v neomutt >/dev/null; then
	begin
	cat >"$T/neomuttrc" <<-END
	set sendmail="$T/bin/sendmail -oem -oi"
	set use_from=yes use_envelope_from=yes from=neomutt@mail.test realname="Neomutt User"
	set copy=no charset=utf-8 send_charset=utf-8 config_charset=utf-8
	END
	run env LC_ALL=C.UTF-8 neomutt -F "$T/neomuttrc" -s 'from neomutt' -b hidden@mail.test -c c@mail.test \
		-a "$T/attached" -- a@mail.test <"$T/body"
	took neomutt '<neomutt@mail.test> <a@mail.test> <c@mail.test> <hidden@mail.test>' '^-oem -oi -f neomutt@mail\.test -- '
	unlike "$(header)" hidden "neomutt: the recipient does not see Bcc"
	whole neomutt
else
	missing neomutt neomutt
fi

# ---- s-nail ----
if command -v s-nail >/dev/null; then
	begin
	run env LC_ALL=C.UTF-8 s-nail -n -S v15-compat -S nosave -S mta="$T/bin/sendmail" -S ttycharset=utf-8 -S sendwait \
		-r nail@mail.test -s 'from s-nail' \
		-b hidden@mail.test -c c@mail.test -a "$T/attached" a@mail.test <"$T/body"
	took s-nail '<nail@mail.test> <a@mail.test> <c@mail.test> <hidden@mail.test>' '-i '
	unlike "$(header)" hidden "s-nail: the recipient does not see Bcc"
	whole s-nail
else
	missing s-nail s-nail
fi

# ---- GNU mail ----
if command -v mail.mailutils >/dev/null; then
	begin
	run env LC_ALL=C.UTF-8 mail.mailutils --norc -E "set sendmail=\"sendmail:$T/bin/sendmail\"" -r gnu@mail.test \
		-s 'from GNU mail' \
		-a 'X-Own: yes' a@mail.test c@mail.test <"$T/body"
	took "GNU mail" '<gnu@mail.test> <a@mail.test> <c@mail.test>'
	like "$(header)" 'X-Own: yes' "GNU mail: a field of its user"
else
	missing mail.mailutils mailutils
fi

# ---- git send-email, a series ----
if git send-email --dump-aliases >"$T/log" 2>&1 && perl -MMail::Address -e 1 >"$T/log" 2>&1; then
	begin
	(
		git init -q "$T/repo" && cd "$T/repo" && git config user.name 'G. User' && git config user.email git@mail.test &&
			git config sendemail.confirm never && echo 0 >file && git add file && git commit -q -m base &&
			for n in 1 2 3; do printf '%d\n.\n..\nFrom here %d\n' "$n" "$n" >>file && git commit -q -a -m "change $n"; done &&
			git send-email --sendmail-cmd="$T/bin/sendmail -i" --to=a@mail.test --cc=c@mail.test --suppress-cc=all \
				--envelope-sender=git@mail.test --cover-letter --force -3
	) >"$T/log" 2>&1 </dev/null || note "$(cat "$T/log")"
	is "$(handed),$(delivered_count "$POSTFIX_BOX")" 4,4 "git send-email: a cover letter and three patches"
	number=0
	: >"$T/series"
	for id in $(delivered_ids "$POSTFIX_BOX"); do
		number=$((number + 1))
		delivered_message "$POSTFIX_BOX" "$id" >"$T/got"
		is "$(who "$id")" '<git@mail.test> <a@mail.test> <c@mail.test>' "git send-email, $number: sender and recipients"
		unchanged "$T/got" "$T/handed/$number.message" "git send-email, $number"
		header | sed -n 's/^\(References\|In-Reply-To\): //p' >"$T/parents"
		if [ "$number" = 1 ]; then
			cover=$(header | sed -n 's/^Message-I[Dd]: //p')
		else
			check "git send-email, $number: a reply to the cover letter, which kept its name" grep -qF -- "$cover" "$T/parents"
			tr -d '\r' <"$T/got" >"$T/$number.patch"
		fi
	done
	git -C "$T/repo" tag wanted
	git -C "$T/repo" reset -q --hard HEAD~3
	git -C "$T/repo" am -q "$T/2.patch" "$T/3.patch" "$T/4.patch" >"$T/log" 2>&1 || note "$(cat "$T/log")"
	is "$(git -C "$T/repo" rev-parse 'HEAD^{tree}')" "$(git -C "$T/repo" rev-parse 'wanted^{tree}')" \
		"git send-email: the series applies and gives what it was made from"
else
	skip "git send-email is missing or incomplete; on Debian or Ubuntu: apt install git git-email libmailtools-perl" \
		"git send-email"
fi

# ---- PHP ----
if command -v php >/dev/null; then
	begin
	run php -n -d sendmail_path="$T/bin/sendmail -t -i" -r '
		$ok = mail("a@mail.test, \"B, b\" <b@mail.test>", "=?UTF-8?Q?gr=C3=BCn?=", file_get_contents($argv[1]),
			"From: php@mail.test\r\nBcc: hidden@mail.test\r\nContent-Type: text/plain; charset=utf-8", "-fbounce@mail.test");
		exit($ok ? 0 : 1);' -- "$T/body"
	took "PHP's mail()" '<bounce@mail.test> <a@mail.test> <b@mail.test> <hidden@mail.test>' '^-t -i -fbounce@mail\.test$'
	unlike "$(header)" hidden "PHP's mail(): the recipient does not see Bcc"
	# Its result is the status of sendmail.
	begin
	run php -n -d sendmail_path="$T/bin/sendmail -t -i" -r 'exit(mail("refused@mail.test", "x", "y") ? 0 : 1);'
	is "$status,$(delivered_count "$POSTFIX_BOX")" 1,0 "PHP's mail(): false for a recipient that is refused"
else
	missing php php-cli
fi

# ---- Python ----
for ends in '' 'policy=email.policy.SMTP'; do
	begin
	run "$BED_PYTHON" -c "import email.message, email.policy, subprocess, sys
message = email.message.EmailMessage()
message['From'] = 'Python <python@mail.test>'
message['To'] = 'a@mail.test'
message['Bcc'] = 'hidden@mail.test'
message['Subject'] = 'gr\u00fcn'
message.set_content(open(sys.argv[1], encoding='utf-8').read())
message.add_attachment(open(sys.argv[2], 'rb').read(), maintype='application', subtype='octet-stream')
subprocess.run(['sendmail', '-t', '-i'], input=message.as_bytes($ends), check=True)" "$T/body" "$T/attached"
	took "Python ${ends:-with LF}" '<home@mail.test> <a@mail.test> <hidden@mail.test>'
	unlike "$(header)" hidden "Python ${ends:-with LF}: the recipient does not see Bcc"
	whole "Python ${ends:-with LF}"
done

# ---- scripts ----
begin
cat >"$T/script" <<'END'
#!/bin/sh
sendmail -t <<EOF
From: mdadm monitoring <md@mail.test>
To: a@mail.test
Subject: DegradedArray event on /dev/md0:host

This is a message of the array monitor.

md0 : active raid1 sda1[0] sdb1[2](F)
      1048512 blocks [2/1] [U_]
.
unused devices: <none>
EOF
END
run sh "$T/script"
took "a monitor's here-document" '<home@mail.test> <a@mail.test>' '^-t$'
for program in s-nail mail.mailutils; do
	name="a monitor's mail -s, $program"
	if ! command -v "$program" >/dev/null; then
		missing "$program" "${program/mail./}"
		continue
	fi
	begin
	ln -sf "$(command -v "$program")" "$T/bin/mail"
	case $program in
	s-nail) printf 'set mta=%s sendwait nosave\n' "$T/bin/sendmail" >"$HOME/.mailrc" ;;
	*) printf 'set sendmail="sendmail:%s"\n' "$T/bin/sendmail" >"$HOME/.mailrc" ;;
	esac
	# The quotes of the inner shell.
	# shellcheck disable=SC2016
	run env MAILRC="$HOME/.mailrc" SUBJECT='SMART error (Self-Test) detected on host: host' sh \
		-c 'mail -s "$SUBJECT" a@mail.test <<EOF
The following warning was logged:

Device: /dev/sda, Self-Test Log error count increased from 0 to 1
EOF
'
	took "$name" "$(who)"
	like "$(who)" '^<[^>]+> <a@mail\.test>$' "$name: the recipient"
	like "$(header)" 'Subject: SMART error \(Self-Test\) detected on host: host' "$name: the subject"
	rm "$T/bin/mail" "$HOME/.mailrc"
done

# ---- cron ----
# As the daemon, with a crontab of its own, where /usr/sbin/sendmail is ours. A
# job for @reboot is done at once.
# cron_mails USER SENDMAIL VARIABLE...: the daemon with these variables runs USER's job and mails what it said
cron_mails() {
	local user=$1 program=$2 kind
	shift 2
	begin
	mkdir -p "$T/cron"
	printf 'MAILTO=a@mail.test\n@reboot cat %s/body; echo problem >&2\n' "$OPEN" >"$T/cron/table"
	for kind in auth account session; do printf '%s required pam_permit.so\n' "$kind"; done >"$T/cron/pam"
	# shellcheck disable=SC2016
	bed_exec cron setsid "$OWN_MOUNTS" env "$@" sh -eu -c '
		for folder in /var/spool /run /etc/pam.d /usr/sbin; do
			mount -t tmpfs -o mode=755 none "$folder"
		done
		ln -s "$2" /usr/sbin/sendmail
		install -m 644 "$3/pam" /etc/pam.d/cron
		install -d -m 1730 /var/spool/cron/crontabs
		install -m 600 -o "$4" "$3/table" "/var/spool/cron/crontabs/$4"
		exec "$1" -f' sh "$BED_TREES/cron/usr/sbin/cron" "$program" "$T/cron" "$user" >"$T/log" 2>&1 </dev/null &
	cron_pid=$!
	at_exit bed_end_group "$cron_pid"
	delivered_wait "$POSTFIX_BOX" 1 || note "$(cat "$T/log")"
	bed_end_group "$cron_pid"
	status=0
	[ "$(delivered_count "$POSTFIX_BOX")" = 0 ] || bed_started cron
}

cron_test() {
	open_place
	install -m 644 "$T/body" "$OPEN/body"
	cron_mails root "$T/bin/sendmail"
	took cron '<home@mail.test> <a@mail.test>' '^-FCronDaemon -i -B8BITMIME -oem a@mail\.test *$'
	like "$(header)" 'Subject: Cron <root@[^>]*> cat' "cron: its header"
	# That of Debian 13 encodes 8-bit text, that of Debian 12 does not.
	is "$(text_of "$T/got")" "$(cat "$T/body")"$'\nproblem' "cron: what the job said"

	# In a container the daemon keeps root's HOME for every user's mail, and variables are the configuration.
	ln -s posthaste "$OPEN/sendmail"
	mkdir -m 700 "$OPEN/root"
	mkdir -p "$OPEN/root/.config/posthaste"
	printf 'host wrong.example.org\n' >"$OPEN/root/.config/posthaste/config"
	cron_mails nobody "$OPEN/sendmail" HOME="$OPEN/root" POSTHASTE_HOST=localhost POSTHASTE_PORT="$POSTFIX_PLAIN" \
		POSTHASTE_FROM=home@mail.test
	is "$(delivered_count "$POSTFIX_BOX")" 1 "cron with another user's HOME: the mail arrives"
	is "$(who)" '<home@mail.test> <a@mail.test>' "cron with another user's HOME: sender and recipients"
	delivered_message "$POSTFIX_BOX" latest >"$T/got"
	is "$(text_of "$T/got")" "$(cat "$T/body")"$'\nproblem' "cron with another user's HOME: what the job said"
}
bed_if cron_test cron
done_testing
