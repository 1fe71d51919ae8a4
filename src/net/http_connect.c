/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http_connect.h"

#include "base/base64.h"
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "net/resolve.h"

#define REASON_MAX 200

/* ---- the request ------------------------------------------------------- */

static bool request_check(const struct proxy_request *req, struct error *err)
{
	static const char graphic[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]";
	struct address ignored;
	size_t len = strspn(req->host, graphic);
	if (!len || req->host[len] || (strpbrk(req->host, ":[]") && !address_from_literal(req->host, 0, &ignored)))
		return error_set(err, ERROR_CONFIG, "%s", _("the host name cannot be sent to an HTTP proxy"));
	if (!req->user)
		return true;
	struct span password = secret_reveal(req->password);
	bool bad = strchr(req->user, ':') != NULL;
	for (const char *p = req->user; *p; p++)
		bad |= ascii_iscntrl(*p);
	if (bad)
		return error_set(err, ERROR_CONFIG, "%s",
				 _("the user name for an HTTP proxy cannot contain a colon or a control character"));
	for (size_t i = 0; i < password.len; i++)
		bad |= ascii_iscntrl(password.ptr[i]);
	return !bad || error_set(err, ERROR_CONFIG, "%s",
				 _("the password for an HTTP proxy cannot contain a control character"));
}

/* RFC 9110 section 9.3.6: the port is always there; RFC 3986 section 3.2.2: IPv6 stands in brackets. */
static void add_target(struct strbuf *out, const struct proxy_request *req)
{
	bool brackets = strchr(req->host, ':') && *req->host != '[';
	strbuf_addf(out, brackets ? "[%s]:%u" : "%s:%u", req->host, req->port);
}

/* RFC 7617 section 2.  The room is made first: growing would leave a copy of the login. */
static void make_login(const struct proxy_request *req, struct strbuf *login)
{
	AUTO(secret) both = SECRET_INIT;
	struct span password = secret_reveal(req->password);
	secret_append(&both, req->user, strlen(req->user));
	secret_append(&both, ":", 1);
	secret_append(&both, password.ptr, password.len);
	strbuf_grow(login, both.len / 3 * 4 + 8);
	base64_encode(login, secret_reveal(&both));
}

static bool send_request(struct stream *s, const struct proxy_request *req, const struct strbuf *login,
			 struct error *err)
{
	struct strbuf text = STRBUF_INIT;
	strbuf_grow(&text, 2 * strlen(req->host) + login->len + 200);
	strbuf_adds(&text, "CONNECT ");
	add_target(&text, req);
	strbuf_adds(&text, " HTTP/1.1\r\nHost: ");
	add_target(&text, req);
	if (req->user) {
		strbuf_adds(&text, "\r\nProxy-Authorization: Basic ");
		strbuf_add_span(&text, strbuf_span(login));
	}
	strbuf_adds(&text, "\r\n\r\n");
	bool ok = stream_write_all(s, text.buf, text.len, req->clock, req->deadline, err);
	strbuf_wipe(&text);
	return ok;
}

/* ---- the response ------------------------------------------------------ */

struct response {
	struct strbuf text; /* as far as it was read */
	size_t end;	    /* of its header with the empty line; 0: not there yet */
	unsigned code;
	struct span reason;
	struct span fields; /* the lines after the first one */
};

static bool protocol_error(struct error *err, const char *what)
{
	(void)error_set(err, ERROR_PROTOCOL, "%s", what);
	error_hint(err, "%s", _("Check the host and the port of the proxy, and its proxy_type."));
	return false;
}

/* The end of the header that begins at from, after its empty line; 0: not there.  Lines may end with LF alone
 * (RFC 9112 section 2.2). */
static size_t header_end(struct span text, size_t from)
{
	for (size_t at = from; at < text.len;) {
		const char *lf = memchr(text.ptr + at, '\n', text.len - at);
		if (!lf)
			return 0;
		size_t next = (size_t)(lf - text.ptr) + 1, len = next - at;
		if (len == 1 || (len == 2 && text.ptr[at] == '\r'))
			return next;
		at = next;
	}
	return 0;
}

/* RFC 9112 section 4: "HTTP/" DIGIT "." DIGIT SP 3DIGIT SP [ reason ].  The space after the code may be missing. */
static bool status_line_parse(struct response *r, struct span header)
{
	const char *lf = memchr(header.ptr, '\n', header.len);
	struct span line = span_trim(span_sub(header, 0, (size_t)(lf - header.ptr)));
	const char *p = line.ptr;
	if (line.len < 12 || !ascii_isdigit(p[5]) || p[6] != '.' || !ascii_isdigit(p[7]) || p[8] != ' ' ||
	    !ascii_isdigit(p[9]) || !ascii_isdigit(p[10]) || !ascii_isdigit(p[11]) || (line.len > 12 && p[12] != ' '))
		return false;
	r->code = (unsigned)(p[9] - '0') * 100 + (unsigned)(p[10] - '0') * 10 + (unsigned)(p[11] - '0');
	r->reason = span_trim(span_sub(line, 12, line.len));
	r->fields = span_sub(header, (size_t)(lf - header.ptr) + 1, header.len);
	return true;
}

/* As early as possible: a server that is no HTTP proxy may wait for us after its first words. */
static bool begins_like_http(struct span text)
{
	static const char name[] = "HTTP/";
	size_t n = text.len < strlen(name) ? text.len : strlen(name);
	return memcmp(text.ptr, name, n) == 0;
}

/* Appends what the proxy has sent. */
static bool read_more(struct stream *s, const struct proxy_request *req, struct response *r, struct error *err)
{
	char buf[2048];
	size_t got = 0, room = HTTP_CONNECT_MAX - r->text.len;
	if (!room)
		return protocol_error(err, _("the response of the proxy is too long"));
	if (!stream_read_some(s, buf, room < sizeof(buf) ? room : sizeof(buf), &got, req->clock, req->deadline, err))
		return false;
	strbuf_add(&r->text, buf, got);
	return true;
}

/* Reads one response at from. */
static bool read_one(struct stream *s, const struct proxy_request *req, struct response *r, size_t from,
		     struct error *err)
{
	for (;;) {
		struct span text = strbuf_span(&r->text);
		if (!begins_like_http(span_sub(text, from, text.len)))
			return protocol_error(err, _("the proxy does not speak HTTP"));
		r->end = header_end(text, from);
		if (r->end)
			return status_line_parse(r, span_sub(text, from, r->end)) ||
			       protocol_error(err, _("the response of the proxy has no HTTP status"));
		if (!read_more(s, req, r, err))
			return false;
	}
}

/* Interim responses come before the final one (RFC 9110 section 15.2); 101 would be an answer to a request for another
 * protocol, which there was not. */
static bool read_response(struct stream *s, const struct proxy_request *req, struct response *r, struct error *err)
{
	do
		if (!read_one(s, req, r, r->end, err))
			return false;
	while (r->code / 100 == 1 && r->code != 101);
	return true;
}

/* ---- refusals ---------------------------------------------------------- */

/* Words of the proxy for a message: none if it repeats the login in them; malloc'ed. */
static char *words_of(const struct proxy_request *req, const struct strbuf *login, struct span text)
{
	struct span password = req->user ? secret_reveal(req->password) : (struct span){"", 0};
	if ((login->len && memmem(text.ptr, text.len, login->buf, login->len)) ||
	    (password.len && memmem(text.ptr, text.len, password.ptr, password.len)))
		return xstrdup("");
	return clean_text(text, REASON_MAX);
}

/* What the proxy calls the schemes that it accepts, as they stand in its header; malloc'ed, empty if it names none. */
static char *offered_schemes(const struct proxy_request *req, const struct response *r, const struct strbuf *login)
{
	AUTO(strbuf) schemes = STRBUF_INIT;
	struct span rest = r->fields, line;
	while (span_split(&rest, '\n', &line)) {
		const char name[] = "Proxy-Authenticate:";
		if (!span_starts_nocase(line, name))
			continue;
		struct span value = span_trim(span_sub(line, strlen(name), line.len)), scheme = span_word(&value);
		strbuf_addf(&schemes, schemes.len ? ", %.*s" : "%.*s", SPAN_FMT(scheme));
	}
	return words_of(req, login, strbuf_span(&schemes));
}

static bool login_refused(const struct proxy_request *req, const struct response *r, const struct strbuf *login,
			  struct error *err)
{
	AUTO_FREE char *schemes = offered_schemes(req, r, login);
	bool basic = false;
	struct span rest = span_of(schemes), scheme;
	while (span_split(&rest, ',', &scheme))
		basic |= span_equals_str_nocase(span_trim(scheme), "Basic");
	if (*schemes && !basic) {
		(void)error_set(err, ERROR_AUTH_REFUSED, _("the proxy accepts these logins only: %s"), schemes);
		error_hint(err, "%s",
			   _("posthaste knows Basic; another proxy, or one on this machine that logs in there, can be "
			     "used instead."));
		return false;
	}
	if (req->user)
		(void)error_set(err, ERROR_AUTH_REFUSED, "%s", _("the proxy refused the user name or the password"));
	else
		(void)error_set(err, ERROR_AUTH_REFUSED, "%s",
				_("the proxy requires a login, and no user name is set for it"));
	error_hint(err, "%s", _("Check proxy_user and proxy_password."));
	return false;
}

/* The first row whose codes the code is among. */
static const struct {
	unsigned first, last;
	enum error_kind kind;
	const char *hint;
} refusals[] = {
	{300, 399, ERROR_SERVER_REFUSES,
	 N_("It wants to lead somewhere else: a network often asks for a login in a browser this way.")},
	{408, 408, ERROR_CONNECT, NULL},
	{429, 429, ERROR_CONNECT, NULL},
	{405, 405, ERROR_SERVER_REFUSES,
	 N_("Ask for a proxy that supports CONNECT, or use a SOCKS5 proxy (proxy_type).")},
	{400, 499, ERROR_SERVER_REFUSES,
	 N_("Many proxies allow port 443 only: ask the administrator of the proxy to allow this host and port, or use "
	    "another proxy.")},
	{501, 501, ERROR_SERVER_REFUSES,
	 N_("Ask for a proxy that supports CONNECT, or use a SOCKS5 proxy (proxy_type).")},
	{505, 505, ERROR_SERVER_REFUSES, N_("Ask for a proxy that speaks HTTP/1.1.")},
	{500, 599, ERROR_CONNECT,
	 N_("Check the host and the port: the proxy looks the name up and connects.  If they are right, the proxy or "
	    "the server has a problem that may pass.")},
};

static bool connect_refused(const struct proxy_request *req, const struct response *r, const struct strbuf *login,
			    struct error *err)
{
	AUTO_FREE char *words = words_of(req, login, r->reason);
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		if (r->code < refusals[i].first || r->code > refusals[i].last)
			continue;
		(void)error_set(err, refusals[i].kind, _("the proxy does not connect to %s port %u: HTTP %u%s%s"),
				req->host, req->port, r->code, *words ? " " : "", words);
		if (refusals[i].hint)
			error_hint(err, "%s", _(refusals[i].hint));
		return false;
	}
	return protocol_error(err, _("the response of the proxy has no HTTP status"));
}

static bool converse(struct stream **proxy, const struct proxy_request *req, struct response *r,
		     const struct strbuf *login, struct error *err)
{
	if (!send_request(*proxy, req, login, err) || !read_response(*proxy, req, r, err))
		return false;
	if (r->code == 407)
		return login_refused(req, r, login, err);
	if (r->code / 100 != 2)
		return connect_refused(req, r, login, err);
	/* Content-Length and Transfer-Encoding are without meaning here (RFC 9110 section 9.3.6) */
	if (r->end < r->text.len)
		*proxy = stream_ahead_new(*proxy, span_sub(strbuf_span(&r->text), r->end, r->text.len));
	return true;
}

bool http_connect(struct stream **proxy, const struct proxy_request *req, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	struct strbuf login = STRBUF_INIT;
	struct response r = {.text = STRBUF_INIT};
	bool ok = request_check(req, &why);
	if (ok && req->user)
		make_login(req, &login);
	ok = ok && converse(proxy, req, &r, &login, &why);
	strbuf_wipe(&login);
	strbuf_release(&r.text);
	if (ok)
		return true;
	error_stage(&why, _("HTTP proxy"));
	error_move(err, &why);
	return false;
}
