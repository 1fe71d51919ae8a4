/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a client says: one reply for each command and in order; a message is complete only after CRLF "." CRLF or
 * the last chunk; it has the recipients that were accepted since MAIL and no others; its octets are those of the
 * client; no secret is in the trace; replies are lines of SMTP; and the session comes to an end.
 *
 * The input: a first line of letters chooses the situation (l LMTP, o lines of a local user, x of a file, h no EHLO
 * needed, s STARTTLS, a AUTH, n needed, p every parameter, e small limits, c portions of one octet, 7 of seven, w
 * writes of one octet, r every second recipient is refused, v every second message, b octets of every third message);
 * the rest is what the client says.
 */
#include "fuzz.h"

#include "base/xalloc.h"
#include "smtp/server/server_session.h"

#include <string.h>

#define STEP_MAX (128u * 1024)

struct client {
	struct server_session *s;
	bool letters[128];
	struct span said; /* so far */
	struct span rest;
	bool exact; /* one octet at a time: said ends where the engine is */
	bool ended;

	/* from the trace */
	size_t owed, owed_at_most; /* replies that are missing: at least, at most */
	bool within_reply, reset, is_chunk, challenged;
	struct span command;
	uint64_t chunk_end; /* said.len after the chunk */
	size_t data_from;   /* where the message by DATA begins; 0: by BDAT */

	/* from the owner */
	struct strvec accepted; /* recipients since MAIL */
	bool in_mail;
	struct strbuf body;
	unsigned rcpts, messages, bodies;
};

/* ---- replies ---- */

static bool is_verb(struct span line, const char *verb)
{
	size_t n = strlen(verb);
	return span_starts_nocase(line, verb) && (line.len == n || ascii_isblank(line.ptr[n]));
}

static void on_command(struct client *c, struct span line)
{
	MUST(!c->owed && !c->within_reply);
	c->owed = c->owed_at_most = 1;
	c->reset = is_verb(line, "RSET") || is_verb(line, "EHLO") || is_verb(line, "HELO") || is_verb(line, "LHLO");
	c->is_chunk = is_verb(line, "BDAT");
	if (is_verb(line, "DATA"))
		c->data_from = c->said.len;
	if (c->is_chunk) {
		unsigned long long n = 0;
		struct span words = line;
		(void)span_word(&words);
		c->data_from = 0;
		(void)span_to_u64(span_word(&words), &n);
		c->chunk_end = c->said.len + n;
		if (c->letters['l'] && c->accepted.n > 1) /* the last one has a verdict for each */
			c->owed_at_most = c->accepted.n;
	}
}

static void on_reply_line(struct client *c, struct span line)
{
	MUST(line.len >= 4 && line.len <= 510);
	MUST(line.ptr[0] >= '2' && line.ptr[0] <= '5' && ascii_isdigit(line.ptr[1]) && ascii_isdigit(line.ptr[2]));
	MUST(line.ptr[3] == ' ' || line.ptr[3] == '-');
	for (size_t i = 0; i < line.len; i++)
		MUST(!ascii_iscntrl(line.ptr[i]));
	c->within_reply = line.ptr[3] == '-';
	if (c->within_reply)
		return;
	int code = (line.ptr[0] - '0') * 100 + (line.ptr[1] - '0') * 10 + line.ptr[2] - '0';
	c->ended |= code == 421 || code == 221;
	MUST(c->owed_at_most || code == 421);
	c->owed = c->owed ? c->owed - 1 : 0;
	c->owed_at_most = c->owed_at_most ? c->owed_at_most - 1 : 0;
	if (code == 354)
		c->owed = c->owed_at_most = c->letters['l'] ? c->accepted.n : 1;
	if (c->reset && code == 250)
		c->in_mail = false;
	c->reset = false;
	c->challenged = code == 334;
}

static void trace(void *arg, bool from_client, struct span line)
{
	struct client *c = arg;
	/* (a secret after a refused AUTH is a command that is not known, and may be repeated) */
	if (from_client && (c->challenged || is_verb(line, "AUTH")))
		MUST(!fuzz_has(line, SPAN_LIT("c0VjUmVU")));
	if (from_client)
		on_command(c, line);
	else
		on_reply_line(c, line);
}

/* ---- messages ---- */

static bool ends_with(struct span text, const char *end)
{
	size_t n = strlen(end);
	return text.len >= n && memcmp(text.ptr + text.len - n, end, n) == 0;
}

/* What RFC 5321 section 4.5.2 makes of the octets after DATA. */
static void remove_dots(struct span raw, struct strbuf *out)
{
	bool start = true;
	for (size_t i = 0; i < raw.len; i++) {
		if (start && raw.ptr[i] == '.' && i + 1 < raw.len) {
			start = false;
			continue;
		}
		strbuf_addch(out, raw.ptr[i]);
		start = raw.ptr[i] == '\n' && i && raw.ptr[i - 1] == '\r';
	}
}

static void must_be_complete(const struct client *c)
{
	if (!c->exact)
		return;
	if (!c->data_from) {
		MUST(c->said.len == c->chunk_end);
		return;
	}
	if (c->letters['x']) {
		MUST(ends_with(c->said, "\n.\n") || ends_with(c->said, "\n.\r\n"));
		return;
	}
	MUST(ends_with(c->said, "\r\n.\r\n"));
	if (c->letters['o'])
		return;
	AUTO(strbuf) wanted = STRBUF_INIT;
	remove_dots(span_sub(c->said, c->data_from, c->said.len - 3), &wanted);
	MUST(span_equal(strbuf_span(&wanted), strbuf_span(&c->body)));
	MUST(!memmem(c->body.buf, c->body.len, "\r\n.\r\n", 5) || memmem(c->said.ptr, c->said.len, "\r\n..\r\n", 6));
}

static void must_have_its_recipients(const struct client *c, const struct server_mail *mail)
{
	MUST(c->in_mail && mail->n && mail->n == c->accepted.n);
	for (size_t i = 0; i < mail->n; i++)
		MUST(strcmp(mail->rcpts[i].address, c->accepted.v[i]) == 0);
}

static void must_be_an_address(const char *address, bool null_ok)
{
	MUST(address && (*address || null_ok));
	for (const char *p = address; *p; p++)
		MUST(!ascii_iscntrl(*p));
}

/* ---- the owner ---- */

static void ask_mail(struct client *c, const struct server_mail *mail)
{
	must_be_an_address(mail->options.sender.given, true);
	MUST(!mail->n);
	MUST(!c->letters['n'] || (server_has_login(c->s) && (!c->letters['s'] || server_tls_is_active(c->s))));
	strvec_release(&c->accepted);
	strbuf_reset(&c->body);
	c->in_mail = true;
	server_accept(c->s);
}

static void ask_rcpt(struct client *c, const struct server_step *step)
{
	const struct server_mail *mail = step->mail;
	MUST(c->in_mail && step->recipient == mail->n - 1 && mail->n == c->accepted.n + 1);
	must_be_an_address(mail->rcpts[step->recipient].address, false);
	if (c->letters['r'] && c->rcpts++ % 2) {
		server_answer(c->s, 550, "5.1.1", "no");
	} else {
		strvec_push(&c->accepted, mail->rcpts[step->recipient].address);
		server_accept(c->s);
	}
}

static void ask_body(struct client *c, const struct server_step *step)
{
	MUST(step->octets.len && c->in_mail && c->accepted.n);
	strbuf_add_span(&c->body, step->octets);
	if (c->letters['b'] && c->bodies++ % 3 == 2)
		server_answer(c->s, 452, "4.3.1", "no room");
	else
		server_stored(c->s);
}

static void ask_message(struct client *c, const struct server_step *step)
{
	must_have_its_recipients(c, step->mail);
	must_be_complete(c);
	MUST(c->letters['l'] ? step->recipient < step->mail->n : step->recipient == 0);
	if (c->is_chunk && c->letters['l'] && !step->recipient) /* now it is known which it is */
		c->owed = c->owed_at_most;
	bool last = !c->letters['l'] || step->recipient + 1 == step->mail->n;
	if (c->letters['v'] && c->messages++ % 2)
		server_answer(c->s, 554, "5.7.1", "no\nthat is all");
	else
		server_answer(c->s, 250, "2.0.0", "Ok: queued as 1");
	if (last)
		c->in_mail = false;
}

static void ask_sasl(struct client *c, const struct server_step *step)
{
	MUST(step->mechanism && (!c->letters['s'] || server_tls_is_active(c->s)));
	if (step->event == SERVER_SASL_START)
		server_sasl_challenge(c->s, SPAN_LIT("sEcReT"));
	else if (step->octets.len % 2)
		server_answer(c->s, 535, "5.7.8", "no");
	else
		server_sasl_done(c->s);
}

/* ---- the client ---- */

static void speak(struct client *c)
{
	size_t n = c->letters['c'] ? 1 : c->letters['7'] ? 7 : c->rest.len;
	if (!c->rest.len) {
		server_eof(c->s);
		return;
	}
	if (n > c->rest.len)
		n = c->rest.len;
	AUTO_FREE char *portion = xmemdup(c->rest.ptr, n);
	c->said.len += n;
	c->rest = span_sub(c->rest, n, c->rest.len);
	server_feed(c->s, span_make(portion, n));
}

static void converse(struct client *c, size_t steps_max)
{
	for (size_t steps = 0;; steps++) {
		struct server_step step = server_step(c->s);
		MUST(steps <= steps_max);
		MUST(step.octets.len <= STEP_MAX || step.want == SERVER_BODY);
		switch (step.want) {
		case SERVER_READ: speak(c); break;
		case SERVER_WRITE:
			MUST(step.octets.len);
			server_wrote(c->s, c->letters['w'] ? 1 : step.octets.len);
			break;
		case SERVER_START_TLS:
			MUST(c->letters['s'] && !server_tls_is_active(c->s));
			c->in_mail = false;
			server_tls_started(c->s);
			break;
		case SERVER_SASL: ask_sasl(c, &step); break;
		case SERVER_MAIL: ask_mail(c, step.mail); break;
		case SERVER_RCPT: ask_rcpt(c, &step); break;
		case SERVER_BODY: ask_body(c, &step); break;
		case SERVER_MESSAGE: ask_message(c, &step); break;
		case SERVER_CLOSE: MUST(server_ended(c->s) != SERVER_OPEN); return;
		}
	}
}

/* ---- the situation ---- */

static void offer(struct caps *caps, const struct client *c)
{
	static const char *const all[] = {"PIPELINING", "8BITMIME", "BINARYMIME",	  "CHUNKING",
					  "DSN",	"SMTPUTF8", "ENHANCEDSTATUSCODES"};
	static const char *const more[] = {"SIZE 500", "DELIVERBY 10", "FUTURERELEASE 100 2030-01-01T00:00:00Z",
					   "MT-PRIORITY", "REQUIRETLS"};
	AUTO(strvec) lines = STRVEC_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		strvec_push(&lines, all[i]);
	for (size_t i = 0; c->letters['p'] && i < ARRAY_SIZE(more); i++)
		strvec_push(&lines, more[i]);
	if (c->letters['a'])
		strvec_push(&lines, "AUTH PLAIN LOGIN");
	if (c->letters['s'])
		strvec_push(&lines, "STARTTLS");
	caps_from_lines(caps, &lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct client c = {.rest = {(const char *)data, size}, .body = STRBUF_INIT, .accepted = STRVEC_INIT};
	struct span letters = {NULL, 0};
	AUTO(caps) offers = CAPS_INIT;
	(void)fuzz_line(&c.rest, &letters);
	for (size_t i = 0; i < letters.len; i++)
		c.letters[letters.ptr[i] & 0x7f] = true;
	c.exact = c.letters['c'];
	c.said = span_make(c.rest.ptr, 0);
	offer(&offers, &c);
	struct server_options options = {.protocol = c.letters['l'] ? SERVER_LMTP : SERVER_SMTP,
					 .lines = c.letters['x']   ? SERVER_LINES_TEXT
						  : c.letters['o'] ? SERVER_LINES_LOCAL
								   : SERVER_LINES_CRLF,
					 .limits = SERVER_LIMITS_INIT,
					 .host_name = "mail.example.net",
					 .offers = &offers,
					 .auth_needs_tls = c.letters['s'],
					 .login_needed = c.letters['n'],
					 .tls_needed = c.letters['n'] && c.letters['s'],
					 .no_hello = c.letters['h'],
					 .trace = trace,
					 .trace_arg = &c};
	if (c.letters['e'])
		options.limits = (struct server_limits){2, 60, 40, 20, 3};
	c.owed = c.owed_at_most = 1; /* the greeting */
	c.s = server_new(&options);
	converse(&c, 1000 * size + 1000);
	server_free(c.s);
	strvec_release(&c.accepted);
	strbuf_release(&c.body);
	return 0;
}
