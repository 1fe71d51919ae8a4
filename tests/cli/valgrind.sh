#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The whole program under valgrind's memcheck: no invalid access, nothing lost.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99
sanitized && skip_all "sanitizers watch the memory in this round; valgrind cannot run a sanitized program"
command -v valgrind >/dev/null || skip_all "valgrind is missing; on Debian or Ubuntu: apt install valgrind"
. "$top_srcdir/tests/lib/ca.sh" || exit 99
ca_need good wronghost

# clean NAME STATUS ARGUMENT...: 99 is valgrind's own verdict
clean() {
	local name=$1 want=$2
	shift 2
	run timeout 120 valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
		--show-leak-kinds=definite \
		--log-file="$T/valgrind" "$POSTHASTE" "$@" <"$T/mail"
	if [ "$status" = "$want" ]; then
		ok "$name: exit status $want, and clean"
	else
		not_ok "$name" "exit status $status, wanted $want" "$(head -60 "$T/valgrind")"
		show_err
	fi
}
tls() {
	smarthost --tls "$1" --cert "$CA/$2.pem" --key "$CA/$2.key" --user joe --password-file "$T/password" "${@:3}"
}
secure() {
	conf 'tls on' "tls_starttls $1" "tls_trust_file $CA/ca.crt" 'timeout 60' "${@:2}"
}

tls implicit good --auth SCRAM-SHA-256-PLUS
secure off 'auth on' 'password correct-horse'
clean "SCRAM over TLS" 0 -C "$T/rc" --json --debug bob@example.org carol@example.org
smarthost_end
is "$(stored)" 1 "SCRAM over TLS: sent"
tls starttls good --auth PLAIN --reply 'auth-final=535 no'
secure on 'auth on' 'passwordeval echo wrong'
clean "a refused password" 77 -C "$T/rc" bob@example.org
smarthost_end
tls implicit wronghost
secure off
clean "a certificate that is not trusted" 77 -C "$T/rc" bob@example.org
smarthost_end
tls starttls good --inject 'starttls=250 evil\r\n'
secure on
clean "injection after STARTTLS" 76 -C "$T/rc" --json bob@example.org
smarthost_end
smarthost --reply 'rcpt:bob@example.org=550 no'
conf
clean "one of two recipients refused" 67 -C "$T/rc" --json -t -N success,failure -R hdrs -V id carol@example.org
smarthost_end
smarthost --close eod
conf
clean "a connection lost before the verdict" 75 -C "$T/rc" bob@example.org
smarthost_end
tls implicit good --auth OAUTHBEARER --token other
secure off 'auth oauthbearer' 'password token'
clean "a refused token" 77 -C "$T/rc" bob@example.org
smarthost_end
smarthost
conf
clean "--serverinfo" 0 -C "$T/rc" --serverinfo
smarthost_end
port=1
conf
clean "--dry-run" 0 -C "$T/rc" --dry-run -t --set-to-header -F $'J\303\266rg' bob@example.org
clean "--pretend" 0 -C "$T/rc" --pretend
clean "--help" 0 --help
clean "--version" 0 --version
clean "an unknown option" 64 --nonsense --json
clean "an address that cannot be" 65 -C "$T/rc" $'a@b\r\nx'
clean "no server listens" 75 -C "$T/rc" bob@example.org
printf 'account a\nhost x\ninclude rc2\n' >"$T/rc"
printf 'account b : a\npassword "x\n' >"$T/rc2"
clean "an error in an included file" 78 -C "$T/rc" bob@example.org
done_testing
