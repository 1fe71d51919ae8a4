/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json: writes JSON (RFC 8259) into a strbuf, with commas and escapes.  Bytes that are not UTF-8 are replaced by
 * U+FFFD.
 *
 *	struct json j = JSON_INIT(&out);
 *	json_object(&j, NULL);
 *	json_string(&j, "outcome", "accepted");
 *	json_array(&j, "recipients");
 *	json_string(&j, NULL, "bob@example.org");
 *	json_end(&j);
 *	json_end(&j);
 *
 * key is NULL inside arrays and at the top.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/strbuf.h"
#include "base/strvec.h"

#include <stdint.h>

#define JSON_DEPTH 16

struct json {
	struct strbuf *out;
	unsigned depth;
	char close[JSON_DEPTH];
	bool filled[JSON_DEPTH + 1]; /* there is already a member at this depth */
};
#define JSON_INIT(sb) ((struct json){.out = (sb)})

void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end(struct json *j);
void json_span(struct json *j, const char *key, struct span value);
/* NULL writes null. */
void json_string(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, long long value);
void json_bool(struct json *j, const char *key, bool value);
/* Writes null where the value is not known. */
void json_known(struct json *j, const char *key, bool known, bool value);
/* An array of strings; NULL: an empty one. */
void json_list(struct json *j, const char *key, const struct strvec *list);
/* A point in time (seconds since 1970), the one form of all our output: KEY is text, "2026-11-22T10:30:00Z", and
 * KEY_unix the number.  0, which is "never", writes null for both; KEY is null, too, for a year that has more than four
 * digits. */
void json_time(struct json *j, const char *key, int64_t when);

#endif
