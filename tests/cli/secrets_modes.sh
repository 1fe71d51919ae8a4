#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every mode that needs the password asks every source of passwords.  The keyring is libsecret's file back end, which
# needs no bus; tests/cli/keyring.sh asks a real one.
. "${top_srcdir:-$(dirname "$0")/../..}/tests/cli/cli.sh" || exit 99

POSTHASTE=$top_builddir/tests/cli/posthaste
[ -x "$POSTHASTE" ] || skip_all "tests/cli/posthaste is not built: make check builds it"
canary=$(cat "$T/password")
export SECRET_BACKEND=file SECRET_FILE_TEST_PASSWORD=master SECRET_FILE_TEST_PATH=$T/keyring

# ---- the sources: what each needs, and the lines of its account ----
source_password() { printf 'password %s\n' "$canary" >>"$T/rc"; }
source_password_fd() {
	printf 'password_fd 9\n' >>"$T/rc"
	exec 9<"$T/password"
}
source_password_file() { printf 'password_file %s\n' "$T/password" >>"$T/rc"; }
source_credential() {
	mkdir -p "$T/credentials"
	cp "$T/password" "$T/credentials/mail"
	export CREDENTIALS_DIRECTORY=$T/credentials
	printf 'credential mail\n' >>"$T/rc"
}
source_passwordeval() { printf 'passwordeval cat %s\n' "$T/password" >>"$T/rc"; }
source_keyring() { "$POSTHASTE" -C "$T/rc" --login default <"$T/password" >/dev/null; }
source_netrc() { printf 'machine 127.0.0.1 login joe password %s\n' "$canary" >"$HOME/.netrc"; }
without_sources() {
	rm -rf "$HOME/.netrc" "$T/keyring"
	unset CREDENTIALS_DIRECTORY
	exec 9<&-
}

# ---- the modes: each needs one connection ----
mode_send() { post bob@example.org; }
mode_check() { post --check; }
mode_verify() { post -bv bob@example.org; }
mode_rmqs() { post --rmqs=example.org; }
mode_queue_run() { queued && run timeout -k 5 60 "$POSTHASTE" -q </dev/null; }
mode_queue_runner() { queued && run timeout -k 5 60 "$POSTHASTE" --queue-runner </dev/null; }
# one message in the queue, and no runner started
queued() {
	rm -rf "$XDG_STATE_HOME/posthaste"
	post --queue=always bob@example.org
	[ "$status" = 0 ]
}

authenticated() { grep -aq '^S: 235' "$T/transcript"; }

sources='password_fd password password_file credential passwordeval netrc'
if [ -x "$top_builddir/src/helper/posthaste-keyring" ]; then
	sources+=' keyring'
else
	skip "built without libsecret (Debian: libsecret-1-dev)" "the keyring"
fi
for source in $sources; do
	for mode in send check verify rmqs queue_run queue_runner; do
		smarthost --extensions "$EXTENSIONS,ETRN" --auth PLAIN --user joe --password-file "$T/password"
		conf 'auth plain'
		"source_$source"
		"mode_$mode"
		smarthost_end
		status_is 0 "$mode with the password of $source: exit status 0"
		check "$mode with the password of $source: the server took it" authenticated
		without_sources
	done
done

# Without any of them each mode says so, before it connects.
for mode in send check verify rmqs; do
	port=1
	conf 'auth plain'
	"mode_$mode"
	status_is 78 "$mode without a password: exit status 78"
done
done_testing
