/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/socks5.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "net/resolve.h"

#include <netinet/in.h>

#define SOCKS_VERSION 5
#define LOGIN_VERSION 1
#define OCTET_MAX 255

enum { METHOD_NONE = 0, METHOD_LOGIN = 2, METHOD_REFUSED = 0xff };
enum { COMMAND_CONNECT = 1 };
enum { TYPE_IPV4 = 1, TYPE_NAME = 3, TYPE_IPV6 = 4 };

static bool send_bytes(struct stream *s, const struct proxy_request *req, struct span octets, struct error *err)
{
	return stream_write_all(s, octets.ptr, octets.len, req->clock, req->deadline, err);
}

/* Reads exactly len octets and not one more: the next one may already belong to the target's greeting. */
static bool receive_exactly(struct stream *s, const struct proxy_request *req, unsigned char *buf, size_t len,
			    struct error *err)
{
	while (len) {
		size_t got = 0;
		if (!stream_read_some(s, buf, len, &got, req->clock, req->deadline, err))
			return false;
		buf += got;
		len -= got;
	}
	return true;
}

static bool protocol_error(struct error *err, const char *what, unsigned octet)
{
	(void)error_set(err, ERROR_PROTOCOL, _("the proxy does not speak SOCKS5: %s is %u"), what, octet);
	error_hint(err, _("Check the host and the port of the proxy, and its proxy_type."));
	return false;
}

static bool request_check(const struct proxy_request *req, struct error *err)
{
	if (!*req->host || strlen(req->host) > OCTET_MAX)
		return error_set(err, ERROR_CONFIG,
				 _("the host name must have 1 to %d bytes to be sent to a SOCKS proxy"), OCTET_MAX);
	if (req->port > 65535)
		return error_set(err, ERROR_CONFIG, _("%u is not a port number"), req->port);
	if (!req->user)
		return true;
	if (!*req->user || strlen(req->user) > OCTET_MAX)
		return error_set(err, ERROR_CONFIG, _("the user name for the proxy must have 1 to %d bytes"),
				 OCTET_MAX);
	size_t len = req->password ? secret_reveal(req->password).len : 0;
	if (!len || len > OCTET_MAX)
		return error_set(err, ERROR_CONFIG, _("the password for the proxy must have 1 to %d bytes"), OCTET_MAX);
	return true;
}

/*
 * RFC 1929 section 2:
 *	VER 1 | ULEN 1 | UNAME 1..255 | PLEN 1 | PASSWD 1..255
 *	VER 1 | STATUS 1
 */
static bool password_login(struct stream *s, const struct proxy_request *req, struct error *err)
{
	AUTO(secret) octets = SECRET_INIT;
	struct span password = secret_reveal(req->password);
	size_t user_len = strlen(req->user);
	const unsigned char head[] = {LOGIN_VERSION, (unsigned char)user_len}, middle = (unsigned char)password.len;
	secret_append(&octets, head, sizeof(head));
	secret_append(&octets, req->user, user_len);
	secret_append(&octets, &middle, 1);
	secret_append(&octets, password.ptr, password.len);
	unsigned char reply[2];
	if (!send_bytes(s, req, secret_reveal(&octets), err) || !receive_exactly(s, req, reply, sizeof(reply), err))
		return false;
	if (reply[0] != LOGIN_VERSION)
		return protocol_error(err, _("the version of its login reply"), reply[0]);
	if (reply[1] != 0) {
		(void)error_set(err, ERROR_AUTH_REFUSED, _("the proxy refused the user name or the password"));
		error_hint(err, _("Check the user name and the password for the proxy."));
		return false;
	}
	return true;
}

/*
 * RFC 1928 section 3:
 *	VER 1 | NMETHODS 1 | METHODS 1..255
 *	VER 1 | METHOD 1
 */
static bool negotiate_method(struct stream *s, const struct proxy_request *req, struct error *err)
{
	const char offer[] = {SOCKS_VERSION, req->user ? 2 : 1, METHOD_NONE, METHOD_LOGIN};
	unsigned char reply[2];
	if (!send_bytes(s, req, span_make(offer, req->user ? 4 : 3), err) ||
	    !receive_exactly(s, req, reply, sizeof(reply), err))
		return false;
	if (reply[0] != SOCKS_VERSION)
		return protocol_error(err, _("the version of its reply"), reply[0]);
	switch (reply[1]) {
	case METHOD_NONE: return true;
	case METHOD_LOGIN:
		return req->user ? password_login(s, req, err)
				 : protocol_error(err, _("the method it chose, which was not offered,"), reply[1]);
	case METHOD_REFUSED:
		if (req->user)
			(void)error_set(
				err, ERROR_AUTH_REFUSED,
				_("the proxy accepts neither a password nor a connection without authentication"));
		else
			(void)error_set(err, ERROR_AUTH_REFUSED,
					_("the proxy requires a login, and no user name is set for it"));
		error_hint(err, _("Check which authentication method the proxy expects."));
		return false;
	default: return protocol_error(err, _("the method it chose, which was not offered,"), reply[1]);
	}
}

/* Section 4: ATYP | DST.ADDR | DST.PORT; the host name is sent unresolved. */
static void add_target(struct strbuf *out, const struct proxy_request *req)
{
	struct address a;
	if (!address_from_literal(req->host, req->port, &a)) {
		strbuf_addch(out, TYPE_NAME);
		strbuf_addch(out, (char)strlen(req->host));
		strbuf_adds(out, req->host);
	} else if (a.sa.ss_family == AF_INET) {
		strbuf_addch(out, TYPE_IPV4);
		strbuf_add(out, &((const struct sockaddr_in *)&a.sa)->sin_addr, 4);
	} else {
		strbuf_addch(out, TYPE_IPV6);
		strbuf_add(out, &((const struct sockaddr_in6 *)&a.sa)->sin6_addr, 16);
	}
	strbuf_addch(out, (char)(req->port >> 8));
	strbuf_addch(out, (char)(req->port & 0xff));
}

/* Section 6, field REP. */
static const struct {
	enum error_kind kind;
	const char *words;
} refusals[] = {
	[1] = {ERROR_CONNECT, N_("general failure")},
	[2] = {ERROR_SERVER_REFUSES, N_("its rules do not allow this connection")},
	[3] = {ERROR_CONNECT, N_("the network is unreachable")},
	[4] = {ERROR_CONNECT, N_("the host is unreachable")},
	[5] = {ERROR_CONNECT, N_("the host refused the connection")},
	[6] = {ERROR_CONNECT, N_("the time to live expired")},
	[7] = {ERROR_SERVER_REFUSES, N_("it does not support the CONNECT command")},
	[8] = {ERROR_SERVER_REFUSES, N_("it does not support this type of address")},
};

static bool connect_refused(const struct proxy_request *req, unsigned code, struct error *err)
{
	if (code >= ARRAY_SIZE(refusals))
		return protocol_error(err, _("the error code of its reply"), code);
	AUTO_FREE char *host = clean_text(span_of(req->host), OCTET_MAX);
	(void)error_set(err, refusals[code].kind, _("the proxy cannot connect to %s port %u: %s"), host, req->port,
			_(refusals[code].words));
	if (refusals[code].kind == ERROR_SERVER_REFUSES)
		error_hint(err,
			   _("Ask the administrator of the proxy to allow this host and port, or use another proxy."));
	return false;
}

/*
 * Section 6: VER 1 | REP 1 | RSV 1 | ATYP 1 | BND.ADDR | BND.PORT 2
 * A refusal is recognised from the first two octets alone, since some proxies close the connection after them.
 */
static bool read_reply(struct stream *s, const struct proxy_request *req, struct error *err)
{
	unsigned char head[2], form[2], length = 0, bound[OCTET_MAX + 2];
	if (!receive_exactly(s, req, head, sizeof(head), err))
		return false;
	if (head[0] != SOCKS_VERSION)
		return protocol_error(err, _("the version of its reply"), head[0]);
	if (head[1] != 0)
		return connect_refused(req, head[1], err);
	if (!receive_exactly(s, req, form, sizeof(form), err))
		return false;
	if (form[0] != 0)
		return protocol_error(err, _("the reserved byte of its reply"), form[0]);
	switch (form[1]) {
	case TYPE_IPV4: length = 4; break;
	case TYPE_IPV6: length = 16; break;
	case TYPE_NAME:
		if (!receive_exactly(s, req, &length, 1, err))
			return false;
		break;
	default: return protocol_error(err, _("the type of the address in its reply"), form[1]);
	}
	return receive_exactly(s, req, bound, (size_t)length + 2, err);
}

bool socks5_connect(struct stream *proxy, const struct proxy_request *req, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	AUTO(strbuf) request = STRBUF_INIT;
	static const char head[] = {SOCKS_VERSION, COMMAND_CONNECT, 0};
	strbuf_add(&request, head, sizeof(head));
	if (request_check(req, &why) && negotiate_method(proxy, req, &why)) {
		add_target(&request, req);
		if (send_bytes(proxy, req, strbuf_span(&request), &why) && read_reply(proxy, req, &why))
			return true;
	}
	error_stage(&why, _("SOCKS proxy"));
	error_move(err, &why);
	return false;
}
