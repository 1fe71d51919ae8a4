/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * together: asks several questions at the same time, each in a child process of its own, which is killed at the
 * deadline.  So no answer, however late or odd it is, keeps the others waiting or ends this process.
 *
 * The parent must have no other thread.
 */
#ifndef SETUP_TOGETHER_H
#define SETUP_TOGETHER_H

#include "base/clock.h"
#include "base/strbuf.h"

#define TOGETHER_MAX 8
#define TOGETHER_LIMIT ((size_t)256 << 10) /* bytes of an answer */

struct together_job {
	void (*work)(void *arg, struct strbuf *answer); /* in the child, without the terminal */
	void *arg;
	struct strbuf answer; /* empty if there is none */
	bool answered;
};

/* Returns when all have answered or ended, or at the deadline. */
void together_run(struct together_job *jobs, size_t n, const struct clock *clock, msec_t deadline);

#endif
