/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/service.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "runner/spawn.h"
#include "serve/client_login.h"
#include "serve/listener.h"
#include "serve/rights.h"
#include "serve/serve_client.h"
#include "serve/service_manager.h"
#include "submit/settings.h"
#include "submit/submission_log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sysexits.h>

struct service {
	const struct request *request;
	const struct runtime *outer;
	struct runtime runtime; /* without what the service manager said */
	struct settings settings;
	struct listen_sockets sockets;
	char host_name[HOST_NAME_MAX + 1];
	bool is_parent; /* this process has started the service in another one */
};

/* ---- the listener's questions ---- */

static void log_refused(void *arg, unsigned long clients, const struct peer *last)
{
	struct service *s = arg;
	AUTO(error) err = ERROR_INIT;
	AUTO(log_event) event = LOG_EVENT_INIT;
	AUTO_FREE char *who = peer_text(last);
	(void)error_set(&err, ERROR_SYSTEM,
			_("clients were refused because too many sessions were open: %lu, the last one %s"), clients,
			who);
	runtime_problem(&s->runtime, &err);
	event.level = LOG_LEVEL_ERROR;
	log_event_number(&event, "refused", (long long)clients);
	log_event_word(&event, "client", who);
	log_event_text(&event, "errormsg", err.status.text);
	log_service_event(&s->settings, s->request, &s->runtime, &event);
}

static void tell_state(void *arg, bool ready)
{
	const struct service *s = arg;
	service_manager_notify(s->outer, ready ? "READY=1" : "STOPPING=1");
}

/* ---- start ---- */

static bool open_sockets(struct service *s, struct error *err)
{
	int passed = service_manager_sockets(s->outer);
	const struct account *a = settings_first(&s->settings, OPT_LISTEN);
	if (passed > 0)
		return listen_take(&s->sockets, SERVICE_MANAGER_FIRST_FD, passed, err);
	if (a)
		return listen_open(&s->sockets, account_list(a, OPT_LISTEN), err);
	(void)error_set(err, ERROR_CONFIG, _("no account says where to wait for clients"));
	error_hint(err, _("Add a line such as \"listen 127.0.0.1:2525\" to the configuration."));
	return false;
}

/* A service that other machines can reach must know who its clients are. */
static bool check_sockets(const struct service *s, struct error *err)
{
	bool login = client_login_is_wanted(&s->settings);
	for (size_t i = 0; i < s->sockets.n; i++) {
		if (s->sockets.v[i].loopback || login)
			continue;
		(void)error_set(err, ERROR_CONFIG,
				_("%s can be reached from other machines, and clients would need no login"),
				s->sockets.v[i].name);
		error_hint(err, _("Use an address such as 127.0.0.1:2525 or a Unix socket, or set listen_cert_file and "
				  "listen_users."));
		return false;
	}
	return true;
}

/* Sessions read these files, so that changes apply to the next one; what is wrong with them is better said now. */
static bool check_login(struct service *s, struct error *err)
{
	struct client_login login;
	client_login_init(&login, &s->runtime, "", -1);
	bool ok = client_login_open(&login, &s->settings, err);
	client_login_release(&login);
	return ok;
}

/* The first process returns to its caller; true in both.  Output goes nowhere from then on. */
static bool go_to_background(struct service *s, struct error *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return error_set_errno(err, ERROR_SYSTEM, errno, _("cannot go to the background"));
	s->is_parent = pid > 0;
	if (s->is_parent)
		return true;
	AUTO_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			return error_set_errno(err, ERROR_SYSTEM, errno, _("cannot open /dev/null"));
	(void)setsid();
	(void)!chdir("/");
	return true;
}

static bool start(struct service *s, void (*waiting)(const char *name), struct error *err)
{
	bool foreground = waiting || service_manager_waits(s->outer);
	char **env = NULL;
	if (!open_sockets(s, err) || !check_sockets(s, err) || !rights_drop(&s->runtime, &env, err))
		return false;
	if (env)
		s->runtime.environ = env;
	if (!check_login(s, err))
		return false;
	for (size_t i = 0; waiting && i < s->sockets.n; i++)
		waiting(s->sockets.v[i].name);
	return foreground || go_to_background(s, err);
}

static int serve_one(void *arg, int fd, const struct peer *peer)
{
	const struct service *s = arg;
	struct runtime runtime = s->runtime;
	runtime.wake_runner = listener_wake;
	return serve_client(s->request, &runtime, fd, peer);
}

/* For what has been in the queue since before the computer was started. */
static void wake_queue(const struct service *s)
{
	AUTO(error) err = ERROR_INIT;
	const struct account *a = settings_first(&s->settings, OPT_QUEUE_AUTOSTART);
	if ((!a || account_bool(a, OPT_QUEUE_AUTOSTART)) && !runner_spawn(&s->runtime, &err))
		runtime_problem(&s->runtime, &err);
}

static void wake(void *arg)
{
	const struct service *s = arg;
	AUTO(error) err = ERROR_INIT;
	if (!runner_spawn(&s->runtime, &err))
		runtime_problem(&s->runtime, &err);
}

static bool listen_to_clients(struct service *s, struct error *err)
{
	struct listener_request listener = {
		.sockets = &s->sockets,
		.runtime = &s->runtime,
		.host_name = s->host_name,
		.sessions_max = LISTENER_SESSIONS_MAX,
		.peer_max = LISTENER_PEER_MAX,
		.serve = serve_one,
		.refused = log_refused,
		.wake = wake,
		.state = tell_state,
		.arg = s,
	};
	wake_queue(s);
	return listener_run(&listener, err);
}

static bool run(struct service *s, void (*waiting)(const char *name), struct error *err)
{
	if (s->outer->privileged)
		return error_set(err, ERROR_CONFIG, _("the mail service does not run set-user-ID or set-group-ID"));
	if (!rights_can_drop(err) || !settings_read(&s->settings, s->request, &s->runtime, err) ||
	    !start(s, waiting, err))
		return false;
	return s->is_parent || listen_to_clients(s, err);
}

int service_run(const struct request *request, const struct runtime *runtime, void (*waiting)(const char *name))
{
	AUTO(error) err = ERROR_INIT;
	struct service s = {.request = request, .outer = runtime, .runtime = *runtime, .settings = SETTINGS_INIT};
	AUTO_FREE char **env = service_manager_environ(runtime->environ);
	s.runtime.environ = env;
	if (gethostname(s.host_name, sizeof(s.host_name) - 1) < 0 || !*s.host_name)
		(void)snprintf(s.host_name, sizeof(s.host_name), "localhost");
	bool ok = run(&s, waiting, &err);
	if (s.is_parent)
		listen_sockets_forget(&s.sockets); /* they are the other process's */
	else
		listen_sockets_release(&s.sockets);
	settings_release(&s.settings);
	if (ok)
		return EX_OK;
	runtime_problem(runtime, &err);
	return error_kind_exit_status(err.status.kind);
}
