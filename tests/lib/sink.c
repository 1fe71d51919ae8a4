/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sink: posthaste's test smarthost.  The independent check of our client: it
 * shares no code with src/, and speaks SMTP and LMTP as strictly as the
 * strictest real server.  One process per connection; what connections share
 * (message numbers, turns of scripted replies) lives in shared memory.
 */
#include "sink_listener.h"
#include "sink_session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Set by the handler of SIGTERM and SIGINT. */
static volatile sig_atomic_t stop;

static void on_stop(int sig)
{
	(void)sig;
	stop = 1;
}

static bool open_log(const char *path, int *fd)
{
	if (!path)
		return true;
	*fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (*fd < 0)
		fprintf(stderr, "sink: %s cannot be written: %s\n", path, strerror(errno));
	return *fd >= 0;
}

static bool write_pid(const char *path)
{
	struct buf text = {0};
	bool good;

	if (!path)
		return true;
	buf_addf(&text, "%ld\n", (long)getpid());
	good = listener_publish(path, &text);
	buf_release(&text);
	return good;
}

/* SIGCHLD ignored: the kernel reaps, and wait() at the end still waits for all. */
static void set_signals(void)
{
	struct sigaction term = {.sa_handler = on_stop};

	sigaction(SIGTERM, &term, NULL);
	sigaction(SIGINT, &term, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
}

/* Die with the parent; the parent may have died before we asked. */
static bool follow_parent(pid_t parent)
{
	return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent;
}

static noreturn void serve(int fd, const char *peer, struct session *s, const struct log *log, pid_t server)
{
	struct conn conn;

	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	if (!follow_parent(server))
		_exit(0);
	conn_init(&conn, fd, s->opt, log);
	snprintf(conn.peer, sizeof conn.peer, "%s", peer);
	s->conn = &conn;
	s->log = log;
	store_init(&s->store, s->opt->discard ? NULL : s->opt->spool);
	session_run(s);
}

static void accept_one(struct listener *l, struct session *s, struct log *log)
{
	char peer[80];
	pid_t server = getpid(), child;
	int fd = listener_accept(l, peer, sizeof peer);

	if (fd < 0)
		return;
	log->connection++;
	child = fork();
	if (child == 0)
		serve(fd, peer, s, log, server);
	if (child < 0)
		fprintf(stderr, "sink: fork: %s\n", strerror(errno));
	close(fd);
}

static void serve_all(struct listener *l, size_t count, struct session *s, struct log *log)
{
	struct pollfd *p = mem_alloc(count * sizeof *p);

	for (size_t i = 0; i < count; i++) {
		p[i].fd = l[i].fd;
		p[i].events = POLLIN;
	}
	while (!stop && (!s->opt->once || log->connection < s->opt->once)) {
		if (poll(p, (nfds_t)count, -1) < 0)
			continue;
		for (size_t i = 0; i < count; i++)
			if (p[i].revents && (!s->opt->once || log->connection < s->opt->once))
				accept_one(&l[i], s, log);
	}
	free(p);
}

static bool prepare(struct options *o, struct session *s, struct log *log)
{
	const char *why = "";
	void *shared = mmap(NULL, sizeof *s->message_count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED || !script_share(&o->script)) {
		fputs("sink: no shared memory\n", stderr);
		return false;
	}
	s->message_count = shared;
	s->opt = o;
	log->transcript = -1;
	log->violations = STDERR_FILENO;
	if (!open_log(o->transcript, &log->transcript) || !open_log(o->violations, &log->violations))
		return false;
	if (o->tls != TLS_NONE && !(s->tls_context = tls_context_new(o, &why))) {
		fprintf(stderr, "sink: --tls: certificate, key, client authority or priority: %s\n", why);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct options opt;
	struct session session = {0};
	struct log log = {0};
	struct listener *listeners;
	pid_t parent = getppid();
	int status = 71;

	if (!options_parse(&opt, argc, argv, &status))
		return status;
	set_signals();
	if (opt.parent_death && !follow_parent(parent))
		return 0;
	if (!prepare(&opt, &session, &log))
		return 71;
	listeners = mem_alloc(opt.listen_count * sizeof *listeners);
	for (size_t i = 0; i < opt.listen_count; i++)
		if (!listener_open(&listeners[i], opt.listen[i]))
			return 71;
	if (!write_pid(opt.pid_file) || !listener_write_ports(listeners, opt.listen_count, opt.port_file))
		return 73;
	serve_all(listeners, opt.listen_count, &session, &log);
	for (size_t i = 0; i < opt.listen_count; i++)
		listener_close(&listeners[i]);
	/* Connections end with us when we were asked to stop, else we wait for them. */
	while (!stop && (wait(NULL) >= 0 || errno == EINTR))
		;
	free(listeners);
	tls_context_free(session.tls_context);
	options_release(&opt);
	return 0;
}
