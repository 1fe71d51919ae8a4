# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/cli/args.c \
	src/cli/args.h \
	src/cli/cli.c \
	src/cli/debug.c \
	src/cli/debug.h \
	src/cli/mode.h \
	src/cli/modes/accept_key.c \
	src/cli/modes/aliases.c \
	src/cli/modes/batch.c \
	src/cli/modes/check.c \
	src/cli/modes/configure.c \
	src/cli/modes/dry_run.c \
	src/cli/modes/explain.c \
	src/cli/modes/import.c \
	src/cli/modes/info.c \
	src/cli/modes/keeper.c \
	src/cli/modes/listen.c \
	src/cli/modes/login.c \
	src/cli/modes/mailq.c \
	src/cli/modes/queue_control.c \
	src/cli/modes/queue_run.c \
	src/cli/modes/queue_show.c \
	src/cli/modes/queue_status.c \
	src/cli/modes/rmqs.c \
	src/cli/modes/send.c \
	src/cli/modes/serve.c \
	src/cli/modes/verify.c \
	src/cli/print.c \
	src/cli/print.h \
	src/cli/print_json.c \
	src/cli/print_json.h \
	src/cli/print_result.c \
	src/cli/print_result.h \
	src/cli/print_result_json.c
