/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log: an event of named values, and the places it is written to.
 *
 *	AUTO(log_event) event = LOG_EVENT_INIT;
 *	event.when = clock_wall(clock);
 *	log_event_word(&event, "host", "mail.example.org");
 *	strvec_push(log_event_list(&event, "recipients"), "bob@example.org");
 *	log_event_number(&event, "ms", 120);
 *	struct log_sink sink = log_sink_file(path, clock);
 *	bool written = log_write(&sink, &event, &err);
 *
 * There is no global state, and nothing is kept between calls.  The caller must not put content or secrets into an
 * event.
 *
 * As text an event is one line of key=value pairs, separated by spaces, in the order they were added, as in msmtp:
 *   word, number  unchanged, except that spaces, quotes, backslashes, control characters and bytes that are not UTF-8
 *                 become \xHH
 *   list          words separated by ","; a comma in a word is \x2c
 *   flag          on or off
 *   text          '...'; a line end becomes \n (two characters), a quote or control character "?", as in msmtp
 * As JSON it is one object on one line with typed values; only bytes that are not UTF-8 are replaced.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/clock.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "base/strvec.h"

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_ERROR };
enum log_field_kind { LOG_FIELD_WORD, LOG_FIELD_TEXT, LOG_FIELD_NUMBER, LOG_FIELD_FLAG, LOG_FIELD_LIST };

struct log_field {
	const char *key; /* lower case letters and "_"; borrowed, usually a literal */
	enum log_field_kind kind;
	long long number; /* NUMBER, FLAG */
	char *text;	  /* WORD, TEXT */
	struct strvec list;
};

struct log_event {
	enum log_level level;
	time_t when;
	struct log_field *fields;
	size_t n, cap;
};
#define LOG_EVENT_INIT ((struct log_event){.level = LOG_LEVEL_INFO})

void log_event_release(struct log_event *event);
/* Values are copied. */
void log_event_word(struct log_event *event, const char *key, const char *value);
void log_event_text(struct log_event *event, const char *key, const char *value);
void log_event_number(struct log_event *event, const char *key, long long value);
void log_event_flag(struct log_event *event, const char *key, bool value);
/* Adds a list; the caller pushes the words.  Valid until the next field is added. */
struct strvec *log_event_list(struct log_event *event, const char *key);

/* Appends the event as text, without time and line end.  A value of more than value_max bytes is cut and ends with
 * "...". */
void log_format_text(const struct log_event *event, size_t value_max, struct strbuf *out);
/* Appends the event as JSON; without a member "time" if time is NULL or "". */
void log_format_json(const struct log_event *event, const char *time, struct strbuf *out);
/* Appends strftime(3) in local time, in English whatever the locale; characters that are not printable become "?". */
void log_format_time(const char *format, time_t when, struct strbuf *out);

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_sink;
/* A kind of place.  write() writes the complete event, or fails with an error that names the place and says why. */
struct log_sink_ops {
	bool (*write)(const struct log_sink *sink, const struct log_event *event, struct error *err);
};

/* A place to write to; everything is borrowed.  Made by log_sink_...(), then adjusted by the caller. */
struct log_sink {
	const struct log_sink_ops *ops;
	const struct clock *clock;
	const char *path; /* file, or the socket of the system log */
	/* files */
	enum log_format format;
	const char *time_format; /* strftime's, "none", or NULL: msmtp's form in text, RFC 3339 in JSON */
	bool privileged; /* set-user-ID or set-group-ID: do not follow other users' links, write to no hard-linked file
			  */
	/* the system log */
	const char *journal; /* journald's socket, tried first; NULL: never */
	int facility;	     /* LOG_USER, ... of <syslog.h> */
	const char *tag;
};

/*
 * A file to which lines are appended; it is created with mode 0600 if it does not exist.  "-" and /dev/stdout are
 * standard output, /dev/stderr standard error.  The line is written at once under a lock (fcntl), for which the call
 * waits up to LOG_WAIT_MS; if the disk has no room for all of it, the part written is removed again.  Symbolic links
 * are followed only if they belong to us or to root; a privileged process does not write to a file with hard links.
 */
struct log_sink log_sink_file(const char *path, const struct clock *clock);
/*
 * The system log: one datagram to journald in its own protocol, with a field POSTHASTE_KEY for each value; if there
 * is no journald or it does not accept that, one line to /dev/log in the format of syslog(3).
 */
struct log_sink log_sink_syslog(int facility, const char *tag, const struct clock *clock);
/* The number of a facility such as "LOG_MAIL"; "on" is LOG_USER; -1 for any other word. */
int log_facility(const char *word);

#define LOG_WAIT_MS 10000

bool log_write(const struct log_sink *sink, const struct log_event *event, struct error *err) MUST_CHECK;

#endif
