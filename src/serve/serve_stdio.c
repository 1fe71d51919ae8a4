/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/serve_stdio.h"

#include "base/i18n.h"
#include "base/xalloc.h"

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
static int refuse(struct serve_request *req, struct stream *stream, const char *enhanced, const struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	status_format(&err->status, &text);
	if (err->status.hint)
		strbuf_addf(&text, "\n%s", err->status.hint);
	serve_refuse(req, stream, enhanced, text.buf);
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

static int serve_network(const struct serve_stdio *how, struct serve_request *req, struct stream **stream,
			 struct error *err)
{
	if (how->network)
		return how->network(req, stream);
	(void)error_set(err, ERROR_USAGE, "%s",
			_("standard input is a network connection, and -bs serves users of this machine"));
	return refuse(req, *stream, "4.7.0", err);
}

int serve_stdio(const struct serve_stdio *how, struct error *err)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct serve_request req;
	struct stream *stream = stream_pair_new(how->in, how->out);
	AUTO_FREE char *name = xasprintf("uid %u", (unsigned)getuid());
	struct serve_peer peer = {.network = is_network(how->in), .name = name};
	int status = EX_OK;
	serve_request_init(&req, how->request, how->runtime, &settings, peer);
	if (!prepare(&settings, how->request, how->runtime, err))
		status = refuse(&req, stream, NULL, err);
	else if (peer.network)
		status = serve_network(how, &req, &stream, err);
	else
		(void)serve_session(&req, &stream);
	serve_request_release(&req);
	stream_free(stream);
	return status;
}
