/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * send: a submission on its way out.  It is tried, or queued, or both, as the account and the caller want; then it is
 * logged, and the queue's runner is woken if it has work.
 *
 *	struct send_request how = {.request = request, .runtime = runtime, .settings = &settings};
 *	struct send_result sent;
 *	send_submission(&how, &p, &sent);
 *	status = sent.status;
 *	send_result_release(&sent);
 */
#ifndef RUNNER_SEND_H
#define RUNNER_SEND_H

#include "submit/settings.h"
#include "submit/submission.h"

struct transport;

struct send_result {
	bool delivered;			 /* there is a delivery; else nothing was done, and err says why */
	bool kept;			 /* it was queued without being tried */
	bool given_away;		 /* send_request.gives_away */
	struct delivery_result delivery; /* one outcome for each recipient of the submission */
	struct error err;
	int status;		/* exit status */
	struct strvec warnings; /* about configuration and message, from before the delivery */
	struct strvec notes;	/* sentences for the user: all warnings, and problems that stopped nothing */
};
void send_result_release(struct send_result *sent);

struct send_request {
	const struct request *request;
	const struct runtime *runtime;
	struct settings *settings;
	struct transport *transport; /* of the submission's account; NULL: the message has a session of its own */
	/* As delivery_task.ready: MAIL goes out next; or the message is put into the queue next.  May be called several
	 * times. */
	bool (*ready)(void *arg, struct error *err);
	void *ready_arg;
	/* Sets the listeners of the message's own session; NULL: there are none. */
	void (*listen)(void *arg, struct delivery_request *req);
	/* The delivery is over.  True: another process sends the message, so nothing more is done about it here: it is
	 * not queued, shown or logged.  NULL: never. */
	bool (*gives_away)(void *arg, const struct delivery_result *result);
	/* The outcome is known, and logged next; may add notes.  NULL: not shown. */
	void (*show)(void *arg, const struct submission *p, struct send_result *sent);
	void *arg;	 /* of these three */
	bool queue_only; /* if there is a queue, the message is not tried but queued */
	bool asleep;	 /* the caller wakes the queue's runner later (enqueue_wake()) */
};

/* The submission was made (submission_read()).  Problems that stop nothing are reported by runtime_problem(). */
void send_submission(const struct send_request *how, struct submission *p, struct send_result *sent);
/* As send_submission() over how->transport, but may return while the message is on its way (transport_post()).
 * done(done_arg) is called once, when *sent is complete; what how points to, *p and *sent must live until then. */
void send_post(const struct send_request *how, struct submission *p, struct send_result *sent, void (*done)(void *arg),
	       void *done_arg);
/* The submission was made, and is not sent: every recipient gets this error.  What err holds is moved. */
void send_settled(const struct send_request *how, struct submission *p, struct error *err, struct send_result *sent);
/* The submission could not be made; p may be incomplete.  What err holds is moved. */
void send_failed(const struct send_request *how, const struct submission *p, struct error *err,
		 struct send_result *sent);

#endif
