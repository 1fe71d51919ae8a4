# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_srv
tests_unit_test_srv_SOURCES = tests/unit/test_srv.c
