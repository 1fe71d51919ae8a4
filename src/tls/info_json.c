/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/info_json.h"

void tls_info_json(const struct tls_info *info, struct json *j)
{
	json_bool(j, "active", info->active);
	json_string(j, "version", info->version);
	json_string(j, "cipher", info->cipher);
	json_string(j, "verified_by", info->verified_by);
	json_bool(j, "resumed", info->resumed);
}

static void certificate_json(const struct tls_certificate *c, struct json *j)
{
	json_object(j, NULL);
	json_string(j, "subject", c->subject);
	json_string(j, "issuer", c->issuer);
	json_array(j, "names");
	for (size_t i = 0; i < c->names.n; i++)
		json_string(j, NULL, c->names.v[i]);
	json_end(j);
	json_time(j, "not_before", (int64_t)c->not_before);
	json_time(j, "not_after", (int64_t)c->not_after);
	json_string(j, "key", c->key);
	json_string(j, "serial", c->serial);
	json_string(j, "sha256", c->sha256);
	json_string(j, "sha1", c->sha1);
	json_string(j, "spki_sha256", c->spki_sha256);
	json_string(j, "pin", c->pin);
	json_end(j);
}

void tls_certificates_json(const struct tls_info *info, struct json *j)
{
	json_array(j, "certificates");
	for (size_t i = 0; i < info->chain_len; i++)
		certificate_json(&info->chain[i], j);
	json_end(j);
}
