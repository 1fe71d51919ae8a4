/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/spool_private.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <unistd.h>

#define FORMAT_LINE "posthaste queue 1\n"
#define FORMAT_NAME "posthaste queue "
#define LEFTOVER_SECONDS 3600

/* ---- opening ------------------------------------------------------------ */

static bool check_folder(struct spool *spool, int fd, const char *name, struct error *err)
{
	struct stat st;
	if (spool->ops->fstat(spool->ops, fd, &st) < 0)
		return spool_fault(err, errno, _("cannot find out who owns the folder %s%s"), spool->path, name);
	if (st.st_uid != spool->owner) {
		(void)error_set(err, ERROR_CONFIG, _("the queue's folder %s%s belongs to another user (user id %lu)"),
				spool->path, name, (unsigned long)st.st_uid);
		error_hint(err, "%s", _("Move it away; a new one is made automatically."));
		return false;
	}
	if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		(void)error_set(err, ERROR_CONFIG, _("the queue's folder %s%s can be used by others (mode %04o)"),
				spool->path, name, (unsigned)(st.st_mode & 07777));
		error_hint(err, _("Keep it to yourself: chmod 700 %s%s"), spool->path, name);
		return false;
	}
	return true;
}

/* 1, 0 (there is none), -1.  name begins with a slash (or is empty) and is used in messages only. */
static int open_folder(struct spool *spool, int dir, const char *path, const char *name, int *fd, struct error *err)
{
	int got = spool->ops->openat(spool->ops, dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (got < 0 && errno == ENOENT)
		return 0;
	if (got < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		(void)error_set(err, ERROR_CONFIG, _("the place of the queue, %s%s, is not a folder"), spool->path,
				name);
		error_hint(err, "%s",
			   _("Move it away; the folder is made automatically.  It must not be a symbolic link."));
		return -1;
	}
	if (got < 0) {
		(void)spool_fault(err, errno, _("cannot open the queue's folder %s%s"), spool->path, name);
		return -1;
	}
	if (!check_folder(spool, got, name, err)) {
		spool_close(spool, got);
		return -1;
	}
	*fd = got;
	return 1;
}

/* Makes the folder and those above it. */
static bool make_path(struct spool *spool, struct error *err)
{
	for (const char *slash = spool->path + 1; slash;) {
		slash = strchr(slash, '/');
		AUTO_FREE char *part =
			xmemdup0(spool->path, slash ? (size_t)(slash - spool->path) : strlen(spool->path));
		if (spool->ops->mkdirat(spool->ops, AT_FDCWD, part, S_IRWXU) < 0 && errno != EEXIST) {
			int errnum = errno;
			int fd = spool->ops->openat(spool->ops, AT_FDCWD, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC,
						    0); /* EROFS is reported even for a folder that exists */
			if (fd < 0)
				return spool_fault(err, errnum, _("cannot create the folder %s"), part);
			spool_close(spool, fd);
		}
		slash = slash ? slash + 1 : NULL;
	}
	return true;
}

/* The process that made the folders may have died before it synced them, so all that we may open are synced. */
static bool sync_path(struct spool *spool, struct error *err)
{
	for (const char *end = spool->path + strlen(spool->path); end > spool->path;) {
		while (--end > spool->path && *end != '/')
			;
		AUTO_FREE char *part =
			end > spool->path ? xmemdup0(spool->path, (size_t)(end - spool->path)) : xstrdup("/");
		int fd = spool->ops->openat(spool->ops, AT_FDCWD, part, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
		if (fd < 0)
			continue;
		int rc = spool->ops->fsync(spool->ops, fd);
		int errnum = errno;
		spool_close(spool, fd);
		if (rc < 0 && (errnum == EIO || errnum == ENOSPC || errnum == EDQUOT))
			return spool_fault(err, errnum, _("cannot sync %s to disk"), part);
	}
	return true;
}

struct subfolder {
	const char *name, *text;
	int *fd;
};

/* 1; 0: one is missing and was not to be made; -1. */
static int open_subfolders(struct spool *spool, bool make, bool *made, struct error *err)
{
	const struct subfolder subs[] = {{"tmp", "/tmp", &spool->tmp},
					 {"new", "/new", &spool->fresh},
					 {"state", "/state", &spool->state},
					 {"failed", "/failed", &spool->failed}};
	for (size_t i = 0; i < ARRAY_SIZE(subs); i++) {
		int found = open_folder(spool, spool->root, subs[i].name, subs[i].text, subs[i].fd, err);
		if (found == 0 && make) {
			*made = true;
			if (spool->ops->mkdirat(spool->ops, spool->root, subs[i].name, S_IRWXU) < 0 &&
			    errno != EEXIST) {
				(void)spool_fault(err, errno, _("cannot create the folder %s%s"), spool->path,
						  subs[i].text);
				return -1;
			}
			found = open_folder(spool, spool->root, subs[i].name, subs[i].text, subs[i].fd, err);
		}
		if (found <= 0)
			return found;
	}
	return 1;
}

/* 1: the format is known; 0: there is no such file, so the queue was never finished; -1. */
static int check_format(struct spool *spool, struct error *err)
{
	int fd;
	AUTO(strbuf) line = STRBUF_INIT;
	struct stat st;
	int found = spool_open_file(spool, spool->root, ".", "format", O_RDONLY, &fd, err);
	if (found <= 0)
		return found;
	bool ok = spool->ops->fstat(spool->ops, fd, &st) == 0 ||
		  error_set_errno(err, ERROR_IO, errno, _("cannot read %s/format"), spool->path);
	size_t want = ok && st.st_size < 64 ? (size_t)st.st_size : 64;
	ok = ok && spool_read_exactly(spool, fd, 0, want, &line, err);
	spool_close(spool, fd);
	if (!ok)
		return -1;
	if (strcmp(line.buf, FORMAT_LINE) == 0)
		return 1;
	if (strncmp(line.buf, FORMAT_NAME, sizeof(FORMAT_NAME) - 1) == 0) {
		(void)error_set(err, ERROR_CONFIG, _("the queue in %s was made by a newer posthaste"), spool->path);
		error_hint(err, "%s", _("Let the newer program use it, or update this one."));
	} else {
		(void)error_set(err, ERROR_CONFIG, _("%s is not a queue: its file \"format\" has other contents"),
				spool->path);
		error_hint(err, "%s", _("Move the folder away; a new one is made automatically."));
	}
	return -1;
}

/* "format" comes last: any process that finds it knows that everything above is on disk already. */
static bool write_format(struct spool *spool, struct error *err)
{
	char temp[SPOOL_ID_LEN + 1];
	spool_id_make(temp, clock_wall_ms(spool->clock), spool->rng);
	return spool_sync(spool, spool->root, "", err) && sync_path(spool, err) &&
	       spool_replace_file(spool, spool->root, temp, "format", SPAN_LIT(FORMAT_LINE), err);
}

static struct spool *new_spool(const char *path, const struct runtime *runtime)
{
	struct spool *spool = xcalloc(1, sizeof(*spool));
	*spool = (struct spool){
		.path = xstrdup(path),
		.ops = runtime->spool_ops,
		.clock = runtime->clock,
		.rng = runtime->rng,
		.root = -1,
		.tmp = -1,
		.fresh = -1,
		.state = -1,
		.failed = -1,
		.owner = geteuid(),
	};
	return spool;
}

struct spool *spool_open(const char *path, const struct runtime *runtime, struct error *err)
{
	AUTO_PTR(spool) spool = new_spool(path, runtime);
	bool made = false;
	int found = open_folder(spool, AT_FDCWD, spool->path, "", &spool->root, err);
	if (found == 0 && make_path(spool, err))
		found = open_folder(spool, AT_FDCWD, spool->path, "", &spool->root, err);
	if (found <= 0)
		return NULL;
	if (open_subfolders(spool, true, &made, err) <= 0)
		return NULL;
	int finished = check_format(spool, err);
	if (finished < 0 || (finished == 0 && !write_format(spool, err)))
		return NULL;
	if (finished && made && !spool_sync(spool, spool->root, "", err)) /* one had been removed */
		return NULL;
	return steal_ptr(spool);
}

struct spool *spool_open_existing(const char *path, const struct runtime *runtime, bool *none, struct error *err)
{
	AUTO_PTR(spool) spool = new_spool(path, runtime);
	int found = open_folder(spool, AT_FDCWD, spool->path, "", &spool->root, err);
	if (found > 0)
		found = check_format(spool, err);
	if (found > 0)
		found = open_subfolders(spool, false, NULL, err);
	*none = found == 0;
	return found > 0 ? steal_ptr(spool) : NULL;
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	const int fds[] = {spool->root, spool->tmp, spool->fresh, spool->state, spool->failed};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		spool_close(spool, fds[i]);
	free(spool->path);
	free(spool);
}

const char *spool_path(const struct spool *spool)
{
	return spool->path;
}

/* ---- reading --------------------------------------------------------------- */

static int by_age(const void *a, const void *b)
{
	return spool_id_compare(*(char *const *)a, *(char *const *)b);
}

/* Appends the names that are IDs, oldest first. */
static void push_ids(struct strvec *names, struct strvec *ids)
{
	size_t before = ids->n;
	for (size_t i = 0; i < names->n; i++)
		if (spool_id_valid(span_of(names->v[i])))
			strvec_push(ids, names->v[i]);
	if (ids->n > before)
		qsort(ids->v + before, ids->n - before, sizeof(*ids->v), by_age);
}

bool spool_list(struct spool *spool, enum spool_folder folder, struct strvec *ids, struct error *err)
{
	AUTO(strvec) names = STRVEC_INIT;
	if (spool->ops->names(spool->ops, spool_dir(spool, folder), &names) < 0)
		return error_set_errno(err, ERROR_IO, errno, _("cannot read the folder %s/%s"), spool->path,
				       spool_where(folder));
	push_ids(&names, ids);
	return true;
}

bool spool_list_tried(struct spool *spool, struct strvec *ids, struct error *err)
{
	AUTO(strvec) names = STRVEC_INIT;
	if (spool->ops->names(spool->ops, spool->state, &names) < 0)
		return error_set_errno(err, ERROR_IO, errno, _("cannot read the folder %s/state"), spool->path);
	push_ids(&names, ids);
	return true;
}

static void match_ids(const struct strvec *ids, struct span prefix, struct strvec *found)
{
	for (size_t i = 0; i < ids->n; i++) {
		struct span id = span_of(ids->v[i]);
		if (id.len >= prefix.len && span_equal_nocase(span_sub(id, 0, prefix.len), prefix) &&
		    !strvec_has(found, ids->v[i]))
			strvec_push(found, ids->v[i]);
	}
}

bool spool_find(struct spool *spool, struct span prefix, struct strbuf *id, struct error *err)
{
	AUTO(strvec) fresh = STRVEC_INIT, failed = STRVEC_INIT, found = STRVEC_INIT;
	if (!spool_list(spool, SPOOL_NEW, &fresh, err) || !spool_list(spool, SPOOL_FAILED, &failed, err))
		return false;
	if (prefix.len) {
		match_ids(&fresh, prefix, &found);
		match_ids(&failed, prefix, &found);
	}
	if (found.n == 1) {
		strbuf_adds(id, found.v[0]);
		return true;
	}
	AUTO_FREE char *shown = clean_text(prefix, 40);
	if (found.n == 0) {
		(void)error_set(err, ERROR_FILE_MISSING, _("there is no message \"%s\" in the queue"), shown);
		error_hint(err, "%s", _("mailq lists what there is."));
		return false;
	}
	(void)error_set(err, ERROR_USAGE,
			Q_("%zu message in the queue begins with \"%s\": %s, %s%s",
			   "%zu messages in the queue begin with \"%s\": %s, %s%s", found.n),
			found.n, shown, found.v[0], found.v[1], found.n > 2 ? " ..." : "");
	error_hint(err, "%s", _("Name one of them with more of its letters."));
	return false;
}

int spool_read(struct spool *spool, const char *id, struct queue_item *item, struct spool_stat *where,
	       struct error *err)
{
	AUTO(queue_item) got = QUEUE_ITEM_INIT;
	int fd;
	enum spool_folder folder;
	int found = spool_message_open(spool, id, O_RDONLY, &fd, &folder, err);
	if (found <= 0)
		return found;
	AUTO(error) problem = ERROR_INIT;
	struct stat st;
	int whole = spool_state_read(spool, fd, id, &got, &problem);
	bool claimed = spool_locked(spool, fd);
	bool gone = spool->ops->fstat(spool->ops, fd, &st) == 0 &&
		    st.st_nlink == 0; /* then the state that was read may be that of its arrival */
	spool_close(spool, fd);
	if (gone)
		return 0;
	if (whole < 0) {
		error_move(err, &problem);
		return -1;
	}
	if (where)
		*where = (struct spool_stat){folder, claimed, whole == 0};
	*item = got;
	got = QUEUE_ITEM_INIT;
	return 1;
}

/* ---- cleaning ---------------------------------------------------------- */

static bool is_leftover(struct spool *spool, const char *name)
{
	int fd;
	struct stat st;
	if (spool_open_file(spool, spool->tmp, "tmp", name, O_RDONLY, &fd, NULL) <= 0)
		return false;
	int64_t now = clock_wall(spool->clock);
	bool old = spool->ops->fstat(spool->ops, fd, &st) == 0 && st.st_mtime < now - LEFTOVER_SECONDS &&
		   !spool_locked(spool, fd);
	spool_close(spool, fd);
	return old;
}

static bool has_id(const struct strvec *ids, char *id)
{
	return ids->n && bsearch(&id, ids->v, ids->n, sizeof(*ids->v), by_age);
}

/* True if a state file belongs to a listed message, or is not named like one and so must not be removed. */
static bool has_message(const char *state, const struct strvec *a, const struct strvec *b, const struct strvec *c)
{
	struct span name = spool_state_id(state);
	AUTO_FREE char *id = xmemdup0(name.ptr, name.len);
	return !name.len || has_id(a, id) || has_id(b, id) || has_id(c, id);
}

void spool_clean(struct spool *spool)
{
	AUTO(strvec)
	temps = STRVEC_INIT, states = STRVEC_INIT, first = STRVEC_INIT, failed = STRVEC_INIT, second = STRVEC_INIT;
	if (spool->ops->names(spool->ops, spool->tmp, &temps) == 0)
		for (size_t i = 0; i < temps.n; i++)
			if (is_leftover(spool, temps.v[i]))
				(void)spool->ops->unlinkat(spool->ops, spool->tmp, temps.v[i]);

	/* states first, so that each had its message then; new/ twice, because messages move both ways */
	if (spool->ops->names(spool->ops, spool->state, &states) < 0 || !spool_list(spool, SPOOL_NEW, &first, NULL) ||
	    !spool_list(spool, SPOOL_FAILED, &failed, NULL) || !spool_list(spool, SPOOL_NEW, &second, NULL))
		return;
	for (size_t i = 0; i < states.n; i++)
		if (!has_message(states.v[i], &first, &failed, &second))
			(void)spool->ops->unlinkat(spool->ops, spool->state, states.v[i]);
}
