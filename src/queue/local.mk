# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/queue/account_wait.c \
	src/queue/account_wait.h \
	src/queue/item.c \
	src/queue/item.h \
	src/queue/item_check.c \
	src/queue/item_check.h \
	src/queue/item_file.c \
	src/queue/item_file.h \
	src/queue/item_json.c \
	src/queue/item_json.h \
	src/queue/item_route.c \
	src/queue/item_route.h \
	src/queue/queue_control.c \
	src/queue/queue_control.h \
	src/queue/queue_open.c \
	src/queue/queue_open.h \
	src/queue/queue_view.c \
	src/queue/queue_view.h \
	src/queue/queue_walk.c \
	src/queue/queue_walk.h \
	src/queue/retry.c \
	src/queue/retry.h \
	src/queue/spool.c \
	src/queue/spool.h \
	src/queue/spool_entry.c \
	src/queue/spool_file.c \
	src/queue/spool_id.c \
	src/queue/spool_id.h \
	src/queue/spool_message.c \
	src/queue/spool_ops.c \
	src/queue/spool_ops.h \
	src/queue/spool_place.c \
	src/queue/spool_private.h \
	src/queue/spool_state.c
