# SPDX-License-Identifier: GPL-3.0-or-later
cli_tests = tests/cli/agreement.sh tests/cli/layers.sh
dist_check_SCRIPTS += $(cli_tests)
TESTS += $(cli_tests)
