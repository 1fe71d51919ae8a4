# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/header/header_apply.c \
	src/header/header_apply.h \
	src/header/header_encode.c \
	src/header/header_encode.h \
	src/header/header_encoding.h \
	src/header/header_lookahead.c \
	src/header/header_lookahead.h \
	src/header/header_parameters.c \
	src/header/header_pieces.c \
	src/header/header_pieces.h \
	src/header/header_plan.c \
	src/header/header_plan.h \
	src/header/header_recipients.c \
	src/header/header_recipients.h \
	src/header/header_rewrite.c \
	src/header/header_rewrite.h \
	src/header/header_scan.c \
	src/header/header_scan.h \
	src/header/header_tokens.c \
	src/header/header_tokens.h \
	src/header/header_write.c \
	src/header/header_write.h \
	src/header/msgid.c \
	src/header/msgid.h
