/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/peer.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "net/peer_user.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* What the kernel reports for users without a number here (/proc/sys/kernel/overflowuid). */
#define UNMAPPED_UID 65534
#define IPV6_NETWORK 8 /* octets */

static bool user_of(int fd, struct peer *peer, struct error *err)
{
	uid_t user;
	if (!peer_user(fd, &user))
		return error_set_errno(err, ERROR_SYSTEM, errno, _("cannot find out whose process has connected"));
	if (user == UNMAPPED_UID || user == (uid_t)-1)
		return error_set(err, ERROR_SYSTEM,
				 _("the user number %ld may be any user of a container, so it cannot send mail here"),
				 (long)user);
	peer->is_user = peer->loopback = true;
	peer->uid = user;
	return true;
}

bool peer_of(int fd, struct peer *out, struct error *err)
{
	struct peer peer = {.address = {.len = sizeof(peer.address.sa)}};
	if (getpeername(fd, (struct sockaddr *)&peer.address.sa, &peer.address.len) < 0)
		return error_set_errno(err, ERROR_SYSTEM, errno, _("cannot find out who has connected"));
	if (peer.address.sa.ss_family == AF_UNIX) {
		if (!user_of(fd, &peer, err))
			return false;
	} else {
		peer.loopback = address_is_loopback(&peer.address);
	}
	*out = peer;
	return true;
}

bool peer_same(const struct peer *a, const struct peer *b)
{
	const struct sockaddr_in6 *a6 = (const void *)&a->address.sa, *b6 = (const void *)&b->address.sa;
	const struct sockaddr_in *a4 = (const void *)&a->address.sa, *b4 = (const void *)&b->address.sa;
	if (a->is_user || b->is_user)
		return a->is_user && b->is_user && a->uid == b->uid;
	if (a->address.sa.ss_family != b->address.sa.ss_family)
		return false;
	if (a->address.sa.ss_family == AF_INET6)
		return memcmp(&a6->sin6_addr, &b6->sin6_addr, IPV6_NETWORK) == 0;
	return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
}

char *peer_text(const struct peer *peer)
{
	return peer->is_user ? xasprintf(_("user %ld"), (long)peer->uid) : address_text(&peer->address);
}
