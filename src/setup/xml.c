/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/xml.h"

#include "base/utf8.h"

/* ---- encodings ---- */

static void add_character(struct strbuf *out, uint32_t c)
{
	if (c < 0x80) {
		strbuf_addch(out, (char)c);
	} else if (c < 0x800) {
		strbuf_addch(out, (char)(0xc0 | c >> 6));
		strbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		strbuf_addch(out, (char)(0xe0 | c >> 12));
		strbuf_addch(out, (char)(0x80 | (c >> 6 & 0x3f)));
		strbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	} else {
		strbuf_addch(out, (char)(0xf0 | c >> 18));
		strbuf_addch(out, (char)(0x80 | (c >> 12 & 0x3f)));
		strbuf_addch(out, (char)(0x80 | (c >> 6 & 0x3f)));
		strbuf_addch(out, (char)(0x80 | (c & 0x3f)));
	}
}

static uint32_t unit(struct span raw, size_t i, bool big)
{
	uint32_t a = (unsigned char)raw.ptr[i], b = (unsigned char)raw.ptr[i + 1];
	return big ? a << 8 | b : b << 8 | a;
}

static bool from_utf16(struct span raw, bool big, struct strbuf *out)
{
	if (raw.len % 2)
		return false;
	for (size_t i = 0; i < raw.len; i += 2) {
		uint32_t c = unit(raw, i, big);
		if (c >= 0xd800 && c < 0xdc00) {
			uint32_t low = i + 3 < raw.len ? unit(raw, i + 2, big) : 0;
			if (low < 0xdc00 || low > 0xdfff)
				return false;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		} else if (c >= 0xdc00 && c <= 0xdfff) {
			return false;
		}
		add_character(out, c);
	}
	return true;
}

static void from_latin1(struct span raw, struct strbuf *out)
{
	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.ptr[i];
		add_character(out, c >= 0x80 && c < 0xa0 ? '?' : c);
	}
}

/* The value of encoding="..." in a declaration that the text begins with, or an empty span. */
static struct span declared(struct span raw)
{
	struct span head = span_sub(raw, 0, raw.len < 200 ? raw.len : 200), none = {NULL, 0};
	if (!span_starts_nocase(head, "<?xml"))
		return none;
	const char *end = memchr(head.ptr, '>', head.len);
	head.len = end ? (size_t)(end - head.ptr) : 0;
	const char *at = head.len ? memmem(head.ptr, head.len, "encoding", 8) : NULL;
	if (!at)
		return none;
	struct span rest = span_trim(span_sub(head, (size_t)(at - head.ptr) + 8, head.len));
	if (!rest.len || rest.ptr[0] != '=')
		return none;
	rest = span_trim(span_sub(rest, 1, rest.len));
	if (!rest.len || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
		return none;
	const char *close = memchr(rest.ptr + 1, rest.ptr[0], rest.len - 1);
	return close ? span_make(rest.ptr + 1, (size_t)(close - rest.ptr) - 1) : none;
}

static bool is_one_of(struct span name, const char *const *names)
{
	for (; *names; names++)
		if (span_equals_str_nocase(name, *names))
			return true;
	return false;
}

bool xml_to_utf8(struct span raw, struct strbuf *out)
{
	static const char *const utf8[] = {"utf-8", "utf8", "us-ascii", "ascii", NULL};
	static const char *const latin1[] = {"iso-8859-1", "latin1", "iso-8859-15", "windows-1252", NULL};
	if (raw.len > XML_LIMIT || !raw.len)
		return false;
	if (raw.len >= 2 && (memcmp(raw.ptr, "\xfe\xff", 2) == 0 || memcmp(raw.ptr, "\xff\xfe", 2) == 0))
		return from_utf16(span_sub(raw, 2, raw.len), raw.ptr[0] == '\xfe', out);
	if (raw.len >= 2 && (memcmp(raw.ptr, "\0<", 2) == 0 || memcmp(raw.ptr, "<\0", 2) == 0))
		return from_utf16(raw, raw.ptr[0] == '\0', out);
	struct span text = utf8_without_bom(raw), encoding = declared(text);
	if (is_one_of(encoding, latin1) && text.len == raw.len) {
		from_latin1(text, out);
		return true;
	}
	if ((encoding.len && !is_one_of(encoding, utf8)) || !utf8_valid(text))
		return false;
	strbuf_add_span(out, text);
	return true;
}

/* ---- pieces ---- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_name_char(char c)
{
	return ascii_isalnum(c) || c == '_' || c == ':' || c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

static bool starts(struct span text, const char *with)
{
	size_t len = strlen(with);
	return text.len >= len && memcmp(text.ptr, with, len) == 0;
}

static void drop(struct span *rest, size_t n)
{
	*rest = span_sub(*rest, n, rest->len);
}

/* Removes everything up to and with end from the front of *rest.  False: it is not there. */
static bool drop_past(struct span *rest, const char *end, struct span *part)
{
	const char *at = rest->len ? memmem(rest->ptr, rest->len, end, strlen(end)) : NULL;
	if (!at)
		return false;
	*part = span_sub(*rest, 0, (size_t)(at - rest->ptr));
	drop(rest, part->len + strlen(end));
	return true;
}

static struct span take_name(struct span *rest)
{
	size_t n = 0;
	while (n < rest->len && is_name_char(rest->ptr[n]))
		n++;
	struct span name = span_sub(*rest, 0, n);
	drop(rest, n);
	return name;
}

static bool drop_spaces(struct span *rest)
{
	size_t n = 0;
	while (n < rest->len && is_space(rest->ptr[n]))
		n++;
	drop(rest, n);
	return n > 0;
}

static struct span local_name(struct span name)
{
	const char *colon = name.len ? memrchr(name.ptr, ':', name.len) : NULL;
	return colon ? span_sub(name, (size_t)(colon - name.ptr) + 1, name.len) : name;
}

/* XML 1.0 section 2.2, without the C1 controls, which nobody needs here. */
static bool is_character(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c < 0xd800) ||
	       (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c < 0x110000);
}

static bool add_number(struct span digits, struct strbuf *out)
{
	uint32_t c = 0;
	bool hex = digits.len > 1 && digits.ptr[0] == 'x';
	for (size_t i = hex ? 1 : 0; i < digits.len; i++) {
		char d = ascii_lower(digits.ptr[i]);
		uint32_t value = ascii_isdigit(d) ? (uint32_t)(d - '0') : (uint32_t)(d - 'a') + 10;
		if (!(ascii_isdigit(d) || (hex && d >= 'a' && d <= 'f')) || c > 0x110000)
			return false;
		c = c * (hex ? 16 : 10) + value;
	}
	if (!digits.len || !is_character(c))
		return false;
	add_character(out, c);
	return true;
}

static bool add_entity(struct span name, struct strbuf *out)
{
	static const struct {
		const char *name;
		char c;
	} known[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
	if (name.len && name.ptr[0] == '#')
		return add_number(span_sub(name, 1, name.len), out);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (span_equals_str(name, known[i].name)) {
			strbuf_addch(out, known[i].c);
			return true;
		}
	return false;
}

/* Appends raw text with its entities replaced. */
static bool add_text(struct span raw, struct strbuf *out)
{
	while (raw.len) {
		uint32_t c;
		size_t n = utf8_decode(raw, &c);
		if (raw.ptr[0] == '&') {
			struct span name;
			drop(&raw, 1);
			if (!drop_past(&raw, ";", &name) || !add_entity(name, out))
				return false;
			continue;
		}
		if (!n || !is_character(c))
			return false;
		strbuf_add(out, raw.ptr, n);
		drop(&raw, n);
	}
	return true;
}

/* ---- attributes ---- */

/* Removes one attribute from the front.  Returns 1, 0 at the end of them, -1 if it is none. */
static int take_attribute(struct span *rest, struct span *name, struct span *value)
{
	bool space = drop_spaces(rest);
	if (!rest->len || rest->ptr[0] == '>' || rest->ptr[0] == '/')
		return 0;
	*name = take_name(rest);
	(void)drop_spaces(rest);
	if (!space || !name->len || !rest->len || rest->ptr[0] != '=')
		return -1;
	drop(rest, 1);
	(void)drop_spaces(rest);
	char quote[2] = {rest->len ? rest->ptr[0] : '\0', '\0'};
	if (quote[0] != '"' && quote[0] != '\'')
		return -1;
	drop(rest, 1);
	return drop_past(rest, quote, value) && !(value->len && memchr(value->ptr, '<', value->len)) ? 1 : -1;
}

bool xml_attribute(const struct xml *xml, const char *wanted, struct strbuf *value)
{
	struct span rest = xml->attributes, name, raw;
	strbuf_reset(value);
	while (take_attribute(&rest, &name, &raw) > 0)
		if (span_equals_str(local_name(name), wanted))
			return add_text(raw, value);
	return false;
}

/* ---- events ---- */

void xml_init(struct xml *xml, struct span utf8)
{
	*xml = (struct xml){.rest = utf8};
}

static enum xml_event close_element(struct xml *xml, struct span name)
{
	if (!xml->depth || !span_equal(xml->open[xml->depth - 1], name))
		return XML_WRONG;
	xml->root_is_over = --xml->depth == 0;
	xml->name = local_name(name);
	xml->empty = false;
	return XML_CLOSE;
}

static enum xml_event read_close(struct xml *xml)
{
	drop(&xml->rest, 2);
	struct span name = take_name(&xml->rest);
	(void)drop_spaces(&xml->rest);
	if (!starts(xml->rest, ">"))
		return XML_WRONG;
	drop(&xml->rest, 1);
	return close_element(xml, name);
}

static enum xml_event read_open(struct xml *xml)
{
	struct span name, attribute, value;
	int got;
	drop(&xml->rest, 1);
	name = take_name(&xml->rest);
	struct span from = xml->rest;
	while ((got = take_attribute(&xml->rest, &attribute, &value)) > 0)
		;
	if (got < 0 || !name.len || xml->depth == XML_DEPTH || xml->root_is_over)
		return XML_WRONG;
	xml->attributes = span_sub(from, 0, from.len - xml->rest.len);
	xml->empty = starts(xml->rest, "/");
	drop(&xml->rest, xml->empty);
	if (!starts(xml->rest, ">"))
		return XML_WRONG;
	drop(&xml->rest, 1);
	xml->open[xml->depth++] = name;
	xml->name = local_name(name);
	return XML_OPEN;
}

static bool is_blank(struct span text)
{
	return span_trim(text).len == 0;
}

static enum xml_event read_text(struct xml *xml, struct strbuf *text)
{
	const char *end = memchr(xml->rest.ptr, '<', xml->rest.len);
	size_t len = end ? (size_t)(end - xml->rest.ptr) : xml->rest.len;
	struct span raw = span_sub(xml->rest, 0, len);
	drop(&xml->rest, len);
	if (!xml->depth && !is_blank(raw))
		return XML_WRONG;
	return add_text(raw, text) ? XML_TEXT : XML_WRONG;
}

static enum xml_event read_cdata(struct xml *xml, struct strbuf *text)
{
	struct span raw;
	drop(&xml->rest, 9);
	if (!xml->depth || !drop_past(&xml->rest, "]]>", &raw))
		return XML_WRONG;
	for (size_t i = 0, n; i < raw.len; i += n) {
		uint32_t c;
		n = utf8_decode(span_sub(raw, i, raw.len), &c);
		if (!n || !is_character(c))
			return XML_WRONG;
	}
	strbuf_add_span(text, raw);
	return XML_TEXT;
}

/* Comments and processing instructions mean nothing.  False: one of them has no end. */
static bool skip_unimportant(struct xml *xml)
{
	struct span part;
	for (;;) {
		if (starts(xml->rest, "<!--")) {
			drop(&xml->rest, 4);
			if (!drop_past(&xml->rest, "-->", &part))
				return false;
		} else if (starts(xml->rest, "<?")) {
			if (!drop_past(&xml->rest, "?>", &part))
				return false;
		} else {
			return true;
		}
	}
}

enum xml_event xml_next(struct xml *xml, struct strbuf *text)
{
	strbuf_reset(text);
	if (xml->empty)
		return close_element(xml, xml->open[xml->depth - 1]);
	if (!skip_unimportant(xml))
		return XML_WRONG;
	if (!xml->rest.len)
		return xml->root_is_over ? XML_END : XML_WRONG;
	if (xml->rest.ptr[0] != '<')
		return read_text(xml, text);
	if (starts(xml->rest, "</"))
		return read_close(xml);
	if (starts(xml->rest, "<![CDATA["))
		return read_cdata(xml, text);
	return starts(xml->rest, "<!") ? XML_WRONG : read_open(xml);
}
