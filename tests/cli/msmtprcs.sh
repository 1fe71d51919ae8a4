#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# msmtprcs as people write them (msmtprcs/NAME.msmtprc), each with what msmtp
# documents that they mean (NAME.expected): a block per command line in square
# brackets, then "SETTING VALUE", or "! SETTING" for one that is not set. What a
# file does not set has msmtp's defaults, independent of the reader.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

# msmtp's defaults; the port is in the expectations, for it depends on TLS.
defaults='protocol smtp
domain localhost
proxy_port 1080
timeout off
auth off
tls off
tls_starttls on
tls_certcheck on
tls_trust_file system
allow_from_override on
dsn_notify off
dsn_return off
set_from_header auto
set_date_header auto
set_msgid_header auto
set_to_header off
remove_bcc_headers on
eightbit convert
queue off'

# means NAME: the JSON object of the last run says what $T/wanted wants, and has
# msmtp's defaults where it says "default"
means() {
	local problems
	problems=$("$PYTHON" - "$T/out" "$T/wanted" "$defaults" "$HOME" 2>&1 <<'END'
import json, sys
shown = json.load(open(sys.argv[1]))
got, by_default = {"account": shown["account"]}, set()
for name, setting in shown["settings"].items():
    value = setting["value"]
    if value is None:  # unset by an empty argument
        continue
    if isinstance(value, bool):
        value = "on" if value else "off"
    if isinstance(value, list):
        value = " ".join(value)
    value = str(value)
    got[name] = value.replace(sys.argv[4] + "/", "~/", 1) if value.startswith(sys.argv[4]) else value
    if setting["origin"] == "default":
        by_default.add(name)
unset = set()
for line in open(sys.argv[2]).read().splitlines():
    name, _, value = line.partition(" ")
    if name == "!":
        unset.add(value)
        if value in got:
            print(f"{value} is not to be set, and it is {got[value]}")
    elif got.get(name) != value:
        print(f"{name} is to be {value}, and it is {got.get(name)}")
for line in sys.argv[3].splitlines():
    name, _, value = line.partition(" ")
    if name not in got and name not in unset:
        print(f"{name} has a default, and it is not shown")
    if name in by_default and got[name] != value:
        print(f"{name} is {value} by default, and it is {got[name]}")
END
	)
	is "$problems" '' "$1"
}

# judge NAME: one block, $arguments and $T/wanted
judge() {
	local words
	read -ra words <<<"$arguments"
	run timeout 20 env USER=tester LOGNAME=tester "$POSTHASTE" -C "$T/sample.msmtprc" --pretend --json "${words[@]}" \
		</dev/null
	status_is 0 "$1 $arguments: loads"
	means "$1 $arguments: means what msmtp says"
	! grep -q 'two words' "$out" "$err" || not_ok "$1 $arguments: the password is shown"
}

count=0
for file in "$top_srcdir"/tests/cli/msmtprcs/*.msmtprc; do
	name=$(basename "$file" .msmtprc)
	count=$((count + 1))
	# As at home: only its owner reads it. Line ends of both kinds are taken.
	if [ $((count % 2)) = 0 ]; then cat "$file"; else sed 's/$/\r/' "$file"; fi >"$T/sample.msmtprc"
	arguments=none
	while IFS= read -ru 9 line; do
		case $line in
		'#'*) ;;
		'['*']')
			[ "$arguments" = none ] || judge "$name"
			arguments=${line#[} arguments=${arguments%]}
			: >"$T/wanted"
			;;
		*) printf '%s\n' "$line" >>"$T/wanted" ;;
		esac
	done 9<"${file%.msmtprc}.expected"
	judge "$name"
done
check "the samples were found" test "$count" -ge 10
done_testing
