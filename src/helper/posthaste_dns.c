/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * posthaste-dns: asks the DNS for posthaste and checks the answers' signatures; dns/validate.h describes the request on
 * standard input and the answer on standard output.  This is a program of its own so that libunbound is loaded only
 * for accounts that want signed answers.
 *
 * All questions are asked at once.  What has no answer at the deadline gets the word "timeout".
 */
#include "base/clock.h"
#include "base/strbuf.h"
#include "helper/helper_io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include <unbound.h>

#define REQUEST_LIMIT 65536
#define QUESTIONS_MAX 8
#define RECORDS_MAX 64
#define CLASS_IN 1
#define RCODE_NXDOMAIN 3

struct question {
	struct span name; /* ends in NUL */
	int type;
	bool answered;
	int failure; /* of libunbound, 0: none */
	struct ub_result *result;
};

struct request {
	struct secret all;
	struct span resolvers, anchor; /* parts of all, each followed by NUL */
	msec_t deadline;
	struct question questions[QUESTIONS_MAX];
	size_t n;
};

/* ---- talking to posthaste ------------------------------------------- */

static bool take_number(struct span *rest, unsigned long long max, unsigned long long *n)
{
	struct span field;
	return span_field(rest, &field) && span_to_u64(field, n) && *n <= max;
}

static bool read_request(struct request *r)
{
	unsigned long long ms, type;
	if (!helper_read_request(&r->all, REQUEST_LIMIT))
		return false;
	struct span rest = secret_reveal(&r->all);
	if (!span_field(&rest, &r->resolvers) || !span_field(&rest, &r->anchor) || !take_number(&rest, 3600000, &ms))
		return false;
	r->deadline = deadline_in(&clock_system, (msec_t)ms);
	while (rest.len) {
		if (r->n == QUESTIONS_MAX)
			return false;
		struct question *q = &r->questions[r->n++];
		if (!span_field(&rest, &q->name) || !take_number(&rest, 65535, &type))
			return false;
		q->type = (int)type;
	}
	return r->n > 0;
}

static void add_number(struct strbuf *answer, size_t n)
{
	strbuf_addf(answer, "%zu", n);
	strbuf_addch(answer, '\0');
}

/* An answer without records. */
static void add_failure(struct strbuf *answer, const char *word, const char *why)
{
	strbuf_add_field(answer, word);
	strbuf_add_field(answer, why);
	strbuf_add_field(answer, "");
	add_number(answer, 0);
}

/* ---- answers ---------------------------------------------------------- */

static const char *rcode_name(int rcode)
{
	static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
	return rcode >= 0 && (size_t)rcode < ARRAY_SIZE(names) ? names[rcode] : "an unknown code";
}

static void add_canonical(struct strbuf *answer, const char *name)
{
	struct span sp = span_of(name ? name : "");
	if (sp.len && sp.ptr[sp.len - 1] == '.')
		sp.len--;
	strbuf_add_span(answer, sp);
	strbuf_addch(answer, '\0');
}

static void add_records(struct strbuf *answer, const struct ub_result *r)
{
	size_t n = 0;
	while (n < RECORDS_MAX && r->data[n])
		n++;
	add_number(answer, n);
	for (size_t i = 0; i < n; i++) {
		add_number(answer, (size_t)r->len[i]);
		strbuf_add_span(answer, span_make(r->data[i], (size_t)r->len[i]));
	}
}

static void add_result(struct strbuf *answer, const struct ub_result *r)
{
	bool none = r->nxdomain || r->rcode == RCODE_NXDOMAIN;
	if (r->bogus) {
		add_failure(answer, "bogus", r->why_bogus ? r->why_bogus : "");
	} else if (r->rcode && !none) {
		add_failure(answer, "failed", rcode_name(r->rcode));
	} else if (r->havedata) {
		strbuf_add_field(answer, r->secure ? "secure" : "insecure");
		strbuf_add_field(answer, "");
		add_canonical(answer, r->canonname);
		add_records(answer, r);
	} else if (none) {
		add_failure(answer, r->secure ? "secure nxdomain" : "insecure nxdomain", "");
	} else {
		add_failure(answer, r->secure ? "secure nodata" : "insecure nodata", "");
	}
}

static void add_answer(struct strbuf *answer, const struct question *q)
{
	if (!q->answered)
		add_failure(answer, "timeout", "");
	else if (q->failure || !q->result)
		add_failure(answer, "failed", ub_strerror(q->failure));
	else
		add_result(answer, q->result);
}

/* ---- libunbound --------------------------------------------------------- */

static bool set_options(struct ub_ctx *ctx)
{
	static const char *const options[][2] = {
		{"module-config:", "validator iterator"},
		{"do-not-query-localhost:", "no"}, /* the machine's own resolver */
	};
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (ub_ctx_set_option(ctx, options[i][0], options[i][1]) != 0)
			return false;
	return ub_ctx_async(ctx, 1) == 0; /* by a thread: a process would outlive us when we are killed */
}

static int set_resolvers(struct ub_ctx *ctx, struct span resolvers)
{
	if (!span_trim(resolvers).len)
		return ub_ctx_resolvconf(ctx, NULL);
	for (struct span rest = resolvers, word; (word = span_word(&rest)).len;) {
		AUTO(strbuf) address = STRBUF_INIT;
		strbuf_add_span(&address, word);
		int failure = ub_ctx_set_fwd(ctx, address.buf);
		if (failure)
			return failure;
	}
	return 0;
}

/* The library answers for these names itself unless they are removed; the name servers know better.  It reads the
 * trust anchor at the first removal. */
static int leave_zones_to_servers(struct ub_ctx *ctx)
{
	static const char *const zones[] = {"test.", "home.arpa."};
	int failure = 0;
	for (size_t i = 0; i < ARRAY_SIZE(zones) && !failure; i++)
		failure = ub_ctx_zone_remove(ctx, zones[i]);
	return failure;
}

/* Sets up the library; if it cannot be used, says why in why. */
static bool set_up(struct ub_ctx *ctx, const struct request *r, struct strbuf *why)
{
	if (!set_options(ctx)) {
		strbuf_adds(why, "libunbound does not accept its settings");
		return false;
	}
	int failure = set_resolvers(ctx, r->resolvers);
	if (failure) {
		strbuf_addf(why, "name servers (%s): %s", r->resolvers.len ? r->resolvers.ptr : "/etc/resolv.conf",
			    ub_strerror(failure));
		return false;
	}
	int fd = open(r->anchor.ptr, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		strbuf_addf(why, "trust anchor %s: %s", r->anchor.ptr, strerror(errno));
		return false;
	}
	(void)close(fd);
	failure = ub_ctx_add_ta_file(ctx, r->anchor.ptr);
	if (!failure)
		failure = leave_zones_to_servers(ctx);
	if (failure)
		strbuf_addf(why, "trust anchor %s: it has no usable keys (%s)", r->anchor.ptr, ub_strerror(failure));
	return !failure;
}

static void take_result(void *arg, int failure, struct ub_result *result)
{
	struct question *q = arg;
	q->answered = true;
	q->failure = failure;
	q->result = result;
}

static bool all_answered(const struct request *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (!r->questions[i].answered)
			return false;
	return true;
}

static void ask_all(struct ub_ctx *ctx, struct request *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct question *q = &r->questions[i];
		int failure = ub_resolve_async(ctx, q->name.ptr, q->type, CLASS_IN, q, take_result, NULL);
		if (failure)
			take_result(q, failure, NULL);
	}
	struct pollfd pfd = {.fd = ub_fd(ctx), .events = POLLIN};
	while (!all_answered(r)) {
		int n = poll(&pfd, 1, deadline_poll_ms(&clock_system, r->deadline));
		if (n == 0 || (n < 0 && errno != EINTR) || (n > 0 && ub_process(ctx) != 0))
			break;
	}
}

static void handle_request(struct request *r, struct strbuf *answer)
{
	AUTO(strbuf) why = STRBUF_INIT;
	struct ub_ctx *ctx = ub_ctx_create();
	if (ctx && set_up(ctx, r, &why)) {
		ask_all(ctx, r);
		for (size_t i = 0; i < r->n; i++)
			add_answer(answer, &r->questions[i]);
	} else {
		strbuf_add_field(answer, "unusable");
		strbuf_add_field(answer, ctx ? why.buf : "out of memory");
	}
	helper_write(answer->buf, answer->len);
	(void)close(STDOUT_FILENO);
	for (size_t i = 0; i < r->n; i++)
		ub_resolve_free(r->questions[i].result);
	if (ctx)
		ub_ctx_delete(ctx);
}

/* ---- main ----------------------------------------------------------- */

/* Standard error is the user's terminal, and posthaste reports failures; the library prints there. */
static void silence(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null >= 0)
		(void)dup2(null, STDERR_FILENO);
}

int main(void)
{
	struct request r = {.all = SECRET_INIT};
	AUTO(strbuf) answer = STRBUF_INIT;
	helper_protect();
	if (!read_request(&r)) {
		(void)fputs("posthaste-dns is run by posthaste and cannot be used directly\n", stderr);
		secret_release(&r.all);
		return EX_USAGE;
	}
	silence();
	handle_request(&r, &answer);
	secret_release(&r.all);
	return EX_OK;
}
