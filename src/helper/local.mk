# SPDX-License-Identifier: GPL-3.0-or-later
# Helper programs, which posthaste starts only when they are needed, so that it
# does not load their libraries itself.
pkglibexec_PROGRAMS =
helper_io = src/helper/helper_io.c src/helper/helper_io.h
if HAVE_LIBSECRET
pkglibexec_PROGRAMS += src/helper/posthaste-keyring
src_helper_posthaste_keyring_SOURCES = src/helper/posthaste_keyring.c $(helper_io)
src_helper_posthaste_keyring_CFLAGS = $(AM_CFLAGS) $(LIBSECRET_CFLAGS)
src_helper_posthaste_keyring_LDADD = src/libposthaste.a $(LIBSECRET_LIBS) $(LTLIBINTL)
endif
if HAVE_UNBOUND
pkglibexec_PROGRAMS += src/helper/posthaste-dns
src_helper_posthaste_dns_SOURCES = src/helper/posthaste_dns.c $(helper_io)
src_helper_posthaste_dns_LDADD = src/libposthaste.a $(UNBOUND_LIBS) $(LTLIBINTL)
endif
if HAVE_OAUTH
pkglibexec_PROGRAMS += src/helper/posthaste-http
src_helper_posthaste_http_SOURCES = src/helper/posthaste_http.c $(helper_io)
src_helper_posthaste_http_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
src_helper_posthaste_http_LDADD = src/libposthaste.a $(CURL_LIBS) $(JANSSON_LIBS) $(LTLIBINTL)
endif
if HAVE_QRENCODE
pkglibexec_PROGRAMS += src/helper/posthaste-qr
src_helper_posthaste_qr_SOURCES = src/helper/posthaste_qr.c $(helper_io)
src_helper_posthaste_qr_CFLAGS = $(AM_CFLAGS) $(QRENCODE_CFLAGS)
src_helper_posthaste_qr_LDADD = src/libposthaste.a $(QRENCODE_LIBS) $(LTLIBINTL)
endif
