/* SPDX-License-Identifier: GPL-3.0-or-later */
/* presets: what is known about the servers of large providers of mail, from the table presets.def. */
#ifndef SETUP_PRESETS_H
#define SETUP_PRESETS_H

#include "setup/candidate.h"

enum preset_ports {
	PRESET_NO_SERVER, /* the provider offers none that a program could use: the note says so */
	PRESET_465,	  /* TLS from the first byte */
	PRESET_587,	  /* STARTTLS */
	PRESET_465_587	  /* either */
};
enum preset_user { PRESET_FULL, PRESET_LOCAL }; /* the login name: the address, or what stands before its "@" */

struct preset {
	const char *title;
	/* Of addresses, separated by spaces.  "name.*" is name.de, name.com, name.co.uk and the like, "*.name" every
	 * domain below name. */
	const char *domains;
	const char *mx;	  /* domains of the servers that take the mail, separated by spaces; "" for none */
	const char *host; /* "" for PRESET_NO_SERVER */
	enum preset_ports ports;
	enum preset_user user;
	unsigned login;	      /* bits of enum setup_login; 0 for PRESET_NO_SERVER */
	const char *provider; /* in the table of OAuth2 providers; NULL: none */
	const char *page;     /* where an application password is made; NULL: in the settings on the web */
	const char *note;     /* a sentence for the user, to be translated; NULL: none */
};

extern const struct preset presets[];
extern const size_t preset_count;

/* The entry for addresses of this domain, or NULL. */
const struct preset *preset_by_domain(struct span domain);
/* The entry for a domain whose mail goes to this host, or NULL. */
const struct preset *preset_by_mx(struct span host);
/* Appends its ways to reach the server.  told_by: the host that takes the mail, or NULL. */
void preset_add(const struct preset *p, enum setup_source source, const char *address, const char *told_by,
		struct candidates *out);

#endif
