# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += \
	tests/unit/test_base64_lines \
	tests/unit/test_byte_scan \
	tests/unit/test_encoded_word \
	tests/unit/test_extended_value \
	tests/unit/test_fold \
	tests/unit/test_quoted_printable \
	tests/unit/test_xtext
tests_unit_test_base64_lines_SOURCES = tests/unit/test_base64_lines.c tests/unit/message_help.h
tests_unit_test_byte_scan_SOURCES = tests/unit/test_byte_scan.c tests/unit/message_help.h
tests_unit_test_encoded_word_SOURCES = tests/unit/test_encoded_word.c tests/unit/message_help.h
tests_unit_test_extended_value_SOURCES = tests/unit/test_extended_value.c tests/unit/message_help.h
tests_unit_test_fold_SOURCES = tests/unit/test_fold.c tests/unit/message_help.h
tests_unit_test_quoted_printable_SOURCES = tests/unit/test_quoted_printable.c tests/unit/message_help.h
tests_unit_test_xtext_SOURCES = tests/unit/test_xtext.c tests/unit/message_help.h
