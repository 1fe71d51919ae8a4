/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every dialogue against the real program over a socket, as TAP.
 *
 *	run_socket [FILE.dlg...]
 *
 * The program is $POSTHASTE, else posthaste in $top_builddir; without names
 * all files of $top_srcdir/tests/dialogues are played, some at a time.  Each
 * has its own folder, HOME and port.  Those for run_memory only are left out.
 */
#include "dialogue_files.h"
#include "scripted_server.h"

#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define AT_ONCE 4
#define SECONDS_FOR_EACH 60

struct stage {
	const char *program;
	struct strbuf certificate, key;
	char *work; /* folder of this run */
};

struct act {
	const struct stage *stage;
	struct dialogue d;
	struct scripted_server server;
	char *dir;
	struct strbuf why;
};

/* ---- files --------------------------------------------------------------------- */

static void write_file(struct act *a, const char *name, struct span text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", a->dir, name);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(text.ptr, 1, text.len, f) != text.len)
		strbuf_addf(&a->why, "cannot write %s: %s\n", path, strerror(errno));
	if (f)
		(void)fclose(f);
}

static void read_file(struct act *a, const char *name, struct strbuf *out)
{
	AUTO_FREE char *path = xasprintf("%s/%s", a->dir, name);
	char block[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	while (f && (n = fread(block, 1, sizeof(block), f)) > 0)
		strbuf_add(out, block, n);
	if (f)
		(void)fclose(f);
}

static void make_dir(struct act *a, const char *name)
{
	AUTO_FREE char *path = xasprintf("%s/%s", a->dir, name);
	if (mkdir(path, 0700) != 0)
		strbuf_addf(&a->why, "cannot make %s: %s\n", path, strerror(errno));
}

static void substituted(const struct act *a, struct span text, struct strbuf *out)
{
	char port[16];
	(void)snprintf(port, sizeof(port), "%u", a->server.port);
	const char *const values[] = {"HOST", "127.0.0.1", "PORT", port, "DIR", a->dir, NULL};
	dialogue_substitute(out, text, values);
}

static void write_files(struct act *a)
{
	AUTO(strbuf) config = STRBUF_INIT;
	make_dir(a, "home");
	make_dir(a, "config");
	make_dir(a, "config/posthaste");
	make_dir(a, "tmp");
	substituted(a, strbuf_span(&a->d.config), &config);
	if (config.len)
		write_file(a, a->d.msmtprc ? "home/.msmtprc" : "config/posthaste/config", strbuf_span(&config));
	write_file(a, "ca.pem", strbuf_span(&a->stage->certificate));
	write_file(a, "stdin", strbuf_span(&a->d.input));
	for (size_t i = 0; i < a->d.files_n; i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		substituted(a, strbuf_span(&a->d.files[i].content), &text);
		write_file(a, a->d.files[i].name, strbuf_span(&text));
	}
}

/* ---- the program ------------------------------------------------------------------ */

static void push_substituted(struct strvec *to, const struct act *a, const char *text)
{
	AUTO(strbuf) sb = STRBUF_INIT;
	substituted(a, span_of(text), &sb);
	strvec_push(to, sb.buf);
}

static void pass_on(struct strvec *env, const char *name)
{
	const char *value = getenv(name);
	if (value)
		strvec_pushf(env, "%s=%s", name, value);
}

static void make_environment(const struct act *a, struct strvec *env)
{
	static const char *const kept[] = {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH"};
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		pass_on(env, kept[i]);
	strvec_pushf(env, "HOME=%s/home", a->dir);
	strvec_pushf(env, "XDG_CONFIG_HOME=%s/config", a->dir);
	strvec_pushf(env, "XDG_STATE_HOME=%s/home", a->dir);
	strvec_pushf(env, "XDG_RUNTIME_DIR=%s/tmp", a->dir);
	strvec_pushf(env, "TMPDIR=%s/tmp", a->dir);
	strvec_push(env, "LC_ALL=C.UTF-8");
	for (size_t i = 0; i < a->d.env.n; i++)
		push_substituted(env, a, a->d.env.v[i]);
}

static void redirect(const struct act *a, const char *name, int flags, int to)
{
	AUTO_FREE char *path = xasprintf("%s/%s", a->dir, name);
	int fd = open(path, flags, 0600);
	if (fd < 0 || dup2(fd, to) < 0)
		_exit(127);
	if (fd != to)
		(void)close(fd);
}

/* *gone becomes readable when the program has ended. */
static pid_t start_program(struct act *a, int *gone)
{
	AUTO(strvec) argv = STRVEC_INIT;
	AUTO(strvec) env = STRVEC_INIT;
	int ends[2];
	strvec_push(&argv, a->stage->program);
	for (size_t i = 0; i < a->d.args.n; i++)
		push_substituted(&argv, a, a->d.args.v[i]);
	make_environment(a, &env);
	if (pipe(ends) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		(void)close(ends[0]); /* the other end is held open by the program as long as it lives */
		redirect(a, "stdin", O_RDONLY, 0);
		redirect(a, "stdout", O_WRONLY | O_CREAT | O_TRUNC, 1);
		redirect(a, "stderr", O_WRONLY | O_CREAT | O_TRUNC, 2);
		(void)execve(a->stage->program, argv.v, env.v);
		_exit(127);
	}
	(void)close(ends[1]);
	*gone = ends[0];
	return pid;
}

/* Its exit status, or -1 if it had to be killed or died of a signal. */
static int wait_program(pid_t pid, int gone, long long deadline, struct strbuf *why)
{
	char octet;
	int status = 0;
	long long left = deadline - scripted_server_now();
	struct timeval tv = {.tv_sec = left > 0 ? (time_t)(left / 1000) : 0};
	fd_set set;
	FD_ZERO(&set);
	FD_SET(gone, &set);
	if (select(gone + 1, &set, NULL, NULL, &tv) <= 0 || read(gone, &octet, 1) != 0) {
		strbuf_adds(why, "the program did not end and was killed\n");
		(void)kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	strbuf_addf(why, "the program died of signal %d\n", WTERMSIG(status));
	return -1;
}

/* ---- one dialogue ---------------------------------------------------------------------- */

static void show_output(struct strbuf *why, const char *what, const struct strbuf *text)
{
	struct span rest = strbuf_span(text), line;
	while (text->len && span_split(&rest, '\n', &line)) {
		strbuf_addf(why, "  %s: ", what);
		dialogue_show(why, line);
		strbuf_addch(why, '\n');
	}
}

static void judge(struct act *a, int status)
{
	AUTO(strbuf) err = STRBUF_INIT;
	AUTO(strbuf) out = STRBUF_INIT;
	read_file(a, "stderr", &err);
	read_file(a, "stdout", &out);
	if (status != a->d.exit_status)
		strbuf_addf(&a->why, "exit status %d, wanted %d\n", status, a->d.exit_status);
	(void)dialogue_patterns_hold(&a->d.err, "standard error", strbuf_span(&err), &a->why);
	(void)dialogue_patterns_hold(&a->d.out, "standard output", strbuf_span(&out), &a->why);
	if (!a->why.len)
		return;
	show_output(&a->why, "stderr", &err);
	show_output(&a->why, "stdout", &out);
}

static void perform(struct act *a)
{
	int gone = -1;
	long long deadline = scripted_server_now() + SECONDS_FOR_EACH * 1000;
	write_files(a);
	pid_t pid = start_program(a, &gone);
	if (pid < 0) {
		strbuf_adds(&a->why, "cannot start the program\n");
		return;
	}
	scripted_server_play(&a->server, &a->d, gone, deadline, &a->why);
	judge(a, wait_program(pid, gone, deadline, &a->why));
	(void)close(gone);
}

/* What a TAP reader shall see of one file. */
static void play_file(const struct stage *stage, const char *path, size_t number, FILE *out)
{
	struct act a = {.stage = stage, .why = STRBUF_INIT, .server = {.listen_fd = -1}};
	AUTO(error) err = ERROR_INIT;
	a.dir = xasprintf("%s/%zu", stage->work, number);
	if (!dialogue_read(&a.d, path, &err) || mkdir(a.dir, 0700) != 0 ||
	    !scripted_server_open(&a.server, &stage->certificate, &stage->key, &err))
		strbuf_addf(&a.why, "%s\n", err.status.text ? err.status.text : strerror(errno));
	else
		perform(&a);
	const char *title = a.d.title ? a.d.title : path;
	(void)fprintf(out, "%sok %zu - %s: %s\n", a.why.len ? "not " : "", number, a.d.name ? a.d.name : path, title);
	struct span rest = strbuf_span(&a.why), line;
	while (a.why.len && span_split(&rest, '\n', &line))
		(void)fprintf(out, "# %.*s\n", SPAN_FMT(line));
	scripted_server_close(&a.server);
	dialogue_release(&a.d);
	strbuf_release(&a.why);
	free(a.dir);
}

/* ---- all of them ---------------------------------------------------------------------------- */

static char *report_path(const struct stage *stage, size_t number)
{
	return xasprintf("%s/%zu.tap", stage->work, number);
}

static pid_t play_apart(const struct stage *stage, const char *path, size_t number)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	AUTO_FREE char *name = report_path(stage, number);
	FILE *out = fopen(name, "w");
	if (!out)
		_exit(1);
	play_file(stage, path, number, out);
	_exit(fclose(out) == 0 ? 0 : 1);
}

static bool print_report(const struct stage *stage, size_t number)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct act fake = {.dir = stage->work};
	AUTO_FREE char *file = xasprintf("%zu.tap", number);
	read_file(&fake, file, &text);
	if (!text.len)
		strbuf_addf(&text, "not ok %zu - the player itself failed\n", number);
	(void)fputs(text.buf, stdout);
	return strncmp(text.buf, "ok ", 3) == 0;
}

static bool play_all(const struct stage *stage, const struct strvec *files)
{
	size_t running = 0;
	bool good = true;
	(void)printf("1..%zu\n", files->n);
	(void)fflush(stdout);
	for (size_t i = 0; i < files->n; i++) {
		if (running == AT_ONCE) {
			(void)wait(NULL);
			running--;
		}
		if (play_apart(stage, files->v[i], i + 1) > 0)
			running++;
	}
	while (running--)
		(void)wait(NULL);
	for (size_t i = 0; i < files->n; i++)
		good &= print_report(stage, i + 1);
	return good;
}

static void remove_work(const struct stage *stage)
{
	pid_t pid = fork();
	if (pid == 0) {
		(void)execlp("rm", "rm", "-rf", "--", stage->work, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	AUTO(strvec) files = STRVEC_INIT;
	AUTO(error) err = ERROR_INIT;
	const char *top = getenv("top_builddir"), *named = getenv("POSTHASTE"), *tmp = getenv("TMPDIR");
	AUTO_FREE char *built = xasprintf("%s/posthaste", top ? top : ".");
	AUTO_FREE char *work = xasprintf("%s/dialogues.XXXXXX", tmp ? tmp : "/tmp");
	struct stage stage = {.program = named ? named : built, .certificate = STRBUF_INIT, .key = STRBUF_INIT};
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	dialogue_files(&files, DIALOGUE_OVER_SOCKET, argc, argv);
	stage.work = mkdtemp(work);
	if (!files.n || !stage.work || access(stage.program, X_OK) != 0 ||
	    !scripted_server_certificate(&stage.certificate, &stage.key, &err)) {
		(void)printf("Bail out! no dialogues, no folder, no program %s or no certificate\n", stage.program);
		return 1;
	}
	bool good = play_all(&stage, &files);
	remove_work(&stage);
	strbuf_release(&stage.certificate);
	strbuf_release(&stage.key);
	return good ? 0 : 1;
}
