/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dns/validate.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "dns/name.h"

#define ANSWER_LIMIT ((size_t)1 << 20)
#define RECORDS_MAX 64 /* more than any name has; the limit is needed because others write the answer */
#define DATA_MAX 65535
#define WHY_MAX 300
/* A name server that never answers must not use up the time limit of the delivery. */
#define PATIENCE_MS 15000
/* The helper reports what it has by then; posthaste waits a little longer for it. */
#define HELPER_SLACK_MS 1000

static const struct {
	const char *word;
	enum dns_finding finding;
	bool secure;
} words[] = {
	{"secure", DNS_RECORDS, true},
	{"insecure", DNS_RECORDS, false},
	{"secure nodata", DNS_NO_DATA, true},
	{"insecure nodata", DNS_NO_DATA, false},
	{"secure nxdomain", DNS_NO_NAME, true},
	{"insecure nxdomain", DNS_NO_NAME, false},
	{"bogus", DNS_BOGUS, false},
	{"failed", DNS_FAILED, false},
	{"timeout", DNS_LATE, false},
};

static void answer_release(struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->n; i++)
		free(answer->v[i].v);
	free(answer->v);
	free(answer->why);
	free(answer->canonical);
}

void dns_answers_release(struct dns_answers *answers)
{
	for (size_t i = 0; i < answers->n; i++)
		answer_release(&answers->v[i]);
	free(answers->v);
	*answers = DNS_ANSWERS_INIT;
}

bool dns_validator_of(const struct account *a, const struct runtime *runtime, struct dns_validator *out)
{
	const struct strvec *resolvers = account_list(a, OPT_DNS_RESOLVER);
	const char *anchor = account_str(a, OPT_DNS_TRUST_ANCHOR);
	*out = (struct dns_validator){runtime, resolvers, anchor ? anchor : DNS_ROOT_KEY};
	return account_word(a, OPT_TLS_DANE) != DANE_OFF || resolvers->n || anchor;
}

/* ---- the answer ---- */

static bool take_number(struct span *rest, unsigned long long max, size_t *n)
{
	struct span field;
	unsigned long long value;
	if (!span_field(rest, &field) || !span_to_u64(field, &value) || value > max)
		return false;
	*n = (size_t)value;
	return true;
}

static bool take_word(struct span word, struct dns_answer *answer)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (span_equals_str(word, words[i].word)) {
			answer->finding = words[i].finding;
			answer->secure = words[i].secure;
			return true;
		}
	return false;
}

static bool take_records(struct span *rest, size_t n, struct dns_answer *answer)
{
	for (size_t len; n; n--) {
		if (!take_number(rest, DATA_MAX, &len) || rest->len < len)
			return false;
		struct dns_data data = {xmalloc(len ? len : 1), len};
		if (len)
			memcpy(data.v, rest->ptr, len);
		GROW(answer->v, answer->n, answer->cap);
		answer->v[answer->n++] = data;
		*rest = span_sub(*rest, len, rest->len);
	}
	return true;
}

static char *canonical_name(struct span sp)
{
	char *name = xmemdup0(sp.ptr, sp.len);
	if (sp.len > DNS_NAME_MAX || !dns_name_is_host(name))
		*name = '\0';
	return name;
}

/* libunbound names the question once more: "validation failure <NAME TYPE CLASS>: ..." */
static struct span without_question(struct span why)
{
	static const char start[] = "validation failure <";
	const char *end = span_starts_nocase(why, start) ? memmem(why.ptr, why.len, ">: ", 3) : NULL;
	return end ? span_sub(why, (size_t)(end - why.ptr) + 3, why.len) : why;
}

/* The answer may be incomplete if this fails; it can be released. */
static bool take_answer(struct span *rest, struct dns_answer *answer)
{
	struct span word, why, canonical;
	size_t n;
	if (!span_field(rest, &word) || !span_field(rest, &why) || !span_field(rest, &canonical) ||
	    !take_number(rest, RECORDS_MAX, &n) || !take_word(word, answer))
		return false;
	answer->why = clean_text(span_trim(without_question(why)), WHY_MAX);
	answer->canonical = canonical_name(canonical);
	return (answer->finding == DNS_RECORDS) == (n > 0) && take_records(rest, n, answer);
}

static bool report_unusable(struct span rest, struct error *err)
{
	struct span why;
	if (!span_field(&rest, &why))
		why = rest;
	AUTO_FREE char *shown = clean_text(span_trim(why), WHY_MAX);
	(void)error_set(err, ERROR_CONFIG, _("the DNS cannot be asked for signed answers: %s"), shown);
	error_hint(err, "%s",
		   _("Check the settings dns_resolver and dns_trust_anchor; without the latter the root key of the "
		     "package dns-root-data is used."));
	return false;
}

bool dns_answers_parse(struct span text, size_t n, struct dns_answers *out, struct error *err)
{
	struct span rest = text, word;
	if (span_field(&rest, &word) && span_equals_str(word, "unusable"))
		return report_unusable(rest, err);
	bool ok = true;
	for (rest = text; ok && n; n--) {
		GROW(out->v, out->n, out->cap);
		struct dns_answer *answer = &out->v[out->n++];
		*answer = (struct dns_answer){.v = NULL};
		ok = take_answer(&rest, answer);
	}
	if (ok && !rest.len)
		return true;
	dns_answers_release(out);
	return error_set(err, ERROR_DNS_TEMPORARY, "%s",
			 _("the helper program for signed DNS answers gave an unexpected answer"));
}

static const char *type_name(enum dns_type type)
{
	switch (type) {
	case DNS_A: return "A";
	case DNS_CNAME: return "CNAME";
	case DNS_MX: return "MX";
	case DNS_AAAA: return "AAAA";
	case DNS_SRV: return "SRV";
	case DNS_TLSA: return "TLSA";
	}
	return "";
}

bool dns_answer_known(const struct dns_answer *answer, const struct dns_question *question, struct error *err)
{
	const char *name = question->name, *type = type_name(question->type);
	switch (answer->finding) {
	case DNS_RECORDS:
	case DNS_NO_DATA:
	case DNS_NO_NAME: return true;
	case DNS_BOGUS:
		(void)error_set(err, ERROR_DNS_TEMPORARY, _("the DNS answer for %s (%s) is not valid: %s"), name, type,
				answer->why);
		error_hint(
			err, "%s",
			_("The domain's signatures are wrong, someone forges answers, or the name server does not pass "
			  "on signatures. Compare with another one: dns_resolver ADDRESS"));
		return false;
	case DNS_FAILED:
		(void)error_set(err, ERROR_DNS_TEMPORARY, _("the name server could not answer for %s (%s): %s"), name,
				type, answer->why);
		break;
	case DNS_LATE:
		(void)error_set(err, ERROR_DNS_TEMPORARY, _("no name server answered for %s (%s) in time"), name, type);
		break;
	}
	error_hint(err, "%s",
		   _("Check whether this machine is online and has a working name server; dns_resolver sets another."));
	return false;
}

/* ---- the helper ---- */

/* A process with more rights than its caller must not run a helper with the environment that the caller chose. */
static bool helper_usable(const struct dns_validator *v, struct error *err)
{
	const char *helper = v->runtime->helpers.dns;
	if (v->runtime->privileged)
		return error_set(err, ERROR_CONFIG, "%s",
				 _("signed DNS answers are not checked when running set-user-ID or set-group-ID"));
	if (helper && access(helper, X_OK) == 0)
		return true;
	(void)error_set(err, ERROR_CONFIG, _("the helper program for signed DNS answers is not installed (%s)"),
			helper ? helper : "posthaste-dns");
	error_hint(err, "%s",
		   _("Install the package that contains it, or build posthaste with libunbound. Without it, tls_dane "
		     "must be "
		     "off, and dns_resolver and dns_trust_anchor unset."));
	return false;
}

static void write_request(const struct dns_validator *v, const struct dns_question *questions, size_t n, msec_t left,
			  struct secret *out)
{
	AUTO_FREE char *resolvers = strvec_join(v->resolvers, " ");
	AUTO_FREE char *ms = xasprintf("%lld", (long long)left);
	secret_append_field(out, resolvers);
	secret_append_field(out, v->anchor);
	secret_append_field(out, ms);
	for (size_t i = 0; i < n; i++) {
		AUTO_FREE char *type = xasprintf("%d", (int)questions[i].type);
		secret_append_field(out, questions[i].name);
		secret_append_field(out, type);
	}
}

bool dns_validate(const struct dns_validator *v, const struct dns_question *questions, size_t n, msec_t deadline,
		  struct dns_answers *out, struct error *err)
{
	AUTO(secret) request = SECRET_INIT;
	AUTO(secret) answer = SECRET_INIT;
	const struct clock *clock = v->runtime->clock;
	msec_t end = deadline_min(deadline, deadline_in(clock, PATIENCE_MS)), now = clock_monotonic(clock);
	if (!helper_usable(v, err))
		return false;
	write_request(v, questions, n, end > now ? end - now : 0, &request);
	const struct proc_request child = {
		.argv = (const char *[]){v->runtime->helpers.dns, NULL},
		.runtime = v->runtime,
		.deadline = end + HELPER_SLACK_MS,
		.limit = ANSWER_LIMIT,
		.input = &request,
	};
	if (!proc_capture_secret(&child, &answer, err)) {
		if (err && err->status.kind == ERROR_SECRET_UNAVAILABLE)
			err->status.kind = ERROR_DNS_TEMPORARY;
		error_prefix(err, "%s", _("the DNS cannot be asked for signed answers"));
		return false;
	}
	return dns_answers_parse(secret_reveal(&answer), n, out, err);
}
