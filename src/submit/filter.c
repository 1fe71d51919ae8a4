/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/filter.h"

#include "base/clean_text.h"
#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "submit/header_fill.h"

#include <errno.h>
#include <sysexits.h>
#include <unistd.h>

#define WORDS_MAX 500
#define INPUT_ROOM (64u * 1024)
#define MEMORY_MAX (256u * 1024)		  /* a larger message goes to a file on disk */
#define OUTPUT_SPARE ((uint64_t)64 * 1024 * 1024) /* so much more than four times the input may be printed */

/* ---- what it gets ------------------------------------------------------- */

static bool write_all(int fd, struct span octets, struct error *err)
{
	return fs_write_all(fd, octets) ||
	       error_set_errno(err, ERROR_IO, errno, "%s", _("cannot write the message to a temporary file"));
}

/* Writes text without the CRs before its LFs; a CR at the end is held back in *cr. */
static bool write_lf(int fd, struct span text, bool *cr, struct strbuf *work, struct error *err)
{
	strbuf_reset(work);
	for (size_t i = 0; i < text.len; i++) {
		if (*cr && text.ptr[i] != '\n')
			strbuf_addch(work, '\r');
		*cr = text.ptr[i] == '\r';
		if (!*cr)
			strbuf_addch(work, text.ptr[i]);
	}
	return write_all(fd, strbuf_span(work), err);
}

static bool write_message(const struct submission *p, int fd, struct error *err)
{
	AUTO(strbuf) work = STRBUF_INIT;
	AUTO_FREE char *buf = xmalloc(INPUT_ROOM);
	bool cr = false;
	size_t got = 1;
	if (!write_lf(fd, strbuf_span(&p->header), &cr, &work, err))
		return false;
	for (uint64_t at = 0; got; at += got)
		if (!source_read_at(&p->message.body, at, buf, INPUT_ROOM, &got, err) ||
		    !write_lf(fd, span_make(buf, got), &cr, &work, err))
			return false;
	return !cr || write_all(fd, SPAN_LIT("\r"), err);
}

/* The message as a file: no process has to write it while the command reads. */
static int make_input(const struct submission *p, const struct runtime *runtime, struct error *err)
{
	AUTO_FD int fd = -1;
	if (p->message.body.size <= MEMORY_MAX)
		fd = fs_memory_file("message");
	if (fd < 0)
		fd = runtime->temp->open(runtime->temp, err);
	if (fd < 0 || !write_message(p, fd, err))
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0) {
		(void)error_set_errno(err, ERROR_IO, errno, "%s", _("cannot read the message again"));
		return -1;
	}
	return steal_fd(&fd);
}

static void push_recipients(const struct submission *p, struct strvec *variables)
{
	AUTO(strbuf) list = STRBUF_INIT;
	for (size_t i = 0; i < p->env.n; i++)
		if (!p->env.rcpts[i].refused)
			strbuf_addf(&list, list.len ? " %s" : "%s", p->env.rcpts[i].address.given);
	if (list.len <= FILTER_RECIPIENTS_MAX)
		strvec_pushf(variables, "POSTHASTE_RECIPIENTS=%s", list.buf);
}

static void make_environ(const struct submission *p, const struct runtime *runtime, struct strvec *variables)
{
	for (char *const *e = runtime->environ; e && *e; e++)
		if (strncmp(*e, "POSTHASTE_SENDER=", 17) != 0 && strncmp(*e, "POSTHASTE_RECIPIENTS=", 21) != 0)
			strvec_push(variables, *e);
	strvec_pushf(variables, "POSTHASTE_SENDER=%s", p->env.mail.sender.given);
	push_recipients(p, variables);
}

/* ---- what it says ------------------------------------------------------- */

struct output {
	struct message message;
	struct message_reader reader;
};

static bool take_output(void *arg, struct span octets, struct error *err)
{
	struct output *o = arg;
	return message_reader_feed(&o->reader, octets.ptr, octets.len, err);
}

/* Its words on one line; malloc'ed, maybe empty. */
static char *words_of(const struct proc_errors *errors)
{
	return clean_text(span_trim(strbuf_span(&errors->text)), WORDS_MAX);
}

static void explain_status(const char *name, int status, const char *words, struct error *err)
{
	const char *colon = *words ? ": " : "";
	if (status == EX_TEMPFAIL) {
		(void)error_set(err, ERROR_FILTER,
				_("the command %s cannot handle the message now (exit status %d)%s%s"), name, status,
				colon, words);
		error_hint_again(err);
	} else {
		(void)error_set(err, ERROR_MESSAGE, _("the command %s refused the message (exit status %d)%s%s"), name,
				status, colon, words);
		error_hint(err, "%s", _("Change the message as it says, or run the command yourself to see why."));
	}
}

static bool no_message(const char *name, struct error *err)
{
	(void)error_set(err, ERROR_MESSAGE, _("the command %s printed no message: it must begin with a header"), name);
	error_hint(err, "%s", _("It must print the header and the body on its standard output, changed or not."));
	return false;
}

/* ---- running it --------------------------------------------------------- */

static msec_t time_limit(const struct submission *p, const struct runtime *runtime)
{
	long long ms = FILTER_MS + (long long)(p->message.body.size >> 20) * FILTER_MS_PER_MIB;
	static const enum option_id limits[] = {OPT_TIMEOUT, OPT_DEADLINE};
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		long long limit = account_int(p->account, limits[i]);
		ms = limit > 0 && limit < ms ? limit : ms;
	}
	return deadline_in(runtime->clock, ms);
}

static bool run(const struct submission *p, const struct runtime *outer, int input, struct output *o,
		struct proc_errors *errors, struct error *err)
{
	const struct strvec *words = account_list(p->account, OPT_FILTER);
	AUTO(strvec) variables = STRVEC_INIT;
	struct runtime runtime = *outer;
	make_environ(p, outer, &variables);
	runtime.environ = variables.v;
	runtime.keeps_helper_errors = true;
	int status = -1;
	const struct proc_request req = {
		.argv = (const char *const *)words->v,
		.runtime = &runtime,
		.deadline = time_limit(p, outer),
		.limit = (size_t)(4 * (p->header.len + p->message.body.size) + OUTPUT_SPARE),
		.input_file = &input,
		.errors = errors,
		.take = take_output,
		.take_arg = o,
		.exit_status = &status,
	};
	if (proc_run(&req, err))
		return true;
	AUTO_FREE char *said = words_of(errors);
	if (status > 0)
		explain_status(req.argv[0], status, said, err);
	else if (err->status.kind == ERROR_SECRET_UNAVAILABLE)
		err->status.kind = ERROR_FILTER;
	return false;
}

static bool finish(struct submission *p, struct output *o, const char *name, struct error *err)
{
	if (!message_reader_end(&o->reader, err))
		return false;
	if (!o->message.header.len || o->message.info.headerless)
		return no_message(name, err);
	message_release(&p->message);
	p->message = o->message;
	message_init(&o->message, NULL);
	header_fill_again(p);
	return true;
}

static bool filter(struct submission *p, const struct runtime *runtime, struct error *err)
{
	const char *name = account_list(p->account, OPT_FILTER)->v[0];
	AUTO(proc_errors) errors = PROC_ERRORS_INIT;
	AUTO_FD int input = make_input(p, runtime, err);
	struct output o;
	if (input < 0)
		return false;
	message_init(&o.message, runtime->temp);
	message_reader_init(&o.reader, &o.message, 0);
	bool ok = run(p, runtime, input, &o, &errors, err) && finish(p, &o, name, err);
	AUTO_FREE char *said = words_of(&errors);
	if (ok && *said)
		strvec_pushf(&p->warnings, _("the command %s wrote: %s"), name, said);
	message_reader_release(&o.reader);
	message_release(&o.message);
	return ok;
}

bool submission_filter(struct submission *p, const struct runtime *runtime, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	if (!account_is_set(p->account, OPT_FILTER) || !envelope_count_open(&p->env))
		return true;
	if (runtime->privileged)
		(void)error_set(&why, ERROR_CONFIG, "%s",
				_("no command is run by a program that has more rights than its caller"));
	else if (filter(p, runtime, &why))
		return true;
	error_stage(&why, "%s", option_table[OPT_FILTER].command);
	error_move(err, &why);
	return false;
}
