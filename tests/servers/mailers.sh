# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Mail libraries as clients.  Sourced after lib.sh, by tests that have made $T/body and $T/attached.  Each of them sends
# four messages, to a@mail.test and others, of which that to refused@mail.test fails; $out has a line for each.
#
#   symfony_send PROGRAM -bs|PROGRAM -t -i|tcp PORT              bed_have symfony
#   nodemailer_send bs PROGRAM|sendmail PROGRAM|tcp PORT   bed_have nodemailer

symfony_send() {
	local root=$BED_TREES/php php module
	php=(env LD_LIBRARY_PATH="$(bed_library_path php)" php)
	php+=(-d "include_path=.:$root/usr/share/php:/usr/share/php")
	for module in "$root"/usr/lib/php/*/mbstring.so; do
		[ ! -e "$module" ] || php -m | grep -qx mbstring || php+=(-d "extension=$module")
	done
	run timeout 60 "${php[@]}" "$BED_LIB/symfony.php" "$root/usr/share/php/Symfony/Component/Mailer/autoload.php" "$*" \
		"$T/body" "$T/attached"
}

nodemailer_send() {
	run timeout 60 node "$BED_LIB/nodemailer/client.mjs" \
		"$BED_TREES/nodemailer/node_modules/nodemailer/lib/nodemailer.js" "$@" "$T/body" "$T/attached"
}
