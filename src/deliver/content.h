/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content: the message in the form the server in hand can take.  Always made
 * from the original: what one host needed says nothing about the next.
 */
#ifndef DELIVER_CONTENT_H
#define DELIVER_CONTENT_H

#include "config/account.h"
#include "deliver/deliver.h"
#include "message/mime_convert.h"

struct content {
	struct mime_result result; /* holds what was made, if anything */
	struct span header;	   /* as it goes out: of the result or of the original ... */
	const struct source *body;
	struct submission sub; /* ... and what the engine has to know about it */
};
void content_init(struct content *c);
void content_release(struct content *c);

/* The original: what is known about it and wanted for it. */
struct submission content_submission(const struct account *account, const struct delivery_message *message);
/*
 * Fills *c for a server with these capabilities, replacing what was there.
 * ERROR_MESSAGE: something has to be changed and cannot be (mime_convert), or a line is too long and long_lines says
 * refuse.  ERROR_IO: the new body cannot be kept.
 */
bool content_fit(struct content *c, const struct account *account, const struct delivery_message *message,
		 const struct caps *caps, struct error *err) MUST_CHECK;

#endif
