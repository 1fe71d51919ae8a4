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
 *	class = "2"/"4"/"5"; subject, detail = 1*3digit
 * Writes it with another class, and without the zeros at the beginning of a number that the section forbids. */
static bool copy_status(const char *s, char class, char *out)
{
	unsigned numbers[2] = {0, 0};
	if (!*s || !strchr("245", *s))
		return false;
	s++;
	for (size_t part = 0; part < ARRAY_SIZE(numbers); part++) {
		size_t digits = 0;
		if (*s++ != '.')
			return false;
		for (; ascii_isdigit(s[digits]); digits++)
			numbers[part] = numbers[part] * 10 + (unsigned)(s[digits] - '0');
		if (digits < 1 || digits > 3)
			return false;
		s += digits;
	}
	if (*s)
		return false;
	(void)snprintf(out, ENHANCED_MAX, "%c.%u.%u", class, numbers[0], numbers[1]);
	return true;
}

static bool is_temporary(const struct status *status)
{
	return status->code / 100 == 4 ||
	       (status->kind != ERROR_NONE && error_kind_disposition(status->kind) == DISPOSITION_RETRY);
}

/* There was no TLS, or not with the server that was meant. */
static bool lacks_tls(const struct status *status)
{
	return status->kind == ERROR_TLS || status->kind == ERROR_CERTIFICATE ||
	       (status->stage && strcmp(status->stage, "STARTTLS") == 0);
}

static const char *detail_of(const struct dsn_recipient *rcpt, bool require_tls)
{
	if (rcpt->action == DSN_RELAYED)
		return "0.0";
	return error_kind_detail(require_tls && lacks_tls(rcpt->status) ? ERROR_TLS_UNVERIFIED : rcpt->status->kind);
}

/* Of a message whose time is over, too, it is the code of what went wrong (RFC 3463 section 3.5, X.4.7). */
void dsn_status(const struct dsn_recipient *rcpt, bool require_tls, char *out)
{
	const struct status *status = rcpt->status;
	char class = class_of(rcpt->action);
	bool over = rcpt->action == DSN_FAILED && is_temporary(status);
	const char *detail = detail_of(rcpt, require_tls);
	if ((status->enhanced[0] == class || (over && status->enhanced[0] == '4')) &&
	    copy_status(status->enhanced, class, out))
		return;
	(void)snprintf(out, ENHANCED_MAX, "%c.%s", class, over && strcmp(detail, "0.0") == 0 ? "4.7" : detail);
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

/* The path of a socket is not a domain, and a name without a domain is not for "dns" (RFC 3461 section 6.3). */
static const char *mta_type(const char *host)
{
	return host[0] == '/' ? "x-local" : strchr(host, '.') || host[0] == '[' ? "dns" : "x-local-hostname";
}

static void add_mta(struct strbuf *out, const char *name, const char *host)
{
	AUTO(strbuf) value = STRBUF_INIT;
	strbuf_addf(&value, "%s; %s", mta_type(host), host);
	dsn_field_ascii(out, name, strbuf_span(&value));
}

/* Only a server that answered: no other was involved (RFC 3464 section 2.3.5). */
static void add_remote_mta(const struct status *status, struct strbuf *out)
{
	if (status->host && *status->host && (status->code || status->server.line))
		add_mta(out, "Remote-MTA", status->host);
}

static void add_message_fields(const struct dsn *report, struct strbuf *out)
{
	if (report->envid)
		dsn_field_ascii(out, "Original-Envelope-Id", span_of(report->envid));
	add_mta(out, "Reporting-MTA",
		report->reporting_mta && *report->reporting_mta ? report->reporting_mta : "localhost");
	add_date(out, "Arrival-Date", report->arrival);
	add_date(out, "Deliver-By-Date", report->deliver_by); /* RFC 2852 section 5; extension fields come last */
	if (report->queue_id)
		dsn_field_ascii(out, "X-Posthaste-Queue-ID", span_of(report->queue_id));
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
	dsn_status(rcpt, report->require_tls, status);
	strbuf_adds(out, CRLF);
	if (rcpt->orcpt)
		dsn_field_address(out, "Original-Recipient", rcpt->orcpt);
	dsn_field_address(out, "Final-Recipient", rcpt->address);
	strbuf_addf(out, "Action: %s" CRLF "Status: %s" CRLF, actions[rcpt->action], status);
	add_remote_mta(rcpt->status, out);
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
