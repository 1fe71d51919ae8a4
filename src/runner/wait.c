/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/wait.h"

#include "base/i18n.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define LOOK_AGAIN_MS 30000 /* where no descriptor tells */

/* ---- the time ------------------------------------------------------------------ */

#ifdef HAVE_SYS_TIMERFD_H

#include <sys/timerfd.h>

static int timer_open(void)
{
	return timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
}

/* The wait ends early if the clock is set: the caller checks the time again. */
static void timer_set(int timer, int64_t until_ms)
{
	struct itimerspec at = {
		.it_value = {.tv_sec = (time_t)(until_ms / 1000), .tv_nsec = (long)(until_ms % 1000) * 1000000}};
	if (until_ms <= 0)
		at.it_value = (struct timespec){0, 1}; /* 0 would disarm the timer */
	(void)timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, NULL);
}

#else

static int timer_open(void)
{
	return -1;
}

static void timer_set(int timer, int64_t until_ms)
{
	(void)timer;
	(void)until_ms;
}

#endif

/* How long to wait at most for the descriptors; -1: the timer ends the wait.  Without it the clock is read again after
 * LOOK_AGAIN_MS, as it may have been set. */
static int longest_wait(const struct queue_wait *watch, int64_t until_ms, bool wakes)
{
	int look = wakes ? changes_look_ms(&watch->changes) : -1;
	if (watch->timer >= 0)
		return look;
	int64_t left = until_ms - clock_wall_ms(watch->clock);
	if (look < 0)
		look = LOOK_AGAIN_MS;
	return left <= 0 ? 0 : left < look ? (int)left : look;
}

/* ---- opening ------------------------------------------------------------------- */

bool queue_wait_open(struct queue_wait *watch, const char *folder, const struct clock *clock, struct error *err)
{
	static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
	*watch = (struct queue_wait){.timer = -1, .clock = clock};
	if (!signal_watch_begin(&watch->signals, ends, ARRAY_SIZE(ends)))
		return error_set_errno(err, ERROR_SYSTEM, errno, "%s", _("cannot wait for the queue"));
	changes_open(&watch->changes, folder);
	watch->timer = timer_open();
	return true;
}

void queue_wait_close(struct queue_wait *watch)
{
	signal_watch_end(&watch->signals);
	changes_close(&watch->changes);
	if (watch->timer >= 0)
		(void)close(watch->timer);
}

void queue_wait_renew(struct queue_wait *watch)
{
	signal_watch_renew(&watch->signals);
}

void queue_wait_watch(struct queue_wait *watch, const char *path)
{
	changes_watch(&watch->changes, path);
}

/* ---- waiting ----------------------------------------------------------------- */

bool queue_wait_stopped(struct queue_wait *watch)
{
	while (signal_watch_take(&watch->signals))
		watch->stopped = true;
	return watch->stopped;
}

/* Nothing has come for so long: true if the wait is over all the same. */
static bool is_over(struct queue_wait *watch, int64_t until_ms, bool wakes, int waited_ms)
{
	if (watch->timer < 0 && clock_wall_ms(watch->clock) >= until_ms)
		return true;
	return wakes && changes_look_ms(&watch->changes) >= 0 &&
	       (waited_ms >= LOOK_AGAIN_MS || changes_seen(&watch->changes));
}

bool queue_wait_until(struct queue_wait *watch, int64_t until_ms, bool wakes)
{
	enum { SIGNALS, TIMER, FOLDERS, FILES };
	struct pollfd fds[] = {[SIGNALS] = {watch->signals.fd, POLLIN, 0},
			       [TIMER] = {watch->timer, POLLIN, 0},
			       [FOLDERS] = {wakes ? watch->changes.folders : -1, POLLIN, 0},
			       [FILES] = {wakes ? watch->changes.files : -1, POLLIN, 0}};
	int waited_ms = 0;
	bool over = false;
	if (queue_wait_stopped(watch))
		return false;
	timer_set(watch->timer, until_ms);
	while (!over) {
		int ms = longest_wait(watch, until_ms, wakes);
		int n = poll(fds, ARRAY_SIZE(fds), ms);
		over = n < 0 || fds[SIGNALS].revents || fds[TIMER].revents || fds[FOLDERS].revents;
		if (!over && n > 0)
			over = changes_in_files(&watch->changes);
		else if (!over)
			over = is_over(watch, until_ms, wakes, waited_ms += ms);
	}
	if (wakes)
		changes_forget(&watch->changes);
	return !queue_wait_stopped(watch);
}
