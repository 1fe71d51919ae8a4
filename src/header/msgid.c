/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "header/msgid.h"

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 section 6, in lower case */

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

	size_t before = out->len;
	for (; domain && *domain; domain++) /* without characters that could end the id or the line */
		if (ascii_isalnum(*domain) || strchr("-._:[]", *domain))
			strbuf_addch(out, *domain);
	if (out->len == before)
		strbuf_adds(out, "localhost");
	strbuf_addch(out, '>');
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
