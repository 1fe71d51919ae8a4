# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_listen
tests_unit_test_listen_SOURCES = tests/unit/test_listen.c
unit_tests += tests/unit/test_listener
tests_unit_test_listener_SOURCES = tests/unit/test_listener.c
unit_tests += tests/unit/test_serve_sandbox
tests_unit_test_serve_sandbox_SOURCES = tests/unit/test_serve_sandbox.c
