/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/item_json.h"

static bool possible_duplicate(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].possible_duplicate)
			return true;
	return false;
}

void queue_item_json(const struct queue_item *item, const struct status *leading, const char *reason, int64_t next,
		     struct json *j)
{
	json_string(j, "queue_id", item->id);
	json_string(j, "state", queue_state_name(item->state));
	json_string(j, "hold", item->state == QUEUE_HELD ? queue_hold_names[item->hold] : NULL);
	json_string(j, "reason", reason);
	status_json(leading ? leading : &STATUS_INIT, j);
	json_time(j, "arrival", item->arrival);
	json_number(j, "size", (long long)item->size);
	json_string(j, "from", item->mail.sender.given ? item->mail.sender.given : "");
	json_string(j, "account", item->account);
	json_number(j, "attempts", item->attempts);
	json_time(j, "next_attempt", next);
	json_string(j, "message_id", item->message_id);
	json_string(j, "report_of", item->report_of);
	json_bool(j, "possible_duplicate", possible_duplicate(item));
}

void queue_rcpt_json(const struct queue_rcpt *rcpt, struct json *j)
{
	json_object(j, NULL);
	json_string(j, "address", rcpt->who.address.given);
	json_string(j, "original", rcpt->who.orcpt);
	json_string(j, "state", rcpt_state_name(rcpt->state));
	status_json(&rcpt->status, j);
	json_bool(j, "possible_duplicate", rcpt->possible_duplicate);
	json_time(j, "last_attempt", rcpt->last_attempt);
}
