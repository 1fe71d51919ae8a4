# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/tls/ca_bundle.c \
	src/tls/ca_bundle.h \
	src/tls/digest.c \
	src/tls/digest.h \
	src/tls/finding.c \
	src/tls/finding.h \
	src/tls/info.c \
	src/tls/info.h \
	src/tls/info_json.c \
	src/tls/info_json.h \
	src/tls/info_text.c \
	src/tls/info_text.h \
	src/tls/known_hosts.c \
	src/tls/known_hosts.h \
	src/tls/pin.c \
	src/tls/pin.h \
	src/tls/policy.h \
	src/tls/tls.h \
	src/tls/tls_chain.c \
	src/tls/tls_context.c \
	src/tls/tls_dane.c \
	src/tls/tls_describe.c \
	src/tls/tls_facts.c \
	src/tls/tls_gnutls.c \
	src/tls/tls_internal.h \
	src/tls/tls_outbox.c \
	src/tls/tls_outbox.h \
	src/tls/tls_report.c \
	src/tls/tls_trust.c \
	src/tls/tls_verify.c \
	src/tls/tlsa.c \
	src/tls/tlsa.h \
	src/tls/verdict.c \
	src/tls/verdict.h
