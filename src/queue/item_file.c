/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One table of rows for each struct: records are written in its order and must be read in its order.
 * Zero and NULL are not written, so one comparison finds a record that is there twice, in the wrong place, or
 * without need.
 */
#include "queue/item_file.h"

#include "base/checksum.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "queue/item_check.h"

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
	ROW_WORD,
	ROW_BOOL,
	ROW_KIND,
	ROW_ENHANCED,
	ROW_SERVER,
	ROW_STATUS,
	ROW_LIST,
	ROW_RCPTS,
	ROW_HISTORY
};

struct row {
	const char *tag;
	enum row_type type;
	size_t offset;
	unsigned max;		  /* ROW_UNSIGNED: the largest value (for bits: all of them set); 0: any */
	const char *const *words; /* ROW_WORD: the names of the enum's values */
};

_Static_assert(sizeof(enum queue_state) == sizeof(unsigned) && sizeof(enum error_kind) == sizeof(unsigned),
	       "enums are read as unsigned");

#define IN(type, member) offsetof(struct type, member)
#define ANY .max = 0
#define MAX(largest) .max = (largest)
#define WORDS(names) .words = names
#define REPORTED_ALL (NOTIFIED_HELD * 2u - 1)
#define NOTIFY_ALL (NOTIFY_NEVER | NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY)

static const char *const scope_names[] = {"user", "system", NULL};
static const char *const ret_names[] = {"unset", "full", "hdrs", NULL};
static const char *const body_names[] = {"unset", "7bit", "8bitmime", NULL};
static const char *const by_names[] = {"return", "notify", NULL};

static const struct row status_rows[] = {
	{"error", ROW_KIND, IN(status, kind), ANY},
	{"code", ROW_INT, IN(status, code), ANY},
	{"enhanced", ROW_ENHANCED, IN(status, enhanced), ANY},
	{"text", ROW_TEXT, IN(status, text), ANY},
	{"stage", ROW_TEXT, IN(status, stage), ANY},
	{"hint", ROW_TEXT, IN(status, hint), ANY},
	{"host", ROW_TEXT, IN(status, host), ANY},
	{"server", ROW_SERVER, IN(status, server), ANY},
	{.tag = NULL},
};

static const struct row rcpt_rows[] = {
	{"address", ROW_TEXT, IN(queue_rcpt, who.address.given), ANY},
	{"ascii", ROW_TEXT, IN(queue_rcpt, who.address.ascii), ANY},
	{"orcpt", ROW_TEXT, IN(queue_rcpt, who.orcpt), ANY},
	{"notify", ROW_UNSIGNED, IN(queue_rcpt, who.notify), MAX(NOTIFY_ALL)},
	{"state", ROW_WORD, IN(queue_rcpt, state), WORDS(rcpt_state_names)},
	{"possible_duplicate", ROW_BOOL, IN(queue_rcpt, possible_duplicate), ANY},
	{"status", ROW_STATUS, IN(queue_rcpt, status), ANY},
	{"last_attempt", ROW_INT64, IN(queue_rcpt, last_attempt), ANY},
	{"reported", ROW_UNSIGNED, IN(queue_rcpt, reported), MAX(REPORTED_ALL)},
	{"relayed_without_dsn", ROW_BOOL, IN(queue_rcpt, relayed_without_dsn), ANY},
	{.tag = NULL},
};

static const struct row attempt_rows[] = {
	{"when", ROW_INT64, IN(history_line, when), ANY},
	{"status", ROW_STATUS, IN(history_line, status), ANY},
	{.tag = NULL},
};

static const struct row item_rows[] = {
	{"id", ROW_TEXT, IN(queue_item, id), ANY},
	{"arrival", ROW_INT64, IN(queue_item, arrival), ANY},
	{"age_from", ROW_INT64, IN(queue_item, age_from), ANY},
	{"state", ROW_WORD, IN(queue_item, state), WORDS(queue_state_names)},
	{"hold", ROW_WORD, IN(queue_item, hold), WORDS(queue_hold_names)},
	{"reason", ROW_STATUS, IN(queue_item, reason), ANY},
	{"fingerprint", ROW_TEXT, IN(queue_item, fingerprint), ANY},
	{"not_before", ROW_INT64, IN(queue_item, not_before), ANY},
	{"due", ROW_INT64, IN(queue_item, due), ANY},
	{"attempts", ROW_UNSIGNED, IN(queue_item, attempts), ANY},
	{"account_fault", ROW_BOOL, IN(queue_item, account_fault), ANY},
	{"in_flight", ROW_INT64, IN(queue_item, in_flight), ANY},
	{"scope", ROW_WORD, IN(queue_item, scope), WORDS(scope_names)},
	{"account", ROW_TEXT, IN(queue_item, account), ANY},
	{"config_file", ROW_TEXT, IN(queue_item, config_file), ANY},
	{"msmtp", ROW_BOOL, IN(queue_item, msmtp), ANY},
	{"setting", ROW_LIST, IN(queue_item, settings), ANY},
	{"environment", ROW_LIST, IN(queue_item, environment), ANY},
	{"sender", ROW_TEXT, IN(queue_item, mail.sender.given), ANY},
	{"sender_ascii", ROW_TEXT, IN(queue_item, mail.sender.ascii), ANY},
	{"rcpt", ROW_RCPTS, 0, ANY},
	{"notify", ROW_UNSIGNED, IN(queue_item, mail.notify), MAX(NOTIFY_ALL)},
	{"ret", ROW_WORD, IN(queue_item, mail.ret), WORDS(ret_names)},
	{"envid", ROW_TEXT, IN(queue_item, mail.envid), ANY},
	{"body", ROW_WORD, IN(queue_item, mail.body), WORDS(body_names)},
	{"dsn_required", ROW_BOOL, IN(queue_item, mail.dsn_required), ANY},
	{"deliver_by", ROW_BOOL, IN(queue_item, mail.params.deliver_by), ANY},
	{"by_seconds", ROW_INT64, IN(queue_item, mail.params.by_seconds), ANY},
	{"by_mode", ROW_WORD, IN(queue_item, mail.params.by_mode), WORDS(by_names)},
	{"by_trace", ROW_BOOL, IN(queue_item, mail.params.by_trace), ANY},
	{"hold_for", ROW_INT64, IN(queue_item, mail.params.hold_for), ANY},
	{"hold_until", ROW_INT64, IN(queue_item, mail.params.hold_until), ANY},
	{"has_priority", ROW_BOOL, IN(queue_item, mail.params.has_priority), ANY},
	{"priority", ROW_INT, IN(queue_item, mail.params.priority), ANY},
	{"require_tls", ROW_BOOL, IN(queue_item, mail.params.require_tls), ANY},
	{"auth", ROW_TEXT, IN(queue_item, mail.params.auth), ANY},
	{"message_id", ROW_TEXT, IN(queue_item, message_id), ANY},
	{"date", ROW_TEXT, IN(queue_item, date), ANY},
	{"octets", ROW_UINT64, IN(queue_item, info.octets), ANY},
	{"body_wire", ROW_UINT64, IN(queue_item, info.body_wire), ANY},
	{"bare_lf", ROW_UINT64, IN(queue_item, info.bare_lf), ANY},
	{"bare_cr", ROW_UINT64, IN(queue_item, info.bare_cr), ANY},
	{"longest_line", ROW_SIZE, IN(queue_item, info.longest_line), ANY},
	{"eightbit_header", ROW_BOOL, IN(queue_item, info.eightbit_header), ANY},
	{"eightbit_body", ROW_BOOL, IN(queue_item, info.eightbit_body), ANY},
	{"nul", ROW_BOOL, IN(queue_item, info.nul), ANY},
	{"unterminated", ROW_BOOL, IN(queue_item, info.unterminated), ANY},
	{"has_separator", ROW_BOOL, IN(queue_item, info.has_separator), ANY},
	{"headerless", ROW_BOOL, IN(queue_item, info.headerless), ANY},
	{"mbox_line", ROW_BOOL, IN(queue_item, info.mbox_line), ANY},
	{"size", ROW_UINT64, IN(queue_item, size), ANY},
	{"attempt", ROW_HISTORY, 0, ANY},
	{"reports", ROW_UNSIGNED, IN(queue_item, reports), MAX(REPORTED_ALL)},
	{"report", ROW_TEXT, IN(queue_item, report), ANY},
	{"report_of", ROW_TEXT, IN(queue_item, report_of), ANY},
	{"message_sum", ROW_UINT64, IN(queue_item, message_sum), ANY},
	{.tag = NULL},
};

/* ---- writing ------------------------------------------------------------- */

static void write_record(struct strbuf *out, const char *tag, struct span bytes)
{
	strbuf_addf(out, "%s %zu:", tag, bytes.len);
	strbuf_add_span(out, bytes);
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

static void write_word(struct strbuf *out, const struct row *row, unsigned value)
{
	if (value)
		write_text(out, row->tag, row->words[value]);
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
	const struct queue_item *item = from; /* for the rows that only items have */
	AUTO(strbuf) work = STRBUF_INIT;
	switch (row->type) {
	case ROW_TEXT: write_text(out, row->tag, *(char *const *)(const void *)at); return;
	case ROW_INT64: write_number(out, row->tag, *(const int64_t *)(const void *)at); return;
	case ROW_UINT64: write_unsigned(out, row->tag, *(const uint64_t *)(const void *)at); return;
	case ROW_SIZE: write_unsigned(out, row->tag, *(const size_t *)(const void *)at); return;
	case ROW_INT: write_number(out, row->tag, *(const int *)(const void *)at); return;
	case ROW_UNSIGNED: write_unsigned(out, row->tag, *(const unsigned *)(const void *)at); return;
	case ROW_WORD: write_word(out, row, *(const unsigned *)(const void *)at); return;
	case ROW_BOOL: write_unsigned(out, row->tag, *(const bool *)(const void *)at); return;
	case ROW_KIND: { /* by name: the numbers may change */
		enum error_kind kind = *(const enum error_kind *)(const void *)at;
		write_text(out, row->tag, kind == ERROR_NONE ? NULL : error_kind_name(kind));
		return;
	}
	case ROW_ENHANCED: write_text(out, row->tag, *at ? at : NULL); return;
	case ROW_SERVER: write_text(out, row->tag, ((const struct server_words *)(const void *)at)->lines); return;
	case ROW_STATUS:
		write_rows(&work, status_rows, at);
		if (work.len)
			write_record(out, row->tag, strbuf_span(&work));
		return;
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

#define FIRST_WORD "posthaste-queue "
/* Optional, because earlier versions do not have them. */
static const struct row optional_rows[] = {
	{"+archive", ROW_TEXT, IN(queue_item, archive), ANY},
	{"+language", ROW_TEXT, IN(queue_item, language), ANY},
	{.tag = NULL},
};

void item_file_write(const struct queue_item *item, struct strbuf *out)
{
	size_t digits = out->len + sizeof(FIRST_WORD) - 1, summed = digits + CHECKSUM_DIGITS;
	char sum[CHECKSUM_DIGITS + 1];
	strbuf_addf(out, FIRST_WORD "%*s %d\n", CHECKSUM_DIGITS, "", ITEM_FILE_VERSION);
	write_rows(out, item_rows, item);
	write_rows(out, optional_rows, item);
	for (size_t i = 0; i < item->extra.n; i++)
		strbuf_adds(out, item->extra.v[i]); /* complete records */
	write_record(out, "end", span_make("", 0));
	checksum_format(checksum_of(span_sub(strbuf_span(out), summed, out->len)), sum);
	memcpy(out->buf + digits, sum, CHECKSUM_DIGITS);
}

/* ---- reading ------------------------------------------------------------- */

struct record {
	struct span tag, bytes;
	struct span whole;
};

static bool state_damaged(struct error *err)
{
	return error_set(err, ERROR_DAMAGED, "%s", _("the state of a queued message is damaged"));
}

/* Parses the record at the beginning of rest, without removing it. */
static bool peek_record(struct span rest, struct record *record)
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
	size_t bytes = (size_t)(colon - rest.ptr) + 1;
	struct span digits = span_sub(rest, at + 1, bytes - 1);
	if (!span_to_u64(digits, &len) || (digits.ptr[0] == '0' && digits.len > 1))
		return false;
	if (len >= rest.len - bytes || rest.ptr[bytes + len] != '\n')
		return false;
	record->bytes = span_sub(rest, bytes, bytes + (size_t)len);
	record->whole = span_sub(rest, 0, bytes + (size_t)len + 1);
	return true;
}

static void take_record(struct span *rest, const struct record *record)
{
	*rest = span_sub(*rest, record->whole.len, rest->len);
}

/* Without leading zeros, and not zero, which is never written. */
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

static bool read_text(struct span bytes, char **text)
{
	if (memchr(bytes.ptr, '\0', bytes.len))
		return false;
	*text = xmemdup0(bytes.ptr, bytes.len);
	return true;
}

static bool read_word(struct span bytes, const char *const *words, unsigned *value)
{
	for (unsigned i = 1; words[i]; i++) /* the first one would not have been written */
		if (span_equals_str(bytes, words[i])) {
			*value = i;
			return true;
		}
	return false;
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

static bool read_enhanced(struct span bytes, char *to)
{
	if (!bytes.len || bytes.len >= ENHANCED_MAX || memchr(bytes.ptr, '\0', bytes.len))
		return false;
	memcpy(to, bytes.ptr, bytes.len);
	to[bytes.len] = '\0';
	return true;
}

/* What is stored was cleaned when it was set, so cleaning it again changes nothing. */
static bool read_server(struct span bytes, struct server_words *words)
{
	if (memchr(bytes.ptr, '\0', bytes.len))
		return false;
	server_words_set(words, bytes);
	return span_equals_str(bytes, words->lines);
}

static bool read_rows(struct span *rest, const struct row *rows, void *to);

/* Reads the records within a record. */
static bool read_group(struct span bytes, const struct row *rows, void *to)
{
	return read_rows(&bytes, rows, to) && !bytes.len;
}

/* Reads the value of a row that has one record. */
static bool read_value(const struct row *row, struct span bytes, void *at)
{
	uint64_t n = 0;
	int64_t number = 0;
	bool ok;
	switch (row->type) {
	case ROW_TEXT: return read_text(bytes, at);
	case ROW_INT64: return read_number(bytes, INT64_MIN, INT64_MAX, at);
	case ROW_UINT64: return read_unsigned(bytes, UINT64_MAX, at);
	case ROW_SIZE:
		ok = read_unsigned(bytes, SIZE_MAX, &n);
		*(size_t *)at = (size_t)n;
		return ok;
	case ROW_INT:
		ok = read_number(bytes, INT_MIN, INT_MAX, &number);
		*(int *)at = (int)number;
		return ok;
	case ROW_UNSIGNED:
		ok = read_unsigned(bytes, row->max ? row->max : UINT_MAX, &n);
		*(unsigned *)at = (unsigned)n;
		return ok;
	case ROW_WORD: return read_word(bytes, row->words, at);
	case ROW_BOOL: return *(bool *)at = read_unsigned(bytes, 1, &n);
	case ROW_KIND: return read_kind(bytes, at);
	case ROW_ENHANCED: return read_enhanced(bytes, at);
	case ROW_SERVER: return read_server(bytes, at);
	case ROW_STATUS: return bytes.len && read_group(bytes, status_rows, at);
	default: return false;
	}
}

/* Reads one more value of a row that may have any number of records. */
static bool read_another(const struct row *row, struct span bytes, struct queue_item *item)
{
	char *text = NULL;
	switch (row->type) {
	case ROW_LIST:
		if (read_text(bytes, &text))
			strvec_push_owned((struct strvec *)(void *)((char *)item + row->offset), text);
		return text != NULL;
	case ROW_RCPTS:
		GROW(item->rcpts, item->n, item->cap);
		item->rcpts[item->n++] = (struct queue_rcpt){.possible_duplicate = false};
		return read_group(bytes, rcpt_rows, &item->rcpts[item->n - 1]);
	case ROW_HISTORY:
		if (item->n_history == QUEUE_ATTEMPTS_MAX)
			return false;
		GROW(item->history, item->n_history, item->cap_history);
		item->history[item->n_history++] = (struct history_line){.when = 0};
		return read_group(bytes, attempt_rows, &item->history[item->n_history - 1]);
	default: return false;
	}
}

static bool is_repeated(const struct row *row)
{
	return row->type == ROW_LIST || row->type == ROW_RCPTS || row->type == ROW_HISTORY;
}

/* Reads the records of these rows, in their order.  Afterwards rest begins with the first record of another kind. */
static bool read_rows(struct span *rest, const struct row *rows, void *to)
{
	struct record record;
	for (; rest->len; take_record(rest, &record)) {
		if (!peek_record(*rest, &record))
			return false;
		while (rows->tag && !span_equals_str(record.tag, rows->tag))
			rows++;
		if (!rows->tag)
			return true; /* a record that the caller reads */
		bool again = is_repeated(rows);
		if (!(again ? read_another(rows, record.bytes, to)
			    : read_value(rows, record.bytes, (char *)to + rows->offset)))
			return false;
		rows += !again;
	}
	return true;
}

/* Where the text of that optional record belongs; NULL: it is unknown. */
static char **optional_text(struct queue_item *item, struct span tag)
{
	for (const struct row *row = optional_rows; row->tag; row++)
		if (span_equals_str(tag, row->tag))
			return (char **)(void *)((char *)item + row->offset);
	return NULL;
}

/* Reads what may follow the rows: optional records, and the end. */
static bool read_end(struct span rest, struct queue_item *item)
{
	struct record record;
	for (; peek_record(rest, &record); take_record(&rest, &record)) {
		if (span_equals_str(record.tag, "end"))
			return !record.bytes.len && record.whole.len == rest.len;
		if (record.tag.ptr[0] != '+' || memchr(record.bytes.ptr, '\0', record.bytes.len))
			return false;
		char **text = optional_text(item, record.tag);
		if (!text)
			strvec_push_span(&item->extra, record.whole);
		else if (*text || !read_text(record.bytes, text))
			return false;
	}
	return false;
}

/* Checks the checksum first: if it is wrong, the version may not be the one that was written. */
static bool read_first_line(struct span *rest, struct error *err)
{
	size_t digits = sizeof(FIRST_WORD) - 1, summed = digits + CHECKSUM_DIGITS;
	struct span line;
	unsigned long long version;
	uint64_t sum;
	if (rest->len <= summed || memcmp(rest->ptr, FIRST_WORD, digits) != 0 ||
	    !checksum_parse(span_sub(*rest, digits, summed), &sum) ||
	    checksum_of(span_sub(*rest, summed, rest->len)) != sum)
		return state_damaged(err);
	*rest = span_sub(*rest, summed, rest->len);
	if (rest->ptr[0] != ' ' || !memchr(rest->ptr, '\n', rest->len) || !span_split(rest, '\n', &line) ||
	    line.len < 2 || line.ptr[1] == '0' || !span_to_u64(span_sub(line, 1, line.len), &version))
		return state_damaged(err);
	if (version <= ITEM_FILE_VERSION)
		return true;
	(void)error_set(err, ERROR_CONFIG,
			_("the message was queued by a newer posthaste (its state has version %llu, this "
			  "program knows %d)"),
			version, ITEM_FILE_VERSION);
	error_hint(err, "%s", _("Let the newer program send it, or update this one."));
	return false;
}

bool item_file_parse(struct span file, struct queue_item *item, struct error *err)
{
	AUTO(queue_item) got = QUEUE_ITEM_INIT;
	if (file.len > ITEM_FILE_MAX)
		return state_damaged(err);
	if (!read_first_line(&file, err))
		return false;
	if (!read_rows(&file, item_rows, &got) || !read_end(file, &got))
		return state_damaged(err);
	if (!queue_item_check(&got, err)) {
		error_prefix(err, "%s", _("the state of a queued message is damaged"));
		return false;
	}
	*item = got;
	got = QUEUE_ITEM_INIT;
	return true;
}
