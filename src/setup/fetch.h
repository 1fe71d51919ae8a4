/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fetch: gets a small file by HTTPS, through the helper program posthaste-http (oauth/http.h describes the request).
 *
 * The helper follows up to five redirections, to https only.  With the method "FILE" it answers a response, whatever
 * its status is, with
 *	answer NUL CODE NUL RETRY-AFTER NUL file NUL HOST NUL { BODY }
 * HOST is the one that the file came from in the end, BODY goes on to the end.  The environment says whether there is a
 * proxy.
 */
#ifndef SETUP_FETCH_H
#define SETUP_FETCH_H

#include "base/runtime.h"
#include "base/strbuf.h"

#define FETCH_LIMIT ((size_t)64 << 10)

struct fetched {
	unsigned code; /* HTTP status */
	char *host;    /* a host name */
	struct strbuf body;
};
#define FETCHED_INIT ((struct fetched){.body = STRBUF_INIT})

void fetched_release(struct fetched *file);
/* trust_file: certificate authorities, or NULL for the system's.  False if there is no answer: ERROR_CONFIG if there is
 * no helper, else ERROR_CONNECT with a word that says why. */
bool fetch_file(const struct runtime *runtime, const char *url, const char *trust_file, msec_t deadline,
		struct fetched *file, struct error *err) MUST_CHECK;
/* What the helper wrote, taken apart.  Pure. */
bool fetch_read(struct span written, struct fetched *file, struct error *err) MUST_CHECK;

#endif
