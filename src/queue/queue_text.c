/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_text.h"

#include "base/clean_text.h"
#include "base/datetime.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <inttypes.h>

#define SHOWN_MAX 2000

static void add_field(struct strbuf *out, const char *label, const char *text)
{
	AUTO_FREE char *shown = clean_text(span_of(text), SHOWN_MAX);
	strbuf_addf(out, "%s: %s\n", label, shown);
}

static void add_field_if(struct strbuf *out, const char *label, const char *text)
{
	if (text && *text)
		add_field(out, label, text);
}

static void add_when(struct strbuf *out, const char *label, int64_t when)
{
	strbuf_addf(out, "%s: ", label);
	queue_time_add(out, when);
	strbuf_addch(out, '\n');
}

static const char *state_text(const struct queue_view *view)
{
	const struct queue_item *item = view->item;
	if (view->where.claimed)
		return _("being sent now");
	if (item->state == QUEUE_FAILED || view->where.folder == SPOOL_FAILED)
		return _("failed for good");
	if (item->state == QUEUE_HELD)
		return item->hold == HOLD_USER	    ? _("held by you")
		       : item->hold == HOLD_DAMAGED ? _("held because it is damaged")
						    : _("held until something is fixed");
	return _("waits");
}

static const char *rcpt_text(const struct queue_rcpt *rcpt)
{
	switch (rcpt->state) {
	case RCPT_ACCEPTED: return _("accepted by the next server");
	case RCPT_FAILED: return _("refused for good");
	case RCPT_UNCERTAIN: return _("may have been delivered, to be tried again");
	case RCPT_OPEN: break;
	}
	return rcpt->possible_duplicate ? _("to be tried again, although it may have been delivered")
					: _("to be tried");
}

static void add_recipients(struct strbuf *out, const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++) {
		const struct queue_rcpt *rcpt = &item->rcpts[i];
		AUTO_FREE char *address = clean_text(span_of(rcpt->who.address.given), SHOWN_MAX);
		const struct status *s = &rcpt->status;
		AUTO_FREE char *reason = s->text || s->server.line ? queue_rcpt_reason(rcpt) : NULL;
		strbuf_addf(out, "%s: %s (%s)\n", _("To"), address, rcpt_text(rcpt));
		if (reason)
			strbuf_addf(out, "    %s\n", reason);
		if (reason && s->host && s->code) {
			AUTO_FREE char *host = clean_text(span_of(s->host), SHOWN_MAX);
			strbuf_addf(out, _("    said by %s\n"), host);
		}
	}
}

static void add_requests(struct strbuf *out, const struct queue_item *item)
{
	static const struct {
		unsigned bit;
		const char *name;
	} notify[] = {{NOTIFY_NEVER, "never"},
		      {NOTIFY_SUCCESS, "success"},
		      {NOTIFY_FAILURE, "failure"},
		      {NOTIFY_DELAY, "delay"}};
	AUTO(strvec) wanted = STRVEC_INIT;
	const struct mail_params *r = &item->mail.params;
	for (size_t i = 0; i < ARRAY_SIZE(notify); i++)
		if (item->mail.notify & notify[i].bit)
			strvec_push(&wanted, notify[i].name);
	AUTO_FREE char *joined = strvec_join(&wanted, ",");
	add_field_if(out, _("Reports wanted"), joined);
	add_field_if(out, _("Reports return"),
		     item->mail.ret == RET_FULL	  ? "full"
		     : item->mail.ret == RET_HDRS ? "hdrs"
						  : NULL);
	add_field_if(out, _("Envelope ID"), item->mail.envid);
	if (r->deliver_by)
		strbuf_addf(out, _("Deliver within: %" PRId64 " seconds of arrival\n"), r->by_seconds);
	if (r->hold_for)
		strbuf_addf(out, _("The server is to hold it: %" PRId64 " seconds\n"), r->hold_for);
	if (r->hold_until)
		add_when(out, _("The server is to hold it until"), r->hold_until);
	if (r->has_priority)
		strbuf_addf(out, _("Priority: %d\n"), r->priority);
	if (r->require_tls)
		add_field(out, _("Required"), _("verified TLS all the way"));
}

/* What has to happen before there is another attempt; malloc'ed. */
static char *condition_text(const struct queue_view *view)
{
	const struct queue_item *item = view->item;
	if (view->waits_for)
		return xasprintf(_("when configuration or password have changed, with posthaste -q, or with "
				   "--queue-release %s, for which it waits"),
				 view->waits_for->id);
	return xstrdup(item->state == QUEUE_FAILED ? _("none")
		       : item->hold == HOLD_CONFIG
			       ? _("when configuration or password have changed, or with posthaste -q")
		       : item->hold == HOLD_DAMAGED ? _("none, unless you release it")
		       : !queue_item_pending(item)  ? _("none; all that is left to do is to report it")
						    : _("not automatically; --queue-release makes one"));
}

/* When the next attempt is made, and why then. */
static void add_next(struct strbuf *out, const struct queue_view *view)
{
	int64_t next = queue_view_next_attempt(view);
	AUTO_FREE char *reason = queue_view_reason(view);
	AUTO_FREE char *hint = queue_view_hint(view);
	if (view->where.claimed) {
		add_field(out, _("Next attempt"), _("under way"));
	} else if (!next) {
		AUTO_FREE char *condition = condition_text(view);
		add_field(out, _("Next attempt"), condition);
	} else if (next <= view->now) {
		add_field(out, _("Next attempt"), _("due now"));
	} else {
		AUTO(strbuf) when = STRBUF_INIT;
		queue_time_add(&when, next);
		add_field(out, _("Next attempt"), when.buf);
	}
	add_field_if(out, _("Why"), reason);
	add_field_if(out, _("Hint"), hint);
}

static void add_history(struct strbuf *out, const struct queue_item *item)
{
	strbuf_addf(out, _("Attempts: %u\n"), item->attempts);
	for (size_t i = 0; i < item->n_history; i++) {
		const struct status *s = &item->history[i].status;
		AUTO(strbuf) line = STRBUF_INIT;
		if (s->host)
			strbuf_addf(&line, "%s: ", s->host);
		if (s->kind == ERROR_NONE && !s->server.line)
			strbuf_adds(&line, _("it succeeded"));
		else
			status_format(s, &line);
		AUTO_FREE char *shown = clean_text(strbuf_span(&line), SHOWN_MAX);
		strbuf_adds(out, "    ");
		queue_time_add(out, item->history[i].when);
		strbuf_addf(out, "  %s\n", shown);
	}
}

void queue_text_message(struct strbuf *out, const struct queue_view *view)
{
	const struct queue_item *item = view->item;
	add_field(out, _("Message"), item->id);
	add_field(out, _("State"), state_text(view));
	add_when(out, _("Arrived"), item->arrival);
	strbuf_addf(out, _("Size: %" PRIu64 " bytes\n"), item->size);
	add_field_if(out, _("Account"), item->account);
	add_field_if(out, _("Configuration"), item->config_file);
	for (size_t i = 0; i < item->settings.n; i++)
		add_field(out, _("Setting of the command line"), item->settings.v[i]);
	for (size_t i = 0; i < item->environment.n; i++)
		add_field(out, _("Setting of the environment"), item->environment.v[i]);
	add_field_if(out, "Message-ID", item->message_id);
	add_field(out, _("From"),
		  !item->mail.sender.given   ? _("(unknown)")
		  : *item->mail.sender.given ? item->mail.sender.given
					     : "<>");
	add_recipients(out, item);
	add_requests(out, item);
	add_next(out, view);
	add_history(out, item);
}

void queue_text_header(struct strbuf *out, struct span header)
{
	for (size_t i = 0; i < header.len;) {
		char c = header.ptr[i];
		size_t n = utf8_printable(span_sub(header, i, header.len));
		if (c == '\r' && i + 1 < header.len && header.ptr[i + 1] == '\n') {
			i++;
		} else if (c == '\n' || c == '\t') {
			strbuf_addch(out, c);
			i++;
		} else if (n) {
			strbuf_add(out, header.ptr + i, n);
			i += n;
		} else {
			strbuf_addch(out, '?');
			i++;
		}
	}
}
