# SPDX-License-Identifier: GPL-3.0-or-later
unit_tests += tests/unit/test_login_users tests/unit/test_sasl_server
tests_unit_test_login_users_SOURCES = tests/unit/test_login_users.c
tests_unit_test_sasl_server_SOURCES = tests/unit/test_sasl_server.c tests/unit/heap_help.h
tests_unit_test_sasl_server_LDADD = $(LDADD) $(GSASL_LIBS)
unit_tests += tests/unit/test_kerberos tests/unit/test_mech_choose tests/unit/test_sasl tests/unit/test_sasl_oauth
tests_unit_test_kerberos_SOURCES = tests/unit/test_kerberos.c
tests_unit_test_mech_choose_SOURCES = tests/unit/test_mech_choose.c
tests_unit_test_sasl_SOURCES = tests/unit/test_sasl.c tests/unit/heap_help.h
tests_unit_test_sasl_oauth_SOURCES = tests/unit/test_sasl_oauth.c
tests_unit_test_sasl_LDADD = $(LDADD) $(GSASL_LIBS)
# Its functions stand in front of those of a library that is loaded later.
unit_tests += tests/unit/test_sasl_gssapi
tests_unit_test_sasl_gssapi_SOURCES = tests/unit/test_sasl_gssapi.c
tests_unit_test_sasl_gssapi_LDFLAGS = $(AM_LDFLAGS) -rdynamic
