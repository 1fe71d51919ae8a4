/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/strbuf.h"
#include "base/base64.h"
#include "tls/ca_bundle.h"
#include "tls/finding.h"
#include "tls/pin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void every_fault_has_a_clause_and_the_first_its_cure(void **state)
{
	(void)state;
	static const struct {
		unsigned faults;
		const char *text, *hint;
	} rows[] = {
		{TLS_FAULT_FINGERPRINT, "its fingerprint is not the one in tls_fingerprint", "AB:CD"},
		{TLS_FAULT_NAME, "it was issued for mail.example.org, not for smtp.example.org", "tls_host_override"},
		{TLS_FAULT_EXPIRED, "it expired on 2026-01-01", "clock"},
		{TLS_FAULT_NOT_YET_VALID, "it is not valid before 2025-01-01", "clock"},
		{TLS_FAULT_REVOKED, "it was revoked by its issuer", "Do not send"},
		{TLS_FAULT_UNKNOWN_ISSUER, "its issuer CN=Some CA is not in the store", "tls_trust_file"},
		{TLS_FAULT_SELF_SIGNED, "it is self-signed and is not in the store", "--serverinfo"},
		{TLS_FAULT_WEAK, "it uses a key or a signature that is too weak", "administrator of smtp.example.org"},
		{TLS_FAULT_PURPOSE, "its purpose is not to identify servers (the key purpose serverAuth is missing)",
		 "administrator"},
		{TLS_FAULT_STAPLE_MISSING, "it requires an OCSP staple (must-staple), and the server sent none",
		 "administrator"},
		{TLS_FAULT_STAPLE_BAD, "the OCSP staple the server sent with it is invalid or out of date",
		 "administrator"},
		{TLS_FAULT_NO_SAN, "it has no alternative name (SAN) to compare with smtp.example.org", "--serverinfo"},
		{TLS_FAULT_NO_CERTIFICATE, "the server sent none", "administrator"},
		{TLS_FAULT_OTHER, "as the library says", "administrator"},
		{TLS_FAULT_STAPLE_REQUIRED, "tls_ocsp requires a valid OCSP staple, and the server sent none",
		 "administrator"},
		{TLS_FAULT_TLSA, "it does not match the TLSA records (DANE) of the server", "tls_dane off"},
		{TLS_FAULT_TLSA_NONE, "DANE is required, and the server has no TLSA record that can be used",
		 "tls_dane off"},
		{TLS_FAULT_PIN, "its key is not in tls_pin", "sha256//abc"},
		{TLS_FAULT_KEY_CHANGED,
		 "the server's key has changed: the certificate you accepted had the SHA-256 fingerprint 01:02, this "
		 "one "
		 "has AB:CD",
		 "--accept-key=work"},
		{TLS_FAULT_KEY_UNKNOWN,
		 "you have not accepted the server's key yet; its certificate has the SHA-256 fingerprint AB:CD",
		 "--accept-key=work"},
		{0, "it did not pass the check", "administrator"},
		{TLS_FAULT_NAME | TLS_FAULT_EXPIRED,
		 "it was issued for mail.example.org, not for smtp.example.org; it expired on 2026-01-01",
		 "tls_host_override"},
		{TLS_FAULT_REVOKED | TLS_FAULT_SELF_SIGNED,
		 "it was revoked by its issuer; it is self-signed and is not in the store", "Do not send"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		const struct tls_finding f = {.faults = rows[i].faults,
					      .host = "smtp.example.org",
					      .names = "mail.example.org",
					      .not_before = "2025-01-01",
					      .not_after = "2026-01-01",
					      .issuer = "CN=Some CA",
					      .fingerprint = "AB:CD",
					      .pin = "sha256//abc",
					      .accepted = "01:02",
					      .account = "work",
					      .library_words = "as the library says",
					      .trust = "the store"};
		AUTO(strbuf) text = STRBUF_INIT;
		strbuf_addf(&text, "the certificate is not trusted: %s", rows[i].text);
		assert_false(tls_finding_error(&f, &err));
		assert_int_equal(err.status.kind, ERROR_CERTIFICATE);
		assert_string_equal(err.status.text, text.buf);
		assert_non_null(strstr(err.status.hint, rows[i].hint));
		/* no fingerprint ready to be copied from a connection that may be intercepted (RFC 8314 section 5.4) */
		assert_int_equal(strstr(err.status.hint, "AB:CD") != NULL, rows[i].faults == TLS_FAULT_FINGERPRINT);
	}
}

static void facts_that_are_missing_are_not_needed(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 20; bit++) {
		AUTO(error) err = ERROR_INIT;
		assert_false(tls_finding_error(&(struct tls_finding){.faults = 1u << bit}, &err));
		assert_int_equal(err.status.kind, ERROR_CERTIFICATE);
		assert_null(strstr(err.status.text, "(null)"));
		assert_true(!err.status.hint || !strstr(err.status.hint, "(null)"));
	}
}

#define SIXTEEN "00112233445566778899aabbccddeeff"

static void fingerprints_are_pairs_of_digits(void **state)
{
	(void)state;
	static const struct {
		const char *hex;
		size_t len; /* 0: refused */
		const char *says;
	} rows[] = {
		{SIXTEEN, 16, NULL},
		{SIXTEEN "01234567", 20, NULL},
		{SIXTEEN SIXTEEN, 32, NULL},
		{"00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF", 16, NULL},
		{"00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff", 16, NULL},
		{"0011:2233:4455:6677:8899:aabb:ccdd:eeff", 16, NULL},
		{"", 0, "got 0"},
		{"00", 0, "got 1"},
		{SIXTEEN "00", 0, "got 17"},
		{SIXTEEN SIXTEEN "00", 0, "got 33"},
		{SIXTEEN SIXTEEN SIXTEEN, 0, "got 48"},
		{SIXTEEN "0", 0, "not pairs"},
		{":" SIXTEEN, 0, "not pairs"},
		{SIXTEEN ":", 0, "not pairs"},
		{"00::" SIXTEEN, 0, "not pairs"},
		{"0:0112233445566778899aabbccddeeff", 0, "not pairs"},
		{"sha256:" SIXTEEN SIXTEEN, 0, "sha256:"},
		{"0g" SIXTEEN, 0, "not pairs"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		unsigned char out[32] = {0x55};
		size_t len = 99;
		bool ok = tls_fingerprint_parse(rows[i].hex, out, &len, &err);
		assert_int_equal(ok, rows[i].len != 0);
		if (ok) {
			assert_int_equal(len, rows[i].len);
			assert_memory_equal(out, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
					    16);
			continue;
		}
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.status.text, rows[i].says));
		assert_int_equal(len, 99);
		assert_int_equal(out[0], 0x55);
	}
}

/* ---- the bundle ---- */

static void element(struct strbuf *out, char tag, struct span content)
{
	assert_true(content.len < 65536);
	strbuf_addch(out, tag);
	if (content.len < 128)
		strbuf_addch(out, (char)content.len);
	else if (content.len < 256)
		strbuf_addf(out, "%c%c", 0x81, (int)content.len);
	else {
		strbuf_addch(out, (char)0x82);
		strbuf_addch(out, (char)(content.len >> 8));
		strbuf_addch(out, (char)content.len);
	}
	strbuf_add_span(out, content);
}

/* As much of a certificate as its subject needs, and some more. */
static void fake_certificate(struct strbuf *pem, struct span subject, bool version, size_t line)
{
	AUTO(strbuf) tbs = STRBUF_INIT;
	AUTO(strbuf) cert = STRBUF_INIT;
	AUTO(strbuf) der = STRBUF_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	if (version)
		element(&tbs, (char)0xa0, SPAN_LIT("\2\1\2"));
	element(&tbs, 0x02, SPAN_LIT("\x12\x34"));
	element(&tbs, 0x30, SPAN_LIT("algorithm"));
	element(&tbs, 0x30, SPAN_LIT("issuer"));
	element(&tbs, 0x30, SPAN_LIT("validity"));
	element(&tbs, 0x30, subject);
	element(&tbs, 0x30, SPAN_LIT("a public key that is a little longer than the rest"));
	element(&cert, 0x30, strbuf_span(&tbs));
	element(&der, 0x30, strbuf_span(&cert));
	base64_encode(&text, strbuf_span(&der));
	strbuf_adds(pem, "-----BEGIN CERTIFICATE-----\n");
	for (size_t i = 0; i < text.len; i += line)
		strbuf_addf(pem, "%.*s\n", (int)(text.len - i < line ? text.len - i : line), text.buf + i);
	strbuf_adds(pem, "-----END CERTIFICATE-----\n");
}

static void keep(void *arg, struct span pem)
{
	struct strbuf *found = arg;
	strbuf_add_span(found, pem);
	strbuf_addch(found, '\n');
}

static struct span wanted_dn(struct strbuf *dn, struct span subject)
{
	element(dn, 0x30, subject);
	return strbuf_span(dn);
}

static void the_right_certificates_are_found_at_any_line_length(void **state)
{
	(void)state;
	static const size_t lines[] = {4, 60, 64, 76, 100000};
	AUTO(strbuf) long_name = STRBUF_INIT;
	for (int i = 0; i < 700; i++)
		strbuf_addch(&long_name, 'n');
	const struct span names[] = {SPAN_LIT("one"), SPAN_LIT("one more"), strbuf_span(&long_name), SPAN_LIT(""),
				     SPAN_LIT("\0binary\xff")};
	for (size_t l = 0; l < ARRAY_SIZE(lines); l++)
		for (size_t w = 0; w < ARRAY_SIZE(names); w++) {
			AUTO(strbuf) bundle = STRBUF_INIT;
			AUTO(strbuf) right = STRBUF_INIT;
			AUTO(strbuf) found = STRBUF_INIT;
			AUTO(strbuf) dn = STRBUF_INIT;
			for (size_t i = 0; i < ARRAY_SIZE(names); i++)
				fake_certificate(&bundle, names[i], i % 2 == 0, lines[l]);
			fake_certificate(&right, names[w], w % 2 == 0, lines[l]);
			const struct span wanted[] = {SPAN_LIT("something else"), wanted_dn(&dn, names[w])};
			assert_int_equal(ca_bundle_find(strbuf_span(&bundle), wanted, ARRAY_SIZE(wanted), keep, &found),
					 1);
			assert_string_equal(found.buf, right.buf);
		}
}

static void what_is_malformed_is_passed_over(void **state)
{
	(void)state;
	static const char *const junk[] = {
		"",
		"-----BEGIN CERTIFICATE-----",
		"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIIB!!!!\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIP///8w\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIT/////\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIIB\n",
		"-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n",
	};
	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		AUTO(strbuf) bundle = STRBUF_INIT;
		AUTO(strbuf) found = STRBUF_INIT;
		AUTO(strbuf) dn = STRBUF_INIT;
		const struct span wanted[] = {wanted_dn(&dn, SPAN_LIT("one"))};
		assert_int_equal(ca_bundle_find(span_of(junk[i]), wanted, 1, keep, &found), 0);
		strbuf_adds(&bundle, junk[i]);
		fake_certificate(&bundle, SPAN_LIT("one"), true, 64);
		assert_int_equal(ca_bundle_find(strbuf_span(&bundle), wanted, 1, keep, &found), 1);
		/* cut anywhere, nothing is read that is not there */
		for (size_t end = 0; end < bundle.len; end++) {
			char *exact = malloc(end ? end : 1);
			memcpy(exact, bundle.buf, end);
			(void)ca_bundle_find(span_make(exact, end), wanted, 1, keep, &found);
			free(exact);
		}
	}
	assert_false(ca_bundle_has_certificate(SPAN_LIT("-----BEGIN X509 CRL-----\n")));
	assert_false(ca_bundle_has_certificate(SPAN_LIT("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_a_clause_and_the_first_its_cure),
		cmocka_unit_test(facts_that_are_missing_are_not_needed),
		cmocka_unit_test(fingerprints_are_pairs_of_digits),
		cmocka_unit_test(the_right_certificates_are_found_at_any_line_length),
		cmocka_unit_test(what_is_malformed_is_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
