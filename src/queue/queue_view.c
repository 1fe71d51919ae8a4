/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_view.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <inttypes.h>
#include <time.h>

#define REASON_MAX 500 /* bytes shown of a text that came from a server */

char queue_view_mark(const struct queue_view *view)
{
	if (view->where.claimed)
		return '*';
	if (view->item->state == QUEUE_FAILED || view->where.folder == SPOOL_FAILED)
		return '#';
	return view->item->state == QUEUE_HELD ? '!' : ' ';
}

void queue_time_add(struct strbuf *out, int64_t when)
{
	char text[64];
	struct tm tm;
	time_t t = (time_t)when;
	if (localtime_r(&t, &tm) && strftime(text, sizeof(text), "%a %b %e %H:%M:%S", &tm))
		strbuf_adds(out, text);
	else
		strbuf_addf(out, "%" PRId64, when); /* a time beyond what struct tm can hold */
}

/* ---- reasons -------------------------------------------------------------- */

static char *clean_reason(const char *text)
{
	return text && *text ? clean_text(span_of(text), REASON_MAX) : NULL;
}

static char *status_words(const struct status *status)
{
	AUTO(strbuf) words = STRBUF_INIT;
	if (status)
		status_format_words(status, &words);
	return clean_reason(words.buf);
}

const struct status *queue_view_leading(const struct queue_view *view)
{
	return view->waits_for ? &view->waits_for->why : queue_item_leading(view->item);
}

int64_t queue_view_next_attempt(const struct queue_view *view)
{
	int64_t next = view->waits_for ? view->waits_for->due : queue_item_next_attempt(view->item);
	return next && next < view->now ? view->now : next;
}

char *queue_view_hint(const struct queue_view *view)
{
	const struct queue_item *item = view->item;
	const struct status *why = item->state == QUEUE_HELD ? &item->reason : queue_view_leading(view);
	return why ? clean_reason(why->hint) : NULL;
}

static char *waiting_reason(const struct account_wait *wait)
{
	AUTO_FREE char *why = status_words(&wait->why);
	return why ? xasprintf(_("waits for account %s: %s (%s)"), wait->account, why, wait->id)
		   : xasprintf(_("waits for account %s (%s)"), wait->account, wait->id);
}

char *queue_view_reason(const struct queue_view *view)
{
	const struct queue_item *item = view->item;
	if (view->waits_for)
		return waiting_reason(view->waits_for);
	AUTO_FREE char *last = status_words(queue_item_leading(item));
	if (item->state == QUEUE_FAILED)
		return last ? xasprintf(_("failed, and the report could not be sent: %s"), last)
			    : xstrdup(_("failed, and the report could not be sent"));
	if (item->state == QUEUE_HELD) {
		char *text = status_words(&item->reason);
		return text ? text
		       : last && item->hold != HOLD_USER
			       ? steal_ptr(last)
			       : xstrdup(item->hold == HOLD_USER ? _("held until it is released with --queue-release")
								 : _("held until the configuration changes"));
	}
	if (!item->n_history && item->not_before > view->now) {
		AUTO(strbuf) when = STRBUF_INIT;
		queue_time_add(&when, item->not_before);
		return xasprintf(_("to be sent later: %s"), when.buf);
	}
	return steal_ptr(last);
}

char *queue_rcpt_reason(const struct queue_rcpt *rcpt)
{
	struct status s = rcpt->status; /* borrows its texts */
	if (!s.text && rcpt->state == RCPT_UNCERTAIN)
		s.text = (char *)_("may have been delivered");
	return status_words(&s);
}
