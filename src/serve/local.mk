# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/serve/batch.c \
	src/serve/batch.h \
	src/serve/batch_journal.c \
	src/serve/batch_journal.h \
	src/serve/batch_maildir.c \
	src/serve/batch_mbox.c \
	src/serve/batch_smtp.c \
	src/serve/batch_source.c \
	src/serve/batch_source.h \
	src/serve/client_envelope.c \
	src/serve/client_envelope.h \
	src/serve/keeper.c \
	src/serve/keeper.h \
	src/serve/kept_session.c \
	src/serve/kept_session.h \
	src/serve/listen.c \
	src/serve/listen.h \
	src/serve/listener.c \
	src/serve/listener.h \
	src/serve/outlet.c \
	src/serve/outlet.h \
	src/serve/peer.c \
	src/serve/peer.h \
	src/serve/rights.c \
	src/serve/rights.h \
	src/serve/serve_message.c \
	src/serve/serve_message.h \
	src/serve/serve_session.c \
	src/serve/serve_session.h \
	src/serve/serve_stdio.c \
	src/serve/serve_stdio.h \
	src/serve/serve_verdict.c \
	src/serve/serve_verdict.h \
	src/serve/service_manager.c \
	src/serve/service_manager.h
