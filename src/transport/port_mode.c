/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A port begins with TLS (465) or in plain text (587, 25), and so does a socket; nothing in either protocol says which.
 * If the account, or the SRV record that names the server, begins the other way, both sides may wait.  A server that
 * says nothing for a while is therefore asked on a second connection.  (A greeting instead of TLS is recognized by the
 * handshake.)
 */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/transport_private.h"

#define PROBE_MS 2500
#define GREETING_MAX 512

/* What begins one way or the other; malloc'ed. */
static char *place_of(const struct server *s)
{
	return s->is_socket ? xstrdup(s->host) : xasprintf(_("port %u of %s"), s->port, s->host);
}

/* The record that named the server is wrong.  Another one may name a server that works. */
static void set_record_error(const struct server *s, const char *place, struct error *err)
{
	bool tls = server_begins_with_tls(s);
	(void)error_set(
		err, ERROR_TLS,
		tls ? _("%s begins in plain text, and the SRV record that names it says that it begins with TLS")
		    : _("%s begins with TLS, and the SRV record that names it says that it begins in plain "
			"text"),
		place);
	error_hint(err,
		   tls ? _("The administrator of the domain has to correct the record _submissions._tcp.  Until then, "
			   "set host %s, port %u and tls_starttls on instead of srv:.")
		       : _("The administrator of the domain has to correct the record _submission._tcp.  Until then, "
			   "set host %s, port %u and tls_starttls off instead of srv:."),
		   s->host, s->port);
}

static void set_account_error(const struct transport *t, const char *place, struct error *err)
{
	static const enum option_id cited[] = {OPT_PORT, OPT_TLS, OPT_TLS_STARTTLS};
	const struct server *s = t->server;
	AUTO_FREE char *settings = account_cite(t->request.account, cited, ARRAY_SIZE(cited));
	bool tls = server_begins_with_tls(s);
	(void)error_set(err, ERROR_CONFIG,
			tls ? _("%s begins in plain text, and the account begins with TLS%s")
			    : _("%s begins with TLS, and the account begins in plain text%s"),
			place, settings);
	if (s->is_socket)
		error_hint(err, "%s",
			   tls ? _("Set tls_starttls on, or tls off.") : _("Set tls on and tls_starttls off."));
	else if (tls)
		error_hint(err, "%s", _("Set tls_starttls on, or the port that begins with TLS (usually 465)."));
	else
		error_hint(err, "%s",
			   s->tls ? _("Set tls_starttls off, or the port that begins in plain text (usually 587).")
				  : _("Set tls on and tls_starttls off."));
}

static void set_error(const struct transport *t, struct error *err)
{
	AUTO_FREE char *place = place_of(t->server);
	if (t->server->domain)
		set_record_error(t->server, place, err);
	else
		set_account_error(t, place, err);
}

/* ---- the second connection ---- */

/* To the address of the first one. */
static bool connect_again(const struct transport *t, bool tls, struct connection *c, struct error *err)
{
	struct connect_request req = t->connect_request;
	struct server server = *t->server;
	struct connect_target target = {.resolved = true,
					.addresses = ADDRESS_LIST_INIT,
					.dane = DANE_INIT,
					.used = req.target->used,
					.has_used = req.target->has_used};
	server.tls = tls;
	server.starttls = false;
	req.server = &server;
	req.target = &target;
	req.silence = NULL;
	req.certificate_ignored = true;
	req.deadline = deadline_min(t->deadline, deadline_in(req.clock, PROBE_MS));
	bool ok = connect_account(&req, c, err);
	connect_target_release(&target);
	return ok;
}

static bool speaks_tls(const struct transport *t)
{
	struct connection c = {.stream = NULL};
	AUTO(error) err = ERROR_INIT;
	bool ok = connect_again(t, true, &c, &err);
	if (ok)
		stream_finish(c.stream);
	else /* it may want a certificate of ours, or another version */
		ok = c.phase == CONNECT_TLS && err.status.kind == ERROR_TLS && !c.info.plain_text;
	connection_release(&c);
	return ok;
}

static bool greets(const struct transport *t)
{
	struct connection c = {.stream = NULL};
	char greeting[GREETING_MAX];
	size_t got = 0, put = 0;
	const struct clock *clock = t->request.runtime->clock;
	bool ok = connect_again(t, false, &c, NULL) && stream_read_some(c.stream, greeting, sizeof(greeting), &got,
									clock, deadline_in(clock, PROBE_MS), NULL);
	if (ok) {
		(void)stream_write(c.stream, "QUIT\r\n", strlen("QUIT\r\n"), &put, NULL);
		stream_finish(c.stream);
	}
	connection_release(&c);
	return ok && span_starts_nocase(span_make(greeting, got), "220");
}

static bool check_silence(void *arg, struct error *err)
{
	struct transport *t = arg;
	bool tls = server_begins_with_tls(t->server);
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO_FREE char *place = place_of(t->server);
	strbuf_addf(&why,
		    tls ? _("%s has not answered for %d seconds; looking whether it begins in plain text")
			: _("%s has not greeted for %d seconds; looking whether it begins with TLS"),
		    place, CONNECT_SILENCE_MS / 1000);
	runtime_delay(t->request.runtime, why.buf);
	transport_note(t, "%s", why.buf);
	if (!(tls ? greets(t) : speaks_tls(t)))
		return true;
	set_error(t, err);
	return false;
}

struct stream_silence *port_mode_watch(struct transport *t)
{
	t->silence = (struct stream_silence){.check = check_silence, .arg = t};
	return &t->silence;
}
