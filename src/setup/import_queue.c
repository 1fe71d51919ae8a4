/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/import_queue.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "runner/send.h"
#include "submit/filter.h"
#include "submit/submission_read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define MAIL ".mail"
#define ARGUMENTS ".msmtp"
#define BEGUN ".mail.importing"
#define LOCK ".lock"
#define ARGUMENTS_MAX ((size_t)1 << 20)

/* The folder while it is worked on. */
struct work {
	const struct import_queue *q;
	const char *path;
	int folder;
	struct error *err; /* the first failure */
};

/* ---- what became of a message ---- */

void imported_message_line(const struct imported_message *m, struct strbuf *out)
{
	if (!m->queue_id)
		strbuf_addf(out, _("%s: nothing is left to send\n"), m->name);
	else if (m->possible_duplicate)
		strbuf_addf(out,
			    _("%s: queued as %s; an earlier import of it was interrupted, so it may have been queued "
			      "twice\n"),
			    m->name, m->queue_id);
	else
		strbuf_addf(out, _("%s: queued as %s\n"), m->name, m->queue_id);
}

void imported_message_json(const struct imported_message *m, struct json *j)
{
	json_object(j, NULL);
	json_string(j, "name", m->name);
	json_string(j, "queue_id", m->queue_id);
	json_bool(j, "possible_duplicate", m->possible_duplicate);
	status_json(&m->err->status, j);
	json_end(j);
}

/* ---- the folder ---- */

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);
	return n > m && strcmp(name + n - m, end) == 0;
}

static bool is_of_queue(const char *name)
{
	return ends_in(name, MAIL) || ends_in(name, ARGUMENTS) || ends_in(name, BEGUN);
}

bool import_is_queue(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool found = false;
	while (dir && !found && (entry = readdir(dir)))
		found = is_of_queue(entry->d_name);
	if (dir)
		(void)closedir(dir);
	return found;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The IDs of all messages, each once. */
static bool list_messages(const struct work *w, struct strvec *ids, struct error *err)
{
	DIR *dir = opendir(w->path);
	struct dirent *entry;
	if (!dir)
		return error_set_errno(err, ERROR_IO, errno, "%s", w->path);
	while ((entry = readdir(dir))) {
		const char *name = entry->d_name, *end = ends_in(name, BEGUN) ? BEGUN : MAIL;
		if (ends_in(name, end))
			strvec_push_owned(ids, xmemdup0(name, strlen(name) - strlen(end)));
	}
	(void)closedir(dir);
	if (ids->n)
		qsort(ids->v, ids->n, sizeof(*ids->v), by_name);
	return true;
}

static bool lock(const struct work *w, struct error *err)
{
	if (mkdirat(w->folder, LOCK, 0700) == 0)
		return true;
	if (errno != EEXIST)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, "%s/" LOCK, w->path);
	(void)error_set(err, ERROR_TIMEOUT, _("another program works in %s"), w->path);
	error_hint(err,
		   _("Try again later. If neither msmtpq nor an import runs, remove what is left of one: rmdir %s/%s"),
		   w->path, LOCK);
	return false;
}

/* ---- a message ---- */

struct imported {
	char *id;
	char *mail, *begun, *arguments; /* names of the files */
	bool interrupted;
	char *queue_id;
	struct error err;
};

static void imported_release(struct imported *m)
{
	free(m->mail);
	free(m->begun);
	free(m->arguments);
	free(m->queue_id);
	error_release(&m->err);
}

static bool failed(struct imported *m, const char *name)
{
	return error_set_errno(&m->err, ERROR_IO, errno, "%s", name);
}

/* msmtpq writes the arguments with blanks between them, and reads them so. */
static bool read_arguments(const struct work *w, struct imported *m, struct strvec *words)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO_FD int fd = openat(w->folder, m->arguments, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct span rest, line, word;
	if (fd < 0 && errno == ENOENT) {
		(void)error_set(&m->err, ERROR_FILE_MISSING, _("%s is missing, which says for whom it is"),
				m->arguments);
		error_hint(&m->err, "%s",
			   _("Send the message yourself: posthaste -t, with the file as standard input."));
		return false;
	}
	if (fd < 0 || !fs_is_regular(fd))
		return failed(m, m->arguments);
	if (!fs_read_fd(fd, &text, ARGUMENTS_MAX, &m->err))
		return false;
	for (rest = strbuf_span(&text); span_split(&rest, '\n', &line);)
		while ((word = span_word(&line)).len)
			strvec_push_span(words, word);
	return true;
}

static bool refused_here(const struct submission *p, struct error *err)
{
	for (size_t i = 0; i < p->env.n; i++) {
		const struct status *why = p->env.rcpts[i].refused;
		if (!why)
			continue;
		status_copy(&err->status, why);
		return true;
	}
	return false;
}

/* Into the queue, or nowhere: a message of which a recipient is refused stays where it is. */
static bool queue_message(const struct request *request, const struct runtime *runtime, struct imported *m)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct send_request how = {.request = request, .runtime = runtime, .settings = &settings, .queue_only = true};
	struct submission p;
	struct send_result sent;
	submission_init(&p, runtime);
	bool ok = submission_read(&p, &settings, request, runtime, &m->err) && !refused_here(&p, &m->err) &&
		  submission_filter(&p, runtime, &m->err);
	if (ok) {
		send_submission(&how, &p, &sent);
		ok = sent.delivered;
		if (ok)
			m->queue_id = p.queue_id ? xstrdup(p.queue_id) : NULL;
		else
			error_copy(&m->err, &sent.err);
		send_result_release(&sent);
	}
	submission_release(&p);
	return ok;
}

static bool submit(const struct work *w, struct imported *m, const struct strvec *words)
{
	AUTO_FD int fd = openat(w->folder, m->begun, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct runtime runtime = *w->q->runtime;
	const struct origin origin = {.kind = ORIGIN_DERIVED};
	struct request request;
	if (fd < 0 || !fs_is_regular(fd))
		return failed(m, m->begun);
	runtime.input = fd;
	bool ok = w->q->parse(w->q->arg, words, &request, &m->err) &&
		  account_set(request.flags, OPT_QUEUE, span_of("always"), origin, &m->err) &&
		  queue_message(&request, &runtime, m);
	request_release(&request);
	return ok;
}

static bool exists(const struct work *w, const char *name)
{
	return faccessat(w->folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

static bool begin(const struct work *w, struct imported *m)
{
	if (m->interrupted && exists(w, m->mail))
		return error_set(&m->err, ERROR_DAMAGED, _("there are both %s and %s"), m->mail, m->begun);
	if (m->interrupted)
		return true;
	if (renameat(w->folder, m->mail, w->folder, m->begun) != 0 || fsync(w->folder) != 0)
		return failed(m, m->mail);
	return true;
}

/* The arguments go first: what has none was queued. */
static bool forget(const struct work *w, struct imported *m)
{
	if ((unlinkat(w->folder, m->arguments, 0) != 0 && errno != ENOENT) || fsync(w->folder) != 0 ||
	    unlinkat(w->folder, m->begun, 0) != 0 || fsync(w->folder) != 0)
		return failed(m, m->begun);
	return true;
}

static bool was_queued(const struct work *w, const struct imported *m)
{
	return m->interrupted && !exists(w, m->arguments) && !exists(w, m->mail);
}

static void take(const struct work *w, struct imported *m)
{
	AUTO(strvec) words = STRVEC_INIT;
	if (was_queued(w, m)) {
		m->interrupted = false; /* not a second time */
		(void)forget(w, m);
		return;
	}
	if (!read_arguments(w, m, &words) || !begin(w, m))
		return;
	if (submit(w, m, &words))
		(void)forget(w, m);
	else if (!m->interrupted && renameat(w->folder, m->begun, w->folder, m->mail) != 0)
		error_hint(&m->err, _("The message is in %s/%s."), w->path, m->begun);
}

static void take_named(struct work *w, char *id)
{
	struct imported m = {.id = id,
			     .mail = xasprintf("%s" MAIL, id),
			     .begun = xasprintf("%s" BEGUN, id),
			     .arguments = xasprintf("%s" ARGUMENTS, id),
			     .err = ERROR_INIT};
	m.interrupted = exists(w, m.begun);
	take(w, &m);
	if (m.err.status.kind != ERROR_NONE) {
		char *stage = m.err.status.stage;
		m.err.status.stage = stage ? xasprintf("%s: %s", id, stage) : xstrdup(id);
		free(stage);
	}
	const struct imported_message shown = {id, m.queue_id, m.interrupted && m.queue_id, &m.err};
	w->q->show(w->q->arg, &shown);
	if (m.err.status.kind != ERROR_NONE && w->err->status.kind == ERROR_NONE)
		error_copy(w->err, &m.err);
	imported_release(&m);
}

bool import_queue(const struct import_queue *q, const char *path, struct error *err)
{
	AUTO(strvec) ids = STRVEC_INIT;
	AUTO(error) first = ERROR_INIT;
	AUTO_FD int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct work w = {q, path, folder, &first};
	if (folder < 0)
		return error_set_errno(err, ERROR_FILE_MISSING, errno, "%s", path);
	if (!lock(&w, err))
		return false;
	if (list_messages(&w, &ids, &first))
		for (size_t i = 0; i < ids.n; i++)
			if (!i || strcmp(ids.v[i], ids.v[i - 1]) != 0)
				take_named(&w, ids.v[i]);
	(void)unlinkat(folder, LOCK, AT_REMOVEDIR);
	if (first.status.kind == ERROR_NONE)
		return true;
	error_move(err, &first);
	return false;
}
