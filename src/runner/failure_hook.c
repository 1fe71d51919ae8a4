/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/failure_hook.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "queue/item_json.h"
#include "submit/submission_log.h"

#define OUTPUT_MAX (64u * 1024) /* of the command; it is not used */
#define WORDS_MAX 2000

const char *failure_event_name(enum failure_event event)
{
	static const char *const names[] = {"held", "delayed", "failed", "expired"};
	return names[event];
}

/* ---- the JSON object --------------------------------------------------- */

/* True if the event is about this recipient and the command was not run for that yet. */
static bool is_changed(const struct queue_rcpt *rcpt, enum failure_event event)
{
	switch (event) {
	case FAILURE_HELD: return queue_rcpt_pending(rcpt);
	case FAILURE_DELAYED: return queue_rcpt_pending(rcpt) && !(rcpt->reported & NOTIFIED_DELAYED);
	default: return rcpt->state == RCPT_FAILED && !(rcpt->reported & NOTIFIED_FAILED);
	}
}

static void add_recipients(struct json *j, const struct queue_item *item, enum failure_event event)
{
	json_array(j, "recipients");
	for (size_t i = 0; i < item->n; i++) {
		queue_rcpt_json(&item->rcpts[i], j);
		json_bool(j, "changed", is_changed(&item->rcpts[i], event));
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

/* What happens next, and what the user can do about the message (the hint is about the failure). */
static char *advice_of(const struct queue_item *item, enum failure_event event)
{
	bool maybe = false;
	for (size_t i = 0; i < item->n; i++)
		maybe = maybe || (is_changed(&item->rcpts[i], event) && item->rcpts[i].possible_duplicate);
	if (event == FAILURE_HELD)
		return xasprintf(_("Once that is fixed it is tried again; to try it now: posthaste --queue-release %s"),
				 item->id);
	if (event == FAILURE_DELAYED)
		return xasprintf(_("It is tried again automatically; to see more: posthaste --queue-show %s"),
				 item->id);
	return maybe ? xstrdup(_(
			       "It may have been delivered all the same; ask the recipient before you send it again."))
		     : NULL;
}

void failure_hook_json(const struct queue_item *item, enum failure_event event, struct strbuf *out)
{
	struct json j = JSON_INIT(out);
	AUTO(strbuf) reason = STRBUF_INIT;
	AUTO_FREE char *advice = advice_of(item, event);
	const struct status *leading = leading_of(item, event);
	if (leading)
		status_format_words(leading, &reason);
	json_object(&j, NULL);
	json_string(&j, "event", failure_event_name(event));
	queue_item_json(item, leading, reason.len ? reason.buf : NULL, queue_item_next_attempt(item), &j);
	json_string(&j, "advice", advice);
	add_recipients(&j, item, event);
	json_end(&j);
	strbuf_addch(out, '\n');
}

/* ---- the command --------------------------------------------------------- */

/* What it wrote to standard error. */
static void report_words(const struct account *account, const struct queue_item *item, const struct runtime *runtime,
			 struct span words)
{
	AUTO(log_event) event = LOG_EVENT_INIT;
	AUTO(error) problem = ERROR_INIT;
	if (!span_trim(words).len)
		return;
	AUTO_FREE char *clean = clean_lines(span_trim(words), WORDS_MAX);
	(void)error_set(&problem, ERROR_SECRET_UNAVAILABLE, _("the command of on_failure wrote: %s"), clean);
	log_event_word(&event, "queue_id", item->id);
	log_event_text(&event, "warning", problem.status.text);
	log_account_event(account, runtime, &event);
	runtime_problem(runtime, &problem);
}

bool failure_hook_run(const struct account *account, const struct queue_item *item, enum failure_event event,
		      const struct runtime *runtime, struct error *err)
{
	AUTO(proc_errors) errors = PROC_ERRORS_INIT;
	AUTO(strbuf) json = STRBUF_INIT;
	AUTO(secret) input = SECRET_INIT, output = SECRET_INIT; /* not secret, but commands take and give secrets */
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
	const struct proc_request req = {
		.argv = argv,
		.runtime = runtime,
		.deadline = deadline_in(runtime->clock, FAILURE_HOOK_SECONDS * 1000),
		.limit = OUTPUT_MAX,
		.input = &input,
		.errors = &errors,
	};
	bool ok = proc_capture_secret(&req, &output, err);
	report_words(account, item, runtime, strbuf_span(&errors.text));
	if (ok)
		return true;
	error_prefix(err, "%s", option_table[OPT_ON_FAILURE].command);
	return false;
}
