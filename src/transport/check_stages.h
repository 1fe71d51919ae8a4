/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_stages: from the result of a delivery that sends nothing to a verdict on each of its stages.  Pure.
 *
 * The stages are, in order: password, DNS, connection, certificate chain, dates, name and fingerprint, TLS, EHLO, AUTH,
 * sender.
 */
#ifndef TRANSPORT_CHECK_STAGES_H
#define TRANSPORT_CHECK_STAGES_H

#include "transport/delivery_request.h"

enum check_verdict { CHECK_PASS, CHECK_FAIL, CHECK_SKIP };

struct check_stage {
	const char *name; /* "DNS", "certificate dates"; not translated, for scripts */
	enum check_verdict verdict;
	char *detail; /* what was found, or why it was not checked */
	char *hint;   /* what to do next; NULL unless FAIL */
};
struct check_stages {
	struct check_stage *v;
	size_t n, cap;
	size_t next; /* the first stage of the list above that has no verdict yet */
};
#define CHECK_STAGES_INIT ((struct check_stages){NULL, 0, 0, 0})
void check_stages_release(struct check_stages *s);

/* "PASS", "FAIL", "SKIP" */
const char *check_verdict_name(enum check_verdict verdict);
/* Appends a stage that is not in the list; takes over detail. */
void check_stages_add(struct check_stages *s, const char *name, enum check_verdict verdict, char *detail);
/* Appends the stages before so_far->stage, which were passed (delivery_request.progress). */
void check_stages_passed(struct check_stages *s, const struct account *a, const struct delivery_result *so_far,
			 time_t now);
/* Appends all others; err is why it failed, and gives each FAIL its next step.  r NULL: nothing was tried. */
void check_stages_finish(struct check_stages *s, const struct account *a, const struct delivery_result *r,
			 const struct error *err, time_t now);
/* One line, with its end: "FAIL DNS: ...; next: ...".  On a terminal in columns and in colour, with the next step below
 * it. */
enum check_look { CHECK_PLAIN, CHECK_COLUMNS, CHECK_COLOURS };
void check_stage_format(const struct check_stage *stage, enum check_look look, struct strbuf *out);

#endif
