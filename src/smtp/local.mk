# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/smtp/caps.c \
	src/smtp/caps.h \
	src/smtp/command.c \
	src/smtp/command.h \
	src/smtp/mail_params.c \
	src/smtp/mail_params.h \
	src/smtp/negotiate.c \
	src/smtp/negotiate.h \
	src/smtp/outcome.c \
	src/smtp/outcome.h \
	src/smtp/rcpt_batch.c \
	src/smtp/rcpt_batch.h \
	src/smtp/reply.c \
	src/smtp/reply.h \
	src/smtp/reply_policy.c \
	src/smtp/reply_policy.h \
	src/smtp/session.c \
	src/smtp/session.h \
	src/smtp/session_private.h \
	src/smtp/states_bdat.c \
	src/smtp/states_connect.c \
	src/smtp/states_data.c \
	src/smtp/states_etrn.c \
	src/smtp/states_mail.c \
	src/smtp/states_pipeconnect.c \
	src/smtp/states_quit.c \
	src/smtp/states_verify.c
