/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * submission_read: from the caller's request, the settings and standard input to a message ready to go.  Uses no
 * network and asks for no secret.
 *
 *	struct submission p;
 *	submission_init(&p, runtime);
 *	if (submission_read(&p, &settings, request, runtime, &err))
 *		message = submission_message(&p);
 *	submission_release(&p);
 */
#ifndef SUBMIT_SUBMISSION_READ_H
#define SUBMIT_SUBMISSION_READ_H

#include "submit/settings.h"
#include "submit/submission.h"

/* The account and the envelope without a message: the sender alone, which must be known (--check) ... */
bool submission_read_sender(struct submission *p, struct settings *settings, const struct request *request,
			    const struct runtime *runtime, struct error *err) MUST_CHECK;
/* ... and the recipients of the command line (-bv). */
bool submission_read_envelope(struct submission *p, struct settings *settings, const struct request *request,
			      const struct runtime *runtime, struct error *err) MUST_CHECK;
/* All of it, with the message from runtime->input ... */
bool submission_read(struct submission *p, struct settings *settings, const struct request *request,
		     const struct runtime *runtime, struct error *err) MUST_CHECK;

/* ... and what follows when the files of the settings were read and p->message was.  May be called for one submission
 * after the other with the same settings, where each leaves its account. */
bool submission_make(struct submission *p, struct settings *settings, const struct request *request,
		     const struct runtime *runtime, struct error *err) MUST_CHECK;

#endif
