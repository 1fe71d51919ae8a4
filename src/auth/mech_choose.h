/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mech_choose: which SASL mechanisms to try, in which order, and why the others are not tried.  Pure.
 *
 * "on" chooses the first of these that the server offers: SCRAM-SHA-256-PLUS and SCRAM-SHA-1-PLUS (only with channel
 * binding), SCRAM-SHA-256, SCRAM-SHA-1, and on a protected connection (TLS, loopback, or with auth_without_tls)
 * PLAIN, LOGIN, CRAM-MD5.  DIGEST-MD5, NTLM, GSSAPI, EXTERNAL, OAUTHBEARER and XOAUTH2 are used only when set by
 * name.
 *
 * On an unprotected connection the only mechanism with a password that is used, by name or not, is SCRAM: PLAIN,
 * LOGIN, XOAUTH2 and OAUTHBEARER reveal the password or token to an eavesdropper, and CRAM-MD5, DIGEST-MD5 and NTLM
 * reveal enough to guess it.
 */
#ifndef AUTH_MECH_CHOOSE_H
#define AUTH_MECH_CHOOSE_H

#include "base/error.h"
#include "base/strvec.h"

struct mech {
	const char *name;      /* "SCRAM-SHA-256", as in the protocol */
	bool needs_password;   /* password or token */
	bool password_visible; /* an eavesdropper can read the password */
	bool binding;	       /* -PLUS */
	bool initial_response; /* the client sends the first message */
	bool only_by_name;     /* never chosen by "on" */
	bool no_authzid;       /* cannot transmit an identity to act as */
};
/* Looks up a mechanism without regard to case; name may be NULL.  NULL if it is unknown. */
const struct mech *mech_find(const char *name);
/* All known mechanisms, in order of preference; ends with name == NULL. */
extern const struct mech mech_table[];

struct mech_situation {
	const char *wanted;	      /* "on" or a mechanism's name */
	const struct strvec *offered; /* as the server wrote them, any case */
	const struct strvec *refused; /* already tried on this connection and refused; may be NULL */
	bool protected_line;	      /* TLS, loopback, Unix socket, or auth_without_tls on */
	bool binding_available;
	bool have_user;
	bool have_authzid; /* an identity to act as is set */
	bool have_gssapi;  /* libgsasl supports GSSAPI */
};
struct mech_reason {
	const struct mech *mech;
	const char *why; /* translated clause, such as "not offered by the server" */
};
struct mech_choice {
	const struct mech *mech; /* the mechanism to try now, or NULL */
	struct mech_reason *passed_over;
	size_t n, cap;
};
void mech_choice_release(struct mech_choice *choice);
/* Returns why m cannot be used, as a translated clause, or NULL if it can.  If in->offered is NULL, the server is
 * assumed to offer all mechanisms. */
const char *mech_objection(const struct mech_situation *in, const struct mech *m);
/* Chooses.  True with choice->mech set.  False with ERROR_NO_MECHANISM, which lists what the server offers and why
 * each mechanism was passed over, or with ERROR_NOT_OFFERED if the server does not offer AUTH. */
bool mech_choose(const struct mech_situation *in, struct mech_choice *choice, struct error *err) MUST_CHECK;

#endif
