# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += \
	tests/unit/test_byte_scan \
	tests/unit/test_xtext
tests_unit_test_byte_scan_SOURCES = tests/unit/test_byte_scan.c tests/unit/message_help.h
tests_unit_test_xtext_SOURCES = tests/unit/test_xtext.c tests/unit/message_help.h
