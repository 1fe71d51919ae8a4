# SPDX-License-Identifier: GPL-3.0-or-later
# Real servers; where they are missing these tests skip and say why (run by
# scripts/test, which brings them, they fail). How to get
# them: scripts/install-deps test. How to write one: the heads of lib.sh and post.sh.
server_tests = tests/servers/test_bed.sh tests/servers/modes.sh \
	tests/servers/matrix_postfix.sh tests/servers/matrix_dovecot.sh tests/servers/matrix_exim.sh \
	tests/servers/matrix_plain.sh tests/servers/matrix_lmtp.sh \
	tests/servers/early.sh tests/servers/outage.sh tests/servers/extensions.sh tests/servers/convert.sh \
	tests/servers/smuggling.sh tests/servers/trust.sh tests/servers/dane.sh tests/servers/sasl.sh \
	tests/servers/large.sh tests/servers/persist.sh tests/servers/clients.sh tests/servers/listen.sh \
	tests/servers/listen_tls.sh \
	tests/servers/callers.sh tests/servers/applications.sh tests/servers/oauth.sh \
	tests/servers/newcomer.sh
dist_check_SCRIPTS += $(server_tests)
TESTS += $(server_tests)
EXTRA_DIST += tests/servers/lib.sh tests/servers/post.sh tests/servers/redirect.c \
	tests/servers/capture.sh tests/servers/capture.py tests/servers/delivered.py \
	tests/servers/convert.py \
	tests/servers/tokeninfo.sh tests/servers/tokeninfo.py tests/servers/client.py \
	tests/servers/postfix.sh tests/servers/dovecot.sh tests/servers/dovecot_23.sh tests/servers/dovecot_24.sh \
	tests/servers/exim.sh \
	tests/servers/opensmtpd.sh tests/servers/kdc.sh tests/servers/cyrus.sh tests/servers/cyrus_smtp.py \
	tests/servers/unbound.sh \
	tests/servers/oauth/servers.sh tests/servers/oauth/provider.mjs tests/servers/oauth/browser.py \
	tests/servers/oauth/fault_proxy.py \
	tests/servers/oauth/package.json tests/servers/oauth/package-lock.json \
	tests/servers/mailers.sh tests/servers/symfony.php tests/servers/nodemailer/client.mjs \
	tests/servers/nodemailer/package.json tests/servers/nodemailer/package-lock.json

# These tests alone: scripts/test runs them as root where the rest runs as somebody else.
.PHONY: check-servers
check-servers:
	$(MAKE) check TESTS='$(server_tests)'
