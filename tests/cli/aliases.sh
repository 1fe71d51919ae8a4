#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Local recipients: what the aliases make of them, in every spelling, and that
# what stays local is not handed to a mail server.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

host=$(uname -n)
short=${host%%.*}
port=1
rcpts() { envelope rcpt | sed 's/ ORCPT=[^ ]*//g'; }
listed() { printf '%s\n' "$@" >"$T/aliases"; }
aliased() { conf "aliases $T/aliases" "$@"; }
# recipients of a dry run, in one line
dry_to() { sed -n '/^$/q; s/^To: //p' "$out" | tr '\n' ' '; }
dry() { # STATUS WANTED NAME ARGUMENT...
	local want=$1 to=$2 name=$3
	shift 3
	post --dry-run "$@"
	status_is "$want" "$name: exit status $want"
	is "$(dry_to)" "$to" "$name: who gets it"
}

# ---- every spelling, and only those ----
listed 'bob: b@example.net' 'root: bob, "A, N" <ann@example.net>' 'me: me, joe@example.net' 'odd: nobody-knows'
aliased
for spelling in bob "bob@localhost" "bob@LOCALHOST.localdomain" "bob@$host" "bob@$short" "Bob <bob@localhost>" BOB; do
	dry 0 "<b@example.net> " "the spelling $spelling" "$spelling"
done
dry 0 "<bob@example.org> " "an address elsewhere" bob@example.org
dry 0 "<b@example.net> <ann@example.net> " "names in a line are looked up again" root
dry 0 "<b@example.net> <ann@example.net> <x@example.org> " "each gets one copy" root bob x@example.org b@example.net
dry 0 "<joe@example.net> " "a name in its own list is passed over, others are served" me
dry 67 "<x@example.org> " "a line that ends at a local name" odd x@example.org
said '^posthaste: recipient nobody-knows: ' "a line that ends at a local name: the message"
post_stdin --dry-run -t < <(printf 'To: root\nCc: bob@localhost, x@example.org\nSubject: s\n\nx\n')
is "$(dry_to)" "<b@example.net> <ann@example.net> <x@example.org> " "recipients of the header go through the aliases"
check "the header keeps the names" grep -qx $'To: root@example.org\r' "$out"

# ---- a machine with a full name ----
# named NAME WANTED FROM RECIPIENT...
named() {
	local name=$1 to=$2 from=$3
	shift 3
	printf 'host 127.0.0.1\nport 25\nfrom %s\naliases %s\n' "$from" "$T/aliases" >"$T/rc"
	run timeout 60 "${own_hostname[@]}" sh -c 'hostname box.example.com; exec "$@"' sh \
		"$POSTHASTE" -C "$T/rc" --dry-run "$@" <"$T/mail"
	is "$(dry_to)" "$to" "$name" || show_err
}
own_hostname=(unshare --uts)
[ "$(id -u)" = 0 ] || own_hostname+=(--user --map-root-user)
if why=$("${own_hostname[@]}" hostname box.example.com 2>&1); then
	named "the full name is local" "<b@example.net> " alice@example.org bob@Box.Example.COM
	named "so is its first label" "<b@example.net> " alice@example.org bob@box
	named "the domain after it is not" "<bob@example.com> " alice@example.org bob@example.com
	named "the domain the account sends from is not" "<bob@box.example.com> <b@example.net> " alice@box.example.com \
		bob@box.example.com bob@box
	named "the domain somebody else sends from is" "<b@example.net> " alice@example.org -f alice@box.example.com \
		bob@box.example.com
	is "$(sed -n 's/^From: <\(.*\)>$/\1/p' "$out" | head -1)" alice@example.org "a sender at the full name is corrected"
else
	skip "this host cannot be given another name here: $why" "the names of a machine with a full name"
fi

aliased
# ---- which line ----
listed 'Bob: 1@example.net' 'bob: 2@example.net' 'default: d@example.net'
dry 0 "<2@example.net> " "a name matches exactly first" bob
dry 0 "<1@example.net> " "then in any case" boB
dry 0 "<d@example.net> " "default stands for the others" eve
dry 0 "<eve@example.org> " "default stands for local names only" eve@example.org

# ---- loops and size ----
listed 'a: b' 'b: c, x@example.net' 'c: a'
dry 0 "<x@example.net> " "a loop ends, and the addresses in it are served" a
{
	printf 'all: '
	seq -f 'user%g@example.net,' -s ' ' 1 3000
	printf 'wide:\n'
	seq -f '	user%g@example.net,' 1 40
} >"$T/aliases"
post --dry-run all
is "$(grep -c '^To: <user' "$out")" 3000 "three thousand addresses in one line, and none is lost"
post --dry-run wide
is "$(grep -c '^To: <user' "$out")" 40 "forty addresses on as many lines, and none is lost"

# ---- switched off, missing, wrong ----
listed 'bob: b@example.net'
dry 67 "" "-n uses none" -n bob
said '^hint: ' "-n uses none: a hint"
printf 'bob: "unclosed\n' >"$T/aliases"
dry 0 "<x@example.org> " "without local recipients the file is not looked at" x@example.org
dry 67 "" "a wrong line" bob
said "^posthaste: recipient bob: $T/aliases, line 1: .*quotation mark" "a wrong line: which one"
said '^hint: .*-bi' "a wrong line: the hint"
for entry in '|/bin/true' '"|/bin/true x"' ':include:/etc/passwd' /var/mail/bob '<>' 'b@@example.net'; do
	listed '# one' "bob: b@example.net, $entry" 'eve: e@example.net'
	dry 67 "" "bob: $entry" bob
	said "^posthaste: recipient bob: .*aliases, line 2: " "bob: $entry: the line"
	dry 0 "<e@example.net> <x@example.org> " "bob: $entry: it does not concern others" eve x@example.org
	dry 67 "<e@example.net> <x@example.org> " "bob: $entry: the others get the message" bob eve x@example.org
	said "^posthaste: recipient bob: .*aliases, line 2: " "bob: $entry: with others: the line"
done
for line in 'no colon' '\\root' 'a@b: c@example.net' 'two words: c@example.net' ': c@example.net' \
	'bob: c@example.net'; do
	listed "$line" 'eve: e@example.net'
	dry 0 "<e@example.net> <x@example.org> " "\"$line\" does not concern others" eve x@example.org
done
listed 'bob: b@example.net' 'eve: e@example.net' 'bob: c@example.net'
dry 67 "<e@example.net> " "a name twice" bob eve
said "^posthaste: recipient bob: .*aliases, line 3: .*already defined on line 1" "a name twice: the lines"
listed 'ann: bob' 'bob: ann' 'eve: e@example.net' 'root: root, r@example.net' 'nobody: /dev/null'
dry 67 "<e@example.net> " "a loop" ann eve
said "^posthaste: recipient ann: .*aliases, line 1: the alias leads back to itself" "a loop: the line"
dry 0 "<r@example.net> " "a name in its own list is passed over" root
dry 0 "<e@example.net> " "mail for /dev/null is dropped" nobody eve
smarthost
aliased
post nobody
smarthost_stop
status_is 0 "mail for /dev/null alone: exit status 0"
is "$(cat "$T/transcript" "$err")" "" "mail for /dev/null alone: no connection, and nothing is said"
conf "aliases $T/missing"
dry 66 "" "a file that is missing" bob
said "^posthaste: cannot read the aliases file $T/missing: No such file" "a file that is missing: the message"

# ---- local recipients that stay local ----
listed 'bob: b@example.net'
aliased
dry 67 "" "only local names" eve
said "^posthaste: recipient eve: a local name is not handed to a mail server" "only local names: the message"
said "^hint: .*\"eve: you@example.org\" to $T/aliases" "only local names: the cure"
smarthost
aliased
post eve "ann@$host"
smarthost_stop
status_is 67 "local names alone: exit status 67"
is "$(cat "$T/transcript")" "" "local names alone: no server was called"
said '^posthaste: recipient eve, ann@' "local names alone: all are named"

smarthost
aliased
sends 67 "the others get their mail" eve x@example.org bob
is "$(rcpts)" "x@example.org b@example.net" "only the others get their mail"
said '^posthaste: recipient eve: a local name' "the others get their mail: who does not"
said '^posthaste: the message was accepted for 2 of 3 recipients: x@example.org, b@example.net' \
	"the others get their mail: who does"
no_violation "the others get their mail: the dialogue"

smarthost
aliased 'partial abort'
post eve x@example.org
smarthost_stop
status_is 67 "all or none: exit status 67"
is "$(cat "$T/transcript")" "" "all or none: no server was called"
said '^posthaste: recipient eve: .*all recipients' "all or none: the message"

smarthost --reply 'rcpt=450 4.2.1 busy'
aliased
sends 75 "a local name and one put off" eve x@example.org

smarthost
aliased
post --json eve x@example.org
smarthost_end
is "$("$PYTHON" -c 'import json,sys
v = json.load(open(sys.argv[1]))
print(v["outcome"], v["status"], [(r["address"], r["outcome"], r.get("error")) for r in v["recipients"]])' "$out")" \
	"partial 67 [('eve', 'refused', 'local_name'), ('x@example.org', 'accepted', None)]" \
	"--json reports both, in the order of the command line"

# ---- where local names are at home ----
smarthost
aliased 'local_recipients pass'
dry 0 "<eve> <eve@localhost> <b@example.net> " "local_recipients pass" eve eve@localhost bob
sends 0 "local_recipients pass" eve@localhost bob
is "$(rcpts)" "eve@localhost b@example.net" "local_recipients pass hands them on, aliases first"
smarthost --lmtp
aliased
dry 0 "<eve> " "an LMTP server delivers here" --protocol=lmtp eve
dry 0 "<eve> " "so does what a socket leads to" --socket="$T/socket" eve
sends 0 "an LMTP server delivers here" --protocol=lmtp eve@localhost "ann@$host" bob
is "$(rcpts)" "eve@localhost ann@$host b@example.net" "an LMTP server delivers here: who gets it"
smarthost
aliased
mv "$T/rc" "$T/msmtprc"
run timeout 60 "$POSTHASTE" -C "$T/msmtprc" eve@localhost bob@localhost <"$T/mail"
smarthost_end
status_is 0 "an msmtprc hands local names on: exit status 0"
is "$(rcpts)" "eve@localhost b@example.net" "an msmtprc hands local names on"

# ---- the original recipient ----
smarthost
listed 'bob: b@example.net, c@example.net'
aliased
sends 0 "with delivery reports" -N failure bob x@example.org
of_bob='b@example.net .*ORCPT=rfc822;bob .*c@example.net .*ORCPT=rfc822;bob'
like "$(envelope rcpt)" "$of_bob .*x@example.org .*ORCPT=rfc822;x@example.org" \
	"the original recipient is reported"
no_violation "the original recipient is reported: the dialogue"

# ---- newaliases ----
listed 'bob: b@example.net' 'eve: bob'
aliased
post -bi
status_is 0 "-bi of a sound file"
is "$(cat "$out")" "$T/aliases: 2 aliases" "-bi counts"
ln -s "$POSTHASTE" "$T/newaliases"
run "$T/newaliases" --aliases="$T/aliases"
status_is 64 "newaliases takes no long option"
mkdir -p "$XDG_CONFIG_HOME/posthaste"
cp "$T/rc" "$XDG_CONFIG_HOME/posthaste/config"
run "$T/newaliases" </dev/null
is "$status $(cat "$out")" "0 $T/aliases: 2 aliases" "newaliases does the same"
rm "$XDG_CONFIG_HOME/posthaste/config"
printf 'bob b@example.net\n\nbob: b@example.net\neve: |x, e@example.net\nbob: c@example.net\n' >"$T/aliases"
run "$POSTHASTE" -bi --aliases="$T/aliases"
status_is 78 "-bi of a wrong file"
is "$(sed -n 's/.*aliases, line \([0-9]*\): .*/\1/p' "$out" | tr '\n' ' ')" "1 4 5 " \
	"-bi shows all that is wrong, with its lines"
said ': 1 error' "-bi counts what is wrong"
listed 'a: |x, /y, b@@z' 'b: :include:/x' 'c: c@example.net' 'c: d@example.net' 'd: e' 'e: d' 'f: /dev/null'
run "$POSTHASTE" -bi --aliases="$T/aliases"
status_is 78 "-bi of lines with several errors"
is "$(sed -n 's/.*aliases, line \([0-9]*\): .*/\1/p' "$out" | tr '\n' ' ')" "1 2 4 5 6 " "-bi shows each line once"
listed 'a: |x, /y' 'b: :include:/x' 'c: c@example.net' 'c: d@example.net' 'd: e' 'e: d' 'f: /dev/null'
run "$POSTHASTE" -bi --aliases="$T/aliases"
is "$status $(cat "$err")" "0 " "-bi of a file that is right for sendmail"
is "$(sed -n 's/.*aliases, line \([0-9]*\): .*/\1/p' "$out" | tr '\n' ' ')" "1 2 4 5 6 " \
	"-bi shows what cannot be used here"
run "$POSTHASTE" -bi --aliases="$T/missing"
status_is 66 "-bi of a file that is missing"
conf
post -bi
status_is 0 "-bi without a file has nothing to say against it"
done_testing
