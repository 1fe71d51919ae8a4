# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_option tests/unit/test_value tests/unit/test_lexer tests/unit/test_config_load \
	tests/unit/test_flavour \
	tests/unit/test_config_choose tests/unit/test_account tests/unit/test_account_line \
	tests/unit/test_variables
tests_unit_test_option_SOURCES = tests/unit/test_option.c
tests_unit_test_value_SOURCES = tests/unit/test_value.c
tests_unit_test_lexer_SOURCES = tests/unit/test_lexer.c
tests_unit_test_flavour_SOURCES = tests/unit/test_flavour.c
tests_unit_test_config_load_SOURCES = tests/unit/test_config_load.c
tests_unit_test_config_choose_SOURCES = tests/unit/test_config_choose.c
tests_unit_test_account_SOURCES = tests/unit/test_account.c
tests_unit_test_account_line_SOURCES = tests/unit/test_account_line.c
tests_unit_test_variables_SOURCES = tests/unit/test_variables.c
