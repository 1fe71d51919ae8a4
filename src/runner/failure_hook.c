/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/failure_hook.h"

#include "base/i18n.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "queue/retry.h"

#define OUTPUT_MAX (64u * 1024) /* of the command; nobody reads it */

const char *failure_event_name(enum failure_event event)
{
	static const char *const names[] = {"held", "delayed", "failed", "expired"};
	return names[event];
}

/* ---- what is told ------------------------------------------------------ */

/* Those the event is about: marked when the command was run for them. */
static bool is_changed(const struct queue_rcpt *rcpt, enum failure_event event)
{
	switch (event) {
	case FAILURE_HELD: return rcpt->state == RCPT_OPEN || rcpt->state == RCPT_UNCERTAIN;
	case FAILURE_DELAYED:
		return (rcpt->state == RCPT_OPEN || rcpt->state == RCPT_UNCERTAIN) &&
		       !(rcpt->reported & NOTIFIED_DELAYED);
	default: return rcpt->state == RCPT_FAILED && !(rcpt->reported & NOTIFIED_FAILED);
	}
}

static void add_time(struct json *j, const char *key, int64_t when)
{
	if (when && when != RETRY_NEVER)
		json_number(j, key, when);
	else
		json_string(j, key, NULL);
}

static void add_recipients(struct json *j, const struct queue_item *item, enum failure_event event)
{
	json_array(j, "recipients");
	for (size_t i = 0; i < item->n; i++) {
		const struct queue_rcpt *rcpt = &item->rcpts[i];
		json_object(j, NULL);
		json_string(j, "address", rcpt->who.address.given);
		json_string(j, "state", rcpt_state_name(rcpt->state));
		json_bool(j, "changed", is_changed(rcpt, event));
		status_json(&rcpt->status, j);
		json_bool(j, "possible_duplicate", rcpt->possible_duplicate);
		json_end(j);
	}
	json_end(j);
}

/* The failure that speaks for the event, or NULL. */
static const struct status *leading_of(const struct queue_item *item, enum failure_event event)
{
	const struct status *leading = NULL;
	for (size_t i = 0; event != FAILURE_HELD && i < item->n; i++)
		if (is_changed(&item->rcpts[i], event))
			leading = status_leading(leading, &item->rcpts[i].status);
	return leading ? leading : queue_item_leading(item);
}

static char *hint_of(const struct queue_item *item, enum failure_event event)
{
	bool maybe = false;
	for (size_t i = 0; i < item->n; i++)
		maybe = maybe || (is_changed(&item->rcpts[i], event) && item->rcpts[i].possible_duplicate);
	if (event == FAILURE_HELD)
		return xasprintf(
			_("When that is mended it is tried again; to try it now: posthaste --queue-release %s"),
			item->id);
	if (event == FAILURE_DELAYED)
		return xasprintf(_("It is tried again by itself; to see more: posthaste --queue-show %s"), item->id);
	return maybe ? xstrdup(_(
			       "It may have been delivered all the same; ask the recipient before you send it again."))
		     : NULL;
}

void failure_hook_json(const struct queue_item *item, enum failure_event event, struct strbuf *out)
{
	struct json j = JSON_INIT(out);
	AUTO_FREE char *hint = hint_of(item, event);
	const struct status *leading = leading_of(item, event);
	json_object(&j, NULL);
	json_string(&j, "event", failure_event_name(event));
	json_string(&j, "id", item->id);
	json_string(&j, "message_id", item->message_id);
	json_string(&j, "report_of", item->report_of);
	json_string(&j, "account", item->account);
	json_string(&j, "from", item->sender.given ? item->sender.given : "");
	json_string(&j, "state", queue_state_name(item->state));
	add_time(&j, "arrival", item->arrival);
	json_number(&j, "attempts", item->attempts);
	add_time(&j, "next_attempt", queue_item_pending(item) ? item->due : 0);
	json_string(&j, "host", leading ? leading->host : NULL);
	json_string(&j, "reason", leading ? leading->text : NULL);
	json_string(&j, "hint", hint);
	add_recipients(&j, item, event);
	json_end(&j);
	strbuf_addch(out, '\n');
}

/* ---- telling it --------------------------------------------------------- */

bool failure_hook_run(const struct account *account, const struct queue_item *item, enum failure_event event,
		      const struct runtime *runtime, struct error *err)
{
	AUTO(strbuf) json = STRBUF_INIT;
	AUTO(secret) input = SECRET_INIT, output = SECRET_INIT; /* not secret; but that is how commands are talked to */
	if (!account_is_set(account, OPT_ON_FAILURE))
		return true;
	const struct strvec *words = account_list(account, OPT_ON_FAILURE);
	if (!words->n)
		return true;
	AUTO_FREE const char **argv = xcalloc(words->n + 1, sizeof(*argv));
	for (size_t i = 0; i < words->n; i++)
		argv[i] = words->v[i];
	failure_hook_json(item, event, &json);
	secret_set(&input, json.buf, json.len);
	struct proc_request req = {
		.argv = argv,
		.runtime = runtime,
		.deadline = deadline_in(runtime->clock, FAILURE_HOOK_SECONDS * 1000),
		.limit = OUTPUT_MAX,
		.input = &input,
	};
	if (proc_capture_secret(&req, &output, err))
		return true;
	error_prefix(err, "%s", option_table[OPT_ON_FAILURE].command);
	return false;
}
