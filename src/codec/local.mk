# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/codec/byte_scan.c \
	src/codec/byte_scan.h \
	src/codec/encoded_word.c \
	src/codec/encoded_word.h \
	src/codec/mime_encode.c \
	src/codec/mime_encode.h \
	src/codec/xtext.c \
	src/codec/xtext.h
