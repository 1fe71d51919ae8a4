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
 *	if (!log_write(&sink, &event, &err)) ...
 *
 * Nothing is kept between calls and nothing is global.  A log is no place for
 * content or secrets: whoever makes the event sees to that.
 *
 * As text an event is one line of key=value, separated by blanks, in the order
 * they were added (msmtp's line):
 *	word, number  as they are.  Blanks, quotes, backslashes, control
 *		      characters and what is no UTF-8 become \xHH
 *	list	      words with "," between them; a comma in a word is \x2c
 *	flag	      on or off
 *	text	      '...' ; a line end becomes \n (two characters), a quote or
 *		      control character "?", as msmtp has it
 * As JSON it is one object on one line, values of their own type; only what is
 * no UTF-8 is replaced.
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
/* Where to push the words; valid until the next field is added. */
struct strvec *log_event_list(struct log_event *event, const char *key);

/* Text without time and line end.  A value of more than value_max octets is cut and ends with "...". */
void log_format_text(const struct log_event *event, size_t value_max, struct strbuf *out);
/* time NULL or "": no member "time". */
void log_format_json(const struct log_event *event, const char *time, struct strbuf *out);
/* strftime(3) in local time, English whatever the locale; what is not printable becomes "?". */
void log_format_time(const char *format, time_t when, struct strbuf *out);

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_sink;
/* One kind of place.  write: all of the event or an error that names the place and says why. */
struct log_sink_ops {
	bool (*write)(const struct log_sink *sink, const struct log_event *event, struct error *err);
};

/* A place; everything borrowed.  Made by log_sink_...(), then adjusted. */
struct log_sink {
	const struct log_sink_ops *ops;
	const struct clock *clock;
	const char *path; /* file, or the socket of the system log */
	/* files */
	enum log_format format;
	const char *time_format; /* strftime's, "none", or NULL: msmtp's form in text, RFC 3339 in JSON */
	bool privileged;	 /* others gain if we write where they lead us */
	/* the system log */
	const char *journal; /* journald's own socket, asked first; NULL: never */
	int facility;	     /* LOG_USER, ... of <syslog.h> */
	const char *tag;
};

/*
 * A file that lines are appended to, made with mode 0600 if it is missing; "-"
 * and /dev/stdout are standard output, /dev/stderr standard error.  The line
 * goes out in one write under a lock (fcntl) that is waited for up to
 * LOG_WAIT_MS; a line the disk has no room for is taken back.  Symbolic links
 * count only if they are ours or root's; a privileged process writes to no
 * file that has a second name (hard link).
 */
struct log_sink log_sink_file(const char *path, const struct clock *clock);
/*
 * The system log: one datagram to journald in its own protocol, with a field
 * POSTHASTE_KEY for each value; where there is no journald or it does not
 * take it, one line to /dev/log as syslog(3) writes it.
 */
struct log_sink log_sink_syslog(int facility, const char *tag, const struct clock *clock);
/* "LOG_MAIL" and the like; "on" is LOG_USER; -1 for any other word. */
int log_facility(const char *word);

#define LOG_WAIT_MS 10000

bool log_write(const struct log_sink *sink, const struct log_event *event, struct error *err) MUST_CHECK;

#endif
