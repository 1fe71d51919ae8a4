#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Holds src/ against the layer table in HACKING, keeps each optional library in
# its folder, and keeps out functions that must not be called.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99
[ "${POSTHASTE_TEST_SANITIZED:-}" != 1 ] || skip_all "the sources and manuals are the same with sanitizers"
. "$top_srcdir/tests/lib/source_code.sh" || exit 99

# "layer may-include may-include ..." per row of the table in $1/HACKING
layer_table() {
	awk '/^  layer +may include/ { on = 1; next } on && !/^  [a-z]/ { exit } on { $1 = $1; print }' "$1/HACKING"
}

# The layer of the file src/$1: the longest name in $2 ("|layer|layer|...|") among the folders it is in.
layer_of() {
	local folder=${1%/*}
	while [[ $folder = */* && $2 != *"|$folder|"* ]]; do folder=${folder%/*}; done
	printf '%s' "$folder"
}

# Prints each include that the table forbids. $1: a tree with HACKING and src/.
forbidden_includes() {
	local root=$1 layers file target folder layer allowed
	declare -A may
	layers="|$(layer_table "$root" | cut -d' ' -f1 | tr '\n' '|')"
	while read -r layer allowed; do may[$layer]=${allowed#-}; done < <(layer_table "$root")
	while IFS=: read -r file target; do
		layer=$(layer_of "${file#"$root/src/"}" "$layers")
		folder=$(layer_of "$target" "$layers")
		case " $layer ${may[$layer]-} " in
		*" $folder "* | *" $target "*) ;;
		*) printf '%s includes %s\n' "${file#"$root/"}" "$target" ;;
		esac
	done < <(includes "$root")
}

# Prints "FILE:TARGET" for each include of our own in the folders of src.
includes() {
	sources "$1/src" | grep "^$1/src/.*/" | xargs grep -HE '^[ \t]*#[ \t]*include[ \t]*"' /dev/null |
		sed 's|^\([^:]*\):[^"]*"\([^"]*\)".*|\1:\2|'
}

# Prints folders of src that the table does not know.
unknown_layers() {
	local folder
	for folder in "$1"/src/*/; do
		folder=$(basename "$folder")
		[ "$folder" = . ] || layer_table "$1" | grep -q "^$folder " || printf '%s\n' "$folder"
	done
}

# HEADER-PATTERN FOLDER: who includes such a header outside src/FOLDER.
stray_library() {
	(cd "$1" && grep -rlE "^[ 	]*#[ 	]*include[ 	]*[<\"]($2)" src | grep -v "^src/$3/")
}

banned='(^|[^A-Za-z0-9_])(strcpy|strcat|sprintf|vsprintf|strtok|popen|system|atoi|gets)[ \t]*\('
banned_calls() {
	local file
	while read -r file; do bare_code "$file"; done < <(sources "$1/src") | grep -E "$banned"
}

# ---- the checks find what they are for ----
bad=$T/bad
mkdir -p "$bad/src/base/part" "$bad/src/smtp/peer" "$bad/src/odd"
cat >"$bad/HACKING" <<'END'
  layer     may include
  base      -
  smtp      base address/envelope.h
  smtp/peer base smtp

  no row    base
END
printf '#include "smtp/x.h"\n#include <gnutls/gnutls.h>\n' >"$bad/src/base/a.c"
printf '#include "address/envelope.h"\n#include "message/info.h"\n#include "base/a.h"\n' >"$bad/src/smtp/b.c"
printf '/* strcpy(a) */ // atoi(x)\nchar *s = "gets(";\nint c = %s; x = snprintf (b);\n my_system(1);\n' "'\"'" \
	>"$bad/src/smtp/c.c"
printf '#include "smtp/b.h"\n#include "smtp/peer/e.h"\n#include "address/envelope.h"\n' >"$bad/src/smtp/peer/e.c"
printf '#include "smtp/peer/e.h"\n#include "base/part/g.h"\n' >"$bad/src/smtp/f.c"
printf '#include "base/a.h"\n#include "smtp/x.h"\n' >"$bad/src/base/part/g.c"
is "$(forbidden_includes "$bad")" "src/base/a.c includes smtp/x.h
src/base/part/g.c includes smtp/x.h
src/smtp/b.c includes message/info.h
src/smtp/f.c includes smtp/peer/e.h
src/smtp/peer/e.c includes address/envelope.h" "a forbidden include is found, an allowed one is not"
is "$(unknown_layers "$bad")" odd "a folder without a row is found"
is "$(stray_library "$bad" 'gnutls/' tls)" src/base/a.c "a library outside its folder is found"
is "$(banned_calls "$bad")" "" "comments, strings and longer names are no calls"
printf 'x = y + atoi (z);\n' >"$bad/src/smtp/d.c"
like "$(banned_calls "$bad")" 'd.c:1: .*atoi' "a banned call is found"

# ---- and find nothing here ----
isnt "$(layer_table "$top_srcdir" | wc -l)" 0 "HACKING has the table"
nothing "every include follows the layers" "$(forbidden_includes "$top_srcdir")"
nothing "every folder of src has a row" "$(unknown_layers "$top_srcdir")"
nothing "GnuTLS stays in src/tls" "$(stray_library "$top_srcdir" 'gnutls/' tls)"
nothing "libgsasl stays in src/auth" "$(stray_library "$top_srcdir" 'gsasl' auth)"
nothing "libidn2 stays in src/net" "$(stray_library "$top_srcdir" 'idn2' net)"
nothing "libsecret stays in src/helper" "$(stray_library "$top_srcdir" 'libsecret' helper)"
nothing "libunbound stays in src/helper" "$(stray_library "$top_srcdir" 'unbound' helper)"
nothing "no banned function is called" "$(banned_calls "$top_srcdir")"
# (The comment of src/config/option.h has examples.)
sources "$top_srcdir/src" | xargs grep -lE '\<N?_\("' | sed "s|^$top_srcdir/||" | grep -v '^src/config/option\.h$' |
	sort >texts
isnt "$(wc -l <texts)" 0 "there are texts to translate"
nothing "po/POTFILES.in has every file with texts" \
	"$(grep -v '^#' "$top_srcdir/po/POTFILES.in" | sort | comm -13 - texts)"
nothing "and no other" "$(grep -v '^#' "$top_srcdir/po/POTFILES.in" | sort | comm -23 - texts)"
done_testing
