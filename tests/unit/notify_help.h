/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of telling share: a message that failed, and a runner reduced to its bones. */
#ifndef UNIT_TELL_HELP_H
#define UNIT_TELL_HELP_H

#include "spool_help.h"

#include "runner/notify.h"

#define NOW INT64_C(1795262400)

static struct runtime runtime; /* set where a scene begins */

__attribute__((unused)) static void set_failed(struct queue_rcpt *rcpt)
{
	rcpt->state = RCPT_FAILED;
	rcpt->status.kind = ERROR_RECIPIENT_REFUSED;
	xreplace(&rcpt->status.text, "the server refused this recipient");
	status_set_reply(&rcpt->status, 550, "5.1.1", SPAN_LIT("5.1.1 no such user"));
}

/* One message from me@example.org to a and b @example.org; change makes of it what is wanted. */
__attribute__((unused)) static void enqueue_item(struct spool *spool, void (*change)(struct queue_item *item), char *id)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(source) body = SOURCE_INIT;
	small_item(&item, NOW);
	item.arrival = item.age_from = NOW;
	item.message_id = xstrdup("<abc@example.org>");
	item.attempts = 1;
	item.account = xstrdup("work");
	strvec_push(&item.settings, "tls on");
	change(&item);
	fill_body(&body);
	assert_true(spool_enqueue(spool, &item, SPAN_LIT(HEADER), &body, NULL, NULL));
	memcpy(id, item.id, SPOOL_ID_LEN + 1);
}

/* What the world has seen. */
struct world {
	unsigned reports; /* that were sent */
	bool refuses;	  /* every report, for good */
	bool reports_first;
};

/* One message, as a runner would have it; false if something went wrong on the way.  *moved: it did something. */
__attribute__((unused)) static bool step(struct spool *spool, const char *id, struct submission *p, struct world *world,
					 bool *moved, struct error *err)
{
	AUTO_PTR(spool_entry) entry = NULL;
	bool gone = false;
	int claimed = spool_claim(spool, id, &entry, &gone, err);
	if (claimed <= 0)
		return claimed == 0;
	struct queue_item *item = spool_entry_item(entry);
	if (spool_entry_folder(entry) != SPOOL_NEW)
		return true;
	if (item->report_of && queue_item_pending(item)) {
		if (item->state != QUEUE_QUEUED)
			return true;
		if (world->refuses)
			set_failed(&item->rcpts[0]);
		else
			item->rcpts[0].state = RCPT_ACCEPTED;
		world->reports++;
		*moved = true;
		if (!spool_update(entry, err))
			return false;
	}
	*moved = *moved || notify_owes(spool, item, NOW);
	if (!notify(spool, entry, p, &runtime, NOW, err))
		return false;
	if (queue_item_pending(item))
		return true;
	*moved = true;
	return notify_end(spool, entry, err);
}

/* Until there is nothing left to do; the newest (reports) or the oldest first. */
__attribute__((unused)) static void run_out(struct spool *spool, struct submission *p, struct world *world)
{
	bool moved = true;
	for (int round = 0; moved; round++) {
		AUTO(strvec) ids = STRVEC_INIT;
		assert_true(round < 10);
		moved = false;
		assert_true(spool_list(spool, SPOOL_NEW, &ids, NULL));
		for (size_t i = 0; i < ids.n; i++) {
			AUTO(error) err = ERROR_INIT;
			const char *id = ids.v[world->reports_first ? ids.n - 1 - i : i];
			if (!step(spool, id, p, world, &moved, &err))
				print_message("# %s: %s\n", id, err.status.text);
			assert_int_equal(err.status.kind, ERROR_NONE);
		}
	}
}

__attribute__((unused)) static size_t count(struct spool *spool, enum spool_folder folder)
{
	AUTO(strvec) ids = STRVEC_INIT;
	assert_true(spool_list(spool, folder, &ids, NULL));
	return ids.n;
}

#endif
