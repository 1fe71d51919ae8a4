/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/console.h"

#include "base/terminal.h"
#include "base/proc.h"
#include "base/process.h"
#include "oauth/qr.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#define QR_MS 5000
#define QR_LIMIT 65536

static bool is_set(const struct runtime *runtime, const char *name)
{
	const char *value = runtime_env(runtime, name);
	return value && *value;
}

bool oauth_console_has_display(const struct oauth_console *c)
{
	return is_set(c->runtime, "DISPLAY") || is_set(c->runtime, "WAYLAND_DISPLAY");
}

/* By the name of the locale: the C library is not asked to load one for every name (cli/cli.c). */
static bool shows_utf8(const struct runtime *runtime)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *locale = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(names) && !locale; i++)
		if (is_set(runtime, names[i]))
			locale = runtime_env(runtime, names[i]);
	return locale && (strcasestr(locale, "UTF-8") || strcasestr(locale, "utf8"));
}

unsigned oauth_console_columns(const struct runtime *runtime, int fd)
{
	struct winsize size;
	if (!terminal_has_colours(runtime, fd) || !shows_utf8(runtime) || ioctl(fd, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

/* ---- the browser ---- */

static _Noreturn void become_browser(const char *url, char *const *environ_)
{
	const char *argv[] = {"xdg-open", url, NULL};
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(1);
	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &usual, NULL); /* fails for those that cannot be changed */
	process_close_from(STDERR_FILENO + 1);
	/* argv is not written to; the prototype is older than const */
	(void)execvpe(argv[0], (char *const *)(const void *)argv, environ_);
	_exit(1);
}

/* The child in between ends at once, so the browser is not our child, and is not ended with us. */
static _Noreturn void detach(const char *url, char *const *environ_)
{
	if (setsid() < 0)
		_exit(1);
	pid_t pid = fork();
	if (pid == 0)
		become_browser(url, environ_);
	_exit(0);
}

void oauth_console_browse(const struct oauth_console *c, const char *url)
{
	if (c->runtime->privileged || !oauth_console_has_display(c))
		return;
	pid_t pid = fork();
	if (pid == 0)
		detach(url, c->runtime->environ);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* ---- the QR code ---- */

void oauth_console_show_qr(const struct oauth_console *c, const char *text)
{
	AUTO(secret) input = SECRET_INIT;
	AUTO(secret) rows = SECRET_INIT;
	AUTO(strbuf) drawn = STRBUF_INIT;
	const char *argv[] = {c->runtime->helpers.qr, NULL};
	if (!c->columns || c->runtime->privileged || !argv[0] || access(argv[0], X_OK) < 0)
		return;
	secret_set(&input, text, strlen(text));
	const struct proc_request child = {.argv = argv,
					   .runtime = c->runtime,
					   .deadline = deadline_in(c->runtime->clock, QR_MS),
					   .limit = QR_LIMIT,
					   .input = &input};
	/* The address is shown in any case. */
	if (proc_capture_secret(&child, &rows, NULL) && oauth_qr_draw(secret_reveal(&rows), c->columns, &drawn))
		c->say(c->arg, drawn.buf);
}
