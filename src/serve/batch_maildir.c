/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Maildir as the source of a batch. */
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "message/message_fd.h"
#include "serve/batch_journal.h"
#include "serve/batch_source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FILE (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define FLAGS_MARK ":2,"
#define FLAG_SENT 'S'
#define FLAGS_NOT_SENT "STD"

enum folder { FOLDER_NEW, FOLDER_CUR, FOLDER_COUNT };
static const char *const folder_names[FOLDER_COUNT] = {"new", "cur"};

struct mail_file {
	char *name; /* with its flags */
	char *base; /* without them: it stays when the file is moved */
	enum folder folder;
	bool begun;
	bool flagged;
};

struct maildir {
	struct batch_source source;
	const struct runtime *runtime;
	char *path;
	int fd, folders[FOLDER_COUNT];
	struct batch_journal journal;
	struct mail_file *files; /* by the order in which they arrived, which their names say */
	size_t n, cap, at;
	size_t first;	     /* of those that several processes share */
	struct error broken; /* what happened to a message cannot be written down, so no further one is sent */
	bool changed;
};

/* ---- names ---- */

static char *base_of(const char *name)
{
	const char *mark = strstr(name, FLAGS_MARK);
	return xmemdup0(name, mark ? (size_t)(mark - name) : strlen(name));
}

static const char *flags_of(const char *name)
{
	const char *mark = strstr(name, FLAGS_MARK);
	return mark ? mark + strlen(FLAGS_MARK) : "";
}

/* Flags are in alphabetical order. */
static char *flagged_name(const struct mail_file *file)
{
	AUTO(strbuf) name = STRBUF_INIT;
	const char *flags = flags_of(file->name);
	strbuf_addf(&name, "%s" FLAGS_MARK, file->base);
	while (*flags && *flags < FLAG_SENT)
		strbuf_addch(&name, *flags++);
	strbuf_addch(&name, FLAG_SENT);
	strbuf_adds(&name, flags);
	return strbuf_detach(&name, NULL);
}

static int by_arrival(const void *a, const void *b)
{
	const struct mail_file *p = a, *q = b;
	return strverscmp(p->base, q->base);
}

/* ---- listing ---- */

static DIR *open_listing(const struct maildir *m, enum folder folder, struct error *err)
{
	int fd = openat(m->fd, folder_names[folder], OPEN_FOLDER);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir)
		return dir;
	(void)error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot read the folder %s/%s"), m->path,
			      folder_names[folder]);
	if (fd >= 0)
		(void)close(fd);
	return NULL;
}

static bool is_to_be_sent(const char *name)
{
	return name[0] != '.' && !strpbrk(flags_of(name), FLAGS_NOT_SENT);
}

static bool list_folder(struct maildir *m, enum folder folder, struct error *err)
{
	DIR *dir = open_listing(m, folder, err);
	if (!dir)
		return false;
	for (const struct dirent *e; (e = readdir(dir));) {
		if (!is_to_be_sent(e->d_name) || (e->d_type != DT_REG && e->d_type != DT_UNKNOWN))
			continue;
		GROW(m->files, m->n, m->cap);
		m->files[m->n++] = (struct mail_file){xstrdup(e->d_name), base_of(e->d_name), folder, false, false};
	}
	(void)closedir(dir);
	return true;
}

/* Another program may have moved the file, or changed its flags.  False: it is gone, or need not be sent any more. */
static bool find_again(const struct maildir *m, struct mail_file *file)
{
	DIR *dir = open_listing(m, FOLDER_CUR, NULL);
	bool found = false;
	for (const struct dirent *e; dir && !found && (e = readdir(dir));) {
		AUTO_FREE char *base = base_of(e->d_name);
		if (strcmp(base, file->base) != 0)
			continue;
		free(file->name);
		file->name = xstrdup(e->d_name);
		file->folder = FOLDER_CUR;
		found = is_to_be_sent(file->name);
		break;
	}
	if (dir)
		(void)closedir(dir);
	return found;
}

/* ---- flags ---- */

static int rename_to_new(int from, const char *old, int to, const char *new)
{
#ifdef HAVE_RENAMEAT2
	return renameat2(from, old, to, new, RENAME_NOREPLACE);
#else
	(void)from, (void)old, (void)to, (void)new;
	errno = ENOSYS;
	return -1;
#endif
}

static bool rename_flagged(struct maildir *m, const struct mail_file *file)
{
	AUTO_FREE char *name = flagged_name(file);
	int from = m->folders[file->folder], to = m->folders[FOLDER_CUR];
	if (rename_to_new(from, file->name, to, name) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS) /* not every file system and system can keep what is there */
		return false;
	return faccessat(to, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && renameat(from, file->name, to, name) == 0;
}

/* If it fails, the journal goes on saying that the message was sent. */
static void flag_file(struct maildir *m, struct mail_file *file)
{
	AUTO(error) err = ERROR_INIT;
	m->changed = true;
	file->flagged =
		rename_flagged(m, file) || (errno == ENOENT && (!find_again(m, file) || rename_flagged(m, file)));
	if (file->flagged)
		return;
	(void)error_set_errno(&err, ERROR_CANNOT_CREATE, errno, _("%s/%s/%s was sent and cannot be flagged as seen"),
			      m->path, folder_names[file->folder], file->name);
	runtime_problem(m->runtime, &err);
}

/* ---- what earlier runs left ---- */

static struct mail_file *find_file(const struct maildir *m, const char *base)
{
	struct mail_file key = {.base = (char *)(uintptr_t)base};
	return m->n ? bsearch(&key, m->files, m->n, sizeof(*m->files), by_arrival) : NULL;
}

static bool is_remembered(void *arg, const struct batch_record *record)
{
	const struct mail_file *file = find_file(arg, record->name);
	return file && !file->flagged;
}

/* Flags what was sent before the earlier run could. */
static bool catch_up(struct maildir *m, struct error *err)
{
	if (!m->journal.n)
		return true;
	for (size_t i = 0; i < m->n; i++) {
		const struct batch_record *record = batch_journal_find(&m->journal, m->files[i].base);
		if (record && record->fate == BATCH_DONE)
			flag_file(m, &m->files[i]);
	}
	return batch_journal_tidy(&m->journal, is_remembered, m, err);
}

static void set_uncertain(const struct maildir *m, struct error *err)
{
	(void)error_set(err, ERROR_UNCERTAIN, "%s",
			_("an earlier run was interrupted while it sent this message, or lost the connection; it may "
			  "have been delivered, and is not sent again"));
	error_hint(err,
		   _("If it did not arrive, copy the file to another name in %s/new and start again; then, or if it "
		     "did arrive, remove this one."),
		   m->path);
}

/* ---- the source ---- */

static int open_file(struct maildir *m, struct mail_file *file)
{
	int fd = openat(m->folders[file->folder], file->name, OPEN_FILE);
	return fd < 0 && errno == ENOENT && find_again(m, file)
		       ? openat(m->folders[file->folder], file->name, OPEN_FILE)
		       : fd;
}

static void read_file(int fd, int errnum, struct batch_message *message, struct submission *p)
{
	if (fd < 0)
		(void)error_set_errno(&message->err, ERROR_IO, errnum, _("cannot read the message from %s"),
				      message->where);
	else
		(void)!message_read_fd(&p->message, fd, message->where, &message->err);
}

/* The file at m->at, which it passes.  0: it is gone, or need not be sent any more. */
static int take_file(struct maildir *m, struct batch_message *message, struct submission *p, struct error *err)
{
	if (m->broken.status.kind != ERROR_NONE) {
		error_copy(err, &m->broken);
		return -1;
	}
	struct mail_file *file = &m->files[m->at++];
	AUTO_FD int fd = file->flagged ? -1 : open_file(m, file);
	int errnum = errno;
	if (file->flagged || (fd < 0 && errnum == ENOENT))
		return 0;
	const struct batch_record *record = batch_journal_find(&m->journal, file->base);
	message->key = (size_t)(file - m->files);
	message->where = xasprintf("%s/%s", folder_names[file->folder], file->name);
	read_file(fd, errnum, message, p);
	if (record && record->fate == BATCH_BEGUN)
		set_uncertain(m, &message->err);
	else if (record)
		strvec_push_all(&message->served, &record->served);
	return 1;
}

static int maildir_next(struct batch_source *s, struct batch_message *message, struct submission *p, struct error *err)
{
	struct maildir *m = (struct maildir *)s;
	int found = 0;
	while (!found && m->at < m->n)
		found = take_file(m, message, p, err);
	return found;
}

static size_t maildir_share(struct batch_source *s)
{
	struct maildir *m = (struct maildir *)s;
	m->first = m->at;
	return m->n - m->at;
}

static int maildir_pick(struct batch_source *s, size_t number, struct batch_message *message, struct submission *p,
			struct error *err)
{
	struct maildir *m = (struct maildir *)s;
	m->at = m->first + number;
	return take_file(m, message, p, err);
}

/* The messages that other processes have sent were renamed meanwhile. */
static void maildir_shared(struct batch_source *s)
{
	struct maildir *m = (struct maildir *)s;
	m->changed = true;
	for (size_t i = m->first; i < m->n; i++)
		m->files[i].flagged |=
			faccessat(m->folders[m->files[i].folder], m->files[i].name, F_OK, AT_SYMLINK_NOFOLLOW) < 0;
	m->at = m->n;
}

static bool maildir_begin(struct batch_source *s, const struct batch_message *message, struct error *err)
{
	struct maildir *m = (struct maildir *)s;
	struct mail_file *file = &m->files[message->key];
	if (!file->begun && !batch_journal_begin(&m->journal, file->base, &m->broken)) {
		error_copy(err, &m->broken);
		return false;
	}
	file->begun = true;
	return true;
}

/* It may have been delivered to one of them at least. */
static bool is_uncertain(const struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].kind == OUTCOME_UNKNOWN)
			return true;
	return false;
}

static void maildir_end(struct batch_source *s, const struct batch_message *message, const struct submission *p,
			const struct send_result *sent)
{
	struct maildir *m = (struct maildir *)s;
	struct mail_file *file = &m->files[message->key];
	const struct delivery_result *r = &sent->delivery;
	AUTO(strvec) served = STRVEC_INIT;
	size_t n = 0;
	if (!sent->delivered || is_uncertain(r))
		return;
	strvec_push_all(&served, &message->served);
	for (size_t i = 0; i < r->n; i++) {
		if (r->outcomes[i].kind != OUTCOME_ACCEPTED && r->outcomes[i].kind != OUTCOME_QUEUED)
			continue;
		n++;
		strvec_push(&served, p->env.rcpts[i].address.given);
	}
	if (!file->begun && n < r->n)
		return;
	if (!batch_journal_end(&m->journal, file->base, n == r->n ? BATCH_DONE : BATCH_OPEN, n == r->n ? NULL : &served,
			       &m->broken))
		runtime_problem(m->runtime, &m->broken);
	if (n == r->n)
		flag_file(m, file);
}

static size_t maildir_left(struct batch_source *s)
{
	const struct maildir *m = (struct maildir *)s;
	return m->n - m->at;
}

static void release(struct maildir *m)
{
	batch_journal_release(&m->journal);
	for (size_t i = 0; i < m->n; i++) {
		free(m->files[i].name);
		free(m->files[i].base);
	}
	for (size_t i = 0; i < FOLDER_COUNT; i++)
		if (m->folders[i] >= 0)
			(void)close(m->folders[i]);
	if (m->fd >= 0)
		(void)close(m->fd);
	error_release(&m->broken);
	free(m->files);
	free(m->path);
	free(m);
}

/* The new names are on disk before the journal forgets the messages. */
static bool sync_folders(const struct maildir *m, struct error *err)
{
	for (size_t i = 0; m->changed && i < FOLDER_COUNT; i++)
		if (fsync(m->folders[i]) < 0)
			return error_set_errno(err, ERROR_IO, errno, _("cannot write the folder %s/%s"), m->path,
					       folder_names[i]);
	return true;
}

static bool maildir_close(struct batch_source *s)
{
	struct maildir *m = (struct maildir *)s;
	AUTO(error) err = ERROR_INIT;
	bool ok = sync_folders(m, &err) && batch_journal_tidy(&m->journal, is_remembered, m, &err);
	if (!ok)
		runtime_problem(m->runtime, &err);
	release(m);
	return ok;
}

static const struct batch_source_ops maildir_ops = {
	.next = maildir_next,
	.begin = maildir_begin,
	.end = maildir_end,
	.share = maildir_share,
	.pick = maildir_pick,
	.shared = maildir_shared,
	.left = maildir_left,
	.close = maildir_close,
};

/* ---- opening ---- */

/* What is sent has to be flagged afterwards: better not begun than not ended. */
static bool open_folders(struct maildir *m, struct error *err)
{
	m->fd = open(m->path, OPEN_FOLDER);
	if (m->fd < 0)
		return error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot open the folder %s"), m->path);
	for (size_t i = 0; i < FOLDER_COUNT; i++) {
		m->folders[i] = openat(m->fd, folder_names[i], OPEN_FOLDER);
		if (m->folders[i] < 0) {
			(void)error_set_errno(err, ERROR_FILE_MISSING, errno,
					      _("%s is not a Maildir: cannot open its folder %s"), m->path,
					      folder_names[i]);
			return false;
		}
		if (faccessat(m->folders[i], ".", W_OK | X_OK, AT_EACCESS) < 0)
			return error_set_errno(err, ERROR_CANNOT_CREATE, errno,
					       _("cannot flag what is sent as seen, in the folder %s/%s"), m->path,
					       folder_names[i]);
	}
	return true;
}

/* What is remembered of one must not be taken for the other. */
static bool check_names(const struct maildir *m, struct error *err)
{
	for (size_t i = 1; i < m->n; i++)
		if (by_arrival(&m->files[i - 1], &m->files[i]) == 0) {
			(void)error_set(err, ERROR_DAMAGED, _("two messages in %s have the same name, %s"), m->path,
					m->files[i].base);
			error_hint(err, "%s", _("If they are the same message, remove one; else rename it."));
			return false;
		}
	return true;
}

struct batch_source *batch_maildir_open(const char *path, const struct runtime *runtime, struct error *err)
{
	struct maildir *m = xcalloc(1, sizeof(*m));
	*m = (struct maildir){.source = {.ops = &maildir_ops},
			      .runtime = runtime,
			      .path = xstrdup(path),
			      .fd = -1,
			      .folders = {-1, -1},
			      .journal = {.fd = -1},
			      .broken = ERROR_INIT};
	bool ok = open_folders(m, err) && batch_journal_open(&m->journal, m->fd, m->path, err) &&
		  list_folder(m, FOLDER_NEW, err) && list_folder(m, FOLDER_CUR, err);
	if (ok && m->n)
		qsort(m->files, m->n, sizeof(*m->files), by_arrival);
	if (ok && check_names(m, err) && catch_up(m, err))
		return &m->source;
	release(m);
	return NULL;
}
