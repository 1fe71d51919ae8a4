/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/info.h"

static void certificate_release(struct tls_certificate *c)
{
	free(c->subject);
	free(c->issuer);
	strvec_release(&c->names);
	free(c->sha256);
	free(c->sha1);
	free(c->spki_sha256);
	free(c->key);
	free(c->serial);
}

void tls_info_release(struct tls_info *info)
{
	free(info->version);
	free(info->cipher);
	free(info->description);
	free(info->verified_by);
	for (size_t i = 0; i < info->chain_len; i++)
		certificate_release(&info->chain[i]);
	free(info->chain);
	*info = (struct tls_info)TLS_INFO_INIT;
}
