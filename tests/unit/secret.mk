# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_secret_source
tests_unit_test_secret_source_SOURCES = tests/unit/test_secret_source.c
unit_tests += tests/unit/test_redactor
tests_unit_test_redactor_SOURCES = tests/unit/test_redactor.c
unit_tests += tests/unit/test_netrc
tests_unit_test_netrc_SOURCES = tests/unit/test_netrc.c
