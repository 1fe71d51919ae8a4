# SPDX-License-Identifier: GPL-3.0-or-later
# Helper programs, which posthaste starts only when they are needed, so that it
# does not load their libraries itself.
pkglibexec_PROGRAMS =
if HAVE_LIBSECRET
pkglibexec_PROGRAMS += src/helper/posthaste-keyring
src_helper_posthaste_keyring_SOURCES = src/helper/posthaste_keyring.c
src_helper_posthaste_keyring_CFLAGS = $(AM_CFLAGS) $(LIBSECRET_CFLAGS)
src_helper_posthaste_keyring_LDADD = src/libposthaste.a $(LIBSECRET_LIBS) $(LTLIBINTL)
endif
if HAVE_UNBOUND
pkglibexec_PROGRAMS += src/helper/posthaste-dns
src_helper_posthaste_dns_SOURCES = src/helper/posthaste_dns.c
src_helper_posthaste_dns_LDADD = src/libposthaste.a $(UNBOUND_LIBS) $(LTLIBINTL)
endif
