/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dns/tlsa.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "dns/name.h"
#include "net/resolve.h"

void tlsa_found_release(struct tlsa_found *found)
{
	tlsa_records_release(&found->records);
	free(found->owner);
	free(found->base);
	free(found->alias);
	free(found->why_none);
	*found = TLSA_FOUND_INIT;
}

bool tlsa_parse(struct span data, struct tlsa_records *out)
{
	const unsigned char *p = (const unsigned char *)data.ptr;
	if (data.len < 4)
		return false;
	unsigned char *bytes = (unsigned char *)xmemdup0(data.ptr + 3, data.len - 3);
	tlsa_records_add(out, (struct tlsa_record){p[0], p[1], p[2], {bytes, data.len - 3}});
	free(bytes);
	return true;
}

/* ---- which names ---- */

enum { ANSWER_A, ANSWER_AAAA, ANSWER_CNAME, ANSWERS };
static const enum dns_type types[ANSWERS] = {DNS_A, DNS_AAAA, DNS_CNAME};

static bool has_records(const struct dns_answer *a)
{
	return a->finding == DNS_RECORDS;
}

static bool not_signed(const struct dns_answer *a)
{
	return has_records(a) && !a->secure;
}

static bool is_alias(const char *host, const char *canonical)
{
	return *canonical && ascii_strcasecmp(host, canonical) != 0;
}

bool tlsa_choose_names(const char *host, const struct dns_answer answers[3], struct tlsa_names *out, struct error *err)
{
	const struct dns_answer *a = &answers[ANSWER_A], *aaaa = &answers[ANSWER_AAAA];
	const struct dns_answer *cname = &answers[ANSWER_CNAME];
	*out = (struct tlsa_names){.n = 0};
	for (size_t i = 0; i < ANSWERS; i++) {
		const struct dns_question question = {host, types[i]};
		if (!dns_answer_known(&answers[i], &question, err))
			return false;
	}
	if (!has_records(a) && !has_records(aaaa)) {
		out->why = _("the DNS has no address for it");
		return true;
	}
	const char *canonical = has_records(a) ? a->canonical : aaaa->canonical;
	bool is_signed = !not_signed(a) && !not_signed(aaaa);
	if (is_signed && is_alias(host, canonical))
		out->v[out->n++] = canonical;
	if (is_signed || (has_records(cname) && cname->secure))
		out->v[out->n++] = host;
	else
		out->why = _("its address records are not signed");
	return true;
}

/* ---- the look-up ---- */

static void take_records(const struct dns_answer *answer, struct tlsa_records *out)
{
	for (size_t i = 0; i < answer->n; i++)
		(void)tlsa_parse(span_make((const char *)answer->v[i].v, answer->v[i].n), out);
}

/* The first name with records whose signatures are valid. */
static bool take_first(const struct tlsa_names *names, const struct dns_question *questions,
		       const struct dns_answers *answers, struct tlsa_found *out, struct error *err)
{
	bool unsigned_records = false;
	for (size_t i = 0; i < names->n; i++) {
		const struct dns_answer *answer = &answers->v[i];
		if (!dns_answer_known(answer, &questions[i], err))
			return false;
		unsigned_records |= not_signed(answer);
		if (answer->secure)
			take_records(answer, &out->records);
		if (!out->records.n)
			continue;
		out->owner = xstrdup(questions[i].name);
		out->base = xstrdup(names->v[i]);
		out->alias = i + 1 < names->n ? xstrdup(names->v[i + 1]) : NULL;
		return true;
	}
	out->owner = xstrdup(questions[0].name);
	out->why_none = xstrdup(unsigned_records ? _("they are not signed") : _("the DNS has none"));
	return true;
}

static bool find_at(const struct dns_validator *v, const struct tlsa_names *names, unsigned port, msec_t deadline,
		    struct tlsa_found *out, struct error *err)
{
	AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
	AUTO_FREE char *first = xasprintf("_%u._tcp.%s", port, names->v[0]);
	AUTO_FREE char *second = names->n > 1 ? xasprintf("_%u._tcp.%s", port, names->v[1]) : NULL;
	const struct dns_question questions[2] = {{first, DNS_TLSA}, {second, DNS_TLSA}};
	return dns_validate(v, questions, names->n, deadline, &answers, err) &&
	       take_first(names, questions, &answers, out, err);
}

bool tlsa_find(const struct dns_validator *v, const char *host, unsigned port, msec_t deadline, struct tlsa_found *out,
	       struct error *err)
{
	AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
	struct address literal;
	struct tlsa_names names;
	if (address_from_literal(host, port, &literal)) {
		*out = (struct tlsa_found){.owner = xstrdup(host),
					   .why_none = xstrdup(_("it is an address, not a name"))};
		return true;
	}
	AUTO_FREE char *ascii = dns_name_ascii(host, err);
	if (!ascii)
		return false;
	const struct dns_question questions[ANSWERS] = {{ascii, DNS_A}, {ascii, DNS_AAAA}, {ascii, DNS_CNAME}};
	if (!dns_validate(v, questions, ANSWERS, deadline, &answers, err) ||
	    !tlsa_choose_names(ascii, answers.v, &names, err))
		return false;
	if (names.n)
		return find_at(v, &names, port, deadline, out, err);
	*out = (struct tlsa_found){.owner = xasprintf("_%u._tcp.%s", port, ascii), .why_none = xstrdup(names.why)};
	return true;
}
