# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/message/address.c src/message/address.h \
	src/message/aliases.c src/message/alias_walk.c src/message/aliases.h \
	src/message/address_check.c src/message/address_format.c \
	src/message/borrowed.c src/message/borrowed.h \
	src/message/envelope.c src/message/envelope.h \
	src/message/facts.h \
	src/message/header_apply.c src/message/header_apply.h \
	src/message/header_plan.c src/message/header_plan.h \
	src/message/header_rewrite.c src/message/header_rewrite.h \
	src/message/header_scan.c src/message/header_scan.h \
	src/message/local_names.c src/message/local_names.h \
	src/message/message.c src/message/message.h \
	src/message/msgid.c src/message/msgid.h \
	src/message/octets.c src/message/octets.h \
	src/message/recipients.c src/message/recipients.h \
	src/message/source.c src/message/source.h \
	src/message/wire.c src/message/wire.h
