# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/oauth/answer.c \
	src/oauth/answer.h \
	src/oauth/code.c \
	src/oauth/code.h \
	src/oauth/console.c \
	src/oauth/console.h \
	src/oauth/device.c \
	src/oauth/device.h \
	src/oauth/http.c \
	src/oauth/http.h \
	src/oauth/login.c \
	src/oauth/login.h \
	src/oauth/loopback.c \
	src/oauth/loopback.h \
	src/oauth/metadata.c \
	src/oauth/metadata.h \
	src/oauth/pkce.c \
	src/oauth/pkce.h \
	src/oauth/provider.c \
	src/oauth/provider.h \
	src/oauth/qr.c \
	src/oauth/qr.h \
	src/oauth/redirect.c \
	src/oauth/redirect.h \
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
