/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 140 chains against two stores: whether the CAs that a chain needs are loaded alone or all of them, the verdict, its
 * faults and its words are the same.
 */
#include "base/xalloc.h"
#include "tls/tls_internal.h"
#include "tls_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HOST "smtp.example.org"
#define DNS(s)              \
	{                   \
		SPAN_LIT(s) \
	}
#define BY(who) .issuer = &cas[who]

enum ca {
	NONE,
	ROOT,
	TWIN_ROOT, /* the name of ROOT, another key */
	OLD_ROOT,
	UNTRUSTED,
	FILLER,
	CHILD,
	CROSS, /* CHILD's name and key, issued by UNTRUSTED */
	GRANDCHILD,
	OLD_CHILD,
	SMALL_CHILD,
	CLIENT_CHILD,
	STORED, /* an intermediate that is in the store */
	NO_CA,
	CA_COUNT
};
static struct pki_cert cas[CA_COUNT];

static const struct pki_spec ca_specs[CA_COUNT] = {
	[ROOT] = {.cn = "Root", .ca = true},
	[TWIN_ROOT] = {.cn = "Root", .ca = true},
	[OLD_ROOT] = {.cn = "Old Root", .ca = true, .from_days = -20, .to_days = -10},
	[UNTRUSTED] = {.cn = "Untrusted Root", .ca = true},
	[FILLER] = {.cn = "Root of another company, with a much longer name", .ca = true},
	[CHILD] = {.cn = "Child", .ca = true, BY(ROOT)},
	[CROSS] = {.cn = "Child", .ca = true, BY(UNTRUSTED), .key_of = &cas[CHILD]},
	[GRANDCHILD] = {.cn = "Grandchild", .ca = true, BY(CHILD)},
	[OLD_CHILD] = {.cn = "Old Child", .ca = true, BY(ROOT), .from_days = -20, .to_days = -10},
	[SMALL_CHILD] = {.cn = "Small Child", .ca = true, BY(ROOT), .rsa_bits = 1024},
	[CLIENT_CHILD] = {.cn = "Client Child", .ca = true, BY(ROOT), .purpose = GNUTLS_KP_TLS_WWW_CLIENT},
	[STORED] = {.cn = "Stored", .ca = true, BY(UNTRUSTED)},
	[NO_CA] = {.cn = "Not a CA", BY(CHILD)},
};

/* What a server sends besides its own certificate. */
static const struct {
	const char *name;
	enum ca issuer, sent[4];
} paths[] = {
	{"issued by a root", ROOT, {NONE}},
	{"root sent", ROOT, {ROOT}},
	{"intermediate", CHILD, {CHILD}},
	{"intermediate and root", CHILD, {CHILD, ROOT}},
	{"intermediate missing", CHILD, {NONE}},
	{"two intermediates", GRANDCHILD, {GRANDCHILD, CHILD}},
	{"two intermediates in the wrong order", GRANDCHILD, {CHILD, GRANDCHILD}},
	{"the upper intermediate missing", GRANDCHILD, {GRANDCHILD}},
	{"cross-signed by a root that is not trusted", CHILD, {CROSS}},
	{"cross-signed, the good one last", CHILD, {CROSS, CHILD}},
	{"cross-signed, the good one first", CHILD, {CHILD, CROSS}},
	{"an expired intermediate", OLD_CHILD, {OLD_CHILD}},
	{"a root that is not trusted", UNTRUSTED, {NONE}},
	{"a root that is not trusted, sent", UNTRUSTED, {UNTRUSTED}},
	{"a twin of a root", TWIN_ROOT, {NONE}},
	{"an expired root", OLD_ROOT, {NONE}},
	{"an intermediate with a small key", SMALL_CHILD, {SMALL_CHILD}},
	{"an intermediate for clients", CLIENT_CHILD, {CLIENT_CHILD}},
	{"issued by what is not a CA", NO_CA, {NO_CA, CHILD}},
	{"an intermediate of the store", STORED, {NONE}},
};

static const struct pki_spec leaves[] = {
	{.cn = "good", .dns = DNS(HOST)},
	{.cn = "expired", .dns = DNS(HOST), .from_days = -3, .to_days = -2},
	{.cn = "not yet valid", .dns = DNS(HOST), .from_days = 2, .to_days = 3},
	{.cn = "another name", .dns = DNS("mail.example.net")},
	{.cn = "wildcard", .dns = DNS("*.example.org"), .purpose = GNUTLS_KP_TLS_WWW_SERVER},
	{.cn = HOST},
	{.cn = "for clients", .dns = DNS(HOST), .purpose = GNUTLS_KP_TLS_WWW_CLIENT},
};

static const enum ca stores[][8] = {
	{FILLER, OLD_ROOT, ROOT, FILLER, STORED},
	{STORED, TWIN_ROOT, FILLER, ROOT, OLD_ROOT, ROOT},
};
static char *files[ARRAY_SIZE(stores)];

static char *store_file(const enum ca *list)
{
	char path[] = "/tmp/posthaste-test-XXXXXX";
	AUTO(strbuf) pem = STRBUF_INIT;
	int fd = mkstemp(path);
	for (; *list; list++)
		pki_pem(&cas[*list], &pem);
	assert_int_equal(write(fd, pem.buf, pem.len), pem.len);
	assert_int_equal(close(fd), 0);
	return xstrdup(path);
}

static int set_up(void **state)
{
	(void)state;
	for (size_t i = ROOT; i < CA_COUNT; i++)
		pki_make(&cas[i], &ca_specs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(stores); i++)
		files[i] = store_file(stores[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = ROOT; i < CA_COUNT; i++)
		pki_free(&cas[i]);
	for (size_t i = 0; i < ARRAY_SIZE(stores); i++) {
		(void)unlink(files[i]);
		free(files[i]);
	}
	return 0;
}

struct answer {
	bool trusted;
	unsigned faults, full_loads;
	struct error err;
};

static void answer_release(struct answer *a)
{
	error_release(&a->err);
}

static void ask(struct answer *a, const struct pki_cert *leaf, const enum ca *sent, const char *store, bool by_need)
{
	const struct tls_policy policy = {.host = HOST, .certcheck = true, .trust_file = store, .ocsp = TLS_OCSP_AUTO};
	const struct tls_loading loading = {.how = by_need ? TLS_LOAD_BY_NEED : TLS_LOAD_FULL};
	struct tls_peer peer = {.chain = {leaf}};
	for (size_t i = 0; i < 3 && sent[i]; i++)
		peer.chain[i + 1] = &cas[sent[i]];
	AUTO_PTR(tls_context) ctx = tls_context_new_loading(&policy, &loading, &a->err);
	assert_non_null(ctx);
	AUTO_PTR(stream) lower = tls_peer_start(&peer);
	AUTO(tls_info) info = TLS_INFO_INIT;
	AUTO_PTR(stream)
	tls = tls_client_new(ctx, &lower, &clock_system, DEADLINE_NEVER, TLS_BRIEF, &info, &a->err);
	a->trusted = tls != NULL;
	a->faults = info.faults;
	a->full_loads = ctx->full_loads;
	stream_free(steal_ptr(tls));
	stream_free(steal_ptr(lower));
	tls_peer_join(&peer);
	tls_peer_release(&peer);
}

/* True if it is trusted. */
static bool compare(size_t path, const struct pki_cert *leaf, const char *leaf_name, size_t store)
{
	AUTO(answer) lazy = {.trusted = false};
	AUTO(answer) full = {.trusted = false};
	ask(&lazy, leaf, paths[path].sent, files[store], true);
	ask(&full, leaf, paths[path].sent, files[store], false);
	print_message("# store %zu, %s, %s: %s\n", store, paths[path].name, leaf_name,
		      full.trusted ? "trusted" : full.err.status.text);
	assert_int_equal(lazy.trusted, full.trusted);
	assert_int_equal(lazy.faults, full.faults);
	assert_int_equal(lazy.err.status.kind, full.err.status.kind);
	assert_int_equal(lazy.full_loads, full.trusted ? 0 : 1);
	if (full.trusted)
		return true;
	assert_string_equal(lazy.err.status.text, full.err.status.text);
	assert_string_equal(lazy.err.status.hint, full.err.status.hint);
	return false;
}

static void the_verdict_does_not_depend_on_how_the_cas_are_loaded(void **state)
{
	(void)state;
	size_t chains = 0, trusted = 0;
	struct pki_cert key;
	pki_make(&key, &leaves[0]);
	for (size_t path = 0; path < ARRAY_SIZE(paths); path++)
		for (size_t i = 0; i < ARRAY_SIZE(leaves); i++) {
			struct pki_spec spec = leaves[i];
			struct pki_cert leaf;
			spec.issuer = &cas[paths[path].issuer];
			spec.key_of = &key;
			pki_make(&leaf, &spec);
			for (size_t store = 0; store < ARRAY_SIZE(stores); store++)
				trusted += compare(path, &leaf, leaves[i].cn, store);
			pki_free(&leaf);
			chains++;
		}
	pki_free(&key);
	assert_int_equal(chains, 140);
	/* "good" and "wildcard" by eight paths, in both stores.  GnuTLS does not look for a second CA of the same name
	 * (the twin), nor for a second way to a root (cross-signed). */
	print_message("# trusted: %zu\n", trusted);
	assert_int_equal(trusted, 2 * 8 * 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict_does_not_depend_on_how_the_cas_are_loaded),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
