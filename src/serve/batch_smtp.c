/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Batch SMTP as the source of a batch: what a client would say in sessions, on runtime->input.
 *
 * Nobody reads replies, so what the client did wrong is reported with the number of its line.  A recipient with a fault
 * is refused, a message whose MAIL or DATA has one fails, and what follows a DATA that was refused is skipped up to its
 * end, because the client sends it all the same.  QUIT ends a session, and another one may follow.
 */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "serve/batch_source.h"
#include "serve/client_envelope.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>

#define ROOM (256u * 1024)
#define ADDRESS_SHOWN 200

struct batch_smtp {
	struct batch_source source;
	const struct runtime *runtime;
	struct caps offers;
	struct server_session *session;
	char *buf; /* what was read; [at, end) was not given to the session */
	size_t at, end;
	bool ended;	     /* there is no more input ... */
	bool interrupted;    /* ... because of a signal */
	size_t line;	     /* the number of the line that was given last */
	struct span command; /* that line, in buf; empty: it is text of a message */
	bool skipping;	     /* the text after a DATA that was refused */
};

/* What is known of the message that is being read. */
struct reading {
	struct batch_smtp *b;
	struct batch_message *message;
	struct submission *p;
	struct message_reader reader;
	bool done;
};

/* ---- input ---- */

/* False: there is no more. */
static bool read_more(struct batch_smtp *b, struct error *err)
{
	if (b->ended)
		return false;
	memmove(b->buf, b->buf + b->at, b->end - b->at);
	b->end -= b->at;
	b->at = 0;
	ssize_t n = read(b->runtime->input, b->buf + b->end, ROOM - b->end);
	b->interrupted = n < 0 && errno == EINTR;
	if (n < 0 && !b->interrupted)
		(void)error_set_errno(err, ERROR_IO, errno, "%s", _("cannot read the messages from standard input"));
	b->ended = n <= 0;
	b->end += n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* The next line with its end; at the end of the input, or if it is very long, without.  Empty: there is none. */
static struct span next_line(struct batch_smtp *b, struct error *err)
{
	for (;;) {
		const char *lf = b->end > b->at ? memchr(b->buf + b->at, '\n', b->end - b->at) : NULL;
		struct span line = span_make(b->buf + b->at, lf ? (size_t)(lf - b->buf) + 1 - b->at : b->end - b->at);
		if (lf || line.len == ROOM || !read_more(b, err))
			return line;
	}
}

static bool is_end_of_text(struct span line)
{
	return span_equals_str(line, ".\n") || span_equals_str(line, ".\r\n");
}

static void take(struct batch_smtp *b, struct span line)
{
	b->at += line.len;
	b->line += line.len && line.ptr[line.len - 1] == '\n';
}

/* Gives the text of a message to the session, as far as it was read: up to the end of the message. */
static void feed_text(struct batch_smtp *b, struct span line)
{
	size_t from = b->at;
	b->command = span_make(NULL, 0);
	for (;;) {
		take(b, line);
		const char *lf = b->end > b->at ? memchr(b->buf + b->at, '\n', b->end - b->at) : NULL;
		if (!lf || is_end_of_text(line))
			break;
		line = span_make(b->buf + b->at, (size_t)(lf - b->buf) + 1 - b->at);
	}
	server_feed(b->session, span_make(b->buf + from, b->at - from));
}

static void feed(struct batch_smtp *b, bool in_message, struct error *err)
{
	struct span line = next_line(b, err);
	if (!line.len) {
		server_eof(b->session);
	} else if (in_message) {
		feed_text(b, line);
	} else {
		take(b, line);
		b->command = line;
		server_feed(b->session, line);
	}
}

/* ---- faults ---- */

static bool command_is(const struct batch_smtp *b, const char *name)
{
	return span_starts_nocase(span_trim(b->command), name);
}

static void set_fault(const struct batch_smtp *b, struct span reply, struct error *err)
{
	AUTO_FREE char *words = clean_text(span_trim(reply), 500);
	(void)error_set(err, ERROR_MESSAGE, "%s", words);
	error_stage(err, _("line %zu"), b->line);
}

static void refuse_recipient(struct reading *r, struct span reply)
{
	const struct batch_smtp *b = r->b;
	AUTO(error) err = ERROR_INIT;
	struct span name = span_trim(b->command);
	const char *colon = memchr(name.ptr, ':', name.len);
	AUTO_FREE char *address = clean_text(
		colon ? span_trim(span_sub(name, (size_t)(colon - name.ptr) + 1, name.len)) : name, ADDRESS_SHOWN);
	set_fault(b, reply, &err);
	err.status.kind = ERROR_ADDRESS;
	xreplace(&err.status.stage, NULL);
	error_stage(&err, _("line %zu, recipient %s"), b->line, address);
	envelope_add(&r->p->env, (struct mail_address){xstrdup(address), xstrdup(address)});
	recipient_refuse(&r->p->env.rcpts[r->p->env.n - 1], &err.status);
}

static void name_message(struct reading *r)
{
	if (!r->message->where)
		r->message->where = xasprintf(_("line %zu"), r->b->line);
}

/* A command that belongs to a message: then that fails, once, for the first reason. */
static bool belongs_to_message(const struct batch_smtp *b)
{
	return !b->command.len || command_is(b, "MAIL") || command_is(b, "RCPT") || command_is(b, "DATA") ||
	       command_is(b, "BDAT");
}

static void note_fault(struct reading *r, struct span reply)
{
	struct batch_smtp *b = r->b;
	AUTO(error) err = ERROR_INIT;
	bool failed = r->message->err.status.kind != ERROR_NONE;
	if (command_is(b, "RCPT") && server_in_transaction(b->session)) {
		refuse_recipient(r, reply);
	} else if (!belongs_to_message(b)) {
		set_fault(b, reply, &err);
		runtime_problem(b->runtime, &err);
		b->source.faulty = true;
	} else if (!failed) {
		set_fault(b, reply, &r->message->err);
		if (!r->message->where)
			xreplace(&r->message->err.status.stage, NULL); /* it is the same line */
		name_message(r);
	}
	b->skipping |= command_is(b, "DATA");
	r->done |= !b->command.len && !server_in_transaction(b->session); /* the text was read and refused */
}

static void note_replies(struct reading *r, struct span octets)
{
	struct span line;
	while (span_split(&octets, '\n', &line))
		if (line.len > 3 && line.ptr[0] >= '4' && line.ptr[3] == ' ')
			note_fault(r, line);
}

/* ---- one message ---- */

/* The client took it back, or began another one. */
static void forget(struct reading *r)
{
	envelope_release(&r->p->env);
	r->p->env = ENVELOPE_INIT;
	free(r->message->where);
	r->message->where = NULL;
}

static bool has_failed(const struct reading *r)
{
	return r->message->err.status.kind != ERROR_NONE;
}

/* What failed before is shown before. */
static void begin_message(struct reading *r)
{
	r->done = has_failed(r);
	if (r->done)
		return;
	forget(r);
	name_message(r);
	server_accept(r->b->session);
}

/* All of its text was read. */
static void end_message(struct reading *r, const struct server_mail *mail)
{
	struct error *err = &r->message->err;
	r->done = true;
	if (!has_failed(r) && message_reader_end(&r->reader, err))
		(void)!client_envelope_take(r->p, mail, err);
}

static void skip_text(struct reading *r, struct error *err)
{
	struct batch_smtp *b = r->b;
	struct span line;
	do {
		line = next_line(b, err);
		take(b, line);
	} while (line.len && !is_end_of_text(line));
	b->skipping = false;
	b->command = span_make(NULL, 0);
	server_feed(b->session, SPAN_LIT("RSET\n")); /* the next message begins with MAIL */
	r->done = true;
}

/* The input ended within a message. */
static void cut_short(struct reading *r)
{
	if (!has_failed(r))
		(void)error_set(&r->message->err, ERROR_MESSAGE, "%s",
				_("the input ended before the message was complete"));
	name_message(r);
	r->done = true;
}

static void begin_session(struct batch_smtp *b)
{
	struct server_options options = {.protocol = SERVER_SMTP,
					 .lines = SERVER_LINES_TEXT,
					 .limits = {SIZE_MAX, ROOM, HEADER_MAX, UINT_MAX, UINT_MAX},
					 .host_name = "localhost",
					 .offers = &b->offers,
					 .no_hello = true};
	server_free(b->session);
	b->session = server_new(&options);
}

/* False: that was the last session. */
static bool next_session(struct reading *r, struct error *err)
{
	struct batch_smtp *b = r->b;
	if (server_ended(b->session) == SERVER_LIMIT || server_ended(b->session) == SERVER_ENDED) {
		if (!has_failed(r))
			return error_set(err, ERROR_MESSAGE, _("line %zu: the session cannot go on"), b->line);
		error_copy(err, &r->message->err);
		return false;
	}
	if (server_ended(b->session) != SERVER_QUIT || !next_line(b, err).len)
		return false;
	begin_session(b);
	return true;
}

static void take_body(struct reading *r, struct span octets)
{
	if (!has_failed(r))
		(void)!message_reader_feed(&r->reader, octets.ptr, octets.len, &r->message->err);
	server_stored(r->b->session);
}

/* One step; false: the session has ended. */
static bool step(struct reading *r, struct error *err)
{
	struct batch_smtp *b = r->b;
	struct server_step s = server_step(b->session);
	bool within = server_in_transaction(b->session);
	switch (s.want) {
	case SERVER_READ:
		feed(b, s.in_message, err);
		if (within && server_ended(b->session) == SERVER_GONE && !b->interrupted)
			cut_short(r);
		break;
	case SERVER_WRITE:
		note_replies(r, s.octets);
		server_wrote(b->session, s.octets.len);
		if (b->skipping)
			skip_text(r, err);
		break;
	case SERVER_MAIL: begin_message(r); break;
	case SERVER_BODY: take_body(r, s.octets); break;
	case SERVER_MESSAGE:
		end_message(r, s.mail);
		server_accept(b->session);
		break;
	case SERVER_CLOSE: return false;
	default: server_accept(b->session); break;
	}
	return true;
}

static int smtp_next(struct batch_source *s, struct batch_message *message, struct submission *p, struct error *err)
{
	struct reading r = {.b = (struct batch_smtp *)s, .message = message, .p = p};
	AUTO(error) why = ERROR_INIT;
	bool more = true;
	message_reader_init(&r.reader, &p->message, 0);
	while (more && !r.done && why.status.kind == ERROR_NONE)
		more = step(&r, &why) || next_session(&r, &why);
	message_reader_release(&r.reader);
	if (why.status.kind != ERROR_NONE) {
		error_move(err, &why);
		return -1;
	}
	if (r.done || (has_failed(&r) && !r.b->interrupted)) {
		name_message(&r);
		return 1;
	}
	return 0;
}

static bool smtp_waits(struct batch_source *s)
{
	const struct batch_smtp *b = (struct batch_smtp *)s;
	struct pollfd input = {.fd = b->runtime->input, .events = POLLIN};
	return b->at == b->end && !b->ended && poll(&input, 1, 0) == 0;
}

static size_t smtp_left(struct batch_source *s)
{
	const struct batch_smtp *b = (struct batch_smtp *)s;
	return b->ended && b->at == b->end && !b->interrupted ? 0 : SIZE_MAX;
}

static bool smtp_close(struct batch_source *s)
{
	struct batch_smtp *b = (struct batch_smtp *)s;
	server_free(b->session);
	free(b->buf);
	free(b);
	return true;
}

static const struct batch_source_ops smtp_ops = {
	.next = smtp_next, .waits = smtp_waits, .left = smtp_left, .close = smtp_close};

struct batch_source *batch_smtp_open(const struct runtime *runtime, struct error *err)
{
	struct batch_smtp *b = xcalloc(1, sizeof(*b));
	(void)err;
	*b = (struct batch_smtp){.source = {.ops = &smtp_ops}, .runtime = runtime, .buf = xmalloc(ROOM)};
	b->offers = (struct caps){.bits = CAP_8BITMIME | CAP_SIZE | CAP_DSN | CAP_ENHANCEDSTATUSCODES | CAP_SMTPUTF8 |
					  CAP_CHUNKING | CAP_DELIVERBY | CAP_FUTURERELEASE | CAP_MT_PRIORITY |
					  CAP_REQUIRETLS};
	begin_session(b);
	return &b->source;
}
