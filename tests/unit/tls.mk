# SPDX-License-Identifier: GPL-3.0-or-later
tls_peer = tests/unit/pki.c tests/unit/pki.h tests/unit/tls_peer.c tests/unit/tls_peer.h
unit_tests += tests/unit/test_known_hosts tests/unit/test_tls_kept tests/unit/test_tls_rules
unit_tests += tests/unit/test_tls_records tests/unit/test_tls_server tests/unit/test_tls_stores
unit_tests += tests/unit/test_tls_stream tests/unit/test_tls_trust tests/unit/test_tls_verdict
tests_unit_test_tls_kept_SOURCES = tests/unit/test_tls_kept.c $(tls_peer)
tests_unit_test_tls_records_SOURCES = tests/unit/test_tls_records.c tests/unit/kept_state.h
tests_unit_test_tls_server_SOURCES = tests/unit/test_tls_server.c tests/unit/pki.c tests/unit/pki.h
tests_unit_test_tls_stores_SOURCES = tests/unit/test_tls_stores.c $(tls_peer)
tests_unit_test_tls_stream_SOURCES = tests/unit/test_tls_stream.c $(tls_peer)
tests_unit_test_tls_trust_SOURCES = tests/unit/test_tls_trust.c $(tls_peer)
tests_unit_test_tls_verdict_SOURCES = tests/unit/test_tls_verdict.c
tests_unit_test_known_hosts_SOURCES = tests/unit/test_known_hosts.c
tests_unit_test_tls_rules_SOURCES = tests/unit/test_tls_rules.c $(tls_peer)
