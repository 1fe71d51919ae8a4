/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_options.h"
#include "sink_buf.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { STRING, NUMBER, FLAG, LISTEN, MODE, SCRIPT, HELP };

struct row {
	const char *name;
	enum kind kind;
	size_t where;	 /* offset in struct options, or enum script_kind */
	const char *arg; /* NULL: takes none */
	const char *help;
};

#define AT(field) offsetof(struct options, field)

static const struct row rows[] = {
	{"listen", LISTEN, 0, "ADDRESS", "127.0.0.1:0, [::1]:0 or unix:/path; repeatable"},
	{"port-file", STRING, AT(port_file), "FILE",
	 "written when ready: a line \"ADDRESS PORT\" per listener, \"unix:/path 0\" for a\n"
	 "socket file; FILE \"-\" is standard output"},
	{"pid-file", STRING, AT(pid_file), "FILE", "written when ready"},
	{"once", NUMBER, AT(once), "N", "exit after N connections"},
	{"parent-death", FLAG, AT(parent_death), NULL, "exit when the parent process dies"},
	{"timeout", NUMBER, AT(timeout_s), "SECONDS", "silence that ends a connection (300)"},

	{"tls", MODE, AT(tls), "MODE", "none, starttls or implicit (none)"},
	{"cert", STRING, AT(cert), "FILE", "certificate chain, PEM"},
	{"key", STRING, AT(key), "FILE", "private key, PEM"},
	{"client-ca", STRING, AT(client_ca), "FILE", "ask for a client certificate of these issuers"},
	{"require-client-cert", FLAG, AT(require_client_cert), NULL, "no TLS without one"},
	{"tls-priority", STRING, AT(tls_priority), "STRING", "GnuTLS priority (NORMAL)"},
	{"ocsp-response", STRING, AT(ocsp_response), "FILE", "staple this OCSP response (DER)"},
	{"require-tls", FLAG, AT(require_tls), NULL, "530 to MAIL and AUTH before STARTTLS"},
	{"no-close-notify", FLAG, AT(no_close_notify), NULL, "close TLS connections without saying so"},
	{"garbage-tls", FLAG, AT(garbage_tls), NULL, "send the greeting in clear instead of a handshake"},

	{"lmtp", FLAG, AT(lmtp), NULL, "speak LMTP"},
	{"hostname", STRING, AT(hostname), "NAME", "name in greeting and EHLO (sink.example.org)"},
	{"extensions", STRING, AT(extensions), "LIST",
	 "EHLO lines, separated by commas; only what is shown is honoured\n"
	 "(PIPELINING,SIZE,8BITMIME,ENHANCEDSTATUSCODES,DSN,CHUNKING,SMTPUTF8)"},
	{"extensions-after-auth", STRING, AT(extensions_after_auth), "LIST", "what an EHLO after AUTH shows"},
	{"extensions-before-tls", STRING, AT(extensions_before_tls), "LIST", "what EHLO shows before STARTTLS"},

	{"auth", STRING, AT(auth), "MECHANISMS", "offered, separated by blanks; the -PLUS ones only inside TLS"},
	{"auth-before-tls", FLAG, AT(auth_before_tls), NULL, "with --tls starttls: offer AUTH before TLS too"},
	{"require-auth", FLAG, AT(require_auth), NULL, "530 to MAIL before AUTH"},
	{"user", STRING, AT(user), "NAME", "the user"},
	{"password-file", STRING, AT(password_file), "FILE", "holds the password; one line end is dropped"},
	{"token", STRING, AT(token), "TOKEN", "the good token for XOAUTH2 and OAUTHBEARER"},
	{"scram-iterations", NUMBER, AT(scram_iterations), "N", "iteration count sent in SCRAM (4096)"},

	{"spool", STRING, AT(spool), "DIR", "store accepted messages as NNNN.eml with NNNN.json"},
	{"discard", FLAG, AT(discard), NULL, "store nothing, only count"},
	{"transcript", STRING, AT(transcript), "FILE", "append the dialogue, secrets included"},
	{"violations", STRING, AT(violations), "FILE", "append protocol violations (standard error)"},

	{"reply", SCRIPT, SCRIPT_REPLY, "STAGE=TEXT",
	 "answer TEXT at that stage; repeated rules for a stage are used in turn,\n"
	 "an empty TEXT is the usual answer"},
	{"hang", SCRIPT, SCRIPT_HANG, "STAGE", "say nothing more from that stage on"},
	{"close", SCRIPT, SCRIPT_CLOSE, "STAGE", "close at that stage, before answering"},
	{"close-at-421", FLAG, AT(close_at_421), NULL, "close after a --reply of 421, as servers do"},
	{"drip", SCRIPT, SCRIPT_DRIP, "STAGE", "answer one octet per 100 ms"},
	{"inject", SCRIPT, SCRIPT_INJECT, "starttls=TEXT", "append TEXT in clear after the reply to STARTTLS"},
	{"early-reply", SCRIPT, SCRIPT_EARLY, "body:N=TEXT",
	 "answer TEXT after N octets of the message, and nothing at its end"},
	{"delay-ms", NUMBER, AT(delay_ms), "N", "wait before each flight of replies"},
	{"max-line", NUMBER, AT(max_line), "N", "longest line of a message with its CRLF (1000; 0: any)"},
	{"max-command", NUMBER, AT(max_command), "N", "longest command line (what the RFCs say)"},
	{"rcpt-limit", NUMBER, AT(rcpt_limit), "N", "452 4.5.3 to the recipients after the Nth"},
	{"help", HELP, 0, NULL, "this text"},
};
#define ROWS (sizeof rows / sizeof *rows)

static void print_help(void)
{
	puts("Usage: sink --listen ADDRESS [OPTION...]\n"
	     "The test smarthost: a strict SMTP or LMTP server that records mail, dialogue and\n"
	     "protocol violations, and misbehaves on request.\n");
	for (size_t i = 0; i < ROWS; i++) {
		int width = printf("  --%s%s%s", rows[i].name, rows[i].arg ? " " : "", rows[i].arg ? rows[i].arg : "");
		const char *text = rows[i].help;

		printf("%*s", width < 34 ? 34 - width : 2, "");
		for (const char *nl; (nl = strchr(text, '\n')); text = nl + 1)
			printf("%.*s\n%34s", (int)(nl - text), text, "");
		puts(text);
	}
	puts("\nStages: greeting tls ehlo helo starttls auth auth-final mail rcpt data body:N eod bdat\n"
	     "rset noop vrfy etrn help quit.  Some can be narrowed: ehlo:tls, ehlo:auth, auth:MECHANISM,\n"
	     "rcpt:ADDRESS, eod:ADDRESS (LMTP), mail:ADDRESS.  BDAT LAST is stage eod, else bdat.\n"
	     "--reply auth=... replaces the answer to the AUTH command; 334 there takes one line from the\n"
	     "client and uses the next rule; auth-final is the verdict after a good exchange.\n"
	     "At eod the message is stored before --close or --hang takes effect.\n"
	     "TEXT may hold \\r \\n \\t \\0 \\\\ \\xHH; a missing last CRLF is added, not for --inject.");
}

static bool complain(const char *name, const char *arg, const char *why, int *status)
{
	fprintf(stderr, "sink: --%s %s: %s\n", name, arg ? arg : "", why);
	*status = 64;
	return false;
}

static const char *parse_mode(const char *arg, enum tls_mode *mode)
{
	static const char *const names[] = {"none", "starttls", "implicit"};

	for (unsigned i = 0; i < 3; i++)
		if (!strcmp(arg, names[i])) {
			*mode = (enum tls_mode)i;
			return NULL;
		}
	return "none, starttls or implicit is wanted";
}

/* Returns what is wrong, or NULL. */
static const char *apply(struct options *o, const struct row *row, char *arg)
{
	char *field = (char *)o + row->where;
	char *end;

	switch (row->kind) {
	case STRING: *(const char **)(void *)field = arg; return NULL;
	case NUMBER:
		*(unsigned long *)(void *)field = strtoul(arg, &end, 10);
		return *arg < '0' || *arg > '9' || *end ? "a number is wanted" : NULL;
	case FLAG: *(bool *)(void *)field = true; return NULL;
	case MODE: return parse_mode(arg, &o->tls);
	case LISTEN:
		o->listen = mem_grow(o->listen, (o->listen_count + 1) * sizeof *o->listen);
		o->listen[o->listen_count++] = arg;
		return NULL;
	case SCRIPT: return script_add(&o->script, (enum script_kind)row->where, arg);
	case HELP: break;
	}
	return NULL;
}

static bool read_password(struct options *o, int *status)
{
	struct buf b = {0};
	char block[4096];
	size_t n;
	FILE *f = fopen(o->password_file, "re");

	if (!f)
		return complain("password-file", o->password_file, "cannot be read", status);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		buf_add(&b, block, n);
	fclose(f);
	if (b.len && b.data[b.len - 1] == '\n')
		b.data[--b.len] = '\0';
	o->password = b.data ? b.data : mem_dup("", 0);
	return true;
}

static bool check(struct options *o, int *status)
{
	if (!o->listen_count)
		return complain("listen", NULL, "at least one is wanted", status);
	if (o->tls != TLS_NONE && !o->garbage_tls && (!o->cert || !o->key))
		return complain("tls", NULL, "needs --cert and --key", status);
	if (o->require_client_cert && !o->client_ca)
		return complain("require-client-cert", NULL, "needs --client-ca", status);
	if (o->password_file)
		return read_password(o, status);
	o->password = mem_dup("", 0);
	return true;
}

bool options_parse(struct options *o, int argc, char **argv, int *status)
{
	struct option longs[ROWS + 1];
	int got;

	memset(longs, 0, sizeof longs);
	for (size_t i = 0; i < ROWS; i++) {
		longs[i].name = rows[i].name;
		longs[i].has_arg = rows[i].arg ? required_argument : no_argument;
		longs[i].val = (int)i + 256;
	}
	memset(o, 0, sizeof *o);
	o->timeout_s = 300;
	o->tls_priority = "NORMAL";
	o->hostname = "sink.example.org";
	o->extensions = "PIPELINING,SIZE,8BITMIME,ENHANCEDSTATUSCODES,DSN,CHUNKING,SMTPUTF8";
	o->scram_iterations = 4096;
	o->max_line = 1000;
	while ((got = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		const struct row *row = got >= 256 ? &rows[got - 256] : NULL;
		const char *wrong;

		if (!row) {
			*status = 64;
			return false;
		}
		if (row->kind == HELP) {
			print_help();
			*status = 0;
			return false;
		}
		if ((wrong = apply(o, row, optarg)))
			return complain(row->name, optarg, wrong, status);
	}
	if (optind < argc)
		return complain("help", NULL, "there are no arguments besides the options", status);
	return check(o, status);
}

void options_release(struct options *o)
{
	free(o->listen);
	free(o->password);
	script_release(&o->script);
}
