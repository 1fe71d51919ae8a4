/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For any answer of the helper for signed DNS answers: what is read has as many answers as there were questions,
 * records only where records were found, names that hosts may have, and reasons that can be shown; no cut of it gives
 * anything; and its TLSA records have the octets that came.  No name is looked for under which a failure, or unsigned
 * addresses, are.
 *
 * The input: three answers as dns/validate.h describes them, octets as they are or as "\xHH".
 */
#include "fuzz.h"

#include "dns/name.h"
#include "dns/tlsa.h"

#define HOST "mail.example.org"

static void must_be_sound(const struct dns_answer *a)
{
	static const struct dns_question question = {HOST, DNS_A};
	AUTO(error) err = ERROR_INIT;
	bool known = a->finding == DNS_RECORDS || a->finding == DNS_NO_DATA || a->finding == DNS_NO_NAME;
	MUST((a->finding == DNS_RECORDS) == (a->n > 0) && a->n <= 64);
	MUST(known || !a->secure);
	MUST(!*a->canonical || (dns_name_is_host(a->canonical) && strlen(a->canonical) <= DNS_NAME_MAX));
	MUST(fuzz_is_clean(span_of(a->why)));
	MUST(dns_answer_known(a, &question, &err) == known);
	fuzz_must_agree(known, &err);
	MUST(known || err.status.kind == ERROR_DNS_TEMPORARY);
}

static void must_keep_octets(const struct dns_data *data)
{
	AUTO(tlsa_found) found = TLSA_FOUND_INIT;
	bool ok = tlsa_parse(span_make((const char *)data->v, data->n), &found.records);
	MUST(ok == (data->n > 3) && found.records.n == ok);
	if (!ok)
		return;
	const struct tlsa_record *r = found.records.v;
	MUST(r->usage == data->v[0] && r->selector == data->v[1] && r->matching == data->v[2]);
	MUST(r->data.n == data->n - 3 && memcmp(r->data.v, data->v + 3, r->data.n) == 0);
}

static void must_choose_signed_names(const struct dns_answer answers[3])
{
	AUTO(error) err = ERROR_INIT;
	struct tlsa_names names;
	bool failure = false, is_signed = true;
	for (int i = 0; i < 3; i++)
		failure |= answers[i].finding >= DNS_BOGUS;
	for (int i = 0; i < 2; i++)
		is_signed &= answers[i].finding != DNS_RECORDS || answers[i].secure;
	MUST(tlsa_choose_names(HOST, answers, &names, &err) == !failure);
	fuzz_must_agree(!failure, &err);
	if (failure)
		return;
	MUST(names.n <= 2 && (names.n == 0) == (names.why != NULL));
	MUST(names.n == 0 || strcmp(names.v[names.n - 1], HOST) == 0);
	MUST(names.n < 2 || is_signed);
	MUST(names.n == 0 || is_signed || (answers[2].finding == DNS_RECORDS && answers[2].secure));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(dns_answers) answers = DNS_ANSWERS_INIT;
	AUTO(error) err = ERROR_INIT;
	fuzz_unescape(span_make((const char *)data, size), &text);
	struct span octets = strbuf_span(&text);
	bool ok = dns_answers_parse(octets, 3, &answers, &err);
	fuzz_must_agree(ok, &err);
	MUST(answers.n == (ok ? 3 : 0));
	MUST(ok || err.status.kind == ERROR_DNS_TEMPORARY || err.status.kind == ERROR_CONFIG);
	for (size_t i = 0; i < answers.n; i++) {
		must_be_sound(&answers.v[i]);
		for (size_t j = 0; j < answers.v[i].n; j++)
			must_keep_octets(&answers.v[i].v[j]);
	}
	if (!ok)
		return 0;
	must_choose_signed_names(answers.v);
	for (size_t cut = 1; cut <= octets.len; cut += cut < 8 ? 1 : cut / 4) {
		AUTO(dns_answers) fewer = DNS_ANSWERS_INIT;
		MUST(!dns_answers_parse(span_sub(octets, 0, octets.len - cut), 3, &fewer, NULL));
	}
	return 0;
}
