/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * autoconfig: reads the file in which a provider of mail says how programs reach its servers
 * (draft-ietf-mailmaint-autoconfig; version 1.1 of the format is what there is).  Pure.
 *
 * Elements are found by their names at any depth, and what is not known is passed over: files in use have them in
 * different places.  A server that has no port, no name, or a kind of connection that is not known is not used; it is
 * never taken for one without encryption.
 */
#ifndef SETUP_AUTOCONFIG_H
#define SETUP_AUTOCONFIG_H

#include "setup/candidate.h"

#define AUTOCONFIG_SERVERS_MAX 16

struct autoconfig_server {
	char *host; /* in ASCII */
	unsigned port;
	enum setup_mode mode;
	char *user;	/* the login name; NULL: the file does not say */
	unsigned login; /* bits of enum setup_login; 0: the server knows who sends by the address of this computer */
};
struct autoconfig {
	struct autoconfig_server v[AUTOCONFIG_SERVERS_MAX]; /* the provider's favourite first */
	size_t n;
	char *provider;		   /* its name; NULL: the file does not say.  This and the following are cleaned */
	char *enable, *enable_url; /* what has to be done on the web first, and where; NULL: nothing */
};
#define AUTOCONFIG_INIT ((struct autoconfig){.n = 0})

void autoconfig_release(struct autoconfig *a);
/* Reads the file for a mail address, which is put in the place of %EMAILADDRESS% and the like.  False: it is not such a
 * file, or it has no server that can be used; *out is as before. */
bool autoconfig_read(struct span file, const char *address, struct autoconfig *out) MUST_CHECK;
/* Is it a page for people, as a portal that wants a login sends it for every address? */
bool autoconfig_is_page(struct span file);

#endif
