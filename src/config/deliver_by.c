/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/deliver_by.h"

#include "base/i18n.h"
#include "config/expected.h"

#include <inttypes.h>

static bool parse_seconds(struct span text, int64_t *out)
{
	static const struct {
		char letter;
		int64_t factor;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	int64_t factor = 1, sign = 1;
	unsigned long long number;
	if (text.len && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
		sign = text.ptr[0] == '-' ? -1 : 1;
		text = span_sub(text, 1, text.len);
	}
	for (size_t i = 0; text.len && i < ARRAY_SIZE(units); i++)
		if (ascii_lower(text.ptr[text.len - 1]) == units[i].letter) {
			factor = units[i].factor;
			text.len--;
			break;
		}
	if (!span_to_u64(text, &number) || number > (unsigned long long)(DELIVER_BY_MAX / factor))
		return false;
	*out = sign * (int64_t)number * factor;
	return true;
}

static bool take_words(struct span rest, struct deliver_by *by)
{
	bool mode = false;
	struct span word;
	while (span_split(&rest, ',', &word)) {
		word = span_trim(word);
		bool notify = span_equals_str_nocase(word, "notify");
		if (notify || span_equals_str_nocase(word, "return")) {
			if (mode || by->trace)
				return false;
			mode = true;
			by->notify = notify;
		} else if (!by->trace && span_equals_str_nocase(word, "trace")) {
			by->trace = true;
		} else {
			return false;
		}
	}
	return true;
}

bool deliver_by_parse(struct span text, struct deliver_by *out, struct error *err)
{
	struct deliver_by by = {.wanted = true};
	struct span rest = text, time;
	if (span_equals_str(text, "off")) {
		*out = (struct deliver_by){.wanted = false};
		return true;
	}
	if (!span_split(&rest, ',', &time) || !parse_seconds(span_trim(time), &by.seconds) || !take_words(rest, &by))
		return check_expected(
			err,
			_("off, or seconds, optionally followed by return or notify and by trace, such as 3600,notify"),
			text);
	if (!by.notify && by.seconds <= 0)
		return check_expected(err, _("more than 0 seconds, because a late message is returned"), text);
	*out = by;
	return true;
}

bool check_deliver_by(struct span text, struct strbuf *canonical, struct error *err)
{
	struct deliver_by by;
	if (!deliver_by_parse(text, &by, err))
		return false;
	if (by.wanted)
		strbuf_addf(canonical, "%" PRId64 ",%s%s", by.seconds, by.notify ? "notify" : "return",
			    by.trace ? ",trace" : "");
	else
		strbuf_adds(canonical, "off");
	return true;
}
