/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/serve_stdio.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "serve/rights.h"
#include "serve/serve_client.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

static bool is_network(int fd)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	if (getpeername(fd, (struct sockaddr *)&name, &len) != 0)
		return false;
	return name.ss_family == AF_INET || name.ss_family == AF_INET6;
}

/* The session could not start. */
static int refuse(struct serve_request *req, struct stream *stream, const struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	status_format(&err->status, &text);
	if (err->status.hint)
		strbuf_addf(&text, "\n%s", err->status.hint);
	serve_refuse(req, stream, NULL, text.buf);
	return error_kind_exit_status(err->status.kind);
}

static bool check_request(const struct request *request, struct error *err)
{
	if (request->given[OPT_DEBUG] || request->given[OPT_JSON])
		return error_set(err, ERROR_USAGE, "%s",
				 _("--debug and --json print to standard output, which has the SMTP session with -bs"));
	return !request->recipients.n ||
	       error_set(err, ERROR_USAGE, "%s", _("-bs takes no recipients: the client names them with RCPT"));
}

/* Whether there is an account for any message at all. */
static bool has_account(struct settings *settings, const struct request *request, const struct runtime *runtime,
			struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	if (settings_choose_account(settings, request, runtime, NULL, NULL, &why))
		return true;
	if (settings->config.n && !request->given[OPT_ACCOUNT]) /* the sender chooses one of them, maybe */
		return true;
	error_move(err, &why);
	return false;
}

static bool prepare(struct settings *settings, const struct request *request, const struct runtime *runtime,
		    struct error *err)
{
	return check_request(request, err) && settings_read(settings, request, runtime, err) &&
	       has_account(settings, request, runtime, err);
}

/* The connection, under another number.  Input, output and standard error go nowhere then, so that nothing but SMTP
 * reaches the client. */
static int take_connection(const struct serve_stdio *how)
{
	AUTO_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fd = fcntl(how->in, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	for (int n = STDIN_FILENO; n <= STDERR_FILENO; n++)
		if (null >= 0 && is_network(n))
			(void)dup2(null, n);
	if (fd >= 0)
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return fd;
}

static void refuse_network(const struct serve_stdio *how, int fd, const struct error *err)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct serve_request req;
	struct stream *stream = stream_fd_new(fd);
	serve_request_init(&req, how->request, how->runtime, &settings, (struct serve_peer){.network = true});
	(void)refuse(&req, stream, err);
	serve_request_release(&req);
	stream_free(stream);
}

/* As in the mail service, and never as root. */
static bool become_server(const struct serve_stdio *how, struct runtime *runtime, struct peer *peer, struct error *err)
{
	char **env = NULL;
	if (!check_request(how->request, err) || !peer_of(how->in, peer, err) || !rights_can_drop(err) ||
	    !rights_drop(runtime, &env, err))
		return false;
	if (env)
		runtime->environ = env;
	return true;
}

static int serve_network(const struct serve_stdio *how, struct error *err)
{
	struct runtime runtime = *how->runtime;
	struct peer peer;
	bool ready = become_server(how, &runtime, &peer, err);
	int fd = take_connection(how);
	if (fd < 0)
		(void)error_set_errno(err, ERROR_SYSTEM, errno, _("cannot serve the connection of standard input"));
	if (ready && fd >= 0)
		return serve_client(how->request, &runtime, fd, &peer);
	if (fd >= 0)
		refuse_network(how, fd, err);
	return error_kind_exit_status(err->status.kind);
}

static int serve_user(const struct serve_stdio *how, struct error *err)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct serve_request req;
	struct stream *stream = stream_pair_new(how->in, how->out);
	AUTO_FREE char *name = xasprintf("uid %u", (unsigned)getuid());
	int status = EX_OK;
	serve_request_init(&req, how->request, how->runtime, &settings, (struct serve_peer){.name = name});
	if (prepare(&settings, how->request, how->runtime, err))
		(void)serve_session(&req, &stream);
	else
		status = refuse(&req, stream, err);
	serve_request_release(&req);
	stream_free(stream);
	return status;
}

int serve_stdio(const struct serve_stdio *how, struct error *err)
{
	return is_network(how->in) ? serve_network(how, err) : serve_user(how, err);
}
