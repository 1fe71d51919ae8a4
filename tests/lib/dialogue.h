/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dialogue: one SMTP situation as a readable file; tests/dialogues/README is
 * the manual of the format.  Parsed once, played by several players: play.c
 * against the engine in memory, scripted_server.c over a socket.
 */
#ifndef TESTS_DIALOGUE_H
#define TESTS_DIALOGUE_H

#include "base/error.h"
#include "base/strbuf.h"
#include "base/strvec.h"

enum dialogue_kind {
	DIALOGUE_SERVER,      /* S: octets the server sends */
	DIALOGUE_CLIENT,      /* C: a command line the client must send */
	DIALOGUE_MESSAGE,     /* D: a line of the message, the final dot too */
	DIALOGUE_TLS,	      /* the handshake happens here */
	DIALOGUE_TLS_REFUSED, /* the client must break the handshake off */
	DIALOGUE_CLOSE,	      /* the server closes */
	DIALOGUE_RESET,	      /* the server resets the connection */
	DIALOGUE_HANG,	      /* the server is silent until the client gives up */
	DIALOGUE_REST,	      /* whatever the client still sends, until it closes */
	DIALOGUE_AGAIN	      /* this connection is closed, and the client makes another one */
};

struct dialogue_event {
	enum dialogue_kind kind;
	struct strbuf octets; /* with its line end */
	struct strbuf wild;   /* as long as octets; '*' where any run of octets may stand */
	unsigned line;	      /* in the file */
};

/* A text that must, or must not, occur in a line. */
struct dialogue_pattern {
	struct strbuf octets, wild;
	bool forbidden;
};

struct dialogue_patterns {
	struct dialogue_pattern *v;
	size_t n, cap;
	bool given; /* the section was there */
};

struct dialogue_outcome {
	char *address; /* with several messages "2: you@example.net" */
	char *name;    /* outcome_name() */
	int code;      /* 0: not compared */
};

struct dialogue_file {
	char *name;
	struct strbuf content;
};

struct dialogue {
	char *name; /* the file's, for messages */
	char *title;
	bool memory_only, socket_only;
	size_t messages;	  /* the message is sent so many times in one session */
	struct strvec remembered; /* keyword lines of an earlier EHLO */
	struct strbuf config;
	bool msmtprc; /* the configuration is an msmtprc */
	struct strvec args, env;
	struct strbuf input;
	struct dialogue_event *events;
	size_t n, cap;
	struct dialogue_outcome *outcomes;
	size_t outcomes_n, outcomes_cap;
	struct dialogue_file *files;
	size_t files_n, files_cap;
	int exit_status;
	struct dialogue_patterns err, out;
};

void dialogue_release(struct dialogue *d);
/* Text of a whole file, or only the lines of a [dialogue] section if plain. */
bool dialogue_parse(struct dialogue *d, const char *name, struct span text, struct error *err) MUST_CHECK;
bool dialogue_parse_events(struct dialogue *d, const char *name, struct span lines, struct error *err) MUST_CHECK;
bool dialogue_read(struct dialogue *d, const char *path, struct error *err) MUST_CHECK;

/* Does the line (with its line end) match what the event expects? */
bool dialogue_line_matches(const struct dialogue_event *e, struct span line);
/* Is every wanted text in some line of the output, and no forbidden one?  If not, why is added. */
bool dialogue_patterns_hold(const struct dialogue_patterns *p, const char *what, struct span output,
			    struct strbuf *why);
/* Octets as they would be written in a file. */
void dialogue_show(struct strbuf *out, struct span octets);
/* @NAME@ replaced by its value; names and values alternate, NULL-terminated. */
void dialogue_substitute(struct strbuf *out, struct span text, const char *const *values);

/* The message used where a file has no [stdin], as it comes in and line by line on the wire. */
extern const char dialogue_standard_input[];

#endif
