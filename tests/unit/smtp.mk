# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_rcpt_batch
tests_unit_test_rcpt_batch_SOURCES = tests/unit/test_rcpt_batch.c
unit_tests += tests/unit/test_reply
tests_unit_test_reply_SOURCES = tests/unit/test_reply.c
unit_tests += tests/unit/test_caps
tests_unit_test_caps_SOURCES = tests/unit/test_caps.c
unit_tests += tests/unit/test_command
tests_unit_test_command_SOURCES = tests/unit/test_command.c
unit_tests += tests/unit/test_negotiate
tests_unit_test_negotiate_SOURCES = tests/unit/test_negotiate.c
unit_tests += tests/unit/test_mail_params
tests_unit_test_mail_params_SOURCES = tests/unit/test_mail_params.c
unit_tests += tests/unit/test_reply_policy
tests_unit_test_reply_policy_SOURCES = tests/unit/test_reply_policy.c
unit_tests += tests/unit/test_session
tests_unit_test_session_SOURCES = tests/unit/test_session.c \
	tests/lib/dialogue.c tests/lib/dialogue.h tests/lib/play.c tests/lib/play.h
tests_unit_test_session_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
unit_tests += tests/unit/test_session_verify
tests_unit_test_session_verify_SOURCES = tests/unit/test_session_verify.c
unit_tests += tests/unit/test_server_session
tests_unit_test_server_session_SOURCES = tests/unit/test_server_session.c
