/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/delivery_request.h"

struct delivery_request delivery_request_make(const struct runtime *runtime, const struct account *account,
					      struct delivery_task task)
{
	return (struct delivery_request){
		.account = account,
		.runtime = runtime,
		.task = task,
		.may_prompt = true,
		.detail = task.kind == DELIVERY_LOOK,
	};
}

const struct envelope *delivery_task_envelope(const struct delivery_task *task)
{
	switch (task->kind) {
	case DELIVERY_SEND: return task->message->env;
	case DELIVERY_VERIFY: return task->envelope;
	default: return NULL;
	}
}
