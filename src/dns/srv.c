/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dns/srv.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "dns/name.h"
#include "net/background.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#define ANSWER_ROOM 65535
#define RECORDS_MAX 64 /* more than any domain has; the limit is needed because others write the answer */

void srv_list_release(struct srv_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].target);
	free(list->v);
	*list = SRV_LIST_INIT;
}

/* ---- answers ---- */

static bool report_malformed(struct error *err)
{
	return error_set(err, ERROR_DNS_TEMPORARY, _("the name server's answer cannot be read"));
}

/*
 * The message is parsed here: glibc has ns_initparse() and ns_parserr() in libresolv, and loading another library at
 * every start costs too much for a few records that are rarely needed.  Names are decoded by dn_skipname() and
 * ns_name_uncompress(), which are in libc since 2.34.
 */
struct answer {
	const unsigned char *base, *at, *end;
};

static bool skip(struct answer *a, size_t n)
{
	if ((size_t)(a->end - a->at) < n)
		return false;
	a->at += n;
	return true;
}

static bool skip_name(struct answer *a)
{
	int n = dn_skipname(a->at, a->end);
	return n > 0 && skip(a, (size_t)n);
}

static unsigned get16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* RDATA = priority weight port target (RFC 2782). */
static bool add_record(struct srv_list *out, const struct answer *a, const unsigned char *data, size_t len,
		       bool *declined)
{
	char target[NS_MAXDNAME];
	if (len < 7)
		return false;
	if (ns_name_uncompress(a->base, a->end, data + 6, target, sizeof(target)) < 0)
		return false;
	if (!*target || strcmp(target, ".") == 0) {
		*declined = true;
		return true;
	}
	unsigned port = get16(data + 4);
	if (!dns_name_is_host(target) || !port || out->n == RECORDS_MAX)
		return true; /* this record cannot be used; the others still can */
	GROW(out->v, out->n, out->cap);
	out->v[out->n++] = (struct srv_record){get16(data), get16(data + 2), port, xstrdup(target)};
	return true;
}

/* RFC 1035 section 4.1.3: NAME TYPE CLASS TTL RDLENGTH RDATA */
static bool read_record(struct srv_list *out, struct answer *a, bool *declined)
{
	if (!skip_name(a))
		return false;
	const unsigned char *head = a->at;
	if (!skip(a, NS_RRFIXEDSZ))
		return false;
	const unsigned char *data = a->at;
	size_t len = get16(head + 8);
	if (!skip(a, len))
		return false;
	return get16(head) != ns_t_srv || get16(head + 2) != ns_c_in || add_record(out, a, data, len, declined);
}

/* RFC 1035 section 4.1.1, RFC 4035 section 3.2.3.  QR is set in an answer. */
enum { HEADER_QR = 0x8000, HEADER_TC = 0x0200, HEADER_AD = 0x0020, HEADER_RCODE = 0x000f };

bool srv_parse(const unsigned char *message, size_t len, struct srv_list *out, bool *declined, struct error *err)
{
	struct answer a = {message, message, message + len};
	if (len > ANSWER_ROOM || !skip(&a, NS_HFIXEDSZ))
		return report_malformed(err);
	unsigned flags = get16(message + 2), rcode = flags & HEADER_RCODE;
	if (!(flags & HEADER_QR))
		return report_malformed(err);
	if (rcode != ns_r_noerror && rcode != ns_r_nxdomain)
		return error_set(err, ERROR_DNS_TEMPORARY, _("the name server could not answer (code %d)"), (int)rcode);
	if (flags & HEADER_TC)
		return report_malformed(err);
	for (unsigned n = get16(message + 4); n; n--)
		if (!skip_name(&a) || !skip(&a, NS_QFIXEDSZ))
			return report_malformed(err);
	for (unsigned n = get16(message + 6); n; n--)
		if (!read_record(out, &a, declined))
			return report_malformed(err);
	out->secure = flags & HEADER_AD;
	return true;
}

/* ---- order ---- */

static int by_priority(const void *a, const void *b)
{
	const struct srv_record *x = a, *y = b;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return (x->weight > 0) - (y->weight > 0); /* RFC 2782: records of weight 0 come first */
}

/* A random number from 0 to limit, evenly distributed. */
static unsigned long random_up_to(const struct rng *rng, unsigned long limit)
{
	uint32_t n;
	rng->fill(rng, &n, sizeof(n));
	return (unsigned long)((uint64_t)n * (limit + 1) >> 32);
}

/* Draws one of the records [from, to): the first whose running sum of weights reaches a random number. */
static size_t draw_by_weight(const struct srv_list *list, size_t from, size_t to, const struct rng *rng)
{
	unsigned long total = 0, sum = 0;
	for (size_t i = from; i < to; i++)
		total += list->v[i].weight;
	unsigned long wanted = random_up_to(rng, total);
	for (size_t i = from; i < to; i++) {
		sum += list->v[i].weight;
		if (sum >= wanted)
			return i;
	}
	return to - 1;
}

void srv_order(struct srv_list *list, const struct rng *rng)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_priority);
	for (size_t at = 0, end; at < list->n; at++) {
		for (end = at + 1; end < list->n && list->v[end].priority == list->v[at].priority;)
			end++;
		size_t drawn = end - at > 1 ? draw_by_weight(list, at, end, rng) : at;
		struct srv_record r = list->v[drawn];
		memmove(&list->v[at + 1], &list->v[at],
			(drawn - at) * sizeof(r)); /* the other records keep their order */
		list->v[at] = r;
	}
}

bool srv_target_counts(const struct srv_list *list, const char *domain, const char *target)
{
	size_t d = strlen(domain), t = strlen(target);
	if (list->secure)
		return true;
	if (t < d || ascii_strcasecmp(target + t - d, domain) != 0)
		return false;
	return t == d || target[t - d - 1] == '.';
}

/* ---- the DNS ---- */

/*
 * res_nsearch() and its relatives drop answers without records; res_nmkquery() and res_nsend() keep the message.
 * glibc clears the AD bit unless resolv.conf has "trust-ad".
 */
static int system_ask(const struct srv_dns *dns, const char *name, unsigned char *answer, size_t room)
{
	struct __res_state state = {.options = 0};
	unsigned char question[NS_PACKETSZ];
	(void)dns;
	if (res_ninit(&state) < 0)
		return -1;
	int n = res_nmkquery(&state, ns_o_query, name, ns_c_in, ns_t_srv, NULL, 0, NULL, question, sizeof(question));
	n = n < 0 ? n : res_nsend(&state, question, n, answer, (int)room);
	res_nclose(&state);
	return n;
}

const struct srv_dns srv_dns_system = {system_ask};

/* A question owns its memory, so that it can be left running when the deadline passes.  dns and what it points to
 * must live until the program ends. */
struct question {
	struct background_job job; /* must be first: a pointer to the job is a pointer to the question */
	const struct srv_dns *dns;
	char *name;
	unsigned char *answer;
	int len;
};

static void question_work(struct background_job *job)
{
	struct question *q = (struct question *)job;
	q->len = q->dns->ask(q->dns, q->name, q->answer, ANSWER_ROOM);
}

static void question_free(struct background_job *job)
{
	struct question *q = (struct question *)job;
	free(q->name);
	free(q->answer);
	free(q);
}

static bool report_no_answer(struct error *err, const char *name, const char *what)
{
	(void)error_set(err, ERROR_DNS_TEMPORARY, _("looking up the servers of %s: %s"), name, what);
	error_hint(err, "%s", _("Check whether this machine is online and has a working resolver."));
	return false;
}

static bool ask_for_records(const struct runtime *runtime, const char *name, msec_t deadline, struct srv_list *out,
			    bool *declined, struct error *err)
{
	struct question *q = xcalloc(1, sizeof(*q));
	struct background *held;
	AUTO(error) why = ERROR_INIT;
	bool ok = false;
	*q = (struct question){{question_work, question_free}, runtime->dns, xstrdup(name), xmalloc(ANSWER_ROOM), -1};
	switch (background_run(&q->job, runtime->clock, deadline, &held, err)) {
	case BACKGROUND_DONE:
		if (q->len < 0)
			(void)report_no_answer(err, name, _("no name server answered"));
		else if (!srv_parse(q->answer, (size_t)q->len, out, declined, &why))
			(void)report_no_answer(err, name, why.status.text);
		else
			ok = true;
		break;
	case BACKGROUND_LATE: (void)report_no_answer(err, name, _("it took too long")); break;
	case BACKGROUND_FAILED: break;
	}
	background_leave(held);
	return ok;
}

static bool ask_validator(const struct dns_validator *v, const char *name, msec_t deadline, struct srv_list *out,
			  bool *declined, struct error *err)
{
	AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
	const struct dns_question question = {name, DNS_SRV};
	if (!dns_validate(v, &question, 1, deadline, &answers, err) || !dns_answer_known(answers.v, &question, err))
		return false;
	for (size_t i = 0; i < answers.v->n; i++) {
		const struct dns_data *data = &answers.v->v[i];
		const struct answer a = {data->v, data->v, data->v + data->n};
		if (!add_record(out, &a, data->v, data->n, declined))
			return report_malformed(err);
	}
	out->secure = answers.v->secure;
	return true;
}

static bool report_none_named(struct error *err, const char *domain, bool declined)
{
	if (declined)
		(void)error_set(err, ERROR_HOST_UNKNOWN, _("the DNS says that %s does not offer mail submission"),
				domain);
	else
		(void)error_set(err, ERROR_HOST_UNKNOWN, _("the DNS has no submission server (SRV record) for %s"),
				domain);
	error_hint(err, "%s", _("Look up the server's name in the mail provider's instructions and set it as host."));
	return false;
}

bool srv_find(const struct runtime *runtime, const struct dns_validator *validator, const char *domain, msec_t deadline,
	      struct srv_list *out, struct error *err)
{
	static const char *const services[] = {"_submissions._tcp", "_submission._tcp"};
	AUTO_FREE char *ascii = dns_name_ascii(domain, err);
	AUTO(srv_list) found = SRV_LIST_INIT;
	bool declined = false;
	if (!ascii)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(services) && !found.n; i++) {
		AUTO_FREE char *name = xasprintf("%s.%s", services[i], ascii);
		bool ok = validator ? ask_validator(validator, name, deadline, &found, &declined, err)
				    : ask_for_records(runtime, name, deadline, &found, &declined, err);
		if (!ok)
			return false;
		found.immediate = i == 0;
	}
	if (!found.n)
		return report_none_named(err, ascii, declined);
	srv_order(&found, runtime->rng);
	*out = found;
	found = SRV_LIST_INIT;
	return true;
}
