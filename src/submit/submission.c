/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/submission.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "submit/envelope_fill.h"
#include "submit/header_fill.h"
#include "submit/local_recipients.h"
#include "submit/mail_params_fill.h"
#include "submit/sender.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define INPUT_ROOM (64u * 1024)

void submission_init(struct submission *p, const struct runtime *runtime)
{
	*p = (struct submission){.config = CONFIG_INIT,
				 .fields = HEADER_LIST_INIT,
				 .env = ENVELOPE_INIT,
				 .refused = ENVELOPE_INIT,
				 .header = STRBUF_INIT};
	message_init(&p->message, runtime->temp);
}

void submission_release(struct submission *p)
{
	config_release(&p->config);
	account_free(p->account);
	free(p->why);
	header_list_release(&p->fields);
	envelope_release(&p->env);
	envelope_release(&p->refused);
	local_names_release(&p->local);
	free(p->own_address);
	free(p->sender_said);
	free(p->queue_id);
	strbuf_release(&p->header);
	message_release(&p->message);
}

/* ---- configuration and account ---- */

bool submission_load_config(struct submission *p, const struct request *request, const struct runtime *runtime,
			    struct error *err)
{
	AUTO(config_files) files = CONFIG_FILES_INIT;
	if (request->given[OPT_HOST]) /* the command line alone: no file is read */
		return true;
	config_files_find(&files, runtime->environ, SYSCONFDIR);
	return config_load(&p->config, account_str(request->flags, OPT_FILE), &files, runtime, err);
}

bool submission_choose_account(struct submission *p, const struct request *request, const struct runtime *runtime,
			       const char *sender, struct error *err)
{
	AUTO(strvec) recipients = STRVEC_INIT;
	for (size_t i = 0; i < p->env.n; i++)
		strvec_push(&recipients, p->env.rcpts[i].address.given);
	struct account_request req = {
		.account = account_str(request->flags,
				       account_is_set(request->flags, OPT_CHECK) ? OPT_CHECK : OPT_ACCOUNT),
		.envelope_from = sender,
		.recipients = &recipients,
		.flags = request->flags,
		.environ = runtime->environ,
	};
	p->account = config_choose(&p->config, &req, &p->why, err);
	return p->account != NULL;
}

/* ---- message ---- */

/* Waits for data even if the caller made the descriptor non-blocking. */
static ssize_t read_waiting(int fd, char *buf, size_t room)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	for (;;) {
		ssize_t n = read(fd, buf, room);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n;
		if (errno == EAGAIN && poll(&p, 1, -1) < 0 && errno != EINTR)
			return -1;
	}
}

static bool read_input(struct message *msg, int fd, struct error *err)
{
	struct message_reader reader;
	AUTO_FREE char *buf = xmalloc(INPUT_ROOM);
	bool ok = true;
	message_reader_init(&reader, msg, 0);
	source_input(&msg->body, fd);
	for (;;) {
		ssize_t n = read_waiting(fd, buf, INPUT_ROOM);
		if (n < 0)
			ok = error_set_errno(err, ERROR_IO, errno, _("cannot read the message from standard input"));
		if (n <= 0)
			break;
		ok = message_reader_feed(&reader, buf, (size_t)n, err);
		if (!ok)
			break;
	}
	ok = ok && message_reader_end(&reader, err);
	message_reader_release(&reader);
	return ok;
}

bool submission_load_settings(struct submission *p, const struct request *request, const struct runtime *runtime,
			      struct error *err)
{
	const char *from = request->given[OPT_FROM] ? account_str(request->flags, OPT_FROM) : NULL;
	return submission_load_config(p, request, runtime, err) &&
	       submission_choose_account(p, request, runtime, from, err) && sender_expand_settings(p, runtime, err);
}

bool submission_set_sender(struct submission *p, const struct request *request, const struct runtime *runtime,
			   struct error *err)
{
	AUTO_FREE char *sender = NULL;
	if (request->given[OPT_READ_ENVELOPE_FROM])
		return error_set(
			err, ERROR_USAGE, "%s",
			_("no message is read here, so --read-envelope-from finds no sender; name it with -f"));
	return submission_load_config(p, request, runtime, err) && sender_known(p, request, &sender, err) &&
	       submission_choose_account(p, request, runtime, sender, err) && sender_settle(p, runtime, &sender, err) &&
	       envelope_fill(p, request, sender, err) && mail_params_fill(p, request, runtime->clock, err);
}

bool submission_set_envelope(struct submission *p, const struct request *request, const struct runtime *runtime,
			     struct error *err)
{
	return envelope_collect_recipients(p, request, err) && submission_set_sender(p, request, runtime, err);
}

bool submission_read(struct submission *p, const struct request *request, const struct runtime *runtime,
		     struct error *err)
{
	AUTO_FREE char *sender = NULL;
	if (!request->recipients.n &&
	    !request->given[OPT_READ_RECIPIENTS]) { /* before waiting for a message nobody will get */
		if (!envelope_collect_recipients(p, request, err))
			return false;
	}
	if (!submission_load_config(p, request, runtime, err) || !read_input(&p->message, runtime->input, err))
		return false;
	header_scan(strbuf_span(&p->message.header), &p->fields);
	if (!sender_known(p, request, &sender, err) || !envelope_collect_recipients(p, request, err) ||
	    !submission_choose_account(p, request, runtime, sender, err) || !sender_settle(p, runtime, &sender, err) ||
	    !local_recipients_settle(p, request, err) || !envelope_fill(p, request, sender, err) ||
	    !mail_params_fill(p, request, runtime->clock, err))
		return false;
	header_fill(p, runtime);
	p->ready = (struct delivery_message){&p->env, strbuf_span(&p->header), &p->message.body, &p->message.info};
	p->has_message = true;
	return true;
}
