# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# For tests that read the program's source code.

# FOLDER: its C files.
sources() {
	find "$1" -name '*.c' -o -name '*.h' -o -name '*.def' | sort
}

# FILE: its lines without comments, strings and character constants, as "FILE:LINE: CODE".
bare_code() {
	awk '{
		line = $0; out = ""
		while (line != "") {
			if (comment) {
				if ((end = index(line, "*/")) == 0) { line = ""; break }
				line = substr(line, end + 2); comment = 0; continue
			}
			c = substr(line, 1, 1)
			if (substr(line, 1, 2) == "/*") { comment = 1; line = substr(line, 3); continue }
			if (substr(line, 1, 2) == "//") break
			if (c == "\"" || c == "\047") {
				line = substr(line, 2)
				while (line != "" && substr(line, 1, 1) != c)
					line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
				line = substr(line, 2); out = out "_"; continue
			}
			out = out c; line = substr(line, 2)
		}
		print FILENAME ":" FNR ": " out
	}' "$1"
}

# FOLDER...: bare_code of all files in them.
bare_code_of() {
	local folder file
	for folder in "$@"; do
		while read -r file; do bare_code "$file"; done < <(sources "$folder")
	done
}

# NAME LINES: ok if there are no lines.
nothing() {
	if [ -z "$2" ]; then ok "$1"; else not_ok "$1" "$2"; fi
}
