/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_damage: fills the user's queue with messages and damages most of them, as disks do.
 *
 *	queue_damage SEED COUNT FOLDER
 *
 * Puts COUNT messages that will be damaged into the queue, and a tenth as many that will not.  FOLDER gets of
 * message N, as a server must receive it:
 *	N.eml	header and body, with CRLF
 *	N.rcpt	its recipients that do not have it yet, in order, separated by blanks
 *	N.all	all of its recipients
 * Prints a line for each: N, its ID, and "whole" or what was done: the place (front: first line and first state;
 * header, body, state: the state file), the damage (cut, flip, zero), and the first byte and how many bytes.
 */
#include "base/xalloc.h"
#include "message/wire.h"
#include "queue/spool.h"
#include "test_runtime.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#define BIG (300 * 1024) /* more than is kept in memory */

static uint64_t random_state;

/* splitmix64: the same damage for the same seed. */
static uint64_t next_random(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t below(size_t limit)
{
	return (size_t)(next_random() % limit);
}

static _Noreturn void die(const char *what, const struct error *err)
{
	(void)fprintf(stderr, "queue_damage: %s: %s\n", what, err && err->status.text ? err->status.text : "failed");
	exit(EX_SOFTWARE);
}

/* ---- messages ------------------------------------------------------------- */

static int no_sync(const struct spool_ops *ops, int fd)
{
	(void)ops;
	(void)fd;
	return 0;
}

static void make_text(long number, struct strbuf *header, struct strbuf *body)
{
	size_t size = below(50) ? below(20000) : BIG + below(20000);
	strbuf_addf(header, "From: alice@example.org\r\nTo: all@example.org\r\nX-Number: %ld\r\n\r\n", number);
	while (body->len < size)
		strbuf_addf(body, "%ld %llx %0*d\n", number, (unsigned long long)next_random(), (int)below(60) + 1, 0);
}

static void store(const char *folder, long number, const char *ending, struct span text)
{
	AUTO_FREE char *path = xasprintf("%s/%ld.%s", folder, number, ending);
	FILE *file = fopen(path, "we");
	if (!file || fwrite(text.ptr, 1, text.len, file) != text.len || fclose(file) != 0)
		die(path, NULL);
}

static void store_expected(const char *folder, long number, const struct queue_item *item, struct span header,
			   struct span body)
{
	AUTO(strbuf) text = STRBUF_INIT, rcpts = STRBUF_INIT, all = STRBUF_INIT;
	strbuf_add_span(&text, header);
	for (size_t i = 0; i < body.len; i++) {
		if (body.ptr[i] == '\n')
			strbuf_addch(&text, '\r');
		strbuf_addch(&text, body.ptr[i]);
	}
	for (size_t i = 0; i < item->n; i++) {
		const char *address = item->rcpts[i].who.address.given;
		strbuf_addf(&all, "%s%s", all.len ? " " : "", address);
		if (item->rcpts[i].state == RCPT_OPEN)
			strbuf_addf(&rcpts, "%s%s", rcpts.len ? " " : "", address);
	}
	store(folder, number, "eml", strbuf_span(&text));
	store(folder, number, "rcpt", strbuf_span(&rcpts));
	store(folder, number, "all", strbuf_span(&all));
}

static void make_item(struct queue_item *item, long number)
{
	AUTO(envelope) env = ENVELOPE_INIT;
	env.mail.sender = (struct mail_address){xstrdup("alice@example.org"), xstrdup("alice@example.org")};
	for (size_t i = 0, n = 1 + below(3); i < n; i++)
		envelope_add(&env, (struct mail_address){xasprintf("r%zu.%ld@example.org", i, number),
							 xasprintf("r%zu.%ld@example.org", i, number)});
	queue_item_set_envelope(item, &env);
	item->account = xstrdup("default");
}

/* Half of them were tried before, and some of their recipients have the message. */
static void change_state(struct spool_entry *entry)
{
	struct queue_item *item = spool_entry_item(entry);
	if (below(2))
		return;
	for (size_t i = 1; i < item->n; i++)
		if (below(2))
			item->rcpts[i].state = RCPT_ACCEPTED;
	queue_item_attempt(item, item->arrival,
			   &(struct status){.kind = ERROR_CONNECT,
					    .text = (char *)"the connection was refused",
					    .host = (char *)"mail.example.org"});
	if (!spool_update(entry, NULL))
		die("update", NULL);
}

static void put(struct spool *spool, const char *folder, long number, char *id)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strbuf) header = STRBUF_INIT, text = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(spool_entry) entry = NULL;
	struct message_reader reader;
	struct message message;
	make_item(&item, number);
	make_text(number, &header, &text);
	message_init(&message, NULL);
	message_reader_init(&reader, &message, 0);
	if (!message_reader_feed(&reader, "\n", 1, &err) || !message_reader_feed(&reader, text.buf, text.len, &err) ||
	    !message_reader_end(&reader, &err))
		die("message", &err);
	message_reader_release(&reader);
	item.info = message.info;
	item.size = wire_size(strbuf_span(&header), &message.info);
	if (!spool_enqueue(spool, &item, strbuf_span(&header), &message.body, &entry, &err))
		die("enqueue", &err);
	memcpy(id, item.id, SPOOL_ID_LEN + 1);
	change_state(entry);
	store_expected(folder, number, spool_entry_item(entry), strbuf_span(&header), strbuf_span(&text));
	message_release(&message);
}

/* ---- damage ------------------------------------------------------------------- */

struct part {
	const char *name;
	size_t from, to;
};

static void read_file(const char *path, struct strbuf *bytes)
{
	FILE *file = fopen(path, "re");
	char buf[65536];
	size_t n;
	if (!file)
		die(path, NULL);
	while ((n = fread(buf, 1, sizeof(buf), file)) > 0)
		strbuf_add(bytes, buf, n);
	(void)fclose(file);
}

static void write_file(const char *path, struct span bytes)
{
	FILE *file = fopen(path, "we");
	if (!file || fwrite(bytes.ptr, 1, bytes.len, file) != bytes.len || fclose(file) != 0)
		die(path, NULL);
}

/* Front, header and body of a message's file, or all of a state's. */
static struct part choose_part(const struct strbuf *file, bool is_state)
{
	unsigned long state, header, body;
	if (is_state)
		return (struct part){"state", 0, file->len};
	if (sscanf(file->buf, "posthaste-message 1 %*16s %lu %lu %lu\n", &state, &header, &body) != 3)
		die("the first line of a message", NULL);
	size_t front = (size_t)(strchr(file->buf, '\n') - file->buf) + 1 + state;
	const struct part parts[] = {
		{"front", 0, front}, {"header", front, front + header}, {"body", front + header, file->len}};
	const struct part *part = &parts[below(3)];
	return part->from < part->to ? *part : parts[0];
}

static void flip(struct strbuf *file, size_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		file->buf[from + i] = (char)(file->buf[from + i] ^ 1 << below(8));
}

/* Something within the part; it always makes a difference. */
static void damage(const char *path, bool is_state)
{
	AUTO(strbuf) file = STRBUF_INIT;
	read_file(path, &file);
	struct part part = choose_part(&file, is_state);
	size_t from = part.from + below(part.to - part.from), len = 0;
	static const char *const names[] = {"cut", "flip", "zero"};
	size_t how = below(3);
	if (how == 0) {
		len = file.len - from;
		strbuf_setlen(&file, from);
	} else if (how == 1) {
		len = part.to - from < 3 ? part.to - from : 1 + below(3);
		flip(&file, from, len);
	} else { /* some bytes, or all to the end */
		len = below(3) ? 1 + below(part.to - from) : file.len - from;
		memset(file.buf + from, 0, len);
	}
	write_file(path, strbuf_span(&file));
	(void)printf("%s %s %zu %zu\n", part.name, names[how], from, len);
}

static void damage_message(const char *queue, const char *id)
{
	AUTO_FREE char *message = xasprintf("%s/new/%s", queue, id);
	AUTO_FREE char *state = xasprintf("%s/state/%s", queue, id);
	bool is_state = access(state, F_OK) == 0 && below(2);
	damage(is_state ? state : message, is_state);
}

int main(int argc, char **argv)
{
	struct spool_ops ops = spool_ops_system;
	struct runtime runtime = test_runtime();
	AUTO(error) err = ERROR_INIT;
	ops.fsync = no_sync; /* thousands */
	runtime.spool_ops = &ops;
	if (argc != 4)
		return EX_USAGE;
	random_state = strtoull(argv[1], NULL, 10);
	long count = atol(argv[2]), number = 0;
	AUTO_FREE char *queue = spool_user_folder(&runtime, &err);
	AUTO_PTR(spool) spool = queue ? spool_open(queue, &runtime, &err) : NULL;
	if (!spool)
		die("queue", &err);
	for (long damaged = 0; damaged < count; number++) {
		char id[SPOOL_ID_LEN + 1];
		put(spool, argv[3], number, id);
		(void)printf("%ld %s ", number, id);
		if (number % 11 == 10) {
			(void)printf("whole\n");
			continue;
		}
		damage_message(queue, id);
		damaged++;
	}
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
