/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/background.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <pthread.h>
#include <signal.h>

#define THREAD_STACK ((size_t)256 * 1024) /* the resolver's modules need less than this */

/* Shared by the caller and the thread; the last of the two to call background_leave() frees it. */
struct background {
	pthread_mutex_t lock;
	pthread_cond_t done_now;
	unsigned holders;
	bool done;
	struct background_job *job;
};

static struct background *background_new(struct background_job *job)
{
	struct background *b = xcalloc(1, sizeof(*b));
	pthread_condattr_t attr;
	(void)pthread_mutex_init(&b->lock, NULL); /* these four cannot fail */
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&b->done_now, &attr);
	(void)pthread_condattr_destroy(&attr);
	b->job = job;
	b->holders = 2;
	return b;
}

void background_leave(struct background *b)
{
	(void)pthread_mutex_lock(&b->lock);
	bool last = --b->holders == 0;
	(void)pthread_mutex_unlock(&b->lock);
	if (!last)
		return;
	b->job->free(b->job);
	(void)pthread_cond_destroy(&b->done_now);
	(void)pthread_mutex_destroy(&b->lock);
	free(b);
}

static void *background_thread(void *arg)
{
	struct background *b = arg;
	b->job->work(b->job);
	(void)pthread_mutex_lock(&b->lock);
	b->done = true;
	(void)pthread_cond_signal(&b->done_now);
	(void)pthread_mutex_unlock(&b->lock);
	background_leave(b);
	return NULL;
}

/* The thread blocks all signals, so that they are delivered to the caller's threads. */
static int background_start(struct background *b)
{
	pthread_t thread;
	pthread_attr_t attr;
	sigset_t all, before;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, THREAD_STACK); /* if refused, the default size is used */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&thread, &attr, background_thread, b);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return rc;
}

/* The deadline is read on the given clock; the condition variable waits on the system's monotonic clock. */
static bool background_wait(struct background *b, const struct clock *clock, msec_t deadline)
{
	(void)pthread_mutex_lock(&b->lock);
	while (!b->done) {
		int left = deadline_poll_ms(clock, deadline);
		if (left == 0)
			break;
		if (left < 0) {
			(void)pthread_cond_wait(&b->done_now, &b->lock);
			continue;
		}
		struct timespec until;
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += left / 1000;
		until.tv_nsec += (long)(left % 1000) * 1000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		(void)pthread_cond_timedwait(&b->done_now, &b->lock, &until);
	}
	bool done = b->done;
	(void)pthread_mutex_unlock(&b->lock);
	return done;
}

enum background_result background_run(struct background_job *job, const struct clock *clock, msec_t deadline,
				      struct background **held, struct error *err)
{
	struct background *b = background_new(job);
	*held = b;
	int rc = background_start(b);
	if (rc) {
		b->holders = 1; /* the thread was not created, so only the caller holds it */
		(void)error_set_errno(err, ERROR_SYSTEM, rc, _("cannot start a thread"));
		return BACKGROUND_FAILED;
	}
	return background_wait(b, clock, deadline) ? BACKGROUND_DONE : BACKGROUND_LATE;
}
