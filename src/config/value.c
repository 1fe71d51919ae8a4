/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/value.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/lexer.h"
#include "config/expected.h"

#include <limits.h>

struct unit {
	char letter;
	long long factor;
};
static const struct unit time_units[] = {{'d', 86400000}, {'h', 3600000}, {'m', 60000}, {'s', 1000}};
static const struct unit size_units[] = {{'g', 1LL << 30}, {'m', 1LL << 20}, {'k', 1LL << 10}};

#define DURATION_OFF (-1)

void value_release(struct value *v)
{
	free(v->s);
	strvec_release(&v->list);
	secret_release(&v->secret);
	*v = (struct value){.set = false};
}

static bool has_control(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (ascii_iscntrl(text.ptr[i]) && text.ptr[i] != '\t')
			return true;
	return false;
}

/* Parses "off", or digits and at most one unit letter; plain is the factor without a unit. */
static bool parse_quantity(struct span text, const struct unit *units, size_t n, long long plain, long long *out)
{
	unsigned long long number;
	struct span digits = text;
	if (!text.len)
		return false;
	for (size_t i = 0; i < n; i++)
		if (ascii_lower(text.ptr[text.len - 1]) == units[i].letter) {
			plain = units[i].factor;
			digits.len--;
		}
	if (!span_to_u64(digits, &number) || number > (unsigned long long)(LLONG_MAX / plain))
		return false;
	*out = (long long)number * plain;
	return true;
}

static bool parse_duration(struct span text, struct value *v, struct error *err)
{
	if (span_equals_str(text, "off"))
		v->n = DURATION_OFF;
	else if (!parse_quantity(text, time_units, ARRAY_SIZE(time_units), 1000, &v->n) || v->n <= 0)
		return check_expected(err, _("off or a time such as 30, 30s, 5m, 2h or 5d"), text);
	return true;
}

static bool parse_size(struct span text, struct value *v, struct error *err)
{
	if (span_equals_str(text, "off"))
		v->n = 0;
	else if (!parse_quantity(text, size_units, ARRAY_SIZE(size_units), 1, &v->n) || v->n <= 0)
		return check_expected(err, _("off or a size such as 500k, 10M or 1G"), text);
	return true;
}

static bool parse_bool(const struct option_row *row, struct span text, struct value *v, struct error *err)
{
	bool on = span_equals_str(text, "on") || (!text.len && row->flags & OPTION_BARE);
	if (!on && !span_equals_str(text, "off"))
		return check_expected(err, _("on or off"), text);
	v->n = on;
	return true;
}

/* Parses a decimal number, or a hexadecimal one after 0x; a leading zero is refused, because it could be taken for
 * octal. */
static bool parse_number(struct span text, long long *out)
{
	unsigned long long number = 0;
	bool negative = text.len && text.ptr[0] == '-';
	if (negative)
		text = span_sub(text, 1, text.len);
	if (span_starts_nocase(text, "0x") && text.len > 2 && text.len <= 2 + 8) {
		for (size_t i = 2; i < text.len; i++) {
			char c = ascii_lower(text.ptr[i]);
			if (!ascii_isdigit(c) && (c < 'a' || c > 'f'))
				return false;
			number = number * 16 + (unsigned long long)(ascii_isdigit(c) ? c - '0' : c - 'a' + 10);
		}
	} else if ((text.len > 1 && text.ptr[0] == '0') || !span_to_u64(text, &number) || number > LLONG_MAX) {
		return false;
	}
	*out = negative ? -(long long)number : (long long)number;
	return true;
}

static bool parse_int(const struct option_row *row, struct span text, struct value *v, struct error *err)
{
	long long number;
	if (!parse_number(text, &number) || number < row->min || number > row->max) {
		AUTO_FREE char *wanted = xasprintf(_("a number from %lld to %lld"), row->min, row->max);
		return check_expected(err, wanted, text);
	}
	v->n = number;
	return true;
}

/* "a, b or c", each word in its first spelling. */
static char *list_words(const struct option_row *row)
{
	struct strbuf sb = STRBUF_INIT;
	char mark;
	struct strvec words = STRVEC_INIT;
	for (size_t i = 0; option_word(row, i, &mark).len; i++)
		if (!mark)
			strvec_push_span(&words, option_word(row, i, &mark));
	for (size_t i = 0; i < words.n; i++) {
		if (i)
			strbuf_adds(&sb, i + 1 < words.n ? ", " : _(" or "));
		strbuf_adds(&sb, words.v[i]);
	}
	strvec_release(&words);
	return strbuf_detach(&sb, NULL);
}

static bool parse_word(const struct option_row *row, struct span text, struct value *v, struct error *err)
{
	struct span word;
	char mark;
	long long index = -1;
	if (!text.len && row->flags & OPTION_BARE)
		text = option_word(row, 0, &mark);
	for (size_t i = 0; (word = option_word(row, i, &mark)).len; i++) {
		if (mark != '=')
			index++;
		if (row->flags & OPTION_NOCASE ? !span_equal_nocase(word, text) : !span_equal(word, text))
			continue;
		v->n = index;
		return true;
	}
	AUTO_FREE char *wanted = list_words(row);
	return check_expected(err, wanted, text);
}

static bool parse_string(const struct option_row *row, struct span text, struct value *v, struct error *err)
{
	AUTO(strbuf) canonical = STRBUF_INIT;
	if (has_control(text))
		return check_expected(err, _("text without control characters"), text);
	if (!row->check && !text.len && !(row->flags & OPTION_BARE))
		return check_expected(err, _("an argument"), text);
	if (!row->check)
		strbuf_add_span(&canonical, text);
	else if (!row->check(text, &canonical, err))
		return false;
	v->s = strbuf_detach(&canonical, NULL);
	return true;
}

static bool parse_path(struct span text, struct value *v, struct error *err)
{
	if (!text.len || has_control(text))
		return check_expected(err, _("the name of a file"), text);
	v->s = xmemdup0(text.ptr, text.len);
	return true;
}

static bool parse_list(const struct option_row *row, struct span text, struct value *v, struct error *err)
{
	struct span rest = text;
	if (has_control(text))
		return check_expected(err, _("text without control characters"), text);
	for (;;) {
		AUTO(strbuf) word = STRBUF_INIT;
		AUTO(strbuf) canonical = STRBUF_INIT;
		int got = lexer_word(&rest, &word, err);
		if (got < 0)
			return false;
		if (!got)
			break;
		if (row->check && !row->check(strbuf_span(&word), &canonical, err))
			return false;
		strvec_push(&v->list, row->check ? canonical.buf : word.buf);
	}
	return v->list.n || check_expected(err, _("an argument"), text);
}

static bool parse_secret(struct span text, struct value *v, struct error *err)
{
	secret_set(&v->secret, text.ptr, text.len);
	if (secret_has_line_break(&v->secret))
		return error_set(err, ERROR_CONFIG,
				 _("expected a password on one line, got one that contains a line end or NUL"));
	return true;
}

static bool parse_by_type(const struct option_row *row, struct span text, struct value *v, struct error *err)
{
	switch (row->type) {
	case VALUE_NONE:
		if (text.len && !(row->flags & OPTION_BARE))
			return check_expected(err, _("no argument"), text);
		v->n = 1;
		return true;
	case VALUE_BOOL: return parse_bool(row, text, v, err);
	case VALUE_WORD: return parse_word(row, text, v, err);
	case VALUE_INT: return parse_int(row, text, v, err);
	case VALUE_STRING: return parse_string(row, text, v, err);
	case VALUE_PATH: return parse_path(text, v, err);
	case VALUE_DURATION: return parse_duration(text, v, err);
	case VALUE_SIZE: return parse_size(text, v, err);
	case VALUE_LIST: return parse_list(row, text, v, err);
	case VALUE_SECRET: return parse_secret(text, v, err);
	}
	return error_set(err, ERROR_INTERNAL, "value type %d", (int)row->type);
}

bool value_parse(const struct option_row *row, struct span text, struct value *out, struct error *err)
{
	struct value v = {.set = true};
	if (!text.len && row->flags & OPTION_EMPTY_UNSETS) {
		v.none = true;
	} else if (!parse_by_type(row, text, &v, err)) {
		value_release(&v);
		return false;
	}
	value_release(out);
	*out = v;
	return true;
}

static void format_quantity(long long n, const struct unit *units, size_t count, struct strbuf *out)
{
	for (size_t i = 0; i < count; i++)
		if (n % units[i].factor == 0) {
			strbuf_addf(out, "%lld%c", n / units[i].factor, units[i].letter);
			return;
		}
	strbuf_addf(out, "%lld", n);
}

static void format_word(const struct option_row *row, long long index, struct strbuf *out)
{
	struct span word;
	char mark;
	for (size_t i = 0; (word = option_word(row, i, &mark)).len; i++)
		if (mark != '=' && index-- == 0)
			strbuf_add_span(out, word);
}

static void format_list(const struct strvec *list, struct strbuf *out)
{
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			strbuf_addch(out, ' ');
		lexer_quote(span_of(list->v[i]), true, out);
	}
}

void value_format(const struct option_row *row, const struct value *v, struct strbuf *out)
{
	if (!v->set || v->none)
		return;
	switch (row->type) {
	case VALUE_NONE: break;
	case VALUE_BOOL: strbuf_adds(out, v->n ? "on" : "off"); break;
	case VALUE_WORD: format_word(row, v->n, out); break;
	case VALUE_INT: strbuf_addf(out, "%lld", v->n); break;
	case VALUE_STRING:
	case VALUE_PATH:
		/* an empty text that is not "set to nothing" is the null sender */
		lexer_quote(*v->s ? span_of(v->s) : SPAN_LIT("<>"), false, out);
		break;
	case VALUE_DURATION:
		if (v->n == DURATION_OFF)
			strbuf_adds(out, "off");
		else
			format_quantity(v->n, time_units, ARRAY_SIZE(time_units), out);
		break;
	case VALUE_SIZE:
		if (v->n == 0)
			strbuf_adds(out, "off");
		else
			format_quantity(v->n, size_units, ARRAY_SIZE(size_units), out);
		break;
	case VALUE_LIST: format_list(&v->list, out); break;
	case VALUE_SECRET: strbuf_adds(out, "<hidden>"); break;
	}
}

void value_copy(struct value *to, const struct value *from)
{
	struct value copy = {
		.set = from->set, .none = from->none, .n = from->n, .s = from->s ? xstrdup(from->s) : NULL};
	strvec_push_all(&copy.list, &from->list);
	secret_copy(&copy.secret, &from->secret);
	value_release(to);
	*to = copy;
}

bool value_equal(const struct option_row *row, const struct value *a, const struct value *b)
{
	if (a->set != b->set || a->none != b->none)
		return false;
	if (!a->set || a->none)
		return true;
	switch (row->type) {
	case VALUE_STRING:
	case VALUE_PATH: return strcmp(a->s, b->s) == 0;
	case VALUE_LIST: return strvec_equal(&a->list, &b->list);
	case VALUE_SECRET: return span_equal(secret_reveal(&a->secret), secret_reveal(&b->secret));
	case VALUE_NONE:
	case VALUE_BOOL:
	case VALUE_WORD:
	case VALUE_INT:
	case VALUE_DURATION:
	case VALUE_SIZE: return a->n == b->n;
	}
	return false;
}
