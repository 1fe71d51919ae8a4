/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is trusted: every fault, for every way of trust, loaded by need and whole. */
#include "base/xalloc.h"
#include "tls/tls_internal.h"
#include "tls_peer.h"
#include "../lib/remove_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#define FAR_AWAY 60000

/* ---- the world ---- */

enum who {
	NOBODY,
	ROOT,
	OTHER_ROOT,
	OLD_ROOT,
	CHILD,
	OTHER_CHILD,
	OLD_CHILD,
	FILLER_A,
	FILLER_B,
	GOOD,
	GOOD_DIRECT,
	WILD,
	ADDRESS,
	SELF,
	WRONG_HOST,
	EXPIRED,
	NOT_YET,
	UNKNOWN,
	NUL_NAME,
	WILD_TLD,
	WILD_ALL,
	WILD_INSIDE,
	WILD_PART,
	BEYOND_ASCII,
	CN_ONLY,
	NAME_AS_ADDRESS,
	OTHER_ADDRESS,
	OTHER_ADDRESS6,
	OTHER_NAME,
	OTHER_NAME6,
	REVOKED,
	WEAK,
	OLD_HASH,
	CLIENT_ONLY,
	UNDER_OLD_CHILD,
	UNDER_LEAF,
	UNDER_OLD_ROOT,
	COUNT
};

static struct pki_cert certs[COUNT];
static char dir[] = "/tmp/posthaste-test-XXXXXX";
static char *bundle, *crl;

#define HOST "smtp.example.org"
#define DNS(s)              \
	{                   \
		SPAN_LIT(s) \
	}
#define BY(who) .issuer = &certs[who]

static const struct pki_spec specs[COUNT] = {
	[ROOT] = {.cn = "Test Root", .ca = true},
	[OTHER_ROOT] = {.cn = "Other Root", .ca = true},
	[OLD_ROOT] = {.cn = "Old Root", .ca = true, .from_days = -20, .to_days = -10},
	[CHILD] = {.cn = "Test Child CA", .ca = true, BY(ROOT)},
	[OTHER_CHILD] = {.cn = "Other Child CA", .ca = true, BY(OTHER_ROOT)},
	[OLD_CHILD] = {.cn = "Old Child CA", .ca = true, BY(ROOT), .from_days = -20, .to_days = -10},
	[FILLER_A] = {.cn = "A CA that has nothing to do with it", .ca = true},
	[FILLER_B] = {.cn = "Test Root of another company, with a name that is much longer", .ca = true},
	[GOOD] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .purpose = GNUTLS_KP_TLS_WWW_SERVER},
	[GOOD_DIRECT] = {.cn = "x", .dns = {SPAN_LIT("mx.example.org"), SPAN_LIT(HOST)}, BY(ROOT)},
	[WILD] = {.cn = "x", .dns = DNS("*.example.org"), BY(CHILD)},
	[ADDRESS] = {.cn = "x", .ip = "192.0.2.1", BY(CHILD)},
	[SELF] = {.cn = "x", .dns = DNS(HOST)},
	[WRONG_HOST] = {.cn = HOST, .dns = DNS("mail.example.net"), BY(CHILD)},
	[EXPIRED] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .from_days = -3, .to_days = -2},
	[NOT_YET] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .from_days = 2, .to_days = 3},
	[UNKNOWN] = {.cn = "x", .dns = DNS(HOST), BY(OTHER_CHILD)},
	[NUL_NAME] = {.cn = "x", .dns = DNS(HOST "\0.evil.example"), BY(CHILD)},
	[WILD_TLD] = {.cn = "x", .dns = DNS("*.org"), BY(CHILD)},
	[WILD_ALL] = {.cn = "x", .dns = DNS("*"), BY(CHILD)},
	[WILD_INSIDE] = {.cn = "x", .dns = DNS("smtp.*.org"), BY(CHILD)},
	[WILD_PART] = {.cn = "x", .dns = {SPAN_LIT("s*.example.org"), SPAN_LIT("*p.example.org")}, BY(CHILD)},
	[BEYOND_ASCII] = {.cn = "x", .dns = DNS("xn--bcher-kva.example"), BY(CHILD)},
	[CN_ONLY] = {.cn = HOST, BY(CHILD)},
	[NAME_AS_ADDRESS] = {.cn = "x", .dns = DNS("192.0.2.1"), BY(CHILD)},
	[OTHER_ADDRESS] = {.cn = "x", .dns = DNS("192.0.2.1"), .ip = "192.0.2.2", BY(CHILD)},
	[OTHER_ADDRESS6] = {.cn = "x", .dns = DNS("2001:db8::1"), .ip = "2001:db8::2", BY(CHILD)},
	[OTHER_NAME] = {.cn = "x", .dns = DNS(HOST), .ip = "192.0.2.1", BY(CHILD)},
	[OTHER_NAME6] = {.cn = "x", .dns = DNS(HOST), .ip = "2001:db8::1", BY(CHILD)},
	[REVOKED] = {.cn = "x", .dns = DNS(HOST), BY(CHILD)},
	[WEAK] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .rsa_bits = 1024},
	[OLD_HASH] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .digest = GNUTLS_DIG_SHA1},
	[CLIENT_ONLY] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .purpose = GNUTLS_KP_TLS_WWW_CLIENT},
	[UNDER_OLD_CHILD] = {.cn = "x", .dns = DNS(HOST), BY(OLD_CHILD)},
	[UNDER_LEAF] = {.cn = "y", .dns = DNS(HOST), BY(GOOD)},
	[UNDER_OLD_ROOT] = {.cn = "x", .dns = DNS(HOST), BY(OLD_ROOT)},
};

static char *file(const char *name, const struct strbuf *content)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(content->buf, 1, content->len, f), content->len);
	assert_int_equal(fclose(f), 0);
	return path;
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	for (size_t i = ROOT; i < COUNT; i++)
		pki_make(&certs[i], &specs[i]);
	AUTO(strbuf) pem = STRBUF_INIT;
	strbuf_adds(&pem, "# a comment, as some bundles have\n");
	static const enum who trusted[] = {FILLER_A, OLD_ROOT, ROOT, FILLER_B};
	for (size_t i = 0; i < ARRAY_SIZE(trusted); i++)
		pki_pem(&certs[trusted[i]], &pem);
	bundle = file("bundle.pem", &pem);
	strbuf_reset(&pem);
	pki_crl_pem(&certs[CHILD], &certs[REVOKED], &pem);
	crl = file("crl.pem", &pem);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = ROOT; i < COUNT; i++)
		pki_free(&certs[i]);
	free(bundle);
	free(crl);
	return remove_tree(dir);
}

/* ---- cases ---- */

struct row {
	const char *name;
	enum who chain[4];
	const char *host; /* NULL: HOST */
	bool crl;
	const char *says; /* NULL: trusted */
	const char *hint;
};

static const struct row rows[] = {
	{"good through an intermediate", {GOOD, CHILD}, NULL, false, NULL, NULL},
	{"good with the root sent along", {GOOD, CHILD, ROOT}, NULL, false, NULL, NULL},
	{"good from the root itself", {GOOD_DIRECT}, NULL, false, NULL, NULL},
	{"good and not on the revocation list", {GOOD, CHILD}, NULL, true, NULL, NULL},
	{"host in capitals", {GOOD, CHILD}, "SMTP.Example.ORG", false, NULL, NULL},
	{"host with a final dot", {GOOD, CHILD}, HOST ".", false, NULL, NULL},
	{"host beyond ASCII", {BEYOND_ASCII, CHILD}, "b\303\274cher.example", false, NULL, NULL},
	{"host as A-labels", {BEYOND_ASCII, CHILD}, "xn--bcher-kva.example", false, NULL, NULL},
	{"wildcard", {WILD, CHILD}, NULL, false, NULL, NULL},
	{"address", {ADDRESS, CHILD}, "192.0.2.1", false, NULL, NULL},
	{"self-signed", {SELF}, NULL, false, "self-signed", "--serverinfo"},
	{"wrong host",
	 {WRONG_HOST, CHILD},
	 NULL,
	 false,
	 "it was issued for mail.example.net, not for " HOST,
	 "tls_host_override"},
	{"other address", {ADDRESS, CHILD}, "192.0.2.2", false, "it was issued for 192.0.2.1, not for 192.0.2.2", NULL},
	{"address written as a name", {NAME_AS_ADDRESS, CHILD}, "192.0.2.1", false, "no alternative name", NULL},
	{"expired", {EXPIRED, CHILD}, NULL, false, "it expired on ", "clock"},
	{"not yet valid", {NOT_YET, CHILD}, NULL, false, "it is not valid before ", "clock"},
	{"unknown root", {UNKNOWN, OTHER_CHILD}, NULL, false, "its issuer CN=Other Root is not in", "tls_trust_file"},
	{"unknown root, sent along", {UNKNOWN, OTHER_CHILD, OTHER_ROOT}, NULL, false, "is not in", "tls_trust_file"},
	{"intermediate missing", {GOOD}, NULL, false, "its issuer CN=Test Child CA is not in", "tls_trust_file"},
	{"NUL in the name", {NUL_NAME, CHILD}, NULL, false, "not for " HOST, NULL},
	{"wildcard over a top level domain", {WILD_TLD, CHILD}, "example.org", false, "not for example.org", NULL},
	{"wildcard over two levels", {WILD, CHILD}, "a.b.example.org", false, "not for a.b.example.org", NULL},
	{"wildcard for the domain itself", {WILD, CHILD}, "example.org", false, "not for example.org", NULL},
	{"wildcard for everything", {WILD_ALL, CHILD}, "localhost", false, "not for localhost", NULL},
	{"wildcard that is not the first label", {WILD_INSIDE, CHILD}, NULL, false, "not for " HOST, NULL},
	{"wildcard for a part of a label", {WILD_PART, CHILD}, NULL, false, "not for " HOST, NULL},
	{"SHA-1", {OLD_HASH, CHILD}, NULL, false, "it is signed with ECDSA-SHA1", "administrator"},
	{"common name only", {CN_ONLY, CHILD}, NULL, false, "no alternative name (SAN)", "--serverinfo"},
	{"revoked", {REVOKED, CHILD}, NULL, true, "revoked", "Do not send"},
	{"weak key", {WEAK, CHILD}, NULL, false, "its RSA key has 1024 bits, and 2048 are needed", "administrator"},
	{"for clients only", {CLIENT_ONLY, CHILD}, NULL, false, "purpose", "administrator"},
	{"intermediate expired",
	 {UNDER_OLD_CHILD, OLD_CHILD},
	 NULL,
	 false,
	 "the certificate of CN=Old Child CA in its chain expired on ",
	 "clock"},
	{"root expired",
	 {UNDER_OLD_ROOT},
	 NULL,
	 false,
	 "the certificate of CN=Old Root in its chain expired on ",
	 "clock"},
	{"issued by a certificate that is no CA", {UNDER_LEAF, GOOD, CHILD}, NULL, false, "not trusted", NULL},
	{"expired and for another host",
	 {EXPIRED, CHILD},
	 "other.example",
	 false,
	 "not for other.example; it expired on ",
	 "tls_host_override"},
	{"address beside a name", {OTHER_NAME, CHILD}, "192.0.2.1", false, NULL, NULL},
	{"IPv6 address beside a name", {OTHER_NAME6, CHILD}, "2001:db8::1", false, NULL, NULL},
	{"name beside an address", {OTHER_NAME, CHILD}, NULL, false, NULL, NULL},
	{"other address, and ours written as a name", {OTHER_ADDRESS, CHILD}, "192.0.2.1", false, "not trusted", NULL},
	{"other IPv6 address, and ours written as a name",
	 {OTHER_ADDRESS6, CHILD},
	 "2001:db8::1",
	 false,
	 "not trusted",
	 NULL},
};

struct attempt {
	const struct row *row;
	struct tls_policy policy;
	struct tls_loading loading;
	const char *version;
	unsigned library_flags; /* enum gnutls_certificate_verify_flags */
	bool trusted;
	struct error err;
	unsigned full_loads;
	char *verified_by;
};

static void attempt_release(struct attempt *a)
{
	error_release(&a->err);
	free(a->verified_by);
}

static void try(struct attempt *a)
{
	struct tls_peer peer = {.priorities = a->version};
	for (size_t i = 0; i < ARRAY_SIZE(peer.chain) && a->row->chain[i]; i++)
		peer.chain[i] = &certs[a->row->chain[i]];
	AUTO_PTR(tls_context) ctx = tls_context_new_loading(&a->policy, &a->loading, &a->err);
	assert_non_null(ctx);
	if (a->library_flags)
		gnutls_certificate_set_verify_flags(ctx->cred, a->library_flags);
	AUTO_PTR(stream) lower = tls_peer_start(&peer);
	AUTO(tls_info) info = TLS_INFO_INIT;
	AUTO_PTR(stream)
	tls = tls_client_new(ctx, &lower, &clock_system, deadline_in(&clock_system, FAR_AWAY), TLS_BRIEF, &info,
			     &a->err);
	a->trusted = tls != NULL;
	a->full_loads = ctx->full_loads;
	a->verified_by = steal_ptr(info.verified_by);
	assert_int_equal(lower == NULL, tls != NULL);
	assert_int_equal(info.active, tls != NULL);
	stream_free(steal_ptr(tls));
	stream_free(steal_ptr(lower));
	tls_peer_join(&peer);
	/* an untrusted server learns it before anything else */
	if (!a->trusted)
		assert_int_equal(peer.got.len, 0);
	tls_peer_release(&peer);
}

static struct tls_policy policy_for(const struct row *r, bool by_file)
{
	return (struct tls_policy){.host = r->host ? r->host : HOST,
				   .certcheck = true,
				   .trust_file = by_file ? bundle : NULL,
				   .crl_file = r->crl ? crl : NULL,
				   .ocsp = TLS_OCSP_AUTO};
}

static void judge_row(const struct row *r, bool by_file, const char *version)
{
	AUTO(attempt)
	lazy = {.row = r,
		.policy = policy_for(r, by_file),
		.version = version,
		.loading = {.system_bundle = bundle, .how = TLS_LOAD_BY_NEED}};
	AUTO(attempt)
	full = {.row = r,
		.policy = policy_for(r, by_file),
		.version = version,
		.loading = {.system_bundle = bundle, .how = TLS_LOAD_FULL}};
	print_message("# %s, %s, %s\n", r->name, by_file ? "file" : "system", version);
	try(&lazy);
	try(&full);
	if (lazy.err.status.text)
		print_message("# -> %s\n", lazy.err.status.text);
	assert_int_equal(full.trusted, !r->says);
	assert_int_equal(lazy.trusted, !r->says);
	assert_int_equal(full.full_loads, 1);
	assert_int_equal(lazy.full_loads, r->says ? 1 : 0);
	if (!r->says) {
		assert_string_equal(lazy.verified_by, "ca");
		return;
	}
	assert_int_equal(lazy.err.status.kind, ERROR_CERTIFICATE);
	assert_int_equal(full.err.status.kind, ERROR_CERTIFICATE);
	assert_string_equal(lazy.err.status.text, full.err.status.text);
	assert_string_equal(lazy.err.status.hint, full.err.status.hint);
	assert_non_null(strstr(lazy.err.status.text, r->says));
	if (r->hint)
		assert_non_null(strstr(lazy.err.status.hint, r->hint));
}

static void each_fault_is_found_whichever_way_cas_are_loaded(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		judge_row(&rows[i], true, TLS13);
		judge_row(&rows[i], true, TLS12);
		judge_row(&rows[i], false, TLS13);
	}
}

static void one_of_several_names_will_do(void **state)
{
	(void)state;
	static const struct {
		struct row row;
		const char *others[TLS_OTHER_HOSTS];
	} cases[] = {
		{{"the second", {GOOD, CHILD}, "other.example", false, NULL, NULL}, {HOST}},
		{{"the third", {GOOD, CHILD}, "other.example", false, NULL, NULL}, {"third.example", HOST}},
		{{"the first", {GOOD, CHILD}, HOST, false, NULL, NULL}, {"other.example"}},
		{{"the second, by a wildcard", {WILD, CHILD}, "other.example", false, NULL, NULL}, {HOST}},
		{{"none of three",
		  {WRONG_HOST, CHILD},
		  HOST,
		  false,
		  "not for " HOST " or a.example or b.example",
		  NULL},
		 {"a.example", "b.example"}},
		{{"the same name twice", {WRONG_HOST, CHILD}, HOST, false, "not for " HOST, "tls_host_override"},
		 {HOST}},
		{{"wildcards over two levels",
		  {WILD, CHILD},
		  "a.b.example.org",
		  false,
		  "not for a.b.example.org or ",
		  NULL},
		 {"example.org"}},
		{{"common name only", {CN_ONLY, CHILD}, "other.example", false, "no alternative name (SAN)", NULL},
		 {HOST}},
		{{"expired", {EXPIRED, CHILD}, "other.example", false, "not trusted: it expired on ", "clock"}, {HOST}},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (int version = 0; version < 2; version++) {
			const struct row *r = &cases[i].row;
			AUTO(attempt)
			a = {.row = r, .policy = policy_for(r, true), .version = version ? TLS12 : TLS13};
			memcpy(a.policy.other_hosts, cases[i].others, sizeof(cases[i].others));
			try(&a);
			print_message("# %s -> %s\n", r->name, a.trusted ? "" : a.err.status.text);
			assert_int_equal(a.trusted, !r->says);
			if (r->says)
				assert_non_null(strstr(a.err.status.text, r->says));
			if (r->hint)
				assert_non_null(strstr(a.err.status.hint, r->hint));
			assert_true(a.trusted || !strstr(a.err.status.text, HOST " or " HOST));
		}
}

/*
 * GnuTLS before 3.6 took a DNS name with the digits of an address for that address, and later versions still do
 * with this flag.  We do not, whatever the library does.
 */
static void an_address_is_compared_with_addresses_only(void **state)
{
	(void)state;
	static const struct row cases[] = {
		{"no address", {NAME_AS_ADDRESS, CHILD}, "192.0.2.1", false, NULL, NULL},
		{"other address", {OTHER_ADDRESS, CHILD}, "192.0.2.1", false, NULL, NULL},
		{"other IPv6 address", {OTHER_ADDRESS6, CHILD}, "2001:db8::1", false, NULL, NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(attempt)
		a = {.row = &cases[i],
		     .policy = policy_for(&cases[i], true),
		     .library_flags = GNUTLS_VERIFY_DO_NOT_ALLOW_IP_MATCHES};
		print_message("# %s\n", cases[i].name);
		assert_int_not_equal(gnutls_x509_crt_check_hostname2(certs[cases[i].chain[0]].crt, cases[i].host,
								     a.library_flags),
				     0);
		try(&a);
		assert_false(a.trusted);
		assert_int_equal(a.err.status.kind, ERROR_CERTIFICATE);
	}
}

static void a_fingerprint_alone_replaces_cas_and_names_and_nothing_else_passes_it(void **state)
{
	(void)state;
	static const gnutls_digest_algorithm_t digests[] = {GNUTLS_DIG_SHA256, GNUTLS_DIG_SHA1, GNUTLS_DIG_MD5};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *right = pki_fingerprint(&certs[rows[i].chain[0]], digests[i % ARRAY_SIZE(digests)]);
		AUTO_FREE char *wrong = pki_fingerprint(&certs[CHILD], digests[i % ARRAY_SIZE(digests)]);
		AUTO(attempt)
		pinned = {.row = &rows[i],
			  .policy = {.host = HOST, .certcheck = true, .fingerprint = right, .fingerprint_only = true}};
		AUTO(attempt)
		other = {.row = &rows[i],
			 .policy = {.host = HOST, .certcheck = true, .fingerprint = wrong, .fingerprint_only = true}};
		try(&pinned);
		assert_true(pinned.trusted);
		assert_int_equal(pinned.full_loads, 0);
		assert_string_equal(pinned.verified_by, "fingerprint");
		try(&other);
		assert_false(other.trusted);
		assert_int_equal(other.err.status.kind, ERROR_CERTIFICATE);
		assert_non_null(strstr(other.err.status.text, "fingerprint"));
	}
}

static void without_certcheck_anything_goes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(attempt) a = {.row = &rows[i], .policy = {.host = HOST, .certcheck = false, .trust_file = bundle}};
		try(&a);
		assert_true(a.trusted);
		assert_string_equal(a.verified_by, "none");
	}
}

static void the_system_s_own_store_does_not_know_our_root(void **state)
{
	(void)state;
	AUTO(attempt) a = {.row = &rows[0], .policy = {.host = HOST, .certcheck = true}};
	if (access("/etc/ssl/certs/ca-certificates.crt", R_OK) != 0) {
		print_message("# skipped: the system has no certificate store (Debian: ca-certificates)\n");
		skip();
	}
	try(&a);
	assert_false(a.trusted);
	assert_int_equal(a.err.status.kind, ERROR_CERTIFICATE);
	assert_non_null(strstr(a.err.status.text, "the system's CA store"));
}

static void a_directory_of_cas_is_trusted(void **state)
{
	(void)state;
	AUTO_FREE char *folder = xasprintf("%s/cas", dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	AUTO(strbuf) pem = STRBUF_INIT;
	pki_pem(&certs[ROOT], &pem);
	free(file("cas/root.pem", &pem));
	AUTO(attempt) a = {.row = &rows[0], .policy = {.host = HOST, .certcheck = true, .trust_file = folder}};
	AUTO(attempt) b = {.row = &rows[14], .policy = {.host = HOST, .certcheck = true, .trust_file = folder}};
	try(&a);
	assert_true(a.trusted);
	try(&b);
	assert_false(b.trusted);
}

static void one_context_judges_many_servers(void **state)
{
	(void)state;
	const struct tls_policy policy = {.host = HOST, .certcheck = true, .trust_file = bundle};
	AUTO_PTR(tls_context)
	ctx = tls_context_new_loading(&policy, &(struct tls_loading){.how = TLS_LOAD_BY_NEED}, NULL);
	static const struct {
		enum who chain[2];
		bool trusted;
	} turns[] = {{{GOOD, CHILD}, true}, {{UNKNOWN, OTHER_CHILD}, false}, {{GOOD, CHILD}, true}, {{SELF}, false}};
	for (size_t i = 0; i < ARRAY_SIZE(turns); i++) {
		struct tls_peer peer = {
			.chain = {&certs[turns[i].chain[0]], turns[i].chain[1] ? &certs[turns[i].chain[1]] : NULL}};
		AUTO_PTR(stream) lower = tls_peer_start(&peer);
		AUTO_PTR(stream)
		tls = tls_client_new(ctx, &lower, &clock_system, DEADLINE_NEVER, TLS_BRIEF, NULL, NULL);
		assert_int_equal(tls != NULL, turns[i].trusted);
		stream_free(steal_ptr(tls));
		stream_free(steal_ptr(lower));
		tls_peer_join(&peer);
		tls_peer_release(&peer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found_whichever_way_cas_are_loaded),
		cmocka_unit_test(one_of_several_names_will_do),
		cmocka_unit_test(an_address_is_compared_with_addresses_only),
		cmocka_unit_test(a_fingerprint_alone_replaces_cas_and_names_and_nothing_else_passes_it),
		cmocka_unit_test(without_certcheck_anything_goes),
		cmocka_unit_test(the_system_s_own_store_does_not_know_our_root),
		cmocka_unit_test(a_directory_of_cas_is_trusted),
		cmocka_unit_test(one_context_judges_many_servers),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
