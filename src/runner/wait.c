/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/wait.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define LOOK_AGAIN_MS 30000

/*
 * Watches for messages that come or go, claims that end (the file is closed, also by a process that died), and states
 * that change.  Our own changes are seen, too, and make us read the queue once more.
 */
static int watch_folders(const char *folder)
{
	static const struct {
		const char *name;
		uint32_t events;
	} subs[] = {{"new", IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE}, {"state", IN_MOVED_TO | IN_DELETE}};
	AUTO_FD int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	for (size_t i = 0; fd >= 0 && i < ARRAY_SIZE(subs); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", folder, subs[i].name);
		if (inotify_add_watch(fd, path, subs[i].events | IN_ONLYDIR) < 0)
			return -1;
	}
	return steal_fd(&fd);
}

bool queue_wait_open(struct queue_wait *watch, const char *folder, struct error *err)
{
	static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
	sigset_t set;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		(void)sigaddset(&set, ends[i]);
	*watch = (struct queue_wait){.notify = watch_folders(folder),
				     .files = -1,
				     .timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)};
	watch->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	int errnum = errno;
	(void)sigprocmask(SIG_BLOCK, &set, &watch->before);
	if (watch->timer >= 0 && watch->signals >= 0)
		return true;
	queue_wait_close(watch);
	return error_set_errno(err, ERROR_SYSTEM, errnum, "%s", _("cannot wait for the queue"));
}

void queue_wait_close(struct queue_wait *watch)
{
	const int fds[] = {watch->notify, watch->files, watch->timer, watch->signals};
	(void)sigprocmask(SIG_SETMASK, &watch->before, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	strvec_release(&watch->names);
}

/* ---- files ------------------------------------------------------------------- */

static void watch_in_folder(struct queue_wait *watch, const char *folder, const char *name)
{
	uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_CREATE | IN_ONLYDIR;
	int wd = inotify_add_watch(watch->files, *folder ? folder : "/", events);
	AUTO_FREE char *entry = xasprintf("%d %s", wd, name);
	if (wd >= 0 && !strvec_has(&watch->names, entry))
		strvec_push(&watch->names, entry);
}

/* The folder, because files are replaced by others; of a folder that does not exist, the one in which it may appear. */
static void watch_path(struct queue_wait *watch, const char *path)
{
	AUTO_FREE char *part = xstrdup(path);
	for (char *slash; (slash = strrchr(part, '/')) && slash[1];) {
		*slash = '\0';
		if (access(*part ? part : "/", X_OK) == 0 || errno != ENOENT) {
			watch_in_folder(watch, part, slash + 1);
			return;
		}
	}
}

void queue_wait_watch(struct queue_wait *watch, const char *path)
{
	if (watch->files < 0)
		watch->files = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->files < 0 || path[0] != '/')
		return;
	AUTO_FREE char *real = realpath(path, NULL); /* of a link, the file it leads to changes, too */
	watch_path(watch, path);
	if (real && strcmp(real, path) != 0)
		watch_path(watch, real);
}

/* A file that appears is of interest once it has been written, a folder at once. */
static bool is_watched(const struct queue_wait *watch, const struct inotify_event *event)
{
	if (event->mask & (IN_Q_OVERFLOW | IN_IGNORED))
		return true;
	if (!event->len || ((event->mask & IN_CREATE) && !(event->mask & IN_ISDIR)))
		return false;
	AUTO_FREE char *entry = xasprintf("%d %s", event->wd, event->name);
	return strvec_has(&watch->names, entry);
}

/* Reads what has happened; true if a watched file has changed. */
static bool files_changed(struct queue_wait *watch)
{
	_Alignas(struct inotify_event) char buf[4096];
	bool changed = false;
	ssize_t n;
	while (watch->files >= 0 && ((n = read(watch->files, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR)))
		for (char *at = buf; n > 0 && at < buf + n;) {
			const struct inotify_event *event = (const void *)at;
			changed |= is_watched(watch, event);
			at += sizeof(*event) + event->len;
		}
	return changed;
}

/* ---- waiting ----------------------------------------------------------------- */

/* Empties the descriptor; true if there was anything. */
static bool empty_descriptor(int fd)
{
	_Alignas(struct inotify_event) char buf[4096];
	bool any = false;
	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));
		if (n > 0)
			any = true;
		else if (n == 0 || errno != EINTR)
			return any;
	}
}

bool queue_wait_stopped(struct queue_wait *watch)
{
	if (empty_descriptor(watch->signals))
		watch->stopped = true;
	return watch->stopped;
}

/* The wait ends early if the clock is set: the caller checks the time again. */
static void set_timer(const struct queue_wait *watch, int64_t until_ms)
{
	struct itimerspec at = {
		.it_value = {.tv_sec = (time_t)(until_ms / 1000), .tv_nsec = (long)(until_ms % 1000) * 1000000}};
	if (until_ms <= 0)
		at.it_value = (struct timespec){0, 1}; /* 0 would disarm the timer */
	(void)timerfd_settime(watch->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, NULL);
}

bool queue_wait_until(struct queue_wait *watch, int64_t until_ms, bool wakes)
{
	struct pollfd fds[] = {{watch->signals, POLLIN, 0},
			       {watch->timer, POLLIN, 0},
			       {wakes ? watch->notify : -1, POLLIN, 0},
			       {wakes ? watch->files : -1, POLLIN, 0}};
	if (queue_wait_stopped(watch))
		return false;
	set_timer(watch, until_ms);
	do
		(void)poll(fds, ARRAY_SIZE(fds), wakes && watch->notify < 0 ? LOOK_AGAIN_MS : -1);
	while (fds[3].revents && !(fds[0].revents | fds[1].revents | fds[2].revents) && !files_changed(watch));
	/* emptied before the queue is read, so that no change in between is missed */
	if (wakes && watch->notify >= 0)
		(void)empty_descriptor(watch->notify);
	return !queue_wait_stopped(watch);
}
