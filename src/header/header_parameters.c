/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	content   = value *(";" parameter)				RFC 2045 section 5.1, RFC 2183
 *	parameter = regular-parameter / extended-parameter		RFC 2231 section 7
 *	regular-parameter   = attribute [section] "=" value
 *	extended-parameter  = attribute "*=" [charset] "'" [language] "'" *(%XX / attribute-char)
 *			    / attribute "*0*=" ... , attribute "*1*=" ...
 *
 * Parameters of ASCII stay octet by octet. Any other parameter becomes extended, and is divided into sections if it is
 * long. Sections that are there already are joined first, since only section 0 can have a charset. A plain parameter
 * with an extended one beside it (a fallback for old readers) is left out: readers prefer the extended one.
 */
#include "header/header_tokens.h"

#include "base/utf8.h"
#include "base/xalloc.h"
#include "codec/extended_value.h"

/* The length of a section on a line of its own, with a space before it and a semicolon after it. */
#define SECTION_MAX (LINE_LIMIT_ENCODED - 2)
#define NO_SECTION (-1)
/* Each parameter is compared with each other one. */
#define PARAMETERS_MAX 1000

enum action { ACTION_KEEP, ACTION_WRITE, ACTION_DROP };

/* From a ";" up to the next one. name.len is 0 if it is not a parameter. */
struct parameter {
	size_t from, to;	 /* tokens; the first one is the ";" */
	size_t attribute, value; /* tokens */
	struct span name;	 /* without section and "*" */
	long long section;
	bool extended, high;
	enum action action;
};

struct parameters {
	struct header_tokens tokens;
	struct parameter *v;
	size_t n, cap;
};

static void parameters_release(struct parameters *p)
{
	header_tokens_release(&p->tokens);
	free(p->v);
}

/* ---- reading ------------------------------------------------------------------ */

/* NAME, NAME*, NAME*3, NAME*3*; the number has no leading zeros. */
static void read_attribute(struct parameter *param, struct span attribute)
{
	unsigned long long section;
	param->section = NO_SECTION;
	if (attribute.len && attribute.ptr[attribute.len - 1] == '*') {
		param->extended = true;
		attribute.len--;
	}
	const char *star = attribute.len ? memrchr(attribute.ptr, '*', attribute.len) : NULL;
	if (star) {
		size_t at = (size_t)(star - attribute.ptr);
		struct span digits = span_sub(attribute, at + 1, attribute.len);
		bool plain = digits.len < 6 && (digits.len == 1 || (digits.len && *digits.ptr != '0'));
		if (plain && span_to_u64(digits, &section)) {
			param->section = (long long)section;
			attribute.len = at;
		}
	}
	param->name = attribute;
}

/* The next token that is neither white space nor a comment. */
static size_t next_token(const struct header_tokens *tokens, size_t i, size_t to)
{
	while (i < to && (tokens->v[i].kind == TOKEN_SPACE || tokens->v[i].kind == TOKEN_COMMENT))
		i++;
	return i;
}

static bool is_visible(struct span sp)
{
	for (size_t i = 0; i < sp.len; i++)
		if ((unsigned char)sp.ptr[i] <= ' ' || (unsigned char)sp.ptr[i] >= 0x7f)
			return false;
	return true;
}

static struct parameter read_parameter(const struct header_tokens *tokens, size_t from)
{
	struct parameter param = {.from = from, .to = from + 1};
	while (param.to < tokens->n && !token_is(&tokens->v[param.to], ';'))
		param.to++;

	size_t attribute = next_token(tokens, from + 1, param.to);
	size_t equals = next_token(tokens, attribute + 1, param.to);
	size_t value = next_token(tokens, equals + 1, param.to);
	if (value >= param.to || next_token(tokens, value + 1, param.to) != param.to)
		return param;
	const struct token *v = tokens->v;
	if (v[attribute].kind != TOKEN_ATOM || !is_visible(v[attribute].text) || !token_is(&v[equals], '=') ||
	    v[value].kind == TOKEN_SPECIAL)
		return param;
	param.attribute = attribute;
	param.value = value;
	param.high = !utf8_is_ascii(v[value].text);
	read_attribute(&param, v[attribute].text);
	return param;
}

/* Returns false if the value cannot be read or has too many parameters. */
static bool parameters_read(struct parameters *p, struct span value)
{
	/* A value may contain "=", as in base64: only the first one is a special. */
	if (!header_tokens_scan(value, ";=", &p->tokens))
		return false;
	size_t i = 0;
	while (i < p->tokens.n && !token_is(&p->tokens.v[i], ';'))
		i++;
	while (i < p->tokens.n) {
		if (p->n == PARAMETERS_MAX)
			return false;
		GROW(p->v, p->n, p->cap);
		p->v[p->n] = read_parameter(&p->tokens, i);
		i = p->v[p->n++].to;
	}
	return true;
}

/* ---- deciding ------------------------------------------------------------------- */

static bool same_name(const struct parameter *a, const struct parameter *b)
{
	return b->name.len && span_equal_nocase(a->name, b->name);
}

static bool has_extended_twin(const struct parameters *p, const struct parameter *param)
{
	for (size_t i = 0; i < p->n; i++)
		if (same_name(param, &p->v[i]) && (p->v[i].extended || p->v[i].section != NO_SECTION))
			return true;
	return false;
}

/* The first section that is there, whatever its number, writes all sections of its name. */
static void decide_sections(struct parameters *p, const struct parameter *param)
{
	enum action action = ACTION_WRITE;
	for (size_t i = 0; i < p->n; i++) {
		if (!same_name(param, &p->v[i]) || p->v[i].section == NO_SECTION)
			continue;
		p->v[i].action = action;
		action = ACTION_DROP;
	}
}

static void decide_actions(struct parameters *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct parameter *param = &p->v[i];
		if (!param->high || param->action != ACTION_KEEP)
			continue;
		if (param->section != NO_SECTION)
			decide_sections(p, param);
		else if (!param->extended && has_extended_twin(p, param))
			param->action = ACTION_DROP;
		else
			param->action = ACTION_WRITE;
	}
}

/* ---- values ----------------------------------------------------------------------- */

struct content {
	struct strbuf text; /* UTF-8, unless the sender made a mistake */
	struct span language;
};

static void content_release(struct content *c)
{
	strbuf_release(&c->text);
}

static void add_unquoted(struct strbuf *out, const struct token *token)
{
	struct span sp = token->text;
	bool quoted = token->kind == TOKEN_QUOTED;
	if (quoted)
		sp = span_sub(sp, 1, sp.len - 1);
	for (size_t i = 0; i < sp.len; i++) {
		if (quoted && sp.ptr[i] == '\\' && i + 1 < sp.len)
			i++;
		if (sp.ptr[i] != '\n')
			strbuf_addch(out, sp.ptr[i]);
	}
}

/* Returns false if the value is in another charset than UTF-8: then the meaning of its raw octets is unknown. */
static bool content_add(struct content *content, const struct parameters *p, const struct parameter *param)
{
	AUTO(strbuf) value = STRBUF_INIT;
	struct span charset;
	add_unquoted(&value, &p->tokens.v[param->value]);
	if (!param->extended) {
		strbuf_add_span(&content->text, strbuf_span(&value));
		return true;
	}
	struct span rest = strbuf_span(&value);
	if (param->section <= 0) {
		struct span language;
		if (!span_split(&rest, '\'', &charset) || !span_split(&rest, '\'', &language) || !rest.ptr)
			return false;
		if (charset.len && !span_equals_str_nocase(charset, "utf-8") &&
		    !span_equals_str_nocase(charset, "us-ascii"))
			return false;
		/* Borrowed from the token, which contains the same text unless there is a quoted-pair in it. */
		const char *there = language.len
					    ? memmem(p->tokens.v[param->value].text.ptr,
						     p->tokens.v[param->value].text.len, language.ptr, language.len)
					    : NULL;
		content->language =
			there && utf8_is_ascii(language) ? span_make(there, language.len) : span_make("", 0);
	}
	extended_value_decode(&content->text, rest);
	return true;
}

static const struct parameter *find_section(const struct parameters *p, const struct parameter *param,
					    long long section)
{
	for (size_t i = 0; i < p->n; i++)
		if (same_name(param, &p->v[i]) && p->v[i].section == section)
			return &p->v[i];
	return NULL;
}

static size_t count_sections(const struct parameters *p, const struct parameter *param)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++)
		n += same_name(param, &p->v[i]) && p->v[i].section != NO_SECTION;
	return n;
}

static bool content_read(struct content *content, const struct parameters *p, const struct parameter *param)
{
	if (param->section == NO_SECTION)
		return content_add(content, p, param);
	size_t n = count_sections(p, param);
	for (size_t i = 0; i < n; i++) {
		const struct parameter *part = find_section(p, param, (long long)i);
		if (!part || !content_add(content, p, part))
			return false;
	}
	return utf8_valid(strbuf_span(&content->text));
}

/* ---- writing ------------------------------------------------------------------------ */

static void write_sections(struct header_pieces *pieces, struct span name, const struct content *content,
			   struct span space)
{
	struct span text = strbuf_span(&content->text);
	for (unsigned section = 0; text.len; section++) {
		AUTO(strbuf) out = STRBUF_INIT;
		strbuf_add_span(&out, name);
		strbuf_addf(&out, "*%u*=", section);
		if (!section) {
			strbuf_adds(&out, "utf-8'");
			strbuf_add_span(&out, content->language);
			strbuf_addch(&out, '\'');
		}
		size_t n = extended_value_fitting(text, out.len < SECTION_MAX ? SECTION_MAX - out.len : 0);
		extended_value_add(&out, span_sub(text, 0, n));
		text = span_sub(text, n, text.len);
		if (text.len)
			strbuf_addch(&out, ';');
		header_pieces_add_made(pieces, section ? SPAN_LIT("\n ") : space, &out);
	}
}

static void write_content(struct header_pieces *pieces, struct span name, const struct content *content)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct span space = pieces->space.len ? pieces->space : SPAN_LIT(" ");
	strbuf_add_span(&out, name);
	strbuf_adds(&out, "*=utf-8'");
	strbuf_add_span(&out, content->language);
	strbuf_addch(&out, '\'');
	extended_value_add(&out, strbuf_span(&content->text));
	if (out.len <= SECTION_MAX)
		header_pieces_add_made(pieces, space, &out);
	else
		write_sections(pieces, name, content, space);
}

static bool write_parameter(struct header_pieces *pieces, const struct parameters *p, const struct parameter *param,
			    struct span name, struct error *err)
{
	const struct token *v = p->tokens.v;
	enum header_refusal why = param->name.len ? REFUSAL_PLACE : REFUSAL_SYNTAX;
	if (param->action == ACTION_DROP)
		return true;
	for (size_t i = param->from; i < param->to; i++) {
		if (param->action == ACTION_WRITE && i == param->attribute) {
			AUTO(content) content = {.text = STRBUF_INIT, .language = {"", 0}};
			if (!content_read(&content, p, param))
				return header_refuse(err, REFUSAL_SYNTAX, name,
						     span_make(v[i].text.ptr,
							       (size_t)(v[param->value].text.ptr - v[i].text.ptr) +
								       v[param->value].text.len));
			write_content(pieces, param->name, &content);
			i = param->value;
		} else if (!header_tokens_add_fixed(pieces, &v[i], why, name, err)) {
			return false;
		}
	}
	return true;
}

bool header_parameters_add(struct header_pieces *pieces, struct span name, struct span value, struct error *err)
{
	AUTO(parameters) p = {.tokens = HEADER_TOKENS_INIT, .v = NULL, .n = 0, .cap = 0};
	if (!parameters_read(&p, value))
		return header_refuse(err, REFUSAL_SYNTAX, name, value);
	decide_actions(&p);
	size_t first = p.n ? p.v[0].from : p.tokens.n;
	for (size_t i = 0; i < first; i++)
		if (!header_tokens_add_fixed(pieces, &p.tokens.v[i], REFUSAL_PLACE, name, err))
			return false;
	for (size_t i = 0; i < p.n; i++)
		if (!write_parameter(pieces, &p, &p.v[i], name, err))
			return false;
	return true;
}
