/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "play.h"

#include "base/xalloc.h"

/* Far more than any honest dialogue: an engine that asks more often never ends. */
#define STEPS_MAX 2000000u

void play_init(struct play *p, const struct dialogue *d)
{
	*p = (struct play){.dialogue = d, .split = PLAY_NEVER, .stop_at = PLAY_NEVER};
	strbuf_init(&p->sent);
	strbuf_init(&p->trace);
	strbuf_init(&p->secret_written);
	strbuf_init(&p->complaint);
}

void play_release(struct play *p)
{
	strbuf_release(&p->sent);
	strbuf_release(&p->trace);
	strbuf_release(&p->secret_written);
	strbuf_release(&p->complaint);
}

void play_trace(void *arg, bool from_server, struct span line)
{
	struct play *p = arg;
	strbuf_adds(&p->trace, from_server ? "< " : "> ");
	strbuf_add_span(&p->trace, line);
	strbuf_addch(&p->trace, '\n');
}

size_t play_server_octets(const struct dialogue *d)
{
	size_t n = 0;
	for (size_t i = 0; i < d->n; i++)
		if (d->events[i].kind == DIALOGUE_SERVER)
			n += d->events[i].octets.len;
	return n;
}

/* The verdict on DATA is the first reply after the message; after BDAT the answers to the whole flight
 * come first, so it is the last. */
size_t play_verdict_octets(const struct dialogue *d)
{
	size_t said = 0, behind_flight = 0;
	bool message = false, bdat = false;
	for (size_t i = 0; i < d->n; i++) {
		const struct dialogue_event *e = &d->events[i];
		if (e->kind == DIALOGUE_SERVER) {
			said += e->octets.len;
			if (message && !bdat && e->octets.len > 3 && e->octets.buf[3] != '-')
				return said;
			behind_flight = said;
			continue;
		}
		if (message && bdat && behind_flight)
			return behind_flight;
		if (e->kind == DIALOGUE_CLIENT)
			bdat = span_starts_nocase(strbuf_span(&e->octets), "BDAT ");
		message |= e->kind == DIALOGUE_MESSAGE || (e->kind == DIALOGUE_CLIENT && bdat);
		behind_flight = 0;
	}
	return message && bdat && behind_flight ? behind_flight : PLAY_NEVER;
}

static const struct dialogue_event *current(const struct play *p)
{
	return p->event < p->dialogue->n ? &p->dialogue->events[p->event] : NULL;
}

static void complain(struct play *p, const char *what, struct span wanted, struct span got)
{
	if (p->complaint.len)
		return;
	const struct dialogue_event *e = current(p);
	strbuf_addf(&p->complaint, "%s, line %u: %s", p->dialogue->name, e ? e->line : 0, what);
	if (wanted.ptr) {
		strbuf_adds(&p->complaint, "\n  wanted: ");
		dialogue_show(&p->complaint, wanted);
	}
	if (got.ptr) {
		strbuf_adds(&p->complaint, "\n  got:    ");
		dialogue_show(&p->complaint, got.len > 400 ? span_sub(got, 0, 400) : got);
	}
	p->ended = true;
}

static const struct span nothing = {NULL, 0};

/* ---- what the client wrote ---- */

static struct span unmatched(const struct play *p)
{
	return span_sub(strbuf_span(&p->sent), p->matched, p->sent.len);
}

/* Holds the events of this kind that come now against what was written. */
static void match_lines(struct play *p, enum dialogue_kind kind)
{
	const struct dialogue_event *e;
	while (!p->ended && (e = current(p)) && e->kind == kind) {
		struct span rest = unmatched(p);
		const char *lf = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;
		if (!lf) {
			complain(p, "the client waits, but should have sent more", strbuf_span(&e->octets), rest);
			return;
		}
		struct span line = span_sub(rest, 0, (size_t)(lf - rest.ptr) + 1);
		if (!dialogue_line_matches(e, line)) {
			complain(p, "the client sent something else", strbuf_span(&e->octets), line);
			return;
		}
		p->matched += line.len;
		p->event++;
	}
}

/* The message stands after its BDAT. */
static void match_plain(struct play *p)
{
	if (p->plain_at > p->plain_matched)
		match_lines(p, DIALOGUE_MESSAGE);
	p->plain_matched = p->plain_at;
}

static void match_written(struct play *p)
{
	match_lines(p, DIALOGUE_CLIENT);
	match_plain(p);
}

void play_submit_ahead(struct play *p, const struct mail_transaction *mail)
{
	if (!p->stopped && p->matched < p->sent.len)
		match_written(p); /* the message before */
	session_submit(p->session, mail);
}

static void match_flight(struct play *p)
{
	match_written(p);
	if (!p->ended && p->matched < p->sent.len && !(current(p) && current(p)->kind == DIALOGUE_REST))
		complain(p, "the client sent more than this flight", nothing, unmatched(p));
}

/* ---- what the server says ---- */

static void break_off(struct play *p)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_CONNECTION_LOST, "connection reset");
	session_broken(p->session, &err);
}

static void stop(struct play *p)
{
	p->stopped = true;
	if (p->stop == PLAY_STOP_EOF)
		session_eof(p->session);
	else if (p->stop == PLAY_STOP_TIMEOUT)
		session_timeout(p->session);
	else if (p->stop == PLAY_STOP_BROKEN)
		break_off(p);
	else
		session_feed(p->session, SPAN_LIT("421 4.3.2 going down\r\n"));
}

static void feed(struct play *p, struct span octets)
{
	while (octets.len && !p->stopped) {
		size_t n = octets.len;
		if (p->chunk && n > p->chunk)
			n = p->chunk;
		if (p->split > p->said && p->split - p->said < n)
			n = p->split - p->said;
		if (p->stop_at - p->said < n)
			n = p->stop_at - p->said;
		/* A copy of its own size: reading beyond it is found by the sanitizer. */
		AUTO_FREE char *portion = xmemdup(octets.ptr, n ? n : 1);
		session_feed(p->session, span_make(portion, n));
		p->said += n;
		octets = span_sub(octets, n, octets.len);
		if (p->said == p->stop_at)
			stop(p);
	}
}

static void say(struct play *p)
{
	AUTO(strbuf) burst = STRBUF_INIT;
	const struct dialogue_event *e;
	for (; (e = current(p)) && e->kind == DIALOGUE_SERVER; p->event++)
		strbuf_add_span(&burst, strbuf_span(&e->octets));
	feed(p, strbuf_span(&burst));
}

/* The server ends in the way the dialogue says; false: it does not end here. */
static bool server_ends(struct play *p)
{
	const struct dialogue_event *e = current(p);
	switch (e ? e->kind : DIALOGUE_CLOSE) {
	case DIALOGUE_CLOSE:
	case DIALOGUE_REST: session_eof(p->session); break;
	case DIALOGUE_HANG: session_timeout(p->session); break;
	case DIALOGUE_RESET: break_off(p); break;
	case DIALOGUE_SERVER:
	case DIALOGUE_CLIENT:
	case DIALOGUE_MESSAGE:
	case DIALOGUE_TLS:
	case DIALOGUE_TLS_REFUSED:
	case DIALOGUE_AGAIN: return false;
	}
	p->stopped = true;
	return true;
}

/* ---- the steps of the engine ---- */

/* Where in the message the D: lines end that begin with this event. */
static size_t portion_of(const struct play *p, struct span message, size_t event, size_t from)
{
	size_t to = from;
	for (size_t i = event; i < p->dialogue->n && p->dialogue->events[i].kind == DIALOGUE_MESSAGE; i++) {
		const char *lf = to < message.len ? memchr(message.ptr + to, '\n', message.len - to) : NULL;
		if (!lf)
			return message.len;
		to = (size_t)(lf - message.ptr) + 1;
	}
	return to;
}

/* How many octets after BDAT the dialogue wants before somebody else has his say, after the flight or now. */
static size_t plain_wanted(const struct play *p)
{
	size_t event = p->event;
	while (event < p->dialogue->n && p->dialogue->events[event].kind == DIALOGUE_CLIENT)
		event++;
	return portion_of(p, p->plain, event, p->plain_matched) - p->plain_at;
}

static void write_plain(struct play *p, size_t n)
{
	strbuf_add(&p->sent, p->plain.ptr + p->plain_at, n);
	p->plain_at += n;
	p->body_complete |= p->plain_at == p->plain.len;
	session_body_wrote(p->session, n);
}

/* A further transaction carries the message from its start. */
static void of_this_message(struct play *p, const struct session_step *step)
{
	if (p->message != step->message)
		p->plain_at = p->plain_matched = 0;
	p->message = step->message;
}

static void do_write(struct play *p, const struct session_step *step)
{
	of_this_message(p, step);
	size_t n = step->bytes.len, ride = 0;
	if (step->body_follows && !p->no_ride && !p->stopped)
		ride = plain_wanted(p);
	if (ride > step->room)
		ride = (size_t)step->room;
	if (p->write_chunk && n > p->write_chunk)
		n = p->write_chunk;
	if (n < step->bytes.len)
		ride = 0;
	else if (p->write_chunk && ride > p->write_chunk - n)
		ride = p->write_chunk - n;
	strbuf_add(&p->sent, step->bytes.ptr, n);
	if (step->secret)
		strbuf_add(&p->secret_written, step->bytes.ptr, n);
	p->body_complete |= step->body_follows && n == step->bytes.len && !p->plain.len;
	session_wrote(p->session, n);
	if (ride)
		write_plain(p, ride);
}

static void do_read(struct play *p)
{
	if (p->stopped) {
		session_eof(p->session);
		return;
	}
	match_flight(p);
	if (p->ended)
		return;
	if (current(p) && current(p)->kind == DIALOGUE_SERVER)
		say(p);
	else if (!server_ends(p))
		complain(p, "the client waits for a reply", nothing, nothing);
}

static void do_tls(struct play *p)
{
	if (p->stopped) {
		session_eof(p->session);
		return;
	}
	match_flight(p);
	const struct dialogue_event *e = current(p);
	struct error err = ERROR_INIT;
	if (e && e->kind == DIALOGUE_TLS) {
		p->event++;
		session_tls_started(p->session);
	} else if (e && e->kind == DIALOGUE_TLS_REFUSED) {
		p->event++;
		(void)error_set(&err, ERROR_CERTIFICATE, "the certificate is not trusted");
		session_broken(p->session, &err);
	} else if (e && e->kind == DIALOGUE_SERVER) {
		say(p); /* in clear, where TLS should begin */
	} else if (!server_ends(p)) {
		complain(p, "the client starts TLS", nothing, nothing);
	}
}

/* BDAT: the octets the dialogue has next, or what the server says meanwhile. */
static void do_plain_body(struct play *p, const struct session_step *step)
{
	if (p->stopped) {
		session_eof(p->session);
		return;
	}
	match_lines(p, DIALOGUE_CLIENT);
	size_t n = p->ended ? 0 : plain_wanted(p);
	if (n) {
		if (p->write_chunk && n > p->write_chunk)
			n = p->write_chunk;
		if (n > step->room) {
			complain(p, "the chunk is too short for", nothing,
				 span_sub(p->plain, p->plain_at, p->plain.len));
			return;
		}
		write_plain(p, n);
		return;
	}
	match_flight(p);
	if (p->ended)
		return;
	if (current(p) && current(p)->kind == DIALOGUE_SERVER)
		say(p); /* before the chunk is complete */
	else if (!server_ends(p))
		complain(p, "the client sends the message", nothing, span_sub(p->plain, p->plain_at, p->plain.len));
}

static void do_body(struct play *p)
{
	size_t done = 0;
	if (p->stopped) {
		session_eof(p->session);
		return;
	}
	match_flight(p);
	while (!p->ended) {
		const struct dialogue_event *e = current(p);
		if (done == p->body.len && !(e && e->kind == DIALOGUE_MESSAGE)) {
			p->body_complete = true;
			session_body_done(p->session);
			return;
		}
		if (e && e->kind == DIALOGUE_SERVER) {
			say(p); /* before the message is complete */
		} else if (e && e->kind == DIALOGUE_MESSAGE) {
			size_t to = portion_of(p, p->body, p->event, done);
			strbuf_add(&p->sent, p->body.ptr + done, to - done);
			session_body_wrote(p->session, to - done);
			done = to;
			match_lines(p, DIALOGUE_MESSAGE);
			if (p->matched < p->sent.len)
				complain(p, "the message goes on", nothing, unmatched(p));
		} else if (!e || !server_ends(p)) {
			complain(p, "the client sends the message", nothing, span_sub(p->body, done, p->body.len));
		}
		if (session_step(p->session).want != SESSION_BODY)
			return;
	}
}

static void do_close(struct play *p)
{
	if (!p->stopped)
		match_flight(p);
	const struct dialogue_event *e = current(p);
	p->ended = true;
	if (e && !p->stopped && e->kind != DIALOGUE_SERVER && e->kind != DIALOGUE_CLOSE && e->kind != DIALOGUE_REST)
		complain(p, "the client closes, but the dialogue goes on", strbuf_span(&e->octets), nothing);
}

void play_run(struct play *p)
{
	const struct dialogue_event *first = current(p);
	if (first && first->kind == DIALOGUE_TLS)
		p->event++; /* TLS from the first octet */
	while (!p->ended) {
		if (p->ahead)
			p->ahead(p);
		struct session_step step = session_step(p->session);
		if (++p->steps > STEPS_MAX) {
			complain(p, "the session does not end", nothing, nothing);
			return;
		}
		switch (step.want) {
		case SESSION_WRITE: do_write(p, &step); break;
		case SESSION_READ: do_read(p); break;
		case SESSION_START_TLS: do_tls(p); break;
		case SESSION_SASL:
			if (p->sasl)
				p->sasl(p, &step);
			else
				complain(p, "the client wants to authenticate", nothing, nothing);
			break;
		case SESSION_BODY:
			of_this_message(p, &step);
			if (step.plain)
				do_plain_body(p, &step);
			else
				do_body(p);
			break;
		case SESSION_READY:
			if (!p->stopped)
				match_plain(p);
			if (p->matched < p->sent.len && !p->stopped)
				complain(p, "the client sent more than this flight", nothing, unmatched(p));
			p->ready_times++;
			p->plain_at = p->plain_matched = 0; /* of the next message */
			if (!p->ended)
				p->ready(p);
			break;
		case SESSION_CLOSE: do_close(p); break;
		}
	}
}

/* ---- the standard answers ---- */

void play_outcomes(const struct session *s, size_t n, struct strbuf *out)
{
	const struct outcome *o = session_outcomes(s);
	for (size_t i = 0; o && i < n; i++) {
		strbuf_addf(out, "%s%s", i ? ", " : "", outcome_name(o[i].kind));
		if (o[i].status.code)
			strbuf_addf(out, " %d", o[i].status.code);
	}
}

static void note_outcomes(struct play *p, struct play_mail *m)
{
	if (m->noted == m->next)
		return;
	if (m->outcomes.len)
		strbuf_adds(&m->outcomes, "; ");
	play_outcomes(p->session, m->mails[m->noted++].env->n, &m->outcomes);
}

void play_mail_end(struct play *p)
{
	note_outcomes(p, p->arg);
}

void play_mail_ready(struct play *p)
{
	struct play_mail *m = p->arg;
	note_outcomes(p, m);
	if (m->next < m->n)
		session_submit(p->session, &m->mails[m->next++]);
	else
		session_quit(p->session);
}

static void start_mechanism(struct play *p, struct play_mail *m)
{
	struct error err = ERROR_INIT;
	const char *mech = m->mechs ? m->mechs[m->mech] : NULL;
	if (!mech) {
		(void)error_set(&err, ERROR_NO_MECHANISM, "no mechanism is left");
		session_sasl_cancel(p->session, &err);
		return;
	}
	m->mech++;
	const char *blank = strchr(mech, ' ');
	AUTO_FREE char *name = xmemdup0(mech, blank ? (size_t)(blank - mech) : strlen(mech));
	session_sasl_start(p->session, name, blank ? span_of(blank + 1) : nothing);
}

void play_mail_sasl(struct play *p, const struct session_step *step)
{
	struct play_mail *m = p->arg;
	struct error err = ERROR_INIT;
	if (step->event == SASL_START) {
		start_mechanism(p, m);
	} else if (step->event == SASL_SUCCESS && !m->disagree) {
		session_sasl_agree(p->session);
	} else if (step->event == SASL_CHALLENGE && m->responses && m->responses[m->response]) {
		session_sasl_respond(p->session, span_of(m->responses[m->response++]));
	} else {
		(void)error_set(&err, ERROR_PROTOCOL, "the mechanism does not agree");
		session_sasl_cancel(p->session, &err);
	}
}
