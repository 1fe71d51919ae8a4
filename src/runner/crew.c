/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/crew.h"

#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NONE SIZE_MAX

/* In memory that all processes share.  Nothing is ever locked, so a process may end at any point. */
struct shared {
	atomic_size_t first;	     /* all jobs before this one were handed out */
	atomic_uint at_work;	     /* workers that have not ended ... */
	atomic_uint wanted;	     /* ... and how many are to go on */
	atomic_bool stop;	     /* no more jobs */
	atomic_bool returned;	     /* some job was given back, and may be before the first */
	atomic_size_t job[CREW_MAX]; /* at hand, of each worker, or NONE */
	atomic_bool given[];	     /* each job: some worker has it or had it */
};

struct crew_worker {
	struct shared *shared;
	size_t jobs, number;
	int report; /* write end of its pipe */
	bool leaves;
	size_t *returned; /* jobs that are to be given back */
	size_t n, cap;
};

/* ---- jobs ------------------------------------------------------------------ */

static size_t take_from(struct crew_worker *w, size_t first)
{
	struct shared *s = w->shared;
	for (size_t i = first; i < w->jobs && !atomic_load(&s->stop); i++) {
		bool free = false;
		size_t before = i;
		atomic_store(&s->job[w->number], i); /* first: if this process dies in between, nothing is lost */
		bool taken = atomic_compare_exchange_strong(&s->given[i], &free, true);
		(void)atomic_compare_exchange_strong(&s->first, &before, i + 1);
		if (taken)
			return i;
	}
	atomic_store(&s->job[w->number], NONE);
	return NONE;
}

/* NONE: there is none left. */
static size_t take_job(struct crew_worker *w)
{
	size_t job = take_from(w, atomic_load(&w->shared->first));
	return job == NONE && atomic_load(&w->shared->returned) ? take_from(w, 0) : job;
}

static void return_jobs(struct crew_worker *w)
{
	struct shared *s = w->shared;
	for (size_t i = 0; i < w->n; i++)
		atomic_store(&s->given[w->returned[i]], false);
	if (w->n)
		atomic_store(&s->returned, true);
	w->n = 0;
}

/* True if one worker fewer is at work, and at least so many others still are. */
static bool leave_to(struct shared *s, unsigned others)
{
	unsigned n = atomic_load(&s->at_work);
	while (n > others)
		if (atomic_compare_exchange_weak(&s->at_work, &n, n - 1))
			return true;
	return false;
}

bool crew_leave(struct crew_worker *w, bool gives_back)
{
	w->leaves = w->leaves || leave_to(w->shared, 1);
	if (w->leaves && gives_back)
		crew_give_back(w, atomic_load(&w->shared->job[w->number]));
	return w->leaves;
}

void crew_give_back(struct crew_worker *w, size_t job)
{
	GROW(w->returned, w->n, w->cap);
	w->returned[w->n++] = job;
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

static void write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) /* the parent has died */
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

void crew_send(struct crew_worker *w, struct span record)
{
	AUTO(strbuf) bytes = STRBUF_INIT;
	uint32_t len = (uint32_t)record.len;
	strbuf_add(&bytes, &len, sizeof(len));
	strbuf_add_span(&bytes, record);
	write_all(w->report, bytes.buf, bytes.len);
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

static void do_jobs(const struct crew_task *task, struct crew_worker *w)
{
	for (size_t job; !w->leaves && (job = take_job(w)) != NONE;) {
		bool goes_on = task->work(task->arg, w, job);
		return_jobs(w);
		atomic_store(&w->shared->job[w->number], NONE);
		if (!goes_on)
			break;
		if (!w->leaves)
			w->leaves = leave_to(w->shared, atomic_load(&w->shared->wanted));
	}
	if (!w->leaves)
		(void)atomic_fetch_sub(&w->shared->at_work, 1);
	w->leaves = true;
}

static _Noreturn void become_worker(const struct crew_task *task, struct crew_worker *w, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);
	if (task->begin)
		task->begin(task->arg, w);
	do_jobs(task, w);
	if (task->end)
		task->end(task->arg);
	return_jobs(w);
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
	size_t size;
	struct member members[CREW_MAX];
	size_t n, alive;
};

static bool start_worker(struct crew *crew, size_t number)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid_t parent = getpid(), pid;
	atomic_store(&crew->shared->job[number], NONE);
	(void)fflush(NULL); /* else the child would print it once more */
	pid = fork();
	if (pid == 0) {
		struct crew_worker w = {crew->shared, crew->task->jobs, number, ends[1], false, NULL, 0, 0};
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
	size_t job = atomic_load(&s->job[number]);
	bool known = job != NONE && atomic_load(&s->given[job]);
	if (known)
		crew->task->crashed(crew->task->arg, job, ended);
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
		bool given = atomic_load(&crew->shared->given[i]);
		n += !given;
		if (task->done)
			task->done[i] = given;
	}
	return n;
}

size_t crew_run(const struct crew_task *task)
{
	struct crew crew = {.task = task, .size = sizeof(struct shared) + task->jobs * sizeof(atomic_bool)};
	unsigned workers = task->workers < CREW_MAX ? task->workers : CREW_MAX;
	if (workers > task->jobs)
		workers = (unsigned)task->jobs;
	void *shared = mmap(NULL, crew.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return task->jobs;
	crew.shared = shared;
	atomic_store(&crew.shared->wanted, CREW_MAX);
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
	(void)munmap(shared, crew.size);
	return undone;
}
