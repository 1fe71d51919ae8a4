#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Habits of the tree: no line is longer than 120 characters, and shellcheck
# finds nothing in the scripts.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || skip_all "$PYTHON is missing; on Debian or Ubuntu: apt install python3"
cd "$top_srcdir" || bail "no source tree"

# What is tracked; in an archive, which has no such list, what is not made by configure or make.
files() {
	git ls-files 2>/dev/null | grep . && return
	find HACKING NEWS README src tests scripts doc -type f ! -name '*.o' ! -name '*.log' ! -name '*.trs' | sort
}
files | while read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done >"$T/files"
isnt "$(wc -l <"$T/files")" 0 "there are files"

# ---- the length of lines ----
# These may be longer: data that is compared byte by byte; prose with one sentence or one item in a
# line (doc/options/README); the tables in doc/*.md; the license.
exempt='^(COPYING|po/GLOSSARY|tests/dialogues/.*\.dlg|tests/fuzz/seeds/.*|tests/cli/msmtprcs/.*'
exempt+='|doc/options/.*|doc/exit_status|doc/.*\.md)$'

# In shell scripts here-documents may be longer, too: they are tables and generated files.
cat >"$T/long.py" <<'END'
import re
import sys

HERE = re.compile(r"(?:^|[^<])<<-?(['\"]?)([A-Z_]+)\1")
for name in sys.stdin.read().splitlines():
    try:
        lines = open(name, encoding="utf-8").read().split("\n")
    except UnicodeDecodeError:
        print(f"{name}: is not UTF-8")
        continue
    shell = name.endswith(".sh") or re.match("#!.*sh$", lines[0])
    stop = None
    for number, line in enumerate(lines, 1):
        if stop:
            if line.lstrip("\t") == stop:
                stop = None
            continue
        if len(line) > 120:
            print(f"{name}:{number}: {len(line)} characters")
        here = shell and HERE.search(line)
        stop = here[2] if here else None
    if stop:
        print(f"{name}: the here-document {stop} does not end, or this test does not understand the script")
END
long_lines() { grep -vE "$exempt" | "$PYTHON" "$T/long.py"; }
{
	printf '# %0119d\n' 0
	printf 'cat <%s\n%0130d\n\tEND\n%0121d\n' '<-END' 0 0
} >"$T/long.sh"
is "$(echo "$T/long.sh" | long_lines | sed 's/.*long.sh//')" $':1: 121 characters\n:5: 121 characters' \
	"a long line is found, and one in a here-document is not"
is "$(long_lines <"$T/files")" '' "no line is longer than 120 characters"

# ---- shellcheck ----
# SC2034, SC2154: a variable that is set in one script and used in another which is sourced.
# SC2120: a function whose arguments may be left out. SC1090: a script with a variable in its name is sourced.
# SC2319: "$?" after a test is what the next line compares.
shellcheck_() { shellcheck -x -P SCRIPTDIR -S warning -e SC1090,SC2034,SC2120,SC2154,SC2319 "$@"; }
while read -r file; do
	case $file in
	*.sh) echo "$file" ;;
	*.*) ;;
	*) head -n 1 "$file" | grep -aqE '^#!.*[/ ](ba)?sh( |$)' && echo "$file" ;;
	esac
done <"$T/files" >"$T/scripts"
if [ "${POSTHASTE_TEST_SANITIZED:-}" = 1 ]; then
	skip "the scripts are the same with sanitizers" "shellcheck finds nothing"
elif ! command -v shellcheck >/dev/null; then
	skip "shellcheck is missing; on Debian or Ubuntu: apt install shellcheck" "shellcheck finds nothing"
else
	export -f shellcheck_
	# shellcheck disable=SC2016 # a fault for shellcheck to find
	printf '#!/bin/sh\ncd $1\n' >"$T/bad.sh"
	check "shellcheck finds a fault" eval '! shellcheck_ "$T/bad.sh" >/dev/null'
	xargs -P "$(nproc)" -n 8 bash -c 'shellcheck_ -f gcc "$@"' bash <"$T/scripts" >"$T/found" 2>&1
	is "$(sort "$T/found")" '' "shellcheck finds nothing in $(wc -l <"$T/scripts") scripts"
fi
done_testing
