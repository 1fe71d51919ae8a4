#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every example of the Texinfo manual is run, or loaded by the program it is for; those of doc/options and README that
# are lines of the configuration are loaded, and the options in all of them, and in those of the pages, exist.
# The line "@c test: KIND WORD..." above a block says how:
#
#   config      lines of the configuration, read with --explain; a piece without a server gets one.
#               account=NAME is one of its accounts
#   msmtprc     the same for a file of msmtp
#   shell       is run, with an account at the test smarthost.  The status must be 0, or status=N;
#               stored=N messages have to arrive.  With "offline" no server is there, and queued=N
#               messages have to wait; "wrong-password" and "terminal" mean what they say;
#               "msmtpq": one message waits in that program's folder.
#               "drains": the queue's process sends what waits in the end.
#               IDs of the queue stand for two messages that are put into it before
#   commands    cannot be run here (root, a network, a provider): shell and options are checked
#   output      what the shell block before it prints
#   mutt, neomutt, aerc, emacs, git, cron, php, systemd, dockerfile: for these
#               programs, which send a message with it where they are installed
# shellcheck disable=SC2317 # the functions try_KIND are called
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
sanitized && skip_all "the texts are the same with sanitizers"
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good

# what the examples ask of the server
EXTENSIONS+=',DELIVERBY,FUTURERELEASE 86400 2099-01-01T00:00:00Z'

manual=$top_srcdir/tests/cli/manual.py
mkdir "$T/blocks" "$T/bin"
"$top_builddir/posthaste-gen" rows >options || bail "the generator does not run"
{
	"$PYTHON" "$manual" extract "$T/blocks" "$top_srcdir/doc/posthaste.texi.in" "$top_srcdir"/doc/manual/*.texi &&
		"$PYTHON" "$manual" prose "$T/blocks" options "$top_srcdir"/doc/options/* "$top_srcdir/README"
} >list || bail "the examples cannot be read"
program=$(realpath "$(command -v "$POSTHASTE")")
for name in posthaste sendmail mailq newaliases; do ln -s "$program" "$T/bin/$name"; done
PATH=$T/bin:$PATH
real_home=$HOME
smarthost --once 1000 --tls implicit --cert "$CA/good.pem" --key "$CA/good.key" --auth 'PLAIN SCRAM-SHA-256' \
	--user joe@example.org --password-file "$T/password"

# new_home PORT PASSWORD: a home with the accounts default and work at the smarthost
new_home() {
	export HOME=$T/homes/$block
	rm -rf "$HOME"
	mkdir -p "$HOME/.config/posthaste" "$HOME/mail/new" "$HOME/mail/cur" "$HOME/mail/tmp"
	export XDG_CONFIG_HOME=$HOME/.config XDG_STATE_HOME=$HOME/.local/state XDG_CACHE_HOME=$HOME/.cache
	printf '%s\n' 'host localhost' "port $1" 'tls on' 'tls_starttls off' "tls_trust_file $CA/ca.crt" 'auth on' \
		'user joe@example.org' 'password_file ~/.config/posthaste/password' 'from joe@example.org' \
		'queue_autostart off' 'account work : default' >"$HOME/.config/posthaste/config"
	printf '%s\n' "$2" >"$HOME/.config/posthaste/password"
	printf '%s\n' 'To: friend@example.org' 'Subject: dinner' '' 'At eight?' >"$HOME/letter"
	: >"$HOME/.config/posthaste/work"
}

# word NAME DEFAULT: the value of NAME=... among the words of the block
word() {
	local w
	for w in $words; do
		case $w in "$1"=*) echo "${w#*=}"; return ;; esac
	done
	echo "$2"
}
has() { case " $words " in *" $1 "*) true ;; *) false ;; esac; }
# with_names FILE: absolute names of the program become those of the test
with_names() { sed -E "s#/usr/s?bin/(posthaste|sendmail)#$T/bin/\1#g" "$1"; }
waiting() { posthaste -bp | grep -cE '^[0-9a-z]{13}'; }
nothing_waits() { [ "$(waiting)" = 0 ]; }
# sent NAME COMMAND...: the command sends one message
sent() {
	local name=$1 before
	shift
	before=$(stored)
	run timeout -k 5 60 "$@"
	is "$status,$(($(stored) - before))" 0,1 "$name sends a message"
	[ "$status" = 0 ] || note "$(cat "$out" "$err")"
}
installed() { # COMMAND: or the block is skipped
	command -v "$1" >/dev/null || { skip "$1 is not installed" "$place: $kind"; return 1; }
}

# completed: the lines, and what a piece of a configuration leaves out
completed() {
	local has lacks line
	grep "^syntax" "$file"
	grep -qE '^ *(host|account|defaults)( |$)' "$file" || printf 'host mail.example.org\nfrom joe@example.org\n'
	while IFS='|' read -r has lacks line; do
		! grep -qE "^ *$has" "$file" || grep -qE "^ *($lacks) " "$file" || echo "$line"
	done <<-'END'
		protocol lmtp|port|port 24
		proxy_password|proxy_user|proxy_user joe
		tls_cert_file|tls_key_file|tls_key_file /key.pem
		tls_key_file|tls_cert_file|tls_cert_file /cert.pem
	END
	grep -v '^syntax' "$file"
	! grep -q '^defaults' "$file" || grep -q '^account' "$file" ||
		printf 'account default\nhost mail.example.org\nfrom joe@example.org\n'
	! grep -q '^fallback backup' "$file" || printf 'account backup\nhost backup.example.org\n'
}
try_config() { # NAME OF THE FILE
	local rc=$HOME/c.$block/$1
	mkdir "${rc%/*}"
	completed >"$rc"
	account=$(word account "$(sed -n 's/^ *account \([^ ]*\).*/\1/p' "$rc" | head -n 1)")
	run posthaste -C "$rc" --explain ${account:+"--account=$account"} </dev/null
	is "$status" 0 "$place: the lines are read"
	show_err
}

try_shell() {
	local want before port_now=$port secret=correct-horse ids
	! has offline || port_now=1
	! has wrong-password || secret=wrong
	new_home "$port_now" "$secret"
	want=$(word status 0)
	if has msmtpq; then
		mkdir -m 700 "$HOME/.msmtp.queue"
		cp "$HOME/letter" "$HOME/.msmtp.queue/2026-03-01-10.00.00.mail"
		printf '%s\n' '-- friend@example.org' >"$HOME/.msmtp.queue/2026-03-01-10.00.00.msmtp"
	fi
	if grep -q 1m81 "$file"; then
		for _ in 1 2; do posthaste --queue=always -t <"$HOME/letter"; done
		ids=$(posthaste -bp | grep -oE '^[0-9a-z]{13}')
		sed "s/1m81wckw\(62gsh\)\{0,1\}/$(sed -n 1p <<<"$ids")/g; s/1m81xq0a/$(sed -n 2p <<<"$ids")/g" "$file" >"$file.sh"
	else
		cp "$file" "$file.sh"
	fi
	before=$(stored)
	if has terminal; then
		(cd "$HOME" && on_terminal --input=/dev/null bash -e "$file.sh" && echo "$status" >"$T/status")
		status=$(cat "$T/status")
	else
		status=0
		(cd "$HOME" && exec bash -e "$file.sh") >"$out" 2>"$err" </dev/null || status=$?
	fi
	is "$status" "$want" "$place: the status is $want"
	[ "$status" = "$want" ] || note "$(cat "$out" "$err")"
	has offline || ! grep -q stored= <<<"$words" ||
		is "$(($(stored) - before))" "$(word stored 0)" "$place: messages arrived"
	! has drains || check "$place: nothing waits in the end" wait_until 30 nothing_waits
	! has offline || is "$(waiting)" "$(word queued 0)" "$place: messages wait"
	cat "$out" "$err" >"$T/said"
}

try_output() {
	sed -i "s/localhost/mail.example.org/g; s/127\.0\.0\.1/192.0.2.25/g; s/port $port/port 465/g
		s/[0-9a-z]\{13\} for/1m81wckw62gsh for/" "$T/said"
	local difference
	difference=$("$PYTHON" "$manual" compare "$file" "$T/said")
	if [ -z "$difference" ]; then ok "$place: the output is as shown"; else not_ok "$place: the output is as shown" \
		"$difference"; fi
}

try_mutt() { # PROGRAM
	installed "$1" || return 0
	new_home "$port" correct-horse
	with_names "$file" >"$HOME/rc"
	run "$1" -n -F "$HOME/rc" -D </dev/null
	# The exit status of NeoMutt 20250510 is 1 even if nothing is wrong.
	is "$(cat "$err")" "" "$place: $1 reads it"
	local setting='s|^(set )?sendmail ?= ?".*/(.*)"$|\2|p'
	is "$(sed -nE "$setting" "$out")" "$(sed -nE "$setting" "$HOME/rc")" "$place: $1 knows the program"
	echo hello >"$HOME/text"
	# shellcheck disable=SC2016 # for that shell
	sent "$place: $1" sh -c 'exec "$0" -n -F "$1/rc" -e "set copy=no" -s hello friend@example.org <"$1/text"' "$1" "$HOME"
}

try_aerc() {
	new_home "$port" correct-horse
	with_names "$file" >"$HOME/rc"
	# aerc appends the recipients
	local command
	while IFS= read -ru 8 command; do
		sent "$place: $command" sh -c "exec $command friend@example.org <'$HOME/letter'"
	done 8< <("$PYTHON" -c 'import configparser, sys
c = configparser.ConfigParser()
c.read(sys.argv[1])
print(*(c[s]["outgoing"] for s in c.sections()), sep="\n")' "$HOME/rc")
}

try_emacs() {
	installed emacs || return 0
	new_home "$port" correct-horse
	with_names "$file" >"$HOME/rc.el"
	cat >"$HOME/send.el" <<-'END'
		(require 'message)
		(with-temp-buffer
		  (insert "From: joe@example.org\nTo: friend@example.org\nSubject: hello\n"
		          mail-header-separator "\nhello\n")
		  (funcall message-send-mail-function))
	END
	sent "$place: Emacs" env PATH="${PATH#"$T/bin:"}" emacs -Q --batch -l "$HOME/rc.el" -l "$HOME/send.el"
}

try_git() {
	new_home "$port" correct-horse
	with_names "$file" >"$HOME/.gitconfig"
	run git config -f "$HOME/.gitconfig" --list
	is "$status" 0 "$place: git reads it"
	if ! git send-email -h 2>&1 | grep -q '<file'; then
		skip "git send-email is not installed" "$place: git send-email"
		return
	fi
	printf '%s\n' 'From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001' \
		'From: Joe <joe@example.org>' \
		'Date: Mon, 2 Mar 2026 10:00:00 +0000' 'Subject: [PATCH] a change' '' 'text' '---' >"$HOME/0001.patch"
	sent "$place: git send-email" env -C "$HOME" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=Joe \
		GIT_AUTHOR_EMAIL=joe@example.org GIT_COMMITTER_NAME=Joe GIT_COMMITTER_EMAIL=joe@example.org \
		git send-email --quiet --confirm=never --suppress-cc=all --to=friend@example.org 0001.patch
}

# A line of a crontab is a setting, or five columns and a command, which is run.
try_cron() {
	local line command
	while IFS= read -ru 8 line; do
		case $line in '' | '#'*) continue ;; esac
		[[ ! $line =~ ^[A-Z]+=[^\ ]*$ ]] || continue
		like "$line" '^([0-9*/,-]+ +){5}[^ ]|^@[a-z]+ +[^ ]' "$place: a line of a crontab"
		command=$(sed -E 's/^(@[a-z]+|([^ ]+ +){4}[^ ]+) +//' <<<"$line")
		new_home "$port" correct-horse
		sent "$place: the command" sh -c "cd '$HOME' && $(with_names <(printf '%s' "$command"))"
	done 8<"$file"
}

try_php() {
	installed php || return 0
	new_home "$port" correct-horse
	with_names "$file" >"$HOME/php.ini"
	sent "$place: PHP" php -n -c "$HOME/php.ini" -r 'exit(mail("friend@example.org", "hello", "hello") ? 0 : 1);'
}

# The units of one example stand together, each below a comment with its name.
try_systemd() {
	installed systemd-analyze || return 0
	local units=$T/units.$block
	mkdir "$units"
	with_names "$file" | (cd "$units" && awk '/^# \/.*\.(service|timer|socket)$/ { n = split($2, p, "/"); f = p[n]; next }
		{ print >f }')
	printf '#!/bin/sh\n' >"$T/bin/a-program"
	sed -i "s|/usr/local/bin/[a-z-]*|$T/bin/posthaste|" "$units"/*
	run systemd-analyze verify --man=no "$units"/*
	is "$status,$(cat "$err")" "0," "$place: systemd-analyze finds no fault"
}

try_dockerfile() {
	local faults
	faults=$(sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' "$file" | while read -r what rest; do
		case $what in
		'' | '#'* | FROM | COPY | USER | ENV | ENTRYPOINT | CMD | WORKDIR) ;;
		RUN) sh -nc "$rest" || echo "$rest" ;;
		*) echo "$what" ;;
		esac
	done 2>&1)
	is "$faults" "" "$place: instructions that are known, and shell that can be read"
}

count=0
block=config
new_home "$port" correct-horse
texts=()
while read -ru 9 block place kind words; do
	count=$((count + 1))
	file=$T/blocks/$block
	case $kind in
	config | msmtprc)
		HOME=$T/homes/config
		if [ "$kind" = msmtprc ]; then try_config msmtprc; else try_config config; fi
		;;
	shell) try_shell ;;
	text) ;; # words that are not for posthaste alone; its options are checked below
	commands) check "$place: bash reads it" bash -n "$file" ;;
	mutt | neomutt) try_mutt "$kind" ;;
	output | aerc | emacs | git | cron | php | systemd | dockerfile) "try_$kind" ;;
	*) not_ok "$place: the line above says how the example is tested" "@c test: $kind" ;;
	esac
	case $kind in config | msmtprc | output) ;; *) texts+=("$file") ;; esac
done 9<list
is "$("$PYTHON" "$manual" options options "${texts[@]}")" "" "the options of all examples exist"
for page in "$top_srcdir"/doc/*.[0-9].in "$top_srcdir"/doc/*.[0-9]; do
	awk '/^\.Bd/ { inside = 1; next } /^\.Ed/ { inside = 0 } inside' "$page" | sed 's/\\-/-/g; s/\\&//g' >page
	is "$("$PYTHON" "$manual" options options page)" "" "${page##*/}: the options of its examples exist"
done
isnt "$count" 0 "the manual has examples"
export HOME=$real_home
smarthost_stop
done_testing
