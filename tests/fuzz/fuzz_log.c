/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever the values of an event are: as text it is one line, in which each word can be read back and no value looks
 * like another field; as JSON it is one valid object on one line with the same texts; in the journal it has exactly its
 * fields, with their values as they are; in the file and in the system log it is one line.
 *
 * The input: values, a line each, as they are or with "\xHH"; the first one is the tag, the others are in turn a word,
 * a text, and a word of a list.
 */
#include "fuzz.h"

#include "fuzz_folder.h"
#include "fuzz_json.h"

#include "base/json.h"
#include "base/log.h"

#include <sys/socket.h>
#include <sys/un.h>

#define VALUES_MAX 12

struct values {
	char *v[VALUES_MAX];
	size_t n;
};

static void values_release(struct values *values)
{
	for (size_t i = 0; i < values->n; i++)
		free(values->v[i]);
}

static void values_read(struct values *values, struct span input)
{
	struct span line;
	values->n = 0;
	while (values->n < VALUES_MAX && fuzz_line(&input, &line)) {
		AUTO(strbuf) octets = STRBUF_INIT;
		fuzz_unescape(line, &octets);
		values->v[values->n++] = fuzz_string(strbuf_span(&octets));
	}
}

static const char *value_of(const struct values *values, size_t i)
{
	return i < values->n ? values->v[i] : "";
}

static void event_make(struct log_event *event, const struct values *values)
{
	*event = LOG_EVENT_INIT;
	event->when = FUZZ_NOW;
	log_event_word(event, "host", value_of(values, 1));
	log_event_text(event, "errormsg", value_of(values, 2));
	struct strvec *list = log_event_list(event, "recipients");
	for (size_t i = 3; i < values->n; i++)
		strvec_push(list, values->v[i]);
	log_event_flag(event, "tls", true);
	log_event_number(event, "ms", -1);
}

/* ---- text ---- */

/* Takes "KEY=" and the value after it, up to the next space; a text goes to its second quote. */
static bool take_field(struct span *line, const char *key, struct span *value)
{
	size_t n = strlen(key);
	if (line->len < n || memcmp(line->ptr, key, n) != 0)
		return false;
	struct span rest = span_sub(*line, n, line->len);
	const char *end = rest.len && *rest.ptr == '\'' ? memchr(rest.ptr + 1, '\'', rest.len - 1)
			  : rest.len			? memchr(rest.ptr, ' ', rest.len)
							: NULL;
	size_t len = end ? (size_t)(end - rest.ptr) + (*end == '\'') : rest.len;
	*value = span_sub(rest, 0, len);
	*line = span_sub(rest, len, rest.len);
	if (line->len && *line->ptr == ' ')
		*line = span_sub(*line, 1, line->len);
	return true;
}

static void must_read_back(struct span written, const char *value)
{
	AUTO(strbuf) got = STRBUF_INIT;
	fuzz_unescape(written, &got);
	MUST(span_equal(strbuf_span(&got), span_of(value)));
}

static void must_be_fields(struct span line, const struct values *values)
{
	struct span value, word;
	MUST(fuzz_is_clean(line));
	MUST(take_field(&line, "host=", &value));
	must_read_back(value, value_of(values, 1));
	MUST(take_field(&line, "errormsg=", &value) && value.len >= 2 && value.ptr[value.len - 1] == '\'');
	MUST(take_field(&line, "recipients=", &value));
	size_t i = 3;
	for (; span_split(&value, ',', &word); i++)
		must_read_back(word, value_of(values, i));
	MUST(i >= values->n || values->v[values->n - 1][0] == '\0');
	MUST(span_equals_str(line, "tls=on ms=-1"));
}

/* ---- JSON ---- */

static void must_be_json(struct span text, const struct values *values)
{
	AUTO(strbuf) texts = STRBUF_INIT;
	MUST(json_is_valid(text, &texts));
	for (size_t i = 1; i < values->n; i++)
		if (utf8_valid(span_of(values->v[i])))
			MUST(fuzz_has(strbuf_span(&texts), span_make(values->v[i], strlen(values->v[i]) + 1)));
}

/* ---- sockets ---- */

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	MUST(fd >= 0 && strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	MUST(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

static bool receive(int fd, struct strbuf *out)
{
	static char room[256 * 1024];
	ssize_t n = recv(fd, room, sizeof(room), 0);
	if (n > 0)
		strbuf_add(out, room, (size_t)n);
	return n > 0;
}

/* The journal's protocol: KEY=VALUE LF, or KEY LF, the length in 8 octets, VALUE LF. */
static bool take_journal(struct span *rest, struct span *key, struct span *value)
{
	size_t n = 0;
	while (n < rest->len && rest->ptr[n] != '=' && rest->ptr[n] != '\n')
		n++;
	if (n >= rest->len)
		return false;
	*key = span_sub(*rest, 0, n);
	bool counted = rest->ptr[n] == '\n';
	*rest = span_sub(*rest, n + 1, rest->len);
	const char *lf = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
	size_t len = lf ? (size_t)(lf - rest->ptr) : rest->len;
	if (counted) {
		MUST(rest->len > 8);
		len = 0;
		for (size_t i = 8; i-- > 0;)
			len = len << 8 | (unsigned char)rest->ptr[i];
		*rest = span_sub(*rest, 8, rest->len);
	}
	MUST(len < rest->len && rest->ptr[len] == '\n');
	*value = span_sub(*rest, 0, len);
	*rest = span_sub(*rest, len + 1, rest->len);
	return true;
}

static void must_be_journal(struct span entry, const struct values *values)
{
	static const char *const keys[] = {
		"MESSAGE",	 "SYSLOG_IDENTIFIER", "PRIORITY",	    "SYSLOG_FACILITY",
		"SYSLOG_PID",	 "POSTHASTE_HOST",    "POSTHASTE_ERRORMSG", "POSTHASTE_RECIPIENTS",
		"POSTHASTE_TLS", "POSTHASTE_MS"};
	struct span key, value;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		MUST(take_journal(&entry, &key, &value) && span_equals_str(key, keys[i]));
		if (i == 0)
			must_be_fields(value, values);
		MUST(i != 1 || fuzz_is_clean(value));
		MUST(i != 5 || span_equals_str(value, value_of(values, 1)));
		MUST(i != 6 || span_equals_str(value, value_of(values, 2)));
	}
	MUST(!entry.len);
}

static void must_reach_sockets(const struct log_event *event, const struct values *values)
{
	static int journal = -1, syslog = -1;
	static char journal_path[100], syslog_path[100];
	struct log_sink sink = log_sink_syslog(8, value_of(values, 0), &fuzz_clock);
	AUTO(strbuf) entry = STRBUF_INIT;
	if (journal < 0) {
		(void)snprintf(journal_path, sizeof(journal_path), "%s/journal", fuzz_folder());
		(void)snprintf(syslog_path, sizeof(syslog_path), "%s/log", fuzz_folder());
		journal = listen_at(journal_path);
		syslog = listen_at(syslog_path);
	}
	sink.journal = journal_path;
	sink.path = syslog_path;
	MUST(log_write(&sink, event, NULL) && receive(journal, &entry));
	must_be_journal(strbuf_span(&entry), values);
	strbuf_reset(&entry);
	sink.journal = NULL;
	MUST(log_write(&sink, event, NULL) && receive(syslog, &entry));
	MUST(fuzz_is_clean(strbuf_span(&entry)) && entry.buf[0] == '<');
	const char *line = strstr(entry.buf, "]: host=");
	AUTO(strbuf) whole = STRBUF_INIT;
	log_format_text(event, SIZE_MAX, &whole);
	MUST(line);
	if (span_equal(span_of(line + 3), strbuf_span(&whole)))
		must_be_fields(span_of(line + 3), values);
	else /* long values of a long line are cut */
		MUST(whole.len > 1000 && strlen(line + 3) < whole.len && strstr(line, "..."));
}

/* ---- the file ---- */

static void must_be_one_line(const struct log_event *event, enum log_format format, struct strbuf *line)
{
	static char path[100];
	(void)snprintf(path, sizeof(path), "%s/file", fuzz_folder());
	(void)unlink(path);
	struct log_sink sink = log_sink_file(path, &fuzz_clock);
	sink.format = format;
	sink.time_format = "none";
	MUST(log_write(&sink, event, NULL));
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	char room[4096];
	for (ssize_t n; (n = read(fd, room, sizeof(room))) > 0;)
		strbuf_add(line, room, (size_t)n);
	MUST(line->len && line->buf[line->len - 1] == '\n');
	strbuf_setlen(line, line->len - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(values) values;
	AUTO(log_event) event;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(strbuf) json = STRBUF_INIT;
	AUTO(strbuf) cut = STRBUF_INIT;
	values_read(&values, span_make((const char *)data, size));
	event_make(&event, &values);
	must_be_one_line(&event, LOG_FORMAT_TEXT, &text);
	must_be_fields(strbuf_span(&text), &values);
	must_be_one_line(&event, LOG_FORMAT_JSON, &json);
	must_be_json(strbuf_span(&json), &values);
	must_reach_sockets(&event, &values);
	log_format_text(&event, size % 7, &cut);
	MUST(fuzz_is_clean(strbuf_span(&cut)));
	return 0;
}
