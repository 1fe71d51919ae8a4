/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_SCRIPT_H
#define SINK_SCRIPT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How the smarthost misbehaves on request.  A rule belongs to a stage of the
 * dialogue: "rcpt", or to one case of a stage: "rcpt:a@example.org",
 * "auth:PLAIN", "ehlo:tls", "ehlo:auth".  Rules for the case win over rules
 * for the stage.  "body:N" is the point N octets into the message.
 */
enum script_kind { SCRIPT_REPLY, SCRIPT_HANG, SCRIPT_CLOSE, SCRIPT_DRIP, SCRIPT_INJECT, SCRIPT_EARLY };

struct script_rule {
	enum script_kind kind;
	char *stage; /* "STAGE" or "STAGE:CASE" */
	char *text;  /* unescaped; NULL for hang, close, drip */
	size_t text_len;
	uint64_t at; /* N of "body:N", else UINT64_MAX */
};

struct script {
	struct script_rule *rules;
	size_t count;
	/* Uses per rule, in memory that all connections share; see script_share. */
	atomic_uint *used;
};

/*
 * Add a rule from the command line: "STAGE=TEXT" for reply, inject and
 * early-reply, "STAGE" for the others.  TEXT may hold \r \n \t \0 \\ \xHH.
 * Returns NULL, or what is wrong with the argument.
 */
const char *script_add(struct script *s, enum script_kind kind, const char *arg);
/* Move the counters to memory shared with child processes; call once before fork. */
bool script_share(struct script *s);
/*
 * The rule that answers now, or NULL for the usual answer.  Several reply
 * rules for one stage are used in turn over all connections; the last stays.
 * An empty TEXT means the usual answer.
 */
const struct script_rule *script_reply(const struct script *s, const char *stage, const char *detail);
/* Free the rules; the shared counters stay until the process ends. */
void script_release(struct script *s);
/* Is there a rule of this kind for the stage? */
const struct script_rule *script_find(const struct script *s, enum script_kind kind, const char *stage,
				      const char *detail);
/* The first body:N rule of any kind with N >= from, or NULL. */
const struct script_rule *script_body(const struct script *s, uint64_t from);

#endif
