# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_session_verify
tests_unit_test_session_verify_SOURCES = tests/unit/test_session_verify.c
