#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Translations: each is complete and well-formed, loads, and fits on a terminal; reports are in the sender's language.
# The translations are mounted where the program looks for them after its installation.
own_mounts=${top_srcdir:-$(dirname "$0")/../..}/tests/lib/own-mounts
if [ "${TEST_INSIDE_NAMESPACE:-}" != 1 ] && "$own_mounts" true 2>/dev/null; then
	TEST_INSIDE_NAMESPACE=1 exec "$own_mounts" bash "$0" "$@"
fi
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
sanitized && skip_all "the texts are the same with sanitizers"
grep -q '^#define ENABLE_NLS 1' "$top_builddir/config.h" || skip_all "built without translations (--disable-nls)"
command -v xgettext >/dev/null || skip_all "gettext is missing (Debian: apt install gettext)"

po=$(cd "$top_srcdir/po" && pwd)
read -ra languages < <(sed '/^#/d' "$po/LINGUAS" | tr '\n' ' ')
is "$(printf '%s\n' "${languages[@]}")" "$(find "$po" -name '*.po' -printf '%f\n' | sed 's/\.po$//' | sort)" \
	"LINGUAS has every translation"

# ---- complete and well-formed ----
options=$(sed -n 's/^XGETTEXT_OPTIONS = //p' "$po/Makevars")
# shellcheck disable=SC2086 # several words
(cd "$top_srcdir" && xgettext $options -f po/POTFILES.in -o - 2>"$T/xgettext") >"$T/texts.pot"
is "$(cat "$T/xgettext")" "" "xgettext has nothing to say about the sources"
for l in "${languages[@]}"; do
	mkdir -p "$T/locale/$l/LC_MESSAGES"
	is "$(msgfmt -c -o "$T/locale/$l/LC_MESSAGES/posthaste.mo" "$po/$l.po" 2>&1)" "" "$l is well-formed"
	msgmerge -q --no-fuzzy-matching -o "$T/$l.po" "$po/$l.po" "$T/texts.pot"
	is "$(msgattrib --untranslated "$T/$l.po" | sed -n '/^#:/p')" "" "$l has every text"
	is "$(msgattrib --only-fuzzy "$T/$l.po" | sed -n '/^#:/p')" "" "$l has no doubtful text"
	is "$(msgattrib --only-obsolete "$T/$l.po")" "" "$l has no text that is not used any more"
done

# ---- terms ----
rows=$(sed '/^#/d; /^$/d' "$po/GLOSSARY")
is "$(head -n 1 <<<"$rows")" "English | $(printf '%s\n' "${languages[@]}" | paste -sd'|' | sed 's/|/ | /g')" \
	"the glossary has a column for each language"
is "$(awk -F ' [|] ' -v n="${#languages[@]}" 'NF != n + 1 || / [|] *([|]|$)/' <<<"$rows")" "" \
	"every term has a translation into each"

# ---- at work ----
# shellcheck disable=SC2016 # expanded by make
printf 'include Makefile\nshow-localedir:\n\t@echo $(localedir)\n' >"$T/show.mk"
localedir=$(make -s --no-print-directory -C "$top_builddir" -f "$T/show.mk" show-localedir | tail -n 1)
if [ "${TEST_INSIDE_NAMESPACE:-}" != 1 ]; then
	skip "mounts of our own: $("$own_mounts" true 2>&1)" "translations at work"
	done_testing
fi
made=$localedir
while [ ! -e "$(dirname "$made")" ]; do made=$(dirname "$made"); done
[ -e "$localedir" ] && made=
mkdir -p "$localedir" && mount -t tmpfs none "$localedir" || bail "$localedir cannot be mounted"
cp -r "$T/locale/." "$localedir"
# the folders that were not there before; the mount ends with this process
leave_folders() {
	cd / && umount "$localedir" && find "$made" -depth -type d -empty -delete
}
[ -z "$made" ] || at_exit leave_folders

# glibc 2.39 and later ignore $LANGUAGE in C.UTF-8, and a new machine has no other locale with UTF-8: the same under
# another name is one.
if ! locales=$(compgen -G '/usr/lib/locale/C.[uU][tT][fF]*8'); then
	skip "this system has no C.UTF-8 in /usr/lib/locale to make a locale of" "translations at work"
	done_testing
fi
mkdir "$T/locales" && cp -r "${locales%%$'\n'*}" "$T/locales/xx.UTF-8" || bail "a locale cannot be made"
export LOCPATH=$T/locales
in_language() { LC_ALL=xx.UTF-8 LANGUAGE=$1 "${@:2}"; }
flags() { grep -oE '(^|[ ,])--[a-z0-9-]+' | tr -d ' ,' | sort -u; }
cat >"$T/widths.py" <<'END'
import sys, unicodedata
for line in open(sys.argv[1], encoding="utf-8"):
    line = line.rstrip("\n")
    wide = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    if wide >= 80:
        print(wide, line)
END
"$POSTHASTE" --help >"$T/help"
printf 'account default\nhost localhost\n' >"$T/rc"
run "$POSTHASTE" -C "$T/rc" -a nobody bob@example.org </dev/null
cp "$T/err" "$T/english"
for l in "${languages[@]}"; do
	in_language "$l" "$POSTHASTE" --help >"$T/help.$l"
	check "$l: --help is translated" eval "! cmp -s '$T/help' '$T/help.$l'"
	is "$(flags <"$T/help.$l")" "$(flags <"$T/help")" "$l: --help has every option"
	is "$("$PYTHON" "$T/widths.py" "$T/help.$l")" "" "$l: no line is wider than a terminal"
	run in_language "$l" "$POSTHASTE" -C "$T/rc" -a nobody bob@example.org </dev/null
	status_is 78 "$l: an error"
	is "$(grep -cFx -f "$T/english" "$T/err")" 0 "$l: ... is translated"
	check "$l: ... and names the account" grep -q nobody "$T/err"
	run in_language "$l" "$POSTHASTE" -C "$T/rc" -a nobody --json bob@example.org </dev/null
	check "$l: JSON is UTF-8" "$PYTHON" -c 'import json,sys; json.load(open(sys.argv[1], encoding="utf-8"))' "$T/out"
done

# ---- reports ----
cat >"$T/language.py" <<'END'
import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
text = next(m.iter_parts())
print(text["Content-Language"], m["Subject"], sep="|")
END
# reported SENDER RUNNER: queued by a process with that LANGUAGE, reported by one with the other
reported() {
	rm -rf "$XDG_STATE_HOME/posthaste"
	queue='always\nqueue_autostart off'
	smarthost --once 2 --reply 'rcpt:bob@example.org=550 5.1.1 no such user'
	conf
	in_language "$1" "$POSTHASTE" -C "$T/rc" bob@example.org <"$T/mail"
	for _ in 1 2; do in_language "$2" "$POSTHASTE" -C "$T/rc" -q; done
	smarthost_end
	"$PYTHON" "$T/language.py" "$T/spool/0001.eml" >"$T/report"
}
subject='Your message could not be delivered'
translated() { LC_ALL=xx.UTF-8 LANGUAGE=$1 TEXTDOMAINDIR=$T/locale gettext posthaste "$subject"; }
for l in "${languages[@]}"; do
	reported "$l" "C"
	is "$(cat "$T/report")" "${l/_/-}|$(translated "$l")" "a report to a sender with $l is in that language"
done
reported C "${languages[0]}"
is "$(cat "$T/report")" "None|$subject" "one to a sender without a language is in English"

# ---- programs ----
# A client of -bs reads replies in English, and the sender a report in the language of the caller.
rm -rf "$XDG_STATE_HOME/posthaste"
smarthost --once 2 --reply 'rcpt:bob@example.org=550 5.1.1 no such user'
conf
l=${languages[0]}
printf '%s\r\n' 'HELO me' 'MAIL FROM:<alice@example.org>' 'RCPT TO:<bob@example.org>' DATA 'Subject: x' '' x . QUIT \
	>"$T/session"
run in_language "$l" timeout 60 "$POSTHASTE" -C "$T/rc" -bs <"$T/session"
is "$(tr -d '\r' <"$out" | grep -c '[^ -~]')" 0 "-bs replies in ASCII"
check "-bs: its replies are English" grep -q 'queued as' "$out"
in_language "$l" "$POSTHASTE" -C "$T/rc" -q
in_language C "$POSTHASTE" -C "$T/rc" -q
smarthost_end
is "$("$PYTHON" "$T/language.py" "$T/spool/0001.eml")" "${l/_/-}|$(translated "$l")" "-bs: the report is not"
done_testing
