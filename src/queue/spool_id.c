/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/spool_id.h"

#define TIME_CHARS 9
#define TIME_MAX (((int64_t)1 << 5 * TIME_CHARS) - 1)

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void spool_id_make(char *id, int64_t now_ms, const struct rng *rng)
{
	unsigned char chance[SPOOL_ID_LEN - TIME_CHARS];
	int64_t left = now_ms < 0 ? 0 : now_ms > TIME_MAX ? TIME_MAX : now_ms;
	for (int i = TIME_CHARS - 1; i >= 0; i--, left /= 32)
		id[i] = alphabet[left % 32];
	rng->fill(rng, chance, sizeof(chance));
	for (size_t i = 0; i < sizeof(chance); i++)
		id[TIME_CHARS + i] = alphabet[chance[i] % 32];
	id[SPOOL_ID_LEN] = '\0';
}

bool spool_id_valid(struct span id)
{
	if (id.len != SPOOL_ID_LEN)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!id.ptr[i] || !strchr(alphabet, id.ptr[i]))
			return false;
	return true;
}

int64_t spool_id_time_ms(const char *id)
{
	int64_t ms = 0;
	for (int i = 0; i < TIME_CHARS; i++)
		ms = ms * 32 + (strchr(alphabet, id[i]) - alphabet);
	return ms;
}
