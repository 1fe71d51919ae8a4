/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes are refused with a reason and nothing is touched, or they are the one way to write what was read.
 * Seeds begin after the checksum.
 */
#include "fuzz.h"

#include "base/checksum.h"
#include "queue/item_file.h"
#include "queue/retry.h"

/* The runner can work with what was read. */
static void must_be_of_use(struct queue_item *item, int64_t now)
{
	struct status fault = {.kind = ERROR_CONNECT};
	struct retry_decision decision;
	AUTO(envelope) env = ENVELOPE_INIT;
	if (item->hold == HOLD_DAMAGED) /* it is never tried */
		return;
	queue_item_envelope(item, now, &env, NULL);
	MUST(env.n == queue_item_pending(item));
	(void)queue_item_recover(item);
	(void)retry_due(&retry_policy_default, item, now);
	decision = attempt_decide(item, false, &retry_policy_default, now, &fuzz_rng);
	attempt_apply(&decision, item, NULL, NULL);
	MUST((decision.action == RETRY_GIVE_UP) == !queue_item_pending(item));
	queue_item_attempt(item, now, &fault);

	AUTO(strbuf) octets = STRBUF_INIT;
	AUTO(queue_item) again = QUEUE_ITEM_INIT;
	item_file_write(item, &octets);
	MUST(item_file_parse(strbuf_span(&octets), &again, NULL));
}

/* True if it was taken. */
static bool parse(struct span file)
{
	static const struct queue_item fresh = QUEUE_ITEM_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) again = STRBUF_INIT;

	if (!item_file_parse(file, &item, &err)) {
		MUST(err.status.kind == ERROR_DAMAGED || err.status.kind == ERROR_CONFIG);
		MUST(memcmp(&item, &fresh, sizeof(item)) == 0);
		return false;
	}
	MUST(err.status.kind == ERROR_NONE);
	item_file_write(&item, &again);
	MUST(span_equal(strbuf_span(&again), file));
	must_be_of_use(&item, FUZZ_NOW);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = {(const char *)data, size};
	AUTO(strbuf) sealed = STRBUF_INIT;
	char sum[CHECKSUM_DIGITS + 1];

	(void)parse(bytes);
	/* no fuzzer guesses a checksum: the bytes are what follows the right one, too */
	checksum_format(checksum_of(bytes), sum);
	strbuf_addf(&sealed, "posthaste-queue %s", sum);
	strbuf_add_span(&sealed, bytes);
	if (parse(strbuf_span(&sealed)) && size) {
		sealed.buf[sealed.len - 1 - size / 2] ^= 1;
		MUST(!parse(strbuf_span(&sealed)));
	}
	return 0;
}
