# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_exit_status
tests_unit_test_exit_status_SOURCES = tests/unit/test_exit_status.c
unit_tests += tests/unit/test_host_names
tests_unit_test_host_names_SOURCES = tests/unit/test_host_names.c
unit_tests += tests/unit/test_ehlo_name
tests_unit_test_ehlo_name_SOURCES = tests/unit/test_ehlo_name.c
unit_tests += tests/unit/test_enqueue
tests_unit_test_enqueue_SOURCES = tests/unit/test_enqueue.c
unit_tests += tests/unit/test_mail_params_fill
tests_unit_test_mail_params_fill_SOURCES = tests/unit/test_mail_params_fill.c
unit_tests += tests/unit/test_failure_hook tests/unit/test_notify tests/unit/test_notify_faults
tests_unit_test_failure_hook_SOURCES = tests/unit/test_failure_hook.c tests/unit/queue_help.h
tests_unit_test_notify_SOURCES = tests/unit/test_notify.c tests/unit/notify_help.h tests/unit/spool_help.h \
	tests/unit/queue_help.h
tests_unit_test_notify_faults_SOURCES = tests/unit/test_notify_faults.c \
	tests/unit/memory_disk.c tests/unit/memory_disk.h \
	tests/unit/notify_help.h tests/unit/faulty_ops.h tests/unit/spool_help.h tests/unit/queue_help.h
unit_tests += tests/unit/test_queue_list
tests_unit_test_queue_list_SOURCES = tests/unit/test_queue_list.c
unit_tests += tests/unit/test_runner
tests_unit_test_runner_SOURCES = tests/unit/test_runner.c
unit_tests += tests/unit/test_serve
tests_unit_test_serve_SOURCES = tests/unit/test_serve.c
