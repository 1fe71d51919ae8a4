#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# scripts/run-queues runs the queues of users without a home as their owners, and what anybody puts beside these queues
# makes it do nothing else.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
script=$top_srcdir/scripts/run-queues.in
if command -v shellcheck >/dev/null; then
	check "shellcheck finds nothing in the script" shellcheck "$script"
else
	skip "shellcheck is missing" "the script"
fi
like "$(grep -v '^#' "$script" | head -1)" '^PATH=/usr/sbin:/usr/bin:/sbin:/bin$' \
	"the script sets its PATH before anything else"
unlike "$(cat "$top_builddir/scripts/run-queues")" '@' "no mark is left in the script that is installed"
cannot() {
	skip "$1" "queues run as their owners"
	done_testing
}
[ "$(id -u)" = 0 ] || cannot "needs root, to be another user"
command -v setpriv >/dev/null || cannot "setpriv is missing; on Debian or Ubuntu: apt install util-linux"
! sanitized || cannot "the program with sanitizers cannot be copied"

open_place
spool=$OPEN/var/spool/posthaste
ran=$OPEN/ran
mkdir -p "$OPEN/bin" "$OPEN/fake" "$spool"
chmod 755 "$OPEN" "$OPEN/bin" "$OPEN/fake" "$OPEN/var" "${spool%/*}"
# The copy has other places, a user data base of its own and less patience.
sed "s|@localstatedir@|$OPEN/var|g; s|@bindir@|$OPEN/bin|g; s|^PATH=.*|PATH=$OPEN/fake:/usr/sbin:/usr/bin:/sbin:/bin|
	s|timeout -k 300|timeout -k 1|; s|^seconds=540|seconds=\${SECONDS_GIVEN:-60}|" "$script" >"$OPEN/run-queues"
chmod 755 "$OPEN/run-queues"
cat >"$OPEN/fake/getent" <<END
#!/bin/sh
case \$2 in
65534) echo 'nobody:x:65534:65534:a name; \$(touch $OPEN/pwned):$OPEN/home:/usr/sbin/nologin' ;;
1) echo 'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin' ;;
2) echo 'bin:x:3:2:another number:/bin:/usr/sbin/nologin' ;;
*) exit 2 ;;
esac
END
chmod 755 "$OPEN/fake/getent"
queues() { run timeout -k 5 100 env "$@" sh "$OPEN/run-queues" </dev/null; }

# ---- who is run, and how ----
cat >"$OPEN/bin/posthaste" <<END
#!/bin/sh
me=\$(id -u)
{
	echo "ids \$(id -u) \$(id -ru) \$(id -g) \$(id -rg)"
	echo "folder \$(pwd), umask \$(umask)"
	echo "input \$(readlink /proc/\$\$/fd/0)"
	echo "arguments \$*"
	grep -E '^Cap(Inh|Prm|Eff|Amb):' /proc/\$\$/status
	tr '\\0' '\\n' </proc/\$\$/environ
} >>$ran/\$me
[ "\$me" != 1 ] || [ ! -e $OPEN/hang ] || { trap '' TERM; sleep 1000; }
END
chmod 755 "$OPEN/bin/posthaste"
prepare() { # MODE OWNER: the parent
	rm -rf "$spool" "$ran"
	mkdir "$spool" "$ran"
	chown "$2" "$spool"
	chmod "$1" "$spool"
	chmod 1777 "$ran"
}
# As name, the row's command makes the entry; it has $spool.
while IFS='|' read -ru 9 want name command; do
	prepare 1733 0
	(cd "$spool" && eval "$command") || not_ok "$name: it is prepared"
	queues SECRET=1 HOME=/root
	status_is 0 "$name: status 0"
	is "$(cat "$out" "$err")" "" "$name: without a word"
	is "$(find "$ran" -type f -printf "%f\n" | sort | paste -sd' ')" "$want" "$name: who is run"
done 9<<'ROWS'
|an empty folder|:
65534|a queue|mkdir -m 700 65534; chown 65534 65534
1 65534|two queues|mkdir 1 65534; chown 1 1; chown 65534 65534
|a queue of another owner|mkdir 65534; chown 1 65534
|a queue of another owner, by group|mkdir 65534; chown 1:65534 65534
|root's own|mkdir 0
|root's own, by number with zeros|mkdir 00 000
|a number with zeros in front|mkdir 065534; chown 65534 065534
|a number with a sign|mkdir -- -1 +1; chown 1 -- ./-1 ./+1
|a huge number|mkdir 99999999999999999999 4294967295 4294967296 18446744073709551617; chown 1 *
|a link to a queue|mkdir "$OPEN/var/elsewhere$$"; chown 65534 "$OPEN/var/elsewhere$$"; ln -s "$OPEN/var/elsewhere$$" 65534
|a link to the folder of root|ln -s /root 1; chown -h 1 1
|a file|touch 65534; chown 65534 65534
|a pipe|mkfifo 65534; chown 65534 65534
|a name with a line end|mkdir $'1\n65534 65534'; chown 65534 $'1\n65534 65534'
|a name with blanks|mkdir '65534 65534' ' 65534'; chown 65534 *65534
|a name that is code|mkdir '$(touch $OPEN' '1;id' '1`id`'; chown 1 *
|a number without an account|mkdir 12345; chown 12345 12345
|a number whose account has another|mkdir 2; chown 2 2
65534|a good one among them|mkdir 1 65534 12345; chown 65534 65534; ln -s 1 2; touch 3
ROWS
check "no name is obeyed" test ! -e "$OPEN/pwned"
prepare 1733 0
mkdir "$spool/65534"
chown 65534 "$spool/65534"
queues SECRET=1 HOME=/root
same_file "$ran/65534" - "its rights, surroundings and arguments" <<END
ids 65534 65534 65534 65534
folder /, umask 0077
input /dev/null
arguments --queue-dir=$spool/%u --queue-runner
CapInh:	0000000000000000
CapPrm:	0000000000000000
CapEff:	0000000000000000
CapAmb:	0000000000000000
PATH=/usr/local/bin:/usr/bin:/bin
HOME=$OPEN/home
USER=nobody
LOGNAME=nobody
SHELL=/bin/sh
XDG_STATE_HOME=/dev/null
END

# ---- one that hangs keeps no other waiting, and does not stay ----
prepare 1733 0
mkdir "$spool/1" "$spool/65534"
chown 1 "$spool/1"
chown 65534 "$spool/65534"
touch "$OPEN/hang"
queues SECONDS_GIVEN=1
status_is 0 "one hangs: it ends all the same"
is "$(find "$ran" -type f -printf "%f\n" | sort | paste -sd' ')" "1 65534" "and the other was run"
rm "$OPEN/hang"

# ---- the parent ----
while IFS='|' read -ru 9 want name mode owner words; do
	prepare "$mode" "$owner"
	mkdir "$spool/65534"
	chown 65534 "$spool/65534"
	queues
	status_is "$want" "$name: status $want"
	if [ -n "$words" ]; then
		said "$words" "$name: it is said why"
		is "$(ls "$ran")" "" "$name: nobody is run"
	else
		is "$(ls "$ran")" "65534" "$name: the owner is run"
	fi
done 9<<'ROWS'
0|mode 1733|1733|0|
0|mode 755|755|0|
78|everybody may replace queues|777|0|is not used: it is to be a folder of root with mode 1733
78|a group may replace queues|775|0|is not used
78|another user's|1733|1|is not used
ROWS
prepare 1733 0
mv "$spool" "$spool.real"
mkdir "$spool.real/65534"
chown 65534 "$spool.real/65534"
ln -s "$spool.real" "$spool"
queues
is "$status $(ls "$ran")" "78 " "a link as the parent is not followed"
rm "$spool"
queues
is "$status $(cat "$out" "$err")" "0 " "without the parent there is nothing to do"
rm -r "$spool.real"
run setpriv --reuid 65534 --regid 65534 --clear-groups sh "$OPEN/run-queues"
status_is 77 "without root: status 77"
said 'needs root' "and that is said"

# ---- the program itself, with the queue of a user who has a home, too ----
install -m 755 "$POSTHASTE" "$OPEN/bin/posthaste"
prepare 1733 0
smarthost --once 10
queue='always\nqueue_autostart off' conf
cp "$T/rc" "$OPEN/rc"
chmod 644 "$OPEN/rc"
run timeout -k 5 60 setpriv --reuid 65534 --regid 65534 --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
	"$OPEN/posthaste" -C "$OPEN/rc" --queue-dir="$spool/%u" bob@example.org <"$T/mail"
status_is 0 "a message is queued"
is "$(stored) $(find "$spool/65534/new" -type f | wc -l)" "0 1" "and waits"
queues
status_is 0 "its owner's runner is started: status 0"
is "$(stored) $(find "$spool/65534/new" -type f | wc -l)" "1 0" "and sends it"
is "$(find "$spool/65534" ! -uid 65534)" "" "everything in the queue is still the owner's"
is "$(ls -A "$OPEN/home")" "" "and nothing was made at home"
smarthost_stop
done_testing
