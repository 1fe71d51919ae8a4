#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Who sends, and what is done to the header: octet for octet, as a dry run
# prints it.  The rows of msmtp's contract (message transformation, header
# options) stand here with the better behaviour where msmtp has a defect.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

host=$(uname -n)
: "$host"
export USER=joe

# header NAME|SETTINGS|ARGUMENTS|INPUT|FROM|WANTED: SETTINGS are lines of our own file ("msmtp" as the first: of an
# msmtprc); INPUT and WANTED are header fields with "/" for the ends of lines; WANTED is what goes out in front of the
# body, with the fresh Date and Message-ID left out; FROM is the envelope sender.
header() {
	local name settings args input from want rc=$T/rc got
	IFS='|' read -r name settings args input from want <<<"$1"
	case $settings in msmtp*) rc=$T/msmtprc settings=${settings#msmtp} ;; esac
	{
		printf 'account default\nqueue off\nhost 127.0.0.1\nport 25\n'
		case $settings in *from\ * | *auto_from*) ;; *) echo "from alice@example.org" ;; esac
		printf '%s\n' "$settings" | tr ';' '\n'
	} >"$rc"
	printf '%s//body/' "$input" | tr '/' '\n' >"$T/in"
	eval "run timeout 60 \"\$POSTHASTE\" -C \"\$rc\" --dry-run $args" <"$T/in"
	is "$status" 0 "$name: exit status 0" || show_err
	got=$(sed -e '1,/^$/d' "$out" | tr -d '\r' | grep -vE '^(Date: ...,|Message-ID: <[a-z2-7]{26}@)' | tr '\n' '/')
	is "$got" "$want//body/" "$name: what goes out"
	is "$(sed -n 's/^From: <\(.*\)>$/\1/p' "$out" | head -1)" "$from" "$name: the envelope sender"
	check "$name: line ends" test -z "$(sed -e '1,/^$/d' "$out" | grep -v $'\r$')"
}

while IFS= read -ru 9 row; do
	case $row in '' | '#'*) continue ;; esac
	header "$row"
done 9<<'ROWS'
# ---- From: added ----
a From is added||x@y.test|Subject: s|alice@example.org|From: alice@example.org/Subject: s
with a full name|from_full_name Alice Example|x@y.test|Subject: s|alice@example.org|From: Alice Example <alice@example.org>/Subject: s
-F is a full name||-F 'Doe, J' x@y.test|Subject: s|alice@example.org|From: "Doe, J" <alice@example.org>/Subject: s
before Received||x@y.test|Received: by a/Subject: s|alice@example.org|From: alice@example.org/Received: by a/Subject: s
an empty From counts as none||x@y.test|From: /Subject: s|alice@example.org|From: alice@example.org/Subject: s
a blank before the colon is seen||x@y.test|From : a@b.test/Subject: s|alice@example.org|From : a@b.test/Subject: s
off adds none|set_from_header off|x@y.test|Subject: s|alice@example.org|Subject: s
on replaces all|set_from_header on|x@y.test|From: a@b.test/FROM: c@d.test/Subject: s|alice@example.org|From: alice@example.org/Subject: s
auto keeps what there is|set_from_header auto|-f bob@b.test x@y.test|From: a@b.test/Subject: s|bob@b.test|From: a@b.test/Subject: s
bare is auto||--set-from-header x@y.test|From: a@b.test|alice@example.org|From: a@b.test
an older spelling, off|add_missing_from_header off|x@y.test|Subject: s|alice@example.org|Subject: s
an older spelling, on|set_from_header off|--add-missing-from-header x@y.test|Subject: s|alice@example.org|From: alice@example.org/Subject: s
an older way to make a sender|msmtpfrom no@example.org;auto_from on;maildomain example.com|x@y.test|From: a@b.test|joe@example.com|From: a@b.test
# DEFECT of msmtp: "From: " without an address
the null sender has an author||-f '<>' x@y.test|Subject: s||From: alice@example.org/Subject: s
the null sender, in an msmtprc|msmtp|-f '<>' x@y.test|Subject: s||From: alice@example.org/Subject: s
MAILER-DAEMON is the null sender|msmtp|-f mailer-daemon x@y.test|Subject: s||From: alice@example.org/Subject: s
the null sender where From is there||-f '<>' x@y.test|From: a@b.test||From: a@b.test
the null sender of a pattern has none|from *@example.org|-f '<>' x@y.test|Subject: s||Subject: s
the null sender, on|set_from_header on|-f '<>' x@y.test|From: a@b.test/Subject: s||From: alice@example.org/Subject: s
the null sender is not forced|sender force|-f '<>' x@y.test|From: a@b.test||From: "a@b.test" <alice@example.org>
# ---- Sender: added where From has several authors ----
several authors||-f c@d.test x@y.test|From: a@b.test, C <c@d.test>|c@d.test|Sender: c@d.test/From: a@b.test, C <c@d.test>
an empty Sender counts as none||-f c@d.test x@y.test|From: a@b.test, c@d.test/Sender: |c@d.test|Sender: c@d.test/From: a@b.test, c@d.test
a Sender stays||-f c@d.test x@y.test|Sender: e@f.test/From: a@b.test, c@d.test|c@d.test|Sender: e@f.test/From: a@b.test, c@d.test
one author with a comma||-f c@d.test x@y.test|From: "B, A" <a@b.test>|c@d.test|From: "B, A" <a@b.test>
no sender, no Sender||-f '<>' x@y.test|From: a@b.test, c@d.test||From: a@b.test, c@d.test
a resent message keeps its own||-f c@d.test x@y.test|Resent-From: c@d.test/From: a@b.test, e@f.test|c@d.test|Resent-From: c@d.test/From: a@b.test, e@f.test
off adds no Sender|set_from_header off|-f c@d.test x@y.test|From: a@b.test, c@d.test|c@d.test|From: a@b.test, c@d.test
an msmtprc adds no Sender|msmtp|-f c@d.test x@y.test|From: a@b.test, c@d.test|c@d.test|From: a@b.test, c@d.test
# ---- To, Cc, Bcc ----
set_to_header on|set_to_header on|x@y.test z@y.test|From: a@b.test/To: q@y.test/Cc: c@y.test/Bcc: d@y.test/Subject: s|alice@example.org|To: x@y.test, z@y.test/From: a@b.test/Subject: s
whatever remove_bcc_headers says|set_to_header on;remove_bcc_headers off|x@y.test|From: a@b.test/Bcc: d@y.test|alice@example.org|To: x@y.test/From: a@b.test
undisclosed recipients|set_to_header undisclosed_recipients|x@y.test|From: a@b.test/To: q@y.test/Cc: c@y.test|alice@example.org|To: undisclosed-recipients:;/From: a@b.test
an older spelling, undisclosed|undisclosed_recipients on|x@y.test|From: a@b.test/To: q@y.test|alice@example.org|To: undisclosed-recipients:;/From: a@b.test
off leaves them||x@y.test|From: a@b.test/To: q@y.test/Cc: c@y.test|alice@example.org|From: a@b.test/To: q@y.test/Cc: c@y.test
Bcc goes, folded and repeated||x@y.test|From: a@b.test/Bcc: d@y.test,/ e@y.test/bCC:f@y.test/Subject: s|alice@example.org|From: a@b.test/Subject: s
# DEFECTS of msmtp: both were sent to everybody
Resent-Bcc goes||x@y.test|From: a@b.test/Resent-Bcc: d@y.test/Subject: s|alice@example.org|From: a@b.test/Subject: s
Bcc with a blank goes||x@y.test|From: a@b.test/Bcc : d@y.test/Subject: s|alice@example.org|From: a@b.test/Subject: s
Bcc stays where it shall|remove_bcc_headers off|x@y.test|From: a@b.test/Bcc: d@y.test|alice@example.org|From: a@b.test/Bcc: d@y.test
an older spelling, keepbcc|keepbcc on|x@y.test|From: a@b.test/Bcc: d@y.test|alice@example.org|From: a@b.test/Bcc: d@y.test
an older spelling on the command line||--keepbcc=off x@y.test|From: a@b.test/Bcc: d@y.test|alice@example.org|From: a@b.test
# ---- Date, Message-ID (fresh ones are left out of what is compared) ----
they stay|msmtp|x@y.test|From: a@b.test/Date: x/Message-ID: y|alice@example.org|From: a@b.test/Date: x/Message-ID: y
those of a Resent block are others|msmtp|x@y.test|Resent-From: r@b.test/Resent-Date: x/Resent-Message-ID: y/From: a@b.test/Date: z/Message-ID: w|alice@example.org|Resent-From: r@b.test/Resent-Date: x/Resent-Message-ID: y/From: a@b.test/Date: z/Message-ID: w
none is added for a Resent block||x@y.test|Resent-To: r@b.test/From: a@b.test|alice@example.org|Resent-To: r@b.test/From: a@b.test
Sender and Reply-To stay|sender force|x@y.test|Sender: root/Reply-To: root/From: a <alice@example.org>|alice@example.org|Sender: root/Reply-To: root/From: a <alice@example.org>
Return-Path of an earlier delivery goes|sender keep|x@y.test|Return-Path: <old@y.test>/return-path : <>/From: a <alice@example.org>|alice@example.org|From: a <alice@example.org>
# ---- sender keep ----
keep leaves all|sender keep|-f root x@y.test|From: root/To: joe|root|From: root/To: joe
an msmtprc leaves all|msmtp|-f root x@y.test|From: root (Cron)/To: joe/Cc: ann|root|From: root (Cron)/To: joe/Cc: ann
an msmtprc may do otherwise|msmtpsender fix_local|-f root x@y.test|From: root|alice@example.org|From: root <alice@example.org>
# ---- sender fix_local ----
a bare sender||-f root x@y.test|Subject: s|alice@example.org|From: root <alice@example.org>/Subject: s
a sender at localhost||-f root@localhost x@y.test|Subject: s|alice@example.org|From: "root@localhost" <alice@example.org>/Subject: s
a sender at this host||-f root@"$host" -F Cron x@y.test|Subject: s|alice@example.org|From: Cron <alice@example.org>/Subject: s
a sender elsewhere stays||-f root@b.test x@y.test|Subject: s|root@b.test|From: root@b.test/Subject: s
a bare From||x@y.test|From: root/Subject: s|alice@example.org|From: root <alice@example.org>/Subject: s
a bare From with a comment||x@y.test|From: root (Cron Daemon)|alice@example.org|From: root <alice@example.org> (Cron Daemon)
a local From with a name||x@y.test|From: "J. Doe" <joe@LOCALHOST>|alice@example.org|From: "J. Doe" <alice@example.org>
a local From in brackets alone||x@y.test|From: <root@localhost>|alice@example.org|From: "root@localhost" <alice@example.org>
a From of several||x@y.test|From: a@b.test, root,/ "X Y" <ann>|alice@example.org|Sender: alice@example.org/From: a@b.test, root <alice@example.org>,/ "X Y" <alice@example.org>
an unreadable From stays||x@y.test|From: a b c|alice@example.org|From: a b c
To and Cc get a domain||x@y.test|From: a@b.test/To: joe, "B, C" <bob>, (c) e.f (d), g@h.test/Cc: list: i, <j@localhost>;/Reply-To: k|alice@example.org|From: a@b.test/To: joe@example.org, "B, C" <bob@example.org>, (c) e.f@example.org (d), g@h.test/Cc: list: i@example.org, <j@localhost>;/Reply-To: k
folding stays||x@y.test|From: a@b.test/To:/ joe,/  ann|alice@example.org|From: a@b.test/To:/ joe@example.org,/  ann@example.org
an unreadable To stays||x@y.test|From: a@b.test/To: joe ann|alice@example.org|From: a@b.test/To: joe ann
Resent fields stay||x@y.test|Resent-From: root/Resent-To: joe/From: a@b.test|alice@example.org|Resent-From: root/Resent-To: joe/From: a@b.test
an account that is local itself|from joe|-f root x@y.test|From: root/To: ann|root|From: root/To: ann
a sender read from the header||--read-envelope-from x@y.test|From: root|alice@example.org|From: root <alice@example.org>
a pattern sends as who is given|from *@example.org|-f bob@example.org x@y.test|From: root/To: joe|bob@example.org|From: root <bob@example.org>/To: joe@example.org
# ---- sender force ----
force changes the envelope|sender force|-f bob@b.test x@y.test|Subject: s|alice@example.org|From: "bob@b.test" <alice@example.org>/Subject: s
force changes the header|sender force|x@y.test|From: Bob B <bob@b.test>/Subject: s|alice@example.org|From: Bob B <alice@example.org>/Subject: s
force keeps an address as name|sender force|x@y.test|From: bob@b.test|alice@example.org|From: "bob@b.test" <alice@example.org>
force keeps its own|sender force|x@y.test|From:   "Alice"   <Alice@Example.ORG>  (me)|alice@example.org|From:   "Alice"   <Alice@Example.ORG>  (me)
force makes one of many|sender force|x@y.test|From: a@b.test, c@d.test/From: e@f.test|alice@example.org|From: "a@b.test" <alice@example.org>
force with an unreadable From|sender force|x@y.test|From: a b c|alice@example.org|From: a b c <alice@example.org>
force keeps an encoded name|sender force|x@y.test|From: =?UTF-8?B?SsO2?= <j@b.test>|alice@example.org|From: =?UTF-8?B?SsO2?= <alice@example.org>
force without From, off|sender force;set_from_header off|-f bob@b.test x@y.test|Subject: s|alice@example.org|Subject: s
force, and on|sender force;set_from_header on;from_full_name A|-f bob@b.test x@y.test|From: Bob <bob@b.test>|alice@example.org|From: A <alice@example.org>
force takes what the setting stands for|sender force;from %U@example.com|-f bob@b.test x@y.test|Subject: s|joe@example.com|From: "bob@b.test" <joe@example.com>/Subject: s
ROWS

# What is no address is refused, even where it would be replaced.
printf 'host 127.0.0.1\nport 25\nfrom alice@example.org\nsender force\n' >"$T/rc"
post --dry-run -f $'a\r\nRCPT TO:<x@y.test>' x@y.test
status_is 65 "a sender with a line end: exit status 65"
post --dry-run -f 'a b' x@y.test
status_is 65 "a sender with a blank: exit status 65"

post --dry-run -F $'Joe\nBcc: eve@y.test' x@y.test
status_is 64 "a full name with a line end: exit status 64"

# msmtp-contract 1f: order of what is added; an mbox line goes; a text without header gets an empty line.
printf 'host 127.0.0.1\nport 25\nfrom alice@example.org\nset_to_header on\n' >"$T/rc"
post_stdin --dry-run x@y.test < <(printf 'From alice Sun Mar  1 10:00:00 2026\nReceived: by a\n\nx\n')
is "$(sed -e '1,/^$/d' "$out" | sed 's/[: ].*//' | tr -d '\r' | tr '\n' ' ')" "From To Date Message-ID Received  x " \
	"fields are added in order, before Received, and the mbox line goes"
post_stdin --dry-run x@y.test < <(printf 'no header here\n')
is "$(sed -e '1,/^$/d' "$out" | tr -d '\r' | sed -n '/^$/,$p' | tr '\n' '/')" "/no header here/" \
	"a text without a header is all body"

# The domain of a Message-ID that is made: name|settings|arguments|domain
while IFS='|' read -ru 9 name settings args domain; do
	printf 'account default\nhost smtp.server.test\nport 25\ntls off\n%b\n' "$settings" >"$T/rc"
	eval "post_stdin --dry-run $args x@y.test" < <(printf 'Subject: s\n\nx\n')
	got=$(tr -d '\r' <"$out" | sed -n 's/^Message-ID: <.*@\(.*\)>$/\1/p')
	like "$got" "^($domain)\$" "Message-ID: $name"
	unlike "$got" 'server.test' "Message-ID: $name: not the server's name"
done 9<<ROWS
the sender's|from alice@example.org|-f bob@b.test|b\.test
a bare sender: the account's|from alice@example.org|-f bob|example\.org
a bare sender that is kept: the account's|from alice@example.org\nsender keep|-f bob|example\.org
the null sender: the account's|from alice@example.org|-f '<>'|example\.org
what the account says in EHLO|from alice@example.org\ndomain client.example.net|-f '<>'|client\.example\.net
a bare sender and a bare account: this host's|from alice\ndomain localhost|-f bob|.+
the null sender and a bare account: this host's|from alice\ndomain localhost|-f '<>'|.+
ROWS
run "$POSTHASTE" --host=smtp.server.test --port=25 --tls=off --dry-run -f bob x@y.test < <(printf 'Subject: s\n\nx\n')
status_is 0 "Message-ID: --host and a bare sender: exit status 0"
unlike "$(grep -i '^Message-ID' "$out")" 'server.test' "Message-ID: --host and a bare sender: not the server's name"
is "$(head -1 "$out")" "Account: of the command line" "--host: the account is named"

# The server sees the same.
smarthost
conf 'sender force' 'from alice@example.org'
post_stdin -f bob@b.test x@y.test < <(printf 'From: Bob <bob@b.test>\n\nx\n')
smarthost_end
status_is 0 "force at the server: exit status 0"
is "$(envelope mail_from)" "alice@example.org" "force at the server: the envelope sender"
check "force at the server: the header" grep -q '^From: Bob <alice@example.org>' "$T/spool/0001.eml"
done_testing
