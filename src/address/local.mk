# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/address/address.c \
	src/address/address.h \
	src/address/address_check.c \
	src/address/address_check.h \
	src/address/address_lexer.c \
	src/address/address_lexer.h \
	src/address/alias_walk.c \
	src/address/aliases.c \
	src/address/aliases.h \
	src/address/envelope.c \
	src/address/envelope.h \
	src/address/local_names.c \
	src/address/local_names.h
