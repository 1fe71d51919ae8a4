#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Programs that take any word on standard error for a failure, that close descriptors, that run as somebody else or
# that set names of their own, each with the server there and away: one message arrives or is kept, and the program
# believes it.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

export XDG_STATE_HOME=$T/state
queue='auto\nqueue_autostart off'
mkdir -p "$T/bin"
for name in sendmail posthaste; do ln -s "$POSTHASTE" "$T/bin/$name"; done

# away, there: what the next program finds; the configuration is where programs that give no -C have it
config() {
	mkdir -p "$XDG_CONFIG_HOME/posthaste"
	conf "$@"
	install -m 600 "$T/rc" "$XDG_CONFIG_HOME/posthaste/config"
}
there() {
	smarthost
	config "$@"
}
away() {
	there "$@"
	smarthost_stop
}

# arrived NAME RECIPIENTS: after a program that succeeded without a word of ours
arrived() {
	smarthost_end
	[ "$status" = 0 ] || note "$(cat "$err" "$out")"
	is "$status,$(stored)" 0,1 "$1: succeeds with one message"
	is "$(envelope rcpt)" "$2" "$1: recipients"
	unlike "$(cat "$T/spool/0001.eml")" hidden "$1: Bcc is not shown"
}

# kept NAME RECIPIENTS: the same with the server away; the message is in the queue
kept() {
	[ "$status" = 0 ] || note "$(cat "$err" "$out")"
	is "$status" 0 "$1, server away: succeeds"
	run "$POSTHASTE" --json -bp
	is "$("$PYTHON" -c 'import json, sys
for message in json.load(sys.stdin):
    print(" ".join(r["address"] for r in message["recipients"]))' <"$out")" "$2" \
		"$1, server away: the message is queued"
	rm -rf "$XDG_STATE_HOME"
}

# Both with the server there, then away.  complaint: a pattern for what the program would say if it thought of a failure
complaint=.
content() { unlike "$(cat "$err" "$out")" "$complaint" "$1: reports no failure"; }

# both NAME RECIPIENTS COMMAND...
both() {
	local name=$1 to=$2
	shift 2
	there
	run timeout -k 5 60 "$@"
	arrived "$name" "$to"
	content "$name"
	away
	run timeout -k 5 60 "$@"
	content "$name, server away"
	kept "$name" "$to"
}
# ---- Emacs: any output of sendmail's is "Sending...failed to" ----
if command -v emacs >/dev/null; then
	cat >"$T/message.el" <<-'END'
	(require 'message)
	(setq message-send-mail-function 'message-send-mail-with-sendmail
	      sendmail-program (getenv "SENDMAIL")
	      message-interactive t
	      message-kill-buffer-on-exit t
	      mail-host-address "example.org"
	      user-mail-address "alice@example.org")
	(message-mail "bob@example.org" "from message.el")
	(message-goto-bcc)
	(insert "hidden@example.org")
	(message-goto-body)
	(insert "Good morning.\n.\nFrom here\n")
	(let ((inhibit-message nil)) (message-send))
	END
	cat >"$T/sendmail.el" <<-'END'
	(require 'sendmail)
	(setq send-mail-function 'sendmail-send-it
	      sendmail-program (getenv "SENDMAIL")
	      mail-interactive t
	      mail-specify-envelope-from t
	      mail-host-address "example.org"
	      user-mail-address "alice@example.org")
	(with-temp-buffer
	  (insert "To: bob@example.org\nBcc: hidden@example.org\nSubject: from sendmail.el\n"
	          mail-header-separator "\nGood morning.\n.\nFrom here\n")
	  (mail-mode)
	  (sendmail-send-it))
	END
	complaint='[Ff]ailed|[Ee]rror'
	for library in message sendmail; do
		both "Emacs, $library.el" 'bob@example.org hidden@example.org' \
			env SENDMAIL="$T/bin/sendmail" emacs --batch -Q -l "$T/$library.el"
	done
	complaint=.
else
	skip "Emacs was not found; on Debian or Ubuntu: apt install emacs-nox" Emacs
fi

# ---- s-nail: the program's own name, and arguments of the user's; as what it is called decides, not what is given ----
if command -v s-nail >/dev/null; then
	printf 'attached\0\1\2\377' >"$T/attached"
	nail() {
		run env LC_ALL=C.UTF-8 s-nail -n -S v15-compat -S nosave -S sendwait -S ttycharset=utf-8 -r alice@example.org \
			-s 'from s-nail' -b hidden@example.org "$@" bob@example.org <"$T/mail"
	}
	while IFS='|' read -ru 9 name mta arguments argv0; do
		if ! linux_features && [ "$mta" = posthaste ]; then
			skip "nothing but argv[0] says what was started, and s-nail says sendmail" "s-nail, $name"
			continue
		fi
		set -- -S mta="$T/bin/$mta" -a "$T/attached"
		[ -z "$arguments" ] || set -- "$@" -S mta-arguments="$arguments"
		[ -z "$argv0" ] || set -- "$@" -S mta-argv0="$argv0"
		there
		nail "$@"
		arrived "s-nail, $name" 'bob@example.org hidden@example.org'
		content "s-nail, $name"
		away
		nail "$@"
		content "s-nail, $name, server away"
		kept "s-nail, $name" 'bob@example.org hidden@example.org'
	done 9<<-'ROWS'
	sendmail|sendmail||
	its own name|posthaste||
	its own name with arguments|posthaste|--timeout=20|
	arguments of sendmail's|sendmail|-oem -O ErrorMode=m|
	arguments of sendmail's to its own name|posthaste|-oem -oee -O ErrorMode=q|
	another argv[0]|posthaste||send-mail
	ROWS
else
	skip "s-nail was not found; on Debian or Ubuntu: apt install s-nail" s-nail
fi

# ---- php-fpm and other daemons: descriptors closed, no terminal, an environment of two variables ----
if command -v php >/dev/null; then
	cat >"$T/mail.php" <<-'END'
	<?php
	$header = "From: alice@example.org\r\nBcc: hidden@example.org";
	exit(mail("bob@example.org", "from PHP", "Good morning.", $header) ? 0 : 1);
	END
	while IFS='|' read -ru 9 name closed; do
		both "PHP, $name" 'bob@example.org hidden@example.org' env -i HOME="$HOME" XDG_CONFIG_HOME="$XDG_CONFIG_HOME" \
			XDG_STATE_HOME="$XDG_STATE_HOME" PATH=/usr/bin:/bin \
			setsid sh -c "exec php -n -d sendmail_path=\"\$1 -t -i\" \$2 $closed" sh "$T/bin/sendmail" "$T/mail.php"
	done 9<<-'ROWS'
	all descriptors open|
	standard error closed|2>&-
	standard output and error closed|>&- 2>&-
	all three closed|<&- >&- 2>&-
	standard error full|2>/dev/full
	ROWS
else
	skip "PHP was not found; on Debian or Ubuntu: apt install php-cli" PHP
fi

# ---- users of services, who have no home, and users with a HOME of somebody else's ----
if [ "$(id -u)" = 0 ]; then
	open_place
	mkdir -m 755 "$OPEN/config"
	# served COMMAND...: as the user www-data, whose home belongs to root; what it may write is $OPEN/spool
	served() {
		there
		install -m 644 "$T/rc" "$OPEN/config/rc"
		run setpriv --reuid 33 --regid 33 --clear-groups env -i "$@" "$OPEN/posthaste" -C "$OPEN/config/rc" -t <"$T/mail"
	}
	mkdir -m 700 "$OPEN/root"
	while IFS='|' read -ru 9 name home; do
		eval "set -- $home"
		served "$@"
		arrived "www-data, $name" bob@example.org
		is "$(cat "$err")" '' "www-data, $name: says nothing"
	done 9<<-'ROWS'
	no HOME|
	a HOME that does not exist|HOME=/nonexistent
	a HOME it may not enter|HOME="$OPEN/root"
	its home of root's|HOME=/var/www
	XDG folders closed to it|XDG_CONFIG_HOME="$OPEN/root/c" XDG_STATE_HOME="$OPEN/root/s" XDG_RUNTIME_DIR="$OPEN/root/r"
	ROWS
else
	skip "needs root to become somebody else" "users of services"
fi
done_testing
