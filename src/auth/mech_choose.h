/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mech_choose: which SASL mechanisms to try, in which order, and why not the
 * others.  Pure.
 *
 * "on" chooses: SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS (only with channel binding),
 * SCRAM-SHA-256, SCRAM-SHA-1, and over TLS (or loopback, or with auth_without_tls) PLAIN, LOGIN, CRAM-MD5.
 * Without protection only SCRAM is left of these.  DIGEST-MD5, NTLM, GSSAPI,
 * EXTERNAL, OAUTHBEARER and XOAUTH2 are used only when named.  On an unprotected
 * connection only SCRAM is used, named or not: PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER show the
 * password or token to the reader of the line, CRAM-MD5, DIGEST-MD5 and NTLM something easily guessed from.
 */
#ifndef AUTH_MECH_CHOOSE_H
#define AUTH_MECH_CHOOSE_H

#include "base/error.h"
#include "base/strvec.h"

struct mech {
	const char *name;      /* "SCRAM-SHA-256", as on the wire */
	bool needs_password;   /* password or token */
	bool password_visible; /* to whoever reads the line */
	bool binding;	       /* -PLUS */
	bool initial_response; /* the client speaks first */
	bool only_by_name;     /* never chosen by "on" */
};
/* NULL-safe look-up without case; NULL: unknown to us. */
const struct mech *mech_find(const char *name);
/* All we know, in order of preference; ends with name == NULL. */
extern const struct mech mech_table[];

struct mech_situation {
	const char *wanted;	      /* "on" or a mechanism's name */
	const struct strvec *offered; /* as the server wrote them, any case */
	const struct strvec *refused; /* already tried on this connection and refused, or NULL */
	bool protected_line;	      /* TLS, loopback, Unix socket, or auth_without_tls on */
	bool binding_available;
	bool have_user;
	bool have_gssapi; /* libgsasl can do it */
};
struct mech_reason {
	const struct mech *mech;
	const char *why; /* translated clause: "not offered by the server", "would show the password on an unprotected
			    connection" */
};
struct mech_choice {
	const struct mech *mech; /* the one to try now, or NULL */
	struct mech_reason *passed_over;
	size_t n, cap;
};
void mech_choice_release(struct mech_choice *choice);
/* Why m would not be used there, as a clause; NULL: it may be.  in->offered NULL: as if the server offered all. */
const char *mech_objection(const struct mech_situation *in, const struct mech *m);
/* True with choice->mech set; false with ERROR_NO_MECHANISM listing what was offered and why each was passed over
 * (ERROR_NOT_OFFERED if the server offers no AUTH at all). */
bool mech_choose(const struct mech_situation *in, struct mech_choice *choice, struct error *err) MUST_CHECK;

#endif
