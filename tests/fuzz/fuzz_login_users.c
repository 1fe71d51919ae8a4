/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever a file of users has: it is taken or refused without an octet of it in the error, but for a name that has two
 * lines; users that were taken are found, have complete keys, and others get invented ones of the same form.
 */
#include "fuzz.h"

#include "auth/login_users.h"

#include <string.h>

static void must_be_complete(const struct login_key *key)
{
	MUST(key->iterations >= 4096 && key->iterations <= 600000);
	MUST(key->salt && *key->salt && key->stored_key && key->server_key);
}

static void must_invent(const struct login_users *users, enum login_hash hash, const struct login_key *model)
{
	struct login_key key;
	MUST(login_users_invent(users, "a name that there is not", hash, &key));
	must_be_complete(&key);
	MUST(strlen(key.stored_key) == strlen(model->stored_key));
	login_key_release(&key);
}

static void must_know(const struct login_users *users, const struct login_user *user)
{
	bool any = false;
	MUST(*user->name && !strchr(user->name, ':') && login_users_find(users, user->name) == user);
	for (size_t i = 0; i < LOGIN_HASHES; i++) {
		if (!user->keys[i].iterations)
			continue;
		any = true;
		must_be_complete(&user->keys[i]);
		must_invent(users, (enum login_hash)i, &user->keys[i]);
	}
	MUST(any);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(login_users) users = LOGIN_USERS_INIT;
	AUTO(error) err = ERROR_INIT;
	struct span text = {(const char *)data, size};
	if (!login_users_parse(&users, text, "FILE", &err)) {
		MUST(err.status.kind == ERROR_CONFIG && strstr(err.status.text, "FILE"));
		MUST(!strstr(err.status.text, "secret") || strstr(err.status.text, "two lines"));
		MUST(!users.n);
		return 0;
	}
	MUST(users.n);
	for (size_t i = 0; i < users.n; i++)
		must_know(&users, &users.v[i]);
	return 0;
}
