/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/listen.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "net/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

#define LOCK_SUFFIX ".lock"
#define NEW_SUFFIX ".new"

static void release_socket(struct listen_socket *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	if (s->lock >= 0)
		(void)close(s->lock);
	free(s->name);
	free(s->path);
}

void listen_sockets_forget(struct listen_sockets *sockets)
{
	for (size_t i = 0; i < sockets->n; i++)
		release_socket(&sockets->v[i]);
	free(sockets->v);
	*sockets = LISTEN_SOCKETS_INIT;
}

void listen_sockets_release(struct listen_sockets *sockets)
{
	for (size_t i = 0; i < sockets->n; i++) {
		const struct listen_socket *s = &sockets->v[i];
		struct stat st;
		if (s->path && lstat(s->path, &st) == 0 && st.st_dev == s->made.st_dev && st.st_ino == s->made.st_ino)
			(void)unlink(s->path);
	}
	listen_sockets_forget(sockets);
}

/* ---- Unix sockets ---- */

static int new_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* The lock of a path; -1 with err: another process listens there, or it cannot be made. */
static int lock_path(const char *path, struct error *err)
{
	AUTO_FREE char *name = xasprintf("%s" LOCK_SUFFIX, path);
	AUTO_FD int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, S_IRUSR | S_IWUSR);
	if (fd < 0) {
		(void)error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot make the lock %s"), name);
		error_hint(err, _("The folder of a socket in listen must be writable for the user who runs this."));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return steal_fd(&fd);
	(void)error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot lock %s"), name);
	error_hint(err, _("Another posthaste listens there already, perhaps; end it, or use another path."));
	return -1;
}

/* Under the lock: nothing is at the path, or a socket at which no process listens. */
static bool is_free(const struct listen_address *address, const char *path, struct error *err)
{
	struct stat st;
	if (lstat(path, &st) < 0)
		return errno == ENOENT ||
		       error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot make the socket %s"), path);
	if (!S_ISSOCK(st.st_mode)) {
		(void)error_set(err, ERROR_CANNOT_CREATE, _("%s exists and is not a socket"), path);
		error_hint(err, _("Remove it, or use another path in listen."));
		return false;
	}
	AUTO_FD int fd = new_socket(AF_UNIX);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address->sa, address->len) < 0 && errno == ECONNREFUSED)
		return true;
	(void)error_set(err, ERROR_CANNOT_CREATE, _("another program listens at %s"), path);
	error_hint(err, _("End it, or use another path in listen."));
	return false;
}

/* Under the lock.  The umask decides the mode: a chmod() afterwards could be led to another file. */
static bool bind_path(int fd, const char *path, struct error *err)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	AUTO_FREE char *new = xasprintf("%s" NEW_SUFFIX, path);
	memcpy(un.sun_path, new, strlen(new) + 1);
	(void)unlink(new);
	mode_t before = umask(S_IXUSR | S_IXGRP | S_IXOTH);
	bool ok = bind(fd, (const struct sockaddr *)&un, sizeof(un)) == 0;
	(void)umask(before);
	if (ok && listen(fd, SOMAXCONN) == 0 && rename(new, path) == 0)
		return true;
	(void)error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot make the socket %s"), path);
	(void)unlink(new);
	return false;
}

static bool open_unix(const struct listen_address *address, struct listen_socket *s, struct error *err)
{
	s->path = xstrdup(((const struct sockaddr_un *)(const void *)&address->sa)->sun_path);
	s->lock = lock_path(s->path, err);
	return s->lock >= 0 && is_free(address, s->path, err) && bind_path(s->fd, s->path, err) &&
	       (lstat(s->path, &s->made) == 0 ||
		error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot make the socket %s"), s->path));
}

/* ---- TCP ---- */

static bool open_tcp(const struct listen_address *address, struct listen_socket *s, const char *word, struct error *err)
{
	int on = 1;
	(void)setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->sa.ss_family == AF_INET6) /* the other family has an address of its own in listen */
		(void)setsockopt(s->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(s->fd, (const struct sockaddr *)&address->sa, address->len) == 0 && listen(s->fd, SOMAXCONN) == 0)
		return true;
	int errnum = errno;
	(void)error_set_errno(err, ERROR_CANNOT_CREATE, errnum, _("cannot listen at %s"), word);
	if (errnum == EADDRINUSE)
		error_hint(err, _("Another program listens there; end it, or use another port."));
	else if (errnum == EACCES)
		error_hint(err, _("Ports below 1024 are for root: use another one, or a systemd socket unit."));
	return false;
}

/* ---- both ---- */

/* What the kernel says of it. */
static bool describe(struct listen_socket *s)
{
	struct address address = {.len = sizeof(address.sa)};
	if (getsockname(s->fd, (struct sockaddr *)&address.sa, &address.len) < 0)
		return false;
	s->is_unix = address.sa.ss_family == AF_UNIX;
	s->loopback = s->is_unix || address_is_loopback(&address);
	s->name = s->path ? xstrdup(s->path) : address_text(&address); /* it was bound under another name */
	return true;
}

static bool open_one(struct listen_socket *s, const char *word, struct error *err)
{
	struct listen_address address;
	if (!listen_address_parse(span_of(word), &address, err))
		return false;
	s->fd = new_socket(address.sa.ss_family);
	if (s->fd < 0)
		return error_set_errno(err, ERROR_CANNOT_CREATE, errno, _("cannot listen at %s"), word);
	bool ok = address.sa.ss_family == AF_UNIX ? open_unix(&address, s, err) : open_tcp(&address, s, word, err);
	return ok && (describe(s) || error_set_errno(err, ERROR_SYSTEM, errno, _("cannot listen at %s"), word));
}

static struct listen_socket *add(struct listen_sockets *sockets, int fd)
{
	GROW(sockets->v, sockets->n, sockets->cap);
	sockets->v[sockets->n] = (struct listen_socket){.fd = fd, .lock = -1};
	return &sockets->v[sockets->n++];
}

bool listen_open(struct listen_sockets *out, const struct strvec *addresses, struct error *err)
{
	for (size_t i = 0; i < addresses->n; i++)
		if (!open_one(add(out, -1), addresses->v[i], err)) {
			listen_sockets_release(out);
			return false;
		}
	return true;
}

static bool take_one(struct listen_socket *s, struct error *err)
{
	int listens = 0, type = 0;
	socklen_t len = sizeof(listens), type_len = sizeof(type);
	if (getsockopt(s->fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 || !listens ||
	    getsockopt(s->fd, SOL_SOCKET, SO_TYPE, &type, &type_len) < 0 || type != SOCK_STREAM || !describe(s)) {
		(void)error_set(err, ERROR_CONFIG,
				_("descriptor %d from the service manager is not a listening socket"), s->fd);
		error_hint(err, _("Use ListenStream= in the socket unit, without Accept=yes."));
		return false;
	}
	return fcntl(s->fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK) == 0;
}

bool listen_take(struct listen_sockets *out, int first, int n, struct error *err)
{
	for (int i = 0; i < n; i++)
		if (!take_one(add(out, first + i), err))
			return false;
	return true;
}
