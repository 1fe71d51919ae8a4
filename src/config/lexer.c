/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/lexer.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "config/expected.h"

void lexer_init(struct lexer *lexer, struct span text)
{
	*lexer = (struct lexer){utf8_without_bom(text), 0};
}

static struct span next_line(struct lexer *lexer)
{
	const char *end = memchr(lexer->rest.ptr, '\n', lexer->rest.len);
	size_t len = end ? (size_t)(end - lexer->rest.ptr) : lexer->rest.len;
	struct span line = span_sub(lexer->rest, 0, len);
	lexer->rest = span_sub(lexer->rest, end ? len + 1 : len, lexer->rest.len);
	lexer->line++;
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

int lexer_next(struct lexer *lexer, struct lexer_line *out, struct error *err)
{
	while (lexer->rest.len) {
		struct span line = next_line(lexer), rest = line;
		const char *nul = line.len ? memchr(line.ptr, '\0', line.len) : NULL;
		if (nul) {
			*out = (struct lexer_line){.line = lexer->line, .column = (unsigned)(nul - line.ptr) + 1};
			(void)error_set(err, ERROR_CONFIG, _("expected text, got a NUL byte"));
			return -1;
		}
		struct span command = span_word(&rest);
		if (!command.len || command.ptr[0] == '#')
			continue;
		while (rest.len && ascii_isblank(rest.ptr[0]))
			rest = span_sub(rest, 1, rest.len);
		while (rest.len && ascii_isblank(rest.ptr[rest.len - 1]))
			rest.len--;
		*out = (struct lexer_line){.line = lexer->line,
					   .column = (unsigned)(command.ptr - line.ptr) + 1,
					   .argument_column = (unsigned)(rest.ptr - line.ptr) + 1,
					   .command = command,
					   .argument = rest};
		return 1;
	}
	return 0;
}

/*
 * Reads text between double quotes, up to the one that ends it; raw begins with one.  Returns the number of bytes
 * used, both quotes included; 0 with err set.
 */
static size_t unquote(struct span raw, struct strbuf *out, size_t *at, struct error *err)
{
	for (size_t i = 1; i < raw.len; i++) {
		if (raw.ptr[i] == '"')
			return i + 1;
		if (raw.ptr[i] == '\\') {
			if (i + 1 < raw.len && raw.ptr[i + 1] != '"' && raw.ptr[i + 1] != '\\') {
				*at = i;
				(void)error_set(err, ERROR_CONFIG,
						_("expected \\\" or \\\\ between the quotes, got another escape"));
				error_hint(err, _("Between double quotes, write a backslash as \\\\."));
				return 0;
			}
			i++;
		}
		if (i < raw.len)
			strbuf_addch(out, raw.ptr[i]);
	}
	*at = raw.len;
	(void)error_set(err, ERROR_CONFIG, _("expected a closing double quote, got the end of the line"));
	return 0;
}

bool lexer_argument(struct span raw, enum config_flavour flavour, struct strbuf *out, size_t *at, struct error *err)
{
	struct strbuf text = STRBUF_INIT;
	if (!raw.len || raw.ptr[0] != '"') {
		strbuf_add_span(out, raw);
		return true;
	}
	if (flavour == FLAVOUR_MSMTP) {
		bool pair = raw.len >= 2 && raw.ptr[raw.len - 1] == '"';
		strbuf_add_span(out, pair ? span_sub(raw, 1, raw.len - 1) : raw);
		return true;
	}
	/* the argument may be a secret: reserving space for all of it leaves no copy behind, and errors do not quote
	 * it */
	strbuf_grow(&text, raw.len);
	strbuf_grow(out, raw.len);
	size_t used = unquote(raw, &text, at, err);
	bool ended = used == raw.len;
	if (used && !ended) {
		*at = used;
		(void)error_set(err, ERROR_CONFIG,
				_("expected the end of the line after the closing double quote, got more text"));
	}
	if (used && ended)
		strbuf_add_span(out, strbuf_span(&text));
	strbuf_wipe(&text);
	return used && ended;
}

int lexer_word(struct span *rest, struct strbuf *out, struct error *err)
{
	size_t at;
	while (rest->len && ascii_isblank(rest->ptr[0]))
		*rest = span_sub(*rest, 1, rest->len);
	if (!rest->len)
		return 0;
	if (rest->ptr[0] != '"') {
		strbuf_add_span(out, span_word(rest));
		return 1;
	}
	size_t used = unquote(*rest, out, &at, err);
	if (!used)
		return -1;
	if (used < rest->len && !ascii_isblank(rest->ptr[used])) {
		(void)check_expected(err, _("a space after the closing double quote"),
				     span_sub(*rest, used, rest->len));
		return -1;
	}
	*rest = span_sub(*rest, used, rest->len);
	return 1;
}

void lexer_quote(struct span text, bool one_word, struct strbuf *out)
{
	bool quotes =
		text.len && (text.ptr[0] == '"' || ascii_isblank(text.ptr[0]) || ascii_isblank(text.ptr[text.len - 1]));
	for (size_t i = 0; one_word && i < text.len; i++)
		quotes = quotes || ascii_isblank(text.ptr[i]);
	if (!quotes && (text.len || !one_word)) {
		strbuf_add_span(out, text);
		return;
	}
	strbuf_addch(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"' || text.ptr[i] == '\\')
			strbuf_addch(out, '\\');
		strbuf_addch(out, text.ptr[i]);
	}
	strbuf_addch(out, '"');
}
