# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/deliver/authenticate.c src/deliver/authenticate.h \
	src/deliver/caps_cache.c src/deliver/caps_cache.h \
	src/deliver/connect.c src/deliver/connect.h \
	src/deliver/conversation.c src/deliver/conversation.h \
	src/deliver/deliver.c src/deliver/deliver.h \
	src/deliver/early.c src/deliver/early.h \
	src/deliver/password.c src/deliver/password.h \
	src/deliver/rest.c src/deliver/rest.h \
	src/deliver/server.c src/deliver/server.h
