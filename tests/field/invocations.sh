#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Command lines, environments and descriptors as daemons, mail programs, web applications and scripts produce them.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/field/rows.sh" || exit 99

printf 'root: admin@example.org\nwww-data: web@example.org\n' >"$T/aliases"
rows 9<<'ROWS'
# ---- cron and its kin ----
= cron of Debian
conf aliases @T@/aliases
mail From: root (Cron Daemon)
mail To: root
mail Subject: Cron <root@tower> test -x /usr/sbin/anacron
mail MIME-Version: 1.0
mail Content-Type: text/plain; charset=UTF-8
mail Content-Transfer-Encoding: 8bit
mail
mail l\xc3\xa4uft
do sendmail -i -FCronDaemon -B8BITMIME -oem root
to admin@example.org

= cronie
conf aliases @T@/aliases
mail From: "(Cron Daemon)" <root>
mail To: root
mail
mail x
do sendmail -FCronDaemon -i -odi -oem -oi -t -f root
to admin@example.org

= cronie 1.7 sends with the null sender
conf aliases @T@/aliases
mail From: "(Cron Daemon)" <root>
mail To: root
mail
mail x
do sendmail -FCronDaemon -i -odi -oem -oi -t -f '<>'
to admin@example.org
from

= cron of illumos writes an mbox line first
mail From root Mon Nov 30 08:00:00 2026
mail To: bob@example.org
mail Subject: Output from "cron" command
mail
mail x
do sendmail -t
lacks ^From root

= anacron with a sender that is a sentence
mail From: Anacron <root>
mail To: bob@example.org
mail Subject: Anacron job 'cron.daily' on tower
mail
mail x
do sendmail -FAnacron bob@example.org
has From: Anacron <.*@.*>

= at: the user's name is the only argument, and aliases know it
conf aliases @T@/aliases
do sendmail -i www-data
to web@example.org

= smartd: its words after --
do printf 'Subject: SMART error\n\nx\n' | posthaste -t -- bob@example.org

= fail2ban: -f with a name that is no address, and no domain
mail Subject: [Fail2Ban] sshd: banned 192.0.2.7 from tower
mail From: Fail2Ban <fail2ban>
mail To: bob@example.org
mail
mail x
do sendmail -f "fail2ban" "bob@example.org"

= unattended-upgrades: the recipients' option twice
do sendmail -oi -oi -t bob@example.org <"$T/mail"

= mdadm: -t with names in the header only
mail From: mdadm monitoring <alice@example.org>
mail To: bob@example.org
mail Subject: DegradedArray event on /dev/md0
mail
mail x
do sendmail -t

# ---- mail programs ----
= mutt: -oem -oi, -f and --
do sendmail -oem -oi -f alice@example.org -- bob@example.org carol@example.org
to bob@example.org carol@example.org

= mutt: delivery reports
do sendmail -oem -oi -N failure,delay -R full -- bob@example.org
sent RCPT TO:<bob@example.org> NOTIFY=(FAILURE,DELAY|DELAY,FAILURE)
sent MAIL FROM:<alice@example.org>.*RET=FULL

= mutt: recipients in one word, with commas
do posthaste -f alice@example.org -- 'bob@example.org,carol@example.org, dave@example.org'
to bob@example.org carol@example.org dave@example.org

= s-nail: -i and -r, the sender last
do sendmail -i -r alice@example.org bob@example.org

= s-nail gives its own name
do (exec -a sendmail "$T/bin/sendmail" -i -- bob@example.org)

= heirloom mailx: -i and -m
do sendmail -i -m bob@example.org

= nail calls the program send-mail
do (exec -a send-mail posthaste -i bob@example.org)

= Gnus and mu4e: -f glued, -oi, -t
do msmtp -oi -falice@example.org -t <"$T/mail"
msmtprc

= mu4e: --read-envelope-from among sendmail's letters
msmtprc
do msmtp -oi --read-envelope-from -t <"$T/mail"

= msmtpq hands on -- first
msmtprc
do msmtp -- bob@example.org

= git send-email: -i and the recipients, all in brackets
do sendmail -i '<bob@example.org>' '<carol@example.org>'
to bob@example.org carol@example.org

= git send-email as sendmailCmd: a shell function with options
do f() { posthaste --read-envelope-from "$@"; }; f -i bob@example.org

= notmuch: a path relative to the folder it stands in
do cd "$T/bin" && ./posthaste bob@example.org

= a mailer runs it by a relative link elsewhere
do mkdir -p sub && ln -sf ../bin/sendmail sub/sendmail && sub/sendmail -i bob@example.org

= a window manager's key binding: no controlling terminal, no TERM
do env -u TERM setsid -w posthaste bob@example.org

# ---- web applications ----
= PHP: -t -i, CRLF in the header, LF in the body
mail To: bob@example.org\r
mail Subject: x\r
mail X-PHP-Originating-Script: 33:index.php\r
mail From: shop <alice@example.org>\r
mail
mail body
do sendmail -t -i
has From: shop <alice@example.org>
has body

= PHP 8: CRLF everywhere
mail To: bob@example.org\r
mail Subject: x\r
mail From: alice@example.org\r
mail \r
mail body\r
do sendmail -t -i
count 1 ^$

= PHP: -f comes last, after -t and -i, glued
do sendmail -t -i -fbounces@example.org <"$T/mail"
from bounces@example.org

= PHP: -f with a blank in front
do sendmail -t -i '-f bounces@example.org' <"$T/mail"
from bounces@example.org

= PHP: -f in quotes of the shell that stayed
do sendmail -t -i -f'"bounces"@example.org' <"$T/mail"
from ("bounces"|bounces)@example.org

= PHP: To was left empty, and Bcc names them
mail To: undisclosed-recipients:;
mail Subject: x
mail Bcc: bob@example.org
mail
mail x
do sendmail -t -i
lacks ^[Bb]cc

= PHP: a sender field of a form must not become an option
do sendmail -t -i -f'alice@example.org -OQueueDirectory=/tmp -X/var/www/x.php' <"$T/mail"
exit 65
test [ ! -e /var/www/x.php ]

= PHP: a recipient that begins with a dash after --
do sendmail -i -- -oQ/tmp@example.org
to -oQ/tmp@example.org

= a recipient that looks like an option and is none
do sendmail -i -Xtraffic bob@example.org
exit 64
test [ ! -e traffic ]

= Drupal: -t, an address in quotes on the command line
do sendmail -t '"Bob" <bob@example.org>' <"$T/mail"

= nodemailer's sendmail transport: -i -f sender, recipients as arguments
do sendmail -i -f alice@example.org bob@example.org carol@example.org
to bob@example.org carol@example.org

= Redmine: -i -t, nothing else
do sendmail -i -t <"$T/mail"

= Ruby's mail: -f with quotes, -- before the recipients
do sendmail -i -f "alice@example.org" -- "bob@example.org"

= Java: -t and the same recipients as arguments
do sendmail -t bob@example.org <"$T/mail"

= Perl's MIME::Lite: -t -oi -oem in one string
do sendmail -t -oi -oem <"$T/mail"

= ezmlm: the null sender as an empty word
do sendmail -f '' bob@example.org
from

= Mailman 2 verbatim: -f glued to a VERP address
do sendmail -flist-bounces+bob=example.org@example.net bob@example.org
from list-bounces\+bob=example.org@example.net

= a VERP address with slash and equals sign
do sendmail -f 'msprvs1=17890abc=bounces-1/2@example.net' bob@example.org
from msprvs1=17890abc=bounces-1/2@example.net

= an apostrophe in the address
do sendmail -f "o'hara@example.org" "o'neil@example.org"
from o'hara@example.org
to o'neil@example.org

= sqwebmail: DSN glued
do sendmail -Nsuccess,delay,failure -f alice@example.org bob@example.org
sent RCPT TO:<bob@example.org> NOTIFY=

= netdata: -F with a name, -f with an address, -t
do sendmail -t -f 'root@tower.example.org' -F 'netdata on tower' <"$T/mail"
from root@tower.example.org

= options in one cluster
do sendmail -it bob@example.org <"$T/mail"

= an option without its argument at the very end
do sendmail -t -f
exit 64
says -f

= an empty recipient among others
do sendmail -i '' bob@example.org ''

= no recipient, no -t
do sendmail -i
exit 64
says recipient

= -t and a header that names none
mail Subject: x
mail
mail x
do sendmail -t
exit 64
says recipient

= --help asked of sendmail
do sendmail --help
to
stored 0
prints sage

= -f twice, and -r: the last one
do sendmail -f first@example.org -f second@example.org -r third@example.org bob@example.org
from third@example.org

= -F with a line end in it adds no header
do sendmail -F $'Alice\nBcc: carol@example.org' bob@example.org
exit 64
says -F

= -F of 300 characters
mail Subject: x
mail
mail y
do sendmail -F "$(printf 'name %.0s' {1..60})" bob@example.org
has From: .*name.*

= -F beyond ASCII in a C locale
mail Subject: x
mail
mail y
do sendmail -F $'J\303\266rg M\303\274ller' bob@example.org
has From: =[?]UTF-8[?].*<alice@example.org>

= -F in Latin-1
mail Subject: x
mail
mail y
do sendmail -F $'J\366rg' bob@example.org
has From: =[?]UTF-8[?].*<alice@example.org>

= -B7BIT, and the text is 8-bit after all
mail From: alice@example.org
mail Content-Type: text/plain; charset=utf-8
mail Content-Transfer-Encoding: 8bit
mail
mail \xc3\xa4
do sendmail -B7BIT bob@example.org
sent MAIL FROM:<alice@example.org>.*BODY=8BITMIME

= -B as a word of its own
do sendmail -B 8BITMIME bob@example.org

= -R headers, which is msmtp's word
msmtprc
do msmtp -N failure -R headers bob@example.org
sent MAIL FROM:<alice@example.org>.*RET=HDRS

= -N in capitals
do sendmail -N NEVER bob@example.org
sent RCPT TO:<bob@example.org> NOTIFY=NEVER

= -N with a word that does not exist
do sendmail -N sometimes bob@example.org
exit 64
says sometimes

= -V with blanks and a plus sign
do sendmail -V 'a b+c' bob@example.org
sent MAIL FROM:<alice@example.org>.*ENVID=a\+20b\+2Bc

= the options of sendmail's queue and protocol are passed over
do sendmail -Ac -G -U -x -h 5 -p SMTP:host.example -oMr -oMshost -om -oo -o7 -oA/etc/aliases -L cron bob@example.org

= sendmail's -O for what matters to a daemon only
do sendmail -O ErrorMode=m -O Timeout.queuereturn=5d -OMaxMessageSize=1 bob@example.org

= sendmail -C, which would name a file
do sendmail -C "$T/rc" bob@example.org
exit 64
says -C

= sendmail -D, which would name a file
do sendmail -D "$T/debug" bob@example.org
exit 64
test [ ! -e "$T/debug" ]

= msmtp's long options are not sendmail's
do sendmail --host=127.0.0.1 bob@example.org
exit 64

= mailq of an empty queue
do mailq
to
stored 0
prints ^Mail queue is empty

= sendmail -q of an empty queue
do sendmail -q
to
stored 0

= -bm, which is what happens anyway
do sendmail -bm -i bob@example.org

= -bt, which no program needs
do sendmail -bt
exit 64

= a name of nothing
do (exec -a '' posthaste bob@example.org)

= options after the recipients
do posthaste bob@example.org -f carol@example.org carol@example.org
to bob@example.org carol@example.org
from carol@example.org

= a long option cut short
msmtprc
do msmtp --read-rec --dsn-not=off --acc=default <"$T/mail"

= a long option cut too short
msmtprc
do msmtp --tls-c bob@example.org
exit 64
says tls-c

= --option=value as two words where the value is not optional
do posthaste --from carol@example.org --account default bob@example.org
from carol@example.org

= an account that does not exist
do posthaste -a work bob@example.org
exit 78
says work

= -a and --host, which exclude each other
do posthaste -a default --host=127.0.0.1 bob@example.org
exit 64

= a file named with -C that does not exist
do posthaste -C missing/rc bob@example.org
exit 66
says missing/rc

= --version with everything else wrong
do posthaste --version --nonsense || posthaste --version
noisy
to
stored 0
prints ^posthaste

# ---- the environment ----
= a locale that does not exist
do LC_ALL=xx_YY.UTF-8 LANG=nonsense LANGUAGE=zz posthaste bob@example.org

= a locale with commas in its numbers, and Turkish letters
do LC_ALL=tr_TR.UTF-8 posthaste -t -i <"$T/mail"

= a time zone that does not exist
mail From: alice@example.org
mail
mail x
do TZ=Mars/Olympus posthaste bob@example.org
has Date: .* [+]0000

= a time zone that is half an hour off
mail From: alice@example.org
mail
mail x
do TZ='XST-5:30' posthaste bob@example.org
has Date: .* [+]0530

= a time zone west of Greenwich, with seconds
mail From: alice@example.org
mail
mail x
do TZ='YST+3:07:30' posthaste bob@example.org
has Date: .* -0307

= TZ empty, or a path
mail From: alice@example.org
mail
mail x
do TZ=':/etc/passwd' posthaste bob@example.org
has Date: .* [-+][0-9]{4}

= umask 777
do umask 777 && posthaste bob@example.org

= umask 0, and a log: it is not for others to write
conf logfile @T@/umask.log
do umask 0 && posthaste bob@example.org
test [ -z "$(find umask.log -perm /022)" ]

= HOME does not exist
do cp "$XDG_CONFIG_HOME/posthaste/config" rc && env -u XDG_CONFIG_HOME -u XDG_STATE_HOME HOME=/nonexistent posthaste -C rc bob@example.org

= HOME is relative
do cp "$XDG_CONFIG_HOME/posthaste/config" rc && env -u XDG_CONFIG_HOME -u XDG_STATE_HOME HOME=home posthaste -C rc bob@example.org

= TMPDIR does not exist
do TMPDIR=/nonexistent posthaste bob@example.org

= the working directory was removed
do mkdir gone && cd gone && rmdir ../gone && posthaste bob@example.org

= USER and LOGNAME disagree with the uid
do USER=nobody LOGNAME=daemon posthaste bob@example.org

= 2,000 variables in the environment
do for i in {1..2000}; do export "V$i=$i"; done; posthaste bob@example.org

= a variable without a name's shape
do env 'BASH_FUNC_x%%=() { :; }' 'a b=c' posthaste bob@example.org

= few open files are allowed
do ulimit -n 24 && posthaste bob@example.org

= no core, little stack
do ulimit -c 0 -s 1024 && posthaste bob@example.org

= SIGPIPE and SIGCHLD are ignored by the caller
do trap '' PIPE CHLD HUP && posthaste bob@example.org

= lowered priority, as cron's jobs have it
do nice -n 19 posthaste bob@example.org

# ---- descriptors ----
= descriptors 3 to 9 are open and in use
do exec 3<"$T/mail" 4<"$T/mail" 5>/dev/null 6>&1 8>&2; posthaste bob@example.org

= standard error is closed
do posthaste bob@example.org 2>&-

= standard output is a full device
do posthaste bob@example.org >/dev/full

= standard output is a pipe without a reader: the status stays that of the delivery
do posthaste --json bob@example.org > >(:)
noisy

= standard input is a terminal's end: /dev/null is an empty message
do posthaste bob@example.org </dev/null
has From: alice@example.org

= standard input is a folder
do posthaste bob@example.org <"$T"
exit 74
says standard input

= standard input can only be written
do posthaste bob@example.org 0>"$T/writeonly"
exit 74
says standard input

= the file on standard input was read to a place before
mail skipped
mail From: alice@example.org
mail Subject: x
mail
mail y
do { read -r _; posthaste bob@example.org; }
lacks skipped

= two callers in one shell: the second gets what is left
do { head -c 0 >/dev/null; posthaste bob@example.org; }

= a here-string without its line end
do printf 'Subject: x\n\nno newline' | posthaste bob@example.org
has no newline

= the message arrives octet by octet through dd
do dd bs=1 status=none <"$T/mail" | posthaste bob@example.org

# ---- the message that comes in ----
= echo without -e: backslash-n stays what it is
do echo 'Subject: x\n\ny' | posthaste bob@example.org
has Subject: x\\n\\ny

= a header only, without an empty line
mail From: alice@example.org
mail To: bob@example.org
mail Subject: header only
do sendmail -t
has Subject: header only

= a header only, and its last line has no end
mail From: alice@example.org
mail To: bob@example.org\c
do sendmail -t
has To: bob@example.org

= a text only
mail Backup finished.
has Backup finished\.
has

= an empty line first: all of it is text
mail
mail To: carol@example.org
mail x
has To: carol@example.org
to bob@example.org

= a lone dot does not end the message without -i
mail Subject: x
mail
mail before
mail .
mail after
do sendmail bob@example.org
has after

# ---- much of it ----
= a thousand recipients on the command line
do posthaste $(printf 'u%d@example.org ' {1..1000})
test [ "$(row_recipients | wc -w)" = 1000 ]
to *

= one argument of 100,000 octets that holds 4,000 addresses
do posthaste "$(printf 'u%d@example.org, ' {1..4000})"
to *
test [ "$(row_recipients | wc -w)" = 4000 ]

= the same recipient five times, once in capitals of the domain
do posthaste bob@example.org bob@example.org bob@EXAMPLE.org '<bob@example.org>' 'Bob <bob@example.org>'

= the recipient stands in To, Cc and on the command line
mail To: bob@example.org
mail Cc: Bob <bob@example.org>
mail
mail x
do sendmail -t bob@example.org

= To folded before each address, as Emacs does
mail To: "Bob, the builder" <bob@example.org>,
mail  "Carol"
mail  <carol@example.org>,
mail \tdave@example.org
mail
mail x
do sendmail -t
to bob@example.org carol@example.org dave@example.org
ROWS
done_testing
