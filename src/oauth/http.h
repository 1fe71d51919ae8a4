/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_http: asks an OAuth2 server through the helper program src/helper/posthaste_http.c, so that posthaste itself
 * loads neither an HTTP nor a JSON library.
 *
 * The request goes to the helper's standard input, every field but the last ended by NUL:
 *	METHOD NUL URL NUL TRUST-FILE NUL MILLISECONDS NUL PROXY NUL PROXY-USER NUL PROXY-PASSWORD NUL
 *	BASIC-NAME NUL BASIC-PASSWORD NUL FORM
 * METHOD is "GET", "POST" or "FILE" (setup/fetch.h); a POST sends FORM, which is encoded already (oauth_form_add()).
 * TRUST-FILE is a file of certificate authorities, empty for the system's.  PROXY is a URL, empty for what the
 * environment says.  The helper speaks https only, follows no redirection, and reads at most OAUTH_HTTP_LIMIT bytes.
 *
 * The answer comes from its standard output, every field ended by NUL (oauth/reply.h reads it): a word of
 * enum oauth_reply_kind in lower case, then
 *	answer	CODE NUL RETRY-AFTER NUL CONTENT NUL DETAIL NUL { TYPE NAME NUL VALUE NUL }
 *		CODE is the HTTP status, RETRY-AFTER the seconds of that field or empty.  CONTENT is "json" (an object,
 *		whose members follow), "html", "empty" or "other".  DETAIL is the host that a redirection (3xx) names,
 *		or what is wrong with the JSON.
 *	others	DETAIL NUL	the library's words, or the issuer of a certificate
 * TYPE is one letter: s string, n number, b true or false, z null, a list of strings (VALUE has them separated by
 * spaces), x any other list or object (VALUE is empty).
 */
#ifndef OAUTH_HTTP_H
#define OAUTH_HTTP_H

#include "base/runtime.h"
#include "base/strvec.h"
#include "oauth/reply.h"
#include "oauth/url.h"

/* How long an answer may take where no time limit is set. */
#define OAUTH_HTTP_PATIENCE_MS 60000

/* How to reach the servers of an account. */
struct oauth_network {
	const struct runtime *runtime; /* without a helper: ERROR_CONFIG */
	const char *trust_file;	       /* NULL: the system's authorities */
	const char *proxy;	       /* "socks5h://host:port", "http://host:port"; NULL: what the environment says */
	const char *proxy_user;
	const struct secret *proxy_password;
	msec_t deadline;
	struct strvec *helper_words; /* gets what the helper wrote to standard error; NULL: it is shared */
};

struct oauth_http_request {
	const char *url;
	const struct secret *form;	     /* POST; NULL: GET */
	const char *basic_name;		     /* encoded already; NULL: no Authorization field */
	const struct secret *basic_password; /* encoded already */
};

/* Appends "NAME=VALUE" to a form, after "&" if it is not the first, with VALUE percent-encoded (RFC 6749 appendix B).
 */
void oauth_form_add(struct secret *form, const char *name, struct span value);
/* Appends text percent-encoded: everything but A-Z a-z 0-9 - . _ ~ */
void oauth_percent_encode(struct secret *out, struct span text);
/* Asks once.  True: the server answered, whatever the answer is.  False: no answer came, and reply.kind says whether
 * the server may have done what it was asked for (OAUTH_REPLY_SILENT, OAUTH_REPLY_LOST) or not (any other).  The error
 * names the host.  ERROR_DNS_TEMPORARY, ERROR_CONNECT, ERROR_TIMEOUT, ERROR_CONNECTION_LOST (75), ERROR_CERTIFICATE
 * (77), ERROR_TLS, ERROR_PROTOCOL (76), ERROR_CONFIG (78: no helper, the trust file, the proxy's login). */
bool oauth_http_ask(const struct oauth_network *network, const struct oauth_http_request *request,
		    struct oauth_reply *reply, struct error *err) MUST_CHECK;

#endif
