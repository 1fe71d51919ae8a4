/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * known_hosts: the keys of servers that the user accepted (tls_trust first_use, --accept-key), in the file known_hosts
 * of the state folder, a line for each host and port:
 *
 *   mail.example.org 465 sha256//BASE64 AB:CD:...
 *
 * The third word is the pin of the key, which decides; the fourth is the SHA-256 fingerprint of the certificate it came
 * with, shown if another key turns up.  Empty lines and lines that begin with "#" are kept as they are.  A line in any
 * other form, or a second one for a host and port, is an error for all of the file: a damaged file accepts no server.
 */
#ifndef TLS_KNOWN_HOSTS_H
#define TLS_KNOWN_HOSTS_H

#include "base/runtime.h"
#include "base/strbuf.h"

#define KNOWN_HOSTS_NAME "known_hosts"

struct known_host {
	unsigned char pin[32];	  /* SHA-256 of the SubjectPublicKeyInfo */
	unsigned char sha256[32]; /* of the certificate */
};
enum known_hosts_answer { KNOWN_HOSTS_BAD, KNOWN_HOSTS_ABSENT, KNOWN_HOSTS_FOUND };

/* Pure.  host: a name, in any case, with or without final dot, or an address.  Fills *out only if FOUND.  BAD with
 * ERROR_CONFIG, which names the line. */
enum known_hosts_answer known_hosts_find(struct span file, const char *host, unsigned port, struct known_host *out,
					 struct error *err);
/* Pure.  Appends the file to out, with the key of this host and port in place of the one it has, or at the end.  False
 * with ERROR_CONFIG; out is unchanged then. */
bool known_hosts_put(struct span file, const char *host, unsigned port, const struct known_host *key,
		     struct strbuf *out, struct error *err) MUST_CHECK;

/* The path of the file, malloc'ed; NULL if there is no state folder, or with more rights than the caller has. */
char *known_hosts_path(const struct runtime *runtime);
/* The same as known_hosts_find() with the user's file; without one every host is absent.  BAD if it cannot be used. */
enum known_hosts_answer known_hosts_look_up(const struct runtime *runtime, const char *host, unsigned port,
					    struct known_host *out, struct error *err);
/* Stores a key in the user's file, which is replaced as one and is on disk then. */
bool known_hosts_accept(const struct runtime *runtime, const char *host, unsigned port, const struct known_host *key,
			struct error *err) MUST_CHECK;

#endif
