/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/changes.h"

#include "base/fsutil.h"
#include "base/xalloc.h"

#include <errno.h>

#ifdef HAVE_SYS_INOTIFY_H

#include <sys/inotify.h>

/* Our own changes are seen, too, and make us read the queue once more. */
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

static void watch_in_folder(struct changes *c, const char *folder, const char *name)
{
	uint32_t events = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_CREATE | IN_ONLYDIR;
	int wd = inotify_add_watch(c->files, *folder ? folder : "/", events);
	AUTO_FREE char *entry = xasprintf("%d %s", wd, name);
	if (wd >= 0 && !strvec_has(&c->names, entry))
		strvec_push(&c->names, entry);
}

/* The folder, because files are replaced by others; of a folder that does not exist, the one in which it may appear. */
static void watch_path(struct changes *c, const char *path)
{
	AUTO_FREE char *part = xstrdup(path);
	for (char *slash; (slash = strrchr(part, '/')) && slash[1];) {
		*slash = '\0';
		if (access(*part ? part : "/", X_OK) == 0 || errno != ENOENT) {
			watch_in_folder(c, part, slash + 1);
			return;
		}
	}
}

/* False: it has to be looked at from time to time. */
static bool watch_file(struct changes *c, const char *path)
{
	if (c->folders < 0)
		return false;
	if (c->files < 0)
		c->files = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (c->files < 0)
		return true; /* so many watches are in use that no other one is to be had: the queue's is enough */
	AUTO_FREE char *real = realpath(path, NULL); /* of a link, the file it leads to changes, too */
	watch_path(c, path);
	if (real && strcmp(real, path) != 0)
		watch_path(c, real);
	return true;
}

/* A file that appears is of interest once it has been written, a folder at once. */
static bool is_watched(const struct changes *c, const struct inotify_event *event)
{
	if (event->mask & (IN_Q_OVERFLOW | IN_IGNORED))
		return true;
	if (!event->len || ((event->mask & IN_CREATE) && !(event->mask & IN_ISDIR)))
		return false;
	AUTO_FREE char *entry = xasprintf("%d %s", event->wd, event->name);
	return strvec_has(&c->names, entry);
}

bool changes_in_files(struct changes *c)
{
	_Alignas(struct inotify_event) char buf[4096];
	bool changed = false;
	ssize_t n;
	while (c->files >= 0 && ((n = read(c->files, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR)))
		for (char *at = buf; n > 0 && at < buf + n;) {
			const struct inotify_event *event = (const void *)at;
			changed |= is_watched(c, event);
			at += sizeof(*event) + event->len;
		}
	return changed;
}

void changes_forget(struct changes *c)
{
	_Alignas(struct inotify_event) char buf[4096];
	ssize_t n = 1;
	while (c->folders >= 0 && (n > 0 || errno == EINTR))
		n = read(c->folders, buf, sizeof(buf));
}

#else

static int watch_folders(const char *folder)
{
	(void)folder;
	return -1;
}

static bool watch_file(struct changes *c, const char *path)
{
	(void)c;
	(void)path;
	return false;
}

bool changes_in_files(struct changes *c)
{
	(void)c;
	return false;
}

void changes_forget(struct changes *c)
{
	(void)c;
}

#endif

/* ---- looking from time to time ------------------------------------------------ */

/* The time a folder was changed, which is when a name in it came, went or was replaced. */
static void add_states(const struct changes *c, struct strbuf *state)
{
	for (size_t i = 0; i < c->names.n; i++)
		fs_add_state(state, c->names.v[i]);
}

bool changes_seen(struct changes *c)
{
	AUTO(strbuf) now = STRBUF_INIT;
	add_states(c, &now);
	bool same = now.len == c->state.len && memcmp(now.buf, c->state.buf, now.len) == 0;
	strbuf_reset(&c->state);
	strbuf_add_span(&c->state, strbuf_span(&now));
	return !same;
}

int changes_look_ms(const struct changes *c)
{
	return c->folders < 0 ? CHANGES_LOOK_MS : -1;
}

/* ---- both ways ------------------------------------------------------------------ */

void changes_open(struct changes *c, const char *folder)
{
	*c = (struct changes){.folders = watch_folders(folder), .files = -1};
	if (c->folders >= 0)
		return;
	strvec_pushf(&c->names, "%s/new", folder);
	strvec_pushf(&c->names, "%s/state", folder);
	(void)changes_seen(c);
}

void changes_close(struct changes *c)
{
	if (c->folders >= 0)
		(void)close(c->folders);
	if (c->files >= 0)
		(void)close(c->files);
	strvec_release(&c->names);
	strbuf_release(&c->state);
}

void changes_watch(struct changes *c, const char *path)
{
	if (path[0] != '/' || watch_file(c, path) || strvec_has(&c->names, path))
		return;
	strvec_push(&c->names, path);
	add_states(&(struct changes){.names = {.v = &c->names.v[c->names.n - 1], .n = 1}}, &c->state);
}
