/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/scram.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"

static bool iterations_of(struct span message, unsigned long long *count)
{
	struct span part;
	while (span_split(&message, ',', &part))
		if (part.len > 2 && part.ptr[0] == 'i' && part.ptr[1] == '=')
			return span_to_u64(span_sub(part, 2, part.len), count);
	return false;
}

bool scram_check_server_first(struct span message, struct error *err)
{
	unsigned long long count;
	if (!iterations_of(message, &count))
		return error_set(err, ERROR_PROTOCOL, _("the server's SCRAM challenge has no iteration count"));
	if (count < SCRAM_ITERATIONS_MIN)
		return error_set(
			err, ERROR_PROTOCOL,
			_("the server asks for %llu SCRAM iterations; fewer than %d protect the password too little"),
			count, SCRAM_ITERATIONS_MIN);
	if (count > SCRAM_ITERATIONS_MAX)
		return error_set(err, ERROR_PROTOCOL,
				 _("the server asks for %llu SCRAM iterations; at most %d are allowed"), count,
				 SCRAM_ITERATIONS_MAX);
	return true;
}

/* RFC 5802 section 7, server-error-value */
static const struct {
	const char *value, *words;
} errors[] = {
	{"invalid-encoding", N_("it could not read our message")},
	{"extensions-not-supported", N_("it does not support an extension")},
	{"invalid-proof", N_("the password is wrong")},
	{"channel-bindings-dont-match",
	 N_("the channel bindings do not match: someone may be intercepting the connection")},
	{"server-does-support-channel-binding",
	 N_("it supports channel binding, but its offer did not arrive: someone may be intercepting the connection")},
	{"channel-binding-not-supported", N_("it does not support channel binding")},
	{"unsupported-channel-binding-type", N_("it does not support this type of channel binding")},
	{"unknown-user", N_("the user is unknown")},
	{"invalid-username-encoding", N_("it could not read the user name")},
	{"no-resources", N_("it has no resources left")},
};

char *scram_server_error(struct span message)
{
	struct span value;
	if (!span_split(&message, ',', &value) || value.len < 2 || memcmp(value.ptr, "e=", 2) != 0)
		return NULL;
	value = span_sub(value, 2, value.len);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (span_equals_str(value, errors[i].value))
			return xstrdup(_(errors[i].words));
	return clean_text(value, 200);
}
