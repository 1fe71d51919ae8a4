/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/submission_log.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/exit_status.h"

#include <stdio.h>
#include <sysexits.h>

/* ---- the event ---- */

static void add_server(struct log_event *event, const struct account *a, const struct delivery_result *r)
{
	const char *socket = account_str(a, OPT_SOCKET);
	const struct strvec *hosts = account_list(a, OPT_HOST);
	if (socket && *socket)
		log_event_word(event, "socket", socket);
	else
		log_event_word(event, "host", r && r->host ? r->host : hosts->n ? hosts->v[0] : "");
	const char *auth = account_word_text(a, OPT_AUTH), *user = account_str(a, OPT_USER);
	bool auth_on = auth && strcmp(auth, "off") != 0;
	log_event_flag(event, "tls", account_bool(a, OPT_TLS));
	log_event_flag(event, "auth", auth_on);
	if (auth_on && user && *user)
		log_event_word(event, "user", user);
}

/* If the recipients could not be read as addresses, they are logged as they were typed. */
static void add_envelope(struct log_event *event, const struct account *a, const struct submission *p,
			 const struct request *request)
{
	const char *from = p->env.mail.sender.given ? p->env.mail.sender.given : account_str(a, OPT_FROM);
	log_event_word(event, "from", from ? from : "");
	struct strvec *names = log_event_list(event, "recipients");
	for (size_t i = 0; i < p->env.n; i++)
		strvec_push(names, p->env.rcpts[i].address.given);
	if (!p->env.n && request)
		strvec_push_all(names, &request->recipients);
}

static size_t count_kind(const struct delivery_result *r, enum outcome_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; r && i < r->n; i++)
		n += r->outcomes[i].kind == kind;
	return n;
}

/* The lines as the server wrote them: "550-5.1.1 who" LF "550 5.1.1 is that". */
static void add_reply(struct log_event *event, const struct status *status)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct span rest = span_of(status->server.lines ? status->server.lines : ""), line;
	if (!status->code)
		return;
	while (span_split(&rest, '\n', &line)) {
		strbuf_addf(&text, "%s%d%s", text.len ? "\n" : "", status->code, rest.ptr ? "-" : line.len ? " " : "");
		strbuf_add_span(&text, line);
	}
	log_event_number(event, "smtpstatus", status->code);
	log_event_text(event, "smtpmsg", text.buf);
}

static void add_error(struct log_event *event, const struct status *status)
{
	AUTO(strbuf) message = STRBUF_INIT;
	add_reply(event, status);
	if (status->stage)
		strbuf_addf(&message, "%s: ", status->stage);
	strbuf_adds(&message, status->text ? status->text : _("failed"));
	if (!status->code && status->server.lines) /* something that was not a reply */
		strbuf_addf(&message, ": %s", status->server.lines);
	log_event_text(event, "errormsg", message.buf);
}

/* The failure that speaks for the message; else the reply that accepted it. */
static void add_fate(struct log_event *event, const struct submission_log_entry *fate)
{
	const struct delivery_result *r = fate->result;
	const struct status *why = r ? delivery_result_leading(r) : fate->err ? &fate->err->status : NULL;
	if (count_kind(r, OUTCOME_ACCEPTED))
		log_event_number(event, "mailsize", (long long)r->size);
	if (why && why->kind != ERROR_NONE)
		add_error(event, why);
	else if (r && r->final.code)
		add_reply(event, &r->final);
}

/* Without its brackets. */
static void add_message_id(struct log_event *event, const struct submission *p)
{
	if (!p->message_id)
		return;
	AUTO_FREE char *copy = xstrdup(p->message_id);
	char *id = copy;
	size_t n = strlen(id);
	if (n >= 2 && id[0] == '<' && id[n - 1] == '>') {
		id[n - 1] = '\0';
		id++;
	}
	log_event_word(event, "id", id);
}

/* The recipients in the queue, or those that do not get the message. */
static void add_recipients(struct strvec *names, const struct submission *p, const struct delivery_result *r,
			   bool queued)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].kind != OUTCOME_ACCEPTED && (r->outcomes[i].kind == OUTCOME_QUEUED) == queued)
			strvec_push(names, p->env.rcpts[i].address.given);
}

static void add_warnings(struct log_event *event, const struct strvec *warnings)
{
	AUTO(strbuf) text = STRBUF_INIT;
	for (size_t i = 0; i < warnings->n; i++)
		strbuf_addf(&text, "%s%s", i ? "\n" : "", warnings->v[i]);
	if (text.len)
		log_event_text(event, "warning", text.buf);
}

static void add_details(struct log_event *event, const struct submission *p, const struct delivery_result *r)
{
	add_message_id(event, p);
	if (!r)
		return;
	if (r->tls.active && r->tls.version)
		log_event_word(event, "tls_version", r->tls.version);
	if (r->mech)
		log_event_word(event, "auth_mech", r->mech);
	log_event_number(event, "ms", r->ms_total);
	add_warnings(event, &r->warnings);
	size_t queued = count_kind(r, OUTCOME_QUEUED);
	if (count_kind(r, OUTCOME_ACCEPTED) + queued < r->n)
		add_recipients(log_event_list(event, "rcpt_failed"), p, r, false);
	if (queued)
		add_recipients(log_event_list(event, "rcpt_queued"), p, r, true);
}

static void make_event(struct log_event *event, const struct account *account, const struct submission *p,
		       const struct request *request, const struct submission_log_entry *fate)
{
	const char *name = exit_status_name(fate->status);
	event->level = fate->status == EX_OK ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR;
	add_server(event, p->used ? p->used : account, fate->result);
	add_envelope(event, account, p, request);
	add_fate(event, fate);
	if (request && request->login)
		log_event_word(event, "login", request->login);
	add_details(event, p, fate->result);
	if (p->queue_id)
		log_event_word(event, "queue_id", p->queue_id);
	if (name)
		log_event_word(event, "exitcode", name);
	else
		log_event_number(event, "exitcode", fate->status);
}

/* ---- the logs ---- */

static void write_or_report(const struct log_sink *sink, const struct log_event *event, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) line = STRBUF_INIT;
	if (log_write(sink, event, &err))
		return;
	log_format_text(event, SIZE_MAX, &line);
	AUTO_FREE char *text = xasprintf("%s; %s: %s", err.status.text, _("log info was"), line.buf);
	free(err.status.text);
	err.status.text = steal_ptr(text);
	runtime_problem(runtime, &err);
}

static const char *time_format(const struct account *a)
{
	return account_origin(a, OPT_LOGFILE_TIME_FORMAT)->kind == ORIGIN_DEFAULT
		       ? NULL
		       : account_str(a, OPT_LOGFILE_TIME_FORMAT);
}

void log_account_event(const struct account *a, const struct runtime *runtime, struct log_event *event)
{
	const char *file = account_str(a, OPT_LOGFILE), *tag = account_str(a, OPT_SYSLOG_TAG);
	int facility = log_facility(account_word_text(a, OPT_SYSLOG));
	const struct clock *clock = runtime->clock;
	event->when = clock_wall(clock);
	if (facility >= 0) {
		struct log_sink sink = log_sink_syslog(facility, tag, clock);
		write_or_report(&sink, event, runtime);
	}
	if (file && *file) {
		struct log_sink sink = log_sink_file(file, clock);
		sink.format =
			strcmp(account_word_text(a, OPT_LOG_FORMAT), "json") == 0 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT;
		sink.time_format = time_format(a);
		write_or_report(&sink, event, runtime);
	}
}

void log_service_event(struct settings *settings, const struct request *request, const struct runtime *runtime,
		       struct log_event *event)
{
	struct account_request req = {.flags = request->flags, .environ = runtime->environ};
	AUTO_PTR(account) a = config_choose_unchecked(&settings->config, &req);
	if (a)
		log_account_event(a, runtime, event);
}

static bool is_logged(const struct account *a)
{
	const char *file = account_str(a, OPT_LOGFILE);
	return (file && *file) || log_facility(account_word_text(a, OPT_SYSLOG)) >= 0;
}

void submission_log(const struct submission *p, struct settings *settings, const struct request *request,
		    const struct runtime *runtime, const struct submission_log_entry *fate)
{
	AUTO(log_event) event = LOG_EVENT_INIT;
	const struct account *a = p->account;
	if (!a && settings_find_for_log(settings, request, &p->fields, runtime))
		a = settings->account;
	if (!a || !is_logged(a))
		return;
	make_event(&event, a, p, request, fate);
	log_account_event(a, runtime, &event);
}
