/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every dialogue against the engine in memory, as TAP: the server's octets in
 * one burst, in portions of 1, 2, 3 and 7, and cut before every octet; each
 * time the same lines, outcomes, exit status and messages.  Then the server
 * stops after every octet, and what must hold whatever it does is checked.
 *
 *	run_memory [FILE.dlg...]
 *
 * Without names all files of $top_srcdir/tests/dialogues are played.  Those for
 * run_socket only are left out.
 */
#include "adapter.h"
#include "dialogue_files.h"

#include "base/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- judging a run ------------------------------------------------------------- */

static void judge_outcomes(const struct dialogue *d, const struct adapted_run *run, struct strbuf *why)
{
	for (size_t i = 0; i < d->outcomes_n; i++) {
		const struct dialogue_outcome *o = &d->outcomes[i];
		AUTO(strbuf) wanted = STRBUF_INIT;
		strbuf_addf(&wanted, "%s %s ", o->address, o->name);
		if (o->code)
			strbuf_addf(&wanted, "%d\n", o->code);
		if (!strstr(run->outcomes.buf, wanted.buf))
			strbuf_addf(why, "no outcome %sin:\n%s", wanted.buf, run->outcomes.buf);
	}
	if (d->outcomes_n || d->exit_status)
		return;
	struct span rest = strbuf_span(&run->outcomes), line;
	while (rest.len && span_split(&rest, '\n', &line))
		if (!memmem(line.ptr, line.len, " accepted ", 10))
			strbuf_addf(why, "not accepted: %.*s\n", SPAN_FMT(line));
}

static void judge(const struct dialogue *d, const struct adapted_run *run, struct strbuf *why)
{
	if (run->status != d->exit_status)
		strbuf_addf(why, "exit status %d, wanted %d\n", run->status, d->exit_status);
	/* Beside the outcome of each recipient a refused certificate has words of its own over a socket only. */
	(void)dialogue_patterns_hold(&d->err, "standard error", strbuf_span(&run->err), why);
	judge_outcomes(d, run, why);
}

/* What the engine must keep from everybody, in every run. */
static void judge_trace(const struct dialogue *d, const struct play *p, struct strbuf *why)
{
	for (size_t i = 0; i < d->err.n; i++) {
		const struct dialogue_pattern *f = &d->err.v[i];
		/* "- canary": "*canary*" */
		struct span secret = span_sub(strbuf_span(&f->octets), 1, f->octets.len - 1);
		if (f->forbidden && secret.len && memmem(p->trace.buf, p->trace.len, secret.ptr, secret.len) &&
		    memmem(secret.ptr, secret.len, "canary", 6))
			strbuf_adds(why, "the secret is in the trace\n");
	}
}

/* What is done again must not have been done: no octet of the message may be with the server. */
static void judge_stale(const struct play *p, const struct adapted_run *run, struct strbuf *why)
{
	if (run->stale && (p->body_complete || p->plain_at || memmem(p->sent.buf, p->sent.len, "Subject:", 8)))
		strbuf_adds(why, "stale, and something of the message was sent\n");
}

/* ---- the runs ---------------------------------------------------------------------- */

struct way {
	size_t chunk, split, write_chunk;
	bool no_ride;
};

static bool play_once(const struct dialogue *d, const struct adapted *a, const struct way *way, struct strbuf *why)
{
	struct play p;
	struct adapted_run run;
	play_init(&p, d);
	p.chunk = way->chunk;
	p.split = way->split;
	p.write_chunk = way->write_chunk;
	p.no_ride = way->no_ride;
	adapter_play(&run, a, &p);
	if (p.complaint.len)
		strbuf_addf(why, "%s\n", p.complaint.buf);
	judge(d, &run, why);
	judge_trace(d, &p, why);
	judge_stale(&p, &run, why);
	if (why->len) {
		strbuf_addf(why, "octets in portions of %zu, cut at %zu, written by %zu\n", way->chunk,
			    way->split == PLAY_NEVER ? 0 : way->split, way->write_chunk);
		strbuf_add_span(why, strbuf_span(&p.trace));
		strbuf_add_span(why, strbuf_span(&run.err));
	}
	adapter_run_release(&run);
	play_release(&p);
	return why->len == 0;
}

static bool play_every_way(const struct dialogue *d, const struct adapted *a, struct strbuf *why)
{
	static const struct way ways[] = {{0, PLAY_NEVER, 0, false}, {1, PLAY_NEVER, 0, false},
					  {2, PLAY_NEVER, 0, false}, {3, PLAY_NEVER, 0, true},
					  {7, PLAY_NEVER, 0, false}, {0, PLAY_NEVER, 1, false},
					  {1, PLAY_NEVER, 7, false}, {0, PLAY_NEVER, 0, true}};
	size_t octets = play_server_octets(d);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (!play_once(d, a, &ways[i], why))
			return false;
	for (size_t cut = 1; cut < octets; cut++)
		if (!play_once(d, a, &(const struct way){0, cut, 0, false}, why))
			return false;
	return true;
}

static size_t transactions(const struct dialogue *d)
{
	size_t n = 0;
	for (size_t i = 0; i < d->n; i++)
		n += d->events[i].kind == DIALOGUE_CLIENT &&
		     span_starts_nocase(strbuf_span(&d->events[i].octets), "MAIL ");
	return n;
}

/* The server is gone after so many octets: one outcome each, and no success that the server did not give. */
static void play_stopped(const struct dialogue *d, const struct adapted *a, size_t at, enum play_stop how,
			 struct strbuf *why)
{
	struct play p;
	struct adapted_run run;
	play_init(&p, d);
	p.stop_at = at;
	p.stop = how;
	adapter_play(&run, a, &p);
	if (p.complaint.len)
		strbuf_addf(why, "%s\n", p.complaint.buf);
	if (strstr(run.outcomes.buf, " open "))
		strbuf_adds(why, "a recipient has no outcome\n");
	if (!p.body_complete && (strstr(run.outcomes.buf, " accepted ") || strstr(run.outcomes.buf, " unknown ")))
		strbuf_adds(why, "accepted or unknown without a complete message\n");
	judge_stale(&p, &run, why);
	/* (421 within a line makes a line of both; with several transactions some have a verdict and some still wait)
	 */
	bool one = transactions(d) == 1;
	if (how != PLAY_STOP_421 && one && strstr(run.outcomes.buf, " accepted ") && at < play_verdict_octets(d))
		strbuf_adds(why, "accepted before the server had said so\n");
	/* (where somebody is accepted the verdict was in, and who is left over was not named at all) */
	bool decided = strstr(run.outcomes.buf, " accepted ") != NULL;
	if (p.body_complete && p.stopped && one && !decided && strstr(run.outcomes.buf, " retry 0\n") &&
	    !strstr(run.outcomes.buf, " unknown "))
		strbuf_adds(why, "the message was complete: it cannot be known that it was not delivered\n");
	if (run.status == 0 && strstr(run.outcomes.buf, " accepted ") == NULL)
		strbuf_adds(why, "exit status 0 for nothing\n");
	if (why->len)
		strbuf_addf(why, "stopped after octet %zu\n%s", at, run.outcomes.buf);
	adapter_run_release(&run);
	play_release(&p);
}

static void play_prepared(const struct dialogue *d, const struct adapted *a, struct strbuf *why)
{
	if (a->error.status.kind != ERROR_NONE) {
		struct adapted_run run;
		adapter_report_refusal(&run, a);
		if (d->n)
			strbuf_addf(why, "nothing was sent: %s", run.err.buf);
		if (run.status != d->exit_status)
			strbuf_addf(why, "exit status %d, wanted %d\n", run.status, d->exit_status);
		(void)dialogue_patterns_hold(&d->err, "standard error", strbuf_span(&run.err), why);
		adapter_run_release(&run);
		return;
	}
	if (!play_every_way(d, a, why))
		return;
	size_t octets = play_server_octets(d);
	for (size_t at = 0; at <= octets && !why->len; at++)
		for (enum play_stop how = PLAY_STOP_EOF; how <= PLAY_STOP_421; how++)
			play_stopped(d, a, at, how, why);
}

/* ---- all of them ------------------------------------------------------------------------ */

static bool play_file(const char *path, const char *work, size_t number)
{
	struct dialogue d;
	AUTO(strbuf) why = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO_FREE char *dir = xasprintf("%s/%zu", work, number);
	bool readable = dialogue_read(&d, path, &err);
	if (!readable || mkdir(dir, 0700) != 0) {
		strbuf_addf(&why, "%s\n", err.status.text ? err.status.text : strerror(errno));
	} else {
		struct adapted a;
		if (adapter_prepare(&a, &d, dir, &err))
			play_prepared(&d, &a, &why);
		else
			strbuf_addf(&why, "%s\n", err.status.text);
		adapter_release(&a);
	}
	(void)printf("%sok %zu - %s: %s\n", why.len ? "not " : "", number, d.name, d.title ? d.title : path);
	struct span rest = strbuf_span(&why), line;
	while (why.len && span_split(&rest, '\n', &line))
		(void)printf("# %.*s\n", SPAN_FMT(line));
	dialogue_release(&d);
	return why.len == 0;
}

static void remove_folder(const char *path)
{
	pid_t pid = fork();
	if (pid == 0) {
		(void)execlp("rm", "rm", "-rf", "--", path, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	AUTO(strvec) files = STRVEC_INIT;
	const char *tmp = getenv("TMPDIR");
	AUTO_FREE char *work = xasprintf("%s/dialogues.XXXXXX", tmp ? tmp : "/tmp");
	bool good = true;
	(void)umask(077);
	dialogue_files(&files, DIALOGUE_IN_MEMORY, argc, argv);
	if (!files.n || !mkdtemp(work)) {
		(void)printf("Bail out! no dialogues, or no folder\n");
		return 1;
	}
	(void)printf("1..%zu\n", files.n);
	for (size_t i = 0; i < files.n; i++)
		good &= play_file(files.v[i], work, i + 1);
	remove_folder(work);
	return good ? 0 : 1;
}
