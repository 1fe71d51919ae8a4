/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system log.  syslog(3) is not used: it does not report if nothing receives the line, and it has no fields.
 */
#include "base/i18n.h"
#include "base/log.h"

#include <errno.h>
#include <paths.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>

#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define TAG_MAX 64
#define LINE_MAX_OCTETS 8000 /* rsyslog accepts 8 KiB at most by default */
#define VALUE_CUT 1000	     /* bytes kept of each value if the complete line would be too long */

int log_facility(const char *word)
{
	static const struct {
		const char *word;
		int facility;
	} words[] = {
		{"on", LOG_USER},	    {"LOG_USER", LOG_USER},	{"LOG_MAIL", LOG_MAIL},
		{"LOG_LOCAL0", LOG_LOCAL0}, {"LOG_LOCAL1", LOG_LOCAL1}, {"LOG_LOCAL2", LOG_LOCAL2},
		{"LOG_LOCAL3", LOG_LOCAL3}, {"LOG_LOCAL4", LOG_LOCAL4}, {"LOG_LOCAL5", LOG_LOCAL5},
		{"LOG_LOCAL6", LOG_LOCAL6}, {"LOG_LOCAL7", LOG_LOCAL7},
	};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (word && strcmp(word, words[i].word) == 0)
			return words[i].facility;
	return -1;
}

static int priority(const struct log_event *event)
{
	return event->level == LOG_LEVEL_ERROR ? LOG_ERR : LOG_INFO;
}

/* Adds the tag without spaces, colons and brackets, which could make it look like more than a tag: it comes from the
 * command line, even under the name sendmail. */
static void add_tag(const struct log_sink *sink, struct strbuf *out)
{
	const char *tag = sink->tag && *sink->tag ? sink->tag : PACKAGE;
	for (size_t i = 0; tag[i] && i < TAG_MAX; i++)
		strbuf_addch(out, ascii_isalnum(tag[i]) || strchr("-_./@+", tag[i]) ? tag[i] : '_');
}

/* ---- sockets ---- */

/* Sends bytes to a socket.  Returns 0 or an errno.  Waits no longer than LOG_WAIT_MS for a busy reader. */
static int send_to(const char *path, int type, struct span bytes)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = LOG_WAIT_MS / 1000};
	size_t len = strlen(path);
	AUTO_FD int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	if (len >= sizeof(address.sun_path))
		return ENAMETOOLONG;
	memcpy(address.sun_path, path, len + 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)); /* not essential */
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return errno;
	for (size_t sent = 0; sent < bytes.len;) { /* a datagram is sent in one piece */
		ssize_t n = send(fd, bytes.ptr + sent, bytes.len - sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		sent += (size_t)n;
	}
	return 0;
}

/* ---- journald ---- */

/*
 * The journal's native protocol: KEY=VALUE LF; a value that contains a line end as KEY LF, its length in 8 bytes,
 * least significant first, VALUE LF.
 */
static void journal_field(struct strbuf *out, const char *key, struct span value)
{
	if (!value.len || !memchr(value.ptr, '\n', value.len)) {
		strbuf_addf(out, "%s=", key);
	} else {
		strbuf_addf(out, "%s\n", key);
		for (unsigned shift = 0; shift < 64; shift += 8)
			strbuf_addch(out, (char)((uint64_t)value.len >> shift & 0xff));
	}
	strbuf_add_span(out, value);
	strbuf_addch(out, '\n');
}

static void journal_value(const struct log_field *f, size_t value_max, struct strbuf *out)
{
	switch (f->kind) {
	case LOG_FIELD_WORD:
	case LOG_FIELD_TEXT: strbuf_adds(out, f->text); break;
	case LOG_FIELD_NUMBER: strbuf_addf(out, "%lld", f->number); break;
	case LOG_FIELD_FLAG: strbuf_adds(out, f->number ? "on" : "off"); break;
	case LOG_FIELD_LIST:
		for (size_t i = 0; i < f->list.n; i++)
			strbuf_addf(out, "%s%s", i ? "," : "", f->list.v[i]);
		break;
	}
	if (out->len > value_max) {
		strbuf_setlen(out, value_max);
		strbuf_adds(out, "...");
	}
}

static void journal_entry(const struct log_sink *sink, const struct log_event *event, size_t value_max,
			  struct strbuf *out)
{
	AUTO(strbuf) text = STRBUF_INIT;
	log_format_text(event, value_max, &text);
	journal_field(out, "MESSAGE", strbuf_span(&text));
	strbuf_reset(&text);
	add_tag(sink, &text);
	journal_field(out, "SYSLOG_IDENTIFIER", strbuf_span(&text));
	strbuf_addf(out, "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_PID=%ld\n", priority(event), sink->facility >> 3,
		    (long)getpid());
	for (size_t i = 0; i < event->n; i++) {
		AUTO(strbuf) key = STRBUF_INIT;
		strbuf_adds(&key, "POSTHASTE_");
		for (const char *c = event->fields[i].key; *c; c++)
			strbuf_addch(&key, ascii_upper(*c));
		strbuf_reset(&text);
		journal_value(&event->fields[i], value_max, &text);
		journal_field(out, key.buf, strbuf_span(&text));
	}
}

static bool journal_accepts(const struct log_sink *sink, const struct log_event *event)
{
	AUTO(strbuf) entry = STRBUF_INIT;
	journal_entry(sink, event, SIZE_MAX, &entry);
	int errnum = send_to(sink->journal, SOCK_DGRAM, strbuf_span(&entry));
	if (errnum == EMSGSIZE ||
	    errnum == ENOBUFS) { /* the event is too large, such as one with thousands of recipients: cut its values */
		strbuf_reset(&entry);
		journal_entry(sink, event, VALUE_CUT, &entry);
		errnum = send_to(sink->journal, SOCK_DGRAM, strbuf_span(&entry));
	}
	return errnum == 0;
}

/* ---- syslog ---- */

/* RFC 3164 section 4.1, as the C library writes it: "<PRI>Mmm dd hh:mm:ss TAG[PID]: " */
static void syslog_entry(const struct log_sink *sink, const struct log_event *event, size_t value_max,
			 struct strbuf *out)
{
	strbuf_addf(out, "<%d>", sink->facility | priority(event));
	log_format_time("%b %e %H:%M:%S ", event->when, out);
	add_tag(sink, out);
	strbuf_addf(out, "[%ld]: ", (long)getpid());
	log_format_text(event, value_max, out);
}

static bool syslog_write(const struct log_sink *sink, const struct log_event *event, struct error *err)
{
	AUTO(strbuf) entry = STRBUF_INIT;
	if (sink->journal && access(sink->journal, F_OK) == 0 && journal_accepts(sink, event))
		return true;
	syslog_entry(sink, event, SIZE_MAX, &entry);
	if (entry.len > LINE_MAX_OCTETS) {
		strbuf_reset(&entry);
		syslog_entry(sink, event, VALUE_CUT, &entry);
	}
	int errnum = send_to(sink->path, SOCK_DGRAM, strbuf_span(&entry));
	if (errnum == EPROTOTYPE) /* the reader expects a stream: each entry ends with a NUL */
		errnum = send_to(sink->path, SOCK_STREAM, span_make(entry.buf, entry.len + 1));
	return errnum == 0 ||
	       error_set_errno(err, ERROR_CANNOT_CREATE, errnum, _("cannot log to the system log (%s)"), sink->path);
}

struct log_sink log_sink_syslog(int facility, const char *tag, const struct clock *clock)
{
	static const struct log_sink_ops ops = {syslog_write};
	return (struct log_sink){.ops = &ops,
				 .clock = clock,
				 .path = _PATH_LOG,
				 .journal = JOURNAL_SOCKET,
				 .facility = facility,
				 .tag = tag};
}
