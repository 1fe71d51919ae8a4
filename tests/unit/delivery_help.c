/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery_help.h"

#include "base/xalloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/wait.h>

/* ---- a server's process ---- */

static void play_sessions(struct host *host, const struct host_script *script, int gone, struct strbuf *why)
{
	long long deadline = scripted_server_now() + HOST_PATIENCE * 1000;
	for (size_t i = 0; i <= HOST_SESSIONS_MAX; i++) {
		const char *lines = i < HOST_SESSIONS_MAX && script->sessions[i] ? script->sessions[i] : "";
		struct dialogue d;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *name = xasprintf("%s, connection %zu", script->name, i + 1);
		if (dialogue_parse_events(&d, name, span_of(lines), &err))
			scripted_server_play(&host->server, &d, gone, deadline, why);
		else
			strbuf_addf(why, "%s\n", err.status.text);
		dialogue_release(&d);
		if (!*lines)
			return;
	}
}

/* Closes the client's ends of the earlier hosts in this process: they must not stay open when the client closes
 * its own. */
static void start_process(struct hosts *h, struct host *host, const struct host_script *script)
{
	int ends[2], said[2];
	assert_int_equal(pipe(ends) | pipe(said), 0);
	host->pid = fork();
	assert_true(host->pid >= 0);
	if (host->pid == 0) {
		AUTO(strbuf) why = STRBUF_INIT;
		(void)close(ends[1]);
		for (const struct host *other = h->v; other < host; other++)
			(void)close(other->gone);
		play_sessions(host, script, ends[0], &why);
		_exit(why.len && write(said[1], why.buf, why.len) < 0);
	}
	(void)close(ends[0]);
	(void)close(said[1]);
	host->gone = ends[1];
	host->report = said[0];
}

/* ---- all hosts ---- */

static bool resolve_to_hosts(const struct resolver *r, const char *name, unsigned port, const struct clock *clock,
			     msec_t deadline, struct address_list *out, struct error *err)
{
	const struct hosts *h = (const struct hosts *)r;
	(void)port;
	(void)clock;
	(void)deadline;
	for (size_t i = 0; i < h->n; i++) {
		if (strcmp(h->v[i].name, name) != 0)
			continue;
		GROW(out->v, out->n, out->cap);
		assert_true(address_from_literal("127.0.0.1", h->v[i].port, &out->v[out->n++]));
	}
	return out->n || error_set(err, ERROR_HOST_UNKNOWN, "there is no host %s", name);
}

/* A port on which nothing listens and which no other process can get. */
static void occupy_port(struct host *host)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(any);
	host->closed_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(host->closed_fd >= 0);
	assert_int_equal(bind(host->closed_fd, (struct sockaddr *)&any, size), 0);
	assert_int_equal(getsockname(host->closed_fd, (struct sockaddr *)&any, &size), 0);
	host->port = ntohs(any.sin_port);
}

void hosts_start(struct hosts *h, const struct host_script *scripts, const struct strbuf *certificate,
		 const struct strbuf *key)
{
	*h = (struct hosts){.resolver = {.resolve = resolve_to_hosts}, .runtime = test_runtime()};
	h->runtime.resolver = &h->resolver;
	for (; h->n < HOSTS_MAX && scripts[h->n].name; h->n++) {
		struct host *host = &h->v[h->n];
		*host = (struct host){.name = scripts[h->n].name, .closed_fd = -1, .gone = -1, .report = -1};
		if (scripts[h->n].refuses) {
			occupy_port(host);
			continue;
		}
		assert_true(scripted_server_open(&host->server, certificate, key, NULL));
		host->port = host->server.port;
		start_process(h, host, &scripts[h->n]);
	}
}

static void end_process(struct host *host, struct strbuf *why)
{
	char block[4096];
	ssize_t n;
	int status;
	scripted_server_close(&host->server);
	(void)close(host->gone);
	while ((n = read(host->report, block, sizeof(block))) > 0)
		strbuf_add(why, block, (size_t)n);
	(void)close(host->report);
	while (waitpid(host->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		strbuf_addf(why, "%s: its process ended with wait status %d\n", host->name, status);
}

void hosts_end(struct hosts *h, struct strbuf *why)
{
	for (size_t i = 0; i < h->n; i++) {
		if (h->v[i].closed_fd >= 0)
			(void)close(h->v[i].closed_fd);
		else
			end_process(&h->v[i], why);
	}
	h->n = 0;
}

/* ---- the clock ---- */

static msec_t moved_monotonic(const struct clock *clock)
{
	return clock_monotonic(&clock_system) + ((const struct moved_clock *)clock)->ahead;
}

static int64_t moved_wall_ms(const struct clock *clock)
{
	return clock_wall_ms(&clock_system) + ((const struct moved_clock *)clock)->ahead;
}

void moved_clock_init(struct moved_clock *c)
{
	*c = (struct moved_clock){.clock = {moved_monotonic, moved_wall_ms}};
}

/* ---- account and message ---- */

const struct account *delivery_account(struct config *c, const char *lines)
{
	AUTO_FREE char *text = xasprintf("port 25\ntls off\nfrom me@example.org\ndomain me.example\ntimeout %d\n%s",
					 HOST_PATIENCE, lines);
	assert_true(config_parse(c, "rc", span_of(text), FLAVOUR_OWN, &(struct runtime){.environ = NULL}, NULL));
	assert_true(account_complete(c->accounts[0], NULL));
	return c->accounts[0];
}

static struct mail_address address(const char *text)
{
	return (struct mail_address){xstrdup(text), xstrdup(text)};
}

static void carry(struct transport *transport, const char *letters, struct span text, struct span header,
		  const struct mail_params *params, struct delivery_result *result)
{
	AUTO(message) msg;
	AUTO(envelope) env = ENVELOPE_INIT;
	read_message(&msg, text, 0);
	env.mail.sender = address("me@example.org");
	if (params)
		env.mail.params = *params;
	for (; *letters; letters++) {
		AUTO_FREE char *to =
			*letters == '.' ? xstrdup("x@elsewhere.example") : xasprintf("%c@example.net", *letters);
		envelope_add(&env, address(to));
	}
	struct delivery_message message = {.env = &env, .header = header, .body = &msg.body, .info = &msg.info};
	transport_send(transport, &message, result);
	assert_int_equal(result->n, env.n);
}

void carry_to(struct transport *transport, const char *letters, struct delivery_result *result)
{
	carry(transport, letters, SPAN_LIT("Subject: x\n\nhi\n"), SPAN_LIT("Subject: x\r\n\r\n"), NULL, result);
}

void carry_params(struct transport *transport, const char *letters, const struct mail_params *params,
		  struct delivery_result *result)
{
	assert_null(params->auth); /* it would be freed */
	carry(transport, letters, SPAN_LIT("Subject: x\n\nhi\n"), SPAN_LIT("Subject: x\r\n\r\n"), params, result);
}

void carry_unsendable(struct transport *transport, const char *letters, struct delivery_result *result)
{
	carry(transport, letters, SPAN_LIT("Subject: \0\n\nhi\n"), SPAN_LIT("Subject: \0\r\n\r\n"), NULL, result);
}
