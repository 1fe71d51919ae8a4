# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_envelope_file
tests_unit_test_envelope_file_SOURCES = tests/unit/test_envelope_file.c tests/unit/queue_help.h
