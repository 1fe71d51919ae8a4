/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen_address: a place to wait for clients at, one word of the setting listen. */
#ifndef CONFIG_LISTEN_ADDRESS_H
#define CONFIG_LISTEN_ADDRESS_H

#include "config/option.h"

#include <sys/socket.h>

struct listen_address {
	struct sockaddr_storage sa; /* AF_INET, AF_INET6 or AF_UNIX; the path of the latter ends in NUL */
	socklen_t len;
};

/*
 * Parses "127.0.0.1:2525", "[::1]:2525" (numbers only, never a name), or the absolute path of a Unix socket.  Port 0
 * stands for any free one.  False with ERROR_CONFIG "expected ..., got ...".
 */
bool listen_address_parse(struct span text, struct listen_address *out, struct error *err) MUST_CHECK;
option_check_fn check_listen;

#endif
