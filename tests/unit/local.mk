# SPDX-License-Identifier: GPL-3.0-or-later
# One cmocka program per module; each layer lists its own in LAYER.mk as
#   unit_tests += tests/unit/test_NAME
#   tests_unit_test_NAME_SOURCES = tests/unit/test_NAME.c
unit_tests =
include $(top_srcdir)/tests/unit/base.mk
include $(top_srcdir)/tests/unit/codec.mk
include $(top_srcdir)/tests/unit/message.mk
include $(top_srcdir)/tests/unit/smtp.mk
include $(top_srcdir)/tests/unit/net.mk
include $(top_srcdir)/tests/unit/tls.mk
include $(top_srcdir)/tests/unit/auth.mk
include $(top_srcdir)/tests/unit/secret.mk
include $(top_srcdir)/tests/unit/oauth.mk
include $(top_srcdir)/tests/unit/config.mk
include $(top_srcdir)/tests/unit/dns.mk
include $(top_srcdir)/tests/unit/transport.mk
include $(top_srcdir)/tests/unit/queue.mk
include $(top_srcdir)/tests/unit/cli.mk
include $(top_srcdir)/tests/unit/serve.mk
include $(top_srcdir)/tests/unit/setup.mk
if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
# Every check program may use cmocka, the library and tests/lib.
LDADD = $(POSTHASTE_LIBS) $(GNUTLS_LIBS) $(CMOCKA_LIBS)

# What runs on any machine in little time: unit tests and dialogues. Packages are built with it.
.PHONY: check-program
check-program:
	$(MAKE) check TESTS='$(unit_tests) tests/dialogues/run_memory tests/dialogues/run_socket'
