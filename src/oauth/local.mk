# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/oauth/answer.c \
	src/oauth/answer.h \
	src/oauth/http.c \
	src/oauth/http.h \
	src/oauth/metadata.c \
	src/oauth/metadata.h \
	src/oauth/provider.c \
	src/oauth/provider.h \
	src/oauth/refresh.c \
	src/oauth/refresh.h \
	src/oauth/reply.c \
	src/oauth/reply.h \
	src/oauth/settings.c \
	src/oauth/settings.h \
	src/oauth/settings_post.c \
	src/oauth/token.c \
	src/oauth/token.h \
	src/oauth/token_entry.c \
	src/oauth/token_entry.h \
	src/oauth/token_store.c \
	src/oauth/token_store.h \
	src/oauth/url.c \
	src/oauth/url.h
dist_pkgdata_DATA += src/oauth/oauth_providers
