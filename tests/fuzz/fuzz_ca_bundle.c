/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For any bundle: what is found is a block of it, each once and in order, from its BEGIN line to its END line; only
 * the names asked for are found; and nothing that stands before or after a certificate hides it.
 */
#include "fuzz.h"

#include "base/base64.h"
#include "tls/ca_bundle.h"

#define BEGIN_LINE "-----BEGIN CERTIFICATE-----"
#define END_LINE "-----END CERTIFICATE-----"

/* The fields of a certificate up to its subject, and nothing after it: nothing else is read. */
static const char der[] = "\x30\x26\x30\x24"				     /* Certificate, TBSCertificate */
			  "\xa0\x03\x02\x01\x02"			     /* version */
			  "\x02\x01\x07"				     /* serialNumber */
			  "\x30\x02\x05\x00"				     /* signature */
			  "\x30\x02\x31\x00"				     /* issuer */
			  "\x30\x02\x05\x00"				     /* validity */
			  "\x30\x0b\x31\x09\x30\x07\x06\x03\x55\x04\x03\x0c" /* subject, as far as it goes here */
			  "\x00\x00\x00\x00";
static const struct span subject = {der + 24, 13};

struct hits {
	struct span bundle;
	const char *after; /* the last one */
	size_t n;
	bool at_end; /* one ends with the bundle */
};

static void note(void *arg, struct span pem)
{
	struct hits *hits = arg;
	MUST(pem.ptr >= hits->after && pem.ptr + pem.len <= hits->bundle.ptr + hits->bundle.len);
	MUST(pem.len > strlen(BEGIN_LINE) && memcmp(pem.ptr, BEGIN_LINE, strlen(BEGIN_LINE)) == 0);
	MUST(!fuzz_has(span_sub(pem, 1, pem.len), SPAN_LIT(BEGIN_LINE)));
	hits->after = pem.ptr + pem.len;
	hits->n++;
	hits->at_end |= hits->after == hits->bundle.ptr + hits->bundle.len;
}

static size_t find(struct span bundle, const struct span *wanted, size_t n, bool *at_end)
{
	struct hits hits = {.bundle = bundle, .after = bundle.ptr};
	MUST(ca_bundle_find(bundle, wanted, n, note, &hits) == hits.n);
	MUST(!hits.n || ca_bundle_has_certificate(bundle));
	*at_end = hits.at_end;
	return hits.n;
}

static void add_known(struct strbuf *out)
{
	strbuf_adds(out, BEGIN_LINE "\n");
	base64_encode(out, span_make(der, sizeof(der) - 1));
	strbuf_adds(out, "\n" END_LINE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct span other = {"\x30\x00", 2};
	const struct span wanted[] = {other, subject};
	struct span bundle = span_make((const char *)data, size);
	AUTO(strbuf) before = STRBUF_INIT;
	AUTO(strbuf) after = STRBUF_INIT;
	bool last;
	size_t n = find(bundle, &subject, 1, &last), both = find(bundle, wanted, 2, &last);
	MUST(both >= n && find(bundle, NULL, 0, &last) == 0);

	strbuf_add_span(&after, bundle);
	strbuf_addch(&after, '\n');
	add_known(&after);
	MUST(find(strbuf_span(&after), wanted, 2, &last) >= 1 && last);
	add_known(&before);
	strbuf_addch(&before, '\n');
	strbuf_add_span(&before, bundle);
	MUST(find(strbuf_span(&before), wanted, 2, &last) == both + 1);
	return 0;
}
