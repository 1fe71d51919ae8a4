/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_health: is all well with the queue?  Pure.
 *
 * Stuck is what somebody must look after: a message held until the
 * configuration changes, one that is over and could not be reported, one that
 * cannot be read, one that waits for longer than QUEUE_HEALTH_AGE although it
 * may go.  Messages that the user holds, or asked to be sent later, are fine.
 */
#ifndef CLI_QUEUE_HEALTH_H
#define CLI_QUEUE_HEALTH_H

#include "base/json.h"
#include "cli/queue_list.h"

#define QUEUE_HEALTH_AGE (4 * 3600) /* seconds: as long as other programs wait with the first warning */

struct queue_health {
	size_t queued, held_by_user, held_to_fix, failed, damaged;
	size_t late;	/* of the queued: older than QUEUE_HEALTH_AGE */
	int64_t oldest; /* age in seconds of the oldest queued message, 0: none */
};

void queue_health_count(struct queue_health *health, const struct queue_view *view);
bool queue_health_stuck(const struct queue_health *health);
/* One line without its end, in the format of monitoring plugins: verdict, numbers, and after a bar the numbers for
 * them. */
void queue_health_line(const struct queue_health *health, struct strbuf *out);
void queue_health_json(const struct queue_health *health, struct json *j);

#endif
