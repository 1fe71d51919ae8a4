/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/crew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS 200

enum deed { DO, CRASH, EXIT, STOP, GIVE_BACK, LEAVE, END };
#define AT_HAND 4

/* What the parent has learned. */
struct learned {
	enum deed first[JOBS]; /* what a worker does that gets the job for the first time */
	unsigned done[JOBS], crashed[JOBS], returned;
	bool kept; /* some worker was not allowed to leave */
	bool done_jobs[JOBS];
	int ended;
};

struct record {
	size_t job;
	bool returned, kept;
};

static bool work(void *arg, struct crew_worker *worker, size_t job)
{
	const struct learned *l = arg;
	struct record record = {.job = job};
	switch (l->first[job]) {
	case CRASH: (void)raise(SIGKILL); break;
	case EXIT: _exit(3);
	case STOP: crew_stop(worker); break;
	case GIVE_BACK: record.returned = crew_leave(worker); break;
	case LEAVE: record.kept = !crew_leave(worker); break;
	default: break;
	}
	record.kept |= l->first[job] == GIVE_BACK && !record.returned;
	(record.returned ? crew_give_back : crew_done)(worker, job);
	crew_send(worker, span_make((const char *)&record, sizeof(record)));
	return l->first[job] != END;
}

/* ---- several at hand: the oldest is completed when so many are, and all when no further one is to be had ---- */

static size_t at_hand[AT_HAND], n_at_hand; /* in a worker */

static void complete_oldest(struct learned *l, struct crew_worker *worker)
{
	struct record record = {.job = at_hand[0]};
	memmove(at_hand, at_hand + 1, --n_at_hand * sizeof(*at_hand));
	record.returned = l->first[record.job] == GIVE_BACK;
	l->first[record.job] = DO;
	(record.returned ? crew_give_back : crew_done)(worker, record.job);
	crew_send(worker, span_make((const char *)&record, sizeof(record)));
}

static bool begin_work(void *arg, struct crew_worker *worker, size_t job)
{
	struct learned *l = arg;
	assert_true(n_at_hand < AT_HAND);
	at_hand[n_at_hand++] = job;
	if (l->first[job] == CRASH)
		(void)raise(SIGKILL);
	if (l->first[job] == LEAVE)
		(void)crew_leave(worker);
	if (n_at_hand == AT_HAND)
		complete_oldest(l, worker);
	return true;
}

static void settle(void *arg, struct crew_worker *worker)
{
	while (n_at_hand)
		complete_oldest(arg, worker);
}

static void take(void *arg, struct span bytes)
{
	struct learned *l = arg;
	struct record record;
	assert_int_equal(bytes.len, sizeof(record));
	memcpy(&record, bytes.ptr, sizeof(record));
	l->done[record.job] += !record.returned;
	l->returned += record.returned;
	l->kept |= record.kept;
}

static void crashed(void *arg, size_t job, int ended)
{
	struct learned *l = arg;
	l->crashed[job]++;
	l->ended = ended;
}

static size_t run(struct learned *l, unsigned workers, size_t jobs)
{
	struct crew_task task = {.workers = workers,
				 .jobs = jobs,
				 .done = l->done_jobs,
				 .arg = l,
				 .work = work,
				 .take = take,
				 .crashed = crashed,
				 .stop_fd = -1};
	return crew_run(&task);
}

static void each_job_is_done_once(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 9; workers += 4) {
		struct learned l = {.ended = 0};
		assert_int_equal(run(&l, workers, JOBS), 0);
		for (size_t i = 0; i < JOBS; i++)
			assert_true(l.done[i] == 1 && l.done_jobs[i]);
	}
}

static void a_crash_costs_one_job(void **state)
{
	(void)state;
	struct learned l = {.first = {[3] = CRASH, [4] = CRASH, [JOBS - 1] = EXIT}};
	assert_int_equal(run(&l, 3, JOBS), 0);
	for (size_t i = 0; i < JOBS; i++) {
		assert_int_equal(l.crashed[i], l.first[i] != DO);
		assert_int_equal(l.done[i], l.first[i] == DO);
	}
	assert_true(WIFSIGNALED(l.ended) || WEXITSTATUS(l.ended) == 3);
}

/* Whoever gets the job that is given back gives it back, too, until one is left, which has to do it. */
static void the_last_one_cannot_leave(void **state)
{
	(void)state;
	struct learned l = {.first = {[0] = GIVE_BACK}};
	size_t undone = run(&l, 4, JOBS);
	assert_true(l.returned >= 1 && l.returned <= 3);
	assert_int_equal(undone, !l.done_jobs[0]); /* the others may have ended before it was given back */
	assert_int_equal(l.done[0], l.done_jobs[0]);
	assert_int_equal(l.kept, l.done_jobs[0]);
	for (size_t i = 1; i < JOBS; i++)
		assert_int_equal(l.done[i], 1);
}

static void who_leaves_has_done_its_job(void **state)
{
	(void)state;
	struct learned l = {.first = {[0] = LEAVE, [1] = LEAVE, [2] = LEAVE, [3] = LEAVE}};
	assert_int_equal(run(&l, 3, JOBS), 0);
	assert_true(l.kept);
	for (size_t i = 0; i < JOBS; i++)
		assert_int_equal(l.done[i], 1);
}

static void what_is_not_handed_out_is_known(void **state)
{
	(void)state;
	static const enum deed deeds[] = {STOP, END};
	for (size_t d = 0; d < ARRAY_SIZE(deeds); d++) {
		struct learned l = {.first = {[5] = deeds[d]}};
		size_t undone = run(&l, 1, JOBS);
		assert_int_equal(undone, JOBS - 6);
		for (size_t i = 0; i < JOBS; i++)
			assert_true(l.done_jobs[i] == (i < 6) && l.done[i] == (i < 6));
	}
}

static size_t run_several(struct learned *l, unsigned workers)
{
	struct crew_task task = {.workers = workers,
				 .jobs = JOBS,
				 .at_hand = AT_HAND,
				 .done = l->done_jobs,
				 .arg = l,
				 .work = begin_work,
				 .settle = settle,
				 .take = take,
				 .crashed = crashed,
				 .stop_fd = -1};
	return crew_run(&task);
}

static void several_at_hand_are_each_done_once(void **state)
{
	(void)state;
	for (unsigned workers = 1; workers <= 5; workers += 2) {
		struct learned l = {.first = {[0] = GIVE_BACK, [3] = GIVE_BACK, [7] = LEAVE, [JOBS - 1] = GIVE_BACK}};
		size_t undone = run_several(&l, workers);
		assert_true(l.returned >= 3 - undone);
		assert_true(undone <= 1 + (workers > 1)); /* the others may have ended before it was given back */
		for (size_t i = 0; i < JOBS; i++)
			assert_int_equal(l.done[i], l.done_jobs[i]);
	}
}

static void a_crash_costs_those_at_hand(void **state)
{
	(void)state;
	struct learned l = {.first = {[5] = CRASH, [100] = CRASH, [JOBS - 1] = CRASH}};
	unsigned lost = 0;
	assert_int_equal(run_several(&l, 2), 0);
	for (size_t i = 0; i < JOBS; i++) {
		assert_int_equal(l.done[i] + l.crashed[i], 1);
		lost += l.crashed[i];
	}
	assert_true(l.crashed[5] && l.crashed[100] && l.crashed[JOBS - 1]);
	assert_true(lost > 3 && lost <= 3 * AT_HAND);
}

/* ---- fewer workers are wanted ---- */

struct meeting {
	atomic_bool met, again, ended, tried, left;
};

static bool meet(void *arg, struct crew_worker *worker, size_t job)
{
	struct meeting *m = arg;
	if (job == 0) { /* over a connection that works */
		while (!atomic_load(&m->met))
			(void)sched_yield();
		crew_proven(worker);
		crew_shrink(worker);
	} else if (job == 1) { /* over one that is refused, once the other has gone on, or left */
		atomic_store(&m->met, true);
		while (!atomic_load(&m->again) && !atomic_load(&m->ended))
			(void)sched_yield();
		atomic_store(&m->left, crew_leave(worker));
		atomic_store(&m->tried, true);
	} else {
		atomic_store(&m->again, true);
		while (!atomic_load(&m->tried))
			(void)sched_yield();
	}
	crew_done(worker, job);
	return true;
}

static void one_ends(void *arg)
{
	atomic_store(&((struct meeting *)arg)->ended, true);
}

static void take_nothing(void *arg, struct span record)
{
	(void)arg;
	(void)record;
}

static void the_one_that_works_stays(void **state)
{
	(void)state;
	struct meeting *m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(m, MAP_FAILED);
	struct crew_task task = {
		.workers = 2, .jobs = 3, .arg = m, .work = meet, .end = one_ends, .take = take_nothing, .stop_fd = -1};
	assert_int_equal(crew_run(&task), 0);
	assert_true(atomic_load(&m->again) && atomic_load(&m->left));
	(void)munmap(m, sizeof(*m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_job_is_done_once),	   cmocka_unit_test(a_crash_costs_one_job),
		cmocka_unit_test(the_last_one_cannot_leave),	   cmocka_unit_test(who_leaves_has_done_its_job),
		cmocka_unit_test(what_is_not_handed_out_is_known), cmocka_unit_test(several_at_hand_are_each_done_once),
		cmocka_unit_test(a_crash_costs_those_at_hand),	   cmocka_unit_test(the_one_that_works_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
