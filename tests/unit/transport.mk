# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_caps_cache
tests_unit_test_caps_cache_SOURCES = tests/unit/test_caps_cache.c
unit_tests += tests/unit/test_remaining
tests_unit_test_remaining_SOURCES = tests/unit/test_remaining.c
unit_tests += tests/unit/test_session_driver
tests_unit_test_session_driver_SOURCES = tests/unit/test_session_driver.c tests/unit/message_help.h
# Hosts that follow a script.
delivery_help = tests/unit/delivery_help.c tests/unit/delivery_help.h tests/unit/message_help.h \
	tests/lib/scripted_server.c tests/lib/scripted_server.h tests/lib/dialogue.c tests/lib/dialogue.h
unit_tests += tests/unit/test_transport
tests_unit_test_transport_SOURCES = tests/unit/test_transport.c $(delivery_help)
tests_unit_test_transport_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
unit_tests += tests/unit/test_transport_post
tests_unit_test_transport_post_SOURCES = tests/unit/test_transport_post.c $(delivery_help)
tests_unit_test_transport_post_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
unit_tests += tests/unit/test_failover
tests_unit_test_failover_SOURCES = tests/unit/test_failover.c $(delivery_help)
tests_unit_test_failover_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
unit_tests += tests/unit/test_require_tls
tests_unit_test_require_tls_SOURCES = tests/unit/test_require_tls.c $(delivery_help)
tests_unit_test_require_tls_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
unit_tests += tests/unit/test_early
tests_unit_test_early_SOURCES = tests/unit/test_early.c $(delivery_help)
tests_unit_test_early_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
unit_tests += tests/unit/test_progress
tests_unit_test_progress_SOURCES = tests/unit/test_progress.c
