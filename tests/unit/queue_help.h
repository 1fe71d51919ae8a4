/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the queue share. */
#ifndef UNIT_QUEUE_HELP_H
#define UNIT_QUEUE_HELP_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/xalloc.h"
#include "queue/item_file.h"

#include <stdio.h>

/* Something in every field. */
__attribute__((unused)) static void fill_item(struct queue_item *item)
{
	struct recipient rcpts[3] = {
		{{(char[]){"anna@example.org"}, (char[]){"anna@example.org"}}, NULL, NULL, 0},
		{{(char[]){"j\303\266rg@b\303\274cher.example"}, NULL}, (char[]){"team@example.org"}, NULL, 0},
		{{(char[]){"\"a b\"@example.net"}, (char[]){"\"a b\"@example.net"}},
		 (char[]){"x@example.net"},
		 NULL,
		 NOTIFY_NEVER},
	};
	struct envelope env = {
		.mail.sender = {(char[]){"me@example.org"}, (char[]){"me@example.org"}},
		.rcpts = rcpts,
		.n = 3,
		.mail.notify = NOTIFY_FAILURE | NOTIFY_DELAY,
		.mail.ret = RET_HDRS,
		.mail.envid = (char[]){"id = 7 + 1"},
		.mail.body = BODY_8BITMIME,
		.mail.params = {.deliver_by = true,
				.by_seconds = -3600,
				.by_mode = BY_NOTIFY,
				.by_trace = true,
				.hold_for = 60,
				.hold_until = 1795300000,
				.has_priority = true,
				.priority = -9,
				.require_tls = true,
				.auth = (char[]){""}},
		.mail.dsn_required = true,
	};
	queue_item_set_envelope(item, &env);
	item->id = xstrdup("01jd3k8qz5f7m");
	item->arrival = 1795262400;
	item->age_from = 1795262401;
	item->state = QUEUE_HELD;
	item->hold = HOLD_CONFIG;
	item->reason = (struct status){.kind = ERROR_AUTH_REFUSED,
				       .code = 535,
				       .text = xstrdup("the server refused the password"),
				       .hint = xstrdup("Check user and password.")};
	item->fingerprint = xstrdup("0123abcd");
	item->not_before = 1795262500;
	item->due = INT64_MAX;
	item->in_flight = 1795262600;
	item->account_fault = true;
	item->scope = SCOPE_SYSTEM;
	item->account = xstrdup("work");
	item->config_file = xstrdup("/home/me/other rc");
	strvec_push(&item->settings, "tls_starttls on");
	strvec_push(&item->settings, "domain two\nlines");
	strvec_push(&item->environment, "port 25");
	item->language = xstrdup("de_DE.UTF-8 de:en");
	item->archive = xstrdup("Bcc: dan@example.org,\r\n eve@example.org\r\n");
	item->message_id = xstrdup("<abc@example.org>");
	item->date = xstrdup("Sun, 22 Nov 2026 10:30:00 +0100");
	item->info = (struct message_info){.octets = UINT64_MAX,
					   .body_wire = 12345,
					   .bare_lf = 7,
					   .bare_cr = 1,
					   .longest_line = 998,
					   .eightbit_header = true,
					   .eightbit_body = true,
					   .nul = true,
					   .unterminated = true,
					   .has_separator = true,
					   .headerless = true,
					   .mbox_line = true};
	item->size = 54321;
	item->message_sum = UINT64_MAX;
	item->reports = REPORTED_DELAYED | NOTIFIED_HELD;
	item->report = xstrdup("01jd3k8qz5f7n");
	item->report_of = xstrdup("01jd3k8qz5f7k");
	item->rcpts[0].state = RCPT_ACCEPTED;
	item->rcpts[0].reported = REPORTED_RELAYED | REPORTING_DELAYED | NOTIFIED_DELAYED;
	item->rcpts[0].relayed_without_dsn = true;
	item->rcpts[1].state = RCPT_FAILED;
	item->rcpts[1].status = (struct status){.kind = ERROR_RECIPIENT_REFUSED,
						.text = xstrdup("the server refused this recipient"),
						.stage = xstrdup("RCPT TO:<b@example.org>"),
						.hint = xstrdup("Check the address."),
						.host = xstrdup("mail.example.org")};
	status_set_reply(&item->rcpts[1].status, 550, "5.1.1", SPAN_LIT("5.1.1 no such user\n5.1.1 here"));
	item->rcpts[1].last_attempt = -1;
	item->rcpts[2].state = RCPT_UNCERTAIN;
	item->rcpts[2].possible_duplicate = true;
	queue_item_attempt(item, 1795262450,
			   &(struct status){.kind = ERROR_SERVER_TEMPORARY,
					    .code = 451,
					    .text = (char *)"later, please: 10:20\n",
					    .stage = (char *)"RCPT TO <x>",
					    .host = (char *)"mail.example.org"});
	queue_item_attempt(item, INT64_MIN, &(struct status){.kind = ERROR_NONE});
	strvec_push(&item->extra, "+colour 3:red\n");
	strvec_push(&item->extra, "+note 0:\n");
}

#endif
