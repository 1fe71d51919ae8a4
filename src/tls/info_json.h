/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_info_json: a TLS session for programs. */
#ifndef TLS_INFO_JSON_H
#define TLS_INFO_JSON_H

#include "base/json.h"
#include "tls/info.h"

/* Adds active, version, cipher, verified_by and resumed to the object that is open. */
void tls_info_json(const struct tls_info *info, struct json *j);
/* Adds the array "certificates": the server's first. */
void tls_certificates_json(const struct tls_info *info, struct json *j);

#endif
