/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/capability.h"

#include "base/datetime.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <inttypes.h>

static const char *meaning_of(struct span keyword)
{
	static const struct {
		const char *keyword, *meaning;
	} known[] = {
		{"SIZE", N_("the largest message it accepts, in bytes")},
		{"8BITMIME", N_("accepts 8-bit text")},
		{"PIPELINING", N_("accepts commands without waiting for replies")},
		{"DSN", N_("can send delivery reports (-N, -R)")},
		{"ENHANCEDSTATUSCODES", N_("gives the exact reason of errors")},
		{"STARTTLS", N_("can start TLS")},
		{"AUTH", N_("log-in mechanisms")},
		{"SMTPUTF8", N_("accepts addresses and headers in UTF-8")},
		{"CHUNKING", N_("accepts messages in chunks of known size")},
		{"BINARYMIME", N_("accepts binary attachments")},
		{"REQUIRETLS", N_("can require TLS all the way to the recipient (--require-tls)")},
		{"LIMITS", N_("limits for one session")},
		{"ETRN", N_("starts its queue on request")},
		{"PIPECONNECT", N_("accepts commands before its greeting")},
		{"VRFY", N_("answers questions about addresses")},
		{"HELP", N_("explains its commands")},
	};
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (span_equals_str_nocase(keyword, known[i].keyword))
			return _(known[i].meaning);
	return span_starts_nocase(keyword, "AUTH=") ? _("log-in mechanisms, in an old spelling") : NULL;
}

static char *explain_deliver_by(const struct caps *caps)
{
	if (!caps->by_minimum)
		return xstrdup(_("can deliver within a given time (--deliver-by)"));
	return xasprintf(_("can deliver within a given time (--deliver-by), at least %" PRId64 " seconds"),
			 caps->by_minimum);
}

static char *explain_hold(const struct caps *caps)
{
	AUTO(strbuf) until = STRBUF_INIT;
	if (!caps->hold_seconds || !caps->hold_until)
		return xstrdup(_("can hold messages for later (--hold-for, --hold-until)"));
	datetime_format(caps->hold_until, &until);
	return xasprintf(_("can hold messages for later (--hold-for, --hold-until), for %" PRId64 " seconds, until %s"),
			 caps->hold_seconds, until.buf);
}

static char *explain_priority(const struct caps *caps)
{
	if (!caps->priorities)
		return xstrdup(_("supports priorities (--priority)"));
	return xasprintf(_("supports priorities (--priority) as defined by %s"), caps->priorities);
}

char *capability_explain(const struct caps *caps, struct span line)
{
	static const struct {
		const char *keyword;
		char *(*explain)(const struct caps *caps);
	} with_limits[] = {
		{"DELIVERBY", explain_deliver_by}, {"FUTURERELEASE", explain_hold}, {"MT-PRIORITY", explain_priority}};
	struct span keyword = span_word(&line);
	for (size_t i = 0; i < ARRAY_SIZE(with_limits); i++)
		if (span_equals_str_nocase(keyword, with_limits[i].keyword))
			return with_limits[i].explain(caps);
	const char *meaning = meaning_of(keyword);
	return meaning ? xstrdup(meaning) : NULL;
}
