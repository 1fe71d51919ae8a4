/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/info.h"

#include "base/xalloc.h"

static void certificate_release(struct tls_certificate *c)
{
	free(c->subject);
	free(c->issuer);
	strvec_release(&c->names);
	free(c->sha256);
	free(c->sha1);
	free(c->spki_sha256);
	free(c->pin);
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
	free(info->expected);
	*info = TLS_INFO_INIT;
}

bool tls_certificate_expires_soon(const struct tls_certificate *c, time_t now)
{
	return c->not_after >= now && c->not_after - now < (time_t)TLS_EXPIRES_SOON_DAYS * 24 * 60 * 60;
}

static char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

void tls_info_take(struct tls_info *to, struct tls_info *from)
{
	tls_info_release(to);
	*to = *from;
	to->version = copy(from->version);
	to->cipher = copy(from->cipher);
	to->description = copy(from->description);
	to->verified_by = copy(from->verified_by);
	from->chain = NULL;
	from->expected = NULL;
	from->chain_len = 0;
}
