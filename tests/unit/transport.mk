# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_caps_cache
tests_unit_test_caps_cache_SOURCES = tests/unit/test_caps_cache.c
unit_tests += tests/unit/test_transport
tests_unit_test_transport_SOURCES = tests/unit/test_transport.c tests/unit/message_help.h \
	tests/lib/scripted_server.c tests/lib/scripted_server.h tests/lib/dialogue.c tests/lib/dialogue.h
tests_unit_test_transport_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
