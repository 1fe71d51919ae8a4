/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules by which a server is accepted besides the CAs: pins, accepted keys, fingerprints, TLSA records. */
#include "base/xalloc.h"
#include "tls/tls_internal.h"
#include "tls_peer.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
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
#define BY(who) .issuer = &certs[who]

enum who {
	NOBODY,
	ROOT,
	CHILD,
	OTHER_ROOT,
	GOOD,
	RENEWED,
	SELF,
	WRONG_HOST,
	EXPIRED,
	NOT_YET,
	CN_ONLY,
	NAME_AS_ADDRESS,
	CLIENT_ONLY,
	SMALL,
	OLD_HASH,
	UNKNOWN,
	UNDER_SMALL,
	SMALL_CHILD,
	COUNT
};
static struct pki_cert certs[COUNT];
static char *bundle;

static const struct pki_spec specs[COUNT] = {
	[ROOT] = {.cn = "Test Root", .ca = true},
	[CHILD] = {.cn = "Test Child CA", .ca = true, BY(ROOT)},
	[OTHER_ROOT] = {.cn = "Other Root", .ca = true},
	[GOOD] = {.cn = "x", .dns = DNS(HOST), BY(CHILD)},
	[RENEWED] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .key_of = &certs[GOOD]},
	[SELF] = {.cn = "x", .dns = DNS(HOST)},
	[WRONG_HOST] = {.cn = "x", .dns = DNS("mail.example.net"), BY(CHILD)},
	[EXPIRED] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .from_days = -3, .to_days = -2},
	[NOT_YET] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .from_days = 2, .to_days = 3},
	[CN_ONLY] = {.cn = HOST, BY(CHILD)},
	[NAME_AS_ADDRESS] = {.cn = "x", .dns = DNS("192.0.2.1"), BY(CHILD)},
	[CLIENT_ONLY] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .purpose = GNUTLS_KP_TLS_WWW_CLIENT},
	[SMALL] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .rsa_bits = 1024},
	[OLD_HASH] = {.cn = "x", .dns = DNS(HOST), BY(CHILD), .digest = GNUTLS_DIG_SHA1},
	[UNKNOWN] = {.cn = "x", .dns = DNS(HOST), BY(OTHER_ROOT)},
	[SMALL_CHILD] = {.cn = "Small Child CA", .ca = true, BY(ROOT), .rsa_bits = 1024},
};
static const struct pki_spec under_small = {.cn = "x", .dns = DNS(HOST), BY(SMALL_CHILD)};

static int set_up(void **state)
{
	(void)state;
	for (size_t i = ROOT; i < COUNT; i++)
		if (i != UNDER_SMALL)
			pki_make(&certs[i], &specs[i]);
	pki_make(&certs[UNDER_SMALL], &under_small);
	char path[] = "/tmp/posthaste-test-XXXXXX";
	int fd = mkstemp(path);
	AUTO(strbuf) pem = STRBUF_INIT;
	pki_pem(&certs[ROOT], &pem);
	assert_int_equal(write(fd, pem.buf, pem.len), pem.len);
	assert_int_equal(close(fd), 0);
	bundle = xstrdup(path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = ROOT; i < COUNT; i++)
		pki_free(&certs[i]);
	int rc = unlink(bundle);
	free(bundle);
	return rc;
}

/* ---- one handshake ---- */

struct attempt {
	bool trusted;
	struct error err;
	unsigned faults, full_loads;
	char *verified_by;
};

static void attempt_release(struct attempt *a)
{
	error_release(&a->err);
	free(a->verified_by);
}

static void try(struct attempt *a, const enum who chain[4], struct tls_policy policy, const char *version)
{
	struct tls_peer peer = {.priorities = version};
	const struct tls_loading loading = {.system_bundle = bundle, .how = TLS_LOAD_BY_NEED};
	for (size_t i = 0; i < 4 && chain[i]; i++)
		peer.chain[i] = &certs[chain[i]];
	policy.certcheck = true;
	policy.account = "work";
	if (!policy.host)
		policy.host = HOST;
	AUTO_PTR(tls_context) ctx = tls_context_new_loading(&policy, &loading, &a->err);
	assert_non_null(ctx);
	AUTO_PTR(stream) lower = tls_peer_start(&peer);
	AUTO(tls_info) info = TLS_INFO_INIT;
	AUTO_PTR(stream)
	tls = tls_client_new(ctx, &lower, &clock_system, DEADLINE_NEVER, TLS_BRIEF, &info, &a->err);
	a->trusted = tls != NULL;
	a->faults = info.faults;
	a->full_loads = ctx->full_loads;
	a->verified_by = steal_ptr(info.verified_by);
	stream_free(steal_ptr(tls));
	stream_free(steal_ptr(lower));
	tls_peer_join(&peer);
	if (!a->trusted)
		assert_int_equal(peer.got.len, 0);
	tls_peer_release(&peer);
}

static void expect(const char *name, const enum who chain[4], struct tls_policy policy, const char *accepted_by,
		   const char *says)
{
	static const char *const versions[] = {TLS12, TLS13};
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		AUTO(attempt) a = {.trusted = false};
		try(&a, chain, policy, versions[i]);
		print_message("# %s: %s\n", name, a.trusted ? a.verified_by : a.err.status.text);
		assert_int_equal(a.trusted, says == NULL);
		if (!says) {
			assert_string_equal(a.verified_by, accepted_by);
			assert_int_equal(a.faults, 0);
			continue;
		}
		assert_int_equal(a.err.status.kind, ERROR_CERTIFICATE);
		assert_non_null(strstr(a.err.status.text, says));
		assert_int_not_equal(a.faults, 0);
		assert_non_null(a.err.status.hint);
	}
}

static void pin_to(struct strvec *pins, enum who who)
{
	AUTO_FREE char *pin = pki_pin(&certs[who]);
	strvec_push(pins, pin);
}

/* What every rule checks, whatever vouches for the server. */
static const struct {
	const char *name;
	enum who who;
	const char *host, *says;
} bad[] = {
	{"another name", WRONG_HOST, NULL, "it was issued for mail.example.net, not for " HOST},
	{"expired", EXPIRED, NULL, "it expired on "},
	{"not yet valid", NOT_YET, NULL, "it is not valid before "},
	{"common name only", CN_ONLY, NULL, "no alternative name (SAN)"},
	{"an address as a name", NAME_AS_ADDRESS, "192.0.2.1", "no alternative name (SAN)"},
	{"for clients only", CLIENT_ONLY, NULL, "its purpose"},
	{"a small key", SMALL, NULL, "its RSA key has 1024 bits, and 2048 are needed"},
	{"an old hash", OLD_HASH, NULL, "it is signed with ECDSA-SHA1"},
};

/* ---- pins ---- */

static void a_pin_alone_needs_no_ca_and_all_else_is_right(void **state)
{
	(void)state;
	AUTO(strvec) pins = STRVEC_INIT;
	AUTO(strvec) both = STRVEC_INIT;
	AUTO(strvec) other = STRVEC_INIT;
	pin_to(&pins, SELF);
	pin_to(&other, CHILD);
	pin_to(&both, CHILD);
	pin_to(&both, SELF);
	const struct tls_policy policy = {.trust = TLS_TRUST_PIN, .pins = &pins, .ocsp = TLS_OCSP_AUTO};
	expect("pinned", (enum who[4]){SELF}, policy, "pin", NULL);
	struct tls_policy two = policy, wrong = policy;
	two.pins = &both;
	wrong.pins = &other;
	expect("the second pin", (enum who[4]){SELF}, two, "pin", NULL);
	expect("another key", (enum who[4]){SELF}, wrong, NULL, "its key is not in tls_pin");
	/* it would be enough for tls_trust ca */
	expect("the key of its CA", (enum who[4]){GOOD, CHILD}, wrong, NULL, "its key is not in tls_pin");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(strvec) own = STRVEC_INIT;
		pin_to(&own, bad[i].who);
		struct tls_policy p = policy;
		p.pins = &own;
		p.host = bad[i].host;
		expect(bad[i].name, (enum who[4]){bad[i].who, CHILD}, p, NULL, bad[i].says);
	}
}

static void a_pin_narrows_the_cas(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum who pin, chain[4];
		const char *says;
	} rows[] = {
		{"the server's key", GOOD, {GOOD, CHILD}, NULL},
		{"the key of a renewed certificate", GOOD, {RENEWED, CHILD}, NULL},
		{"the intermediate's key", CHILD, {GOOD, CHILD}, NULL},
		{"the root's key, which is not sent", ROOT, {GOOD, CHILD}, NULL},
		{"the root's key, which is sent", ROOT, {GOOD, CHILD, ROOT}, NULL},
		{"a key that is not in the chain",
		 SELF,
		 {GOOD, CHILD},
		 "no key of the chain that was verified is in tls_pin"},
		{"a certificate sent beside the chain",
		 OTHER_ROOT,
		 {GOOD, CHILD, OTHER_ROOT},
		 "no key of the chain that was verified is in tls_pin"},
		{"a pinned root that is not trusted", OTHER_ROOT, {UNKNOWN, OTHER_ROOT}, "its issuer CN=Other Root"},
		{"a pinned key and no CA", SELF, {SELF}, "self-signed"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strvec) pins = STRVEC_INIT;
		pin_to(&pins, rows[i].pin);
		expect(rows[i].name, rows[i].chain, (struct tls_policy){.pins = &pins, .ocsp = TLS_OCSP_AUTO}, "ca",
		       rows[i].says);
	}
}

/* ---- the first key ---- */

static struct known_host known(enum who who)
{
	struct known_host k;
	AUTO_FREE char *pin = pki_pin(&certs[who]), *fingerprint = pki_fingerprint(&certs[who], GNUTLS_DIG_SHA256);
	size_t len;
	assert_true(tls_pin_parse(span_of(pin), k.pin));
	assert_true(tls_fingerprint_parse(fingerprint, k.sha256, &len, NULL));
	return k;
}

static void the_accepted_key_is_the_only_one(void **state)
{
	(void)state;
	const struct known_host good = known(GOOD), self = known(SELF);
	const struct tls_policy none = {.trust = TLS_TRUST_FIRST_USE, .ocsp = TLS_OCSP_AUTO};
	struct tls_policy first = none;
	first.known = &self;
	expect("accepted", (enum who[4]){SELF}, first, "first_use", NULL);
	expect("not accepted yet", (enum who[4]){SELF}, none, NULL, "you have not accepted the server's key yet");
	expect("changed", (enum who[4]){GOOD, CHILD}, first, NULL, "the server's key has changed");
	first.known = &good;
	expect("renewed", (enum who[4]){RENEWED, CHILD}, first, "first_use", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct known_host key = known(bad[i].who);
		struct tls_policy p = none;
		p.known = &key;
		p.host = bad[i].host;
		expect(bad[i].name, (enum who[4]){bad[i].who, CHILD}, p, NULL, bad[i].says);
	}
}

static void a_changed_key_is_shown_with_both_fingerprints(void **state)
{
	(void)state;
	const struct known_host self = known(SELF);
	AUTO_FREE char *before = tls_describe_bytes(self.sha256, sizeof(self.sha256));
	const struct known_host good = known(GOOD);
	AUTO_FREE char *now = tls_describe_bytes(good.sha256, sizeof(good.sha256));
	AUTO(attempt) a = {.trusted = false};
	try(&a, (enum who[4]){GOOD, CHILD}, (struct tls_policy){.trust = TLS_TRUST_FIRST_USE, .known = &self}, TLS13);
	assert_int_equal(a.faults, TLS_FAULT_KEY_CHANGED);
	assert_non_null(strstr(a.err.status.text, before));
	assert_non_null(strstr(a.err.status.text, now));
	assert_non_null(strstr(a.err.status.hint, "--accept-key=work"));
}

/* ---- fingerprints ---- */

static void a_fingerprint_needs_name_and_dates_unless_it_is_said_otherwise(void **state)
{
	(void)state;
	AUTO_FREE char *self = pki_fingerprint(&certs[SELF], GNUTLS_DIG_SHA256);
	AUTO_FREE char *sha1 = pki_fingerprint(&certs[SELF], GNUTLS_DIG_SHA1);
	expect("fingerprint", (enum who[4]){SELF}, (struct tls_policy){.fingerprint = self}, "fingerprint", NULL);
	expect("SHA-1", (enum who[4]){SELF}, (struct tls_policy){.fingerprint = sha1}, "fingerprint", NULL);
	expect("another", (enum who[4]){GOOD}, (struct tls_policy){.fingerprint = self}, NULL,
	       "its fingerprint is not");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO_FREE char *own = pki_fingerprint(&certs[bad[i].who], GNUTLS_DIG_SHA256);
		struct tls_policy policy = {.fingerprint = own, .host = bad[i].host};
		expect(bad[i].name, (enum who[4]){bad[i].who, CHILD}, policy, NULL, bad[i].says);
		policy.fingerprint_only = true;
		expect(bad[i].name, (enum who[4]){bad[i].who, CHILD}, policy, "fingerprint", NULL);
	}
}

/* ---- added CAs, weak issuers ---- */

static void added_authorities_are_trusted_besides(void **state)
{
	(void)state;
	char path[] = "/tmp/posthaste-test-XXXXXX";
	int fd = mkstemp(path);
	AUTO(strbuf) pem = STRBUF_INIT;
	AUTO(strvec) add = STRVEC_INIT;
	pki_pem(&certs[OTHER_ROOT], &pem);
	assert_int_equal(write(fd, pem.buf, pem.len), pem.len);
	assert_int_equal(close(fd), 0);
	strvec_push(&add, path);
	expect("without", (enum who[4]){UNKNOWN}, (struct tls_policy){.host = HOST}, NULL, "its issuer CN=Other Root");
	expect("added", (enum who[4]){UNKNOWN}, (struct tls_policy){.trust_add = &add}, "ca", NULL);
	expect("besides", (enum who[4]){GOOD, CHILD}, (struct tls_policy){.trust_add = &add}, "ca", NULL);
	assert_int_equal(unlink(path), 0);
}

static void priorities_do_not_permit_small_keys_of_issuers(void **state)
{
	(void)state;
	static const char *const priorities[] = {NULL, "NORMAL", "NORMAL:%PROFILE_LOW", "%PROFILE_LOW"};
	for (size_t i = 0; i < ARRAY_SIZE(priorities); i++) {
		const struct tls_policy policy = {.priorities = priorities[i]};
		expect("a small issuer", (enum who[4]){UNDER_SMALL, SMALL_CHILD}, policy, NULL,
		       "the RSA key of CN=Small Child CA in its chain has 1024 bits, and 2048 are needed");
		expect("a small key", (enum who[4]){SMALL, CHILD}, policy, NULL, "its RSA key has 1024 bits");
		expect("good", (enum who[4]){GOOD, CHILD}, policy, "ca", NULL);
	}
}

static void the_oldest_version_is_limited(void **state)
{
	(void)state;
	static const struct {
		enum tls_min_version min;
		const char *priorities;
		bool old, new;
	} rows[] = {
		{TLS_MIN_DEFAULT, NULL, true, true},
		{TLS_MIN_1_2, NULL, true, true},
		{TLS_MIN_1_3, NULL, false, true},
		{TLS_MIN_1_3, "NORMAL", false, true},
		{TLS_MIN_1_3, "-AES-128-GCM", false, true},
		{TLS_MIN_DEFAULT, "-VERS-TLS1.2", false, true},
		{TLS_MIN_DEFAULT, "NORMAL:-VERS-ALL:+VERS-TLS1.2", true, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct tls_policy policy = {.min_version = rows[i].min, .priorities = rows[i].priorities};
		AUTO(attempt) old = {.trusted = false};
		AUTO(attempt) new = {.trusted = false};
		try(&old, (enum who[4]){GOOD, CHILD}, policy, TLS12);
		try(&new, (enum who[4]){GOOD, CHILD}, policy, TLS13);
		print_message("# %zu\n", i);
		assert_int_equal(old.trusted, rows[i].old);
		assert_int_equal(new.trusted, rows[i].new);
		assert_int_equal(old.err.status.kind, rows[i].old ? ERROR_NONE : ERROR_TLS);
	}
}

/* ---- DANE ---- */

/* The record of this kind for a certificate. */
static void add_record(struct tlsa_records *records, unsigned usage, unsigned selector, unsigned matching, enum who who)
{
	gnutls_datum_t part = {NULL, 0};
	gnutls_pubkey_t key;
	unsigned char digest[64];
	if (selector == TLSA_SELECT_CERTIFICATE) {
		assert_true(gnutls_x509_crt_export2(certs[who].crt, GNUTLS_X509_FMT_DER, &part) >= 0);
	} else {
		assert_true(gnutls_pubkey_init(&key) >= 0);
		assert_true(gnutls_pubkey_import_x509(key, certs[who].crt, 0) >= 0);
		assert_true(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &part) >= 0);
		gnutls_pubkey_deinit(key);
	}
	struct tlsa_record r = {
		.usage = usage, .selector = selector, .matching = matching, .data = {part.data, part.size}};
	if (matching == TLSA_MATCH_SHA256 || matching == TLSA_MATCH_SHA512) {
		bool longer = matching == TLSA_MATCH_SHA512;
		assert_true(gnutls_hash_fast(longer ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA256, part.data, part.size,
					     digest) >= 0);
		r.data.v = digest;
		r.data.n = longer ? 64 : 32;
	}
	tlsa_records_add(records, r);
	gnutls_free(part.data);
}

static void each_kind_of_record_is_compared(void **state)
{
	(void)state;
	for (unsigned selector = 0; selector < 2; selector++)
		for (unsigned matching = 0; matching < 3; matching++) {
			struct tlsa_records server = {.v = NULL}, anchor = {.v = NULL}, wrong = {.v = NULL};
			add_record(&server, 3, selector, matching, SELF);
			add_record(&anchor, 2, selector, matching, OTHER_ROOT);
			add_record(&wrong, 3, selector, matching, GOOD);
			add_record(&wrong, 2, selector, matching, ROOT);
			expect("usage 3", (enum who[4]){SELF}, (struct tls_policy){.tlsa = &server}, "dane", NULL);
			expect("usage 2", (enum who[4]){UNKNOWN, OTHER_ROOT}, (struct tls_policy){.tlsa = &anchor},
			       "dane", NULL);
			expect("no match", (enum who[4]){UNKNOWN, OTHER_ROOT}, (struct tls_policy){.tlsa = &wrong},
			       NULL, "TLSA records (DANE)");
			/* the CAs do not help */
			expect("a server that the CAs accept", (enum who[4]){GOOD, CHILD},
			       (struct tls_policy){.tlsa = &anchor}, NULL, "TLSA records (DANE)");
			tlsa_records_release(&server);
			tlsa_records_release(&anchor);
			tlsa_records_release(&wrong);
		}
}

static void usage_3_needs_nothing_else_and_usage_2_all_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct tlsa_records server = {.v = NULL}, anchor = {.v = NULL};
		add_record(&server, 3, 1, 1, bad[i].who);
		add_record(&anchor, 2, 1, 1, CHILD);
		bool small = bad[i].who == SMALL;
		expect(bad[i].name, (enum who[4]){bad[i].who, CHILD},
		       (struct tls_policy){.tlsa = &server, .host = bad[i].host}, "dane", small ? bad[i].says : NULL);
		expect(bad[i].name, (enum who[4]){bad[i].who, CHILD},
		       (struct tls_policy){.tlsa = &anchor, .host = bad[i].host}, NULL, bad[i].says);
		tlsa_records_release(&server);
		tlsa_records_release(&anchor);
	}
}

static void an_anchor_must_vouch_for_the_server(void **state)
{
	(void)state;
	struct tlsa_records beside = {.v = NULL}, absent = {.v = NULL}, own = {.v = NULL};
	add_record(&beside, 2, 1, 1, OTHER_ROOT);
	add_record(&absent, 2, 0, 0, CHILD); /* all of the certificate, which the server does not send */
	add_record(&own, 2, 1, 1, SELF);
	expect("sent beside the chain", (enum who[4]){GOOD, CHILD, OTHER_ROOT}, (struct tls_policy){.tlsa = &beside},
	       NULL, "its issuer");
	expect("in the record itself", (enum who[4]){GOOD}, (struct tls_policy){.tlsa = &absent}, "dane", NULL);
	expect("usage 2 for the server itself", (enum who[4]){SELF}, (struct tls_policy){.tlsa = &own}, NULL,
	       "TLSA records (DANE)");
	tlsa_records_release(&beside);
	tlsa_records_release(&absent);
	tlsa_records_release(&own);
}

static void records_that_cannot_be_used_are_no_dane(void **state)
{
	(void)state;
	struct tlsa_records pkix = {.v = NULL};
	add_record(&pkix, 0, 0, 1, ROOT);
	add_record(&pkix, 1, 1, 1, SELF);
	add_record(&pkix, 3, 7, 1, SELF);
	add_record(&pkix, 3, 1, 9, SELF);
	tlsa_records_add(&pkix, (struct tlsa_record){3, 1, 1, {(unsigned char *)"short", 5}});
	tlsa_records_add(&pkix, (struct tlsa_record){3, 1, 0, {(unsigned char *)"", 0}});
	assert_false(tlsa_any_decides(&pkix));
	expect("the CAs decide", (enum who[4]){GOOD, CHILD}, (struct tls_policy){.tlsa = &pkix}, "ca", NULL);
	expect("the CAs decide", (enum who[4]){SELF}, (struct tls_policy){.tlsa = &pkix}, NULL, "self-signed");
	pkix.required = true;
	expect("required", (enum who[4]){GOOD, CHILD}, (struct tls_policy){.tlsa = &pkix}, NULL,
	       "DANE is required, and the server has no TLSA record that can be used");
	tlsa_records_release(&pkix);
}

static void the_stronger_digest_decides(void **state)
{
	(void)state;
	struct tlsa_records records = {.v = NULL};
	add_record(&records, 3, 1, 1, SELF);
	add_record(&records, 3, 1, 2, GOOD);
	add_record(&records, 3, 0, 1, UNKNOWN); /* of another selector */
	assert_false(tlsa_decides(&records, 0));
	expect("SHA-256 beside SHA-512", (enum who[4]){SELF}, (struct tls_policy){.tlsa = &records}, NULL, "TLSA");
	expect("SHA-512", (enum who[4]){GOOD}, (struct tls_policy){.tlsa = &records}, "dane", NULL);
	expect("another selector", (enum who[4]){UNKNOWN}, (struct tls_policy){.tlsa = &records}, "dane", NULL);
	tlsa_records_release(&records);
}

static void what_the_user_says_of_this_server_comes_before_records(void **state)
{
	(void)state;
	AUTO(strvec) pins = STRVEC_INIT;
	struct tlsa_records records = {.v = NULL};
	AUTO_FREE char *self = pki_fingerprint(&certs[SELF], GNUTLS_DIG_SHA256);
	const struct known_host key = known(SELF);
	pin_to(&pins, SELF);
	add_record(&records, 3, 1, 1, GOOD);
	const struct {
		struct tls_policy policy;
		const char *rule;
	} rows[] = {{{.fingerprint = self, .tlsa = &records}, "fingerprint"},
		    {{.trust = TLS_TRUST_PIN, .pins = &pins, .tlsa = &records}, "pin"},
		    {{.trust = TLS_TRUST_FIRST_USE, .known = &key, .tlsa = &records}, "first_use"}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		records.required = false;
		expect("records not required", (enum who[4]){SELF}, rows[i].policy, rows[i].rule, NULL);
		records.required = true;
		expect("required", (enum who[4]){SELF}, rows[i].policy, NULL, "TLSA records (DANE)");
	}
	records.required = false;
	expect("pins narrow them", (enum who[4]){GOOD}, (struct tls_policy){.pins = &pins, .tlsa = &records}, NULL,
	       "tls_pin");
	tlsa_records_release(&records);
}

/* ---- the verdict alone ---- */

static const struct tls_facts fine = {.now = 1000,
				      .has_certificate = true,
				      .not_before = 500,
				      .not_after = 1500,
				      .for_servers = true,
				      .key_bits = 256,
				      .key_bits_least = 256};

static void the_verdict_follows_from_facts(void **state)
{
	(void)state;
	const struct tls_policy ca = {.certcheck = true, .ocsp = TLS_OCSP_AUTO};
	struct tls_policy require = ca, off = ca, unchecked = {.certcheck = false};
	struct tls_facts f = fine;
	require.ocsp = TLS_OCSP_REQUIRE;
	off.ocsp = TLS_OCSP_OFF;
	assert_int_equal(tls_verdict(&ca, &fine).faults, 0);
	assert_int_equal(tls_verdict(&ca, &fine).rule, TLS_RULE_CA);
	assert_int_equal(tls_verdict(&require, &fine).faults, TLS_FAULT_STAPLE_REQUIRED);
	f.staple_valid = true;
	assert_int_equal(tls_verdict(&require, &f).faults, 0);
	f.staple_faults = TLS_FAULT_STAPLE_MISSING;
	assert_int_equal(tls_verdict(&ca, &f).faults, TLS_FAULT_STAPLE_MISSING);
	assert_int_equal(tls_verdict(&off, &f).faults, 0);
	f = fine;
	f.not_after = 999;
	assert_int_equal(tls_verdict(&ca, &f).faults, TLS_FAULT_EXPIRED);
	f.not_after = 1000; /* the last second counts */
	f.not_before = 1000;
	assert_int_equal(tls_verdict(&ca, &f).faults, 0);
	f.not_before = 1001;
	assert_int_equal(tls_verdict(&ca, &f).faults, TLS_FAULT_NOT_YET_VALID);
	f = fine;
	f.key_bits = 255;
	assert_int_equal(tls_verdict(&ca, &f).faults, TLS_FAULT_WEAK);
	f = fine;
	f.name_faults = TLS_FAULT_NAME | TLS_FAULT_NO_SAN;
	assert_int_equal(tls_verdict(&ca, &f).faults, TLS_FAULT_NO_SAN);
	assert_int_equal(tls_verdict(&unchecked, &f).faults, 0);
	assert_int_equal(tls_verdict(&unchecked, &f).rule, TLS_RULE_NONE);
	f = (struct tls_facts){.has_certificate = false};
	assert_int_equal(tls_verdict(&ca, &f).faults, TLS_FAULT_NO_CERTIFICATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pin_alone_needs_no_ca_and_all_else_is_right),
		cmocka_unit_test(a_pin_narrows_the_cas),
		cmocka_unit_test(the_accepted_key_is_the_only_one),
		cmocka_unit_test(a_changed_key_is_shown_with_both_fingerprints),
		cmocka_unit_test(a_fingerprint_needs_name_and_dates_unless_it_is_said_otherwise),
		cmocka_unit_test(added_authorities_are_trusted_besides),
		cmocka_unit_test(priorities_do_not_permit_small_keys_of_issuers),
		cmocka_unit_test(the_oldest_version_is_limited),
		cmocka_unit_test(each_kind_of_record_is_compared),
		cmocka_unit_test(usage_3_needs_nothing_else_and_usage_2_all_of_it),
		cmocka_unit_test(an_anchor_must_vouch_for_the_server),
		cmocka_unit_test(records_that_cannot_be_used_are_no_dane),
		cmocka_unit_test(the_stronger_digest_decides),
		cmocka_unit_test(what_the_user_says_of_this_server_comes_before_records),
		cmocka_unit_test(the_verdict_follows_from_facts),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
