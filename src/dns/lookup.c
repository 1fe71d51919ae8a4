/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dns/lookup.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "net/background.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>

#define ANSWER_ROOM 65535

/* ---- answers ---- */

bool dns_message_report_malformed(struct error *err)
{
	return error_set(err, ERROR_DNS_TEMPORARY, _("the name server's answer cannot be read"));
}

/*
 * The message is parsed here: glibc has ns_initparse() and ns_parserr() in libresolv, and loading another library at
 * every start costs too much for a few records that are rarely needed.  Names are decoded by dn_skipname() and
 * ns_name_uncompress(), which are in libc since 2.34.
 */
struct answer {
	const unsigned char *at, *end;
};

static bool skip(struct answer *a, size_t n)
{
	if ((size_t)(a->end - a->at) < n)
		return false;
	a->at += n;
	return true;
}

static bool skip_name(struct answer *a)
{
	int n = dn_skipname(a->at, a->end);
	return n > 0 && skip(a, (size_t)n);
}

unsigned dns_message_number(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

bool dns_message_name(const struct dns_message *message, const unsigned char *at, char *name)
{
	if (ns_name_uncompress(message->v, message->v + message->n, at, name, DNS_NAME_ROOM) < 0)
		return false;
	if (strcmp(name, ".") == 0)
		*name = '\0';
	return true;
}

struct reading {
	const struct dns_message *message;
	enum dns_type type;
	dns_take *take;
	void *arg;
};

/* RFC 1035 section 4.1.3: NAME TYPE CLASS TTL RDLENGTH RDATA */
static bool read_record(const struct reading *r, struct answer *a)
{
	if (!skip_name(a))
		return false;
	const unsigned char *head = a->at;
	if (!skip(a, NS_RRFIXEDSZ))
		return false;
	const unsigned char *data = a->at;
	size_t len = dns_message_number(head + 8);
	if (!skip(a, len))
		return false;
	return dns_message_number(head) != r->type || dns_message_number(head + 2) != ns_c_in ||
	       r->take(r->arg, r->message, data, len);
}

/* RFC 1035 section 4.1.1, RFC 4035 section 3.2.3.  QR is set in an answer. */
enum { HEADER_QR = 0x8000, HEADER_TC = 0x0200, HEADER_AD = 0x0020, HEADER_RCODE = 0x000f };

bool dns_message_read(const struct dns_message *message, enum dns_type type, dns_take *take, void *arg, bool *secure,
		      struct error *err)
{
	const struct reading r = {message, type, take, arg};
	struct answer a = {message->v, message->v + message->n};
	if (message->n > ANSWER_ROOM || !skip(&a, NS_HFIXEDSZ))
		return dns_message_report_malformed(err);
	unsigned flags = dns_message_number(message->v + 2), rcode = flags & HEADER_RCODE;
	if (!(flags & HEADER_QR))
		return dns_message_report_malformed(err);
	if (rcode != ns_r_noerror && rcode != ns_r_nxdomain)
		return error_set(err, ERROR_DNS_TEMPORARY, _("the name server could not answer (code %d)"), (int)rcode);
	if (flags & HEADER_TC)
		return dns_message_report_malformed(err);
	for (unsigned n = dns_message_number(message->v + 4); n; n--)
		if (!skip_name(&a) || !skip(&a, NS_QFIXEDSZ))
			return dns_message_report_malformed(err);
	for (unsigned n = dns_message_number(message->v + 6); n; n--)
		if (!read_record(&r, &a))
			return dns_message_report_malformed(err);
	*secure = flags & HEADER_AD;
	return true;
}

/* ---- the DNS ---- */

/*
 * res_search() and its relatives drop answers without records; res_mkquery() and res_send() keep the message.  glibc
 * clears the AD bit unless resolv.conf has "trust-ad".
 */
#ifdef HAVE_RES_NINIT

static int system_ask(const struct srv_dns *dns, const struct dns_question *asked, unsigned char *answer, size_t room)
{
	struct __res_state state = {.options = 0};
	unsigned char question[NS_PACKETSZ];
	(void)dns;
	if (res_ninit(&state) < 0)
		return -1;
	int n = res_nmkquery(&state, ns_o_query, asked->name, ns_c_in, (int)asked->type, NULL, 0, NULL, question,
			     sizeof(question));
	n = n < 0 ? n : res_nsend(&state, question, n, answer, (int)room);
	res_nclose(&state);
	return n;
}

#else /* musl has no state; glibc, where this is tested, has one for each thread */

static int system_ask(const struct srv_dns *dns, const struct dns_question *asked, unsigned char *answer, size_t room)
{
	unsigned char question[NS_PACKETSZ];
	(void)dns;
	int n = res_mkquery(ns_o_query, asked->name, ns_c_in, (int)asked->type, NULL, 0, NULL, question,
			    sizeof(question));
	return n < 0 ? n : res_send(question, n, answer, (int)room);
}

#endif

const struct srv_dns srv_dns_system = {system_ask};

/* A question owns its memory, so that it can be left running when the deadline passes.  dns and what it points to
 * must live until the program ends. */
struct question {
	struct background_job job; /* must be first: a pointer to the job is a pointer to the question */
	const struct srv_dns *dns;
	char *name;
	enum dns_type type;
	unsigned char *answer;
	int len;
};

static void question_work(struct background_job *job)
{
	struct question *q = (struct question *)job;
	q->len = q->dns->ask(q->dns, &(struct dns_question){q->name, q->type}, q->answer, ANSWER_ROOM);
}

static void question_free(struct background_job *job)
{
	struct question *q = (struct question *)job;
	free(q->name);
	free(q->answer);
	free(q);
}

static bool report_no_answer(struct error *err, const char *name, const char *what)
{
	(void)error_set(err, ERROR_DNS_TEMPORARY, _("looking up the servers of %s: %s"), name, what);
	error_hint(err, "%s", _("Check whether this machine is online and has a working resolver."));
	return false;
}

bool dns_lookup(const struct runtime *runtime, const struct dns_question *question, msec_t deadline, dns_take *take,
		void *arg, bool *secure, struct error *err)
{
	struct question *q = xcalloc(1, sizeof(*q));
	struct background *held;
	AUTO(error) why = ERROR_INIT;
	bool ok = false;
	const char *name = question->name;
	*q = (struct question){
		{question_work, question_free}, runtime->dns, xstrdup(name), question->type, xmalloc(ANSWER_ROOM), -1};
	switch (background_run(&q->job, runtime->clock, deadline, &held, err)) {
	case BACKGROUND_DONE:
		if (q->len < 0)
			(void)report_no_answer(err, name, _("no name server answered"));
		else if (!dns_message_read(&(struct dns_message){q->answer, (size_t)q->len}, question->type, take, arg,
					   secure, &why))
			(void)report_no_answer(err, name, why.status.text);
		else
			ok = true;
		break;
	case BACKGROUND_LATE: (void)report_no_answer(err, name, _("it took too long")); break;
	case BACKGROUND_FAILED: break;
	}
	background_leave(held);
	return ok;
}
