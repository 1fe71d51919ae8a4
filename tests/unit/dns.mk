# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_dns_tlsa tests/unit/test_mx tests/unit/test_srv tests/unit/test_validate
tests_unit_test_dns_tlsa_SOURCES = tests/unit/test_dns_tlsa.c
tests_unit_test_mx_SOURCES = tests/unit/test_mx.c
tests_unit_test_srv_SOURCES = tests/unit/test_srv.c
tests_unit_test_validate_SOURCES = tests/unit/test_validate.c
