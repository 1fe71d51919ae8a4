# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/dsn/dsn.c \
	src/dsn/dsn.h \
	src/dsn/dsn_field.c \
	src/dsn/dsn_private.h \
	src/dsn/dsn_status.c \
	src/dsn/dsn_text.c
