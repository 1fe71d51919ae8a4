# SPDX-License-Identifier: GPL-3.0-or-later
check_PROGRAMS += tests/dialogues/run_socket
tests_dialogues_run_socket_SOURCES = tests/dialogues/run_socket.c \
	tests/lib/dialogue.c tests/lib/dialogue.h \
	tests/lib/scripted_server.c tests/lib/scripted_server.h
tests_dialogues_run_socket_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
TESTS += tests/dialogues/run_socket
EXTRA_DIST += tests/dialogues/README $(top_srcdir)/tests/dialogues/*.dlg
