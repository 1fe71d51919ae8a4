/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keeper_link: how a transport reaches the keeper (serve/keeper.h), the process that keeps the sessions of one account
 * open between two invocations (persist), and what the two say to each other.
 *
 * keeper_link_take() lends us a session, keeper_link_open() and _give() give one to the keeper, also one that was lent;
 * one that is not given back is lost to the keeper.
 *
 * The keeper's socket is $XDG_RUNTIME_DIR/posthaste/HASH, of type SOCK_SEQPACKET and mode 0600, in a folder of mode
 * 0700; HASH depends on the account's name, file, server and login name.  Every session has a key, a hash of all
 * settings on which connection and login depend and of the state of the files they come from: a session is lent only to
 * a process with the same key.
 *
 * A session is either with the keeper or with one other process, never with both: descriptor and state move together in
 * one message.  So whatever process dies, at whatever moment, the session ends and is not used twice.  Messages, their
 * fields followed by a NUL each:
 *
 *	take KEY			lend me a session
 *	  lent AGE STATE		(with the descriptor) here is one, idle for AGE milliseconds; STATE is the rest
 *	  busy				all sessions are in use, and there may not be another one
 *	  none				there is none, or another one may be opened
 *	give KEY IDLE KEEPALIVE SESSIONS STATE
 *					(with the descriptor) keep this one, on the same connection if it was lent;
 *					the times are in milliseconds, KEEPALIVE 0 means none
 *	end				say goodbye to the server and end; a session that is lent is not taken back
 *
 * Nothing that goes wrong here is an error: the caller makes a connection of its own.
 */
#ifndef TRANSPORT_KEEPER_LINK_H
#define TRANSPORT_KEEPER_LINK_H

#include "base/runtime.h"
#include "base/strbuf.h"
#include "config/account.h"

/* How long a keeper may take to answer, in milliseconds. */
#define KEEPER_LINK_PATIENCE 200
/* The keeper's lock file is the socket's name with this. */
#define KEEPER_LINK_LOCK ".lock"

struct keeper_link {
	const struct account *account;
	const struct runtime *runtime;
	char *path; /* of the socket; NULL: no session is kept */
	char *key;
	int fd;	   /* the connection to the keeper while it lends us a session; -1: none */
	bool full; /* the keeper wants no further session */
};

/* Where the sockets are: malloc'ed, NULL without a usable $XDG_RUNTIME_DIR.  It need not be there yet. */
char *keeper_link_folder(const struct runtime *runtime);
/* Does the account want sessions to be kept, and can they be? */
void keeper_link_init(struct keeper_link *link, const struct account *account, const struct runtime *runtime);
void keeper_link_release(struct keeper_link *link);
/* True if a session was lent: *fd is its connection, ours to close, *state is for kept_state_read(). */
bool keeper_link_take(struct keeper_link *link, long *age_ms, struct strbuf *state, int *fd) MUST_CHECK;
/* Finds the keeper to give a session to, or starts one.  False: it takes none. */
bool keeper_link_open(struct keeper_link *link) MUST_CHECK;
/* After that: gives it the session.  False: it does not take it. */
bool keeper_link_give(struct keeper_link *link, const struct strbuf *state, int fd) MUST_CHECK;
/* Ends the sessions of the account, if there are any. */
void keeper_link_end(struct keeper_link *link);

#endif
