# SPDX-License-Identifier: GPL-3.0-or-later
# What callers, files, messages and servers of real life look like, one row for what happened to somebody.
field_tests = tests/field/addresses.sh
field_tests += tests/field/configurations.sh
field_tests += tests/field/dialogues.sh
field_tests += tests/field/hidden.sh
field_tests += tests/field/hostile.sh
field_tests += tests/field/invocations.sh
field_tests += tests/field/messages.sh
field_tests += tests/field/programs.sh
dist_check_SCRIPTS += $(field_tests)
TESTS += $(field_tests)
EXTRA_DIST += tests/field/hostile.py tests/field/rows.sh
