/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/peer_user.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef HAVE_GETPEEREID

bool peer_user(int socket, uid_t *user)
{
	gid_t group;
	return getpeereid(socket, user, &group) == 0;
}

#else

bool peer_user(int socket, uid_t *user)
{
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t len = sizeof(peer);
	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return false;
	if (len != sizeof(peer)) {
		errno = EINVAL;
		return false;
	}
	*user = peer.uid;
	return true;
}

#endif
