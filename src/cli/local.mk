# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/cli/alias_file.c src/cli/alias_file.h \
	src/cli/args.c src/cli/args.h \
	src/cli/capability.c src/cli/capability.h \
	src/cli/cli.c src/cli/mode.h \
	src/cli/debug.c src/cli/debug.h \
	src/cli/envelope_build.c src/cli/envelope_build.h \
	src/cli/exit.c src/cli/exit.h \
	src/cli/mail_requests.c src/cli/mail_requests.h \
	src/cli/log_submission.c src/cli/log_submission.h \
	src/cli/header_build.c src/cli/header_build.h \
	src/cli/host_names.c src/cli/host_names.h \
	src/cli/keep.c src/cli/keep.h \
	src/cli/keep_item.c src/cli/keep_item.h \
	src/cli/queue_policy.c src/cli/queue_policy.h \
	src/cli/local_recipients.c src/cli/local_recipients.h \
	src/cli/check_stages.c src/cli/check_stages.h \
	src/cli/mode_aliases.c src/cli/mode_check.c src/cli/mode_configure.c src/cli/mode_explain.c src/cli/mode_login.c \
	src/cli/mode_look.c src/cli/mode_mailq.c src/cli/mode_rmqs.c src/cli/mode_send.c src/cli/mode_verify.c \
	src/cli/mode_queue_run.c \
	src/cli/names.c src/cli/names.h \
	src/cli/on_failure.c src/cli/on_failure.h \
	src/cli/prepare.c src/cli/prepare.h \
	src/cli/queue_attempt.c src/cli/queue_attempt.h \
	src/cli/queue_report.c src/cli/queue_report.h \
	src/cli/queue_tell.c src/cli/queue_tell.h \
	src/cli/queue_watch.c src/cli/queue_watch.h \
	src/cli/queue_worker.c src/cli/queue_worker.h \
	src/cli/queued.c src/cli/queued.h \
	src/cli/report.c src/cli/report_json.c src/cli/report.h \
	src/cli/runner_start.c src/cli/runner_start.h \
	src/cli/sender.c src/cli/sender.h
