/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One table of rows per struct: writing goes through it from top to bottom, and
 * reading expects the records in that very order.  Zero and NULL are not
 * written, so what stands there twice, at the wrong place or for nothing is
 * found by the same comparison.
 */
#include "queue/item_file.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#define TAG_MAX 32

enum row_type {
	ROW_TEXT,
	ROW_INT64,
	ROW_UINT64,
	ROW_SIZE,
	ROW_INT,
	ROW_UNSIGNED,
	ROW_BOOL,
	ROW_KIND,
	ROW_ENHANCED,
	ROW_LIST,
	ROW_RCPTS,
	ROW_HISTORY
};

struct row {
	const char *tag;
	enum row_type type;
	size_t offset;
	unsigned max; /* of ROW_UNSIGNED, bits and enums included; 0: any */
};

_Static_assert(sizeof(enum queue_state) == sizeof(unsigned) && sizeof(enum error_kind) == sizeof(unsigned),
	       "enums are read as unsigned");

#define IN(type, member) offsetof(struct type, member)
#define REPORTED_ALL (NOTIFIED_HELD * 2u - 1)

static const struct row rcpt_rows[] = {
	{"address", ROW_TEXT, IN(queue_rcpt, who.address.given), 0},
	{"ascii", ROW_TEXT, IN(queue_rcpt, who.address.ascii), 0},
	{"orcpt", ROW_TEXT, IN(queue_rcpt, who.orcpt), 0},
	{"state", ROW_UNSIGNED, IN(queue_rcpt, state), RCPT_UNCERTAIN},
	{"possible_duplicate", ROW_BOOL, IN(queue_rcpt, possible_duplicate), 0},
	{"error", ROW_KIND, IN(queue_rcpt, error), 0},
	{"code", ROW_INT, IN(queue_rcpt, code), 0},
	{"enhanced", ROW_ENHANCED, IN(queue_rcpt, enhanced), 0},
	{"text", ROW_TEXT, IN(queue_rcpt, text), 0},
	{"server", ROW_TEXT, IN(queue_rcpt, server), 0},
	{"host", ROW_TEXT, IN(queue_rcpt, host), 0},
	{"last_attempt", ROW_INT64, IN(queue_rcpt, last_attempt), 0},
	{"reported", ROW_UNSIGNED, IN(queue_rcpt, reported), REPORTED_ALL},
	{"relayed_without_dsn", ROW_BOOL, IN(queue_rcpt, relayed_without_dsn), 0},
	{NULL, ROW_TEXT, 0, 0},
};

static const struct row attempt_rows[] = {
	{"when", ROW_INT64, IN(history_line, when), 0},
	{"host", ROW_TEXT, IN(history_line, host), 0},
	{"stage", ROW_TEXT, IN(history_line, stage), 0},
	{"error", ROW_KIND, IN(history_line, error), 0},
	{"code", ROW_INT, IN(history_line, code), 0},
	{"text", ROW_TEXT, IN(history_line, text), 0},
	{NULL, ROW_TEXT, 0, 0},
};

static const struct row item_rows[] = {
	{"id", ROW_TEXT, IN(queue_item, id), 0},
	{"arrival", ROW_INT64, IN(queue_item, arrival), 0},
	{"age_from", ROW_INT64, IN(queue_item, age_from), 0},
	{"state", ROW_UNSIGNED, IN(queue_item, state), QUEUE_FAILED},
	{"hold", ROW_UNSIGNED, IN(queue_item, hold), HOLD_CONFIG},
	{"hold_text", ROW_TEXT, IN(queue_item, hold_text), 0},
	{"fingerprint", ROW_TEXT, IN(queue_item, fingerprint), 0},
	{"not_before", ROW_INT64, IN(queue_item, not_before), 0},
	{"due", ROW_INT64, IN(queue_item, due), 0},
	{"attempts", ROW_UNSIGNED, IN(queue_item, attempts), 0},
	{"in_flight", ROW_INT64, IN(queue_item, in_flight), 0},
	{"scope", ROW_UNSIGNED, IN(queue_item, scope), SCOPE_SYSTEM},
	{"account", ROW_TEXT, IN(queue_item, account), 0},
	{"config_file", ROW_TEXT, IN(queue_item, config_file), 0},
	{"setting", ROW_LIST, IN(queue_item, settings), 0},
	{"environment", ROW_LIST, IN(queue_item, environment), 0},
	{"sender", ROW_TEXT, IN(queue_item, sender.given), 0},
	{"sender_ascii", ROW_TEXT, IN(queue_item, sender.ascii), 0},
	{"rcpt", ROW_RCPTS, 0, 0},
	{"notify", ROW_UNSIGNED, IN(queue_item, notify), NOTIFY_NEVER | NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY},
	{"ret", ROW_UNSIGNED, IN(queue_item, ret), RET_HDRS},
	{"envid", ROW_TEXT, IN(queue_item, envid), 0},
	{"body", ROW_UNSIGNED, IN(queue_item, body), BODY_8BITMIME},
	{"dsn_required", ROW_BOOL, IN(queue_item, dsn_required), 0},
	{"deliver_by", ROW_BOOL, IN(queue_item, params.deliver_by), 0},
	{"by_seconds", ROW_INT64, IN(queue_item, params.by_seconds), 0},
	{"by_mode", ROW_UNSIGNED, IN(queue_item, params.by_mode), BY_NOTIFY},
	{"by_trace", ROW_BOOL, IN(queue_item, params.by_trace), 0},
	{"hold_for", ROW_INT64, IN(queue_item, params.hold_for), 0},
	{"hold_until", ROW_INT64, IN(queue_item, params.hold_until), 0},
	{"has_priority", ROW_BOOL, IN(queue_item, params.has_priority), 0},
	{"priority", ROW_INT, IN(queue_item, params.priority), 0},
	{"require_tls", ROW_BOOL, IN(queue_item, params.require_tls), 0},
	{"auth", ROW_TEXT, IN(queue_item, params.auth), 0},
	{"message_id", ROW_TEXT, IN(queue_item, message_id), 0},
	{"date", ROW_TEXT, IN(queue_item, date), 0},
	{"octets", ROW_UINT64, IN(queue_item, info.octets), 0},
	{"body_wire", ROW_UINT64, IN(queue_item, info.body_wire), 0},
	{"bare_lf", ROW_UINT64, IN(queue_item, info.bare_lf), 0},
	{"bare_cr", ROW_UINT64, IN(queue_item, info.bare_cr), 0},
	{"longest_line", ROW_SIZE, IN(queue_item, info.longest_line), 0},
	{"eightbit_header", ROW_BOOL, IN(queue_item, info.eightbit_header), 0},
	{"eightbit_body", ROW_BOOL, IN(queue_item, info.eightbit_body), 0},
	{"nul", ROW_BOOL, IN(queue_item, info.nul), 0},
	{"unterminated", ROW_BOOL, IN(queue_item, info.unterminated), 0},
	{"has_separator", ROW_BOOL, IN(queue_item, info.has_separator), 0},
	{"headerless", ROW_BOOL, IN(queue_item, info.headerless), 0},
	{"mbox_line", ROW_BOOL, IN(queue_item, info.mbox_line), 0},
	{"size", ROW_UINT64, IN(queue_item, size), 0},
	{"attempt", ROW_HISTORY, 0, 0},
	{"reports", ROW_UNSIGNED, IN(queue_item, reports), REPORTED_ALL},
	{"report", ROW_TEXT, IN(queue_item, report), 0},
	{"report_of", ROW_TEXT, IN(queue_item, report_of), 0},
	{NULL, ROW_TEXT, 0, 0},
};

/* ---- writing ------------------------------------------------------------- */

static void write_record(struct strbuf *out, const char *tag, struct span octets)
{
	strbuf_addf(out, "%s %zu:", tag, octets.len);
	strbuf_add_span(out, octets);
	strbuf_addch(out, '\n');
}

static void write_text(struct strbuf *out, const char *tag, const char *text)
{
	if (text)
		write_record(out, tag, span_of(text));
}

static void write_number(struct strbuf *out, const char *tag, int64_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRId64, value);
	if (value)
		write_record(out, tag, span_make(digits, (size_t)n));
}

static void write_unsigned(struct strbuf *out, const char *tag, uint64_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, value);
	if (value)
		write_record(out, tag, span_make(digits, (size_t)n));
}

static void write_rows(struct strbuf *out, const struct row *rows, const void *from);

static void write_group(struct strbuf *out, const char *tag, const struct row *rows, const void *from,
			struct strbuf *work)
{
	strbuf_reset(work);
	write_rows(work, rows, from);
	write_record(out, tag, strbuf_span(work));
}

static void write_row(struct strbuf *out, const struct row *row, const void *from)
{
	const char *at = (const char *)from + row->offset;
	const struct queue_item *item = from; /* of the rows that only items have */
	AUTO(strbuf) work = STRBUF_INIT;
	switch (row->type) {
	case ROW_TEXT: write_text(out, row->tag, *(char *const *)(const void *)at); return;
	case ROW_INT64: write_number(out, row->tag, *(const int64_t *)(const void *)at); return;
	case ROW_UINT64: write_unsigned(out, row->tag, *(const uint64_t *)(const void *)at); return;
	case ROW_SIZE: write_unsigned(out, row->tag, *(const size_t *)(const void *)at); return;
	case ROW_INT: write_number(out, row->tag, *(const int *)(const void *)at); return;
	case ROW_UNSIGNED: write_unsigned(out, row->tag, *(const unsigned *)(const void *)at); return;
	case ROW_BOOL: write_unsigned(out, row->tag, *(const bool *)(const void *)at); return;
	case ROW_KIND: { /* by name: the numbers are not for eternity */
		enum error_kind kind = *(const enum error_kind *)(const void *)at;
		write_text(out, row->tag, kind == ERROR_NONE ? NULL : error_kind_name(kind));
		return;
	}
	case ROW_ENHANCED: write_text(out, row->tag, *at ? at : NULL); return;
	case ROW_LIST: {
		const struct strvec *list = (const void *)at;
		for (size_t i = 0; i < list->n; i++)
			write_text(out, row->tag, list->v[i]);
		return;
	}
	case ROW_RCPTS:
		for (size_t i = 0; i < item->n; i++)
			write_group(out, row->tag, rcpt_rows, &item->rcpts[i], &work);
		return;
	case ROW_HISTORY:
		for (size_t i = 0; i < item->n_history; i++)
			write_group(out, row->tag, attempt_rows, &item->history[i], &work);
		return;
	}
}

static void write_rows(struct strbuf *out, const struct row *rows, const void *from)
{
	for (; rows->tag; rows++)
		write_row(out, rows, from);
}

void envelope_file_write(const struct queue_item *item, struct strbuf *out)
{
	strbuf_addf(out, "posthaste-queue %d\n", ENVELOPE_FILE_VERSION);
	write_rows(out, item_rows, item);
	for (size_t i = 0; i < item->extra.n; i++)
		strbuf_adds(out, item->extra.v[i]); /* whole records */
	write_record(out, "end", span_make("", 0));
}

/* ---- reading ------------------------------------------------------------- */

struct record {
	struct span tag, octets;
	struct span whole;
};

static bool damaged(struct error *err)
{
	(void)error_set(err, ERROR_IO, "%s", _("the state of a queued message is damaged"));
	error_hint(err, "%s",
		   _("Look for faults of the disk; the message itself may still be readable in the queue's folder."));
	return false;
}

/* The next record, not yet taken off rest. */
static bool peek(struct span rest, struct record *record)
{
	size_t at = rest.len && rest.ptr[0] == '+' ? 1 : 0, start = at;
	while (at < rest.len && at <= TAG_MAX && ((rest.ptr[at] >= 'a' && rest.ptr[at] <= 'z') || rest.ptr[at] == '_'))
		at++;
	if (at == start || at > TAG_MAX || at == rest.len || rest.ptr[at] != ' ')
		return false;
	record->tag = span_sub(rest, 0, at);

	const char *colon = memchr(rest.ptr + at, ':', rest.len - at < 16 ? rest.len - at : 16);
	unsigned long long len;
	if (!colon)
		return false;
	size_t octets = (size_t)(colon - rest.ptr) + 1;
	struct span digits = span_sub(rest, at + 1, octets - 1);
	if (!span_to_u64(digits, &len) || (digits.ptr[0] == '0' && digits.len > 1))
		return false;
	if (len >= rest.len - octets || rest.ptr[octets + len] != '\n')
		return false;
	record->octets = span_sub(rest, octets, octets + (size_t)len);
	record->whole = span_sub(rest, 0, octets + (size_t)len + 1);
	return true;
}

static void take(struct span *rest, const struct record *record)
{
	*rest = span_sub(*rest, record->whole.len, rest->len);
}

/* Canonical, and not zero: that would not have been written. */
static bool read_unsigned(struct span digits, uint64_t max, uint64_t *value)
{
	unsigned long long n;
	if (!digits.len || digits.ptr[0] == '0' || !span_to_u64(digits, &n) || n > max)
		return false;
	*value = n;
	return true;
}

static bool read_number(struct span digits, int64_t min, int64_t max, int64_t *value)
{
	uint64_t n;
	bool negative = digits.len && digits.ptr[0] == '-';
	if (negative)
		digits = span_sub(digits, 1, digits.len);
	if (!read_unsigned(digits, negative ? (uint64_t) - (min + 1) + 1 : (uint64_t)max, &n))
		return false;
	*value = negative ? -(int64_t)(n - 1) - 1 : (int64_t)n;
	return true;
}

static bool read_text(struct span octets, char **text)
{
	if (memchr(octets.ptr, '\0', octets.len))
		return false;
	*text = xmemdup0(octets.ptr, octets.len);
	return true;
}

static bool read_kind(struct span name, enum error_kind *kind)
{
	for (unsigned k = ERROR_NONE + 1; k < ERROR_KIND_COUNT; k++)
		if (span_equals_str(name, error_kind_name((enum error_kind)k))) {
			*kind = (enum error_kind)k;
			return true;
		}
	return false;
}

static bool read_enhanced(struct span octets, char *to)
{
	if (!octets.len || octets.len >= ENHANCED_MAX || memchr(octets.ptr, '\0', octets.len))
		return false;
	memcpy(to, octets.ptr, octets.len);
	to[octets.len] = '\0';
	return true;
}

/* Rows of one record each. */
static bool read_value(const struct row *row, struct span octets, void *at)
{
	uint64_t n = 0;
	int64_t number = 0;
	bool ok;
	switch (row->type) {
	case ROW_TEXT: return read_text(octets, at);
	case ROW_INT64: return read_number(octets, INT64_MIN, INT64_MAX, at);
	case ROW_UINT64: return read_unsigned(octets, UINT64_MAX, at);
	case ROW_SIZE:
		ok = read_unsigned(octets, SIZE_MAX, &n);
		*(size_t *)at = (size_t)n;
		return ok;
	case ROW_INT:
		ok = read_number(octets, INT_MIN, INT_MAX, &number);
		*(int *)at = (int)number;
		return ok;
	case ROW_UNSIGNED:
		ok = read_unsigned(octets, row->max ? row->max : UINT_MAX, &n);
		*(unsigned *)at = (unsigned)n;
		return ok;
	case ROW_BOOL: return *(bool *)at = read_unsigned(octets, 1, &n);
	case ROW_KIND: return read_kind(octets, at);
	case ROW_ENHANCED: return read_enhanced(octets, at);
	default: return false;
	}
}

static bool read_rows(struct span *rest, const struct row *rows, void *to);

/* All of a nested record. */
static bool read_group(struct span octets, const struct row *rows, void *to)
{
	return read_rows(&octets, rows, to) && !octets.len;
}

/* Rows that may stand any number of times. */
static bool read_another(const struct row *row, struct span octets, struct queue_item *item)
{
	char *text = NULL;
	switch (row->type) {
	case ROW_LIST:
		if (read_text(octets, &text))
			strvec_push_owned((struct strvec *)(void *)((char *)item + row->offset), text);
		return text != NULL;
	case ROW_RCPTS:
		GROW(item->rcpts, item->n, item->cap);
		item->rcpts[item->n++] = (struct queue_rcpt){.possible_duplicate = false};
		return read_group(octets, rcpt_rows, &item->rcpts[item->n - 1]);
	case ROW_HISTORY:
		if (item->n_history == QUEUE_ATTEMPTS_MAX)
			return false;
		GROW(item->history, item->n_history, item->cap_history);
		item->history[item->n_history++] = (struct history_line){.when = 0};
		return read_group(octets, attempt_rows, &item->history[item->n_history - 1]);
	default: return false;
	}
}

static bool is_repeated(const struct row *row)
{
	return row->type == ROW_LIST || row->type == ROW_RCPTS || row->type == ROW_HISTORY;
}

/* Takes the records that belong to rows, in their order, off rest. */
static bool read_rows(struct span *rest, const struct row *rows, void *to)
{
	struct record record;
	for (; rest->len; take(rest, &record)) {
		if (!peek(*rest, &record))
			return false;
		while (rows->tag && !span_equals_str(record.tag, rows->tag))
			rows++;
		if (!rows->tag)
			return true; /* the caller's to judge */
		bool again = is_repeated(rows);
		if (!(again ? read_another(rows, record.octets, to)
			    : read_value(rows, record.octets, (char *)to + rows->offset)))
			return false;
		rows += !again;
	}
	return true;
}

/* What may stand behind the rows: optional records, and the end. */
static bool read_end(struct span rest, struct queue_item *item)
{
	struct record record;
	for (; peek(rest, &record); take(&rest, &record)) {
		if (span_equals_str(record.tag, "end"))
			return !record.octets.len && record.whole.len == rest.len;
		if (record.tag.ptr[0] != '+' || memchr(record.octets.ptr, '\0', record.octets.len))
			return false;
		strvec_push_span(&item->extra, record.whole);
	}
	return false;
}

static bool read_version(struct span *rest, struct error *err)
{
	static const char name[] = "posthaste-queue ";
	struct span line;
	unsigned long long version;
	if (!memchr(rest->ptr, '\n', rest->len) || !span_split(rest, '\n', &line) || line.len < sizeof(name) ||
	    memcmp(line.ptr, name, sizeof(name) - 1) != 0 ||
	    !span_to_u64(span_sub(line, sizeof(name) - 1, line.len), &version) || !version ||
	    line.ptr[sizeof(name) - 1] == '0')
		return damaged(err);
	if (version > ENVELOPE_FILE_VERSION) {
		(void)error_set(err, ERROR_CONFIG,
				_("the message was queued by a newer posthaste (its state has version %llu, this "
				  "program knows %d)"),
				version, ENVELOPE_FILE_VERSION);
		error_hint(err, "%s", _("Let the newer program send it, or update this one."));
		return false;
	}
	return true;
}

bool envelope_file_parse(struct span octets, struct queue_item *item, struct error *err)
{
	AUTO(queue_item) got = QUEUE_ITEM_INIT;
	if (octets.len > ENVELOPE_FILE_MAX)
		return damaged(err);
	if (!read_version(&octets, err))
		return false;
	if (!read_rows(&octets, item_rows, &got) || !read_end(octets, &got))
		return damaged(err);
	*item = got;
	got = QUEUE_ITEM_INIT;
	return true;
}
