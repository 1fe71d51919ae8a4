/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * login_users: who may log in at the mail service, as the file of listen_users says it.  Pure.
 *
 *	AUTO(login_users) users = LOGIN_USERS_INIT;
 *	ok = login_users_parse(&users, text, "/etc/posthaste/users", &err);
 *	const struct login_user *user = login_users_find(&users, "alice");
 *
 * A line is "name:" and what SCRAM keeps of a password (RFC 5803), as GNU SASL's gsasl --mkpasswd and Dovecot's
 * doveadm pw print it:
 *
 *   alice:{SCRAM-SHA-256}65536,SALT,STORED-KEY,SERVER-KEY
 *
 * Empty lines and lines that begin with "#" say nothing.  A name may have a line for each hash.
 */
#ifndef AUTH_LOGIN_USERS_H
#define AUTH_LOGIN_USERS_H

#include "base/cleanup.h"
#include "base/error.h"

enum login_hash { LOGIN_SHA_256, LOGIN_SHA_1, LOGIN_HASHES };

#define LOGIN_NAME_MAX 255 /* octets */
#define LOGIN_KEY_MAX 32   /* octets of a salt or key */

/* What is kept of a password; it is as good as none for logging in elsewhere, but lets passwords be guessed. */
struct login_key {
	unsigned iterations;		      /* 0: there is none */
	char *salt, *stored_key, *server_key; /* base64 */
};
void login_key_release(struct login_key *key);

struct login_user {
	char *name;
	struct login_key keys[LOGIN_HASHES];
};

struct login_users {
	struct login_user *v; /* by name */
	size_t n, cap;
};
#define LOGIN_USERS_INIT ((struct login_users){NULL, 0, 0})
void login_users_release(struct login_users *users);

/* ERROR_CONFIG names the file and the line, never what stands there.  A file without a user is an error. */
bool login_users_parse(struct login_users *out, struct span text, const char *file, struct error *err) MUST_CHECK;

const struct login_user *login_users_find(const struct login_users *users, const char *name);
/* Do all users have a key of this hash?  Only then a mechanism with this hash works for each of them. */
bool login_users_all_have(const struct login_users *users, enum login_hash hash);
/*
 * A key for a name that there is not, so that a client cannot find out by the salt that there is not: the same each
 * time, as long as the first user's password is the same, and of the same form as that user's.  No password fits it.
 * False: there is none of this hash to model it on.
 */
bool login_users_invent(const struct login_users *users, const char *name, enum login_hash hash,
			struct login_key *out) MUST_CHECK;

#endif
