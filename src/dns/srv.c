/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dns/srv.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "dns/lookup.h"
#include "dns/name.h"

#define RECORDS_MAX 64 /* more than any domain has; the limit is needed because others write the answer */

void srv_list_release(struct srv_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].target);
	free(list->v);
	*list = SRV_LIST_INIT;
}

/* ---- answers ---- */

struct found {
	struct srv_list *list;
	bool *declined;
};

/* RDATA = priority weight port target (RFC 2782). */
static bool add_record(void *arg, const struct dns_message *m, const unsigned char *data, size_t len)
{
	const struct found *found = arg;
	struct srv_list *out = found->list;
	char target[DNS_NAME_ROOM];
	if (len < 7 || !dns_message_name(m, data + 6, target))
		return false;
	if (!*target) {
		*found->declined = true;
		return true;
	}
	unsigned port = dns_message_number(data + 4);
	if (!dns_name_is_host(target) || !port || out->n == RECORDS_MAX)
		return true; /* this record cannot be used; the others still can */
	GROW(out->v, out->n, out->cap);
	out->v[out->n++] =
		(struct srv_record){dns_message_number(data), dns_message_number(data + 2), port, xstrdup(target)};
	return true;
}

bool srv_parse(const unsigned char *message, size_t len, struct srv_list *out, bool *declined, struct error *err)
{
	struct found found = {out, declined};
	return dns_message_read(&(struct dns_message){message, len}, DNS_SRV, add_record, &found, &out->secure, err);
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

static bool ask_resolver(const struct runtime *runtime, const char *name, msec_t deadline, struct srv_list *out,
			 bool *declined, struct error *err)
{
	struct found found = {out, declined};
	const struct dns_question question = {name, DNS_SRV};
	return dns_lookup(runtime, &question, deadline, add_record, &found, &out->secure, err);
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
		struct found found = {out, declined};
		if (!add_record(&found, &(struct dns_message){data->v, data->n}, data->v, data->n))
			return dns_message_report_malformed(err);
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
				    : ask_resolver(runtime, name, deadline, &found, &declined, err);
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
