/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/archive.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "message/wire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEME "maildir:"
#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* ---- the Maildir ------------------------------------------------------ */

static const char *const parts[] = {"tmp", "new", "cur"};

static bool is_ours(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_uid == geteuid();
}

/* "~" is not replaced by the home of another user, whose links could lead anywhere. */
char *archive_folder(const struct account *a, const struct runtime *runtime, struct error *err)
{
	const char *given = account_str(a, OPT_ARCHIVE) + strlen(SCHEME);
	AUTO_FREE char *home = *given == '~' ? env_expand_home(runtime->environ, "~", err) : NULL;
	if (*given == '~' && !home)
		return NULL;
	if (home && !is_ours(home)) {
		(void)error_set(err, ERROR_CANNOT_CREATE, _("the home directory %s belongs to another user"), home);
		return NULL;
	}
	return env_expand_home(runtime->environ, given, err);
}

static bool cannot(const char *what, const char *path, struct error *err)
{
	return error_set_errno(err, ERROR_CANNOT_CREATE, errno, "%s %s", what, path);
}

/* Makes the folder and those above it. */
static bool make_folders(const char *path, struct error *err)
{
	AUTO_FREE char *part = xstrdup(path);
	for (char *p = part + 1;; p++) {
		char c = *p;
		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(part, S_IRWXU) < 0 && errno != EEXIST && (!c || errno != EROFS))
			return cannot(_("cannot make the folder"), part, err);
		if (!c)
			return true;
		*p = c;
	}
}

static bool is_empty(int fd)
{
	int copy = openat(fd, ".", OPEN_FOLDER);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	size_t n = 0;
	if (!dir) {
		if (copy >= 0)
			(void)close(copy);
		return false;
	}
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	(void)closedir(dir); /* it was only read */
	return n == 0;
}

/* What lies in another place is not mistaken for a Maildir, whose folders would be made in it. */
static bool make_parts(int fd, const char *path, struct error *err)
{
	struct stat st;
	bool any = false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		any |= fstatat(fd, parts[i], &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
	if (!any && !is_empty(fd))
		return error_set(err, ERROR_CANNOT_CREATE, _("the folder %s is neither empty nor a Maildir"), path);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (mkdirat(fd, parts[i], S_IRWXU) < 0 && errno != EEXIST)
			return cannot(_("cannot make the Maildir"), path, err);
	return true;
}

static int open_maildir(const char *path, struct error *err)
{
	AUTO_FD int fd = open(path, OPEN_FOLDER);
	if (fd < 0 && errno == ENOENT) {
		if (!make_folders(path, err))
			return -1;
		fd = open(path, OPEN_FOLDER);
	}
	if (fd < 0) {
		(void)cannot(_("cannot open the folder"), path, err);
		return -1;
	}
	return make_parts(fd, path, err) ? steal_fd(&fd) : -1;
}

/* ---- the copy --------------------------------------------------------- */

static bool write_all(int fd, struct span octets, struct error *err)
{
	return fs_write_all(fd, octets) || error_set_errno(err, ERROR_IO, errno, "%s", _("cannot write the copy"));
}

static bool write_copy(int fd, const struct submission *p, struct span bcc, struct error *err)
{
	AUTO(strbuf) portion = STRBUF_INIT;
	struct wire_body wire;
	bool more = true, ok = write_all(fd, bcc, err);
	wire_body_init(&wire, strbuf_span(&p->header), &p->message.body, false);
	wire.untouched = p->message.info.nul; /* it could only be sent as binary */
	while (ok && more) {
		strbuf_reset(&portion);
		ok = wire_body_next(&wire, &portion, &more, err) && write_all(fd, strbuf_span(&portion), err);
	}
	wire_body_release(&wire);
	if (ok && fsync(fd) < 0)
		ok = error_set_errno(err, ERROR_IO, errno, "%s", _("cannot write the copy"));
	return ok;
}

/* The host's name has no "/" and no ":" here, which Maildir gives a meaning. */
static char *make_name(const struct runtime *runtime)
{
	char host[256] = "";
	unsigned char random[8];
	AUTO(strbuf) name = STRBUF_INIT;
	(void)gethostname(host, sizeof(host) - 1); /* empty if it has none */
	runtime->rng->fill(runtime->rng, random, sizeof(random));
	strbuf_addf(&name, "%lld.R", (long long)clock_wall(runtime->clock));
	for (size_t i = 0; i < sizeof(random); i++)
		strbuf_addf(&name, "%02x", random[i]);
	strbuf_addch(&name, '.');
	for (const char *c = *host ? host : "localhost"; *c; c++)
		strbuf_addch(&name, *c == '/' || *c == ':' ? '_' : *c);
	return strbuf_detach(&name, NULL);
}

/* Not over a file that is there; some file systems have no hard links. */
static bool put_into_cur(int folder, const char *from, const char *to, struct error *err)
{
	if (linkat(folder, from, folder, to, 0) == 0)
		(void)unlinkat(folder, from, 0); /* else readers of the Maildir remove it after 36 hours */
	else if (errno == EEXIST || renameat(folder, from, folder, to) < 0)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, "%s", _("cannot put the copy into cur"));
	AUTO_FD int cur = openat(folder, "cur", OPEN_FOLDER);
	return (cur >= 0 && fsync(cur) == 0) ||
	       error_set_errno(err, ERROR_IO, errno, "%s", _("cannot write the folder cur"));
}

static bool add_to(int folder, const struct submission *p, struct span bcc, const struct runtime *runtime,
		   struct error *err)
{
	AUTO_FREE char *name = make_name(runtime);
	AUTO_FREE char *from = xasprintf("tmp/%s", name);
	AUTO_FREE char *to = xasprintf("cur/%s:2,S", name);
	AUTO_FD int fd = openat(folder, from, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, "%s", _("cannot make a file in tmp"));
	if (write_copy(fd, p, bcc, err) && put_into_cur(folder, from, to, err))
		return true;
	(void)unlinkat(folder, from, 0); /* nothing of it remains */
	return false;
}

static bool archive(const struct submission *p, struct span bcc, const struct runtime *runtime, struct error *err)
{
	if (runtime->privileged)
		return error_set(err, ERROR_CONFIG, "%s",
				 _("nothing is written by a program that has more rights than its caller"));
	AUTO_FREE char *path = archive_folder(p->account, runtime, err);
	AUTO_FD int folder = path ? open_maildir(path, err) : -1;
	return folder >= 0 && add_to(folder, p, bcc, runtime, err);
}

void archive_accepted(struct submission *p, struct span bcc, const struct runtime *runtime,
		      struct delivery_result *result)
{
	AUTO(error) err = ERROR_INIT;
	bool accepted = false;
	for (size_t i = 0; i < result->n; i++)
		accepted |= result->outcomes[i].kind == OUTCOME_ACCEPTED;
	if (!accepted || p->archived || !account_is_set(p->account, OPT_ARCHIVE))
		return;
	p->archived = true;
	if (!archive(p, bcc, runtime, &err))
		strvec_pushf(&result->warnings, _("the message was sent, but not archived in %s: %s"),
			     account_str(p->account, OPT_ARCHIVE) + strlen(SCHEME), err.status.text);
}
