/* SPDX-License-Identifier: GPL-3.0-or-later */
/* result_json: a delivery_result as members of a JSON object, which has all keys whatever happened. */
#ifndef TRANSPORT_RESULT_JSON_H
#define TRANSPORT_RESULT_JSON_H

#include "base/json.h"
#include "transport/result.h"

/* The keys of the status of the message: err (NULL: none), else its leading failure, else the reply that accepted it.
 */
void delivery_result_json_status(const struct delivery_result *r, const struct error *err, struct json *j);
/* Server, recipients, connection and times.  env names the recipients; NULL: there are none. */
void delivery_result_json(const struct delivery_result *r, const struct envelope *env, struct json *j);

#endif
