/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shapes.h"

#include "base/base64.h"

/* ---- a shape ------------------------------------------------------------------- */

struct maker {
	struct strbuf text; /* with LF line ends until hand_out() */
	struct strbuf name;
	shape_fn *found;
	void *arg;
};

static void maker_release(struct maker *m)
{
	strbuf_release(&m->text);
	strbuf_release(&m->name);
}

static void with_crlf(struct strbuf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\n')
			strbuf_addch(out, '\r');
		strbuf_addch(out, text.ptr[i]);
	}
}

/* Passes the text on with LF and with CRLF, under the name collected so far, and empties both. */
static void hand_out(struct maker *m, enum shape_want want)
{
	AUTO(strbuf) crlf = STRBUF_INIT;
	AUTO(strbuf) name = STRBUF_INIT;
	with_crlf(&crlf, strbuf_span(&m->text));
	strbuf_addf(&name, "%s, LF", m->name.buf);
	m->found(&(struct shape){.name = name.buf, .text = strbuf_span(&m->text), .want = want}, m->arg);
	strbuf_setlen(&name, name.len - 2);
	strbuf_adds(&name, "CRLF");
	m->found(&(struct shape){.name = name.buf, .text = strbuf_span(&crlf), .want = want}, m->arg);
	strbuf_reset(&m->text);
	strbuf_reset(&m->name);
}

#define add(m, ...) strbuf_addf(&(m)->text, __VA_ARGS__)
#define name(m, ...) strbuf_addf(&(m)->name, __VA_ARGS__)

static void add_top(struct maker *m)
{
	strbuf_adds(&m->text,
		    "From: Anna <anna@example.org>\nTo: Berta <berta@example.net>\nSubject: a shape\n"
		    "Date: Mon, 01 Jan 2024 10:00:00 +0000\nMessage-ID: <shape@example.org>\nMIME-Version: 1.0\n");
}

/* ---- content and encodings -------------------------------------------------------- */

struct sample {
	const char *charset, *text;
	bool high;
};

static const struct sample samples[] = {
	{"us-ascii", "Plain text = nothing else.\n\nSecond paragraph, with \"quotes\" & more.\n", false},
	{"utf-8",
	 "Gr\xc3\xbc\xc3\x9f"
	 "e aus K\xc3\xb6ln \xe2\x82\xac 5\n\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xf0\x9f\x93\xa7\nASCII line\n",
	 true},
	{"iso-8859-1",
	 "Gr\xfc\xdf"
	 "e aus K\xf6ln\nna\xefve caf\xe9\n",
	 true},
	{"windows-1251", "\xcf\xf0\xe8\xe2\xe5\xf2, \xec\xe8\xf0!\n\xca\xe0\xea \xe4\xe5\xeb\xe0?\n", true},
	{"iso-2022-jp", "\x1b$B$3$s$K$A$O\x1b(B, World\n\x1b$BF|K\\\x1b(B.\n", false},
	{"gb18030", "\xc4\xe3\xba\xc3\xa3\xac\xca\xc0\xbd\xe7\n\x81\x30\x81\x30 abc\n", true},
};

static const char *const encodings[] = {NULL, "7bit", "8bit", "8BIT", "binary", "quoted-printable", "base64"};

static bool is_encoded(const char *encoding)
{
	return encoding && (strcmp(encoding, "quoted-printable") == 0 || strcmp(encoding, "base64") == 0);
}

static void add_quoted(struct maker *m, struct span text)
{
	size_t column = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool last = i + 1 == text.len || text.ptr[i + 1] == '\n';
		if (c == '\n') {
			strbuf_addch(&m->text, c);
			column = 0;
			continue;
		}
		if (column > 70) {
			strbuf_adds(&m->text, "=\n");
			column = 0;
		}
		bool plain = c > 32 && c < 127 && c != '=';
		if (plain || (c == ' ' && !last))
			strbuf_addch(&m->text, c);
		else
			add(m, "=%02X", (unsigned char)c);
		column += plain ? 1 : 3;
	}
}

static void add_base64(struct maker *m, struct span text)
{
	AUTO(strbuf) crlf = STRBUF_INIT;
	with_crlf(&crlf, text);
	for (size_t i = 0; i < crlf.len; i += 57) {
		base64_encode(&m->text, span_sub(strbuf_span(&crlf), i, i + 57 < crlf.len ? i + 57 : crlf.len));
		strbuf_addch(&m->text, '\n');
	}
}

/* Adds the fields of a leaf, the empty line, and its content in the encoding of its label. */
static void add_leaf_of(struct maker *m, const char *type, const char *encoding, struct span text)
{
	if (type)
		add(m, "Content-Type: %s\n", type);
	if (encoding)
		add(m, "Content-Transfer-Encoding: %s\n", encoding);
	add(m, "\n");
	if (is_encoded(encoding) && *encoding == 'q')
		add_quoted(m, text);
	else if (is_encoded(encoding))
		add_base64(m, text);
	else
		strbuf_add_span(&m->text, text);
}

static void add_leaf(struct maker *m, const struct sample *s, const char *encoding)
{
	AUTO(strbuf) type = STRBUF_INIT;
	strbuf_addf(&type, "text/plain; charset=%s", s->charset);
	add_leaf_of(m, type.buf, encoding, span_of(s->text));
}

static void each_single_part(struct maker *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		for (size_t k = 0; k < ARRAY_SIZE(encodings); k++) {
			name(m, "one part in %s, %s", samples[i].charset,
			     encodings[k] ? encodings[k] : "no encoding named");
			add_top(m);
			add_leaf(m, &samples[i], encodings[k]);
			hand_out(m, SHAPE_FITS);
		}
}

/* ---- lines -------------------------------------------------------------------------- */

static const struct {
	const char *name, *text;
	unsigned repeat; /* how many times the text is repeated */
} contents[] = {
	{"nothing", "", 1},
	{"one empty line", "\n", 1},
	{"empty lines alone", "\n\n\n", 1},
	{"no last line end", "caf\xc3\xa9", 1},
	{"blanks at line ends", "caf\xc3\xa9 \nb\t\n-- \n \nc  ", 1},
	{"dots", ".\n..\n.caf\xc3\xa9\n.\n", 1},
	{"lines like an mbox's", "From here\nFrom caf\xc3\xa9 on\n>From x\n", 1},
	{"lines like boundaries", "--\n--x caf\xc3\xa9\n----\n", 1},
	{"equals signs", "a=b =C3=A9 caf\xc3\xa9=\n=\n", 1},
	{"long ASCII", "0123456789 abcdefghijklmnopqrstuvwxyz", 60},
	{"long without blanks", "0123456789abcdef", 120},
	{"long UTF-8", "\xc3\xa4\xc3\xb6\xc3\xbc", 400},
	{"many lines", "caf\xc3\xa9 number one of many\n", 300},
	{"a base64 look", "w6TDtsO8\n", 4},
	{"control characters", "a\tb\x1b[1m\x08\x0c caf\xc3\xa9\x7f\n", 1},
};

static const struct {
	const char *name, *type, *encoding;
} frames[] = {
	{"text", "text/plain; charset=utf-8", "8bit"},
	{"format=flowed", "text/plain; charset=utf-8; format=flowed; delsp=no", "8bit"},
	{"HTML", "text/html; charset=\"utf-8\"", NULL},
	{"an image", "image/png", "binary"},
	{"unknown type", "x-unknown/x-type", "8bit"},
	{"no type", NULL, "8bit"},
	{"no MIME fields", NULL, NULL},
};

static void each_content(struct maker *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(contents); i++)
		for (size_t k = 0; k < ARRAY_SIZE(frames); k++) {
			AUTO(strbuf) text = STRBUF_INIT;
			for (unsigned n = 0; n < contents[i].repeat; n++)
				strbuf_adds(&text, contents[i].text);
			name(m, "%s with %s", frames[k].name, contents[i].name);
			if (frames[k].type || frames[k].encoding)
				add_top(m);
			else
				add(m, "From: a@example.org\nTo: b@example.org\nSubject: no MIME at all\n");
			add_leaf_of(m, frames[k].type, frames[k].encoding, strbuf_span(&text));
			hand_out(m, SHAPE_FITS);
		}
}

/* ---- trees --------------------------------------------------------------------------- */

static void boundary(struct maker *m, const char *tag)
{
	add(m, "--=_%s\n", tag);
}

static void add_multipart(struct maker *m, const char *subtype, const char *tag)
{
	add(m, "Content-Type: multipart/%s; boundary=\"=_%s\"\n", subtype, tag);
}

static const char *const subtypes[] = {
	"mixed", "alternative", "parallel", "report; report-type=delivery-status", "related; type=\"text/plain\"",
	"x-own"};

/* What is outside the parts. */
enum surrounding { SURROUNDING_NONE, SURROUNDING_TEXT, SURROUNDING_OPEN, SURROUNDING_LABEL, SURROUNDING_COUNT };
static const char *const surroundings[] = {"bare", "preamble and epilogue", "no last boundary", "labelled 8bit"};

static void each_flat_multipart(struct maker *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(subtypes); i++)
		for (int around = 0; around < SURROUNDING_COUNT; around++) {
			name(m, "multipart/%s, %s", subtypes[i], surroundings[around]);
			add_top(m);
			if (around == SURROUNDING_LABEL)
				add(m, "Content-Transfer-Encoding: 8bit\n");
			add_multipart(m, subtypes[i], "a");
			add(m, "\n%s", around == SURROUNDING_TEXT ? "This is the preamble.\n\n" : "");
			for (size_t k = 0; k < 4; k++) {
				boundary(m, "a");
				add_leaf(m, &samples[(i + k) % ARRAY_SIZE(samples)],
					 encodings[(i + 2 * k) % ARRAY_SIZE(encodings)]);
				add(m, "\n");
			}
			if (around != SURROUNDING_OPEN)
				add(m, "--=_a--\n");
			if (around == SURROUNDING_TEXT)
				add(m, "\nThis is the epilogue.\n");
			hand_out(m, SHAPE_FITS);
		}
}

static void add_attachment(struct maker *m, const char *type, const char *disposition, const char *encoding,
			   const char *text)
{
	add(m, "Content-Disposition: %s\nContent-ID: <part@example.org>\nContent-Description: an attachment\n",
	    disposition);
	add_leaf_of(m, type, encoding, span_of(text));
	add(m, "\n");
}

/* Typical messages of a mail program: text and HTML with a picture, and files. */
static void each_letter(struct maker *m)
{
	static const char *const files[] = {
		"attachment; filename=\"plain.txt\"",
		"attachment; filename=\"\xc3\x9c"
		"bersicht f\xc3\xbcr Sie.txt\"",
		"attachment;\n filename=\"Ein sehr langer Dateiname mit \xc3\x84nderungen und Erg\xc3\xa4nzungen zur "
		"\xc3\x9c"
		"bersicht 2024.txt\"; size=120",
		"attachment; filename*=utf-8''%C3%9Cbersicht.txt",
		"attachment; filename*0=\"zwei \"; filename*1=\"Teile.txt\"",
		"inline; filename=\"=?utf-8?Q?=C3=9Cbersicht?=.txt\"",
		"attachment; filename=\"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.pdf\"",
	};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		for (size_t k = 1; k < ARRAY_SIZE(encodings); k++) {
			name(m, "letter with %s, %s", files[i], encodings[k]);
			add_top(m);
			add_multipart(m, "mixed", "outer");
			add(m, "\n");
			boundary(m, "outer");
			add_multipart(m, "alternative", "inner");
			add(m, "\n");
			boundary(m, "inner");
			add_leaf(m, &samples[1], encodings[k]);
			add(m, "\n");
			boundary(m, "inner");
			add_multipart(m, "related", "deep");
			add(m, "\n");
			boundary(m, "deep");
			add_leaf_of(m, "text/html; charset=utf-8", encodings[k],
				    SPAN_LIT("<p>Gr\xc3\xbc\xc3\x9f"
					     "e</p>\n"));
			add(m, "\n");
			boundary(m, "deep");
			add_attachment(m, "image/gif; name=\"b\xc3\xb6.gif\"", "inline", "base64", "GIF89a");
			add(m, "--=_deep--\n\n--=_inner--\n");
			boundary(m, "outer");
			add_attachment(m, "text/plain; charset=utf-8", files[i], encodings[k],
				       "Inhalt: \xc3\xa4\xc3\xb6\xc3\xbc\n");
			add(m, "--=_outer--\n");
			hand_out(m, SHAPE_FITS);
		}
}

static void add_inner_message(struct maker *m, size_t n, const char *encoding)
{
	add(m, "From: Inner <inner@example.org>\nSubject: inner %zu\nMIME-Version: 1.0\n", n);
	add_leaf(m, &samples[n % ARRAY_SIZE(samples)], encoding);
}

static void each_forwarded(struct maker *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		name(m, "a message in a message, %s", samples[i].charset);
		add_top(m);
		add(m, "Content-Type: message/rfc822\n%s\n",
		    samples[i].high ? "Content-Transfer-Encoding: 8bit\n" : "");
		add_inner_message(m, i, samples[i].high ? "8bit" : NULL);
		hand_out(m, SHAPE_FITS);

		name(m, "two deep, %s", samples[i].charset);
		add_top(m);
		add_multipart(m, "mixed", "a");
		add(m, "\n");
		boundary(m, "a");
		add(m, "Content-Type: message/rfc822\n\nSubject: middle\nMIME-Version: 1.0\n");
		add_multipart(m, "mixed", "b");
		add(m, "\n");
		boundary(m, "b");
		add_leaf(m, &samples[i], "8bit");
		add(m, "\n");
		boundary(m, "b");
		add(m, "Content-Type: message/rfc822\n\n");
		add_inner_message(m, i, "8bit");
		add(m, "\n--=_b--\n\n--=_a--\n");
		hand_out(m, SHAPE_FITS);

		name(m, "a digest, %s", samples[i].charset);
		add_top(m);
		add_multipart(m, "digest", "d");
		add(m, "\n");
		for (size_t k = 0; k < 3; k++) {
			boundary(m, "d");
			add(m, "\n");
			add_inner_message(m, i + k, "8bit");
			add(m, "\n");
		}
		add(m, "--=_d--\n");
		hand_out(m, SHAPE_FITS);
	}
}

/* Everything after add_top(). */
static const struct {
	const char *name, *text;
} odd_trees[] = {
	{"empty parts", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain; "
			"charset=utf-8\n\n--a\n\n--a\n\ncaf\xc3\xa9\n--a--\n"},
	{"a part without fields", "Content-Type: multipart/mixed; boundary=a\n\n--a\n\ncaf\xc3\xa9\n--a--\n"},
	{"no part at all", "Content-Type: multipart/mixed; boundary=a\n\n--a--\n"},
	{"nothing but a preamble", "Content-Type: multipart/mixed; boundary=a\n\nno parts follow\n"},
	{"a boundary with blanks", "Content-Type: multipart/mixed;\n boundary=\"a b'+_,-./:=?c\"\n\n--a "
				   "b'+_,-./:=?c\nContent-Type: text/plain; charset=utf-8\n\n"
				   "caf\xc3\xa9\n--a b'+_,-./:=?c--\n"},
	{"spaces after boundaries", "Content-Type: multipart/mixed; boundary=a\n\n--a \t\nContent-Type: text/plain; "
				    "charset=utf-8\n\ncaf\xc3\xa9\n--a-- \nbye\n"},
	{"lines nearly boundaries", "Content-Type: multipart/mixed; boundary=abc\n\n--abc\nContent-Type: text/plain; "
				    "charset=utf-8\n\n--ab\n-abc\n --abc\ncaf\xc3\xa9\n--abc--\n"},
	{"an inner boundary that begins like the outer",
	 "Content-Type: multipart/mixed; boundary=\"a\"\n\n--a\nContent-Type: multipart/alternative; "
	 "boundary=\"a-inner\"\n\n--a-inner\n"
	 "Content-Type: text/plain; charset=utf-8\n\ncaf\xc3\xa9\n--a-inner\nContent-Type: text/html; "
	 "charset=utf-8\n\n<p>caf\xc3\xa9\n--a-inner--\n--a--\n"},
	{"an inner multipart without end",
	 "Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/mixed; "
	 "boundary=in\n\n--in\nContent-Type: text/plain; charset=utf-8\n\n"
	 "caf\xc3\xa9\n--out\nContent-Type: text/plain; charset=utf-8\n\n\xc3\xa9t\xc3\xa9\n--out--\n"},
	{"no empty line after the last boundary", "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: "
						  "text/plain; charset=utf-8\n\ncaf\xc3\xa9\n--a--"},
	{"fields in odd case, folded",
	 "CONTENT-TYPE: Multipart/MIXED;\n\tBoundary=a\n\n--a\ncontent-type: Text/Plain;\n "
	 "charset=UTF-8\ncontent-transfer-encoding: 8Bit\n\ncaf\xc3\xa9\n--a--\n"},
	{"unknown parameters", "Content-Type: text/plain; charset=utf-8; x-a=\"b; c\"; "
			       "x-d*=us-ascii'en'e%20f\nContent-Transfer-Encoding: 8bit\n\ncaf\xc3\xa9\n"},
	{"a body in lines of CRs",
	 "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\na\rb caf\xc3\xa9\rc\n"},
	{"fields of other standards", "Content-Type: text/plain; charset=utf-8\nContent-Language: de\nContent-MD5: "
				      "x\nContent-Location: a/b\nContent-Duration: 1\n\ncaf\xc3\xa9\n"},
	{"a blind copy in UTF-8",
	 "Bcc: \xc3\x85sa <a@example.org>\nContent-Type: text/plain; charset=utf-8\n\ncaf\xc3\xa9\n"},
	{"a picture and a name in UTF-8",
	 "Content-Type: image/png; name=\"\xc3\xa4\xc3\xb6.png\"\nContent-Transfer-Encoding: "
	 "binary\n\n\x89PNG\x01\x02\xff\xfe"},
};

static void each_odd_tree(struct maker *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(odd_trees); i++) {
		name(m, "%s", odd_trees[i].name);
		add_top(m);
		add(m, "%s", odd_trees[i].text);
		hand_out(m, SHAPE_FITS);
	}
}

/* Parts that may not be changed: accepted in 7 bit, refused otherwise. */
static void each_sealed(struct maker *m)
{
	static const char *const seals[] = {"signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256",
					    "encrypted; protocol=\"application/pgp-encrypted\""};
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		for (size_t k = 0; k < ARRAY_SIZE(seals); k++)
			for (int encoded = 0; encoded < 2; encoded++) {
				name(m, "multipart/%.6s, %s, %s", seals[k], samples[i].charset,
				     encoded ? "encoded" : "as it is");
				add_top(m);
				add_multipart(m, seals[k], "s");
				add(m, "\n");
				boundary(m, "s");
				add_leaf(m, &samples[i],
					 encoded	   ? "quoted-printable"
					 : samples[i].high ? "8bit"
							   : "7bit");
				add(m, "\n");
				boundary(m, "s");
				add_leaf_of(m, "application/pgp-signature", NULL,
					    SPAN_LIT("-----BEGIN PGP SIGNATURE-----\n\nabc=\n-----END PGP "
						     "SIGNATURE-----\n"));
				add(m, "\n--=_s--\n");
				hand_out(m, samples[i].high && !encoded ? SHAPE_REFUSED : SHAPE_FITS);
			}
}

/* Other places where nothing can be encoded. */
static void each_hopeless(struct maker *m)
{
	name(m, "8-bit text in a delivery status");
	add_top(m);
	add_leaf_of(m, "message/delivery-status", "8bit",
		    SPAN_LIT("Reporting-MTA: dns; x\nDiagnostic-Code: smtp; caf\xc3\xa9\n"));
	hand_out(m, SHAPE_REFUSED);
	name(m, "a raw octet in base64");
	add_top(m);
	add(m, "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nY\xc3\xa9WJj\n");
	hand_out(m, SHAPE_FITS);
	name(m, "8-bit text with an unknown encoding");
	add_top(m);
	add_leaf_of(m, "text/plain; charset=utf-8", "x-own", SPAN_LIT("caf\xc3\xa9\n"));
	hand_out(m, SHAPE_REFUSED);
	name(m, "ASCII with an unknown encoding");
	add_top(m);
	add_leaf_of(m, "text/plain; charset=utf-8", "x-own", SPAN_LIT("text\n"));
	hand_out(m, SHAPE_FITS);
	name(m, "a comment beside the boundary, which not everybody reads");
	add_top(m);
	add(m, "Content-Type: multipart/mixed; boundary=a (c)\n\n--a\n\ncaf\xc3\xa9\n--a--\n");
	hand_out(m, SHAPE_REFUSED);
	name(m, "8-bit preamble");
	add_top(m);
	add_multipart(m, "mixed", "a");
	add(m, "\ncaf\xc3\xa9\n--=_a\n\nx\n--=_a--\n");
	hand_out(m, SHAPE_REFUSED);
}

/* ---- headers --------------------------------------------------------------------------- */

static const char *const headers[] = {
	"Subject: Gr\xc3\xbc\xc3\x9f"
	"e aus M\xc3\xbcnchen\n",
	"Subject: \xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82, \xd0\xba\xd0\xb0\xd0\xba "
	"\xd0\xb4\xd0\xb5\xd0\xbb\xd0\xb0? \xd0\xad\xd1\x82\xd0\xbe "
	"\xd0\xb4\xd0\xbb\xd0\xb8\xd0\xbd\xd0\xbd\xd0\xb0\xd1\x8f \xd1\x82\xd0\xb5\xd0\xbc\xd0\xb0 "
	"\xd0\xbf\xd0\xb8\xd1\x81\xd1\x8c\xd0\xbc\xd0\xb0 "
	"\xd0\xb8 \xd0\xb5\xd1\x89\xd1\x91 \xd0\xbd\xd0\xb5\xd0\xbc\xd0\xbd\xd0\xbe\xd0\xb3\xd0\xbe\n",
	"Subject: "
	"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe9\x95\xb7\xe3\x81\x84\xe9\xa1\x8c\xe5\x90\x8d\xe6\x97\xa5"
	"\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae"
	"\xe9\x95\xb7\xe3\x81\x84\xe9\xa1\x8c\xe5\x90\x8d\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x81\xae\xe9\x95\xb7"
	"\xe3\x81\x84\xe9\xa1\x8c\xe5\x90\x8d\n",
	"Subject: folded\n here and caf\xc3\xa9\n there\n",
	"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= an \xc3\x84nne =?iso-8859-1?Q?und_K=F6ln?=\n",
	"Subject: =?utf-8?B?w6Q=?= \xc3\xb6\n",
	"Subject: \xc3\xb6 =?utf-8?B?w6Q=?= =?utf-8?B?w7w=?=\n",
	"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= already\n =?utf-8?Q?encoded?=\n",
	"Subject: \xf0\x9f\x93\xa7 mail \xf0\x9f\x93\xa8 and \xf0\x9f\x93\xa9\n",
	"X-Note: one caf\xc3\xa9, two  caf\xc3\xa9s,   three\n",
	"Comments: (\xc3\xa4) <\xc3\xb6> \"\xc3\xbc\" = ? _\n",
	"From: J\xc3\xb6rg M\xc3\xbcller <joerg@example.org>\n",
	"From: \"M\xc3\xbcller, J\xc3\xb6rg (Abt. 5)\" <joerg@example.org>\n",
	"From: =?utf-8?Q?J=C3=B6rg?= M\xc3\xbcller <joerg@example.org>\n",
	"From: joerg@example.org (J\xc3\xb6rg M\xc3\xbcller)\n",
	"To: Gr\xc3\xbc\xc3\x9f"
	"e an alle: a@example.org, \"B\xc3\xb6\" <b@example.org>;, c@example.org\n",
	"To: \xc3\x84rzte:;\n",
	"Cc: Anna <a@example.org>, \xc3\x85sa <b@example.org>, \"\xc3\x89mile Z.\" <c@example.org>,\n\t\xc5\x81ukasz "
	"<d@example.org>, plain@example.org\n",
	"To: \xe5\xb1\xb1\xe7\x94\xb0\xe5\xa4\xaa\xe9\x83\x8e <y@example.org>,\n "
	"\xe5\xb1\xb1\xe7\x94\xb0\xe8\x8a\xb1\xe5\xad\x90 <h@example.org>\n",
	"Reply-To: \"plain, quoted\" <a@example.org>, caf\xc3\xa9 <b@example.org>\n",
	"Resent-To: caf\xc3\xa9 <b@example.org>\nResent-From: \xc3\xa9t\xc3\xa9 <c@example.org>\n",
	"Keywords: \xc3\x84pfel, Birnen, N\xc3\xbcsse und Kerne\n",
	"References: <a@example.org> <b@example.org>\nSubject: caf\xc3\xa9\n",
	"Organization: Caf\xc3\xa9 \xc3\x89toile\nX-Mailer: plain/1.0\n",
	"Content-Description: R\xc3\xa9sum\xc3\xa9\n",
	"List-ID: Liste der \xc3\x84rzte <list.example.org>\n",
	"Received: from a (\xc3\xa4) by b; Mon, 01 Jan 2024 10:00:00 +0000\n",
	"From: J\xc3\xb6rg, M\xc3\xbcller <joerg@example.org>\n",
};

static void each_headed(struct maker *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		for (int body = 0; body < 2; body++) {
			name(m, "header %zu, %s body", i + 1, body ? "8-bit" : "ASCII");
			add(m, "Date: Mon, 01 Jan 2024 10:00:00 +0000\n%sMIME-Version: 1.0\n", headers[i]);
			add_leaf(m, &samples[body], body ? "8bit" : NULL);
			hand_out(m, SHAPE_FITS);
		}
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		name(m, "header %zu in a forwarded message", i + 1);
		add_top(m);
		add(m, "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\n%sMIME-Version: 1.0\n",
		    headers[i]);
		add_leaf(m, &samples[1], "8bit");
		hand_out(m, SHAPE_FITS);
	}
	static const char *const refused[] = {
		"To: j\xc3\xb6rg@example.org\n",
		"Cc: a@example.org, N <\xc3\xa4@\xc3\xa4.example>\n",
	};
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		name(m, "header that cannot be encoded, %zu", i + 1);
		add(m, "From: a@example.org\n%sMIME-Version: 1.0\n", refused[i]);
		add_leaf(m, &samples[0], NULL);
		hand_out(m, SHAPE_REFUSED);
	}
}

void shapes_each_header(shape_fn *found, void *arg)
{
	AUTO(maker) m = {.text = STRBUF_INIT, .name = STRBUF_INIT, .found = found, .arg = arg};
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		name(&m, "header %zu alone", i + 1);
		add(&m, "Date: Mon, 01 Jan 2024 10:00:00 +0000\n%sX-Last: plain\n\n", headers[i]);
		hand_out(&m, SHAPE_FITS);
	}
}

void shapes_each(shape_fn *found, void *arg)
{
	AUTO(maker) m = {.text = STRBUF_INIT, .name = STRBUF_INIT, .found = found, .arg = arg};
	each_single_part(&m);
	each_content(&m);
	each_flat_multipart(&m);
	each_letter(&m);
	each_forwarded(&m);
	each_odd_tree(&m);
	each_sealed(&m);
	each_hopeless(&m);
	each_headed(&m);
}
