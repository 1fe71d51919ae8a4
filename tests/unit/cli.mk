# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_exit
tests_unit_test_exit_SOURCES = tests/unit/test_exit.c
unit_tests += tests/unit/test_host_names
tests_unit_test_host_names_SOURCES = tests/unit/test_host_names.c
unit_tests += tests/unit/test_keep
tests_unit_test_keep_SOURCES = tests/unit/test_keep.c
unit_tests += tests/unit/test_mail_requests
tests_unit_test_mail_requests_SOURCES = tests/unit/test_mail_requests.c
unit_tests += tests/unit/test_on_failure tests/unit/test_queue_tell tests/unit/test_queue_tell_faults
tests_unit_test_on_failure_SOURCES = tests/unit/test_on_failure.c tests/unit/queue_help.h
tests_unit_test_queue_tell_SOURCES = tests/unit/test_queue_tell.c tests/unit/tell_help.h tests/unit/spool_help.h tests/unit/queue_help.h
tests_unit_test_queue_tell_faults_SOURCES = tests/unit/test_queue_tell_faults.c tests/unit/memory_disk.c tests/unit/memory_disk.h \
	tests/unit/tell_help.h tests/unit/faulty_ops.h tests/unit/spool_help.h tests/unit/queue_help.h
