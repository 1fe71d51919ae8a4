#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Texinfo manual becomes Info, HTML and PDF without a warning, with and without the figures; in HTML no link is
# dead; and the figures are drawn from what "make bench" writes.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/lib/tap.sh" || exit 99
[ "${POSTHASTE_TEST_SANITIZED:-}" != 1 ] || skip_all "the sources and manuals are the same with sanitizers"

texi=$top_builddir/doc/posthaste.texi
plot=$top_srcdir/tests/bench/plot
PYTHON=/usr/bin/python3
command -v makeinfo >/dev/null || skip_all "makeinfo is not installed; on Debian or Ubuntu: apt install texinfo"

flags=(-I "$top_srcdir/doc/manual" -I "$T")
formats() { # NAME: Info, HTML and PDF
	local texi_errors
	run makeinfo "${flags[@]}" --no-split -o "$T/posthaste.info" "$texi"
	is "$status,$(cat "$err")" "0," "$1: makeinfo has nothing to say about Info"
	rm -rf "$T/html"
	run makeinfo "${flags[@]}" --html -o "$T/html" "$texi"
	is "$status,$(cat "$err")" "0," "$1: makeinfo has nothing to say about HTML"
	if command -v texi2pdf >/dev/null && command -v pdftex >/dev/null; then
		run env -C "$T" texi2pdf --batch --quiet --build=clean --build-dir="$T/pdf" "${flags[@]}" -o "$T/posthaste.pdf" \
			"$texi"
		texi_errors=$(cat "$out" "$err")
		is "$status,$(head -c 4 "$T/posthaste.pdf")" "0,%PDF" "$1: there is a PDF"
		[ "$status" = 0 ] || note "$texi_errors"
	else
		skip "texi2pdf or TeX is not installed" "$1: there is a PDF"
	fi
}

dead_links() {
	"$PYTHON" - "$T/html" <<-'END'
		import os, re, sys
		pages = {n: open(os.path.join(sys.argv[1], n), encoding="utf-8").read() for n in os.listdir(sys.argv[1])
		         if n.endswith(".html")}
		for name, text in pages.items():
		    for link in set(re.findall(r'(?:href|src)="([^":]*)"', text)):
		        page, _, place = link.partition("#")
		        page = page or name
		        if page not in pages:
		            if not os.path.exists(os.path.join(sys.argv[1], page)):
		                print(name, link)
		        elif place and f'id="{place}"' not in pages[page] and f'name="{place}"' not in pages[page]:
		            print(name, link)
	END
}

: >"$T/plots_made.texi"
formats "without figures"
is "$(dead_links)" "" "no link is dead"
like "$(grep -c 'make plots' "$T/posthaste.info")" '^[1-9]' "without figures the manual says how to make them"
isnt "$(find "$T/html" -name '*.html' | wc -l)" 1 "HTML has a page for each chapter"

# What "make bench" writes, as far as the figures need it.
cat >"$T/bench.json" <<'END'
{"w1": {"limit": {"rtts": 6.0, "wall0": 4, "wall50": 340, "wall200": 1210, "cpu": 4.0, "rss": 5700},
  "posthaste": {"rtts": 6.05, "wall0": 6, "wall50": 350, "wall200": 1220, "cpu": 5.0, "rss": 6900},
  "msmtp": {"rtts": 11.1, "wall0": 60, "wall50": 620, "wall200": 2280, "cpu": 17.0, "rss": 13000}},
 "rtt": {"no CHUNKING": {"rtts": 7.0}}, "w2": {"posthaste": {"wall": 9.4}, "posthaste-persist": {"wall": 2.4}}}
END
figures='cost distance one_by_one round_trips servers'
if command -v gnuplot >/dev/null; then
	run "$PYTHON" "$plot" "$T/bench.json" "$T/plots"
	is "$status,$(cat "$err")" "0," "the figures are drawn"
	missing=
	for name in $figures; do
		for end in svg pdf txt; do [ -s "$T/plots/$name.$end" ] || missing+=" $name.$end"; done
		printf '@set plots-made\n@set plot-%s\n' "$name" >>"$T/plots_made.texi"
	done
	is "$missing" "" "each as SVG, as PDF and as text"
	like "$(cat "$T/plots/round_trips.txt")" 'msmtp +11\.1 #{30}.*' "the bars have their figures"
	formats "with figures"
	mkdir "$T/html/plots" && cp "$T"/plots/*.svg "$T/html/plots"
	is "$(dead_links)" "" "no link is dead, those of the figures included"
	is "$(grep -o 'src="plots/[a-z_]*.svg"' "$T"/html/*.html | wc -l)" 5 "HTML has all figures"
	printf '{"w2": {"posthaste": {"wall": 9.4}}}\n' >"$T/bench.json"
	run "$PYTHON" "$plot" "$T/bench.json" "$T/plots"
	is "$status,$(cd "$T/plots" && echo *.svg)" "0,one_by_one.svg" \
		"what was not measured has no figure, an old one neither"
else
	skip "gnuplot is not installed" "the figures are drawn"
fi
done_testing
