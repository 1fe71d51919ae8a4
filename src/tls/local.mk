# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/tls/ca_bundle.c \
	src/tls/ca_bundle.h \
	src/tls/info.c \
	src/tls/info.h \
	src/tls/info_json.c \
	src/tls/info_json.h \
	src/tls/policy.h \
	src/tls/tls.h \
	src/tls/tls_context.c \
	src/tls/tls_describe.c \
	src/tls/tls_gnutls.c \
	src/tls/tls_internal.h \
	src/tls/tls_trust.c \
	src/tls/tls_verify.c \
	src/tls/verdict.c \
	src/tls/verdict.h
