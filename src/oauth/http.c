/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/http.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "secret/helper_words.h"

#include <stdio.h>

#define ANSWER_LIMIT (2 * OAUTH_HTTP_LIMIT + 4096)
/* The helper has a moment to say that the time is over before it is killed. */
#define GRACE_MS 1000
#define WORDS_MAX 300

/* ---- encoding ---- */

void oauth_percent_encode(struct secret *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		char hex[4];
		if (c < 0x80 && (ascii_isalnum((char)c) || (c && strchr("-._~", c))))
			secret_append(out, &c, 1);
		else if (snprintf(hex, sizeof(hex), "%%%02X", c) == 3)
			secret_append(out, hex, 3);
	}
}

void oauth_form_add(struct secret *form, const char *name, struct span value)
{
	if (form->len)
		secret_append(form, "&", 1);
	secret_append(form, name, strlen(name));
	secret_append(form, "=", 1);
	oauth_percent_encode(form, value);
}

/* ---- the request ---- */

static bool usable(const struct runtime *runtime, struct error *err)
{
	if (runtime->privileged)
		return error_set(err, ERROR_CONFIG, _("OAuth2 is not used when running set-user-ID or set-group-ID"));
	const char *helper = runtime->helpers.http;
	if (helper && access(helper, X_OK) == 0)
		return true;
	(void)error_set(err, ERROR_CONFIG, _("the helper program for OAuth2 is not installed (%s)"),
			helper ? helper : "posthaste-http");
	error_hint(err, "%s", _("Install the package that contains it, or build posthaste with libcurl and jansson."));
	return false;
}

static void add_secret(struct secret *request, const struct secret *s)
{
	if (s && secret_is_set(s))
		secret_append(request, secret_reveal(s).ptr, secret_reveal(s).len);
	secret_append(request, "", 1);
}

static void write_request(const struct oauth_network *network, const struct oauth_http_request *r, msec_t left,
			  struct secret *out)
{
	char ms[32];
	(void)snprintf(ms, sizeof(ms), "%lld", (long long)left);
	secret_append_field(out, r->form ? "POST" : "GET");
	secret_append_field(out, r->url);
	secret_append_field(out, network->trust_file);
	secret_append_field(out, ms);
	secret_append_field(out, network->proxy);
	secret_append_field(out, network->proxy_user);
	add_secret(out, network->proxy_password);
	secret_append_field(out, r->basic_name);
	add_secret(out, r->basic_password);
	if (r->form && secret_is_set(r->form))
		secret_append(out, secret_reveal(r->form).ptr, secret_reveal(r->form).len);
}

/* ---- why there is no answer ---- */

struct failure {
	enum error_kind kind;
	const char *text; /* with the host, then the detail */
	const char *hint;
};

static const struct failure failures[OAUTH_REPLY_KINDS] = {
	[OAUTH_REPLY_UNRESOLVED] = {ERROR_DNS_TEMPORARY, N_("the name of the OAuth2 server %s could not be resolved"),
				    N_("Check the network connection and the name.")},
	[OAUTH_REPLY_UNREACHABLE] = {ERROR_CONNECT, N_("cannot connect to the OAuth2 server %s: %s"),
				     N_("Check the network connection, and a firewall or proxy on the way.")},
	[OAUTH_REPLY_TIMEOUT] = {ERROR_TIMEOUT, N_("the OAuth2 server %s could not be reached in time"),
				 N_("Check the network connection, or allow more time with timeout.")},
	[OAUTH_REPLY_SILENT] = {ERROR_TIMEOUT, N_("the OAuth2 server %s did not answer in time"),
				N_("Check the network connection, or allow more time with timeout.")},
	[OAUTH_REPLY_LOST] = {ERROR_CONNECTION_LOST, N_("the connection to the OAuth2 server %s was lost: %s"), NULL},
	[OAUTH_REPLY_PROXY] = {ERROR_CONNECT, N_("the proxy does not connect to the OAuth2 server %s: %s"),
			       N_("Check https_proxy and no_proxy in the environment, or the account's proxy_host.")},
	[OAUTH_REPLY_PROXY_LOGIN] = {ERROR_CONFIG,
				     N_("the proxy on the way to the OAuth2 server %s refused its login: %s"),
				     N_("Check the user and password of the proxy, in https_proxy or the account.")},
	[OAUTH_REPLY_UNTRUSTED] = {ERROR_CERTIFICATE,
				   N_("the certificate of the OAuth2 server %s is not trusted; issuer: %s"),
				   N_("If that authority is right (a proxy of your organisation, a server of your "
				      "own), name its certificate with oauth_trust_file.")},
	[OAUTH_REPLY_EXPIRED] = {ERROR_CERTIFICATE, N_("the certificate of the OAuth2 server %s has expired"),
				 N_("Check the clock of this computer; if it is right, the server's administrator has "
				    "to renew the certificate.")},
	[OAUTH_REPLY_NOT_YET_VALID] = {ERROR_CERTIFICATE,
				       N_("the certificate of the OAuth2 server %s is not valid yet"),
				       N_("Check the clock of this computer.")},
	[OAUTH_REPLY_WRONG_NAME] = {ERROR_CERTIFICATE,
				    N_("the certificate of the OAuth2 server %s is for another name"),
				    N_("Check the address; a sign-in portal of the network may answer in its place.")},
	[OAUTH_REPLY_TRUST_FILE] = {ERROR_CONFIG,
				    N_("the trusted certificates for the OAuth2 server %s cannot be read: %s"),
				    N_("Check oauth_trust_file.")},
	[OAUTH_REPLY_TLS] = {ERROR_TLS, N_("no TLS connection to the OAuth2 server %s: %s"),
			     N_("Check the address; the server must support TLS 1.2.")},
	[OAUTH_REPLY_TOO_LONG] = {ERROR_PROTOCOL, N_("the answer of the OAuth2 server %s is longer than 64 KiB"),
				  N_("Check the address: it may be that of a web page.")},
	[OAUTH_REPLY_FAILED] = {ERROR_SECRET_UNAVAILABLE, N_("the OAuth2 server %s could not be asked: %s"), NULL},
};

static bool explain(const struct oauth_reply *reply, const char *url, struct error *err)
{
	const struct failure *f = &failures[reply->kind];
	struct span host = oauth_url_host(span_of(url));
	AUTO_FREE char *name = xmemdup0(host.ptr ? host.ptr : "?", host.ptr ? host.len : 1);
	AUTO_FREE char *detail = clean_text(span_of(*reply->detail ? reply->detail : "?"), WORDS_MAX);
	if (reply->kind == OAUTH_REPLY_ANSWER)
		return true;
	(void)error_set(err, f->kind, _(f->text), name, detail);
	if (f->hint)
		error_hint(err, "%s", _(f->hint));
	else
		error_hint_again(err);
	return false;
}

static bool ask_helper(const struct oauth_network *network, const struct secret *request, msec_t deadline,
		       struct secret *written, struct error *err)
{
	AUTO(proc_errors) errors = PROC_ERRORS_INIT;
	const char *argv[] = {network->runtime->helpers.http, NULL};
	const struct proc_request child = {.argv = argv,
					   .name = "posthaste-http",
					   .runtime = network->runtime,
					   .deadline = deadline,
					   .limit = ANSWER_LIMIT,
					   .input = request,
					   .errors = network->helper_words ? &errors : NULL};
	bool ok = proc_capture_secret(&child, written, err);
	if (network->helper_words)
		helper_words_take(&errors, _("for OAuth2"), network->helper_words);
	return ok;
}

bool oauth_http_ask(const struct oauth_network *network, const struct oauth_http_request *r, struct oauth_reply *reply,
		    struct error *err)
{
	const struct clock *clock = network->runtime->clock;
	AUTO(secret) request = SECRET_INIT;
	AUTO(secret) written = SECRET_INIT;
	if (!usable(network->runtime, err))
		return false;
	msec_t left = network->deadline - clock_monotonic(clock);
	left = left < 1 ? 1 : left > OAUTH_HTTP_PATIENCE_MS ? OAUTH_HTTP_PATIENCE_MS : left;
	write_request(network, r, left, &request);
	if (!ask_helper(network, &request, deadline_in(clock, left + GRACE_MS), &written, err))
		return false;
	oauth_reply_read(reply, &written);
	bool answered = explain(reply, r->url, err);
	if (!answered && reply->kind != OAUTH_REPLY_SILENT && reply->kind != OAUTH_REPLY_LOST)
		oauth_reply_release(reply);
	return answered;
}
