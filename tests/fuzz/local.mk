# SPDX-License-Identifier: GPL-3.0-or-later
# A new harness NAME: write tests/fuzz/fuzz_NAME.c and tests/fuzz/seeds/NAME/*.txt,
# add NAME's two programs to the lists below and its three lines under them.
# "make check" replays the seeds; with --enable-fuzzing (clang) run
#   tests/fuzz/fuzz_NAME FOLDER-FOR-FINDS SRCDIR/tests/fuzz/seeds/NAME
fuzz_replays = \
	tests/fuzz/replay_address \
	tests/fuzz/replay_aliases \
	tests/fuzz/replay_args \
	tests/fuzz/replay_autoconfig \
	tests/fuzz/replay_ca_bundle \
	tests/fuzz/replay_caps_cache \
	tests/fuzz/replay_clean_text \
	tests/fuzz/replay_config \
	tests/fuzz/replay_datetime \
	tests/fuzz/replay_dns_answer \
	tests/fuzz/replay_dsn \
	tests/fuzz/replay_encoded_word \
	tests/fuzz/replay_expand \
	tests/fuzz/replay_fingerprint \
	tests/fuzz/replay_header \
	tests/fuzz/replay_header_encode \
	tests/fuzz/replay_http_connect \
	tests/fuzz/replay_known_hosts \
	tests/fuzz/replay_log \
	tests/fuzz/replay_login_users \
	tests/fuzz/replay_message \
	tests/fuzz/replay_mime \
	tests/fuzz/replay_netrc \
	tests/fuzz/replay_oauth_answer \
	tests/fuzz/replay_oauth_entry \
	tests/fuzz/replay_oauth_error \
	tests/fuzz/replay_oauth_provider \
	tests/fuzz/replay_oauth_redirect \
	tests/fuzz/replay_queue_file \
	tests/fuzz/replay_redactor \
	tests/fuzz/replay_reply \
	tests/fuzz/replay_sasl \
	tests/fuzz/replay_sasl_server \
	tests/fuzz/replay_server \
	tests/fuzz/replay_session \
	tests/fuzz/replay_socks5 \
	tests/fuzz/replay_spool_entry \
	tests/fuzz/replay_srv \
	tests/fuzz/replay_submission \
	tests/fuzz/replay_tls_kept \
	tests/fuzz/replay_wire
fuzz_fuzzers = \
	tests/fuzz/fuzz_address \
	tests/fuzz/fuzz_aliases \
	tests/fuzz/fuzz_args \
	tests/fuzz/fuzz_autoconfig \
	tests/fuzz/fuzz_ca_bundle \
	tests/fuzz/fuzz_caps_cache \
	tests/fuzz/fuzz_clean_text \
	tests/fuzz/fuzz_config \
	tests/fuzz/fuzz_datetime \
	tests/fuzz/fuzz_dns_answer \
	tests/fuzz/fuzz_dsn \
	tests/fuzz/fuzz_encoded_word \
	tests/fuzz/fuzz_expand \
	tests/fuzz/fuzz_fingerprint \
	tests/fuzz/fuzz_header \
	tests/fuzz/fuzz_header_encode \
	tests/fuzz/fuzz_http_connect \
	tests/fuzz/fuzz_known_hosts \
	tests/fuzz/fuzz_log \
	tests/fuzz/fuzz_login_users \
	tests/fuzz/fuzz_message \
	tests/fuzz/fuzz_mime \
	tests/fuzz/fuzz_netrc \
	tests/fuzz/fuzz_oauth_answer \
	tests/fuzz/fuzz_oauth_entry \
	tests/fuzz/fuzz_oauth_error \
	tests/fuzz/fuzz_oauth_provider \
	tests/fuzz/fuzz_oauth_redirect \
	tests/fuzz/fuzz_queue_file \
	tests/fuzz/fuzz_redactor \
	tests/fuzz/fuzz_reply \
	tests/fuzz/fuzz_sasl \
	tests/fuzz/fuzz_sasl_server \
	tests/fuzz/fuzz_server \
	tests/fuzz/fuzz_session \
	tests/fuzz/fuzz_socks5 \
	tests/fuzz/fuzz_spool_entry \
	tests/fuzz/fuzz_srv \
	tests/fuzz/fuzz_submission \
	tests/fuzz/fuzz_tls_kept \
	tests/fuzz/fuzz_wire
fuzz_shared = tests/fuzz/replay.c tests/fuzz/fuzz.h
fuzz_disk = tests/unit/memory_disk.c tests/unit/memory_disk.h

tests_fuzz_replay_address_SOURCES = tests/fuzz/fuzz_address.c $(fuzz_shared)
tests_fuzz_fuzz_address_SOURCES = tests/fuzz/fuzz_address.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_address_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_aliases_SOURCES = tests/fuzz/fuzz_aliases.c $(fuzz_shared)
tests_fuzz_fuzz_aliases_SOURCES = tests/fuzz/fuzz_aliases.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_aliases_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_args_SOURCES = tests/fuzz/fuzz_args.c $(fuzz_shared)
tests_fuzz_fuzz_args_SOURCES = tests/fuzz/fuzz_args.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_args_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_replay_autoconfig_SOURCES = tests/fuzz/fuzz_autoconfig.c $(fuzz_shared)
tests_fuzz_fuzz_autoconfig_SOURCES = tests/fuzz/fuzz_autoconfig.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_autoconfig_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_ca_bundle_SOURCES = tests/fuzz/fuzz_ca_bundle.c $(fuzz_shared)
tests_fuzz_fuzz_ca_bundle_SOURCES = tests/fuzz/fuzz_ca_bundle.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_ca_bundle_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_caps_cache_SOURCES = tests/fuzz/fuzz_caps_cache.c $(fuzz_shared) tests/fuzz/fuzz_folder.h
tests_fuzz_fuzz_caps_cache_SOURCES = tests/fuzz/fuzz_caps_cache.c tests/fuzz/fuzz.h tests/fuzz/fuzz_folder.h
tests_fuzz_fuzz_caps_cache_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_clean_text_SOURCES = tests/fuzz/fuzz_clean_text.c $(fuzz_shared)
tests_fuzz_fuzz_clean_text_SOURCES = tests/fuzz/fuzz_clean_text.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_clean_text_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_shared)
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_datetime_SOURCES = tests/fuzz/fuzz_datetime.c $(fuzz_shared)
tests_fuzz_fuzz_datetime_SOURCES = tests/fuzz/fuzz_datetime.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_datetime_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_dns_answer_SOURCES = tests/fuzz/fuzz_dns_answer.c $(fuzz_shared)
tests_fuzz_fuzz_dns_answer_SOURCES = tests/fuzz/fuzz_dns_answer.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_dns_answer_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_replay_dsn_SOURCES = tests/fuzz/fuzz_dsn.c $(fuzz_shared)
tests_fuzz_fuzz_dsn_SOURCES = tests/fuzz/fuzz_dsn.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_dsn_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_encoded_word_SOURCES = tests/fuzz/fuzz_encoded_word.c $(fuzz_shared) tests/fuzz/fuzz_words.h
tests_fuzz_fuzz_encoded_word_SOURCES = tests/fuzz/fuzz_encoded_word.c tests/fuzz/fuzz.h tests/fuzz/fuzz_words.h
tests_fuzz_fuzz_encoded_word_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_expand_SOURCES = tests/fuzz/fuzz_expand.c $(fuzz_shared)
tests_fuzz_fuzz_expand_SOURCES = tests/fuzz/fuzz_expand.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_expand_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_fingerprint_SOURCES = tests/fuzz/fuzz_fingerprint.c $(fuzz_shared)
tests_fuzz_fuzz_fingerprint_SOURCES = tests/fuzz/fuzz_fingerprint.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_fingerprint_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_header_SOURCES = tests/fuzz/fuzz_header.c $(fuzz_shared)
tests_fuzz_fuzz_header_SOURCES = tests/fuzz/fuzz_header.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_header_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_header_encode_SOURCES = tests/fuzz/fuzz_header_encode.c $(fuzz_shared) tests/fuzz/fuzz_words.h
tests_fuzz_fuzz_header_encode_SOURCES = tests/fuzz/fuzz_header_encode.c tests/fuzz/fuzz.h tests/fuzz/fuzz_words.h
tests_fuzz_fuzz_header_encode_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_http_connect_SOURCES = tests/fuzz/fuzz_http_connect.c $(fuzz_shared)
tests_fuzz_fuzz_http_connect_SOURCES = tests/fuzz/fuzz_http_connect.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_http_connect_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_known_hosts_SOURCES = tests/fuzz/fuzz_known_hosts.c $(fuzz_shared)
tests_fuzz_fuzz_known_hosts_SOURCES = tests/fuzz/fuzz_known_hosts.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_known_hosts_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_replay_log_SOURCES = tests/fuzz/fuzz_log.c $(fuzz_shared) tests/fuzz/fuzz_folder.h tests/fuzz/fuzz_json.h
tests_fuzz_fuzz_log_SOURCES = tests/fuzz/fuzz_log.c tests/fuzz/fuzz.h tests/fuzz/fuzz_folder.h tests/fuzz/fuzz_json.h
tests_fuzz_fuzz_log_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_replay_login_users_SOURCES = tests/fuzz/fuzz_login_users.c $(fuzz_shared)
tests_fuzz_fuzz_login_users_SOURCES = tests/fuzz/fuzz_login_users.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_login_users_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_message_SOURCES = tests/fuzz/fuzz_message.c $(fuzz_shared)
tests_fuzz_fuzz_message_SOURCES = tests/fuzz/fuzz_message.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_message_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_mime_SOURCES = tests/fuzz/fuzz_mime.c $(fuzz_shared)
tests_fuzz_fuzz_mime_SOURCES = tests/fuzz/fuzz_mime.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_mime_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_netrc_SOURCES = tests/fuzz/fuzz_netrc.c $(fuzz_shared)
tests_fuzz_fuzz_netrc_SOURCES = tests/fuzz/fuzz_netrc.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_netrc_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_oauth_answer_SOURCES = tests/fuzz/fuzz_oauth_answer.c $(fuzz_shared)
tests_fuzz_fuzz_oauth_answer_SOURCES = tests/fuzz/fuzz_oauth_answer.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_oauth_answer_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_replay_oauth_entry_SOURCES = tests/fuzz/fuzz_oauth_entry.c $(fuzz_shared)
tests_fuzz_fuzz_oauth_entry_SOURCES = tests/fuzz/fuzz_oauth_entry.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_oauth_entry_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_replay_oauth_provider_SOURCES = tests/fuzz/fuzz_oauth_provider.c $(fuzz_shared)
tests_fuzz_fuzz_oauth_provider_SOURCES = tests/fuzz/fuzz_oauth_provider.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_oauth_provider_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_replay_oauth_error_SOURCES = tests/fuzz/fuzz_oauth_error.c $(fuzz_shared)
tests_fuzz_fuzz_oauth_error_SOURCES = tests/fuzz/fuzz_oauth_error.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_oauth_error_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_oauth_redirect_SOURCES = tests/fuzz/fuzz_oauth_redirect.c $(fuzz_shared)
tests_fuzz_fuzz_oauth_redirect_SOURCES = tests/fuzz/fuzz_oauth_redirect.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_oauth_redirect_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_queue_file_SOURCES = tests/fuzz/fuzz_queue_file.c $(fuzz_shared)
tests_fuzz_fuzz_queue_file_SOURCES = tests/fuzz/fuzz_queue_file.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_queue_file_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_redactor_SOURCES = tests/fuzz/fuzz_redactor.c $(fuzz_shared)
tests_fuzz_fuzz_redactor_SOURCES = tests/fuzz/fuzz_redactor.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_redactor_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_reply_SOURCES = tests/fuzz/fuzz_reply.c $(fuzz_shared)
tests_fuzz_fuzz_reply_SOURCES = tests/fuzz/fuzz_reply.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_reply_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_sasl_SOURCES = tests/fuzz/fuzz_sasl.c $(fuzz_shared)
tests_fuzz_fuzz_sasl_SOURCES = tests/fuzz/fuzz_sasl.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_sasl_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_replay_sasl_server_SOURCES = tests/fuzz/fuzz_sasl_server.c $(fuzz_shared)
tests_fuzz_fuzz_sasl_server_SOURCES = tests/fuzz/fuzz_sasl_server.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_sasl_server_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_server_SOURCES = tests/fuzz/fuzz_server.c $(fuzz_shared)
tests_fuzz_fuzz_server_SOURCES = tests/fuzz/fuzz_server.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_server_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_session_SOURCES = tests/fuzz/fuzz_session.c $(fuzz_shared)
tests_fuzz_fuzz_session_SOURCES = tests/fuzz/fuzz_session.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_session_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_socks5_SOURCES = tests/fuzz/fuzz_socks5.c $(fuzz_shared)
tests_fuzz_fuzz_socks5_SOURCES = tests/fuzz/fuzz_socks5.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_socks5_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_spool_entry_SOURCES = tests/fuzz/fuzz_spool_entry.c $(fuzz_shared) $(fuzz_disk)
tests_fuzz_fuzz_spool_entry_SOURCES = tests/fuzz/fuzz_spool_entry.c tests/fuzz/fuzz.h $(fuzz_disk)
tests_fuzz_fuzz_spool_entry_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_srv_SOURCES = tests/fuzz/fuzz_srv.c $(fuzz_shared)
tests_fuzz_fuzz_srv_SOURCES = tests/fuzz/fuzz_srv.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_srv_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_submission_SOURCES = tests/fuzz/fuzz_submission.c $(fuzz_shared)
tests_fuzz_fuzz_submission_SOURCES = tests/fuzz/fuzz_submission.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_submission_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_tls_kept_SOURCES = tests/fuzz/fuzz_tls_kept.c $(fuzz_shared) tests/unit/kept_state.h
tests_fuzz_fuzz_tls_kept_SOURCES = tests/fuzz/fuzz_tls_kept.c tests/fuzz/fuzz.h tests/unit/kept_state.h
tests_fuzz_fuzz_tls_kept_LDFLAGS = $(fuzz_ldflags)

tests_fuzz_replay_wire_SOURCES = tests/fuzz/fuzz_wire.c $(fuzz_shared)
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_wire_LDFLAGS = $(fuzz_ldflags)

fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
check_PROGRAMS += $(fuzz_replays)
if FUZZING
check_PROGRAMS += $(fuzz_fuzzers)
endif
dist_check_SCRIPTS += tests/fuzz/replay.sh
TESTS += tests/fuzz/replay.sh
EXTRA_DIST += tests/fuzz/seeds
