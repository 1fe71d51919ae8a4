/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/redirect.h"

#include "base/xalloc.h"

#define CODE_MIN 16 /* a pasted word that is shorter is not taken for a code */
#define TLS_HANDSHAKE 0x16

void oauth_redirect_release(struct oauth_redirect *r)
{
	secret_release(&r->code);
	free(r->error);
	free(r->description);
	free(r->issuer);
	*r = OAUTH_REDIRECT_INIT;
}

/* ---- the query ---- */

static int hex(char c)
{
	return ascii_isdigit(c) ? c - '0' : ascii_isalpha(c) && ascii_lower(c) <= 'f' ? ascii_lower(c) - 'a' + 10 : -1;
}

/* Percent-encoding, and + for a space (application/x-www-form-urlencoded).  False: malformed, or a control character
 * comes out. */
static bool decode(struct span text, struct secret *out)
{
	secret_set(out, "", 0);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '+')
			c = ' ';
		if (c == '%') {
			int high = i + 2 < text.len ? hex(text.ptr[i + 1]) : -1;
			int low = i + 2 < text.len ? hex(text.ptr[i + 2]) : -1;
			if (high < 0 || low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (ascii_iscntrl(c))
			return false;
		secret_append(out, &c, 1);
	}
	return true;
}

enum parameter { CODE, STATE, ISS, ERROR, DESCRIPTION, PARAMETERS };

struct query {
	struct secret value[PARAMETERS]; /* unset: not there */
};

static void query_release(struct query *q)
{
	for (size_t i = 0; i < PARAMETERS; i++)
		secret_release(&q->value[i]);
}

/* False: a parameter is malformed, or one of ours occurs twice (RFC 6749 section 3.1). */
static bool query_read(struct query *q, struct span text)
{
	static const char *const names[PARAMETERS] = {"code", "state", "iss", "error", "error_description"};
	struct span pair;
	while (span_split(&text, '&', &pair)) {
		struct span name = pair, value = pair;
		(void)span_split(&value, '=', &name);
		for (size_t i = 0; i < PARAMETERS; i++)
			if (span_equals_str(name, names[i]) &&
			    (secret_is_set(&q->value[i]) || !decode(value, &q->value[i])))
				return false;
	}
	return true;
}

static bool query_has(const struct query *q, enum parameter which, const char *text)
{
	return secret_is_set(&q->value[which]) && span_equals_str(secret_reveal(&q->value[which]), text);
}

static char *query_text(const struct query *q, enum parameter which)
{
	struct span value = secret_reveal(&q->value[which]);
	return secret_is_set(&q->value[which]) ? xmemdup0(value.ptr, value.len) : NULL;
}

static bool comes_from_our_server(const struct query *q, const struct oauth_expected *expected)
{
	if (!secret_is_set(&q->value[ISS]))
		return !expected->iss_promised;
	return !expected->issuer || query_has(q, ISS, expected->issuer);
}

static void set_other(struct oauth_redirect *out, int http)
{
	out->kind = OAUTH_REDIRECT_OTHER;
	out->http = http;
}

/* The answer of the authorization server, if it is one. */
static void classify_query(struct span text, const struct oauth_expected *expected, struct oauth_redirect *out)
{
	AUTO(query) q = {.value = {SECRET_INIT}};
	set_other(out, 400);
	if (!query_read(&q, text) || !query_has(&q, STATE, expected->state))
		return;
	bool has_code = secret_reveal(&q.value[CODE]).len > 0;
	if (has_code == secret_is_set(&q.value[ERROR]))
		return;
	out->http = 200;
	if (!comes_from_our_server(&q, expected)) {
		out->kind = OAUTH_REDIRECT_MIXED_UP;
		out->issuer = query_text(&q, ISS);
	} else if (has_code) {
		out->kind = OAUTH_REDIRECT_CODE;
		secret_copy(&out->code, &q.value[CODE]);
	} else {
		out->kind = OAUTH_REDIRECT_REFUSED;
		out->error = query_text(&q, ERROR);
		out->description = query_text(&q, DESCRIPTION);
	}
}

/* ---- a request ---- */

/* The head, without the empty line that ends it. */
static bool find_head(struct span bytes, struct span *head)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.ptr[i] != '\n')
			continue;
		size_t next = i + 1 < bytes.len && bytes.ptr[i + 1] == '\r' ? i + 2 : i + 1;
		if (next < bytes.len && bytes.ptr[next] == '\n') {
			*head = span_sub(bytes, 0, i);
			return true;
		}
	}
	return false;
}

/* Only our own address: a page whose host name was made to point here (DNS rebinding) has another one. */
static bool is_our_host(struct span host, unsigned port)
{
	static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(strbuf) ours = STRBUF_INIT;
		strbuf_addf(&ours, "%s:%u", names[i], port);
		if (span_equals_str_nocase(host, ours.buf))
			return true;
	}
	return false;
}

/* Exactly one Host field, and it is ours. */
static bool check_host(struct span lines, unsigned port)
{
	struct span line;
	bool ours = false;
	size_t n = 0;
	while (span_split(&lines, '\n', &line)) {
		if (!span_starts_nocase(line, "host:"))
			continue;
		n++;
		ours = is_our_host(span_trim(span_sub(line, strlen("host:"), line.len)), port);
	}
	return n == 1 && ours;
}

static void classify_request(struct span head, const struct oauth_expected *expected, struct oauth_redirect *out)
{
	struct span line, method, target, version, path;
	(void)span_split(&head, '\n', &line);
	line = span_trim(line);
	if (!span_split(&line, ' ', &method) || !span_split(&line, ' ', &target) || !span_split(&line, ' ', &version) ||
	    line.len || !span_starts_nocase(version, "HTTP/1.")) {
		set_other(out, 400);
		return;
	}
	out->without_body = span_equals_str(method, "HEAD");
	struct span query = target;
	bool has_query = target.len && memchr(target.ptr, '?', target.len);
	(void)span_split(&query, '?', &path);
	if (!check_host(head, expected->port))
		set_other(out, 400);
	else if (!span_equals_str(path, "/"))
		set_other(out, 404);
	else if (!span_equals_str(method, "GET"))
		set_other(out, 405);
	else
		classify_query(has_query ? query : span_make("", 0), expected, out);
}

int oauth_redirect_read(struct span bytes, const struct oauth_expected *expected, struct oauth_redirect *out)
{
	struct span head;
	if (bytes.len && bytes.ptr[0] == TLS_HANDSHAKE) {
		out->tls = true;
		set_other(out, 400);
		return -1;
	}
	bool complete = find_head(bytes, &head);
	if (bytes.len && memchr(bytes.ptr, '\0', complete ? head.len : bytes.len)) {
		set_other(out, 400);
		return -1;
	}
	if ((complete ? head.len : bytes.len) > OAUTH_REDIRECT_LIMIT) {
		set_other(out, 431);
		return -1;
	}
	if (!complete)
		return 0;
	classify_request(head, expected, out);
	return 1;
}

/* ---- a pasted address ---- */

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '<' || c == '>' || c == '`';
}

static struct span without_quotes(struct span text)
{
	text = span_trim(text);
	while (text.len && is_quote(text.ptr[0]))
		text = span_trim(span_sub(text, 1, text.len));
	while (text.len && is_quote(text.ptr[text.len - 1]))
		text = span_trim(span_sub(text, 0, text.len - 1));
	return text;
}

/* Some pages carry the address within their own: each question mark may begin the query that we want. */
static bool find_answer(struct span text, const struct oauth_expected *expected, struct oauth_redirect *out)
{
	for (struct span part; span_split(&text, '?', &part);) {
		struct span query = text.len ? text : part;
		const char *fragment = memchr(query.ptr, '#', query.len);
		if (fragment)
			query = span_sub(query, 0, (size_t)(fragment - query.ptr));
		classify_query(query, expected, out);
		if (out->kind != OAUTH_REDIRECT_OTHER)
			return true;
	}
	return false;
}

/* The state cannot be checked, but a code that was not made for our challenge is worth nothing (RFC 7636). */
static bool is_bare_code(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_isalnum(text.ptr[i]) && !memchr("-._~/+", text.ptr[i], 6))
			return false;
	return text.len >= CODE_MIN;
}

bool oauth_redirect_read_pasted(struct span line, const struct oauth_expected *expected, struct oauth_redirect *out)
{
	AUTO(secret) decoded = SECRET_INIT;
	struct span text = without_quotes(line);
	if (find_answer(text, expected, out) ||
	    (decode(text, &decoded) && find_answer(secret_reveal(&decoded), expected, out)))
		return true;
	if (!is_bare_code(text) || expected->iss_promised)
		return false;
	out->kind = OAUTH_REDIRECT_CODE;
	secret_set(&out->code, text.ptr, text.len);
	return true;
}

/* ---- our response ---- */

static const char *reason_of(int http)
{
	switch (http) {
	case 200: return "OK";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 431: return "Request Header Fields Too Large";
	default: return "Bad Request";
	}
}

static void add_escaped(struct strbuf *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<': strbuf_adds(out, "&lt;"); break;
		case '>': strbuf_adds(out, "&gt;"); break;
		case '&': strbuf_adds(out, "&amp;"); break;
		default: strbuf_addch(out, *text);
		}
}

void oauth_redirect_respond(const struct oauth_redirect *r, const char *text, struct strbuf *out)
{
	AUTO(strbuf) page = STRBUF_INIT;
	strbuf_adds(&page, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>" PACKAGE "</title>\n<p>");
	add_escaped(&page, text);
	strbuf_adds(&page, "</p>\n");
	strbuf_addf(out,
		    "HTTP/1.1 %d %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n"
		    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
		    "Content-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n%s"
		    "Connection: close\r\n\r\n",
		    r->http, reason_of(r->http), page.len, r->http == 405 ? "Allow: GET\r\n" : "");
	if (!r->without_body)
		strbuf_add_span(out, strbuf_span(&page));
}
