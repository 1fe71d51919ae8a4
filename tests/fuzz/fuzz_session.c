/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a server says, and whenever: the session ends, every recipient has
 * one outcome, of each submission once and in order, none is accepted without a 2xx said after the complete
 * message, no secret is in the trace, nothing of the message or the
 * password is written before TLS where TLS is wanted, nothing of the message in
 * a session that was wrong about what was remembered, and memory is bounded.
 *
 * The input: a first line of letters chooses the situation (l LMTP, s STARTTLS,
 * t TLS, a AUTH, p partial abort, n needs, d DSN, m many recipients, w writes of
 * one octet, c portions of one octet, 2 a second message, P six messages of which three may be under way, b a message
 * of many chunks, e an empty one, r nothing of it rides after a command, q everything that can be asked of a server, k
 * remembered PIPECONNECT and PIPELINING, K also CHUNKING, SIZE and AUTH, x no mechanism at first); every further line
 * is said when the client waits, a line that begins with "&" together with the
 * one before, "=" is TLS started, "~" is silence, the end is the end.
 */
#include "fuzz.h"

#include "smtp/client/session.h"

#include "base/xalloc.h"

#include <string.h>

#define SECRET "sEcReT-0123456789-canary"
#define SECRET_CODED "c0VjUmVULTAxMjM0NTY3ODktY2FuYXJ5"
#define BODY "Subject: x\r\n\r\n..\r\n.\r\n"
#define RCPTS_MAX 40u
#define MESSAGES_MAX 6u
#define BIG (3u * 1024 * 1024)

struct server {
	struct session *s;
	struct span script; /* still to be said */
	bool letters[128];
	bool tls;	    /* active */
	unsigned message;   /* session_step.message of what was written last */
	bool body_complete; /* of the current message */
	bool body_begun;    /* of any */
	struct {
		bool complete; /* the message of its last transaction was written in full */
		bool taken;    /* some transaction of it got a success after its message */
	} messages[MESSAGES_MAX];
	uint64_t size, plain; /* of the message; octets of it written by BDAT */
	unsigned submitted, judged, mechanisms;
	struct strbuf out; /* written since the last line was said */
	size_t fed;
};

static void must_hide_the_secret(void *arg, bool from_server, struct span line)
{
	(void)arg;
	if (from_server)
		return; /* its words are its own */
	MUST(!memmem(line.ptr, line.len, SECRET, strlen(SECRET)));
	MUST(!memmem(line.ptr, line.len, SECRET_CODED, strlen(SECRET_CODED)));
}

/* ---- the server ---- */

static void feed(struct server *v, struct span octets)
{
	size_t chunk = v->letters['c'] ? 1 : octets.len;
	for (unsigned i = 0; i < v->submitted && octets.len && octets.ptr[0] == '2'; i++)
		v->messages[i].taken |= v->messages[i].complete;
	for (; octets.len; octets = span_sub(octets, chunk, octets.len)) {
		if (chunk > octets.len)
			chunk = octets.len;
		AUTO_FREE char *portion = xmemdup(octets.ptr, chunk);
		session_feed(v->s, span_make(portion, chunk));
		v->fed += chunk;
	}
}

static bool next_line(struct server *v, struct span *line)
{
	if (!v->script.len)
		return false;
	const char *lf = memchr(v->script.ptr, '\n', v->script.len);
	size_t n = lf ? (size_t)(lf - v->script.ptr) + 1 : v->script.len;
	*line = span_sub(v->script, 0, n);
	v->script = span_sub(v->script, n, v->script.len);
	return true;
}

static void say(struct server *v)
{
	struct span line;
	strbuf_reset(&v->out);
	if (!next_line(v, &line)) {
		session_eof(v->s);
		return;
	}
	if (line.ptr[0] == '~') {
		session_timeout(v->s);
		return;
	}
	feed(v, line);
	while (v->script.len && v->script.ptr[0] == '&' && next_line(v, &line))
		feed(v, span_sub(line, 1, line.len));
}

/* ---- the client's side of the engine ---- */

static void completed(struct server *v)
{
	v->body_complete = v->messages[v->submitted - 1].complete = true;
}

/* Octets of the message by BDAT; what they are is nothing to the engine. */
static void write_plain(struct server *v, uint64_t n)
{
	MUST(n <= v->size - v->plain);
	v->plain += n;
	v->body_begun |= n > 0;
	if (v->plain == v->size && !v->body_complete)
		completed(v);
	if (n)
		session_body_wrote(v->s, (size_t)n);
}

/* Recipients put back have a transaction of their own, with the whole message. */
static void of_this_message(struct server *v, const struct session_step *step)
{
	if (v->message != step->message) {
		v->plain = 0;
		v->body_complete = v->messages[v->submitted - 1].complete = false;
	}
	v->message = step->message;
}

static void must_be_offered(const struct server *v)
{
	static const struct {
		const char *parameter;
		enum cap cap;
	} parameters[] = {{" BY=", CAP_DELIVERBY},
			  {" HOLDFOR=", CAP_FUTURERELEASE},
			  {" MT-PRIORITY=", CAP_MT_PRIORITY},
			  {" REQUIRETLS", CAP_REQUIRETLS},
			  {" AUTH=", CAP_AUTH}};
	const struct caps *caps = session_caps(v->s);
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++)
		if (memmem(v->out.buf, v->out.len, parameters[i].parameter, strlen(parameters[i].parameter)))
			MUST(v->letters['q'] && caps_has(caps, parameters[i].cap) &&
			     (parameters[i].cap != CAP_REQUIRETLS || v->tls || v->letters['t']));
}

static void write_some(struct server *v, const struct session_step *step)
{
	of_this_message(v, step);
	size_t n = v->letters['w'] ? 1 : step->bytes.len;
	MUST(step->bytes.len && step->bytes.len <= 256u * 1024);
	strbuf_add(&v->out, step->bytes.ptr, n);
	if (v->letters['s'] && !v->tls) {
		MUST(!memmem(v->out.buf, v->out.len, "MAIL", 4));
		MUST(!memmem(v->out.buf, v->out.len, "AUTH", 4));
	}
	must_be_offered(v);
	session_wrote(v->s, n);
	if (step->body_follows && n == step->bytes.len) {
		MUST(!v->letters['s'] || v->tls);
		write_plain(v, v->letters['r'] || v->letters['w'] ? 0 : step->room);
	}
}

static void start_tls(struct server *v)
{
	MUST(v->letters['s'] && !v->tls);
	if (v->script.len && v->script.ptr[0] == '=') {
		struct span line;
		(void)next_line(v, &line);
		v->tls = true;
		session_tls_started(v->s);
		MUST(session_caps(v->s)->bits == 0);
	} else {
		say(v);
	}
}

static void authenticate(struct server *v, const struct session_step *step)
{
	AUTO(error) err = ERROR_INIT;
	MUST(v->letters['a'] && (v->tls || !v->letters['s']));
	switch (step->event) {
	case SASL_START:
		if (v->letters['x']) {
			v->letters['x'] = false;
			break;
		}
		if (v->mechanisms++ < 3) {
			session_sasl_start(v->s, "PLAIN",
					   v->mechanisms == 2 ? (struct span){NULL, 0} : SPAN_LIT(SECRET));
			return;
		}
		break;
	case SASL_CHALLENGE:
		if (v->mechanisms++ < 6) {
			session_sasl_respond(v->s, SPAN_LIT(SECRET));
			return;
		}
		break;
	case SASL_SUCCESS: session_sasl_agree(v->s); return;
	}
	(void)error_set(&err, ERROR_NO_MECHANISM, "no more");
	session_sasl_cancel(v->s, &err);
}

static void send_body(struct server *v, const struct session_step *step)
{
	struct span line;
	of_this_message(v, step);
	if (step->plain) {
		MUST(step->room && step->room <= v->size - v->plain);
		write_plain(v, v->letters['w'] && v->size < BIG ? 1 : (step->room + 1) / 2);
	}
	/* "!": said while the message is being written. */
	while (v->script.len && v->script.ptr[0] == '!' && next_line(v, &line)) {
		feed(v, span_sub(line, 1, line.len));
		if (session_step(v->s).want != SESSION_BODY)
			return;
	}
	if (step->plain)
		return;
	v->body_begun = true;
	completed(v);
	session_body_wrote(v->s, strlen(BODY));
	session_body_done(v->s);
}

static void must_be_settled(const struct server *v, const struct mail_transaction *mail)
{
	const struct outcome *o = session_outcomes(v->s);
	for (size_t i = 0; i < mail->env->n; i++) {
		MUST(o[i].kind != OUTCOME_OPEN);
		MUST((o[i].kind == OUTCOME_ACCEPTED) == (o[i].status.kind == ERROR_NONE));
		MUST(o[i].kind != OUTCOME_ACCEPTED || v->messages[v->judged].taken);
		MUST(o[i].kind != OUTCOME_UNKNOWN || v->messages[v->judged].complete);
	}
}

static void take_results(struct server *v, const struct mail_transaction *mail)
{
	while (session_answered(v->s)) {
		MUST(v->judged < v->submitted);
		must_be_settled(v, mail);
		v->judged++;
		(void)session_next_result(v->s);
	}
}

static bool may_submit(const struct server *v)
{
	return v->submitted < (v->letters['P'] ? MESSAGES_MAX : v->letters['2'] ? 2 : 1);
}

static void submit(struct server *v, const struct mail_transaction *mail)
{
	v->submitted++;
	v->body_complete = false;
	v->plain = 0;
	session_submit(v->s, mail);
}

static void ahead(struct server *v, const struct mail_transaction *mail)
{
	take_results(v, mail);
	while (may_submit(v) && session_has_room(v->s)) {
		MUST(v->letters['P'] && v->submitted - v->judged < 3 && v->messages[v->submitted - 1].complete);
		submit(v, mail);
	}
}

static void ready(struct server *v, const struct mail_transaction *mail)
{
	take_results(v, mail);
	MUST(v->judged == v->submitted);
	if (may_submit(v))
		submit(v, mail);
	else
		session_quit(v->s);
}

static void converse(struct server *v, const struct mail_transaction *mail, size_t steps_max)
{
	for (size_t steps = 0;; steps++) {
		ahead(v, mail);
		struct session_step step = session_step(v->s);
		MUST(steps <= steps_max);
		switch (step.want) {
		case SESSION_READ: say(v); break;
		case SESSION_WRITE: write_some(v, &step); break;
		case SESSION_START_TLS: start_tls(v); break;
		case SESSION_SASL: authenticate(v, &step); break;
		case SESSION_BODY: send_body(v, &step); break;
		case SESSION_READY: ready(v, mail); break;
		case SESSION_CLOSE:
			take_results(v, mail);
			MUST(v->judged == v->submitted);
			MUST(!session_stale(v->s) || !v->body_begun);
			MUST(!session_stale(v->s) || v->letters['k']);
			return;
		}
	}
}

/* ---- the situation ---- */

static void remember(struct caps *caps, bool much)
{
	AUTO(strvec) lines = STRVEC_INIT;
	strvec_push(&lines, "PIPELINING");
	strvec_push(&lines, "PIPECONNECT");
	if (much) {
		strvec_push(&lines, "CHUNKING");
		strvec_push(&lines, "SIZE 1000");
		strvec_push(&lines, "AUTH PLAIN");
	}
	caps_from_lines(caps, &lines);
}

static size_t make_recipients(struct recipient *rcpts, bool many)
{
	static char plain[] = "you@example.net", utf8[] = "j\xc3\xb6rg@example.net";
	size_t n = many ? RCPTS_MAX : 2;
	for (size_t i = 0; i < n; i++)
		rcpts[i] = (struct recipient){.address = {i % 7 == 3 ? utf8 : plain, i % 7 == 3 ? NULL : plain}};
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct server v = {.script = {(const char *)data, size}, .out = STRBUF_INIT};
	static char me[] = "me@example.org";
	struct recipient rcpts[RCPTS_MAX];
	struct span letters = {NULL, 0};
	(void)next_line(&v, &letters);
	for (size_t i = 0; i < letters.len; i++)
		v.letters[letters.ptr[i] & 0x7f] = true;
	v.letters['s'] &= !v.letters['t'];
	struct envelope env = {.mail.sender = {me, me}, .rcpts = rcpts, .n = make_recipients(rcpts, v.letters['m'])};
	env.mail.ret = v.letters['d'] ? RET_FULL : RET_UNSET;
	if (v.letters['q'])
		env.mail.params = (struct mail_params){.deliver_by = true,
						       .by_seconds = 100,
						       .hold_for = 50,
						       .has_priority = true,
						       .priority = 3,
						       .require_tls = v.letters['s'] || v.letters['t'],
						       .auth = me};
	v.size = v.letters['b'] ? BIG : v.letters['e'] ? 0 : strlen(BODY);
	const struct mail_transaction mail = {.env = &env,
					      .size = v.size,
					      .partial = v.letters['p'] ? PARTIAL_ABORT : PARTIAL_DELIVER,
					      .tls = v.letters['s'] || v.letters['t'] ? MAIL_TLS_VERIFIED
										      : MAIL_TLS_UNVERIFIED};
	AUTO(caps) remembered = CAPS_INIT;
	v.letters['k'] |= v.letters['K'];
	remember(&remembered, v.letters['K']);
	const struct session_options options = {
		.protocol = v.letters['l'] ? PROTOCOL_LMTP : PROTOCOL_SMTP,
		.tls = v.letters['t']	? SESSION_TLS_ACTIVE
		       : v.letters['s'] ? SESSION_TLS_STARTTLS
					: SESSION_TLS_NONE,
		.auth = v.letters['a'],
		.needs = (v.letters['n'] ? CAP_DSN | CAP_SMTPUTF8 : 0) | (v.letters['q'] ? negotiate_needs(&mail) : 0),
		.pipeline = v.letters['P'] ? 3 : 0,
		.local_name = "me.example",
		.remembered = v.letters['k'] ? &remembered : NULL,
		.trace = must_hide_the_secret,
	};
	v.s = session_new(&options);
	/* Each step reads a line, writes at least an octet, or moves on; writes are a few commands per recipient. */
	converse(&v, &mail, size + 20000 * MESSAGES_MAX);
	session_free(v.s);
	strbuf_release(&v.out);
	return 0;
}
