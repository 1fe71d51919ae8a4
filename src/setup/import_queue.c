/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/import_queue.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/proc.h"
#include "base/strvec.h"
#include "base/xalloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define ARGUMENTS ".msmtp"
#define MESSAGE ".mail"
#define BUSY ".importing"
#define DONE ".imported"
#define ARGUMENTS_MAX ((size_t)1 << 20)

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);
	return n > k && strcmp(name + n - k, end) == 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in the folder, in order. */
static bool list(const char *folder, struct strvec *names, struct error *err)
{
	DIR *dir = opendir(folder);
	if (!dir)
		return error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot read the folder %s"), folder);
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		if (ends_with(e->d_name, ARGUMENTS) || ends_with(e->d_name, ARGUMENTS BUSY))
			strvec_push(names, e->d_name);
	(void)closedir(dir);
	qsort(names->v, names->n, sizeof(*names->v), compare);
	return true;
}

/* msmtpq writes them with blanks between, and has lost quotes and the ends of words. */
static bool read_arguments(const char *path, struct strvec *argv, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO_FD int fd = fs_open_regular(path, _("file"), err);
	if (fd < 0 || !fs_read_fd(fd, &text, ARGUMENTS_MAX, err))
		return false;
	struct span rest = strbuf_span(&text), word;
	while ((word = span_word(&rest)).len)
		strvec_push_span(argv, word);
	return true;
}

static bool take_nothing(void *arg, struct span output, struct error *err)
{
	(void)arg;
	(void)output;
	(void)err;
	return true;
}

static bool submit(const char *message, const char *arguments, const struct runtime *runtime, struct error *err)
{
	AUTO(strvec) argv = STRVEC_INIT;
	AUTO_FD int fd = open(message, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_set_errno(err, ERROR_FILE_MISSING, errno, _("cannot read %s"), message);
	strvec_push(&argv, "/proc/self/exe");
	strvec_push(&argv, "--queue=always");
	if (!read_arguments(arguments, &argv, err))
		return false;
	const struct proc_request req = {.argv = (const char *const *)argv.v,
					 .name = "posthaste",
					 .runtime = runtime,
					 .deadline = deadline_in(runtime->clock, proc_patience(runtime)),
					 .limit = ARGUMENTS_MAX,
					 .input_file = &fd,
					 .take = take_nothing};
	return proc_run(&req, err);
}

static bool move(const char *from, const char *to, struct error *err)
{
	return rename(from, to) == 0 ||
	       error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot rename %s to %s"), from, to);
}

static bool import_message(const char *folder, const char *id, const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *arguments = xasprintf("%s/%s" ARGUMENTS, folder, id);
	AUTO_FREE char *busy = xasprintf("%s" BUSY, arguments);
	AUTO_FREE char *message = xasprintf("%s/%s" MESSAGE, folder, id);
	AUTO_FREE char *done = xasprintf("%s" DONE, message);
	if (!move(arguments, busy, err))
		return false;
	if (!submit(message, busy, runtime, err)) {
		(void)move(busy, arguments, NULL); /* it was refused, so it is not in the queue */
		return false;
	}
	AUTO_FREE char *kept = xasprintf("%s" DONE, arguments);
	return move(message, done, err) && move(busy, kept, err);
}

static void note_busy(const char *folder, const char *name, struct error *err)
{
	(void)error_set(err, ERROR_UNCERTAIN,
			_("%s/%s: an import ended while this message was submitted; it may be in the queue"), folder,
			name);
	error_hint(
		err, "%s",
		_("Look for it with mailq.  If it is not there, rename the file to end in .msmtp, and import again."));
}

bool import_queue(const char *folder, const struct runtime *runtime, struct strbuf *out, struct error *err)
{
	AUTO(strvec) names = STRVEC_INIT;
	size_t imported = 0;
	if (!list(folder, &names, err))
		return false;
	bool ok = true;
	for (size_t i = 0; i < names.n; i++) {
		AUTO(error) why = ERROR_INIT;
		const char *name = names.v[i];
		size_t n = strlen(name);
		AUTO_FREE char *id = xmemdup0(name, n > sizeof(ARGUMENTS) - 1 ? n - (sizeof(ARGUMENTS) - 1) : n);
		if (ends_with(name, BUSY)) {
			note_busy(folder, name, &why);
		} else if (import_message(folder, id, runtime, &why)) {
			imported++;
			continue;
		} else {
			error_stage(&why, "%s/%s", folder, id);
		}
		if (ok)
			error_move(err, &why);
		else
			runtime_problem(runtime, &why);
		ok = false;
	}
	strbuf_addf(out,
		    Q_("imported into the queue: %zu message\n", "imported into the queue: %zu messages\n", imported),
		    imported);
	return ok;
}
