#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Configuration files as people write, paste and generate them, msmtp's and our own: what they mean, and what is said
# about those that mean nothing.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/field/rows.sh" || exit 99
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good selfsigned
export CA
FINGERPRINT=$(ca_fingerprint selfsigned | sed 's/../&:/g;s/:$//')
loose=$(tr -d : <<<"$FINGERPRINT" | tr 'A-F' 'a-f')
spaced=$(tr : ' ' <<<"$FINGERPRINT")
sha1=$(ca_fingerprint selfsigned sha1 | sed 's/../&:/g;s/:$//')
export FINGERPRINT loose spaced sha1

printf 'root: admin@example.org\n' >"$T/aliases"
printf 'correct-horse\n' >"$T/secret file"
printf '%s\n' "a#b=\"c' d" >"$T/special1"
printf '  two blanks \n' >"$T/special2"
printf '%s\n' 'a\b' >"$T/special3"
printf 'p\303\244ss\n' >"$T/special4"
printf '\357\273\277root: admin@example.org\r\n#\r\nstaff:\tbob@example.org,\r\n\tcarol@example.org\r\n' \
	>"$T/dos aliases"
printf '\357\273\277correct-horse\r\n' >"$T/dos password"
printf '\357\273\277machine 127.0.0.1\r\nlogin joe\r\npassword correct-horse\r\n' >"$T/dos netrc"
printf 'machine 127.0.0.1 login joe password correct-horse\n' >"$HOME/.netrc"
chmod 600 "$HOME/.netrc"
rows 9<<'ROWS'
# ---- how the file came about ----
= saved by a Windows editor: CRLF and a byte-order mark
bare
msmtprc
raw \xef\xbb\xbfaccount default\r\nhost 127.0.0.1\r\nport @PORT@\r\nfrom alice@example.org\r\n

= saved by a Windows editor, our own file
bare
raw \xef\xbb\xbfaccount default\r\nhost 127.0.0.1\r\nport @PORT@\r\nfrom alice@example.org\r\n

= no line end at the end of the file
bare
msmtprc
raw account default\nhost 127.0.0.1\nport @PORT@\nfrom alice@example.org

= tabs everywhere, and blanks at line ends
bare
msmtprc
raw \taccount\t\tdefault \t\n\thost\t127.0.0.1\t\n\tport\t@PORT@ \n  from   alice@example.org  \n

= a comment in Latin-1
msmtprc
raw # f\xfcr den Gebrauch zu Hause\n

= comments between and after blanks, and empty lines with blanks
msmtprc
raw \n \t \n   # indented\n\t# too\n#\n

= a comment after a value is no comment
msmtprc
conf port @PORT@ # submission
exit 78
says line 6.*port
says # submission

= a comment of 5,000 characters
msmtprc
do { printf '# '; printf 'x%.0s' {1..5000}; echo; } >>"$HOME/.msmtprc"; msmtp bob@example.org

= blanks that came with a web page are no blanks
msmtprc
raw \xc2\xa0\xc2\xa0timeout 10\n
exit 78
says line 6

= quotes that came with a word processor
msmtprc
raw timeout \xe2\x80\x9c10\xe2\x80\x9d\n
exit 78
says line 6.*timeout

= an equals sign between name and value
msmtprc
conf timeout = 10
exit 78
says line 6.*timeout
says =

= an INI file
bare
conf [default]
conf host=127.0.0.1
exit 78
says \[default\]

= ssmtp's file under our name
bare
conf root=postmaster
conf mailhub=127.0.0.1:@PORT@
exit 78
says root=postmaster

= a capital letter in a command
msmtprc
conf Timeout 10
exit 78
says Timeout

= on in capitals, as a container's script wrote it
msmtprc
conf tls OFF
exit 78
says line 6.*tls.*OFF

= yes instead of on
conf syslog yes
exit 78
says line 6
says yes

= a mistyped command
msmtprc
conf tls_starttsl off
exit 78
says line 6.*tls_starttsl

= a NUL in the file
msmtprc
raw timeout 10\x00\n
exit 78
says line 6

= an empty file
bare
exit 78

= a file of comments
bare
conf # nothing yet
exit 78

= a file that ends in the middle of quotes
conf domain "client.example.org
exit 78
says line 6

= a folder where the file should be
bare
do rm -f "$XDG_CONFIG_HOME/posthaste/config"; mkdir "$XDG_CONFIG_HOME/posthaste/config"; posthaste bob@example.org; s=$?; rmdir "$XDG_CONFIG_HOME/posthaste/config"; exit $s
exit 66

= a link to the file, as dotfile managers make it
do mv "$XDG_CONFIG_HOME/posthaste/config" "$T/real"; ln -sf "$T/real" "$XDG_CONFIG_HOME/posthaste/config"; posthaste bob@example.org

= a link that leads nowhere
do ln -sf "$T/nowhere" "$HOME/.posthasterc"; mv "$XDG_CONFIG_HOME/posthaste/config" "$T/rc"; posthaste -C "$T/rc" bob@example.org; s=$?; rm "$HOME/.posthasterc"; exit $s

= our file and an msmtprc: ours alone
do printf 'account default\nhost wrong.example.org\n' >"$HOME/.msmtprc"; posthaste bob@example.org; s=$?; rm "$HOME/.msmtprc"; exit $s

= an msmtprc with a pasted option of ours
msmtprc
conf queue off
conf partial deliver

# ---- accounts ----
= default is made from another account, with a blank before the colon
bare
msmtprc
conf account work
conf host 127.0.0.1
conf port @PORT@
conf from alice@example.org
conf account default : work

= the same without the blank
bare
msmtprc
conf account work
conf host 127.0.0.1
conf port @PORT@
conf from alice@example.org
conf account default: work

= an account whose name is an address
bare
msmtprc
conf account alice@example.org
conf host 127.0.0.1
conf port @PORT@
conf from alice@example.org
conf account default : alice@example.org

= an account is named before it exists
bare
msmtprc
conf account default : work
conf account work
conf host 127.0.0.1
exit 78
says line 1.*work

= commands before the first account, and then account default
bare
msmtprc
conf logfile @T@/log
conf account work
conf host 127.0.0.1
conf account default : work
exit 78
says line 4.*default

= an account twice
bare
msmtprc
conf account work
conf host 127.0.0.1
conf account work
conf host 127.0.0.2
exit 78
says line 3.*work

= an account of two parents: the later one wins
bare
msmtprc
conf account one
conf host wrong.example.org
conf port 1
conf account two
conf host 127.0.0.1
conf port @PORT@
conf account default : one, two
conf from alice@example.org

= defaults in the middle hold for what follows
bare
msmtprc
conf account first
conf host wrong.example.org
conf defaults
conf port @PORT@
conf from alice@example.org
conf account default
conf host 127.0.0.1

= defaults again: they are added to the first ones
bare
msmtprc
conf defaults
conf port 1
conf domain one.example.org
conf defaults
conf port @PORT@
conf account default
conf host 127.0.0.1
conf from alice@example.org
sent EHLO one\.example\.org

= the sender chooses the account, with a wildcard
bare
msmtprc
conf account shop
conf host 127.0.0.1
conf port @PORT@
conf from *@shop.example
conf account default
conf host wrong.example.org
conf from alice@example.org
do msmtp -f orders@shop.example bob@example.org
from orders@shop.example

= the sender in other letters than the account
bare
msmtprc
conf account work
conf host 127.0.0.1
conf port @PORT@
conf from alice@example.org
do msmtp -f Alice@Example.ORG bob@example.org
from Alice@Example.ORG

= the sender has a detail after a plus sign
bare
msmtprc
conf account work
conf host 127.0.0.1
conf port @PORT@
conf from alice@example.org
do msmtp -f alice+list@example.org bob@example.org
from alice\+list@example.org

= no default account, and nothing says which
bare
msmtprc
conf account work
conf host 127.0.0.1
conf port @PORT@
conf account home
conf host 127.0.0.1
conf port @PORT@
exit 78
says default

= one account, and it is not called default
bare
msmtprc
conf account work
conf host 127.0.0.1
conf port @PORT@
conf from alice@example.org

= a setting twice: the second
conf domain one.example.org
conf domain two.example.org
sent EHLO two\.example\.org

= allow_from_override off among the defaults
bare
msmtprc
conf defaults
conf allow_from_override off
conf account default
conf host 127.0.0.1
conf port @PORT@
conf from alice@example.org
do msmtp -f eve@example.org bob@example.org
from alice@example.org

# ---- senders and names ----
= from in quotes
bare
msmtprc
conf account default
conf host "127.0.0.1"
conf port "@PORT@"
conf from "alice@example.org"
from alice@example.org

= the user's name in from
msmtprc
conf from %U@example.org
do USER=joe LOGNAME=joe msmtp bob@example.org
from (joe|root|[a-z]*)@example.org

= no from at all, and the header has one
bare
conf account default
conf host 127.0.0.1
conf port @PORT@
exit 78
says default has no sender address
says ^hint: .*from

= no from at all, and --read-envelope-from
bare
conf account default
conf host 127.0.0.1
conf port @PORT@
do posthaste --read-envelope-from bob@example.org
from alice@example.org

= from_full_name beyond ASCII
conf from_full_name J\xc3\xb6rg
raw from_full_name J\xc3\xb6rg M\xc3\xbcller\n
mail Subject: x
mail
mail y
has From: =[?]UTF-8[?].*<alice@example.org>

= set_from_header on: one From, ours
msmtprc
conf set_from_header on
mail From: www-data <www-data@tower>
mail From: again@example.org
mail Subject: x
mail
mail y
count 1 ^From:
has From: .*alice@example.org.*

= undisclosed recipients, msmtp's old word
msmtprc
conf undisclosed_recipients on
mail From: alice@example.org
mail To: carol@example.org
mail Cc: dave@example.org
mail
mail x
has To: undisclosed-recipients:;
lacks ^Cc:

= a domain for EHLO with an underscore, which strict servers refuse
conf domain my_laptop.local
exit 69
rude
says ^hint: .*domain

= an account whose "domain" without a value undoes the one of the defaults
bare
msmtprc
conf defaults
conf domain defaults.example
conf from defaults@example.org
conf account default
conf host 127.0.0.1
conf port @PORT@
conf domain
from defaults@example.org
sent EHLO localhost

= an account whose "from" without a value undoes the one of the defaults
bare
msmtprc
conf defaults
conf from defaults@example.org
conf account default
conf host 127.0.0.1
conf port @PORT@
conf from
exit 78
says no sender address

= maildomain and auto_from, which msmtp has forgotten
bare
msmtprc
conf account default
conf host 127.0.0.1
conf port @PORT@
conf auto_from on
conf maildomain example.org
do USER=joe LOGNAME=joe msmtp bob@example.org
from .*@example.org

# ---- passwords ----
= a password with a number sign, an equals sign and quotes within
sink --auth PLAIN --user joe --password-file "$T/special1" --require-auth
conf auth plain
conf user joe
conf password a#b="c' d
do posthaste bob@example.org

= a password in quotes, with blanks at its ends
msmtprc
sink --auth PLAIN --user joe --password-file "$T/special2" --require-auth
conf auth plain
conf user joe
conf password "  two blanks "
do msmtp bob@example.org

= a password with a backslash, msmtp's file: it is a backslash
msmtprc
sink --auth PLAIN --user joe --password-file "$T/special3" --require-auth
conf auth plain
conf user joe
conf password "a\b"
do msmtp bob@example.org

= a password with letters beyond ASCII
msmtprc
sink --auth PLAIN --user joe --password-file "$T/special4" --require-auth
conf auth plain
conf user joe
raw password p\xc3\xa4ss\n
do msmtp bob@example.org

= a user name with a backslash, as a domain has it
msmtprc
sink --auth PLAIN --user 'CORP\joe' --password-file "$T/password" --require-auth
conf auth plain
conf user CORP\joe
conf password correct-horse

= passwordeval with a pipe and quotes
msmtprc
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
conf passwordeval "printf 'x\ncorrect-horse\n' | grep -v '^x' | awk '{ print $1 }'"

= passwordeval without quotes, and a file whose name has a blank
msmtprc
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
conf passwordeval cat "@T@/secret file"

= passwordeval reads standard input: the message stays complete
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
conf passwordeval cat >/dev/null; echo correct-horse
has Good morning\.

= passwordeval prints more lines: the first is the password
msmtprc
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
conf passwordeval printf 'correct-horse\nlogin: joe\nurl: x\n'

= passwordeval prints CRLF
msmtprc
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
conf passwordeval printf 'correct-horse\r\n'

= passwordeval uses the environment
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
conf passwordeval cat "$SECRET_FILE"
do SECRET_FILE=$T/password posthaste bob@example.org

= passwordeval fails, and says why: later, for the key may be unlocked then
conf auth plain
conf user joe
conf passwordeval echo 'gpg: decryption failed: No secret key' >&2; exit 2
exit 75
says No secret key

= passwordeval names a program that is not there
conf auth plain
conf user joe
conf passwordeval pass-that-is-missing show mail
exit 75
says pass-that-is-missing

= passwordeval prints nothing
conf auth plain
conf user joe
conf passwordeval true
exit 75
says passwordeval

= a password in a file that others may read
do chmod 644 "$XDG_CONFIG_HOME/posthaste/config"; posthaste bob@example.org
conf password correct-horse
exit 78
says config
says ^hint: .*chmod

= a file that others may read, without a secret in it
do chmod 644 "$XDG_CONFIG_HOME/posthaste/config"; posthaste bob@example.org

= a password in .netrc
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe

= a password_file that a Windows editor saved
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
conf password_file @T@/dos password
sent AUTH PLAIN AGpvZQBjb3JyZWN0LWhvcnNl$

= a password_file without a line end
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
conf password_file @T@/bare password
do (umask 077 && printf correct-horse >"$T/bare password"); posthaste bob@example.org

= an empty password_file
sink --auth PLAIN --user joe --password-file "$T/password"
conf auth plain
conf user joe
conf password_file @T@/empty password
do (umask 077 && : >"$T/empty password"); posthaste bob@example.org
exit 78
says password_file .*/empty password is empty

= a .netrc that a Windows editor saved
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
do cp "$HOME/.netrc" netrc && cp "$T/dos netrc" "$HOME/.netrc" && posthaste bob@example.org; s=$?; mv netrc "$HOME/.netrc"; exit $s
sent AUTH PLAIN AGpvZQBjb3JyZWN0LWhvcnNl$

= aliases that a Windows editor saved
conf aliases @T@/dos aliases
do sendmail root staff
to admin@example.org bob@example.org carol@example.org

= passwordeval leaves a daemon behind that holds its output
sink --auth PLAIN --user joe --password-file "$T/password" --require-auth
conf auth plain
conf user joe
conf passwordeval echo correct-horse; while [ -e "@T@/agent" ]; do sleep 0.1; done &
do touch agent; posthaste bob@example.org; s=$?; rm agent; exit $s

= auth without a user
conf auth plain
conf password correct-horse
sink --auth PLAIN --user joe --password-file "$T/password"
exit 78
says user

= a mechanism in capitals
msmtprc
conf auth PLAIN
exit 78
says auth

= auth off, and a user that stayed in the file
msmtprc
conf auth off
conf user joe
conf password correct-horse
unsent AUTH

# ---- TLS ----
= tls_trust_file below the home folder
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
conf tls on
conf tls_starttls on
conf tls_trust_file ~/ca.crt
do cp "$CA/ca.crt" "$HOME/ca.crt"; posthaste bob@example.org

= tls_trust_file that is not there
rude
conf tls on
conf tls_starttls on
conf tls_trust_file /etc/ssl/certs/ca-certificates.missing
exit 66
says ca-certificates\.missing

= tls_trust_file system, and a private authority
msmtprc
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
conf tls on
conf tls_trust_file system
exit 77
says certificate

= tls_trust_file holds text before and between its certificates
msmtprc
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
conf tls on
conf tls_trust_file @T@/bundle.pem
do { echo '# Our authority'; cat "$CA/ca.crt"; echo; echo junk; cat "$CA/ca.crt"; } | sed 's/$/\r/' >"$T/bundle.pem"; msmtp bob@example.org

= tls_certcheck off, which people write for their NAS
msmtprc
sink --tls starttls --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
conf tls on
conf tls_certcheck off

= a fingerprint with colons
msmtprc
sink --tls starttls --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
conf tls on
conf tls_fingerprint @FINGERPRINT@

= a fingerprint in small letters
msmtprc
sink --tls starttls --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
conf tls on
do f=$(tr A-F a-f <<<"$FINGERPRINT"); echo "tls_fingerprint $f" >>"$HOME/.msmtprc"; msmtp bob@example.org

= a fingerprint without colons
msmtprc
sink --tls starttls --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
conf tls on
do echo "tls_fingerprint $loose" >>"$HOME/.msmtprc"; msmtp bob@example.org

= a fingerprint with blanks
msmtprc
sink --tls starttls --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
conf tls on
do echo "tls_fingerprint $spaced" >>"$HOME/.msmtprc"; msmtp bob@example.org

= a SHA-1 fingerprint, from an old guide
msmtprc
sink --tls starttls --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
conf tls on
do echo "tls_fingerprint $sha1" >>"$HOME/.msmtprc"; msmtp bob@example.org

= a fingerprint of the year before
msmtprc
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
conf tls on
conf tls_fingerprint @FINGERPRINT@
exit 77
says fingerprint

= half a fingerprint
msmtprc
conf tls on
conf tls_fingerprint 01:23:45
exit 78
says tls_fingerprint

= tls_starttls off where TLS is off
msmtprc
conf tls off
conf tls_starttls off

= a key without its certificate
msmtprc
conf tls on
conf tls_key_file @T@/key
exit 78
says no certificate.*tls_key_file

= tls_force_sslv3 and tls_min_dh_prime_bits of an old file
msmtprc
sink --tls starttls --cert "$CA/good.pem" --key "$CA/good.key"
conf tls on
conf tls_force_sslv3 on
conf tls_min_dh_prime_bits 512
conf tls_trust_file @CA@/ca.crt

= tls_nocertcheck and tls_nostarttls of an older one
msmtprc
sink --tls implicit --cert "$CA/selfsigned.pem" --key "$CA/selfsigned.key"
conf tls on
conf tls_nocertcheck
conf tls_nostarttls

# ---- where things go ----
= a log in a folder that is missing: the mail goes out
conf logfile @T@/missing/log
noisy

= a log below the home folder
conf logfile ~/.posthaste.log
test grep -q 'exitcode=EX_OK' "$HOME/.posthaste.log"

= a log that is a folder
conf logfile @T@
noisy

= a log that cannot be written, and the mail fails as well: its status
conf logfile @T@/missing/log
sink --reply 'rcpt=550 5.1.1 who'
exit 67
says 550 5\.1\.1 who

= a log on standard output
conf logfile -
prints exitcode=EX_OK

= aliases that are missing, and nobody is local
msmtprc
conf aliases @T@/missing-aliases
noisy

= a syslog facility in small letters
msmtprc
conf syslog log_mail
exit 78
says log_mail

= timeout off, which is msmtp's default
msmtprc
conf timeout off

= a timeout of 0
msmtprc
conf timeout 0
exit 78
says timeout

= an empty value takes a setting back
msmtprc
conf proxy_host
conf source_ip
conf tls_crl_file

= a port by its name
msmtprc
conf port submission
exit 78
says submission

= a port beyond 65535
msmtprc
conf port 65536
exit 78
says 65536

= a host with its port
bare
msmtprc
conf account default
conf host 127.0.0.1:@PORT@
conf from alice@example.org
exit 68
says 127\.0\.0\.1:
says ^hint: .*port NUMBER

= a host with a scheme, as other programs want it
bare
conf account default
conf host smtps://mail.example.org
conf from alice@example.org
conf queue off
exit 68
says smtps://mail\.example\.org
says ^hint: .*port NUMBER

= a host in capitals
bare
conf account default
conf host LOCALHOST
conf port @PORT@
conf from alice@example.org

= an IPv6 address in brackets
bare
conf account default
conf host [::1]
conf port 1
conf queue off
conf from alice@example.org
exit 75
says ::1

# ---- no file ----
= a container's environment alone
bare
do rm -f "$XDG_CONFIG_HOME/posthaste/config"; POSTHASTE_HOST=127.0.0.1 POSTHASTE_PORT=$port POSTHASTE_FROM=alice@example.org posthaste bob@example.org

= msmtp's variables EMAIL and SMTPSERVER
bare
do rm -f "$XDG_CONFIG_HOME/posthaste/config"; EMAIL=alice@example.org SMTPSERVER=127.0.0.1 msmtp --port=$port bob@example.org

= everything on the command line
bare
do rm -f "$XDG_CONFIG_HOME/posthaste/config"; posthaste --host=127.0.0.1 --port=$port --from=alice@example.org --tls=off bob@example.org

= a value of the file is replaced on the command line
conf domain one.example.org
do posthaste --domain=two.example.org bob@example.org
sent EHLO two\.example\.org
ROWS
done_testing
