# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/message/address.c src/message/address.h \
	src/message/aliases.c src/message/alias_walk.c src/message/aliases.h \
	src/message/address_check.c src/message/address_format.c \
	src/message/encoded_word.c src/message/encoded_word.h \
	src/message/borrowed.c src/message/borrowed.h \
	src/message/envelope.c src/message/envelope.h \
	src/message/facts.h \
	src/message/header_apply.c src/message/header_apply.h \
	src/message/header_encode.c src/message/header_encode.h \
	src/message/header_parameters.c \
	src/message/header_pieces.c src/message/header_pieces.h \
	src/message/header_plan.c src/message/header_plan.h \
	src/message/header_rewrite.c src/message/header_rewrite.h \
	src/message/header_scan.c src/message/header_scan.h \
	src/message/header_tokens.c src/message/header_tokens.h \
	src/message/local_names.c src/message/local_names.h \
	src/message/message.c src/message/message.h \
	src/message/mime_convert.c src/message/mime_convert.h \
	src/message/mime_encode.c src/message/mime_encode.h \
	src/message/mime_field.c src/message/mime_field.h \
	src/message/mime_plan.c src/message/mime_plan.h src/message/mime_survey.c \
	src/message/mime_scan.c src/message/mime_scan.h \
	src/message/mime_type.c src/message/mime_type.h \
	src/message/msgid.c src/message/msgid.h \
	src/message/octets.c src/message/octets.h \
	src/message/recipients.c src/message/recipients.h \
	src/message/report.c src/message/report.h \
	src/message/report_encode.c src/message/report_private.h src/message/report_status.c src/message/report_text.c \
	src/message/source.c src/message/source.h \
	src/message/wire.c src/message/wire.h
