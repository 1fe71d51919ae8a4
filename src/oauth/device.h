/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_device: a login with a browser on any device (RFC 8628): the user opens an address there and enters a short
 * code, and we ask the server from time to time whether that has happened.
 */
#ifndef OAUTH_DEVICE_H
#define OAUTH_DEVICE_H

#include "oauth/answer.h"
#include "oauth/console.h"

/* What the server said about the code. */
struct oauth_device {
	struct secret code;	 /* for us */
	char *user_code;	 /* for the user; cleaned */
	char *address;		 /* https */
	char *address_with_code; /* or NULL */
	int64_t life_ms, wait_ms;
};

#define OAUTH_DEVICE_INIT ((struct oauth_device){.code = SECRET_INIT})

void oauth_device_release(struct oauth_device *d);
/* Reads the answer to the first request.  Pure.  ERROR_PROTOCOL: it lacks something, or the address is not https. */
bool oauth_device_read(struct oauth_device *d, const struct oauth_reply *reply, const char *url,
		       struct error *err) MUST_CHECK;

/* Gets a code, shows it with the address, and waits until the user has answered.  ERROR_AUTH_REFUSED: the user refused,
 * or the code has expired. */
bool oauth_device_login(const struct oauth_settings *s, const struct oauth_network *network,
			const struct oauth_console *console, struct oauth_grant *grant, struct error *err) MUST_CHECK;

#endif
