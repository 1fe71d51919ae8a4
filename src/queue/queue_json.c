/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_json.h"

#include "queue/item_json.h"

/* Opens the object. */
static void add_message(struct json *j, const struct queue_view *view, const char *reason, int64_t next)
{
	const struct queue_item *item = view->item;
	json_object(j, NULL);
	queue_item_json(item, queue_view_leading(view), reason, next, j);
	json_bool(j, "sending", view->where.claimed);
	json_array(j, "recipients");
	for (size_t i = 0; i < item->n; i++) {
		queue_rcpt_json(&item->rcpts[i], j);
		json_end(j);
	}
	json_end(j);
}

void queue_json_message(struct json *j, const struct queue_view *view)
{
	AUTO_FREE char *reason = queue_view_reason(view);
	add_message(j, view, reason, queue_view_next_attempt(view));
}

void queue_json_given_up(struct json *j, const struct queue_item *item)
{
	struct queue_item shown = *item; /* borrows all it has */
	shown.state = QUEUE_FAILED;
	const struct queue_view view = {.item = &shown, .where = {.folder = SPOOL_FAILED}};
	const struct status *leading = queue_view_leading(&view);
	AUTO(strbuf) words = STRBUF_INIT;
	if (leading)
		status_format_words(leading, &words);
	add_message(j, &view, words.len ? words.buf : NULL, 0);
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
	json_string(j, "envid", item->mail.envid);
	json_string(j, "date", item->date);
	json_array(j, "history");
	for (size_t i = 0; i < item->n_history; i++) {
		const struct history_line *attempt = &item->history[i];
		json_object(j, NULL);
		json_time(j, "when", attempt->when);
		status_json(&attempt->status, j);
		json_end(j);
	}
	json_end(j);
}

static void add_nulls(struct json *j, const char *const *keys)
{
	for (; *keys; keys++)
		json_string(j, *keys, NULL);
}

void queue_json_unknown(struct json *j, const char *id, const char *state, const struct error *err)
{
	static const char *const before[] = {"hold", NULL};
	static const char *const after[] = {"arrival",		 "arrival_unix", "from",      "account", "next_attempt",
					    "next_attempt_unix", "message_id",	 "report_of", NULL};
	json_object(j, NULL);
	json_string(j, "queue_id", id);
	json_string(j, "state", state);
	add_nulls(j, before);
	json_string(j, "reason", err->status.text);
	status_json(&err->status, j);
	add_nulls(j, after);
	json_number(j, "size", 0);
	json_number(j, "attempts", 0);
	json_bool(j, "possible_duplicate", false);
	json_bool(j, "sending", false);
	json_array(j, "recipients");
	json_end(j);
}

void queue_json_no_details(struct json *j)
{
	static const char *const keys[] = {"config_file", "envid", "date", "header", NULL};
	add_nulls(j, keys);
	json_array(j, "options");
	json_end(j);
	json_array(j, "history");
	json_end(j);
}
