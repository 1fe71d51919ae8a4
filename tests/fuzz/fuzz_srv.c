/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For any answer of a name server: records have a port and a name of letters that names may have, so that nothing else
 * reaches the dialer, a certificate check or a message; an answer that is cut anywhere gives no other records; ordering
 * loses none and keeps priorities; a name outside the domain is not accepted unless the resolver validated it.
 *
 * The input: a DNS message, octets as they are or as "\xHH".
 */
#include "fuzz.h"

#include "dns/srv.h"

#define DOMAIN "example.org"

static void must_be_sound(const struct srv_list *list)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	MUST(list->n <= 64);
	for (size_t i = 0; i < list->n; i++) {
		const struct srv_record *r = &list->v[i];
		MUST(r->priority <= 65535 && r->weight <= 65535 && r->port && r->port <= 65535);
		MUST(*r->target && *r->target != '.' && *r->target != '-');
		MUST(strspn(r->target, letters) == strlen(r->target) && strlen(r->target) <= 1024);
	}
}

/* The part of an answer before a cut: what is found in it is the beginning of what is found in all of it. */
static void must_not_invent(struct span message, size_t cut, const struct srv_list *all)
{
	AUTO(srv_list) list = SRV_LIST_INIT;
	AUTO(strbuf) part = STRBUF_INIT;
	bool declined = false;
	strbuf_add_span(&part, span_sub(message, 0, cut));
	bool ok = srv_parse((const unsigned char *)part.buf, part.len, &list, &declined, NULL);
	MUST(!ok || list.n == all->n);
	must_be_sound(&list);
}

static void must_order(struct srv_list *list)
{
	unsigned long long before = 0, after = 0;
	for (size_t i = 0; i < list->n; i++)
		before += list->v[i].port * (list->v[i].weight + 1ULL) * (list->v[i].priority + 1ULL);
	srv_order(list, &fuzz_rng);
	for (size_t i = 0; i < list->n; i++) {
		after += list->v[i].port * (list->v[i].weight + 1ULL) * (list->v[i].priority + 1ULL);
		MUST(i == 0 || list->v[i - 1].priority <= list->v[i].priority);
	}
	MUST(before == after);
	must_be_sound(list);
}

static void must_check_names(const struct srv_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		AUTO(strbuf) dotted = STRBUF_INIT;
		strbuf_addf(&dotted, ".%s", list->v[i].target);
		size_t n = strlen("." DOMAIN);
		bool inside = dotted.len >= n && ascii_strcasecmp(dotted.buf + dotted.len - n, "." DOMAIN) == 0;
		MUST(srv_target_counts(list, DOMAIN, list->v[i].target) == (inside || list->secure));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(strbuf) message = STRBUF_INIT;
	AUTO(srv_list) list = SRV_LIST_INIT;
	AUTO(error) err = ERROR_INIT;
	bool declined = false;
	fuzz_unescape(span_make((const char *)data, size), &message);
	struct span octets = strbuf_span(&message);
	bool ok = srv_parse((const unsigned char *)octets.ptr, octets.len, &list, &declined, &err);
	fuzz_must_agree(ok, &err);
	MUST(ok || err.status.kind == ERROR_DNS_TEMPORARY);
	MUST(ok || !list.secure);
	must_be_sound(&list);
	if (!ok)
		return 0;
	for (size_t cut = 1; cut <= octets.len; cut += cut < 8 ? 1 : cut / 4)
		must_not_invent(octets, octets.len - cut, &list);
	must_check_names(&list);
	must_order(&list);
	return 0;
}
