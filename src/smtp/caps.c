/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/caps.h"

#include "base/clean_text.h"
#include "base/datetime.h"
#include "base/xalloc.h"

#define CAP_LINE_SHOWN 1000

static const struct {
	const char *keyword;
	enum cap cap;
} keywords[] = {
	{"8BITMIME", CAP_8BITMIME},
	{"SIZE", CAP_SIZE},
	{"PIPELINING", CAP_PIPELINING},
	{"DSN", CAP_DSN},
	{"ENHANCEDSTATUSCODES", CAP_ENHANCEDSTATUSCODES},
	{"STARTTLS", CAP_STARTTLS},
	{"AUTH", CAP_AUTH},
	{"SMTPUTF8", CAP_SMTPUTF8},
	{"CHUNKING", CAP_CHUNKING},
	{"BINARYMIME", CAP_BINARYMIME},
	{"DELIVERBY", CAP_DELIVERBY},
	{"FUTURERELEASE", CAP_FUTURERELEASE},
	{"MT-PRIORITY", CAP_MT_PRIORITY},
	{"REQUIRETLS", CAP_REQUIRETLS},
	{"LIMITS", CAP_LIMITS},
	{"ETRN", CAP_ETRN},
	{"PIPECONNECT", CAP_PIPECONNECT},
	{"VRFY", CAP_VRFY},
	{"HELP", CAP_HELP},
};

void caps_release(struct caps *caps)
{
	strvec_release(&caps->auth);
	strvec_release(&caps->lines);
	free(caps->priorities);
	free(caps->greeting_name);
	*caps = CAPS_INIT;
}

void caps_copy(struct caps *to, const struct caps *from)
{
	caps_release(to);
	to->bits = from->bits;
	to->size_limit = from->size_limit;
	to->mail_max = from->mail_max;
	to->rcpt_max = from->rcpt_max;
	to->rcpt_domain_max = from->rcpt_domain_max;
	to->by_minimum = from->by_minimum;
	to->hold_seconds = from->hold_seconds;
	to->hold_until = from->hold_until;
	to->priorities = from->priorities ? xstrdup(from->priorities) : NULL;
	strvec_push_all(&to->auth, &from->auth);
	strvec_push_all(&to->lines, &from->lines);
	to->greeting_name = from->greeting_name ? xstrdup(from->greeting_name) : NULL;
}

bool caps_has(const struct caps *caps, enum cap cap)
{
	return (caps->bits & cap) != 0;
}

const char *cap_name(enum cap cap)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (keywords[i].cap == cap)
			return keywords[i].keyword;
	return "?";
}

void cap_add_names(struct strbuf *out, unsigned bits, const char *separator)
{
	const char *between = "";
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (!(bits & keywords[i].cap))
			continue;
		strbuf_addf(out, "%s%s", between, keywords[i].keyword);
		between = separator;
	}
}

unsigned cap_from_name(const char *keyword)
{
	unsigned all = 0;
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (span_equals_str_nocase(span_of(keyword), keywords[i].keyword))
			return keywords[i].cap;
		all |= keywords[i].cap;
	}
	return span_equals_str_nocase(span_of(keyword), "all") ? all & ~(unsigned)(CAP_STARTTLS | CAP_AUTH) : 0;
}

void caps_ignore(struct caps *caps, unsigned bits)
{
	caps->bits &= ~bits;
	if (bits & CAP_SIZE)
		caps->size_limit = 0;
	if (bits & CAP_LIMITS)
		caps->mail_max = caps->rcpt_max = caps->rcpt_domain_max = 0;
	if (bits & CAP_DELIVERBY)
		caps->by_minimum = 0;
	if (bits & CAP_FUTURERELEASE)
		caps->hold_seconds = caps->hold_until = 0;
	if (bits & CAP_MT_PRIORITY) {
		free(caps->priorities);
		caps->priorities = NULL;
	}
}

static void add_mechanisms(struct caps *caps, struct span words)
{
	for (struct span w = span_word(&words); w.len; w = span_word(&words)) {
		AUTO_FREE char *mech = clean_text(w, 64);
		if (!strvec_has(&caps->auth, mech))
			strvec_push(&caps->auth, mech);
	}
}

/* RFC 9422 section 4: NAME=VALUE; unknown names are ignored.  0 is not a valid limit. */
static void take_limits(struct caps *caps, struct span words)
{
	for (struct span w = span_word(&words); w.len; w = span_word(&words)) {
		const struct {
			const char *name;
			uint64_t *limit;
		} limits[] = {{"MAILMAX=", &caps->mail_max},
			      {"RCPTMAX=", &caps->rcpt_max},
			      {"RCPTDOMAINMAX=", &caps->rcpt_domain_max}};
		unsigned long long n;
		for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
			if (span_starts_nocase(w, limits[i].name) &&
			    span_to_u64(span_sub(w, strlen(limits[i].name), w.len), &n))
				*limits[i].limit = n;
	}
}

/* RFC 2852 section 2, RFC 4865 section 3: up to nine digits; anything else is read as "no limit". */
static int64_t nine_digits(struct span word)
{
	unsigned long long number = 0;
	return word.len <= 9 && span_to_u64(word, &number) ? (int64_t)number : 0;
}

static void take_parameters(struct caps *caps, enum cap cap, struct span params)
{
	unsigned long long size;
	if (cap == CAP_AUTH) {
		add_mechanisms(caps, params);
	} else if (cap == CAP_SIZE && span_to_u64(span_trim(params), &size)) {
		caps->size_limit = size;
	} else if (cap == CAP_LIMITS) {
		take_limits(caps, params);
	} else if (cap == CAP_DELIVERBY) {
		struct span options = span_word(&params), minimum; /* later options follow after commas */
		caps->by_minimum = span_split(&options, ',', &minimum) ? nine_digits(minimum) : 0;
	} else if (cap == CAP_FUTURERELEASE) {
		caps->hold_seconds = nine_digits(span_word(&params));
		caps->hold_until = 0;
		(void)datetime_parse(span_word(&params), &caps->hold_until); /* missing or invalid: no limit */
	} else if (cap == CAP_MT_PRIORITY) {
		struct span profile = span_word(&params);
		free(caps->priorities);
		caps->priorities = profile.len ? clean_text(profile, 64) : NULL;
	}
}

static void take_keyword_line(struct caps *caps, struct span line)
{
	struct span params = line;
	struct span keyword = span_word(&params);
	strvec_push_owned(&caps->lines, clean_text(line, CAP_LINE_SHOWN));
	/* Servers older than RFC 4954's predecessor wrote "AUTH=LOGIN PLAIN". */
	if (span_starts_nocase(keyword, "AUTH=")) {
		caps->bits |= CAP_AUTH;
		add_mechanisms(caps, span_sub(keyword, 5, keyword.len));
		add_mechanisms(caps, params);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		if (!span_equals_str_nocase(keyword, keywords[i].keyword))
			continue;
		caps->bits |= keywords[i].cap;
		take_parameters(caps, keywords[i].cap, params);
	}
}

void caps_from_reply(struct caps *caps, const struct reply *reply)
{
	caps_release(caps);
	struct span rest = strbuf_span(&reply->text), line;
	for (bool first = true; span_split(&rest, '\n', &line); first = false) {
		if (!first) {
			take_keyword_line(caps, span_trim(line));
			continue;
		}
		struct span name = span_word(&line);
		caps->greeting_name = clean_text(name, 255);
	}
}

void caps_from_lines(struct caps *caps, const struct strvec *lines)
{
	caps_release(caps);
	for (size_t i = 0; i < lines->n; i++)
		take_keyword_line(caps, span_of(lines->v[i]));
}

bool caps_same(const struct caps *a, const struct caps *b)
{
	return strvec_equal(&a->lines, &b->lines);
}
