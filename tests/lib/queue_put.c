/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_put: puts messages into the user's queue as if they had been submitted.
 *
 *	queue_put [KEY=VALUE]... RECIPIENT... <MESSAGE
 *
 * count=N         so many of them; each is distinguished by a field X-Number
 * account=NAME    config=FILE    sender=ADDRESS    setting=LINE
 * due=SECONDS     from now; default 0
 * arrival=SECONDS from now; its age counts from then
 * not_before=SECONDS, by=SECONDS[R] from now; negative is in the past
 * notify=NUMBER   bits of NOTIFY_...
 * in_flight=1     an attempt died
 * account_fault=1 it waits for the server
 * hold=user|fix   fingerprint=TEXT
 *
 * Prints the IDs, one per line.
 */
#include "base/xalloc.h"
#include "message/message.h"
#include "message/wire.h"
#include "queue/spool.h"

#include "test_runtime.h"

#include <stdio.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what, const struct error *err)
{
	(void)fprintf(stderr, "queue_put: %s: %s\n", what, err && err->status.text ? err->status.text : "?");
	exit(EX_SOFTWARE);
}

struct wish {
	struct queue_item item;
	struct envelope env;
	long count;
};

static void set(struct wish *w, const char *key, const char *value)
{
	struct queue_item *item = &w->item;
	int64_t now = time(NULL), number = strtoll(value, NULL, 10);
	if (strcmp(key, "count") == 0)
		w->count = (long)number;
	else if (strcmp(key, "account") == 0)
		item->account = xstrdup(value);
	else if (strcmp(key, "config") == 0)
		item->config_file = xstrdup(value);
	else if (strcmp(key, "sender") == 0)
		w->env.mail.sender.given = xstrdup(value);
	else if (strcmp(key, "setting") == 0)
		strvec_push(&item->settings, value);
	else if (strcmp(key, "due") == 0)
		item->due = now + number;
	else if (strcmp(key, "arrival") == 0)
		item->arrival = item->age_from = now + number;
	else if (strcmp(key, "not_before") == 0)
		item->not_before = now + number;
	else if (strcmp(key, "by") == 0)
		w->env.mail.params =
			(struct mail_params){.deliver_by = true, .by_seconds = number, .by_mode = BY_RETURN};
	else if (strcmp(key, "notify") == 0)
		w->env.mail.notify = (unsigned)number;
	else if (strcmp(key, "in_flight") == 0)
		item->in_flight = now;
	else if (strcmp(key, "account_fault") == 0)
		item->account_fault = number;
	else if (strcmp(key, "fingerprint") == 0)
		item->fingerprint = xstrdup(value);
	else if (strcmp(key, "hold") == 0) {
		item->state = QUEUE_HELD;
		item->hold = strcmp(value, "user") == 0 ? HOLD_USER : HOLD_CONFIG;
	} else
		die("no such key", &(struct error){.status.text = (char *)(uintptr_t)key});
}

static void read_words(struct wish *w, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *eq = strchr(argv[i], '=');
		if (eq) {
			AUTO_FREE char *key = xmemdup0(argv[i], (size_t)(eq - argv[i]));
			set(w, key, eq + 1);
		} else {
			envelope_add(&w->env, (struct mail_address){xstrdup(argv[i]), xstrdup(argv[i])});
		}
	}
	if (!w->env.mail.sender.given)
		w->env.mail.sender.given = xstrdup("alice@example.org");
	w->env.mail.sender.ascii = xstrdup(w->env.mail.sender.given);
}

static void read_message(struct message *msg)
{
	struct message_reader reader;
	struct error err = ERROR_INIT;
	char buf[4096];
	ssize_t n;
	message_reader_init(&reader, msg, 0);
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		if (!message_reader_feed(&reader, buf, (size_t)n, &err))
			die("message", &err);
	if (!message_reader_end(&reader, &err))
		die("message", &err);
	message_reader_release(&reader);
}

static int64_t put(struct spool *spool, const struct wish *w, const struct message *msg, long number)
{
	struct queue_item item = w->item;
	struct error err = ERROR_INIT;
	AUTO(strbuf) header = STRBUF_INIT;
	for (size_t i = 0; i < msg->header.len; i++) {
		if (msg->header.buf[i] == '\n')
			strbuf_addch(&header, '\r');
		strbuf_addch(&header, msg->header.buf[i]);
	}
	if (w->count > 1)
		strbuf_addf(&header, "X-Number: %ld\r\n", number);
	strbuf_adds(&header, "\r\n");
	item.info = msg->info;
	item.size = wire_size(strbuf_span(&header), &msg->info);
	queue_item_set_envelope(&item, &w->env);
	if (!spool_enqueue(spool, &item, strbuf_span(&header), &msg->body, NULL, &err))
		die("enqueue", &err);
	(void)printf("%s\n", item.id);
	return spool_id_time_ms(item.id); /* what the item holds goes with the process */
}

/* The IDs of messages made quickly are ahead of the clock; those that the next process makes are to come after them. */
static void wait_until_past(int64_t ms, const struct clock *clock)
{
	for (int64_t left; (left = ms - clock_wall_ms(clock)) >= 0;)
		(void)nanosleep(&(struct timespec){left / 1000, (left % 1000 + 1) * 999999}, NULL);
}

int main(int argc, char **argv)
{
	struct wish w = {.item = QUEUE_ITEM_INIT, .env = ENVELOPE_INIT, .count = 1};
	struct error err = ERROR_INIT;
	struct message msg;
	const struct runtime runtime = test_runtime();
	message_init(&msg, NULL);
	read_words(&w, argc, argv);
	read_message(&msg);
	char *folder = spool_user_folder(&runtime, &err);
	struct spool *spool = folder ? spool_open(folder, &runtime, &err) : NULL;
	if (!spool)
		die("queue", &err);
	int64_t last = 0;
	for (long i = 1; i <= w.count; i++)
		last = put(spool, &w, &msg, i);
	wait_until_past(last, runtime.clock);
	spool_free(spool);
	free(folder);
	message_release(&msg);
	(void)fflush(stdout);
	_exit(EX_OK); /* the rest goes with the process, and no leak is looked for */
}
