/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "written.h"

#include "compare.h"

#include "base/xalloc.h"
#include "dsn/dsn_private.h"
#include "header/header_plan.h"
#include "header/header_rewrite.h"

#define ADDRESS "a@example.org"
#define E "\xc3\xa9"
#define NI "\xe6\x97\xa5"
#define HORSE "\xf0\x9f\x90\x8e"

static const struct header_list no_fields = HEADER_LIST_INIT;

/* ---- display names --------------------------------------------------------- */

/* A start and a unit make names of every length. */
static const struct {
	const char *start, *unit;
} names[] = {
	{"", E},	 {"a", E},	  {"", NI},	     {"a", NI},		 {E, NI},	 {"", HORSE},
	{"ab", HORSE},	 {"", E NI},	  {"", "J" E "rg "}, {"x", " " NI " y"}, {"", "a"},	 {"", "word "},
	{"", "Q. "},	 {"", "a, "},	  {"", "\"\\ "},     {"", "(a) "},	 {"", "<a@b> "}, {"=?", " " E "?="},
	{"", "a=_? " E}, {"Dr. ", E "-"}, {"", "; : "},
};

static void make_name(size_t i, size_t length, struct strbuf *name)
{
	strbuf_adds(name, names[i].start);
	while (name->len < length)
		strbuf_adds(name, names[i].unit);
	if (name->buf[name->len - 1] == ' ')
		strbuf_setlen(name, name->len - 1);
}

/* As `posthaste -F NAME` and "from_full_name NAME" write it. */
static void write_planned(const char *name, struct strbuf *out)
{
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	const struct header_policy policy = {.from = HEADER_ON, .from_addr = ADDRESS, .from_name = name};
	header_plan_make(&plan, &no_fields, &policy);
	strbuf_add_span(out, strbuf_span(&plan.added));
}

/* As "sender force" writes it for a message whose From has that name. */
static void write_forced(const char *name, struct strbuf *out)
{
	AUTO(strbuf) field = STRBUF_INIT;
	AUTO(header_list) list = HEADER_LIST_INIT;
	strbuf_adds(&field, "From: \"");
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			strbuf_addch(&field, '\\');
		strbuf_addch(&field, *name);
	}
	strbuf_adds(&field, "\" <b@example.net>\r\n");
	header_scan(strbuf_span(&field), &list);
	(void)header_force_address(&list.fields[0], ADDRESS, out);
}

static void check_names(written_fn *checked, void *arg)
{
	static const struct {
		const char *what;
		void (*write)(const char *name, struct strbuf *out);
	} ways[] = {{"From with a full name", write_planned}, {"From with the name of another address", write_forced}};
	for (size_t way = 0; way < ARRAY_SIZE(ways); way++)
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			AUTO(strbuf) why = STRBUF_INIT, group = STRBUF_INIT;
			for (size_t length = 1; length < 200; length++) {
				AUTO(strbuf) name = STRBUF_INIT, header = STRBUF_INIT;
				make_name(i, length, &name);
				ways[way].write(name.buf, &header);
				compare_mailbox(strbuf_span(&header), "From", name.buf, ADDRESS, &why);
			}
			strbuf_addf(&group, "%s made of \"%s\" and \"%s\"", ways[way].what, names[i].start,
				    names[i].unit);
			checked(group.buf, &why, arg);
		}
}

/* "sender" makes the name of an address that is local out of the address. */
static void check_fixed(written_fn *checked, void *arg)
{
	static const char *const addresses[] = {"root", "root@host.test", "\"a b\"@host.test", "j" E "rg@host.test"};
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO(local_names) local = LOCAL_NAMES_INIT;
	local_names_add(&local, SPAN_LIT("host.test"));
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		AUTO(strbuf) field = STRBUF_INIT, header = STRBUF_INIT;
		AUTO(header_list) list = HEADER_LIST_INIT;
		strbuf_addf(&field, "From: %s\r\n", addresses[i]);
		header_scan(strbuf_span(&field), &list);
		(void)header_fix_addresses(&list.fields[0], ADDRESS, &local, &header);
		compare_mailbox(strbuf_span(&header), "From", addresses[i], ADDRESS, &why);
	}
	checked("From with the local address as its name", &why, arg);
}

/* ---- To ---------------------------------------------------------------------- */

static void check_to(written_fn *checked, void *arg)
{
	AUTO(strbuf) why = STRBUF_INIT;
	for (size_t n = 1; n < 40; n++) {
		AUTO(header_plan) plan = HEADER_PLAN_INIT;
		AUTO_FREE char **addrs = xcalloc(n + 1, sizeof(*addrs));
		for (size_t i = 0; i < n; i++)
			addrs[i] =
				xasprintf(i % 5 ? "user%zu@%.*s.example.org" : "\"a \\\"%zu\\\" b\"@%.*s.example.org",
					  i * i * i, (int)(i % 60 + 1),
					  "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-abcdefghij");
		const struct header_policy policy = {.to = TO_ON, .to_addrs = (const char *const *)addrs};
		header_plan_make(&plan, &no_fields, &policy);
		compare_addresses(strbuf_span(&plan.added), "To", (const char *const *)addrs, &why);
		for (size_t i = 0; i < n; i++)
			free(addrs[i]);
	}
	checked("To with all recipients", &why, arg);
}

/* ---- reports ----------------------------------------------------------------- */

/* Translations may contain anything. */
static void check_subjects(written_fn *checked, void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(strbuf) why = STRBUF_INIT, group = STRBUF_INIT;
		for (size_t length = 1; length < 200; length++) {
			AUTO(strbuf) text = STRBUF_INIT, header = STRBUF_INIT;
			make_name(i, length, &text);
			dsn_field_text(&header, "Subject", text.buf);
			compare_subject(strbuf_span(&header), text.buf, &why);
		}
		strbuf_addf(&group, "Subject made of \"%s\" and \"%s\"", names[i].start, names[i].unit);
		checked(group.buf, &why, arg);
	}
}

static void make_report(struct strbuf *out)
{
	static char address[] = ADDRESS;
	static const struct mail_address to = {address, address};
	static char ours[] = "das Postfach des Empf\xc3\xa4ngers ist voll", words[] = "552 5.2.2 mailbox full";
	static const struct status status = {.text = ours, .server = {words, words}};
	static const struct dsn_recipient rcpt = {.address = "b@example.net", .status = &status};
	static const struct message_info info = {.eightbit_header = true};
	struct source body;
	source_init(&body, NULL);
	const struct dsn report = {.reporting_mta = "host.example.org",
				   .to = &to,
				   .subject = "Gr\xc3\xbc\xc3\x9f"
					      "e",
				   .arrival = 1795262400,
				   .now = 1795266000,
				   .rcpts = &rcpt,
				   .n = 1,
				   .header = SPAN_LIT("Subject: Gr\xc3\xbc\xc3\x9f"
						      "e\r\n.dot: x\r\n--x: y \r\n\r\n"),
				   .body = &body,
				   .info = &info,
				   .rng = &rng_system};
	struct dsn_message made = {.message_id = NULL};
	AUTO(error) err = ERROR_INIT;
	struct span text = SPAN_LIT("");
	if (!dsn_make(&report, &made, &err))
		abort();
	strbuf_add_span(out, strbuf_span(&made.header));
	if (!source_view(&made.message.body, &text))
		abort();
	strbuf_add_span(out, text);
	dsn_message_release(&made);
	source_release(&body);
}

static void check_report(written_fn *checked, void *arg)
{
	AUTO(strbuf) report = STRBUF_INIT, why = STRBUF_INIT;
	make_report(&report);
	compare_mailbox(strbuf_span(&report), "From", "Mail Delivery System", "MAILER-DAEMON@host.example.org", &why);
	compare_mailbox(strbuf_span(&report), "To", "", ADDRESS, &why);
	compare_subject(strbuf_span(&report), "Your message could not be delivered", &why);
	compare_part(strbuf_span(&report), 0, "text/plain", "das Postfach des Empf\xc3\xa4ngers ist voll\n", &why);
	compare_part(strbuf_span(&report), 0, "text/plain", "\n-- \n", &why);
	compare_part(strbuf_span(&report), 1, "message/delivery-status",
		     "Diagnostic-Code: smtp; 552 5.2.2 mailbox full\n", &why);
	compare_part(strbuf_span(&report), 2, "message/global-headers",
		     "Subject: Gr\xc3\xbc\xc3\x9f"
		     "e\n.dot: x\n--x: y \n",
		     &why);
	checked("a report", &why, arg);
}

void written_each(written_fn *checked, void *arg)
{
	check_names(checked, arg);
	check_fixed(checked, arg);
	check_to(checked, arg);
	check_subjects(checked, arg);
	check_report(checked, arg);
}
