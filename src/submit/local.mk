# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/submit/alias_file.c \
	src/submit/alias_file.h \
	src/submit/ehlo_name.c \
	src/submit/ehlo_name.h \
	src/submit/envelope_fill.c \
	src/submit/envelope_fill.h \
	src/submit/expand_names.c \
	src/submit/expand_names.h \
	src/submit/filter.c \
	src/submit/filter.h \
	src/submit/header_fill.c \
	src/submit/header_fill.h \
	src/submit/host_names.c \
	src/submit/host_names.h \
	src/submit/local_recipients.c \
	src/submit/local_recipients.h \
	src/submit/mail_params_fill.c \
	src/submit/mail_params_fill.h \
	src/submit/request.c \
	src/submit/request.h \
	src/submit/sender.c \
	src/submit/sender.h \
	src/submit/settings.c \
	src/submit/settings.h \
	src/submit/submission.c \
	src/submit/submission.h \
	src/submit/submission_log.c \
	src/submit/submission_log.h \
	src/submit/submission_read.c \
	src/submit/submission_read.h
