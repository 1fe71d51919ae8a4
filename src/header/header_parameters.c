/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	content   = value *(";" parameter)				RFC 2045 section 5.1, RFC 2183
 *	parameter = regular-parameter / extended-parameter		RFC 2231 section 7
 *	regular-parameter   = attribute [section] "=" value
 *	extended-parameter  = attribute "*=" [charset] "'" [language] "'" *(%XX / attribute-char)
 *			    / attribute "*0*=" ... , attribute "*1*=" ...
 *
 * Parameters of ASCII stay octet by octet. Any other parameter becomes extended, and is divided into sections if it is
 * long and its name leaves room for text. A value that should be in quotes because of its spaces ends at the next
 * semicolon; a quoted-string or comment that does not end, at the end of the field. Sections that are there already are
 * joined first, since only section 0 can have a charset. A plain parameter with an extended one beside it (a fallback
 * for old readers) is left out: readers prefer the extended one.
 */
#include "header/header_tokens.h"

#include "base/utf8.h"
#include "base/xalloc.h"
#include "codec/extended_value.h"

/* The length of a section on a line of its own, with a space before it and a semicolon after it. */
#define SECTION_MAX (LINE_LIMIT_ENCODED - 2)
/* Names up to this length leave room for text on such a line. The sections of others have long lines, and so take as
 * little space; a name that leaves no room there, either, is given up. */
#define NAME_SHORT 30
#define NAME_LONGEST 400
#define NO_SECTION (-1)
/* Each parameter is compared with each other one. */
#define PARAMETERS_MAX 1000

enum action { ACTION_OPEN, ACTION_KEEP, ACTION_WRITE, ACTION_DROP };

/* From a ";" up to the next one. name.len is 0 if it is not a parameter. */
struct parameter {
	size_t from, to;	 /* tokens; the first one is the ";" */
	size_t attribute;	 /* a token */
	size_t value, value_end; /* tokens: usually one */
	struct span name;	 /* without section and "*" */
	long long section;
	bool extended, high;
	enum action action;
};

struct parameters {
	struct header_tokens tokens;
	struct parameter *v;
	size_t n, cap;
	bool open; /* the last token is a quoted-string that does not end */
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

static struct span value_text(const struct header_tokens *tokens, const struct parameter *param)
{
	const struct token *last = &tokens->v[param->value_end - 1];
	const char *start = tokens->v[param->value].text.ptr;
	return span_make(start, (size_t)(last->text.ptr + last->text.len - start));
}

static struct parameter read_parameter(const struct header_tokens *tokens, size_t from)
{
	struct parameter param = {.from = from, .to = from + 1};
	while (param.to < tokens->n && !token_is(&tokens->v[param.to], ';'))
		param.to++;

	size_t attribute = next_token(tokens, from + 1, param.to);
	size_t equals = next_token(tokens, attribute + 1, param.to);
	size_t value = next_token(tokens, equals + 1, param.to);
	const struct token *v = tokens->v;
	if (value >= param.to)
		return param;
	param.value_end = value + 1;
	for (size_t i = value + 1; i < param.to; i++)
		if (v[i].kind != TOKEN_SPACE && v[i].kind != TOKEN_COMMENT)
			param.value_end = i + 1;
	if (v[attribute].kind != TOKEN_ATOM || !is_visible(v[attribute].text) || !token_is(&v[equals], '='))
		return param;
	param.attribute = attribute;
	param.value = value;
	param.high = !utf8_is_ascii(value_text(tokens, &param));
	read_attribute(&param, v[attribute].text);
	return param;
}

/* A quoted-string or comment that does not end becomes one token with all that follows. */
static void add_open_token(struct parameters *p, struct span value)
{
	struct header_tokens *tokens = &p->tokens;
	size_t at = 0;
	for (size_t i = 0; i < tokens->n; i++)
		at += tokens->v[i].text.len;
	p->open = value.ptr[at] == '"';
	GROW(tokens->v, tokens->n, tokens->cap);
	tokens->v[tokens->n++] =
		(struct token){.kind = p->open ? TOKEN_QUOTED : TOKEN_ATOM, .text = span_sub(value, at, value.len)};
}

/* Returns false if there are too many parameters. */
static bool parameters_read(struct parameters *p, struct span value)
{
	/* A value may contain "=", as in base64: only the first one is a special. */
	if (!header_tokens_scan(value, ";=", &p->tokens))
		add_open_token(p, value);
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

static bool is_section_of(const struct parameter *param, const struct parameter *other)
{
	return other->section != NO_SECTION && same_name(param, other);
}

/* Whether the sections of that name are numbered from 0, each once. */
static bool sections_complete(const struct parameters *p, const struct parameter *param)
{
	bool seen[PARAMETERS_MAX] = {false};
	size_t n = 0, distinct = 0;
	for (size_t i = 0; i < p->n; i++)
		n += is_section_of(param, &p->v[i]);
	for (size_t i = 0; i < p->n; i++) {
		size_t number = (size_t)p->v[i].section;
		if (!is_section_of(param, &p->v[i]) || number >= n || seen[number])
			continue;
		seen[number] = true;
		distinct++;
	}
	return distinct == n;
}

/* The first section that is there, whatever its number, writes all sections of its name. */
static void decide_sections(struct parameters *p, const struct parameter *param)
{
	bool writes = param->name.len <= NAME_LONGEST && sections_complete(p, param);
	enum action action = writes ? ACTION_WRITE : ACTION_KEEP;
	for (size_t i = 0; i < p->n; i++) {
		if (!is_section_of(param, &p->v[i]))
			continue;
		p->v[i].action = action;
		action = writes ? ACTION_DROP : ACTION_KEEP;
	}
}

static void decide_actions(struct parameters *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct parameter *param = &p->v[i];
		if (!param->high || param->action != ACTION_OPEN)
			continue;
		if (param->section != NO_SECTION)
			decide_sections(p, param);
		else if (param->name.len > NAME_LONGEST)
			param->action = ACTION_KEEP;
		else if (!param->extended && has_extended_twin(p, param))
			param->action = ACTION_DROP;
		else
			param->action = ACTION_WRITE;
	}
}

/* ---- values ----------------------------------------------------------------------- */

struct content {
	struct strbuf text;
	struct span charset, language; /* as declared, else empty */
};

static void content_release(struct content *c)
{
	strbuf_release(&c->text);
}

/* The value without its quotes and folds. */
static void add_unquoted(struct strbuf *out, const struct parameters *p, const struct parameter *param)
{
	struct span sp = value_text(&p->tokens, param);
	bool quoted = param->value + 1 == param->value_end && p->tokens.v[param->value].kind == TOKEN_QUOTED;
	bool open = p->open && param->value + 1 == p->tokens.n;
	if (quoted)
		sp = span_sub(sp, 1, sp.len - !open);
	for (size_t i = 0; i < sp.len; i++) {
		if (quoted && sp.ptr[i] == '\\' && i + 1 < sp.len)
			i++;
		if (sp.ptr[i] != '\n')
			strbuf_addch(out, sp.ptr[i]);
	}
}

static bool is_charset(struct span sp)
{
	for (size_t i = 0; i < sp.len; i++)
		if (!ascii_isalnum(sp.ptr[i]) && !(sp.ptr[i] && strchr("-_.:+", sp.ptr[i])))
			return false;
	return true;
}

/* Cuts charset and language off an extended value. They are borrowed from the token, which contains the same text. A
 * value without them is taken as text. */
static void cut_declaration(struct content *content, const struct parameters *p, const struct parameter *param,
			    struct span *rest)
{
	struct span text = *rest, charset, language;
	struct span token = value_text(&p->tokens, param);
	if (!span_split(&text, '\'', &charset) || !span_split(&text, '\'', &language) || !text.ptr ||
	    !is_charset(charset) || !is_charset(language))
		return;
	const char *there = memmem(token.ptr, token.len, rest->ptr, charset.len + 1 + language.len);
	*rest = text;
	if (!there)
		return;
	content->charset = span_make(there, charset.len);
	content->language = span_make(there + charset.len + 1, language.len);
}

static void content_add(struct content *content, const struct parameters *p, const struct parameter *param)
{
	AUTO(strbuf) value = STRBUF_INIT;
	add_unquoted(&value, p, param);
	struct span rest = strbuf_span(&value);
	if (!param->extended) {
		strbuf_add_span(&content->text, rest);
		return;
	}
	if (param->section <= 0)
		cut_declaration(content, p, param, &rest);
	extended_value_decode(&content->text, rest);
}

static const struct parameter *find_section(const struct parameters *p, const struct parameter *param,
					    long long section)
{
	for (size_t i = 0; i < p->n; i++)
		if (same_name(param, &p->v[i]) && p->v[i].section == section)
			return &p->v[i];
	return NULL;
}

static void content_read(struct content *content, const struct parameters *p, const struct parameter *param)
{
	if (param->section == NO_SECTION)
		content_add(content, p, param);
	const struct parameter *part;
	for (long long i = 0; param->section != NO_SECTION && (part = find_section(p, param, i)); i++)
		content_add(content, p, part);
}

/* ---- writing ------------------------------------------------------------------------ */

static void add_declaration(struct strbuf *out, const struct content *content)
{
	struct span charset = content->charset;
	bool utf8 = utf8_valid(strbuf_span(&content->text));
	if (!charset.len || span_equals_str_nocase(charset, "us-ascii") || span_equals_str_nocase(charset, "utf-8"))
		charset = utf8 ? SPAN_LIT("utf-8") : SPAN_LIT("unknown-8bit");
	strbuf_add_span(out, charset);
	strbuf_addch(out, '\'');
	strbuf_add_span(out, content->language);
	strbuf_addch(out, '\'');
}

static void write_sections(struct header_pieces *pieces, struct span name, const struct content *content,
			   struct span space)
{
	struct span text = strbuf_span(&content->text);
	size_t max = name.len <= NAME_SHORT ? SECTION_MAX : LINE_LIMIT - 2;
	for (unsigned section = 0; text.len; section++) {
		AUTO(strbuf) out = STRBUF_INIT;
		strbuf_add_span(&out, name);
		strbuf_addf(&out, "*%u*=", section);
		if (!section)
			add_declaration(&out, content);
		size_t n = extended_value_fitting(text, out.len < max ? max - out.len : 0);
		extended_value_add(&out, span_sub(text, 0, n));
		text = span_sub(text, n, text.len);
		if (text.len)
			strbuf_addch(&out, ';');
		header_pieces_add_made(pieces, section ? SPAN_LIT("\n ") : space, &out);
	}
}

/* Whether NAME* would be read as a section of another name: so would "x*1*", of which "x*1*0=y" is section 0. */
static bool reads_as_section(struct span name)
{
	struct parameter param = {.section = NO_SECTION};
	read_attribute(&param, name);
	return param.section != NO_SECTION;
}

static void write_content(struct header_pieces *pieces, struct span name, const struct content *content)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct span space = pieces->space.len ? pieces->space : SPAN_LIT(" ");
	strbuf_add_span(&out, name);
	strbuf_adds(&out, "*=");
	add_declaration(&out, content);
	extended_value_add(&out, strbuf_span(&content->text));
	if (out.len <= SECTION_MAX && !reads_as_section(name))
		header_pieces_add_made(pieces, space, &out);
	else
		write_sections(pieces, name, content, space);
}

static void rewrite_parameter(const struct header_target *to, const struct parameters *p, const struct parameter *param)
{
	AUTO(content) content = {.text = STRBUF_INIT, .charset = {"", 0}, .language = {"", 0}};
	content_read(&content, p, param);
	write_content(to->pieces, param->name, &content);
}

static void write_parameter(const struct header_target *to, const struct parameters *p, const struct parameter *param)
{
	const struct token *v = p->tokens.v;
	if (param->action == ACTION_DROP)
		return;
	for (size_t i = param->from; i < param->to; i++) {
		if (param->action == ACTION_WRITE && i == param->attribute) {
			rewrite_parameter(to, p, param);
			i = param->value_end - 1;
		} else {
			header_tokens_add_fixed(to, &v[i]);
		}
	}
}

bool header_parameters_add(const struct header_target *to, struct span value)
{
	AUTO(parameters) p = {.tokens = HEADER_TOKENS_INIT, .v = NULL, .n = 0, .cap = 0};
	if (!parameters_read(&p, value))
		return false;
	decide_actions(&p);
	size_t first = p.n ? p.v[0].from : p.tokens.n;
	for (size_t i = 0; i < first; i++)
		header_tokens_add_fixed(to, &p.tokens.v[i]);
	for (size_t i = 0; i < p.n; i++)
		write_parameter(to, &p, &p.v[i]);
	return true;
}
