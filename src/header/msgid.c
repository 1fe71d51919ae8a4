/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "header/msgid.h"

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 section 6, in lower case */

static bool is_dot_atom(struct span text)
{
	struct span label;
	while (span_split(&text, '.', &label)) {
		if (!label.len)
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (!ascii_isalnum(label.ptr[i]) && label.ptr[i] != '-' && label.ptr[i] != '_')
				return false;
	}
	return true;
}

/* A domain, or an address literal.  Leaving out what does not belong there would make it the name of another host. */
static bool is_id_right(const char *domain)
{
	size_t n = strlen(domain);
	if (domain[0] == '[')
		return n > 2 && strspn(domain + 1, "0123456789abcdefABCDEFIPv:.") == n - 2 && domain[n - 1] == ']';
	return n && is_dot_atom(span_make(domain, n));
}

/*	msg-id   = "<" id-left "@" id-right ">"		RFC 5322 section 3.6.4
 *	id-right = dot-atom-text / no-fold-literal */
void msgid_make(struct strbuf *out, const struct rng *rng, const char *domain)
{
	unsigned char random[16];
	rng->fill(rng, random, sizeof(random));

	strbuf_addch(out, '<');
	unsigned held = 0;
	int bits = 0;
	for (size_t i = 0; i < sizeof(random); i++) {
		held = (held << 8 | random[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			strbuf_addch(out, base32[held >> (bits - 5) & 31]);
	}
	strbuf_addch(out, base32[held << (5 - bits) & 31]);
	strbuf_addch(out, '@');

	strbuf_addf(out, "%s>", domain && is_id_right(domain) ? domain : "localhost");
}

void date_make(struct strbuf *out, time_t when)
{
	static const char day[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char month[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm;

	if (!localtime_r(&when,
			 &tm)) { /* the year does not fit into an int: the clock is wrong, but the mail is fine */
		when = 0;
		(void)gmtime_r(&when, &tm);
	}
	long minutes = tm.tm_gmtoff / 60;
	char sign = minutes < 0 ? '-' : '+';
	minutes = minutes < 0 ? -minutes : minutes;
	strbuf_addf(out, "%s, %d %s %04ld %02d:%02d:%02d %c%02ld%02ld", day[tm.tm_wday], tm.tm_mday, month[tm.tm_mon],
		    tm.tm_year + 1900L, tm.tm_hour, tm.tm_min, tm.tm_sec, sign, minutes / 60, minutes % 60);
}
