#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Configuration files: where they are looked for and in which order, the two
# flavours and their defaults, the environment, which account is chosen, and
# errors that name file, line and column.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# shows NAME=VALUE... of what --pretend printed
setting() {
	sed -n "s/^$1 *= \([^ ]*\).*/\1/p" "$T/out"
}
origin() {
	sed -n "s/^$1 *= .*(\(.*\))\$/\1/p" "$T/out"
}
pretend() {
	run timeout 20 "$POSTHASTE" "$@" --pretend </dev/null
}
file() {
	mkdir -p "$(dirname "$1")"
	shift_to=$1
	shift
	printf '%s\n' "$@" >"$shift_to"
}

# ---- none at all ----
pretend
status_is 78 "no file at all: exit status 78"
said '^posthaste: .*no configuration file' "no file at all: said so"
said '^hint: .*posthaste/config' "no file at all: where to write one"

# ---- the user's places, last one first: each hides those before it ----
while IFS='|' read -ru 9 place flavour; do
	file "$HOME/$place" "host ${flavour}.example.org" 'from a@example.org'
	pretend
	status_is 0 "$place: exit status 0"
	is "$(setting host)" "$flavour.example.org" "$place is read, and hides those after it"
	is "$(origin host)" "$HOME/$place, line 1" "$place: the place is reported"
done 9<<'ROWS'
.config/msmtp/config|four
.msmtprc|three
.posthasterc|two
.config/posthaste/config|one
ROWS
XDG_CONFIG_HOME=$T/elsewhere pretend
is "$(setting host)" two.example.org "XDG_CONFIG_HOME counts, not ~/.config"
file "$T/elsewhere/posthaste/config" 'host elsewhere.example.org' 'from a@example.org'
XDG_CONFIG_HOME=$T/elsewhere pretend
is "$(setting host)" elsewhere.example.org "XDG_CONFIG_HOME/posthaste/config"
XDG_CONFIG_HOME='' pretend
is "$(setting host)" one.example.org "an empty XDG_CONFIG_HOME is none"
XDG_CONFIG_HOME=relative pretend
is "$(setting host)" one.example.org "a relative XDG_CONFIG_HOME is none"
file "$T/other" 'host other.example.org' 'from a@example.org'
pretend -C "$T/other"
is "$(setting host)" other.example.org "-C replaces the user's file"
pretend --host=typed.example.org
is "$(setting host)" typed.example.org "--host reads no file"
pretend -C "$T/none"
status_is 66 "-C with a file that is missing: exit status 66"
pretend -C "$T"
status_is 66 "-C with a folder: exit status 66"
said "^posthaste: .*$T is not a file" "-C with a folder: said so"
said "^hint: .*folder" "-C with a folder: the cure"
open_place
unprivileged mkdir -p "$OPEN/home/.config/posthaste"
for place in .msmtprc .config/posthaste/config; do
	printf 'host mail.example.org\nfrom a@example.org\n' | unprivileged sh -c 'cat >"$HOME/$1"' sh "$place"
done
run unprivileged timeout 20 "$OPEN/posthaste" --pretend </dev/null
is "$status $(origin host)" "0 $OPEN/home/.config/posthaste/config, line 1" "a file that can be read, for comparison"
unprivileged chmod 0 "$OPEN/home/.config/posthaste/config"
run unprivileged timeout 20 "$OPEN/posthaste" --pretend </dev/null
status_is 66 "a file that cannot be read is not passed over: exit status 66"
said "^posthaste: .*$OPEN/home/.config/posthaste/config: Permission denied" "a file that cannot be read: said so"
rm -r "$HOME/.config" "$HOME/.posthasterc" "$HOME/.msmtprc"

# ---- two flavours ----
# defaults FILE LINES WANTED: tls, tls_starttls, port
while IFS='|' read -ru 9 place lines wanted; do
	rm -rf "$HOME/.config" "$HOME/.posthasterc" "$HOME/.msmtprc"
	file "$HOME/$place" 'from a@example.org' "$(printf "$lines")"
	pretend
	is "$(setting tls) $(setting tls_starttls) $(setting port)" "$wanted" "$place: $lines"
done 9<<'ROWS'
.msmtprc|host mail.example.org|off on 25
.msmtprc|host mail.example.org\ntls on|on on 25
.msmtprc|host mail.example.org\ntls on\ntls_starttls off|on off 465
.msmtprc|host mail.example.org\nport 587|off on 587
.config/msmtp/config|host mail.example.org|off on 25
.posthasterc|host mail.example.org|on off 465
.posthasterc|host mail.example.org\ntls_starttls on|on on 587
.posthasterc|host mail.example.org\ntls off|off off 25
.posthasterc|host mail.example.org\nport 465|on off 465
.posthasterc|host mail.example.org\nport 587|on on 587
.posthasterc|host mail.example.org\nport 25|on on 25
.posthasterc|host mail.example.org\nport 2525|on on 2525
.posthasterc|host localhost\nport 2525|off on 2525
.posthasterc|host 127.0.0.1|off off 25
.config/posthaste/config|host mail.example.org|on off 465
ROWS
rm -rf "$HOME/.config" "$HOME/.posthasterc" "$HOME/.msmtprc"

# ---- what says which flavour a file has ----
# PROGRAM|FILE|FIRST LINE|tls of an account with nothing but a host; @: the file is read from a descriptor, named FILE
mkdir -p "$T/names" "$T/msmtp.d" "$T/conf"
ln -s "$POSTHASTE" "$T/names/msmtp"
ln -s "$POSTHASTE" "$T/names/posthaste"
while IFS='|' read -ru 9 program place line wanted; do
	file "$T/conf/target" ${line:+"$line"} 'host mail.example.org' 'from a@example.org'
	rm -rf "$T/conf/rc" "${T:?}/${place#@}"
	case $place in
	*-link) ln -s "$T/conf/target" "$T/$place" ;;
	link-to-*)
		mv "$T/conf/target" "$T/conf/${place#link-to-}"
		ln -sf "conf/${place#link-to-}" "$T/link"
		place="link"
		;;
	*) mv "$T/conf/target" "$T/${place#@}" ;;
	esac
	case $place in
	@*) run timeout 20 "$T/names/$program" -C /dev/fd/3 --pretend </dev/null 3<"$T/${place#@}" ;;
	*) run timeout 20 "$T/names/$program" -C "$T/$place" --pretend </dev/null ;;
	esac
	is "$status $(setting tls)" "0 $wanted" "$program, $place, '$line': tls $wanted"
done 9<<'ROWS'
posthaste|tmp.AbCd||on
posthaste|.msmtp_php||off
posthaste|msmtp.conf||off
posthaste|MSMTP||off
posthaste|msmtp.d/work||off
posthaste|posthasterc||on
posthaste|link-to-msmtprc||off
posthaste|link-to-mail||on
posthaste|msmtp-link||off
posthaste|tmp.AbCd|syntax msmtp|off
posthaste|msmtp.conf|syntax posthaste|on
posthaste|@plain||on
posthaste|@msmtprc||off
posthaste|@plain|syntax msmtp|off
msmtp|tmp.AbCd||off
msmtp|posthasterc||off
msmtp|@plain||off
msmtp|tmp.AbCd|syntax posthaste|on
ROWS
rm "$T/link"
run timeout 20 "$T/names/posthaste" -C <(printf 'syntax msmtp\nhost mail.example.org\nfrom a@example.org\n') --pretend
is "$status $(setting tls)" "0 off" "a pipe that says syntax msmtp"
run timeout 20 "$T/names/msmtp" --host=mail.example.org --from=a@example.org --pretend
is "$status $(setting tls) $(setting port)" "0 off 25" "msmtp --host has the defaults of msmtp"
run timeout 20 "$T/names/msmtp" -C <(printf 'host mail.example.org\nfrom a@example.org\n') --pretend
is "$status $(setting tls)" "0 off" "a pipe, called msmtp"
# "posthaste" in the name of the folder that a test has been given says nothing
printf 'host a\nhots b\n' >"$T/rc"
pretend -C "$T/rc"
said '^hint: Did you mean host.*syntax msmtp' "an error in a file whose name says nothing: the hint"
mv "$T/rc" "$T/posthasterc"
pretend -C "$T/posthasterc"
said '^hint: Did you mean host' "an error in a file of ours: the usual hint"
unlike "$(cat "$err")" msmtp "an error in a file of ours: nothing about msmtp"
rm -r "$T/names" "$T/conf" "$T/msmtp.d"

# ---- grammar ----
file "$HOME/.posthasterc" '# a comment' '' 'defaults' 'domain "my.example.org"' 'account default' \
	'	host   mail.example.org  ' $'from a@example.org\r' \
	'from_full_name "Al \"the\" \\ Adams"'
pretend
status_is 0 "comments, blanks, quotes, CRLF: exit status 0"
is "$(setting host) $(setting domain) $(setting from)" 'mail.example.org my.example.org a@example.org' \
	"comments, blanks, quotes, CRLF"
file "$HOME/more" 'port 2525' 'user joe'
file "$HOME/.posthasterc" 'host mail.example.org' 'from a@example.org' 'include more' 'domain x.example.org'
pretend
is "$(setting port) $(setting user) $(setting domain) $(origin port)" "2525 joe x.example.org $HOME/more, line 1" \
	"include, beside the file"
file "$HOME/.posthasterc" "host mail.example.org" "from a@example.org" "passwordeval $(printf 'x%.0s' {1..5000})"
pretend
status_is 0 "a line of 5,000 octets: exit status 0"

# ---- errors: FILE, line, column, expected, got ----
# wrong NAME PLACE REGEX LINES
while IFS='|' read -ru 9 name at regex lines; do
	printf "$lines" >"$T/rc"
	pretend -C "$T/rc"
	status_is 78 "$name: exit status 78"
	said "^posthaste: $T/rc, line ${at%,*}, column ${at#*,}: $regex" "$name: place, expected and got"
done 9<<'ROWS'
unknown command|2,1|expected a command, got hots|host a\nhots b\n
unknown command, indented|2,3|expected a command, got hots|host a\n  hots b\n
wrong number|2,6|port: expected .*, got 70000|host a\nport 70000\n
wrong number after a tab|2,7|port: expected .*, got x|host a\nport\t\tx\n
wrong switch|1,5|tls: expected .*, got yes|tls yes\n
missing argument|2,5|port: expected .*, got nothing|host a\nport\n
wrong word|1,6|auth: expected .*, got magic|auth magic\n
quotes that do not end|1,17|.*expected a closing double quote, got the end of the line|user "not closed\n
more after the quotes|1,14|.*expected the end of the line|user "closed" x\n
an account twice|3,9|account a is defined twice .first at: .*line 1.|account a\nhost x\naccount a\n
an unknown parent|1,9|expected the name of an account defined above, got b|account a : b\n
an account without a name|1,8|expected a name|account\n
something after defaults|1,10|expected no argument, got x|defaults x\n
a NUL|2,5|expected text, got a NUL|host a\nport\000 25\n
a wrong fingerprint|1,17|tls_fingerprint: expected .*, got|tls_fingerprint 00:11\n
a host with a blank in quotes|1,6|host: expected|host "a b"\n
ROWS
# three includes in each of 15 levels would be 7 million files
mkdir "$T/tree"
for level in {1..15}; do
	printf 'include %s\n' $((level + 1)) $((level + 1)) $((level + 1)) >"$T/tree/$level"
done
echo 'host a' >"$T/tree/16"
pretend -C "$T/tree/1"
status_is 78 "includes that include: exit status 78"
said '^posthaste: .*more than 1000 files are included' "includes that include: the limit"
rm -r "$T/tree"
printf 'host a\ninclude none\n' >"$T/rc"
pretend -C "$T/rc"
status_is 66 "an include that is missing: exit status 66"
said "^posthaste: $T/rc, line 2, column 9: cannot read the configuration file $T/none: No such file" \
	"an include that is missing: place and reason"
printf 'host a\nhots b\n' >"$T/rc"
pretend -C "$T/rc"
said '^hint: Did you mean host' "an unknown command: the hint"
printf 'host a\ninclude rc2\n' >"$T/rc"
printf '\nport x\n' >"$T/rc2"
pretend -C "$T/rc"
said "^posthaste: .*$T/rc2, line 2, column 6: port: expected" "an error in an included file: its own place"
printf 'include rc\n' >"$T/rc"
pretend -C "$T/rc"
status_is 78 "a file that includes itself: exit status 78"
said 'includes itself' "a file that includes itself: said so"
printf 'host mail.example.org\nfrom a@example.org\nlogfile x\naliases y\n' >"$T/msmtprc"
pretend -C "$T/msmtprc"
status_is 0 "an msmtprc with a log and aliases: exit status 0"
is "$(cat "$err")" "" "an msmtprc with a log and aliases: nothing to warn of"
printf 'host mail.example.org\nfrom *@example.org\ndomain %%H\n' >"$T/msmtprc"
HOSTNAME=box pretend -C "$T/msmtprc"
is "$(sed -n 's/^domain *= \([^ ]*\).*/\1/p' "$out")" box "domain %H is this host's name where no message is read, too"

# ---- rules between settings ----
while IFS='|' read -ru 9 name regex lines; do
	printf "account work\nfrom a@example.org\n$lines" >"$T/rc"
	pretend -C "$T/rc" -a work
	status_is 78 "$name: exit status 78"
	said "^posthaste: account work: $regex" "$name: what is wrong"
	said '^hint: ' "$name: the cure"
done 9<<'ROWS'
no host|no server is set|port 25\n
a key alone|a private key is set, but no certificate .*line 4|host a\ntls_key_file /k\n
a certificate alone|a client certificate is set, but no private key .*line 4|host a\ntls_cert_file /k\n
authentication without a user|authentication needs a user name .*line 4|host a\nauth plain\n
a fingerprint without a check|a fingerprint, pin or accepted key is to be compared, but the certificate check is off|host a\ntls_fingerprint 0000000000000000000000000000000000000000\ntls_certcheck off\n
DANE without TLS|tls_dane is about the server's certificate, and TLS is off|host a\ntls off\ntls_dane auto\n
DANE without a check|tls_dane is set, but the certificate check is off|host a\ntls_dane require\ntls_certcheck off\n
nothing to trust|.*no trusted CAs are set|host a\ntls_trust_file\n
LMTP without a port|LMTP has no default port|host a\nprotocol lmtp\n
ROWS

# ---- which account ----
cat >"$T/rc" <<'END'
defaults
timeout 7
account work
host work.example.org
from me@work.example.org
account home : work
host home.example.org
from *@home.example.org
account fixed
host fixed.example.org
from fixed@example.org
allow_from_override off
account default : home
host default.example.org
from me@example.org
END
while IFS='|' read -ru 9 args wanted; do
	eval "pretend -C '$T/rc' $args"
	is "$(setting host) $(setting timeout)" "$wanted.example.org 7s" "account choice: $args"
done 9<<'ROWS'
-a work|work
-a fixed|fixed
|default
-f me@work.example.org|work
-f ME@Work.Example.Org|work
-f me+lists@work.example.org|work
-f anybody@home.example.org|home
-f stranger@example.net|default
-a work -f anybody@home.example.org|work
-f '<>'|default
ROWS
pretend -C "$T/rc" -a none
status_is 78 "an account that is not there: exit status 78"
said '^hint: The accounts are: work, home, fixed, default' "an account that is not there: those that are"
printf 'From: Me <me@work.example.org>\n\nx\n' >"$T/input"
run timeout 20 "$POSTHASTE" -C "$T/rc" --read-envelope-from --dry-run bob@example.org <"$T/input"
is "$(head -2 "$out" | tr '\n' ' ')" 'Account: work From: <me@work.example.org> ' "account choice: --read-envelope-from"
run timeout 20 "$POSTHASTE" -C "$T/rc" -a fixed -f other@example.org --dry-run bob@example.org <"$T/input"
is "$(sed -n 's/^From: <\(.*\)>$/\1/p' "$out" | head -1)" fixed@example.org \
	"allow_from_override off: the account's sender stays"
printf 'tls on\naccount work\nhost work.example.org\n' >"$T/rc"
pretend -C "$T/rc"
status_is 78 "settings before the first account: exit status 78"
said '^hint: .*line 1 .*"defaults" above them' "settings before the first account: the cure"
printf 'account work\nhost work.example.org\n' >"$T/rc"
pretend -C "$T/rc"
status_is 0 "the only account is the default: exit status 0"
printf 'account work\nhost work.example.org\naccount home\nhost home.example.org\n' >"$T/rc"
pretend -C "$T/rc"
status_is 78 "no account fits and none is called default: exit status 78"
said '^hint: Name an account "default", or choose one with --account.*: work, home; .*"account default : work"' \
	"no account fits: the cure"

# ---- the environment alone ----
rm -f "$HOME/.posthasterc"
POSTHASTE_HOST=env.example.org POSTHASTE_PORT=587 POSTHASTE_FROM=e@example.org POSTHASTE_USER=joe POSTHASTE_AUTH=plain \
	POSTHASTE_PASSWORD_FILE=$T/password POSTHASTE_TLS_CERTCHECK=off pretend
status_is 0 "the environment alone: exit status 0"
is "$(setting host) $(setting port) $(setting from) $(setting user) $(setting tls) $(setting tls_starttls) $(setting \
	tls_certcheck)" \
	'env.example.org 587 e@example.org joe on on off' "the environment alone: its settings"
like "$(origin host)" 'POSTHASTE_HOST' "the environment alone: the origin"
POSTHASTE_HOST=a POSTHASTE_PORT=x pretend
status_is 78 "a wrong variable: exit status 78"
said '^posthaste: .*POSTHASTE_PORT: .*expected .*, got x' "a wrong variable: it is named"
POSTHASTE_HOST=a POSTHASTE_FROM=a@b POSTHASTE_PASSWORD=secret pretend
status_is 78 "a password in the environment: exit status 78"
said '^hint: .*POSTHASTE_PASSWORD_FILE' "a password in the environment: the cure"
unsaid 'secret' "a password in the environment: it is not shown"
POSTHASTE_HOST=env.example.org POSTHASTE_FROM=e@example.org pretend --port=2525 -f typed@example.org
is "$(setting host) $(setting port) $(setting from)" 'env.example.org 2525 typed@example.org' \
	"the command line comes before the environment"
file "$HOME/.posthasterc" 'host mail.example.org' 'from a@example.org'
POSTHASTE_HOST=env.example.org pretend
is "$(setting host)" mail.example.org "a file comes before the environment"
rm "$HOME/.posthasterc"
SMTPSERVER=old.example.org EMAIL=me@example.org pretend
is "$(setting host) $(setting from)" 'old.example.org me@example.org' "SMTPSERVER and EMAIL, as msmtp takes them"
smarthost
POSTHASTE_HOST=127.0.0.1 POSTHASTE_PORT=$port POSTHASTE_FROM=e@example.org run timeout 20 "$POSTHASTE" bob@example.org \
	<"$T/mail"
smarthost_end
status_is 0 "sending by the environment alone: exit status 0"
is "$(envelope mail_from)" e@example.org "sending by the environment alone: sent"
# ---- variables in a file ----
# shellcheck disable=SC2016 # the program's variables
file "$T/vars" 'host ${MAIL_HOST} ${OTHER:-b.example.org}' 'from ${WHO:-me}@example.org' 'user a$$${MAIL_HOST}' \
	'passwordeval echo $HOME ${MAIL_HOST}' 'password ${MAIL_SECRET}' 'auth on'
chmod 644 "$T/vars"
MAIL_HOST=a.example.org MAIL_SECRET=hunter2 WHO='' pretend -C "$T/vars"
status_is 0 "variables: exit status 0, and the password is not in the file"
is "$(sed -n 's/^host *= \(.*org\) .*/\1/p' "$T/out") $(setting from) $(setting user)" \
	'a.example.org b.example.org me@example.org a$a.example.org' "variables: their values, defaults, a dollar sign"
like "$(grep passwordeval "$T/out")" 'echo \$HOME a.example.org ' "variables: \$HOME is left to the shell"
unlike "$(cat "$T/out" "$T/err")" hunter2 "variables: a password is not shown"
env -u MAIL_HOST MAIL_SECRET=hunter2 "$POSTHASTE" -C "$T/vars" --pretend >"$T/out" 2>"$T/err" </dev/null
status=$?
status_is 78 "a variable that is not set: exit status 78"
said "^posthaste: $T/vars, line 1, column 6: the environment variable MAIL_HOST is not set" \
	"a variable that is not set: the place"
said '^hint: .*\$\{NAME:-DEFAULT\}' "a variable that is not set: the cure"
# shellcheck disable=SC2016
printf '%s\n' 'password x${MAIL_SECRET}' >>"$T/vars"
MAIL_HOST=a MAIL_SECRET=hunter2 pretend -C "$T/vars"
status_is 78 "a part of the password stands in the file, which all can read: exit status 78"
unlike "$(cat "$T/out" "$T/err")" hunter2 "a part of the password in the file: it is not shown"
# shellcheck disable=SC2016
file "$T/vars" 'syntax msmtp' 'host a' 'from a@example.org' 'user ${MAIL_HOST}$$'
pretend -C "$T/vars"
is "$(setting user)" '${MAIL_HOST}$$' "an msmtprc has no variables"
# shellcheck disable=SC2016
file "$T/vars" 'eval printf '"'"'user a$$$${b}\n'"'"'' 'host a' 'from a@example.org'
pretend -C "$T/vars"
is "$(setting user)" 'a$${b}' "what a command prints is taken as it is"
# shellcheck disable=SC2016
file "$T/.config/posthaste/config" 'host 127.0.0.1' 'port ${SMARTHOST_PORT}' 'from a@example.org' 'tls off' \
	'auth plain' 'user joe' 'password ${MAIL_SECRET}' 'queue always' 'sender keep'
smarthost --auth PLAIN --user joe --password-file "$T/password" --require-auth
SMARTHOST_PORT=$port MAIL_SECRET=correct-horse XDG_CONFIG_HOME=$T/.config run timeout 20 "$POSTHASTE" \
	bob@example.org <"$T/mail"
status_is 0 "the queue: exit status 0"
smarthost_end 20
is "$(stored)" 1 "the queue's runner has the variables that the configuration names"
rm -r "$T/.config"

# neither home nor environment
run timeout 20 env -i "$POSTHASTE" -C "$T/none" --pretend
status_is 66 "no environment at all: exit status 66"
# ---- the sample ----
for login in without with; do
	sample=$T/sample.$login
	if [ $login = with ]; then
		sed "s|^#\([a-z]\)|\1|; /^service_socket/d; /^auth off/d; s|/etc/posthaste/password|$T/password|" \
			"$top_srcdir/doc/posthaste.conf.sample" >"$sample"
	else
		cp "$top_srcdir/doc/posthaste.conf.sample" "$sample"
	fi
	chmod 600 "$sample" "$T/password"
	run "$POSTHASTE" -C "$sample" --pretend bob@example.org </dev/null
	is "$status $(cat "$err")" "0 " "the sample of a system's configuration, $login a login"
	like "$(cat "$out")" 'mail\.example\.org' "it names the server"
done
done_testing
