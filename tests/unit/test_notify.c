/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "notify_help.h"

#include "base/utf8.h"
#include "address/address.h"
#include "header/msgid.h"

struct scene {
	char *folder;
	struct spool *spool;
	struct submission p;
	struct account *account; /* of p; NULL: none */
	char id[SPOOL_ID_LEN + 1];
};

static void scene_begin(struct scene *scene, void (*change)(struct queue_item *item))
{
	scene->folder = make_folder();
	AUTO_FREE char *path = xasprintf("%s/queue", scene->folder);
	scene->spool = open_spool(path, NULL, NULL, NULL);
	assert_non_null(scene->spool);
	runtime = test_runtime();
	submission_init(&scene->p, &runtime);
	scene->account = NULL;
	enqueue_item(scene->spool, change, scene->id);
}

static void scene_release(struct scene *scene)
{
	submission_release(&scene->p);
	account_free(scene->account);
	spool_free(scene->spool);
	remove_folder(scene->folder);
}

static struct spool_entry *take(struct scene *scene, const char *id)
{
	struct spool_entry *entry = NULL;
	assert_int_equal(spool_claim(scene->spool, id, &entry, NULL, NULL), 1);
	return entry;
}

static void tell(struct scene *scene, int64_t now)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(spool_entry) entry = take(scene, scene->id);
	bool told = notify(scene->spool, entry, &scene->p, &runtime, now, &err);
	if (!told)
		print_message("# %s\n", err.status.text);
	assert_true(told);
}

/* The reports there are: their IDs. */
static void find_reports(struct scene *scene, struct strvec *found)
{
	AUTO(strvec) ids = STRVEC_INIT;
	assert_true(spool_list(scene->spool, SPOOL_NEW, &ids, NULL));
	for (size_t i = 0; i < ids.n; i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		assert_int_equal(spool_read(scene->spool, ids.v[i], &item, NULL, NULL), 1);
		if (item.report_of)
			strvec_push(found, ids.v[i]);
	}
}

static void read_report(struct scene *scene, const char *id, struct strbuf *text)
{
	AUTO(source) body = SOURCE_INIT;
	char buf[4096];
	size_t got;
	bool damaged = true;
	assert_int_equal(spool_show_message(scene->spool, id, text, &body, &damaged, NULL), 1);
	assert_false(damaged);
	for (uint64_t at = 0; at < body.size; at += got) {
		assert_true(source_read_at(&body, at, buf, sizeof(buf), &got, NULL));
		strbuf_add(text, buf, got);
	}
}

static void has(const struct strbuf *text, const char *what)
{
	if (!strstr(text->buf, what))
		print_message("# no \"%s\" in:\n%s\n", what, text->buf);
	assert_non_null(strstr(text->buf, what));
}

static void has_not(const struct strbuf *text, const char *what)
{
	if (strstr(text->buf, what))
		print_message("# \"%s\" in:\n%s\n", what, text->buf);
	assert_null(strstr(text->buf, what));
}

/* ---- when there is a report --------------------------------------------- */

enum { LATE = NOTIFY_AFTER };

/* States of the two recipients: o)pen u)ncertain f)ailed a)ccepted r)elayed without DSN. */
static const struct wanted {
	const char *states;
	unsigned notify;
	const char *sender;
	int64_t age;
	const char *actions; /* one for each recipient: f d r - */
	bool is_report, held;
} table[] = {
	{.states = "ff", .actions = "ff"},
	{.states = "fa", .actions = "f-"},
	{.states = "fo", .actions = "f-"},
	{.states = "fu", .actions = "f-"},
	{.states = "fr", .actions = "f-"},
	{.states = "oo", .actions = "--"},
	{.states = "aa", .actions = "--"},
	{.states = "rr", .actions = "--"},
	{.states = "oo", .age = LATE, .actions = "--"},
	{.states = "ff", .notify = NOTIFY_NEVER, .actions = "--"},
	{.states = "rr", .notify = NOTIFY_NEVER, .actions = "--"},
	{.states = "oo", .notify = NOTIFY_NEVER, .age = LATE, .actions = "--"},
	{.states = "ff", .notify = NOTIFY_FAILURE, .actions = "ff"},
	{.states = "fo", .notify = NOTIFY_FAILURE, .age = LATE, .actions = "f-"},
	{.states = "rf", .notify = NOTIFY_FAILURE, .actions = "-f"},
	{.states = "ff", .notify = NOTIFY_DELAY, .actions = "--"},
	{.states = "oo", .notify = NOTIFY_DELAY, .age = LATE - 1, .actions = "--"},
	{.states = "oo", .notify = NOTIFY_DELAY, .age = -LATE, .actions = "--"},
	{.states = "ou", .notify = NOTIFY_DELAY, .age = LATE, .actions = "dd"},
	{.states = "of", .notify = NOTIFY_DELAY, .age = LATE, .actions = "d-"},
	{.states = "oo", .notify = NOTIFY_DELAY, .age = LATE, .held = true, .actions = "--"},
	{.states = "of", .notify = NOTIFY_DELAY | NOTIFY_FAILURE, .age = LATE, .actions = "df"},
	{.states = "ff", .notify = NOTIFY_SUCCESS, .actions = "--"},
	{.states = "rr", .notify = NOTIFY_SUCCESS, .actions = "rr"},
	{.states = "ra", .notify = NOTIFY_SUCCESS, .actions = "r-"},
	{.states = "aa", .notify = NOTIFY_SUCCESS, .actions = "--"},
	{.states = "ro", .notify = NOTIFY_SUCCESS, .actions = "--"},
	{.states = "rf", .notify = NOTIFY_SUCCESS | NOTIFY_FAILURE, .actions = "rf"},
	{.states = "rf", .notify = NOTIFY_SUCCESS, .actions = "r-"},
	/* there is no sender to report to */
	{.states = "ff", .sender = "", .actions = "--"},
	{.states = "ff", .sender = "", .notify = NOTIFY_FAILURE, .actions = "--"},
	{.states = "oo", .sender = "", .notify = NOTIFY_DELAY, .age = LATE, .actions = "--"},
	{.states = "rr", .sender = "", .notify = NOTIFY_SUCCESS, .actions = "--"},
	{.states = "ff", .is_report = true, .actions = "--"},
	{.states = "ff", .is_report = true, .notify = NOTIFY_FAILURE, .actions = "--"},
	{.states = "ff",
	 .is_report = true,
	 .sender = "",
	 .notify = NOTIFY_FAILURE | NOTIFY_DELAY | NOTIFY_SUCCESS,
	 .actions = "--"},
	{.states = "rr", .is_report = true, .notify = NOTIFY_SUCCESS, .actions = "--"},
	{.states = "oo", .is_report = true, .notify = NOTIFY_DELAY, .age = LATE, .actions = "--"},
};

static const struct wanted *row;

static void as_the_row_says(struct queue_item *item)
{
	for (size_t i = 0; i < 2; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[i];
		switch (row->states[i]) {
		case 'f': set_failed(rcpt); break;
		case 'u':
			rcpt->state = RCPT_UNCERTAIN;
			rcpt->possible_duplicate = true;
			break;
		case 'r':
			rcpt->relayed_without_dsn = true;
			rcpt->state = RCPT_ACCEPTED;
			break;
		case 'a': rcpt->state = RCPT_ACCEPTED; break;
		default: break;
		}
	}
	item->mail.notify = row->notify;
	item->report_of = row->is_report ? xstrdup("01jd3k8qz5f7m") : NULL;
	item->state = row->held ? QUEUE_HELD : QUEUE_QUEUED;
	if (row->sender) {
		free(item->mail.sender.given);
		item->mail.sender.given = xstrdup(row->sender);
	}
}

static const char *action_name(char c)
{
	return c == 'f' ? "Action: failed" : c == 'd' ? "Action: delayed" : "Action: relayed";
}

static void notify_sender_and_states_decide(void **state)
{
	(void)state;
	for (row = table; row < table + ARRAY_SIZE(table); row++) {
		AUTO(scene) scene;
		AUTO(strvec) reports = STRVEC_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		bool wanted = strcmp(row->actions, "--") != 0;
		scene_begin(&scene, as_the_row_says);
		size_t others = row->is_report;
		{
			AUTO_PTR(spool_entry) entry = take(&scene, scene.id);
			assert_int_equal(notify_owes(scene.spool, spool_entry_item(entry), NOW + row->age), wanted);
		}
		tell(&scene, NOW + row->age);
		tell(&scene, NOW + row->age); /* and not again */
		find_reports(&scene, &reports);
		if (reports.n != wanted + others)
			print_message("# row %zu: %zu reports\n", (size_t)(row - table), reports.n);
		assert_int_equal(reports.n, wanted + others);
		AUTO(queue_item) after = QUEUE_ITEM_INIT;
		assert_int_equal(spool_read(scene.spool, scene.id, &after, NULL, NULL), 1);
		assert_false(notify_owes(scene.spool, &after, NOW + row->age));
		if (!wanted)
			continue;
		read_report(&scene, reports.v[0], &text);
		for (size_t i = 0; i < 2; i++) {
			const char *name =
				i ? "Final-Recipient: rfc822; b@example.org" : "Final-Recipient: rfc822; a@example.org";
			if (row->actions[i] == '-') {
				has_not(&text, name);
				continue;
			}
			has(&text, name);
			const char *found = strstr(strstr(text.buf, name), "Action: ");
			assert_memory_equal(found, action_name(row->actions[i]), strlen(action_name(row->actions[i])));
		}
	}
}

static void both_fail(struct queue_item *item)
{
	set_failed(&item->rcpts[0]);
	set_failed(&item->rcpts[1]);
	item->rcpts[1].possible_duplicate = true;
}

static void one_fails(struct queue_item *item)
{
	set_failed(&item->rcpts[0]);
}

static void it_goes_the_way_of_its_message(void **state)
{
	(void)state;
	AUTO(scene) scene;
	AUTO(strvec) reports = STRVEC_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	scene_begin(&scene, both_fail);
	scene.p.own_address = xstrdup("own@example.org");
	tell(&scene, NOW + 7);
	find_reports(&scene, &reports);
	assert_int_equal(reports.n, 1);
	assert_int_equal(spool_read(scene.spool, reports.v[0], &item, NULL, NULL), 1);
	assert_string_equal(item.report_of, scene.id);
	assert_string_equal(item.mail.sender.given, "");
	assert_int_equal(item.n, 1);
	assert_string_equal(item.rcpts[0].who.address.given, "me@example.org");
	assert_string_equal(item.account, "work");
	assert_int_equal(item.settings.n, 1);
	assert_int_equal(item.state, QUEUE_QUEUED);
	assert_int_equal(item.due, NOW + 7);
	assert_int_equal(item.mail.notify, NOTIFY_UNSET);
	assert_non_null(item.message_id);
	assert_non_null(item.date);
	assert_true(item.size > 500);
	read_report(&scene, reports.v[0], &text);
	has(&text, "<own@example.org>");
	has(&text, "In-Reply-To: <abc@example.org>");
	has(&text, "Diagnostic-Code: smtp; 550 5.1.1 no such user");
	has(&text, "may have been delivered");
	has(&text, item.message_id);
}

static void who_fails_later_is_told_of_at_the_end(void **state)
{
	(void)state;
	AUTO(scene) scene;
	AUTO(strvec) first = STRVEC_INIT, then = STRVEC_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	scene_begin(&scene, one_fails);
	tell(&scene, NOW);
	find_reports(&scene, &first);
	assert_int_equal(first.n, 1);
	struct spool_entry *entry = take(&scene, scene.id);
	set_failed(&spool_entry_item(entry)->rcpts[1]);
	assert_true(spool_update(entry, NULL));
	spool_entry_free(entry);
	tell(&scene, NOW + 60);
	find_reports(&scene, &then);
	assert_int_equal(then.n, 2);
	read_report(&scene, strcmp(then.v[0], first.v[0]) == 0 ? then.v[1] : then.v[0], &text);
	has(&text, "Final-Recipient: rfc822; b@example.org");
	has_not(&text, "Final-Recipient: rfc822; a@example.org");
}

/* ---- until when it is tried ------------------------------------------------ */

static void wants_to_hear_of_delay(struct queue_item *item)
{
	item->mail.notify = NOTIFY_DELAY;
}

/* Line ends and runs of blanks become one blank. */
static void squeeze(struct strbuf *text)
{
	AUTO(strbuf) line = STRBUF_INIT;
	for (size_t i = 0; i < text->len; i++) {
		char c = text->buf[i];
		if (c != ' ' && c != '\r' && c != '\n')
			strbuf_addch(&line, c);
		else if (line.len && line.buf[line.len - 1] != ' ')
			strbuf_addch(&line, ' ');
	}
	strbuf_reset(text);
	strbuf_add_span(text, strbuf_span(&line));
}

static void a_delay_report_names_the_day_of_the_last_attempt(void **state)
{
	(void)state;
	static const struct {
		bool account;
		const char *lifetime; /* NULL: not said */
		int64_t seconds;      /* 0: never given up */
	} rows[] = {{true, NULL, 5 * 24 * 3600},
		    {true, "5d", 5 * 24 * 3600},
		    {true, "6h", 6 * 3600},
		    {true, "off", 0},
		    {false, NULL, 5 * 24 * 3600}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(scene) scene;
		AUTO(strvec) reports = STRVEC_INIT;
		AUTO(strbuf) text = STRBUF_INIT, words = STRBUF_INIT, field = STRBUF_INIT;
		scene_begin(&scene, wants_to_hear_of_delay);
		if (rows[i].account) {
			scene.p.account = scene.account = account_new("work", FLAVOUR_OWN, NULL);
			if (rows[i].lifetime)
				assert_true(account_set(scene.account, OPT_QUEUE_LIFETIME, span_of(rows[i].lifetime),
							(struct origin){.kind = ORIGIN_FILE}, NULL));
			assert_true(account_complete(scene.account, NULL));
		}
		tell(&scene, NOW + LATE);
		find_reports(&scene, &reports);
		assert_int_equal(reports.n, 1);
		read_report(&scene, reports.v[0], &text);
		squeeze(&text);
		if (!rows[i].seconds) {
			has(&text, "Delivery will be tried again; you need not send the message again:");
			has_not(&text, "Will-Retry-Until");
			continue;
		}
		strbuf_adds(&words, "Delivery will be tried until ");
		date_make(&words, (time_t)(NOW + rows[i].seconds));
		has(&text, words.buf);
		strbuf_adds(&field, "Will-Retry-Until: ");
		date_make(&field, (time_t)(NOW + rows[i].seconds));
		has(&text, field.buf);
	}
}

/* ---- what becomes of message and report ---------------------------------- */

static void the_message_is_kept_until_its_report_is_sent(void **state)
{
	(void)state;
	for (int refuses = 0; refuses < 2; refuses++) {
		AUTO(scene) scene;
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		bool moved = false;
		struct world world = {.refuses = refuses};
		scene_begin(&scene, both_fail);
		assert_true(step(scene.spool, scene.id, &scene.p, &world, &moved, NULL));
		assert_int_equal(count(scene.spool, SPOOL_FAILED), 1);
		assert_int_equal(count(scene.spool, SPOOL_NEW), 1);
		run_out(scene.spool, &scene.p, &world);
		assert_int_equal(world.reports, 1);
		assert_int_equal(count(scene.spool, SPOOL_NEW), 0);
		assert_int_equal(count(scene.spool, SPOOL_FAILED), refuses);
		if (!refuses)
			continue;
		assert_int_equal(spool_read(scene.spool, scene.id, &item, NULL, NULL), 1);
		assert_non_null(strstr(item.reason.text, "could not be delivered either"));
		assert_non_null(strstr(item.reason.server.line, "no such user"));
	}
}

static void a_report_without_its_message_is_kept_itself(void **state)
{
	(void)state;
	AUTO(scene) scene;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(strvec) ids = STRVEC_INIT;
	bool moved = false;
	struct world world = {.refuses = true};
	scene_begin(&scene, both_fail);
	assert_true(step(scene.spool, scene.id, &scene.p, &world, &moved, NULL));
	struct spool_entry *entry = take(&scene, scene.id);
	assert_true(spool_finish(entry, NULL)); /* the user removed it */
	spool_entry_free(entry);
	run_out(scene.spool, &scene.p, &world);
	assert_true(spool_list(scene.spool, SPOOL_FAILED, &ids, NULL));
	assert_int_equal(ids.n, 1);
	assert_int_equal(spool_read(scene.spool, ids.v[0], &item, NULL, NULL), 1);
	assert_string_equal(item.report_of, scene.id);
}

static void an_original_in_use_is_waited_for(void **state)
{
	(void)state;
	AUTO(scene) scene;
	AUTO(strvec) reports = STRVEC_INIT;
	AUTO(error) err = ERROR_INIT;
	bool moved = false;
	struct world world = {.reports = 0};
	scene_begin(&scene, both_fail);
	assert_true(step(scene.spool, scene.id, &scene.p, &world, &moved, NULL));
	struct spool_entry *entry = take(&scene, scene.id);
	find_reports(&scene, &reports);
	assert_false(step(scene.spool, reports.v[0], &scene.p, &world, &moved, &err));
	assert_int_equal(err.status.kind, ERROR_IO);
	spool_entry_free(entry);
	run_out(scene.spool, &scene.p, &world);
	assert_int_equal(world.reports, 1);
	assert_int_equal(count(scene.spool, SPOOL_NEW) + count(scene.spool, SPOOL_FAILED), 0);
}

static void a_report_the_user_holds_stays_held(void **state)
{
	(void)state;
	AUTO(scene) scene;
	AUTO(strvec) reports = STRVEC_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	scene_begin(&scene, one_fails);
	tell(&scene, NOW);
	find_reports(&scene, &reports);
	struct spool_entry *entry = take(&scene, reports.v[0]);
	assert_true(spool_hold(entry, HOLD_USER, &(struct status){.text = (char *)"mine"}, NULL, NULL));
	spool_entry_free(entry);
	tell(&scene, NOW);
	assert_int_equal(spool_read(scene.spool, reports.v[0], &item, NULL, NULL), 1);
	assert_int_equal(item.state, QUEUE_HELD);
}

/* ---- what was begun and cut short ------------------------------------------ */

/* The process died after noting that it would report the delay of both, and before there was a report. */
static void delay_report_begun(struct queue_item *item)
{
	item->mail.notify = NOTIFY_DELAY | NOTIFY_FAILURE;
	item->rcpts[0].reported = item->rcpts[1].reported = REPORTING_DELAYED;
	item->report = xstrdup("01jd3k8qz5f7m");
}

static void a_report_that_was_cut_short_is_made_for_what_is_true_now(void **state)
{
	(void)state;
	for (int accepted = 0; accepted < 2; accepted++) {
		AUTO(scene) scene;
		AUTO(strvec) reports = STRVEC_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(queue_item) after = QUEUE_ITEM_INIT;
		scene_begin(&scene, delay_report_begun);
		struct spool_entry *entry = take(&scene, scene.id);
		if (accepted) {
			spool_entry_item(entry)->rcpts[0].state = RCPT_ACCEPTED;
			set_failed(&spool_entry_item(entry)->rcpts[1]);
		}
		assert_true(spool_update(entry, NULL));
		spool_entry_free(entry);
		tell(&scene, NOW + LATE);
		find_reports(&scene, &reports);
		assert_int_equal(reports.n, 1);
		read_report(&scene, reports.v[0], &text);
		has(&text, "Final-Recipient: rfc822; b@example.org");
		has(&text, accepted ? "Action: failed" : "Action: delayed");
		if (accepted)
			has_not(&text, "Final-Recipient: rfc822; a@example.org");
		else
			has(&text, "Final-Recipient: rfc822; a@example.org");
		assert_int_equal(spool_read(scene.spool, scene.id, &after, NULL, NULL), 1);
		assert_int_equal(after.rcpts[0].reported, accepted ? 0 : REPORTED_DELAYED);
		assert_int_equal(after.rcpts[1].reported, accepted ? REPORTED_FAILED : REPORTED_DELAYED);
	}
}

/* ---- the worst that servers and senders can say ---------------------------- */

/* More than a file of the queue lets pass (item_check): so it is said after the message was claimed. */
static void make_hostile(struct queue_item *item)
{
	struct queue_rcpt *rcpt = &item->rcpts[0];
	free(rcpt->status.server.line);
	free(rcpt->status.text);
	rcpt->status.server.line =
		xstrdup("no\r\nBcc: victim@example.net\r\n\r\n--=x\r\nContent-Type: text/html\r\n\r\n\033[2J\377");
	rcpt->status.text = xstrdup("words\r\nAction: delivered\r\n");
	rcpt->status.host = xstrdup("mail\r\nX: y");
	rcpt->who.orcpt = xstrdup("a\r\nAction: delivered");
	(void)snprintf(rcpt->status.enhanced, ENHANCED_MAX, "5.1\r\nX: y");
	item->mail.envid = xstrdup("e\r\nX: y");
	free(item->message_id);
	item->message_id = xstrdup("<a\r\nBcc: victim@example.net>");
}

static void hostile_words_add_no_line(void **state)
{
	(void)state;
	AUTO(scene) scene;
	AUTO(strvec) reports = STRVEC_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	scene_begin(&scene, one_fails);
	AUTO_PTR(spool_entry) entry = take(&scene, scene.id);
	make_hostile(spool_entry_item(entry));
	assert_true(notify(scene.spool, entry, &scene.p, &runtime, NOW, NULL));
	find_reports(&scene, &reports);
	assert_int_equal(reports.n, 1);
	read_report(&scene, reports.v[0], &text);
	/* the line ends keep "--=x" apart from the report's own boundary, "=" and random letters */
	static const char *const never[] = {"\nBcc:",	   "\n--=x\n", "\n--=x\r",
					    "\n--=x ",	   "\nX: y",   "\nAction: delivered",
					    "text/html\r", "\033",     "\377"};
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		has_not(&text, never[i]);
}

/* ---- the command ------------------------------------------------------------ */

static void set_command(struct scene *scene, const char *words)
{
	AUTO(error) err = ERROR_INIT;
	scene->p.account = scene->account = account_new("work", FLAVOUR_OWN, NULL);
	if (!account_set(scene->account, OPT_ON_FAILURE, span_of(words), (struct origin){.kind = ORIGIN_FILE}, &err))
		print_message("# %s\n", err.status.text);
	assert_true(account_complete(scene->account, NULL));
	assert_true(account_is_set(scene->p.account, OPT_ON_FAILURE));
}

static void be_told(struct scene *scene)
{
	AUTO_FREE char *words = xasprintf("sh -c \"cat >>%s/told\"", scene->folder);
	set_command(scene, words);
}

static void was_told(struct scene *scene, const char *events)
{
	AUTO_FREE char *path = xasprintf("%s/told", scene->folder);
	AUTO(strbuf) seen = STRBUF_INIT;
	char line[8192];
	FILE *told = fopen(path, "re");
	while (told && fgets(line, sizeof(line), told)) {
		char *event = strstr(line, "\"event\":\"");
		assert_non_null(event);
		event += strlen("\"event\":\"");
		strbuf_addf(&seen, "%s%.*s", seen.len ? " " : "", (int)strcspn(event, "\""), event);
	}
	if (told)
		assert_int_equal(fclose(told), 0);
	assert_string_equal(seen.len ? seen.buf : "", events);
}

static void change(struct scene *scene, void (*how)(struct queue_item *item))
{
	AUTO_PTR(spool_entry) entry = take(scene, scene->id);
	how(spool_entry_item(entry));
	assert_true(spool_update(entry, NULL));
}

static void nothing(struct queue_item *item)
{
	(void)item;
}

static void hold_it(struct queue_item *item)
{
	item->state = QUEUE_HELD;
	item->hold = HOLD_CONFIG;
}

static void hold_by_hand(struct queue_item *item)
{
	item->state = QUEUE_HELD;
	item->hold = HOLD_USER;
}

static void queue_it(struct queue_item *item)
{
	item->state = QUEUE_QUEUED;
	item->hold = HOLD_NONE;
}

static void expire_other(struct queue_item *item)
{
	item->rcpts[1].state = RCPT_FAILED;
	item->rcpts[1].status.kind = ERROR_CONNECT;
}

static void the_command_runs_once_for_each_change(void **state)
{
	(void)state;
	static const struct {
		void (*how)(struct queue_item *item);
		int64_t age;
		const char *told;
	} steps[] = {
		{nothing, 0, ""},
		{hold_by_hand, 0, ""},
		{hold_it, 0, "held"},
		{hold_it, 5, "held"},
		{queue_it, 10, "held"},
		{hold_it, 20, "held held"},
		{queue_it, 30, "held held"},
		{queue_it, LATE, "held held delayed"},
		{queue_it, 2 * LATE, "held held delayed"},
		{one_fails, 2 * LATE, "held held delayed failed"},
		{nothing, 3 * LATE, "held held delayed failed"},
		{expire_other, 4 * LATE, "held held delayed failed expired"},
		{nothing, 5 * LATE, "held held delayed failed expired"},
	};
	AUTO(scene) scene;
	scene_begin(&scene, nothing);
	be_told(&scene);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		change(&scene, steps[i].how);
		tell(&scene, NOW + steps[i].age);
		was_told(&scene, steps[i].told);
	}
}

static void nobody(struct queue_item *item)
{
	both_fail(item);
	item->mail.sender.given[0] = '\0';
}

static void it_runs_where_nobody_can_be_written_to(void **state)
{
	(void)state;
	AUTO(scene) scene;
	struct world world = {.reports = 0};
	scene_begin(&scene, nobody);
	be_told(&scene);
	run_out(scene.spool, &scene.p, &world);
	was_told(&scene, "failed");
	assert_int_equal(world.reports, 0);
	assert_int_equal(count(scene.spool, SPOOL_NEW) + count(scene.spool, SPOOL_FAILED), 0);
}

static void a_command_that_fails_disturbs_nothing(void **state)
{
	(void)state;
	static const char *const commands[] = {"false", "/nowhere/to/be/found", "sh -c \"kill -9 $$\""};
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		AUTO(scene) scene;
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		scene_begin(&scene, one_fails);
		set_command(&scene, commands[i]);
		tell(&scene, NOW);
		tell(&scene, NOW);
		assert_int_equal(spool_read(scene.spool, scene.id, &item, NULL, NULL), 1);
		assert_int_equal(item.n_history, 1);
		assert_string_equal(item.history[0].status.stage, "on_failure");
		assert_int_equal(item.attempts, 1);
		assert_int_equal(count(scene.spool, SPOOL_NEW), 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notify_sender_and_states_decide),
		cmocka_unit_test(it_goes_the_way_of_its_message),
		cmocka_unit_test(who_fails_later_is_told_of_at_the_end),
		cmocka_unit_test(a_delay_report_names_the_day_of_the_last_attempt),
		cmocka_unit_test(the_message_is_kept_until_its_report_is_sent),
		cmocka_unit_test(a_report_without_its_message_is_kept_itself),
		cmocka_unit_test(an_original_in_use_is_waited_for),
		cmocka_unit_test(a_report_the_user_holds_stays_held),
		cmocka_unit_test(a_report_that_was_cut_short_is_made_for_what_is_true_now),
		cmocka_unit_test(hostile_words_add_no_line),
		cmocka_unit_test(the_command_runs_once_for_each_change),
		cmocka_unit_test(it_runs_where_nobody_can_be_written_to),
		cmocka_unit_test(a_command_that_fails_disturbs_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
