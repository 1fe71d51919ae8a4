/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For any header: nothing but an address is refused; the result of header_encode_block() for a server without 8BITMIME
 * is ASCII, stays as it is when it is encoded again, has the same fields of ASCII, and is a small multiple of the
 * input. Where nothing has to be left raw for a server with 8BITMIME, both results are the same, have lines of at most
 * 998 octets, and display the same text. What is displayed is found out by a decoder of its own, which shares no code
 * with the encoder.
 */
#include "fuzz.h"

#include "fuzz_words.h"

#include "base/utf8.h"
#include "base/xalloc.h"
#include "header/header_encode.h"
#include "header/header_scan.h"

/* ---- encoded-words ------------------------------------------------------------ */

/* Displays one word: decoded if it is an encoded-word in UTF-8 or unknown-8bit, else as it is. Returns whether it is
 * encoded. */
static bool show_word(struct strbuf *d, struct span w, bool escapes)
{
	size_t q[4] = {0}, n = 0;
	bool is = w.len > 7 && w.ptr[0] == '=' && w.ptr[1] == '?' && w.ptr[w.len - 2] == '?' && w.ptr[w.len - 1] == '=';
	for (size_t i = 0; i < w.len; i++) {
		unsigned char c = (unsigned char)w.ptr[i];
		is = is && c > 32 && c < 127;
		if (c == '?' && n < 4)
			q[n] = i;
		n += c == '?';
	}
	is = is && n == 4 && q[1] > 2 && q[2] == q[1] + 2 && q[3] > q[2] + 1 && q[3] == w.len - 2 &&
	     strchr("bBqQ", w.ptr[q[1] + 1]);
	for (size_t i = 2; is && i < q[1]; i++)
		is = !strchr("()<>@,;:\"/[].=", w.ptr[i]);
	struct span charset = span_sub(w, 2, q[1]);
	if (is && (span_starts_nocase(charset, "utf-8") || span_equals_str_nocase(charset, "unknown-8bit"))) {
		(ascii_lower(w.ptr[q[1] + 1]) == 'b' ? words_show_b : words_show_q)(d, span_sub(w, q[2] + 1, q[3]));
		return true;
	}
	for (size_t i = 0; i < w.len; i++) {
		if (escapes && w.ptr[i] == '\\' && i + 1 < w.len)
			i++;
		strbuf_addch(d, w.ptr[i]);
	}
	return is;
}

/* ---- unstructured and structured text --------------------------------------------- */

static size_t run_of_blanks(struct span v, size_t i)
{
	size_t n = 0;
	while (i + n < v.len && (v.ptr[i + n] == ' ' || v.ptr[i + n] == '\t'))
		n++;
	return n;
}

static void show_blanks(struct strbuf *d, struct span blanks)
{
	for (size_t i = 0; i < blanks.len; i++)
		strbuf_addch(d, blanks.ptr[i]);
}

static void display_text(struct strbuf *d, struct span v)
{
	bool encoded = false;
	for (size_t i = run_of_blanks(v, 0); i < v.len;) {
		size_t n = run_of_blanks(v, i), end = i + n;
		while (end < v.len && v.ptr[end] != ' ' && v.ptr[end] != '\t')
			end++;
		size_t before = d->len;
		show_blanks(d, span_sub(v, i, i + n));
		size_t middle = d->len;
		bool now = show_word(d, span_sub(v, i + n, end), false);
		if (now && encoded)
			strbuf_remove(d, before, middle - before);
		encoded = now;
		i = end;
	}
}

static size_t quoted(struct strbuf *d, struct span v, size_t i)
{
	for (i++; i < v.len && v.ptr[i] != '"'; i++) {
		if (v.ptr[i] == '\\' && i + 1 < v.len)
			i++;
		strbuf_addch(d, v.ptr[i]);
	}
	return i + 1;
}

/* Words, quoted-strings without their quotes, comments with their parentheses. */
static void display_structured(struct strbuf *d, struct span v)
{
	bool encoded = false, touching = false; /* the last word was encoded; nothing came after it */
	size_t depth = 0, blanks_at = 0;
	for (size_t i = 0; i < v.len;) {
		char c = v.ptr[i];
		size_t n = run_of_blanks(v, i);
		if (n) {
			blanks_at = d->len;
			show_blanks(d, span_sub(v, i, i + n));
			i += n;
			touching = false;
			continue;
		}
		const char *specials = depth ? "()" : "()<>,;:@\"[]";
		if (!depth && c == '"') {
			i = quoted(d, v, i);
			encoded = false;
		} else if (!depth && c == '[') {
			for (; i < v.len && v.ptr[i] != ']'; i++) {
				if (v.ptr[i] == '\\' && i + 1 < v.len)
					strbuf_addch(d, v.ptr[i++]);
				strbuf_addch(d, v.ptr[i]);
			}
			encoded = false;
		} else if (c && strchr(specials, c)) {
			depth = c == '(' ? depth + 1 : depth - (depth && c == ')');
			strbuf_addch(d, c);
			i++;
			encoded = false;
		} else {
			size_t end = i;
			while (end < v.len && v.ptr[end] != ' ' && v.ptr[end] != '\t' &&
			       !(v.ptr[end] && strchr(specials, v.ptr[end])))
				end += depth && v.ptr[end] == '\\' && end + 1 < v.len ? 2 : 1;
			size_t middle = d->len;
			bool now = show_word(d, span_sub(v, i, end), depth > 0);
			if (now && encoded && !touching)
				strbuf_remove(d, blanks_at, middle - blanks_at);
			encoded = now;
			i = end;
		}
		touching = true;
	}
}

/* ---- parameters ------------------------------------------------------------------- */

struct part {
	struct strbuf name, value;
	long section; /* -1: none */
	bool extended, odd, done;
};

/* Comments become spaces, quoted-strings their content between two LFs; there are no other LFs. */
static void simplify(struct strbuf *text, struct span v)
{
	size_t depth = 0;
	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];
		if (depth && c == '\\') {
			i++;
		} else if (c == '(') {
			depth++;
			strbuf_addch(text, ' ');
		} else if (depth) {
			depth -= c == ')';
		} else if (c == '"') {
			strbuf_addch(text, '\n');
			for (i++; i < v.len && v.ptr[i] != '"'; i++) {
				i += v.ptr[i] == '\\' && i + 1 < v.len;
				strbuf_addch(text, v.ptr[i]);
			}
			strbuf_addch(text, '\n');
		} else {
			strbuf_addch(text, c);
		}
	}
}

static size_t until(struct span v, size_t i, const char *stop)
{
	while (i < v.len && !memchr(stop, v.ptr[i], strlen(stop)))
		i++;
	return i;
}

/* Reads "attribute = value". Returns true if it is anything else; then its text stands for it. */
static bool read_odd(struct part *p, struct span v)
{
	size_t i = run_of_blanks(v, 0), end = until(v, i, " \t=\n");
	for (; i < end; i++) {
		if (v.ptr[i] <= ' ' || v.ptr[i] == 0x7f)
			return true;
		strbuf_addch(&p->name, ascii_lower(v.ptr[i]));
	}
	i += run_of_blanks(v, i);
	if (!p->name.len || i >= v.len || v.ptr[i++] != '=')
		return true;
	i += run_of_blanks(v, i);
	bool quoted_string = i < v.len && v.ptr[i] == '\n';
	i += quoted_string;
	end = until(v, i, quoted_string ? "\n" : " \t=\n");
	strbuf_add_span(&p->value, span_sub(v, i, end));
	if (!quoted_string && end == i)
		return true;
	i = end + quoted_string;
	return i + run_of_blanks(v, i) < v.len;
}

/* One part between semicolons; before the first one there is no parameter, whatever it looks like. */
static void read_part(struct part *p, struct span v, bool first)
{
	AUTO(strbuf) text = STRBUF_INIT;
	simplify(&text, v);
	p->section = -1;
	p->odd = first || read_odd(p, strbuf_span(&text));
	if (p->odd) {
		strbuf_reset(&p->name);
		for (size_t i = 0; i < text.len; i++)
			if (text.buf[i] != ' ' && text.buf[i] != '\t')
				strbuf_addch(&p->value, text.buf[i]);
		return;
	}
	if (p->name.buf[p->name.len - 1] == '*') {
		p->extended = true;
		strbuf_setlen(&p->name, p->name.len - 1);
	}
	char *star = strrchr(p->name.buf, '*'), *end = NULL;
	if (star && star[1] && strspn(star + 1, "0123456789") == strlen(star + 1) && strlen(star) < 7 &&
	    (star[1] != '0' || !star[2])) {
		p->section = strtol(star + 1, &end, 10);
		strbuf_setlen(&p->name, (size_t)(star - p->name.buf));
	}
}

/* Charset and language stand before the text, in two apostrophes. */
static bool is_declared(struct span v)
{
	size_t i = 0;
	for (int quotes = 0; i < v.len && quotes < 2; i++) {
		quotes += v.ptr[i] == '\'';
		if (quotes == 2)
			return true;
		if (v.ptr[i] != '\'' && !ascii_isalnum(v.ptr[i]) && !(v.ptr[i] && strchr("-_.:+", v.ptr[i])))
			return false;
	}
	return false;
}

static void show_value(struct strbuf *d, const struct part *p)
{
	struct span v = strbuf_span(&p->value);
	if (p->extended && p->section <= 0 && is_declared(v)) {
		for (int quotes = 0; quotes < 2 && v.len; v = span_sub(v, 1, v.len))
			quotes += *v.ptr == '\'';
	}
	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];
		if (p->extended && c == '%' && i + 2 < v.len && fuzz_hex(v.ptr[i + 1]) >= 0 &&
		    fuzz_hex(v.ptr[i + 2]) >= 0) {
			c = (char)(fuzz_hex(v.ptr[i + 1]) * 16 + fuzz_hex(v.ptr[i + 2]));
			i += 2;
		}
		strbuf_addch(d, c);
	}
}

static bool same_name(const struct part *a, const struct part *b)
{
	return !a->odd && !b->odd && span_equal(strbuf_span(&a->name), strbuf_span(&b->name));
}

static void display_part(struct strbuf *d, struct part *v, size_t n, size_t i)
{
	struct part *p = &v[i];
	if (p->done)
		return;
	for (size_t k = 0; k < n && !p->extended && p->section < 0; k++)
		if (same_name(p, &v[k]) && (v[k].extended || v[k].section >= 0))
			return; /* readers prefer the extended one */
	strbuf_addch(d, ';');
	for (size_t k = 0; k < p->name.len; k++)
		strbuf_addch(d, p->name.buf[k]);
	if (p->odd) {
		strbuf_add_span(d, strbuf_span(&p->value));
		return;
	}
	strbuf_addch(d, '=');
	if (p->section < 0) {
		show_value(d, p);
		return;
	}
	size_t left = 0;
	for (size_t k = 0; k < n; k++)
		left += same_name(p, &v[k]) && v[k].section >= 0;
	for (long section = 0; left && section < 1000000; section++)
		for (size_t k = 0; k < n; k++)
			if (same_name(p, &v[k]) && v[k].section == section) {
				show_value(d, &v[k]);
				v[k].done = true;
				left--;
			}
}

static bool is_whole_extended(const struct part *p)
{
	return p->extended && p->section < 0;
}

/* If two have the same name, or one stands beside sections of its name, readers differ about which one they use. */
static bool are_twins(const struct part *a, const struct part *b)
{
	return same_name(a, b) &&
	       ((a->section == b->section && a->extended == b->extended) || (is_whole_extended(a) && b->section >= 0) ||
		(is_whole_extended(b) && a->section >= 0));
}

static bool has_twins(const struct part *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (are_twins(&v[i], &v[k]))
				return true;
	return false;
}

/* A value that should be in quotes, or sections that are not all there: what they mean is a guess. */
static bool has_riddles(const struct part *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool first = v[i].section <= 0;
		struct span odd = strbuf_span(&v[i].value);
		if (v[i].odd && odd.len && (memchr(odd.ptr, '=', odd.len) || !utf8_is_ascii(odd)))
			return true;
		for (size_t k = 0; k < n && !first; k++)
			first = same_name(&v[i], &v[k]) && v[k].section + 1 == v[i].section;
		if (!first)
			return true;
	}
	return false;
}

static void display_parameters(struct strbuf *d, struct span v)
{
	AUTO_FREE struct part *parts = NULL;
	size_t n = 0, cap = 0, from = 0, depth = 0;
	bool inside = false;
	for (size_t i = 0; i <= v.len; i++) {
		char c = i < v.len ? v.ptr[i] : ';';
		if (i == v.len || (c == ';' && !inside && !depth)) {
			GROW(parts, n, cap);
			parts[n] = (struct part){.name = STRBUF_INIT, .value = STRBUF_INIT};
			read_part(&parts[n], span_sub(v, from, i), n == 0);
			n++;
			from = i + 1;
		} else if (c == '\\' && (inside || depth)) {
			i += i + 1 < v.len;
		} else if (c == '"' && !depth) {
			inside = !inside;
		} else if (c == '(' && !inside) {
			depth++;
		} else if (c == ')' && !inside && depth) {
			depth--;
		}
	}
	bool clear = !has_twins(parts, n) && !has_riddles(parts, n);
	for (size_t i = 0; i < n && clear; i++)
		display_part(d, parts, n, i);
	for (size_t i = 0; i < n; i++) {
		strbuf_release(&parts[i].name);
		strbuf_release(&parts[i].value);
	}
}

/* ---- fields --------------------------------------------------------------------------- */

static bool listed(struct span name, const char *list)
{
	AUTO(strbuf) key = STRBUF_INIT;
	strbuf_addch(&key, ' ');
	for (size_t i = 0; i < name.len; i++)
		strbuf_addch(&key, ascii_lower(name.ptr[i]));
	strbuf_addch(&key, ' ');
	return strlen(key.buf) == key.len && strstr(list, key.buf);
}

static const char structured[] = " from sender reply-to to cc bcc resent-from resent-sender resent-reply-to resent-to "
				 "resent-cc resent-bcc apparently-to approved"
				 " delivered-to disposition-notification-to errors-to mail-followup-to mail-reply-to "
				 "return-path return-receipt-to keywords"
				 " in-reply-to references accept-language arc-authentication-results "
				 "authentication-results auto-submitted content-id"
				 " content-language content-md5 content-transfer-encoding date final-recipient "
				 "mime-version message-id original-recipient"
				 " received received-spf resent-date resent-message-id ";

static bool is_blank_at(const struct strbuf *d, size_t i)
{
	return d->buf[i] == ' ' || d->buf[i] == '\t';
}

/* White space next to a special, at the beginning or at the end means nothing. */
static bool is_idle(const struct strbuf *d, size_t from, size_t to)
{
	static const char specials[] = "()<>,;:@\"[]";
	return !from || to >= d->len || memchr(specials, d->buf[from - 1], sizeof(specials) - 1) ||
	       memchr(specials, d->buf[to], sizeof(specials) - 1);
}

static void drop_idle_blanks(struct strbuf *d)
{
	AUTO(strbuf) out = STRBUF_INIT;
	for (size_t i = 0, end; i < d->len; i = end + 1) {
		for (end = i; end < d->len && is_blank_at(d, end);)
			end++;
		if (end > i && !is_idle(d, i, end))
			strbuf_add(&out, d->buf + i, end - i);
		if (end < d->len)
			strbuf_addch(&out, d->buf[end]);
	}
	strbuf_reset(d);
	strbuf_add_span(d, strbuf_span(&out));
}

static void display(struct strbuf *d, const struct header_field *field)
{
	AUTO(strbuf) name = STRBUF_INIT;
	AUTO(strbuf) value = STRBUF_INIT;
	for (size_t i = 0; i < field->name.len; i++)
		if (field->name.ptr[i] != '\r')
			strbuf_addch(&name, field->name.ptr[i]);
	for (size_t i = 0; i < field->value.len; i++)
		if (field->value.ptr[i] != '\r' && field->value.ptr[i] != '\n')
			strbuf_addch(&value, field->value.ptr[i]);
	struct span key = strbuf_span(&name);
	if (listed(key, " content-type content-disposition ")) {
		display_parameters(d, strbuf_span(&value));
	} else if (listed(key, structured) || span_starts_nocase(key, "list-")) {
		display_structured(d, strbuf_span(&value));
		drop_idle_blanks(d);
	} else {
		display_text(d, strbuf_span(&value));
		while (d->len && is_blank_at(d, d->len - 1))
			strbuf_setlen(d, d->len - 1);
	}
}

/* A word of 998 octets does not fit into a line after the blank that folding needs. */
static bool can_be_folded(struct span field)
{
	for (struct span rest = field, word; (word = span_word(&rest)).len;)
		if (word.len > 990)
			return false;
	return true;
}

static void must_fold(struct span field)
{
	for (struct span rest = field, line; span_split(&rest, '\n', &line);) {
		MUST(line.len <= 999);
		MUST(!rest.ptr || !rest.len || *rest.ptr == ' ' || *rest.ptr == '\t');
	}
}

/* Whether quoted-strings, comments and domain-literals end. */
static bool is_balanced(struct span v)
{
	size_t depth = 0;
	char end = '\0';
	for (size_t i = 0; i < v.len; i++) {
		char c = v.ptr[i];
		if (c == '\\' && (end || depth)) {
			if (++i >= v.len)
				return false;
		} else if (end) {
			end = c == end ? '\0' : end;
		} else if (c == '(' || (depth && c == ')')) {
			depth = c == '(' ? depth + 1 : depth - 1;
		} else if (!depth) {
			end = c == '"' ? '"' : c == '[' ? ']' : '\0';
		}
	}
	return !depth && !end;
}

/* URLs are percent-encoded, which displays as something else. */
static bool is_comparable(const struct header_field *in)
{
	bool urls = span_starts_nocase(in->name, "list-") && !span_equals_str_nocase(in->name, "list-id");
	AUTO(strbuf) value = STRBUF_INIT;
	for (size_t i = 0; i < in->value.len; i++)
		if (in->value.ptr[i] != '\r')
			strbuf_addch(&value, in->value.ptr[i]);
	return in->raw.len <= 1000 && !urls && is_balanced(strbuf_span(&value));
}

static void must_read_the_same(const struct header_field *in, const struct header_field *out)
{
	AUTO(strbuf) before = STRBUF_INIT;
	AUTO(strbuf) after = STRBUF_INIT;
	if (utf8_is_ascii(in->raw)) {
		MUST(span_equal(in->raw, out->raw));
		return;
	}
	if (can_be_folded(in->raw))
		must_fold(out->raw);
	MUST(memmem(in->raw.ptr, in->raw.len, "\n", 1) || !out->raw.len || out->raw.ptr[out->raw.len - 1] != '\n');
	if (!is_comparable(in))
		return;
	display(&before, in);
	display(&after, out);
	if (!before.len)
		return; /* twins or riddles */
	if (!span_equal(strbuf_span(&before), strbuf_span(&after))) {
		struct span shown[] = {in->raw, out->raw, strbuf_span(&before), strbuf_span(&after)};
		for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
			(void)fwrite(shown[i].ptr, 1, shown[i].len, stderr);
			(void)fputc('\n', stderr);
		}
	}
	MUST(span_equal(strbuf_span(&before), strbuf_span(&after)));
}

static void must_match(struct span header, struct span seven, struct span eightbit)
{
	AUTO(header_list) before = HEADER_LIST_INIT;
	AUTO(header_list) encoded = HEADER_LIST_INIT;
	AUTO(header_list) kept = HEADER_LIST_INIT;
	header_scan(header, &before);
	header_scan(seven, &encoded);
	header_scan(eightbit, &kept);
	MUST(before.n == encoded.n && before.n == kept.n);
	for (size_t i = 0; i < before.n; i++) {
		MUST(utf8_is_ascii(encoded.fields[i].raw));
		if (!utf8_is_ascii(kept.fields[i].raw))
			continue;
		MUST(span_equal(kept.fields[i].raw, encoded.fields[i].raw));
		must_read_the_same(&before.fields[i], &encoded.fields[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct header_encoding seven = {.eightbit = false}, eightbit = {.eightbit = true};
	struct span header = {(const char *)data, size};
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(strbuf) kept = STRBUF_INIT;
	AUTO(strbuf) again = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool changed = false, changed_again = true;

	if (!header_encode_block(header, &seven, &changed, &out, &err)) {
		MUST(err.status.kind == ERROR_MESSAGE && err.status.text && err.status.hint && !out.len);
		MUST(strstr(err.status.text, "contains an address"));
		return 0;
	}
	MUST(!header_needs_utf8(header, &seven));
	MUST(out.len <= 16 * size + 100);
	MUST(header_encode_block(header, &eightbit, &changed_again, &kept, NULL) && changed_again == changed);
	must_match(header, strbuf_span(&out), strbuf_span(&kept));
	MUST(header_encode_block(strbuf_span(&out), &seven, &changed_again, &again, NULL));
	MUST(!changed_again && span_equal(strbuf_span(&out), strbuf_span(&again)));
	return 0;
}
