/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/discover.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "dns/mx.h"
#include "dns/name.h"
#include "dns/srv.h"
#include "oauth/http.h"
#include "setup/autoconfig.h"
#include "setup/fetch.h"
#include "setup/together.h"

#include <stdio.h>

#define EACH_MS 5000
#define ALL_MS 10000
#define SRV_MAX 4 /* servers of these records that are tried */
#define WELL_KNOWN "/.well-known/autoconfig/mail/config-v1.1.xml"

void discovery_release(struct discovery *d)
{
	candidates_release(&d->found);
	free(d->provider);
	free(d->enable);
	free(d->enable_url);
	strvec_release(&d->notes);
	strvec_release(&d->details);
	error_release(&d->why);
	*d = DISCOVERY_INIT;
}

/* ---- questions, each in a process of its own ---- */

struct question {
	const struct discover_request *request;
	const char *domain; /* in ASCII */
	msec_t deadline;
	char *url; /* of a file; NULL: the question goes to the DNS */
};

/* An answer is a list of fields: "ok" and what follows, or "fail", the kind of error, its text and its hint. */
static void write_failure(const struct error *err, struct strbuf *out)
{
	AUTO_FREE char *kind = xasprintf("%d", (int)err->status.kind);
	strbuf_add_field(out, "fail");
	strbuf_add_field(out, kind);
	strbuf_add_field(out, err->status.text);
	strbuf_add_field(out, err->status.hint);
}

static void ask_srv(void *arg, struct strbuf *out)
{
	const struct question *q = arg;
	AUTO(srv_list) found = SRV_LIST_INIT;
	AUTO(error) err = ERROR_INIT;
	if (!srv_find(q->request->runtime, NULL, q->domain, q->deadline, &found, &err)) {
		write_failure(&err, out);
		return;
	}
	strbuf_add_field(out, "ok");
	strbuf_add_field(out, found.immediate ? "tls" : "starttls");
	strbuf_add_field(out, found.secure ? "secure" : "");
	for (size_t i = 0; i < found.n && i < SRV_MAX; i++) {
		AUTO_FREE char *port = xasprintf("%u", found.v[i].port);
		strbuf_add_field(out, found.v[i].target);
		strbuf_add_field(out, port);
	}
}

static void ask_mx(void *arg, struct strbuf *out)
{
	const struct question *q = arg;
	AUTO_FREE char *host = NULL;
	AUTO(error) err = ERROR_INIT;
	if (!mx_find(q->request->runtime, q->domain, q->deadline, &host, &err)) {
		write_failure(&err, out);
		return;
	}
	strbuf_add_field(out, "ok");
	strbuf_add_field(out, host);
}

static void ask_file(void *arg, struct strbuf *out)
{
	const struct question *q = arg;
	AUTO(fetched) file = FETCHED_INIT;
	AUTO(error) err = ERROR_INIT;
	if (!fetch_file(q->request->runtime, q->url, q->request->trust_file, q->deadline, &file, &err)) {
		write_failure(&err, out);
		return;
	}
	AUTO_FREE char *code = xasprintf("%u", file.code);
	strbuf_add_field(out, "ok");
	strbuf_add_field(out, code);
	strbuf_add_field(out, file.host);
	strbuf_add_span(out, strbuf_span(&file.body));
}

/* ---- answers ---- */

static void add_detail(struct discovery *d, const char *what, const char *text)
{
	AUTO_FREE char *line = xasprintf("%s: %s", what, text);
	strvec_push_owned(&d->details, clean_text(span_of(line), 500));
}

/* Removes the first field of an answer and says whether it is "ok"; else it becomes a detail, and *why. */
static bool answer_is_good(struct discovery *d, const char *what, const struct together_job *job, struct span *rest,
			   struct error *why)
{
	struct span word, kind, text, hint;
	unsigned long long number;
	*rest = strbuf_span(&job->answer);
	if (!job->answered || !span_field(rest, &word)) {
		add_detail(d, what, "no answer in time");
		return false;
	}
	if (span_equals_str(word, "ok"))
		return true;
	if (!span_field(rest, &kind) || !span_field(rest, &text) || !span_field(rest, &hint) ||
	    !span_to_u64(kind, &number))
		return false;
	add_detail(d, what, text.ptr);
	if (why) {
		(void)error_set(why, (enum error_kind)number, "%s", text.ptr);
		if (hint.len)
			error_hint(why, "%s", hint.ptr);
	}
	return false;
}

static void take_srv(struct discovery *d, const char *domain, const struct together_job *job)
{
	struct span rest, mode, secure, host, port;
	unsigned long long number;
	if (!answer_is_good(d, "SRV", job, &rest, &d->why) || !span_field(&rest, &mode) || !span_field(&rest, &secure))
		return;
	const struct srv_list list = {.secure = secure.len > 0};
	while (span_field(&rest, &host) && span_field(&rest, &port)) {
		AUTO_FREE char *name = xmemdup0(host.ptr, host.len);
		if (!span_to_u64(port, &number) || number > 65535)
			continue;
		struct candidate c = {.host = name,
				      .port = (unsigned)number,
				      .mode = span_equals_str(mode, "tls") ? SETUP_TLS : SETUP_STARTTLS,
				      .source = SETUP_SRV,
				      .login = SETUP_PASSWORD,
				      .doubtful = !srv_target_counts(&list, domain, name)};
		candidates_add(&d->found, &c);
		add_detail(d, "SRV", name);
	}
	d->secure = list.secure;
}

/* The host that takes the mail, malloc'ed; NULL: it is not known, or there is none. */
static char *take_mx(struct discovery *d, const struct together_job *job)
{
	struct span rest, host;
	if (!answer_is_good(d, "MX", job, &rest, NULL) || !span_field(&rest, &host) || !host.len)
		return NULL;
	add_detail(d, "MX", host.ptr);
	return xmemdup0(host.ptr, host.len);
}

static void add_server(struct discovery *d, const struct autoconfig_server *s, const struct candidate *like)
{
	struct candidate c = *like;
	c.host = s->host;
	c.port = s->port;
	c.mode = s->mode;
	c.user = s->user;
	c.login = s->login;
	candidates_add(&d->found, &c);
}

static void take_file_of(struct discovery *d, struct autoconfig *a, const struct candidate *like)
{
	for (size_t i = 0; i < a->n; i++)
		add_server(d, &a->v[i], like);
	if (d->provider || d->enable)
		return;
	d->provider = steal_ptr(a->provider);
	d->enable = steal_ptr(a->enable);
	d->enable_url = steal_ptr(a->enable_url);
}

enum file { FILE_NONE, FILE_PAGE, FILE_GOOD };

/* within: the domain whose host the file has to come from, or the user has to say yes. */
static enum file take_file(struct discovery *d, const struct question *q, const struct together_job *job,
			   enum setup_source source, const char *within)
{
	AUTO(autoconfig) a = AUTOCONFIG_INIT;
	struct span rest, code, host;
	if (!answer_is_good(d, q->url, job, &rest, NULL) || !span_field(&rest, &code) || !span_field(&rest, &host))
		return FILE_NONE;
	add_detail(d, q->url, code.ptr);
	if (!span_equals_str(code, "200") || !autoconfig_read(rest, q->request->address, &a))
		return span_equals_str(code, "200") && autoconfig_is_page(rest) ? FILE_PAGE : FILE_NONE;
	AUTO_FREE char *from = xmemdup0(host.ptr, host.len);
	struct candidate like = {.source = source,
				 .told_by = from,
				 .doubtful = source == SETUP_AUTOCONFIG_MX || !setup_is_within(host, span_of(within))};
	take_file_of(d, &a, &like);
	return FILE_GOOD;
}

/* ---- what is asked for ---- */

static char *file_url(const char *host, const char *path, const char *address)
{
	AUTO(secret) encoded = SECRET_INIT;
	oauth_percent_encode(&encoded, span_of(address));
	return xasprintf("https://%s%s?emailaddress=%s", host, path, secret_reveal(&encoded).ptr);
}

/* "co.uk" and the like: everything below it belongs to different people. */
static bool is_shared(const char *domain)
{
	static const char *const shared[] = {"ac", "co", "com", "edu", "gov", "ne", "net", "or", "org"};
	const char *dot = strchr(domain, '.');
	if (!dot)
		return true;
	if (strlen(dot) != 3 || strchr(dot + 1, '.'))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
		if (span_equals_str_nocase(span_make(domain, (size_t)(dot - domain)), shared[i]))
			return true;
	return false;
}

/* The domain of the host that takes the mail, without its first label; NULL: it is one that is asked already, or
 * belongs to many. */
static const char *mx_domain(const char *mx, const char *domain)
{
	const char *dot = mx ? strchr(mx, '.') : NULL;
	if (!dot || is_shared(dot + 1) || setup_is_within(span_of(dot + 1), span_of(domain)) ||
	    setup_is_within(span_of(domain), span_of(dot + 1)))
		return NULL;
	return dot + 1;
}

static void ask_mx_domain(struct discovery *d, const struct discover_request *r, const char *domain, msec_t all)
{
	AUTO_FREE char *host = xasprintf("autoconfig.%s", domain);
	AUTO_FREE char *url = file_url(host, "/mail/config-v1.1.xml", r->address);
	const struct clock *clock = r->runtime->clock;
	struct question q = {r, domain, deadline_min(deadline_in(clock, EACH_MS), all), url};
	struct together_job job = {.work = ask_file, .arg = &q, .answer = STRBUF_INIT};
	together_run(&job, 1, clock, all);
	(void)take_file(d, &q, &job, SETUP_AUTOCONFIG_MX, domain);
	strbuf_release(&job.answer);
}

enum { ASK_AUTOCONFIG, ASK_WELL_KNOWN, ASK_MX, ASK_SRV, ASK_DATABASE, QUESTIONS };

/* An old file of the web server's host, and mail that goes to somebody else. */
static void note_contradiction(struct discovery *d, const struct preset *p)
{
	for (size_t i = 0; i < d->found.n; i++)
		if (ascii_strcasecmp(d->found.v[i].host, p->host) == 0)
			return;
	strvec_pushf(&d->notes,
		     _("The domain's own file names other servers than those of %s, which takes the domain's mail. "
		       "Compare them with your provider's instructions."),
		     p->title);
}

static void use_mx(struct discovery *d, const struct discover_request *r, const char *domain, const char *mx, bool own,
		   msec_t all)
{
	const struct preset *p = mx ? preset_by_mx(span_of(mx)) : NULL;
	const char *other = mx_domain(mx, domain);
	if (p && own)
		note_contradiction(d, p);
	if (p) {
		d->preset = own ? NULL : p;
		preset_add(p, SETUP_PRESET_MX, r->address, mx, &d->found);
	} else if (!own && other) {
		ask_mx_domain(d, r, other, all);
	}
}

static void use_answers(struct discovery *d, const struct question *q, const struct together_job *jobs, size_t n,
			msec_t all)
{
	const char *domain = q->domain;
	enum file file = take_file(d, &q[ASK_AUTOCONFIG], &jobs[ASK_AUTOCONFIG], SETUP_AUTOCONFIG, domain);
	enum file other = file == FILE_GOOD
				  ? FILE_NONE
				  : take_file(d, &q[ASK_WELL_KNOWN], &jobs[ASK_WELL_KNOWN], SETUP_AUTOCONFIG, domain);
	AUTO_FREE char *mx = take_mx(d, &jobs[ASK_MX]);
	bool own = file == FILE_GOOD || other == FILE_GOOD;
	if (file == FILE_PAGE && other == FILE_PAGE)
		strvec_push(&d->notes, _("Web pages came instead of the files that were asked for: perhaps the network "
					 "wants you to log in with a browser first."));
	use_mx(d, q->request, domain, mx, own, all);
	take_srv(d, domain, &jobs[ASK_SRV]);
	if (n > ASK_DATABASE)
		(void)take_file(d, &q[ASK_DATABASE], &jobs[ASK_DATABASE], SETUP_DATABASE, "autoconfig.thunderbird.net");
}

static void ask_network(struct discovery *d, const struct discover_request *r, const char *domain)
{
	const struct clock *clock = r->runtime->clock;
	msec_t each = deadline_in(clock, EACH_MS), all = deadline_in(clock, ALL_MS);
	AUTO_FREE char *host = xasprintf("autoconfig.%s", domain);
	AUTO_FREE char *url = file_url(host, "/mail/config-v1.1.xml", r->address);
	AUTO_FREE char *well_known = file_url(domain, WELL_KNOWN, r->address);
	AUTO_FREE char *database = xasprintf("https://autoconfig.thunderbird.net/v1.1/%s", domain);
	struct question questions[QUESTIONS] = {[ASK_AUTOCONFIG] = {r, domain, each, url},
						[ASK_WELL_KNOWN] = {r, domain, each, well_known},
						[ASK_MX] = {r, domain, each, NULL},
						[ASK_SRV] = {r, domain, each, NULL},
						[ASK_DATABASE] = {r, domain, each, database}};
	struct together_job jobs[QUESTIONS];
	size_t n = r->ask_database ? QUESTIONS : ASK_DATABASE;
	for (size_t i = 0; i < n; i++)
		jobs[i] = (struct together_job){.work = i == ASK_SRV  ? ask_srv
							: i == ASK_MX ? ask_mx
								      : ask_file,
						.arg = &questions[i],
						.answer = STRBUF_INIT};
	together_run(jobs, n, clock, each + 1000);
	use_answers(d, questions, jobs, n, all);
	for (size_t i = 0; i < n; i++)
		strbuf_release(&jobs[i].answer);
}

void discover(const struct discover_request *r, struct discovery *d)
{
	const char *at = strrchr(r->address, '@');
	AUTO_FREE char *domain = dns_name_ascii(at ? at + 1 : "", &d->why);
	if (!domain)
		return;
	d->preset = preset_by_domain(span_of(domain));
	if (d->preset)
		preset_add(d->preset, SETUP_PRESET, r->address, NULL, &d->found);
	else
		ask_network(d, r, domain);
	candidates_rank(&d->found);
	if (d->found.n)
		error_release(&d->why);
	else if (!d->preset)
		strvec_push(&d->notes, _("Nothing was asked by plain HTTP, because anyone on the way could answer."));
}
