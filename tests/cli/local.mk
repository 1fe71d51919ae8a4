# SPDX-License-Identifier: GPL-3.0-or-later
# The program as a user meets it, against the test smarthost.  What the scripts
# share stands in cli.sh.
cli_tests = tests/cli/agreement.sh
cli_tests += tests/cli/aliases.sh
cli_tests += tests/cli/auth.sh
cli_tests += tests/cli/canary.sh
cli_tests += tests/cli/config.sh
cli_tests += tests/cli/exit_status.sh
cli_tests += tests/cli/layers.sh
cli_tests += tests/cli/log.sh
cli_tests += tests/cli/message.sh
cli_tests += tests/cli/options.sh
cli_tests += tests/cli/scale.sh
cli_tests += tests/cli/sender.sh
cli_tests += tests/cli/timeouts.sh
cli_tests += tests/cli/trust.sh
cli_tests += tests/cli/valgrind.sh
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
EXTRA_DIST += tests/cli/cli.sh
