/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_stages: from what a delivery without message came to, to a verdict on
 * each of its stages.  Pure.
 */
#ifndef CLI_CHECK_STAGES_H
#define CLI_CHECK_STAGES_H

#include "transport/deliver.h"

enum check_verdict { CHECK_PASS, CHECK_FAIL, CHECK_SKIP };

struct check_stage {
	const char *name; /* "DNS", "certificate dates"; not translated, for scripts */
	enum check_verdict verdict;
	char *detail; /* what was found, or why not looked */
};
struct check_stages {
	struct check_stage *v;
	size_t n, cap;
};
#define CHECK_STAGES_INIT ((struct check_stages){NULL, 0, 0})
void check_stages_release(struct check_stages *s);

/* "PASS", "FAIL", "SKIP" */
const char *check_verdict_name(enum check_verdict verdict);
void check_stages_add(struct check_stages *s, const char *name, enum check_verdict verdict, char *detail);
/* Appends password, DNS, connection, certificate chain, dates, name and fingerprint, TLS, EHLO, AUTH and sender. r
 * NULL: nothing was tried. */
void check_stages_judge(struct check_stages *s, const struct account *a, const struct delivery_result *r, time_t now);

#endif
