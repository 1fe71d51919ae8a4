/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GSSAPI by the real libgsasl, above a GSS-API of our own: the functions below stand in front of those of the Kerberos
 * library, so no realm is needed.  What is wrapped and unwrapped stays as it is.
 */
#include "auth/sasl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

/* ---- a GSS-API whose context is there after the first token (RFC 2744) ---- */

struct gss_buffer {
	size_t length;
	void *value;
};

#define EXPORTED __attribute__((visibility("default"), used))
#define GSS_COMPLETE 0u

static unsigned contexts;

static void give(struct gss_buffer *out, const void *octets, size_t n)
{
	out->value = malloc(n ? n : 1);
	assert_non_null(out->value);
	memcpy(out->value, octets, n);
	out->length = n;
}

EXPORTED uint32_t gss_import_name(uint32_t *minor, const struct gss_buffer *name, void *type, void **out);
EXPORTED uint32_t gss_release_name(uint32_t *minor, void **name);
EXPORTED uint32_t gss_release_buffer(uint32_t *minor, struct gss_buffer *buffer);
EXPORTED uint32_t gss_init_sec_context(uint32_t *minor, void *credential, void **context, void *target, void *mech,
				       uint32_t flags, uint32_t seconds, void *bindings, const struct gss_buffer *in,
				       void **used, struct gss_buffer *out, uint32_t *got, uint32_t *lasts);
EXPORTED uint32_t gss_delete_sec_context(uint32_t *minor, void **context, struct gss_buffer *out);
EXPORTED uint32_t gss_wrap(uint32_t *minor, void *context, int secret, uint32_t quality, const struct gss_buffer *in,
			   int *was_secret, struct gss_buffer *out);
EXPORTED uint32_t gss_unwrap(uint32_t *minor, void *context, const struct gss_buffer *in, struct gss_buffer *out,
			     int *was_secret, uint32_t *quality);

uint32_t gss_import_name(uint32_t *minor, const struct gss_buffer *name, void *type, void **out)
{
	static const char wanted[] = "smtp@mail.example.org";
	(void)type;
	assert_true(name->length >= strlen(wanted)); /* maybe with its NUL */
	assert_memory_equal(name->value, wanted, strlen(wanted));
	*out = (void *)(uintptr_t)wanted;
	return *minor = GSS_COMPLETE;
}

uint32_t gss_release_name(uint32_t *minor, void **name)
{
	*name = NULL;
	return *minor = GSS_COMPLETE;
}

uint32_t gss_release_buffer(uint32_t *minor, struct gss_buffer *buffer)
{
	free(buffer->value);
	*buffer = (struct gss_buffer){0, NULL};
	return *minor = GSS_COMPLETE;
}

uint32_t gss_init_sec_context(uint32_t *minor, void *credential, void **context, void *target, void *mech,
			      uint32_t flags, uint32_t seconds, void *bindings, const struct gss_buffer *in,
			      void **used, struct gss_buffer *out, uint32_t *got, uint32_t *lasts)
{
	(void)credential;
	(void)target;
	(void)mech;
	(void)seconds;
	(void)bindings;
	(void)in;
	(void)used;
	(void)lasts;
	*context = &contexts;
	contexts++;
	if (got)
		*got = flags;
	give(out, "token", 5);
	return *minor = GSS_COMPLETE;
}

uint32_t gss_delete_sec_context(uint32_t *minor, void **context, struct gss_buffer *out)
{
	(void)out;
	*context = NULL;
	return *minor = GSS_COMPLETE;
}

uint32_t gss_wrap(uint32_t *minor, void *context, int secret, uint32_t quality, const struct gss_buffer *in,
		  int *was_secret, struct gss_buffer *out)
{
	(void)quality;
	assert_ptr_equal(context, &contexts);
	if (was_secret)
		*was_secret = secret;
	give(out, in->value, in->length);
	return *minor = GSS_COMPLETE;
}

uint32_t gss_unwrap(uint32_t *minor, void *context, const struct gss_buffer *in, struct gss_buffer *out,
		    int *was_secret, uint32_t *quality)
{
	assert_ptr_equal(context, &contexts);
	if (was_secret)
		*was_secret = 0;
	if (quality)
		*quality = 0;
	give(out, in->value, in->length);
	return *minor = GSS_COMPLETE;
}

/* ---- the exchange ---- */

/*
 * RFC 4752 section 3.1: the first octet of the response is the layer chosen, 1 is none; after three octets about the
 * layer comes the identity to act as.  A server that offers layers only gets the same response, and may refuse it.
 */
static void no_security_layer_is_chosen(void **state)
{
	(void)state;
	static const struct {
		const char *authzid;
		unsigned char layers; /* offered: 1 none, 2 integrity, 4 confidentiality */
	} rows[] = {{NULL, 1}, {NULL, 7}, {"joe@example.org", 7}, {NULL, 3}, {NULL, 5}, {NULL, 6}, {NULL, 4}};
	if (!sasl_supports("GSSAPI"))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct sasl_request req = {
			.mech = mech_find("GSSAPI"), .authzid = rows[i].authzid, .host = "mail.example.org"};
		const char *identity = rows[i].authzid ? rows[i].authzid : "";
		const char offer[] = {(char)rows[i].layers, 0, (char)0xff, (char)0xff};
		AUTO(error) err = ERROR_INIT;
		AUTO(strbuf) response = STRBUF_INIT;
		bool initial;
		contexts = 0;
		AUTO_PTR(sasl) s = sasl_new(&req, &response, &initial, &err);
		assert_non_null(s);
		assert_int_equal(contexts, 1); /* it was our function that was called */
		assert_true(initial);
		assert_string_equal(response.buf, "token");
		strbuf_reset(&response);
		if (!sasl_step(s, span_make(offer, sizeof(offer)), &response, &err))
			fail_msg("row %zu: %s", i, err.status.text);
		assert_int_equal(response.len, 4 + strlen(identity));
		assert_int_equal(response.buf[0], 1);
		assert_string_equal(response.buf + 4, identity);
		assert_true(sasl_finished(s, &err));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_security_layer_is_chosen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
