/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * import_queue: msmtpq's folder, in which each message is a file ID.mail, and a file ID.msmtp with the arguments for
 * msmtp; each message goes into our queue.
 *
 * A message is renamed to ID.mail.importing, queued, and then both files are removed.  If that is interrupted, the
 * message is in the folder still, and the next run queues it: it may then be in the queue twice, which is reported.
 * Only one program at a time works in the folder: it makes the folder .lock, as msmtpq does.
 */
#ifndef SETUP_IMPORT_QUEUE_H
#define SETUP_IMPORT_QUEUE_H

#include "submit/request.h"

/* What became of a message. */
struct imported_message {
	const char *name;     /* its ID in msmtpq's folder */
	const char *queue_id; /* in our queue; NULL: it stayed where it is, and err says why, or all its recipients are
				 aliases for nothing */
	bool possible_duplicate;
	const struct error *err; /* of kind ERROR_NONE if it was taken */
};

struct import_queue {
	const struct runtime *runtime;
	/* The request that msmtp's arguments make; ERROR_USAGE if they do not send.  What *request holds afterwards is
	 * released with request_release(), also after a failure. */
	bool (*parse)(void *arg, const struct strvec *words, struct request *request, struct error *err);
	void (*show)(void *arg, const struct imported_message *m);
	void *arg;
};

/* Appends a line that says where a message that was taken is now. */
void imported_message_line(const struct imported_message *m, struct strbuf *out);
/* Adds an element to the array that is open. */
void imported_message_json(const struct imported_message *m, struct json *j);
/* Is this such a folder? */
bool import_is_queue(const char *path);
/* Takes all messages, in the order of their names.  False: err is the first failure; the other messages were taken. */
bool import_queue(const struct import_queue *q, const char *path, struct error *err) MUST_CHECK;

#endif
