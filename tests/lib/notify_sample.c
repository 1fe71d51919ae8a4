/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notify_sample FOLDER RET SENDER RECIPIENT SERVER-WORDS <message
 *
 * Queues the message in FOLDER as one that RECIPIENT was refused for, makes the
 * report about that, and prints it as it would be sent.  RET is full, hdrs or unset.
 */
#include "base/xalloc.h"
#include "runner/notify.h"
#include "header/header_plan.h"
#include "header/header_apply.h"

#include "test_runtime.h"

#include <locale.h>
#include <stdio.h>
#include <unistd.h>

static bool read_all(struct message *msg)
{
	AUTO(message_reader) reader;
	char buf[4096];
	ssize_t n;
	message_reader_init(&reader, msg, 0);
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		if (!message_reader_feed(&reader, buf, (size_t)n, NULL))
			return false;
	return n == 0 && message_reader_end(&reader, NULL);
}

static void make_header(const struct message *msg, struct strbuf *out)
{
	static const struct header_policy as_it_is = {.from = HEADER_OFF};
	AUTO(header_list) fields = HEADER_LIST_INIT;
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	header_scan(strbuf_span(&msg->header), &fields);
	header_plan_make(&plan, &fields, &as_it_is);
	header_apply(&plan, &fields, message_needs_separator(msg), out);
}

static void fill_item(struct queue_item *item, char *const *argv, const struct message *msg)
{
	struct recipient rcpt = {.address = {argv[4], NULL}};
	struct envelope env = {.mail.sender = {argv[3], NULL}, .rcpts = &rcpt, .n = 1};
	env.mail.ret = strcmp(argv[2], "full") == 0 ? RET_FULL : strcmp(argv[2], "hdrs") == 0 ? RET_HDRS : RET_UNSET;
	queue_item_set_envelope(item, &env);
	item->info = msg->info;
	item->rcpts[0].state = RCPT_FAILED;
	item->rcpts[0].status.kind = ERROR_RECIPIENT_REFUSED;
	item->rcpts[0].status.code = 550;
	item->rcpts[0].status.text = xstrdup("the server refused this recipient");
	server_words_set(&item->rcpts[0].status.server, span_of(argv[5]));
}

static bool print_report(struct spool *spool, const char *original)
{
	AUTO(strvec) ids = STRVEC_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	char buf[4096];
	size_t got;
	if (!spool_list(spool, SPOOL_NEW, &ids, NULL) || ids.n != 2)
		return false;
	const char *id = ids.v[strcmp(ids.v[0], original) == 0];
	bool damaged = false;
	if (spool_show_message(spool, id, &text, &body, &damaged, NULL) != 1 || damaged)
		return false;
	(void)fwrite(text.buf, 1, text.len, stdout);
	for (uint64_t at = 0; at < body.size; at += got) {
		if (!source_read_at(&body, at, buf, sizeof(buf), &got, NULL))
			return false;
		(void)fwrite(buf, 1, got, stdout);
	}
	return fflush(stdout) == 0 && !ferror(stdout);
}

int main(int argc, char **argv)
{
	const struct runtime runtime = test_runtime();
	struct message msg;
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(error) err = ERROR_INIT;
	struct submission p;
	if (argc != 6)
		return 64;
	(void)setlocale(LC_ALL, "");
	submission_init(&p, &runtime);
	message_init(&msg, NULL);
	AUTO_PTR(spool) spool = spool_open(argv[1], &runtime, &err);
	AUTO_PTR(spool_entry) entry = NULL;
	bool ok = spool && read_all(&msg);
	if (ok) {
		make_header(&msg, &header);
		fill_item(&item, argv, &msg);
		ok = spool_enqueue(spool, &item, strbuf_span(&header), &msg.body, &entry, &err) &&
		     notify(spool, entry, &p, &runtime, clock_wall(&clock_system), &err) &&
		     print_report(spool, item.id);
	}
	if (!ok)
		(void)fprintf(stderr, "notify_sample: %s\n", err.status.text ? err.status.text : "no report");
	message_release(&msg);
	submission_release(&p);
	return !ok;
}
