/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_health: is all well with the queue?  Pure.
 *
 * The queue is stuck if a message needs somebody's attention: it is held until the configuration changes, it failed for
 * good and that could not be reported, it cannot be read, or it has been waiting for longer than QUEUE_HEALTH_AGE.
 * Messages that the user holds, or asked to be sent later, are fine.
 */
#ifndef QUEUE_QUEUE_HEALTH_H
#define QUEUE_QUEUE_HEALTH_H

#include "base/json.h"
#include "queue/queue_list.h"

#define QUEUE_HEALTH_AGE (4 * 3600) /* seconds: other programs send their first warning after that time, too */

struct queue_health {
	size_t queued, held_by_user, held_to_fix, failed, damaged;
	size_t late;	/* of the queued: older than QUEUE_HEALTH_AGE */
	int64_t oldest; /* age in seconds of the oldest queued message, 0: none */
};

void queue_health_count(struct queue_health *health, const struct queue_view *view);
bool queue_health_stuck(const struct queue_health *health);
/* One line without its end, in the format of monitoring plugins: verdict and numbers for people, and after "|" the
 * numbers for programs. */
void queue_health_line(const struct queue_health *health, struct strbuf *out);
/* Adds the numbers to the object that is open. */
void queue_health_json(const struct queue_health *health, struct json *j);

#endif
