# SPDX-License-Identifier: GPL-3.0-or-later
# The program as a user meets it, against the test smarthost.  What the scripts
# share stands in cli.sh.
cli_tests = tests/cli/agreement.sh tests/cli/layers.sh
cli_tests += tests/cli/exit_status.sh tests/cli/trust.sh tests/cli/timeouts.sh tests/cli/auth.sh tests/cli/canary.sh \
	tests/cli/message.sh tests/cli/options.sh tests/cli/config.sh tests/cli/scale.sh tests/cli/valgrind.sh \
	tests/cli/msmtprcs.sh tests/cli/msmtp_contract.sh
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
msmtprcs = encrypted fastmail gmail lmtp many obsolete outlook relay system tor wildcard
EXTRA_DIST += tests/cli/cli.sh $(msmtprcs:%=tests/cli/msmtprcs/%.msmtprc) $(msmtprcs:%=tests/cli/msmtprcs/%.expected)
