# SPDX-License-Identifier: GPL-3.0-or-later
# The test smarthost.  It checks the client and so uses nothing of src/.
check_PROGRAMS += tests/lib/sink
tests_lib_sink_SOURCES = tests/lib/sink.c \
	tests/lib/sink_auth.c \
	tests/lib/sink_body.c tests/lib/sink_body.h \
	tests/lib/sink_buf.c tests/lib/sink_buf.h \
	tests/lib/sink_conn.c tests/lib/sink_conn.h \
	tests/lib/sink_envelope.c \
	tests/lib/sink_extensions.c tests/lib/sink_extensions.h \
	tests/lib/sink_hello.c \
	tests/lib/sink_listener.c tests/lib/sink_listener.h \
	tests/lib/sink_log.c tests/lib/sink_log.h \
	tests/lib/sink_options.c tests/lib/sink_options.h \
	tests/lib/sink_parameters.c tests/lib/sink_parameters.h \
	tests/lib/sink_report.c \
	tests/lib/sink_sasl.c tests/lib/sink_sasl.h \
	tests/lib/sink_script.c tests/lib/sink_script.h \
	tests/lib/sink_session.c tests/lib/sink_session.h \
	tests/lib/sink_store.c tests/lib/sink_store.h \
	tests/lib/sink_syntax.c tests/lib/sink_syntax.h \
	tests/lib/sink_tls.c tests/lib/sink_tls.h \
	tests/lib/sink_transfer.c
tests_lib_sink_LDADD = $(GNUTLS_LIBS) $(GSASL_LIBS)

# Messages for the queue's tests.
check_PROGRAMS += tests/lib/spool_put
tests_lib_spool_put_SOURCES = tests/lib/spool_put.c

# The line between program and sink that fails as configured.
check_PROGRAMS += tests/lib/faultproxy
tests_lib_faultproxy_SOURCES = tests/lib/faultproxy.c

# Posts messages to a transport.
check_PROGRAMS += tests/lib/post_many
tests_lib_post_many_SOURCES = tests/lib/post_many.c
tests_lib_post_many_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib

# Puts messages into the user's queue.
check_PROGRAMS += tests/lib/queue_put
tests_lib_queue_put_SOURCES = tests/lib/queue_put.c

# Takes Landlock and seccomp from a program.
check_PROGRAMS += tests/lib/old_kernel
tests_lib_old_kernel_SOURCES = tests/lib/old_kernel.c

# Damages what lies there.
check_PROGRAMS += tests/lib/queue_damage
tests_lib_queue_damage_SOURCES = tests/lib/queue_damage.c

TESTS += tests/lib/test_sink.sh
dist_check_SCRIPTS += tests/lib/test_sink.sh
EXTRA_DIST += tests/lib/dns.py tests/lib/forms.py tests/lib/https_files.py tests/lib/json_schema.py tests/lib/lock.py \
	tests/lib/memory.py \
	tests/lib/on_terminal.py tests/lib/talk.py

if HAVE_CMOCKA
check_PROGRAMS += tests/lib/test_sink_body
TESTS += tests/lib/test_sink_body
endif
tests_lib_test_sink_body_SOURCES = tests/lib/test_sink_body.c tests/lib/sink_body.c tests/lib/sink_body.h
tests_lib_test_sink_body_LDADD = $(CMOCKA_LIBS)

dist_check_SCRIPTS += tests/lib/test_lib.sh
TESTS += tests/lib/test_lib.sh
EXTRA_DIST += tests/lib/tap.sh tests/lib/source_code.sh tests/lib/as_root.sh tests/lib/ca.sh tests/lib/leaks.supp \
	tests/lib/remove_tree.h \
	tests/lib/test_runtime.h

# Runs each test of the suite: with a time limit, and nothing may be left behind.
check_PROGRAMS += tests/lib/run_test
tests_lib_run_test_SOURCES = tests/lib/run_test.c
tests_lib_run_test_LDADD =
dist_check_SCRIPTS += tests/lib/test_run_test.sh
TESTS += tests/lib/test_run_test.sh
EXTRA_DIST += tests/lib/own-mounts tests/lib/tap.sh tests/lib/ca.sh tests/lib/leaks.supp tests/lib/tls_middle.py

# Prints the report about a message that failed.
check_PROGRAMS += tests/lib/notify_sample
tests_lib_notify_sample_SOURCES = tests/lib/notify_sample.c
