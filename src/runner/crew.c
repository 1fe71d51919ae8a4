/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/crew.h"

#include "base/fsutil.h"
#include "base/process.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NONE SIZE_MAX

/* In memory that all processes share.  Nothing is ever locked, so a process may end at any point. */
struct shared {
	atomic_size_t first;   /* all jobs before this one were handed out */
	atomic_uint at_work;   /* workers that have not ended ... */
	atomic_uint wanted;    /* ... and how many are to go on */
	atomic_uint proven;    /* how many of those at work have said crew_proven() */
	atomic_bool stop;      /* no more jobs */
	atomic_bool returned;  /* some job was given back, and may be before the first */
	atomic_size_t slots[]; /* of each worker as many as jobs may be at hand: one of them, or NONE */
			       /* then an atomic_bool for each job: some worker has it or had it */
};

struct crew_worker {
	struct shared *shared;
	atomic_bool *given;   /* of shared */
	atomic_size_t *slots; /* of shared, its own */
	size_t jobs, at_hand;
	int report; /* write end of its pipe */
	bool leaves, proven;
};

/* ---- jobs ------------------------------------------------------------------ */

/* Where the job stands among those at hand; of NONE: a free place, or NULL. */
static atomic_size_t *slot_of(const struct crew_worker *w, size_t job)
{
	for (size_t i = 0; i < w->at_hand; i++)
		if (atomic_load(&w->slots[i]) == job)
			return &w->slots[i];
	return NULL;
}

static bool any_at_hand(const struct crew_worker *w)
{
	for (size_t i = 0; i < w->at_hand; i++)
		if (atomic_load(&w->slots[i]) != NONE)
			return true;
	return false;
}

static void clear_slots(struct crew_worker *w)
{
	for (size_t i = 0; i < w->at_hand; i++)
		atomic_store(&w->slots[i], NONE);
}

static size_t take_from(struct crew_worker *w, size_t first, atomic_size_t *slot)
{
	struct shared *s = w->shared;
	for (size_t i = first; i < w->jobs && !atomic_load(&s->stop); i++) {
		bool free = false;
		size_t before = i;
		atomic_store(slot, i); /* first: if this process dies in between, nothing is lost */
		bool taken = atomic_compare_exchange_strong(&w->given[i], &free, true);
		(void)atomic_compare_exchange_strong(&s->first, &before, i + 1);
		if (taken)
			return i;
	}
	atomic_store(slot, NONE);
	return NONE;
}

/* NONE: there is none left, or as many are at hand as may be. */
static size_t take_job(struct crew_worker *w)
{
	atomic_size_t *slot = slot_of(w, NONE);
	if (!slot)
		return NONE;
	size_t job = take_from(w, atomic_load(&w->shared->first), slot);
	return job == NONE && atomic_load(&w->shared->returned) ? take_from(w, 0, slot) : job;
}

void crew_done(struct crew_worker *w, size_t job)
{
	atomic_size_t *slot = slot_of(w, job);
	if (slot)
		atomic_store(slot, NONE);
}

void crew_give_back(struct crew_worker *w, size_t job)
{
	crew_done(w, job);
	atomic_store(&w->given[job], false);
	atomic_store(&w->shared->returned, true);
}

/* One fewer, if at least so many are left then. */
static bool lower(atomic_uint *number, unsigned least)
{
	unsigned n = atomic_load(number);
	while (n > least)
		if (atomic_compare_exchange_weak(number, &n, n - 1))
			return true;
	return false;
}

/* True if one worker fewer is at work, and at least so many others still are. */
static bool leave_to(struct crew_worker *w, unsigned others)
{
	if (!lower(&w->shared->at_work, others))
		return false;
	if (w->proven)
		(void)lower(&w->shared->proven, 0);
	w->proven = false;
	return true;
}

/* Leaves if there are more workers than are wanted; one that is proven only if other proven ones are enough, and not
 * for one that may be refused yet. */
static bool leave_if_spare(struct crew_worker *w)
{
	unsigned wanted = atomic_load(&w->shared->wanted);
	if (!w->proven)
		return leave_to(w, wanted);
	if (!lower(&w->shared->proven, wanted))
		return false;
	w->proven = false;
	return leave_to(w, wanted);
}

void crew_proven(struct crew_worker *w)
{
	if (!w->proven && !w->leaves)
		(void)atomic_fetch_add(&w->shared->proven, 1);
	w->proven = !w->leaves;
}

bool crew_leave(struct crew_worker *w)
{
	if (!w->leaves)
		w->leaves = leave_to(w, 1);
	return w->leaves;
}

void crew_quit(struct crew_worker *w)
{
	w->leaves = w->leaves || leave_to(w, 0);
}

void crew_shrink(struct crew_worker *w)
{
	atomic_store(&w->shared->wanted, 1);
}

void crew_stop(struct crew_worker *w)
{
	atomic_store(&w->shared->stop, true);
}

/* ---- records: their length, then the bytes --------------------------------- */

void crew_send(struct crew_worker *w, struct span record)
{
	AUTO(strbuf) bytes = STRBUF_INIT;
	uint32_t len = (uint32_t)record.len;
	strbuf_add(&bytes, &len, sizeof(len));
	strbuf_add_span(&bytes, record);
	(void)!fs_write_all(w->report, strbuf_span(&bytes)); /* else the parent has died */
}

static void take_records(const struct crew_task *task, struct strbuf *bytes)
{
	size_t at = 0;
	uint32_t len;
	while (bytes->len - at >= sizeof(len)) {
		memcpy(&len, bytes->buf + at, sizeof(len));
		if (bytes->len - at - sizeof(len) < len)
			break;
		task->take(task->arg, span_make(bytes->buf + at + sizeof(len), len));
		at += sizeof(len) + len;
	}
	strbuf_remove(bytes, 0, at);
}

/* ---- a worker -------------------------------------------------------------- */

static void settle(const struct crew_task *task, struct crew_worker *w)
{
	if (task->settle)
		task->settle(task->arg, w);
	clear_slots(w);
}

static void do_jobs(const struct crew_task *task, struct crew_worker *w)
{
	for (bool on = true; on && !w->leaves;) {
		size_t job = take_job(w);
		if (job == NONE && !any_at_hand(w))
			break;
		if (job == NONE) /* some of those at hand may be given back */
			settle(task, w);
		else
			on = task->work(task->arg, w, job);
		if (on && !w->leaves)
			w->leaves = leave_if_spare(w);
	}
	settle(task, w);
	if (!w->leaves)
		(void)leave_to(w, 0);
	w->leaves = true;
}

static _Noreturn void become_worker(const struct crew_task *task, struct crew_worker *w, pid_t parent)
{
	process_ends_with_parent(SIGTERM);
	if (getppid() != parent)
		_exit(0);
	if (task->begin)
		task->begin(task->arg, w);
	do_jobs(task, w);
	if (task->end)
		task->end(task->arg);
	_exit(0);
}

/* ---- the parent ------------------------------------------------------------ */

struct member {
	pid_t pid;
	int report; /* read end; -1: it has ended */
	struct strbuf bytes;
};

struct crew {
	const struct crew_task *task;
	struct shared *shared;
	atomic_bool *given; /* of shared */
	size_t size, at_hand;
	struct member members[CREW_MAX];
	size_t n, alive;
};

static bool start_worker(struct crew *crew, size_t number)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid_t parent = getpid(), pid;
	struct crew_worker w = {.shared = crew->shared,
				.given = crew->given,
				.slots = crew->shared->slots + number * crew->at_hand,
				.jobs = crew->task->jobs,
				.at_hand = crew->at_hand,
				.report = ends[1]};
	clear_slots(&w);
	(void)fflush(NULL); /* else the child would print it once more */
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		for (size_t i = 0; i < crew->n; i++)
			if (i != number && crew->members[i].report >= 0)
				(void)close(crew->members[i].report);
		become_worker(crew->task, &w, parent);
	}
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return false;
	}
	crew->members[number].pid = pid;
	crew->members[number].report = ends[0];
	crew->alive++;
	return true;
}

/* Another worker takes its place, unless it had no job at hand: then that one would crash, too. */
static void note_crash(struct crew *crew, size_t number, int ended)
{
	struct shared *s = crew->shared;
	bool known = false;
	for (size_t i = 0; i < crew->at_hand; i++) {
		size_t job = atomic_load(&s->slots[number * crew->at_hand + i]);
		if (job == NONE || !atomic_load(&crew->given[job]))
			continue;
		known = true;
		crew->task->crashed(crew->task->arg, job, ended);
	}
	if (!known || atomic_load(&s->stop) || !start_worker(crew, number))
		(void)atomic_fetch_sub(&s->at_work, 1);
}

static void end_member(struct crew *crew, size_t number)
{
	struct member *m = &crew->members[number];
	int ended = 0;
	pid_t got;
	(void)close(m->report);
	m->report = -1;
	crew->alive--;
	strbuf_reset(&m->bytes); /* a crash may have left half a record */
	while ((got = waitpid(m->pid, &ended, 0)) < 0 && errno == EINTR)
		;
	if (got == m->pid && ended != 0)
		note_crash(crew, number, ended);
}

static void read_member(struct crew *crew, size_t number)
{
	struct member *m = &crew->members[number];
	strbuf_grow(&m->bytes, 4096);
	ssize_t n = read(m->report, m->bytes.buf + m->bytes.len, 4096);
	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		end_member(crew, number);
		return;
	}
	strbuf_setlen(&m->bytes, m->bytes.len + (size_t)n);
	take_records(crew->task, &m->bytes);
}

static void wait_for_all(struct crew *crew)
{
	const struct crew_task *task = crew->task;
	struct pollfd fds[CREW_MAX + 1];
	while (crew->alive) {
		bool stop = atomic_load(&crew->shared->stop);
		fds[crew->n] = (struct pollfd){stop ? -1 : task->stop_fd, POLLIN, 0};
		for (size_t i = 0; i < crew->n; i++)
			fds[i] = (struct pollfd){crew->members[i].report, POLLIN, 0};
		if (poll(fds, crew->n + 1, -1) < 0)
			continue;
		if (fds[crew->n].revents && task->stopped(task->arg))
			atomic_store(&crew->shared->stop, true);
		for (size_t i = 0; i < crew->n; i++)
			if (fds[i].revents)
				read_member(crew, i);
	}
}

static size_t note_undone(const struct crew *crew)
{
	const struct crew_task *task = crew->task;
	size_t n = 0;
	for (size_t i = 0; i < task->jobs; i++) {
		bool given = atomic_load(&crew->given[i]);
		n += !given;
		if (task->done)
			task->done[i] = given;
	}
	return n;
}

/* False: there is no memory. */
static bool make_shared(struct crew *crew, unsigned workers)
{
	size_t slots = (size_t)workers * crew->at_hand;
	crew->size = sizeof(struct shared) + slots * sizeof(atomic_size_t) + crew->task->jobs * sizeof(atomic_bool);
	void *shared = mmap(NULL, crew->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return false;
	crew->shared = shared;
	crew->given = (atomic_bool *)(void *)(crew->shared->slots + slots);
	atomic_store(&crew->shared->wanted, CREW_MAX);
	return true;
}

size_t crew_run(const struct crew_task *task)
{
	struct crew crew = {.task = task, .at_hand = task->at_hand ? task->at_hand : 1};
	unsigned workers = task->workers < CREW_MAX ? task->workers : CREW_MAX;
	if (workers > task->jobs)
		workers = (unsigned)task->jobs;
	if (!make_shared(&crew, workers))
		return task->jobs;
	for (size_t i = 0; i < CREW_MAX; i++)
		crew.members[i] = (struct member){.report = -1, .bytes = STRBUF_INIT};
	atomic_store(&crew.shared->at_work, workers); /* before the first: it is not to believe that it is alone */
	while (crew.n < workers && start_worker(&crew, crew.n))
		crew.n++;
	(void)atomic_fetch_sub(&crew.shared->at_work, workers - (unsigned)crew.n);
	wait_for_all(&crew);
	size_t undone = note_undone(&crew);
	for (size_t i = 0; i < crew.n; i++)
		strbuf_release(&crew.members[i].bytes);
	(void)munmap(crew.shared, crew.size);
	return undone;
}
