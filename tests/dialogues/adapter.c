/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "adapter.h"

#include "base/xalloc.h"
#include "submit/submission_read.h"
#include "transport/exit_status.h"
#include "cli/print_result.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>

#define HOST "127.0.0.1"
#define PORT "2525" /* no connection is made */

/* ---- surroundings -------------------------------------------------------------- */

static void substituted(struct span text, const char *dir, struct strbuf *out)
{
	const char *const values[] = {"HOST", HOST, "PORT", PORT, "DIR", dir, NULL};
	dialogue_substitute(out, text, values);
}

static bool write_file(const char *dir, const char *name, struct span text, struct error *err)
{
	AUTO_FREE char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	if (!f)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, "cannot write %s", path);
	bool fine = fwrite(text.ptr, 1, text.len, f) == text.len;
	return (fclose(f) == 0 && fine) || error_set(err, ERROR_IO, "cannot write %s", path);
}

static bool write_files(const struct dialogue *d, const char *dir, struct error *err)
{
	AUTO(strbuf) config = STRBUF_INIT;
	AUTO_FREE char *folder = xasprintf("%s/posthaste", dir);
	if (mkdir(folder, 0700) != 0)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, "cannot make %s", folder);
	substituted(strbuf_span(&d->config), dir, &config);
	if (config.len && !write_file(dir, d->msmtprc ? ".msmtprc" : "posthaste/config", strbuf_span(&config), err))
		return false;
	for (size_t i = 0; i < d->files_n; i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		substituted(strbuf_span(&d->files[i].content), dir, &text);
		if (!write_file(dir, d->files[i].name, strbuf_span(&text), err))
			return false;
	}
	return true;
}

static int open_input(const struct dialogue *d)
{
	int fd = memfd_create("stdin", MFD_CLOEXEC);
	if (fd >= 0 &&
	    (write(fd, d->input.buf, d->input.len) != (ssize_t)d->input.len || lseek(fd, 0, SEEK_SET) != 0)) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* ---- the message ------------------------------------------------------------------- */

static bool encode_body(const struct adapted_message *content, bool dots, struct strbuf *out, struct error *err)
{
	struct wire_body body;
	bool more = true, ok = true;
	wire_body_init(&body, content->header, content->body, dots);
	body.untouched = content->mail.binary && !dots;
	while (ok && more)
		ok = wire_body_next(&body, out, &more, err);
	wire_body_release(&body);
	return ok;
}

static void translate(struct adapted *a)
{
	const struct account *account = a->submission.account;
	struct delivery_message message = submission_message(&a->submission);
	a->mail = adapt_transaction(account, &message);
	a->options = adapt_session(account);
	a->options.local_name = account_str(account, OPT_DOMAIN);
	a->options.needs = negotiate_needs(&a->mail);
	a->options.trace = play_trace;
}

static bool read_situation(struct adapted *a, const struct dialogue *d, const char *dir, struct error *err)
{
	AUTO(strvec) argv = STRVEC_INIT;
	AUTO_FD int input = open_input(d);
	if (input < 0)
		return error_set_errno(err, ERROR_SYSTEM, errno, "no memory for the input");
	strvec_push(&argv, "posthaste");
	for (size_t i = 0; i < d->args.n; i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		substituted(span_of(d->args.v[i]), dir, &text);
		strvec_push(&argv, text.buf);
	}
	strvec_pushf(&a->environ, "HOME=%s", dir);
	strvec_pushf(&a->environ, "XDG_CONFIG_HOME=%s", dir);
	strvec_pushf(&a->environ, "PATH=%s", getenv("PATH"));
	for (size_t i = 0; i < d->env.n; i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		substituted(span_of(d->env.v[i]), dir, &text);
		strvec_push(&a->environ, text.buf);
	}
	a->runtime.environ = a->environ.v;
	a->runtime.input = input;
	if (!args_parse((int)argv.n, argv.v, &a->runtime, &a->args, &a->error) ||
	    !submission_read(&a->submission, &a->settings, &a->args.request, &a->runtime, &a->error))
		return true; /* refused, as the program would refuse it */
	translate(a);
	caps_from_lines(&a->remembered, &d->remembered);
	a->options.remembered = d->remembered.n ? &a->remembered : NULL;
	return true;
}

bool adapter_prepare(struct adapted *a, const struct dialogue *d, const char *dir, struct error *err)
{
	*a = (struct adapted){
		.runtime = test_runtime(), .environ = STRVEC_INIT, .settings = SETTINGS_INIT, .error = ERROR_INIT};
	submission_init(&a->submission, &a->runtime);
	return write_files(d, dir, err) && read_situation(a, d, dir, err);
}

void adapter_release(struct adapted *a)
{
	caps_release(&a->remembered);
	args_release(&a->args);
	submission_release(&a->submission);
	settings_release(&a->settings);
	error_release(&a->error);
	strvec_release(&a->environ);
}

/* ---- a session ------------------------------------------------------------------------ */

static void answer_sasl(struct play *p, const struct session_step *step)
{
	struct adapted_run *run = p->arg;
	authenticate_step(&run->auth, p->session, step);
}

static void report_answered(struct adapted_run *run, struct session *s);

/* The same message once more. */
static void submit_ahead(struct play *p)
{
	struct adapted_run *run = p->arg;
	report_answered(run, p->session);
	while (run->submitted < p->dialogue->messages && session_has_room(p->session)) {
		run->submitted++;
		play_submit_ahead(p, &run->content.mail);
	}
}

static void submit_further(struct play *p)
{
	struct adapted_run *run = p->arg;
	p->ahead = submit_ahead;
	report_answered(run, p->session);
	if (run->submitted < p->dialogue->messages) {
		run->submitted++;
		session_submit(p->session, &run->content.mail);
	} else {
		session_quit(p->session);
	}
}

static void submit_or_leave(struct play *p)
{
	struct adapted_run *run = p->arg;
	if (p->dialogue->messages > 1 && run->submitted) {
		submit_further(p);
		return;
	}
	/* As broken_promises.c does it. */
	unsigned unkept = run->submitted ? session_unkept(p->session) & ~run->ignored : 0;
	if (run->submitted && !unkept) {
		session_quit(p->session);
		return;
	}
	if (unkept)
		session_ignore(p->session, unkept);
	run->ignored |= unkept;
	strbuf_reset(&run->body);
	strbuf_reset(&run->plain);
	run->submitted = 1;
	const struct submission *submission = &run->adapted->submission;
	struct delivery_message message = submission_message(submission);
	struct adapted_message *c = &run->content;
	if (!adapt_message(c, submission->account, &message, session_caps(p->session), &run->error) ||
	    !encode_body(c, true, &run->body, &run->error) || !encode_body(c, false, &run->plain, &run->error)) {
		error_stage(&run->error, "MAIL");
		if (unkept) /* what happened first is reported */
			error_release(&run->error);
		session_quit(p->session);
		return;
	}
	p->body = strbuf_span(&run->body);
	p->plain = strbuf_span(&run->plain);
	session_submit(p->session, &c->mail);
}

static void read_back(FILE *f, struct strbuf *out)
{
	char block[4096];
	size_t n;
	rewind(f);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		strbuf_add(out, block, n);
	(void)fclose(f);
}

/* What deliver() makes of a session's end, and the reporter of that. */
static void report(struct adapted_run *run, const struct session *s)
{
	run->reported++;
	const struct adapted *a = run->adapted;
	const struct envelope *env = &a->submission.env;
	const struct error *why = session_submission_error(s) ? session_submission_error(s) : session_error(s);
	const struct outcome *got = session_outcomes(s);
	struct delivery_result result = {.n = env->n, .outcomes = xcalloc(env->n, sizeof(*result.outcomes))};
	if (run->error.status.kind != ERROR_NONE)
		why = &run->error;
	if (why) {
		error_copy(&result.error, why);
		authenticate_explain(&run->auth, &result.error);
	}
	for (size_t i = 0; i < env->n; i++) {
		struct outcome *o = &result.outcomes[i];
		if (got)
			outcome_copy(o, &got[i]);
		if (o->kind == OUTCOME_OPEN && (!run->submitted || run->error.status.kind != ERROR_NONE))
			outcome_from_error(o, &result.error);
		if (run->several)
			strbuf_addf(&run->outcomes, "%zu: ", run->reported);
		strbuf_addf(&run->outcomes, "%s %s %d\n", env->rcpts[i].address.given, outcome_name(o->kind),
			    o->status.code);
	}
	if (got)
		mail_params_warn(&session_negotiated(s)->params, &result.warnings);
	int status = exit_status_of(&result);
	run->status = run->status ? run->status : status;
	if (session_stale(s)) {
		/* deliver begins again; for the player it ends here */
		run->stale = true;
		run->status = EX_TEMPFAIL;
		strbuf_adds(&run->err, "stale\n");
		delivery_result_release(&result);
		return;
	}
	FILE *f = status ? tmpfile() : NULL; /* success is silent */
	if (f) {
		print_warnings(f, &a->settings.config.warnings);
		print_warnings(f, &a->submission.warnings);
		print_result(f, &a->submission, &result);
		read_back(f, &run->err);
	}
	delivery_result_release(&result);
}

static void report_answered(struct adapted_run *run, struct session *s)
{
	while (session_answered(s)) {
		report(run, s);
		(void)session_next_result(s);
	}
}

static void init_run(struct adapted_run *run, const struct adapted *a)
{
	*run = (struct adapted_run){.adapted = a,
				    .err = STRBUF_INIT,
				    .outcomes = STRBUF_INIT,
				    .auth = {.refused = STRVEC_INIT},
				    .body = STRBUF_INIT,
				    .plain = STRBUF_INIT,
				    .error = ERROR_INIT};
	adapted_message_init(&run->content, a->runtime.temp);
}

void adapter_play(struct adapted_run *run, const struct adapted *a, struct play *p)
{
	struct session_options options = a->options;
	init_run(run, a);
	run->auth.account = a->submission.account;
	run->auth.password = account_secret(a->submission.account, OPT_PASSWORD);
	run->auth.host = HOST;
	run->auth.port = 2525;
	run->auth.is_protected = true; /* loopback */
	run->auth.is_verified = a->options.tls != SESSION_TLS_NONE && account_tls_is_checked(run->auth.account);
	options.trace_arg = p;
	p->session = session_new(&options);
	p->sasl = a->options.auth ? answer_sasl : NULL;
	p->ready = submit_or_leave;
	p->arg = run;
	run->several = p->dialogue->messages > 1;
	play_run(p);
	report_answered(run, p->session);
	if (run->reported < run->submitted || !run->reported)
		report(run, p->session);
	session_free(p->session);
	p->session = NULL;
}

void adapter_report_refusal(struct adapted_run *run, const struct adapted *a)
{
	init_run(run, a);
	run->status = error_kind_exit_status(a->error.status.kind);
	FILE *f = tmpfile();
	if (f) {
		print_warnings(f, &a->settings.config.warnings);
		print_warnings(f, &a->submission.warnings);
		print_problem(f, &a->error);
		read_back(f, &run->err);
	}
}

void adapter_run_release(struct adapted_run *run)
{
	authenticator_release(&run->auth);
	adapted_message_release(&run->content);
	strbuf_release(&run->body);
	strbuf_release(&run->plain);
	error_release(&run->error);
	strbuf_release(&run->err);
	strbuf_release(&run->outcomes);
}
