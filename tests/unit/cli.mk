# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_exit
tests_unit_test_exit_SOURCES = tests/unit/test_exit.c
unit_tests += tests/unit/test_host_names
tests_unit_test_host_names_SOURCES = tests/unit/test_host_names.c
unit_tests += tests/unit/test_mail_requests
tests_unit_test_mail_requests_SOURCES = tests/unit/test_mail_requests.c
