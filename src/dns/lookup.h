/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns_lookup: asks the name servers of this computer for records of one type, and reads their answers.
 */
#ifndef DNS_LOOKUP_H
#define DNS_LOOKUP_H

#include "dns/validate.h"

#define DNS_NAME_ROOM 1025 /* for a name as text, with its escapes */

/*
 * The DNS, replaceable in tests.  ask() stores the answer to a question in answer and returns its length, also if the
 * answer contains no record; -1 if there is no answer.  It may block: it runs in a thread.
 */
struct srv_dns {
	int (*ask)(const struct srv_dns *dns, const struct dns_question *question, unsigned char *answer, size_t room);
};
extern const struct srv_dns srv_dns_system;

struct dns_message {
	const unsigned char *v;
	size_t n;
};
/* Gets the data of a record, which is part of the message.  False: it cannot be read. */
typedef bool dns_take(void *arg, const struct dns_message *message, const unsigned char *data, size_t len);

/* Calls take() for each record of the type, in their order.  *secure: the message says that its signatures were
 * checked.  False with ERROR_DNS_TEMPORARY if it is not a DNS answer or says that the server failed. */
bool dns_message_read(const struct dns_message *message, enum dns_type type, dns_take *take, void *arg, bool *secure,
		      struct error *err) MUST_CHECK;
/* The name at this place of the message, DNS_NAME_ROOM bytes, without its final dot; empty for the root. */
bool dns_message_name(const struct dns_message *message, const unsigned char *at, char *name) MUST_CHECK;
/* Two octets. */
unsigned dns_message_number(const unsigned char *at);
/* Sets the error of a record that cannot be read; returns false. */
bool dns_message_report_malformed(struct error *err);

/* Asks, and reads the answer.  False with ERROR_DNS_TEMPORARY or ERROR_SYSTEM. */
bool dns_lookup(const struct runtime *runtime, const struct dns_question *question, msec_t deadline, dns_take *take,
		void *arg, bool *secure, struct error *err) MUST_CHECK;

#endif
