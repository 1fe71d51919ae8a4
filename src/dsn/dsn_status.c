/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsn/dsn_private.h"

#include "base/clean_text.h"
#include "base/utf8.h"
#include "header/msgid.h"

#include <stdio.h>

#define CRLF "\r\n"
#define WORDS_MAX 900 /* how much of the server's words is written */

/* ---- status codes ----------------------------------------------------- */

static char class_of(enum dsn_action action)
{
	return action == DSN_FAILED ? '5' : action == DSN_DELAYED ? '4' : '2';
}

/*	status-code = class "." subject "." detail	RFC 3463 section 2
 *	class = "2"/"4"/"5"; subject, detail = 1*3digit */
static bool is_status(const char *s)
{
	if (!strchr("245", s[0]) || !s[0])
		return false;
	for (int part = 0; part < 2; part++) {
		s++;
		if (part == 0 && *s++ != '.')
			return false;
		size_t digits = 0;
		for (; ascii_isdigit(*s); s++)
			digits++;
		if (digits < 1 || digits > 3)
			return false;
		if (part == 0 && *s != '.')
			return false;
	}
	return !*s;
}

void dsn_status(const struct dsn_recipient *rcpt, char *out)
{
	char class = class_of(rcpt->action);
	bool temporary =
		rcpt->status->code / 100 == 4 ||
		(rcpt->status->kind != ERROR_NONE && error_kind_disposition(rcpt->status->kind) == DISPOSITION_RETRY);
	if (is_status(rcpt->status->enhanced) && rcpt->status->enhanced[0] == class)
		(void)snprintf(out, ENHANCED_MAX, "%s", rcpt->status->enhanced);
	else if (rcpt->action == DSN_FAILED && temporary)
		(void)snprintf(out, ENHANCED_MAX, "5.4.7"); /* delivery time expired */
	else
		(void)snprintf(out, ENHANCED_MAX, "%c.%s", class,
			       rcpt->action == DSN_RELAYED ? "0.0" : error_kind_detail(rcpt->status->kind));
}

/* ---- message/delivery-status ------------------------------------------ */

static void add_date(struct strbuf *out, const char *name, int64_t when)
{
	if (!when)
		return;
	strbuf_addf(out, "%s: ", name);
	date_make(out, (time_t)when);
	strbuf_adds(out, CRLF);
}

static void add_mta(struct strbuf *out, const char *name, const char *host)
{
	AUTO(strbuf) value = STRBUF_INIT;
	if (!host || !*host)
		return;
	strbuf_addf(&value, "%s; %s", host[0] == '/' ? "x-local" : "dns",
		    host); /* the path of a socket is not a domain */
	dsn_field_ascii(out, name, strbuf_span(&value));
}

static void add_message_fields(const struct dsn *report, struct strbuf *out)
{
	if (report->envid)
		dsn_field_ascii(out, "Original-Envelope-Id", span_of(report->envid));
	add_mta(out, "Reporting-MTA",
		report->reporting_mta && *report->reporting_mta ? report->reporting_mta : "localhost");
	if (report->queue_id)
		dsn_field_ascii(out, "X-Posthaste-Queue-ID", span_of(report->queue_id));
	add_date(out, "Arrival-Date", report->arrival);
}

/* The server's words become one line, which begins with the code of the reply even if they do not. */
static void add_diagnostic(const struct dsn_recipient *rcpt, struct strbuf *out)
{
	AUTO(strbuf) value = STRBUF_INIT;
	if (!rcpt->status->server.line || !*rcpt->status->server.line)
		return;
	AUTO_FREE char *words = clean_text(span_of(rcpt->status->server.line), WORDS_MAX);
	strbuf_adds(&value, "smtp; ");
	if (rcpt->status->code >= 200 && rcpt->status->code <= 599) {
		AUTO(strbuf) digits = STRBUF_INIT;
		strbuf_addf(&digits, "%d", rcpt->status->code);
		if (strncmp(words, digits.buf, digits.len) != 0)
			strbuf_addf(&value, "%s ", digits.buf);
	}
	strbuf_adds(&value, words);
	dsn_field_ascii(out, "Diagnostic-Code", strbuf_span(&value));
}

static void add_recipient_fields(const struct dsn *report, const struct dsn_recipient *rcpt, struct strbuf *out)
{
	static const char *const actions[] = {"failed", "delayed", "relayed"};
	char status[ENHANCED_MAX];
	dsn_status(rcpt, status);
	strbuf_adds(out, CRLF);
	if (rcpt->orcpt)
		dsn_field_address(out, "Original-Recipient", rcpt->orcpt);
	dsn_field_address(out, "Final-Recipient", rcpt->address);
	strbuf_addf(out, "Action: %s" CRLF "Status: %s" CRLF, actions[rcpt->action], status);
	add_mta(out, "Remote-MTA", rcpt->status->host);
	add_diagnostic(rcpt, out);
	add_date(out, "Last-Attempt-Date", rcpt->last_attempt);
	if (rcpt->action == DSN_DELAYED)
		add_date(out, "Will-Retry-Until", report->will_retry_until);
}

void dsn_delivery_status(const struct dsn *report, struct strbuf *out)
{
	add_message_fields(report, out);
	for (size_t i = 0; i < report->n; i++)
		add_recipient_fields(report, &report->rcpts[i], out);
}

bool dsn_wanted(unsigned notify, enum dsn_action action)
{
	if (notify & NOTIFY_NEVER)
		return false;
	switch (action) {
	case DSN_FAILED: return notify == NOTIFY_UNSET || notify & NOTIFY_FAILURE;
	case DSN_DELAYED: return notify == NOTIFY_UNSET || notify & NOTIFY_DELAY;
	default: return notify & NOTIFY_SUCCESS;
	}
}
