/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/submission_read.h"

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

static bool choose_account(struct submission *p, struct settings *settings, const struct request *request,
			   const struct runtime *runtime, const char *sender, struct error *err)
{
	AUTO(strvec) recipients = STRVEC_INIT;
	for (size_t i = 0; i < p->env.n; i++)
		if (!p->env.rcpts[i].refused)
			strvec_push(&recipients, p->env.rcpts[i].address.given);
	if (!settings_choose_account(settings, request, runtime, sender, &recipients, err))
		return false;
	p->account = settings->account;
	return true;
}

/* What the sender and the account decide about the envelope. */
static bool fill_envelope(struct submission *p, const struct request *request, const struct runtime *runtime,
			  const char *sender, struct error *err)
{
	return envelope_fill(&p->env.mail, p->account, request, sender, err) &&
	       mail_params_fill(p, request, runtime->clock, err);
}

bool submission_read_sender(struct submission *p, struct settings *settings, const struct request *request,
			    const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *sender = NULL;
	if (request->given[OPT_READ_ENVELOPE_FROM])
		return error_set(
			err, ERROR_USAGE, "%s",
			_("no message is read here, so --read-envelope-from finds no sender; name it with -f"));
	return settings_read(settings, request, runtime, err) && sender_known(&p->fields, request, &sender, err) &&
	       choose_account(p, settings, request, runtime, sender, err) &&
	       sender_settle(p, settings->account, runtime, &sender, err) &&
	       fill_envelope(p, request, runtime, sender, err);
}

bool submission_read_envelope(struct submission *p, struct settings *settings, const struct request *request,
			      const struct runtime *runtime, struct error *err)
{
	return envelope_collect_recipients(p, request, err) &&
	       submission_read_sender(p, settings, request, runtime, err);
}

bool submission_make(struct submission *p, struct settings *settings, const struct request *request,
		     const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *sender = NULL;
	header_scan(strbuf_span(&p->message.header), &p->fields);
	if (p->has_envelope)
		sender = xstrdup(p->env.mail.sender.given);
	else if (!sender_known(&p->fields, request, &sender, err) || !envelope_collect_recipients(p, request, err))
		return false;
	if (!choose_account(p, settings, request, runtime, sender, err) ||
	    !sender_settle(p, settings->account, runtime, &sender, err) || !local_recipients_settle(p, request, err) ||
	    !fill_envelope(p, request, runtime, sender, err))
		return false;
	header_fill(p, runtime);
	p->has_message = true;
	return true;
}

bool submission_read(struct submission *p, struct settings *settings, const struct request *request,
		     const struct runtime *runtime, struct error *err)
{
	/* an error that needs no message is reported before one is waited for */
	if (!request->recipients.n && !request->given[OPT_READ_RECIPIENTS] &&
	    !envelope_collect_recipients(p, request, err))
		return false;
	return settings_read(settings, request, runtime, err) && read_input(&p->message, runtime->input, err) &&
	       submission_make(p, settings, request, runtime, err);
}
