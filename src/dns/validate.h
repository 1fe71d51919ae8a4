/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns_validate: asks the DNS and checks the answers' signatures (DNSSEC), through the helper program
 * src/helper/posthaste_dns.c, so that posthaste itself never loads libunbound.
 *
 * The request goes to the helper's standard input; every field ends with NUL:
 *	RESOLVERS NUL ANCHOR NUL MILLISECONDS NUL { NAME NUL TYPE NUL }...
 * RESOLVERS are "ADDRESS" or "ADDRESS@PORT", separated by spaces; none means those of /etc/resolv.conf.  ANCHOR is a
 * file with the keys that are trusted, TYPE a number.  All questions are asked at once.
 *
 * The answer comes from its standard output, one for each question, in their order:
 *	WORD NUL WHY NUL CANONICAL NUL NUMBER NUL { LENGTH NUL DATA }...
 * WORD is one of those in validate.c.  CANONICAL is the name that the records belong to after all aliases, without its
 * final dot.  NUMBER records follow, each with the length of its data, and the data as in a DNS message without
 * compression.  If nothing can be asked, there is only
 *	unusable NUL WHY NUL
 */
#ifndef DNS_VALIDATE_H
#define DNS_VALIDATE_H

#include "base/runtime.h"
#include "config/account.h"

enum dns_type { DNS_A = 1, DNS_CNAME = 5, DNS_MX = 15, DNS_AAAA = 28, DNS_SRV = 33, DNS_TLSA = 52 };

struct dns_question {
	const char *name; /* ASCII, as dns_name_ascii() makes it, with labels like "_tcp" before it */
	enum dns_type type;
};

enum dns_finding {
	DNS_RECORDS,
	DNS_NO_DATA, /* the name has no record of that type */
	DNS_NO_NAME, /* the name does not exist */
	DNS_BOGUS,   /* signatures are missing, wrong or expired */
	DNS_FAILED,  /* the name server could not answer */
	DNS_LATE     /* it did not answer in time */
};

struct dns_data {
	unsigned char *v;
	size_t n;
};

struct dns_answer {
	enum dns_finding finding;
	bool secure;	 /* the signatures prove it; only for the first three findings */
	char *why;	 /* of a failure, cleaned; otherwise empty */
	char *canonical; /* a host name; empty if it is none, or there are no records */
	struct dns_data *v;
	size_t n, cap;
};

struct dns_answers {
	struct dns_answer *v;
	size_t n, cap;
};
#define DNS_ANSWERS_INIT ((struct dns_answers){.v = NULL})
void dns_answers_release(struct dns_answers *answers);

/* The words of tls_dane. */
enum dane_mode { DANE_OFF, DANE_AUTO, DANE_REQUIRE };

struct dns_validator {
	const struct runtime *runtime;
	const struct strvec *resolvers;
	const char *anchor;
};

/* The validator that the account's settings ask for; false if they ask for none. */
bool dns_validator_of(const struct account *a, const struct runtime *runtime, struct dns_validator *out);

/* Reads the helper's answer to n questions.  False with ERROR_CONFIG if it says that nothing can be asked, and with
 * ERROR_DNS_TEMPORARY if it cannot be read. */
bool dns_answers_parse(struct span text, size_t n, struct dns_answers *out, struct error *err) MUST_CHECK;
/*
 * Asks all questions at once and waits for the answers, until the deadline or some seconds.  On success out has as many
 * answers as there are questions.  False with ERROR_CONFIG (the helper or the trust anchor is missing) or
 * ERROR_DNS_TEMPORARY.
 */
bool dns_validate(const struct dns_validator *v, const struct dns_question *questions, size_t n, msec_t deadline,
		  struct dns_answers *out, struct error *err) MUST_CHECK;
/* True if the answer says what the DNS has.  Otherwise false with ERROR_DNS_TEMPORARY, which names the question. */
bool dns_answer_known(const struct dns_answer *answer, const struct dns_question *question,
		      struct error *err) MUST_CHECK;

#endif
