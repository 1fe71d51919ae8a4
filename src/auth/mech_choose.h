/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mech_choose: which SASL mechanisms to try, in which order, and why the others are not tried.  Pure.
 *
 * "on" chooses the first of these that the server offers and this libgsasl has: SCRAM with channel binding (-PLUS);
 * GSSAPI and GS2-KRB5, if there is a Kerberos ticket and no password is set; SCRAM without channel binding; PLAIN and
 * LOGIN.  SCRAM comes with SHA-512, SHA-256 and SHA-1, in this order.  An account that logs in by OAuth2 uses
 * OAUTHBEARER or XOAUTH2 and nothing else.  CRAM-MD5, DIGEST-MD5, NTLM, EXTERNAL and ANONYMOUS are used only when set
 * by name.
 *
 * On an unprotected connection (no TLS, not loopback, and auth_without_tls is off) the only mechanism with a password
 * that is used, by name or not, is SCRAM: PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER reveal the password or token to an
 * eavesdropper, and CRAM-MD5, DIGEST-MD5 and NTLM reveal enough to guess it.
 */
#ifndef AUTH_MECH_CHOOSE_H
#define AUTH_MECH_CHOOSE_H

#include "base/error.h"
#include "base/json.h"
#include "base/strbuf.h"
#include "base/strvec.h"

struct mech {
	const char *name;      /* "SCRAM-SHA-256", as in the protocol */
	bool needs_password;   /* password or token */
	bool password_visible; /* an eavesdropper can read the password */
	bool token;	       /* the password is an OAuth token */
	bool ticket;	       /* the identity comes from a Kerberos ticket */
	bool no_user;	       /* needs no user name */
	bool binding;	       /* -PLUS */
	bool initial_response; /* the client sends the first message */
	bool only_by_name;     /* never chosen by "on" */
	bool no_authzid;       /* cannot transmit an identity to act as */
	bool may_lack;	       /* some versions or builds of libgsasl lack it */
};
/* Looks up a mechanism without regard to case; name may be NULL.  NULL if it is unknown. */
const struct mech *mech_find(const char *name);
/* All known mechanisms, in order of preference; ends with name == NULL. */
extern const struct mech mech_table[];

/* auth_channel_binding, in the order of its words */
enum mech_binding { MECH_BINDING_OFF, MECH_BINDING_AUTO, MECH_BINDING_REQUIRE };

struct mech_situation {
	const char *wanted;	      /* "on" or a mechanism's name */
	const struct strvec *offered; /* as the server wrote them, any case */
	const struct strvec *refused; /* already tried on this connection and refused; may be NULL */
	const struct strvec *failed;  /* already tried, and failed before the server could accept; may be NULL */
	bool protected_line;	      /* TLS, loopback, Unix socket, or auth_without_tls on */
	enum mech_binding binding;
	bool binding_available;
	bool have_user;
	bool have_authzid;  /* an identity to act as is set */
	bool have_password; /* a password is set; if not, it may still be asked for */
	bool have_ticket;   /* there may be a Kerberos ticket */
	bool have_oauth;    /* the account has an OAuth login: the password is a token */
	/* Does libgsasl have this mechanism?  Asked only about those that it may lack; NULL: it has all. */
	bool (*supported)(const char *name);
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
/* Chooses as mech_choose() does, and passes over every other mechanism that the server offers, with the reason; also
 * those that could be used and come later.  choice->mech is NULL if none can be used. */
void mech_survey(const struct mech_situation *in, struct mech_choice *choice);
/* Appends "MECHANISM: why; MECHANISM: why" about those passed over. */
void mech_choice_format(const struct mech_choice *choice, struct strbuf *out);
/* Adds the array "mechanisms": name, chosen, why_not (null for the one chosen). */
void mech_choice_json(const struct mech_choice *choice, struct json *j);
void mech_choice_copy(struct mech_choice *to, const struct mech_choice *from);
/* Chooses.  True with choice->mech set.  False with ERROR_NO_MECHANISM, which lists what the server offers and why
 * each mechanism was passed over, or with ERROR_NOT_OFFERED if the server does not offer AUTH. */
bool mech_choose(const struct mech_situation *in, struct mech_choice *choice, struct error *err) MUST_CHECK;

#endif
