/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/spool_id.h"

#define TIME_CHARS 9
#define RANDOM_CHARS (SPOOL_ID_LEN - TIME_CHARS)
#define TIME_MAX (((int64_t)1 << 5 * TIME_CHARS) - 1)
#define TIME_FIRST 2 /* so many letters of the alphabet are the first only where the time comes first */

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void spool_id_make(char *id, int64_t now_ms, const struct rng *rng)
{
	unsigned char chance[RANDOM_CHARS];
	int64_t left = now_ms < 0 ? 0 : now_ms > TIME_MAX ? TIME_MAX : now_ms;
	rng->fill(rng, chance, sizeof(chance));
	id[0] = alphabet[TIME_FIRST + chance[0] % (32 - TIME_FIRST)];
	for (size_t i = 1; i < RANDOM_CHARS; i++)
		id[i] = alphabet[chance[i] % 32];
	for (int i = SPOOL_ID_LEN - 1; i >= RANDOM_CHARS; i--, left /= 32)
		id[i] = alphabet[left % 32];
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

/* Its characters of time. */
static const char *time_in(const char *id)
{
	return id[0] < alphabet[TIME_FIRST] ? id : id + RANDOM_CHARS;
}

int64_t spool_id_time_ms(const char *id)
{
	const char *time = time_in(id);
	int64_t ms = 0;
	for (int i = 0; i < TIME_CHARS; i++)
		ms = ms * 32 + (strchr(alphabet, time[i]) - alphabet);
	return ms;
}

int spool_id_compare(const char *a, const char *b)
{
	int order = memcmp(time_in(a), time_in(b), TIME_CHARS);
	return order ? order : strcmp(a, b);
}
