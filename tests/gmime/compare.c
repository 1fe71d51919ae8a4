/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare.h"

#include <gmime/gmime.h>

void compare_init(void)
{
	g_mime_init();
}

void compare_end(void)
{
	g_mime_shutdown();
}

struct comparison {
	struct strbuf *why;
	struct strbuf place; /* "part 2.1" */
	bool same;
};

static void differ(struct comparison *c, const char *what, const char *before, const char *after)
{
	c->same = false;
	strbuf_addf(c->why, "%s: %s was \"%s\", is \"%s\"\n", c->place.len ? c->place.buf : "the message", what,
		    before ? before : "(none)", after ? after : "(none)");
}

static void same_text(struct comparison *c, const char *what, const char *before, const char *after)
{
	if (g_strcmp0(before, after) != 0)
		differ(c, what, before, after);
}

static void same_number(struct comparison *c, const char *what, int before, int after)
{
	if (before != after) {
		g_autofree char *b = g_strdup_printf("%d", before), *a = g_strdup_printf("%d", after);
		differ(c, what, b, a);
	}
}

/* ---- fields ------------------------------------------------------------------------- */

static void same_parameters(struct comparison *c, GMimeParamList *before, GMimeParamList *after)
{
	int n = g_mime_param_list_length(before);
	same_number(c, "the number of parameters", n, g_mime_param_list_length(after));
	for (int i = 0; i < n; i++) {
		GMimeParam *param = g_mime_param_list_get_parameter_at(before, i);
		GMimeParam *there = g_mime_param_list_get_parameter(after, g_mime_param_get_name(param));
		same_text(c, g_mime_param_get_name(param), g_mime_param_get_value(param),
			  there ? g_mime_param_get_value(there) : NULL);
	}
}

static void same_type(struct comparison *c, GMimeObject *before, GMimeObject *after)
{
	GMimeContentType *b = g_mime_object_get_content_type(before), *a = g_mime_object_get_content_type(after);
	g_autofree char *bt = g_mime_content_type_get_mime_type(b), *at = g_mime_content_type_get_mime_type(a);
	same_text(c, "its type", bt, at);
	/* Text without a type gets one, for the charset. */
	if (g_mime_object_get_header(before, "Content-Type"))
		same_parameters(c, g_mime_content_type_get_parameters(b), g_mime_content_type_get_parameters(a));
}

static void same_disposition(struct comparison *c, GMimeObject *before, GMimeObject *after)
{
	GMimeContentDisposition *b = g_mime_object_get_content_disposition(before),
				*a = g_mime_object_get_content_disposition(after);
	same_number(c, "having a disposition", b != NULL, a != NULL);
	if (!b || !a)
		return;
	same_text(c, "its disposition", g_mime_content_disposition_get_disposition(b),
		  g_mime_content_disposition_get_disposition(a));
	same_parameters(c, g_mime_content_disposition_get_parameters(b), g_mime_content_disposition_get_parameters(a));
}

static bool may_change(const char *name)
{
	static const char *const names[] = {"Content-Transfer-Encoding", "MIME-Version", "Content-Type",
					    "Content-Disposition"};
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static void next_header(GMimeHeaderList *list, int *i)
{
	while (*i < g_mime_header_list_get_count(list) &&
	       may_change(g_mime_header_get_name(g_mime_header_list_get_header_at(list, *i))))
		++*i;
}

/* Parses and writes the addresses, so that quotes and spaces that mean nothing are the same. */
static char *addresses_of(const char *raw)
{
	InternetAddressList *list = internet_address_list_parse(NULL, raw);
	char *text = list ? internet_address_list_to_string(list, NULL, FALSE) : g_strdup("not a list");
	g_clear_object(&list);
	return text;
}

/* A list of phrases, without spaces before commas. */
static char *phrases_of(const char *value)
{
	g_auto(GStrv) phrases = g_strsplit(value, ",", -1);
	for (char **phrase = phrases; *phrase; phrase++)
		g_strstrip(*phrase);
	return g_strjoinv(",", phrases);
}

static char *display(GMimeHeader *header)
{
	static const char *const names[] = {"From", "Sender", "Reply-To",  "To",
					    "Cc",   "Bcc",    "Resent-To", "Resent-From"};
	const char *name = g_mime_header_get_name(header);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return addresses_of(g_mime_header_get_raw_value(header));
	return g_ascii_strcasecmp(name, "Keywords") == 0 ? phrases_of(g_mime_header_get_value(header))
							 : g_strdup(g_mime_header_get_value(header));
}

/* Compares the fields in their order, as they are displayed. */
static void same_headers(struct comparison *c, GMimeObject *before, GMimeObject *after)
{
	GMimeHeaderList *b = g_mime_object_get_header_list(before), *a = g_mime_object_get_header_list(after);
	for (int i = 0, k = 0;; i++, k++) {
		next_header(b, &i);
		next_header(a, &k);
		bool more_b = i < g_mime_header_list_get_count(b), more_a = k < g_mime_header_list_get_count(a);
		if (!more_b || !more_a) {
			same_number(c, "having one more field", more_b, more_a);
			return;
		}
		GMimeHeader *hb = g_mime_header_list_get_header_at(b, i), *ha = g_mime_header_list_get_header_at(a, k);
		same_text(c, "the name of a field", g_mime_header_get_name(hb), g_mime_header_get_name(ha));
		g_autofree char *bd = display(hb), *ad = display(ha);
		same_text(c, g_mime_header_get_name(hb), bd, ad);
	}
}

static void same_addresses(struct comparison *c, GMimeMessage *before, GMimeMessage *after)
{
	static const struct {
		GMimeAddressType type;
		const char *name;
	} lists[] = {
		{GMIME_ADDRESS_TYPE_SENDER, "Sender"},
		{GMIME_ADDRESS_TYPE_FROM, "From"},
		{GMIME_ADDRESS_TYPE_REPLY_TO, "Reply-To"},
		{GMIME_ADDRESS_TYPE_TO, "To"},
		{GMIME_ADDRESS_TYPE_CC, "Cc"},
		{GMIME_ADDRESS_TYPE_BCC, "Bcc"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		InternetAddressList *b = g_mime_message_get_addresses(before, lists[i].type),
				    *a = g_mime_message_get_addresses(after, lists[i].type);
		g_autofree char *bt = internet_address_list_to_string(b, NULL, FALSE),
				*at = internet_address_list_to_string(a, NULL, FALSE);
		same_text(c, lists[i].name, bt, at);
	}
}

/* ---- content -------------------------------------------------------------------------- */

static void content_of(GMimePart *part, bool exact, struct strbuf *out)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	if (!wrapper)
		return;
	GMimeStream *memory = g_mime_stream_mem_new();
	(void)g_mime_data_wrapper_write_to_stream(wrapper, memory);
	GByteArray *octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
	for (guint i = 0; i < octets->len; i++) {
		char c = (char)octets->data[i];
		bool crlf = c == '\r' && i + 1 < octets->len && octets->data[i + 1] == '\n';
		if (exact || !crlf)
			strbuf_addch(out, c == '\r' && !exact ? '\n' : c);
	}
	g_object_unref(memory);
}

/* SMTP ends the last line of a message, so a line end there that only one of them has is not a difference. */
static void forgive_last_end(struct strbuf *b, struct strbuf *a)
{
	struct strbuf *longer = a->len > b->len ? a : b, *shorter = longer == a ? b : a;
	if (longer->len == shorter->len + 1 && longer->buf[shorter->len] == '\n')
		strbuf_setlen(longer, shorter->len);
}

static void same_content(struct comparison *c, GMimePart *before, GMimePart *after)
{
	AUTO(strbuf) b = STRBUF_INIT;
	AUTO(strbuf) a = STRBUF_INIT;
	bool text = g_mime_content_type_is_type(g_mime_object_get_content_type(GMIME_OBJECT(before)), "text", "*");
	bool exact = !text && g_mime_part_get_content_encoding(before) == GMIME_CONTENT_ENCODING_BINARY;
	content_of(before, exact, &b);
	content_of(after, exact, &a);
	if (!c->place.len && !exact)
		forgive_last_end(&b, &a);
	if (!span_equal(strbuf_span(&b), strbuf_span(&a)))
		differ(c, "its content", b.buf, a.buf);
}

/* ---- trees ------------------------------------------------------------------------------ */

static void same_object(struct comparison *c, GMimeObject *before, GMimeObject *after);

static void same_multipart(struct comparison *c, GMimeMultipart *before, GMimeMultipart *after)
{
	int n = g_mime_multipart_get_count(before);
	same_number(c, "the number of parts", n, g_mime_multipart_get_count(after));
	same_text(c, "the preamble", g_mime_multipart_get_prologue(before), g_mime_multipart_get_prologue(after));
	same_text(c, "the epilogue", g_mime_multipart_get_epilogue(before), g_mime_multipart_get_epilogue(after));
	for (int i = 0; i < n && i < g_mime_multipart_get_count(after); i++) {
		size_t len = c->place.len;
		strbuf_addf(&c->place, "%s%d", len ? "." : "part ", i + 1);
		same_object(c, g_mime_multipart_get_part(before, i), g_mime_multipart_get_part(after, i));
		strbuf_setlen(&c->place, len);
	}
}

static void same_message(struct comparison *c, GMimeMessage *before, GMimeMessage *after)
{
	same_headers(c, GMIME_OBJECT(before), GMIME_OBJECT(after));
	same_addresses(c, before, after);
	same_object(c, g_mime_message_get_mime_part(before), g_mime_message_get_mime_part(after));
}

static void same_object(struct comparison *c, GMimeObject *before, GMimeObject *after)
{
	if (!before || !after) {
		same_number(c, "being there", before != NULL, after != NULL);
		return;
	}
	same_text(c, "its kind", G_OBJECT_TYPE_NAME(before), G_OBJECT_TYPE_NAME(after));
	if (G_OBJECT_TYPE(before) != G_OBJECT_TYPE(after))
		return;
	same_type(c, before, after);
	same_disposition(c, before, after);
	same_headers(c, before, after);
	if (GMIME_IS_MULTIPART(before))
		same_multipart(c, GMIME_MULTIPART(before), GMIME_MULTIPART(after));
	else if (GMIME_IS_MESSAGE_PART(before))
		same_message(c, g_mime_message_part_get_message(GMIME_MESSAGE_PART(before)),
			     g_mime_message_part_get_message(GMIME_MESSAGE_PART(after)));
	else if (GMIME_IS_PART(before))
		same_content(c, GMIME_PART(before), GMIME_PART(after));
}

/* A boundary at the end of the message gets a line end: without one, GMime would read half of the CRLF before the
 * boundary as content. */
static GMimeMessage *parse(struct span text)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(text.ptr, text.len);
	if (text.len > 2 && memcmp(text.ptr + text.len - 2, "--", 2) == 0) {
		const char *lf = memchr(text.ptr, '\n', text.len);
		bool crlf = lf && lf > text.ptr && lf[-1] == '\r';
		(void)g_mime_stream_seek(stream, 0, GMIME_STREAM_SEEK_END);
		(void)g_mime_stream_write_string(stream, crlf ? "\r\n" : "\n");
		(void)g_mime_stream_seek(stream, 0, GMIME_STREAM_SEEK_SET);
	}
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	return message;
}

bool compare_messages(struct span before, struct span after, struct strbuf *why)
{
	struct comparison c = {.why = why, .place = STRBUF_INIT, .same = true};
	GMimeMessage *b = parse(before), *a = parse(after);
	if (b && a)
		same_message(&c, b, a);
	else
		same_number(&c, "being a message", b != NULL, a != NULL);
	g_clear_object(&b);
	g_clear_object(&a);
	strbuf_release(&c.place);
	return c.same;
}

/* ---- single fields and parts ---------------------------------------------------------------- */

/* GMime leaves the line ends of folds in a display name; they mean nothing (RFC 5322 section 2.2.3). */
static void shown(struct strbuf *why, const char *what, const char *want, const char *is)
{
	AUTO(strbuf) unfolded = STRBUF_INIT;
	for (; is && *is; is++)
		if (*is != '\r' && *is != '\n')
			strbuf_addch(&unfolded, *is);
	if (strcmp(want, unfolded.buf) != 0)
		strbuf_addf(why, "%s should be \"%s\", is \"%s\"\n", what, want, unfolded.buf);
}

/* The header may lack the empty line at its end. */
static GMimeMessage *parse_header(struct span text)
{
	AUTO(strbuf) all = STRBUF_INIT;
	strbuf_add_span(&all, text);
	strbuf_adds(&all, "\r\n");
	return parse(strbuf_span(&all));
}

static InternetAddressList *addresses_in(GMimeMessage *message, const char *field)
{
	return g_mime_message_get_addresses(message, g_ascii_strcasecmp(field, "From") == 0 ? GMIME_ADDRESS_TYPE_FROM
											    : GMIME_ADDRESS_TYPE_TO);
}

static const char *address_at(InternetAddressList *list, int i)
{
	InternetAddress *address = internet_address_list_get_address(list, i);
	return INTERNET_ADDRESS_IS_MAILBOX(address)
		       ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address))
		       : "not a mailbox";
}

void compare_mailbox(struct span text, const char *field, const char *name, const char *addr, struct strbuf *why)
{
	GMimeMessage *message = parse_header(text);
	InternetAddressList *list = addresses_in(message, field);
	if (internet_address_list_length(list) != 1) {
		strbuf_addf(why, "%s should be one mailbox with the name \"%s\"\n", field, name);
	} else {
		shown(why, field, name, internet_address_get_name(internet_address_list_get_address(list, 0)));
		shown(why, field, addr, address_at(list, 0));
	}
	g_object_unref(message);
}

void compare_addresses(struct span text, const char *field, const char *const *addrs, struct strbuf *why)
{
	GMimeMessage *message = parse_header(text);
	InternetAddressList *list = addresses_in(message, field);
	int i = 0;
	for (; addrs[i] && i < internet_address_list_length(list); i++)
		shown(why, field, addrs[i], address_at(list, i));
	if (addrs[i] || i < internet_address_list_length(list))
		strbuf_addf(why, "%s has %d addresses\n", field, internet_address_list_length(list));
	g_object_unref(message);
}

void compare_subject(struct span text, const char *subject, struct strbuf *why)
{
	GMimeMessage *message = parse_header(text);
	shown(why, "Subject", subject, g_mime_message_get_subject(message));
	g_object_unref(message);
}

void compare_part(struct span text, int n, const char *type, const char *words, struct strbuf *why)
{
	GMimeMessage *message = parse(text);
	GMimeObject *top = g_mime_message_get_mime_part(message);
	GMimeObject *part = GMIME_IS_MULTIPART(top) ? g_mime_multipart_get_part(GMIME_MULTIPART(top), n) : NULL;
	AUTO(strbuf) content = STRBUF_INIT;
	if (!part || !GMIME_IS_PART(part)) {
		strbuf_addf(why, "there is no part number %d\n", n);
	} else {
		g_autofree char *is = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
		shown(why, "the type of a part", type, is);
		content_of(GMIME_PART(part), false, &content);
		if (!memmem(content.buf, content.len, words, strlen(words)))
			strbuf_addf(why, "part number %d should contain \"%s\", is \"%s\"\n", n, words, content.buf);
	}
	g_object_unref(message);
}
