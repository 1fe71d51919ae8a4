#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Holds the option table, its prose, the manuals, --help and the completions
# against each other, and the error kinds against the manual.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh"
[ "${POSTHASTE_TEST_SANITIZED:-}" != 1 ] || skip_all "the sources and manuals are the same with sanitizers"

gen=$top_builddir/posthaste-gen
prose=$top_srcdir/doc/options
man=$top_builddir/doc/posthaste.1
man_config=$top_builddir/doc/posthaste.5
pages=("$man" "$man_config" "$top_builddir/doc/posthaste-queue.7")
pages+=("$top_srcdir/doc/sendmail.8" "$top_srcdir/doc/mailq.1" "$top_srcdir/doc/newaliases.1")
texi=$top_builddir/doc/posthaste.texi
bash_completion=$top_builddir/scripts/completion/bash/posthaste
zsh_completion=$top_builddir/scripts/completion/zsh/_posthaste
fish_completion=$top_builddir/scripts/completion/fish/posthaste.fish
vim_syntax=$top_builddir/scripts/vim/syntax/posthaste.vim

"$gen" rows >rows || bail "the generator does not run"
awk -F '\t' '$2 == "live"' rows >live
"$gen" overview >overview

nothing() {
	if [ -z "$2" ]; then ok "$1"; else not_ok "$1" "$2"; fi
}

isnt "$(wc -l <live)" 0 "the table has rows"

# ---- prose ----
cut -f 1 live | sort >wanted
for file in "$prose"/*; do basename "$file"; done | grep -v '^README$' | sort >written
nothing "every live row has prose" "$(comm -23 wanted written)"
nothing "there is no prose without a live row" "$(comm -13 wanted written)"
nothing "no two rows share their prose" "$(uniq -d wanted)"
nothing "prose says something" "$(while read -r name; do
	[ "$(grep -cv '^#' "$prose/$name")" -ge 1 ] || echo "$name"
done <written)"

# ---- manuals ----
missing_in() { # FILE COLUMN PREFIX SUFFIX: live rows whose column is not in FILE so
	local name
	cut -f "$2" live | grep -vx -e - | while read -r name; do
		grep -qF -e "$3$name$4" "$1" || echo "$name"
	done
}
tr '\n' '@' <"$man" | sed 's/@/ @/g' >man.flat
tr '\n' '@' <"$man_config" | sed 's/@/ @/g' >config.flat
nothing "every command is in posthaste(5)" "$(missing_in config.flat 3 '@.It Ic ' ' ')"
nothing "every long option is in posthaste(1)" "$(missing_in man.flat 4 ' Fl \-' ' ')"
nothing "every letter is in posthaste(1)" "$(missing_in man.flat 5 '@.It Fl ' ' ')"
nothing "every command is in the Texinfo manual" "$(missing_in "$texi" 3 '@item ' ' ')"
nothing "every long option is in the Texinfo manual" "$(missing_in "$texi" 4 -- '')"
nothing "no mark of the frame is left" "$(grep -nE '^@[A-Z]+@$|@sysconfdir@|@pkgdatadir@' "${pages[@]}" "$texi")"

# ---- help ----
sed 's/[=[]/ /g' overview >overview.words
nothing "every long option is in --help" "$(missing_in overview.words 4 ' --' ' ')"
nothing "every letter is in --help" "$(cut -f 5 live | grep -vx -e - | while read -r letter; do
	grep -qE "^  -${letter}[ ,]" overview.words || echo "$letter"
done)"
nothing "--help is no wider than 80 columns" "$(awk 'length > 79' overview)"
nothing "--help shows nothing old, ignored or internal" "$(awk -F '\t' '$2 != "live" && $4 != "-" { print $4 }' rows |
	while read -r flag; do
	grep -F -e "--$flag " overview.words
done)"

# ---- completions and editor ----
tr '=;' '  ' <"$bash_completion" >bash.words
nothing "every long option is completed by bash" "$(missing_in bash.words 4 -- ' ')"
nothing "every letter is completed by bash" "$(missing_in bash.words 5 ' -' ' ')"
sed "s/=-\\[/[/; s/=\\[/[/; s/[+-]\\[/[/" "$zsh_completion" >zsh.words
nothing "every long option is completed by zsh" "$(missing_in zsh.words 4 "'*--" '[')"
nothing "every letter is completed by zsh" "$(missing_in zsh.words 5 "'*-" '[')"
nothing "every long option is completed by fish" "$(missing_in "$fish_completion" 4 ' -l ' ' ')"
nothing "every letter is completed by fish" "$(missing_in "$fish_completion" 5 ' -s ' ' ')"
nothing "every command is known to vim" "$(missing_in "$vim_syntax" 3 '\zs' '\ze')"

check "bash reads its completion" bash -n "$bash_completion"
complete_words() {
	# shellcheck disable=SC1090
	(. "$bash_completion"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _posthaste; printf '%s ' \
		"${COMPREPLY[@]}")
}
is "$(complete_words posthaste --protoc)" "--protocol= " "bash completes an option"
is "$(complete_words posthaste --protocol = l)" "lmtp " "bash completes a word"
# names: accounts of the user's file or the one of -C, messages in the queue
mkdir -p "$XDG_CONFIG_HOME/posthaste" bin
printf 'account home\naccount "work" : home\n#account old\n' >"$HOME/.config/posthaste/config"
printf 'account other:default\n' >"$T/other"
cat >bin/posthaste <<'END'
#!/bin/sh
[ "$*" = -bp ] || exit
printf "%s\n" "1m81wckw62gsh*  10 Mon" "    (x) bob" "1n2                3" "Total: 2"
END
chmod +x bin/posthaste
PATH=$PWD/bin:$PATH
is "$(complete_words posthaste -a '')" "home work " "bash completes accounts"
is "$(complete_words posthaste --check = w)" "work " "bash completes the account of --check"
is "$(complete_words posthaste -C "$T/other" -a '')" "other " "bash completes accounts of the file of -C"
is "$(complete_words posthaste --file = "$T/other" --login = '')" "other " "bash completes accounts of --file"
# shellcheck disable=SC2016 # nothing is evaluated
printf '%s\n' 'account $(touch${IFS}evaluated)' 'account `touch${IFS}evaluated`' >"$T/odd"
# shellcheck disable=SC2016
is "$(complete_words posthaste -C "$T/odd" -a '')" '\$\(touch\$\{IFS\}evaluated\) \`touch\$\{IFS\}evaluated\` ' \
	"bash completes accounts with odd names"
check "bash evaluates no account's name" test ! -e evaluated
printf '%s\r\n' '  account "two words" : one' 'account	a:b' 'account "quoted":a' >"$T/blanks"
is "$(complete_words posthaste -C "$T/blanks" -a '')" 'two\ words a quoted ' "bash completes accounts with blanks"
# files that others include, in each form, and one that includes itself
mkdir -p elsewhere/posthaste more "$HOME/own"
printf '%s\n' 'include ~/own/work' "include $PWD/more/absolute" 'account top' ' include	"more to/read"' 'include top' \
	'include missing' >more/top
printf 'account own\n' >"$HOME/own/work"
printf 'account absolute\ninclude beside\n' >more/absolute
printf 'account beside' >more/beside
mkdir -p "more/more to"
printf 'account blank\n' >"more/more to/read"
printf 'include %s\n' "$PWD/more/absolute" >elsewhere/posthaste/config
included="own absolute beside top blank"
is "$(complete_words posthaste -C more/top -a '' | tr ' ' '\n' | awk '!seen[$0]++' | paste -sd' ')" "$included" \
	"bash completes accounts of included files"
is "$(XDG_CONFIG_HOME=$PWD/elsewhere complete_words posthaste -a '')" "absolute beside " \
	"bash finds the configuration by XDG_CONFIG_HOME"
is "$(complete_words posthaste --queue-show = 1)" "1m81wckw62gsh 1n2 " "bash completes messages"
if command -v fish >/dev/null; then
	fish_words() { HOME=$HOME fish --no-config -c "source $fish_completion; complete -C '$1'" | cut -f 1 | paste -sd' '; }
	is "$(fish_words 'posthaste -a ')" "home work" "fish completes accounts"
	is "$(fish_words "posthaste -C $T/other -a ")" "other" "fish completes accounts of the file of -C"
	is "$(fish_words "posthaste -C $T/blanks -a ")" "a quoted two words" "fish completes accounts with blanks"
	is "$(fish_words "posthaste -C more/top -a ")" "absolute beside blank own top" \
		"fish completes accounts of included files"
	is "$(XDG_CONFIG_HOME=$PWD/elsewhere fish_words "posthaste -a ")" "absolute beside" \
		"fish finds the configuration by XDG_CONFIG_HOME"
	is "$(fish_words 'posthaste --queue-hold=')" "--queue-hold=1m81wckw62gsh --queue-hold=1n2" "fish completes messages"
else
	skip "fish is not installed" "fish completes accounts and messages"
fi
if command -v zsh >/dev/null; then
	zsh_words() { # FINDER WORD...
		zsh -f -c 'compadd() { shift; print -r -- "$@"; }; words=("${@:3}"); _arguments() { :; }
			source "$1"; "_posthaste_$2"' zsh "$zsh_completion" "$@"
	}
	is "$(zsh_words accounts posthaste -a '')" "home work" "zsh completes accounts"
	is "$(zsh_words accounts posthaste -C "$T/other" -a '')" "other" "zsh completes accounts of the file of -C"
	is "$(zsh_words accounts posthaste -C "$T/blanks" -a '')" "two words a quoted" "zsh completes accounts with blanks"
	is "$(zsh_words accounts posthaste -C more/top -a '' | tr ' ' '\n' | awk '!seen[$0]++' | paste -sd' ')" "$included" \
		"zsh completes accounts of included files"
	is "$(XDG_CONFIG_HOME=$PWD/elsewhere zsh_words accounts posthaste -a '')" "absolute beside" \
		"zsh finds the configuration by XDG_CONFIG_HOME"
	is "$(zsh_words ids posthaste --queue-show=)" "1m81wckw62gsh 1n2" "zsh completes messages"
else
	skip "zsh is not installed" "zsh completes accounts and messages"
fi
if command -v zsh >/dev/null; then
	check "zsh reads its completion" zsh -n "$zsh_completion"
else
	skip "zsh is not installed" "zsh reads its completion"
fi
if command -v fish >/dev/null; then
	check "fish reads its completion" fish --no-execute "$fish_completion"
else
	skip "fish is not installed" "fish reads its completion"
fi

# ---- names are typed once ----
# Layers below the table (secret, tls) cannot ask it and are not searched. Short
# words mean other things in a report ("host" in JSON): they are looked for only
# where options are at home.
users=$(awk '/^  [a-z]+ +/ && / config( |$)/ && !/may include/ { print $1 }' "$top_srcdir/HACKING")
isnt "$users" "" "some layers know the option table"
nothing "no option is named outside the table" "$(awk -F '\t' '{ print $3; print $4 }' rows | grep -vx -e - |
	sort -u | while read -r name; do
	where=("$top_srcdir/src/config" "$top_srcdir/src/gen")
	case $name in
	*[-_]*) for layer in $users; do [ ! -d "$top_srcdir/src/$layer" ] || where+=("$top_srcdir/src/$layer"); done ;;
	esac
	grep -rnE --include='*.[ch]' "\"(--)?$name\"" "${where[@]}" | grep -vE '/\*|:[ 	]*(\*|//)'
done | sort -u)"

# ---- errors ----
nothing "every kind of error is in the man page, under its exit status" \
	"$("$gen" kinds | while IFS=$'\t' read -r kind status _; do
	awk -v status="$status" '/^\.It [0-9]+ EX_/ { at = $2 } /^\.El/ { at = "" } at == status' "$man" |
		grep -qF "\\fB$kind\\fP" || echo "$kind"
done)"

# FILE: its words, without markup
words_of() { sed -e 's/\\f[BP]//g; s/\\-/-/g; s/@code{\([^}]*\)}/\1/g; s/@@/@/g; s/\\&//g' "$1" | tr -s ' \n' '  '; }
words_of "$man" >man.words
words_of "$top_builddir/doc/posthaste.texi" >texi.words
for manual in man texi; do
	# shellcheck disable=SC2030,SC2031 # the subshell prints what it finds
	nothing "$manual: each kind of error with its status, what it is and what to do" \
		"$("$gen" kinds | while IFS=$'\t' read -r kind status meaning cure; do
			item='.It'
			[ $manual = man ] || item='@item'
			between=' .Pp '
			[ $manual = man ] || between=' '
			for fate in retry fix permanent; do
				grep -qF "$item $kind ($status, $fate) $meaning$between$cure" $manual.words && continue 2
			done
			echo "$kind"
		done)"
done

nothing "what depends on the kind of an error stands in its table, not in a list elsewhere" \
	"$(grep -rnE 'case ERROR_[A-Z_]+:' "$top_srcdir/src")"

# ---- the pages themselves ----
ours='posthaste|posthaste-queue|sendmail|mailq|newaliases'
references() { sed -nE "s/^\.Xr ($ours) ([0-9]).*/\1.\2/p" "${pages[@]}" | sort -u; }
nothing "no page refers to one of ours that is not there" \
	"$(references | while read -r page; do
	for file in "${pages[@]}"; do [ "${file##*/}" != "$page" ] || continue 2; done
	echo "$page"
done)"
nothing "no page refers to a section that it does not have" "$(for page in "${pages[@]}"; do
	sed -nE 's/^\.(Pq see )?Sx ([A-Z0-9 ]*[A-Z0-9]).*/\2/p' "$page" | while read -r title; do
		grep -qFx ".Sh $title" "$page" || echo "${page##*/}: $title"
	done
done)"
chapters=("$texi" "$top_srcdir"/doc/manual/*.texi)
nothing "the Texinfo manual refers to no page of ours that is not there" \
	"$(grep -ohE "\b($ours)\([0-9]\)" "${chapters[@]}" "$top_srcdir/README" "$top_srcdir/NEWS" | sort -u |
		sed -E 's/(.*)\(([0-9])\)/\1.\2/' | while read -r page; do
		for file in "${pages[@]}"; do [ "${file##*/}" != "$page" ] || continue 2; done
		echo "$page"
	done)"
nothing "what pages and README say about the manual names chapters that it has" \
	"$(tr '\n' ' ' <"$top_srcdir/README" | grep -oE '[Mm]anual, under +"[^"]*"' | sed 's/.*"\(.*\)"/\1/' |
		while read -r title; do
		grep -qFx -e "@chapter $title" -e "@section $title" "${chapters[@]}" || echo "$title"
	done)"
nothing "every chapter is included, and is in the menu" "$(for file in "$top_srcdir"/doc/manual/*.texi; do
	grep -qFx "@include ${file##*/}" "$texi" || echo "${file##*/}"
done
sed -n 's/^@node //p' "${chapters[@]}" | sort -u | while read -r node; do
	[ "$node" = Top ] || grep -qhF "* $node::" "${chapters[@]}" || echo "$node"
done)"
nothing "every extension that the program knows is in the chapter about them" \
	"$(sed -n '/^@table/,/^@end table/p' "$top_srcdir/doc/manual/protocol.texi" >extensions
	sed -n 's/^\t{"\([A-Z0-9-]*\)", CAP_.*/\1/p' "$top_srcdir/src/smtp/caps.c" >keywords
	[ -s keywords ] || echo "no keywords found"
	while read -r keyword; do grep -q "^@itemx* $keyword " extensions || echo "$keyword"; done <keywords)"
nothing "every status is in posthaste(1)" "$("$gen" kinds | cut -f 2 | sort -u | while read -r status; do
	grep -q "^\.It $status EX_" "$man" || echo "$status"
done)"
if command -v mandoc >/dev/null; then
	# whether another page is installed says nothing about this one, nor how long the folder is that a build is for
	for page in "${pages[@]}"; do
		nothing "mandoc finds nothing to complain about in ${page##*/}" \
			"$(sed 's|/[^ ]*/spool/posthaste|/var/spool/posthaste|' "$page" | mandoc -T lint |
				grep -v 'referenced manual not found')"
	done
else
	skip "mandoc is not installed" "mandoc finds nothing to complain about"
fi
done_testing
