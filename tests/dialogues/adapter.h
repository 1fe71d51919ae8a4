/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * adapter: the program's own way from a dialogue's arguments, configuration
 * and standard input to a message ready to go, and from a session's end to
 * exit status and standard error - everything between two network calls.
 */
#ifndef TESTS_ADAPTER_H
#define TESTS_ADAPTER_H

#include "dialogue.h"
#include "play.h"
#include "test_runtime.h"

#include "cli/args.h"
#include "submit/settings.h"
#include "submit/submission.h"
#include "transport/authenticate.h"
#include "transport/adapt.h"

struct adapted {
	struct runtime runtime;
	struct strvec environ;
	struct args args;
	struct settings settings;
	struct submission submission;
	struct error error; /* why nothing can be sent; kind NONE: something can */
	struct mail_transaction mail;
	struct session_options options;
	struct caps remembered;
};

/* dir is an empty folder for HOME and files.  What is wrong with the dialogue itself goes to err; a message the
 * program refuses is in a->error. */
bool adapter_prepare(struct adapted *a, const struct dialogue *d, const char *dir, struct error *err) MUST_CHECK;
void adapter_release(struct adapted *a);

/* One session with it: who answers SESSION_SASL, and what the program would report. */
struct adapted_run {
	const struct adapted *adapted;
	struct authenticator auth;
	unsigned ignored;		/* enum cap bits: refused by the server, and left out since */
	bool several;			/* messages in one session */
	size_t submitted, reported;	/* of them */
	struct adapted_message content; /* the message as this server can take it ... */
	struct strbuf body;		/* ... on the wire, with dots and final dot ... */
	struct strbuf plain;		/* ... and without, for BDAT */
	struct error error;		/* why it cannot, if so */
	bool stale;			/* to be repeated without what was remembered */
	int status;
	struct strbuf err;	/* standard error */
	struct strbuf outcomes; /* "you@example.net refused 550\n", with several messages "2: you@..." */
};
void adapter_play(struct adapted_run *run, const struct adapted *a, struct play *p);
void adapter_run_release(struct adapted_run *run);
/* What there is to report when nothing can be sent. */
void adapter_report_refusal(struct adapted_run *run, const struct adapted *a);

#endif
