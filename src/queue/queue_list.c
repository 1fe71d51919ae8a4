/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_list.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <inttypes.h>

#define ADDRESS_MAX 1100 /* address_check() allows 1000 bytes */
#define REASON_COLUMN 16
#define ADDRESS_COLUMN 45

/* ---- lines ---------------------------------------------------------------- */

void queue_list_heading(struct strbuf *out)
{
	strbuf_adds(out, "-Queue ID-     --Size-- ----Arrival Time---- -Sender/Recipient-------\n");
}

static void add_address(struct strbuf *out, const char *address)
{
	AUTO_FREE char *shown = clean_text(span_of(address), ADDRESS_MAX);
	strbuf_adds(out, shown);
	strbuf_addch(out, '\n');
}

static void add_reason(struct strbuf *out, const char *reason)
{
	strbuf_addf(out, "%*s(%s)\n", REASON_COLUMN, "", reason);
}

/* Adds the reason unless it is the one that was added last. */
static void add_new_reason(struct strbuf *out, const char *reason, char **added)
{
	if (!reason || (*added && strcmp(*added, reason) == 0))
		return;
	add_reason(out, reason);
	free(*added);
	*added = xstrdup(reason);
}

void queue_list_message(struct strbuf *out, const struct queue_view *view)
{
	const struct queue_item *item = view->item;
	const char *sender = item->mail.sender.given ? item->mail.sender.given : _("(unknown)");
	strbuf_addf(out, "%s%c %8" PRIu64 " ", item->id, queue_view_mark(view), item->size);
	queue_time_add(out, item->arrival);
	strbuf_adds(out, "  ");
	add_address(out, *sender ? sender : "MAILER-DAEMON"); /* as sendmail calls the null sender */

	AUTO_FREE char *whole = queue_view_reason(view);
	AUTO_FREE char *hint = queue_view_hint(view);
	AUTO_FREE char *added = NULL; /* the reason added last, which applies to all recipients until the next one */
	if (whole && (item->state != QUEUE_QUEUED || view->waits_for))
		add_new_reason(out, whole, &added);
	if (hint)
		strbuf_addf(out, _("%*s(hint: %s)\n"), REASON_COLUMN, "", hint);
	if (item->state == QUEUE_HELD && item->hold == HOLD_CONFIG)
		add_reason(out, _("when that is corrected, posthaste -q sends it"));
	for (size_t i = 0; i < item->n; i++) {
		const struct queue_rcpt *rcpt = &item->rcpts[i];
		if (rcpt->state == RCPT_ACCEPTED)
			continue;
		AUTO_FREE char *own = queue_rcpt_reason(rcpt);
		add_new_reason(out, own ? own : whole, &added);
		strbuf_addf(out, "%*s", ADDRESS_COLUMN, "");
		add_address(out, rcpt->who.address.given);
	}
	strbuf_addch(out, '\n');
}

void queue_list_unreadable(struct strbuf *out, const char *id, const struct error *err)
{
	const char *given = err->status.text;
	AUTO_FREE char *text = given && *given ? clean_text(span_of(given), 500) : NULL;
	strbuf_addf(out, "%s?\n", id);
	add_reason(out, text ? text : _("it cannot be read"));
	strbuf_addch(out, '\n');
}

void queue_list_footer(struct strbuf *out, uint64_t bytes, size_t n)
{
	strbuf_addf(out, "-- %" PRIu64 " Kbytes in %zu Request%s.\n", bytes / 1024, n, n == 1 ? "" : "s");
}
