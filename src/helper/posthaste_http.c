/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * posthaste-http: asks an OAuth2 server for posthaste, which writes its request to this program's standard input and
 * reads the answer from its standard output; oauth/http.h describes both.  This is a program of its own so that the
 * libraries for HTTP and JSON are loaded only when a token has to be fetched.
 *
 * If the server is silent for longer than it should be, posthaste kills this program at its deadline.
 */
#include "base/secret.h"
#include "base/strbuf.h"
#include "helper/helper_io.h"
#include "oauth/reply.h"
#include "oauth/url.h"

#include <stdio.h>
#include <strings.h>
#include <sysexits.h>
#include <time.h>

/* jansson.h and base/json.h cannot share a program: both have json_object(). */
#include <curl/curl.h>
#include <jansson.h>

#define REQUEST_LIMIT ((size_t)512 << 10)
#define REDIRECTIONS_MAX 5L

struct request {
	struct secret all;
	/* Parts of all that end in NUL ... */
	struct span method, url, trust_file, milliseconds, proxy, proxy_user, proxy_password, basic_name,
		basic_password;
	struct span form; /* ... but this one, which ends where all ends */
};

struct exchange {
	CURL *curl;
	struct curl_slist *fields;
	struct secret body;
	bool is_file; /* "FILE": the body is wanted as it is */
	bool too_long;
	char words[CURL_ERROR_SIZE];
};

/* ---- talking to posthaste ---- */

static bool read_request(struct request *r)
{
	if (!helper_read_request(&r->all, REQUEST_LIMIT))
		return false;
	r->form = secret_reveal(&r->all);
	struct span *fields[] = {&r->method,	     &r->url,	     &r->trust_file,
				 &r->milliseconds,   &r->proxy,	     &r->proxy_user,
				 &r->proxy_password, &r->basic_name, &r->basic_password};
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!span_field(&r->form, fields[i]))
			return false;
	return true;
}

static void send_field(const char *text)
{
	helper_write(text, strlen(text) + 1);
}

static void send_failure(const char *kind, const char *detail)
{
	send_field(kind);
	send_field(detail);
}

/* ---- members of the answer ---- */

/* The strings of a list, separated by spaces; false if it has anything else. */
static bool join_strings(const json_t *list, struct strbuf *out)
{
	size_t i;
	const json_t *item;
	json_array_foreach(list, i, item)
	{
		if (!json_is_string(item))
			return false;
		if (i)
			strbuf_addch(out, ' ');
		strbuf_adds(out, json_string_value(item));
	}
	return true;
}

static char describe(const json_t *value, struct strbuf *out)
{
	switch (json_typeof(value)) {
	case JSON_STRING: strbuf_adds(out, json_string_value(value)); return 's';
	case JSON_INTEGER: strbuf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value)); return 'n';
	case JSON_REAL: strbuf_addf(out, "%.17g", json_real_value(value)); return 'n';
	case JSON_TRUE: strbuf_adds(out, "true"); return 'b';
	case JSON_FALSE: strbuf_adds(out, "false"); return 'b';
	case JSON_NULL: return 'z';
	case JSON_ARRAY:
		if (join_strings(value, out))
			return 'a';
		strbuf_wipe(out);
		return 'x';
	default: return 'x';
	}
}

static void send_members(json_t *object)
{
	const char *name;
	json_t *value;
	json_object_foreach(object, name, value)
	{
		struct strbuf text = STRBUF_INIT;
		const char type = describe(value, &text);
		helper_write(&type, 1);
		send_field(name);
		send_field(text.buf);
		strbuf_wipe(&text);
	}
}

/* ---- the answer ---- */

static bool is_html(const struct exchange *x)
{
	char *type = NULL;
	(void)curl_easy_getinfo(x->curl, CURLINFO_CONTENT_TYPE, &type);
	struct span body = span_trim(secret_reveal(&x->body));
	return (type && span_starts_nocase(span_of(type), "text/html")) || (body.len && body.ptr[0] == '<');
}

/* Duplicate names, trailing data, NUL and wrong UTF-8 are refused.  NULL: not such an object. */
static json_t *read_object(const struct exchange *x, json_error_t *why)
{
	struct span body = secret_reveal(&x->body);
	json_t *read = json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, why);
	if (read && !json_is_object(read)) {
		json_decref(read);
		(void)snprintf(why->text, sizeof(why->text), "not an object");
		return NULL;
	}
	/* The library's words end in a part of the text, which may hold a token. */
	char *quoted = read ? NULL : strstr(why->text, " near ");
	if (quoted)
		*quoted = '\0';
	return read;
}

static void send_content(const struct exchange *x)
{
	json_error_t why = {.text = ""};
	if (!span_trim(secret_reveal(&x->body)).len) {
		send_failure("empty", "");
	} else if (is_html(x)) {
		send_failure("html", "");
	} else {
		json_t *object = read_object(x, &why);
		send_failure(object ? "json" : "other", why.text);
		send_members(object);
		json_decref(object);
	}
}

/* The redirection of a 3xx, which is not followed: its host is named. */
static bool send_redirection(const struct exchange *x)
{
	char *target = NULL;
	if (curl_easy_getinfo(x->curl, CURLINFO_REDIRECT_URL, &target) != CURLE_OK || !target)
		return false;
	CURLU *url = curl_url();
	char *host = NULL;
	(void)curl_url_set(url, CURLUPART_URL, target, CURLU_NON_SUPPORT_SCHEME);
	(void)curl_url_get(url, CURLUPART_HOST, &host, 0);
	send_failure("other", host ? host : "?");
	curl_free(host);
	curl_url_cleanup(url);
	return true;
}

/* The host that the file came from after all redirections, and the file. */
static void send_file(const struct exchange *x)
{
	char *address = NULL;
	struct span body = secret_reveal(&x->body);
	(void)curl_easy_getinfo(x->curl, CURLINFO_EFFECTIVE_URL, &address);
	struct span host = oauth_url_host(span_of(address ? address : ""));
	send_field("file");
	helper_write(host.ptr, host.len);
	send_field("");
	helper_write(body.ptr, body.len);
}

static void send_answer(const struct exchange *x)
{
	long code = 0;
	curl_off_t wait = 0;
	char text[32];
	(void)curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &code);
	(void)curl_easy_getinfo(x->curl, CURLINFO_RETRY_AFTER, &wait);
	send_field("answer");
	(void)snprintf(text, sizeof(text), "%ld", code);
	send_field(text);
	(void)snprintf(text, sizeof(text), "%" CURL_FORMAT_CURL_OFF_T, wait);
	send_field(wait > 0 ? text : "");
	if (x->is_file)
		send_file(x);
	else if (code < 300 || code > 399 || !send_redirection(x))
		send_content(x);
}

/* ---- why there is no answer ---- */

static bool says(const struct exchange *x, const char *words)
{
	return strcasestr(x->words, words) != NULL;
}

static const char *cert_field(const struct curl_slist *cert, const char *name)
{
	size_t len = strlen(name);
	for (; cert; cert = cert->next)
		if (strncasecmp(cert->data, name, len) == 0 && cert->data[len] == ':')
			return cert->data + len + 1;
	return NULL;
}

/* "2026-11-30 12:00:00 GMT", which sorts by time. */
static void format_now(char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm utc;
	if (!gmtime_r(&now, &utc) || !strftime(out, size, "%Y-%m-%d %H:%M:%S GMT", &utc))
		out[0] = '\0';
}

static void send_certificate_failure(const struct exchange *x)
{
	struct curl_certinfo *info = NULL;
	const char *kind = says(x, "not yet valid") || says(x, "activation")			? "not_yet_valid"
			   : says(x, "expired") || says(x, "expiration")			? "expired"
			   : says(x, "does not match") || says(x, "no alternative certificate") ? "wrong_name"
												: "untrusted";
	const char *issuer = NULL;
	char now[64];
	format_now(now, sizeof(now));
	(void)curl_easy_getinfo(x->curl, CURLINFO_CERTINFO, &info);
	for (int i = 0; info && i < info->num_of_certs; i++) {
		const char *from = cert_field(info->certinfo[i], "Start date"),
			   *to = cert_field(info->certinfo[i], "Expire date");
		const char *by = cert_field(info->certinfo[i], "Issuer");
		if (from && strcmp(now, from) < 0)
			kind = "not_yet_valid";
		if (to && strcmp(now, to) > 0)
			kind = "expired";
		issuer = by ? by : issuer;
	}
	send_failure(kind, issuer ? issuer : "");
}

/* Was the request on its way?  Then the server may have done what it was asked for. */
static bool was_sent(const struct exchange *x)
{
	curl_off_t when = 0;
	return curl_easy_getinfo(x->curl, CURLINFO_PRETRANSFER_TIME_T, &when) == CURLE_OK && when > 0;
}

static bool send_proxy_failure(const struct exchange *x, CURLcode result)
{
	long code = 0;
	char text[32];
	(void)curl_easy_getinfo(x->curl, CURLINFO_HTTP_CONNECTCODE, &code);
	(void)snprintf(text, sizeof(text), "HTTP %ld", code);
	if (code == 407)
		send_failure("proxy_login", text);
	else if (code && (code < 200 || code > 299))
		send_failure("proxy", text);
	else if (result == CURLE_COULDNT_RESOLVE_PROXY || result == CURLE_PROXY)
		send_failure(says(x, "auth") || says(x, "user") ? "proxy_login" : "proxy", x->words);
	else
		return false;
	return true;
}

static const char *failure_kind(const struct exchange *x, CURLcode result)
{
	if (x->too_long)
		return "too_long";
	switch (result) {
	case CURLE_COULDNT_RESOLVE_HOST: return "unresolved";
	case CURLE_COULDNT_CONNECT: return "unreachable";
	case CURLE_OPERATION_TIMEDOUT: return was_sent(x) ? "silent" : "timeout";
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR: return "trust_file";
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_USE_SSL_FAILED: return "tls";
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE: return "lost";
	default: return "failed";
	}
}

static void send_no_answer(const struct exchange *x, CURLcode result)
{
	if (!x->too_long && send_proxy_failure(x, result))
		return;
	if (result == CURLE_PEER_FAILED_VERIFICATION)
		send_certificate_failure(x);
	else
		send_failure(failure_kind(x, result), *x->words ? x->words : curl_easy_strerror(result));
}

/* ---- the exchange ---- */

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	if (x->body.len + size * n > OAUTH_HTTP_LIMIT) {
		x->too_long = true;
		return 0;
	}
	secret_append(&x->body, bytes, size * n);
	return size * n;
}

/* What listens on this machine needs no proxy, and none can reach it. */
static bool is_loopback(const char *address)
{
	struct span host = oauth_url_host(span_of(address));
	return span_equals_str_nocase(host, "localhost") || span_starts_nocase(host, "127.") ||
	       span_equals_str(host, "[::1]");
}

static void set_proxy(struct exchange *x, const struct request *r)
{
	if (is_loopback(r->url.ptr)) {
		(void)curl_easy_setopt(x->curl, CURLOPT_PROXY, "");
	} else if (r->proxy.len) {
		(void)curl_easy_setopt(x->curl, CURLOPT_PROXY, r->proxy.ptr);
		(void)curl_easy_setopt(x->curl, CURLOPT_NOPROXY, ""); /* not the environment's */
		if (r->proxy_user.len) {
			(void)curl_easy_setopt(x->curl, CURLOPT_PROXYUSERNAME, r->proxy_user.ptr);
			(void)curl_easy_setopt(x->curl, CURLOPT_PROXYPASSWORD, r->proxy_password.ptr);
		}
	}
	(void)curl_easy_setopt(x->curl, CURLOPT_HTTPPROXYTUNNEL, 1L);
}

static void set_tls(struct exchange *x, const struct request *r)
{
	(void)curl_easy_setopt(x->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl_easy_setopt(x->curl, CURLOPT_CERTINFO, 1L);
	if (!r->trust_file.len)
		return;
	(void)curl_easy_setopt(x->curl, CURLOPT_CAINFO, r->trust_file.ptr);
	(void)curl_easy_setopt(x->curl, CURLOPT_CAPATH, NULL); /* or the system's authorities would be trusted, too */
}

static void set_request(struct exchange *x, const struct request *r)
{
	if (span_equals_str(r->method, "POST")) {
		(void)curl_easy_setopt(x->curl, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(x->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->form.len);
		(void)curl_easy_setopt(x->curl, CURLOPT_POSTFIELDS, r->form.ptr);
	}
	x->fields = curl_slist_append(x->fields, x->is_file ? "Accept: */*" : "Accept: application/json");
	x->fields = curl_slist_append(x->fields, "Expect:");
	(void)curl_easy_setopt(x->curl, CURLOPT_HTTPHEADER, x->fields);
	if (r->basic_name.len) {
		(void)curl_easy_setopt(x->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		(void)curl_easy_setopt(x->curl, CURLOPT_USERNAME, r->basic_name.ptr);
		(void)curl_easy_setopt(x->curl, CURLOPT_PASSWORD, r->basic_password.ptr);
	}
}

static bool set_options(struct exchange *x, const struct request *r)
{
	unsigned long long ms;
	if (!span_to_u64(r->milliseconds, &ms) || !ms || ms > 3600000)
		return false;
	(void)curl_easy_setopt(x->curl, CURLOPT_URL, r->url.ptr);
	(void)curl_easy_setopt(x->curl, CURLOPT_ERRORBUFFER, x->words);
	(void)curl_easy_setopt(x->curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(x->curl, CURLOPT_TIMEOUT_MS, (long)ms);
	(void)curl_easy_setopt(x->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)ms);
	(void)curl_easy_setopt(x->curl, CURLOPT_FOLLOWLOCATION, x->is_file ? 1L : 0L);
	(void)curl_easy_setopt(x->curl, CURLOPT_MAXREDIRS, REDIRECTIONS_MAX);
	(void)curl_easy_setopt(x->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(x->curl, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	(void)curl_easy_setopt(x->curl, CURLOPT_USERAGENT, "posthaste/" PACKAGE_VERSION);
	(void)curl_easy_setopt(x->curl, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(x->curl, CURLOPT_WRITEDATA, x);
	set_proxy(x, r);
	set_tls(x, r);
	set_request(x, r);
	/* Nothing but https, whatever URL comes in. */
	return curl_easy_setopt(x->curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	       curl_easy_setopt(x->curl, CURLOPT_REDIR_PROTOCOLS_STR, "https") == CURLE_OK;
}

static void perform(const struct request *r)
{
	struct exchange x = {
		.curl = curl_easy_init(), .body = SECRET_INIT, .is_file = span_equals_str(r->method, "FILE")};
	if (!x.curl || !set_options(&x, r)) {
		send_failure("failed", "its helper cannot set up the request");
	} else {
		CURLcode result = curl_easy_perform(x.curl);
		if (result == CURLE_OK)
			send_answer(&x);
		else
			send_no_answer(&x, result);
	}
	curl_easy_cleanup(x.curl);
	curl_slist_free_all(x.fields);
	secret_release(&x.body);
}

int main(void)
{
	struct request request = {.all = SECRET_INIT};
	helper_protect();
	if (!read_request(&request)) {
		(void)fputs("posthaste-http is run by posthaste and cannot be used directly\n", stderr);
		secret_release(&request.all);
		return EX_USAGE;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		send_failure("failed", "its helper cannot start");
	else
		perform(&request);
	curl_global_cleanup();
	secret_release(&request.all);
	return EX_OK;
}
