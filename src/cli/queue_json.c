/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/queue_json.h"

#include "base/datetime.h"

/* 0 is null. */
static void add_time(struct json *j, const char *key, const char *key_unix, int64_t when)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (!when) {
		json_string(j, key, NULL);
		json_string(j, key_unix, NULL);
		return;
	}
	datetime_format(when, &text);
	json_string(j, key, text.buf);
	json_number(j, key_unix, (long long)when);
}

static void add_recipient(struct json *j, const struct queue_rcpt *rcpt)
{
	json_object(j, NULL);
	json_string(j, "address", rcpt->who.address.given);
	json_string(j, "original", rcpt->who.orcpt);
	json_string(j, "state", rcpt_state_name(rcpt->state));
	json_bool(j, "possible_duplicate", rcpt->possible_duplicate);
	status_json(&rcpt->status, j);
	add_time(j, "last_attempt", "last_attempt_unix", rcpt->last_attempt);
	json_end(j);
}

static const char *hold_name(const struct queue_item *item)
{
	return item->state == QUEUE_HELD ? queue_hold_names[item->hold] : NULL;
}

void queue_json_message(struct json *j, const struct queue_view *view)
{
	const struct queue_item *item = view->item;
	AUTO_FREE char *reason = queue_view_reason(view);
	AUTO_FREE char *hint = queue_view_hint(view);
	bool possible_duplicate = false;
	for (size_t i = 0; i < item->n; i++)
		possible_duplicate = possible_duplicate || item->rcpts[i].possible_duplicate ||
				     item->rcpts[i].state == RCPT_UNCERTAIN;
	json_object(j, NULL);
	json_string(j, "id", item->id);
	json_string(j, "state", queue_state_name(item->state));
	json_bool(j, "sending", view->where.claimed);
	json_string(j, "hold", hold_name(item));
	json_string(j, "reason", reason);
	json_string(j, "hint", hint);
	add_time(j, "arrival", "arrival_unix", item->arrival);
	json_number(j, "size", (long long)item->size);
	json_string(j, "from", item->sender.given ? item->sender.given : "");
	json_array(j, "recipients");
	for (size_t i = 0; i < item->n; i++)
		add_recipient(j, &item->rcpts[i]);
	json_end(j);
	json_string(j, "account", item->account);
	json_number(j, "attempts", item->attempts);
	add_time(j, "next_attempt", "next_attempt_unix", queue_view_next(view));
	json_string(j, "message_id", item->message_id);
	json_bool(j, "possible_duplicate", possible_duplicate);
}

void queue_json_details(struct json *j, const struct queue_item *item)
{
	json_string(j, "config_file", item->config_file);
	json_array(j, "options");
	for (size_t i = 0; i < item->settings.n; i++)
		json_string(j, NULL, item->settings.v[i]);
	for (size_t i = 0; i < item->environment.n; i++)
		json_string(j, NULL, item->environment.v[i]);
	json_end(j);
	json_string(j, "envid", item->envid);
	json_string(j, "date", item->date);
	json_array(j, "history");
	for (size_t i = 0; i < item->n_history; i++) {
		const struct history_line *attempt = &item->history[i];
		json_object(j, NULL);
		add_time(j, "when", "when_unix", attempt->when);
		status_json(&attempt->status, j);
		json_end(j);
	}
	json_end(j);
}

void queue_json_unreadable(struct json *j, const char *id, const struct error *err)
{
	json_object(j, NULL);
	json_string(j, "id", id);
	json_string(j, "state", "damaged");
	json_string(j, "reason", err->status.text);
	json_end(j);
}
