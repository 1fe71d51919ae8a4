# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/smtp/capability.c \
	src/smtp/capability.h \
	src/smtp/caps.c \
	src/smtp/caps.h \
	src/smtp/client/flight.c \
	src/smtp/client/flight.h \
	src/smtp/client/negotiate.c \
	src/smtp/client/negotiate.h \
	src/smtp/client/outcome.c \
	src/smtp/client/outcome.h \
	src/smtp/client/rcpt_batch.c \
	src/smtp/client/rcpt_batch.h \
	src/smtp/client/reply_policy.c \
	src/smtp/client/reply_policy.h \
	src/smtp/client/session.c \
	src/smtp/client/session.h \
	src/smtp/client/session_failure.c \
	src/smtp/client/session_private.h \
	src/smtp/client/session_trace.c \
	src/smtp/client/states_auth.c \
	src/smtp/client/states_bdat.c \
	src/smtp/client/states_connect.c \
	src/smtp/client/states_data.c \
	src/smtp/client/states_etrn.c \
	src/smtp/client/states_mail.c \
	src/smtp/client/states_pipeconnect.c \
	src/smtp/client/states_quit.c \
	src/smtp/client/states_verify.c \
	src/smtp/client/unkept.c \
	src/smtp/client/unkept.h \
	src/smtp/command.c \
	src/smtp/command.h \
	src/smtp/mail_params.c \
	src/smtp/mail_params.h \
	src/smtp/reply.c \
	src/smtp/reply.h
