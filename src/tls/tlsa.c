/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/tlsa.h"

#include "base/xalloc.h"

#include <stdlib.h>

void tlsa_records_release(struct tlsa_records *records)
{
	for (size_t i = 0; i < records->n; i++)
		free(records->v[i].data.v);
	free(records->v);
	*records = (struct tlsa_records){.v = NULL};
}

void tlsa_records_add(struct tlsa_records *records, struct tlsa_record record)
{
	record.data.v = (unsigned char *)xmemdup0((const char *)record.data.v, record.data.n);
	GROW(records->v, records->n, records->cap);
	records->v[records->n++] = record;
}

static bool is_usable(const struct tlsa_record *r)
{
	if (r->usage != TLSA_USAGE_ANCHOR && r->usage != TLSA_USAGE_SERVER)
		return false;
	if (r->selector != TLSA_SELECT_CERTIFICATE && r->selector != TLSA_SELECT_KEY)
		return false;
	switch (r->matching) {
	case TLSA_MATCH_EXACTLY: return r->data.n > 0;
	case TLSA_MATCH_SHA256: return r->data.n == 32;
	case TLSA_MATCH_SHA512: return r->data.n == 64;
	default: return false;
	}
}

bool tlsa_decides(const struct tlsa_records *records, size_t i)
{
	const struct tlsa_record *r = &records->v[i];
	if (!is_usable(r))
		return false;
	for (size_t k = 0; k < records->n && r->matching == TLSA_MATCH_SHA256; k++) {
		const struct tlsa_record *other = &records->v[k];
		if (is_usable(other) && other->usage == r->usage && other->selector == r->selector &&
		    other->matching == TLSA_MATCH_SHA512)
			return false;
	}
	return true;
}

bool tlsa_any_decides(const struct tlsa_records *records)
{
	for (size_t i = 0; records && i < records->n; i++)
		if (tlsa_decides(records, i))
			return true;
	return false;
}
