/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gnutls_lazy: GnuTLS, loaded when it is first used (base/library.h).  The files of this folder include this header in
 * place of GnuTLS's and call its functions by their names.  tls_context_new() reports if it cannot be loaded.
 */
#ifndef TLS_GNUTLS_LAZY_H
#define TLS_GNUTLS_LAZY_H

#include "base/library.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>
#include <gnutls/x509.h>

#ifdef LAZY_LIBRARIES

struct gnutls_members {
#define NAME LIBRARY_MEMBER
#include "tls/gnutls_names.def"
#undef NAME
};
LIBRARY_DECLARE(gnutls)

#define gnutls_alert_get (gnutls_lazy()->gnutls_alert_get)
#define gnutls_alert_get_name (gnutls_lazy()->gnutls_alert_get_name)
#define gnutls_alert_send (gnutls_lazy()->gnutls_alert_send)
#define gnutls_alert_send_appropriate (gnutls_lazy()->gnutls_alert_send_appropriate)
#define gnutls_bye (gnutls_lazy()->gnutls_bye)
#define gnutls_certificate_allocate_credentials (gnutls_lazy()->gnutls_certificate_allocate_credentials)
#define gnutls_certificate_free_credentials (gnutls_lazy()->gnutls_certificate_free_credentials)
#define gnutls_certificate_get_issuer (gnutls_lazy()->gnutls_certificate_get_issuer)
#define gnutls_certificate_get_peers (gnutls_lazy()->gnutls_certificate_get_peers)
#define gnutls_certificate_set_pin_function (gnutls_lazy()->gnutls_certificate_set_pin_function)
#define gnutls_certificate_set_verify_flags (gnutls_lazy()->gnutls_certificate_set_verify_flags)
#define gnutls_certificate_set_x509_crl_file (gnutls_lazy()->gnutls_certificate_set_x509_crl_file)
#define gnutls_certificate_set_x509_key_file2 (gnutls_lazy()->gnutls_certificate_set_x509_key_file2)
#define gnutls_certificate_set_x509_key_mem2 (gnutls_lazy()->gnutls_certificate_set_x509_key_mem2)
#define gnutls_certificate_set_x509_system_trust (gnutls_lazy()->gnutls_certificate_set_x509_system_trust)
#define gnutls_certificate_set_x509_trust (gnutls_lazy()->gnutls_certificate_set_x509_trust)
#define gnutls_certificate_set_x509_trust_dir (gnutls_lazy()->gnutls_certificate_set_x509_trust_dir)
#define gnutls_certificate_set_x509_trust_file (gnutls_lazy()->gnutls_certificate_set_x509_trust_file)
#define gnutls_certificate_type_get (gnutls_lazy()->gnutls_certificate_type_get)
#define gnutls_certificate_verification_status_print (gnutls_lazy()->gnutls_certificate_verification_status_print)
#define gnutls_certificate_verify_peers (gnutls_lazy()->gnutls_certificate_verify_peers)
#define gnutls_cipher_get (gnutls_lazy()->gnutls_cipher_get)
#define gnutls_cipher_get_name (gnutls_lazy()->gnutls_cipher_get_name)
#define gnutls_credentials_set (gnutls_lazy()->gnutls_credentials_set)
#define gnutls_deinit (gnutls_lazy()->gnutls_deinit)
#define gnutls_dh_set_prime_bits (gnutls_lazy()->gnutls_dh_set_prime_bits)
#define gnutls_error_is_fatal (gnutls_lazy()->gnutls_error_is_fatal)
#define gnutls_fingerprint (gnutls_lazy()->gnutls_fingerprint)
#define gnutls_free (*gnutls_lazy()->gnutls_free) /* a variable */
#define gnutls_handshake (gnutls_lazy()->gnutls_handshake)
#define gnutls_hash_fast (gnutls_lazy()->gnutls_hash_fast)
#define gnutls_init (gnutls_lazy()->gnutls_init)
#define gnutls_ocsp_resp_deinit (gnutls_lazy()->gnutls_ocsp_resp_deinit)
#define gnutls_ocsp_resp_get_single (gnutls_lazy()->gnutls_ocsp_resp_get_single)
#define gnutls_ocsp_resp_import (gnutls_lazy()->gnutls_ocsp_resp_import)
#define gnutls_ocsp_resp_init (gnutls_lazy()->gnutls_ocsp_resp_init)
#define gnutls_ocsp_status_request_get (gnutls_lazy()->gnutls_ocsp_status_request_get)
#define gnutls_ocsp_status_request_is_checked (gnutls_lazy()->gnutls_ocsp_status_request_is_checked)
#define gnutls_pk_algorithm_get_name (gnutls_lazy()->gnutls_pk_algorithm_get_name)
#define gnutls_priority_deinit (gnutls_lazy()->gnutls_priority_deinit)
#define gnutls_priority_init2 (gnutls_lazy()->gnutls_priority_init2)
#define gnutls_priority_set (gnutls_lazy()->gnutls_priority_set)
#define gnutls_protocol_get_name (gnutls_lazy()->gnutls_protocol_get_name)
#define gnutls_protocol_get_version (gnutls_lazy()->gnutls_protocol_get_version)
#define gnutls_pubkey_deinit (gnutls_lazy()->gnutls_pubkey_deinit)
#define gnutls_pubkey_export2 (gnutls_lazy()->gnutls_pubkey_export2)
#define gnutls_pubkey_import_x509 (gnutls_lazy()->gnutls_pubkey_import_x509)
#define gnutls_pubkey_init (gnutls_lazy()->gnutls_pubkey_init)
#define gnutls_range_split (gnutls_lazy()->gnutls_range_split)
#define gnutls_record_check_pending (gnutls_lazy()->gnutls_record_check_pending)
#define gnutls_record_get_state (gnutls_lazy()->gnutls_record_get_state)
#define gnutls_record_recv (gnutls_lazy()->gnutls_record_recv)
#define gnutls_record_send (gnutls_lazy()->gnutls_record_send)
#define gnutls_server_name_set (gnutls_lazy()->gnutls_server_name_set)
#define gnutls_session_channel_binding (gnutls_lazy()->gnutls_session_channel_binding)
#define gnutls_session_ext_master_secret_status (gnutls_lazy()->gnutls_session_ext_master_secret_status)
#define gnutls_session_get_desc (gnutls_lazy()->gnutls_session_get_desc)
#define gnutls_session_get_ptr (gnutls_lazy()->gnutls_session_get_ptr)
#define gnutls_session_is_resumed (gnutls_lazy()->gnutls_session_is_resumed)
#define gnutls_session_set_ptr (gnutls_lazy()->gnutls_session_set_ptr)
#define gnutls_session_set_verify_function (gnutls_lazy()->gnutls_session_set_verify_function)
#define gnutls_sign_get_hash_algorithm (gnutls_lazy()->gnutls_sign_get_hash_algorithm)
#define gnutls_sign_get_name (gnutls_lazy()->gnutls_sign_get_name)
#define gnutls_strerror (gnutls_lazy()->gnutls_strerror)
#define gnutls_transport_set_errno (gnutls_lazy()->gnutls_transport_set_errno)
#define gnutls_transport_set_ptr (gnutls_lazy()->gnutls_transport_set_ptr)
#define gnutls_transport_set_pull_function (gnutls_lazy()->gnutls_transport_set_pull_function)
#define gnutls_transport_set_pull_timeout_function (gnutls_lazy()->gnutls_transport_set_pull_timeout_function)
#define gnutls_transport_set_push_function (gnutls_lazy()->gnutls_transport_set_push_function)
#define gnutls_url_is_supported (gnutls_lazy()->gnutls_url_is_supported)
#define gnutls_x509_crt_check_hostname2 (gnutls_lazy()->gnutls_x509_crt_check_hostname2)
#define gnutls_x509_crt_check_issuer (gnutls_lazy()->gnutls_x509_crt_check_issuer)
#define gnutls_x509_crt_check_key_purpose (gnutls_lazy()->gnutls_x509_crt_check_key_purpose)
#define gnutls_x509_crt_deinit (gnutls_lazy()->gnutls_x509_crt_deinit)
#define gnutls_x509_crt_export2 (gnutls_lazy()->gnutls_x509_crt_export2)
#define gnutls_x509_crt_get_activation_time (gnutls_lazy()->gnutls_x509_crt_get_activation_time)
#define gnutls_x509_crt_get_dn3 (gnutls_lazy()->gnutls_x509_crt_get_dn3)
#define gnutls_x509_crt_get_expiration_time (gnutls_lazy()->gnutls_x509_crt_get_expiration_time)
#define gnutls_x509_crt_get_issuer_dn3 (gnutls_lazy()->gnutls_x509_crt_get_issuer_dn3)
#define gnutls_x509_crt_get_key_id (gnutls_lazy()->gnutls_x509_crt_get_key_id)
#define gnutls_x509_crt_get_pk_algorithm (gnutls_lazy()->gnutls_x509_crt_get_pk_algorithm)
#define gnutls_x509_crt_get_raw_issuer_dn (gnutls_lazy()->gnutls_x509_crt_get_raw_issuer_dn)
#define gnutls_x509_crt_get_serial (gnutls_lazy()->gnutls_x509_crt_get_serial)
#define gnutls_x509_crt_get_signature_algorithm (gnutls_lazy()->gnutls_x509_crt_get_signature_algorithm)
#define gnutls_x509_crt_get_subject_alt_name (gnutls_lazy()->gnutls_x509_crt_get_subject_alt_name)
#define gnutls_x509_crt_import (gnutls_lazy()->gnutls_x509_crt_import)
#define gnutls_x509_crt_init (gnutls_lazy()->gnutls_x509_crt_init)
#define gnutls_x509_trust_list_add_cas (gnutls_lazy()->gnutls_x509_trust_list_add_cas)
#define gnutls_x509_trust_list_deinit (gnutls_lazy()->gnutls_x509_trust_list_deinit)
#define gnutls_x509_trust_list_init (gnutls_lazy()->gnutls_x509_trust_list_init)
#define gnutls_x509_trust_list_verify_crt2 (gnutls_lazy()->gnutls_x509_trust_list_verify_crt2)

#endif

LIBRARY_LOAD(gnutls)

#endif
