/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/serve_client.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "serve/client_login.h"
#include "serve/listener.h"
#include "serve/serve_sandbox.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sysexits.h>

struct client {
	const struct peer *peer;
	int fd;
	char *name;		/* for messages */
	struct request request; /* of its messages */
	struct settings settings;
	struct client_login login; /* over TCP */
	struct serve_request req;
	const char *domain; /* service_sender user@DOMAIN; NULL: another rule */
	char *sender;	    /* what follows from it; NULL: the user is not known */
};

/* ---- whose mail it is ---- */

static bool set(struct client *c, enum option_id id, const char *text, struct error *err)
{
	c->request.given[id] = true;
	return account_set(c->request.flags, id, span_of(text),
			   (struct origin){ORIGIN_COMMAND_LINE, option_table[id].command, 0}, err);
}

static const char *sender_rule(const struct client *c)
{
	const struct account *a = settings_first(&c->settings, OPT_SERVICE_SENDER);
	return a ? account_str(a, OPT_SERVICE_SENDER) : "keep";
}

/* The name of a local user, NULL: it has none. */
static const char *local_name(const struct client *c)
{
	const struct passwd *user = c->peer->is_user ? getpwuid(c->peer->uid) : NULL;
	return user ? user->pw_name : NULL;
}

/* The sender of all that this user sends; a name that is an address stays one. */
static void set_sender(struct client *c, const char *name)
{
	if (c->domain && name)
		c->sender = strchr(name, '@') ? xstrdup(name) : xasprintf("%s@%s", name, c->domain);
}

static bool apply_sender_rule(struct client *c, struct error *err)
{
	const char *rule = sender_rule(c);
	const char *at = strchr(rule, '@');
	if (strcmp(rule, "force") == 0)
		return set(c, OPT_SENDER, "force", err);
	if (!at)
		return true;
	c->domain = at + 1;
	set_sender(c, local_name(c));
	return set(c, OPT_SET_FROM_HEADER, "on", err);
}

/* SERVER_MAIL */
static bool may_send(void *arg, struct server_session *s, const char *sender)
{
	const struct client *c = arg;
	(void)sender;
	if (!c->domain || c->sender)
		return true;
	server_answer(
		s, 550, "5.7.1",
		_("the sender of a message is the user who sends it, at this service, and who you are is not known; "
		  "use sendmail or the Unix socket"));
	return false;
}

/* ---- TLS and login ---- */

static bool start_tls(void *arg, struct stream **stream, struct error *err)
{
	struct client *c = arg;
	return client_login_start_tls(&c->login, stream, err);
}

/* SERVER_SASL */
static void sasl(void *arg, struct server_session *s, const struct server_step *step)
{
	struct client *c = arg;
	client_login_step(&c->login, s, step);
	if (!c->login.name || c->request.login)
		return;
	c->request.login = c->login.name;
	set_sender(c, c->login.name);
	c->req.sender = c->sender;
}

/* Clients that come over the network must be known, whatever socket was passed to the service. */
static bool open_login(struct client *c, struct error *err)
{
	if (c->peer->is_user)
		return true;
	if (!client_login_open(&c->login, &c->settings, err))
		return false;
	if (c->peer->loopback || c->login.users.n)
		return true;
	return error_set(err, ERROR_CONFIG,
			 _("%s is another machine, and clients would need no login: listen_users is not set"), c->name);
}

/* ---- the session ---- */

/* Before each wait for the client. */
static bool is_ending(void *arg, bool busy)
{
	const struct client *c = arg;
	listener_interrupts(busy ? -1 : c->fd);
	return !busy && listener_is_ending();
}

/* What it sends must not be handed to the service again, neither now nor from the queue. */
static bool make_request(struct client *c, const struct request *outer, const struct runtime *runtime,
			 struct error *err)
{
	request_init(&c->request, runtime);
	account_merge(c->request.flags, outer->flags);
	memcpy(c->request.given, outer->given, sizeof(c->request.given));
	c->request.delivery = outer->delivery;
	if (!set(c, OPT_SERVICE_SOCKET, "", err) || !settings_read(&c->settings, &c->request, runtime, err) ||
	    !apply_sender_rule(c, err) || !open_login(c, err))
		return false;
	serve_sandbox_enter(&c->settings, &c->request, runtime);
	return true;
}

/* Users of this machine are told what is wrong. */
static int refuse(struct serve_request *req, const struct client *c, const struct runtime *runtime,
		  struct stream *stream, const struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	status_format(&err->status, &text);
	runtime_problem(runtime, err);
	serve_refuse(req, stream, NULL,
		     c->peer->loopback ? text.buf : _("the service cannot be used because of its configuration"));
	return error_kind_exit_status(err->status.kind);
}

static int serve(struct client *c, const struct request *outer, const struct runtime *runtime, struct stream **stream)
{
	AUTO(error) err = ERROR_INIT;
	struct serve_request *req = &c->req;
	int status = EX_OK;
	client_login_init(&c->login, runtime, c->name, c->fd);
	bool ready = make_request(c, outer, runtime, &err);
	serve_request_init(req, &c->request, runtime, &c->settings,
			   (struct serve_peer){.network = !c->peer->is_user, .name = c->name});
	req->start_tls = start_tls;
	req->sasl = sasl;
	req->may_send = may_send;
	req->is_ending = is_ending;
	req->sender = c->sender;
	req->arg = c;
	if (ready && !c->peer->is_user)
		client_login_offer(&c->login, req);
	if (ready)
		(void)serve_session(req, stream);
	else
		status = refuse(req, c, runtime, *stream, &err);
	listener_interrupts(-1);
	serve_request_release(req);
	return status;
}

int serve_client(const struct request *request, const struct runtime *runtime, int fd, const struct peer *peer)
{
	struct client c = {.peer = peer, .fd = fd, .name = peer_text(peer), .settings = SETTINGS_INIT};
	int on = 1;
	if (!peer->is_user) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	}
	struct stream *stream = stream_fd_new(fd);
	int status = serve(&c, request, runtime, &stream);
	stream_finish(stream);
	stream_free(stream);
	client_login_release(&c.login);
	settings_release(&c.settings);
	request_release(&c.request);
	free(c.sender);
	free(c.name);
	return status;
}
