# SPDX-License-Identifier: GPL-3.0-or-later
# The program as a user meets it, against the test smarthost.  What the scripts
# share is in cli.sh.
cli_tests = tests/cli/accept_key.sh
cli_tests += tests/cli/agreement.sh
cli_tests += tests/cli/aliases.sh
cli_tests += tests/cli/archive.sh
cli_tests += tests/cli/auth.sh
cli_tests += tests/cli/batch.sh
cli_tests += tests/cli/batch_kill.sh
cli_tests += tests/cli/bench_smoke.sh
cli_tests += tests/cli/canary.sh
cli_tests += tests/cli/check.sh
cli_tests += tests/cli/config.sh
cli_tests += tests/cli/configure.sh
cli_tests += tests/cli/conformance.sh
cli_tests += tests/cli/descriptors.sh
cli_tests += tests/cli/discover.sh
cli_tests += tests/cli/early.sh
cli_tests += tests/cli/ehlo_name.sh
cli_tests += tests/cli/environment.sh
cli_tests += tests/cli/exit_status.sh
cli_tests += tests/cli/explain.sh
cli_tests += tests/cli/filter.sh
cli_tests += tests/cli/fallback.sh
cli_tests += tests/cli/footprint.sh
cli_tests += tests/cli/header_examples.sh
cli_tests += tests/cli/helpers.sh
faults_tests = tests/cli/faults_chunking.sh tests/cli/faults_data.sh tests/cli/faults_lmtp.sh \
	tests/cli/faults_starttls.sh tests/cli/faults_tls.sh tests/cli/pipeline.sh tests/cli/queue_pipeline.sh
cli_tests += $(faults_tests)
cli_tests += tests/cli/house.sh
cli_tests += tests/cli/habits.sh
cli_tests += tests/cli/import.sh
cli_tests += tests/cli/import_queue.sh
cli_tests += tests/cli/json_schema.sh
cli_tests += tests/cli/json_vocabulary.sh
cli_tests += tests/cli/keyring.sh
cli_tests += tests/cli/languages.sh
cli_tests += tests/cli/layers.sh
cli_tests += tests/cli/libraries.sh
cli_tests += tests/cli/listen.sh
cli_tests += tests/cli/listen_tls.sh
cli_tests += tests/cli/log.sh
cli_tests += tests/cli/manual.sh
cli_tests += tests/cli/manual_formats.sh
cli_tests += tests/cli/memory.sh
cli_tests += tests/cli/message.sh
cli_tests += tests/cli/mistakes.sh
cli_tests += tests/cli/msmtp_contract.sh
cli_tests += tests/cli/msmtprcs.sh
cli_tests += tests/cli/oauth.sh
cli_tests += tests/cli/options.sh
cli_tests += tests/cli/persist.sh
cli_tests += tests/cli/persist_kill.sh
cli_tests += tests/cli/pkcs11.sh
cli_tests += tests/cli/port_mode.sh
cli_tests += tests/cli/progress.sh
cli_tests += tests/cli/proxy.sh
cli_tests += tests/cli/proxy_command.sh
cli_tests += tests/cli/queue_damage.sh
cli_tests += tests/cli/queue_days.sh
cli_tests += tests/cli/queue_full.sh
cli_tests += tests/cli/queue_keep.sh
cli_tests += tests/cli/queue_kill.sh
cli_tests += tests/cli/queue_pipeline_kill.sh
cli_tests += tests/cli/queue_run.sh
cli_tests += tests/cli/queue_sessions.sh
cli_tests += tests/cli/reports.sh
cli_tests += tests/cli/reports_sent.sh
cli_tests += tests/cli/queue_list.sh
cli_tests += tests/cli/queue_crash.sh
cli_tests += tests/cli/queue_dir.sh
cli_tests += tests/cli/queue_mended.sh
cli_tests += tests/cli/queue_order.sh
cli_tests += tests/cli/queue_owners.sh
cli_tests += tests/cli/queue_waits.sh
cli_tests += tests/cli/queue_wake.sh
cli_tests += tests/cli/queue_lock.sh
cli_tests += tests/cli/queue_steer.sh
cli_tests += tests/cli/requests.sh
cli_tests += tests/cli/quiet.sh
cli_tests += tests/cli/rmqs.sh
cli_tests += tests/cli/scale.sh
cli_tests += tests/cli/limits.sh
cli_tests += tests/cli/sandbox.sh
cli_tests += tests/cli/secrets.sh
cli_tests += tests/cli/secrets_modes.sh
cli_tests += tests/cli/sender.sh
cli_tests += tests/cli/serve.sh
cli_tests += tests/cli/service.sh
cli_tests += tests/cli/structure.sh
cli_tests += tests/cli/timeouts.sh
cli_tests += tests/cli/spelling.sh
cli_tests += tests/cli/token_kill.sh
cli_tests += tests/cli/trust.sh
cli_tests += tests/cli/trust_matrix.sh
cli_tests += tests/cli/unkept.sh
cli_tests += tests/cli/valgrind.sh
cli_tests += tests/cli/verify.sh
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
msmtprcs = encrypted fastmail gmail lmtp many obsolete outlook relay system tor wildcard
EXTRA_DIST += tests/cli/faults.py tests/cli/serve_client.py tests/cli/faults.sh tests/cli/socks.py tests/cli/cli.sh \
	tests/cli/listen_lib.sh tests/cli/kill.sh \
	tests/cli/connect_proxy.py tests/cli/pipeline.py tests/cli/queue_pipeline.py \
	tests/cli/header_examples.py tests/cli/manual.py tests/cli/spelling.py tests/cli/structure.py \
	tests/cli/token_server.py tests/cli/tokens.sh \
	$(msmtprcs:%=tests/cli/msmtprcs/%.msmtprc) $(msmtprcs:%=tests/cli/msmtprcs/%.expected)

# A cut, a reset and a changed octet after every single octet: some minutes.
.PHONY: check-faults
check-faults:
	FAULTS=full $(MAKE) check TESTS='$(faults_tests)'

# The program with the helper of the build tree.  Nothing that a user can set
# changes where the installed one looks for its helper (see HACKING).
check_PROGRAMS += tests/cli/posthaste
tests_cli_posthaste_SOURCES = src/main.c
tests_cli_posthaste_CPPFLAGS = $(AM_CPPFLAGS) \
	-DKEYRING_HELPER='"$(abs_top_builddir)/src/helper/posthaste-keyring"' \
	-DDNS_HELPER='"$(abs_top_builddir)/src/helper/posthaste-dns"' \
	-DHTTP_HELPER='"$(abs_top_builddir)/src/helper/posthaste-http"' \
	-DQR_HELPER='"$(abs_top_builddir)/src/helper/posthaste-qr"' \
	-DOAUTH_PROVIDERS='"$(abs_top_srcdir)/src/oauth/oauth_providers"'
