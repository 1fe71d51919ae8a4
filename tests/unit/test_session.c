/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session engine.  Each situation is a dialogue and its result.  It is
 * repeated with the server's octets cut at every position, in portions of 1, 2,
 * 3 and 7, and with a stream that takes 1 or 3 octets at a time; the result must
 * be the same.  It is also repeated with a server that closes, stops replying or
 * sends 421 after every octet; then the session must end, each recipient must
 * have one outcome, and none may be accepted without the server's reply.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "play.h"

#include "base/base64.h"
#include "base/xalloc.h"

enum {
	LMTP = 1,
	STARTTLS = 2,
	TLS = 4,
	AUTH = 8,
	ABORT = 16,
	DISAGREE = 32,
	TWICE = 64,
	NEEDS_DSN = 128,
	EMPTY = 512,   /* the message has no octets */
	DOTS = 1024,   /* a message that begins with dots */
	NO_STOPS = 256 /* the dialogue itself is about where the server stops */
};

struct situation {
	const char *name;
	const char *dialogue;
	const char *rcpts; /* words */
	unsigned flags;
	const char *const *mechs, *const *responses;
	const char *result; /* outcomes | session's error | message's error */
};

#define PLAIN "Subject: x\r\n\r\nhi\r\n"
#define BODY PLAIN ".\r\n"
#define D "D: Subject: x\nD:\nD: hi\nD: .\n"
#define HELLO "S: 220 hi\nC: EHLO me.example\nS: 250 srv\n"
#define LIMITED(limits) "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-LIMITS " limits "\nS: 250 PIPELINING\n"
#define PIPELINED "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 PIPELINING\n"
#define MAIL "C: MAIL FROM:<me@example.org>\n"
#define RCPT(x) "C: RCPT TO:<" x "@example.net>\n"
#define OK "S: 250 2.0.0 ok\n"
#define DATA "C: DATA\n"
#define GO "S: 354 go\n"
#define QUIT "C: QUIT\n"
#define CHUNKED "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 CHUNKING\n"
#define FLIGHT "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-PIPELINING\nS: 250 CHUNKING\n"
#define BDAT "C: BDAT 18 LAST\n"
#define P "D: Subject: x\nD:\nD: hi\n"
#define BDAT_DOTS "C: BDAT 7 LAST\n"
#define P_DOTS "D: .\nD: .x\n"

#define MECHS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define HUGE_INITIAL                                                                                                   \
	"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh" \
	"hh"                                                                                                           \
	"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh" \
	"hh"                                                                                                           \
	"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh" \
	"hh"                                                                                                           \
	"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"

static const struct situation situations[] = {
	/* ---- greeting, EHLO, HELO ---- */
	{"one message, one recipient", HELLO MAIL OK RCPT("a") OK DATA GO D OK QUIT, "a", 0, NULL, NULL,
	 "accepted 250 | none | none"},
	{"greeting of several lines",
	 "S: 220-a\nS: 220-b\nS: 220 c\nC: EHLO me.example\nS: 250 srv\n" MAIL OK RCPT("a") OK DATA GO D OK QUIT, "a",
	 0, NULL, NULL, "accepted 250 | none | none"},
	{"LF alone ends a line",
	 "S: 220 hi\\n\\c\nC: EHLO me.example\nS: 250-srv\\n\\c\nS: 250 DSN\\n\\c\n" MAIL OK RCPT("a")
		 OK DATA GO D OK QUIT,
	 "a", 0, NULL, NULL, "accepted 250 | none | none"},
	{"greeting 554", "S: 554 no service\n" QUIT, "a", 0, NULL, NULL, "- | server_refuses | none"},
	{"greeting 450", "S: 450 later\n" QUIT, "a", 0, NULL, NULL, "- | server_temporary | none"},
	{"greeting 421", "S: 421 leaving\n", "a", 0, NULL, NULL, "- | server_temporary | none"},
	{"greeting without a code", "S: hello\n" QUIT, "a", 0, NULL, NULL, "- | protocol | none"},
	{"greeting 354", "S: 354 go\n" QUIT, "a", 0, NULL, NULL, "- | protocol | none"},
	{"greeting 354 is no greeting", "S: 354 ok\n" QUIT, "a", 0, NULL, NULL, "- | protocol | none"},
	{"any 2yz is a greeting", "S: 250 ok\nC: EHLO me.example\nS: 250 srv\n" QUIT, "", 0, NULL, NULL,
	 "- | none | none"},
	{"EHLO 500, HELO",
	 "S: 220 hi\nC: EHLO me.example\nS: 500 what\nC: HELO me.example\nS: 250 srv\n" MAIL OK RCPT("a")
		 OK DATA GO D OK QUIT,
	 "a", 0, NULL, NULL, "accepted 250 | none | none"},
	{"EHLO 501, HELO", "S: 220 hi\nC: EHLO me.example\nS: 501 what\nC: HELO me.example\nS: 250 srv\n" QUIT, "", 0,
	 NULL, NULL, "- | none | none"},
	{"EHLO 502, HELO", "S: 220 hi\nC: EHLO me.example\nS: 502 what\nC: HELO me.example\nS: 250 srv\n" QUIT, "", 0,
	 NULL, NULL, "- | none | none"},
	{"EHLO 504, HELO", "S: 220 hi\nC: EHLO me.example\nS: 504 what\nC: HELO me.example\nS: 250 srv\n" QUIT, "", 0,
	 NULL, NULL, "- | none | none"},
	{"EHLO 550, HELO", "S: 220 hi\nC: EHLO me.example\nS: 550 what\nC: HELO me.example\nS: 250 srv\n" QUIT, "", 0,
	 NULL, NULL, "- | none | none"},
	{"EHLO 503 is final", "S: 220 hi\nC: EHLO me.example\nS: 503 what\n" QUIT, "a", 0, NULL, NULL,
	 "- | server_refuses | none"},
	{"EHLO 554 is final", "S: 220 hi\nC: EHLO me.example\nS: 554 what\n" QUIT, "a", 0, NULL, NULL,
	 "- | server_refuses | none"},
	{"EHLO 421, no HELO", "S: 220 hi\nC: EHLO me.example\nS: 421 later\n", "a", 0, NULL, NULL,
	 "- | server_temporary | none"},
	{"EHLO 451, no HELO", "S: 220 hi\nC: EHLO me.example\nS: 451 later\n" QUIT, "a", 0, NULL, NULL,
	 "- | server_temporary | none"},
	{"EHLO and HELO refused", "S: 220 hi\nC: EHLO me.example\nS: 500 what\nC: HELO me.example\nS: 500 what\n" QUIT,
	 "a", 0, NULL, NULL, "- | server_refuses | none"},
	{"no HELO where TLS is wanted", "S: 220 hi\nC: EHLO me.example\nS: 500 what\n" QUIT, "a", STARTTLS, NULL, NULL,
	 "- | not_offered | none"},
	{"no HELO where AUTH is wanted", "S: 220 hi\nC: EHLO me.example\nS: 500 what\n" QUIT, "a", AUTH, NULL, NULL,
	 "- | not_offered | none"},
	{"a reply before EHLO was written", "S: 220 hi\nS: 250 srv\n" QUIT, "a", 0, NULL, NULL, "- | protocol | none"},
	{"a reply begun before EHLO was written", "S: 220 hi\nS: 25\\c\nC: EHLO me.example\nS: 0 srv\n", "a", 0, NULL,
	 NULL, "- | protocol | none"},
	{"the code changes within a reply: the last one decides",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-a\nS: 554 b\n" QUIT, "a", 0, NULL, NULL, "- | server_refuses | none"},

	/* ---- one command at a time, and pipelined ---- */
	{"without PIPELINING each waits", HELLO MAIL OK RCPT("a") OK RCPT("b") OK DATA GO D OK QUIT, "a b", 0, NULL,
	 NULL, "accepted 250, accepted 250 | none | none"},
	{"with PIPELINING one flight", PIPELINED MAIL RCPT("a") RCPT("b") DATA OK OK OK GO D OK QUIT, "a b", 0, NULL,
	 NULL, "accepted 250, accepted 250 | none | none"},
	{"fates differ, pipelined",
	 PIPELINED MAIL RCPT("a") RCPT("b") RCPT("c") DATA OK "S: 550 5.1.1 no\nS: 450 4.2.1 later\n" OK GO D OK QUIT,
	 "a b c", 0, NULL, NULL, "refused 550, retry 450, accepted 250 | none | none"},
	{"fates differ, one by one",
	 HELLO MAIL OK RCPT("a") "S: 550 no\n" RCPT("b") "S: 450 later\n" RCPT("c") OK DATA GO D OK QUIT, "a b c", 0,
	 NULL, NULL, "refused 550, retry 450, accepted 250 | none | none"},
	{"251 and 252 accept",
	 HELLO MAIL OK RCPT("a") "S: 251 forwarded\n" RCPT("b") "S: 252 perhaps\n" DATA GO D OK QUIT, "a b", 0, NULL,
	 NULL, "accepted 250, accepted 250 | none | none"},
	{"no recipient accepted, one by one: no DATA",
	 HELLO MAIL OK RCPT("a") "S: 550 no\n" RCPT("b") "S: 550 no\n" QUIT, "a b", 0, NULL, NULL,
	 "refused 550, refused 550 | none | none"},
	{"no recipient accepted, DATA answered 554", PIPELINED MAIL RCPT("a") DATA OK "S: 550 no\nS: 554 nobody\n" QUIT,
	 "a", 0, NULL, NULL, "refused 550 | none | none"},
	{"no recipient accepted, DATA answered 354: a lone dot",
	 PIPELINED MAIL RCPT("a") DATA OK "S: 550 no\n" GO "C: .\nS: 554 nobody\n" QUIT, "a", 0, NULL, NULL,
	 "refused 550 | none | none"},
	{"no recipient accepted, the lone dot answered 250 delivers nothing",
	 PIPELINED MAIL RCPT("a") DATA OK "S: 450 no\n" GO "C: .\n" OK QUIT, "a", 0, NULL, NULL,
	 "retry 450 | none | none"},
	{"too many recipients: the rest has its own transaction",
	 HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 552 too many\n" DATA GO D OK MAIL OK RCPT("b") OK DATA GO D OK QUIT,
	 "a b", 0, NULL, NULL, "accepted 250, accepted 250 | none | none"},
	{"too many: not named needlessly after that",
	 HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 452 4.5.3 too many\n" DATA GO D OK MAIL OK RCPT("c")
		 OK DATA GO D OK MAIL OK RCPT("b") OK DATA GO D OK QUIT,
	 "a b c", 0, NULL, NULL, "accepted 250, accepted 250, accepted 250 | none | none"},
	{"too many, pipelined: those after it are put back as well",
	 PIPELINED MAIL RCPT("a") RCPT("b") RCPT("c") DATA OK OK
	 "S: 452 4.5.3 too many\n"
	 "S: 452 4.5.3 too many\n" GO D OK MAIL RCPT("b") DATA OK OK GO D OK MAIL RCPT("c") DATA OK OK GO D OK QUIT,
	 "a b c", 0, NULL, NULL, "accepted 250, accepted 250, accepted 250 | none | none"},
	{"too many already at the first: a verdict",
	 HELLO MAIL OK RCPT("a") "S: 452 4.5.3 too many\n" RCPT("b") "S: 452 4.5.3 too many\n" QUIT, "a b", 0, NULL,
	 NULL, "retry 452, retry 452 | none | none"},
	{"too many: the message refused, the rest hears the same",
	 HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 452 4.5.3 too many\n" DATA GO D "S: 554 5.7.1 no\n" QUIT, "a b", 0,
	 NULL, NULL, "refused 554, refused 554 | none | message_refused"},
	{"too many: lost after the second message, only that is uncertain",
	 HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 452 4.5.3 too many\n" DATA GO D OK MAIL OK RCPT("b") OK DATA GO D
	 "S-close\n",
	 "a b", 0, NULL, NULL, "accepted 250, unknown | connection_lost | uncertain"},
	{"too many: lost after the first message, those who wait are not uncertain",
	 HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 452 4.5.3 too many\n" DATA GO D "S-close\n", "a b", 0, NULL, NULL,
	 "unknown, retry | connection_lost | uncertain"},
	{"too many: 421 between the transactions",
	 HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 452 4.5.3 too many\n" DATA GO D OK MAIL "S: 421 leaving\n", "a b", 0,
	 NULL, NULL, "accepted 250, retry 421 | server_temporary | none"},
	{"too many: the second MAIL refused",
	 HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 452 4.5.3 too many\n" DATA GO D OK MAIL "S: 451 later\n" QUIT, "a b",
	 0, NULL, NULL, "accepted 250, retry 451 | none | server_temporary"},
	{"too many, all or none: given up", HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 452 4.5.3 too many\n" QUIT, "a b",
	 ABORT, NULL, NULL, "retry, retry 452 | none | server_temporary"},
	{"a refusal of its own among those too many",
	 PIPELINED MAIL RCPT("a") RCPT("b") RCPT("c") DATA OK OK "S: 550 5.1.1 no\n"
								 "S: 452 4.5.3 too many\n" GO D OK MAIL RCPT("c")
									 DATA OK OK GO D OK QUIT,
	 "a b c", 0, NULL, NULL, "accepted 250, refused 550, accepted 250 | none | none"},

	/* ---- LIMITS ---- */
	{"RCPTMAX divides beforehand",
	 LIMITED("RCPTMAX=2") MAIL RCPT("a") RCPT("b") DATA OK OK OK GO D OK MAIL RCPT("c") DATA OK OK GO D OK QUIT,
	 "a b c", 0, NULL, NULL, "accepted 250, accepted 250, accepted 250 | none | none"},
	{"RCPTMAX: all of the first refused, RSET, the others still served",
	 LIMITED("RCPTMAX=2") MAIL RCPT("a") RCPT("b") DATA OK "S: 550 no\n"
							       "S: 550 no\n"
							       "S: 554 nobody\n"
							       "C: RSET\n" MAIL RCPT("c") DATA OK OK OK GO D OK QUIT,
	 "a b c", 0, NULL, NULL, "refused 550, refused 550, accepted 250 | none | none"},
	{"RCPTMAX, too many below it: the next transactions have no more than were accepted",
	 LIMITED("RCPTMAX=3") MAIL RCPT("a") RCPT("b") RCPT("c") DATA OK OK OK
	 "S: 452 4.5.3 too many\n" GO D OK MAIL RCPT("d") RCPT("e") DATA OK OK OK GO D OK MAIL RCPT("c")
		 DATA OK OK GO D OK QUIT,
	 "a b c d e", 0, NULL, NULL,
	 "accepted 250, accepted 250, accepted 250, accepted 250, accepted 250 | none | none"},
	{"RCPTMAX, too many below it twice: the lowest number holds",
	 LIMITED("RCPTMAX=3") MAIL RCPT("a") RCPT("b") RCPT("c") DATA OK OK OK
	 "S: 452 4.5.3 too many\n" GO D OK MAIL RCPT("d") RCPT("c") DATA OK OK
	 "S: 452 4.5.3 too many\n" GO D OK MAIL RCPT("c") DATA OK OK GO D OK QUIT,
	 "a b c d", 0, NULL, NULL, "accepted 250, accepted 250, accepted 250, accepted 250 | none | none"},
	{"RCPTMAX and all or none: not begun", LIMITED("RCPTMAX=2") QUIT, "a b c", ABORT, NULL, NULL,
	 "retry, retry, retry | none | not_offered"},
	{"RCPTMAX, LMTP",
	 "S: 220 hi\nC: LHLO me.example\nS: 250-srv\nS: 250-LIMITS RCPTMAX=1\nS: 250 PIPELINING\n" MAIL RCPT("a")
		 DATA OK OK GO D OK MAIL RCPT("b") DATA OK OK GO D "S: 550 5.2.1 off\n" QUIT,
	 "a b", LMTP, NULL, NULL, "accepted 250, refused 550 | none | none"},
	{"MAILMAX: the rest is for another session",
	 LIMITED("MAILMAX=1 RCPTMAX=1") MAIL RCPT("a") DATA OK OK GO D OK QUIT, "a b", 0, NULL, NULL,
	 "accepted 250, retry | none | server_temporary"},
	{"MAILMAX holds for a second message", LIMITED("MAILMAX=1") MAIL RCPT("a") DATA OK OK GO D OK QUIT, "a", TWICE,
	 NULL, NULL, "accepted 250; retry | none | server_temporary"},
	{"a limit of 0, or of nonsense, is none",
	 LIMITED("RCPTMAX=0 MAILMAX=x FOO=1") MAIL RCPT("a") RCPT("b") DATA OK OK OK GO D OK QUIT, "a b", 0, NULL, NULL,
	 "accepted 250, accepted 250 | none | none"},

	{"552 5.2.2 is a full mailbox", HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 552 5.2.2 full\n" DATA GO D OK QUIT,
	 "a b", 0, NULL, NULL, "accepted 250, refused 552 | none | none"},
	{"RCPT answered 354", HELLO MAIL OK RCPT("a") "S: 354 go\n", "a", 0, NULL, NULL,
	 "refused 354 | protocol | none"},

	/* ---- the message is refused for all recipients ---- */
	{"MAIL refused, one by one", HELLO MAIL "S: 550 5.7.1 no\n" QUIT, "a b", 0, NULL, NULL,
	 "refused 550, refused 550 | none | sender_refused"},
	{"MAIL put off", HELLO MAIL "S: 451 later\n" QUIT, "a", 0, NULL, NULL, "retry 451 | none | server_temporary"},
	{"MAIL 552", HELLO MAIL "S: 552 big\n" QUIT, "a", 0, NULL, NULL, "refused 552 | none | too_big"},
	{"MAIL 530", HELLO MAIL "S: 530 5.7.0 log in\n" QUIT, "a", 0, NULL, NULL, "retry 530 | none | auth_refused"},
	{"MAIL refused, pipelined, all answered",
	 PIPELINED MAIL RCPT("a") RCPT("b") DATA "S: 550 no\nS: 503 no\nS: 503 no\nS: 503 no\n" QUIT, "a b", 0, NULL,
	 NULL, "refused 550, refused 550 | none | sender_refused"},
	{"MAIL refused, RCPT accepted all the same, DATA 354",
	 PIPELINED MAIL RCPT("a") DATA "S: 550 no\n" OK GO "C: .\nS: 503 no\n" QUIT, "a", 0, NULL, NULL,
	 "refused 550 | none | sender_refused"},
	{"MAIL answered 354", HELLO MAIL "S: 354 go\n", "a", 0, NULL, NULL, "refused 354 | protocol | none"},
	{"DATA refused", HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 550 no\n" DATA "S: 554 no\n" QUIT, "a b", 0, NULL,
	 NULL, "refused 554, refused 550 | none | message_refused"},
	{"DATA put off", PIPELINED MAIL RCPT("a") DATA OK OK "S: 451 later\n" QUIT, "a", 0, NULL, NULL,
	 "retry 451 | none | server_temporary"},
	{"DATA answered 250", HELLO MAIL OK RCPT("a") OK DATA OK QUIT, "a", 0, NULL, NULL,
	 "refused 250 | protocol | none"},
	{"end of data refused", HELLO MAIL OK RCPT("a") OK RCPT("b") OK DATA GO D "S: 554 5.6.0 no\n" QUIT, "a b", 0,
	 NULL, NULL, "refused 554, refused 554 | none | message_refused"},
	{"end of data put off", HELLO MAIL OK RCPT("a") OK DATA GO D "S: 451 4.3.0 later\n" QUIT, "a", 0, NULL, NULL,
	 "retry 451 | none | server_temporary"},
	{"end of data answered 354: the outcome is unknown", HELLO MAIL OK RCPT("a") OK DATA GO D GO, "a", 0, NULL,
	 NULL, "unknown | protocol | uncertain"},
	{"end of data answered with nonsense: the outcome is unknown",
	 HELLO MAIL OK RCPT("a") OK DATA GO D "S: fine\n" QUIT, "a", 0, NULL, NULL, "unknown | protocol | uncertain"},
	{"end of data answered 421: put off", HELLO MAIL OK RCPT("a") OK DATA GO D "S: 421 leaving\n", "a", 0, NULL,
	 NULL, "retry 421 | server_temporary | none"},
	{"closed after the end of data: the outcome is unknown",
	 HELLO MAIL OK RCPT("a") OK RCPT("b") "S: 550 no\n" DATA GO D "S-close\n", "a b", 0, NULL, NULL,
	 "unknown, refused 550 | connection_lost | uncertain"},
	{"silent after the end of data: the outcome is unknown", HELLO MAIL OK RCPT("a") OK DATA GO D "S-hang\n", "a",
	 0, NULL, NULL, "unknown | timeout | uncertain"},

	/* ---- the server replies while the message is being sent ---- */
	{"early failure stops the body", HELLO MAIL OK RCPT("a") OK DATA GO "D: Subject: x\nS: 552 5.3.4 big\n", "a", 0,
	 NULL, NULL, "refused 552 | message_refused | none"},
	{"early failure after the 354", HELLO MAIL OK RCPT("a") OK DATA GO "S: 451 4.3.1 full\n", "a", 0, NULL, NULL,
	 "retry 451 | server_temporary | none"},
	{"early 421", HELLO MAIL OK RCPT("a") OK DATA GO "D: Subject: x\nS: 421 leaving\n", "a", 0, NULL, NULL,
	 "retry 421 | server_temporary | none"},
	{"early success is an error", HELLO MAIL OK RCPT("a") OK DATA GO "D: Subject: x\nS: 250 ok\n", "a", 0, NULL,
	 NULL, "refused | protocol | none"},
	{"a success begun early is no success",
	 HELLO MAIL OK RCPT("a") OK DATA GO "D: Subject: x\nS: 25\\c\nD:\nD: hi\nD: .\nS: 0 ok\n", "a", 0, NULL, NULL,
	 "unknown | protocol | uncertain"},
	{"a refusal begun early is a refusal",
	 HELLO MAIL OK RCPT("a") OK DATA GO "D: Subject: x\nS: 55\\c\nD:\nD: hi\nD: .\nS: 4 no\n", "a", 0, NULL, NULL,
	 "refused 554 | message_refused | none"},
	{"closed within the body", HELLO MAIL OK RCPT("a") OK DATA GO "D: Subject: x\nS-close\n", "a", 0, NULL, NULL,
	 "retry | connection_lost | none"},
	{"reset within the body", HELLO MAIL OK RCPT("a") OK DATA GO "D: Subject: x\nS-reset\n", "a", 0, NULL, NULL,
	 "retry | connection_lost | none"},

	/* ---- all recipients or none ---- */
	{"abort: DATA waits for the verdicts", PIPELINED MAIL RCPT("a") RCPT("b") OK OK OK DATA GO D OK QUIT, "a b",
	 ABORT, NULL, NULL, "accepted 250, accepted 250 | none | none"},
	{"abort: one refused, no DATA", PIPELINED MAIL RCPT("a") RCPT("b") OK OK "S: 550 no\n" QUIT, "a b", ABORT, NULL,
	 NULL, "refused, refused 550 | none | message_refused"},
	{"abort: one refused, one by one", HELLO MAIL OK RCPT("a") "S: 550 no\n" RCPT("b") OK QUIT, "a b", ABORT, NULL,
	 NULL, "refused 550, refused | none | message_refused"},
	{"abort: one put off, the others wait with it", HELLO MAIL OK RCPT("a") "S: 450 later\n" RCPT("b") OK QUIT,
	 "a b", ABORT, NULL, NULL, "retry 450, retry | none | server_temporary"},
	{"abort: one put off, one refused",
	 HELLO MAIL OK RCPT("a") "S: 450 later\n" RCPT("b") OK RCPT("c") "S: 550 no\n" QUIT, "a b c", ABORT, NULL, NULL,
	 "retry 450, refused, refused 550 | none | message_refused"},

	/* ---- LMTP ---- */
	{"LMTP: a verdict for each",
	 "S: 220 hi\nC: LHLO me.example\nS: 250 srv\n" MAIL OK RCPT("a") OK RCPT("b") "S: 550 no\n" RCPT("c")
		 OK RCPT("d") OK DATA GO D OK "S: 452 4.2.2 full\nS: 550 5.2.1 off\n" QUIT,
	 "a b c d", LMTP, NULL, NULL, "accepted 250, refused 550, retry 452, refused 550 | none | none"},
	{"LMTP: no verdict for the first, who was refused",
	 "S: 220 hi\nC: LHLO me.example\nS: 250 srv\n" MAIL OK RCPT("a") "S: 550 no\n" RCPT("b") OK DATA GO D
	 "S: 452 4.2.2 full\n" QUIT,
	 "a b", LMTP, NULL, NULL, "refused 550, retry 452 | none | none"},
	{"LMTP: lost between the verdicts",
	 "S: 220 hi\nC: LHLO me.example\nS: 250-srv\nS: 250 PIPELINING\n" MAIL RCPT("a") RCPT("b") DATA OK OK OK GO D OK
	 "S-close\n",
	 "a b", LMTP, NULL, NULL, "accepted 250, unknown | connection_lost | uncertain"},
	{"LMTP: LHLO refused, no HELO", "S: 220 hi\nC: LHLO me.example\nS: 500 what\n" QUIT, "a", LMTP, NULL, NULL,
	 "- | server_refuses | none"},
	{"LMTP: one verdict too many",
	 "S: 220 hi\nC: LHLO me.example\nS: 250 srv\n" MAIL OK RCPT("a") OK DATA GO D OK OK QUIT, "a", LMTP, NULL, NULL,
	 "accepted 250 | protocol | none"},

	/* ---- a second message ---- */
	{"no RSET after a finished transaction",
	 HELLO MAIL OK RCPT("a") OK DATA GO D OK MAIL OK RCPT("a") OK DATA GO D OK QUIT, "a", TWICE, NULL, NULL,
	 "accepted 250; accepted 250 | none | none"},
	{"no RSET after a refused end of data",
	 HELLO MAIL OK RCPT("a") OK DATA GO D "S: 554 no\n" MAIL OK RCPT("a") OK DATA GO D OK QUIT, "a", TWICE, NULL,
	 NULL, "refused 554; accepted 250 | none | none"},
	{"no RSET after a refused MAIL", HELLO MAIL "S: 550 no\n" MAIL OK RCPT("a") OK DATA GO D OK QUIT, "a", TWICE,
	 NULL, NULL, "refused 550; accepted 250 | none | none"},
	{"RSET where recipients were refused",
	 HELLO MAIL OK RCPT("a") "S: 550 no\nC: RSET\n" OK MAIL OK RCPT("a") OK DATA GO D OK QUIT, "a", TWICE, NULL,
	 NULL, "refused 550; accepted 250 | none | none"},
	{"RSET where DATA was refused, pipelined",
	 PIPELINED MAIL RCPT("a") DATA OK OK "S: 451 no\nC: RSET\n" MAIL RCPT("a") DATA OK OK OK GO D OK QUIT, "a",
	 TWICE, NULL, NULL, "retry 451; accepted 250 | none | none"},
	{"RSET refused ends the session", HELLO MAIL OK RCPT("a") "S: 550 no\nC: RSET\nS: 502 no\n" QUIT, "a", TWICE,
	 NULL, NULL, "refused 550; retry 502 | server_temporary | none"},
	{"RSET refused, pipelined: nothing is sent after it",
	 PIPELINED MAIL RCPT("a") DATA OK OK "S: 451 no\nC: RSET\n" MAIL RCPT("a") DATA "S: 502 no\n" OK OK GO, "a",
	 TWICE, NULL, NULL, "retry 451; retry 502 | server_temporary | none"},

	/* ---- BDAT ---- */
	{"BDAT: the whole transaction in one flight", FLIGHT MAIL RCPT("a") RCPT("b") BDAT P OK OK OK OK QUIT, "a b", 0,
	 NULL, NULL, "accepted 250, accepted 250 | none | none"},
	{"BDAT without PIPELINING: one by one, and one verdict",
	 CHUNKED MAIL OK RCPT("a") OK RCPT("b") OK BDAT P OK QUIT, "a b", 0, NULL, NULL,
	 "accepted 250, accepted 250 | none | none"},
	{"BDAT: SIZE is declared as with DATA",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-SIZE\nS: 250-PIPELINING\nS: 250 CHUNKING\n"
	 "C: MAIL FROM:<me@example.org> SIZE=18\n" RCPT("a") BDAT P OK OK OK QUIT,
	 "a", 0, NULL, NULL, "accepted 250 | none | none"},
	{"BDAT through TLS from the first octet", "TLS\n" FLIGHT MAIL RCPT("a") BDAT P OK OK OK QUIT, "a", TLS, NULL,
	 NULL, "accepted 250 | none | none"},
	{"BDAT offered in clear only is not used after STARTTLS",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-CHUNKING\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS\n"
	 "C: EHLO me.example\nS: 250 srv\n" MAIL OK RCPT("a") OK DATA GO D OK QUIT,
	 "a", STARTTLS, NULL, NULL, "accepted 250 | none | none"},
	{"BDAT: the octets have no dots", FLIGHT MAIL RCPT("a") BDAT_DOTS P_DOTS OK OK OK QUIT, "a", DOTS, NULL, NULL,
	 "accepted 250 | none | none"},
	{"DATA: the same message has them", PIPELINED MAIL RCPT("a") DATA OK OK GO "D: ..\nD: ..x\nD: .\n" OK QUIT, "a",
	 DOTS, NULL, NULL, "accepted 250 | none | none"},
	{"BDAT: an empty message is complete with its command", FLIGHT MAIL RCPT("a") "C: BDAT 0 LAST\n" OK OK OK QUIT,
	 "a", EMPTY, NULL, NULL, "accepted 250 | none | none"},
	{"BDAT: an empty message, one by one", CHUNKED MAIL OK RCPT("a") OK "C: BDAT 0 LAST\n" OK QUIT, "a", EMPTY,
	 NULL, NULL, "accepted 250 | none | none"},
	{"BDAT: an empty message, closed after it", CHUNKED MAIL OK RCPT("a") OK "C: BDAT 0 LAST\nS-close\n", "a",
	 EMPTY, NULL, NULL, "unknown | connection_lost | uncertain"},
	{"BDAT: one recipient refused",
	 FLIGHT MAIL RCPT("a") RCPT("b") RCPT("c") BDAT P OK "S: 550 5.1.1 no\nS: 450 4.2.1 later\n" OK OK QUIT,
	 "a b c", 0, NULL, NULL, "refused 550, retry 450, accepted 250 | none | none"},
	{"BDAT: no recipient accepted, answered 503",
	 FLIGHT MAIL RCPT("a") RCPT("b") BDAT P OK "S: 550 no\nS: 450 later\nS: 503 nobody\n" QUIT, "a b", 0, NULL,
	 NULL, "refused 550, retry 450 | none | none"},
	{"BDAT: no recipient accepted, answered 554", FLIGHT MAIL RCPT("a") BDAT P OK "S: 550 no\nS: 554 nobody\n" QUIT,
	 "a", 0, NULL, NULL, "refused 550 | none | none"},
	{"BDAT: no recipient accepted, answered 250, delivers nothing",
	 FLIGHT MAIL RCPT("a") BDAT P OK "S: 450 no\n" OK QUIT, "a", 0, NULL, NULL, "retry 450 | none | none"},
	{"BDAT: no recipient accepted, one by one: none is sent", CHUNKED MAIL OK RCPT("a") "S: 550 no\n" QUIT, "a", 0,
	 NULL, NULL, "refused 550 | none | none"},
	{"BDAT: MAIL refused, all in flight",
	 FLIGHT MAIL RCPT("a") RCPT("b") BDAT P "S: 550 no\nS: 503 no\nS: 503 no\nS: 503 no\n" QUIT, "a b", 0, NULL,
	 NULL, "refused 550, refused 550 | none | sender_refused"},
	{"BDAT: MAIL refused, the others accepted all the same, deliver nothing",
	 FLIGHT MAIL RCPT("a") BDAT P "S: 550 no\n" OK OK QUIT, "a", 0, NULL, NULL,
	 "refused 550 | none | sender_refused"},
	{"BDAT: MAIL refused, one by one: nothing more", CHUNKED MAIL "S: 451 later\n" QUIT, "a", 0, NULL, NULL,
	 "retry 451 | none | server_temporary"},
	{"BDAT: MAIL refused within the chunk: it is completed",
	 FLIGHT MAIL RCPT("a") BDAT "D: Subject: x\nS: 550 no\nD:\nD: hi\nS: 503 no\nS: 503 no\n" QUIT, "a", 0, NULL,
	 NULL, "refused 550 | none | sender_refused"},
	{"BDAT refused", FLIGHT MAIL RCPT("a") RCPT("b") BDAT P OK OK "S: 550 no\nS: 554 5.6.0 no\n" QUIT, "a b", 0,
	 NULL, NULL, "refused 554, refused 550 | none | message_refused"},
	{"BDAT put off", CHUNKED MAIL OK RCPT("a") OK BDAT P "S: 451 4.3.0 later\n" QUIT, "a", 0, NULL, NULL,
	 "retry 451 | none | server_temporary"},
	{"BDAT answered 354: the outcome is unknown", FLIGHT MAIL RCPT("a") BDAT P OK OK GO, "a", 0, NULL, NULL,
	 "unknown | protocol | uncertain"},
	{"BDAT answered with nonsense: the outcome is unknown", FLIGHT MAIL RCPT("a") BDAT P OK OK "S: fine\n" QUIT,
	 "a", 0, NULL, NULL, "unknown | protocol | uncertain"},
	{"BDAT answered 421: put off", FLIGHT MAIL RCPT("a") BDAT P OK OK "S: 421 leaving\n", "a", 0, NULL, NULL,
	 "retry 421 | server_temporary | none"},
	{"BDAT: a verdict too many", FLIGHT MAIL RCPT("a") BDAT P OK OK OK OK QUIT, "a", 0, NULL, NULL,
	 "accepted 250 | protocol | none"},
	{"BDAT: closed after the message: the outcome is unknown",
	 FLIGHT MAIL RCPT("a") RCPT("b") BDAT P OK OK "S: 550 no\nS-close\n", "a b", 0, NULL, NULL,
	 "unknown, refused 550 | connection_lost | uncertain"},
	{"BDAT: closed without a word: the outcome is unknown", FLIGHT MAIL RCPT("a") BDAT P "S-close\n", "a", 0, NULL,
	 NULL, "unknown | connection_lost | uncertain"},
	{"BDAT: silent after the message: the outcome is unknown", CHUNKED MAIL OK RCPT("a") OK BDAT P "S-hang\n", "a",
	 0, NULL, NULL, "unknown | timeout | uncertain"},
	{"BDAT: closed within the chunk", CHUNKED MAIL OK RCPT("a") OK BDAT "D: Subject: x\nS-close\n", "a", 0, NULL,
	 NULL, "retry | connection_lost | none"},
	{"BDAT: reset within the chunk", FLIGHT MAIL RCPT("a") BDAT "D: Subject: x\nS-reset\n", "a", 0, NULL, NULL,
	 "retry | connection_lost | none"},
	{"BDAT: a stream that stands still within the chunk", FLIGHT MAIL RCPT("a") BDAT "D: Subject: x\nS-hang\n", "a",
	 0, NULL, NULL, "retry | timeout | none"},
	{"BDAT: 421 within the chunk", FLIGHT MAIL RCPT("a") BDAT "D: Subject: x\nS: 421 leaving\n", "a", 0, NULL, NULL,
	 "retry 421 | server_temporary | none"},
	{"BDAT: refused within the chunk, which is completed",
	 FLIGHT MAIL RCPT("a") BDAT "D: Subject: x\n" OK OK "S: 552 5.3.4 big\nD:\nD: hi\n" QUIT, "a", 0, NULL, NULL,
	 "refused 552 | none | message_refused"},
	{"BDAT: put off before the first octet, one by one",
	 CHUNKED MAIL OK RCPT("a") OK BDAT "S: 452 4.3.1 full\n" P QUIT, "a", 0, NULL, NULL,
	 "retry 452 | none | server_temporary"},
	{"BDAT: closed within a chunk that was refused",
	 CHUNKED MAIL OK RCPT("a") OK BDAT "D: Subject: x\nS: 552 5.3.4 big\nS-close\n", "a", 0, NULL, NULL,
	 "refused 552 | connection_lost | message_refused"},
	{"BDAT: two verdicts within the chunk",
	 CHUNKED MAIL OK RCPT("a") OK BDAT "D: Subject: x\nS: 552 5.3.4 big\nS: 250 ok\n", "a", 0, NULL, NULL,
	 "refused 552 | protocol | message_refused"},
	{"BDAT: success within the chunk is an error", FLIGHT MAIL RCPT("a") BDAT "D: Subject: x\n" OK OK OK, "a", 0,
	 NULL, NULL, "refused | protocol | none"},
	{"BDAT: 354 within the chunk is an error", CHUNKED MAIL OK RCPT("a") OK BDAT "D: Subject: x\n" GO, "a", 0, NULL,
	 NULL, "refused | protocol | none"},
	{"BDAT: a success begun within the chunk is no success",
	 FLIGHT MAIL RCPT("a") BDAT "D: Subject: x\n" OK OK "S: 25\\c\nD:\nD: hi\nS: 0 ok\n", "a", 0, NULL, NULL,
	 "unknown | protocol | uncertain"},
	{"BDAT: a refusal begun within the chunk is a refusal",
	 FLIGHT MAIL RCPT("a") BDAT "D: Subject: x\n" OK OK "S: 55\\c\nD:\nD: hi\nS: 4 no\n" QUIT, "a", 0, NULL, NULL,
	 "refused 554 | none | message_refused"},
	{"BDAT: recipients answered within the chunk",
	 FLIGHT MAIL RCPT("a") BDAT "D: Subject: x\n" OK "S: 25\\c\nD:\nD: hi\nS: 0 ok\n" OK QUIT, "a", 0, NULL, NULL,
	 "accepted 250 | none | none"},
	{"BDAT, abort: waits for the recipients", FLIGHT MAIL RCPT("a") RCPT("b") OK OK OK BDAT P OK QUIT, "a b", ABORT,
	 NULL, NULL, "accepted 250, accepted 250 | none | none"},
	{"BDAT, abort: one refused, none is sent", FLIGHT MAIL RCPT("a") RCPT("b") OK OK "S: 550 no\n" QUIT, "a b",
	 ABORT, NULL, NULL, "refused, refused 550 | none | message_refused"},
	{"BDAT, abort: one put off", CHUNKED MAIL OK RCPT("a") "S: 450 later\n" RCPT("b") OK QUIT, "a b", ABORT, NULL,
	 NULL, "retry 450, retry | none | server_temporary"},
	{"BDAT: no RSET after a delivered message",
	 FLIGHT MAIL RCPT("a") BDAT P OK OK OK MAIL RCPT("a") BDAT P OK OK OK QUIT, "a", TWICE, NULL, NULL,
	 "accepted 250; accepted 250 | none | none"},
	{"BDAT refused: RSET, whose answer the next message waits for",
	 FLIGHT MAIL RCPT("a") BDAT P OK OK "S: 554 no\nC: RSET\n" MAIL RCPT("a") OK OK OK BDAT P OK QUIT, "a", TWICE,
	 NULL, NULL, "refused 554; accepted 250 | none | none"},
	{"BDAT refused, one by one: RSET",
	 CHUNKED MAIL OK RCPT("a") OK BDAT P "S: 451 no\nC: RSET\n" OK MAIL OK RCPT("a") OK BDAT P OK QUIT, "a", TWICE,
	 NULL, NULL, "retry 451; accepted 250 | none | none"},
	{"BDAT refused after a refused MAIL: RSET all the same",
	 FLIGHT MAIL RCPT("a") BDAT P "S: 550 no\nS: 503 no\nS: 503 no\nC: RSET\n" MAIL RCPT("a")
		 OK OK OK BDAT P OK QUIT,
	 "a", TWICE, NULL, NULL, "refused 550; accepted 250 | none | none"},
	{"BDAT: RSET refused, so nothing of the next message is out",
	 FLIGHT MAIL RCPT("a") BDAT P OK OK "S: 554 no\nC: RSET\n" MAIL RCPT("a") "S: 502 no\n", "a", TWICE, NULL, NULL,
	 "refused 554; retry 502 | server_temporary | none"},
	{"LMTP with CHUNKING goes by DATA",
	 "S: 220 hi\nC: LHLO me.example\nS: 250-srv\nS: 250-PIPELINING\nS: 250 CHUNKING\n" MAIL RCPT("a") RCPT("b")
		 DATA OK OK OK GO D OK "S: 452 4.2.2 full\n" QUIT,
	 "a b", LMTP, NULL, NULL, "accepted 250, retry 452 | none | none"},

	/* ---- TLS ---- */
	{"STARTTLS, then EHLO again, capabilities again",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-PIPELINING\nS: 250-SIZE 1\nS: 250 STARTTLS\nC: "
	 "STARTTLS\nS: 220 go\nTLS\n"
	 "C: EHLO me.example\nS: 250 srv\n" MAIL OK RCPT("a") OK DATA GO D OK QUIT,
	 "a", STARTTLS, NULL, NULL, "accepted 250 | none | none"},
	{"STARTTLS not offered", HELLO QUIT, "a", STARTTLS, NULL, NULL, "- | not_offered | none"},
	{"STARTTLSX is not STARTTLS", "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 STARTTLSX\n" QUIT, "a",
	 STARTTLS, NULL, NULL, "- | not_offered | none"},
	{"STARTTLS refused",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 502 no\n" QUIT, "a", STARTTLS,
	 NULL, NULL, "- | server_refuses | none"},
	{"STARTTLS put off",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 later\n" QUIT, "a", STARTTLS,
	 NULL, NULL, "- | server_temporary | none"},
	{"a line injected after STARTTLS",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nS: 250 AUTH PLAIN\n", "a",
	 STARTTLS, NULL, NULL, "- | protocol | none"},
	{"part of a line injected",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nS: 2\\c\n", "a", STARTTLS,
	 NULL, NULL, "- | protocol | none"},
	{"421 injected",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nS: 421 bye\n", "a",
	 STARTTLS, NULL, NULL, "- | protocol | none"},
	{"AUTH only after TLS",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-AUTH PLAIN\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 "
	 "go\nTLS\nC: EHLO me.example\n"
	 "S: 250-srv\nS: 250 AUTH PLAIN\nC: AUTH PLAIN Y2FuYXJ5LW9uZQ==\nS: 235 in\n" QUIT,
	 "", STARTTLS | AUTH, MECHS("PLAIN canary-one"), NULL, "- | none | none"},
	{"STARTTLS missing: no AUTH in clear", "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH PLAIN\n" QUIT,
	 "a", STARTTLS | AUTH, MECHS("PLAIN canary-one"), NULL, "- | not_offered | none"},
	{"the handshake fails",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nTLS-refused\n", "a",
	 STARTTLS | AUTH, MECHS("PLAIN canary-one"), NULL, "- | certificate | none"},
	{"closed instead of TLS",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nS-close\n", "a", STARTTLS,
	 NULL, NULL, "- | connection_lost | none"},
	{"TLS from the first octet", "TLS\n" HELLO MAIL OK RCPT("a") OK DATA GO D OK QUIT, "a", TLS, NULL, NULL,
	 "accepted 250 | none | none"},

	/* ---- AUTH ---- */
	{"initial response",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH PLAIN\nC: AUTH PLAIN Y2FuYXJ5LW9uZQ==\nS: 235 "
	 "in\n" QUIT,
	 "", AUTH, MECHS("PLAIN canary-one"), NULL, "- | none | none"},
	{"empty initial response",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH EXTERNAL\nC: AUTH EXTERNAL =\nS: 235 in\n" QUIT, "",
	 AUTH, MECHS("EXTERNAL "), NULL, "- | none | none"},
	{"challenges",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: "
	 "Y2FuYXJ5LXR3bw==\nS: 334\n"
	 "C: Y2FuYXJ5LXRocmVl\nS: 235 in\n" QUIT,
	 "", AUTH, MECHS("LOGIN"), MECHS("canary-two", "canary-three"), "- | none | none"},
	{"an initial response too long for the line waits for the 334",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH PLAIN\nC: AUTH PLAIN\nS: 334\nC: aGho\\*\nS: 235 "
	 "in\n" QUIT,
	 "", AUTH, MECHS("PLAIN " HUGE_INITIAL), NULL, "- | none | none"},
	{"refused password",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH PLAIN LOGIN\nC: AUTH PLAIN Y2FuYXJ5LW9uZQ==\nS: 535 "
	 "5.7.8 no\n" QUIT,
	 "a", AUTH, MECHS("PLAIN canary-one", "LOGIN"), NULL, "- | auth_refused | none"},
	{"put off",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH PLAIN\nC: AUTH PLAIN Y2FuYXJ5LW9uZQ==\nS: 454 4.7.0 "
	 "later\n" QUIT,
	 "a", AUTH, MECHS("PLAIN canary-one", "LOGIN"), NULL, "- | server_temporary | none"},
	{"504: the next mechanism",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH X PLAIN\nC: AUTH X\nS: 504 5.5.4 no\nC: AUTH PLAIN "
	 "Y2FuYXJ5LW9uZQ==\nS: 235 in\n" QUIT,
	 "", AUTH, MECHS("X", "PLAIN canary-one"), NULL, "- | none | none"},
	{"534: not the next mechanism",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH X PLAIN\nC: AUTH X\nS: 534 5.7.9 weak\n" QUIT, "a",
	 AUTH, MECHS("X", "PLAIN canary-one"), NULL, "- | auth_refused | none"},
	{"504 and no mechanism left",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH X\nC: AUTH X\nS: 504 5.5.4 no\n" QUIT, "a", AUTH,
	 MECHS("X"), NULL, "- | no_mechanism | none"},
	{"501: the next mechanism",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH X PLAIN\nC: AUTH X\nS: 501 no\nC: AUTH PLAIN "
	 "Y2FuYXJ5LW9uZQ==\nS: 235 in\n" QUIT,
	 "", AUTH, MECHS("X", "PLAIN canary-one"), NULL, "- | none | none"},
	{"no mechanism at all", "S: 220 hi\nC: EHLO me.example\nS: 250 srv\n" QUIT, "a", AUTH, NULL, NULL,
	 "- | no_mechanism | none"},
	{"334 where success was due: cancelled",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH PLAIN\nC: AUTH PLAIN Y2FuYXJ5LW9uZQ==\nS: 334 "
	 "more\\x3d\\x3d\nC: *\nS: 501 cancelled\n" QUIT,
	 "a", AUTH, MECHS("PLAIN canary-one"), NULL, "- | protocol | none"},
	{"success the mechanism does not believe",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH S\nC: AUTH S\nS: 235 in\n" QUIT, "a", AUTH | DISAGREE,
	 MECHS("S"), NULL, "- | protocol | none"},
	{"a challenge that is not base64 is cancelled",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH X\nC: AUTH X\nS: 334 ?!?\nC: *\nS: 501 "
	 "cancelled\n" QUIT,
	 "a", AUTH, MECHS("X"), MECHS("canary-two"), "- | protocol | none"},
	{"a cancelled exchange that succeeds all the same",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH X\nC: AUTH X\nS: 334 ?!?\nC: *\nS: 235 "
	 "in\n" QUIT,
	 "a", AUTH, MECHS("X"), MECHS("canary-two"), "- | protocol | none"},
	{"AUTH answered 354",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 354 go\n" QUIT, "a", AUTH,
	 MECHS("LOGIN"), NULL, "- | protocol | none"},
	{"EHLO again where a capability is worth it",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH X\nC: AUTH X\nS: 235 in\nC: EHLO me.example\nS: "
	 "250-srv\nS: 250 PIPELINING\n" MAIL RCPT("a") DATA OK OK GO D OK QUIT,
	 "a", AUTH | NEEDS_DSN, MECHS("X"), NULL, "accepted 250 | none | none"},
	{"EHLO again refused: the first list stays",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-PIPELINING\nS: 250 AUTH X\nC: AUTH X\nS: 235 in\nC: EHLO "
	 "me.example\nS: 503 already\n" MAIL RCPT("a") DATA OK OK GO D OK QUIT,
	 "a", AUTH | NEEDS_DSN, MECHS("X"), NULL, "accepted 250 | none | none"},
	{"no second EHLO where nothing is missing",
	 "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250-DSN\nS: 250 AUTH X\nC: AUTH X\nS: 235 in\n" MAIL OK RCPT(
		 "a") OK DATA GO D OK QUIT,
	 "a", AUTH | NEEDS_DSN, MECHS("X"), NULL, "accepted 250 | none | none"},

	/* ---- nothing to do; replies to nothing ---- */
	{"no message", HELLO QUIT, "", 0, NULL, NULL, "- | none | none"},
	{"an unsolicited reply within a transaction", PIPELINED MAIL RCPT("a") DATA OK OK GO "S: 250 ok\n", "a", 0,
	 NULL, NULL, "refused | protocol | none"},
};

/* ---- playing one ---- */

struct schedule {
	struct play play;
	struct play_mail mail;
	struct strbuf result;
};

static void make_envelope(struct envelope *env, const char *rcpts)
{
	struct span rest = span_of(rcpts);
	for (struct span w = span_word(&rest); w.len; w = span_word(&rest)) {
		GROW(env->rcpts, env->n, env->cap);
		char *address = xasprintf("%.*s@example.net", SPAN_FMT(w));
		env->rcpts[env->n++] = (struct recipient){.address = {address, address}};
	}
}

static void free_envelope(struct envelope *env)
{
	for (size_t i = 0; i < env->n; i++)
		free(env->rcpts[i].address.given);
	free(env->rcpts);
}

static void make_result(struct schedule *r)
{
	const struct error *session = session_error(r->play.session),
			   *message = session_submission_error(r->play.session);
	play_mail_end(&r->play);
	strbuf_addf(&r->result, "%s | %s | %s", r->mail.outcomes.len ? r->mail.outcomes.buf : "-",
		    error_kind_name(session ? session->status.kind : ERROR_NONE),
		    error_kind_name(message ? message->status.kind : ERROR_NONE));
}

/* Sets r->result; the caller has set in r->play how octets travel. */
static void play_situation(const struct situation *t, struct schedule *r)
{
	struct envelope env = ENVELOPE_INIT;
	char sender[] = "me@example.org", me[] = "me.example";
	env.mail.sender = (struct mail_address){sender, sender};
	make_envelope(&env, t->rcpts);
	const struct span plain = t->flags & EMPTY  ? SPAN_LIT("")
				  : t->flags & DOTS ? SPAN_LIT(".\r\n.x\r\n")
						    : SPAN_LIT(PLAIN);
	const struct mail_transaction mail = {
		.env = &env, .size = plain.len, .partial = t->flags & ABORT ? PARTIAL_ABORT : PARTIAL_DELIVER};
	const struct mail_transaction mails[] = {mail, mail};
	const struct session_options options = {
		.protocol = t->flags & LMTP ? PROTOCOL_LMTP : PROTOCOL_SMTP,
		.tls = t->flags & STARTTLS ? SESSION_TLS_STARTTLS
		       : t->flags & TLS	   ? SESSION_TLS_ACTIVE
					   : SESSION_TLS_NONE,
		.auth = (t->flags & AUTH) != 0,
		.needs = t->flags & NEEDS_DSN ? CAP_DSN : 0,
		.local_name = me,
		.trace = play_trace,
		.trace_arg = &r->play,
	};
	r->mail = (struct play_mail){.mails = mails,
				     .n = !env.n	     ? 0
					  : t->flags & TWICE ? 2
							     : 1,
				     .mechs = t->mechs,
				     .responses = t->responses,
				     .disagree = (t->flags & DISAGREE) != 0,
				     .outcomes = STRBUF_INIT};
	r->play.session = session_new(&options);
	r->play.plain = plain;
	r->play.body = t->flags & DOTS ? SPAN_LIT("..\r\n..x\r\n.\r\n") : SPAN_LIT(BODY);
	r->play.ready = play_mail_ready;
	r->play.sasl = t->flags & AUTH ? play_mail_sasl : NULL;
	r->play.arg = &r->mail;
	strbuf_init(&r->result);
	play_run(&r->play);
	make_result(r);
	session_free(r->play.session);
	free_envelope(&env);
}

static void run_release(struct schedule *r)
{
	play_release(&r->play);
	strbuf_release(&r->mail.outcomes);
	strbuf_release(&r->result);
}

static bool contains(const struct strbuf *in, struct span what)
{
	return what.len && memmem(in->buf, in->len, what.ptr, what.len);
}

/* Shows all failures of a test, not only the first. */
static unsigned faults;

__attribute__((format(printf, 1, 2))) static void fault(const char *fmt, ...)
{
	va_list ap;
	if (faults++ > 20)
		return;
	va_start(ap, fmt);
	char *text = NULL;
	if (vasprintf(&text, fmt, ap) >= 0)
		print_message("%s\n", text);
	free(text);
	va_end(ap);
}

static void no_faults(void)
{
	unsigned n = faults;
	faults = 0;
	assert_int_equal(n, 0);
}

static void check_no_secret(const struct situation *t, const struct schedule *r, const char *const *secrets, bool mechs)
{
	for (size_t i = 0; secrets && secrets[i]; i++) {
		const char *blank = mechs ? strchr(secrets[i], ' ') : NULL;
		struct span raw = mechs ? (blank ? span_of(blank + 1) : (struct span){NULL, 0}) : span_of(secrets[i]);
		AUTO(strbuf) coded = STRBUF_INIT;
		base64_encode(&coded, raw);
		if (contains(&r->play.trace, raw) || contains(&r->play.trace, strbuf_span(&coded)))
			fault("%s: a secret in the trace:\n%s", t->name, r->play.trace.buf);
		/* What was written must have been marked as secret. */
		if (contains(&r->play.sent, strbuf_span(&coded)) &&
		    !contains(&r->play.secret_written, strbuf_span(&coded)))
			fault("%s: a secret was written without being marked", t->name);
	}
}

static void check_run(const struct situation *t, const struct schedule *r, const char *how, size_t n)
{
	if (r->play.complaint.len)
		fault("%s (%s %zu): %s\n%s", t->name, how, n, r->play.complaint.buf, r->play.trace.buf);
	if (strcmp(r->result.buf, t->result) != 0)
		fault("%s (%s %zu):\n  wanted: %s\n  got:    %s\n%s", t->name, how, n, t->result, r->result.buf,
		      r->play.trace.buf);
	check_no_secret(t, r, t->mechs, true);
	check_no_secret(t, r, t->responses, false);
}

/* ---- any way the octets travel ---- */

static void parse(const struct situation *t, struct dialogue *d)
{
	struct error err = ERROR_INIT;
	if (!dialogue_parse_events(d, t->name, span_of(t->dialogue), &err))
		fail_msg("%s: %s", t->name, err.status.text);
}

static void keeps_to_the_dialogue(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++) {
		AUTO(dialogue) d;
		struct schedule r;
		parse(&situations[i], &d);
		play_init(&r.play, &d);
		play_situation(&situations[i], &r);
		check_run(&situations[i], &r, "whole", 0);
		run_release(&r);
	}
	no_faults();
}

static void any_portions_give_the_same(void **state)
{
	static const struct {
		size_t chunk, write_chunk;
		bool no_ride;
	} ways[] = {{1, 0, false}, {2, 0, false}, {3, 0, true},	 {7, 0, false}, {0, 1, false},
		    {0, 3, false}, {1, 1, true},  {2, 7, false}, {0, 0, true}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++) {
		AUTO(dialogue) d;
		parse(&situations[i], &d);
		for (size_t k = 0; k < ARRAY_SIZE(ways); k++) {
			struct schedule r;
			play_init(&r.play, &d);
			r.play.chunk = ways[k].chunk;
			r.play.write_chunk = ways[k].write_chunk;
			r.play.no_ride = ways[k].no_ride;
			play_situation(&situations[i], &r);
			check_run(&situations[i], &r, "way", k);
			run_release(&r);
		}
	}
	no_faults();
}

static void a_cut_at_every_octet_gives_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++) {
		AUTO(dialogue) d;
		parse(&situations[i], &d);
		size_t octets = play_server_octets(&d);
		for (size_t cut = 1; cut < octets; cut++) {
			struct schedule r;
			play_init(&r.play, &d);
			r.play.split = cut;
			play_situation(&situations[i], &r);
			check_run(&situations[i], &r, "cut", cut);
			run_release(&r);
		}
	}
	no_faults();
}

/* ---- the server stops anywhere ---- */

/* The result depends on where the server stopped, but this holds for all. */
static void check_stopped(const struct situation *t, const struct schedule *r, size_t at)
{
	const char *text = r->result.buf;
	if (r->play.complaint.len)
		fault("%s (ended at %zu): %s", t->name, at, r->play.complaint.buf);
	if (strstr(text, "open"))
		fault("%s (ended at %zu): an outcome is open: %s", t->name, at, text);
	if (!r->play.body_complete && (strstr(text, "accepted") || strstr(text, "unknown")))
		fault("%s (ended at %zu): %s without a complete message", t->name, at, text);
	if (r->play.body_complete && !(t->flags & TWICE) && r->play.stop != PLAY_STOP_421 &&
	    r->play.said < play_server_octets(r->play.dialogue) && !(t->flags & LMTP) &&
	    strstr(t->result, "accepted") && !strstr(text, "accepted") && !strstr(text, "unknown"))
		fault("%s (ended at %zu): the message was sent in full, but: %s", t->name, at, text);
	check_no_secret(t, r, t->mechs, true);
	check_no_secret(t, r, t->responses, false);
}

static void ends_with_one_outcome_each_wherever_the_server_stops(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(situations); i++) {
		const struct situation *t = &situations[i];
		AUTO(dialogue) d;
		parse(t, &d);
		size_t octets = play_server_octets(&d);
		for (size_t at = 0; at <= octets; at++) {
			for (enum play_stop how = PLAY_STOP_EOF; how <= PLAY_STOP_421; how++) {
				struct schedule r;
				play_init(&r.play, &d);
				r.play.stop_at = at;
				r.play.stop = how;
				play_situation(t, &r);
				check_stopped(t, &r, at);
				run_release(&r);
			}
		}
	}
	no_faults();
}

/* 421 after each complete reply of a plain dialogue: the message can be retried, and is never lost or accepted. */
static void status_421_is_temporary_at_every_point(void **state)
{
	static const struct situation t = {
		"421", PIPELINED MAIL RCPT("a") RCPT("b") DATA OK OK "S: 550 no\n" GO D, "a b", 0, NULL, NULL, NULL};
	(void)state;
	AUTO(dialogue) d;
	parse(&t, &d);
	size_t at = 0, points = 0;
	for (size_t i = 0; i < d.n; i++) {
		if (d.events[i].kind != DIALOGUE_SERVER)
			continue;
		struct schedule r;
		at += d.events[i].octets.len;
		if (strncmp(d.events[i].octets.buf, "250-", 4) == 0)
			continue; /* within a reply another code is an error */
		points++;
		play_init(&r.play, &d);
		r.play.stop_at = at;
		r.play.stop = PLAY_STOP_421;
		play_situation(&t, &r);
		if (!strstr(r.result.buf, "| server_temporary |") || strstr(r.result.buf, "accepted") ||
		    strstr(r.result.buf, "unknown"))
			fail_msg("421 after octet %zu: %s", at, r.result.buf);
		run_release(&r);
	}
	assert_int_equal(points, 6);
}

/* ---- size ---- */

#define MANY 100000u

static void add_lines_for_many(struct strbuf *text, bool pipelined)
{
	strbuf_adds(text, pipelined ? PIPELINED MAIL : HELLO MAIL OK);
	for (size_t i = 0; i < MANY; i++) {
		strbuf_addf(text, "C: RCPT TO:<r%zu@example.net>\n", i);
		if (!pipelined)
			strbuf_adds(text, i % 10 ? OK : "S: 550 no\n");
	}
	strbuf_adds(text, DATA);
	for (size_t i = 0; pipelined && i < MANY + 1; i++)
		strbuf_adds(text, i && (i - 1) % 10 == 0 ? "S: 550 no\n" : OK);
	strbuf_adds(text, GO D OK QUIT);
}

/* Counted in steps and octets, not in time.  With quadratic cost the test would take hours. */
static void many_recipients_cost_what_they_must(void **state)
{
	(void)state;
	AUTO(strbuf) names = STRBUF_INIT;
	for (size_t i = 0; i < MANY; i++)
		strbuf_addf(&names, "r%zu ", i);
	for (int pipelined = 0; pipelined < 2; pipelined++) {
		AUTO(strbuf) text = STRBUF_INIT;
		add_lines_for_many(&text, pipelined);
		const struct situation t = {"many", text.buf, names.buf, 0, NULL, NULL, NULL};
		AUTO(dialogue) d;
		parse(&t, &d);
		struct schedule r;
		play_init(&r.play, &d);
		play_situation(&t, &r);
		assert_string_equal(r.play.complaint.buf, "");
		/* Written in blocks when pipelined; else a WRITE and a READ for each. */
		assert_in_range(r.play.steps, 10, pipelined ? 200 : 2 * MANY + 50);
		size_t refused = 0, accepted = 0;
		for (const char *p = r.result.buf; (p = strstr(p, "refused 550")); p++)
			refused++;
		for (const char *p = r.result.buf; (p = strstr(p, "accepted 250")); p++)
			accepted++;
		assert_int_equal(refused, MANY / 10);
		assert_int_equal(accepted, MANY - MANY / 10);
		run_release(&r);
	}
}

/* ---- what the caller sees ---- */

static void take(struct session *s, const char *octets)
{
	session_feed(s, span_of(octets));
}

static void wrote_all(struct session *s)
{
	for (struct session_step step; (step = session_step(s)).want == SESSION_WRITE;)
		session_wrote(s, step.bytes.len);
}

/* ---- chunks ---- */

#define LARGE (256u * 1024 + 2 * 1024 * 1024 + 5)

struct chunks {
	struct session *s;
	struct strbuf sent; /* commands */
	const char *const *replies;
	bool ride;
	unsigned chunks; /* announced */
	uint64_t octets;
};

static void chunk_octets(struct chunks *c, uint64_t n)
{
	c->octets += n;
	session_body_wrote(c->s, (size_t)n);
}

/* Runs until the submission is over.  The server sends a reply whenever the client waits, and "!3reply" while the third
 * chunk is being written. */
static void run_chunks(struct chunks *c)
{
	for (unsigned steps = 0;; steps++) {
		struct session_step step = session_step(c->s);
		assert_true(steps < 100);
		if (step.want == SESSION_WRITE) {
			strbuf_add_span(&c->sent, step.bytes);
			c->chunks += step.body_follows;
			uint64_t room = step.body_follows && c->ride ? step.room : 0;
			session_wrote(c->s, step.bytes.len);
			if (room)
				chunk_octets(c, room < 1000 ? room : 1000);
		} else if (step.want == SESSION_BODY) {
			assert_true(step.plain);
			assert_true(step.room > 0);
			chunk_octets(c, (step.room + 1) / 2);
			if (*c->replies && **c->replies == '!' && (unsigned)((*c->replies)[1] - '0') == c->chunks)
				take(c->s, *c->replies++ + 2);
		} else if (step.want == SESSION_READ) {
			assert_non_null(*c->replies);
			take(c->s, *c->replies++);
		} else {
			return;
		}
	}
}

static void a_large_message_goes_in_chunks(void **state)
{
	static const struct {
		const char *name, *offers;
		const char *replies[12];
		const char *sent; /* all commands, for one recipient */
		const char *result;
		uint64_t octets; /* how many of the message were written */
	} rows[] = {
		{"all in one flight, once there is a recipient",
		 "PIPELINING",
		 {"!1250 m\r\n250 r\r\n", "250 1\r\n", "250 2\r\n", "250 3\r\n", "250 4\r\n"},
		 "BDAT 262144\r\nBDAT 1048576\r\nBDAT 1048576\r\nBDAT 5 LAST\r\n",
		 "accepted 250",
		 LARGE},
		{"one by one",
		 "DSN",
		 {"250 m\r\n", "250 r\r\n", "250 1\r\n", "250 2\r\n", "250 3\r\n", "250 4\r\n"},
		 "BDAT 262144\r\nBDAT 1048576\r\nBDAT 1048576\r\nBDAT 5 LAST\r\n",
		 "accepted 250",
		 LARGE},
		{"one by one, the second chunk refused",
		 "DSN",
		 {"250 m\r\n", "250 r\r\n", "250 1\r\n", "552 2\r\n"},
		 "BDAT 262144\r\nBDAT 1048576\r\n",
		 "refused 552",
		 262144 + 1048576},
		{"in flight, the second refused while the third is under way",
		 "PIPELINING",
		 {"!1250 m\r\n250 r\r\n", "!2250 1\r\n", "!3550 2\r\n", "503 3\r\n"},
		 "BDAT 262144\r\nBDAT 1048576\r\nBDAT 1048576\r\n",
		 "refused 550",
		 262144 + 2 * 1048576},
		{"a server that answers late gets the first chunk alone",
		 "PIPELINING",
		 {"250 m\r\n250 r\r\n452 1\r\n"},
		 "BDAT 262144\r\n",
		 "retry 452",
		 262144},
		{"no recipient: no second chunk, in flight",
		 "PIPELINING",
		 {"250 m\r\n", "550 r\r\n", "503 1\r\n"},
		 "BDAT 262144\r\n",
		 "refused 550",
		 262144},
		{"no recipient: no second chunk, one by one", "DSN", {"250 m\r\n", "550 r\r\n"}, "", "refused 550", 0},
		{"the last chunk refused",
		 "PIPELINING",
		 {"250 m\r\n", "250 r\r\n", "250 1\r\n", "250 2\r\n", "250 3\r\n", "451 4\r\n"},
		 "BDAT 262144\r\nBDAT 1048576\r\nBDAT 1048576\r\nBDAT 5 LAST\r\n",
		 "retry 451",
		 LARGE},
		{"a chunk refused while all of it is out",
		 "PIPELINING",
		 {"!1250 m\r\n250 r\r\n", "452 1\r\n", "503 2\r\n", "503 3\r\n", "503 4\r\n"},
		 "BDAT 262144\r\nBDAT 1048576\r\nBDAT 1048576\r\nBDAT 5 LAST\r\n",
		 "retry 452",
		 LARGE},
		{"MAIL refused early: the chunk under way is the last",
		 "PIPELINING",
		 {"!1550 m\r\n", "503 r\r\n", "503 1\r\n"},
		 "BDAT 262144\r\n",
		 "refused 550",
		 262144},
	};
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		size_t k = i / 2;
		const struct session_options options = {.local_name = "me.example"};
		char sender[] = "me@example.org", to[] = "a@example.net";
		struct recipient rcpt = {.address = {to, to}};
		struct envelope env = {.mail.sender = {sender, sender}, .rcpts = &rcpt, .n = 1};
		const struct mail_transaction mail = {.env = &env, .size = LARGE};
		AUTO_PTR(session) s = session_new(&options);
		AUTO(strbuf) ehlo = STRBUF_INIT;
		AUTO(strbuf) outcome = STRBUF_INIT;
		struct chunks c = {.s = s, .sent = STRBUF_INIT, .replies = rows[k].replies, .ride = i % 2};
		take(s, "220 a\r\n");
		wrote_all(s);
		strbuf_addf(&ehlo, "250-a\r\n250-CHUNKING\r\n250 %s\r\n", rows[k].offers);
		take(s, ehlo.buf);
		session_submit(s, &mail);
		run_chunks(&c);
		const char *first = strstr(c.sent.buf, "BDAT");
		play_outcomes(s, 1, &outcome);
		if (strcmp(first ? first : "", rows[k].sent) != 0 || strcmp(outcome.buf, rows[k].result) != 0)
			fault("%s:\n%s%s", rows[k].name, c.sent.buf, outcome.buf);
		if (rows[k].octets && c.octets != rows[k].octets)
			fault("%s: %llu octets", rows[k].name, (unsigned long long)c.octets);
		if (session_step(s).want != SESSION_READY || session_error(s))
			fault("%s: the session is not ready for another message", rows[k].name);
		strbuf_release(&c.sent);
	}
	no_faults();
}

static void progress_moves_with_replies_and_writes_only(void **state)
{
	(void)state;
	const struct session_options options = {.local_name = "me.example"};
	AUTO_PTR(session) s = session_new(&options);
	assert_int_equal(session_progress(s), 0);
	take(s, "220-a\r\n220 ");
	assert_int_equal(session_progress(s), 0); /* octets of an unfinished reply are not progress */
	take(s, "b\r\n");
	uint64_t greeted = session_progress(s);
	assert_true(greeted > 0);
	struct session_step step = session_step(s);
	assert_int_equal(step.want, SESSION_WRITE);
	session_wrote(s, 1);
	assert_true(session_progress(s) > greeted);
	assert_string_equal(session_greeting(s), "a");
}

static void the_timeout_class_follows_the_step(void **state)
{
	(void)state;
	const struct session_options options = {.local_name = "me.example"};
	char sender[] = "me@example.org", to[] = "a@example.net";
	struct recipient rcpt = {.address = {to, to}};
	struct envelope env = {.mail.sender = {sender, sender}, .rcpts = &rcpt, .n = 1};
	const struct mail_transaction mail = {.env = &env};
	AUTO_PTR(session) s = session_new(&options);
	assert_int_equal(session_step(s).timeout, TIMEOUT_GREETING);
	assert_int_equal(session_step(s).want, SESSION_READ);
	take(s, "220 a\r\n");
	wrote_all(s);
	assert_int_equal(session_step(s).timeout, TIMEOUT_COMMAND);
	take(s, "250 a\r\n");
	assert_int_equal(session_step(s).want, SESSION_READY);
	session_submit(s, &mail);
	wrote_all(s);
	take(s, "250 a\r\n");
	wrote_all(s);
	assert_int_equal(session_step(s).timeout, TIMEOUT_COMMAND);
	take(s, "250 a\r\n");
	wrote_all(s);
	assert_int_equal(session_step(s).timeout, TIMEOUT_DATA);
	take(s, "354 a\r\n");
	assert_int_equal(session_step(s).want, SESSION_BODY);
	assert_int_equal(session_step(s).timeout, TIMEOUT_BLOCK);
	session_body_done(s);
	assert_int_equal(session_step(s).timeout, TIMEOUT_FINAL);
	assert_int_equal(session_step(s).want, SESSION_READ);
	take(s, "250 2.0.0 queued\r\n");
	assert_int_equal(session_step(s).want, SESSION_READY);
	assert_string_equal(session_final_reply(s)->text.buf, "2.0.0 queued");
	assert_string_equal(session_outcomes(s)[0].status.enhanced, "2.0.0");
	assert_true(session_timeout_ms(TIMEOUT_FINAL) == 10 * 60 * 1000);
	assert_true(session_timeout_ms(TIMEOUT_DATA) == 2 * 60 * 1000);
	assert_true(session_timeout_ms(TIMEOUT_GREETING) == 5 * 60 * 1000);
	assert_true(session_timeout_ms(TIMEOUT_COMMAND) == 5 * 60 * 1000);
	assert_true(session_timeout_ms(TIMEOUT_BLOCK) == 3 * 60 * 1000);
}

static void an_answer_to_quit_is_no_fault(void **state)
{
	(void)state;
	const struct session_options options = {.local_name = "me.example"};
	AUTO_PTR(session) s = session_new(&options);
	take(s, "220 a\r\n");
	wrote_all(s);
	take(s, "250 a\r\n");
	assert_int_equal(session_step(s).want, SESSION_READY);
	session_quit(s);
	assert_int_equal(session_step(s).want, SESSION_WRITE);
	wrote_all(s);
	take(s, "221 bye\r\n");
	session_eof(s);
	assert_int_equal(session_step(s).want, SESSION_CLOSE);
	assert_null(session_error(s));
}

static void an_idle_session_notices_that_the_server_leaves(void **state)
{
	static const struct {
		const char *octets; /* NULL: closed */
		enum error_kind kind;
	} rows[] = {{"421 4.4.2 idle too long\r\n", ERROR_SERVER_TEMPORARY},
		    {"250 what\r\n", ERROR_PROTOCOL},
		    {NULL, ERROR_CONNECTION_LOST}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct session_options options = {.local_name = "me.example"};
		AUTO_PTR(session) s = session_new(&options);
		take(s, "220 a\r\n");
		wrote_all(s);
		take(s, "250 a\r\n");
		assert_int_equal(session_step(s).want, SESSION_READY);
		if (rows[i].octets)
			take(s, rows[i].octets);
		else
			session_eof(s);
		if (rows[i].kind == ERROR_PROTOCOL) { /* the server is there, and gets QUIT */
			assert_int_equal(session_step(s).want, SESSION_WRITE);
			wrote_all(s);
		}
		assert_int_equal(session_step(s).want, SESSION_CLOSE);
		assert_int_equal(session_error(s)->status.kind, rows[i].kind);
	}
}

static void a_message_that_does_not_fit_says_nothing_to_the_server(void **state)
{
	(void)state;
	const struct session_options options = {.local_name = "me.example"};
	char sender[] = "me@example.org", to[] = "a@example.net", utf8[] = "\xc3\xa4@example.net";
	struct recipient rcpts[] = {{.address = {to, to}}, {.address = {utf8, NULL}}};
	struct envelope env = {.mail.sender = {sender, sender}, .rcpts = rcpts, .n = 2};
	const struct mail_transaction big = {.env = &env, .size = 101};
	const struct mail_transaction abort = {.env = &env, .size = 100, .partial = PARTIAL_ABORT};
	const struct mail_transaction fits = {.env = &env, .size = 100};
	AUTO_PTR(session) s = session_new(&options);
	take(s, "220 a\r\n");
	wrote_all(s);
	take(s, "250-a\r\n250 SIZE 100\r\n");
	session_submit(s, &big);
	assert_int_equal(session_step(s).want, SESSION_READY);
	assert_int_equal(session_submission_error(s)->status.kind, ERROR_TOO_BIG);
	assert_non_null(strstr(session_submission_error(s)->status.text, "101"));
	assert_non_null(strstr(session_submission_error(s)->status.text, "100"));
	assert_int_equal(session_outcomes(s)[0].kind, OUTCOME_REFUSED);
	assert_int_equal(session_outcomes(s)[1].kind, OUTCOME_REFUSED);
	session_submit(s, &abort);
	assert_int_equal(session_step(s).want, SESSION_READY);
	assert_int_equal(session_outcomes(s)[0].kind, OUTCOME_REFUSED);
	assert_int_equal(session_outcomes(s)[1].status.kind, ERROR_ADDRESS);
	/* The recipient that can be named gets the message. */
	session_submit(s, &fits);
	assert_int_equal(session_step(s).want, SESSION_WRITE);
	assert_int_equal(session_outcomes(s)[0].kind, OUTCOME_OPEN);
	assert_int_equal(session_outcomes(s)[1].kind, OUTCOME_REFUSED);
	assert_true(session_outcomes(s)[1].of_recipient);
}

static void a_line_break_in_an_address_ends_the_session(void **state)
{
	(void)state;
	const struct session_options options = {.local_name = "me.example"};
	char sender[] = "me@example.org", to[] = "a@example.net>\r\nRCPT TO:<b@example.net";
	struct recipient rcpt = {.address = {to, to}};
	struct envelope env = {.mail.sender = {sender, sender}, .rcpts = &rcpt, .n = 1};
	const struct mail_transaction mail = {.env = &env};
	AUTO_PTR(session) s = session_new(&options);
	take(s, "220 a\r\n");
	wrote_all(s);
	take(s, "250 a\r\n");
	session_submit(s, &mail);
	wrote_all(s);
	take(s, "250 a\r\n");
	struct session_step step = session_step(s);
	assert_true(step.want != SESSION_WRITE || !memmem(step.bytes.ptr, step.bytes.len, "RCPT", 4));
	assert_int_equal(session_error(s)->status.kind, ERROR_ADDRESS);
	assert_int_equal(session_outcomes(s)[0].kind, OUTCOME_REFUSED);
}

static void the_refusal_of_a_mechanism_reaches_the_caller(void **state)
{
	(void)state;
	const struct session_options options = {.local_name = "me.example", .auth = true};
	AUTO_PTR(session) s = session_new(&options);
	take(s, "220 a\r\n");
	wrote_all(s);
	take(s, "250-a\r\n250 AUTH X Y\r\n");
	struct session_step step = session_step(s);
	assert_int_equal(step.want, SESSION_SASL);
	assert_null(step.refusal);
	assert_int_equal(session_caps(s)->auth.n, 2);
	session_sasl_start(s, "X", (struct span){NULL, 0});
	wrote_all(s);
	take(s, "504 5.5.4 unknown\r\n");
	step = session_step(s);
	assert_int_equal(step.event, SASL_START);
	assert_non_null(step.refusal);
	assert_int_equal(step.refusal->code, 504);
	assert_string_equal(step.refusal->text.buf, "5.5.4 unknown");
}

static void tls_forgets_what_was_offered_in_clear(void **state)
{
	(void)state;
	const struct session_options options = {.local_name = "me.example", .tls = SESSION_TLS_STARTTLS};
	AUTO_PTR(session) s = session_new(&options);
	take(s, "220 a\r\n");
	wrote_all(s);
	take(s, "250-a\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250-SIZE 1\r\n250 STARTTLS\r\n");
	wrote_all(s);
	take(s, "220 a\r\n");
	assert_int_equal(session_step(s).want, SESSION_START_TLS);
	session_tls_started(s);
	assert_int_equal(session_caps(s)->bits, 0);
	assert_int_equal(session_caps(s)->auth.n, 0);
	assert_int_equal(session_caps(s)->size_limit, 0);
}

/* What the server sends within the exchange may be confidential, too: GSSAPI, SCRAM's salt. */
static void the_trace_hides_challenges(void **state)
{
	const struct situation t = {"challenge",
				    "S: 220 hi\nC: EHLO me.example\nS: 250-srv\nS: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: "
				    "334 VXNlcm5hbWU6\nC: Y2FuYXJ5LXR3bw==\n"
				    "S: 235 in\n" QUIT,
				    "",
				    AUTH,
				    MECHS("LOGIN"),
				    MECHS("canary-two"),
				    "- | none | none"};
	(void)state;
	AUTO(dialogue) d;
	struct schedule r;
	parse(&t, &d);
	play_init(&r.play, &d);
	play_situation(&t, &r);
	check_run(&t, &r, "whole", 0);
	no_faults();
	assert_null(strstr(r.play.trace.buf, "VXNlcm5hbWU6"));
	assert_non_null(strstr(r.play.trace.buf, "< 334 <hidden>\n"));
	assert_non_null(strstr(r.play.trace.buf, "> <hidden>\n"));
	run_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_to_the_dialogue),
		cmocka_unit_test(any_portions_give_the_same),
		cmocka_unit_test(a_cut_at_every_octet_gives_the_same),
		cmocka_unit_test(ends_with_one_outcome_each_wherever_the_server_stops),
		cmocka_unit_test(status_421_is_temporary_at_every_point),
		cmocka_unit_test(many_recipients_cost_what_they_must),
		cmocka_unit_test(a_large_message_goes_in_chunks),
		cmocka_unit_test(progress_moves_with_replies_and_writes_only),
		cmocka_unit_test(the_timeout_class_follows_the_step),
		cmocka_unit_test(an_answer_to_quit_is_no_fault),
		cmocka_unit_test(an_idle_session_notices_that_the_server_leaves),
		cmocka_unit_test(a_message_that_does_not_fit_says_nothing_to_the_server),
		cmocka_unit_test(a_line_break_in_an_address_ends_the_session),
		cmocka_unit_test(the_refusal_of_a_mechanism_reaches_the_caller),
		cmocka_unit_test(tls_forgets_what_was_offered_in_clear),
		cmocka_unit_test(the_trace_hides_challenges),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
