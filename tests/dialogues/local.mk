# SPDX-License-Identifier: GPL-3.0-or-later
# The same files twice: against the engine in memory, and against the program over a socket.
check_PROGRAMS += tests/dialogues/run_memory tests/dialogues/run_socket
dialogue_shared = tests/lib/dialogue.c tests/lib/dialogue.h tests/lib/dialogue_files.c tests/lib/dialogue_files.h
tests_dialogues_run_memory_SOURCES = tests/dialogues/run_memory.c \
	tests/dialogues/adapter.c tests/dialogues/adapter.h \
	tests/lib/play.c tests/lib/play.h $(dialogue_shared)
tests_dialogues_run_memory_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
tests_dialogues_run_socket_SOURCES = tests/dialogues/run_socket.c \
	tests/lib/scripted_server.c tests/lib/scripted_server.h $(dialogue_shared)
tests_dialogues_run_socket_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
TESTS += tests/dialogues/run_memory tests/dialogues/run_socket
EXTRA_DIST += tests/dialogues/README $(top_srcdir)/tests/dialogues/*.dlg
check_PROGRAMS += tests/dialogues/run_server
tests_dialogues_run_server_SOURCES = tests/dialogues/run_server.c tests/lib/dialogue.c tests/lib/dialogue.h
tests_dialogues_run_server_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
TESTS += tests/dialogues/run_server
EXTRA_DIST += $(top_srcdir)/tests/dialogues/server/*.dlg
