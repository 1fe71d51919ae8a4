# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_changes tests/unit/test_crew tests/unit/test_item_file tests/unit/test_retry \
	tests/unit/test_schedule \
	tests/unit/test_spool tests/unit/test_spool_faults tests/unit/test_spool_power
tests_unit_test_changes_SOURCES = tests/unit/test_changes.c tests/unit/spool_help.h tests/unit/queue_help.h
tests_unit_test_item_file_SOURCES = tests/unit/test_item_file.c tests/unit/queue_help.h
tests_unit_test_retry_SOURCES = tests/unit/test_retry.c tests/unit/queue_help.h
tests_unit_test_schedule_SOURCES = tests/unit/test_schedule.c tests/unit/spool_help.h tests/unit/queue_help.h
tests_unit_test_spool_SOURCES = tests/unit/test_spool.c tests/unit/spool_help.h tests/unit/queue_help.h
tests_unit_test_spool_faults_SOURCES = tests/unit/test_spool_faults.c tests/unit/faulty_ops.h \
	tests/unit/spool_help.h tests/unit/queue_help.h
tests_unit_test_spool_power_SOURCES = tests/unit/test_spool_power.c \
	tests/unit/memory_disk.c tests/unit/memory_disk.h tests/unit/spool_help.h \
	tests/unit/queue_help.h
