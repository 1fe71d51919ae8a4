/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/client_login.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/linux_only.h"
#include "base/xalloc.h"
#include "submit/submission_log.h"
#include "tls/tls.h"

#include <poll.h>
#include <string.h>

#define USERS_FILE_MAX (4u * 1024 * 1024)

/* ---- the configuration ---- */

/* The first account that sets this decides; NULL: none. */
static const char *path_of(const struct settings *settings, enum option_id id)
{
	const struct account *a = settings_first(settings, id);
	const char *path = a ? account_str(a, id) : NULL;
	return path && *path ? path : NULL;
}

bool client_login_is_wanted(const struct settings *settings)
{
	return path_of(settings, OPT_LISTEN_USERS) != NULL;
}

static bool check_complete(const struct settings *settings, struct error *err)
{
	enum option_id users = path_of(settings, OPT_LISTEN_USERS) ? OPT_LISTEN_USERS : OPT_LISTEN_KEY_FILE;
	if (path_of(settings, OPT_LISTEN_CERT_FILE) || !path_of(settings, users))
		return true;
	(void)error_set(err, ERROR_CONFIG, _("%s needs listen_cert_file, and no account sets it"),
			option_table[users].command);
	error_hint(err, _("Clients log in under TLS only: name the certificate of this host by listen_cert_file."));
	return false;
}

static bool read_users(struct client_login *l, const char *path, struct error *err)
{
	struct strbuf text = STRBUF_INIT;
	const char *option = option_table[OPT_LISTEN_USERS].command;
	AUTO_FD int fd = fs_open_regular(path, option, err);
	if (fd < 0 || !fs_admin_fd(fd, path, NULL, err))
		return false;
	bool ok = fs_read_fd(fd, &text, USERS_FILE_MAX, err);
	if (!ok)
		error_prefix(err, "%s %s", option, path);
	ok = ok && login_users_parse(&l->users, strbuf_span(&text), path, err);
	strbuf_wipe(&text);
	return ok;
}

void client_login_init(struct client_login *l, const struct runtime *runtime, const char *client, int fd)
{
	*l = (struct client_login){
		.runtime = runtime, .client = client, .users = LOGIN_USERS_INIT, .binding = STRBUF_INIT, .fd = fd};
}

void client_login_release(struct client_login *l)
{
	sasl_server_free(l->exchange);
	tls_server_free(l->tls);
	login_users_release(&l->users);
	strbuf_release(&l->binding);
	free(l->name);
	l->exchange = NULL;
	l->tls = NULL;
	l->name = NULL;
}

bool client_login_open(struct client_login *l, struct settings *settings, struct error *err)
{
	const char *cert = path_of(settings, OPT_LISTEN_CERT_FILE), *key = path_of(settings, OPT_LISTEN_KEY_FILE);
	const char *users = path_of(settings, OPT_LISTEN_USERS);
	l->settings = settings;
	if (!check_complete(settings, err))
		return false;
	if (cert) {
		l->tls = tls_server_open(cert, key ? key : cert, err);
		if (!l->tls)
			return false;
	}
	return !users || (sasl_server_load(err) && read_users(l, users, err));
}

/* ---- what is offered ---- */

static void list_mechanisms(struct client_login *l)
{
	strvec_release(&l->req->offers.auth);
	sasl_server_mechanisms(&l->users, l->binding.len > 0, &l->req->offers.auth);
}

void client_login_offer(struct client_login *l, struct serve_request *req)
{
	l->req = req;
	if (!l->tls)
		return;
	req->offers.bits |= CAP_STARTTLS;
	if (!l->users.n)
		return;
	req->offers.bits |= CAP_AUTH;
	req->options.auth_needs_tls = req->options.tls_needed = req->options.login_needed = true;
	list_mechanisms(l);
}

bool client_login_start_tls(struct client_login *l, struct stream **stream, struct error *err)
{
	msec_t deadline = deadline_in(l->runtime->clock, CLIENT_LOGIN_TLS_MS);
	struct stream *tls = tls_server_start(l->tls, stream, l->runtime->clock, deadline, err);
	if (!tls) {
		error_prefix(err, "%s", l->client);
		return false;
	}
	*stream = tls;
	l->exporter = tls_channel_binding(tls, &l->binding) == TLS_BINDING_EXPORTER;
	if (l->users.n)
		list_mechanisms(l);
	return true;
}

/* ---- a login ---- */

/* A name that there is not may be a password that was typed in the wrong place, so it is not shown. */
static void report_failure(const struct client_login *l)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(log_event) event = LOG_EVENT_INIT;
	const char *name = sasl_server_name(l->exchange);
	bool known = name && login_users_find(&l->users, name);
	(void)error_set(&err, ERROR_AUTH_REFUSED,
			known ? _("a login was refused: the password is wrong")
			      : _("a login was refused: there is no such user"));
	error_prefix(&err, "%s", l->client);
	runtime_problem(l->runtime, &err);
	event.level = LOG_LEVEL_ERROR;
	log_event_word(&event, "client", l->client);
	if (known)
		log_event_word(&event, "login", name);
	log_event_text(&event, "errormsg", err.status.text);
	log_service_event(l->settings, l->req->request, l->runtime, &event);
}

/* Until it may be answered, or the client has gone, or the service ends. */
static void wait_for_answer(const struct client_login *l)
{
	struct pollfd fd = {.fd = l->fd, .events = POLLRDHUP};
	(void)poll(&fd, 1, deadline_poll_ms(l->runtime->clock, l->answer_at));
}

static void refuse(struct client_login *l, struct server_session *s)
{
	report_failure(l);
	wait_for_answer(l);
	if (++l->failures >= CLIENT_LOGIN_FAILURES_MAX)
		server_answer(s, 421, "4.7.0", _("too many logins have failed, closing the connection"));
	else
		server_answer(s, 535, "5.7.8", _("name or password is wrong"));
}

static void begin(struct client_login *l, const char *mechanism)
{
	struct sasl_server_request req = {.mechanism = mechanism,
					  .users = &l->users,
					  .exporter = l->exporter,
					  .binding = strbuf_span(&l->binding)};
	sasl_server_free(l->exchange);
	l->exchange = sasl_server_new(&req);
	l->answer_at = deadline_in(l->runtime->clock, (msec_t)CLIENT_LOGIN_DELAY_MS << l->failures);
}

void client_login_step(struct client_login *l, struct server_session *s, const struct server_step *step)
{
	struct strbuf challenge = STRBUF_INIT;
	if (step->event == SERVER_SASL_START)
		begin(l, step->mechanism);
	switch (sasl_server_step(l->exchange, step->octets, &challenge)) {
	case SASL_CHALLENGE: server_sasl_challenge(s, strbuf_span(&challenge)); break;
	case SASL_ACCEPTED:
		l->name = xstrdup(sasl_server_name(l->exchange));
		server_sasl_done(s);
		break;
	case SASL_REFUSED: refuse(l, s); break;
	case SASL_MALFORMED: server_answer(s, 501, "5.5.2", _("this is not what the mechanism wants")); break;
	}
	strbuf_wipe(&challenge);
}
