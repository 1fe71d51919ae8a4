# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/deliver/authenticate.c src/deliver/authenticate.h \
	src/deliver/connect.c src/deliver/connect.h \
	src/deliver/content.c src/deliver/content.h \
	src/deliver/conversation.c src/deliver/conversation.h \
	src/deliver/deliver.c src/deliver/deliver.h \
	src/deliver/password.c src/deliver/password.h \
	src/deliver/server.c src/deliver/server.h
