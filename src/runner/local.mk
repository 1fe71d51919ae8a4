# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/runner/attempt.c \
	src/runner/attempt.h \
	src/runner/enqueue.c \
	src/runner/enqueue.h \
	src/runner/enqueue_item.c \
	src/runner/enqueue_item.h \
	src/runner/failure_hook.c \
	src/runner/failure_hook.h \
	src/runner/lock.c \
	src/runner/lock.h \
	src/runner/notify.c \
	src/runner/notify.h \
	src/runner/notify_dsn.c \
	src/runner/notify_dsn.h \
	src/runner/retry_policy.c \
	src/runner/retry_policy.h \
	src/runner/route.c \
	src/runner/route.h \
	src/runner/run.c \
	src/runner/run.h \
	src/runner/runner.c \
	src/runner/runner.h \
	src/runner/schedule.c \
	src/runner/schedule.h \
	src/runner/schedule_message.c \
	src/runner/schedule_private.h \
	src/runner/send.c \
	src/runner/send.h \
	src/runner/spawn.c \
	src/runner/spawn.h \
	src/runner/supervisor.c \
	src/runner/supervisor.h \
	src/runner/wait.c \
	src/runner/wait.h
