/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/print_sent.h"

#include "base/i18n.h"
#include "cli/print.h"
#include "cli/print_result.h"

#define PREFIX "posthaste: "

static void print_to(FILE *to, const struct submission *p, const struct send_result *sent)
{
	if (sent->delivered)
		print_result(to, p, &sent->delivery);
	else
		print_problem(to, &sent->err);
}

/* Each line that is not a hint says which message it is about. */
static void print_where(const char *where, const struct submission *p, const struct send_result *sent)
{
	char *text = NULL;
	size_t len = 0;
	struct span rest, line;
	FILE *to = open_memstream(&text, &len);
	if (!to)
		return;
	print_to(to, p, sent);
	(void)fclose(to);
	rest = span_make(text, len);
	while (len && span_split(&rest, '\n', &line)) {
		bool about = span_starts_nocase(line, PREFIX);
		struct span words = about ? span_sub(line, sizeof(PREFIX) - 1, line.len) : line;
		(void)fprintf(print_errors(), "%s%s%s", about ? PREFIX : "", about ? where : "", about ? ": " : "");
		(void)fwrite(words.ptr, 1, words.len, print_errors());
		(void)fputc('\n', print_errors());
	}
	free(text);
}

void print_sent(const struct args *args, const char *where, const struct submission *p, struct send_result *sent)
{
	if (!where)
		print_to(print_errors(), p, sent);
	else if (sent->status || sent->notes.n || p->queue_id)
		print_where(where, p, sent);
	if (!sent->delivered)
		return;
	if (sent->kept && args->request.given[OPT_DEBUG])
		(void)printf(_("queued as %s\n"), p->queue_id);
	print_result_queued(p, &sent->delivery, &sent->notes);
}

void print_sent_json(const char *where, const struct submission *p, const struct send_result *sent)
{
	const struct result_shown shown = {
		.result = sent->delivered ? &sent->delivery : NULL,
		.err = &sent->err,
		.notes = &sent->notes,
		.status = sent->status,
		.where = where,
	};
	print_result_object(stdout, p, &shown);
}
