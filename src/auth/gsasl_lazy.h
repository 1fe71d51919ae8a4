/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gsasl_lazy: libgsasl, loaded when it is first used (base/library.h).  Its users include this header in place of
 * libgsasl's, and call its functions by their names.  sasl_gsasl_new() and sasl_server_load() report if it cannot be
 * loaded.
 */
#ifndef AUTH_GSASL_LAZY_H
#define AUTH_GSASL_LAZY_H

#include "base/library.h"

#include <gsasl.h>

#ifdef LAZY_LIBRARIES

struct gsasl_members {
#define NAME LIBRARY_MEMBER
#include "auth/gsasl_names.def"
#undef NAME
};
LIBRARY_DECLARE(gsasl)

#define gsasl_callback_hook_get (gsasl_lazy()->gsasl_callback_hook_get)
#define gsasl_callback_hook_set (gsasl_lazy()->gsasl_callback_hook_set)
#define gsasl_callback_set (gsasl_lazy()->gsasl_callback_set)
#define gsasl_check_version (gsasl_lazy()->gsasl_check_version)
#define gsasl_client_start (gsasl_lazy()->gsasl_client_start)
#define gsasl_client_support_p (gsasl_lazy()->gsasl_client_support_p)
#define gsasl_done (gsasl_lazy()->gsasl_done)
#define gsasl_finish (gsasl_lazy()->gsasl_finish)
#define gsasl_free (gsasl_lazy()->gsasl_free)
#define gsasl_hash_length (gsasl_lazy()->gsasl_hash_length)
#define gsasl_init (gsasl_lazy()->gsasl_init)
#define gsasl_property_fast (gsasl_lazy()->gsasl_property_fast)
#define gsasl_property_set (gsasl_lazy()->gsasl_property_set)
#define gsasl_saslprep (gsasl_lazy()->gsasl_saslprep)
#define gsasl_scram_secrets_from_password (gsasl_lazy()->gsasl_scram_secrets_from_password)
#define gsasl_scram_secrets_from_salted_password (gsasl_lazy()->gsasl_scram_secrets_from_salted_password)
#define gsasl_server_start (gsasl_lazy()->gsasl_server_start)
#define gsasl_server_support_p (gsasl_lazy()->gsasl_server_support_p)
#define gsasl_step (gsasl_lazy()->gsasl_step)
#define gsasl_strerror (gsasl_lazy()->gsasl_strerror)

#endif

LIBRARY_LOAD(gsasl)

#endif
