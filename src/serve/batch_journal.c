/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/batch_journal.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define FILE_NAME "posthaste-batch"
#define NEW_NAME "posthaste-batch.new"
#define SIZE_LIMIT ((size_t)1 << 30)
#define OPEN_FLAGS (O_CLOEXEC | O_NOFOLLOW | O_NOCTTY)

static const char *const fates[] = {"begin", "open", "done"};

static bool cannot_write(const struct batch_journal *j, struct error *err)
{
	return error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot write %s/posthaste-batch"), j->path);
}

/* ---- lines ---- */

static void put_word(struct strbuf *out, const char *word)
{
	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;
		if (c <= ' ' || c == '%' || c > '~')
			strbuf_addf(out, "%%%02X", c);
		else
			strbuf_addch(out, *word);
	}
}

static int hex_digit(char c)
{
	return ascii_isdigit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static char *take_word(struct span word)
{
	AUTO(strbuf) out = STRBUF_INIT;
	for (size_t i = 0; i < word.len; i++) {
		int high = i + 2 < word.len ? hex_digit(word.ptr[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(word.ptr[i + 2]) : -1;
		if (word.ptr[i] == '%' && low >= 0) {
			strbuf_addch(&out, (char)(high * 16 + low));
			i += 2;
		} else {
			strbuf_addch(&out, word.ptr[i]);
		}
	}
	return strbuf_detach(&out, NULL);
}

static void put_line(struct strbuf *out, const char *name, enum batch_fate fate, const struct strvec *served)
{
	strbuf_addf(out, "%s ", fates[fate]);
	put_word(out, name);
	for (size_t i = 0; served && i < served->n; i++) {
		strbuf_addch(out, ' ');
		put_word(out, served->v[i]);
	}
	strbuf_addch(out, '\n');
}

static void release_record(struct batch_record *record)
{
	free(record->name);
	strvec_release(&record->served);
}

/* False: the line is none of ours. */
static bool take_line(struct span line, struct batch_record *record)
{
	struct span fate = span_word(&line), name = span_word(&line), word;
	for (size_t i = 0; i < ARRAY_SIZE(fates); i++) {
		if (!span_equals_str(fate, fates[i]) || !name.len)
			continue;
		*record = (struct batch_record){take_word(name), (enum batch_fate)i, STRVEC_INIT};
		while ((word = span_word(&line)).len)
			strvec_push_owned(&record->served, take_word(word));
		return true;
	}
	return false;
}

/* ---- reading ---- */

static int by_name(const void *a, const void *b)
{
	const struct batch_record *p = a, *q = b;
	return strcmp(p->name, q->name);
}

/* By name, and those of one name in the order in which they were written, which fold() needs. */
static void sort(struct batch_record *v, size_t n)
{
	if (n < 2)
		return;
	size_t half = n / 2;
	sort(v, half);
	sort(v + half, n - half);
	struct batch_record *sorted = xcalloc(n, sizeof(*sorted));
	for (size_t i = 0, k = half, to = 0; to < n; to++)
		sorted[to] = k == n || (i < half && by_name(&v[i], &v[k]) <= 0) ? v[i++] : v[k++];
	memcpy(v, sorted, n * sizeof(*v));
	free(sorted);
}

/* Of each message only the last line is left. */
static void fold(struct batch_journal *j)
{
	size_t kept = 0;
	sort(j->v, j->n);
	for (size_t i = 0; i < j->n; i++) {
		if (i + 1 < j->n && by_name(&j->v[i], &j->v[i + 1]) == 0)
			release_record(&j->v[i]);
		else
			j->v[kept++] = j->v[i];
	}
	j->n = kept;
}

static void forget_records(struct batch_journal *j)
{
	for (size_t i = 0; i < j->n; i++)
		release_record(&j->v[i]);
	free(j->v);
	j->v = NULL;
	j->n = j->cap = 0;
}

/* The last line is incomplete if the machine stopped while it was written: then nothing was sent after it. */
static bool read_records(struct batch_journal *j, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO_FD int fd = openat(j->folder, FILE_NAME, O_RDONLY | O_NONBLOCK | OPEN_FLAGS);
	struct span rest, line;
	size_t number = 0;
	forget_records(j);
	if (fd < 0)
		return errno == ENOENT ||
		       error_set_errno(err, ERROR_IO, errno, _("cannot read %s/posthaste-batch"), j->path);
	if (!fs_read_fd(fd, &text, SIZE_LIMIT, err)) {
		error_prefix(err, "%s/" FILE_NAME, j->path);
		return false;
	}
	rest = strbuf_span(&text);
	while (rest.len && memchr(rest.ptr, '\n', rest.len) && span_split(&rest, '\n', &line)) {
		GROW(j->v, j->n, j->cap);
		number++;
		if (take_line(line, &j->v[j->n])) {
			j->n++;
			continue;
		}
		(void)error_set(err, ERROR_DAMAGED, _("%s/posthaste-batch, line %zu: this is not a line of posthaste"),
				j->path, number);
		error_hint(err, "%s",
			   _("The file says which messages were sent already; if it is removed, what is "
			     "not flagged as seen is sent again."));
		return false;
	}
	fold(j);
	return true;
}

const struct batch_record *batch_journal_find(const struct batch_journal *j, const char *name)
{
	struct batch_record key = {.name = (char *)(uintptr_t)name};
	return j->n ? bsearch(&key, j->v, j->n, sizeof(*j->v), by_name) : NULL;
}

/* ---- writing ---- */

/* A new file and its name are on disk before anything depends on it. */
static bool open_to_append(struct batch_journal *j, struct error *err)
{
	if (j->fd >= 0)
		return true;
	j->fd = openat(j->folder, FILE_NAME, O_WRONLY | O_APPEND | O_CREAT | OPEN_FLAGS, 0600);
	return (j->fd >= 0 && fsync(j->folder) == 0) || cannot_write(j, err);
}

static bool append(struct batch_journal *j, const char *name, enum batch_fate fate, const struct strvec *served,
		   struct error *err)
{
	AUTO(strbuf) line = STRBUF_INIT;
	put_line(&line, name, fate, served);
	return open_to_append(j, err) && (fs_write_all(j->fd, strbuf_span(&line)) || cannot_write(j, err));
}

bool batch_journal_begin(struct batch_journal *j, const char *name, struct error *err)
{
	return append(j, name, BATCH_BEGUN, NULL, err) && (fdatasync(j->fd) == 0 || cannot_write(j, err));
}

bool batch_journal_end(struct batch_journal *j, const char *name, enum batch_fate fate, const struct strvec *served,
		       struct error *err)
{
	return append(j, name, fate, served, err);
}

static bool replace(struct batch_journal *j, struct span text, struct error *err)
{
	AUTO_FD int fd = openat(j->folder, NEW_NAME, O_WRONLY | O_CREAT | O_TRUNC | OPEN_FLAGS, 0600);
	if (fd >= 0 && fs_write_all(fd, text) && fsync(fd) == 0 &&
	    renameat(j->folder, NEW_NAME, j->folder, FILE_NAME) == 0 && fsync(j->folder) == 0)
		return true;
	return cannot_write(j, err);
}

bool batch_journal_tidy(struct batch_journal *j, bool (*wanted)(void *arg, const struct batch_record *record),
			void *arg, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (!read_records(j, err))
		return false;
	if (j->fd >= 0)
		(void)close(steal_fd(&j->fd));
	for (size_t i = 0; i < j->n; i++) {
		const struct batch_record *r = &j->v[i];
		if ((r->fate != BATCH_OPEN || r->served.n) && wanted(arg, r))
			put_line(&text, r->name, r->fate, &r->served);
	}
	if (text.len)
		return replace(j, strbuf_span(&text), err);
	return unlinkat(j->folder, FILE_NAME, 0) == 0 || errno == ENOENT ||
	       error_set_errno(err, ERROR_IO, errno, _("cannot remove %s/posthaste-batch"), j->path);
}

/* ---- life ---- */

bool batch_journal_open(struct batch_journal *j, int folder, const char *path, struct error *err)
{
	*j = (struct batch_journal){.folder = folder, .path = path, .fd = -1};
	if (flock(folder, LOCK_EX | LOCK_NB) == 0)
		return read_records(j, err);
	if (errno != EWOULDBLOCK)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot lock the folder %s"), path);
	(void)error_set(err, ERROR_TIMEOUT, _("another process is sending the messages of %s"), path);
	error_hint(err, "%s", _("Wait until it has ended."));
	return false;
}

void batch_journal_release(struct batch_journal *j)
{
	forget_records(j);
	if (j->fd >= 0)
		(void)close(steal_fd(&j->fd));
}
