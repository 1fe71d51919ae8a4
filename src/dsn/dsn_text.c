/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsn/dsn_private.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/wrap.h"
#include "header/msgid.h"

#define COLUMNS 72
#define WORDS_MAX 2000

/* Adds a paragraph with its lines indented. Words from elsewhere must be cleaned before. */
static void add_paragraph(struct strbuf *out, size_t indent, const char *text)
{
	strbuf_addf(out, "%*s", (int)indent, "");
	wrap_add(out, text, indent, indent, COLUMNS);
}

static void add_paragraphf(struct strbuf *out, size_t indent, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void add_paragraphf(struct strbuf *out, size_t indent, const char *fmt, ...)
{
	AUTO(strbuf) text = STRBUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	add_paragraph(out, indent, text.buf);
}

const char *dsn_subject(const struct dsn *report)
{
	if (dsn_has(report, DSN_FAILED))
		return _("Your message could not be delivered");
	if (dsn_has(report, DSN_DELAYED))
		return _("Your message has not been delivered yet");
	return _("Your message was passed on");
}

static void add_heading(const struct dsn *report, enum dsn_action action, struct strbuf *out)
{
	AUTO(strbuf) until = STRBUF_INIT;
	switch (action) {
	case DSN_FAILED:
		add_paragraph(out, 0,
			      _("The message could not be delivered to the following recipients, and there will be no "
				"further attempts:"));
		return;
	case DSN_DELAYED:
		if (report->will_retry_until)
			date_make(&until, (time_t)report->will_retry_until);
		if (until.len)
			add_paragraphf(out, 0,
				       _("The message has not been delivered to the following recipients yet. Delivery "
					 "will be tried until %s; you need not send the message again:"),
				       until.buf);
		else
			add_paragraph(out, 0,
				      _("The message has not been delivered to the following recipients yet. Delivery "
					"will be tried again; you need not send the message again:"));
		return;
	case DSN_RELAYED:
		add_paragraph(out, 0,
			      _("The message was accepted for the following recipients by a mail server that does not "
				"confirm deliveries. You will be notified again only if something goes wrong:"));
		return;
	}
}

static void add_recipient(const struct dsn_recipient *rcpt, struct strbuf *out)
{
	AUTO_FREE char *address = clean_text(span_of(rcpt->address), WORDS_MAX);
	AUTO_FREE char *orcpt = rcpt->orcpt ? clean_text(span_of(rcpt->orcpt), WORDS_MAX) : NULL;
	AUTO_FREE char *text = rcpt->status->text ? clean_text(span_of(rcpt->status->text), WORDS_MAX) : NULL;
	AUTO_FREE char *server =
		rcpt->status->server.line ? clean_text(span_of(rcpt->status->server.line), WORDS_MAX) : NULL;
	AUTO_FREE char *host = rcpt->status->host ? clean_text(span_of(rcpt->status->host), WORDS_MAX) : NULL;

	if (orcpt && strcmp(orcpt, address) != 0)
		add_paragraphf(out, 2, _("<%s>, for <%s>"), address, orcpt);
	else
		add_paragraphf(out, 2, "<%s>", address);
	if (text && *text)
		add_paragraph(out, 6, text);
	if (server && *server && host && *host)
		add_paragraphf(out, 6, _("The server %s said: %s"), host, server);
	else if (server && *server)
		add_paragraphf(out, 6, _("The server said: %s"), server);
	if (rcpt->possible_duplicate)
		add_paragraph(out, 6,
			      _("It may have been delivered all the same: during one attempt, the connection was lost "
				"before the server had confirmed."));
}

static void add_section(const struct dsn *report, enum dsn_action action, struct strbuf *out)
{
	if (!dsn_has(report, action))
		return;
	strbuf_addch(out, '\n');
	add_heading(report, action, out);
	strbuf_addch(out, '\n');
	for (size_t i = 0; i < report->n; i++)
		if (report->rcpts[i].action == action)
			add_recipient(&report->rcpts[i], out);
}

static void add_which(const struct dsn *report, struct strbuf *out)
{
	AUTO(strbuf) when = STRBUF_INIT;
	AUTO_FREE char *subject = report->subject ? clean_text(span_of(report->subject), 200) : NULL;
	date_make(&when, (time_t)report->arrival);
	/* a subject in encoded-words is unreadable, and the message is attached */
	if (subject && *subject && !strstr(subject, "=?"))
		add_paragraphf(out, 0, _("This is about your message \"%s\" of %s."), subject, when.buf);
	else
		add_paragraphf(out, 0, _("This is about your message of %s."), when.buf);
}

void dsn_text(const struct dsn *report, bool full, struct strbuf *out)
{
	const char *host = report->reporting_mta && *report->reporting_mta ? report->reporting_mta : "localhost";
	AUTO_FREE char *clean_host = clean_text(span_of(host), 300);
	add_which(report, out);
	add_section(report, DSN_FAILED, out);
	add_section(report, DSN_DELAYED, out);
	add_section(report, DSN_RELAYED, out);
	strbuf_addch(out, '\n');
	add_paragraph(out, 0, full ? _("The message is attached.") : _("The header of the message is attached."));
	strbuf_adds(out, "\n-- \n");
	add_paragraphf(out, 0, _("posthaste on %s, which sends your mail"), clean_host);
}
