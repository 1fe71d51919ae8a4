/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every dialogue of tests/dialogues/server against the server engine in memory, as TAP: the client's octets as they
 * come in one burst, in portions of 1, 2, 3 and 7, and cut before every octet; each time the same replies, and the
 * owner is asked the same.  Then the client is gone after every octet: no message is complete that was not before.
 *
 *	run_server [FILE.dlg...]
 *
 * [args] has the situation, a line each (the table `words` below), [stdout] what the owner must have seen:
 *
 *	mail ADDRESS PARAMETER...
 *	rcpt ADDRESS PARAMETER...
 *	sasl MECHANISM, sasl MECHANISM RESPONSE
 *	message for ADDRESS,ADDRESS: OCTETS	(CR and LF are <CR> and <LF>)
 *	message for ADDRESS of ADDRESS,...: OCTETS (LMTP)
 */
#include "dialogue.h"

#include "base/xalloc.h"
#include "smtp/server/server_session.h"

#include <glob.h>
#include <inttypes.h>
#include <stdio.h>

#define NEVER SIZE_MAX
#define STEPS_MAX 100000

struct answer {
	char *about; /* an address; or NULL: whatever is asked next */
	int code;
	char enhanced[ENHANCED_MAX];
	char *text;
};

struct answers {
	struct answer *v;
	size_t n, cap, next;
};

struct situation {
	struct server_options options;
	struct caps offers;
	struct answers mail, rcpt, body, verdict, sasl;
	bool one_burst; /* other ways to cut the octets mean something else */
};

struct player {
	const struct dialogue *dialogue;
	struct situation situation;
	struct server_session *session;
	size_t chunk, cut, stop_at, write_chunk; /* how the octets travel */
	size_t fed;
	bool stopped, closed;
	size_t messages, complete_before_stop;
	struct strbuf out;  /* written since the last burst began */
	struct strbuf body; /* of the message under way */
	struct strbuf seen; /* by the owner */
	struct strbuf complaint;
};

/* ---- the situation ---- */

static struct span rest_of(struct span line)
{
	return span_trim(line);
}

static void add_answer(struct answers *to, struct span line, bool has_about)
{
	struct answer a = {.about = NULL};
	if (has_about) {
		struct span about = span_word(&line);
		a.about = xmemdup0(about.ptr, about.len);
	}
	struct span code = span_word(&line), enhanced = span_word(&line), text = rest_of(line);
	unsigned long long number = 0;
	(void)span_to_u64(code, &number);
	a.code = (int)number;
	(void)snprintf(a.enhanced, sizeof(a.enhanced), "%.*s", SPAN_FMT(enhanced));
	a.text = xmemdup0(text.ptr, text.len);
	for (char *p = strchr(a.text, '|'); p; p = strchr(p, '|'))
		*p = '\n';
	GROW(to->v, to->n, to->cap);
	to->v[to->n++] = a;
}

static void answers_release(struct answers *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->v[i].about);
		free(a->v[i].text);
	}
	free(a->v);
}

static const struct answer *find_answer(const struct answers *a, const char *about)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].about, about) == 0)
			return &a->v[i];
	return NULL;
}

static bool take_flag(struct situation *s, struct span word)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {{"tls", &s->options.tls_active},
		     {"auth-needs-tls", &s->options.auth_needs_tls},
		     {"login-needed", &s->options.login_needed},
		     {"tls-needed", &s->options.tls_needed},
		     {"no-hello", &s->options.no_hello},
		     {"one-burst", &s->one_burst}};
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (span_equals_str(word, flags[i].word))
			return *flags[i].flag = true;
	if (span_equals_str(word, "lmtp"))
		s->options.protocol = SERVER_LMTP;
	else if (span_equals_str(word, "local"))
		s->options.lines = SERVER_LINES_LOCAL;
	else if (span_equals_str(word, "text"))
		s->options.lines = SERVER_LINES_TEXT;
	else
		return false;
	return true;
}

static bool take_limit(struct server_limits *limits, struct span word, struct span value)
{
	unsigned long long n = 0;
	if (!span_to_u64(rest_of(value), &n))
		return false;
	if (span_equals_str(word, "recipients"))
		limits->recipients = (size_t)n;
	else if (span_equals_str(word, "line"))
		limits->line = (size_t)n;
	else if (span_equals_str(word, "header"))
		limits->header = n;
	else if (span_equals_str(word, "commands"))
		limits->commands = (unsigned)n;
	else if (span_equals_str(word, "errors"))
		limits->errors = (unsigned)n;
	else
		return false;
	return true;
}

/* "offer SIZE 1000", "offer AUTH PLAIN"; "without DSN" */
static bool take_offer(struct situation *s, struct strvec *lines, struct span word, struct span value)
{
	AUTO_FREE char *text = xmemdup0(value.ptr, value.len);
	if (span_equals_str(word, "offer"))
		strvec_push(lines, text);
	else if (span_equals_str(word, "without"))
		s->offers.bits |= cap_from_name(text); /* taken away below */
	else
		return false;
	return true;
}

static bool take_word(struct situation *s, struct strvec *lines, struct span line)
{
	const struct {
		const char *word;
		struct answers *to;
		bool about;
	} answers[] = {{"answer-mail", &s->mail, true},
		       {"answer-rcpt", &s->rcpt, true},
		       {"answer-body", &s->body, false},
		       {"verdict", &s->verdict, false},
		       {"sasl", &s->sasl, false}};
	struct span word = span_word(&line), value = rest_of(line);
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (span_equals_str(word, answers[i].word)) {
			add_answer(answers[i].to, value, answers[i].about);
			return true;
		}
	return take_flag(s, word) || take_limit(&s->options.limits, word, value) || take_offer(s, lines, word, value);
}

/* The extensions that every owner offers, and those of the situation. */
static bool read_situation(struct situation *s, const struct dialogue *d, struct strbuf *why)
{
	static const char *const usual[] = {"PIPELINING", "8BITMIME", "BINARYMIME", "CHUNKING",
					    "SIZE",	  "DSN",      "SMTPUTF8",   "ENHANCEDSTATUSCODES"};
	AUTO(strvec) lines = STRVEC_INIT;
	*s = (struct situation){.offers = CAPS_INIT};
	s->options = (struct server_options){.host_name = "mail.example.net", .limits = SERVER_LIMITS_INIT};
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		strvec_push(&lines, usual[i]);
	bool given = d->args.n && strcmp(d->args.v[0], "you@example.net") != 0; /* which stands there without [args] */
	for (size_t i = 0; given && i < d->args.n; i++)
		if (!take_word(s, &lines, span_of(d->args.v[i])))
			strbuf_addf(why, "not known in [args]: %s\n", d->args.v[i]);
	unsigned without = s->offers.bits;
	caps_from_lines(&s->offers, &lines);
	caps_ignore(&s->offers, without);
	return !why->len;
}

static void situation_release(struct situation *s)
{
	struct answers *all[] = {&s->mail, &s->rcpt, &s->body, &s->verdict, &s->sasl};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		answers_release(all[i]);
	caps_release(&s->offers);
}

/* ---- the owner ---- */

static void show_octets(struct strbuf *out, struct span octets)
{
	for (size_t i = 0; i < octets.len; i++) {
		char c = octets.ptr[i];
		if (c == '\r')
			strbuf_adds(out, "<CR>");
		else if (c == '\n')
			strbuf_adds(out, "<LF>");
		else if (ascii_iscntrl(c))
			strbuf_addf(out, "<%02X>", (unsigned char)c);
		else
			strbuf_addch(out, c);
	}
}

static void see_mail(struct player *p, const struct server_mail *m)
{
	const struct mail_options *o = &m->options;
	strbuf_addf(&p->seen, "mail <%s>", o->sender.given);
	if (m->has_size)
		strbuf_addf(&p->seen, " size=%" PRIu64, m->size);
	if (o->body != BODY_UNSET)
		strbuf_adds(&p->seen, m->binary ? " binary" : o->body == BODY_7BIT ? " 7bit" : " 8bit");
	if (m->smtputf8)
		strbuf_adds(&p->seen, " smtputf8");
	if (o->ret != RET_UNSET)
		strbuf_adds(&p->seen, o->ret == RET_FULL ? " full" : " headers");
	if (o->envid)
		strbuf_addf(&p->seen, " envid=%s", o->envid);
	if (o->params.deliver_by)
		strbuf_addf(&p->seen, " by=%" PRId64 "%s%s", o->params.by_seconds,
			    o->params.by_mode == BY_NOTIFY ? ",notify" : ",return", o->params.by_trace ? ",trace" : "");
	if (o->params.hold_for)
		strbuf_addf(&p->seen, " hold=%" PRId64, o->params.hold_for);
	if (o->params.hold_until)
		strbuf_addf(&p->seen, " until=%" PRId64, o->params.hold_until);
	if (o->params.has_priority)
		strbuf_addf(&p->seen, " priority=%d", o->params.priority);
	if (o->params.require_tls)
		strbuf_adds(&p->seen, " requiretls");
	if (o->params.auth)
		strbuf_addf(&p->seen, " auth=%s", o->params.auth);
	strbuf_addch(&p->seen, '\n');
}

static void see_rcpt(struct player *p, const struct server_recipient *r)
{
	strbuf_addf(&p->seen, "rcpt <%s>", r->address);
	if (r->notify)
		strbuf_addf(&p->seen, " notify=%s%s%s%s", r->notify & NOTIFY_NEVER ? "never" : "",
			    r->notify & NOTIFY_SUCCESS ? "success" : "", r->notify & NOTIFY_FAILURE ? "failure" : "",
			    r->notify & NOTIFY_DELAY ? "delay" : "");
	if (r->orcpt)
		strbuf_addf(&p->seen, " orcpt=%s", r->orcpt);
	strbuf_addch(&p->seen, '\n');
}

static void see_message(struct player *p, const struct server_step *step)
{
	const struct server_mail *m = step->mail;
	strbuf_adds(&p->seen, "message for ");
	if (p->situation.options.protocol == SERVER_LMTP)
		strbuf_addf(&p->seen, "%s of ", m->rcpts[step->recipient].address);
	for (size_t i = 0; i < m->n; i++)
		strbuf_addf(&p->seen, "%s%s", i ? "," : "", m->rcpts[i].address);
	strbuf_adds(&p->seen, ": ");
	show_octets(&p->seen, strbuf_span(&p->body));
	strbuf_addch(&p->seen, '\n');
	p->messages++;
}

static void give(struct player *p, const struct answer *a)
{
	if (a)
		server_answer(p->session, a->code, a->enhanced, a->text);
	else
		server_accept(p->session);
}

static const struct answer *next_answer(struct answers *a)
{
	return a->next < a->n ? &a->v[a->next++] : NULL;
}

static void ask_sasl(struct player *p, const struct server_step *step)
{
	strbuf_addf(&p->seen, "sasl %s", step->mechanism);
	if (step->octets.ptr) {
		strbuf_addch(&p->seen, ' ');
		show_octets(&p->seen, step->octets);
	}
	strbuf_addch(&p->seen, '\n');
	const struct answer *a = next_answer(&p->situation.sasl);
	if (a && a->code == 334)
		server_sasl_challenge(p->session, span_of(a->text));
	else if (a)
		give(p, a);
	else
		server_sasl_done(p->session);
}

static void ask_body(struct player *p, const struct server_step *step)
{
	const struct answer *a = next_answer(&p->situation.body);
	strbuf_add_span(&p->body, step->octets);
	if (a)
		give(p, a);
	else
		server_stored(p->session);
}

static void ask_message(struct player *p, const struct server_step *step)
{
	const struct answer *a = next_answer(&p->situation.verdict);
	see_message(p, step);
	if (a)
		give(p, a);
	else
		server_answer(p->session, 250, "2.0.0", "Ok: queued as 4F2A");
}

static void write_some(struct player *p, const struct server_step *step)
{
	size_t n = p->write_chunk && p->write_chunk < step->octets.len ? p->write_chunk : step->octets.len;
	strbuf_add(&p->out, step->octets.ptr, n);
	server_wrote(p->session, n);
}

/* Goes on until input is wanted, or TLS, or nothing more. */
static enum server_want work(struct player *p)
{
	for (size_t steps = 0; steps < STEPS_MAX; steps++) {
		struct server_step step = server_step(p->session);
		switch (step.want) {
		case SERVER_READ:
		case SERVER_START_TLS: return step.want;
		case SERVER_CLOSE: p->closed = true; return step.want;
		case SERVER_WRITE: write_some(p, &step); break;
		case SERVER_SASL: ask_sasl(p, &step); break;
		case SERVER_MAIL:
			see_mail(p, step.mail);
			strbuf_reset(&p->body);
			give(p, find_answer(&p->situation.mail, step.mail->options.sender.given));
			break;
		case SERVER_RCPT:
			see_rcpt(p, &step.mail->rcpts[step.recipient]);
			give(p, find_answer(&p->situation.rcpt, step.mail->rcpts[step.recipient].address));
			break;
		case SERVER_BODY: ask_body(p, &step); break;
		case SERVER_MESSAGE: ask_message(p, &step); break;
		}
	}
	strbuf_adds(&p->complaint, "the engine does not come to an end\n");
	return SERVER_CLOSE;
}

/* ---- the client ---- */

/* How many octets go together, the first of them being number p->fed of the dialogue. */
static size_t portion(const struct player *p, size_t left)
{
	size_t n = p->chunk && p->chunk < left ? p->chunk : left;
	if (p->cut > p->fed && p->cut < p->fed + n)
		n = p->cut - p->fed;
	if (p->stop_at >= p->fed && p->stop_at < p->fed + n)
		n = p->stop_at - p->fed;
	return n;
}

static void say(struct player *p, struct span octets)
{
	while (octets.len && !p->closed && !p->stopped) {
		size_t n = portion(p, octets.len);
		AUTO_FREE char *copy = xmemdup(octets.ptr, n ? n : 1);
		if (n)
			server_feed(p->session, span_make(copy, n));
		p->fed += n;
		octets = span_sub(octets, n, octets.len);
		(void)work(p);
		if (p->fed == p->stop_at) {
			p->stopped = true;
			p->complete_before_stop = p->messages;
			server_eof(p->session);
			(void)work(p);
		}
	}
}

static void complain(struct player *p, const struct dialogue_event *e, const char *what, struct span line)
{
	strbuf_addf(&p->complaint, "line %u: %s", e->line, what);
	dialogue_show(&p->complaint, line);
	strbuf_addch(&p->complaint, '\n');
}

/* The next line of what the server said is as expected. */
static void hear(struct player *p, const struct dialogue_event *e)
{
	const char *end = p->out.len ? memmem(p->out.buf, p->out.len, "\r\n", 2) : NULL;
	size_t n = end ? (size_t)(end - p->out.buf) + 2 : p->out.len;
	struct span line = span_sub(strbuf_span(&p->out), 0, n);
	if (!dialogue_line_matches(e, line))
		complain(p, e, "the server said: ", line);
	strbuf_remove(&p->out, 0, n);
}

static void must_be_silent(struct player *p, const struct dialogue_event *e)
{
	if (p->out.len)
		complain(p, e, "before this the server said more: ", strbuf_span(&p->out));
	strbuf_reset(&p->out);
}

static void start_tls(struct player *p, const struct dialogue_event *e)
{
	if (server_step(p->session).want != SERVER_START_TLS)
		complain(p, e, "the server does not start TLS", SPAN_LIT(""));
	else
		server_tls_started(p->session);
	(void)work(p);
}

/* Consecutive lines of the client go together. */
static size_t say_burst(struct player *p, size_t i)
{
	const struct dialogue *d = p->dialogue;
	AUTO(strbuf) burst = STRBUF_INIT;
	for (; i < d->n && (d->events[i].kind == DIALOGUE_CLIENT || d->events[i].kind == DIALOGUE_MESSAGE); i++)
		strbuf_add_span(&burst, strbuf_span(&d->events[i].octets));
	say(p, strbuf_span(&burst));
	return i;
}

static size_t play_event(struct player *p, size_t i)
{
	const struct dialogue_event *e = &p->dialogue->events[i];
	if (e->kind == DIALOGUE_SERVER) {
		hear(p, e);
		return i + 1;
	}
	must_be_silent(p, e);
	switch (e->kind) {
	case DIALOGUE_CLIENT:
	case DIALOGUE_MESSAGE: return say_burst(p, i);
	case DIALOGUE_TLS: start_tls(p, e); break;
	case DIALOGUE_HANG:
		server_timeout(p->session);
		(void)work(p);
		break;
	case DIALOGUE_CLOSE:
		if (!p->closed)
			complain(p, e, "the server does not close", SPAN_LIT(""));
		break;
	default: complain(p, e, "this has no meaning here", SPAN_LIT(""));
	}
	return i + 1;
}

static void play_all(struct player *p)
{
	const struct dialogue *d = p->dialogue;
	(void)work(p);
	for (size_t i = 0; i < d->n && !p->stopped && !p->complaint.len;)
		i = play_event(p, i);
	if (p->stopped || p->complaint.len)
		return;
	if (p->closed != (d->n && d->events[d->n - 1].kind == DIALOGUE_CLOSE))
		strbuf_adds(&p->complaint, p->closed ? "the server has closed\n" : "the server has not closed\n");
	if (p->out.len)
		complain(p, &d->events[d->n - 1], "after this the server said: ", strbuf_span(&p->out));
	server_eof(p->session);
	if (work(p) != SERVER_CLOSE || p->out.len)
		strbuf_adds(&p->complaint, "the server does not close when the client has gone\n");
}

/* ---- runs ---- */

static void judge(const struct player *p, struct strbuf *why)
{
	strbuf_add_span(why, strbuf_span(&p->complaint));
	if (p->stopped && p->messages != p->complete_before_stop)
		strbuf_adds(why, "a message became complete because the client was gone\n");
	if (!p->stopped)
		(void)dialogue_patterns_hold(&p->dialogue->out, "the owner", strbuf_span(&p->seen), why);
	if (why->len)
		strbuf_addf(why, "octets in portions of %zu, cut at %zu, stopped at %zu; the owner saw:\n%s", p->chunk,
			    p->cut == NEVER ? 0 : p->cut, p->stop_at == NEVER ? 0 : p->stop_at, p->seen.buf);
}

/* False: it failed, or there is no other way to play it. */
static bool play_once(const struct dialogue *d, size_t chunk, size_t cut, size_t stop_at, struct strbuf *why)
{
	struct player p = {.dialogue = d,
			   .chunk = chunk,
			   .cut = cut,
			   .stop_at = stop_at,
			   .write_chunk = chunk,
			   .out = STRBUF_INIT,
			   .body = STRBUF_INIT,
			   .seen = STRBUF_INIT,
			   .complaint = STRBUF_INIT};
	if (read_situation(&p.situation, d, why)) {
		p.situation.options.offers = &p.situation.offers;
		p.session = server_new(&p.situation.options);
		play_all(&p);
		judge(&p, why);
		server_free(p.session);
	}
	bool again = !why->len && !p.situation.one_burst;
	situation_release(&p.situation);
	strbuf_release(&p.out);
	strbuf_release(&p.body);
	strbuf_release(&p.seen);
	strbuf_release(&p.complaint);
	return again;
}

static void play_every_way(const struct dialogue *d, struct strbuf *why)
{
	static const size_t chunks[] = {0, 1, 2, 3, 7};
	size_t octets = 0;
	for (size_t i = 0; i < d->n; i++)
		if (d->events[i].kind == DIALOGUE_CLIENT || d->events[i].kind == DIALOGUE_MESSAGE)
			octets += d->events[i].octets.len;
	for (size_t i = 0; i < ARRAY_SIZE(chunks); i++)
		if (!play_once(d, chunks[i], NEVER, NEVER, why))
			return;
	for (size_t at = 1; at < octets; at++)
		if (!play_once(d, 0, at, NEVER, why) || !play_once(d, 0, NEVER, at, why))
			return;
}

static bool play_file(const char *path, size_t number)
{
	struct dialogue d;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	if (dialogue_read(&d, path, &err))
		play_every_way(&d, &why);
	else
		strbuf_addf(&why, "%s\n", err.status.text);
	(void)printf("%sok %zu - %s: %s\n", why.len ? "not " : "", number, d.name, d.title ? d.title : path);
	struct span rest = strbuf_span(&why), line;
	while (why.len && span_split(&rest, '\n', &line))
		(void)printf("# %.*s\n", SPAN_FMT(line));
	dialogue_release(&d);
	return !why.len;
}

static void find_files(struct strvec *files, int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	AUTO_FREE char *pattern = xasprintf("%s/tests/dialogues/server/*.dlg", top ? top : ".");
	glob_t found;
	for (int i = 1; i < argc; i++)
		strvec_push(files, argv[i]);
	if (argc > 1 || glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		strvec_push(files, found.gl_pathv[i]);
	globfree(&found);
}

int main(int argc, char **argv)
{
	AUTO(strvec) files = STRVEC_INIT;
	bool good = true;
	find_files(&files, argc, argv);
	if (!files.n) {
		(void)printf("Bail out! no dialogues\n");
		return 1;
	}
	(void)printf("1..%zu\n", files.n);
	for (size_t i = 0; i < files.n; i++)
		good &= play_file(files.v[i], i + 1);
	return good ? 0 : 1;
}
