/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kept_session: one session in the hands of the keeper: its connection, and what is needed to go on with it. */
#ifndef SERVE_KEPT_SESSION_H
#define SERVE_KEPT_SESSION_H

#include "base/clock.h"
#include "base/strbuf.h"

struct kept_session {
	int fd;
	struct strbuf state;  /* transport/kept_state.h; wiped when released */
	msec_t since;	      /* when it came, by a clock that goes on while the machine sleeps */
	msec_t idle_ms;	      /* how long it may stay from then on */
	msec_t keepalive_ms;  /* how often the server is asked not to end it; 0: never */
	msec_t asked;	      /* when it was, or since */
	unsigned times_asked; /* since it came */
};

/* Milliseconds by the clock of since and asked. */
msec_t kept_session_now(void);
/* When something is to be done with it: NOOP or QUIT. */
msec_t kept_session_due(const struct kept_session *k);
/* Does what is due; false: it has ended, and k was released. */
bool kept_session_work(struct kept_session *k, const struct clock *clock) MUST_CHECK;
/* The server has closed, or has said something without being asked. */
bool kept_session_is_over(const struct kept_session *k);
/* Says QUIT without waiting, and closes the connection. */
void kept_session_quit(struct kept_session *k, const struct clock *clock);
/* Without a word: the connection is another process's. */
void kept_session_release(struct kept_session *k);

#endif
