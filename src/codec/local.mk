# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/codec/base64_lines.c \
	src/codec/base64_lines.h \
	src/codec/byte_scan.c \
	src/codec/byte_scan.h \
	src/codec/encoded_word.c \
	src/codec/encoded_word.h \
	src/codec/extended_value.c \
	src/codec/extended_value.h \
	src/codec/fold.c \
	src/codec/fold.h \
	src/codec/line_limits.h \
	src/codec/quoted_printable.c \
	src/codec/quoted_printable.h \
	src/codec/xtext.c \
	src/codec/xtext.h
