/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions that outlive their process (persist): taken from the keeper, and given to it. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "tls/tls_kept.h"
#include "transport/kept_state.h"
#include "transport/transport_private.h"

#include <unistd.h>

/* A session that was idle for longer, in milliseconds, is asked whether it is alive ... */
#define TRUSTED_MS 5000
/* ... and has so long to answer. */
#define CHECK_MS 3000

static unsigned most_messages(const struct transport *t)
{
	return (unsigned)account_int(t->request.account, OPT_MAX_MESSAGES_PER_CONNECTION);
}

bool transport_kept_is_worn(const struct transport *t)
{
	return t->keeper.path && t->messages_sent >= most_messages(t);
}

/* ---- taking ---- */

static void take_server(struct transport *t, struct server *server)
{
	struct server_list *list = &t->servers;
	server_list_release(list);
	GROW(list->v, list->n, list->cap);
	list->v[list->n++] = *server;
	*server = (struct server){.host = NULL};
	t->server = &list->v[0];
}

static bool take_connection(struct transport *t, struct kept_state *s, int fd)
{
	struct connection *c = &t->connection;
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(stream) lower = stream_fd_new(fd);
	struct stream *stream = s->tls ? tls_kept_import(strbuf_span(&s->keys), &lower, &err) : steal_ptr(lower);
	if (!stream)
		return false;
	c->stream = stream;
	c->tls = s->tls;
	c->loopback = s->loopback;
	c->peer = steal_ptr(s->peer);
	c->phase = CONNECT_DONE;
	tls_info_take(&c->info, &s->info);
	return true;
}

/* Goes on with the session that the state describes. */
static bool resume(struct transport *t, struct kept_state *s, int fd)
{
	const struct mech *mech = mech_find(s->mech);
	if (!take_connection(t, s, fd))
		return false;
	take_server(t, &s->server);
	broken_promises_begin(t);
	t->broken.ignored |= s->ignored;
	t->broken.one_ehlo = s->one_ehlo;
	const struct session_kept kept = {
		.lines = &s->lines,
		.greeting = s->greeting,
		.greeting_name = s->greeting_name,
		.authenticated = mech != NULL,
		.transactions = s->transactions,
	};
	transport_session_go_on(t, &kept);
	t->mech = mech ? mech->name : NULL;
	t->needs_asked = s->needs_asked;
	t->messages_sent = s->messages;
	return true;
}

static bool is_alive(struct transport *t, long age_ms)
{
	struct session_driver *d = &t->driver;
	if (!session_driver_idle(d))
		return false;
	if (age_ms <= TRUSTED_MS)
		return true;
	d->deadline = deadline_min(t->deadline, deadline_in(d->clock, CHECK_MS));
	d->limit_set = false;
	session_check(t->session);
	bool alive = session_driver_run(d);
	d->deadline = t->deadline;
	return alive;
}

void transport_kept_take(struct transport *t)
{
	AUTO(kept_state) s = KEPT_STATE_INIT;
	struct strbuf octets = STRBUF_INIT;
	long age_ms = 0;
	int fd = -1;
	if (!t->keeper.path || t->session || !transport_message(t) || t->request.detail)
		return;
	bool taken = keeper_link_take(&t->keeper, &age_ms, &octets, &fd);
	if (taken && !kept_state_read(&s, strbuf_span(&octets))) {
		(void)close(fd);
		taken = false;
	}
	strbuf_wipe(&octets);
	if (!taken || !resume(t, &s, fd))
		return;
	if (is_alive(t, age_ms)) {
		transport_note(t, _("using the session that an earlier message left open, idle for %ld.%ld seconds"),
			       age_ms / 1000, age_ms % 1000 / 100);
		return;
	}
	transport_note(t, "%s", _("the session that an earlier message left open has ended; connecting again"));
	transport_session_end(t);
}

/* ---- giving ---- */

/* The server asked for fewer sessions, or is about to end this one. */
static bool says_no_more(const struct status *status)
{
	return status->code == 421 || status->code == 432 ||
	       (status->code == 451 && !strcmp(status->enhanced, "4.4.2")) ||
	       (status->code == 454 && !strcmp(status->enhanced, "4.7.0"));
}

void transport_kept_note(struct transport *t)
{
	const struct delivery_result *r = t->result;
	bool accepted = false, wanted = !says_no_more(&r->error.status);
	for (size_t i = 0; i < r->n; i++) {
		accepted |= r->outcomes[i].kind == OUTCOME_ACCEPTED;
		wanted = wanted && !says_no_more(&r->outcomes[i].status);
	}
	t->worth_keeping = accepted && wanted && t->request.task.kind == DELIVERY_SEND;
}

static char *copy(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void fill_state(const struct transport *t, struct kept_state *s)
{
	const struct connection *c = &t->connection;
	const struct caps *caps = session_caps(t->session);
	s->server = *t->server;
	s->server.host = xstrdup(t->server->host);
	s->server.domain = copy(t->server->domain);
	s->peer = copy(c->peer);
	s->loopback = c->loopback;
	s->tls = c->tls;
	s->greeting = copy(session_greeting(t->session));
	s->greeting_name = copy(caps->greeting_name);
	strvec_push_all(&s->lines, &caps->lines);
	s->mech = copy(t->mech);
	struct tls_info info = c->info;
	info.chain = NULL;
	info.chain_len = 0;
	tls_info_take(&s->info, &info); /* the texts are copied */
	s->messages = t->messages_sent;
	s->transactions = (unsigned)session_transactions(t->session);
	s->needs_asked = t->needs_asked;
	s->ignored = t->broken.ignored;
	s->one_ehlo = t->broken.one_ehlo;
}

/* Takes the connection apart without a word to the server; the descriptor is the caller's. */
static int take_descriptor(struct transport *t)
{
	int fd = stream_detach(steal_ptr(t->connection.stream));
	transport_session_drop(t);
	return fd;
}

bool transport_kept_give(struct transport *t)
{
	if (!t->keeper.path || t->keeper.full || !t->session || !t->worth_keeping || transport_kept_is_worn(t) ||
	    !session_driver_idle(&t->driver) || !session_can_be_kept(t->session) || !keeper_link_open(&t->keeper))
		return false;
	AUTO(kept_state) s = KEPT_STATE_INIT;
	if (t->connection.tls && !tls_kept_export(t->connection.stream, &s.keys))
		return false;
	fill_state(t, &s);
	struct strbuf octets = STRBUF_INIT;
	kept_state_write(&s, &octets);
	AUTO_FD int fd = take_descriptor(t);
	bool given = fd >= 0 && keeper_link_give(&t->keeper, &octets, fd);
	strbuf_wipe(&octets);
	if (!given) /* the connection ends here */
		transport_note(t, "%s", _("the session cannot be left open"));
	return true;
}
