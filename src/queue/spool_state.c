/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	state/ID	  the latest state (item_file.h); without it the one in the message's file holds
 *	state/ID.damaged  one that could not be read, as it was, until the message is removed
 *
 * An empty state/ID of mode 0400 is the mark of the first attempt: it is under way, since the file was made, and the
 * rest is as in the message's file.  A file that is made needs one fsync, of the folder, where a state needs two.  The
 * mode distinguishes it from a state that a damaged disk has emptied.
 */
#include "queue/spool_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "queue/item_file.h"

#include <errno.h>

#define ASIDE ".damaged"
#define MARK_MODE S_IRUSR

/* ---- what is stored -------------------------------------------------------- */

static bool is_mark(const struct stat *st)
{
	return st->st_size == 0 && (st->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO)) == MARK_MODE;
}

/* state/ID; 1, 0 (there is none, or a mark made at *marked), -1.  damaged: it is too large or too short to be one. */
static int read_state_file(struct spool *spool, const char *id, struct strbuf *bytes, int64_t *marked,
			   struct error *err)
{
	int fd;
	int found = spool_open_file(spool, spool->state, "state", id, O_RDONLY, &fd, err);
	if (found <= 0)
		return found;
	struct stat st;
	bool ok = spool->ops->fstat(spool->ops, fd, &st) == 0 ||
		  error_set_errno(err, ERROR_IO, errno, _("cannot read a file in %s"), spool->path);
	ok = ok && (st.st_size <= (off_t)ITEM_FILE_MAX ||
		    error_set(err, ERROR_DAMAGED, "%s", _("the state of a queued message is too large")));
	bool mark = ok && is_mark(&st);
	ok = ok && spool_read_exactly(spool, fd, 0, (size_t)st.st_size, bytes, err);
	spool_close(spool, fd);
	if (mark)
		*marked = st.st_mtime > 0 ? st.st_mtime : 1;
	return !ok ? -1 : mark ? 0 : 1;
}

static bool parse_state(struct span bytes, const char *id, struct queue_item *item, struct error *err)
{
	AUTO(queue_item) got = QUEUE_ITEM_INIT;
	if (!item_file_parse(bytes, &got, err))
		return false;
	if (!got.id || strcmp(got.id, id) != 0)
		return error_set(err, ERROR_DAMAGED, "%s", _("the state is that of another message"));
	*item = got;
	got = QUEUE_ITEM_INIT;
	return true;
}

/* As read_state_file(). */
static int read_latest(struct spool *spool, const char *id, struct queue_item *item, int64_t *marked, struct error *err)
{
	AUTO(strbuf) bytes = STRBUF_INIT;
	int found = read_state_file(spool, id, &bytes, marked, err);
	if (found > 0 && !parse_state(strbuf_span(&bytes), id, item, err))
		return -1;
	return found;
}

static bool read_first(struct spool *spool, int fd, const char *id, struct queue_item *item, struct error *err)
{
	AUTO(strbuf) bytes = STRBUF_INIT;
	uint64_t sum;
	if (!spool_message_first_state(spool, fd, &bytes, &sum, err) ||
	    !parse_state(strbuf_span(&bytes), id, item, err))
		return false;
	item->message_sum = sum;
	return true;
}

/* ---- what is left of a damaged one ---------------------------------------- */

static void hold_as_damaged(struct queue_item *item, const char *reason, const char *hint)
{
	item->state = QUEUE_HELD;
	item->hold = HOLD_DAMAGED;
	item->due = item->in_flight = 0;
	status_release(&item->reason);
	item->reason = (struct status){.kind = ERROR_DAMAGED, .text = xstrdup(reason), .hint = xstrdup(hint)};
}

/* Holds it with the state it arrived with.  Any of its recipients may have got the message since then. */
static void hold_first(struct queue_item *item, int64_t now)
{
	const char *reason =
		_("the file with the message's state is damaged: which recipients have got it is not known");
	AUTO_FREE char *hint =
		xasprintf(_("posthaste --queue-release %s sends it to all of them, also to those who have it; "
			    "posthaste --queue-remove %s removes it."),
			  item->id, item->id);
	item->reports = 0;
	queue_item_doubt(item, now, reason);
	hold_as_damaged(item, reason, hint);
}

/* Holds a message of which only the name of its file is known. */
static void hold_unknown(struct queue_item *item, const char *id, uint64_t size)
{
	AUTO_FREE char *hint = xasprintf(_("posthaste --queue-show %s --raw prints what is left of it, to be submitted "
					   "again if it is of use; posthaste --queue-remove %s removes it."),
					 id, id);
	item->id = xstrdup(id);
	item->arrival = item->age_from = spool_id_time_ms(id) / 1000;
	item->size = size;
	hold_as_damaged(item, _("the message's file is damaged: its sender and its recipients are not known"), hint);
}

void spool_state_hold_content(struct queue_item *item)
{
	AUTO_FREE char *hint = xasprintf(_("posthaste --queue-show %s --raw prints what is left of it, to be submitted "
					   "again if it is of use; posthaste --queue-remove %s removes it."),
					 item->id, item->id);
	hold_as_damaged(item, _("the message was damaged in the queue: it is no longer what was accepted"), hint);
}

static int report_unreadable(const char *id, struct error *err, struct error *problem)
{
	error_move(err, problem);
	error_prefix(err, "%s", id);
	return -1;
}

int spool_state_read(struct spool *spool, int fd, const char *id, struct queue_item *item, struct error *err)
{
	AUTO(error) problem = ERROR_INIT, first = ERROR_INIT;
	struct stat st;
	int64_t marked = 0, now = clock_wall(spool->clock);
	int latest = read_latest(spool, id, item, &marked, &problem);
	if (latest > 0)
		return 1;
	if (latest < 0 && problem.status.kind != ERROR_DAMAGED)
		return report_unreadable(id, err, &problem);
	if (read_first(spool, fd, id, item, &first)) {
		if (latest < 0)
			hold_first(item, now);
		else if (marked)
			item->in_flight = marked < now ? marked : now;
		return latest == 0;
	}
	if (first.status.kind == ERROR_DAMAGED && spool->ops->fstat(spool->ops, fd, &st) < 0)
		(void)error_set_errno(&first, ERROR_IO, errno, _("cannot read a file in %s"), spool->path);
	if (first.status.kind != ERROR_DAMAGED)
		return report_unreadable(id, err, &first);
	hold_unknown(item, id, (uint64_t)st.st_size);
	return 0;
}

/* ---- changing it ------------------------------------------------------------ */

bool spool_state_write(struct spool *spool, const struct queue_item *item, struct error *err)
{
	AUTO(strbuf) bytes = STRBUF_INIT;
	item_file_write(item, &bytes);
	return spool_replace_file(spool, spool->state, item->id, item->id, strbuf_span(&bytes), err);
}

bool spool_state_mark(struct spool *spool, struct queue_item *item, int64_t now, struct error *err)
{
	int64_t before = item->in_flight;
	int fd = spool->ops->openat(spool->ops, spool->state, item->id,
				    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MARK_MODE);
	if (fd < 0 && errno != EEXIST)
		return spool_fault(err, errno, _("cannot create %s/state/%s"), spool->path, item->id);
	item->in_flight = now;
	if (fd < 0 && spool_state_write(spool, item, err)) /* there is a state, or a mark that could not be synced */
		return true;
	if (fd >= 0) {
		spool_close(spool, fd);
		if (spool_sync(spool, spool->state, "state", err))
			return true;
		(void)spool->ops->unlinkat(spool->ops, spool->state, item->id); /* nothing is sent */
	}
	item->in_flight = before;
	return false;
}

bool spool_state_set_aside(struct spool *spool, const char *id, struct error *err)
{
	AUTO(strbuf) bytes = STRBUF_INIT;
	AUTO_FREE char *aside = xasprintf("%s" ASIDE, id);
	AUTO(error) problem = ERROR_INIT;
	int64_t marked;
	int found = read_state_file(spool, id, &bytes, &marked, &problem);
	if (found > 0)
		return spool_replace_file(spool, spool->state, id, aside, strbuf_span(&bytes), err);
	if (found == 0 ||
	    problem.status.kind == ERROR_DAMAGED) /* there is no such file, or it is too large to be worth saving */
		return true;
	error_move(err, &problem);
	return false;
}

void spool_state_remove(struct spool *spool, const struct queue_item *item)
{
	(void)spool->ops->unlinkat(spool->ops, spool->state, item->id); /* or spool_clean() will */
	if (item->hold == HOLD_DAMAGED) {
		AUTO_FREE char *aside = xasprintf("%s" ASIDE, item->id);
		(void)spool->ops->unlinkat(spool->ops, spool->state, aside); /* or spool_clean() will */
	}
}

struct span spool_state_id(const char *name)
{
	struct span id = span_of(name), aside = SPAN_LIT(ASIDE);
	if (id.len > aside.len && span_equal(span_sub(id, id.len - aside.len, id.len), aside))
		id.len -= aside.len;
	return spool_id_valid(id) ? id : span_make("", 0);
}
