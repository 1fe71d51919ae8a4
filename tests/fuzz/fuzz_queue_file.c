/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever the octets: they are refused with a reason and nothing is touched,
 * or they are the one way to write what was read.
 */
#include "fuzz.h"

#include "queue/item_file.h"
#include "queue/retry.h"

static void always_zero(const struct rng *rng, void *p, size_t len)
{
	(void)rng;
	memset(p, 0, len);
}

/* What was read can be worked with. */
static void must_be_of_use(struct queue_item *item, int64_t now)
{
	static const struct rng zero = {always_zero};
	struct retry_fault fault = {.kind = ERROR_CONNECT};
	struct retry_decision decision;
	AUTO(envelope) env = ENVELOPE_INIT;
	queue_item_envelope(item, now, &env, NULL);
	MUST(env.n == queue_item_pending(item));
	(void)queue_item_recover(item);
	(void)retry_due(&retry_policy_default, item, now);
	retry_after_attempt(&retry_policy_default, item, &fault, now, &zero, &decision);
	retry_apply(&decision, item, NULL, NULL);
	queue_item_attempt(item, now, NULL, NULL, ERROR_CONNECT, 0, "no");

	AUTO(strbuf) octets = STRBUF_INIT;
	AUTO(queue_item) again = QUEUE_ITEM_INIT;
	envelope_file_write(item, &octets);
	MUST(envelope_file_parse(strbuf_span(&octets), &again, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct queue_item fresh = QUEUE_ITEM_INIT;
	struct span octets = {(const char *)data, size};
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) again = STRBUF_INIT;

	if (!envelope_file_parse(octets, &item, &err)) {
		MUST(err.status.kind == ERROR_IO || err.status.kind == ERROR_CONFIG);
		MUST(memcmp(&item, &fresh, sizeof(item)) == 0);
		return 0;
	}
	MUST(err.status.kind == ERROR_NONE);
	envelope_file_write(&item, &again);
	MUST(span_equal(strbuf_span(&again), octets));
	must_be_of_use(&item, 1795262400);
	return 0;
}
