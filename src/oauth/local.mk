# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/oauth/answer.h \
	src/oauth/http.h \
	src/oauth/provider.h \
	src/oauth/refresh.h \
	src/oauth/reply.h \
	src/oauth/settings.h \
	src/oauth/token.h \
	src/oauth/token_store.h
